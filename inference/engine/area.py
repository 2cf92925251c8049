"""The part of a grid that a job covers: a window, or polygons in it. No file is touched here.

Polygons are kept in pixels: ``x`` counts columns and ``y`` rows, so that rotated and south-up grids
are no case of their own. A pixel belongs to the area if its centre does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio import warp
from rasterio.crs import CRS
from shapely.geometry.base import BaseGeometry

from ..errors import UnsupportedInput
from .base import Mask
from .crs import GDAL_FAILURES, parse_crs
from .grid import F64, Grid, Window, blocks

Shapes = NDArray[np.object_]

# Sides that bend in another CRS are followed to this part of a pixel, by halving them at most so often.
_BEND = 0.1
_MOST_HALVINGS = 12
# Polygons drawn along pixel edges must not gain a pixel from the rounding of their coordinates.
_SNAP = 1e-4
# Side of the blocks in which polygons are looked through for a pixel.
_SEARCHED = 512
# How much wider than the grid, as a share of it, polygons are kept before they change their CRS.
_MARGIN = 0.05


class Area:
    """What a job covers.

    Attributes:
        window: the smallest window that holds it, inside the grid.
    """

    def __init__(self, window: Window, shape: BaseGeometry | None = None) -> None:
        """
        Args:
            window: limits it.
            shape: a valid polygon or multipolygon in pixels; None for all of ``window``.
        """
        self.window = window
        self._shape = shape
        self._edges = None if shape is None else _Edges(shape)

    @property
    def is_window(self) -> bool:
        """Whether it is all of its window."""
        return self._shape is None

    def mask(self, window: Window) -> Mask:
        """(rows, cols) of any window: True where the pixel belongs to the area.

        The same pixel gets the same answer whichever window asks.
        """
        inside = np.zeros((window.height, window.width), bool)
        part = window.intersect(self.window)
        if part is not None:
            at = part.row - window.row, part.col - window.col
            filled = True if self._edges is None else self._edges.fill(part)
            inside[at[0] : at[0] + part.height, at[1] : at[1] + part.width] = filled
        return inside

    def blocks(self, size: int) -> Iterator[Window]:
        """The area's window cut along the lattice of ``size``, less the blocks without a pixel of it."""
        if self._shape is None:
            yield from blocks(self.window, size)
            return
        shapely.prepare(self._shape)
        for strip in blocks(Window(0, self.window.row, 1, self.window.height), size):
            across = Window(self.window.col, strip.row, self.window.width, strip.height)
            cut = np.array(list(blocks(across, size)), object)
            boxes = shapely.box(*np.array([(b.col, b.row, b.right, b.bottom) for b in cut], float).T)
            touched = np.flatnonzero(shapely.intersects(self._shape, boxes))
            whole = shapely.contains_properly(self._shape, boxes[touched])
            yield from (
                block
                for block, covered in zip(cut[touched], whole, strict=True)
                if covered or self.mask(block).any()
            )

    def pixels(self) -> float:
        """About how many pixels belong to it."""
        if self._shape is None:
            return self.window.width * self.window.height
        box = shapely.box(self.window.col, self.window.row, self.window.right, self.window.bottom)
        return float(shapely.area(shapely.intersection(self._shape, box)))

    def widened(self, window: Window) -> Area:
        """The area limited by another window: some rasters consist of cells of several pixels."""
        return Area(window, self._shape)


class _Edges:
    """The sides of polygons, by which scan lines through pixel centres enter and leave them."""

    def __init__(self, shape: BaseGeometry) -> None:
        points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
        sides = np.flatnonzero(ring[1:] == ring[:-1])
        start, end = points[sides], points[sides + 1]
        # From top to bottom, so that two polygons that share a side cross a line at the very same place.
        down = (start[:, 1] <= end[:, 1])[:, None]
        self._top, bottom = np.where(down, start, end), np.where(down, end, start)
        # Rows whose middle lies at or below the upper end, and above the lower one.
        self._first = np.ceil(self._top[:, 1] - 0.5)
        self._stop = np.ceil(bottom[:, 1] - 0.5)
        run, rise = (bottom - self._top).T
        self._slope = np.divide(run, rise, out=np.zeros_like(run), where=rise > 0)

    def fill(self, window: Window) -> Mask:
        """(rows, cols): centres that lie inside, by the parity of the sides to their left."""
        first = np.maximum(self._first, window.row)
        counts = (np.minimum(self._stop, window.bottom) - first).astype(np.int64)
        crossing = np.flatnonzero(counts > 0)
        counts = counts[crossing]
        side = np.repeat(crossing, counts)
        nth = np.arange(len(side)) - np.repeat(np.cumsum(counts) - counts, counts)
        row = first[side] + nth
        x = self._top[side, 0] + (row + 0.5 - self._top[side, 1]) * self._slope[side]
        # The first column whose centre is not left of the crossing.
        col = np.clip(np.ceil(x - 0.5) - window.col, 0, window.width)
        cell = ((row - window.row) * (window.width + 1) + col).astype(np.int64)
        flips = np.bincount(cell, minlength=window.height * (window.width + 1)) & 1
        parity = np.bitwise_xor.accumulate(flips.reshape(window.height, -1).astype(np.uint8), axis=1)
        return parity[:, :-1].astype(bool)


