"""Whose grid a stack lies on: the first raster's, or that of the finest on the ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.rasters import finest_grid
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import UnsupportedInput
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.places import data_home, models_folders

Write = Callable[..., RasterRef]
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
# All about one place: 45 degrees north, 15 degrees east.
UTM, NEXT_ZONE, MERCATOR, DEGREES = "EPSG:32633", "EPSG:32632", "EPSG:3857", "EPSG:4326"
CORNERS = {
    UTM: (500000, 4983000),
    NEXT_ZONE: (973000, 4993000),
    MERCATOR: (1669792, 5621521),
    DEGREES: (15, 45),
}


@pytest.fixture
def lying(raster: Write) -> Callable[..., RasterRef]:
    """``lying(name, crs, step)`` writes a raster of 40 x 40 such pixels."""

    def write(
        name: str, crs: str, step: float, size: int = 40, names: tuple[str, str] = ("B02", "B03")
    ) -> RasterRef:
        left, top = CORNERS[crs]
        noise = np.random.default_rng(size).normal(500, 60, (2, size, size)).astype("uint16")
        place = Affine(step, 0, left, 0, -step, top)
        return raster(f"{name}.tif", noise, crs=crs, transform=place, names=names)

    return write


def place(grid: object) -> tuple[float, ...]:
    return tuple(grid.transform)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rasters", "finest"),
    [
        ([(UTM, 30), (UTM, 10), (UTM, 20)], 1),
        # Degrees are large, however small the number.
        ([(UTM, 30), (DEGREES, 0.001)], 0),
        ([(UTM, 30), (DEGREES, 0.0001)], 1),
        # At 45 degrees north 10 units of Mercator are 7 m on the ground.
        ([(UTM, 8), (MERCATOR, 10)], 1),
        ([(UTM, 7), (MERCATOR, 10.1)], 0),
        # What a projection does to lengths makes no raster finer: the first of equally fine ones counts.
        ([(UTM, 10), (NEXT_ZONE, 10)], 0),
        ([(NEXT_ZONE, 10), (UTM, 9.95)], 0),
        ([(UTM, 20), (NEXT_ZONE, 10), (UTM, 10)], 1),
    ],
)
def test_the_finest_has_the_smallest_pixels_on_the_ground(
    lying: Callable[..., RasterRef], rasters: Sequence[tuple[str, float]], finest: int
) -> None:
    refs = [lying(str(number), crs, step) for number, (crs, step) in enumerate(rasters)]
    with rasterio.open(refs[finest].path) as wanted:
        assert place(finest_grid(refs)) == pytest.approx(tuple(wanted.transform)[:6])


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    store = Store(data_home(), models_folders(), offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))

    def start(task: Task, grid: str, *inputs: RasterRef, **more: object) -> Path:
        path = tmp_path / f"{grid}.out.tif"
        job = Job(task, inputs, str(path), model="spectral-texture", grid=grid, **more)  # type: ignore[arg-type]
        run_job(job, services, QUIET)
        return path

    return start


def size(path: Path) -> tuple[float, int, int]:
    with rasterio.open(path) as made:
        return made.transform.a, made.width, made.height


def test_a_run_lies_on_the_grid_asked_for(lying: Callable[..., RasterRef], run: Callable[..., Path]) -> None:
    coarse, fine = lying("coarse", UTM, 30.0), lying("fine", UTM, 10.0, 90, ("B04", "B08"))
    assert size(run(Task.CLUSTER, "first", coarse, fine, classes=2)) == (30.0, 40, 40)
    assert size(run(Task.CLUSTER, "finest", coarse, fine, classes=2)) == (10.0, 90, 90)


def test_change_may_lie_on_the_later_dates_grid(
    lying: Callable[..., RasterRef], run: Callable[..., Path]
) -> None:
    coarse, fine = lying("before", UTM, 30.0), lying("after", UTM, 10.0, 90)
    assert size(run(Task.CHANGE, "first", coarse, after=(fine,))) == (30.0, 40, 40)
    assert size(run(Task.CHANGE, "finest", coarse, after=(fine,))) == (10.0, 90, 90)


def test_rasters_of_other_places_are_refused(
    lying: Callable[..., RasterRef], raster: Write, run: Callable[..., Path]
) -> None:
    elsewhere = raster("elsewhere.tif", np.ones((2, 30, 30), "uint16"), crs="EPSG:32733")
    with pytest.raises(UnsupportedInput, match="coarse.tif does not overlap the raster whose grid is used"):
        run(Task.CLUSTER, "finest", lying("coarse", UTM, 30.0), elsewhere, classes=2)
