"""What a raster layer says of itself, and what the user said of it.

The user's word lives in the layer's custom properties, travels with the project and is what
the Processing algorithms read too (:mod:`geofm.algorithms.layers`).
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from osgeo import gdal
from qgis.core import Qgis, QgsRasterLayer, QgsUnitTypes

from ..algorithms.datasets import open_or_none
from ..algorithms.layers import (
    PROPERTY_BANDS,
    PROPERTY_DATE,
    PROPERTY_OFFSET,
    PROPERTY_SCALE,
    implied_bands,
    stated_modality,
)
from ..algorithms.layers import acquired as stated_date
from ..algorithms.text import tr
from ..inference import bands as band_names
from ..inference.bands import BYTE, REFLECTANCE, Band
from ..inference.labels import BandTags, Labels, date_in
from ..inference.modality import BANDS, ELEVATION, METADATA, NAME, OTHER, PIXELS, Clues, Guess, guess

RESULT = "geofm/result"
# The result that is only looked at while something is taught.
PREVIEW = "PREVIEW"

METRES_PER_DEGREE = 111_320.0
_BAND_TITLE = re.compile(r"^\D*\d+(?:\s*:\s*(?P<name>.*?))?(?:\s*\([^()]*\))?$")
_TYPE_NAMES = {
    Qgis.DataType.Byte: "Byte",
    Qgis.DataType.UInt16: "UInt16",
    Qgis.DataType.Int16: "Int16",
    Qgis.DataType.UInt32: "UInt32",
    Qgis.DataType.Int32: "Int32",
    Qgis.DataType.Float32: "Float32",
    Qgis.DataType.Float64: "Float64",
}
_SENSOR_TITLES = {
    "s2": "Sentinel-2",
    "s1": "Sentinel-1",
    "etm": "Landsat 4-7",
    "oli": "Landsat 8-9",
}
# Where what is known of a layer comes from, beside what a guess of its modality rests on.
SAID, TEMPORAL = "said", "temporal"


def modality_titles() -> dict[str, str]:
    """What a layer can be, in words, in the order in which it is offered."""
    return {
        "sentinel-2": tr("Sentinel-2"),
        "sentinel-1": tr("Sentinel-1"),
        "landsat": tr("Landsat"),
        "aerial": tr("Aerial image"),
        "hyperspectral": tr("Hyperspectral"),
        ELEVATION: tr("Elevation"),
        OTHER: tr("Other"),
    }


def origin_words(origin: str) -> str:
    """Where what is known of a layer comes from, in words; empty where nothing is known."""
    return {
        SAID: tr("as you said"),
        TEMPORAL: tr("from its temporal properties"),
        BANDS: tr("from its bands"),
        METADATA: tr("from its metadata"),
        NAME: tr("from its name"),
        PIXELS: tr("from its pixels"),
    }.get(origin, "")


@dataclass(frozen=True)
class Dated:
    """When a layer was taken, and how that is known.

    Attributes:
        text: ISO date; empty if unknown. What the user wrote is kept as it is, a date or not.
        origin: ``said``, ``temporal``, ``metadata``, ``name`` or empty.
    """

    text: str
    origin: str


@dataclass(frozen=True)
class LayerNote:
    """All that the dock shows of one raster layer.

    Attributes:
        bands: identity of each band, in the file's order.
        gsd: pixel size in metres, None if the CRS says nothing of it.
        dated: when it was taken.
        modality: what it shows: as the user said, else as it seems.
        sensor: title of the sensor, or else of the modality; empty if unknown.
        dtype: GDAL's name of the first band's type (``Int16``).
        width, height: size in pixels.
    """

    bands: tuple[Band, ...]
    gsd: float | None
    dated: Dated
    modality: Guess
    sensor: str
    dtype: str
    width: int
    height: int

    @property
    def date(self) -> str:
        """ISO date of acquisition, empty if unknown."""
        return self.dated.text

    @property
    def unnamed(self) -> bool:
        """Whether nothing identifies any of the bands; a few odd ones beside known ones are usual."""
        return not any(band.known for band in self.bands)


def band_titles(layer: QgsRasterLayer) -> list[str]:
    """The description of each band, empty where the file has none."""
    provider = layer.dataProvider()
    if provider is None:
        return []
    titles = []
    for number in range(1, provider.bandCount() + 1):
        found = _BAND_TITLE.match(provider.generateBandName(number))
        titles.append((found.group("name") or "").strip() if found else "")
    return titles


def labels(layer: QgsRasterLayer) -> Labels | None:
    """What the layer's file says of itself, as the engine reads it; None where there is no file.

    Only files on this machine are asked: the main thread must not wait for a network.
    """
    path = layer.source().split("|")[0]
    dataset = open_or_none(path) if os.path.isfile(path) else None
    if dataset is None:
        return None
    bands = [dataset.GetRasterBand(number) for number in range(1, dataset.RasterCount + 1)]
    told = [
        BandTags(b.GetDescription(), b.GetMetadata(), b.GetMetadata("IMAGERY"), _colour(b)) for b in bands
    ]
    domains = (dataset.GetMetadata(domain) for domain in ("", "ENVI", "IMAGERY"))
    return Labels(path, told, *domains)


def _colour(band: gdal.Band) -> str:
    """What a band of bytes is on the screen; empty for other bands."""
    if band.DataType != gdal.GDT_Byte:
        return ""
    return str(gdal.GetColorInterpretationName(band.GetColorInterpretation())).lower()


def identify(
    layer: QgsRasterLayer, names: Sequence[str], modality: str | None = None
) -> tuple[Band, ...]:
    """What each band of a layer is, as the engine will find it.

    Args:
        names: the user's, empty for none.
        modality: what the layer would be, which may name its bands; None for what the user said so far.
    """
    found = labels(layer)
    titles = band_titles(layer)
    names = names or implied_bands(layer, modality)
    if found is None or len(found.bands) != len(titles):
        return band_names.identify(_file_name(layer), titles, (), names)
    indexes = range(1, len(titles) + 1)
    known = found.wavelengths(indexes), names, found.common_names(indexes)
    return band_names.identify(found.path, found.descriptions(indexes), *known)


def _file_name(layer: QgsRasterLayer) -> str:
    return os.path.basename(layer.source()) or layer.name()


def gsd_metres(layer: QgsRasterLayer) -> float | None:
    """Pixel size on the ground in metres: the geometric mean of both axes."""
    x, y = layer.rasterUnitsPerPixelX(), layer.rasterUnitsPerPixelY()
    crs = layer.crs()
    if not crs.isValid() or not x > 0 or not y > 0:
        return None
    if crs.isGeographic():
        latitude = math.radians(layer.extent().center().y())
        return METRES_PER_DEGREE * math.sqrt(x * y * max(math.cos(latitude), 1e-6))
    factor = QgsUnitTypes.fromUnitToUnitFactor(crs.mapUnits(), QgsUnitTypes.DistanceUnit.DistanceMeters)
    return math.sqrt(x * y) * factor


def dated(layer: QgsRasterLayer) -> Dated:
    """When a layer was taken: as the user said, else by its temporal properties, its metadata or its name.

    What the user wrote is answered as it is, a date or not: it is shown where it can be mended.
    """
    said = str(layer.customProperty(PROPERTY_DATE) or "").strip()
    if said:
        return Dated(said, SAID)
    by_time = stated_date(layer)
    if by_time:
        return Dated(by_time, TEMPORAL)
    told = labels(layer)
    day = told.acquired_by_metadata() if told else None
    if day is not None:
        return Dated(day.isoformat(), METADATA)
    day = date_in(os.path.basename(layer.source())) or date_in(layer.name())
    return Dated(day.isoformat(), NAME) if day is not None else Dated("", "")


def acquired(layer: QgsRasterLayer) -> str:
    """The date of a layer as :func:`dated` has it; empty if unknown."""
    return dated(layer).text


def guessed(layer: QgsRasterLayer) -> Guess:
    """What a layer seems to be, whatever the user said."""
    told = labels(layer)
    found = identify(layer, band_names.parse_mapping(mapping(layer)), "")
    names = (_file_name(layer), layer.name())
    return guess(Clues(found, told.platform() if told else "", names, gsd_metres(layer), _dtype(layer)))


def modality(layer: QgsRasterLayer) -> Guess:
    """What a layer is: as the user said, else as it seems."""
    said = stated_modality(layer)
    return Guess(said, SAID) if said else guessed(layer)


def is_elevation(layer: QgsRasterLayer) -> bool:
    """Whether a layer is, or seems, no image but heights."""
    return modality(layer).modality == ELEVATION


def _dtype(layer: QgsRasterLayer) -> str:
    provider = layer.dataProvider()
    return _TYPE_NAMES.get(provider.dataType(1), "") if provider and provider.bandCount() else ""


def mapping(layer: QgsRasterLayer) -> str:
    """The user's names for the bands, as text; empty if the user said nothing."""
    return str(layer.customProperty(PROPERTY_BANDS) or "").strip()


