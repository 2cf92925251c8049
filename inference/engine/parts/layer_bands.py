"""Which bands of a layer a model gets, and whether they hold what it was made for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...bands import DECIBEL, METRES, REFLECTANCE, Band, find
from ...errors import UnsupportedInput

_NO_UNITS = {
    REFLECTANCE: (
        "reflectance",
        "Give SCALE, the factor that turns the stored numbers into reflectance from 0 to 1 "
        "(0.0001 for Sentinel-2 products).",
    ),
    DECIBEL: (
        "backscatter in dB",
        "Convert them with 10 * log10(value), or leave these bands out with '-' in BANDS.",
    ),
    METRES: ("heights in metres", "Give SCALE, the factor that turns the stored numbers into metres."),
}


def match_bands(bands: Sequence[Band], wanted: Mapping[str, Band]) -> dict[str, int]:
    """Index of the band that serves as each wanted one, by the wanted one's key.

    No band serves as two: Landsat's only near infrared is within 30 nm of two bands of Sentinel-2.
    """
    free = list(enumerate(bands))
    found = {}
    for name, band in wanted.items():
        place = find([candidate for _, candidate in free], band)
        if place is not None:
            found[name] = free.pop(place)[0]
    return found


def require_units(bands: Sequence[Band], units: str) -> None:
    """Refuse bands whose values are in other units.

    Raises:
        UnsupportedInput: naming them.
    """
    others = [band.name for band in bands if band.units != units]
    if others and units in _NO_UNITS:
        words, hint = _NO_UNITS[units]
        raise UnsupportedInput(f"The values of {', '.join(others)} are not {words}.", hint)
