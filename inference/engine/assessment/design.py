"""A stratified random sample of a map: how many places each class gets, and which.

Every pixel draws a lot from the exponential distribution, divided by its area, and the lowest of
each class win: a sample without replacement in which ground counts, not pixels (Efraimidis and
Spirakis 2006, "Weighted random sampling with a reservoir", Information Processing Letters 97, 181).
Where all pixels are of one size it is simple random sampling within the class. A block's lots depend
on the seed and the block alone, and no more than the winners so far are kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedInput
from ..grid import Window
from .mapped import NO_CLASS, Values

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# A class of which a single place is known tells nothing of how it varies.
_LEAST = 2


def needed(expected: float, standard_error: float) -> int:
    """How many places give the overall accuracy a standard error.

    Cochran (1977), equation 5.25, as Olofsson et al. (2014) use it in their equation 13, with the
    same expected accuracy for every class.
    """
    return math.ceil(expected * (1 - expected) / standard_error**2 - 1e-9)


def allocate(areas: Mapping[int, float], count: int, allocation: str, least: int) -> dict[int, int]:
    """How many of ``count`` places each class gets, by value.

    ``proportional`` goes by area, ``equal`` does not look at it. ``mixed`` goes by area too, but
    first gives ``least`` places to each class that would get fewer, as Olofsson et al. (2014, section
    5.1.2) advise for rare classes; it spends no more than half of all places on that. No class gets
    fewer than two.

    Raises:
        UnsupportedInput: if there are not even two places for each class.
    """
    if count < _LEAST * len(areas):
        raise UnsupportedInput(
            f"{count} points are too few for the {len(areas)} classes of the map.",
            f"Ask for {_LEAST * len(areas)} at least; 50 a class are usual.",
        )
    floor = _LEAST
    if allocation == "mixed":
        floor = max(floor, min(least, count // (2 * len(areas))))
    total = sum(areas.values())
    shares = {
        value: 1 / len(areas) if allocation == "equal" else area / total for value, area in areas.items()
    }
    # Whoever falls below the floor gets it; the rest is shared out among the others, until none does.
    fixed: dict[int, int] = {}
    while True:
        free = {value: share for value, share in shares.items() if value not in fixed}
        left = count - sum(fixed.values())
        whole = sum(free.values())
        poor = [value for value, share in free.items() if left * share / whole < floor]
        if not poor:
            break
        fixed.update(dict.fromkeys(poor, floor))
    given = {**fixed, **_rounded(free, left)}
    return {value: given[value] for value in areas}


def _rounded(shares: Mapping[int, float], count: int) -> dict[int, int]:
    """Whole numbers in the ratio of ``shares`` that sum up to ``count``: the largest remainders get one."""
    whole = sum(shares.values())
    exact = {value: count * share / whole for value, share in shares.items()}
    result = {value: int(number) for value, number in exact.items()}
    by_remainder = sorted(exact, key=lambda value: (result[value] - exact[value], value))
    for value in by_remainder[: count - sum(result.values())]:
        result[value] += 1
    return result


@dataclass(frozen=True)
class Drawn:
    """Pixels that were drawn, in random order.

    Attributes:
        stratum: (points,) class value that the map has there.
        rows, cols: (points,) their places in the map's grid.
    """

    stratum: I64
    rows: I64
    cols: I64


class Lottery:
    """Lots of the pixels of a map, of which the lowest ``most`` of each class are kept."""

    def __init__(self, most: int, seed: int) -> None:
        self._most = most
        self._seed = seed
        # Of each class: lots, rows and columns, as rows of an array.
        self._kept: dict[int, F64] = {}
        self._bound: dict[int, float] = {}

    def add(self, block: Window, values: Values, sizes: F64) -> None:
        """Let a block's pixels draw.

        Args:
            values: (rows, cols) classes.
            sizes: (rows,) area of a pixel of each row.
        """
        random = np.random.default_rng([self._seed, block.row, block.col])
        lots = random.standard_exponential(values.shape) / sizes[:, None]
        for value in np.unique(values).tolist():
            if value == NO_CLASS:
                continue
            rows, cols = np.nonzero((values == value) & (lots < self._bound.get(value, math.inf)))
            found = np.stack([lots[rows, cols], rows + block.row, cols + block.col])
            self._keep(value, found)

    def _keep(self, value: int, found: F64) -> None:
        kept = np.concatenate([self._kept.get(value, np.zeros((3, 0))), found], axis=1)
        if kept.shape[1] > self._most:
            kept = kept[:, np.argpartition(kept[0], self._most)[: self._most]]
            self._bound[value] = float(kept[0].max())
        self._kept[value] = kept

    def draw(self, counts: Mapping[int, int]) -> Drawn:
        """The winners: as many of each class as it was given, or all that it has."""
        parts = []
        for value, count in counts.items():
            kept = self._kept[value]
            best = kept[:, np.argsort(kept[0], kind="stable")[:count]]
            parts.append(np.stack([np.full(best.shape[1], float(value)), best[1], best[2]]))
        together = np.concatenate(parts, axis=1).astype(np.int64)
        # Whoever stops half-way shall have seen a random part, and a number shall tell nothing.
        order = np.random.default_rng(self._seed).permutation(together.shape[1])
        stratum, rows, cols = together[:, order]
        return Drawn(stratum, rows, cols)
