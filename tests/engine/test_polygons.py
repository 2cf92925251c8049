"""Polygons: area conserved to the pixel, valid shapes, mean confidence, equal bytes."""

from __future__ import annotations

import resource
import sqlite3
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

from geofm.inference.engine.base import Context
from geofm.inference.engine.grid import Grid
from geofm.inference.engine.polygons import AreaFields, areas, geopackage, polygonize, simplify
from geofm.inference.engine.polygons.sieve import Sieve
from geofm.inference.engine.results.outputs import RasterWriter
from geofm.inference.errors import Cancelled, InvalidRequest, UnsupportedInput
from geofm.inference.jobs import ClassInfo

CLASSES = (ClassInfo(1, "forest", "#1b7837"), ClassInfo(3, "urban", "#d73027"))
QUIET = Context(lambda *_: None, lambda: None)
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
    given = {"classes": classes, "provenance": {"GEOFM_JOB": '{"é": 1}'}, "context": QUIET, **options}
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
    means = AreaFields({"confidence": confidence, "magnitude": magnitude})
    _, fields, _ = run(tmp_path, grid, pixels, fields=means)
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


def features(path: Path) -> list[tuple[Any, ...]]:
    """Geometry and attributes, in the file's order."""
    _, _, geometry, data = pyogrio.raw.read(path)
    return list(zip(geometry, *(column.tolist() for column in data), strict=True))


@pytest.mark.parametrize("options", [{}, {"min_area": 3600.0}, {"simplify": 1.5}])
def test_strips_of_any_height_give_the_same_polygons(tmp_path: Path, options: dict[str, float]) -> None:
    grid, pixels = grid_named("degrees"), noise(smooth=0.8)
    percent = (np.arange(pixels.size) % 101).astype("uint8").reshape(pixels.shape)
    sure = raster(tmp_path / "sure.tif", grid, percent, 255)
    run(tmp_path, grid, pixels, fields=AreaFields({"confidence": sure}), strip_rows=90, **options)
    whole = features(tmp_path / "areas.gpkg")
    assert len(whole) > 100
    for rows in (1, 7, 32):
        run(tmp_path, grid, pixels, fields=AreaFields({"confidence": sure}), strip_rows=rows, **options)
        assert features(tmp_path / "areas.gpkg") == whole


def test_a_least_area_keeps_the_ground_and_the_mean_of_what_it_merges(tmp_path: Path) -> None:
    grid = grid_named("utm")
    pixels = np.ones((90, 140), np.uint8)
    pixels[40:42, 50:52] = 3  # four pixels, 3600 square metres
    pixels[:, 100:] = 3
    sure = np.full(pixels.shape, 90, np.uint8)
    sure[40:42, 50:52] = 50
    options = {"fields": AreaFields({"confidence": raster(tmp_path / "sure.tif", grid, sure, 255)})}
    _, fields, _ = run(tmp_path, grid, pixels, min_area=3600.0, **options)
    assert fields["area_m2"].tolist() == [3600.0, 900.0 * (9000 - 4), 900.0 * 3600]
    totals, fields, shapes = run(tmp_path, grid, pixels, min_area=3601.0, **options)
    assert fields["area_m2"].tolist() == [900.0 * 9000, 900.0 * 3600]
    assert fields["confidence"].tolist() == [round((90 * 8996 + 50 * 4) / 9000, 4), 90.0]
    assert totals == {"forest": 900.0 * 9000, "urban": 900.0 * 3600}
    assert shapely.get_num_interior_rings(shapes).tolist() == [0, 0]


def test_a_small_changed_spot_becomes_background_and_a_small_gap_is_filled(tmp_path: Path) -> None:
    pixels = np.full((90, 140), 3, np.uint8)
    pixels[10:30, 10:30] = 1
    pixels[20, 20] = 3
    pixels[60, 60] = 1
    totals, fields, _ = run(tmp_path, grid_named("utm"), pixels, background=3, min_area=5 * 900.0)
    assert fields["area_m2"].tolist() == [400 * 900.0]
    assert totals == {"forest": 400 * 900.0}


def test_a_small_area_in_nothing_stays(tmp_path: Path) -> None:
    pixels = np.zeros((90, 140), np.uint8)
    pixels[10, 10] = 1
    _, fields, _ = run(tmp_path, grid_named("utm"), pixels, min_area=1e9)
    assert fields["area_m2"].tolist() == [900.0]


@pytest.mark.parametrize("tolerance", [1.0, 3.0, 30.0])
def test_simpler_borders_stay_common(tmp_path: Path, tolerance: float) -> None:
    grid, pixels = grid_named("utm"), noise(smooth=1.5) + 1
    classes = [ClassInfo(value, str(value), "#000000") for value in (1, 2, 4)]
    _, plain, steps = run(tmp_path, grid, pixels, classes=classes)
    _, fields, shapes = run(tmp_path, grid, pixels, classes=classes, simplify=tolerance)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(pixels.size * 900)
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(pixels.size * 900)
    assert shapely.union_all(shapes).normalize().equals(shapely.box(*shapely.total_bounds(steps)))
    assert fields["area_m2"].tolist() == plain["area_m2"].tolist()
    assert shapely.get_num_coordinates(shapes).sum() < 0.8 * shapely.get_num_coordinates(steps).sum()


