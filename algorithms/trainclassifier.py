"""geofm:trainclassifier: labelled samples teach a classifier."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
)

from ..inference.jobs import METHODS, Task
from . import parameters
from .base import TEACH, JobAlgorithm, Number
from .text import tr


class TrainClassifier(JobAlgorithm):
    """See resources/help/trainclassifier.md."""

    task = Task.TRAIN
    folder = TEACH
    samples_name = "SAMPLES"
    numbers = (
        Number(
            "ACCURACY", lambda: tr("Accuracy on samples left out (0 to 1)"), "validation.accuracy.overall"
        ),
    )

    def displayName(self) -> str:
        return tr("Train a classifier")

    def shortDescription(self) -> str:
        return tr("Learn classes from labelled points or polygons.")

    def tags(self) -> list[str]:
        return tr("training,supervised,few-shot,random forest,labels,land cover").split(",")

    def own_parameters(self) -> list[Any]:
        places = [
            QgsProcessing.SourceType.TypeVectorPoint,
            QgsProcessing.SourceType.TypeVectorPolygon,
        ]
        labelled = QgsProcessingParameterFeatureSource(
            "SAMPLES", tr("Samples (points or polygons)"), places
        )
        labelled.setHelp(tr("Places whose class is known. Ten of each class are a good start."))
        label = QgsProcessingParameterField("FIELD", tr("Field with the class"), None, "SAMPLES")
        label.setHelp(tr("Texts or whole numbers. Features without a value are left out."))
        method = QgsProcessingParameterEnum(
            "METHOD", tr("Method"), list(METHODS), False, METHODS[0], True, True
        )
        method.setHelp(
            tr("ensemble is the most accurate, fast its quick variant; the others are well known ones.")
        )
        return [
            parameters.rasters("INPUT", tr("Image"), tr("One or more layers of the same place.")),
            labelled,
            label,
            parameters.model(self.task, "spectral-texture"),
            method,
            *_going_on(),
            parameters.block_size(),
            parameters.what_helped(),
            *parameters.advanced(),
            parameters.file_output("OUTPUT", tr("Classifier"), tr("GeoFM classifiers (*.geofm)")),
            parameters.file_output(
                "REPORT", tr("Accuracy report"), tr("HTML files (*.html)"), True, True
            ),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        fields = {
            "method": self.parameterAsEnumString(values, "METHOD", context),
            "keep": self.parameterAsEnumString(values, "KEEP", context),
            "block": parameters.number_or_none(self, values, "BLOCK_SIZE", context) or 0.0,
            "what_helped": self.parameterAsBoolean(values, "WHAT_HELPED", context),
        }
        before = self.parameterAsFile(values, "CLASSIFIER", context)
        # A classifier that is taught on brings its model.
        return {**fields, **({"classifier": before} if before else super().job_fields(values, context))}


def _going_on() -> list[Any]:
    """What goes on from an earlier training, and what a later one can go on from."""
    before = QgsProcessingParameterFile(
        "CLASSIFIER", tr("Classifier to go on teaching"), extension="geofm", optional=True
    )
    before.setHelp(tr("Its model, classes and samples are taken over, and these samples join them."))
    return [before, parameters.keep()]
