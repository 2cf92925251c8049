"""Classifiers keep what they were taught with: one goes on teaching, as if all had been taught at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine

from geofm.cli import main
from geofm.inference.cards import load_card
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.classifier import load_classifier, save_classifier
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import InvalidRequest, ModelCorrupt, UnsupportedInput
from geofm.inference.jobs import ClassInfo, Job, RasterRef, Result, SampleRef, Task
from geofm.inference.places import data_home, models_folders

BANDS = ("B02", "B03", "B04", "B08")
COLOURS = {"water": (700, 500, 300, 150), "forest": (250, 450, 300, 3200), "town": (1600, 1700, 1900, 2300)}
SIZE, STRIP = 90, 30
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def services() -> Services:
    store = Store(data_home(), models_folders(), offline=True)
    return Services.create(default_catalog(), store, choose_device("cpu"))


@pytest.fixture
def run(services: Services) -> Callable[[Job], Result]:
    quiet = Context(lambda stage, done, total, message: None, lambda: None)
    return lambda job: run_job(job, services, quiet)


@pytest.fixture
def train(run: Callable[[Job], Result]) -> Run:
    def teach(scene: Path, labels: Path, output: Path, **fields: Any) -> Result:
        field = fields.pop("field", "class")
        fields = {"method": "fast", "model": "" if "classifier" in fields else "spectral-texture", **fields}
        fields["classifier"] = str(fields.get("classifier", ""))
        output.parent.mkdir(exist_ok=True)
        samples = SampleRef(str(labels), fields.pop("layer", "labels"), field)
        date = fields.pop("date", "2021-06-03")
        ref = RasterRef(str(scene), acquired=date)
        return run(Job(Task.TRAIN, (ref,), str(output), samples=samples, **fields))

    return teach


def paint(path: Path, seed: int = 0) -> Path:
    """Three upright strips of water, forest and town."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(SIZE) // STRIP
    spectra = np.array(list(COLOURS.values()))[np.broadcast_to(kinds, (SIZE, SIZE))].transpose(2, 0, 1)
    pixels = np.clip(spectra * rng.normal(1, 0.08, spectra.shape), 1, None).astype(np.uint16)
    profile = {"driver": "GTiff", "count": len(BANDS), "width": SIZE, "height": SIZE, "dtype": "uint16"}
    place = {"crs": "EPSG:32632", "transform": Affine(10, 0, 500000, 0, -10, 5200000)}
    with rasterio.open(path, "w", **profile, **place) as target:
        target.write(pixels)
        for index, name in enumerate(BANDS, 1):
            target.set_band_description(index, name)
    return path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint(tmp_path_factory.mktemp("scene") / "scene.tif")


def places(classes: tuple[str, ...] = tuple(COLOURS), count: int = 8, seed: int = 0) -> list[tuple[str, Any]]:
    """Squares of 3 x 3 pixels of each class, apart from each other."""
    rng = np.random.default_rng(seed)
    cells = [(left, top) for left in range(2, STRIP - 5, 5) for top in range(2, SIZE - 5, 5)]
    chosen = {name: rng.permutation(cells)[:count].tolist() for name in classes}
    found = []
    for turn in range(count):
        for name in classes:
            left = 500000 + 10 * (list(COLOURS).index(name) * STRIP + chosen[name][turn][0])
            top = 5200000 - 10 * chosen[name][turn][1]
            found.append((name, shapely.box(left, top - 30, left + 30, top)))
    return found


def write(
    path: Path,
    labelled: list[tuple[str, Any]],
    layer: str = "labels",
    geometry_type: str = "Polygon",
    append: bool = False,
    **columns: list[Any],
) -> Path:
    data = {"class": [name for name, _ in labelled], **columns}
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([shape for _, shape in labelled], object)),
        [np.array(values) for values in data.values()],
        fields=list(data),
        layer=layer,
        driver="GPKG",
        geometry_type=geometry_type,
        crs="EPSG:32632",
        append=append,
    )
    return path


def write_classes(path: Path, *classes: tuple[int, str, str]) -> None:
    columns = [np.array(column) for column in zip(*classes, strict=True)]
    names = ["value", "name", "color"]
    pyogrio.raw.write(path, None, columns, fields=names, layer="classes", append=True, driver="GPKG")