def test_progress_is_told_and_a_cancel_leaves_nothing(tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []

    def check() -> None:
        if len(done) > 5:
            raise Cancelled("enough")

    context = Context(lambda stage, now, total, _: done.append((now, total)), lambda: None)
    run(tmp_path, grid_named("utm"), noise(), context=context, strip_rows=10, min_area=1.0)
    assert done == [(10 * (n + 1), 180) for n in range(18)]
    (tmp_path / "areas.gpkg").unlink()
    done.clear()
    context = Context(context.progress, check)
    with pytest.raises(Cancelled):
        run(tmp_path, grid_named("utm"), noise(), context=context, strip_rows=10)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.tif", "map.tif.aux.xml"]


def test_a_cancel_is_looked_for_while_a_huge_area_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two combs whose teeth reach into each other's gaps: two areas of a quarter of a million edges."""
    side = 1024
    row, col = np.arange(side)[:, None] % 4, np.arange(side) % 2
    pixels = np.where((row == 0) | ((row == 1) & (col == 0)), 1, 3).astype(np.uint8)
    pixels[:, 0], pixels[:, -1] = 1, 3
    asked, during = [], []

    def watched(traced: Any, count: int) -> Any:
        began = len(asked)
        rings = work(traced, count)
        during.append((len(traced.id), len(asked) - began))
        return rings

    work = areas.rings_of
    monkeypatch.setattr(areas, "rings_of", watched)
    context = Context(lambda *_: None, lambda: asked.append(None))
    _, _, shapes = run(tmp_path, grid_named("utm", side, side), pixels, context=context)
    assert len(shapes) == 2
    edges, looks = max(during)
    assert edges > 500_000
    assert looks > 0


@pytest.mark.parametrize(
    ("owner", "step", "options"),
    [
        (areas, "rings_of", {}),
        (geopackage, "_well_known", {}),
        (pyogrio.raw, "write", {}),
        (Sieve, "_take", {"min_area": 1e4}),
        (simplify, "_simpler", {"simplify": 1.0}),
    ],
)
def test_a_cancel_waits_for_no_long_step_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, step: str, options: dict[str, float]
) -> None:
    began: list[float] = []

    def slow(*args: Any, **given: Any) -> Any:
        began.append(time.monotonic())
        time.sleep(1.5)
        return work(*args, **given)

    def check() -> None:
        if began:
            raise Cancelled("enough")

    work = getattr(owner, step)
    grid = grid_named("utm")
    source = raster(tmp_path / "map.tif", grid, noise(), 0)
    out = tmp_path / "areas.gpkg"
    given = {"classes": CLASSES, "provenance": {}, **options}
    monkeypatch.setattr(owner, step, slow)
    with pytest.raises(Cancelled):
        polygonize(source, out, grid, context=Context(lambda *_: None, check), **given)
    assert time.monotonic() - began[0] < 1
    monkeypatch.undo()
    # The next run waits for what may still be written, and nothing of the first is left.
    polygonize(source, out, grid, context=QUIET, **given)
    assert pyogrio.read_info(out)["features"] > 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["areas.gpkg", "map.tif"]


def test_the_spatial_index_finds_what_a_search_through_all_finds(tmp_path: Path) -> None:
    grid = grid_named("degrees", 500, 400)
    _, _, shapes = run(tmp_path, grid, noise(400, 500), strip_rows=30)
    path = tmp_path / "areas.gpkg"
    rng = np.random.default_rng(3)
    for _ in range(20):
        x, y = rng.uniform(10.0, 10.5), rng.uniform(49.2, 50.0)
        box = (x, y, x + rng.uniform(0, 0.1), y + rng.uniform(0, 0.2))
        found = pyogrio.raw.read(path, bbox=box, return_fids=True)[1]
        wanted = np.flatnonzero(shapely.intersects(shapes, shapely.box(*box))) + 1
        assert sorted(found) == wanted.tolist()
    with sqlite3.connect(path) as database:
        check = database.execute("SELECT rtreecheck('rtree_areas_geom')").fetchone()
        assert check == ("ok",)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT feature_count FROM gpkg_ogr_contents").fetchone() == (len(shapes),)
        boxes = np.array(database.execute("SELECT * FROM rtree_areas_geom ORDER BY id").fetchall())[:, 1:]
        extent = database.execute("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents").fetchone()
    bounds = shapely.bounds(shapes)[:, [0, 2, 1, 3]]
    assert (boxes[:, ::2] <= bounds[:, ::2]).all()
    assert (boxes[:, 1::2] >= bounds[:, 1::2]).all()
    assert boxes == pytest.approx(bounds, rel=1e-6)
    assert extent == tuple(shapely.total_bounds(shapes))


def test_a_disk_that_is_full_is_said_in_a_sentence(tmp_path: Path) -> None:
    grid = grid_named("utm")
    run(tmp_path, grid, noise())
    files = tmp_path / "map.tif", tmp_path / "areas.gpkg"
    before = files[1].read_bytes()
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for share in (0.1, 0.5, 0.95):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(share * len(before)), most[1]))
        try:
            with pytest.raises(UnsupportedInput, match="areas.gpkg could not be written"):
                polygonize(*files, grid, classes=CLASSES, provenance={}, context=QUIET)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, most)
        assert [path.name for path in tmp_path.glob("*.gpkg*")] == ["areas.gpkg"]
        assert files[1].read_bytes() == before


def test_a_polygon_too_large_for_the_format_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geopackage, "_LARGEST", 20_000)
    pixels = np.ones((90, 140), np.uint8)
    pixels[1:-1:2, 1:-1:2] = 0
    with pytest.raises(UnsupportedInput, match="too large") as failed:
        run(tmp_path, grid_named("utm"), pixels)
    assert "MIN_AREA" in failed.value.hint
    assert not list(tmp_path.glob("*.gpkg"))


def test_another_format_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="ending in .gpkg"):
        polygonize(
            tmp_path / "none.tif",
            tmp_path / "a.shp",
            grid_named("utm"),
            classes=CLASSES,
            provenance={},
            context=QUIET,
        )
