"""Where pixels lie: windows, blocks and grids as immutable arithmetic. No file is touched here.

Rows count down from the raster's first line, columns right from its first column; a transform
is the affine six-tuple ``(a, b, c, d, e, f)`` with ``x = a * col + b * row + c`` and
``y = d * col + e * row + f``. Rotated and south-up grids are grids like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rasterio import warp
from rasterio.crs import CRS

from ..errors import InvalidRequest, UnsupportedInput
from ..jobs import Extent
from .crs import GDAL_FAILURES, lonlat_of, parse_crs, units_of

F64 = NDArray[np.float64]
Transform = tuple[float, float, float, float, float, float]

# An extent drawn along pixel edges must not gain a pixel from the rounding of its coordinates.
_SNAP = 1e-4
# Sides of an extent bend in another CRS: this many points a side follow them.
_POINTS_A_SIDE = 33
# Cells a side when a grid is searched for what lies in an extent.
_CELLS = 64
# Above this disagreement the map's own units do not measure the ground (Web Mercator does not).
_FAITHFUL = 0.02
# WGS 84: semi-major axis in metres and first eccentricity squared.
_SEMI_MAJOR = 6378137.0
_E2 = 0.0066943799901413165


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels; it may lie partly or wholly beyond a grid's edge."""

    col: int
    row: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column beyond the window."""
        return self.col + self.width

    @property
    def bottom(self) -> int:
        """First row beyond the window."""
        return self.row + self.height

    @property
    def is_empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    @property
    def rows(self) -> slice:
        """The window's rows as an index into an array whose first row is row 0."""
        return slice(self.row, self.bottom)

    @property
    def cols(self) -> slice:
        """The window's columns as an index into an array whose first column is column 0."""
        return slice(self.col, self.right)

    def expand(self, n: int) -> Window:
        """The window with ``n`` more pixels on each side."""
        return Window(self.col - n, self.row - n, self.width + 2 * n, self.height + 2 * n)

    def intersect(self, other: Window) -> Window | None:
        """What both windows cover, None where they share no pixel."""
        col, row = max(self.col, other.col), max(self.row, other.row)
        width, height = min(self.right, other.right) - col, min(self.bottom, other.bottom) - row
        return Window(col, row, width, height) if width > 0 and height > 0 else None

    def joined(self, other: Window) -> Window:
        """The smallest window that covers both."""
        col, row = min(self.col, other.col), min(self.row, other.row)
        return Window(col, row, max(self.right, other.right) - col, max(self.bottom, other.bottom) - row)


def lattice(window: Window, size: int) -> Iterator[Window]:
    """The whole ``size`` x ``size`` windows, laid from the origin, that touch ``window``.

    They come row by row and may reach beyond the grid's edge: what is computed for one of them
    does not depend on which window asked.
    """
    for row in _steps(window.row, window.bottom, size):
        for col in _steps(window.col, window.right, size):
            yield Window(col, row, size, size)


def blocks(window: Window, size: int) -> Iterator[Window]:
    """``window`` cut along the lattice of ``size``: every pixel in exactly one block."""
    for whole in lattice(window, size):
        part = whole.intersect(window)
        if part is not None:
            yield part


