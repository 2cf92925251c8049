"""Areas: the pixels whose centres polygons hold, and the blocks that have one, whatever the shape."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio import warp
from rasterio.crs import CRS
from shapely import affinity

from geofm.inference.engine.area import Area, polygon_area
from geofm.inference.engine.grid import Grid, Window
from geofm.inference.engine.regions import within
from geofm.inference.errors import UnsupportedInput

UTM = CRS.from_epsg(32633).to_wkt()
# South of the equator, over the antimeridian: longitudes jump from 180 to -180 within the grid.
DATELINE = CRS.from_string("+proj=laea +lat_0=-17 +lon_0=180").to_wkt()


def grid_of(width: int, height: int, angle: float = 0.0, crs: str = UTM) -> Grid:
    """A grid of 10 m pixels, turned by an angle in degrees."""
    cos, sin = 10 * math.cos(math.radians(angle)), 10 * math.sin(math.radians(angle))
    return Grid(width, height, (cos, sin, 500000.0, sin, -cos, 5000000.0), crs)


def on_map(grid: Grid, shape: shapely.Geometry) -> shapely.Geometry:
    """A shape given in pixels, in the grid's map coordinates."""
    a, b, c, d, e, f = grid.transform
    return affinity.affine_transform(shape, [a, b, d, e, c, f])


def centres(window: Window) -> tuple[np.ndarray, np.ndarray]:
    cols, rows = np.meshgrid(np.arange(window.width) + 0.5, np.arange(window.height) + 0.5)
    return cols + window.col, rows + window.row


# Coordinates on and between pixel centres and edges: ties are the hard part.
places = st.one_of(st.integers(-30, 120).map(lambda n: n / 2), st.floats(-20, 70))
rings = st.lists(st.tuples(places, places), min_size=3, max_size=9)


@st.composite
def shapes(draw: st.DrawFn) -> shapely.Geometry:
    """A polygon or several, with holes, some of them touching, some thin, some turned."""
    drawings = draw(st.lists(rings, min_size=1, max_size=3))
    parts = [shapely.make_valid(shapely.Polygon(ring)) for ring in drawings]
    shape = shapely.union_all(parts)
    if draw(st.booleans()):
        shape = shapely.difference(shape, shapely.make_valid(shapely.Polygon(draw(rings))))
    # Lines that a polygon without width collapses to have no inside.
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    angle = draw(st.sampled_from([0, 0, 30, 45]))
    return affinity.rotate(shapely.MultiPolygon(parts), angle, origin=(20, 20))


def drawn(grid: Grid, shape: shapely.Geometry, window: Window | None = None) -> Area | None:
    """The area of a shape given in pixels; None where it is refused."""
    given_shapes = np.array([on_map(grid, shape)], object)
    try:
        return polygon_area(given_shapes, grid.crs, grid, window or grid.window, "a.gpkg")
    except UnsupportedInput:
        return None


@given(
    shapes(),
    st.integers(1, 50),
    st.integers(1, 50),
    st.integers(4, 40),
    st.sampled_from([0.0, 30.0, 90.0]),
    st.builds(Window, st.integers(0, 20), st.integers(0, 20), st.integers(1, 50), st.integers(1, 50)),
)
def test_every_pixel_inside_comes_in_one_block_and_no_block_is_empty(
    shape: shapely.Geometry, width: int, height: int, size: int, angle: float, limit: Window
) -> None:
    grid = grid_of(width, height, angle)
    limit = limit.intersect(grid.window) or grid.window
    area = drawn(grid, shape, limit)
    x, y = centres(grid.window)
    near = shapely.distance(shapely.boundary(shape), shapely.points(x, y)) < 1e-6
    inside = shapely.contains_xy(shape, x, y)
    allowed = np.zeros_like(inside)
    allowed[limit.rows, limit.cols] = True
    inside &= allowed
    if area is None:
        assert not (inside & ~near).any()
        return
    found = np.zeros((height, width), int)
    for block in area.blocks(size):
        assert block.intersect(area.window) == block
        assert block.col // size == (block.right - 1) // size
        assert block.row // size == (block.bottom - 1) // size
        mask = area.mask(block)
        assert mask.any()
        found[block.rows, block.cols] += 1
        assert (found[block.rows, block.cols] == 1).all()
        found[block.rows, block.cols] += mask
    assert set(np.unique(found)) <= {0, 1, 2}
    # A centre on the very boundary may fall to either side; all others are decided.
    assert ((found == 2) == inside)[~near].all()
    assert area.window.intersect(limit) == area.window


