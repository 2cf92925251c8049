"""One date made of many: the median of what was seen of each pixel.

For models that take a single date. Of an odd number of dates it is a value that was measured; cloud and
shadow that no mask found fall out as long as they are the fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...bands import Band
from ..base import F32, Encoder, Mask, WindowBatch
from ..rasters import Overview, Stack
from ..regions import Region
from .dates import series_of


def medians(values: F32, seen: Mask) -> F32:
    """The median over the first axis of what was seen, 0 where nothing was.

    Args:
        values, seen: (dates, ...) of the same shape.
    """
    ordered = np.sort(np.where(seen, values, np.float32(np.inf)), axis=0)
    count = seen.sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(values) - 1)
    lower, upper = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (low, high))
    known = count > 0
    # Halves are added, since the sum of two large numbers may have no room.
    half = np.float32(0.5)
    return np.where(known, np.where(known, lower, 0) * half + np.where(known, upper, 0) * half, 0)


def takes_series(encoder: Encoder) -> bool:
    """Whether an encoder is given every date of a series, and finds them in the bands."""
    return bool(getattr(encoder, "takes_series", False))


def batch_for(encoder: Encoder, batch: WindowBatch) -> WindowBatch:
    """Windows as an encoder takes them: a series as it is, or its composite."""
    return batch if takes_series(encoder) else composite_batch(batch)


def region_for(encoder: Encoder, region: Region) -> Region:
    """As :func:`batch_for`, of a region."""
    return region if takes_series(encoder) else composite_region(region)


def composite_batch(batch: WindowBatch) -> WindowBatch:
    """The composite of windows; windows of a single date as they are."""
    series = series_of(batch.bands)
    if series is None:
        return batch
    pixels, seen = _composed(series.members, batch.pixels, batch.seen, batch.valid, axis=1)
    return replace(batch, pixels=pixels, bands=series.bands, seen=seen)


def composite_region(region: Region) -> Region:
    """The composite of a region; a region of a single date as it is."""
    series = series_of(region.bands)
    if series is None:
        return region
    pixels, seen = _composed(series.members, region.pixels, region.seen, region.valid, axis=0)
    return replace(region, pixels=pixels, bands=series.bands, seen=seen)


class Composite:
    """A stack as a model of a single date sees it.

    Attributes:
        bands: each band once; the bands of a stack of a single date.
        quartiles: (3, bands), medians over the dates.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._series = series_of(stack.bands)
        self.bands: tuple[Band, ...] = self._series.bands if self._series else stack.bands
        self.quartiles: F32 = stack.quartiles
        if self._series:
            values = [stack.quartiles[:, list(members)] for members in self._series.members]
            self.quartiles = np.stack([medians(one.T, np.isfinite(one.T)) for one in values], axis=1)

    def overview(self, bands: Sequence[int], side: int = 512, partly: bool = False) -> Overview:
        """As the stack's own, of the composite."""
        if self._series is None:
            return self._stack.overview(bands, side, partly)
        members = [self._series.members[band] for band in bands]
        asked = tuple(sorted(index for one in members for index in one))
        found = self._stack.overview(asked, side, partly=True)
        places = [tuple(asked.index(index) for index in one) for one in members]
        pixels, seen = _composed(places, found.pixels, found.seen, found.valid, axis=0)
        if partly or seen is None:
            return replace(found, pixels=pixels, seen=seen)
        valid = np.asarray(seen.all(axis=0))
        return replace(found, pixels=np.where(valid, pixels, np.float32(0)), valid=valid, seen=None)


def _composed(
    places: Sequence[tuple[int, ...]], pixels: F32, seen: Mask | None, valid: Mask, axis: int
) -> tuple[F32, Mask | None]:
    """Medians of each band over its dates, and where it was seen at all."""
    known: Mask = np.broadcast_to(np.expand_dims(valid, axis), pixels.shape) if seen is None else seen
    values, some = [], []
    for members in places:
        one: F32 = np.moveaxis(np.take(pixels, members, axis=axis), axis, 0)
        mask: Mask = np.moveaxis(np.take(known, members, axis=axis), axis, 0)
        values.append(medians(one, mask))
        some.append(mask.any(axis=0))
    whole: Mask = np.stack(some, axis=axis)
    found = None if (whole == np.expand_dims(valid, axis)).all() else whole
    return np.stack(values, axis=axis), found