def scale(layer: QgsRasterLayer) -> str:
    """The user's scale factor, as text; empty if the user said nothing."""
    value = layer.customProperty(PROPERTY_SCALE)
    return "" if value is None else str(value).strip()


def offset(layer: QgsRasterLayer) -> str:
    """The user's offset, as text; empty if the user said nothing."""
    value = layer.customProperty(PROPERTY_OFFSET)
    return "" if value is None else str(value).strip()


def note(layer: QgsRasterLayer) -> LayerNote:
    """Read a layer's own account and the user's corrections to it."""
    titles = band_titles(layer)
    found = identify(layer, band_names.parse_mapping(mapping(layer)))
    dtype = _dtype(layer)
    if dtype == "Byte" and not scale(layer) and layer.dataProvider().bandScale(1) == 1.0:
        found = tuple(_as_picture(band) for band in found)
    seems = modality(layer)
    return LayerNote(
        bands=found,
        gsd=gsd_metres(layer),
        dated=dated(layer),
        modality=seems,
        sensor=_sensor_title(seems, band_names.guess_sensor(_file_name(layer), titles)),
        dtype=dtype,
        width=layer.width(),
        height=layer.height(),
    )


def _as_picture(band: Band) -> Band:
    """Bytes that nobody scales are a picture's, no reflectance, as the engine has it."""
    return replace(band, units=BYTE) if band.units == REFLECTANCE else band


