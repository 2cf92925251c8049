"""How a network's windows cover a grid: which window answers for which pixels, and with what weight.

The grid is cut into tiles, the lattice cells of the part of a window that is used. A tile's window
is the tile with a halo on each side. Two things follow from asking what the network would say if it
were shown the whole image at once:

- At the grid's border the window is moved inwards. There the network fills up by itself, layer by
  layer, as it would on the whole image; a window that overhangs would show it a margin of average
  pixels, which its inner layers turn into something else.
- Where the network sees further than the halo, neighbouring windows disagree a little about the
  pixels that both of them saw. Their answers are blended across each line between two tiles, with
  weights on a raised cosine, so that no line shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import present
from .base import F32
from .grid import F64, Window, lattice


@dataclass(frozen=True)
class Tiling:
    """The windows of a network on a grid; pure functions of their place.

    Attributes:
        grid: the whole grid, (0, 0) its first pixel.
        window: side of a window, pixels.
        halo: pixels at a window's sides that are not used, or fade out in their inner half if blended.
        stride: windows at the border begin on multiples of it where they can.
        blend: whether neighbouring windows are blended.
        margin: pixels at a window's sides that get no answer; windows overhang the grid by them.
    """

    grid: Window
    window: int
    halo: int
    stride: int = 1
    blend: bool = False
    margin: int = 0

    @property
    def inner(self) -> int:
        """Side of a tile."""
        return self.window - 2 * self.halo

    @property
    def ramp(self) -> int:
        """Pixels on each side of a line between tiles over which they are blended, 0 for none.

        Half the halo: what a window says of its outermost pixels is too wrong to be mixed in
        (docs/benchmarks.md, Seams).
        """
        return min(self.halo, self.inner) // 2 if self.blend else 0

    def tiles(self, part: Window) -> Iterator[Window]:
        """The tiles, uncut, whose answers count in a part of the grid."""
        near = part.expand(self.ramp).intersect(self.grid)
        return iter(()) if near is None else lattice(near, self.inner)

    def reach(self, tile: Window, part: Window) -> Window:
        """The pixels of ``part`` that a tile of :meth:`tiles` answers for."""
        return present(tile.expand(self.ramp).intersect(part))

    def place(self, tile: Window) -> Window:
        """The window that answers for a tile; it overhangs the grid only where that is too small."""
        col = self._start(tile.col, self.grid.width)
        row = self._start(tile.row, self.grid.height)
        return Window(col, row, self.window, self.window)

    def around(self, part: Window) -> Window:
        """What must be read to answer for a part of the grid: all windows of its tiles."""
        places = [self.place(tile) for tile in self.tiles(part)]
        col, row = min(p.col for p in places), min(p.row for p in places)
        return Window(col, row, max(p.right for p in places) - col, max(p.bottom for p in places) - row)

    def weights(self, tile: Window, pixels: Window, factor: int = 1) -> F32:
        """A tile's share in the answer for pixels; those of all tiles sum to 1.

        Returns:
            (rows * factor, cols * factor), for answers of so many pixels along a pixel's side.
        """
        down = self._shares(tile.row, self.grid.height, pixels.row, pixels.bottom, factor)
        across = self._shares(tile.col, self.grid.width, pixels.col, pixels.right, factor)
        return down[:, None] * across

    def _start(self, tile: int, size: int) -> int:
        """Where along one axis the window of the tile that begins at ``tile`` begins."""
        last = -(-size // self.stride) * self.stride - self.window + self.margin
        return min(max(tile - self.halo, -self.margin), max(last, -self.margin))

    def _shares(self, tile: int, size: int, start: int, stop: int, factor: int) -> F32:
        centres = (np.arange(start * factor, stop * factor) + 0.5) / factor
        shares = np.ones((stop - start) * factor)
        if self.ramp and tile > 0:
            shares *= _rise((centres - tile) / self.ramp)
        if self.ramp and tile + self.inner < size:
            shares *= 1 - _rise((centres - tile - self.inner) / self.ramp)
        return shares.astype(np.float32)


def _rise(place: F64) -> F64:
    """From 0 at -1 and before to 1 at 1 and after; the values at -x and x sum to 1."""
    return (1 + np.sin(np.pi / 2 * np.clip(place, -1, 1))) / 2
