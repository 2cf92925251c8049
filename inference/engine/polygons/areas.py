"""Areas of a class raster, each given out as soon as its last row was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..grid import F64
from .held import Fate, Held
from .outlines import Edges, Tracer
from .rings import Rings, Traced, rings_of
from .strips import I32, I64, OUT, Runs, Strip, contacts, exact_parts, linked, runs_of


@dataclass(frozen=True)
class Areas:
    """Finished areas, in the order of their last rows, then of their first pixels.

    Attributes:
        code: (areas,) class values.
        square_metres: (areas,) ground that their pixels cover.
        means: (areas,) means, one array for each weight of the strips, NaN where it has no data.
        rings: their outlines, in pixel corners.
    """

    code: I32
    square_metres: F64
    means: tuple[F64, ...]
    rings: Rings


@dataclass(frozen=True)
class _Known:
    """What is known of areas so far.

    Attributes:
        code: class values.
        first: flat index in the raster of their first pixels.
        last: last row in which they have a pixel.
        sums: (terms, areas) exact sums: the terms of their ground, then the sum and the number of
            valid pixels of each weight.
    """

    code: I32
    first: I64
    last: I64
    sums: F64

    def at(self, which: NDArray[Any]) -> _Known:
        return _Known(self.code[which], self.first[which], self.last[which], self.sums[:, which])


class Collector:
    """Takes strips from top to bottom and gives areas back.

    Args:
        width: columns of the raster.
        row_areas: (rows,) ground that a pixel of each row covers, in square metres.
        weights: how many weights its strips have.
    """

    def __init__(self, width: int, row_areas: F64, weights: int) -> None:
        self._width = width
        self._ground = exact_parts(row_areas, width * len(row_areas))
        self._tracer = Tracer(width)
        self._edges, self._links = Held(), Held()
        terms = len(self._ground) + 2 * weights
        none = np.zeros(0, np.int64)
        self._open = _Known(np.zeros(0, np.int32), none, none, np.zeros((terms, 0)))
        # By column: the open area that the last row's pixel belongs to; -1 for none.
        self._bottom = np.full(width, -1, np.int32)

    def add(self, above: I32 | None, strip: Strip, below: I32 | None) -> Areas:
        """Take the next strip.

        Args:
            above: (columns,) codes of the row over it, None over the raster.
            below: (columns,) codes of the row under it, None under the raster.

        Returns:
            the areas without a pixel in its last row, or all if nothing follows.
        """
        runs = runs_of(strip.codes)
        parts, part_of_area, part_of_run = self._parts(runs)
        known = self._joined(parts, part_of_area, part_of_run, self._of_runs(strip, runs))
        last_row = part_of_run[runs.of_pixel[-1]]
        real = known.code != OUT
        closes = real.copy()
        if below is not None:
            closes[last_row] = False
        stays, done = np.flatnonzero(real & ~closes), np.flatnonzero(closes)
        done = done[np.lexsort((known.first[done], known.last[done]))]
        fate = Fate(part_of_area, closes, _numbered(stays, parts), _numbered(done, parts))
        beyond = np.full(self._width, OUT, np.int32)
        edges = self._tracer.trace(
            strip.first,
            beyond if above is None else above,
            strip.codes,
            beyond if below is None else below,
        )
        self._open = known.at(stays)
        self._bottom = fate.number[last_row].astype(np.int32)
        part_of_pixel = part_of_run[runs.of_pixel].ravel()
        return self._finished(known.at(done), self._traced(edges, fate, part_of_pixel))

    def _parts(self, runs: Runs) -> tuple[int, I32, I32]:
        """What hangs together: number of parts, the part of each open area and of each run."""
        held = len(self._open.code)
        upper, lower, _ = contacts(runs.of_pixel[:-1], runs.of_pixel[1:])
        alike = runs.code[upper] == runs.code[lower]
        area, run, _ = contacts(self._bottom[None], runs.of_pixel[:1])
        # No area is open where there is no class, so that -1 never finds its like.
        codes = np.append(self._open.code, np.int32(OUT))
        goes_on = (area >= 0) & (codes[area] == runs.code[run])
        one = np.concatenate([area[goes_on], upper[alike] + held])
        other = np.concatenate([run[goes_on] + held, lower[alike] + held])
        parts, label = linked(held + len(runs.code), one, other)
        return parts, label[:held], label[held:]

    def _of_runs(self, strip: Strip, runs: Runs) -> _Known:
        rows, _ = np.divmod(runs.start, self._width)
        rows += strip.first
        terms = [term[rows] * runs.length for term in self._ground]
        for values, valid in strip.weights:
            terms.append(np.add.reduceat(values.ravel(), runs.start, dtype=np.float64))
            terms.append(np.add.reduceat(valid.ravel(), runs.start, dtype=np.int64).astype(np.float64))
        return _Known(runs.code, runs.start + strip.first * self._width, rows, np.array(terms))

    def _joined(self, parts: int, part_of_area: I32, part_of_run: I32, runs: _Known) -> _Known:
        part = np.concatenate([part_of_area, part_of_run])
        code = np.empty(parts, np.int32)
        code[part] = np.concatenate([self._open.code, runs.code])
        first, last = np.full(parts, np.iinfo(np.int64).max), np.zeros(parts, np.int64)
        np.minimum.at(first, part, np.concatenate([self._open.first, runs.first]))
        np.maximum.at(last, part, np.concatenate([self._open.last, runs.last]))
        every = np.concatenate([self._open.sums, runs.sums], axis=1)
        sums = [np.bincount(part, weights=term, minlength=parts) for term in every]
        return _Known(code, first, last, np.array(sums))

    def _traced(self, edges: Edges, fate: Fate, part_of_pixel: I32) -> Traced:
        """The edges of the areas that close, those of earlier strips among them."""
        ends = (edges.id, edges.y, edges.start, edges.end, edges.meets)
        owner, (ids, y, start, end, meets) = self._edges.through(fate, part_of_pixel[edges.pixel], ends)
        both = (edges.source, edges.target)
        _, (source, target) = self._links.through(fate, part_of_pixel[edges.link_pixel], both)
        return Traced(owner, ids, y, start, end, meets, source, target)

    def _finished(self, known: _Known, traced: Traced) -> Areas:
        ground = len(self._ground)
        sums, counts = known.sums[ground::2], known.sums[ground + 1 :: 2]
        with np.errstate(invalid="ignore"):
            means = np.where(counts > 0, np.round(sums / counts, 4), np.nan)
        square_metres = known.sums[:ground].sum(axis=0)
        return Areas(known.code, square_metres, tuple(means), rings_of(traced, len(known.code)))


def _numbered(which: I64, count: int) -> I64:
    """By index, the place in ``which``; -1 for what is not there."""
    number = np.full(count, -1, np.int64)
    number[which] = np.arange(len(which))
    return number
