"""geofm:proposeedits: from places that changed to proposed edits of a layer. No engine is needed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsDistanceArea,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
    QgsProcessingParameterVectorLayer,
    QgsVectorLayer,
)

from ..inference.errors import Cancelled, GeoFMError, InvalidRequest, UnsupportedInput, present
from . import edit_table, parameters
from .base import CHANGE, GeoFMAlgorithm
from .edit_classes import writable_field
from .edit_proposals import BACKGROUND, WHOLE, Proposed, Rules, counts, propose
from .edit_reading import (
    TO_CLASS,
    Changed,
    Updated,
    is_same_file,
    measured,
    reservations,
    square_metres,
)
from .edit_styles import style_when_loaded
from .edit_table import ACTIONS, Meant
from .text import tr

_DOUBLE = QgsProcessingParameterNumber.Type.Double
_VECTOR = QgsProcessing.SourceType.TypeVectorAnyGeometry
_POLYGONS = QgsProcessing.SourceType.TypeVectorPolygon


@dataclass
class _Plan:
    """What is known before the work, which may be done on another thread than the layers live on."""

    changed: Changed
    layer: Updated
    rules: Rules
    meant: Meant
    area: QgsDistanceArea
    reservations: Sequence[str]


class ProposeEdits(GeoFMAlgorithm):
    """See resources/help/proposeedits.md."""

    folder = CHANGE

    def __init__(self) -> None:
        super().__init__()
        self._plan: _Plan | None = None

    def name(self) -> str:
        return "proposeedits"

    def displayName(self) -> str:
        return tr("Propose edits from changes")

    def shortDescription(self) -> str:
        return tr("Turn changed places into proposed edits of a layer: add, retire, split, reclass.")

    def tags(self) -> list[str]:
        return tr("update,geodatabase,edit,review,parcels,land cover,accept,reject").split(",")

    # --- parameters -----------------------------------------------------------------------------

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for parameter in (*self._layers(), *self._limits()):
            self.addParameter(parameter)
        output = QgsProcessingParameterVectorDestination("OUTPUT", tr("Proposed edits"), _VECTOR)
        self.addParameter(output)
        for action in ACTIONS:
            title = tr("Edits proposed: {}").format(action)
            self.addOutput(QgsProcessingOutputNumber(action.upper(), title))

    def _layers(self) -> list[Any]:
        changes = QgsProcessingParameterFeatureSource("CHANGES", tr("Changed places"), [_POLYGONS])
        changes.setHelp(tr("The polygons of a change run, or any others that say what is there now."))
        new = QgsProcessingParameterField(
            "TO_FIELD", tr("Their field with the new class"), None, "CHANGES", optional=True
        )
        new.setHelp(tr("Empty: to_class, where they have it."))
        layer = QgsProcessingParameterVectorLayer("LAYER", tr("Layer to update"), [_VECTOR])
        layer.setHelp(tr("It is only read: edits are made when you accept them."))
        own = QgsProcessingParameterField(
            "FIELD", tr("Its field with the class"), None, "LAYER", optional=True
        )
        own.setHelp(tr("Empty: features are only added, cut and retired."))
        retired = QgsProcessingParameterField(
            "RETIRED_FIELD", tr("Its field for the date of retirement"), None, "LAYER", optional=True
        )
        retired.setHelp(tr("Features with a value there are past. Empty: what is retired is deleted."))
        return [changes, new, layer, own, retired]

    def _limits(self) -> list[Any]:
        whole = QgsProcessingParameterNumber(
            "MIN_OVERLAP",
            tr("A feature changed as a whole from, in percent"),
            _DOUBLE,
            WHOLE,
            True,
            50.0,
            100.0,
        )
        whole.setHelp(tr("Where less of it changed, that part is cut off."))
        least = QgsProcessingParameterNumber(
            "MIN_AREA", tr("Smallest part to cut off or add, in square metres"), _DOUBLE, None, True, 0.0
        )
        least.setHelp(tr("Empty: a quarter of the smallest changed place. It keeps slivers at borders out."))
        title = tr("Classes that the layer has no features of")
        nothing = QgsProcessingParameterString("BACKGROUND", title, ", ".join(BACKGROUND), False, True)
        nothing.setHelp(tr("What becomes one of them is retired. Names with commas between."))
        return [whole, least, parameters.as_advanced(nothing)]

    def checkParameterValues(
        self, values: dict[str, Any], context: QgsProcessingContext
    ) -> tuple[bool, str]:
        self.failure = None
        fits, sentence = super().checkParameterValues(values, context)
        layer = self.parameterAsVectorLayer(values, "LAYER", context)
        if fits and layer is not None:
            try:
                self._check(values, layer, context)
            except GeoFMError as error:
                self.failure = error
                return False, str(error)
        return fits, sentence

    def _check(self, values: dict[str, Any], layer: QgsVectorLayer, context: QgsProcessingContext) -> None:
        """What can be said of the parameters before a run."""
        if not layer.isSpatial():
            sentence = tr("{} has no geometries.").format(layer.name())
            raise UnsupportedInput(sentence, tr("Choose a layer of polygons, lines or points."))
        for name in ("FIELD", "RETIRED_FIELD"):
            field = self.parameterAsString(values, name, context)
            if field:
                writable_field(layer, field)
        path = self.parameterAsOutputLayer(values, "OUTPUT", context)
        if path and not path.lower().endswith(".gpkg"):
            sentence = tr("Proposals cannot be written to {}.").format(path)
            raise InvalidRequest(sentence, tr("The file's name must end with .gpkg."))
        changes = self.parameterAsVectorLayer(values, "CHANGES", context)
        used = [each.source() for each in (layer, changes) if each is not None]
        if os.path.exists(path) and any(is_same_file(source, path) for source in used):
            raise InvalidRequest(
                tr("{} holds what is to be read, and would be replaced.").format(Path(path).name),
                tr("Give the proposals a file of their own."),
            )

    # --- work -----------------------------------------------------------------------------------

    def prepareAlgorithm(
        self, values: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.failure = None
        try:
            self._plan = self._read(values, context)
        except GeoFMError as error:
            raise self._failed(error, feedback) from error
        return True

    def _read(self, values: dict[str, Any], context: QgsProcessingContext) -> _Plan:
        """Everything about the run; the only place that touches layers."""
        layer = self.parameterAsVectorLayer(values, "LAYER", context)
        if layer is None:
            raise UnsupportedInput(tr("The layer to update cannot be read."))
        self._check(values, layer, context)
        source = self.parameterAsSource(values, "CHANGES", context)
        if source is None:
            sentence = tr("The changed places cannot be read.")
            raise UnsupportedInput(sentence, tr("Choose a layer of polygons."))
        to_field = self.parameterAsString(values, "TO_FIELD", context)
        if to_field and source.fields().lookupField(to_field) < 0:
            known = ", ".join(source.fields().names())
            sentence = tr("{} has no field {}.").format(source.sourceName(), to_field)
            raise UnsupportedInput(sentence, tr("Its fields are: {}.").format(known))
        field = self.parameterAsString(values, "FIELD", context)
        retired = self.parameterAsString(values, "RETIRED_FIELD", context)
        there = context.transformContext()
        way = QgsCoordinateTransform(source.sourceCrs(), layer.crs(), there)
        return _Plan(
            Changed(source, to_field or TO_CLASS, way),
            Updated(layer, field, retired),
            self._rules(values, layer, bool(field), context),
            Meant(edit_table.public_source(layer), field, retired),
            square_metres(layer, there),
            reservations(layer),
        )

    def _rules(
        self, values: dict[str, Any], layer: QgsVectorLayer, classed: bool, context: QgsProcessingContext
    ) -> Rules:
        names = self.parameterAsString(values, "BACKGROUND", context).split(",")
        return Rules(
            kind=layer.geometryType(),
            classed=classed,
            whole=self.parameterAsDouble(values, "MIN_OVERLAP", context),
            least=parameters.number_or_none(self, values, "MIN_AREA", context),
            background=frozenset(name.strip().casefold() for name in names if name.strip()),
        )

    def processAlgorithm(
        self, values: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        plan = present(self._plan)
        for sentence in plan.reservations:
            feedback.pushWarning(sentence)
        path = self.parameterAsOutputLayer(values, "OUTPUT", context)
        try:
            found = self._proposed(plan, feedback)
            edit_table.write(path, found.proposals, plan.meant, plan.layer.wkb, plan.layer.crs)
        except GeoFMError as error:
            raise self._failed(error, feedback) from error
        by_action = counts(found.proposals)
        _tell(plan, found, by_action, feedback)
        style_when_loaded(path, context)
        return {"OUTPUT": path, **{action.upper(): by_action.get(action, 0) for action in ACTIONS}}

    def _proposed(self, plan: _Plan, feedback: QgsProcessingFeedback) -> Proposed:
        changes, lost = plan.changed.read()
        if lost:
            sentence = tr("{} changed places have no area in the layer's coordinate system.")
            feedback.pushWarning(sentence.format(lost))
        if not changes:
            raise UnsupportedInput(
                tr("There are no changed places."), tr("If only selected ones are to be used, select some.")
            )

        def go_on(percent: float) -> bool:
            feedback.setProgress(percent)
            return not feedback.isCanceled()

        found = propose(
            changes, plan.layer.find, plan.rules, lambda shape: measured(plan.area, shape), go_on
        )
        if feedback.isCanceled():
            raise Cancelled(tr("The run was cancelled."))
        return found


def _tell(
    plan: _Plan, found: Proposed, by_action: Mapping[str, int], feedback: QgsProcessingFeedback
) -> None:
    """What came out, in the log."""
    listed = ", ".join(f"{by_action[action]} {action}" for action in ACTIONS if action in by_action)
    sentence = tr("{} edits of {} are proposed: {}")
    feedback.pushInfo(sentence.format(len(found.proposals), plan.layer.name, listed or tr("none")))
    if found.small:
        sentence = tr("{} parts of less than {} square metres were left alone.")
        feedback.pushInfo(sentence.format(found.small, f"{found.least:.0f}"))
    if found.nowhere:
        sentence = tr("{} changed places lie on no feature; only layers of polygons get new ones.")
        feedback.pushInfo(sentence.format(found.nowhere))
