"""geofm:suggestsamples: where labels would teach a classifier most."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterNumber

from ..inference.jobs import Task
from . import parameters
from .base import TEACH, JobAlgorithm, Number
from .styles import Role
from .text import tr

COUNT = 10
_MOST = 500


class SuggestSamples(JobAlgorithm):
    """See resources/help/suggestsamples.md."""

    task = Task.SUGGEST
    folder = TEACH
    roles = {"OUTPUT": Role.PLACES}
    numbers = (Number("PLACES", lambda: tr("Places found"), "places"),)

    def displayName(self) -> str:
        return tr("Suggest places to label")

    def shortDescription(self) -> str:
        return tr("Find the places whose label would teach a classifier most.")

    def tags(self) -> list[str]:
        return tr("active learning,samples,training,labels,uncertainty").split(",")

    def own_parameters(self) -> list[Any]:
        count = QgsProcessingParameterNumber(
            "COUNT", tr("Number of places"), QgsProcessingParameterNumber.Type.Integer, COUNT, False, 1, _MOST
        )
        count.setHelp(tr("They are unlike each other and apart; the first would help most."))
        return [
            parameters.rasters("INPUT", tr("Image"), tr("That of the samples, or another one.")),
            parameters.classifier(),
            count,
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            parameters.points_output(tr("Places to label")),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        return {
            "classifier": self.parameterAsFile(values, "CLASSIFIER", context),
            "count": self.parameterAsInt(values, "COUNT", context),
        }
