"""What a pixel was in the course of a year, in numbers that were not learned.

Of each signal (a band, an index): the 10th and 90th percentile of what was seen, which tell how much it
changes, and the coefficients of two harmonics of the year, which tell when. Harmonics stand gaps and
uneven dates, and the same crop of another year comes out the same (Jakubauskas et al. 2001, "Harmonic
analysis of time-series AVHRR NDVI data"; the ridge keeps few dates from being followed through every point).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np

from ..base import F32, Mask
from .least_squares import F64, coefficients, inverses

PERCENTILES = (0.1, 0.9)
HARMONICS = 2
# What features of a signal are called, in order.
NAMES = ("p10", "p90", *(f"{wave}{h}" for h in range(1, HARMONICS + 1) for wave in ("cos", "sin")))
_YEAR = 365.25
# Weight, in dates, of the assumption that a signal has no season.
_RIDGE = 0.5


def harmonics(dates: Sequence[datetime.date], count: int) -> F64:
    """(dates, 2 * count) cosines and sines of the day of the year, a pair for each harmonic."""
    days = np.array([day.timetuple().tm_yday for day in dates], np.float64)
    angles = 2 * np.pi * days[:, None] / _YEAR * np.arange(1, count + 1)
    return np.stack([np.cos(angles), np.sin(angles)], axis=2).reshape(len(days), -1)


class Seasons:
    """Features of signals that were seen at the same places on the same dates.

    Args:
        dates: in order.
        seen: (dates, pixels).
    """

    def __init__(self, dates: Sequence[datetime.date], seen: Mask) -> None:
        self._seen = seen
        self._waves = np.concatenate([np.ones((len(dates), 1)), harmonics(dates, HARMONICS)], axis=1)
        self._count = seen.sum(axis=0)
        ridge = np.array([1e-9, *[_RIDGE] * (2 * HARMONICS)])
        self._inverse = inverses(self._waves, seen, ridge)

    def features(self, values: F32) -> F32:
        """(:data:`NAMES`, pixels) of (dates, pixels) of a signal; 0 where it was never seen."""
        ordered = np.sort(np.where(self._seen, values, np.float32(np.inf)), axis=0)
        last = np.maximum(self._count - 1, 0)
        parts = []
        for share in PERCENTILES:
            at = np.rint(share * last).astype(np.int64)
            parts.append(np.take_along_axis(ordered, at[None], axis=0)[0])
        known = np.where(self._seen, values, np.float32(0)).astype(np.float64)
        parts.extend(coefficients(self._waves, known, self._inverse)[1:])
        return np.where(self._count > 0, np.stack(parts), 0).astype(np.float32)
