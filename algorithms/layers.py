"""Raster layers of QGIS -> RasterRefs of a job.

A layer is described on the main thread (:func:`raster_source`); where it is no file that the
engine can open, its pixels are copied once, on the algorithm's own thread (export.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsProviderRegistry,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import Qt

from ..inference.bands import parse_mapping
from ..inference.errors import InvalidRequest, UnsupportedInput
from ..inference.jobs import RasterRef
from ..inference.modality import MODALITIES, implied_names
from .datasets import open_or_none
from .text import tr

PROPERTY_BANDS = "geofm/bands"
PROPERTY_SCALE = "geofm/scale"
PROPERTY_OFFSET = "geofm/offset"
PROPERTY_DATE = "geofm/date"
PROPERTY_MODALITY = "geofm/modality"
# Drivers that rasterio's wheels are built without.
_FOREIGN = ("HDF4", "HDF4Image")
_HARMLESS_OPTION = re.compile(r"NUM_THREADS=", re.I)


@dataclass(frozen=True)
class Stated:
    """What the user said about rasters in the algorithm's parameters; it wins over the layers.

    Attributes:
        bands: band names or a preset (see :func:`geofm.inference.bands.parse_mapping`);
            ``;`` separates the mappings of several layers.
        scale: factor to reflectance, None if not said.
        offset: what is added after that, None if not said.
        acquired: ISO date, empty if not said.
    """

    bands: str = ""
    scale: float | None = None
    offset: float | None = None
    acquired: str = ""


@dataclass(frozen=True)
class Frame:
    """The place of a layer's own pixels, in the layer's CRS, and how many there are."""

    area: QgsRectangle
    columns: int
    rows: int


@dataclass(frozen=True)
class RasterSource:
    """A raster layer as a job needs it.

    Attributes:
        ref: the raster, complete if ``provider`` is None.
        title: the layer's name, for messages.
        bands: how many bands it has.
        provider: where the layer is no plain file, a copy of its data provider, from which
            the pixels are exported before the run.
        crs: the layer's CRS (it may differ from the provider's).
        frame: where its pixels lie, None for a web map, which has none of its own.
    """

    ref: RasterRef
    title: str
    bands: int
    provider: QgsRasterDataProvider | None
    crs: QgsCoordinateReferenceSystem
    frame: Frame | None = None


def raster_source(layer: QgsMapLayer) -> RasterSource:
    """Describe a raster layer. Call it on the layer's own thread.

    Raises:
        UnsupportedInput: if the layer is broken or is no raster with bands.
    """
    if not isinstance(layer, QgsRasterLayer) or not layer.isValid():
        name = layer.name() if layer is not None else ""
        raise UnsupportedInput(
            tr("The layer {} is not a readable raster.").format(name or tr("(none)")),
            tr("Check its data source in the layer's properties."),
        )
    provider = layer.dataProvider()
    path = _gdal_name(layer)
    plain, nodata = _user_nodata(provider)
    needs_copy = not path or not plain
    ref = RasterRef(
        path=path,
        names=_property_bands(layer),
        nodata=None if needs_copy else nodata,
        scale=_property_number(layer, PROPERTY_SCALE, tr("scale")),
        offset=_property_number(layer, PROPERTY_OFFSET, tr("offset")),
        acquired=acquired(layer),
        crs=_crs_override(layer),
    )
    clone = provider.clone() if needs_copy else None
    columns, rows = provider.xSize(), provider.ySize()
    frame = Frame(provider.extent(), columns, rows) if columns > 0 and rows > 0 else None
    return RasterSource(ref, layer.name(), layer.bandCount(), clone, layer.crs(), frame)


def with_stated(sources: Sequence[RasterSource], stated: Stated) -> list[RasterSource]:
    """Apply what the user stated to every source.

    Raises:
        InvalidRequest: if the band names do not fit the layers' bands, or the date is no date.
    """
    mappings = _shared_mapping(stated.bands, [source.bands for source in sources])
    checked_date(stated.acquired)
    result = []
    for source, names in zip(sources, mappings):
        ref = replace(
            source.ref,
            names=names or source.ref.names,
            scale=source.ref.scale if stated.scale is None else stated.scale,
            offset=source.ref.offset if stated.offset is None else stated.offset,
            acquired=stated.acquired or source.ref.acquired,
        )
        if ref.names and len(ref.names) != source.bands:
            raise _misfit(source.title, len(ref.names), source.bands)
        result.append(replace(source, ref=ref))
    return result


def checked_date(text: str) -> str:
    """The text if it is empty or an ISO date.

    Raises:
        InvalidRequest: if it is anything else.
    """
    if text:
        try:
            if date.fromisoformat(text).isoformat() != text:
                raise ValueError(text)
        except ValueError:
            raise InvalidRequest(
                tr("{} is not a date.").format(text), tr("Write it as year-month-day: 2024-07-31.")
            ) from None
    return text


def acquired(layer: QgsRasterLayer) -> str:
    """ISO date of a layer: its property ``geofm/date``, else the middle of its fixed time range."""
    stated = str(layer.customProperty(PROPERTY_DATE, "") or "").strip()
    if stated:
        return checked_date(stated)
    times = layer.temporalProperties()
    if not times.isActive() or times.mode() != Qgis.RasterTemporalMode.FixedTemporalRange:
        return ""
    begin, end = times.fixedTemporalRange().begin(), times.fixedTemporalRange().end()
    if not begin.isValid():
        return ""
    middle = begin.addSecs(begin.secsTo(end) // 2) if end.isValid() else begin
    return str(middle.date().toString(Qt.DateFormat.ISODate))


def stated_modality(layer: QgsRasterLayer) -> str:
    """What the user said that a layer is, one of ``MODALITIES``; empty if nothing that is known."""
    stated = str(layer.customProperty(PROPERTY_MODALITY, "") or "").strip()
    return stated if stated in MODALITIES else ""


def implied_bands(layer: QgsRasterLayer, modality: str | None = None) -> tuple[str, ...]:
    """Names of a layer's bands that follow from what the user said that it is; empty for none.

    Args:
        modality: what it would be, None for what the user said so far.
    """
    provider = layer.dataProvider()
    if provider is None:
        return ()
    titles = [provider.generateBandName(number) for number in range(1, provider.bandCount() + 1)]
    name = os.path.basename(layer.source()) or layer.name()
    return implied_names(stated_modality(layer) if modality is None else modality, titles, name)


def crs_text(crs: QgsCoordinateReferenceSystem) -> str:
    """``EPSG:n`` where the CRS has such a code, else its WKT; custom CRSs have only the latter."""
    if not crs.isValid():
        return ""
    if crs.authid().startswith("EPSG:"):
        return str(crs.authid())
    return str(crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED))


def _gdal_name(layer: QgsRasterLayer) -> str:
    """What GDAL opens to see exactly what the layer shows, or empty if there is no such name."""
    if layer.providerType() != "gdal":
        return ""
    parts = QgsProviderRegistry.instance().decodeUri("gdal", layer.source())
    options = parts.get("openOptions") or []
    if not all(_HARMLESS_OPTION.match(option) for option in options):
        return ""
    # decodeUri cannot be asked for the name itself: it takes a GeoPackage's raster apart.
    name = re.sub(r"\|(option|credential):.*$", "", layer.source())
    if "|" in name or name.startswith("/vsimem/") or _is_foreign(name):
        return ""
    return os.path.abspath(name) if Path(name).exists() else name


def _is_foreign(name: str) -> bool:
    """Whether a raster is of a format that QGIS's GDAL reads and the engine's does not."""
    dataset = open_or_none(name)
    return dataset is not None and dataset.GetDriver().ShortName in _FOREIGN


def _crs_override(layer: QgsRasterLayer) -> str:
    own = layer.dataProvider().crs()
    return "" if layer.crs() == own else crs_text(layer.crs())


def _user_nodata(provider: QgsRasterDataProvider) -> tuple[bool, float | None]:
    """Whether a job can express the layer's "no data" setting, and the extra value if there is one.

    A job can add one value to what the file says. Ranges, values that differ by band and a
    file's own value switched off need a copy of the pixels, in which they are applied.
    """
    found = set()
    for band in range(1, provider.bandCount() + 1):
        ranges = provider.userNoDataValues(band)
        switched_off = provider.sourceHasNoDataValue(band) and not provider.useSourceNoDataValue(band)
        if switched_off or len(ranges) > 1 or any(item.min() != item.max() for item in ranges):
            return False, None
        found.add(ranges[0].min() if ranges else None)
    if len(found) != 1:
        return False, None
    value = found.pop()
    return True, None if value is None else float(value)


def _property_bands(layer: QgsRasterLayer) -> tuple[str, ...]:
    return parse_mapping(str(layer.customProperty(PROPERTY_BANDS, "") or "")) or implied_bands(layer)


def _property_number(layer: QgsRasterLayer, key: str, what: str) -> float | None:
    stated = layer.customProperty(key)
    text = "" if stated is None else str(stated).strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise InvalidRequest(
            tr("The {} {} of the layer {} is not a number.").format(what, text, layer.name())
        ) from None


def _shared_mapping(text: str, counts: Sequence[int]) -> list[tuple[str, ...]]:
    """The user's band names, dealt out to layers of ``counts`` bands."""
    text = text.strip()
    if not text:
        return [()] * len(counts)
    if ";" in text:
        parts = [parse_mapping(part) for part in text.split(";")]
        if len(parts) != len(counts):
            raise InvalidRequest(
                tr("BANDS describes {} layers, but there are {}.").format(len(parts), len(counts)),
                tr("Separate the layers by ; and leave a part empty where the file says it itself."),
            )
        return parts
    names = parse_mapping(text)
    if len(counts) > 1 and sum(counts) == len(names):
        starts = [sum(counts[:index]) for index in range(len(counts))]
        return [names[start : start + count] for start, count in zip(starts, counts)]
    return [names] * len(counts)


def _misfit(title: str, named: int, bands: int) -> InvalidRequest:
    return InvalidRequest(
        tr("{} bands are named, but the layer {} has {}.").format(named, title, bands),
        tr("Name every band in the layer's order, with - for one that has no known identity."),
    )
