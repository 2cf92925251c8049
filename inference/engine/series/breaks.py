"""The strongest break in each pixel's series: when, how large, how sure.

A signal is taken for a level, a trend and a season of harmonics; a break is a step of the level. Of all
dates at which a step may lie, the one that takes away most of the squares that are left has the largest
F of Chow's test; sup-F is the largest of them (Andrews 1993, "Tests for parameter instability and
structural change with unknown change point", Econometrica 61; a season with breaks as Verbesselt et al.
2010 have it in BFAST). What sup-F exceeds by chance alone is not read from Andrews' limits, which hold for
long series, but drawn: series of noise at the very dates of the job, as many as it takes. That is exact for
independent normal noise at pixels without gaps, and close to it with some.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from ..base import F32, Mask
from .least_squares import F64, added, coefficients, form, inverses
from .seasons import harmonics

# Of what was seen of a pixel, so large a share must lie on either side of a break (Andrews 1993), and
# never fewer dates than so many: one cloud that no mask found would be a step at an end of the series.
_TRIMMED, _LEAST_ASIDE = 0.15, 2
# Series of noise that say what comes by chance; the smallest share they can tell is one in so many.
_DRAWS = 20_000
_DRAWN_AT_ONCE = 2_000
_DAYS_A_YEAR = 365.25
# Next to nothing beside a date's weight of 1.
_TINY = 1e-9


@dataclass(frozen=True)
class Breaks:
    """Of each pixel its strongest break, significant or not.

    Attributes:
        at: (pixels,) index of the first date after it, -1 where too little was seen.
        size: (pixels,) the step, in the signal's units.
        chance: (pixels,) how often noise alone would show one as strong, 0 to 1; 1 where nothing is known.
    """

    at: NDArray[np.int16]
    size: F32
    chance: F32


class BreakTest:
    """The test for series at given dates.

    Args:
        dates: in order.
        count: harmonics of the year.
        seed: of the noise.
    """

    def __init__(self, dates: Sequence[datetime.date], count: int, seed: int = 0) -> None:
        years = np.array([(day - dates[0]).days / _DAYS_A_YEAR for day in dates])
        middle = years - years.mean()
        self._terms = np.column_stack([np.ones(len(dates)), middle, harmonics(dates, count)])
        self._drawn = self._by_chance(seed)

    @property
    def least(self) -> int:
        """Dates that a pixel must have been seen on: more than the model has numbers to choose."""
        return self._terms.shape[1] + 2

    def find(self, values: F32, seen: Mask) -> Breaks:
        """The strongest breaks of (dates, pixels) values."""
        at, size, surprise = self._strongest(values.astype(np.float64), seen)
        rank = np.searchsorted(self._drawn, surprise, side="right")
        chance = (rank + 1) / (len(self._drawn) + 1)
        known = at >= 0
        return Breaks(
            at.astype(np.int16),
            np.where(known, size, 0).astype(np.float32),
            np.where(known, chance, 1).astype(np.float32),
        )

    def _by_chance(self, seed: int) -> F64:
        """The least p of noise, many times over, in order."""
        chance = np.random.default_rng(seed)
        dates = len(self._terms)
        seen = np.ones((dates, _DRAWN_AT_ONCE), bool)
        found = [
            self._strongest(chance.normal(size=seen.shape), seen)[2] for _ in range(_DRAWS // _DRAWN_AT_ONCE)
        ]
        return np.sort(np.concatenate(found))

    def _strongest(self, values: F64, seen: Mask) -> tuple[NDArray[np.int64], F64, F64]:
        """Of each pixel the date, the step, and the p of Chow's F there, which says nothing by itself.

        By Frisch, Waugh and Lovell a step's coefficient is that of what is left of it on what is left of the
        series, after the other terms were taken off both; sums from the end over dates give all steps.
        """
        known = np.where(seen, values, 0.0)
        inverse = inverses(self._terms, seen, np.full(self._terms.shape[1], _TINY))
        left = known - np.where(seen, self._fitted(known, inverse), 0.0)
        count = seen.sum(axis=0)
        squares = (left**2).sum(axis=0)
        freedom = count - self._terms.shape[1] - 1
        aside = np.maximum(np.ceil(_TRIMMED * count), _LEAST_ASIDE)
        nothing = np.zeros(values.shape[1])
        at, size, best, after, tail = nothing - 1, nothing, nothing, nothing, nothing
        cross = np.zeros((self._terms.shape[1], values.shape[1]))
        for date in range(len(values) - 1, 0, -1):
            after = after + seen[date]
            tail = tail + left[date]
            cross = cross + np.where(seen[date], self._terms[date][:, None], 0.0)
            own = after - form(inverse, cross)
            allowed = seen[date] & (after >= aside) & (count - after >= aside) & (freedom > 0) & (own > 1e-6)
            gain = np.where(allowed, tail**2 / np.where(allowed, own, 1.0), -1.0)
            better = gain > best
            at, best = np.where(better, date, at), np.where(better, gain, best)
            size = np.where(better, tail / np.where(allowed, own, 1.0), size)
        rest = np.maximum(squares - best, 1e-12 * np.maximum(squares, 1e-30))
        ratio = best * np.maximum(freedom, 1) / rest
        surprise = np.where(at >= 0, fdtrc(1, np.maximum(freedom, 1), np.maximum(ratio, 0)), 1.0)
        return at.astype(np.int64), size, surprise

    def _fitted(self, known: F64, inverse: F64) -> F64:
        found = coefficients(self._terms, known, inverse)
        pairs = (zip(term, found, strict=True) for term in self._terms)
        return np.stack([added(share * one for share, one in pair) for pair in pairs])
