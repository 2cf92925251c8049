"""Where a change magnitude becomes a change: the threshold, found on a streaming histogram.

Magnitudes are in units of the usual difference of the two dates (see
:meth:`~.features.FeatureSpace.paired`), so that one floor serves all scenes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammainccinv, gammaincinv, ndtri

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
# Where few pixels changed, the criterion hardly rises along the whole tail, and a handful of the
# strongest would decide: of partings that differ by less than this, the lowest is taken.
_EVEN = 0.002
# No change below this many usual differences. Without it the method splits the noise of two dates
# between which nothing happened; docs/benchmarks.md has the measurement.
FLOOR = 1.75
# Quantiles of the unchanged ground through which a distribution is laid: as high as changes hardly reach, so
# that little is left to extrapolate. Of four pairs tried on planted changes the closest to what was asked.
_MATCHED = 0.5, 0.9
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

    def told(self, pixel_area: float) -> Magnitudes | None:
        """The same in few bins, as a person looks at it; None where nothing was counted.

        Args:
            pixel_area: square metres.
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
        return Magnitudes(tuple(map(float, edges)), tuple(map(float, areas)))


def magnitude(first: F32, second: F32) -> F32:
    """Euclidean distance of feature vectors: (dim, rows, cols) twice to (rows, cols).

    A feature that is not known on both dates (NaN) is taken to differ as much as the others do on average.
    """
    difference = second - first
    known = ~np.isnan(difference)
    if not known.all():
        share = known.mean(axis=0, dtype=np.float32)
        difference = np.where(known, difference, 0) / np.sqrt(np.maximum(share, np.float32(1e-6)))
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


@dataclass(frozen=True)
class Family:
    """A kind of distribution of unchanged magnitudes.

    Attributes:
        name: in words.
        exceeded: the magnitude that a share of the unchanged pixels exceeds, by two quantiles of theirs
            (``_MATCHED``): (lower, upper, share) to the magnitude.
    """

    name: str
    exceeded: Callable[[float, float, float], float]


def _log_normal(low: float, high: float, share: float) -> float:
    lower, upper = (float(ndtri(part)) for part in _MATCHED)
    spread = math.log(high / low) / (upper - lower)
    return high * math.exp(spread * (float(ndtri(1 - share)) - upper))


def _gamma(low: float, high: float, share: float) -> float:
    """Squares of independent normal differences sum up to chi-squared numbers, which are gamma.

    Where they go together or are of different size, a gamma distribution of another shape comes near
    (Satterthwaite 1946, Biometrics Bulletin 2(6), 110-114).
    """

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
    return high * math.sqrt(float(gammainccinv(shape, share) / gammaincinv(shape, _MATCHED[1])))


LOG_NORMAL = Family("a log-normal distribution of the magnitudes", _log_normal)
CHI_SQUARED = Family("a gamma distribution of the squared magnitudes, which chi-squared numbers have", _gamma)


def chosen_threshold(histogram: Histogram, false_alarms: float, family: Family = LOG_NORMAL) -> Threshold:
    """The threshold that may call a percentage of the unchanged pixels change; automatic for 0.

    What lies below the automatic threshold is taken for unchanged; through its median and ninth decile a
    distribution is laid, whose tail gives the threshold. Ground that differs by season, or at the edge of
    a change, is no unchanged ground to it.

    Args:
        histogram: of all magnitudes.
        false_alarms: percent.
        family: what kind of distribution unchanged magnitudes have.
    """
    automatic = automatic_threshold(histogram)
    if not false_alarms:
        return automatic
    unchanged = np.where(_EDGES[1:] <= automatic.value, histogram.counts, 0)
    below = np.concatenate([[0], np.cumsum(unchanged)])
    if not below[-1]:
        return Threshold(FLOOR, "floor", "No magnitude is that of unchanged ground: the floor holds.")
    low, high = (
        float(np.exp(np.interp(part * below[-1], below, np.log(_EDGES)))) for part in _MATCHED
    )
    value = family.exceeded(low, high, false_alarms / 100) if high > low else high
    return Threshold(
        value,
        "false alarms",
        f"{false_alarms:g} % of the unchanged ground is expected to exceed {value:.3g}, by {family.name} laid"
        f" through the median and the ninth decile of those below {automatic.value:.3g}.",
    )
