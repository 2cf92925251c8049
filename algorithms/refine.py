"""geofm:refine: a map of classes, with what is known of the place applied to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qgis.core import (
    NULL,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterField,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ..inference.errors import InvalidRequest, UnsupportedInput
from ..inference.jobs import Task
from ..inference.knowledge import Knowledge, check_knowledge, columns
from . import parameters, reading, samples
from .base import MAP, JobAlgorithm, Number, Plan
from .layers import RasterSource, raster_source
from .rules import rules_of
from .styles import Role
from .text import tr


class Refine(JobAlgorithm):
    """See resources/help/refine.md."""

    task = Task.REFINE
    folder = MAP
    roles = {"OUTPUT": Role.CLASSES, "CHANGED": Role.CHANGED, "POLYGONS": Role.POLYGONS}
    numbers: Sequence[Number] = (
        Number("REFINED_PIXELS", lambda: tr("Pixels whose class changed"), "refined_pixels"),
        Number("REFINED_M2", lambda: tr("Ground whose class changed, in square metres"), "refined_m2"),
    )

    def displayName(self) -> str:
        return tr("Refine a map by what is known")

    def shortDescription(self) -> str:
        return tr("Rules and priors applied to a map of classes; a second raster says what changed.")

    def tags(self) -> list[str]:
        return tr("rules,prior,knowledge,expression,post-processing,correct,slope,bayes").split(",")

    def own_parameters(self) -> list[Any]:
        return [
            parameters.raster("INPUT", tr("Map of classes"), tr("A raster whose values are classes.")),
            _rules(),
            _helpers(),
            _optional_raster(
                "PROBABILITIES",
                tr("Probability of each class"),
                tr("As Classify writes it: for priors, and for rules that do not say what a class becomes."),
            ),
            *_prior(),
            parameters.extent(),
            parameters.area(),
            parameters.date("DATE", tr("Date of the map")),
            _helper_names(),
            *parameters.polygon_options(),
            parameters.raster_output("OUTPUT", tr("Refined map")),
            parameters.raster_output("CHANGED", tr("What changed the map")),
            parameters.polygons_output(),
            parameters.file_output("TABLE", tr("Table of changes"), tr("CSV files (*.csv)"), True, False),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        return parameters.polygon_fields(self, values, context)

    def _check_layers(self, values: dict[str, Any], context: QgsProcessingContext) -> None:
        for name in ("INPUT", "PROBABILITIES", "HELPERS"):
            if values.get(name) not in (None, "", NULL):
                reading.check_layers(values[name], context)

    def _check(self, values: dict[str, Any], context: QgsProcessingContext) -> None:
        super()._check(values, context)
        self._known(values, context)

    def _read(self, values: dict[str, Any], context: QgsProcessingContext) -> Plan:
        plan = super()._read(values, context)
        known, rasters, plan.labelled = self._known(values, context)
        plan.inputs += rasters
        plan.fields["knowledge"] = known
        return plan

    def _known(
        self, values: dict[str, Any], context: QgsProcessingContext
    ) -> tuple[Knowledge, list[RasterSource], samples.SampleSource | None]:
        """What is known, the rasters that it tells of, in a job's order, and the polygons of a prior.

        Raises:
            InvalidRequest, UnsupportedInput: if it does not hold together, or a layer cannot be read.
        """
        helpers = self._helpers(values, context)
        probable = self._rasters(values, "PROBABILITIES", context)
        prior, places, share = self._prior(values, context)
        named = columns({name: source.bands for name, source in helpers.items()}, probable=bool(probable))
        known = Knowledge(
            rules_of(self.parameterAsMatrix(values, "RULES", context), named),
            tuple(helpers),
            bool(probable),
            bool(prior),
            self.parameterAsDouble(values, "WEIGHT", context),
            share,
            self.parameterAsBool(values, "EXCLUDE", context),
        )
        rasters = [*probable, *prior, *helpers.values()]
        check_knowledge(known, 1 + len(rasters), places is not None)
        return known, rasters, places

    def _rasters(
        self, values: dict[str, Any], name: str, context: QgsProcessingContext
    ) -> list[RasterSource]:
        """The rasters of an optional parameter."""
        if values.get(name) in (None, "", NULL, []):
            return []
        return reading.layers(self, values, name, context)

    def _helpers(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, RasterSource]:
        """The helper layers by the names that conditions have for them.

        Raises:
            InvalidRequest: if there are more or fewer names than layers, or two of one name.
        """
        sources = self._rasters(values, "HELPERS", context)
        said = self.parameterAsString(values, "HELPER_NAMES", context).strip()
        names = [name.strip() for name in said.split(",")] if said else [one.title for one in sources]
        if len(names) != len(sources):
            raise InvalidRequest(
                tr("{} helper layers have {} names.").format(len(sources), len(names)),
                tr("Give one name for each, separated by commas, or none to take those of the layers."),
            )
        if len(set(names)) < len(names):
            raise InvalidRequest(
                tr("Two helper layers are called {}.").format(max(names, key=names.count)),
                tr("Rename one of the layers, or give names in HELPER_NAMES."),
            )
        return dict(zip(names, sources))

    def _prior(
        self, values: dict[str, Any], context: QgsProcessingContext
    ) -> tuple[list[RasterSource], samples.SampleSource | None, str]:
        """A prior that is a raster, or polygons and their field of probabilities.

        Raises:
            UnsupportedInput: if it is neither.
        """
        if values.get("PRIOR") in (None, "", NULL):
            return [], None, ""
        layer = self.parameterAsLayer(values, "PRIOR", context)
        if isinstance(layer, QgsRasterLayer):
            return [raster_source(layer)], None, ""
        if not isinstance(layer, QgsVectorLayer):
            raise UnsupportedInput(
                tr("The prior cannot be read."), tr("Choose a raster with one band a class, or polygons.")
            )
        # As a layer: the text of a parameter for any kind of layer may name no source of features.
        named = {**values, "PRIOR": layer}
        field = self.parameterAsString(values, "PRIOR_FIELD", context).strip()
        places = samples.sample_source(self, named, "PRIOR", field, context)
        return [], replace(places, whole=True), self.parameterAsString(values, "PRIOR_SHARE", context).strip()


def _rules() -> Any:
    headers = [tr("Class"), tr("Condition"), tr("Becomes")]
    made = QgsProcessingParameterMatrix("RULES", tr("Rules"), 1, False, headers, None, True)
    made.setHelp(
        tr(
            "A class that is not, or becomes another one, where a condition holds: an expression over the "
            "helper layers and the columns class, value, confidence and date. An empty Becomes takes the "
            "next most probable class that is allowed; an empty Class means every class."
        )
    )
    return made


def _helpers() -> Any:
    kind = QgsProcessing.SourceType.TypeRaster
    made = QgsProcessingParameterMultipleLayers("HELPERS", tr("Layers that rules look at"), kind, None, True)
    made.setHelp(
        tr(
            "Rasters of any grid. Conditions name them: dem for the first band, dem@2 for the second, "
            "dem@slope for how steep it is, in degrees."
        )
    )
    return made


def _optional_raster(name: str, title: str, text: str) -> Any:
    made = QgsProcessingParameterRasterLayer(name, title, None, True)
    made.setHelp(text)
    return made


def _prior() -> list[Any]:
    kinds = [QgsProcessing.SourceType.TypeRaster, QgsProcessing.SourceType.TypeVectorPolygon]
    prior = QgsProcessingParameterMapLayer("PRIOR", tr("Prior of the classes"), None, True, kinds)
    prior.setHelp(
        tr(
            "How probable classes are at a place: a raster with one band a class, or polygons with a field "
            "for each class or one that names a class."
        )
    )
    field = QgsProcessingParameterField(
        "PRIOR_FIELD", tr("Field of the prior that names a class"), None, "PRIOR", optional=True
    )
    field.setHelp(tr("Of polygons. Empty: they have a field for each class, named after it."))
    share = QgsProcessingParameterField(
        "PRIOR_SHARE", tr("Field with the probability of that class"), None, "PRIOR", optional=True
    )
    share.setHelp(tr("From 0 to 1 or in percent; the other classes share the rest. Empty: certain."))
    weight = QgsProcessingParameterNumber(
        "WEIGHT", tr("Weight of the prior"), QgsProcessingParameterNumber.Type.Double, 1.0, True, 0.0, 100.0
    )
    weight.setHelp(tr("Its exponent: 1 takes it as it is, 0.5 half as seriously, 0 not at all."))
    never = QgsProcessingParameterBoolean("EXCLUDE", tr("A prior of 0 means never"), False, True)
    never.setHelp(tr("Else a class keeps a hundredth, so that clear evidence can still win."))
    return [prior, *map(parameters.as_advanced, (field, share, weight, never))]


def _helper_names() -> Any:
    made = QgsProcessingParameterString("HELPER_NAMES", tr("Names of these layers"), None, False, True)
    made.setHelp(tr("Separated by commas, in their order. Empty: the names of the layers."))
    return parameters.as_advanced(made)
