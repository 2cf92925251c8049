"""What a classifier keeps of its samples: it comes back, in one order, within limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from geofm.inference.engine.learning import training_set
from geofm.inference.engine.learning.training_set import TaughtLabel, TrainingSet

DIM = 5


def label(name: str, value: int = 1, **known: object) -> TaughtLabel:
    return replace(TaughtLabel(name, value, "scene.tif", "2021-06-03", "Ada", (9.5, 47.25), 3), **known)


def filled(*labels: TaughtLabel, seed: int = 0, pixels: int = 3) -> TrainingSet:
    features = np.random.default_rng(seed).normal(size=(pixels * len(labels), DIM)).astype(np.float32)
    return TrainingSet.of(features, np.repeat(np.arange(len(labels)), pixels), labels)


def same(one: TrainingSet, other: TrainingSet) -> bool:
    arrays = one.arrays(), other.arrays()
    return all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])


def test_it_comes_back_whole() -> None:
    bare = label("b", 200, source="", date="", author="", place=None)
    written = filled(label("a", 4, source="Größe.tif"), bare, label("{c}", 0))
    found = TrainingSet.restore(written.arrays())
    assert found.labels == written.labels
    assert same(found, written)
    assert found.values.tolist() == written.values.tolist()


def test_rounding_is_a_two_thousandth() -> None:
    features = np.random.default_rng(1).uniform(-6, 6, (500, 40)).astype(np.float32)
    kept = TrainingSet.of(features, np.zeros(500, np.int64), [label("a")]).wide()
    assert np.abs(kept / features - 1).max() < 1 / 2000


def test_the_order_of_teaching_leaves_no_trace() -> None:
    labels = [label(name, value) for name, value in (("d", 1), ("a", 2), ("c", 1), ("b", 3))]
    features = np.random.default_rng(0).normal(size=(12, DIM)).astype(np.float32)
    groups = np.repeat(np.arange(4), 3)
    at_once = TrainingSet.of(features, groups, labels)
    turned = TrainingSet.of(features[::-1][::-1], groups, labels)
    parts = [TrainingSet.of(features[groups == n], np.zeros(3, np.int64), [labels[n]]) for n in (2, 0, 3, 1)]
    joined = parts[0].joined(parts[1]).joined(parts[2].joined(parts[3]))
    assert same(at_once, turned)
    assert same(at_once, joined)
    assert [one.id for one in joined.labels] == ["a", "b", "c", "d"]


def test_a_label_given_again_takes_the_place_of_the_old() -> None:
    before = filled(label("a"), label("b", 2))
    again = filled(label("a", pixels=9), seed=7)
    found = before.joined(again)
    assert [(one.id, one.pixels) for one in found.labels] == [("a", 9), ("b", 3)]
    np.testing.assert_array_equal(found.features[found.groups == 0], again.features)


def test_on_another_image_it_is_one_more_unless_its_class_was_corrected() -> None:
    before = filled(label("a"), label("b", 2))
    later = filled(label("a", date="2022-06-03"), label("b", 5, date="2022-06-03"))
    found = before.joined(later)
    assert sorted((one.id, one.value, one.date) for one in found.labels) == [
        ("a", 1, "2021-06-03"),
        ("a", 1, "2022-06-03"),
        ("b", 5, "2022-06-03"),
    ]


def test_labels_without_a_pixel_and_labels_taken_away_are_gone() -> None:
    features = np.ones((2, DIM), np.float32)
    some = TrainingSet.of(features, np.array([2, 0]), [label("a"), label("empty"), label("c")])
    assert [one.id for one in some.labels] == ["a", "c"]
    left = some.where(lambda one: one.id != "a")
    assert [one.id for one in left.labels] == ["c"]
    assert left.groups.tolist() == [0]


def test_a_class_is_cut_to_what_heads_learn_from() -> None:
    many = filled(label("a", pixels=9000), label("b", 2), pixels=9000)
    kept = many.capped(seed=3)
    assert np.bincount(kept.values).tolist() == [0, 5000, 5000]
    assert [one.pixels for one in kept.labels] == [9000, 3]
    assert same(kept, kept.capped(seed=3))
    assert same(kept, kept.capped(seed=4))


def test_a_file_stays_small_enough_to_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_set, "_MOST_BYTES", 2 * DIM * 100)
    kept = filled(label("a"), label("b", 2), pixels=200).capped(seed=0)
    assert len(kept.groups) == 100
    monkeypatch.setattr(training_set, "_MOST_LABELS", 10)
    assert len(filled(*(label(f"{n:02d}", 1 + n % 2) for n in range(40))).capped(seed=0).labels) <= 10


def test_places_can_stay_at_home() -> None:
    told = filled(label("a"), label("b", 2)).anonymous()
    text = told.arrays()["labels"].tobytes().decode()
    assert not any(word in text for word in ("scene", "2021", "Ada", "9.5", "47.25", '"a"'))
    assert [one.pixels for one in told.labels] == [3, 3]
    assert TrainingSet.restore(told.arrays()).labels == told.labels


def test_a_table_too_long_to_read_again_says_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_set, "_LONGEST_TABLE", 120)
    found = TrainingSet.restore(filled(label("a" * 100), label("b" * 100, 2)).arrays())
    assert [one.value for one in found.labels] == [1, 2]
    assert not any(one.author for one in found.labels)


def table(**entries: object) -> np.ndarray:
    whole = {"origins": [["", "", ""]], "labels": [["a", 1, 0, 3], ["b", 2, 0, 3]], **entries}
    return np.frombuffer(json.dumps(whole).encode(), np.uint8)


def row(*values: object) -> np.ndarray:
    return table(labels=[["a", 1, 0, 3], list(values)])


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("features", lambda a: a.astype(np.float32)),
        ("features", lambda a: a[:-1]),
        ("features", lambda a: a * np.float16(np.nan)),
        ("groups", lambda a: a[::-1].copy()),
        ("groups", lambda a: a + 1),
        ("groups", lambda a: a.astype(np.int64)),
        ("labels", lambda a: a[:-1]),
        ("labels", lambda a: a.astype(np.int32)),
        ("labels", lambda a: np.frombuffer(b"[" * 100_000, np.uint8)),
        ("labels", lambda a: np.zeros((1 << 23) + 1, np.uint8)),
        ("labels", lambda a: table(labels=[["a", 1, 0, 3]])),
        ("labels", lambda a: table(origins=[["", ""]])),
        ("labels", lambda a: table(origins=[["", "", {}]])),
        ("labels", lambda a: row("b", 256, 0, 3)),
        ("labels", lambda a: row("b", True, 0, 3)),
        ("labels", lambda a: row("b", 2, 1, 3)),
        ("labels", lambda a: row("b", 2, -1, 3)),
        ("labels", lambda a: row("b", 2, 0, 3, 400.0, 0.0)),
        ("labels", lambda a: row("b", 2, 0, 3, float("nan"), 0.0)),
        ("labels", lambda a: row("b", 2, 0, 3, 1.0)),
        ("labels", lambda a: row(["b"], 2, 0, 3)),
    ],
)
def test_what_does_not_fit_is_refused(name: str, wrong: Callable[[np.ndarray], np.ndarray]) -> None:
    arrays = filled(label("a"), label("b", 2)).arrays()
    assert TrainingSet.restore({**arrays, "labels": table()}).labels[1].value == 2
    with pytest.raises((ValueError, TypeError, KeyError)):
        TrainingSet.restore({**arrays, name: wrong(arrays[name])})
