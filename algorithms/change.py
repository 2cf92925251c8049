"""geofm:change: what is different between two dates."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterNumber

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
    roles = {"OUTPUT": Role.MAGNITUDE, "MASK": Role.CLASSES, "POLYGONS": Role.POLYGONS}
    numbers = (
        Number("THRESHOLD_USED", "Threshold that was used", "threshold"),
        Number("CHANGED_AREA", "Changed area in square metres", "changed_m2"),
    )

    def displayName(self) -> str:
        return tr("Detect change")

    def shortDescription(self) -> str:
        return tr("Compare two dates by what a model sees and map what is different.")

    def tags(self) -> list[str]:
        return tr("change detection,difference,two dates,bitemporal,deforestation").split(",")

    def own_parameters(self) -> list[Any]:
        threshold = QgsProcessingParameterNumber(
            "THRESHOLD",
            tr("Threshold of the magnitude"),
            QgsProcessingParameterNumber.Type.Double,
            None,
            True,
            0.0,
        )
        threshold.setHelp(tr("Empty: chosen from the image itself; the log says which."))
        return [
            parameters.rasters("BEFORE", tr("Earlier image"), tr("Layers of the earlier date.")),
            parameters.rasters("AFTER", tr("Later image"), tr("Layers of the later date.")),
            parameters.model(self.task, "spectral-texture"),
            threshold,
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(tr("Date of the earlier image")),
            parameters.date("DATE_AFTER", tr("Date of the later image")),
            *parameters.polygon_options(),
            parameters.raster_output("OUTPUT", tr("Magnitude of change")),
            parameters.raster_output("MASK", tr("Changed places"), True, True),
            parameters.polygons_output(),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        threshold = parameters.number_or_none(self, values, "THRESHOLD", context)
        polygons = parameters.polygon_fields(self, values, context)
        return {**super().job_fields(values, context), "threshold": threshold, **polygons}
