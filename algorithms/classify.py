"""geofm:classify: a taught classifier maps an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import QgsProcessingContext

from ..inference.jobs import Task
from . import parameters
from .base import TEACH, JobAlgorithm, Number
from .styles import Role
from .text import tr


class Classify(JobAlgorithm):
    """See resources/help/classify.md."""

    task = Task.CLASSIFY
    folder = TEACH
    roles = {
        "OUTPUT": Role.CLASSES,
        "CONFIDENCE": Role.CONFIDENCE,
        "PROBABILITIES": Role.PROBABILITIES,
        "NOVELTY": Role.NOVELTY,
        "POLYGONS": Role.POLYGONS,
    }
    numbers: Sequence[Number] = (
        Number("UNKNOWN", lambda: tr("Percent of the pixels called unknown"), "refused.percent"),
        Number("NOVEL", lambda: tr("Percent of the pixels unlike anything labelled"), "novelty.percent"),
    )

    def displayName(self) -> str:
        return tr("Classify")

    def shortDescription(self) -> str:
        return tr("Map the classes that a classifier was taught.")

    def tags(self) -> list[str]:
        return tr("classification,supervised,land cover,prediction,map").split(",")

    def own_parameters(self) -> list[Any]:
        return [
            parameters.rasters(
                "INPUT", tr("Image"), tr("Bands like those that the classifier was taught with.")
            ),
            parameters.classifier(),
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            *parameters.refusal_options(),
            *parameters.polygon_options(),
            parameters.raster_output("OUTPUT", tr("Class map")),
            parameters.raster_output("CONFIDENCE", tr("Confidence"), True, True),
            parameters.raster_output("PROBABILITIES", tr("Probability of each class"), True, False),
            parameters.polygons_output(name="NOVELTY", title=tr("Unlike anything labelled")),
            parameters.polygons_output(),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        return {
            "classifier": self.parameterAsFile(values, "CLASSIFIER", context),
            "refuse_below": parameters.number_or_none(self, values, "REFUSE_BELOW", context) or 0.0,
            "refuse_novel": self.parameterAsBool(values, "REFUSE_NOVEL", context),
            **parameters.polygon_fields(self, values, context),
        }
