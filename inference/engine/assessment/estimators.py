"""Accuracy and areas of a map from a sample, with standard errors and 95 % intervals.

Everything here is one estimator: a ratio of two totals, each estimated as the sum over strata of
weight times mean. Overall, user's and producer's accuracy, F1 and the share of the ground that a
class covers are such ratios of indicators:

- Where the strata are the map's classes this is Olofsson, Foody, Herold, Stehman, Woodcock and
  Wulder (2014), "Good practices for estimating area and assessing accuracy of land change", Remote
  Sensing of Environment 148, 42-57, equations 1 to 11.
- Where they are others (the classes of an earlier map) it is Stehman (2014), "Estimating area and
  map accuracy for stratified random sampling when the strata are different from the map classes",
  International Journal of Remote Sensing 35, 4923-4939, of which the first is a special case.
- Where there is one stratum it is simple random sampling, of points or of whole polygons (Cochran
  1977, "Sampling Techniques", sections 2.11 and 9A.7): the sampling unit may hold many pixels.

F1 is the ratio of twice what map and reference agree on to the sum of what either calls the class;
its error follows by the same linearization (the delta method). No correction for finite populations
is made: maps have many more pixels than anybody looks at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Of the normal distribution, for 95 %.
Z = 1.96
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Estimate:
    """A share (0 to 1), NaN where nothing tells it.

    Attributes:
        value: the estimate.
        error: its standard error, NaN where too few units tell it.
        low, high: the 95 % interval, NaN without an error.
    """

    value: float
    error: float
    low: float
    high: float

    @property
    def half(self) -> float:
        """Half the width of the interval, as papers write it behind the sign ±."""
        return Z * self.error

    def to_dict(self) -> dict[str, float | None]:
        """JSON types; what is not known is None."""
        return {name: rounded(getattr(self, name)) for name in ("value", "error", "low", "high")}


@dataclass(frozen=True)
class Comparison:
    """Map and reference, side by side: what was found at each unit of a sample.

    Attributes:
        reference: (units,) class that each point or polygon has.
        stratum: (units,) index into ``weights``.
        weights: (strata,) area of each stratum, in any unit.
        unit: (entries,) whose pixels an entry counts.
        mapped: (entries,) class that the map gives them.
        pixels: (entries,) how many there are; 1 for a point.
    """

    reference: I64
    stratum: I64
    weights: F64
    unit: I64
    mapped: I64
    pixels: I64


@dataclass(frozen=True)
class Assessment:
    """What a comparison says of a map; classes are indices.

    Attributes:
        matrix: (classes, classes) pixels compared; rows are the reference, columns the map.
        proportions: the same as estimated shares of the ground, which sum up to 1.
        overall: share of the ground that the map has right.
        users: of what the map shows as the class, how much is.
        producers: of what is the class, how much the map shows.
        f1: harmonic mean of both.
        shares: share of the ground that is the class, whatever the map says.
        units: how many points or polygons were compared.
    """

    matrix: I64
    proportions: F64
    overall: Estimate
    users: tuple[Estimate, ...]
    producers: tuple[Estimate, ...]
    f1: tuple[Estimate, ...]
    shares: tuple[Estimate, ...]
    units: int


def estimate(found: Comparison, classes: int) -> Assessment:
    """Estimate a map's accuracy and the areas of its classes.

    Strata without a unit are left out: the figures then describe the rest.
    """
    sample = _Sample(found)
    every = sample.total(np.ones(len(found.unit), bool))
    truth = found.reference[found.unit]
    right = truth == found.mapped
    users, producers, f1, shares = [], [], [], []
    for index in range(classes):
        is_class, shown = truth == index, found.mapped == index
        agreed, there, drawn = (sample.total(chosen) for chosen in (is_class & shown, is_class, shown))
        users.append(sample.ratio(agreed, drawn))
        producers.append(sample.ratio(agreed, there))
        f1.append(sample.ratio(2 * agreed, there + drawn))
        shares.append(sample.ratio(there, every))
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (truth, found.mapped), found.pixels)
    return Assessment(
        matrix,
        _proportions(sample, found, truth, classes),
        sample.ratio(sample.total(right), every),
        tuple(users),
        tuple(producers),
        tuple(f1),
        tuple(shares),
        len(found.reference),
    )


class _Sample:
    """Units in strata, and what follows from numbers that each of them has."""

    def __init__(self, found: Comparison) -> None:
        self._found = found
        self._count = np.bincount(found.stratum, minlength=len(found.weights))
        seen = self._count > 0
        self._weights = np.where(seen, found.weights, 0.0) / max(float(found.weights[seen].sum()), 1e-300)

    def total(self, chosen: NDArray[np.bool_]) -> F64:
        """(units,) pixels of each unit whose entries are ``chosen``."""
        found = self._found
        weights = np.where(chosen, found.pixels, 0)
        return np.bincount(found.unit, weights=weights, minlength=len(found.reference)).astype(np.float64)

    def entry_weights(self) -> F64:
        """(entries,) how much of the estimated total a pixel of each entry stands for."""
        stratum = self._found.stratum[self._found.unit]
        result: F64 = self._weights[stratum] / self._count[stratum]
        return result

    def ratio(self, part: F64, whole: F64) -> Estimate:
        """The ratio of two totals; both are (units,) numbers."""
        total = self._mean(whole)
        if not total > 0:
            return Estimate(math.nan, math.nan, math.nan, math.nan)
        value = self._mean(part) / total
        error = math.sqrt(self._variance(part - value * whole)) / total
        # Where all agree, what is left is rounding.
        error = error if error > _ROUNDING else 0.0
        if self._is_unknown(whole):
            error = math.nan
        return _with_interval(value, error, int((whole > 0).sum()))

    def _mean(self, values: F64) -> float:
        sums = np.bincount(self._found.stratum, weights=values, minlength=len(self._weights))
        return float(self._weights @ (sums / np.maximum(self._count, 1)))

    def _variance(self, residuals: F64) -> float:
        """Of the estimated total of the residuals."""
        stratum, count = self._found.stratum, self._count
        means = np.bincount(stratum, weights=residuals, minlength=len(count)) / np.maximum(count, 1)
        squares = np.bincount(stratum, weights=(residuals - means[stratum]) ** 2, minlength=len(count))
        spread = squares / np.maximum(count - 1, 1)
        return float(self._weights**2 @ (spread / np.maximum(count, 1)))

    def _is_unknown(self, whole: F64) -> bool:
        """Whether a stratum that matters has a single unit: nothing tells how much it varies."""
        matters = np.bincount(self._found.stratum, weights=whole, minlength=len(self._count)) > 0
        return bool((matters & (self._count == 1) & (self._weights > 0)).any())


def _proportions(sample: _Sample, found: Comparison, truth: I64, classes: int) -> F64:
    result = np.zeros((classes, classes))
    np.add.at(result, (truth, found.mapped), sample.entry_weights() * found.pixels)
    whole = float(result.sum())
    return result / whole if whole > 0 else result


def _with_interval(value: float, error: float, units: int) -> Estimate:
    """Symmetric about the value, and within 0 and 1.

    Where all units agree the error is 0, and would be so with two units as with two hundred: there
    Wilson's score interval is given (1927, Journal of the American Statistical Association 22, 209).
    """
    if math.isnan(error):
        return Estimate(value, error, math.nan, math.nan)
    low, high = max(0.0, value - Z * error), min(1.0, value + Z * error)
    if error == 0 and value > 1 - _ROUNDING:
        low, high = units / (units + Z**2), 1.0
    elif error == 0 and value < _ROUNDING:
        low, high = 0.0, Z**2 / (units + Z**2)
    return Estimate(value, error, low, high)


def rounded(value: float) -> float | None:
    """A number as JSON has it; None for what is not defined."""
    return None if math.isnan(value) else round(float(value), 6)
