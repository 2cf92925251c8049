"""Bringing the later date's values to those of the earlier one, by ground that did not change.

Which ground that is, IR-MAD says, whatever gain and offset the bands have; a line is fitted through it
band by band, by orthogonal regression, as both dates have noise (Canty and Nielsen 2008, Automatic
radiometric normalization of multitemporal satellite imagery with the iteratively re-weighted MAD
transformation, Remote Sensing of Environment 112(3), 1025-1036).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import UnsupportedInput
from ..base import F32, Context, Mask
from ..grid import Window
from ..rasters import Stack
from .irmad import learn_alteration
from .pairing import common_bands, sampled_pairs

# Ground counts as unchanged from this probability on: Canty and Nielsen's.
_UNCHANGED = 0.95
# Pixels and their correlation without which a line is chance.
_LEAST_PIXELS = 100
_LEAST_CORRELATION = 0.6


@dataclass(frozen=True)
class Line:
    """``earlier = slope * later + offset`` of one band where nothing changed."""

    slope: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Normalisation:
    """Lines of the later date's bands; what :meth:`~..rasters.Stack.retouched` takes.

    Attributes:
        lines: by the band's index in the later date.
        pixels: how much unchanged ground they were fitted to.
    """

    lines: dict[int, Line]
    pixels: int
    reach = 0

    @property
    def key(self) -> str:
        return f"normalised {sorted((band, line.slope, line.offset) for band, line in self.lines.items())}"

    def apply(self, window: Window, bands: Sequence[int], values: F32, valid: Mask) -> None:
        for slot, band in enumerate(bands):
            line = self.lines.get(band)
            if line is not None:
                values[slot] = values[slot] * np.float32(line.slope) + np.float32(line.offset)


def learn_normalisation(
    before: Stack, after: Stack, context: Context
) -> tuple[Normalisation | None, dict[str, Any], list[str]]:
    """Fit the lines of the bands that two dates have in common.

    Returns:
        the normalisation, None where there is none; facts; and sentences about what was left as it is.

    Raises:
        UnsupportedInput: if no pixel is valid on both dates.
    """
    bands = common_bands(before, after)
    if not bands.first:
        return None, {}, ["The dates have no band in common, so that their values were left as they are."]
    first, second = sampled_pairs(before, after, bands.first, bands.second, context)
    try:
        alteration = learn_alteration(first, second, context)
    except UnsupportedInput as error:
        return None, {}, [f"The values of the dates were left as they are. {error}"]
    kept = alteration.unchanged(first, second) >= _UNCHANGED
    pixels = int(kept.sum())
    if pixels < _LEAST_PIXELS:
        found = f"only {pixels} sampled pixels seem unchanged"
        return None, {"invariant_pixels": pixels}, [f"The values were left as they are: {found}."]
    lines, left = {}, []
    for place, (index, band) in enumerate(zip(bands.second, bands.first, strict=True)):
        line = _line(second[place, kept], first[place, kept])
        if line is None:
            left.append(before.bands[band].name)
        else:
            lines[index] = line
    facts = {
        "invariant_pixels": pixels,
        "slopes": {after.bands[index].name: round(line.slope, 6) for index, line in lines.items()},
        "offsets": {after.bands[index].name: round(line.offset, 8) for index, line in lines.items()},
    }
    notes = [f"Too unlike on both dates to be normalised: {', '.join(left)}."] if left else []
    return Normalisation(lines, pixels), facts, notes


def _line(later: F32, earlier: F32) -> Line | None:
    """Orthogonal regression of one band, None where its dates hardly go together."""
    mean_later, mean_earlier = (float(values.mean(dtype=np.float64)) for values in (later, earlier))
    along, across = later - mean_later, earlier - mean_earlier
    own, other, both = (
        float((one * two).mean(dtype=np.float64))
        for one, two in ((along, along), (across, across), (along, across))
    )
    if own <= 0 or other <= 0 or both < _LEAST_CORRELATION * math.sqrt(own * other):
        return None
    slope = (other - own + math.hypot(other - own, 2 * both)) / (2 * both)
    return Line(slope, mean_earlier - slope * mean_later)
