"""geofm:thresholdchange: another threshold for a magnitude of change that is there."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterNumber

from ..inference.change_options import ChangeOptions
from ..inference.jobs import Task
from . import parameters
from .base import CHANGE, JobAlgorithm, Number
from .styles import Role
from .text import tr


class ThresholdChange(JobAlgorithm):
    """See resources/help/thresholdchange.md."""

    task = Task.THRESHOLD
    folder = CHANGE
    roles = {"MASK": Role.CLASSES, "POLYGONS": Role.POLYGONS}
    numbers = (
        Number("THRESHOLD_USED", lambda: tr("Threshold that was used"), "threshold"),
        Number("CHANGED_AREA", lambda: tr("Changed area in square metres"), "changed_m2"),
    )

    def displayName(self) -> str:
        return tr("Set another threshold of change")

    def shortDescription(self) -> str:
        return tr("Make mask, polygons and table of a magnitude of change anew, without comparing again.")

    def tags(self) -> list[str]:
        return tr("change detection,threshold,magnitude,mask,polygons").split(",")

    def own_parameters(self) -> list[Any]:
        threshold = QgsProcessingParameterNumber(
            "THRESHOLD",
            tr("Threshold of the magnitude"),
            QgsProcessingParameterNumber.Type.Double,
            None,
            True,
            0.0,
        )
        threshold.setHelp(tr("Magnitudes from there on are change. Empty: by false alarms."))
        return [
            parameters.raster("INPUT", tr("Magnitude of change"), tr("What “Detect change” made.")),
            threshold,
            parameters.false_alarms(tr("In place of a threshold, as for “Detect change”.")),
            *parameters.polygon_options(),
            parameters.raster_output("MASK", tr("Changed places")),
            parameters.polygons_output(),
            parameters.file_output("TABLE", tr("Table of areas"), tr("CSV files (*.csv)"), True, False),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        alarms = parameters.number_or_none(self, values, "FALSE_ALARMS", context)
        return {
            "threshold": parameters.number_or_none(self, values, "THRESHOLD", context),
            "change": ChangeOptions(false_alarms=alarms) if alarms else None,
            **parameters.polygon_fields(self, values, context),
        }
