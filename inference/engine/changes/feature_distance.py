"""distance: how far the features of two dates lie apart.

What moves a whole scene, as light, haze and season do, does not count as change: see
:meth:`~..features.space.FeatureSpace.paired`.

A pixel changed as much as both it and its surroundings did. Local means and an encoder's windows reach
over the edges of a change, and alone draw a rim around it; a pixel alone is as noisy as its sensor, and
moves with every edge that lies a part of a pixel off.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...jobs import Task
from ..area import Area
from ..base import F32, Mask
from ..features.of_jobs import digest_of, learn_space
from ..features.space import FeatureSpace
from ..grid import Window
from ..rasters import Stack
from ..regions import Region
from ..run import Run
from ..thresholds import SPREADS, Histogram, Threshold, chosen_threshold, magnitude


def distance(space: FeatureSpace, first: F32, second: F32) -> F32:
    """How far two dates lie apart: the smaller distance of pixels themselves and of what lies around them.

    Args:
        space: either of the paired ones.
        first, second: (dim, rows, cols) of either date, NaN where unknown.

    Returns:
        (rows, cols), in units of the usual difference. Where one of the two is unknown, the other counts.
    """
    around = np.array(space.around)
    wide = np.repeat(around, space.blocks)
    found = np.full(first.shape[1:], np.nan, np.float32)
    for kind in (False, True):
        if (around == kind).any():
            part = wide == kind
            apart = magnitude(first[part], second[part])
            # Features are weighed so that all blocks together differ by 1.
            found = np.fmin(found, apart / np.sqrt(np.mean(around == kind, dtype=np.float32)))
    return np.nan_to_num(found, nan=0.0)


class FeatureDistance:
    """The :func:`distance` of paired features; see :class:`~.measures.Measure`."""

    def __init__(
        self,
        run: Run,
        stacks: tuple[Stack, Stack],
        spaces: tuple[FeatureSpace, FeatureSpace],
        area: Area,
        origin: tuple[str, str],
    ) -> None:
        self._context = run.context
        self._stacks = stacks
        self._spaces = spaces
        self._area = area
        self.origin = origin
        self.facts: dict[str, Any] = {}
        self.warnings: list[str] = []

    def read(self, block: Window) -> tuple[Region, Region] | None:
        first, second = (
            space.read(stack, block) for space, stack in zip(self._spaces, self._stacks, strict=True)
        )
        seen = first.inside(self._area, block) & second.inside(self._area, block)
        return (first, second) if seen.any() else None

    def magnitude(self, block: Window, found: tuple[Region, Region]) -> tuple[F32, Mask]:
        (first, seen_first), (second, seen_second) = (
            space.of(region, block, self._context) for space, region in zip(self._spaces, found, strict=True)
        )
        return distance(self._spaces[0], first, second), seen_first & seen_second

    def threshold(self, histogram: Histogram, false_alarms: float) -> Threshold:
        return chosen_threshold(histogram, false_alarms, SPREADS["distance"])


def measure(run: Run, before: Stack, after: Stack, area: Area) -> FeatureDistance:
    """The distance in the feature space of the job's MODEL.

    Raises:
        UnsupportedInput: if a band is missing, or no pixel is valid on both dates.
    """
    earlier, later = before.limited(area), after.limited(area)
    card, space = learn_space(run, Task.CHANGE, earlier)
    spaces = space.paired(earlier, later, run.context)
    return FeatureDistance(run, (before, after), spaces, area, (card.id, digest_of(card)))
