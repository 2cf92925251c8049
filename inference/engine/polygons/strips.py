"""A class raster in strips of whole rows: its runs of equal pixels and which of them touch.

A run is the longest piece of a row with one value. Runs tile a strip, row by row, so that whatever
holds for pixels (which class, how much ground, which confidence) is known by run with one pass, and
areas are found by linking runs instead of pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ...errors import UnsupportedInput
from ..grid import F64
from ..sources import is_number

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

# The code of pixels that belong to no area. No class has this value: classes are small numbers.
OUT = np.iinfo(np.int32).min
# Pixels of a strip. Of noise, in which almost each pixel is an area, they keep some 100 MB busy.
STRIP_PIXELS = 1 << 18


@dataclass(frozen=True)
class Strip:
    """Some rows of a class raster.

    Attributes:
        first: row of the raster at which it starts.
        codes: (rows, columns) class values, ``OUT`` where there is none.
        weights: rasters on the same rows, whose means are wanted: values and where they are valid.
    """

    first: int
    codes: I32
    weights: tuple[tuple[NDArray[Any], Flags], ...] = ()


@dataclass(frozen=True)
class Runs:
    """The runs of a strip, in the order of their first pixels.

    Attributes:
        start: (runs,) flat index of their first pixels in the strip.
        length: (runs,) pixels.
        code: (runs,) class values.
        of_pixel: (rows, columns) index of the run that each pixel lies in.
    """

    start: I64
    length: I64
    code: I32
    of_pixel: I32


@dataclass(frozen=True)
class Beside:
    """A band of a raster on the same grid, whose mean over each area is wanted.

    Attributes:
        path: the raster.
        band: 1-based.
        value: where it holds classes, the one whose share is wanted; None for the mean of the numbers.
    """

    path: Path
    band: int = 1
    value: int | None = None


class ClassRaster:
    """A one-band class raster and rasters beside it, read in strips; a context manager.

    Args:
        path: the class raster; its nodata belongs to no class.
        beside: what the strips' weights are.
        rows: rows of a strip, 0 chooses by the raster's width.

    Raises:
        UnsupportedInput: on entering, if the raster does not hold whole numbers of up to 32 bits.
    """

    def __init__(self, path: Path, beside: Sequence[Beside] = (), rows: int = 0) -> None:
        self._path = path
        self._beside = beside
        self._rows = rows
        self._files = ExitStack()

    def __enter__(self) -> ClassRaster:
        self._dataset = self._files.enter_context(rasterio.open(self._path))
        paths = dict.fromkeys(one.path for one in self._beside)
        self._others = {path: self._files.enter_context(rasterio.open(path)) for path in paths}
        self.height, self.width = self._dataset.height, self._dataset.width
        self.dtype = np.dtype(self._dataset.dtypes[0])
        if not np.can_cast(self.dtype, np.int32):
            raise UnsupportedInput(f"{self._path.name} holds {self.dtype} numbers, which are no classes.")
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def strips(self) -> Iterator[Strip]:
        """All rows, from top to bottom."""
        rows = self._rows or max(1, STRIP_PIXELS // self.width)
        for first in range(0, self.height, rows):
            window = RasterioWindow(0, first, self.width, min(rows, self.height - first))
            codes = self._dataset.read(1, window=window).astype(np.int32)
            if self._dataset.nodata is not None:
                codes[codes == self._dataset.nodata] = OUT
            yield Strip(first, codes, self._weights(window))

    def _weights(self, window: RasterioWindow) -> tuple[tuple[NDArray[Any], Flags], ...]:
        places = dict.fromkeys((one.path, one.band) for one in self._beside)
        read = {(path, band): _read(self._others[path], band, window) for path, band in places}
        return tuple(_weight(*read[one.path, one.band], one.value) for one in self._beside)


def _read(dataset: DatasetReader, band: int, window: RasterioWindow) -> tuple[NDArray[Any], Flags]:
    values = dataset.read(band, window=window)
    nodata = dataset.nodatavals[band - 1]
    return values, is_number(values, [] if nodata is None else [nodata])


def _weight(values: NDArray[Any], valid: Flags, value: int | None) -> tuple[NDArray[Any], Flags]:
    return (np.where(valid, values, 0) if value is None else valid & (values == value)), valid


def runs_of(codes: I32) -> Runs:
    """The runs of (rows, columns) class values."""
    first = np.ones(codes.shape, bool)
    np.not_equal(codes[:, 1:], codes[:, :-1], out=first[:, 1:])
    of_pixel = np.cumsum(first, dtype=np.int32).reshape(codes.shape) - np.int32(1)
    start = np.flatnonzero(first)
    return Runs(start, np.diff(start, append=codes.size), codes.ravel()[start], of_pixel)


def contacts(upper: NDArray[Any], lower: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], I64]:
    """What lies on what: for each longest piece of a row with the same ids above and below.

    Args:
        upper: (rows, columns) ids.
        lower: (rows, columns) ids of the pixels under them.

    Returns:
        ids above, ids below, and the number of columns.
    """
    first = np.ones(upper.shape, bool)
    first[:, 1:] = (upper[:, 1:] != upper[:, :-1]) | (lower[:, 1:] != lower[:, :-1])
    start = np.flatnonzero(first)
    return upper.ravel()[start], lower.ravel()[start], np.diff(start, append=upper.size)


def linked(count: int, one: NDArray[Any], other: NDArray[Any]) -> tuple[int, I32]:
    """Which of ``count`` things hang together by links between ``one`` and ``other``.

    Returns:
        number of components, and (count,) the component of each, numbered by their first things.
    """
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    parts, label = connected_components(graph, directed=False)
    return int(parts), label.astype(np.int32, copy=False)


def exact_parts(areas: F64, pixels: int) -> list[F64]:
    """Row areas as terms whose sums over any of ``pixels`` pixels come out without rounding.

    A sum of multiples of one power of two is exact as long as it stays below 2**53 of them: in any
    order, however the raster was cut into strips. What the first term rounds off is the second.
    """
    terms = []
    for _ in range(2):
        if not areas.any():
            break
        unit = 2.0 ** (np.ceil(np.log2(np.abs(areas).max() * pixels)) - 52)
        terms.append(np.round(areas / unit) * unit)
        areas = areas - terms[-1]
    return terms or [areas]

