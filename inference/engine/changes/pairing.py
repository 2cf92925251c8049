"""What two dates have in common: bands, ground, and a sample of pixels valid on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...bands import find
from ...errors import UnsupportedInput
from ..base import F32, Context, Mask
from ..grid import Window
from ..rasters import Stack
from ..regions import spread_over

# Enough for the covariances of a hundred bands; windows rather than single pixels, which would be read one by
# one, and at full resolution, because overviews that a file brings are averages.
_SIDE = 32
_WINDOWS = 64


@dataclass(frozen=True)
class Bands:
    """Bands of two dates that measure the same: indices into each date's bands, in one order."""

    first: tuple[int, ...]
    second: tuple[int, ...]


def common_bands(before: Stack, after: Stack) -> Bands:
    """The bands that both dates have, by identity; none is paired twice.

    Bands without an identity are paired by equal names, if both dates have equally many bands.
    """
    spectral = [stack.spectral for stack in (before, after)]
    alike = len(spectral[0]) == len(spectral[1])
    offered = [after.bands[index] for index in spectral[1]]
    unknown = {band.name: place for place, band in enumerate(offered) if alike and not band.known}
    pairs: dict[int, int] = {}
    for index in spectral[0]:
        band = before.bands[index]
        place = find(offered, band) if band.known else unknown.get(band.name)
        if place is None or offered[place].units != band.units:
            continue
        pairs.setdefault(spectral[1][place], index)
    return Bands(tuple(pairs.values()), tuple(pairs))


def required_bands(before: Stack, after: Stack) -> Bands:
    """As :func:`common_bands`.

    Raises:
        UnsupportedInput: if there are none.
    """
    bands = common_bands(before, after)
    if not bands.first:
        raise UnsupportedInput(
            "The two dates have no band in common.",
            "Say which band is which by BANDS, or compare them by the method irmad.",
        )
    return bands


def common_windows(before: Stack, after: Stack, side: int, most: int) -> list[Window]:
    """Up to ``most`` lattice windows of ``side`` pixels with pixels valid on both dates, evenly spread.

    Raises:
        UnsupportedInput: if no pixel is valid on both dates.
    """
    first, second = (stack.overview(stack.spectral) for stack in (before, after))
    both = first.valid & second.valid
    if not both.any():
        raise UnsupportedInput(
            "There is no pixel that is valid on both dates.", "Check the extents, the masks and the clouds."
        )
    return spread_over(first.rows[both], first.cols[both], before.grid.width, side, most)


def read_both(
    before: Stack, after: Stack, window: Window, first: Sequence[int], second: Sequence[int]
) -> tuple[F32, F32, Mask]:
    """Bands of both dates in a window, and where all of them are valid in the area that ``before`` covers."""
    values, valid = before.read(window, first)
    others, known = after.read(window, second)
    return values, others, valid & known & before.area.mask(window)


def sampled_pairs(
    before: Stack, after: Stack, first: Sequence[int], second: Sequence[int], context: Context
) -> tuple[F32, F32]:
    """Pixels valid on both dates, from windows spread over the scene: (bands, pixels) of each date.

    Raises:
        UnsupportedInput: if there are none.
    """
    windows = common_windows(before, after, _SIDE, _WINDOWS)
    found: list[tuple[F32, F32]] = []
    for done, window in enumerate(windows):
        context.check()
        context.progress("pair", done, len(windows), "")
        values, others, valid = read_both(before, after, window, first, second)
        found.append((values[:, valid], others[:, valid]))
    one, other = (np.concatenate(parts, axis=1) for parts in zip(*found, strict=True))
    return one, other
