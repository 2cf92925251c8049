"""Whole runs on unusual grids: the result lies on the very grid of what was read."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from geofm.inference.engine.weights.store import Store
from geofm.inference.jobs import Job, RasterRef, Result, SampleRef, Task
from geofm.inference.places import data_home, models_folders

Write = Callable[..., RasterRef]
MERCATOR = "+proj=merc +lon_0=9 +R=6371000 +units=m"
GRIDS = {
    "oblong": ("EPSG:32633", Affine(20, 0, 600000, 0, -5, 5000000)),
    "south up": ("EPSG:32633", Affine(10, 0, 600000, 0, 10, 5000000)),
    "rotated": (
        "EPSG:32633",
        Affine.translation(600000, 5000000) @ Affine.rotation(25) @ Affine.scale(10, -10),
    ),
    "degrees": ("EPSG:4326", Affine(2e-4, 0, 10, 0, -1e-4, 62)),
    "no code": (MERCATOR, Affine(10, 0, -8000, 0, -10, 6_300_000)),
    "none": (None, Affine(1, 0, 0, 0, 1, 0)),
}


@pytest.fixture(scope="module")
def run() -> Callable[[Job], Result]:
    services = Services.create(
        default_catalog(), Store(data_home(), models_folders(), offline=True), choose_device("cpu")
    )
    quiet = Context(lambda stage, done, total, message: None, lambda: None)
    return lambda job: run_job(job, services, quiet)


def patches(rows: int = 60, cols: int = 70) -> np.ndarray:
    """Two kinds of ground, three bands; the border runs askew."""
    row, col = np.mgrid[0:rows, 0:cols]
    kinds = (col + row // 2 > cols * 0.6).astype(int)
    noise = np.random.default_rng(3).normal(0, 20, (3, rows, cols))
    spectra = np.array([[400, 900], [600, 300], [500, 2500]])
    return (spectra[:, kinds] + noise).clip(1).astype("uint16")


@pytest.mark.parametrize("kind", GRIDS)
def test_a_map_has_the_grid_of_its_raster(
    raster: Write, run: Callable[[Job], Result], tmp_path: Path, kind: str
) -> None:
    crs, transform = GRIDS[kind]
    pixels = patches()
    ref = raster("scene.tif", pixels, crs=crs, transform=transform, nodata=0)
    out = tmp_path / "map.tif"
    run(Job(Task.CLUSTER, (ref,), str(out), model="spectral-texture", classes=2))
    with rasterio.open(ref.path) as before, rasterio.open(out) as after:
        assert (after.width, after.height) == (before.width, before.height)
        assert after.transform.almost_equals(before.transform, 1e-12)
        assert after.crs == before.crs
        labels = after.read(1)
    bright = pixels[2] > 1500
    agree = (labels[bright, None] == np.bincount(labels[bright]).argmax()).mean()
    assert agree > 0.95
    assert np.bincount(labels[bright]).argmax() != np.bincount(labels[~bright]).argmax()


def test_a_classifier_on_numbers_of_another_size_says_so(
    raster: Write, run: Callable[[Job], Result], tmp_path: Path
) -> None:
    pixels = patches()
    ref = raster("scene.tif", pixels)
    taught = str(tmp_path / "taught.geofm")
    points = SampleRef(str(labelled(tmp_path, pixels[2] > 1500)), field="kind")
    run(Job(Task.TRAIN, (ref,), taught, model="spectral-texture", samples=points, method="fast"))
    other = raster("other.tif", pixels.astype("float32") * 1e4)
    for scene, told in ((ref, 0), (other, 1)):
        answer = run(Job(Task.CLASSIFY, (scene,), str(tmp_path / f"{told}.tif"), classifier=taught))
        assert sum("not of the size" in text for text in answer.warnings) == told


def labelled(folder: Path, bright: np.ndarray) -> Path:
    """Ten points of each kind, as GeoJSON in the scene's coordinates."""
    features = []
    for name, where in (("bright", bright), ("dark", ~bright)):
        for row, col in np.argwhere(where)[:: where.sum() // 10][:10].tolist():
            place = {"type": "Point", "coordinates": [600000 + col * 10 + 5, 5000000 - row * 10 - 5]}
            features.append({"type": "Feature", "properties": {"kind": name}, "geometry": place})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    path = folder / "samples.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path
