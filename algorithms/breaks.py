"""geofm:breaks: when each place of a series of dates changed most."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterNumber, QgsProcessingParameterString

from ..inference.jobs import Task
from . import parameters
from .base import CHANGE, JobAlgorithm, Number
from .styles import Role
from .text import tr


class Breaks(JobAlgorithm):
    """See resources/help/breaks.md."""

    task = Task.BREAKS
    folder = CHANGE
    roles = {"OUTPUT": Role.DATES, "POLYGONS": Role.POLYGONS}
    numbers = (
        Number("BROKEN_AREA", lambda: tr("Area with a break in square metres"), "broken_m2"),
        Number("DATES", lambda: tr("Number of dates"), "observations"),
    )

    def displayName(self) -> str:
        return tr("Find breaks in a series")

    def shortDescription(self) -> str:
        return tr("Say of each place of a series of dates when it changed most, by how much and how surely.")

    def tags(self) -> list[str]:
        return tr("time series,break,bfast,deforestation,disturbance,many dates,change").split(",")

    def own_parameters(self) -> list[Any]:
        index = QgsProcessingParameterString("INDEX", tr("Index or band"), None, False, True)
        index.setHelp(
            tr("ndvi, nbr, ndmi, ndwi, mndwi, ndre, or a band's name. Empty: NDVI, or the only band.")
        )
        whole = QgsProcessingParameterNumber.Type.Integer
        harmonics = QgsProcessingParameterNumber(
            "HARMONICS", tr("Waves of a year's season"), whole, 1, False, 1, 3
        )
        harmonics.setHelp(tr("1 for a smooth season; 2 or 3 for double crops, which take more dates."))
        significance = QgsProcessingParameterNumber(
            "SIGNIFICANCE",
            tr("Significance"),
            QgsProcessingParameterNumber.Type.Double,
            0.01,
            False,
            0.0001,
            0.5,
        )
        significance.setHelp(tr("Share of places without any break that noise alone may have break."))
        return [
            parameters.rasters(
                "INPUT",
                tr("Series"),
                tr("Eight or more dates of the same bands: layers, or a folder of files."),
            ),
            index,
            harmonics,
            significance,
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            *parameters.polygon_options(),
            parameters.raster_output("OUTPUT", tr("Breaks")),
            parameters.polygons_output(),
        ]

    def job_fields(self, values: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        return {
            "index": self.parameterAsString(values, "INDEX", context).strip(),
            "harmonics": self.parameterAsInt(values, "HARMONICS", context),
            "significance": self.parameterAsDouble(values, "SIGNIFICANCE", context),
            **parameters.polygon_fields(self, values, context),
        }
