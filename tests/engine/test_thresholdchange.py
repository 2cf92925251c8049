"""Another threshold for a magnitude that is there gives what the comparison itself would have given."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio

from geofm.inference.catalog import default_catalog
from geofm.inference.change_options import ChangeOptions
from geofm.inference.engine.base import Context
from geofm.inference.engine.changes.told import TAG, Told
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import Extent, Job, RasterRef, Result, Task
from geofm.inference.magnitudes import TAG as MAGNITUDES
from geofm.inference.magnitudes import Magnitudes
from geofm.inference.places import data_home, models_folders

Write = Callable[..., RasterRef]
QUIET = Context(lambda *told: None, lambda: None)
NAMES = ("LE70220491999322EDC01_stack.gtif", "LE70220492002106EDC00_stack.gtif")


@pytest.fixture(scope="module")
def services() -> Services:
    store = Store(data_home(), models_folders(), offline=True)
    return Services.create(default_catalog(), store, choose_device("cpu"))


def named(folder: Path) -> dict[str, str]:
    folder.mkdir()
    return {"polygons": str(folder / "places.gpkg"), "table": str(folder / "areas.csv")}


def contents(result: Result) -> dict[str, bytes]:
    return {name: Path(result.outputs[name]).read_bytes() for name in ("MASK", "POLYGONS", "TABLE")}


@pytest.fixture
def landsat(samples: Path) -> Job:
    before, after = (RasterRef(str(samples / "landsat7-two-dates" / name)) for name in NAMES)
    # Neither corner on a lattice of anything.
    with rasterio.open(before.path) as source:
        left, bottom = source.bounds.left, source.bounds.bottom
    extent = Extent(left + 333, bottom + 777, left + 6333, bottom + 6777, "EPSG:32615")
    options = ChangeOptions(normalise=False, align="off", clouds="bands")
    fields = {"model": "spectral-texture", "change": options, "extent": extent}
    return Job(Task.CHANGE, (before,), "m.tif", after=(after,), **fields)


@pytest.fixture
def made(services: Services, landsat: Job, tmp_path: Path) -> Callable[..., Result]:
    def run(folder: str, **fields: object) -> Result:
        paths = named(tmp_path / folder)
        out = str(tmp_path / folder / "magnitude.tif")
        mask = str(tmp_path / folder / "mask.tif")
        job = dataclasses.replace(landsat, output=out, mask=mask, **{**paths, **fields})
        return run_job(job, services, QUIET)

    return run


@pytest.fixture
def again(services: Services, tmp_path: Path) -> Callable[..., Result]:
    def run(magnitude: str, folder: str, **fields: object) -> Result:
        paths = named(tmp_path / folder)
        out = str(tmp_path / folder / "mask.tif")
        job = Job(Task.THRESHOLD, (RasterRef(magnitude),), out, **paths, **fields)
        return run_job(job, services, QUIET)

    return run


@pytest.mark.parametrize(
    "asked",
    [{"threshold": 2.0}, {"threshold": 2.5, "min_area": 5000.0, "simplify": 1.5}],
    ids=["plain", "smooth"],
)
def test_it_is_the_same_bytes_as_at_once(
    made: Callable[..., Result], again: Callable[..., Result], asked: dict[str, float]
) -> None:
    automatic = made("automatic")
    at_once = made("at-once", **asked)
    assert at_once.facts["threshold"] != automatic.facts["threshold"]
    later = again(automatic.outputs["OUTPUT"], "later", **asked)
    # GeoPackages name their layer after the file, and all of these files have one name.
    assert contents(later) == contents(at_once)
    assert contents(later) != contents(automatic)
    own = ("changed_m2", "unchanged_m2", "polygons", "threshold", "threshold_method", "dates")
    assert {name: later.facts[name] for name in own} == {name: at_once.facts[name] for name in own}
    assert later.classes == at_once.classes
    assert later.model == "spectral-texture"


@pytest.mark.parametrize("method", ["distance", "difference", "irmad"])
def test_false_alarms_set_the_threshold_that_the_run_itself_would_have_set(
    made: Callable[..., Result], again: Callable[..., Result], landsat: Job, method: str
) -> None:
    """Also where that run had been given a threshold."""
    options = dataclasses.replace(landsat.change, method=method)
    fields = {"model": landsat.model if method == "distance" else "", "min_area": 5000.0}
    given = made("given", change=options, threshold=1.2, **fields)
    at_once = made("at-once", change=dataclasses.replace(options, false_alarms=2.0), **fields)
    asked = {"change": ChangeOptions(false_alarms=2.0), "min_area": 5000.0}
    later = again(given.outputs["OUTPUT"], "later", **asked)
    assert contents(later) == contents(at_once)
    assert contents(later) != contents(given)
    assert later.facts["threshold_method"] == "false alarms"
    assert later.facts["threshold"] == at_once.facts["threshold"] != given.facts["threshold"]
    with rasterio.open(given.outputs["OUTPUT"]) as magnitude:
        offered = dict(Magnitudes.from_text(magnitude.tags()[MAGNITUDES]).alarms)
    assert offered[2.0] == pytest.approx(at_once.facts["threshold"], rel=1e-3)
    assert sorted(offered.values(), reverse=True) == [offered[rate] for rate in sorted(offered)]


def test_a_part_of_a_large_raster_is_cut_as_it_was(
    services: Services, again: Callable[..., Result], raster: Write, tmp_path: Path
) -> None:
    """The run's blocks lie on the raster's lattice, those of its file on another."""
    rng = np.random.default_rng(0)
    days = rng.integers(100, 3000, (2, 1, 600, 1500)).astype(np.uint16)
    days[:, :, :, 800:1330] = 0
    before, after = (raster(f"{i}.tif", day, nodata=0, names=("B04",)) for i, day in enumerate(days))
    options = ChangeOptions("difference", normalise=False, align="off", clouds="off")
    extent = Extent(600000 + 3000, 5000000 - 6000, 600000 + 15000, 5000000, "EPSG:32633")
    made = []
    for folder, threshold in (("first", 1.0), ("at-once", 2.0)):
        out, mask = (str(tmp_path / f"{folder}-{name}.tif") for name in ("magnitude", "mask"))
        fields = {"mask": mask, "threshold": threshold, **named(tmp_path / folder)}
        job = Job(Task.CHANGE, (before,), out, after=(after,), change=options, extent=extent, **fields)
        made.append(run_job(job, services, QUIET))
    later = again(made[0].outputs["OUTPUT"], "later", threshold=2.0)
    assert contents(later) == contents(made[1])


def test_no_image_is_needed(
    made: Callable[..., Result], again: Callable[..., Result], services: Services, tmp_path: Path
) -> None:
    """Neither the images nor the model: the magnitude may have travelled."""
    automatic = made("automatic")
    travelled = tmp_path / "elsewhere.tif"
    travelled.write_bytes(Path(automatic.outputs["OUTPUT"]).read_bytes())
    found = again(str(travelled), "later", threshold=automatic.facts["threshold"])
    assert found.facts["changed_m2"] == automatic.facts["changed_m2"]
    assert found.facts["masked_percent"]["after"]["cloud"] > 5
    meta, _, _, columns = pyogrio.raw.read(found.outputs["POLYGONS"])
    table = dict(zip(meta["fields"], columns, strict=True))
    assert set(table["date_before"]) == {"1999-11-18"}
    assert set(table["date_after"]) == {"2002-04-16"}


def test_other_rasters_are_refused_unless_they_can_be_a_magnitude(
    again: Callable[..., Result], raster: Write
) -> None:
    picture = raster("picture.tif", np.ones((3, 20, 20), np.uint8))
    with pytest.raises(UnsupportedInput, match="no magnitude of change: it has 3 bands of uint8") as caught:
        again(picture.path, "a", threshold=1.0)
    assert "Detect change" in caught.value.hint
    with pytest.raises(UnsupportedInput, match="cannot be opened as a raster"):
        again("nowhere.tif", "b", threshold=1.0)
    values = np.zeros((20, 20), np.float32)
    values[5:10, 5:12] = 7
    values[:2] = -1
    foreign = raster("foreign.tif", values, nodata=-1)
    with pytest.raises(UnsupportedInput, match="nothing is known of its making") as caught:
        again(foreign.path, "d", change=ChangeOptions(false_alarms=1.0))
    assert caught.value.hint == "Give a threshold instead."
    found = again(foreign.path, "c", threshold=3.0)
    assert found.facts["changed_m2"] == 35 * 100.0
    assert found.facts["not_compared_m2"] == 40 * 100.0
    assert found.facts["polygons"] == 1
    with rasterio.open(found.outputs["MASK"]) as source:
        mask = source.read(1)
    assert np.array_equal(mask == 1, values == 7)
    assert np.array_equal(mask == 255, values == -1)


def test_magnitudes_that_do_not_tell_false_alarms_are_refused(
    again: Callable[..., Result], raster: Write
) -> None:
    magnitude = raster("m.tif", np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20))
    with rasterio.open(magnitude.path, "r+") as target:
        target.update_tags(**{TAG: Told("taught").to_text()})
    with pytest.raises(UnsupportedInput, match="that is not in magnitudes of the method taught"):
        again(magnitude.path, "a", change=ChangeOptions(false_alarms=1.0))


def test_it_asks_for_one_thing_that_sets_the_threshold_and_one_raster() -> None:
    ref, alarms = RasterRef("m.tif"), ChangeOptions(false_alarms=1.0)
    for fields in (
        {},
        {"threshold": 1.0, "extent": Extent(0, 0, 1, 1, "EPSG:4326")},
        {"threshold": 1.0, "change": alarms},
    ):
        with pytest.raises(InvalidRequest, match="either a threshold or a share of false alarms, and one"):
            Job(Task.THRESHOLD, (ref,), "o.tif", **fields)
    with pytest.raises(InvalidRequest, match="either a threshold or a share of false alarms, and one"):
        Job(Task.THRESHOLD, (ref, RasterRef("n.tif")), "o.tif", threshold=1.0)
    with pytest.raises(InvalidRequest, match="takes false_alarms alone"):
        Job(Task.THRESHOLD, (ref,), "o.tif", change=ChangeOptions("irmad", false_alarms=1.0))
