"""Where a change magnitude becomes a change: the threshold, found on a streaming histogram.

Magnitudes are in units of the usual difference of the two dates (see
:meth:`~.features.space.FeatureSpace.paired`), so that one floor serves all scenes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammainc, gammainccinv, gammaincinv, ndtr, ndtri

from ..magnitudes import Magnitudes
from .base import F32

# Magnitudes span decades: their logarithms are what resembles two normal distributions.
_LOWEST, _HIGHEST, _BINS = 1e-3, 1e4, 2048
_EDGES = np.geomspace(_LOWEST, _HIGHEST, _BINS + 1)
_LOGS = (np.log(_EDGES[:-1]) + np.log(_EDGES[1:])) / 2
# A share of pixels too small to estimate a distribution from, and a variance that is one bin.
_LEAST_SHARE = 5e-4
_LEAST_VARIANCE = float(_LOGS[1] - _LOGS[0]) ** 2
# Of the histogram that people see.
_BINS_TOLD, _LOWEST_TOLD = 64, 5e-3
# Rates of false alarms whose thresholds people are offered, percent.
_RATES_TOLD = 0.1, 0.5, 1.0, 2.0, 5.0
# Where few pixels changed, the criterion hardly rises along the whole tail, and a handful of the
# strongest would decide: of partings that differ by less than this, the lowest is taken.
_EVEN = 0.002
# No change below this many usual differences. Without it the method splits the noise of two dates
# between which nothing happened; docs/benchmarks.md has the measurement.
FLOOR = 1.75
# Quantiles of the unchanged ground through which a distribution is laid: as high as changes hardly reach, so
# that little is left to extrapolate. Of four pairs tried on planted changes the closest to what was asked.
_MATCHED = 0.5, 0.9
# How often the tail that is not seen is estimated anew; it settles in three or four.
_LAYINGS = 10
# Logarithms of the shapes of gamma distributions that are looked through.
_LOG_SHAPES = -4.0, 9.0


@dataclass(frozen=True)
class Threshold:
    """A threshold and why it is that one.

    Attributes:
        value: magnitudes from here on are change.
        method: "minimum error", "floor", "false alarms" or "given".
        reason: one sentence for the person who reads the map.
    """

    value: float
    method: str
    reason: str

    @classmethod
    def given(cls, value: float) -> Threshold:
        return cls(value, "given", "The threshold was given by hand.")


@dataclass
class Histogram:
    """Counts of magnitudes in bins of equal ratio, added block by block."""

    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BINS, np.int64))

    def add(self, values: F32) -> None:
        """Count magnitudes of any shape; those beyond the bins go into the outermost."""
        inside = np.clip(values, _LOWEST, np.nextafter(np.float32(_HIGHEST), np.float32(0)))
        self.counts += np.histogram(inside, _EDGES)[0]

    def told(self, pixel_area: float, kind: type[Spread] | None = None) -> Magnitudes | None:
        """The same in few bins, as a person looks at it; None where nothing was counted.

        Args:
            pixel_area: square metres.
            kind: of distribution that unchanged magnitudes have, None where that is not known.
        """
        total = self.counts.sum()
        if not total:
            return None
        # The few least of all would stretch the picture to where nothing is to be seen.
        first = int(np.searchsorted(np.cumsum(self.counts), _LOWEST_TOLD * total))
        last = int(np.flatnonzero(self.counts)[-1])
        width = -(-(last - first + 1) // _BINS_TOLD)
        starts = np.arange(first, last + 1, width)
        areas = np.add.reduceat(self.counts, starts) * pixel_area
        areas[0] += self.counts[:first].sum() * pixel_area
        edges = [*_EDGES[starts], _EDGES[min(starts[-1] + width, _BINS)]]
        alarms = [(rate, chosen_threshold(self, rate, kind).value) for rate in _RATES_TOLD] if kind else []
        return Magnitudes(tuple(map(float, edges)), tuple(map(float, areas)), tuple(alarms))


def magnitude(first: F32, second: F32) -> F32:
    """Euclidean distance of feature vectors: (dim, rows, cols) twice to (rows, cols).

    A feature that is not known on both dates (NaN) is taken to differ as much as the others do on average;
    where none is, neither is the distance (NaN).
    """
    difference = second - first
    known = ~np.isnan(difference)
    if not known.all():
        share = known.mean(axis=0, dtype=np.float32)
        share[share == 0] = np.nan
        difference = np.where(known, difference, 0) / np.sqrt(share)
    return np.sqrt(np.einsum("irc,irc->rc", difference, difference), dtype=np.float32)


def automatic_threshold(histogram: Histogram) -> Threshold:
    """The threshold between unchanged and changed, by minimum error on logarithms, with a floor.

    Two normal distributions are fitted on either side of every candidate; the candidate with the
    fewest expected errors wins (Kittler and Illingworth 1986, Minimum error thresholding, Pattern
    Recognition 19(1), 41-47). The classes may be of very different size and spread, as they are
    when little changed, where Otsu's threshold splits the larger class instead.
    """
    found = minimum_error(histogram.counts, FLOOR)
    if found is not None:
        return Threshold(
            found, "minimum error", f"Magnitudes fall into two groups, parted best at {found:.3g}."
        )
    return Threshold(
        FLOOR,
        "floor",
        f"No group of its own stands above {FLOOR} times the usual difference of the dates,"
        " the least that counts as change.",
    )


def minimum_error(counts: NDArray[np.int64], floor: float = 0.0) -> float | None:
    """Where magnitudes part best into two distributions, above ``floor``; None if not there.

    Args:
        counts: of a :class:`Histogram`.
        floor: in the units of the magnitudes.
    """
    total = counts.sum()
    if not total:
        return None
    share = counts / total
    low, first, second = (np.cumsum(share * _LOGS**power) for power in (0, 1, 2))
    high = 1 - low
    with np.errstate(divide="ignore", invalid="ignore"):
        low_variance = second / low - (first / low) ** 2
        high_variance = (second[-1] - second) / high - ((first[-1] - first) / high) ** 2
        criterion = low * np.log(low_variance) + high * np.log(high_variance)
        criterion -= 2 * (low * np.log(low) + high * np.log(high))
    usable = (low > _LEAST_SHARE) & (high > _LEAST_SHARE)
    usable &= (low_variance > _LEAST_VARIANCE) & (high_variance > _LEAST_VARIANCE)
    if not usable.any():
        return None
    criterion = np.where(usable, criterion, np.inf)
    if _EDGES[np.argmin(criterion) + 1] <= floor:
        return None
    even = (criterion <= criterion.min() + _EVEN) & (_EDGES[1:] > floor)
    return float(_EDGES[np.flatnonzero(even)[0] + 1])


class Spread(Protocol):
    """A distribution of the magnitudes of unchanged ground.

    Attributes:
        name: of its kind, in words.
    """

    name: str

    @classmethod
    def through(cls, low: float, high: float) -> Spread:
        """The one whose quantiles ``_MATCHED`` are these."""

    def exceeded_by(self, share: float) -> float:
        """The magnitude that a share exceeds."""

    def below(self, value: float) -> float:
        """The share below a magnitude."""


@dataclass(frozen=True)
class LogNormal:
    """Of differences that are products of many things: the logarithms are normal."""

    centre: float
    deviation: float
    name = "a log-normal distribution of the magnitudes"

    @classmethod
    def through(cls, low: float, high: float) -> LogNormal:
        lower, upper = (float(ndtri(part)) for part in _MATCHED)
        deviation = math.log(high / low) / (upper - lower)
        return cls(math.log(high) - upper * deviation, deviation)

    def exceeded_by(self, share: float) -> float:
        return math.exp(self.centre + self.deviation * float(ndtri(1 - share)))

    def below(self, value: float) -> float:
        return float(ndtr((math.log(value) - self.centre) / self.deviation))


@dataclass(frozen=True)
class GammaOfSquares:
    """Of sums of squared normal differences: chi-squared numbers, which are gamma.

    Where the differences go together or are of different size, a gamma distribution of another shape
    comes near (Satterthwaite 1946, Biometrics Bulletin 2(6), 110-114).
    """

    shape: float
    scale: float
    name = "a gamma distribution of the squared magnitudes, as chi-squared numbers have"

    @classmethod
    def through(cls, low: float, high: float) -> GammaOfSquares:
        def beyond(log_shape: float) -> float:
            lower, upper = (float(gammaincinv(math.exp(log_shape), part)) for part in _MATCHED)
            return math.log(upper / lower) - 2 * math.log(high / low)

        first, last = _LOG_SHAPES
        if beyond(first) <= 0:
            shape = math.exp(first)
        elif beyond(last) >= 0:
            shape = math.exp(last)
        else:
            shape = math.exp(float(brentq(beyond, first, last, xtol=1e-6)))
        return cls(shape, high**2 / float(gammaincinv(shape, _MATCHED[1])))

    def exceeded_by(self, share: float) -> float:
        return math.sqrt(self.scale * float(gammainccinv(self.shape, share)))

    def below(self, value: float) -> float:
        return float(gammainc(self.shape, value**2 / self.scale))


# Of unchanged magnitudes, by the method that made them; those of other methods do not tell it.
SPREADS: Mapping[str, type[Spread]] = {
    "distance": LogNormal,
    "difference": LogNormal,
    "irmad": GammaOfSquares,
}


def chosen_threshold(
    histogram: Histogram, false_alarms: float, kind: type[Spread] = LogNormal
) -> Threshold:
    """The threshold that may call a percentage of the unchanged pixels change; automatic for 0.

    What lies below the automatic threshold is taken for unchanged, with the tail that the distribution
    laid through its median and ninth decile has beyond it. Ground that differs by season, or at the edge
    of a change, is no unchanged ground to it.

    Args:
        histogram: of all magnitudes.
        false_alarms: percent.
        kind: of distribution that unchanged magnitudes have.
    """
    automatic = automatic_threshold(histogram)
    if not false_alarms:
        return automatic
    found = _laid(np.where(_EDGES[1:] <= automatic.value, histogram.counts, 0), automatic.value, kind)
    if found is None:
        return Threshold(FLOOR, "floor", "Magnitudes are too alike to tell how they spread: the floor holds.")
    value = found.exceeded_by(false_alarms / 100)
    return Threshold(
        value,
        "false alarms",
        f"{false_alarms:g} % of the unchanged ground is expected to exceed {value:.3g}, by {found.name} laid"
        f" through the median and the ninth decile of those below {automatic.value:.3g}.",
    )


def _laid(counts: NDArray[np.int64], end: float, kind: type[Spread]) -> Spread | None:
    """The distribution of which magnitudes below ``end`` are seen; None where they do not differ."""
    below = np.concatenate([[0], np.cumsum(counts)])
    found, seen = None, 1.0
    for _ in range(_LAYINGS):
        places = [min(part / seen, 1.0) * below[-1] for part in _MATCHED]
        low, high = np.exp(np.interp(places, below, np.log(_EDGES))).tolist()
        if not low < high:
            return None
        found = kind.through(low, high)
        seen = found.below(end)
    return found
