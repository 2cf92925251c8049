"""From edges that lead to one another to the rings of polygons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from ..grid import F64
from .outlines import MEETS_AT_END, MEETS_AT_START
from .strips import I32, I64, linked


@dataclass(frozen=True)
class Rings:
    """Closed rings of areas: of each area its outer one, then its holes.

    Attributes:
        points: (points, 2) column and row of pixel corners, or map coordinates; the last point of
            a ring repeats its first.
        size: (rings,) points.
        count: (areas,) rings.
    """

    points: F64
    size: I64
    count: I64


@dataclass(frozen=True)
class Traced:
    """All edges of some areas, and what leads to what; see :class:`~.outlines.Edges`.

    Attributes:
        owner: (edges,) which area, from 0 to their number.
    """

    owner: I64
    id: I64
    y: I32
    start: I32
    end: I32
    meets: NDArray[np.uint8]
    source: I64
    target: I64


def rings_of(traced: Traced, areas: int) -> Rings:
    """Put edges in their order.

    A ring starts at its upmost, then leftmost corner, and so does an area with its outer ring: none
    of its holes reaches as high. An area that meets itself across a corner passes there twice;
    which way it is gone decides between one ring that touches itself and two that touch each
    other, and only the latter make a valid polygon.
    """
    order = np.argsort(traced.y.astype(np.int64) << 32 | traced.start, kind="stable")
    edges = _Ordered(traced, order)
    after = _parted(edges, edges.after())
    count, ring = linked(len(after), np.arange(len(after)), after)
    # Rings are numbered by their first edges.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(ring), prepend=-1))
    by_area = np.argsort(edges.owner[first], kind="stable")
    path = _path(after, first[by_area])
    length = np.bincount(ring, minlength=count)[by_area]
    return Rings(
        _points(edges, path, length), 2 * length + 1, np.bincount(edges.owner[first], minlength=areas)
    )


class _Ordered:
    """Edges sorted by where they start."""

    def __init__(self, traced: Traced, order: I64) -> None:
        self._traced = traced
        self._order = order
        self.owner, self.y = traced.owner[order], traced.y[order]
        self.start, self.end = traced.start[order], traced.end[order]
        self.meets = traced.meets[order]

    def after(self) -> I64:
        """(edges,) index of the edge that each leads to."""
        ids = self._traced.id
        place = np.empty_like(self._order)
        place[self._order] = np.arange(len(place))
        by_id = np.argsort(ids, kind="stable")
        ids, place = ids[by_id], place[by_id]
        after = np.empty_like(place)
        after[place[_find(ids, self._traced.source)]] = place[_find(ids, self._traced.target)]
        return after


def _find(ids: I64, wanted: I64) -> I64:
    """Where ids lie in a sorted array that has them all.

    Most lie in one unbroken range, those of the newest strip's areas: a table finds them faster than
    a search does.
    """
    if not len(ids):
        return np.zeros(0, np.int64)
    low = max(int(ids[0]), int(ids[-1]) - 2 * len(ids))
    table = np.zeros(int(ids[-1]) - low + 1, np.int64)
    begin = int(np.searchsorted(ids, low))
    table[ids[begin:] - low] = np.arange(begin, len(ids))
    near = wanted >= low
    found = table[np.where(near, wanted - low, 0)]
    found[~near] = np.searchsorted(ids, wanted[~near])
    return found


def _parted(edges: _Ordered, after: I64) -> I64:
    """``after``, where areas meet themselves across a corner turned from one ring into two."""
    one, other = _met(edges, edges.end, MEETS_AT_END)
    after[one], after[other] = after[other], after[one]
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    one, other = _met(edges, edges.start, MEETS_AT_START)
    after[before[one]], after[before[other]] = other, one
    return after


def _met(edges: _Ordered, col: I32, flag: int) -> tuple[I64, I64]:
    """Pairs of edges of one area at one corner."""
    which = np.flatnonzero(edges.meets & flag)
    which = which[np.lexsort((edges.owner[which], col[which], edges.y[which]))]
    pair = (
        (edges.owner[which[1:]] == edges.owner[which[:-1]])
        & (col[which[1:]] == col[which[:-1]])
        & (edges.y[which[1:]] == edges.y[which[:-1]])
    )
    return which[:-1][pair], which[1:][pair]


def _path(after: I64, first: I64) -> NDArray[Any]:
    """All edges, ring after ring, each from its ``first`` on."""
    if not len(first):
        return first
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    # Each ring is opened before its first edge and tied to the next one: a walk along the line
    # that they make is one call, where a walk along each ring would be as many as there are rings.
    line = after.copy()
    line[before[first[:-1]]] = first[1:]
    line[before[first[-1]]] = first[-1]
    graph = csr_array((np.ones(len(line), np.int8), line, np.arange(len(line) + 1)))
    return breadth_first_order(graph, int(first[0]), return_predecessors=False)


def _points(edges: _Ordered, path: NDArray[Any], length: I64) -> F64:
    """Both ends of each edge, and at the end of each ring its first point again."""
    points = np.empty((2 * len(path) + len(length), 2))
    at = 2 * np.arange(len(path)) + np.repeat(np.arange(len(length)), length)
    points[at, 0], points[at + 1, 0] = edges.start[path], edges.end[path]
    points[at, 1] = points[at + 1, 1] = edges.y[path]
    last = np.cumsum(2 * length + 1) - 1
    points[last] = points[last - 2 * length]
    return points
