"""Coordinate systems: read, their units, and where their places lie on Earth."""

from __future__ import annotations

import math
from functools import lru_cache

from rasterio import warp
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import CRSError, RasterioError

from ..errors import InvalidRequest

# rasterio lets some of GDAL's own errors through as they are.
GDAL_FAILURES = (RasterioError, CPLE_BaseError)


@lru_cache(maxsize=64)
def parse_crs(text: str) -> CRS:
    """The coordinate system that WKT or a code such as EPSG:32633 names.

    Raises:
        InvalidRequest: if it is not understood.
    """
    try:
        return CRS.from_user_input(text)
    except (CRSError, CPLE_BaseError, ValueError) as error:
        raise InvalidRequest(
            f"The coordinate system {text[:60]!r} is not understood.",
            "Give an EPSG code such as EPSG:32633, or WKT.",
            str(error),
        ) from error


@lru_cache(maxsize=64)
def units_of(wkt: str) -> tuple[bool, float]:
    """Whether a CRS is geographic, and its unit in radians (then) or metres."""
    if not wkt:
        return False, 1.0
    crs = parse_crs(wkt)
    try:
        factor = float(crs.units_factor[1])
    except (CRSError, CPLE_BaseError):
        factor = 1.0  # an engineering CRS without units: map units are all there is
    return bool(crs.is_geographic), factor


@lru_cache(maxsize=4096)
def lonlat_of(wkt: str, x: float, y: float) -> tuple[float, float] | None:
    """Longitude and latitude of a place in degrees (WGS 84), None where the CRS has no place on Earth."""
    if not wkt:
        return None
    try:
        lon, lat = warp.transform(parse_crs(wkt), parse_crs("EPSG:4326"), [x], [y])
    except GDAL_FAILURES:
        return None  # a local CRS has no place on Earth, which is what None says
    return (lon[0], lat[0]) if math.isfinite(lon[0]) and math.isfinite(lat[0]) else None
