"""geofm:classify: a taught classifier maps an image."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterFile

from ..inference.jobs import Task
from . import parameters
from .base import TEACH, JobAlgorithm
from .styles import Role
from .text import tr


class Classify(JobAlgorithm):
    """See resources/help/classify.md."""

    task = Task.CLASSIFY
    folder = TEACH
    roles = {"OUTPUT": Role.CLASSES, "CONFIDENCE": Role.CONFIDENCE, "POLYGONS": Role.POLYGONS}

    def displayName(self) -> str:
        return tr("Classify")

    def shortDescription(self) -> str:
        return tr("Map the classes that a classifier was taught.")

    def tags(self) -> list[str]:
        return tr("classification,supervised,land cover,prediction,map").split(",")

    def own_parameters(self) -> list[Any]:
        classifier = QgsProcessingParameterFile("CLASSIFIER", tr("Classifier"), extension="geofm")
        classifier.setHelp(tr("A file that “Train a classifier” wrote."))
        return [
            parameters.rasters(
                "INPUT", tr("Image"), tr("Bands like those that the classifier was taught with.")
            ),
            classifier,
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            *parameters.polygon_options(),
            parameters.raster_output("OUTPUT", tr("Class map")),
            parameters.raster_output("CONFIDENCE", tr("Confidence"), True, True),
            parameters.polygons_output(),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        polygons = parameters.polygon_fields(self, values, context)
        return {"classifier": self.parameterAsFile(values, "CLASSIFIER", context), **polygons}
