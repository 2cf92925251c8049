"""One run over many rasters, each mapped on its own: the model is loaded once.

    class SegmentMany(Many, Segment): ...

The parameters are those of the algorithm over one image; instead of its files there is a folder,
in which the results are called after the images.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterVectorDestination,
    QgsProject,
)

from ..inference.errors import Cancelled, GeoFMError, InvalidRequest
from ..inference.jobs import Result
from . import parameters, session
from .base import JobAlgorithm, Number, Plan, facts_of
from .layers import RasterSource
from .styles import style_on_load
from .text import tr

# Of more images the maps are left in their folder: a project of hundreds of layers helps nobody.
_MOST_LOADED = 100
# What no file system of the three wants in a name.
_ODD = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')


@dataclass(frozen=True)
class Failure:
    """An image that could not be mapped, and why."""

    title: str
    error: GeoFMError


class Many(JobAlgorithm):
    """Makes an algorithm over one image one over many; comes first among the base classes.

    Attributes:
        done: title and answer of each image that was mapped, in the order given.
        failures: the others.
    """

    inputs_name = "INPUTS"
    # Each image has its own.
    numbers: Sequence[Number] = ()

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[str, Result]] = []
        self.failures: list[Failure] = []
        self._plans: list[tuple[str, Plan]] = []
        self._taken: set[str] = set()
        self._folder = Path()
        self._project: QgsProject | None = None

    def name(self) -> str:
        return f"{self.task.value}many"

    def own_parameters(self) -> list[Any]:
        made: list[Any] = []
        for parameter in super().own_parameters():
            if parameter.name() == "INPUT":
                made.append(
                    parameters.rasters("INPUTS", tr("Images"), tr("Each is mapped on its own."))
                )
            elif parameter.name() == "OUTPUT":
                made.append(parameters.folder("OUTPUT_FOLDER", tr("Folder of the maps")))
            elif parameter.isDestination():
                made.append(
                    QgsProcessingParameterBoolean(
                        parameter.name(), parameter.description(), parameter.createByDefault()
                    )
                )
            elif parameter.name() != "GRID":
                # Of one image there is one grid.
                made.append(parameter)
        load = QgsProcessingParameterBoolean("LOAD", tr("Open the maps when they are done"), True)
        return [*made, load]

    def titles(self) -> dict[str, str]:
        return {one.name(): one.description() for one in super().own_parameters() if one.isDestination()}

    def _add_outputs(self) -> None:
        super()._add_outputs()
        self.addOutput(QgsProcessingOutputMultipleLayers("OUTPUTS", tr("Maps")))
        self.addOutput(QgsProcessingOutputNumber("DONE", tr("Images mapped")))
        self.addOutput(QgsProcessingOutputNumber("FAILED", tr("Images that could not be mapped")))
        self.addOutput(QgsProcessingOutputString("FAILURES", tr("Why they could not, one a line")))

    def checkParameterValues(
        self, values: dict[str, Any], context: QgsProcessingContext
    ) -> tuple[bool, str]:
        try:
            each = self._each(values)
        except GeoFMError as error:
            self.failure = error
            return False, str(error)
        # Processing would refuse all for one image that does not open.
        opened = [one for one in each if self._open(one, context)]
        good = [one[self.inputs_name][0] for one in opened] or values.get(self.inputs_name)
        return super().checkParameterValues({**values, self.inputs_name: good}, context)

    def _each(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        """The parameters of each image's own run."""
        given = _flat(values.get(self.inputs_name))
        if not given:
            raise InvalidRequest(tr("No image was given."), tr("INPUTS needs at least one raster layer."))
        return [{**values, self.inputs_name: [item]} for item in given]

    def _open(self, one: dict[str, Any], context: QgsProcessingContext) -> list[QgsMapLayer]:
        return list(self.parameterAsLayerList(self._opened(one, context), self.inputs_name, context))

    def prepareAlgorithm(
        self,
        values: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        self.failure = self.result = None
        self.done, self.failures, self._plans = [], [], []
        self._folder = Path(self.parameterAsFileOutput(values, "OUTPUT_FOLDER", context)).absolute()
        self._project = context.project()
        try:
            each = [(one, self._open(one, context)) for one in self._each(values)]
        except GeoFMError as error:
            raise self._failed(error, feedback) from error
        # No map may take the name of an image that is still to be read.
        self._taken = {_key(layer.source()) for _, layers in each for layer in layers}
        for one, layers in each:
            title = layers[0].name() if layers else os.path.basename(str(one[self.inputs_name][0]))
            try:
                self._check_layers(one, context)
                self._plans.append((title, self._read(one, context)))
            except GeoFMError as error:
                self._failed_one(title, error, feedback)
        return True

    def processAlgorithm(
        self,
        values: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        try:
            self._make_folder()
            for index, (title, plan) in enumerate(self._plans):
                self._map_one(title, plan, session.Share(index, len(self._plans)), feedback)
        except GeoFMError as error:
            raise self._failed(error, feedback) from error
        total = len(self.done) + len(self.failures)
        feedback.pushInfo(tr("{} of {} images are mapped.").format(len(self.done), total))
        if not self.done:
            raise self._failed(self.failures[0].error, feedback)
        if self.parameterAsBool(values, "LOAD", context):
            self._have_loaded(context, feedback)
        return {
            "OUTPUT_FOLDER": str(self._folder),
            "OUTPUTS": [result.outputs["OUTPUT"] for _, result in self.done],
            "DONE": len(self.done),
            "FAILED": len(self.failures),
            "FAILURES": "\n".join(f"{failure.title}: {failure.error}" for failure in self.failures),
            **facts_of([result for _, result in self.done]),
        }

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        for _, result in self.done:
            style_on_load(result, self.roles, context)
        return {}

    def _map_one(
        self, title: str, plan: Plan, share: session.Share, feedback: QgsProcessingFeedback
    ) -> None:
        feedback.pushInfo(tr("Image {} of {}: {}").format(share.index + 1, share.count, title))
        if feedback.isCanceled():
            raise Cancelled(tr("The run was cancelled."))
        try:
            self.done.append((title, self._carried_out(plan, feedback, share)))
        except Cancelled:
            raise
        except GeoFMError as error:
            self._failed_one(title, error, feedback)

    def _failed_one(self, title: str, error: GeoFMError, feedback: QgsProcessingFeedback) -> None:
        # A copy: the error itself holds the frames it came through, and with them layers.
        self.failures.append(Failure(title, type(error)(error.message, error.hint, error.detail)))
        feedback.reportError(f"{title}: {error}")
        if error.detail:
            feedback.pushDebugInfo(error.detail)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidRequest(
                tr("The folder {} cannot be made.").format(self._folder), detail=str(error)
            ) from error

    def _paths(
        self, values: dict[str, Any], context: QgsProcessingContext, inputs: Sequence[RasterSource]
    ) -> dict[str, str]:
        named = {
            definition.name(): _ending(definition)
            for definition in super().own_parameters()
            if definition.isDestination()
        }
        wanted = {
            name: ending
            for name, ending in named.items()
            if name == "OUTPUT" or self.parameterAsBool(values, name, context)
        }
        stem = _ODD.sub("_", inputs[0].title).strip(" .") or tr("image")
        for number in itertools.count(1):
            base = stem if number == 1 else f"{stem}_{number}"
            found = {name.lower(): str(self._folder / f"{base}_{ending}") for name, ending in wanted.items()}
            keys = {_key(path) for path in found.values()}
            if not keys & self._taken:
                self._taken |= keys
                return found
        raise AssertionError("numbers do not end")

    def _have_loaded(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        """Ask Processing to add the maps to the project, where there is one."""
        if self._project is None:
            return
        if len(self.done) > _MOST_LOADED:
            feedback.pushInfo(
                tr("The first {} images' maps are opened; the others are in {}.").format(
                    _MOST_LOADED, self._folder
                )
            )
        titles = self.titles()
        for title, result in self.done[:_MOST_LOADED]:
            for name in set(self.roles) & set(result.outputs):
                words = tr("{}: {}").format(title, titles[name])
                details = QgsProcessingContext.LayerDetails(words, self._project, name)
                context.addLayerToLoadOnCompletion(result.outputs[name], details)


def _flat(value: Any) -> list[Any]:
    """The layers of a parameter that may be one, a list, or a model's list of lists."""
    if isinstance(value, (list, tuple)):
        return [item for part in value for item in _flat(part)]
    return [] if value is None or value == "" else [value]


def _key(path: str) -> str:
    """A path as file systems compare it that take capitals for small letters."""
    return os.path.abspath(path).casefold()


def _ending(definition: QgsProcessingParameterDefinition) -> str:
    suffix = "gpkg" if isinstance(definition, QgsProcessingParameterVectorDestination) else "tif"
    kind = "map" if definition.name() == "OUTPUT" else definition.name().lower()
    return f"{kind}.{suffix}"
