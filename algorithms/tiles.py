"""Tiles of map servers -> a GeoTIFF that has each of their pixels in its place.

Since 2025 QGIS draws each tile one or two pixels too large, so that no gap shows between tiles (QGIS pull
request 61591): half of a tile's pixels move by one, and its last ones are lost below the next tile. So tiles
are drawn three times as large as they shall be, and the middle one of each nine pixels is taken: it is the
right one wherever the borders of its tile went by one.
"""

from __future__ import annotations

import math

from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsDataProvider,
    QgsFeedback,
    QgsProviderRegistry,
    QgsRasterBlockFeedback,
    QgsRasterDataProvider,
    QgsRectangle,
)

# The first that got the change in one of its releases, and has all that is asked for here. It was without
# it at first, as older ones are, which draw tiles where they belong.
_SINCE = 34000
_TIMES = 3
# Pixels a side that are drawn at once: enough tiles for QGIS to ask for some side by side.
_PART = 1024
_BYTES = 4  # of a pixel, whether that is a colour or a number
_STANDARD_DPI = 96  # of tiles with a tilePixelRatio of 1


def are_enlarged(provider: QgsRasterDataProvider) -> bool:
    """Whether this QGIS would draw the tiles of a layer larger than they are."""
    return provider.name() == "wms" and bool(provider.nativeResolutions()) and Qgis.QGIS_VERSION_INT >= _SINCE


def copy_tiles(
    provider: QgsRasterDataProvider,
    dataset: gdal.Dataset,
    area: QgsRectangle,
    feedback: QgsFeedback,
    blocks: QgsRasterBlockFeedback,
) -> bool:
    """Fill a raster with what a tiled layer shows.

    Pixels of the size of one of the server's levels get that level's values as they are; others are
    interpolated by QGIS.

    Args:
        provider: of the layer, for which :func:`are_enlarged`.
        dataset: as :func:`new_file` made it.
        area: what it covers, in the CRS of the provider.
        feedback: asked after each part whether to go on.
        blocks: cancels what is being drawn.

    Returns:
        Whether all could be drawn and written; false if it was cancelled.
    """
    columns, rows = dataset.RasterXSize, dataset.RasterYSize
    dx, dy = area.width() / columns, area.height() / rows
    drawn = _enlarged(provider, dx)
    if drawn is None:
        return False
    for top in range(0, rows, _PART):
        for left in range(0, columns, _PART):
            width, height = min(_PART, columns - left), min(_PART, rows - top)
            part = QgsRectangle(
                area.xMinimum() + left * dx,
                area.yMaximum() - (top + height) * dy,
                area.xMinimum() + (left + width) * dx,
                area.yMaximum() - top * dy,
            )
            block = drawn.block(1, part, width * _TIMES, height * _TIMES, blocks)
            if feedback.isCanceled() or not block.isValid():
                return False
            if not _write_middles(dataset, bytes(block.data()), left, top, width, height):
                return False
    return True


def new_file(
    provider: QgsRasterDataProvider,
    path: str,
    area: QgsRectangle,
    size: tuple[int, int],
    crs: QgsCoordinateReferenceSystem,
    options: list[str],
) -> gdal.Dataset | None:
    """An empty GeoTIFF for what a tiled layer shows: colours with visibility, or numbers.

    Args:
        provider: of the layer.
        path: of the file.
        area: what it covers, in the CRS.
        size: columns and rows.
        crs: of the file.
        options: of GDAL's driver.
    """
    colours = provider.dataType(1) != Qgis.DataType.Float32
    count, kind = (4, gdal.GDT_Byte) if colours else (1, gdal.GDT_Float32)
    try:
        made = gdal.GetDriverByName("GTiff").Create(path, *size, count, kind, options)
    except RuntimeError:  # where another plugin has GDAL raise
        return None
    if made is None:
        return None
    dx, dy = area.width() / size[0], area.height() / size[1]
    made.SetGeoTransform((area.xMinimum(), dx, 0.0, area.yMaximum(), 0.0, -dy))
    made.SetProjection(crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED_GDAL))
    if not colours and provider.sourceHasNoDataValue(1):
        made.GetRasterBand(1).SetNoDataValue(provider.sourceNoDataValue(1))
    return made


def _enlarged(provider: QgsRasterDataProvider, side: float) -> QgsRasterDataProvider | None:
    """The layer, drawing the level for pixels of ``side`` where a third of that is asked for."""
    stated = [part.partition("=")[::2] for part in provider.dataSourceUri().split("&")]
    ratio = 2 if ("tilePixelRatio", "2") in stated else 1
    # QGIS compares the resolution of tiles with that of a screen only where it knows both. Servers that would
    # draw for a screen are not told of it.
    wanted = {"tilePixelRatio": str(ratio), "dpiMode": "0"}
    left_out = set(wanted)
    if any(math.isclose(side, level, rel_tol=1e-6) for level in provider.nativeResolutions()):
        left_out.add("SmoothPixmapTransform")
        if "interpretation" not in dict(stated):
            # Tiles that hold codes are not smoothed, and a code that QGIS does not know is shown as it is.
            wanted["interpretation"] = "none"
    kept = [(key, value) for key, value in stated if key not in left_out]
    address = "&".join(f"{key}={value}" for key, value in [*kept, *wanted.items()])
    made = QgsProviderRegistry.instance().createProvider("wms", address, QgsDataProvider.ProviderOptions())
    if not isinstance(made, QgsRasterDataProvider) or not made.isValid():
        return None
    made.setDpi(_STANDARD_DPI * ratio * _TIMES)
    return made


def _write_middles(
    dataset: gdal.Dataset, pixels: bytes, left: int, top: int, width: int, height: int
) -> bool:
    """Write the middle of each 3 x 3 pixels: 4-byte colours (blue, green, red, visibility) or numbers."""
    line = width * _TIMES * _BYTES
    middle = memoryview(pixels)[_TIMES // 2 * (line + _BYTES) :]
    bands = [3, 2, 1, 4] if dataset.RasterCount == 4 else [1]
    kind = dataset.GetRasterBand(1).DataType
    try:
        code = dataset.WriteRaster(
            left, top, width, height, middle.tobytes(), width, height, kind, bands,
            _TIMES * _BYTES, _TIMES * line, 1,
        )
    except RuntimeError:  # where another plugin has GDAL raise
        return False
    return bool(code == gdal.CE_None)