@given(shapes(), st.integers(5, 30), st.integers(5, 30))
def test_a_pixel_is_inside_or_not_whichever_window_asks(
    shape: shapely.Geometry, one: int, other: int
) -> None:
    area = drawn(grid_of(48, 41), shape)
    if area is None:
        return
    whole = area.mask(Window(-5, -5, 60, 60))
    for size in (one, other):
        for block in area.blocks(size):
            rows, cols = within(block, Window(-5, -5, 60, 60))
            assert (whole[rows, cols] == area.mask(block)).all()
    assert area.mask(Window(-9, -9, 5, 5)).sum() == 0


@given(places, st.sampled_from([0.0, 30.0]))
def test_parts_that_share_a_side_share_no_pixel(cut: float, angle: float) -> None:
    grid = grid_of(40, 40)
    left = affinity.rotate(shapely.box(-60, -60, cut, 60), angle, origin=(20, 20))
    right = affinity.rotate(shapely.box(cut, -60, 90, 60), angle, origin=(20, 20))
    counts = np.zeros((40, 40), int)
    for area in (drawn(grid, left), drawn(grid, right)):
        counts += 0 if area is None else area.mask(grid.window)
    whole = drawn(grid, shapely.union(left, right))
    assert whole is not None
    assert (counts == whole.mask(grid.window)).all()


def strip(length: float, width: float, angle: float) -> shapely.Geometry:
    """A strip through the middle of a grid of 20,000 pixels a side."""
    middle = 10000
    bar = shapely.box(middle - length / 2, middle - width / 2, middle + length / 2, middle + width / 2)
    return affinity.rotate(bar, angle)


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0])
def test_a_strip_costs_its_pixels_and_not_its_bounds(angle: float) -> None:
    """1 % of the scene in blocks of 256: the blocks that a strip of 200 pixels' width can touch."""
    grid = grid_of(20000, 20000)
    area = drawn(grid, strip(20000, 200, angle))
    assert area is not None
    assert area.pixels() == pytest.approx(0.01 * 20000**2, rel=0.02)
    todo = list(area.blocks(256))
    # Along the strip a block is crossed every 256 pixels, with its neighbours on both sides.
    assert len(todo) * 256**2 < 4.2 * area.pixels()
    assert sum(int(area.mask(block).sum()) for block in todo) == pytest.approx(area.pixels(), rel=1e-3)


def test_many_small_parts_cost_what_they_cover() -> None:
    grid = grid_of(20000, 20000)
    corners = np.random.default_rng(0).uniform(0, 19900, (400, 2))
    shape = shapely.union_all([shapely.box(x, y, x + 20, y + 20) for x, y in corners])
    area = drawn(grid, shape)
    assert area is not None
    todo = list(area.blocks(64))
    assert len(todo) <= 4 * 400
    assert sum(int(area.mask(block).sum()) for block in todo) == pytest.approx(shape.area, rel=0.01)


def test_overlapping_and_broken_polygons_are_one_area() -> None:
    grid = grid_of(40, 40)
    bow = shapely.Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
    parts = [shapely.box(5, 25, 20, 40), shapely.box(10, 30, 30, 35), bow]
    on_grid = np.array([on_map(grid, part) for part in parts], object)
    area = polygon_area(on_grid, grid.crs, grid, grid.window, "a.gpkg")
    expected = shapely.union_all(shapely.make_valid(parts))
    x, y = centres(grid.window)
    near = shapely.distance(shapely.boundary(expected), shapely.points(x, y)) < 1e-6
    assert (area.mask(grid.window) == shapely.contains_xy(expected, x, y))[~near].all()


