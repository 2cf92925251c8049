"""What a band is: identity by name, sensor or wavelength, and its units.

Bands are never told apart by their position in a file. Standard library alone, so that the
QGIS side and the engine read a layer the same way.

Central wavelengths: Sentinel-2A from ESA's Sentinel-2 Spectral Response Functions (S2-SRF
3.0), Landsat from the USGS Landsat 7 and Landsat 8-9 Data Users Handbooks, in nanometres.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Optional

REFLECTANCE = "reflectance"
DECIBEL = "dB"
KELVIN = "K"
METRES = "m"
CLASSES = "classes"
BYTE = "byte"
RAW = ""
PANCHROMATIC = "pan"


@dataclass(frozen=True)
class Band:
    """One band of a stack.

    Attributes:
        name: canonical name (``B04``, ``VV``, ``red``...) or the file's own description.
        common: STAC common name (``blue``, ``nir``, ``swir16``...), empty if it has none.
        wavelength: central wavelength in nanometres, None if unknown or not optical.
        modality: ``sentinel-2``, ``landsat``, ``sentinel-1``, ``optical``, ``elevation`` or ``other``.
        units: ``reflectance`` (0 to 1), ``dB``, ``K``, ``m``, ``classes``, ``byte`` (a picture's brightness,
            0 black to 255 white) or empty (raw numbers).
        known: whether the identity was stated by name, wavelength or the user.
        layer: number of the layer of a stack that it belongs to, from 0. Neither this nor the date is part
            of what a band is: bands that differ in nothing else are equal.
        date: day on which that layer was acquired, None if unknown.
    """

    name: str
    common: str = ""
    wavelength: float | None = None
    modality: str = "other"
    units: str = RAW
    known: bool = False
    layer: int = field(default=0, compare=False)
    date: Optional[datetime.date] = field(default=None, compare=False)  # noqa: UP045 - Python 3.9 reads it

    def identity(self) -> dict[str, Any]:
        """What it is, whichever layer it belongs to, as JSON types."""
        return {key: value for key, value in asdict(self).items() if key not in ("layer", "date")}


def _optical(modality: str, rows: Mapping[str, tuple[str, float]]) -> dict[str, Band]:
    return {
        name: Band(name, common, nm, modality, REFLECTANCE, True)
        for name, (common, nm) in rows.items()
    }


SENTINEL2 = _optical(
    "sentinel-2",
    {
        "B01": ("coastal", 442.7),
        "B02": ("blue", 492.7),
        "B03": ("green", 559.8),
        "B04": ("red", 664.6),
        "B05": ("rededge071", 704.1),
        "B06": ("rededge075", 740.5),
        "B07": ("rededge078", 782.8),
        "B08": ("nir", 832.8),
        "B8A": ("nir08", 864.7),
        "B09": ("nir09", 945.1),
        "B10": ("cirrus", 1373.5),
        "B11": ("swir16", 1613.7),
        "B12": ("swir22", 2202.4),
    },
)


def _thermal(name: str, common: str, nm: float) -> Band:
    return Band(name, common, nm, "landsat", KELVIN, True)


LANDSAT_ETM = {
    **_optical(
        "landsat",
        {
            "B1": ("blue", 483.0),
            "B2": ("green", 560.0),
            "B3": ("red", 662.0),
            "B4": ("nir", 835.0),
            "B5": ("swir16", 1648.0),
            "B7": ("swir22", 2206.0),
            "B8": ("pan", 706.0),
        },
    ),
    "B6": _thermal("B6", "lwir", 11335.0),
}
LANDSAT_OLI = {
    **_optical(
        "landsat",
        {
            "B1": ("coastal", 443.0),
            "B2": ("blue", 482.0),
            "B3": ("green", 561.4),
            "B4": ("red", 654.6),
            "B5": ("nir", 864.7),
            "B6": ("swir16", 1608.9),
            "B7": ("swir22", 2200.7),
            "B8": ("pan", 589.5),
            "B9": ("cirrus", 1373.4),
        },
    ),
    "B10": _thermal("B10", "lwir11", 10895.0),
    "B11": _thermal("B11", "lwir12", 12005.0),
}
SENTINEL1 = {n: Band(n, n.lower(), None, "sentinel-1", DECIBEL, True) for n in ("VV", "VH")}
ELEVATION = {"DEM": Band("DEM", "elevation", None, "elevation", METRES, True)}
# What models take that is made of heights; layers are asked for heights alone.
_OF_HEIGHTS = {"slope": Band("slope", "", None, "elevation", RAW, True)}
COMMON = {
    band.common: Band(band.common, band.common, band.wavelength, "optical", REFLECTANCE, True)
    for band in SENTINEL2.values()
}

PRESETS: dict[str, tuple[str, ...]] = {
    "sentinel2-l2a": tuple(n for n in SENTINEL2 if n != "B10"),
    "sentinel2-l1c": tuple(SENTINEL2),
    "sentinel2-10m": ("B02", "B03", "B04", "B08"),
    "sentinel1": ("VV", "VH"),
    "landsat-etm": ("etm:B1", "etm:B2", "etm:B3", "etm:B4", "etm:B5", "etm:B7"),
    "landsat-oli": tuple(f"oli:B{i}" for i in range(1, 8)),
    "rgb": ("red", "green", "blue"),
    "rgbn": ("red", "green", "blue", "nir"),
}
_TABLES = {"s2": SENTINEL2, "etm": LANDSAT_ETM, "oli": LANDSAT_OLI, "s1": SENTINEL1}

_SENSOR_IN_NAME = (
    ("etm", re.compile(r"(?:^|[^A-Z])(?:LE07|LE7|LT05|LT5|LT04|LT4)", re.I)),
    ("oli", re.compile(r"(?:^|[^A-Z])(?:LC0[89]|LC8|LC9|LO08)", re.I)),
    ("s2", re.compile(r"(?:^|[^A-Z])(?:S2[ABC]_|S2_|SENTINEL-?2|MSIL[12][AC]|T\d{2}[A-Z]{3}_\d{8})", re.I)),
    ("s1", re.compile(r"(?:^|[^A-Z])(?:S1[ABC]_|SENTINEL-?1)", re.I)),
)
_NUMBERED = re.compile(r"^(?:band|b)[ _-]?0*(\d{1,2})(a?)\b", re.I)
# In a file of one band its name may stand in the file's name: T34UCF_..._B04_10m.jp2, ..._SR_B4.TIF.
_NUMBERED_FILE = re.compile(r"_(B\d{1,2}A?)(?:_\d+m)?(?:\.\w+)?$", re.I)
_QUALITY_FILE = re.compile(r"(?:^|[_.-])(Fmask|SCL|QA_PIXEL|PIXEL_QA|QA60)(?:_\d+m)?(?:\.\w+)?$", re.I)
_CLASS_WORDS = re.compile(r"fmask|class|(?:^|[^a-z])(?:scl|qa)", re.I)
_HEIGHT = re.compile(r"(?:^|[^a-z])(?:dem|dsm|dtm|srtm|elevation|altitude)(?:$|[^a-z])", re.I)
_POLARISATION = re.compile(r"(?:^|[^a-z])(vv|vh)(?:$|[^a-z])", re.I)
_WAVELENGTH_TOLERANCE = 30.0
# How far, as a part, a band may lie from the wavelength its name stands for: "nir" is used for 830
# and for 865 nm, a sensor's band is what it is.
_COMMON_TOLERANCE, _SENSOR_TOLERANCE = 0.08, 0.025


def guess_sensor(source: str, descriptions: Sequence[str] = ()) -> str:
    """Guess ``s2``, ``etm``, ``oli`` or ``s1`` from a file's name and its bands' names.

    Landsat 4 and 5 TM share the band numbers of ETM+, so they answer ``etm`` too. An empty
    string means that nothing speaks for a sensor.
    """
    stem = re.split(r"[\\/]", source)[-1]
    for sensor, pattern in _SENSOR_IN_NAME:
        if pattern.search(stem):
            return sensor
    names = {d.strip().upper() for d in descriptions}
    if names & {"B8A", "B08", "B02", "B03", "B04"}:
        return "s2"
    return ""


def band_named(name: str, sensor: str = "") -> Band | None:
    """The band that a name stands for, or None where the name says nothing certain.

    Accepts ``B04``, ``B8A``, ``red``, ``nir``, ``VV``, ``swir16``, ``DEM``; a prefixed ``etm:B4`` or
    ``s2:B04``; and ``band 4 ...`` or ``B4`` where the sensor is known. A bare ``B4`` without
    a sensor is ambiguous (red on Sentinel-2, near infrared on Landsat 7) and answers None.
    """
    text = name.strip()
    prefix, _, rest = text.partition(":")
    if rest and prefix.lower() in _TABLES:
        return band_named(rest, prefix.lower())
    if text.lower() in COMMON:
        return COMMON[text.lower()]
    found = _POLARISATION.search(text)
    if found and sensor in ("", "s1"):
        return SENTINEL1[found.group(1).upper()]
    if _HEIGHT.search(text):
        return ELEVATION["DEM"]
    numbered = _NUMBERED.match(text)
    if not numbered:
        return None
    number, letter = int(numbered.group(1)), numbered.group(2).upper()
    padded = bool(re.match(r"^B(0\d|8A)", text, re.I))
    if sensor == "s2" or (not sensor and padded):
        return SENTINEL2.get(f"B{number}{letter}" if letter else f"B{number:02d}")
    if sensor in ("etm", "oli") and not letter:
        return _thermal_or_none(_TABLES[sensor].get(f"B{number}"), text)
    return None


def band_of_card(name: str) -> Band:
    """The band that a model card means: ``B11`` in a card is Sentinel-2's, ``oli:B5`` Landsat 8's."""
    return SENTINEL2.get(name) or band_named(name) or _OF_HEIGHTS.get(name) or Band(name, known=True)


def _thermal_or_none(band: Band | None, text: str) -> Band | None:
    """Keep a Landsat band only if the words beside its number do not contradict it."""
    says_thermal = bool(re.search(r"temp|therm|lwir", text, re.I))
    if band is not None and says_thermal and band.units != KELVIN:
        return None
    return band


def band_at(wavelength: float) -> Band:
    """The optical band at a central wavelength (nm), named after the Sentinel-2 band near it."""
    near = min(SENTINEL2.values(), key=lambda b: abs((b.wavelength or 0) - wavelength))
    common = near.common if abs((near.wavelength or 0) - wavelength) <= _WAVELENGTH_TOLERANCE else ""
    return Band(f"{wavelength:g} nm", common, wavelength, "optical", REFLECTANCE, True)


def parse_mapping(text: str) -> tuple[str, ...]:
    """Split a user's mapping: a preset's name or comma-separated names, ``-`` to leave one out.

    ``sentinel2-l2a`` and ``B02,B03,B04,-,B8A`` are both mappings; an empty text is none.
    """
    text = text.strip()
    if not text:
        return ()
    if text.lower() in PRESETS:
        return PRESETS[text.lower()]
    return tuple(part.strip() for part in text.split(","))


def identify(
    source: str,
    descriptions: Sequence[str],
    wavelengths: Sequence[float | None] = (),
    mapping: Sequence[str] = (),
    commons: Sequence[str] = (),
) -> tuple[Band, ...]:
    """Say what each band of a file is: by the user's mapping, else its name, else its wavelength.

    Args:
        source: path or name of the raster; its stem may name the sensor and an only band.
        descriptions: one text a band, empty where the file has none.
        wavelengths: central wavelengths in nm, one a band or none at all.
        mapping: the user's names, one a band; empty for none; ``-`` says "no known band".
        commons: STAC common names, one a band or none at all.

    Returns:
        One Band a band of the file; ``known`` is False where nothing identifies it.
    """
    stated = guess_sensor("", mapping)
    sensor = guess_sensor(source, descriptions)
    result = []
    for index, text in enumerate(descriptions):
        wanted = mapping[index] if index < len(mapping) else ""
        band = None
        if wanted and wanted != "-":
            band = band_named(wanted, stated or sensor) or _as_stated(wanted)
        elif not wanted:
            nm = wavelengths[index] if index < len(wavelengths) else None
            common = commons[index] if index < len(commons) else ""
            names = [text, common] if text or len(descriptions) > 1 else [_name_in_file(source), common]
            band = _by_name_or_wavelength(names, sensor, nm)
        said = text if text or len(descriptions) > 1 else _quality_in_file(source)
        result.append(band or _unknown(said, index))
    return tuple(result)


def _by_name_or_wavelength(names: Sequence[str], sensor: str, nm: float | None) -> Band | None:
    """The first name that means a band and does not contradict the wavelength, else the wavelength."""
    for name in names:
        band = band_named(name, sensor) if name else None
        if band is None:
            continue
        if nm is None or band.wavelength is None:
            return band
        # The eighth channel of an imaging spectrometer is called B08, too.
        is_common = band.modality == "optical"
        tolerance = _COMMON_TOLERANCE if is_common else _SENSOR_TOLERANCE
        if abs(band.wavelength - nm) <= tolerance * band.wavelength:
            return replace(band, wavelength=nm) if is_common else band
    return band_at(nm) if nm else None


def _name_in_file(source: str) -> str:
    found = _NUMBERED_FILE.search(source)
    return found.group(1) if found else ""


def _quality_in_file(source: str) -> str:
    """The quality band that a file of one band is by its name, such as ``T34UCF_..._SCL_20m.jp2``."""
    found = _QUALITY_FILE.search(re.split(r"[\\/]", source)[-1])
    return found.group(1) if found else ""


def _as_stated(name: str) -> Band:
    """A band that only the user knows; what is called classes is not interpolated."""
    return Band(name, units=CLASSES if _CLASS_WORDS.search(name) else RAW, known=True)


def _unknown(text: str, index: int) -> Band:
    name = text.strip() or f"band {index + 1}"
    return Band(name, units=CLASSES if _CLASS_WORDS.search(name) else RAW)


def find(bands: Sequence[Band], wanted: Band) -> int | None:
    """Index of the band that can stand in for ``wanted``, or None.

    An equal name of the same modality wins, then an equal common name, then the nearest
    central wavelength within 30 nm; but a panchromatic band, which sees all of the light, is no red edge.
    """
    wanted_as = (wanted.name, wanted.modality, wanted.common)
    for index, band in enumerate(bands):
        # The common name too: B5 is near infrared on Landsat 8 and short-wave infrared on Landsat 7.
        if band.known and (band.name, band.modality, band.common) == wanted_as:
            return index
    for index, band in enumerate(bands):
        if band.known and wanted.common and band.common == wanted.common:
            return index
    if wanted.wavelength is None:
        return None
    gaps = [
        (abs(band.wavelength - wanted.wavelength), index)
        for index, band in enumerate(bands)
        if band.known and band.wavelength is not None and band.common != PANCHROMATIC
    ]
    gap, index = min(gaps, default=(float("inf"), -1))
    return index if gap <= _WAVELENGTH_TOLERANCE else None
