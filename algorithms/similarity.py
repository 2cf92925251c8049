"""geofm:similarity: where it looks like the examples."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSource

from ..inference.jobs import Task
from . import parameters
from .base import FEATURES, JobAlgorithm
from .styles import Role
from .text import tr


class Similarity(JobAlgorithm):
    """See resources/help/similarity.md."""

    task = Task.SIMILARITY
    folder = FEATURES
    samples_name = "EXAMPLES"
    roles = {"OUTPUT": Role.SIMILARITY}

    def displayName(self) -> str:
        return tr("Find similar places")

    def shortDescription(self) -> str:
        return tr("Map how much each place looks like a few examples.")

    def tags(self) -> list[str]:
        return tr("similarity,search,examples,few-shot,embedding").split(",")

    def own_parameters(self) -> list[Any]:
        places = [
            QgsProcessing.SourceType.TypeVectorPoint,
            QgsProcessing.SourceType.TypeVectorPolygon,
        ]
        examples = QgsProcessingParameterFeatureSource(
            "EXAMPLES", tr("Examples (points or polygons)"), places
        )
        examples.setHelp(tr("Places that show what is looked for; one is enough."))
        return [
            parameters.rasters("INPUT", tr("Image"), tr("One or more layers of the same place.")),
            examples,
            parameters.model(self.task, "spectral-texture"),
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            parameters.raster_output("OUTPUT", tr("Similarity")),
        ]