def test_the_gap_between_two_parts_stays_open_when_a_third_is_mended() -> None:
    grid = grid_of(40, 40)
    lower = shapely.Polygon([(2, 2), (38, 2), (20, 9)])
    upper = shapely.Polygon([(2, 2), (20, 25), (38, 2), (20, 36)])
    shape = shapely.MultiPolygon([lower, upper, shapely.box(18, 27, 22, 39)])
    assert not shape.is_valid
    area = drawn(grid, shape)
    assert area is not None
    mask = area.mask(grid.window)
    assert not mask[12:22, 20].any()
    assert mask[4, 20]
    assert mask[27:38, 20].all()


@pytest.mark.parametrize(
    ("grid", "crs"),
    [
        (grid_of(4000, 3000), "EPSG:4326"),
        (grid_of(4000, 3000, 25.0), "EPSG:3035"),
        (Grid(4000, 3000, (100.0, 0.0, -2e5, 0.0, -100.0, 1.5e5), DATELINE), "EPSG:4326"),
    ],
    ids=["degrees", "turned", "antimeridian"],
)
def test_long_sides_bend_with_their_coordinate_system(grid: Grid, crs: str) -> None:
    """A box in another CRS against the question whether each pixel's own coordinates lie in it."""
    x, y = (v.ravel() for v in centres(grid.window))
    step = 37
    a, b, c, d, e, f = grid.transform
    xs, ys = a * x + b * y + c, d * x + e * y + f
    lon, lat = (np.array(v) for v in warp.transform(grid.crs, crs, xs[::step], ys[::step]))
    if crs == "EPSG:4326":
        lon = np.where(lon < -90, lon + 360, lon)
    box = [*(np.quantile(v, q) for q in (0.2, 0.7) for v in (lon, lat))]
    shape = shapely.box(*box)
    if crs == "EPSG:4326" and box[2] > 180:
        west = affinity.translate(shapely.box(180, box[1], box[2], box[3]), -360)
        shape = shapely.union(shapely.box(box[0], box[1], 180, box[3]), west)
    area = polygon_area(np.array([shape], object), crs, grid, grid.window, "a.gpkg")
    inside = (lon > box[0]) & (lon < box[2]) & (lat > box[1]) & (lat < box[3])
    found = area.mask(grid.window).ravel()[::step]
    assert (found != inside).mean() < 1e-4
    assert inside.mean() > 0.1


def test_the_whole_world_is_the_whole_raster() -> None:
    grid = grid_of(300, 200)
    world = np.array([shapely.box(-180, -90, 180, 90)], object)
    area = polygon_area(world, "EPSG:4326", grid, grid.window, "world.gpkg")
    assert area.window == grid.window
    assert area.mask(grid.window).all()


@pytest.mark.parametrize(
    ("shape", "crs", "sentence"),
    [
        (shapely.Point(500100, 4999900), UTM, "holds no polygon"),
        (shapely.Polygon(), UTM, "do not overlap"),
        (None, UTM, "holds no polygon"),
        (shapely.box(0, 0, 9, 9), UTM, "do not overlap"),
        (shapely.box(50, 10, 51, 11), "EPSG:4326", "do not overlap"),
        (shapely.box(500100, 4999900, 500200, 4999990), "", "has no coordinate system"),
        (shapely.box(500106, 4999906, 500109, 4999909), UTM, "hold no pixel's centre"),
    ],
    ids=["points", "empty", "without shape", "elsewhere", "far", "no CRS", "tiny"],
)
def test_what_is_no_area_is_refused_in_a_sentence(
    shape: shapely.Geometry | None, crs: str, sentence: str
) -> None:
    grid = grid_of(100, 100)
    with pytest.raises(UnsupportedInput, match=sentence) as caught:
        polygon_area(np.array([shape], object), crs, grid, grid.window, "a.gpkg")
    assert caught.value.hint


def test_a_raster_without_coordinate_system_takes_polygons_as_they_are() -> None:
    grid = grid_of(100, 100, crs="")
    shape = np.array([on_map(grid, shapely.box(10, 20, 30, 40))], object)
    area = polygon_area(shape, UTM, grid, grid.window, "a.gpkg")
    assert area.window == Window(10, 20, 20, 20)
    assert area.mask(area.window).all()
