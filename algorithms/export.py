"""Pixels that live in no plain file -> a GeoTIFF that the engine can open."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from osgeo import gdal
from qgis.core import (
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsNetworkAccessManager,
    QgsNetworkReplyContent,
    QgsProcessingFeedback,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRasterFileWriter,
    QgsRasterPipe,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtNetwork import QNetworkReply

from ..inference.errors import Cancelled, UnsupportedInput
from ..inference.jobs import RasterRef
from .layers import RasterSource
from .text import tr
from .tiles import are_enlarged, copy_tiles, new_file

_TILED = ["COMPRESS=DEFLATE", "TILED=YES", "BIGTIFF=IF_SAFER"]
# A web map of which nobody says how fine it shall be is copied in at most so many pixels a side.
_WEB_MAP_SIDE = 2048
# More pixels than these are no copy but a harvest: some 8,000 tiles of a server.
_MOST_PIXELS = 500_000_000
_SNAP = 1e-6
_FINE = (QNetworkReply.NetworkError.NoError, QNetworkReply.NetworkError.ContentNotFoundError)


@dataclass(frozen=True)
class Wish:
    """What copies shall cover and how fine they shall be, as far as their layers leave that open.

    Attributes:
        extent: limits the copies, None for no limit.
        resolution: side of a pixel in the units of the copied layer's CRS, None to choose one.
        stack: the layers of the run; the first with pixels of its own says what is not said here.
    """

    extent: QgsReferencedRectangle | None = None
    resolution: float | None = None
    stack: Sequence[RasterSource] = ()

    @property
    def neighbour(self) -> RasterSource | None:
        """The first layer of the stack that has pixels of its own."""
        return next((source for source in self.stack if source.frame is not None), None)


def materialise(
    source: RasterSource, wish: Wish, folder: str, feedback: QgsProcessingFeedback
) -> RasterRef:
    """The raster of a source, its pixels copied to a GeoTIFF where it has no file.

    Args:
        source: what :func:`geofm.algorithms.layers.raster_source` described; it is used up.
        wish: what to copy; a web map, which has no pixels of its own, needs more of it.
        folder: where to put the copy.
        feedback: cancels the copy.

    Raises:
        UnsupportedInput: if there is nothing to copy or the copy failed.
        Cancelled: if the user cancelled it.
    """
    if source.provider is None:
        return source.ref
    area, columns, rows = _window(source, source.provider, wish)
    stem = re.sub(r"[^\w.-]+", "_", source.title).strip("_") or "layer"
    # A folder of its own: two layers may have one name.
    path = str(Path(mkdtemp(dir=folder)) / f"{stem}.tif")
    feedback.pushInfo(
        tr("{} has no file that the engine can read as it is shown; {} x {} pixels are copied first.").format(
            source.title, columns, rows
        )
    )
    names = _band_names(source.provider)
    # The provider itself, which ends with the copy: in QGIS 3.22 the clone of a virtual raster's clone
    # answers with whatever lay in memory.
    _write_pixels(source, source.provider, path, area, (columns, rows), feedback)
    _name_bands(path, names)
    return replace(source.ref, path=path)


def _window(
    source: RasterSource, provider: QgsRasterDataProvider, wish: Wish
) -> tuple[QgsRectangle, int, int]:
    """The rectangle (layer CRS) to copy and its size in pixels."""
    full = provider.extent()
    wanted = QgsRectangle(full)
    if wish.extent is not None:
        wanted = _brought(wish.extent, source).intersect(full)
    elif source.frame is None:
        if wish.neighbour is None or wish.neighbour.frame is None:
            raise UnsupportedInput(
                tr("{} is a web map without pixels of its own.").format(source.title),
                tr("Choose an extent to work in."),
            )
        place = QgsReferencedRectangle(wish.neighbour.frame.area, wish.neighbour.crs)
        wanted = _brought(place, source).intersect(full)
    if wanted.isEmpty():
        raise UnsupportedInput(tr("The extent lies outside of {}.").format(source.title))
    dx, dy = _pixel(source, provider, wanted, wish)
    area, columns, rows = _on_pixels(full, wanted, dx, dy)
    if columns * rows > _MOST_PIXELS:
        raise UnsupportedInput(
            tr("The copy of {} would have {} million pixels.").format(
                source.title, f"{columns * rows / 1e6:,.0f}"
            ),
            tr("Choose a smaller extent or a coarser RESOLUTION."),
        )
    return area, columns, rows


def _brought(place: QgsReferencedRectangle, source: RasterSource) -> QgsRectangle:
    """A rectangle in the CRS of a layer, whose pixels are placed by its own, not its provider's."""
    there = QgsCoordinateTransform(place.crs(), source.crs, QgsCoordinateTransformContext())
    try:
        return there.transformBoundingBox(QgsRectangle(place))
    except QgsCsException as error:
        raise UnsupportedInput(
            tr("The extent lies outside of {}.").format(source.title), detail=str(error)
        ) from error


