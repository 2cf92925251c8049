"""A finished run -> one group of styled layers in the project. Main thread only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import (
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
)

from .layers import RESULT

# From top to bottom, the most telling first; what is not named comes between.
_ORDER = {"NOVELTY": -1, "POLYGONS": 0, "MASK": 1, "OUTPUT": 2, "CONFIDENCE": 3}
# What is drawn over another result and hides none.
_OVER = "NOVELTY"


def add_results(
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    project: QgsProject,
    title: str,
    names: Mapping[str, str],
) -> list[QgsMapLayer]:
    """Put the layers that a run left in ``context`` into a new group at the top of the project.

    The algorithms' own post-processors style them, as they would in Processing's dialogs.

    Args:
        names: the name to give a layer, by output parameter.

    Returns:
        The layers, from top to bottom; a result that QGIS cannot open is reported to
        ``feedback`` and left out.
    """
    found = _openable(context, feedback)
    if not found:
        return []
    group = project.layerTreeRoot().insertGroup(0, title)
    # The layer tree's view unfolds only what has something in it: said when all is in there.
    group.setExpanded(False)
    added: list[QgsMapLayer] = []
    shown = False
    for output, layer, details in found:
        owned = context.temporaryLayerStore().takeMapLayer(layer) or layer
        owned.setName(names.get(output) or details.name)
        owned.setCustomProperty(RESULT, output)
        project.addMapLayer(owned, False)
        node = group.addLayer(owned)
        processor = details.postProcessor()
        if processor is not None:
            processor.postProcessLayer(owned, context, feedback)
            owned.setName(names.get(output) or details.name)
        # The others would hide the imagery and each other; they are a click away.
        node.setExpanded(not shown)
        node.setItemVisibilityChecked(not shown)
        shown = shown or output != _OVER
        added.append(owned)
    group.setExpanded(True)
    _collapse_others(project.layerTreeRoot(), group)
    return added


def _openable(
    context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> list[tuple[str, QgsMapLayer, Any]]:
    """Output parameter, layer and its details, from top to bottom."""
    found = []
    for source, details in context.layersToLoadOnCompletion().items():
        layer = QgsProcessingUtils.mapLayerFromString(source, context, True, details.layerTypeHint)
        if layer is None:
            feedback.reportError(f"{details.outputName}: {source}")
        else:
            found.append((details.outputName, layer, details))
    return sorted(found, key=lambda item: (_ORDER.get(item[0], 2), item[0]))


def _collapse_others(root: QgsLayerTreeGroup, newest: QgsLayerTreeGroup) -> None:
    """Fold the groups of earlier runs, so that the newest legend is in sight."""
    for group in root.findGroups():
        layers = [node.layer() for node in group.findLayers()]
        if group is not newest and all(layer and layer.customProperty(RESULT) for layer in layers):
            group.setExpanded(False)
