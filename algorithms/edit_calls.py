"""Proposed edits from a script: made, read, and taken over into a layer's edit session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qgis.core import QgsExpression, QgsFeatureRequest, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication

from ..inference.errors import Internal, InvalidRequest
from .calls import Layer, chosen, plain, require_qgis, run_here
from .edit_session import Applied, session_of
from .edit_styles import style_proposals
from .edit_table import OPEN
from .text import tr

# Of the options of a run, those that make sense without an engine.
_TAKEN = ("output", "load", "progress", "cancelled")


def propose_edits(own: dict[str, Any], changes: Layer, layer: Layer, options: dict[str, Any]) -> Any:
    """Run ``geofm:proposeedits``; answers a styled layer of proposals, or its path."""
    said = chosen(options, _TAKEN)
    values = {**own, "CHANGES": plain(changes), "LAYER": plain(layer)}
    path = str(run_here("proposeedits", values, said)["OUTPUT"])
    if not said.load:
        return path
    made = QgsVectorLayer(path, tr("Proposed edits"), "ogr")
    if not made.isValid():
        raise Internal(tr("The result {} cannot be opened.").format(path))
    style_proposals(made)
    # From a QgsTask: the layer is for the main thread, where projects live.
    made.moveToThread(QCoreApplication.instance().thread())
    return made


def apply_edits(
    layer: QgsVectorLayer, proposals: Layer, only: str | Iterable[int], provenance: bool
) -> Applied:
    """Accept open proposals in a layer's edit session (see :func:`geofm.api.apply_edits`)."""
    require_qgis()
    if not isinstance(layer, QgsVectorLayer):
        raise InvalidRequest(
            tr("Edits need a layer, not a path: its edit session is where they are kept until you save."),
            tr("Open it with QgsVectorLayer(path, name)."),
        )
    listed = plain(proposals)
    if not isinstance(listed, QgsVectorLayer):
        listed = QgsVectorLayer(str(listed), str(listed), "ogr")
    session = session_of(layer, listed)
    wanted = _numbers(listed, only) if isinstance(only, str) else set(only)
    if provenance:
        session.add_provenance()
    waiting = [each.id for each in session.proposals() if each.state == OPEN and each.id in wanted]
    return session.accept_all(waiting)


def _numbers(listed: QgsVectorLayer, condition: str) -> set[int]:
    """The proposals for which an expression is true."""
    request = QgsFeatureRequest()
    if condition:
        expression = QgsExpression(condition)
        known = {*listed.fields().names(), QgsFeatureRequest.ALL_ATTRIBUTES}
        unknown = expression.referencedColumns() - known
        if expression.hasParserError() or unknown:
            sentence = tr("The condition cannot be understood: {}").format(condition)
            raise InvalidRequest(sentence, expression.parserErrorString())
        request.setFilterExpression(condition)
    return {int(feature["id"]) for feature in listed.getFeatures(request)}
