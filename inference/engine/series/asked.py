"""What an encoder is asked with: the composite of a series, or all of its dates."""

from __future__ import annotations

from typing import Any

from ..regions import Region
from .dates import chosen


def takes_series(encoder: Any) -> bool:
    """Whether an encoder is given every date of a series, and finds them in ``batch.bands``."""
    return bool(getattr(encoder, "takes_series", False))


def asked(encoder: Any, region: Region) -> tuple[Region, tuple[int, ...]]:
    """The pixels that an encoder gets of a region, and which of their bands."""
    if region.dates is not None and takes_series(encoder):
        return region.dates, chosen(region.dates.bands, encoder.select)
    return region, tuple(encoder.select(region.bands))
