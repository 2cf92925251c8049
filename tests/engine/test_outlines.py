"""Outlines traced strip by strip: the polygons that GDAL finds in the whole raster, made valid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import rasterio.features
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geofm.inference.engine.polygons.areas import Areas, Collector
from geofm.inference.engine.polygons.strips import OUT, Strip

RASTERS = st.integers(2, 4).flatmap(
    lambda classes: arrays.arrays(
        np.int32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, classes - 1)
    )
)
# An area that closes round a pocket at a corner, two holes that meet at one, and a spiral.
CORNERS = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 1, 1, 1]], np.int32)
HOLES = np.array([[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1]], np.int32)
SPIRAL = np.array(
    [[1, 1, 1, 1, 1], [0, 0, 0, 0, 1], [1, 1, 1, 0, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]], np.int32
)


def traced(codes: np.ndarray, rows: int) -> tuple[list[Areas], np.ndarray, np.ndarray]:
    """The areas of a raster without 0 in strips of so many rows: batches, polygons, class values."""
    kept = np.where(codes == 0, np.int32(OUT), codes)
    collector = Collector(codes.shape[1], np.ones(len(codes)), 0)
    batches = []
    for first in range(0, len(kept), rows):
        below = kept[first + rows] if first + rows < len(kept) else None
        above = kept[first - 1] if first else None
        batches.append(collector.add(above, Strip(first, kept[first : first + rows]), below))
    shapes = [shape for batch in batches for shape in polygons(batch)]
    return batches, np.array(shapes, object), np.concatenate([batch.code for batch in batches])


def polygons(areas: Areas) -> Iterator[shapely.Polygon]:
    rings = iter(np.split(areas.rings.points, np.cumsum(areas.rings.size)[:-1]))
    for count in areas.rings.count:
        shell, *holes = (next(rings) for _ in range(count))
        yield shapely.Polygon(shell, holes)


def by_gdal(codes: np.ndarray) -> list[tuple[str, int]]:
    found = rasterio.features.shapes(codes, mask=codes != 0, connectivity=4)
    return sorted((described(shapely.geometry.shape(outline)), int(value)) for outline, value in found)


def described(shape: shapely.Polygon) -> str:
    """The same text for the same set of points."""
    return shapely.normalize(shapely.make_valid(shape, method="structure", keep_collapsed=False)).wkt


@settings(max_examples=200, deadline=None)
@given(RASTERS, st.integers(1, 6))
@example(CORNERS, 1)
@example(HOLES, 2)
@example(SPIRAL, 1)
def test_the_polygons_are_those_of_gdal_made_valid(codes: np.ndarray, rows: int) -> None:
    batches, shapes, values = traced(codes, rows)
    found = [(described(shape), int(value)) for shape, value in zip(shapes, values, strict=True)]
    assert sorted(found) == by_gdal(codes)
    assert shapely.is_valid(shapes).all()
    ground = np.concatenate([batch.square_metres for batch in batches])
    assert (ground == shapely.area(shapes)).all()
    assert ground.sum() == np.count_nonzero(codes)


@settings(max_examples=100, deadline=None)
@given(RASTERS, st.integers(1, 6))
def test_points_and_order_do_not_depend_on_the_strips(codes: np.ndarray, rows: int) -> None:
    _, shapes, values = traced(codes, rows)
    _, whole, whole_values = traced(codes, len(codes))
    assert [shape.wkt for shape in shapes] == [shape.wkt for shape in whole]
    assert (values == whole_values).all()


def test_an_area_is_given_out_with_the_strip_after_its_last_row() -> None:
    codes = np.zeros((40, 8), np.int32)
    codes[3:5, 2:4] = 1
    codes[:, 6] = 2
    batches, _, _ = traced(codes, 4)
    assert [batch.code.tolist() for batch in batches] == [[], [1], *[[]] * 7, [2]]


def test_what_stays_open_is_bounded_by_the_areas_that_do() -> None:
    codes = np.random.default_rng(0).integers(1, 5, (512, 64)).astype(np.int32)
    collector = Collector(64, np.ones(512), 0)
    above = None
    for first in range(0, 508, 4):
        collector.add(above, Strip(first, codes[first : first + 4]), codes[first + 4])
        above = codes[first + 3]
        # 64 columns: of some 20,000 areas, those in the last row and what of older ones is not yet cleared.
        assert sum(block.offset[-1] for block in collector._edges._blocks) < 2000
