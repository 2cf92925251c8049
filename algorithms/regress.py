"""geofm:regress: a ready-made network gives numbers for each pixel."""

from __future__ import annotations

from typing import Any

from ..inference.jobs import Task
from . import parameters
from .base import MAP, JobAlgorithm
from .styles import Role
from .text import tr


class Regress(JobAlgorithm):
    """See resources/help/regress.md."""

    task = Task.REGRESS
    folder = MAP
    roles = {"OUTPUT": Role.VALUES}

    def displayName(self) -> str:
        return tr("Measure with a ready-made model")

    def shortDescription(self) -> str:
        return tr("Map the numbers that a trained network gives, such as heights or shares of cover.")

    def tags(self) -> list[str]:
        return tr("regression,height,biomass,yield,onnx,deep learning").split(",")

    def own_parameters(self) -> list[Any]:
        return [
            parameters.rasters("INPUT", tr("Image"), tr("One or more layers of the same place.")),
            parameters.model(self.task, ""),
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            parameters.raster_output("OUTPUT", tr("Values")),
        ]
