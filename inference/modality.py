"""What a layer shows: which sensor's image, an elevation model, or something else.

A guess, and what speaks for it; the user's word comes before it. Standard library alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .bands import Band, band_named, guess_sensor

SENTINEL2, SENTINEL1, LANDSAT = "sentinel-2", "sentinel-1", "landsat"
AERIAL, HYPERSPECTRAL, ELEVATION, OTHER = "aerial", "hyperspectral", "elevation", "other"
MODALITIES = (SENTINEL2, SENTINEL1, LANDSAT, AERIAL, HYPERSPECTRAL, ELEVATION, OTHER)

# What a guess rests on, the best first.
BANDS, METADATA, NAME, PIXELS, NOTHING = "bands", "metadata", "name", "pixels", ""

_OF_SENSOR = {"s2": SENTINEL2, "s1": SENTINEL1, "etm": LANDSAT, "oli": LANDSAT}
_OF_BANDS = (SENTINEL2, SENTINEL1, LANDSAT, ELEVATION)
# Multispectral sensors have up to some 20 bands, imaging spectrometers from some 60 on.
_SPECTROMETER_BANDS = 40
# Satellites whose images are called by the sensor's name have larger pixels than this, in metres.
_AERIAL_GSD = 1.0
_SPECTROMETERS = r"prisma|enmap|aviris|desis|hyperion|(?<![a-z])emit(?![a-z])"
_IN_METADATA = (
    (SENTINEL2, re.compile(r"sentinel[ _-]?2|(?<![a-z])s2[abc](?![a-z])", re.I)),
    (SENTINEL1, re.compile(r"sentinel[ _-]?1|(?<![a-z])s1[abc](?![a-z])", re.I)),
    (LANDSAT, re.compile(r"landsat", re.I)),
    (HYPERSPECTRAL, re.compile(_SPECTROMETERS, re.I)),
    (AERIAL, re.compile(r"ultracam|(?<![a-z])(?:dmc|adc|ads)[ _-]?\d|(?<![a-z])(?:uav|uas|drone|dji)", re.I)),
)
_SPECTROMETER_NAMES = re.compile(rf"{_SPECTROMETERS}|^prs_l[12]|^eo1h\d|^f\d{{6}}t\d\dp", re.I)
_AERIAL_NAMES = re.compile(
    r"(?:^|[^a-z])(?:ortho|aerial|airphoto|naip|dop\d\d|rgb_?dop|uav|drone|odm|bdortho)", re.I
)
# Whole words as in a band's name, and what elevation models are called.
_ELEVATION_NAMES = re.compile(
    r"srtm|nasadem|copdem|astgtm|arcticdem|aw3d|merit_?dem|(?:^|[^a-z])(?:hgt|height|elev|dgm\d?|dhm|mnt)"
    r"(?:$|[^a-z])",
    re.I,
)
# Made from an elevation model, and no heights.
_DERIVED = re.compile(r"slope|aspect|hillshade|curvature|rough|(?:^|[^a-z])t[pr]i(?:$|[^a-z])|contour", re.I)
_POLARISATIONS = ("VV", "VH")


@dataclass(frozen=True)
class Guess:
    """What a layer seems to be.

    Attributes:
        modality: one of ``MODALITIES``.
        because: what it rests on: ``bands``, ``metadata``, ``name``, ``pixels``, or empty where nothing
            speaks for anything.
    """

    modality: str
    because: str

    @property
    def certain(self) -> bool:
        """Whether the file itself says it; a name can be given to anything."""
        return self.because in (BANDS, METADATA)


@dataclass(frozen=True)
class Clues:
    """What a guess looks at.

    Attributes:
        bands: what the bands are (:func:`.bands.identify`).
        platform: what the file says of spacecraft and instrument (:meth:`.labels.Labels.platform`).
        names: of the file and of the layer, the file's first.
        gsd: size of a pixel in metres, None if unknown.
        dtype: GDAL's name of the data type.
    """

    bands: Sequence[Band]
    platform: str = ""
    names: Sequence[str] = ()
    gsd: float | None = None
    dtype: str = ""


def guess(clues: Clues) -> Guess:
    """What a layer seems to be: by its bands, else its metadata, else its name, else its pixels."""
    for because, found in (
        (BANDS, _by_bands(clues.bands)),
        (METADATA, _by_metadata(clues.platform)),
        (NAME, next(filter(None, (_by_name(name, len(clues.bands)) for name in clues.names)), "")),
        (PIXELS, _by_pixels(clues)),
    ):
        if found:
            return Guess(found, because)
    return Guess(OTHER, NOTHING)


def implied_names(modality: str, descriptions: Sequence[str], name: str) -> tuple[str, ...]:
    """Names of the bands where the user's word for what a layer is leaves no doubt of them.

    Args:
        modality: the user's, one of ``MODALITIES``.
        descriptions: what the file calls its bands, one text a band.
        name: of the file; that of one polarisation says which.

    Returns:
        One name a band, or none where the bands' own names are to be asked.
    """
    if modality == ELEVATION and len(descriptions) == 1:
        return ("DEM",)
    if modality != SENTINEL1 or any(band_named(text) for text in descriptions):
        return ()
    if len(descriptions) == len(_POLARISATIONS):
        return _POLARISATIONS
    band = band_named(name, "s1") if len(descriptions) == 1 else None
    return (band.name,) if band is not None else ()


def _by_bands(bands: Sequence[Band]) -> str:
    known = [band for band in bands if band.known]
    if sum(band.wavelength is not None for band in known) >= _SPECTROMETER_BANDS:
        return HYPERSPECTRAL
    counted = Counter(band.modality for band in known if band.modality in _OF_BANDS)
    return counted.most_common(1)[0][0] if counted else ""


def _by_metadata(text: str) -> str:
    return next((modality for modality, pattern in _IN_METADATA if pattern.search(text)), "")


def _by_name(name: str, count: int) -> str:
    stem = re.sub(r"\.\w{1,5}$", "", re.split(r"[\\/]", name)[-1])
    # An elevation model may be named after the image that it was cut for.
    if count == 1 and _is_elevation(stem):
        return ELEVATION
    sensor = _OF_SENSOR.get(guess_sensor(stem), "")
    if sensor:
        return sensor
    if _SPECTROMETER_NAMES.search(stem):
        return HYPERSPECTRAL
    return AERIAL if _AERIAL_NAMES.search(stem) else ""


def _is_elevation(stem: str) -> bool:
    band = band_named(stem)
    named = (band is not None and band.modality == ELEVATION) or _ELEVATION_NAMES.search(stem)
    return bool(named) and not _DERIVED.search(stem)


def _by_pixels(clues: Clues) -> str:
    count = len(clues.bands)
    if count >= _SPECTROMETER_BANDS and "Int" in clues.dtype:
        return HYPERSPECTRAL
    fine = clues.gsd is not None and clues.gsd <= _AERIAL_GSD
    if fine and 3 <= count <= 5 and clues.dtype in ("Byte", "UInt16"):
        return AERIAL
    # The bands of Level-2A and Level-1C products, at the pixel size of the finest.
    tens = clues.gsd is not None and 9.0 <= clues.gsd <= 11.0
    return SENTINEL2 if tens and count in (12, 13) and clues.dtype in ("UInt16", "Int16") else ""