def polygon_area(shapes: Shapes, crs: str, grid: Grid, window: Window, name: str) -> Area:
    """The pixels of a grid whose centres lie in polygons.

    Args:
        shapes: geometries in ``crs``, of any kind; those that do not close properly are mended.
        crs: theirs, empty where they have none.
        grid: the grid.
        window: limits the area.
        name: of their layer, for sentences.

    Raises:
        UnsupportedInput: without polygons, a known place or a pixel in common with ``window``.
    """
    polygons = _polygons(shapes)
    if not len(polygons):
        raise UnsupportedInput(
            f"{name} holds no polygon to take as the area of the run.", "Choose a layer of polygons."
        )
    if grid.crs and not crs:
        raise UnsupportedInput(
            f"{name} has no coordinate system, so that its place on the raster is unknown.",
            "Assign one to the layer.",
        )
    if not grid.crs or parse_crs(crs) == parse_crs(grid.crs):
        placed = shapely.transform(polygons, lambda points: _in_pixels(points, grid))
    else:
        placed = _moved(polygons, parse_crs(crs), grid, name)
    shape = shapely.union_all(_polygons(placed))
    around = None if shape.is_empty else _around(shape).intersect(window)
    if around is None:
        raise _no_overlap(name)
    area = Area(around, shape)
    if next(area.blocks(_SEARCHED), None) is None:
        raise UnsupportedInput(
            f"The polygons of {name} hold no pixel's centre on the raster.", "Draw them larger."
        )
    return area


def _polygons(shapes: Shapes) -> Shapes:
    """The valid polygons that geometries of any kind consist of."""
    # The other method of mending fills the gap between two parts that touch in two points.
    mended = shapely.make_valid(shapely.get_parts(shapes), method="structure", keep_collapsed=False)
    parts = shapely.get_parts(shapely.get_parts(mended))
    return parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]


def _in_pixels(points: F64, grid: Grid) -> F64:
    return np.stack(grid.to_pixels(points[:, 0], points[:, 1]), axis=1)


def _around(shape: BaseGeometry) -> Window:
    """The pixels that a shape touches."""
    left, top, right, bottom = shape.bounds
    col, row = math.floor(left + _SNAP), math.floor(top + _SNAP)
    return Window(col, row, math.ceil(right - _SNAP) - col, math.ceil(bottom - _SNAP) - row)


def _moved(polygons: Shapes, crs: CRS, grid: Grid, name: str) -> Shapes:
    """Polygons of another CRS in pixels, their sides bent as they are on the grid."""
    near = shapely.intersection(polygons, _reach(crs, grid))
    near = near[~shapely.is_empty(near)]
    if not len(near):
        raise _no_overlap(name)

    def move(points: F64) -> F64:
        try:
            xs, ys = warp.transform(crs, parse_crs(grid.crs), points[:, 0], points[:, 1])
        except GDAL_FAILURES as error:
            raise _no_place(name, str(error)) from error
        return _in_pixels(np.stack([xs, ys], axis=1), grid)

    left, bottom, right, top = shapely.total_bounds(near)
    longest = max(right - left, top - bottom)
    for _ in range(_MOST_HALVINGS):
        points, part = shapely.get_coordinates(near, return_index=True)
        sides = np.flatnonzero(part[1:] == part[:-1])
        ends = move(points)
        if not np.isfinite(ends).all():
            raise _no_place(name)
        middles = move((points[sides] + points[sides + 1]) / 2)
        bend = np.abs(middles - (ends[sides] + ends[sides + 1]) / 2)
        if not (bend > _BEND).any():
            break
        longest /= 2
        near = shapely.segmentize(near, longest)
    return shapely.transform(near, move)


def _reach(crs: CRS, grid: Grid) -> BaseGeometry:
    """Where in another CRS the grid lies, a little wider: far from it points may have no place there."""
    west, south, east, north = grid.bounds_in(crs)
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    across = (east - west) % 360 if west > east else east - west
    x, y = across * _MARGIN, (north - south) * _MARGIN
    return shapely.union_all([shapely.box(w - x, south - y, e + x, north + y) for w, e in spans])


def _no_overlap(name: str) -> UnsupportedInput:
    return UnsupportedInput(
        f"The area {name} and the raster do not overlap.",
        "Choose polygons over the raster, and check the coordinate system of both.",
    )


def _no_place(name: str, detail: str = "") -> UnsupportedInput:
    return UnsupportedInput(
        f"{name} cannot be brought into the coordinate system of the raster.",
        "Check the coordinate systems of both.",
        detail,
    )
