"""Accuracy against scikit-learn's metrics, cross-validation by polygon, and the report people read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from geofm.inference.engine.base import Context
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.accuracy import Accuracy, CrossValidation, assess, cross_validate
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.report import Report, to_html, write_report
from geofm.inference.engine.samples import read_samples
from geofm.inference.errors import Cancelled
from geofm.inference.jobs import ClassInfo, RasterRef, SampleRef

QUIET = Context(lambda stage, done, total, message: None, lambda: None)
NAMES = ("water", "forest", "urban", "bare")


def labelled(count: int = 500, classes: int = 4, right: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    reference = rng.choice(classes, count, p=np.arange(1, classes + 1) / sum(range(classes + 1)))
    mapped = np.where(rng.random(count) < right, reference, rng.integers(0, classes, count))
    return reference, mapped


# --- the figures -----------------------------------------------------------------------------------


def test_figures_are_those_of_scikit_learn() -> None:
    reference, mapped = labelled()
    found = assess(reference, mapped, NAMES)
    np.testing.assert_array_equal(found.matrix, metrics.confusion_matrix(reference, mapped))
    assert not (found.matrix == found.matrix.T).all()
    assert found.total == 500
    assert found.overall == pytest.approx(metrics.accuracy_score(reference, mapped))
    assert found.kappa == pytest.approx(metrics.cohen_kappa_score(reference, mapped))
    np.testing.assert_allclose(found.producers, metrics.recall_score(reference, mapped, average=None))
    np.testing.assert_allclose(found.users, metrics.precision_score(reference, mapped, average=None))
    np.testing.assert_allclose(found.f1, metrics.f1_score(reference, mapped, average=None))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(reference, mapped, average="macro"))


def test_rows_are_the_reference_and_columns_the_map() -> None:
    found = assess(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), ("a", "b"))
    assert found.matrix.tolist() == [[1, 2], [0, 1]]
    np.testing.assert_allclose(found.producers, [1 / 3, 1])
    np.testing.assert_allclose(found.users, [1, 1 / 3])


def test_what_is_not_defined_is_not_a_number() -> None:
    found = assess(np.array([0, 0, 1]), np.array([0, 0, 2]), ("a", "b", "c", "d"))
    assert np.isnan(found.producers).tolist() == [False, False, True, True]
    assert np.isnan(found.users).tolist() == [False, True, False, True]
    np.testing.assert_array_equal(found.f1[:3], [1, 0, 0])
    # A class without reference says nothing of the mean.
    assert found.macro_f1 == pytest.approx(0.5)
    told = found.to_dict()
    assert told["producers"] == [1.0, 0.0, None, None]
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_nothing_checked_is_not_a_number() -> None:
    empty = assess(np.zeros(0, int), np.zeros(0, int), ("a", "b"))
    assert np.isnan([empty.overall, empty.kappa, empty.macro_f1]).all()
    assert empty.to_dict()["overall"] is None
    # All of one class, all right: chance would do as well, kappa has nothing to say.
    assert np.isnan(assess(np.zeros(9, int), np.zeros(9, int), ("a", "b")).kappa)


# --- cross-validation ------------------------------------------------------------------------------


class Witness:
    """A head that notes which samples it was taught and which it was asked."""

    method = "witness"

    def __init__(self, log: list[tuple[np.ndarray, np.ndarray]]) -> None:
        self._log = log

    def fit(self, features: np.ndarray, labels: np.ndarray) -> None:
        self._known, self._count = features[:, 0], int(labels.max()) + 1

    def predict(self, features: np.ndarray) -> np.ndarray:
        self._log.append((self._known, features[:, 0]))
        return np.eye(self._count)[np.zeros(len(features), int)]

    def arrays(self) -> dict[str, Any]:
        return {}


def polygons(places: tuple[int, ...], pixels: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features whose first is the sample's number, labels and polygons, in mixed order."""
    labels = np.repeat(np.arange(len(places)), np.array(places) * pixels)
    groups = np.repeat(np.random.default_rng(1).permutation(sum(places)) * 3, pixels)
    order = np.random.default_rng(2).permutation(len(labels))
    features = np.arange(len(labels), dtype=np.float32)[:, None]
    return features, labels[order], groups[order]


def watched(places: tuple[int, ...], **options: int) -> tuple[CrossValidation, list[Any], Any]:
    features, labels, groups = polygons(places)
    log: list[tuple[np.ndarray, np.ndarray]] = []
    result = cross_validate(
        features, labels, groups, NAMES[: len(places)], lambda: Witness(log), QUIET, **options
    )
    rounds = [(known.astype(int), asked.astype(int)) for known, asked in log]
    return result, rounds, (labels, groups)


