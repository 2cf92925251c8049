"""What a classifier or a network maps on both dates, compared: which class became which, how much ground."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from onnx import helper

from geofm.inference.catalog import default_catalog
from geofm.inference.change_options import ChangeOptions
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.importers import bare_card
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import Job, RasterRef, Result, SampleRef, Task
from geofm.inference.places import data_home, models_folders

Write = Callable[..., RasterRef]
NAMES = ("B02", "B03", "B04", "B08", "B11", "B12")
QUIET = Context(lambda *told: None, lambda: None)
SIDE = 120
SPECTRA = {
    "water": (600, 500, 400, 200, 100, 80),
    "forest": (300, 450, 300, 3200, 1500, 700),
    "soil": (1200, 1600, 2100, 2800, 3600, 3300),
}
# Two changes that touch each other, and one that stands alone.
FELLED, FLOODED, SEALED = (
    (slice(30, 60), slice(20, 50)),
    (slice(30, 60), slice(50, 58)),
    (slice(80, 100), slice(80, 110)),
)


@pytest.fixture(scope="module")
def services() -> Services:
    store = Store(data_home(), models_folders(), offline=True)
    return Services.create(default_catalog(bare_card), store, choose_device("cpu"))


def drawn(classes: np.ndarray, seed: int) -> np.ndarray:
    spectra = np.array(list(SPECTRA.values()), float)[classes]
    noise = np.random.default_rng(seed).normal(0, 40, spectra.shape)
    return np.clip(spectra + noise, 1, None).transpose(2, 0, 1).astype(np.uint16)


@pytest.fixture
def dates(raster: Write) -> tuple[RasterRef, RasterRef]:
    """Forest with a lake below; some of it becomes soil, some water, some of the lake soil."""
    before = np.ones((SIDE, SIDE), int)
    before[70:] = 0
    after = before.copy()
    after[FELLED], after[FLOODED], after[SEALED] = 2, 0, 2
    first = raster("S2_20200601.tif", drawn(before, 1), names=NAMES)
    return first, raster("S2_20220601.tif", drawn(after, 2), names=NAMES)


@pytest.fixture
def classifier(services: Services, raster: Write, tmp_path: Path) -> str:
    """Taught on an image of its own."""
    classes = np.repeat(np.arange(3), 40)[:, None].repeat(120, axis=1)
    image = raster("lesson.tif", drawn(classes, 3), names=NAMES)
    rows = [(row, col) for row in (8, 20, 32, 48, 60, 72, 88, 100, 112) for col in (20, 60, 100)]
    points = shapely.points([(600005.0 + 10 * col, 4999995.0 - 10 * row) for row, col in rows])
    names = np.array([list(SPECTRA)[row // 40] for row, _ in rows], object)
    path = tmp_path / "labels.gpkg"
    about = {"geometry_type": "Point", "crs": "EPSG:32633"}
    pyogrio.raw.write(path, shapely.to_wkb(points), [names], ["cover"], **about)
    job = Job(
        Task.TRAIN, (image,), str(tmp_path / "cover.geofm"), model="spectral-texture",
        samples=SampleRef(str(path), field="cover"),
    )  # fmt: skip
    return run_job(job, services, QUIET).outputs["OUTPUT"]


def compare(services: Services, dates: tuple[RasterRef, RasterRef], out: Path, **fields: object) -> Result:
    options = {"normalise": False, "align": "off", "clouds": "off", **fields.pop("change")}
    paths = {name: str(out.with_suffix(end)) for name, end in (("polygons", ".gpkg"), ("table", ".csv"))}
    job = Job(
        Task.CHANGE, dates[:1], str(out), after=dates[1:], change=ChangeOptions(**options),
        mask=str(out.with_suffix(".mask.tif")), **paths, **fields,
    )  # fmt: skip
    return run_job(job, services, QUIET)


def read(path: str) -> np.ndarray:
    with rasterio.open(path) as source:
        return source.read()


def polygons(path: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    meta, _, shapes, columns = pyogrio.raw.read(path)
    return dict(zip(meta["fields"], columns, strict=True)), shapely.from_wkb(shapes)


def test_every_change_says_from_what_into_what(
    services: Services, dates: tuple[RasterRef, RasterRef], classifier: str, tmp_path: Path
) -> None:
    found = compare(
        services, dates, tmp_path / "o.tif", classifier=classifier, change={"method": "classes"},
        min_area=3000.0,
    )  # fmt: skip
    chance, _, _ = read(found.outputs["OUTPUT"])
    assert 0 <= chance.min() <= chance.max() <= 1
    inner = (slice(35, 55), slice(25, 45))
    assert chance[inner].min() > 0.8
    assert chance[5:25, 5:110].max() < 0.5
    names = {info.value: info.name for info in found.classes}
    assert sorted(names.values()) == ["forest to soil", "forest to water", "unchanged", "water to soil"]
    mask = read(found.outputs["MASK"])[0]
    assert set(np.unique(mask[inner])) == {next(v for v, name in names.items() if name == "forest to soil")}
    table, shapes = polygons(found.outputs["POLYGONS"])
    assert list(table) == [
        "class", "name", "area_m2", "magnitude", "date_before", "date_after", "from_class", "to_class"
    ]  # fmt: skip
    # Two kinds that touch are two polygons.
    rows = sorted(zip(table["name"], table["from_class"], table["to_class"], strict=True))
    assert rows == [
        ("forest to soil", "forest", "soil"),
        ("forest to water", "forest", "water"),
        ("water to soil", "water", "soil"),
    ]
    assert set(table["date_before"]) == {"2020-06-01"}
    assert set(table["date_after"]) == {"2022-06-01"}
    assert table["area_m2"] == pytest.approx(shapely.area(shapes))
    assert (table["magnitude"] > 0.5).all()


def test_the_matrix_is_that_of_the_two_maps(
    services: Services, dates: tuple[RasterRef, RasterRef], classifier: str, tmp_path: Path
) -> None:
    found = compare(services, dates, tmp_path / "o.tif", classifier=classifier, change={"method": "classes"})
    maps = []
    for index, date in enumerate(dates):
        out = str(tmp_path / f"map{index}.tif")
        result = run_job(Job(Task.CLASSIFY, (date,), out, classifier=classifier), services, QUIET)
        names = {info.value: info.name for info in result.classes}
        maps.append(read(out)[0])
    expected = {
        one: {two: ((maps[0] == v) & (maps[1] == w)).sum() * 100.0 for w, two in names.items()}
        for v, one in names.items()
    }
    assert found.facts["from_to_m2"] == expected
    assert sum(map(sum, (row.values() for row in expected.values()))) == SIDE**2 * 100.0
    changed = found.facts["changed_from_to_m2"]
    assert all(changed[name][name] == 0 for name in names.values())
    assert sum(map(sum, (row.values() for row in changed.values()))) == found.facts["changed_m2"]
    assert changed["forest"]["soil"] == pytest.approx(30 * 30 * 100, rel=0.1)
    with open(found.outputs["TABLE"], encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told = {(r["from_class"], r["to_class"]): float(r["value"]) for r in rows if r["group"] == "from-to"}
    assert told == {(one, two): area for one, row in expected.items() for two, area in row.items()}
    by_group = {group: [r for r in rows if r["group"] == group] for group in {r["group"] for r in rows}}
    assert float(by_group["area"][0]["value"]) == found.facts["changed_m2"]
    assert [row["value"] for row in by_group["date"]] == ["2020-06-01", "2022-06-01"]
    assert [row["value"] for row in by_group["polygons"]] == [str(found.facts["polygons"])]
    assert by_group["threshold"][1]["value"] == "even odds"


def test_no_place_has_changed_into_what_it_was(
    services: Services, dates: tuple[RasterRef, RasterRef], classifier: str, tmp_path: Path
) -> None:
    """However unsure the classifier is of it on both dates."""
    found = compare(
        services, dates, tmp_path / "o.tif", classifier=classifier, change={"method": "classes"},
        threshold=1e-6,
    )  # fmt: skip
    chance, before, after = read(found.outputs["OUTPUT"])
    assert ((chance >= 1e-6) & (before == after)).any()
    changed = read(found.outputs["MASK"])[0] > 0
    assert np.array_equal(changed, before != after)
    assert not any(name.split(" to ")[0] == name.split(" to ")[-1] for _, name in _legend(found)[1:])


def _legend(result: Result) -> list[tuple[int, str]]:
    return [(info.value, info.name) for info in result.classes]


def test_a_classifier_tells_the_classes_of_other_changes(
    services: Services, dates: tuple[RasterRef, RasterRef], classifier: str, tmp_path: Path
) -> None:
    """Each polygon has the classes that most of its pixels had and have."""
    plain = compare(
        services, dates, tmp_path / "plain.tif", model="spectral-texture", change={}, min_area=3000.0
    )
    found = compare(
        services, dates, tmp_path / "o.tif", model="spectral-texture", classifier=classifier, change={},
        min_area=3000.0,
    )  # fmt: skip
    assert np.array_equal(read(found.outputs["OUTPUT"])[0], read(plain.outputs["OUTPUT"])[0])
    assert np.array_equal(read(found.outputs["MASK"]), read(plain.outputs["MASK"]))
    table, shapes = polygons(found.outputs["POLYGONS"])
    known = set(zip(table["from_class"], table["to_class"], strict=True))
    assert known == {("forest", "soil"), ("water", "soil")}
    assert set(table["name"]) == {"changed"}
    unknown, same = polygons(plain.outputs["POLYGONS"])
    assert set(unknown["from_class"]) == set(unknown["to_class"]) == {""}
    assert shapely.equals(shapes, same).all()
    assert found.facts["changed_from_to_m2"]["forest"]["water"] > 0


def test_classes_know_no_false_alarms(
    services: Services, dates: tuple[RasterRef, RasterRef], classifier: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRequest, match="do not tell how many false alarms"):
        compare(
            services, dates, tmp_path / "o.tif", classifier=classifier,
            change={"method": "classes", "false_alarms": 1.0},
        )  # fmt: skip


# --- mapped by a complete network -------------------------------------------------------------------


@pytest.fixture
def network(networks: ModuleType, tmp_path: Path) -> str:
    """The nearest of the spectra, by one convolution of a pixel; reflectance goes in."""
    spectra = np.array(list(SPECTRA.values()), np.float32) * np.float32(1e-4)
    weights = {"w": 40 * spectra[:, :, None, None], "b": -20 * (spectra**2).sum(axis=1)}
    told = {
        "model_type": "Segmentor", "input_units": "reflectance", "bands": list(NAMES), "seg_thresh": 0,
        "class_names": {str(index): name for index, name in enumerate(SPECTRA)},
    }  # fmt: skip
    nodes = [helper.make_node("Conv", ["image", "w", "b"], ["scores"])]
    shapes = [1, len(NAMES), 32, 32], {"scores": [1, len(SPECTRA), 32, 32]}
    return str(networks.save(tmp_path / "cover.onnx", nodes, weights, *shapes, told))


def test_a_network_maps_both_dates_too(
    services: Services, dates: tuple[RasterRef, RasterRef], network: str, tmp_path: Path
) -> None:
    found = compare(
        services, dates, tmp_path / "o.tif", model=network, change={"method": "classes"}, min_area=3000.0
    )
    maps = []
    for index, date in enumerate(dates):
        out = str(tmp_path / f"map{index}.tif")
        result = run_job(Job(Task.SEGMENT, (date,), out, model=network), services, QUIET)
        names = {info.value: info.name for info in result.classes}
        maps.append(read(out)[0])
    chance, before, after = read(found.outputs["OUTPUT"])
    assert np.array_equal(before, maps[0])
    assert np.array_equal(after, maps[1])
    assert found.facts["from_to_m2"] == {
        one: {two: ((maps[0] == v) & (maps[1] == w)).sum() * 100.0 for w, two in names.items()}
        for v, one in names.items()
    }
    spectra = np.array(list(SPECTRA.values())) * 1e-4
    shares = []
    for date in dates:
        gap = ((read(date.path)[None] * 1e-4 - spectra[:, :, None, None]) ** 2).sum(axis=1)
        powers = np.exp(-20 * gap)
        shares.append(powers / powers.sum(axis=0))
    np.testing.assert_allclose(chance, 1 - (shares[0] * shares[1]).sum(axis=0), atol=1e-4)
    table, _ = polygons(found.outputs["POLYGONS"])
    rows = set(zip(table["name"], table["from_class"], table["to_class"], strict=True))
    assert ("forest to soil", "forest", "soil") in rows
    assert found.facts["classes_of"] == found.model == "cover"


def test_a_network_of_pictures_gets_the_numbers_of_both_files(
    services: Services, raster: Write, networks: ModuleType, tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    days = [rng.integers(1, 256, (3, 32, 32)).astype(np.uint8) for _ in range(2)]
    refs = tuple(raster(f"{index}.tif", day, photometric="RGB") for index, day in enumerate(days))
    told = {"model_type": "Segmentor", "seg_thresh": 0}
    model = networks.segmenter(tmp_path / "s.onnx", end="Softmax", metadata=told)
    found = compare(services, refs, tmp_path / "o.tif", model=str(model), change={"method": "classes"})
    first, second = (networks.run_alone(model, day[None] / np.float32(255))[0] for day in days)
    chance, before, after = read(found.outputs["OUTPUT"])
    np.testing.assert_allclose(chance, 1 - (first * second).sum(axis=0), atol=1e-5)
    assert np.array_equal(before, first.argmax(axis=0) + 1)
    assert np.array_equal(after, second.argmax(axis=0) + 1)


def test_a_model_that_maps_no_classes_is_refused(
    services: Services, dates: tuple[RasterRef, RasterRef], tmp_path: Path
) -> None:
    with pytest.raises(UnsupportedInput, match="spectral-texture maps no classes by itself") as caught:
        compare(
            services, dates, tmp_path / "o.tif", model="spectral-texture", change={"method": "classes"}
        )
    assert "Give a classifier, or a model that segments" in caught.value.hint
