"""What an encoder is asked with: the composite of a series, or all of its dates."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from ..backbones.spectral_texture import SpectralTexture
from ..regions import Region
from .dates import chosen


def takes_series(encoder: Any) -> bool:
    """Whether an encoder is given every date of a series, and finds them in ``batch.bands``."""
    return bool(getattr(encoder, "takes_series", False))


def series_notes(model: Any, dates: Sequence[datetime.date]) -> list[str]:
    """Sentences on what became of the dates of a series in a model; none without a series."""
    if not dates or isinstance(model, SpectralTexture):
        return []
    if takes_series(model):
        note = model.series_note(sorted(dates))
        return [note] if note else []
    return [f"{model.name} takes a single date: it gets the median of each pixel's {len(dates)} dates."]


def asked(encoder: Any, region: Region) -> tuple[Region, tuple[int, ...]]:
    """The pixels that an encoder gets of a region, and which of their bands."""
    if region.dates is not None and takes_series(encoder):
        return region.dates, chosen(region.dates.bands, encoder.select)
    return region, tuple(encoder.select(region.bands))
