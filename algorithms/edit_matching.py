"""Whether a layer is still as it was when an edit of it was proposed."""

from __future__ import annotations

import json

from qgis.core import (
    NULL,
    QgsExpression,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..inference.errors import UnsupportedInput
from .edit_proposals import only, repaired
from .edit_table import Proposal
from .text import tr

# Of an area: what rounding leaves where borders meet.
_ROUNDING = 1e-6


def find(layer: QgsVectorLayer, proposal: Proposal) -> QgsFeature:
    """The feature that a proposal is about, by its primary key where it has one.

    Raises:
        UnsupportedInput: if it is gone.
    """
    found = QgsFeature()
    if proposal.key:
        pairs = json.loads(proposal.key).items()
        equal = [QgsExpression.createFieldEqualityExpression(name, value) for name, value in pairs]
        request = QgsFeatureRequest(QgsExpression(" AND ".join(equal))).setLimit(1)
        found = next(layer.getFeatures(request), found)
    elif proposal.target is not None:
        found = layer.getFeature(proposal.target)
    if not found.isValid():
        raise UnsupportedInput(tr("The feature is gone."))
    return found


def require_same(shape: QgsGeometry, proposal: Proposal) -> None:
    """See that a feature has the shape that the proposal was made for.

    Raises:
        UnsupportedInput: if it has another one.
    """
    if not _multi(shape).equals(_multi(proposal.geometry)) and not shape.isGeosEqual(proposal.geometry):
        raise UnsupportedInput(tr("The feature has another shape now."))


def holder(layer: QgsVectorLayer, feature: QgsFeature, proposal: Proposal) -> QgsFeature:
    """The feature that holds what is to be cut off: as a rule the proposal's own.

    Where an edit before it made that fall apart, it is the piece of it with the part, which has the same
    attributes but for its keys.

    Raises:
        UnsupportedInput: if none holds all of the part.
    """
    if _holds(feature, proposal):
        return feature
    keys = layer.primaryKeyAttributes()
    same = [at for at in range(feature.fields().count()) if at not in keys]
    for other in layer.getFeatures(QgsFeatureRequest().setFilterRect(proposal.geometry.boundingBox())):
        if all(other[at] == feature[at] for at in same) and _holds(other, proposal):
            return other
    raise UnsupportedInput(tr("The feature has another shape now: it no longer holds the whole part."))


def _holds(feature: QgsFeature, proposal: Proposal) -> bool:
    inside = repaired(feature.geometry()).intersection(proposal.geometry).area()
    return bool(inside >= proposal.geometry.area() * (1 - _ROUNDING))


def require_free(layer: QgsVectorLayer, proposal: Proposal, retired: int) -> None:
    """See that nothing lies yet where a feature is to be added.

    Args:
        retired: position of the field that says that a feature is past, -1 for none.

    Raises:
        UnsupportedInput: if something does.
    """
    request = QgsFeatureRequest().setFilterRect(proposal.geometry.boundingBox())
    for feature in layer.getFeatures(request):
        if retired >= 0 and feature[retired] not in (None, NULL, ""):
            continue
        shared = only(repaired(feature.geometry()).intersection(proposal.geometry))
        if shared.area() > proposal.geometry.area() * _ROUNDING:
            raise UnsupportedInput(tr("There is a feature now where one was to be added."))


def _multi(shape: QgsGeometry) -> QgsGeometry:
    """The geometry in two dimensions and with parts, as a list of proposals has it."""
    kind = QgsWkbTypes.multiType(QgsWkbTypes.flatType(QgsWkbTypes.linearType(shape.wkbType())))
    made = shape.coerceToType(kind)
    return made[0] if made else QgsGeometry()
