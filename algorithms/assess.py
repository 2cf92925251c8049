"""geofm:assess: how right a map is, and how much ground each class covers."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)

from ..inference.checking import REFERENCE
from ..inference.jobs import SAMPLINGS, Task
from . import parameters
from .base import TEACH, JobAlgorithm, Number
from .text import tr


class Assess(JobAlgorithm):
    """See resources/help/assess.md."""

    task = Task.ASSESS
    folder = TEACH
    inputs_name = "MAP"
    samples_name = "REFERENCE"
    numbers = (
        Number("ACCURACY", lambda: tr("Overall accuracy (0 to 1)"), "overall.value"),
        Number("ACCURACY_LOW", lambda: tr("Lower end of its 95 % interval"), "overall.low"),
        Number("ACCURACY_HIGH", lambda: tr("Upper end of its 95 % interval"), "overall.high"),
        Number("COMPARED", lambda: tr("Places compared"), "places.compared"),
    )

    def displayName(self) -> str:
        return tr("Assess a map")

    def shortDescription(self) -> str:
        return tr("Accuracy and areas of a map, with intervals, from places whose class is known.")

    def tags(self) -> list[str]:
        return tr("accuracy,validation,confusion matrix,error matrix,area estimation,kappa,f1").split(",")

    def own_parameters(self) -> list[Any]:
        places = [QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVectorPolygon]
        reference = QgsProcessingParameterFeatureSource(
            "REFERENCE", tr("Reference (points or polygons)"), places
        )
        reference.setHelp(tr("Places whose class is known; check points drawn from the map are best."))
        field = QgsProcessingParameterField("FIELD", tr("Field with the class"), REFERENCE, "REFERENCE")
        field.setHelp(tr("Names or values of the map's classes. Places without one are left out."))
        sampling = QgsProcessingParameterEnum(
            "SAMPLING", tr("How the reference was chosen"), list(SAMPLINGS), False, SAMPLINGS[0], True, True
        )
        sampling.setHelp(
            tr("auto: as the fields of check points say. random: at random, over the map or in each class.")
        )
        return [
            parameters.raster("MAP", tr("Map of classes"), tr("A raster whose values are classes.")),
            reference,
            field,
            sampling,
            parameters.extent(),
            parameters.area(),
            parameters.file_output("REPORT", tr("Report"), tr("HTML files (*.html)"), True, True),
            parameters.file_output("JSON", tr("Figures"), tr("JSON files (*.json)")),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        return {"sampling": self.parameterAsEnumString(values, "SAMPLING", context)}