def _steps(start: int, stop: int, size: int) -> range:
    if size <= 0:
        raise ValueError(f"a block needs a positive size, not {size}")
    return range(start // size * size, stop, size) if stop > start else range(0)


@dataclass(frozen=True)
class Grid:
    """Size, place and coordinate system of a raster.

    Attributes:
        width: columns.
        height: rows.
        transform: affine six-tuple from (col, row) to map coordinates.
        crs: WKT, empty where the raster has no coordinate system.
    """

    width: int
    height: int
    transform: Transform
    crs: str

    @property
    def window(self) -> Window:
        """The whole grid."""
        return Window(0, 0, self.width, self.height)

    @property
    def gsd(self) -> float:
        """Side in metres of a square as large as a pixel, on the ground, at the grid's centre.

        Without a coordinate system it is the pixel size in map units.
        """
        return math.sqrt(self.pixel_area_m2(self.height // 2))

    @property
    def lonlat(self) -> tuple[float, float] | None:
        """Longitude and latitude of the centre in degrees (WGS 84), None where unknown."""
        return lonlat_of(self.crs, *self.to_map(self.width / 2, self.height / 2))

    def to_map(self, col: float, row: float) -> tuple[float, float]:
        """Map coordinates of a place given in pixels; (0, 0) is the outer corner of the first."""
        a, b, c, d, e, f = self.transform
        return a * col + b * row + c, d * col + e * row + f

    def to_pixels(self, xs: F64, ys: F64) -> tuple[F64, F64]:
        """Columns and rows, as fractions, of places given in the grid's map coordinates."""
        a, b, c, d, e, f = self.transform
        determinant = a * e - b * d
        if determinant == 0:
            raise UnsupportedInput("The raster's georeference gives its pixels no area.")
        dx, dy = xs - c, ys - f
        return (e * dx - b * dy) / determinant, (a * dy - d * dx) / determinant

    def crop(self, window: Window) -> Grid:
        """The grid of a window of this grid."""
        x, y = self.to_map(window.col, window.row)
        a, b, _, d, e, _ = self.transform
        return Grid(window.width, window.height, (a, b, x, d, e, y), self.crs)

    def scaled(self, stride: int) -> Grid:
        """The grid of cells of ``stride`` x ``stride`` pixels from the same origin.

        The last row and column of cells may reach beyond the pixels.
        """
        a, b, c, d, e, f = self.transform
        return Grid(
            -(-self.width // stride),
            -(-self.height // stride),
            (a * stride, b * stride, c, d * stride, e * stride, f),
            self.crs,
        )

    def finer(self, factor: int) -> Grid:
        """The same rectangle in pixels of which ``factor`` lie along the side of one of these."""
        a, b, c, d, e, f = self.transform
        sides = (a / factor, b / factor, c, d / factor, e / factor, f)
        return Grid(self.width * factor, self.height * factor, sides, self.crs)

    def window_of(self, extent: Extent) -> Window:
        """The pixels that an extent touches, inside the grid.

        On a rotated grid this is the smallest window that holds the extent.

        Raises:
            InvalidRequest: if the extent is inverted or its CRS is not understood.
            UnsupportedInput: if the extent and the grid do not overlap.
        """
        if not (extent.xmin < extent.xmax and extent.ymin < extent.ymax):
            raise InvalidRequest("The extent is empty or inverted.", "Give xmin < xmax and ymin < ymax.")
        cols, rows = self._pixels_of(extent)
        first_col, first_row = math.floor(cols.min() + _SNAP), math.floor(rows.min() + _SNAP)
        last_col, last_row = math.ceil(cols.max() - _SNAP), math.ceil(rows.max() - _SNAP)
        touched = Window(first_col, first_row, last_col - first_col, last_row - first_row)
        inside = touched.intersect(self.window)
        if inside is None:
            raise _no_overlap()
        return inside

    def pixel_area_m2(self, row: int) -> float:
        """Area on the ground of a pixel of this row, in square metres; see :meth:`row_areas`."""
        return float(self.row_areas(row, 1)[0])

    def row_areas(self, first: int, count: int) -> F64:
        """Area on the ground, in m², of a pixel of each of ``count`` rows.

        In a geographic CRS it is exact on the WGS 84 ellipsoid; in a projected one it is the
        map's own, unless the projection distorts areas by more than 2 % at the grid's centre:
        then it is measured on the ellipsoid, at the centre of each row. Without a CRS it is in
        map units.
        """
        a, b, _, d, e, f = self.transform
        area = abs(a * e - b * d)
        geographic, to_metres = units_of(self.crs)
        if geographic:
            degrees = math.degrees(to_metres)
            rows: F64 = first + 0.5 + np.arange(count, dtype=np.float64)
            middles: F64 = d * self.width / 2 + e * rows + f
            side = abs(e) if not b and not d else math.sqrt(area)
            return _ellipsoid_area(middles * degrees, side * degrees, np.full(count, area / side * degrees))
        if self.crs and _distorts(self):
            return _measured_areas(self, first, count)
        return np.full(count, area * to_metres**2)

    def _pixels_of(self, extent: Extent) -> tuple[F64, F64]:
        """Fractional columns and rows of points that span the part of the extent near the grid."""
        if not extent.crs or not self.crs or parse_crs(extent.crs) == parse_crs(self.crs):
            return self.to_pixels(*_outline(extent))
        # A whole-world extent has corners that many projections cannot place. Only the part
        # near the grid matters, and that part can be placed.
        left, bottom, right, top = self.bounds_in(parse_crs(extent.crs))
        if left > right:
            return self._inner_points(extent)
        margin_x, margin_y = (right - left) * 0.05, (top - bottom) * 0.05
        near = replace(
            extent,
            xmin=max(extent.xmin, left - margin_x),
            xmax=min(extent.xmax, right + margin_x),
            ymin=max(extent.ymin, bottom - margin_y),
            ymax=min(extent.ymax, top + margin_y),
        )
        if near.xmin >= near.xmax or near.ymin >= near.ymax:
            raise _no_overlap()
        return self.to_pixels(*_placed(*_outline(near), parse_crs(extent.crs), parse_crs(self.crs)))

    def _inner_points(self, extent: Extent) -> tuple[F64, F64]:
        """Places of the grid that lie in the extent, a step wider: for grids over the antimeridian.

        There the grid's bounds in longitudes are no rectangle, so the question is turned round.
        """
        step_x, step_y = self.width / _CELLS, self.height / _CELLS
        cols, rows = (
            side.ravel()
            for side in np.meshgrid(np.arange(_CELLS + 1) * step_x, np.arange(_CELLS + 1) * step_y)
        )
        a, b, c, d, e, f = self.transform
        x, y = a * cols + b * rows + c, d * cols + e * rows + f
        xs, ys = (np.asarray(v) for v in warp.transform(parse_crs(self.crs), parse_crs(extent.crs), x, y))
        inside = (xs >= extent.xmin) & (xs <= extent.xmax) & (ys >= extent.ymin) & (ys <= extent.ymax)
        if not inside.any():
            raise _no_overlap()
        reach = np.array([-1.0, 1.0])
        wide = np.concatenate([cols[inside] + side * step_x for side in reach])
        high = np.concatenate([rows[inside] + side * step_y for side in reach])
        return wide, high

    def bounds_in(self, crs: CRS) -> tuple[float, float, float, float]:
        """West, south, east and north of the grid in another CRS; west of a grid over the antimeridian is
        larger than its east.

        Raises:
            UnsupportedInput: if that CRS has no place for the grid.
        """
        corners = [self.to_map(c, r) for c in (0, self.width) for r in (0, self.height)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        try:
            bounds = warp.transform_bounds(
                parse_crs(self.crs), crs, min(xs), min(ys), max(xs), max(ys), densify_pts=_POINTS_A_SIDE
            )
        except GDAL_FAILURES as error:
            raise _no_overlap(str(error)) from error
        left, bottom, right, top = bounds
        return left, bottom, right, top


def _outline(extent: Extent) -> tuple[F64, F64]:
    """Points along the extent's sides."""
    xs = np.linspace(extent.xmin, extent.xmax, _POINTS_A_SIDE)
    ys = np.linspace(extent.ymin, extent.ymax, _POINTS_A_SIDE)
    x = np.concatenate([xs, xs, np.full_like(ys, extent.xmin), np.full_like(ys, extent.xmax)])
    y = np.concatenate([np.full_like(xs, extent.ymin), np.full_like(xs, extent.ymax), ys, ys])
    return x, y


def _placed(x: F64, y: F64, source: CRS, target: CRS) -> tuple[F64, F64]:
    """Points in another CRS; those that it cannot place are left out."""
    try:
        moved = warp.transform(source, target, x, y)
    except GDAL_FAILURES as error:
        raise _no_overlap(str(error)) from error
    x, y = np.asarray(moved[0], np.float64), np.asarray(moved[1], np.float64)
    good = np.isfinite(x) & np.isfinite(y)
    if not good.any():
        raise _no_overlap()
    return x[good], y[good]


def _no_overlap(detail: str = "") -> UnsupportedInput:
    return UnsupportedInput(
        "The extent and the raster do not overlap.",
        "Choose an extent over the raster, and check the coordinate system of both.",
        detail,
    )


@lru_cache(maxsize=64)
def _distorts(grid: Grid) -> bool:
    """Whether the map's own areas are more than 2 % off at the grid's centre."""
    a, b, _, d, e, _ = grid.transform
    nominal = abs(a * e - b * d) * units_of(grid.crs)[1] ** 2
    measured = _measured_areas(grid, grid.height // 2, 1)[0]
    return bool(measured > 0 and abs(nominal / measured - 1) > _FAITHFUL)


def _measured_areas(grid: Grid, first: int, count: int) -> F64:
    """Areas in m² of the middle pixels of rows, from where their edges' middles lie on Earth."""
    a, b, _, d, e, _ = grid.transform
    centres = np.array([grid.to_map(grid.width / 2, row + 0.5) for row in range(first, first + count)])
    steps = np.array([(-a, -d), (a, d), (-b, -e), (b, e)]) / 2
    points = centres[None] + steps[:, None]
    try:
        lon, lat = warp.transform(parse_crs(grid.crs), parse_crs("EPSG:4326"), *points.reshape(-1, 2).T)
    except GDAL_FAILURES:
        return np.zeros(count)  # a local CRS: nothing to measure against
    lons, lats = np.reshape(lon, (4, count)), np.reshape(lat, (4, count))
    # Wrapped, because a pixel on the antimeridian is not 360 degrees wide.
    across = (lons[1] - lons[0] + 180.0) % 360.0 - 180.0
    down = (lons[3] - lons[2] + 180.0) % 360.0 - 180.0
    square_degrees = np.abs(across * (lats[3] - lats[2]) - down * (lats[1] - lats[0]))
    side = float(np.sqrt(square_degrees[0]))
    if not math.isfinite(side) or side <= 0:
        return np.zeros(count)
    return _ellipsoid_area(lats.mean(axis=0), side, square_degrees / side)


def _ellipsoid_area(latitude: F64, height: float, width: F64) -> F64:
    """Areas in m² of cells of ``height`` x ``width`` degrees centred on latitudes (degrees).

    The authalic integral between two parallels: Snyder, "Map Projections: A Working Manual",
    USGS Professional Paper 1395 (1987), equation 3-12.
    """
    low, high = np.maximum(latitude - height / 2, -90.0), np.minimum(latitude + height / 2, 90.0)
    band = np.abs(_authalic(high) - _authalic(low))
    areas: F64 = _SEMI_MAJOR**2 / 2 * np.radians(width) * band
    return areas


def _authalic(latitude: F64) -> F64:
    e = math.sqrt(_E2)
    s = np.sin(np.radians(latitude))
    value: F64 = (1 - _E2) * (s / (1 - _E2 * s * s) + np.arctanh(e * s) / e)
    return value
