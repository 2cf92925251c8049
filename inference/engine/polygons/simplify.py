"""Simpler borders that neighbours keep in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..flow import Aside
from ..grid import F64
from .areas import Areas
from .rings import Rings
from .strips import I64


def simplified(
    found: Iterable[Areas], size: tuple[int, int], tolerance: float, aside: Aside
) -> Areas:
    """All areas as one batch, their borders with fewer corners.

    GEOS takes points out of each stretch of border between two places where three areas meet, once
    for both neighbours, those of the smallest triangles first (Visvalingam and Whyatt 1993), and none
    that would make borders cross. It needs all polygons at once.

    Args:
        found: areas in pixel corners.
        size: columns and rows of the raster, whose own edge stays straight.
        tolerance: in pixels; triangles of less than its square go.
        aside: where GEOS works.
    """
    every = list(found)
    return Areas(
        np.concatenate([areas.code for areas in every]),
        np.concatenate([areas.square_metres for areas in every]),
        tuple(np.concatenate(same) for same in zip(*(areas.means for areas in every), strict=True)),
        aside(_simpler, [areas.rings for areas in every], size, tolerance),
    )


def _simpler(every: Sequence[Rings], size: tuple[int, int], tolerance: float) -> Rings:
    frame = _frame(*size)
    polygons = _polygons(_with_meeting_places(_joined([*every, frame])))
    return _rings(shapely.coverage_simplify(polygons, tolerance)[: -len(frame.count)])


def _frame(width: int, height: int) -> Rings:
    """Four polygons around the raster: at its corners three meet then, so that none is cut off."""
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    outwards = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)], np.float64)
    ends = np.roll(corners, -1, axis=0)
    sides = np.stack([corners, corners + outwards, ends + outwards, ends, corners], axis=1)
    return Rings(sides.reshape(-1, 2), np.full(4, 5), np.ones(4, np.int64))


def _joined(every: Sequence[Rings]) -> Rings:
    return Rings(
        np.concatenate([rings.points for rings in every]),
        np.concatenate([rings.size for rings in every]),
        np.concatenate([rings.count for rings in every]),
    )


def _with_meeting_places(rings: Rings) -> Rings:
    """Rings with a point wherever another ring has a corner.

    Along a straight border an area has no corner where two others meet at it. GEOS knows common
    borders by their points.
    """
    # One more, so that the frame has no number below 0: two of them make one key.
    points = rings.points.astype(np.int64) + 1
    last = np.cumsum(rings.size) - 1
    start = np.delete(np.arange(len(points)), last)
    ring = np.delete(np.repeat(np.arange(len(rings.size)), rings.size), last)
    edge_from, edge_to = points[start], points[start + 1]
    inner = np.empty(len(start), np.int64)
    begin, step = np.empty_like(inner), np.empty_like(inner)
    # Places in the order of rows, then in that of columns: an edge passes a range of one of them.
    orders = []
    for along in (0, 1):
        runs = edge_from[:, 1 - along] == edge_to[:, 1 - along]
        places = np.sort(points[:, 1 - along] << 32 | points[:, along])
        places = places[np.flatnonzero(np.diff(places, prepend=-1))]
        one, other = (edge[runs, 1 - along] << 32 | edge[runs, along] for edge in (edge_from, edge_to))
        low = np.searchsorted(places, np.minimum(one, other), "right")
        high = np.searchsorted(places, np.maximum(one, other), "left")
        inner[runs] = high - low
        begin[runs], step[runs] = np.where(one < other, low, high - 1), np.where(one < other, 1, -1)
        orders.append((runs, places))
    return _filled(rings, edge_from, ring, inner, begin, step, orders)


def _filled(
    rings: Rings,
    edge_from: I64,
    ring: I64,
    inner: I64,
    begin: I64,
    step: I64,
    orders: Sequence[tuple[NDArray[np.bool_], I64]],
) -> Rings:
    """Each edge's first point, the ``inner`` places it passes, and at the end of a ring its first point."""
    size = np.bincount(ring, weights=1 + inner, minlength=len(rings.size)).astype(np.int64) + 1
    points = np.empty((int(size.sum()), 2))
    at = np.cumsum(1 + inner) - (1 + inner) + ring
    points[at] = edge_from
    for along, (runs, places) in enumerate(orders):
        count = inner[runs]
        nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        place = places[np.repeat(begin[runs], count) + nth * np.repeat(step[runs], count)]
        where = np.repeat(at[runs], count) + 1 + nth
        points[where, 1 - along], points[where, along] = place >> 32, place & 0xFFFFFFFF
    last = np.cumsum(size) - 1
    points[last] = points[last + 1 - size]
    points -= 1
    return Rings(points, size, rings.count)


def _polygons(rings: Rings) -> NDArray[Any]:
    lines = shapely.linearrings(rings.points, indices=np.repeat(np.arange(len(rings.size)), rings.size))
    if not len(lines):
        return np.zeros(0, object)
    return shapely.polygons(lines, indices=np.repeat(np.arange(len(rings.count)), rings.count))


def _rings(polygons: NDArray[Any]) -> Rings:
    lines = shapely.get_rings(polygons)
    points: F64 = shapely.get_coordinates(lines)
    return Rings(
        points,
        shapely.get_num_coordinates(lines).astype(np.int64),
        1 + shapely.get_num_interior_rings(polygons).astype(np.int64),
    )
