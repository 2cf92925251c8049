"""geofm:cluster: places that look alike, without labels."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterNumber

from ..inference.jobs import Task
from . import parameters
from .base import MAP, JobAlgorithm
from .styles import Role
from .text import tr


class Cluster(JobAlgorithm):
    """See resources/help/cluster.md."""

    task = Task.CLUSTER
    folder = MAP
    roles = {"OUTPUT": Role.CLASSES}

    def displayName(self) -> str:
        return tr("Group similar places")

    def shortDescription(self) -> str:
        return tr("Divide an image into clusters that look alike, without any labels.")

    def tags(self) -> list[str]:
        return tr("clustering,unsupervised,k-means,isodata,segments").split(",")

    def own_parameters(self) -> list[Any]:
        classes = QgsProcessingParameterNumber(
            "CLASSES",
            tr("Number of clusters"),
            QgsProcessingParameterNumber.Type.Integer,
            8,
            False,
            2,
            50,
        )
        return [
            parameters.rasters("INPUT", tr("Image"), tr("One or more layers of the same place.")),
            parameters.model(self.task, "spectral-texture"),
            classes,
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            parameters.raster_output("OUTPUT", tr("Clusters")),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        classes = self.parameterAsInt(values, "CLASSES", context)
        return {**super().job_fields(values, context), "classes": classes}
