"""geofm:segment: a ready-made network maps its own classes."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext

from ..inference.jobs import Task
from . import parameters
from .base import MAP, JobAlgorithm
from .styles import Role
from .text import tr


class Segment(JobAlgorithm):
    """See resources/help/segment.md."""

    task = Task.SEGMENT
    folder = MAP
    roles = {
        "OUTPUT": Role.CLASSES,
        "CONFIDENCE": Role.CONFIDENCE,
        "PROBABILITIES": Role.PROBABILITIES,
        "POLYGONS": Role.POLYGONS,
    }

    def displayName(self) -> str:
        return tr("Map with a ready-made model")

    def shortDescription(self) -> str:
        return tr("Map the classes that a trained network knows, such as clouds and their shadows.")

    def tags(self) -> list[str]:
        return tr("segmentation,semantic,clouds,cloud mask,onnx,deep learning").split(",")

    def own_parameters(self) -> list[Any]:
        return [
            parameters.rasters("INPUT", tr("Image"), tr("One or more layers of the same place.")),
            parameters.model(self.task, "ukis-csmask"),
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            *parameters.polygon_options(),
            parameters.raster_output("OUTPUT", tr("Class map")),
            parameters.raster_output("CONFIDENCE", tr("Confidence"), True, False),
            parameters.raster_output("PROBABILITIES", tr("Probability of each class"), True, False),
            parameters.polygons_output(),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        polygons = parameters.polygon_fields(self, values, context)
        return {**super().job_fields(values, context), **polygons}
