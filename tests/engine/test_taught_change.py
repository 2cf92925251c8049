"""A few labelled changes teach what a change is, and of which kind."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from geofm.inference.catalog import default_catalog
from geofm.inference.change_options import ChangeOptions
from geofm.inference.engine.base import Context
from geofm.inference.engine.changes.told import KIND, TAG, Told
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import UnsupportedInput
from geofm.inference.jobs import Job, RasterRef, Result, SampleRef, Task
from geofm.inference.places import data_home, models_folders

Write = Callable[..., RasterRef]
NAMES = ("B02", "B03", "B04", "B08", "B11", "B12")
QUIET = Context(lambda *told: None, lambda: None)
SIDE = 160
WATER, FOREST, FIELD, SOIL = (
    np.array(spectrum, float)
    for spectrum in (
        (600, 500, 400, 200, 100, 80),
        (300, 450, 300, 3200, 1500, 700),
        (500, 800, 700, 3000, 2500, 1500),
        (1200, 1600, 2100, 2800, 3600, 3300),
    )
)
# Felled forest, flooded fields; and fields that ripen, which is no change anybody asked for.
FELLED = [(slice(row, row + 12), slice(20, 32)) for row in (10, 40, 70, 100, 130)]
FLOODED = [(slice(row, row + 12), slice(100, 112)) for row in (10, 40, 70, 100, 130)]
RIPE = [(slice(row, row + 12), slice(130, 142)) for row in (10, 40, 70, 100, 130)]


@pytest.fixture(scope="module")
def services() -> Services:
    store = Store(data_home(), models_folders(), offline=True)
    return Services.create(default_catalog(), store, choose_device("cpu"))


@pytest.fixture
def dates(raster: Write) -> tuple[RasterRef, RasterRef]:
    """Forest on the left, fields on the right; then as the lists above say, in another light."""
    rng = np.random.default_rng(4)
    before = np.empty((SIDE, SIDE, len(NAMES)))
    before[:, :80], before[:, 80:] = FOREST, FIELD
    after = before.copy()
    for places, spectrum in ((FELLED, SOIL), (FLOODED, WATER), (RIPE, FIELD * 0.4 + SOIL * 0.6)):
        for place in places:
            after[place] = spectrum
    texture = rng.normal(0, 60, before.shape)
    first, second = (day + texture + rng.normal(0, 30, day.shape) for day in (before, after * 1.05))
    refs = [
        raster(f"{name}.tif", np.clip(day, 1, None).transpose(2, 0, 1).astype(np.uint16), names=NAMES)
        for name, day in (("before", first), ("after", second))
    ]
    return refs[0], refs[1]


def middle(place: tuple[slice, slice]) -> tuple[int, int]:
    return (place[0].start + place[0].stop) // 2, (place[1].start + place[1].stop) // 2


def labelled(path: Path, labels: dict[object, list[tuple[int, int]]]) -> SampleRef:
    """Points in the middle of pixels."""
    rows = [(value, place) for value, places in labels.items() for place in places]
    points = shapely.points([(600005.0 + 10 * col, 4999995.0 - 10 * row) for _, (row, col) in rows])
    values = np.array([value for value, _ in rows])
    if values.dtype.kind == "U":
        values = values.astype(object)
    about = {"geometry_type": "Point", "crs": "EPSG:32633"}
    pyogrio.raw.write(path, shapely.to_wkb(points), [values], ["what"], **about)
    return SampleRef(str(path), field="what")


def three_of_each() -> dict[object, list[tuple[int, int]]]:
    quiet = [(30, 60), (90, 10), (20, 90), (150, 150), (120, 60)] + [middle(place) for place in RIPE[:2]]
    felled, flooded = ([middle(place) for place in places[:3]] for places in (FELLED, FLOODED))
    return {"unchanged": quiet, "felled": felled, "flooded": flooded}


def compare(
    services: Services, dates: tuple[RasterRef, RasterRef], samples: SampleRef, out: Path, **fields: object
) -> Result:
    options = {"method": "taught", "normalise": False, "align": "off", "clouds": "off"}
    options.update(fields.pop("change", {}))
    paths = {name: str(out.with_suffix(end)) for name, end in (("polygons", ".gpkg"), ("table", ".csv"))}
    job = Job(
        Task.CHANGE, dates[:1], str(out), after=dates[1:], model="spectral-texture", samples=samples,
        change=ChangeOptions(**options), mask=str(out.with_suffix(".mask.tif")), **paths, **fields,
    )  # fmt: skip
    return run_job(job, services, QUIET)


def read(path: str, band: int = 1) -> np.ndarray:
    with rasterio.open(path) as source:
        return source.read(band, masked=True)


def test_three_labels_of_each_kind_find_the_others_of_it(
    services: Services, dates: tuple[RasterRef, RasterRef], tmp_path: Path
) -> None:
    samples = labelled(tmp_path / "labels.gpkg", three_of_each())
    found = compare(services, dates, samples, tmp_path / "o.tif")
    chance, mask = read(found.outputs["OUTPUT"]), read(found.outputs["MASK"])
    assert 0 <= chance.min() <= chance.max() <= 1
    truth = np.zeros((SIDE, SIDE), np.uint8)
    for value, places in ((1, FELLED), (2, FLOODED)):
        for place in places:
            truth[place] = value
    # Local means at the borders of a place are of both sides.
    inner = truth.copy()
    for place in (*FELLED, *FLOODED):
        inner[place][[0, -1], :] = inner[place][:, [0, -1]] = 255
    for value in (1, 2):
        assert (mask[inner == value] == value).mean() > 0.95
    assert (mask[truth == 0] > 0).mean() < 0.02
    for place in RIPE[2:]:
        assert (mask[place] > 0).mean() < 0.2, "what the labels call unchanged is no change"
    assert [info.name for info in found.classes] == ["unchanged", "felled", "flooded"]
    assert found.facts["threshold"] == 0.5
    accuracy = found.facts["validation"]["accuracy"]
    assert accuracy["samples"] == 13
    assert accuracy["overall"] > 0.8
    assert found.facts["samples"]["felled"] == {"places": 3, "pixels": 3}


def test_the_kinds_are_in_polygons_table_and_file(
    services: Services, dates: tuple[RasterRef, RasterRef], tmp_path: Path
) -> None:
    samples = labelled(tmp_path / "labels.gpkg", three_of_each())
    found = compare(services, dates, samples, tmp_path / "o.tif", min_area=1000.0)
    meta, _, _, columns = pyogrio.raw.read(found.outputs["POLYGONS"])
    table = dict(zip(meta["fields"], columns, strict=True))
    assert set(table["name"]) == {"felled", "flooded"}
    assert (table["magnitude"] > 0.5).all()
    mask = read(found.outputs["MASK"])
    kinds = found.facts["kinds_m2"]
    assert kinds == {name: (mask == value).sum() * 100.0 for value, name in ((1, "felled"), (2, "flooded"))}
    assert sum(kinds.values()) == found.facts["changed_m2"]
    with open(found.outputs["TABLE"], encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["item"]: float(row["value"]) for row in rows if row["group"] == "changed"} == kinds
    with rasterio.open(found.outputs["OUTPUT"]) as source:
        told = Told.from_text(source.tags()[TAG])
        assert source.descriptions == ("change magnitude", KIND)
    assert [info.name for info in told.planes[0].classes] == ["felled", "flooded"]


@pytest.mark.parametrize("quiet", [0, "Stable"])
def test_one_kind_is_change_and_nothing_more(
    services: Services, dates: tuple[RasterRef, RasterRef], tmp_path: Path, quiet: object
) -> None:
    labels = three_of_each()
    changed = 1 if quiet == 0 else "changed"
    both = {quiet: labels["unchanged"], changed: [*labels["felled"], *labels["flooded"]]}
    found = compare(services, dates, labelled(tmp_path / "l.gpkg", both), tmp_path / "o.tif")
    assert [info.name for info in found.classes] == ["unchanged", "changed"]
    mask = read(found.outputs["MASK"])
    assert all((mask[place] == 1).mean() > 0.8 for place in (*FELLED, *FLOODED))


def test_false_alarms_are_those_of_labels_left_out(
    services: Services, dates: tuple[RasterRef, RasterRef], tmp_path: Path
) -> None:
    samples = labelled(tmp_path / "l.gpkg", three_of_each())
    found = compare(services, dates, samples, tmp_path / "o.tif", change={"false_alarms": 5.0})
    assert found.facts["threshold_method"] == "false alarms"
    assert 0 < found.facts["threshold"] < 1


def test_labels_that_cannot_teach_are_refused_in_a_sentence(
    services: Services, dates: tuple[RasterRef, RasterRef], raster: Write, tmp_path: Path
) -> None:
    labels = three_of_each()

    def refused(named: dict[object, list[tuple[int, int]]], match: str, pair: tuple = dates) -> str:
        samples = labelled(tmp_path / "l.gpkg", named)
        with pytest.raises(UnsupportedInput, match=match) as caught:
            compare(services, pair, samples, tmp_path / "o.tif")
        assert not list(tmp_path.glob("*o.tif*"))
        return caught.value.hint

    refused({"unchanged": labels["unchanged"]}, "only the class 'unchanged'")
    hint = refused({"felled": labels["felled"], "flooded": labels["flooded"]}, "says that nothing changed")
    assert "unchanged" in hint
    refused({"unchanged": [(5000, 5000)], "felled": [(5000, 5001)]}, "lies on the raster")
    with rasterio.open(dates[1].path) as source:
        hidden = source.read()
    hidden[:, :, :80] = 0
    dark = raster("dark.tif", hidden, names=NAMES, nodata=0)
    refused(labels, "All labels of felled lie where one of the dates has no data", (dates[0], dark))
