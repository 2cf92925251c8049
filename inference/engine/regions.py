"""A part of a stack in memory, and which parts stand for the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..bands import Band
from ..errors import UnsupportedInput
from .area import Area
from .base import F32, Mask, Scene, WindowBatch
from .grid import Window
from .rasters import Stack
from .stamps import Source


@dataclass(frozen=True)
class Region:
    """Pixels of a window, read once, from which smaller windows are cut.

    Attributes:
        window: the place of the pixels in the stack's grid.
        pixels: (bands, rows, cols) in each band's units, 0 where invalid.
        valid: (rows, cols).
        bands: what each band is.
        scene: what is known beyond the pixels.
        source: which files they come from.
        partly: whether layers beside the first may have gaps where pixels are valid.
        seen: (bands, rows, cols), as in :class:`~.base.WindowBatch`; None where nothing is missing.
        dates: of a series the same place with all of its dates, for encoders that take them; else None.
    """

    window: Window
    pixels: F32
    valid: Mask
    bands: tuple[Band, ...]
    scene: Scene
    source: Source
    partly: bool = False
    seen: Mask | None = None
    dates: Region | None = None

    @classmethod
    def read(
        cls,
        stack: Stack,
        window: Window,
        chosen: Sequence[int],
        partly: bool = False,
        dated: bool = False,
    ) -> Region:
        """Read the chosen bands of a window, which may overhang the grid.

        Args:
            partly: whether a pixel is valid where the first layer is, as :meth:`.Stack.read_partly` says;
                else where all of the bands are.
            dated: whether the dates of a series are wanted too.
        """
        seen: Mask | None = None
        if partly:
            pixels, valid, seen = stack.read_partly(window, chosen)
        else:
            pixels, valid = stack.read(window, chosen)
        bands = tuple(stack.bands[index] for index in chosen)
        dates = None
        if dated and (series := stack.every_date(chosen)) is not None:
            dates = cls.read(series[0], window, series[1], partly=True)
        return cls(window, pixels, valid, bands, stack.scene, stack.source, partly, seen, dates)

    def cut(self, window: Window) -> Region:
        """The part that covers ``window``, which must lie inside."""
        at = within(window, self.window)
        valid = self.valid[at]
        seen = None if self.seen is None else _gaps(self.seen[(..., *at)], valid)
        pixels = self.pixels[(..., *at)]
        dates = None if self.dates is None else self.dates.cut(window)
        return replace(self, window=window, pixels=pixels, valid=valid, seen=seen, dates=dates)

    def known(self, chosen: Sequence[int], every: bool) -> Mask:
        """(rows, cols) valid pixels of which some of the chosen bands are known, or every one."""
        if self.seen is None:
            return self.valid
        own = self.seen[list(chosen)]
        found: Mask = self.valid & (own.all(axis=0) if every else own.any(axis=0))
        return found

    def inside(self, area: Area, window: Window) -> Mask:
        """(rows, cols) of ``window``, which must lie inside: valid pixels that belong to an area."""
        return self.valid[within(window, self.window)] & area.mask(window)

    def batch(self, windows: Sequence[Window], chosen: Sequence[int] | None = None) -> WindowBatch:
        """Windows of equal size inside the region, of all bands or the chosen ones."""
        bands = range(len(self.bands)) if chosen is None else chosen
        layers = slice(None) if chosen is None else list(chosen)
        places = [within(window, self.window) for window in windows]
        pixels = [self.pixels[(layers, *place)] for place in places]
        valid = [self.valid[place] for place in places]
        kept = tuple(self.bands[index] for index in bands)
        seen = None
        if self.seen is not None:
            seen = _gaps(np.stack([self.seen[(layers, *place)] for place in places]), np.stack(valid))
        if len(places) == 1:
            # Models leave what they are given as it is.
            return WindowBatch(pixels[0][None], valid[0][None], kept, self.scene, seen)
        return WindowBatch(np.stack(pixels), np.stack(valid), kept, self.scene, seen)


def joined(batches: Sequence[WindowBatch]) -> WindowBatch:
    """One batch of several of the same bands and scene."""
    pixels = np.concatenate([batch.pixels for batch in batches])
    valid = np.concatenate([batch.valid for batch in batches])
    seen = None
    if any(batch.seen is not None for batch in batches):
        seen = np.concatenate([_seen(batch) for batch in batches])
    return WindowBatch(pixels, valid, batches[0].bands, batches[0].scene, seen)


def _seen(batch: WindowBatch) -> Mask:
    """(batch, bands, rows, cols), where nothing is missing too."""
    if batch.seen is not None:
        return batch.seen
    return np.broadcast_to(batch.valid[:, None], batch.pixels.shape)


def _gaps(seen: Mask, valid: Mask) -> Mask | None:
    """(..., bands, rows, cols) as it is, None where every band is known of every valid pixel."""
    return None if (seen == valid[..., None, :, :]).all() else seen


def within(window: Window, around: Window) -> tuple[slice, slice]:
    """Rows and columns of ``window`` in an array that covers ``around``."""
    row, col = window.row - around.row, window.col - around.col
    return slice(row, row + window.height), slice(col, col + window.width)


def hull(window: Window, size: int) -> Window:
    """The smallest window of whole lattice cells of ``size`` that covers ``window``."""
    col, row = window.col // size * size, window.row // size * size
    right, bottom = -(-window.right // size) * size, -(-window.bottom // size) * size
    return Window(col, row, right - col, bottom - row)


def scaled_down(window: Window, stride: int) -> Window:
    """A window of whole cells, counted in cells."""
    return Window(window.col // stride, window.row // stride, window.width // stride, window.height // stride)


def scaled_up(window: Window, factor: int) -> Window:
    """A window counted in pixels of which ``factor`` lie along the side of one of its own."""
    return Window(window.col * factor, window.row * factor, window.width * factor, window.height * factor)


def spread_windows(
    stack: Stack, chosen: Sequence[int], side: int, most: int, partly: bool = False
) -> list[Window]:
    """Up to ``most`` lattice windows that hold valid pixels, spread over all of a stack's area.

    Args:
        partly: as for :meth:`Region.read`.

    Raises:
        UnsupportedInput: if no pixel is valid.
    """
    seen = stack.overview(chosen, partly=partly)
    windows = spread_over(seen.rows[seen.valid], seen.cols[seen.valid], stack.grid.width, side, most)
    if not windows:
        raise UnsupportedInput("The raster has no valid pixel.", "Check its nodata value and its mask.")
    return windows


def spread_over(
    rows: NDArray[np.int64], cols: NDArray[np.int64], width: int, side: int, most: int
) -> list[Window]:
    """Up to ``most`` lattice windows of ``side`` pixels that hold one of some pixels, evenly spread.

    Of no more windows than that they are all. Of more a window is drawn, with a fixed seed, from each
    of ``most`` equal runs in row-major order: even, and without the beat of a regular step against
    the raster's width.

    Args:
        rows, cols: the pixels' places.
        width: of the grid.
        side: of a window, pixels.
        most: windows.
    """
    across = -(-width // side)
    cells = np.unique(rows // side * across + cols // side)
    if cells.size > most:
        edges = np.arange(most + 1) * cells.size // most
        cells = cells[np.random.default_rng(0).integers(edges[:-1], edges[1:])]
    return [Window(int(c % across) * side, int(c // across) * side, side, side) for c in cells]
