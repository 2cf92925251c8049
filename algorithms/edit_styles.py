"""How proposed edits look on the map: a colour an action, faint once they are decided."""

from __future__ import annotations

from collections import deque

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRendererCategory,
    QgsSymbol,
    QgsVectorLayer,
    QgsWkbTypes,
)

from .edit_table import ACCEPTED, ADD, OPEN, RECLASS, REJECTED, RETIRE, SPLIT, are_proposals
from .text import tr

# Apart for the colour-blind too (Okabe and Ito 2008).
COLORS = {
    ADD: "#009e73",
    RETIRE: "#d55e00",
    SPLIT: "#cc79a7",
    RECLASS: "#0072b2",
    ACCEPTED: "#7fe0a7",
    REJECTED: "#d0d0d0",
}
_ATTRIBUTE = f"if(\"state\" = '{OPEN}', \"action\", \"state\")"


def action_names() -> dict[str, str]:
    """What each action and each decided state is called."""
    return {
        ADD: tr("Add"),
        RETIRE: tr("Retire"),
        SPLIT: tr("Split"),
        RECLASS: tr("Reclass"),
        ACCEPTED: tr("Accepted"),
        REJECTED: tr("Rejected"),
    }


def style_proposals(layer: QgsVectorLayer) -> None:
    """Give a layer of proposals its look."""
    titles = action_names()
    kind = layer.geometryType()
    categories = [
        QgsRendererCategory(key, _symbol(kind, color, key), titles[key])
        for key, color in COLORS.items()
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer(_ATTRIBUTE, categories))
    layer.triggerRepaint()


def is_styled(layer: QgsVectorLayer) -> bool:
    """Whether a layer of proposals has that look already, or one that somebody chose."""
    return isinstance(layer.renderer(), QgsCategorizedSymbolRenderer)


def _symbol(kind: QgsWkbTypes.GeometryType, color: str, key: str) -> QgsSymbol:
    decided = key in (ACCEPTED, REJECTED)
    width = "0.4" if decided else "0.7"
    if kind == QgsWkbTypes.GeometryType.PointGeometry:
        size = "2" if decided else "3.4"
        return QgsMarkerSymbol.createSimple({"color": color, "size": size, "outline_color": "#ffffff"})
    if kind == QgsWkbTypes.GeometryType.LineGeometry:
        return QgsLineSymbol.createSimple({"line_color": color, "line_width": width})
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    fill = f"{red},{green},{blue},{0 if decided else 70}"
    dashes = "dot" if key == REJECTED else "solid"
    return QgsFillSymbol.createSimple(
        {"color": fill, "outline_color": color, "outline_width": width, "outline_style": dashes}
    )


def style_when_loaded(path: str, context: QgsProcessingContext) -> None:
    """Have Processing style proposals that it will load into the project."""
    if context.willLoadLayerOnCompletion(path):
        stylist = _Stylist()
        _ALIVE.append(stylist)
        context.layerToLoadOnCompletionDetails(path).setPostProcessor(stylist)


class _Stylist(QgsProcessingLayerPostProcessorInterface):
    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        if are_proposals(layer):
            style_proposals(layer)


# Processing keeps only a bare pointer to a post-processor.
_ALIVE: deque[_Stylist] = deque(maxlen=1000)
