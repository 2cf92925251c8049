"""Polygons: area conserved to the pixel, valid shapes, mean confidence, equal bytes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from rasterio.crs import CRS
from scipy import ndimage

from geofm.inference.engine.grid import Grid
from geofm.inference.engine.outputs import RasterWriter
from geofm.inference.engine.polygons import polygonize
from geofm.inference.errors import InvalidRequest
from geofm.inference.jobs import ClassInfo

CLASSES = (ClassInfo(1, "forest", "#1b7837"), ClassInfo(3, "urban", "#d73027"))
GRIDS = {
    "utm": ("EPSG:32615", (30.0, 0.0, 462405.0, 0.0, -30.0, 1741815.0)),
    "degrees": ("EPSG:4326", (1e-3, 0.0, 10.0, 0.0, -2e-3, 50.0)),
    "mercator": ("EPSG:3857", (20.0, 0.0, 0.0, 0.0, -20.0, 8e6)),
    "custom, rotated": (
        "+proj=laea +lat_0=47.3 +lon_0=8.1 +x_0=3 +ellps=WGS84",
        (7.0, 7.0, 0.0, 7.0, -7.0, 0.0),
    ),
    "no crs, south-up": ("", (10.0, 0.0, 0.0, 0.0, 10.0, 0.0)),
}


def grid_named(name: str, width: int = 140, height: int = 90) -> Grid:
    crs, transform = GRIDS[name]
    return Grid(width, height, transform, CRS.from_user_input(crs).to_wkt() if crs else "")


def noise(height: int = 90, width: int = 140, smooth: float = 0.0) -> np.ndarray:
    field = np.random.default_rng(0).random((height, width))
    field = ndimage.gaussian_filter(field, smooth) if smooth else field
    return np.array([0, 1, 3], np.uint8)[np.digitize(field, np.quantile(field, [0.3, 0.7]))]


def raster(path: Path, grid: Grid, pixels: np.ndarray, nodata: float, **options: Any) -> Path:
    with RasterWriter(
        path, grid, bands=1, dtype=pixels.dtype.name, nodata=nodata, provenance={}, **options
    ) as target:
        target.write(grid.window, pixels[None])
    return path


def run(
    folder: Path,
    grid: Grid,
    pixels: np.ndarray,
    name: str = "areas",
    classes: Sequence[ClassInfo] = CLASSES,
    **options: Any,
) -> tuple[dict[str, float], dict[str, Any], np.ndarray]:
    """Polygonize; answer the totals, the attributes by field and the shapes."""
    source = raster(folder / "map.tif", grid, pixels, 0, classes=classes)
    out = folder / f"{name}.gpkg"
    given = {"classes": classes, "provenance": {"GEOFM_JOB": '{"é": 1}'}, **options}
    totals = polygonize(source, out, grid, **given)
    meta, _, geometry, data = pyogrio.raw.read(out)
    fields = dict(zip(meta["fields"], data, strict=True))
    fields["crs"] = meta["crs"]
    return totals, fields, shapely.from_wkb(geometry)


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("smooth", [0.0, 2.0])
def test_area_is_conserved_and_every_shape_is_valid(tmp_path: Path, name: str, smooth: float) -> None:
    grid, pixels = grid_named(name), noise(smooth=smooth)
    totals, fields, shapes = run(tmp_path, grid, pixels)
    rows = grid.row_areas(0, grid.height)[:, None]
    for info in CLASSES:
        assert totals[info.name] == pytest.approx(float(((pixels == info.value) * rows).sum()), rel=1e-12)
        assert fields["area_m2"][fields["class"] == info.value].sum() == pytest.approx(totals[info.name])
    a, b, _, d, e, _ = grid.transform
    assert shapely.area(shapes).sum() / abs(a * e - b * d) == pytest.approx((pixels > 0).sum(), abs=1e-3)
    assert shapely.is_valid(shapes).all()
    assert len(shapes) == sum(ndimage.label(pixels == info.value)[1] for info in CLASSES)
    assert set(fields["name"]) == {"forest", "urban"}


def test_shapes_lie_where_their_pixels_are(tmp_path: Path) -> None:
    grid = grid_named("custom, rotated")
    pixels = np.zeros((90, 140), np.uint8)
    pixels[10:20, 30:50] = 3
    _, fields, shapes = run(tmp_path, grid, pixels)
    assert fields["class"].tolist() == [3]
    centre = shapely.centroid(shapes[0])
    assert (centre.x, centre.y) == pytest.approx(grid.to_map(40, 15))
    assert CRS.from_user_input(fields["crs"]) == CRS.from_wkt(grid.crs)


def test_mean_confidence_is_that_of_the_pixels(tmp_path: Path) -> None:
    grid, pixels = grid_named("utm", 140, 1100), noise(1100, 140)
    rng = np.random.default_rng(1)
    sure = rng.integers(0, 101, pixels.shape).astype("uint8")
    sure[rng.random(pixels.shape) < 0.2] = 255
    heat = rng.normal(0, 5, pixels.shape).astype("float32")
    confidence = raster(tmp_path / "sure.tif", grid, sure, 255)
    magnitude = raster(tmp_path / "heat.tif", grid, heat, -9999)
    _, fields, _ = run(tmp_path, grid, pixels, confidence=confidence, extra={"magnitude": magnitude})
    wanted, warm = [], []
    for info in CLASSES:
        labels, count = ndimage.label(pixels == info.value)
        known = sure != 255
        sums = ndimage.sum(sure * known.astype(float), labels, range(1, count + 1))
        numbers = ndimage.sum(known, labels, range(1, count + 1))
        wanted += list(np.where(numbers > 0, sums / np.maximum(numbers, 1), np.nan))
        warm += list(ndimage.mean(heat.astype(float), labels, range(1, count + 1)))
    assert np.isnan(wanted).any()
    assert np.allclose(np.sort(fields["confidence"]), np.sort(wanted), atol=1e-4, equal_nan=True)
    assert np.allclose(np.sort(fields["magnitude"]), np.sort(warm), atol=1e-4)


def test_a_checkerboard_is_cut_at_its_corners(tmp_path: Path) -> None:
    pixels = (np.indices((90, 140)).sum(axis=0) % 2 * 2 + 1).astype("uint8")
    totals, _, shapes = run(tmp_path, grid_named("utm"), pixels)
    assert len(shapes) == 90 * 140
    assert totals == {"forest": 900.0 * 6300, "urban": 900.0 * 6300}


def test_a_ring_that_touches_itself_is_valid(tmp_path: Path) -> None:
    pixels = np.zeros((90, 140), np.uint8)
    pixels[10:14, 10:14] = 1
    pixels[11, 11] = pixels[12, 12] = 0  # two holes that meet in a corner
    pixels[10, 10] = 0
    _, _, shapes = run(tmp_path, grid_named("utm"), pixels)
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapes).sum() == 13 * 900


def test_nodata_and_background_are_left_out(tmp_path: Path) -> None:
    totals, fields, _ = run(tmp_path, grid_named("utm"), noise(), background=1)
    assert set(fields["class"]) == {3}
    assert list(totals) == ["urban"]


def test_a_raster_without_classes_gives_an_empty_layer(tmp_path: Path) -> None:
    totals, fields, shapes = run(tmp_path, grid_named("utm"), np.zeros((90, 140), np.uint8))
    assert totals == {"forest": 0.0, "urban": 0.0}
    assert len(shapes) == 0
    assert {"class", "name", "area_m2"} <= set(fields)


def test_the_layer_bears_the_files_name_and_remembers_the_job(tmp_path: Path) -> None:
    run(tmp_path, grid_named("utm"), noise(smooth=3), name="land cover ü")
    path = tmp_path / "land cover ü.gpkg"
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["land cover ü"]
    assert pyogrio.read_info(path)["layer_metadata"]["GEOFM_JOB"] == '{"é": 1}'
    assert sorted(p.name for p in tmp_path.iterdir()) == ["land cover ü.gpkg", "map.tif", "map.tif.aux.xml"]


def test_the_same_raster_gives_the_same_bytes_at_another_time(tmp_path: Path) -> None:
    grid, pixels = grid_named("utm"), noise(smooth=1)
    found = []
    for _ in range(2):
        run(tmp_path, grid, pixels)
        found.append((tmp_path / "areas.gpkg").read_bytes())
        time.sleep(1.1)
    assert found[0] == found[1]


def test_another_format_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="ending in .gpkg"):
        polygonize(
            tmp_path / "none.tif", tmp_path / "a.shp", grid_named("utm"), classes=CLASSES, provenance={}
        )
