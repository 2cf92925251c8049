"""The minimum mapping unit: areas below it take the class that surrounds most of their border.

Areas are taken smallest first. An area becomes of the class with which it shares the longest border
and so one area with all its neighbours of that class; what comes of it may again be too small. Its
border does not change before its own turn, because its neighbours are larger and wait: so an area
that is smaller than all its neighbours may be settled at once, in any order and many together, and
the outcome is that of the smallest first. This is what lets the work go strip by strip, as soon as
an area's last row was read, and in arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..flow import Aside
from ..grid import F64
from .strips import I32, I64, OUT, ClassRaster, Flags, Runs, Strip, contacts, exact_parts, linked, runs_of


@dataclass(frozen=True)
class _Nodes:
    """Areas, or what is known of them.

    Attributes:
        code: class values.
        size: square metres.
        first: flat index in the raster of their first pixels.
        open: whether they may go on in the next strip.
    """

    code: I32
    size: F64
    first: I64
    open: Flags

    def and_those(self, more: _Nodes) -> _Nodes:
        return _Nodes(
            np.concatenate([self.code, more.code]),
            np.concatenate([self.size, more.size]),
            np.concatenate([self.first, more.first]),
            np.concatenate([self.open, more.open]),
        )

    def joined(self, parts: int, part: I32) -> _Nodes:
        code, first = np.empty(parts, np.int32), np.full(parts, np.iinfo(np.int64).max)
        code[part] = self.code
        np.minimum.at(first, part, self.first)
        size: F64 = np.bincount(part, weights=self.size, minlength=parts).astype(np.float64, copy=False)
        return _Nodes(code, size, first, np.bincount(part, weights=self.open, minlength=parts) > 0)

    def at(self, which: NDArray[Any]) -> _Nodes:
        return _Nodes(self.code[which], self.size[which], self.first[which], self.open[which])


@dataclass(frozen=True)
class _Borders:
    """Borders between two nodes each: how many horizontal and how many vertical pixel sides."""

    one: I64
    other: I64
    across: I64
    down: I64

    def and_those(
        self, one: NDArray[Any], other: NDArray[Any], across: I64 | int, down: I64 | int
    ) -> _Borders:
        return _Borders(
            np.concatenate([self.one, one]),
            np.concatenate([self.other, other]),
            np.concatenate([self.across, np.broadcast_to(across, one.shape)]),
            np.concatenate([self.down, np.broadcast_to(down, one.shape)]),
        )

    def at(self, which: NDArray[Any]) -> _Borders:
        return _Borders(self.one[which], self.other[which], self.across[which], self.down[which])

    def joined(self, part: I64) -> _Borders:
        """Between what the nodes became; none within one."""
        moved = replace(self, one=part[self.one], other=part[self.other])
        return moved.at(moved.one != moved.other)

    def summed(self) -> _Borders:
        """One border between the same two nodes."""
        low, high = np.minimum(self.one, self.other), np.maximum(self.one, self.other)
        order, start = _groups(low << 32 | high)
        if not len(start):
            return self
        sums = (np.add.reduceat(sides[order], start) for sides in (self.across, self.down))
        return _Borders(low[order[start]], high[order[start]], *sums)

    def both_ways(self) -> _Borders:
        """Each border from either side."""
        return self.and_those(self.other, self.one, self.across, self.down)


class Sieve:
    """A class raster without areas below a minimum: ``settle`` it once, then read its strips.

    An area all of whose neighbours are no class stays, whatever its size: no class is known that it
    could be of instead. Beside the areas that wait for their neighbours, memory holds the final class
    of each piece of an area in a strip, a byte each for a raster of bytes.

    Args:
        raster: open for reading.
        row_areas: (rows,) ground that a pixel of each row covers, in square metres.
        least: areas of fewer square metres are merged.
        sides: lengths of a pixel's horizontal and vertical sides, in the same unit.
        aside: where strips are worked on; it takes long where many areas wait for one.
    """

    def __init__(
        self, raster: ClassRaster, row_areas: F64, least: float, sides: tuple[float, float], aside: Aside
    ) -> None:
        self._raster = raster
        self._aside = aside
        # The first term alone: sizes are compared here, and must not depend on how they were summed.
        self._ground = exact_parts(row_areas, raster.width * raster.height)[0]
        self._least = least
        self._sides = sides
        none = np.zeros(0, np.int64)
        self._nodes = _Nodes(np.array([OUT], np.int32), np.zeros(1), np.zeros(1, np.int64), np.ones(1, bool))
        self._borders = _Borders(none, none, none, none)
        # By column, the node of the last row's pixel.
        self._bottom = np.zeros(raster.width, np.int64)
        # Pieces whose class is not settled, and the nodes they belong to.
        self._piece, self._node_of_piece = none, none
        self._final = np.zeros(0, raster.dtype)
        self._pieces = 0

    def settle(self) -> Iterator[int]:
        """Find the class of every pixel; yields the number of rows done, strip after strip."""
        for strip in self._raster.strips():
            self._aside(self._take, strip)
            yield strip.first + len(strip.codes)

    def strips(self) -> Iterator[Strip]:
        """The strips of the raster, with the classes that were found."""
        begin = 0
        for strip in self._raster.strips():
            runs = runs_of(strip.codes)
            pieces, piece, _ = _pieces(runs)
            code = self._final[begin + piece].astype(np.int32)
            code[runs.code == OUT] = OUT
            begin += pieces
            yield replace(strip, codes=code[runs.of_pixel])

    def _take(self, strip: Strip) -> None:
        self._add(strip)
        self._nodes.open[:] = False
        self._nodes.open[self._bottom] = strip.first + len(strip.codes) < self._raster.height
        while self._merge():
            pass
        self._forget()

    def _add(self, strip: Strip) -> None:
        """Take in a strip's pieces, and join what the border to the last strip had cut."""
        runs = runs_of(strip.codes)
        pieces, piece, (upper, lower, across) = _pieces(runs)
        row = runs.start // self._raster.width
        alone = _Nodes(
            runs.code,
            self._ground[strip.first + row] * runs.length,
            runs.start + strip.first * self._raster.width,
            np.zeros(len(runs.code), bool),
        )
        base = len(self._nodes.code)
        node = base + piece.astype(np.int64)
        self._nodes = self._nodes.and_those(alone.joined(pieces, piece))
        beside = np.flatnonzero(row[1:] == row[:-1])
        over, under, length = contacts(self._bottom[None], node[runs.of_pixel[:1]])
        self._borders = (
            self._borders.and_those(node[upper], node[lower], across, 0)
            .and_those(node[beside], node[beside + 1], 0, 1)
            .and_those(over, under, length, 0)
        )
        codes = self._nodes.code
        one, other = codes[self._borders.one], codes[self._borders.other]
        self._borders = self._borders.at((one != OUT) & (other != OUT))
        self._piece = np.concatenate([self._piece, self._pieces + np.arange(pieces)])
        self._node_of_piece = np.concatenate([self._node_of_piece, base + np.arange(pieces)])
        self._pieces += pieces
        if self._pieces > len(self._final):
            self._final = np.resize(self._final, 2 * self._pieces)
        self._bottom = node[runs.of_pixel[-1]]
        alike = codes[over] == codes[under]
        self._join(over[alike], under[alike])

    def _join(self, one: I64, other: I64) -> None:
        parts, part = linked(len(self._nodes.code), one, other)
        self._nodes = self._nodes.joined(parts, part)
        moved = part.astype(np.int64)
        self._borders = self._borders.joined(moved)
        self._bottom, self._node_of_piece = moved[self._bottom], moved[self._node_of_piece]

    def _merge(self) -> bool:
        """Settle every area that comes before all its neighbours; whether there was one."""
        ready = self._ready()
        borders = self._borders.both_ways()
        borders = borders.at(ready[borders.one])
        if not len(borders.one):
            return False
        codes = self._nodes.code
        borders = borders.at(self._longest(borders))
        codes[borders.one] = codes[borders.other]
        every = self._borders.both_ways()
        same = ready[every.one] & (codes[every.one] == codes[every.other])
        self._join(every.one[same], every.other[same])
        large = self._nodes.size >= self._least
        self._borders = self._borders.at(~(large[self._borders.one] & large[self._borders.other]))
        return True

    def _ready(self) -> Flags:
        """Too small, complete, and before all neighbours in the order of sizes."""
        nodes, borders = self._nodes, self._borders.both_ways()
        one, other = nodes.size[borders.one], nodes.size[borders.other]
        # Of equals, a shuffle decides that is always the same: an order by place would leave streaks.
        # An open area can only grow: what comes before it now does so for good.
        chance = _shuffled(nodes.first)
        tie = (one == other) & (chance[borders.one] < chance[borders.other])
        ready = (nodes.size < self._least) & ~nodes.open
        ready[borders.one[~((one < other) | tie)]] = False
        return ready

    def _longest(self, borders: _Borders) -> I64:
        """Of borders of areas, one that is with the class that most of the area's border is with."""
        codes = self._nodes.code[borders.other]
        order, start = _groups(borders.one << 32 | (codes.astype(np.int64) - OUT))
        across, down = (np.add.reduceat(sides[order], start) for sides in (borders.across, borders.down))
        length = across * self._sides[0] + down * self._sides[1]
        which = order[start]
        chance = _shuffled(self._nodes.first[borders.one[which]] ^ (codes[which].astype(np.int64) << 40))
        best = np.lexsort((chance, length, borders.one[which]))
        last = np.flatnonzero(np.diff(borders.one[which][best], append=-1))
        return which[best[last]]

    def _forget(self) -> None:
        """Note the classes that no longer change, and keep the areas that others wait for."""
        nodes = self._nodes
        large = nodes.size >= self._least
        borders = self._borders.at(~(large[self._borders.one] & large[self._borders.other])).summed()
        kept = nodes.open.copy()
        kept[borders.one] = kept[borders.other] = True
        waits = (kept & ~large)[self._node_of_piece]
        self._final[self._piece[~waits]] = nodes.code[self._node_of_piece[~waits]]
        number = np.cumsum(kept) - 1
        self._nodes = nodes.at(kept)
        self._borders = borders.joined(number)
        self._bottom = number[self._bottom]
        self._piece, self._node_of_piece = self._piece[waits], number[self._node_of_piece[waits]]


def _pieces(runs: Runs) -> tuple[int, I32, tuple[I32, I32, I64]]:
    """The areas of a strip by itself: their number, that of each run, and what lies on what."""
    upper, lower, length = contacts(runs.of_pixel[:-1], runs.of_pixel[1:])
    alike = runs.code[upper] == runs.code[lower]
    pieces, piece = linked(len(runs.code), upper[alike], lower[alike])
    return pieces, piece, (upper, lower, length)


def _groups(key: I64) -> tuple[I64, I64]:
    """An order that brings equal keys together, and where in it each of them starts."""
    order = np.argsort(key, kind="stable")
    return order, np.flatnonzero(np.diff(key[order], prepend=-1))


def _shuffled(number: I64) -> NDArray[np.uint64]:
    """Numbers that look like chance, the same for the same number and different for others.

    The finishing steps of splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
    generators", OOPSLA 2014).
    """
    mixed = number.astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
