"""difference: how far the bands of two dates lie apart, as they are; what other methods are measured by."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import gammaincinv

from ...errors import UnsupportedInput
from ..area import Area
from ..base import F32, Mask
from ..grid import Window
from ..rasters import Stack
from ..run import Run
from ..thresholds import SPREADS, Histogram, Threshold, chosen_threshold
from .pairing import Bands, read_both, required_bands, sampled_pairs


class BandDifference:
    """Euclidean distance of the bands, each in units of its deviation; see :class:`~.measures.Measure`.

    A magnitude of 1 is usual: the root mean square of normal differences that have the scene's median.
    """

    origin = ("difference", "")

    def __init__(self, before: Stack, after: Stack, area: Area, bands: Bands, gain: F32) -> None:
        self._stacks = before, after
        self._area = area
        self._bands = bands
        self._gain = gain
        names = [before.bands[index].name for index in bands.first]
        self.facts: dict[str, Any] = {"bands_compared": names}
        self.warnings: list[str] = []

    def read(self, block: Window) -> tuple[F32, F32, Mask] | None:
        found = read_both(*self._stacks, block, self._bands.first, self._bands.second)
        return found if (found[2] & self._area.mask(block)).any() else None

    def magnitude(self, block: Window, found: tuple[F32, F32, Mask]) -> tuple[F32, Mask]:
        first, second, valid = found
        return _length((second - first) * self._gain[:, None, None]), valid

    def threshold(self, histogram: Histogram, false_alarms: float) -> Threshold:
        return chosen_threshold(histogram, false_alarms, SPREADS["difference"])


def _length(differences: F32) -> F32:
    """(bands, ...) to (...)."""
    return np.sqrt((differences**2).sum(axis=0), dtype=np.float32)


def measure(run: Run, before: Stack, after: Stack, area: Area) -> BandDifference:
    """The difference of the bands that both dates have.

    Raises:
        UnsupportedInput: if they have none in common, no pixel is valid on both dates, or no band varies.
    """
    earlier, later = before.limited(area), after.limited(area)
    bands = required_bands(before, after)
    first, second = sampled_pairs(earlier, later, bands.first, bands.second, run.context)
    deviations = first.std(axis=1, dtype=np.float64)
    gain = np.divide(1, deviations, out=np.zeros_like(deviations), where=deviations > 0)
    if not gain.any():
        raise UnsupportedInput(
            "The earlier date is the same everywhere, so that nothing can be compared.",
            "Choose another area or other bands.",
        )
    usual = float(np.median(_length((second - first) * gain[:, None].astype(np.float32))))
    freedom = int((gain > 0).sum())
    usual *= math.sqrt(freedom / (2 * float(gammaincinv(freedom / 2, 0.5))))
    gain = gain / (usual or 1.0)
    return BandDifference(earlier, later, area, bands, gain.astype(np.float32))