# --- teaching on -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["ensemble", "knn"])
def test_two_sittings_make_the_file_of_one(train: Run, scene: Path, tmp_path: Path, method: str) -> None:
    known = places()
    half = len(known) // 2
    labels = {name: tmp_path / f"{name}.gpkg" for name in ("all", "first", "second")}
    for name, part in (("all", known), ("first", known[half:]), ("second", known[:half])):
        write(labels[name], part)
    train(scene, labels["all"], tmp_path / "once" / "c.geofm", method=method)
    train(scene, labels["first"], tmp_path / "then" / "c.geofm", method=method)
    first = (tmp_path / "then" / "c.geofm").read_bytes()
    taught = tmp_path / "then" / "c.geofm"
    train(scene, labels["second"], taught, method=method, classifier=taught)
    assert taught.read_bytes() == (tmp_path / "once" / "c.geofm").read_bytes()
    assert taught.read_bytes() != first


def test_a_head_fitted_on_the_kept_samples_is_the_head_of_the_file(
    train: Run, scene: Path, tmp_path: Path
) -> None:
    train(scene, write(tmp_path / "l.gpkg", places()), tmp_path / "c.geofm", method="ensemble")
    found = load_classifier(tmp_path / "c.geofm")
    assert found.samples is not None
    head = make_head("ensemble")
    order = [info.value for info in found.classes]
    head.fit(found.samples.wide(), np.searchsorted(order, found.samples.values))
    again = head.arrays()
    for name, values in found.head.arrays().items():
        np.testing.assert_array_equal(values, again[name])


def test_the_file_says_what_is_known_of_each_label(train: Run, scene: Path, tmp_path: Path) -> None:
    known = places(count=3)
    count = len(known)
    labels = write(
        tmp_path / "l.gpkg",
        known,
        uuid=[f"{{u-{n}}}" for n in range(count)],
        date=["2020-08-01"] + [""] * (count - 1),
        source=["chip"] + [""] * (count - 1),
        author=["Ada"] * count,
    )
    answer = train(scene, labels, tmp_path / "c.geofm")
    samples = load_classifier(tmp_path / "c.geofm").samples
    assert samples is not None
    assert {one.id for one in samples.labels} == {f"{{u-{n}}}" for n in range(count)}
    first = next(one for one in samples.labels if one.id == "{u-0}")
    assert (first.source, first.date, first.author, first.pixels) == ("chip", "2020-08-01", "Ada", 9)
    assert first.place == pytest.approx((9.0, 46.95), abs=0.01)
    other = next(one for one in samples.labels if one.id == "{u-1}")
    assert (other.source, other.date) == ("scene.tif", "2021-06-03")
    assert answer.facts["dates"] == ["2020-08-01", "2021-06-03"]
    assert answer.facts["sources"] == ["chip", "scene.tif"]
    assert answer.facts["kept"] == {"what": "places", "pixels": 9 * count}


def test_the_same_labels_again_change_nothing_and_on_another_image_they_add(
    train: Run, scene: Path, tmp_path: Path
) -> None:
    labels, taught = write(tmp_path / "l.gpkg", places()), tmp_path / "c.geofm"
    train(scene, labels, taught)
    before = taught.read_bytes()
    train(scene, labels, taught, classifier=taught)
    assert taught.read_bytes() == before
    later = train(paint(tmp_path / "later.tif", seed=5), labels, taught, classifier=taught, date="2022-06-03")
    assert later.facts["samples"]["water"] == {"places": 16, "pixels": 144}
    assert later.facts["sources"] == ["later.tif", "scene.tif"]