def _sensor_title(seems: Guess, sensor: str) -> str:
    """``Landsat 4-7`` where the sensor is known more exactly than its modality."""
    if seems.modality == OTHER:
        return tr("Other") if seems.because == SAID else ""
    title = modality_titles()[seems.modality]
    exact = _SENSOR_TITLES.get(sensor, "")
    return exact if exact.startswith(title) else title


def describe(known: LayerNote) -> str:
    """One short line on a layer: sensor, bands, date; a question mark stands behind what was guessed."""
    count = len(known.bands)
    bands = tr("1 band") if count == 1 else tr("{} bands").format(count)
    if known.unnamed:
        bands = tr("{}, not named").format(bands)
    sensor = known.sensor
    if sensor and not known.modality.certain and known.modality.because != SAID:
        sensor = tr("{}?").format(sensor)
    return " · ".join(part for part in (sensor, bands, known.date) if part)


def origins(known: LayerNote) -> list[str]:
    """Where sensor and date come from, a line each."""
    found = []
    if known.sensor:
        found.append(tr("{}, {}").format(known.sensor, origin_words(known.modality.because)))
    if known.date:
        found.append(tr("Taken {}, {}").format(known.date, origin_words(known.dated.origin)))
    return found


def metres(value: float) -> str:
    """A length in metres with as many digits as it deserves."""
    return tr("{} m").format(f"{value:.3g}" if value < 100 else f"{value:.0f}")


def pixel_type_is_supported(layer: QgsRasterLayer) -> bool:
    """Whether a layer has numbers to read: files do, a rendered web map does not."""
    provider = layer.dataProvider()
    return provider is not None and provider.dataType(1) in _TYPE_NAMES
