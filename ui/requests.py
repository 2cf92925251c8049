"""What a run asks of Processing: one or more algorithms with their parameters.

A request is plain data: it is kept in the history, repeated, opened as a dialog and written
as Python or as a command (:mod:`.commands`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qgis.core import QgsProject

TEMPORARY = "TEMPORARY_OUTPUT"


@dataclass(frozen=True)
class LayerRef:
    """A layer that a request names by id, and where it comes from should the id be gone."""

    id: str
    name: str
    source: str
    bands: str = ""
    scale: str = ""
    offset: str = ""
    date: str = ""


@dataclass(frozen=True)
class Step:
    """One algorithm of a request.

    Attributes:
        algorithm: id (``geofm:classify``).
        parameters: parameter values of plain types; layers by id.
        outputs: names the dock gives the results that are layers, by output parameter.
        takes: parameters that get their value from an output of an earlier step, as
            ``{"CLASSIFIER": (0, "OUTPUT")}``.
    """

    algorithm: str
    parameters: Mapping[str, Any]
    outputs: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A run as the user asked for it.

    Attributes:
        title: what it does, for the history and the layer group.
        steps: algorithms, run one after another.
        layers: every layer that the parameters name by id.
        pixels: size of the task, for the estimate of its time; 0 if unknown.
        speed_key: what the speed depends on (task and model), for the same purpose.
    """

    title: str
    steps: tuple[Step, ...]
    layers: tuple[LayerRef, ...] = ()
    pixels: int = 0
    speed_key: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "title": self.title,
            "steps": [
                {
                    "algorithm": step.algorithm,
                    "parameters": dict(step.parameters),
                    "outputs": dict(step.outputs),
                    "takes": {name: list(source) for name, source in step.takes.items()},
                }
                for step in self.steps
            ],
            "layers": [vars(layer) for layer in self.layers],
            "pixels": self.pixels,
            "speed_key": self.speed_key,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Request:
        """The inverse of :meth:`to_dict`.

        Raises:
            KeyError, TypeError, ValueError: if the data is not what ``to_dict`` wrote.
        """
        steps = tuple(
            Step(
                str(step["algorithm"]),
                dict(step["parameters"]),
                dict(step["outputs"]),
                {str(name): (int(at), str(output)) for name, (at, output) in step["takes"].items()},
            )
            for step in data["steps"]
        )
        layers = tuple(LayerRef(**layer) for layer in data["layers"])
        return cls(str(data["title"]), steps, layers, int(data["pixels"]), str(data["speed_key"]))


def located(value: Any, layers: tuple[LayerRef, ...], project: QgsProject) -> Any:
    """A parameter value with the ids of layers that the project has lost replaced by their files."""
    if isinstance(value, list):
        return [located(item, layers, project) for item in value]
    for layer in layers:
        if value == layer.id and project.mapLayer(layer.id) is None:
            return layer.source
    return value


def by_source(value: Any, layers: tuple[LayerRef, ...]) -> Any:
    """A parameter value with every layer named by its file: what another process can open."""
    if isinstance(value, list):
        return [by_source(item, layers) for item in value]
    return next((layer.source for layer in layers if value == layer.id), value)


def stated(step: Step, layers: tuple[LayerRef, ...]) -> dict[str, str]:
    """What the layers' own properties say, as parameters, for a process that has no project.

    Raises:
        ValueError: if the algorithm's parameters cannot say it (two layers of two scales).
    """
    inputs = [_named(step, name, layers) for name in ("INPUT", "BEFORE", "AFTER")]
    used = [layer for group in inputs for layer in group]
    result: dict[str, str] = {}
    bands = [layer.bands for layer in used]
    if any(bands):
        result["BANDS"] = bands[0] if len(set(bands)) == 1 else ";".join(bands)
    for name, values in (
        ("SCALE", {layer.scale for layer in used}),
        ("OFFSET", {layer.offset for layer in used}),
    ):
        if values - {""}:
            result[name] = _single(values, name.lower())
    for name, group in (("DATE", [*inputs[0], *inputs[1]]), ("DATE_AFTER", inputs[2])):
        dates = {layer.date for layer in group}
        if dates - {""}:
            result[name] = _single(dates, "date")
    return {name: value for name, value in result.items() if name not in step.parameters}


def _single(values: set[str], what: str) -> str:
    if len(values) > 1:
        raise ValueError(f"the layers differ in {what}")
    return values.pop()


def _named(step: Step, parameter: str, layers: tuple[LayerRef, ...]) -> list[LayerRef]:
    value = step.parameters.get(parameter, [])
    ids = value if isinstance(value, list) else [value]
    return [layer for layer_id in ids for layer in layers if layer.id == layer_id]


def with_files(request: Request, folder: str, stem: str) -> Request:
    """The same request with its temporary results kept in a folder, under names not yet taken."""
    steps = []
    for step in request.steps:
        parameters = dict(step.parameters)
        for name, value in parameters.items():
            if value == TEMPORARY:
                parameters[name] = free_path(folder, file_stem(stem, name), suffix(step, name))
        steps.append(replace(step, parameters=parameters))
    return replace(request, steps=tuple(steps))


def file_stem(stem: str, output: str) -> str:
    """The main result has the stem alone, the others say what they are."""
    return stem if output == "OUTPUT" else f"{stem}-{output.lower()}"


def suffix(step: Step, output: str) -> str:
    """The suffix of an output's file, with its dot."""
    if step.algorithm == "geofm:trainclassifier" and output == "OUTPUT":
        return ".geofm"
    if step.algorithm in ("geofm:checkpoints", "geofm:proposeedits"):
        return ".gpkg"
    endings = {"NOVELTY": ".gpkg", "POLYGONS": ".gpkg", "REPORT": ".html", "JSON": ".json", "TABLE": ".csv"}
    return endings.get(output, ".tif")


def free_path(folder: str, stem: str, ending: str) -> str:
    """A path in the folder that does not exist yet: ``map.tif``, ``map-2.tif``..."""
    path, count = os.path.join(folder, stem + ending), 2
    while os.path.exists(path):
        path, count = os.path.join(folder, f"{stem}-{count}{ending}"), count + 1
    return path
