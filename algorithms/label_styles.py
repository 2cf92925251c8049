"""How labels look: in the colours of their classes, the image beneath still to be seen."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsEditorWidgetSetup,
    QgsFillSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsReadWriteContext,
    QgsRendererCategory,
    QgsSimpleLineSymbolLayer,
    QgsSymbol,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from ..inference.jobs import ClassInfo
from .label_schema import AREAS, POINTS
from .text import tr

_CASING = "#ffffff"
_VEIL = 60


def style_labels(layer: QgsVectorLayer, classes: Sequence[ClassInfo]) -> None:
    """Show a layer of labels in the classes' colours; its form offers the classes' names."""
    points = layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry
    categories = [
        QgsRendererCategory(info.name, _symbol(points, info.color), info.name) for info in classes
    ]
    categories.append(QgsRendererCategory("", _symbol(points, "#808080"), tr("no class")))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class", categories))
    names = [{info.name: info.name} for info in classes]
    column = layer.fields().lookupField("class")
    layer.setEditorWidgetSetup(column, QgsEditorWidgetSetup("ValueMap", {"map": names}))
    layer.triggerRepaint()


def style_documents(classes: Sequence[ClassInfo]) -> dict[str, str]:
    """The default style of each table of labels as QGIS stores it (QML), by the table's name."""
    categories = QgsMapLayer.StyleCategory.Symbology | QgsMapLayer.StyleCategory.Fields
    documents = {}
    for table, kind in ((POINTS, "Point"), (AREAS, "MultiPolygon")):
        layer = QgsVectorLayer(f"{kind}?field=class:string", table, "memory")
        style_labels(layer, classes)
        document = QDomDocument()
        layer.exportNamedStyle(document, QgsReadWriteContext(), categories)
        documents[table] = document.toString(-1)
    return documents


def _symbol(point: bool, color: str) -> QgsSymbol:
    if point:
        return QgsMarkerSymbol.createSimple(
            {"color": color, "outline_color": _CASING, "outline_width": "0.4", "size": "3"}
        )
    veil = QColor(color)
    parts = (veil.red(), veil.green(), veil.blue(), _VEIL)
    symbol = QgsFillSymbol.createSimple({"color": ",".join(map(str, parts)), "outline_style": "no"})
    # Light below dark stands out on any image.
    for line, width in ((_CASING, 1.1), (color, 0.6)):
        symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer(QColor(line), width))
    return symbol
