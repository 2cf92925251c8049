"""Outlines of areas from the pixels around them, strip by strip.

An outline runs with its area on the right hand (rows count down): along top sides to the right, down
right sides, along bottom sides to the left, up left sides. Its horizontal edges are the things
traced here; each leads, by one vertical edge, to the next. Where an edge starts, ends and leads
depends on the four pixels around a corner alone, so that a strip can be traced with no more than
the rows next to it, and what it finds is the same wherever the raster is cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .strips import I32, I64, OUT, Flags

# At its start or its end an edge meets, across the corner, a pixel of its own class.
MEETS_AT_START, MEETS_AT_END = 1, 2


@dataclass(frozen=True)
class Edges:
    """Horizontal edges and what they lead to, of the pixels of one strip.

    Attributes:
        id: (edges,) ascending numbers, unique in the raster.
        pixel: (edges,) flat index in the strip of a pixel of the area.
        y: (edges,) row of pixel corners they lie on.
        start: (edges,) column of corners they start at.
        end: (edges,) column they end at.
        meets: (edges,) ``MEETS_AT_START`` | ``MEETS_AT_END``.
        source: (links,) ids of edges.
        target: (links,) ids of the edges they lead to.
        link_pixel: (links,) flat index in the strip of a pixel of the area.
    """

    id: I64
    pixel: I64
    y: I32
    start: I32
    end: I32
    meets: NDArray[np.uint8]
    source: I64
    target: I64
    link_pixel: I64


class Tracer:
    """Traces strips from top to bottom; holds the vertical edges that go on below."""

    def __init__(self, width: int) -> None:
        self._next_id = np.int64(0)
        # By column: the edge that feeds the right side of a pixel in the next row from above, and
        # the one that its left side leads up to.
        self._down = np.zeros(width, np.int64)
        self._up = np.zeros(width, np.int64)

    def trace(self, first: int, above: I32, codes: I32, below: I32) -> Edges:
        """The edges of a strip.

        Args:
            first: its first row.
            above: (columns,) codes of the row over it, ``OUT`` over the first one.
            codes: (rows, columns) of the strip.
            below: (columns,) codes of the row under it.
        """
        strip = _Sides(np.concatenate([above[None], codes, below[None]]))
        base = self._next_id
        self._next_id += len(strip.top_first) + len(strip.bottom_first)
        up_links, self._up = self._left_sides(strip, base)
        down_links, self._down = self._right_sides(strip, base)
        links = [*up_links, *down_links]
        width = np.int64(codes.shape[1])
        top_row, top_start = np.divmod(strip.top_first, width)
        bottom_row, bottom_end = np.divmod(strip.bottom_first, width)
        starts = np.concatenate([top_start, strip.bottom_last % width + 1])
        ends = np.concatenate([strip.top_last % width + 1, bottom_end])
        return Edges(
            base + np.arange(len(starts)),
            np.concatenate([strip.top_first, strip.bottom_first]),
            (first + np.concatenate([top_row, bottom_row + 1])).astype(np.int32),
            starts.astype(np.int32),
            ends.astype(np.int32),
            strip.meets(),
            np.concatenate([source for source, _, _ in links]),
            np.concatenate([target for _, target, _ in links]),
            np.concatenate([pixel for _, _, pixel in links]),
        )

    def _right_sides(self, strip: _Sides, base: np.int64) -> tuple[list[_Links], I64]:
        """Edges that end at the top of a right side lead to those that start at its bottom."""
        high, low = strip.ends_of(strip.right)
        above, below = strip.turn(high, up=True), strip.turn(low, up=False)
        # From above: the bottom edge of the pixel to the upper right, or one of an earlier strip.
        source = base + np.where(above.straight, strip.top_id[high], strip.bottom_id[above.across(1)])
        source = np.where(above.beyond, self._down[high % strip.width], source)
        target = base + np.where(below.straight, strip.bottom_id[low], strip.top_id[below.across(1)])
        down = np.zeros_like(self._down)
        down[low[below.beyond] % strip.width] = source[below.beyond]
        last = strip.bottom_first[strip.bottom_first >= strip.last_row]
        last = last[~strip.left[last]]
        down[last % strip.width - 1] = base + strip.bottom_id[last]
        here = ~below.beyond
        into = strip.top_first[strip.top_first < strip.width]
        into = into[~strip.left[into]]
        return [
            (source[here], target[here], high[here]),
            (self._down[into - 1], base + strip.top_id[into], into),
        ], down

    def _left_sides(self, strip: _Sides, base: np.int64) -> tuple[list[_Links], I64]:
        """Edges that end at the bottom of a left side lead to those that start at its top."""
        high, low = strip.ends_of(strip.left)
        above, below = strip.turn(high, up=True), strip.turn(low, up=False)
        target = base + np.where(above.straight, strip.top_id[high], strip.bottom_id[above.across(-1)])
        target = np.where(above.beyond, self._up[high % strip.width], target)
        source = base + np.where(below.straight, strip.bottom_id[low], strip.top_id[below.across(-1)])
        up = np.zeros_like(self._up)
        up[low[below.beyond] % strip.width] = target[below.beyond]
        last = strip.bottom_last[strip.bottom_last >= strip.last_row]
        last = last[~strip.right[last]]
        up[last % strip.width + 1] = base + strip.bottom_id[last]
        here = ~below.beyond
        into = strip.top_last[strip.top_last < strip.width]
        into = into[~strip.right[into]]
        return [
            (source[here], target[here], low[here]),
            (base + strip.top_id[into], self._up[into + 1], into),
        ], up


_Links = tuple[I64, I64, I64]


@dataclass(frozen=True)
class _Turns:
    """How the ends of vertical edges go on.

    Attributes:
        straight: the pixel itself has a horizontal edge there.
        beyond: it has none, and the row that it goes on in is of another strip.
        row_step: flat distance to that row.
        pixel: flat index of the pixels.
    """

    straight: Flags
    beyond: Flags
    row_step: int
    pixel: I64

    def across(self, side: int) -> I64:
        """Flat index of the pixel a row and a column on; the pixel itself where that is not needed."""
        needed = ~(self.straight | self.beyond)
        return np.where(needed, self.pixel + self.row_step + side, self.pixel)


class _Sides:
    """Which sides of a strip's pixels are edges of an area; flat indices throughout.

    Attributes:
        left, right: flags by pixel.
        top_first, top_last: leftmost and rightmost pixel of each top edge.
        bottom_first, bottom_last: the same of each bottom edge.
        top_id, bottom_id: by pixel, the number of the edge it is an end of.
        last_row: flat index at which the last row starts.
    """

    def __init__(self, around: I32) -> None:
        self._around = around
        codes = around[1:-1]
        rows, self.width = codes.shape
        self.last_row = (rows - 1) * self.width
        kept = codes != OUT
        alike = codes[:, 1:] == codes[:, :-1]
        right, left = kept.copy(), kept.copy()
        right[:, :-1] &= ~alike
        left[:, 1:] &= ~alike
        self._same_below = codes[1:] == codes[:-1]
        self._top = kept & (codes != around[:-2])
        self._bottom = kept & (codes != around[2:])
        self.left, self.right = left.ravel(), right.ravel()
        self.top_first, self.top_last, self.top_id = _pieces(self._top, alike)
        self.bottom_first, self.bottom_last, self.bottom_id = _pieces(self._bottom, alike)
        self.bottom_id += np.int32(len(self.top_first))

    def ends_of(self, flags: Flags) -> tuple[I64, I64]:
        """The upmost and the lowest pixel of each vertical edge, ``flags`` being one of the sides."""
        side = flags.reshape(-1, self.width)
        on = side[1:] & side[:-1] & self._same_below
        high, low = side.copy(), side.copy()
        high[1:] &= ~on
        low[:-1] &= ~on
        return _downwards(high), _downwards(low)

    def turn(self, pixel: I64, *, up: bool) -> _Turns:
        straight = (self._top if up else self._bottom).ravel()[pixel]
        at_border = pixel < self.width if up else pixel >= self.last_row
        return _Turns(straight, at_border & ~straight, -self.width if up else self.width, pixel)

    def meets(self) -> NDArray[np.uint8]:
        """Flags of the top edges, then of the bottom edges."""
        top_left = self._meets(self.top_first, self.left, -1, -1)
        top_right = self._meets(self.top_last, self.right, -1, 1)
        bottom_left = self._meets(self.bottom_first, self.left, 1, -1)
        bottom_right = self._meets(self.bottom_last, self.right, 1, 1)
        top = top_left * np.uint8(MEETS_AT_START) + top_right * np.uint8(MEETS_AT_END)
        bottom = bottom_right * np.uint8(MEETS_AT_START) + bottom_left * np.uint8(MEETS_AT_END)
        return np.concatenate([top, bottom])

    def _meets(self, pixel: I64, side: Flags, rows: int, cols: int) -> Flags:
        """Whether a corner sticks out and the pixel across it has the same code."""
        row, col = np.divmod(pixel, self.width)
        beyond = col + cols
        inside = (beyond >= 0) & (beyond < self.width)
        across = self._around[row + 1 + rows, np.where(inside, beyond, col)]
        return side[pixel] & inside & (across == self._around[row + 1, col])


def _pieces(side: Flags, alike: Flags) -> tuple[I64, I64, I32]:
    """First and last pixel of each horizontal edge, and by pixel the number of its edge."""
    on = side[:, 1:] & side[:, :-1] & alike
    first, last = side.copy(), side.copy()
    first[:, 1:] &= ~on
    last[:, :-1] &= ~on
    return np.flatnonzero(first), np.flatnonzero(last), np.cumsum(first, dtype=np.int32) - np.int32(1)


def _downwards(flags: Flags) -> I64:
    """Flat indices of set flags, column by column."""
    found = np.flatnonzero(flags)
    width = flags.shape[1]
    # 16-bit numbers are sorted in one pass over each byte.
    col = (found % width).astype(np.uint16 if width <= 1 << 16 else np.int64)
    return found[np.argsort(col, kind="stable")]
