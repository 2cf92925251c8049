"""Pixels that live in no plain file -> a GeoTIFF that the engine can open."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

from osgeo import gdal
from qgis.core import (
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRasterFileWriter,
    QgsRasterPipe,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.PyQt.QtCore import Qt

from ..inference.errors import Cancelled, UnsupportedInput
from ..inference.jobs import RasterRef
from .layers import RasterSource
from .text import tr

_TILED = ["COMPRESS=DEFLATE", "TILED=YES", "BIGTIFF=IF_SAFER"]
_WEB_MAP_SIDE = 2048
_SNAP = 1e-6


def materialise(
    source: RasterSource, extent: QgsReferencedRectangle | None, feedback: QgsProcessingFeedback
) -> RasterRef:
    """The raster of a source, its pixels copied to a temporary GeoTIFF where it has no file.

    Args:
        source: what :func:`geofm.algorithms.layers.raster_source` described.
        extent: limits the copy; a web map, which has no pixels of its own, needs it.
        feedback: cancels the copy.

    Raises:
        UnsupportedInput: if there is nothing to copy or the copy failed.
        Cancelled: if the user cancelled it.
    """
    if source.provider is None:
        return source.ref
    area, columns, rows = _window(source, source.provider, extent)
    stem = re.sub(r"[^\w.-]+", "_", source.title).strip("_") or "layer"
    path = QgsProcessingUtils.generateTempFilename(f"{stem}.tif")
    feedback.pushInfo(
        tr("{} has no file that the engine can read as it is shown; its pixels are copied first.").format(
            source.title
        )
    )
    _write_pixels(source, source.provider.clone(), path, area, (columns, rows), feedback)
    _copy_band_names(source.provider, path)
    return replace(source.ref, path=path)


def _window(
    source: RasterSource, provider: QgsRasterDataProvider, extent: QgsReferencedRectangle | None
) -> tuple[QgsRectangle, int, int]:
    """The rectangle (layer CRS) to copy and its size in pixels."""
    full = provider.extent()
    wanted = QgsRectangle(full)
    if extent is not None:
        # The layer's pixels are placed by its own CRS, which may override the provider's.
        there = QgsCoordinateTransform(extent.crs(), source.crs, QgsCoordinateTransformContext())
        wanted = there.transformBoundingBox(QgsRectangle(extent)).intersect(full)
        if wanted.isEmpty():
            raise UnsupportedInput(tr("The extent lies outside of {}.").format(source.title))
    if provider.xSize() > 0 and provider.ySize() > 0:
        return _on_pixels(full, wanted, provider.xSize(), provider.ySize())
    if extent is None:
        raise UnsupportedInput(
            tr("{} is a web map without pixels of its own.").format(source.title),
            tr("Choose an extent to work in."),
        )
    step = max(wanted.width(), wanted.height()) / _WEB_MAP_SIDE
    finer = [resolution for resolution in provider.nativeResolutions() if resolution >= step]
    step = min(finer, default=step)
    return wanted, max(1, round(wanted.width() / step)), max(1, round(wanted.height() / step))


def _on_pixels(
    full: QgsRectangle, wanted: QgsRectangle, columns: int, rows: int
) -> tuple[QgsRectangle, int, int]:
    """``wanted`` grown to whole pixels of the provider's grid, so that none is resampled."""
    dx, dy = full.width() / columns, full.height() / rows
    left = max(0, math.floor((wanted.xMinimum() - full.xMinimum()) / dx + _SNAP))
    top = max(0, math.floor((full.yMaximum() - wanted.yMaximum()) / dy + _SNAP))
    right = min(columns, math.ceil((wanted.xMaximum() - full.xMinimum()) / dx - _SNAP))
    bottom = min(rows, math.ceil((full.yMaximum() - wanted.yMinimum()) / dy - _SNAP))
    area = QgsRectangle(
        full.xMinimum() + left * dx,
        full.yMaximum() - bottom * dy,
        full.xMinimum() + right * dx,
        full.yMaximum() - top * dy,
    )
    return area, right - left, bottom - top


def _write_pixels(
    source: RasterSource,
    provider: QgsRasterDataProvider,
    path: str,
    area: QgsRectangle,
    size: tuple[int, int],
    feedback: QgsProcessingFeedback,
) -> None:
    pipe = QgsRasterPipe()
    if not pipe.set(provider):
        raise UnsupportedInput(tr("The pixels of {} cannot be read.").format(source.title))
    writer = QgsRasterFileWriter(path)
    writer.setOutputFormat("GTiff")
    writer.setCreateOptions(_TILED)
    blocks = QgsRasterBlockFeedback()
    # Direct: this thread runs no event loop that would deliver the signal.
    feedback.canceled.connect(blocks.cancel, Qt.ConnectionType.DirectConnection)
    result = writer.writeRaster(
        pipe, size[0], size[1], area, source.crs, QgsCoordinateTransformContext(), blocks
    )
    if feedback.isCanceled():
        Path(path).unlink(missing_ok=True)
        raise Cancelled(tr("The run was cancelled."))
    # The short name: newer versions of QGIS moved the enum to another class.
    if result != QgsRasterFileWriter.NoError:
        raise UnsupportedInput(
            tr("The pixels of {} could not be copied to a file.").format(source.title),
            tr("Export the layer to a GeoTIFF yourself and use that."),
        )


def _copy_band_names(provider: QgsRasterDataProvider, path: str) -> None:
    """Bands are told apart by their names; QGIS's writer leaves those out."""
    dataset = gdal.Open(path, gdal.GA_Update)
    for band in range(1, min(provider.bandCount(), dataset.RasterCount) + 1):
        name = provider.generateBandName(band)
        dataset.GetRasterBand(band).SetDescription(re.sub(r"^Band 0*\d+(: )?", "", name))
    dataset.FlushCache()
