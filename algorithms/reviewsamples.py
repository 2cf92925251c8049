"""geofm:reviewsamples: which labels of a classifier look like mistakes."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext

from ..inference.jobs import Task
from . import parameters
from .base import TEACH, JobAlgorithm, Number, Plan
from .styles import Role
from .text import tr


class ReviewSamples(JobAlgorithm):
    """See resources/help/reviewsamples.md."""

    task = Task.REVIEW
    folder = TEACH
    # A classifier holds all that there is to review of it.
    inputs_name = ""
    roles = {"OUTPUT": Role.PLACES}
    numbers = (
        Number("DOUBTFUL", lambda: tr("Labels that look wrong"), "doubtful"),
        Number("LABELS", lambda: tr("Labels there are"), "labels"),
    )

    def displayName(self) -> str:
        return tr("Review labels")

    def shortDescription(self) -> str:
        return tr("Find the labels of a classifier that look like mistakes.")

    def tags(self) -> list[str]:
        return tr("samples,training,labels,mistakes,outliers,cleaning").split(",")

    def own_parameters(self) -> list[Any]:
        return [parameters.classifier(), parameters.points_output(tr("Labels that look wrong"))]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        return {"classifier": self.parameterAsFile(values, "CLASSIFIER", context)}

    def _read(self, values: dict[str, Any], context: QgsProcessingContext) -> Plan:
        fields = {**self.job_fields(values, context), **self._paths(values, context, [])}
        return Plan([], [], None, None, None, None, fields, context.layersToLoadOnCompletion())
