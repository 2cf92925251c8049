"""geofm:checkpoints: a random sample of a map, for people to say what is really there."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterVectorDestination,
)

from ..inference.errors import InvalidRequest
from ..inference.jobs import ALLOCATIONS, Task
from . import parameters
from .base import TEACH, JobAlgorithm, Number
from .styles import Role
from .text import tr

COUNT = 150
_INTEGER = QgsProcessingParameterNumber.Type.Integer
_DOUBLE = QgsProcessingParameterNumber.Type.Double


class CheckPoints(JobAlgorithm):
    """See resources/help/checkpoints.md."""

    task = Task.CHECKPOINTS
    folder = TEACH
    inputs_name = "MAP"
    roles = {"OUTPUT": Role.CHECKPOINTS}
    numbers = (
        Number("POINTS", lambda: tr("Points drawn"), "points"),
        Number("EXPECTED_ERROR", lambda: tr("Standard error to expect (0 to 1)"), "expected_error"),
    )

    def displayName(self) -> str:
        return tr("Draw check points")

    def shortDescription(self) -> str:
        return tr("Draw a random sample of a map, to be checked point by point.")

    def tags(self) -> list[str]:
        return tr("accuracy,sampling,stratified,random points,validation,reference,ground truth").split(",")

    def own_parameters(self) -> list[Any]:
        count = QgsProcessingParameterNumber("COUNT", tr("Number of points"), _INTEGER, COUNT, True, 1)
        count.setHelp(tr("Two of each class at least; 50 of each are usual. Not used with a standard error."))
        title = tr("Or standard error of the accuracy to reach")
        error = QgsProcessingParameterNumber("STANDARD_ERROR", title, _DOUBLE, None, True, 0.001, 0.49)
        error.setHelp(tr("0.02 lets the overall accuracy be known to about 0.04 either way."))
        allocation = QgsProcessingParameterEnum(
            "ALLOCATION", tr("Points of each class"), list(ALLOCATIONS), False, ALLOCATIONS[0], True, True
        )
        allocation.setHelp(
            tr("By area with a minimum for rare classes (mixed), by area alone, or the same for each.")
        )
        return [
            parameters.raster("MAP", tr("Map of classes"), tr("A raster whose values are classes.")),
            count,
            error,
            allocation,
            parameters.extent(),
            parameters.area(),
            *self._advanced(),
            QgsProcessingParameterVectorDestination(
                "OUTPUT", tr("Check points"), QgsProcessing.SourceType.TypeVectorPoint
            ),
        ]

    def _advanced(self) -> list[Any]:
        least = QgsProcessingParameterNumber("LEAST", tr("Minimum for rare classes"), _INTEGER, 50, True, 0)
        least.setHelp(tr("With mixed: as far as half of all points suffice for it."))
        expected = QgsProcessingParameterNumber(
            "EXPECTED_ACCURACY", tr("Accuracy to expect"), _DOUBLE, 0.8, True, 0.01, 0.99
        )
        expected.setHelp(tr("From 0 to 1; it decides how many points a standard error takes."))
        blind = QgsProcessingParameterBoolean("BLIND", tr("Do not tell what the map shows"), True, True)
        blind.setHelp(tr("Who knows the map's answer tends to agree with it."))
        seed = QgsProcessingParameterNumber("SEED", tr("Seed of the draw"), _INTEGER, 0, True, 0)
        seed.setHelp(tr("The same seed draws the same points; another one draws others."))
        return [parameters.as_advanced(one) for one in (least, expected, blind, seed)]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        error = parameters.number_or_none(self, values, "STANDARD_ERROR", context)
        count = parameters.number_or_none(self, values, "COUNT", context)
        if not error and count is not None and count < 1:
            raise InvalidRequest(tr("The number of points must be 1 at least."))
        return {
            "count": 0 if error else int(COUNT if count is None else count),
            "standard_error": error or 0.0,
            "expected": self.parameterAsDouble(values, "EXPECTED_ACCURACY", context),
            "allocation": self.parameterAsEnumString(values, "ALLOCATION", context),
            "least": self.parameterAsInt(values, "LEAST", context),
            "blind": self.parameterAsBool(values, "BLIND", context),
            "seed": self.parameterAsInt(values, "SEED", context),
        }
