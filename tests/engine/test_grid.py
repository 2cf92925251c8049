"""Grid arithmetic: every pixel in exactly one block, extents on the right pixels, true areas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio import warp
from rasterio.crs import CRS

from geofm.inference.engine.grid import Grid, Window, blocks, lattice
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import Extent

UTM = CRS.from_epsg(32633).to_wkt()
LONLAT = CRS.from_epsg(4326).to_wkt()
# Area of the WGS 84 ellipsoid: 4 pi R² with the authalic radius of Snyder's table 1.
ELLIPSOID_AREA = 510_065_621.724e6

windows = st.builds(
    Window, st.integers(-99, 99), st.integers(-99, 99), st.integers(1, 70), st.integers(1, 70)
)


def north_up(width: int = 1000, height: int = 800) -> Grid:
    return Grid(width, height, (10.0, 0.0, 600000.0, 0.0, -10.0, 5000000.0), UTM)


def turned(degrees: float) -> Grid:
    cos, sin = 10 * math.cos(math.radians(degrees)), 10 * math.sin(math.radians(degrees))
    return Grid(1000, 800, (cos, sin, 600000.0, sin, -cos, 5000000.0), UTM)


@given(windows, st.integers(1, 90))
def test_blocks_cover_every_pixel_once_and_nothing_else(window: Window, size: int) -> None:
    counts = np.zeros((window.height, window.width), int)
    for block in blocks(window, size):
        assert not block.is_empty
        assert block.intersect(window) == block
        moved = Window(block.col - window.col, block.row - window.row, block.width, block.height)
        counts[moved.rows, moved.cols] += 1
    assert (counts == 1).all()


@given(windows, windows, st.integers(1, 90))
def test_blocks_of_a_part_are_the_blocks_of_the_whole(one: Window, other: Window, size: int) -> None:
    part = one.intersect(other)
    if part is None:
        return
    cut = {block.intersect(part) for block in blocks(one, size)} - {None}
    assert set(blocks(part, size)) == cut


@given(windows, windows)
def test_joined_windows_are_covered_and_no_more(one: Window, other: Window) -> None:
    both = one.joined(other)
    assert both.intersect(one) == one
    assert both.intersect(other) == other
    assert {both.col, both.right} <= {one.col, one.right, other.col, other.right}
    assert {both.row, both.bottom} <= {one.row, one.bottom, other.row, other.bottom}


@given(windows, st.integers(1, 90))
def test_the_lattice_is_fixed_and_just_touches(window: Window, size: int) -> None:
    cells = list(lattice(window, size))
    assert all((c.width, c.height) == (size, size) for c in cells)
    assert all(c.col % size == 0 and c.row % size == 0 for c in cells)
    assert all(c.intersect(window) for c in cells)
    assert len(set(cells)) == len(cells)
    assert sum(c.intersect(window).width * c.intersect(window).height for c in cells) == (
        window.width * window.height
    )


@given(windows, windows)
def test_intersection_is_what_both_cover(one: Window, other: Window) -> None:
    both = {(c, r) for c in range(one.col, one.right) for r in range(one.row, one.row + 1)}
    both &= {(c, r) for c in range(other.col, other.right) for r in range(other.row, other.bottom)}
    found = one.intersect(other)
    first_row = (
        set()
        if found is None or found.row != one.row
        else {(c, one.row) for c in range(found.col, found.right)}
    )
    assert first_row == both
    assert found == other.intersect(one)


def test_an_empty_window_has_no_blocks() -> None:
    assert list(blocks(Window(5, 5, 0, 10), 64)) == []
    assert list(lattice(Window(5, 5, 10, 0), 64)) == []


def test_expand_may_leave_the_grid() -> None:
    assert Window(0, 2, 4, 4).expand(3) == Window(-3, -1, 10, 10)


@given(
    st.floats(-200, 1100),
    st.floats(-200, 900),
    st.floats(0.01, 900),
    st.floats(0.01, 900),
    st.sampled_from([0, 30, 180]),
)
def test_an_extent_covers_the_pixels_whose_centres_it_holds(
    col: float, row: float, wide: float, high: float, angle: float
) -> None:
    grid = turned(angle)
    x0, y0 = grid.to_map(col, row)
    extent = Extent(x0, y0, x0 + 10 * wide, y0 + 10 * high, UTM)
    cols, rows = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5)
    a, b, c, d, e, f = grid.transform
    xs, ys = a * cols + b * rows + c, d * cols + e * rows + f
    inside = (xs > extent.xmin) & (xs < extent.xmax) & (ys > extent.ymin) & (ys < extent.ymax)
    try:
        found = grid.window_of(extent)
    except UnsupportedInput:
        assert not inside.any()
        return
    assert found.intersect(grid.window) == found
    inside[found.rows, found.cols] = False
    assert not inside.any()


def test_an_extent_along_pixel_edges_gains_no_pixel() -> None:
    grid = north_up()
    extent = Extent(600100.0 - 1e-7, 4999000.0, 600300.0 + 1e-7, 4999900.0, UTM)
    assert grid.window_of(extent) == Window(10, 10, 20, 90)


def test_an_extent_between_edges_snaps_outward() -> None:
    extent = Extent(600101.0, 4999001.0, 600299.0, 4999899.0, UTM)
    assert north_up().window_of(extent) == Window(10, 10, 20, 90)


def test_one_percent_of_the_raster_costs_one_percent() -> None:
    found = north_up().window_of(Extent(602000.0, 4996000.0, 603000.0, 4996800.0, UTM))
    assert found.width * found.height == 1000 * 800 // 100


def test_an_extent_in_another_crs_lands_on_the_same_place() -> None:
    grid = north_up()
    west, south, east, north = warp.transform_bounds(
        CRS.from_epsg(32633), CRS.from_epsg(4326), 602000, 4996000, 603000, 4997000, densify_pts=99
    )
    found = grid.window_of(Extent(west, south, east, north, "EPSG:4326"))
    assert found.intersect(Window(200, 300, 100, 100)) == Window(200, 300, 100, 100)
    assert found.width <= 110
    assert found.height <= 110


@pytest.mark.parametrize("crs", [UTM, CRS.from_string("+proj=laea +lat_0=60 +lon_0=179").to_wkt()])
def test_a_whole_world_extent_is_the_whole_raster(crs: str) -> None:
    grid = Grid(300, 200, (1000.0, 0.0, 400000.0, 0.0, -1000.0, 5000000.0), crs)
    if crs != UTM:  # over the antimeridian
        grid = Grid(300, 200, (1000.0, 0.0, 0.0, 0.0, -1000.0, 0.0), crs)
    assert grid.window_of(Extent(-180.0, -90.0, 180.0, 90.0, "EPSG:4326")) == grid.window


def test_an_extent_elsewhere_is_refused_in_a_sentence() -> None:
    with pytest.raises(UnsupportedInput, match="do not overlap"):
        north_up().window_of(Extent(0.0, 0.0, 1.0, 1.0, "EPSG:4326"))
    with pytest.raises(UnsupportedInput, match="do not overlap"):
        north_up().window_of(Extent(700000.0, 4000000.0, 700100.0, 4000100.0, UTM))


def test_a_bad_extent_is_a_bad_request() -> None:
    with pytest.raises(InvalidRequest, match="empty or inverted"):
        north_up().window_of(Extent(2.0, 0.0, 1.0, 1.0, UTM))
    with pytest.raises(InvalidRequest, match="not understood"):
        north_up().window_of(Extent(0.0, 0.0, 1.0, 1.0, "EPSG:no such"))


def test_a_south_up_grid_counts_rows_from_the_south() -> None:
    grid = Grid(100, 100, (10.0, 0.0, 600000.0, 0.0, 10.0, 5000000.0), UTM)
    assert grid.window_of(Extent(600000.0, 5000000.0, 600100.0, 5000050.0, UTM)) == Window(0, 0, 10, 5)


@given(windows, st.sampled_from([0.0, 30.0, 90.0]))
def test_a_crop_lies_where_it_was_cut(window: Window, angle: float) -> None:
    grid = turned(angle)
    part = grid.crop(window)
    assert (part.width, part.height) == (window.width, window.height)
    assert part.to_map(3, 7) == pytest.approx(grid.to_map(window.col + 3, window.row + 7))


def test_scaled_covers_the_last_pixels_too() -> None:
    coarse = north_up(1001, 799).scaled(4)
    assert (coarse.width, coarse.height) == (251, 200)
    assert coarse.to_map(1, 1) == pytest.approx(north_up().to_map(4, 4))


def test_gsd_is_in_metres_in_every_crs() -> None:
    feet = Grid(100, 100, (100.0, 0.0, 1000000.0, 0.0, -100.0, 200000.0), CRS.from_epsg(2263).to_wkt())
    assert north_up().gsd == 10.0
    assert feet.gsd == pytest.approx(100 * 1200 / 3937)
    degrees = Grid(10, 10, (1e-4, 0.0, 15.0, 0.0, -1e-4, 60.0005), LONLAT)
    # At 60 degrees a degree is 111412.2 m of meridian and 55800.0 m of parallel (WGS 84).
    assert degrees.gsd == pytest.approx(1e-4 * math.sqrt(111412.24 * 55799.98), rel=1e-4)
    assert Grid(10, 10, (2.0, 0.0, 0.0, 0.0, -2.0, 0.0), "").gsd == 2.0


def test_web_mercator_is_measured_on_the_ground() -> None:
    x, y = warp.transform("EPSG:4326", "EPSG:3857", [15.0], [60.0])
    grid = Grid(100, 100, (10.0, 0.0, x[0] - 500, 0.0, -10.0, y[0] + 500), CRS.from_epsg(3857).to_wkt())
    assert grid.gsd == pytest.approx(5.0, rel=0.01)
    assert grid.row_areas(0, 100)[0] < grid.row_areas(0, 100)[-1]


def test_pixel_areas_of_the_whole_earth_add_up_to_it() -> None:
    earth = Grid(36, 18, (10.0, 0.0, -180.0, 0.0, -10.0, 90.0), LONLAT)
    assert earth.row_areas(0, 18).sum() * 36 == pytest.approx(ELLIPSOID_AREA, rel=1e-9)
    assert earth.pixel_area_m2(0) == pytest.approx(earth.pixel_area_m2(17))
    assert earth.pixel_area_m2(0) < earth.pixel_area_m2(8)


def test_the_centre_in_degrees() -> None:
    lon, lat = north_up().lonlat or (0.0, 0.0)
    # 105 km east of the zone's meridian at 15 degrees, where a degree is 78.8 km.
    assert (lon, lat) == (pytest.approx(16.334, abs=0.002), pytest.approx(45.11, abs=0.01))
    assert Grid(10, 10, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), "").lonlat is None
    local = Grid(10, 10, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 'LOCAL_CS["site",UNIT["metre",1]]')
    assert local.lonlat is None
    assert local.gsd == 1.0


@given(st.integers(-500, 1500), st.integers(-500, 1500), st.sampled_from([0.0, 17.0, 90.0, 200.0]))
def test_map_and_pixels_are_inverse(col: int, row: int, angle: float) -> None:
    grid = turned(angle)
    x, y = grid.to_map(col, row)
    cols, rows = grid.to_pixels(np.array([x]), np.array([y]))
    assert (cols[0], rows[0]) == (pytest.approx(col, abs=1e-6), pytest.approx(row, abs=1e-6))
