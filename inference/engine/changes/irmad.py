"""irmad: iteratively reweighted multivariate alteration detection, a measure without learned weights.

Canonical variates are the combinations of each date's bands that go together most; their differences
hold what changed, whatever gain and offset every band has, and even if the dates have other bands.
Pixels count the less in the next round the more they seem to have changed (Nielsen 2007, The
regularized iteratively reweighted MAD method, IEEE Transactions on Image Processing 16(2), 463-478).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import gammaincc, gammaincinv

from ...errors import UnsupportedInput, present
from ..area import Area
from ..base import F32, Context, Mask
from ..grid import F64, Window
from ..rasters import Stack
from ..run import Run
from ..thresholds import SPREADS, Histogram, Threshold, chosen_threshold
from .pairing import read_both, sampled_pairs

_ROUNDS = 50
# Correlations that move less than this from one round to the next have settled.
_SETTLED = 1e-3
# Of the widest direction's variance: what varies less is rounding, or a band that others make up.
_LEAST_VARIANCE = 1e-6
# Of 2, that of two strangers: dates that are the same but for rounding differ by no more.
_LEAST_DIFFERENCE = 1e-6
# Of the largest number of a band in single precision.
_ROUNDING = 1e-6
# Dates whose differences stay below this share of the least variance are the same.
_SAME = 1e-3
# Pixels a band without which its covariances are chance.
_PIXELS_A_BAND = 10


@dataclass(frozen=True)
class Alteration:
    """What the differences of two dates' canonical variates are.

    Attributes:
        first, second: (variates, bands) combinations of each date's bands.
        means: each date's (bands,) weighted means.
        variances: (variates,) of the differences where nothing changed.
        correlations: (variates,) of the pairs.
        rounds: how often it was reweighted.
        settled: whether the correlations came to rest.
        usual: what the squares are, beside chi-squared numbers, where nothing changed.
    """

    first: F64
    second: F64
    means: tuple[F64, F64]
    variances: F64
    correlations: F64
    rounds: int
    settled: bool
    usual: float = 1.0

    def squares(self, first: F32, second: F32) -> F64:
        """Sums of squared, standardised differences: chi-squared where nothing changed.

        Args:
            first, second: (bands, pixels) of each date.
        """
        one, other = (values.astype(np.float64) - mean[:, None] for values, mean in self._both(first, second))
        differences = self.first @ one - self.second @ other
        found: F64 = (differences**2 / self.variances[:, None]).sum(axis=0)
        return found

    def magnitude(self, first: F32, second: F32) -> F32:
        """Of (bands, pixels) of each date; 1 is usual where nothing changed."""
        squares = self.squares(first, second) / (len(self.variances) * self.usual)
        return np.sqrt(squares).astype(np.float32)

    def unchanged(self, first: F32, second: F32) -> F64:
        """(pixels,) probability of a difference as large or larger where nothing changed."""
        return _exceeded(self.squares(first, second) / self.usual, len(self.variances))

    def _both(self, first: F32, second: F32) -> Sequence[tuple[F32, F64]]:
        return list(zip((first, second), self.means, strict=True))


def learn_alteration(first: F32, second: F32, context: Context) -> Alteration:
    """Iterate to the canonical variates of the ground that did not change.

    Args:
        first, second: (bands, pixels) of each date, sampled over the scene; their bands may differ.

    Raises:
        UnsupportedInput: if there are too few pixels, or a date is the same everywhere.
    """
    if first.shape[1] < _PIXELS_A_BAND * (len(first) + len(second)):
        raise UnsupportedInput(
            f"Only {first.shape[1]} pixels are valid on both dates, too few to compare their bands.",
            "Choose a larger area, or the method difference.",
        )
    weights = np.ones(first.shape[1])
    found: Alteration | None = None
    for rounds in range(_ROUNDS):
        context.check()
        last, found = found, _variates(first, second, weights, rounds)
        if last is not None and last.correlations.shape == found.correlations.shape:
            moved = float(np.abs(found.correlations - last.correlations).max())
            if moved < _SETTLED:
                return _scaled(found, first, second, True)
        weights = _exceeded(found.squares(first, second), len(found.variances))
        if weights.sum() < _PIXELS_A_BAND * (len(first) + len(second)):
            break
    return _scaled(present(found), first, second, False)


def _variates(first: F32, second: F32, weights: F64, rounds: int) -> Alteration:
    """One round: canonical correlation of weighted pixels."""
    share = weights / weights.sum()
    wide = [values.astype(np.float64) for values in (first, second)]
    means = wide[0] @ share, wide[1] @ share
    centred = [values - mean[:, None] for values, mean in zip(wide, means, strict=True)]
    largest = [np.abs(values).max(axis=1) for values in wide]
    white = [_whitening(values, share, most) for values, most in zip(centred, largest, strict=True)]
    together = white[0] @ ((centred[0] * share) @ centred[1].T) @ white[1].T
    left, correlations, right = np.linalg.svd(together, full_matrices=False)
    correlations = np.clip(correlations, 0, 1)
    variances = np.maximum(2 * (1 - correlations), 2 * _LEAST_DIFFERENCE)
    return Alteration(left.T @ white[0], right @ white[1], means, variances, correlations, rounds, False)


def _whitening(centred: F64, share: F64, largest: F64) -> F64:
    """(directions, bands) that turn a date's bands into uncorrelated ones of variance 1.

    Args:
        centred: (bands, pixels).
        share: of each pixel in the whole.
        largest: number of each band.

    Raises:
        UnsupportedInput: if no band varies.
    """
    deviations = np.sqrt((centred**2) @ share)
    # A band's values are read in single precision: below that it is constant.
    steady = deviations <= _ROUNDING * largest
    gain = np.where(steady, 0.0, 1 / np.where(steady, 1.0, deviations))
    scaled = centred * gain[:, None]
    values, vectors = np.linalg.eigh((scaled * share) @ scaled.T)
    kept = values > _LEAST_VARIANCE * max(values.max(), _LEAST_VARIANCE)
    if not kept.any():
        raise UnsupportedInput(
            "One of the dates is the same everywhere, so that nothing can be compared.",
            "Choose another area or other bands.",
        )
    found: F64 = (vectors[:, kept] / np.sqrt(values[kept])).T * gain
    return found


def _exceeded(squares: F64, freedom: int) -> F64:
    """How likely a chi-squared number is to be as large or larger."""
    found: F64 = gammaincc(freedom / 2, squares / 2)
    return found


def _scaled(found: Alteration, first: F32, second: F32, settled: bool) -> Alteration:
    """With the median square brought to that of chi-squared numbers.

    The variances come out too small, because pixels count by how little they seem to have changed.
    """
    expected = 2 * float(gammaincinv(len(found.variances) / 2, 0.5))
    usual = float(np.median(found.squares(first, second))) / expected
    return replace(found, settled=settled, usual=usual if usual > _SAME else 1.0)


class BandAlteration:
    """The root of the mean squared alteration of a pixel; see :class:`~.measures.Measure`."""

    origin = ("irmad", "")

    def __init__(self, before: Stack, after: Stack, area: Area, alteration: Alteration) -> None:
        self._stacks = before, after
        self._area = area
        self._alteration = alteration
        self.facts: dict[str, Any] = {
            "irmad": {
                "correlations": [round(float(value), 4) for value in alteration.correlations],
                "rounds": alteration.rounds,
                "settled": alteration.settled,
            }
        }
        self.warnings: list[str] = []
        if not alteration.settled:
            self.warnings.append(
                "The correlations of the dates did not come to rest: much changed, or there is little ground "
                "to compare."
            )

    def read(self, block: Window) -> tuple[F32, F32, Mask] | None:
        before, after = self._stacks
        found = read_both(before, after, block, before.spectral, after.spectral)
        return found if (found[2] & self._area.mask(block)).any() else None

    def magnitude(self, block: Window, found: tuple[F32, F32, Mask]) -> tuple[F32, Mask]:
        first, second, valid = found
        made = np.zeros(valid.shape, np.float32)
        made[valid] = self._alteration.magnitude(first[:, valid], second[:, valid])
        return made, valid

    def threshold(self, histogram: Histogram, false_alarms: float) -> Threshold:
        return chosen_threshold(histogram, false_alarms, SPREADS["irmad"])


def measure(run: Run, before: Stack, after: Stack, area: Area) -> BandAlteration:
    """The alteration of all bands of both dates.

    Raises:
        UnsupportedInput: if no pixel is valid on both dates, or too few are.
    """
    earlier, later = before.limited(area), after.limited(area)
    pairs = sampled_pairs(earlier, later, before.spectral, after.spectral, run.context)
    return BandAlteration(earlier, later, area, learn_alteration(*pairs, run.context))
