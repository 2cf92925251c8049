"""One number a pixel and date: an index, or a band, read from a stack date by date."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import InvalidRequest, UnsupportedInput
from ..backbones.spectral_texture import NORMALISED_DIFFERENCES
from ..base import F32, Mask
from ..grid import Window
from ..rasters import Stack
from .dates import Series, series_of

# The band that counts up, the band that counts down, by STAC common names.
_NAMED = {name.lower(): (up, down) for name, up, down in NORMALISED_DIFFERENCES}
INDICES = {
    **{name: _NAMED[name] for name in ("ndvi", "nbr", "ndwi", "mndwi", "ndre")},
    "ndmi": ("nir", "swir16"),
}
_STAND_INS = {"nir": "nir08", "nir08": "nir"}
# Below this sum of two bands an index is the noise of the dark.
_DARK = 1e-6


@dataclass(frozen=True)
class Signal:
    """What is read of each date.

    Attributes:
        name: of the index or the band.
        dates: on which all of its bands were seen, in order.
        picks: for each date the scenes of that day, each by the stack's bands that the signal is made of.
    """

    name: str
    dates: tuple[datetime.date, ...]
    picks: tuple[tuple[tuple[int, ...], ...], ...]

    @classmethod
    def of(cls, stack: Stack, index: str) -> Signal:
        """The signal that a job names; empty for NDVI, or for the only band there is.

        Raises:
            UnsupportedInput: if the stack is no series, or has no such bands.
            InvalidRequest: if there is no such index or band.
        """
        series = series_of(stack.bands)
        if series is None:
            raise UnsupportedInput(
                "The layers are not several dates of the same bands.",
                "Give layers that say their dates in metadata, names or the property geofm/date.",
            )
        name, places = _bands(series, index.strip())
        found = {}
        for day in series.dates:
            seen = series.on(stack.bands, day)
            if all(place in seen for place in places):
                found[day] = tuple(zip(*(seen[place] for place in places), strict=False))
        return cls(name, tuple(found), tuple(found.values()))

    def read(self, stack: Stack, window: Window) -> tuple[F32, Mask]:
        """(dates, rows, cols) values, 0 where not seen, and where they were."""
        values = np.zeros((len(self.dates), window.height, window.width), np.float32)
        seen = np.zeros(values.shape, bool)
        for date, scenes in enumerate(self.picks):
            for bands in scenes:
                pixels, valid = stack.read(window, bands)
                made, known = _value(pixels)
                # Where scenes of a day overlap, the first counts.
                new = valid & known & ~seen[date]
                np.copyto(values[date], made, where=new)
                seen[date] |= new
        return values, seen


def _value(pixels: F32) -> tuple[F32, Mask]:
    """A band as it is, or the normalised difference of two, and where it means something."""
    if len(pixels) == 1:
        return pixels[0], np.ones(pixels.shape[1:], bool)
    # Light below zero is noise, or haze taken off too well.
    up, down = np.maximum(pixels, 0)
    total = up + down
    known = total > _DARK
    return (up - down) / np.where(known, total, np.float32(1)), known


def _bands(series: Series, index: str) -> tuple[str, tuple[int, ...]]:
    """The signal's name, and which of the series' bands it is made of."""
    serial = [place for place, several in enumerate(series.serial) if several]
    by_name = {series.bands[place].name.lower(): place for place in serial}
    if index.lower() in by_name:
        place = by_name[index.lower()]
        return series.bands[place].name, (place,)
    wanted = index.lower() or "ndvi"
    if wanted not in INDICES:
        raise InvalidRequest(
            f"There is no index or band {index!r}.",
            f"Indices are {', '.join(INDICES)}; bands are {_listed(series, serial)}.",
        )
    common = {series.bands[place].common: place for place in reversed(serial)}
    places = [common.get(name, common.get(_STAND_INS.get(name, ""))) for name in INDICES[wanted]]
    known = tuple(place for place in places if place is not None)
    if len(known) == len(places):
        return wanted.upper(), known
    if not index and len(serial) == 1:
        return series.bands[serial[0]].name, (serial[0],)
    missing = [name for name, place in zip(INDICES[wanted], places, strict=True) if place is None]
    raise UnsupportedInput(
        f"The layers lack the bands of {wanted.upper()}: {', '.join(missing)}.",
        f"Name another INDEX, such as a band: {_listed(series, serial)}.",
    )


def _listed(series: Series, places: Sequence[int]) -> str:
    return ", ".join(series.bands[place].name for place in places)
