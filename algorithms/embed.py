"""geofm:embed: the features of an encoder as a raster."""

from __future__ import annotations

from typing import Any

from ..inference.jobs import Task
from . import parameters
from .base import FEATURES, JobAlgorithm
from .styles import Role
from .text import tr


class Embed(JobAlgorithm):
    """See resources/help/embed.md."""

    task = Task.EMBED
    folder = FEATURES
    roles = {"OUTPUT": Role.FEATURES}

    def displayName(self) -> str:
        return tr("Compute features")

    def shortDescription(self) -> str:
        return tr("Write what a foundation model sees at each place as a raster of features.")

    def tags(self) -> list[str]:
        return tr("embedding,embeddings,encoder,foundation model,galileo").split(",")

    def own_parameters(self) -> list[Any]:
        return [
            parameters.rasters("INPUT", tr("Image"), tr("One or more layers of the same place.")),
            parameters.model(self.task, "galileo-nano"),
            parameters.extent(),
            parameters.area(),
            *parameters.advanced(),
            parameters.raster_output("OUTPUT", tr("Features")),
        ]
