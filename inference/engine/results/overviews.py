"""Overviews of class rasters: each pixel is what most of the four under it are.

GDAL has such a resampling (MODE), which takes longer than all else that is done to write a map.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]


def halved(values: U8, nodata: int) -> U8:
    """A class raster at half its resolution.

    Args:
        values: (rows, cols).
        nodata: has no vote; it comes out only where there is nothing else. Of two values that two
            pixels each have, that of the upper or left ones wins.

    Returns:
        (rows, cols), halves rounded up.
    """
    rows, cols = values.shape
    if rows % 2 or cols % 2:
        values = np.pad(values, ((0, rows % 2), (0, cols % 2)), constant_values=nodata)
    four = values[::2, ::2], values[::2, 1::2], values[1::2, ::2], values[1::2, 1::2]
    result: U8 = four[0].copy()
    # Nearly all pixels of a map lie among their like: only the others take counting.
    mixed = (four[0] != four[1]) | (four[2] != four[3]) | (four[0] != four[2])
    first, second, third, fourth = (part[mixed] for part in four)
    result[mixed] = _elected(first, second, third, fourth, nodata)
    return result


def _elected(first: U8, second: U8, third: U8, fourth: U8, nodata: int) -> U8:
    """What most of four say; the stronger claim comes later and overrides."""
    chosen = fourth
    for one in (third, second, first):
        chosen = np.where(one != nodata, one, chosen)
    pairs = ((third, fourth), (second, fourth), (second, third), (first, fourth), (first, third))
    for one, other in (*pairs, (first, second)):
        chosen = np.where((one == other) & (one != nodata), one, chosen)
    return chosen
