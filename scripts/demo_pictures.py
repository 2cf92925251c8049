"""The demo's maps as PNG, rendered by QGIS, with a title and a legend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qgis.core import (
    QgsColorRampShader,
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsMultiBandColorRenderer,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleBandPseudoColorRenderer,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QImage, QLinearGradient, QPainter

MAP_SIDE = 560
MARGIN = 24
LEGEND_WIDTH = 240
TITLE_HEIGHT = 56
_INK = QColor("#222222")


def show_bands(layer: QgsRasterLayer, bands: tuple[int, int, int]) -> None:
    """Draw a scene in three of its bands, each stretched to the middle 96 % of its values."""
    provider = layer.dataProvider()
    renderer = QgsMultiBandColorRenderer(provider, *bands)
    setters = (
        renderer.setRedContrastEnhancement,
        renderer.setGreenContrastEnhancement,
        renderer.setBlueContrastEnhancement,
    )
    for band, give in zip(bands, setters):
        low, high = provider.cumulativeCut(band, 0.02, 0.98, QgsRectangle(), 250_000)
        stretch = QgsContrastEnhancement(provider.dataType(band))
        stretch.setMinimumValue(low)
        stretch.setMaximumValue(high)
        stretch.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        give(stretch)
    layer.setRenderer(renderer)


def outlined(layer: QgsVectorLayer, color: str) -> QgsVectorLayer:
    """A copy of a layer of polygons that shows their outlines alone, so that what is inside can be judged."""
    copy = layer.clone()
    style = {"style": "no", "outline_color": color, "outline_width": "0.7"}
    copy.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple(style)))
    copy.setOpacity(1.0)
    return copy


def picture(target: Path, title: str, result: QgsMapLayer, scene: QgsRasterLayer) -> None:
    """Write a PNG: the scene, the result on top of it, the legend.

    Raises:
        OSError: if the picture cannot be written.
    """
    side_by_side(target, title, [("", [scene]), ("", [result, scene])], result)


def side_by_side(
    target: Path, title: str, maps: Sequence[tuple[str, Sequence[QgsMapLayer]]], legend: QgsMapLayer
) -> None:
    """Write a PNG of maps with their captions in a row, and the legend of one layer.

    Args:
        maps: caption and layers of each, the first layer on top.

    Raises:
        OSError: if the picture cannot be written.
    """
    drawn = [(caption, _rendered(layers)) for caption, layers in maps]
    height = drawn[0][1].height()
    width = (len(drawn) + 2) * MARGIN + len(drawn) * MAP_SIDE + LEGEND_WIDTH
    sheet = QImage(width, height + TITLE_HEIGHT + 2 * MARGIN, QImage.Format.Format_RGB32)
    sheet.fill(QColor("white"))
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_INK)
    painter.setFont(_font(15, bold=True))
    painter.drawText(MARGIN, MARGIN + 22, title)
    top = TITLE_HEIGHT + MARGIN
    painter.setFont(_font(11))
    for column, (caption, image) in enumerate(drawn):
        left = MARGIN + column * (MAP_SIDE + MARGIN)
        painter.drawText(left, top - 8, caption)
        painter.drawImage(QPointF(left, top), image)
        painter.drawRect(QRectF(left, top, image.width(), height))
    _draw_legend(painter, legend, (len(drawn) + 1) * MARGIN + len(drawn) * MAP_SIDE, top)
    painter.end()
    if not sheet.save(str(target)):
        raise OSError(f"The picture {target} cannot be written.")


def _rendered(layers: Sequence[QgsMapLayer]) -> QImage:
    """Layers over the whole of the last one, the first on top, as QGIS draws them."""
    extent = layers[-1].extent()
    settings = QgsMapSettings()
    settings.setLayers(list(layers))
    settings.setDestinationCrs(layers[-1].crs())
    settings.setExtent(extent)
    settings.setOutputSize(QSize(MAP_SIDE, round(MAP_SIDE * extent.height() / extent.width())))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def _font(points: int, bold: bool = False) -> QFont:
    font = QFont("DejaVu Sans", points)
    font.setBold(bold)
    return font


def _draw_legend(painter: QPainter, layer: QgsMapLayer, left: float, top: float) -> None:
    painter.setFont(_font(11))
    if isinstance(layer, QgsRasterLayer) and isinstance(layer.renderer(), QgsSingleBandPseudoColorRenderer):
        items = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
        _draw_ramp(painter, items, left, top)
    elif isinstance(layer, QgsRasterLayer):
        nodata = layer.dataProvider().sourceNoDataValue(1)
        classes = [info for info in layer.renderer().classes() if info.value != nodata]
        for row, info in enumerate(classes):
            place = QRectF(left, top + 30 * row, 22, 22)
            painter.fillRect(place, info.color)
            painter.drawRect(place)
            text = QRectF(left + 32, place.top(), LEGEND_WIDTH - 32, 22)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, info.label)


def _draw_ramp(
    painter: QPainter, items: Sequence[QgsColorRampShader.ColorRampItem], left: float, top: float
) -> None:
    height, last = 260.0, len(items) - 1
    gradient = QLinearGradient(QPointF(left, top + height), QPointF(left, top))
    for index, item in enumerate(items):
        gradient.setColorAt(index / last, item.color)
        place = QRectF(left + 36, top + height * (1 - index / last) - 11, LEGEND_WIDTH - 36, 22)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, item.label)
    bar = QRectF(left, top, 26, height)
    painter.fillRect(bar, gradient)
    painter.drawRect(bar)