def test_an_image_unlike_the_first_is_told(train: Run, scene: Path, tmp_path: Path) -> None:
    labels, taught = write(tmp_path / "l.gpkg", places()), tmp_path / "c.geofm"
    assert not any("the classifier" in warning for warning in train(scene, labels, taught).warnings)
    with rasterio.open(scene) as source:
        pixels, profile, names = source.read(), source.profile, source.descriptions
    with rasterio.open(tmp_path / "dim.tif", "w", **profile) as target:
        target.write(np.maximum(pixels // 40, 1))
        for index, name in enumerate(names, 1):
            target.set_band_description(index, name)
    answer = train(tmp_path / "dim.tif", labels, tmp_path / "d.geofm", classifier=taught)
    assert any("the classifier" in warning for warning in answer.warnings)


# --- classes ---------------------------------------------------------------------------------------


def test_a_new_class_takes_a_free_value_and_old_ones_stay(train: Run, scene: Path, tmp_path: Path) -> None:
    taught = tmp_path / "c.geofm"
    first = train(scene, write(tmp_path / "a.gpkg", places(("water", "forest"))), taught)
    assert [(info.value, info.name) for info in first.classes] == [(1, "forest"), (2, "water")]
    more = train(scene, write(tmp_path / "b.gpkg", places(("town",))), taught, classifier=taught)
    assert [(info.value, info.name) for info in more.classes] == [(1, "forest"), (2, "water"), (3, "town")]
    assert more.classes[:2] == first.classes


def test_the_list_of_classes_beside_the_labels_counts(train: Run, scene: Path, tmp_path: Path) -> None:
    known = places(("water", "forest"))
    labels = write(tmp_path / "l.gpkg", known, value=[7 if name == "water" else 9 for name, _ in known])
    write_classes(labels, (7, "water", "#010203"), (9, "forest", "#040506"), (11, "none yet", "#070809"))
    wanted = (ClassInfo(7, "water", "#010203"), ClassInfo(9, "forest", "#040506"))
    assert train(scene, labels, tmp_path / "c.geofm").classes == wanted
    assert train(scene, labels, tmp_path / "d.geofm", field="value").classes == wanted


def test_a_list_with_other_values_yields_to_the_classifier(train: Run, scene: Path, tmp_path: Path) -> None:
    taught = tmp_path / "c.geofm"
    train(scene, write(tmp_path / "a.gpkg", places(("water", "forest"))), taught)
    known = places(("forest", "town"), seed=4)
    labels = write(tmp_path / "b.gpkg", known, value=[2 if name == "forest" else 1 for name, _ in known])
    write_classes(labels, (1, "town", "#010203"), (2, "forest", "#040506"))
    for field in ("class", "value"):
        answer = train(scene, labels, tmp_path / "d.geofm", classifier=taught, field=field)
        found = {info.name: info.value for info in answer.classes}
        assert found == {"forest": 1, "water": 2, "town": 3}


def test_both_layers_of_a_file_of_labels_are_learned_from(train: Run, scene: Path, tmp_path: Path) -> None:
    known = places(count=4)
    labels = tmp_path / "l.gpkg"
    for layer, part in (("label_areas", known[:6]), ("label_points", known[6:])):
        points = layer == "label_points"
        shapes = [(name, shape.centroid if points else shape) for name, shape in part]
        kind = "Point" if points else "Polygon"
        write(labels, shapes, layer=layer, geometry_type=kind, append=labels.exists())
    write_classes(labels, (3, "water", "#010203"), (2, "forest", "#040506"), (1, "town", "#070809"))
    answer = train(scene, labels, tmp_path / "c.geofm", layer="")
    assert answer.facts["samples"]["water"] == {"places": 4, "pixels": 2 * 9 + 2}
    assert not any("layers" in warning for warning in answer.warnings)


def test_labels_to_check_by_are_not_learned_from(train: Run, scene: Path, tmp_path: Path) -> None:
    known = places(count=4)
    split = ["check" if n < 3 else "learn" for n in range(len(known))]
    answer = train(scene, write(tmp_path / "l.gpkg", known, split=split), tmp_path / "c.geofm")
    assert any(warning.startswith("3 labels of l.gpkg are there to check by") for warning in answer.warnings)
    assert {name: counts["places"] for name, counts in answer.facts["samples"].items()} == {
        "forest": 3,
        "town": 3,
        "water": 3,
    }


# --- what is kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", ["features", "nothing"])
def test_places_and_names_stay_at_home(train: Run, scene: Path, tmp_path: Path, keep: str) -> None:
    known = places(count=3)
    uuids, authors = [f"u-{n}" for n in range(len(known))], ["Ada Lovelace"] * len(known)
    labels = write(tmp_path / "l.gpkg", known, uuid=uuids, author=authors)
    train(scene, labels, tmp_path / "whole.geofm")
    answer = train(scene, labels, tmp_path / "c.geofm", keep=keep)
    content = (tmp_path / "c.geofm").read_bytes()
    for told in (b"Ada", b"scene.tif", b"2021-06-03", b"u-1"):
        assert told in (tmp_path / "whole.geofm").read_bytes()
        assert told not in content
    assert answer.facts["sources"] == answer.facts["authors"] == answer.facts["dates"] == []
    whole, found = (load_classifier(tmp_path / name) for name in ("whole.geofm", "c.geofm"))
    vectors = np.random.default_rng(0).normal(size=(50, len(whole.learned["mean"]))).astype(np.float32)
    np.testing.assert_array_equal(whole.head.predict(vectors), found.head.predict(vectors))
    if keep == "nothing":
        assert found.samples is None
        with pytest.raises(UnsupportedInput, match="does not hold what it was taught with"):
            train(scene, labels, tmp_path / "d.geofm", classifier=tmp_path / "c.geofm")
    else:
        more = write(tmp_path / "more.gpkg", places(seed=9, count=3))
        answer = train(scene, more, tmp_path / "d.geofm", classifier=tmp_path / "c.geofm")
        assert answer.facts["samples"]["water"]["places"] == 6


def test_a_pixel_takes_two_bytes_a_feature(train: Run, scene: Path, tmp_path: Path) -> None:
    labels = write(tmp_path / "l.gpkg", places(count=40))
    pixels = train(scene, labels, tmp_path / "c.geofm").facts["kept"]["pixels"]
    train(scene, labels, tmp_path / "bare.geofm", keep="nothing")
    dim = len(load_classifier(tmp_path / "c.geofm").learned["mean"])
    more = (tmp_path / "c.geofm").stat().st_size - (tmp_path / "bare.geofm").stat().st_size
    assert 2 * dim * pixels < more < (2 * dim + 4) * pixels + 120 * 100


# --- jobs and files that do not fit ----------------------------------------------------------------


def test_a_job_has_a_model_or_a_classifier() -> None:
    labels = SampleRef("l.gpkg", field="class")
    for fields in ({}, {"model": "spectral-texture", "classifier": "c.geofm"}):
        with pytest.raises(InvalidRequest, match="model"):
            Job(Task.TRAIN, (RasterRef("a.tif"),), "o.geofm", samples=labels, **fields)
    with pytest.raises(InvalidRequest, match="keeping"):
        Job(Task.TRAIN, (RasterRef("a.tif"),), "o.geofm", samples=labels, model="x", keep="all")


def test_samples_of_another_space_are_refused(train: Run, scene: Path, tmp_path: Path) -> None:
    train(scene, write(tmp_path / "l.gpkg", places()), tmp_path / "c.geofm")
    found = load_classifier(tmp_path / "c.geofm")
    assert found.samples is not None
    narrow = replace(found.samples, features=found.samples.features[:, 1:])
    unknown = replace(found.samples, labels=tuple(replace(one, value=99) for one in found.samples.labels))
    for samples in (narrow, unknown):
        save_classifier(tmp_path / "d.geofm", replace(found, samples=samples))
        with pytest.raises(ModelCorrupt, match=r"d\.geofm"):
            load_classifier(tmp_path / "d.geofm")


def test_the_card_stays_a_card_and_small(
    train: Run, scene: Path, tmp_path: Path, valid_item: Callable[[dict[str, Any]], None]
) -> None:
    train(scene, write(tmp_path / "l.gpkg", places(count=60)), tmp_path / "c.geofm")
    card = load_card(tmp_path / "c.geofm")
    valid_item(card.raw)
    assert len(json.dumps(card.raw)) < 20_000


# --- the command door ------------------------------------------------------------------------------


def test_the_command_door_shows_what_was_taught_and_what_lacks(
    train: Run,
    scene: Path,
    tmp_path: Path,
    scratch_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    labels = write(tmp_path / "l.gpkg", places(), author=["Ada"] * 24)
    train(scene, labels, tmp_path / "cover.geofm", model="galileo-nano")
    monkeypatch.setenv("GEOFM_MODELS", "")
    assert main(["models", "add", str(tmp_path / "cover.geofm")]) == 0
    assert "python -m geofm models pull galileo-nano" in capsys.readouterr().err
    assert main(["models", "show", "cover"]) == 0
    shown = capsys.readouterr().out
    for words in (
        "1 forest #",
        "water 8 (72 pixels)",
        "were left out in turn in 5 rounds",
        "galileo-nano, weights sha256:",
        "scene.tif",
        "2021-06-03",
        "Ada",
        "216 labelled pixels",
        "It needs the weights of Galileo nano (4.2 MB)",
        str(scratch_home / "models" / "cover.geofm"),
    ):
        assert words in shown, words


# --- where next, and what looks wrong --------------------------------------------------------------


def points_in(path: str) -> tuple[np.ndarray, dict[str, list[Any]], str]:
    meta, _, shapes, data = pyogrio.raw.read(path)
    columns = {name: values.tolist() for name, values in zip(meta["fields"], data, strict=True)}
    return shapely.get_coordinates(shapely.from_wkb(shapes)), columns, meta["crs"]


def test_places_are_suggested_where_the_classifier_wavers(
    train: Run, run: Callable[[Job], Result], scene: Path, tmp_path: Path
) -> None:
    """The town was never shown: all of the other two strips is sure, so that the places lie in its."""
    train(scene, write(tmp_path / "l.gpkg", places(("water", "forest"))), tmp_path / "c.geofm")
    ref, out = RasterRef(str(scene)), str(tmp_path / "places.gpkg")
    job = Job(Task.SUGGEST, (ref,), out, classifier=str(tmp_path / "c.geofm"), count=5)
    answer = run(job)
    assert answer.facts["places"] == 5
    points, columns, crs = points_in(out)
    assert crs == "EPSG:32632"
    assert (points[:, 0] > 500000 + 10 * 2 * STRIP).all()
    assert columns["rank"] == [1, 2, 3, 4, 5]
    assert all(reason.startswith("Unsure between ") for reason in columns["reason"])
    first = Path(out).read_bytes()
    run(job)
    assert Path(out).read_bytes() == first


def test_mistakes_are_found_from_the_file_alone(
    train: Run, run: Callable[[Job], Result], scene: Path, tmp_path: Path
) -> None:
    known = places(count=10)
    wrong = known[4][1]
    known[4] = ("water" if known[4][0] != "water" else "town", wrong)
    uuids = [f"u-{n}" for n in range(len(known))]
    train(scene, write(tmp_path / "l.gpkg", known, uuid=uuids), tmp_path / "c.geofm")
    out = str(tmp_path / "doubts.gpkg")
    answer = run(Job(Task.REVIEW, (), out, classifier=str(tmp_path / "c.geofm")))
    points, columns, crs = points_in(out)
    assert crs == "EPSG:4326"
    assert columns["label"] == ["u-4"]
    assert columns["class"] == [known[4][0]]
    assert columns["likely"] == ["forest"]
    assert points[0] == pytest.approx((9.0, 46.95), abs=0.01)
    assert (answer.facts["doubtful"], answer.facts["labels"]) == (1, 30)
    assert answer.facts["balance"]["forest"]["labels"] == 9


def test_what_a_file_does_not_hold_cannot_be_asked(
    train: Run, run: Callable[[Job], Result], scene: Path, tmp_path: Path
) -> None:
    labels, out = write(tmp_path / "l.gpkg", places()), str(tmp_path / "o.gpkg")
    ref = RasterRef(str(scene))
    for keep, words in (("features", "where its labels lie"), ("nothing", "what it was taught with")):
        train(scene, labels, tmp_path / "c.geofm", keep=keep)
        with pytest.raises(UnsupportedInput, match=words):
            run(Job(Task.REVIEW, (), out, classifier=str(tmp_path / "c.geofm")))
    with pytest.raises(UnsupportedInput, match="what it was taught with"):
        run(Job(Task.SUGGEST, (ref,), out, classifier=str(tmp_path / "c.geofm"), count=3))
    with pytest.raises(InvalidRequest, match="number of places"):
        Job(Task.SUGGEST, (ref,), out, classifier="c.geofm", count=501)
    assert not Path(out).exists()


# --- very many bands -------------------------------------------------------------------------------


def test_an_encoder_is_left_out_where_there_are_very_many_bands(train, scene, tmp_path) -> None:
    with rasterio.open(scene) as source:
        pixels, profile = source.read(), source.profile
    profile.update(count=40)
    many = tmp_path / "many.tif"
    with rasterio.open(many, "w", **profile) as target:
        target.write(np.concatenate([pixels] * 10))
    labels = write(tmp_path / "labels.gpkg", places())
    result = train(many, labels, tmp_path / "taught" / "many.geofm", model="galileo-nano")
    assert any("is left out: with 40 bands" in warning for warning in result.warnings)
    assert load_classifier(str(tmp_path / "taught" / "many.geofm")).model == "spectral-texture"
    plain = train(many, labels, tmp_path / "taught" / "plain.geofm")
    assert not any("left out" in warning for warning in plain.warnings)