@pytest.mark.parametrize("places", [(9, 3, 7), (2, 2), (5, 2, 2, 2), (30, 4)])
def test_a_polygon_is_never_on_both_sides(places: tuple[int, ...]) -> None:
    result, rounds, (labels, groups) = watched(places)
    assert len(rounds) == result.folds == min(5, max(places))
    for known, asked in rounds:
        assert asked.size
        assert not set(groups[known]) & set(groups[asked])
        assert sorted([*known, *asked]) == list(range(len(labels)))
        # What is asked must be answerable: every class is among what was taught.
        assert set(labels[known]) == set(range(len(places)))
    asked = np.concatenate([asked for _, asked in rounds])
    assert sorted(asked) == list(range(len(labels)))
    assert result.accuracy is not None
    np.testing.assert_array_equal(result.accuracy.matrix.sum(axis=1), np.bincount(labels))


def test_rounds_are_alike_in_size() -> None:
    _, rounds, (_, groups) = watched((8, 8, 8, 8))
    sizes = [len(np.unique(groups[asked])) for _, asked in rounds]
    assert max(sizes) - min(sizes) <= 4
    assert sum(sizes) == 32
    _, rounds, (labels, _) = watched((5, 2, 2, 2))
    classes = [len(np.unique(labels[asked])) for _, asked in rounds]
    # Small classes must not all meet in the first rounds.
    assert max(classes) <= 3


def test_a_class_with_one_polygon_is_taught_but_not_checked() -> None:
    result, rounds, (labels, _) = watched((6, 1, 4))
    assert result.accuracy is not None
    assert result.accuracy.matrix.sum(axis=1).tolist() == [36, 0, 24]
    assert all((labels[known] == 1).sum() == 6 for known, _ in rounds)
    notes = " ".join(result.notes)
    assert "only one polygon or point of it: forest" in notes
    assert "fewer than 5 places of it: urban." in notes
    assert "pixels of one polygon were never on both sides" in notes


def test_one_polygon_of_every_class_cannot_be_checked() -> None:
    result, rounds, _ = watched((1, 1, 1))
    assert (result.accuracy, result.folds, rounds) == (None, 0, [])
    assert "water, forest, urban" in " ".join(result.notes)
    assert not any("left out in turn" in note for note in result.notes)
    assert json.loads(json.dumps(result.to_dict()))["accuracy"] is None


def test_the_draw_follows_the_seed() -> None:
    first, again, other = (watched((9, 7), seed=seed)[1] for seed in (0, 0, 1))
    assert all((a[1] == b[1]).all() for a, b in zip(first, again, strict=True))
    assert any(set(a[1]) != set(b[1]) for a, b in zip(first, other, strict=True))


def test_it_listens_to_cancel_and_tells_progress() -> None:
    told: list[tuple[str, int, int]] = []

    def check() -> None:
        if len(told) == 2:
            raise Cancelled("stop")

    context = Context(lambda stage, done, total, message: told.append((stage, done, total)), check)
    features, labels, groups = polygons((6, 6))
    with pytest.raises(Cancelled):
        cross_validate(features, labels, groups, NAMES[:2], lambda: make_head("fast"), context)
    assert told == [("validate", 0, 5), ("validate", 1, 5)]


