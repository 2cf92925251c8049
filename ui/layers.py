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

from ..algorithms.layers import PROPERTY_BANDS, PROPERTY_DATE, PROPERTY_OFFSET, PROPERTY_SCALE
from ..algorithms.layers import acquired as stated_date
from ..algorithms.text import tr
from ..inference import bands as band_names
from ..inference.bands import BYTE, REFLECTANCE, Band
from ..inference.errors import InvalidRequest
from ..inference.labels import BandTags, Labels, date_in

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
_MODALITY_TITLES = {
    "sentinel-2": "Sentinel-2",
    "sentinel-1": "Sentinel-1",
    "landsat": "Landsat",
}


@dataclass(frozen=True)
class LayerNote:
    """All that the dock shows of one raster layer.

    Attributes:
        bands: identity of each band, in the file's order.
        gsd: pixel size in metres, None if the CRS says nothing of it.
        date: ISO date of acquisition, empty if unknown.
        sensor: title of the sensor, empty if unknown.
        dtype: GDAL's name of the first band's type (``Int16``).
        width, height: size in pixels.
    """

    bands: tuple[Band, ...]
    gsd: float | None
    date: str
    sensor: str
    dtype: str
    width: int
    height: int

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
    dataset = gdal.Open(path) if os.path.isfile(path) else None
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


def identify(layer: QgsRasterLayer, names: Sequence[str]) -> tuple[Band, ...]:
    """What each band of a layer is, as the engine will find it.

    Args:
        names: the user's, empty for none.
    """
    found = labels(layer)
    titles = band_titles(layer)
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


def acquired(layer: QgsRasterLayer) -> str:
    """The date of a layer: the user's, else its temporal property, else what its file says, else its name.

    What the user wrote is answered as it is, a date or not: it is shown where it can be mended.
    """
    try:
        said = stated_date(layer)
    except InvalidRequest:
        return str(layer.customProperty(PROPERTY_DATE))
    told = labels(layer)
    day = told.acquired() if told else date_in(os.path.basename(layer.source()))
    day = day or date_in(layer.name())
    return said or (day.isoformat() if day else "")


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
    provider = layer.dataProvider()
    dtype = _TYPE_NAMES.get(provider.dataType(1), "") if provider and titles else ""
    if dtype == "Byte" and not scale(layer) and provider.bandScale(1) == 1.0:
        found = tuple(_as_picture(band) for band in found)
    return LayerNote(
        bands=found,
        gsd=gsd_metres(layer),
        date=acquired(layer),
        sensor=_sensor_title(_file_name(layer), titles, found),
        dtype=dtype,
        width=layer.width(),
        height=layer.height(),
    )


def _as_picture(band: Band) -> Band:
    """Bytes that nobody scales are a picture's, no reflectance, as the engine has it."""
    return replace(band, units=BYTE) if band.units == REFLECTANCE else band


def _sensor_title(name: str, titles: list[str], found: tuple[Band, ...]) -> str:
    modalities = {b.modality for b in found if b.known}
    named = {_MODALITY_TITLES[m] for m in modalities if m in _MODALITY_TITLES}
    guessed = _SENSOR_TITLES.get(band_names.guess_sensor(name, titles), "")
    if len(named) == 1:
        only = named.pop()
        return guessed if guessed.startswith(only) else only
    return guessed if not named else " + ".join(sorted(named))


def describe(known: LayerNote) -> str:
    """One short line on a layer: sensor, date, bands; what matters most comes first."""
    count = len(known.bands)
    bands = tr("1 band") if count == 1 else tr("{} bands").format(count)
    if known.unnamed:
        bands = tr("{}, not named").format(bands)
    parts = (known.sensor, known.date, bands)
    return " · ".join(part for part in parts if part)


def metres(value: float) -> str:
    """A length in metres with as many digits as it deserves."""
    return tr("{} m").format(f"{value:.3g}" if value < 100 else f"{value:.0f}")


def pixel_type_is_supported(layer: QgsRasterLayer) -> bool:
    """Whether a layer has numbers to read: files do, a rendered web map does not."""
    provider = layer.dataProvider()
    return provider is not None and provider.dataType(1) in _TYPE_NAMES