def _pixel(
    source: RasterSource, provider: QgsRasterDataProvider, wanted: QgsRectangle, wish: Wish
) -> tuple[float, float]:
    """Width and height of a pixel of the copy: as asked, the layer's own, or like its neighbour's."""
    # What GDAL reads has pixels, and only what is shown of them differs from the file.
    if wish.resolution and provider.name() != "gdal":
        return wish.resolution, wish.resolution
    if source.frame is not None:
        full = provider.extent()
        return full.width() / source.frame.columns, full.height() / source.frame.rows
    if wish.neighbour is not None and wish.neighbour.frame is not None:
        frame, middle = wish.neighbour.frame, wish.neighbour.frame.area.center()
        width, height = frame.area.width() / frame.columns, frame.area.height() / frame.rows
        pixel = QgsRectangle.fromCenterAndSize(middle, width, height)
        there = _brought(QgsReferencedRectangle(pixel, wish.neighbour.crs), source)
        side = math.sqrt(there.width() * there.height())
        return side, side
    step = max(wanted.width(), wanted.height()) / _WEB_MAP_SIDE
    own = [resolution for resolution in provider.nativeResolutions() if resolution >= step]
    return min(own, default=step), min(own, default=step)


def _on_pixels(
    full: QgsRectangle, wanted: QgsRectangle, dx: float, dy: float
) -> tuple[QgsRectangle, int, int]:
    """``wanted`` grown to whole pixels counted from the layer's corner, so that none is resampled."""
    left = max(0, math.floor((wanted.xMinimum() - full.xMinimum()) / dx + _SNAP))
    top = max(0, math.floor((full.yMaximum() - wanted.yMaximum()) / dy + _SNAP))
    right = math.ceil((wanted.xMaximum() - full.xMinimum()) / dx - _SNAP)
    bottom = math.ceil((full.yMaximum() - wanted.yMinimum()) / dy - _SNAP)
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
    blocks = QgsRasterBlockFeedback()
    # Direct: this thread runs no event loop that would deliver the signals.
    feedback.canceled.connect(blocks.cancel, Qt.ConnectionType.DirectConnection)
    # A script says only when it is asked that it wants no more.
    blocks.progressChanged.connect(lambda _: feedback.isCanceled(), Qt.ConnectionType.DirectConnection)
    with _Unanswered(provider.dataSourceUri()) as unanswered:
        written = _drawn(source, provider, path, area, size, feedback, blocks)
    if feedback.isCanceled():
        Path(path).unlink(missing_ok=True)
        raise Cancelled(tr("The run was cancelled."))
    if unanswered.why:
        raise UnsupportedInput(
            tr("The server of {} did not answer: {}.").format(source.title, unanswered.why),
            tr("Check the address and the connection, then run it again."),
        )
    if not written:
        raise UnsupportedInput(
            tr("The pixels of {} could not be copied to a file.").format(source.title),
            tr("Export the layer to a GeoTIFF yourself and use that."),
        )


def _drawn(
    source: RasterSource,
    provider: QgsRasterDataProvider,
    path: str,
    area: QgsRectangle,
    size: tuple[int, int],
    feedback: QgsProcessingFeedback,
    blocks: QgsRasterBlockFeedback,
) -> bool:
    """Whether all pixels came into a file."""
    if are_enlarged(provider):
        dataset = new_file(provider, path, area, size, source.crs, _TILED)
        return dataset is not None and copy_tiles(provider, dataset, area, feedback, blocks)
    pipe = QgsRasterPipe()
    if not pipe.set(provider):
        raise UnsupportedInput(tr("The pixels of {} cannot be read.").format(source.title))
    writer = QgsRasterFileWriter(path)
    writer.setOutputFormat("GTiff")
    writer.setCreateOptions(_TILED)
    if hasattr(provider, "maximumTileSize"):  # from QGIS 3.40 on
        # What is asked for at once is one picture of the server's; of several, the seams would be moved.
        largest = provider.maximumTileSize()
        writer.setMaxTileWidth(min(writer.maxTileWidth(), largest.width()))
        writer.setMaxTileHeight(min(writer.maxTileHeight(), largest.height()))
    result = writer.writeRaster(
        pipe, size[0], size[1], area, source.crs, QgsCoordinateTransformContext(), blocks
    )
    return bool(result == QgsRasterFileWriter.WriterError.NoError)


class _Unanswered:
    """Watches what a layer asks of its server in this thread, and remembers what it never got.

    A provider draws nothing where a tile did not come, and says nothing of it. A tile that its server
    does not have is no failure: there is no data.

    Args:
        source: of the layer; other layers may be waiting for answers, too.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._failed: dict[str, str] = {}
        self._network = QgsNetworkAccessManager.instance()

    @property
    def why(self) -> str:
        """The reason of the first failure that no later answer made good; empty if all came."""
        return next(iter(self._failed.values()), "")

    def __enter__(self) -> _Unanswered:
        self._network.finished[QgsNetworkReplyContent].connect(
            self._heard, Qt.ConnectionType.DirectConnection
        )
        return self

    def __exit__(self, *unused: object) -> None:
        self._network.finished[QgsNetworkReplyContent].disconnect(self._heard)

    def _heard(self, reply: QgsNetworkReplyContent) -> None:
        address = reply.request().url()
        if address.host() not in self._source:
            return
        if reply.error() in _FINE:
            self._failed.pop(address.toString(), None)
        else:
            self._failed[address.toString()] = reply.errorString()


def _band_names(provider: QgsRasterDataProvider) -> list[str]:
    numbers = range(1, provider.bandCount() + 1)
    return [re.sub(r"^Band 0*\d+(: )?", "", provider.generateBandName(number)) for number in numbers]


def _name_bands(path: str, names: Sequence[str]) -> None:
    """Bands are told apart by their names; QGIS's writer leaves those out."""
    dataset = gdal.Open(path, gdal.GA_Update)
    for number, name in zip(range(1, dataset.RasterCount + 1), names):
        dataset.GetRasterBand(number).SetDescription(name)
    dataset.FlushCache()
