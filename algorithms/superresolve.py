"""geofm:superresolve: a ready-made network draws the image with smaller pixels."""

from __future__ import annotations

from typing import Any

from ..inference.jobs import Task
from . import parameters
from .base import MAP, JobAlgorithm
from .styles import Role
from .text import tr


class Superresolve(JobAlgorithm):
    """See resources/help/superresolve.md."""

    task = Task.SUPERRESOLVE
    folder = MAP
    roles = {"OUTPUT": Role.PICTURE}

    def displayName(self) -> str:
        return tr("Refine pixels with a ready-made model")

    def shortDescription(self) -> str:
        return tr("Draw the image with smaller pixels on the same ground, by a super-resolution network.")

    def tags(self) -> list[str]:
        return tr("super-resolution,superresolution,upscaling,resolution,onnx,deep learning").split(",")

    def own_parameters(self) -> list[Any]:
        return [
            parameters.rasters("INPUT", tr("Image"), tr("One or more layers of the same place.")),
            parameters.model(self.task, ""),
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            parameters.raster_output("OUTPUT", tr("Finer image")),
        ]
