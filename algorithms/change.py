"""geofm:change: what is different between two dates."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
)

from ..inference.change_options import ALIGNMENTS, CHANGE_METHODS, CLOUDS, ChangeOptions
from ..inference.jobs import Task
from . import parameters
from .base import CHANGE, JobAlgorithm, Number
from .styles import Role
from .text import tr


class Change(JobAlgorithm):
    """See resources/help/change.md."""

    task = Task.CHANGE
    folder = CHANGE
    inputs_name = "BEFORE"
    after_name = "AFTER"
    samples_name = "SAMPLES"
    roles = {"OUTPUT": Role.MAGNITUDE, "MASK": Role.CLASSES, "POLYGONS": Role.POLYGONS}
    numbers = (
        Number("THRESHOLD_USED", lambda: tr("Threshold that was used"), "threshold"),
        Number("CHANGED_AREA", lambda: tr("Changed area in square metres"), "changed_m2"),
    )

    def displayName(self) -> str:
        return tr("Detect change")

    def shortDescription(self) -> str:
        return tr("Compare two dates by what a model sees and map what is different.")

    def tags(self) -> list[str]:
        return tr("change detection,difference,two dates,bitemporal,deforestation").split(",")

    def own_parameters(self) -> list[Any]:
        return [
            parameters.rasters("BEFORE", tr("Earlier image"), tr("Layers of the earlier date.")),
            parameters.rasters("AFTER", tr("Later image"), tr("Layers of the later date.")),
            _method(),
            parameters.model(self.task, "spectral-texture"),
            *_thresholds(),
            *_corrections(),
            *_taught(),
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(tr("Date of the earlier image")),
            parameters.date("DATE_AFTER", tr("Date of the later image")),
            *parameters.polygon_options(),
            parameters.raster_output("OUTPUT", tr("Magnitude of change")),
            parameters.raster_output("MASK", tr("Changed places"), True, True),
            parameters.polygons_output(),
            parameters.file_output(
                "TABLE", tr("Table of areas"), tr("CSV files (*.csv)"), True, False
            ),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        change = ChangeOptions(
            self.parameterAsEnumString(values, "METHOD", context),
            self.parameterAsBoolean(values, "NORMALISE", context),
            self.parameterAsEnumString(values, "ALIGN", context),
            self.parameterAsEnumString(values, "CLOUDS", context),
            parameters.number_or_none(self, values, "FALSE_ALARMS", context) or 0.0,
        )
        fields = {
            "change": change,
            "threshold": parameters.number_or_none(self, values, "THRESHOLD", context),
            "classifier": self.parameterAsFile(values, "CLASSIFIER", context),
            **parameters.polygon_fields(self, values, context),
        }
        # The parameter always holds a model; where another thing compares, it is left alone.
        by_classifier = fields["classifier"] and "classifier" in change.takes
        if "model" not in change.takes or by_classifier:
            return fields
        return {**super().job_fields(values, context), **fields}


def _method() -> Any:
    method = QgsProcessingParameterEnum(
        "METHOD", tr("Method"), list(CHANGE_METHODS), False, CHANGE_METHODS[0], True, True
    )
    method.setHelp(
        tr(
            "distance: of what the model sees. irmad: multivariate alteration of the bands, without a "
            "model. difference: of the bands as they are. taught: by labelled changes. classes: what a "
            "classifier, or a model that segments, maps on both dates."
        )
    )
    return method


def _thresholds() -> list[Any]:
    kind = QgsProcessingParameterNumber.Type.Double
    threshold = QgsProcessingParameterNumber(
        "THRESHOLD", tr("Threshold of the magnitude"), kind, None, True, 0.0
    )
    threshold.setHelp(tr("Empty: chosen from the image itself; the log says which."))
    alarms = parameters.false_alarms(
        tr("Sets the threshold so that no more is called change where nothing changed.")
    )
    return [threshold, parameters.as_advanced(alarms)]


def _corrections() -> list[Any]:
    normalise = QgsProcessingParameterBoolean(
        "NORMALISE", tr("Bring the later image to the light of the earlier one"), True, True
    )
    normalise.setHelp(tr("Band by band, from pixels that did not change."))
    align = QgsProcessingParameterEnum(
        "ALIGN", tr("Where the images lie beside one another"), list(ALIGNMENTS), False, ALIGNMENTS[0],
        True, True,
    )
    align.setHelp(
        tr("correct moves the later image by parts of a pixel, warn only tells, off does not look.")
    )
    clouds = QgsProcessingParameterEnum(
        "CLOUDS", tr("Cloud, shadow and snow"), list(CLOUDS), False, CLOUDS[0], True, True
    )
    clouds.setHelp(
        tr("Left out on both dates: by a band such as Fmask or SCL, by a model, or auto by what there is.")
    )
    return [parameters.as_advanced(one) for one in (normalise, align, clouds)]


def _taught() -> list[Any]:
    """What the methods take that learn from labels."""
    places = [
        QgsProcessing.SourceType.TypeVectorPoint,
        QgsProcessing.SourceType.TypeVectorPolygon,
    ]
    samples = QgsProcessingParameterFeatureSource(
        "SAMPLES", tr("Labelled changes (points or polygons)"), places, None, True
    )
    samples.setHelp(tr("For the method taught: places that changed, and places that did not."))
    field = QgsProcessingParameterField(
        "FIELD", tr("Field that says what changed"), None, "SAMPLES", optional=True
    )
    classifier = QgsProcessingParameterFile(
        "CLASSIFIER", tr("Classifier of both dates"), extension="geofm", optional=True
    )
    classifier.setHelp(tr("For the method classes, in place of the model: its classes are compared."))
    return [parameters.as_advanced(one) for one in (samples, field, classifier)]
