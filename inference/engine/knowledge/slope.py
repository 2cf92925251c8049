"""How steep the ground is, from its elevation.

Gradients over three by three pixels, weighted as B. K. P. Horn has them ("Hill shading and the
reflectance map", Proceedings of the IEEE 69, 1981), on the ground as it is: the sides of a pixel are
measured in metres on the ellipsoid WGS 84, row by row, whatever the coordinate system.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio import warp

from ..base import F32, Mask
from ..crs import GDAL_FAILURES, parse_crs
from ..grid import Grid, Window

F64 = NDArray[np.float64]

_SEMI_MAJOR = 6378137.0
_E2 = 0.0066943799901413165
# Share of a pixel over which its sides are measured: long enough for the digits of degrees.
_STEP = 0.5


def slope(elevation: F32, valid: Mask, grid: Grid, window: Window) -> F32:
    """Degrees from the horizontal.

    A neighbour without data is taken to continue what lies across the pixel, so that borders keep theirs.

    Args:
        elevation: (rows + 2, cols + 2) metres of the window with one pixel more on each side.
        valid: the same shape.
        grid: that ``window`` lies in.
        window: whose slope it is.

    Returns:
        (rows, cols); any number where the pixel itself is not valid.
    """
    across, down = _gradients(elevation.astype(np.float64), valid)
    (east_col, north_col), (east_row, north_row) = ground_steps(grid, window)
    area = east_col * north_row - east_row * north_col
    east = (across * north_row[:, None] - down * north_col[:, None]) / area[:, None]
    north = (down * east_col[:, None] - across * east_row[:, None]) / area[:, None]
    return np.degrees(np.arctan(np.hypot(east, north))).astype(np.float32)


def _gradients(z: F64, valid: Mask) -> tuple[F64, F64]:
    """Rise from column to column and from row to row, each (rows, cols)."""

    def part(array: NDArray[Any], row: int, col: int) -> NDArray[Any]:
        height, width = array.shape
        return array[1 + row : height - 1 + row, 1 + col : width - 1 + col]

    middle = part(z, 0, 0)

    def neighbour(row: int, col: int) -> F64:
        own, across = part(valid, row, col), part(valid, -row, -col)
        # Of a corner that is missing with the one across, the two sides between them tell.
        other = neighbour(row, 0) + neighbour(0, col) - middle if row and col else middle
        continued = np.where(across, 2 * middle - part(z, -row, -col), other)
        return np.where(own, part(z, row, col), continued)

    weights = {-1: 1.0, 0: 2.0, 1: 1.0}
    across = sum(w * (neighbour(i, 1) - neighbour(i, -1)) for i, w in weights.items())
    down = sum(w * (neighbour(1, i) - neighbour(-1, i)) for i, w in weights.items())
    return np.asarray(across) / 8, np.asarray(down) / 8


def ground_steps(grid: Grid, window: Window) -> tuple[tuple[F64, F64], tuple[F64, F64]]:
    """Metres east and north of a step to the next column and to the next row, (rows,) each.

    Measured in the middle of each row. Without a coordinate system that has a place on Earth they are in
    map units.
    """
    a, b, _, d, e, _ = grid.transform
    col = window.col + window.width / 2
    rows = window.row + 0.5 + np.arange(window.height)
    whole = np.ones(window.height)
    plain = (a * whole, d * whole), (b * whole, e * whole)
    if not grid.crs:
        return plain
    corners = [(-_STEP, 0.0), (_STEP, 0.0), (0.0, -_STEP), (0.0, _STEP)]
    places = [grid.to_map(col + right, row + under) for right, under in corners for row in rows]
    try:
        lons, lats = warp.transform(parse_crs(grid.crs), parse_crs("EPSG:4326"), *zip(*places, strict=True))
    except GDAL_FAILURES:
        return plain
    lon, lat = np.reshape(lons, (4, -1)), np.reshape(lats, (4, -1))
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return plain
    east, north = _metres_a_degree(lat.mean(axis=0))
    # Wrapped: a pixel on the antimeridian is not 360 degrees wide.
    wide = (lon[1::2] - lon[::2] + 180.0) % 360.0 - 180.0
    high = lat[1::2] - lat[::2]
    (east_col, east_row), (north_col, north_row) = wide * east, high * north
    return (east_col, north_col), (east_row, north_row)


def _metres_a_degree(latitude: F64) -> tuple[F64, F64]:
    """Of longitude and of latitude: the ellipsoid's radii of curvature across and along the meridian."""
    angle = np.radians(latitude)
    bent = 1 - _E2 * np.sin(angle) ** 2
    across, along = _SEMI_MAJOR / np.sqrt(bent), _SEMI_MAJOR * (1 - _E2) / bent**1.5
    return across * np.cos(angle) * math.pi / 180, along * math.pi / 180