def test_polygons_that_are_all_alike_inside_do_not_flatter() -> None:
    """Labels that have nothing to do with the features, but polygons that have a colour each."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 20)
    labels = (groups % 2).astype(np.int64)
    features = (rng.normal(size=(40, 8))[groups] + rng.normal(0, 0.05, (800, 8))).astype(np.float32)

    def score(places: np.ndarray) -> float:
        result = cross_validate(features, labels, places, ("a", "b"), lambda: make_head("knn"), QUIET)
        assert result.accuracy is not None
        return result.accuracy.overall

    assert score(groups) < 0.7
    # Pixel by pixel the same samples look perfect: that is the error to avoid.
    assert score(np.arange(800)) > 0.98


def test_points_are_called_points() -> None:
    features, labels, _ = polygons((5, 5))
    result = cross_validate(
        features, labels, np.arange(len(labels)), NAMES[:2], lambda: make_head("fast"), QUIET
    )
    assert any("samples are points" in note for note in result.notes)
    assert not any("samples are points" in note for note in watched((5, 5))[0].notes)


def test_real_polygons_score_as_left_out_ones_do(samples: Path) -> None:
    """Landsat 7, 30 polygons of 5 classes, of which "urban" has two and "water" sixteen pixels."""
    folder = samples / "landsat7-two-dates"
    with Stack.open([RasterRef(str(folder / "LE70220491999322EDC01_stack.gtif"))]) as stack:
        ref = SampleRef(str(folder / "training_data.shp"), field="class")
        known = read_samples(ref, stack.grid, stack.grid.window)
        space = FeatureSpace.learn(stack, (), QUIET)
        features, _ = space.features(stack, stack.grid.window, QUIET)
    pixels, names = features[:, known.rows, known.cols].T, [info.name for info in known.classes]
    result = cross_validate(pixels, known.labels, known.groups, names, lambda: make_head("ensemble"), QUIET)
    assert result.accuracy is not None
    assert result.accuracy.total == 718
    assert result.accuracy.overall > 0.85
    assert result.accuracy.f1[names.index("forest")] > 0.95
    assert any("urban" in note for note in result.notes)


# --- the report ------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a browser would make of the report: its text, its tables, what it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.fetched: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        names = ("src", "href", "srcset", "action", "data", "poster", "background")
        self.fetched += [(name, value or "") for name, value in attrs if name in names]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            return
        self.texts.append(data)
        if self.rows and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def row(self, start: str) -> list[list[str]]:
        return [row for row in self.rows if row[0] == start]


@pytest.fixture
def make() -> Callable[..., Report]:
    def make(accuracy: Accuracy | None = None, **more: Any) -> Report:
        names = more.pop("names", NAMES)
        classes = [ClassInfo(n + 1, name, "#3f7fd1") for n, name in enumerate(names)]
        validation = CrossValidation(accuracy, 5 if accuracy else 0, ("Rough & ready.",))
        samples = [(3 + n, 1200 + n) for n in range(len(names))]
        return Report("Spectral-texture, ensemble", classes, samples, validation, **more)

    return make


def test_the_report_says_what_was_found(make: Callable[..., Report]) -> None:
    reference, mapped = labelled()
    accuracy = assess(reference, mapped, NAMES)
    page = Page(to_html(make(accuracy, facts={"seed": "7"}, warnings=["Mind the haze."])))
    assert not page.open
    text = " ".join(page.texts)
    for words in ("Spectral-texture, ensemble", "Mind the haze.", "Rough & ready.", "5 rounds"):
        assert words in text
    assert f"{accuracy.overall * 100:.1f} %" in text
    assert f"{accuracy.kappa:.2f}" in text
    figures, counts = page.row("forest")
    assert figures[1:3] == ["4", "1,201"]
    assert figures[3:] == [
        f"{accuracy.producers[1] * 100:.1f} %",
        f"{accuracy.users[1] * 100:.1f} %",
        f"{accuracy.f1[1]:.2f}",
    ]
    row = accuracy.matrix[1].tolist()
    assert counts[1:] == [str(count) for count in [*row, sum(row)]]
    assert page.row("sum")[0][-1] == "500"
    assert page.row("seed") == [["seed", "7"]]


def test_the_report_needs_nothing_from_anywhere(make: Callable[..., Report]) -> None:
    text = to_html(make(assess(*labelled(), NAMES)))
    page = Page(text)
    assert page.fetched == []
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text, re.I)
    assert text.startswith("<!doctype html>")
    assert 'charset="utf-8"' in text


def test_names_cannot_become_markup(make: Callable[..., Report]) -> None:
    evil = '<script src="//x.y/z.js"></script>'
    names = (evil, 'a" onmouseover="b', "R&D", "Forêt 道路")
    report = make(assess(*labelled(), names), names=names, facts={evil: evil}, warnings=[evil])
    page = Page(to_html(report))
    assert page.fetched == []
    assert "script" not in page.tags
    text = "".join(page.texts)
    assert text.count(evil) >= 6
    for name in names:
        assert len(page.row(name)) >= 2
    shade = ClassInfo(1, "a", '"><script>')
    one = Report("t", [shade], [(1, 1)], CrossValidation(None, 0, ()))
    assert "script" not in Page(to_html(one)).tags


def test_without_accuracy_the_report_says_why(make: Callable[..., Report]) -> None:
    page = Page(to_html(make(None)))
    text = " ".join(page.texts)
    assert "could not be estimated" in text
    assert "overall accuracy" not in text
    assert "Error matrix" not in text
    assert page.row("forest") == [["forest", "4", "1,201"]]


def test_an_unchecked_class_has_a_dash_not_a_zero(make: Callable[..., Report]) -> None:
    accuracy = assess(np.array([0, 0, 1, 3]), np.array([0, 2, 1, 3]), NAMES)
    figures = Page(to_html(make(accuracy))).row("urban")[0]
    assert figures[3:] == ["–", "–", "–"]
    assert "nan" not in to_html(make(accuracy)).lower()


def test_the_report_appears_complete_or_not_at_all(
    make: Callable[..., Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    write_report(path, make(None))
    assert path.read_text(encoding="utf-8") == to_html(make(None))

    def fail(*unused: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(path, make(assess(*labelled(), NAMES)))
    assert path.read_text(encoding="utf-8") == to_html(make(None))
    assert os.listdir(tmp_path) == ["report.html"]
