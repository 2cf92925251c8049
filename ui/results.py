"""A finished run -> one group of styled layers in the project. Main thread only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import (
    QgsLayerTree,
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
)

from .layers import PREVIEW, RESULT
from .teaching.label_group import PROPERTY as LABELS

# From top to bottom, the most telling first; what is not named comes between.
_ORDER = {
    "NOVELTY": -1, "POLYGONS": 0, "MASK": 1, "CHANGED": 1, "OUTPUT": 2, "CONFIDENCE": 3, "PROBABILITIES": 4
}
# What is drawn over another result and hides none.
_OVER = ("NOVELTY", "CHANGED")


def add_results(
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    project: QgsProject,
    title: str,
    names: Mapping[str, str],
) -> list[QgsMapLayer]:
    """Put the layers that a run left in ``context`` into a new group at the top of the project, where
    only what is being taught may lie above it.

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
    root = project.layerTreeRoot()
    group = root.insertGroup(_below_teaching(root), title)
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
        shown = shown or output not in _OVER
        added.append(owned)
    group.setExpanded(True)
    _collapse_others(root, group)
    return added


def hide_results(project: QgsProject) -> None:
    """Switch off the groups that runs left, so that what lies below them is seen."""
    for group in project.layerTreeRoot().findGroups():
        if _is_result(group):
            group.setItemVisibilityChecked(False)


def _is_result(group: QgsLayerTreeGroup) -> bool:
    layers = [node.layer() for node in group.findLayers()]
    return bool(layers) and all(layer and layer.customProperty(RESULT) for layer in layers)


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


def _below_teaching(root: QgsLayerTreeGroup) -> int:
    """Place of the first entry that shows neither labels nor the preview of what they teach."""
    for at, node in enumerate(root.children()):
        nodes = node.findLayers() if QgsLayerTree.isGroup(node) else [node]
        if not nodes or not all(_teaches(found.layer()) for found in nodes):
            return at
    return len(root.children())


def _teaches(layer: QgsMapLayer | None) -> bool:
    if layer is None:
        return False
    return layer.customProperty(RESULT) == PREVIEW or layer.customProperty(LABELS) is not None


def _collapse_others(root: QgsLayerTreeGroup, newest: QgsLayerTreeGroup) -> None:
    """Fold the groups of earlier runs, so that the newest legend is in sight."""
    for group in root.findGroups():
        if group is not newest and _is_result(group):
            group.setExpanded(False)
