"""Algorithms called from a script: what goes in, what comes out, and the call itself.

:mod:`geofm.api` has a function for each algorithm; what they share is here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Union

from qgis.core import (
    QgsApplication,
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from ..inference.errors import GeoFMError, Internal, InvalidRequest
from ..inference.jobs import Result, main_output
from .base import GeoFMAlgorithm, JobAlgorithm
from .many import Failure, Many
from .provider import register
from .styles import style
from .text import tr

Layer = Union[QgsMapLayer, str, "os.PathLike[str]"]
Layers = Union[Layer, Sequence[Layer]]
Wanted = Union[bool, str, "os.PathLike[str]"]
"""An optional result: False for none, True for a temporary file, or its path."""
OnProgress = Callable[[float, str], None]
_Algorithm = TypeVar("_Algorithm", bound=GeoFMAlgorithm)


@dataclass(frozen=True)
class Results:
    """What a run made.

    Attributes:
        output: the main result: a loaded layer, or its path (a classifier or figures are always a path).
        confidence, mask, novelty, polygons: optional results in the same way, None where not asked for.
        probabilities, changed: the same.
        report: path of the accuracy report, None where not asked for.
        table: path of the table of areas (CSV), None where not asked for.
        run: the engine's whole answer: model, device, classes, warnings, facts, paths.
    """

    output: QgsMapLayer | str
    confidence: QgsRasterLayer | str | None
    mask: QgsRasterLayer | str | None
    novelty: QgsVectorLayer | str | None
    polygons: QgsVectorLayer | str | None
    report: str | None
    table: str | None
    run: Result
    probabilities: QgsRasterLayer | str | None = None
    changed: QgsRasterLayer | str | None = None


@dataclass(frozen=True)
class Batch:
    """What a run over many images made.

    Attributes:
        results: of each image that was mapped, in the order given.
        failures: title and error of each of the others.
    """

    results: tuple[Results, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Options:
    """What every function takes beside its own arguments, as keyword arguments.

    Attributes:
        output: path of the main result (of many images, of their folder), None for a temporary one.
        extent: QgsReferencedRectangle, QgsRectangle in the first layer's CRS, or
            ``"xmin,xmax,ymin,ymax [EPSG:n]"``; None for all.
        area: polygons, a layer or a path; only pixels whose centre they hold are computed. None for all.
        device: ``auto``, ``cpu``, ``cuda``, or one GPU of several: ``cuda:0`` to ``cuda:7``.
        grid: whose grid several layers are brought onto: ``first`` or ``finest``.
        resolution: pixel size of layers that are no files, in the units of their CRS; None chooses.
        bands, scale, offset, date: what the layers do not say themselves (see the algorithms' help).
        load: whether to answer loaded layers (the default) or paths.
        progress: called with (percent, what is being done) from the calling thread.
        cancelled: asked often; True cancels, and the function raises ``Cancelled``.
    """

    output: str | os.PathLike[str] | None = None
    extent: Any = None
    area: Layer | None = None
    device: str = "auto"
    grid: str = "first"
    resolution: float | None = None
    bands: str = ""
    scale: float | None = None
    offset: float | None = None
    date: str = ""
    load: bool = True
    progress: OnProgress | None = None
    cancelled: Callable[[], bool] | None = None


def run(name: str, own: dict[str, Any], wanted: dict[str, Wanted], options: dict[str, Any]) -> Results:
    """Run the algorithm ``geofm:<name>`` in the calling thread."""
    said = chosen(options)
    algorithm = _algorithm(name, JobAlgorithm)
    _execute(algorithm, {**own, **_values(algorithm, said), **_destinations(wanted)}, said)
    if algorithm.result is None:
        raise Internal(tr("The algorithm did not start."))
    return _results(algorithm, algorithm.result, said.load)


def run_many(name: str, own: dict[str, Any], options: dict[str, Any]) -> Batch:
    """Run an algorithm over many images in the calling thread."""
    said = chosen(options)
    algorithm = _algorithm(name, Many)
    _execute(algorithm, {**own, **_values(algorithm, said), "LOAD": False}, said)
    made = tuple(_results(algorithm, result, said.load, title) for title, result in algorithm.done)
    return Batch(made, tuple(algorithm.failures))


def run_here(name: str, own: dict[str, Any], options: Options) -> dict[str, Any]:
    """Run an algorithm that needs no engine; answers its outputs by their names."""
    values = {key: value for key, value in own.items() if value is not None}
    return _execute(_algorithm(name, GeoFMAlgorithm), {**values, "OUTPUT": _output(options)}, options)


def chosen(options: dict[str, Any], taken: Sequence[str] = ()) -> Options:
    """What a script's keyword arguments say, of those that a function takes (all if none are named).

    Raises:
        InvalidRequest: naming those that there are not.
    """
    names = taken or tuple(Options.__dataclass_fields__)
    unknown = sorted(set(options) - set(names))
    if unknown:
        raise InvalidRequest(f"Unknown option {', '.join(unknown)}.", f"Known are: {', '.join(names)}.")
    return Options(**options)


def require_qgis() -> None:
    """See that there is an application.

    Raises:
        InvalidRequest: if the script did not start one.
    """
    if QgsApplication.instance() is None:
        raise InvalidRequest(
            tr("QGIS is not initialised."),
            tr("Start the script with QgsApplication([], False) and initQgis()."),
        )


def _execute(algorithm: GeoFMAlgorithm, values: dict[str, Any], options: Options) -> dict[str, Any]:
    feedback = _Feedback(options.progress, options.cancelled)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    context.setFeedback(feedback)
    checks = (algorithm.canExecute, lambda: algorithm.checkParameterValues(values, context))
    for fits, sentence in (check() for check in checks):
        if not fits:
            raise _failure(algorithm, InvalidRequest(sentence))
    prepared = algorithm.prepare(values, context, feedback)
    results: dict[str, Any] = {}
    trouble = ""
    try:
        if prepared:
            results = algorithm.runPrepared(values, context, feedback)
    except QgsProcessingException as error:
        trouble = str(error)
    if algorithm.failure is not None or trouble:
        raise _failure(algorithm, Internal(trouble))
    if not prepared:
        raise Internal(feedback.textLog() or tr("The algorithm did not start."))
    return results


def _failure(algorithm: GeoFMAlgorithm, otherwise: GeoFMError) -> GeoFMError:
    """The typed error of an algorithm, without what it saw on its way.

    The algorithm and the stack, which holds layers, would keep each other alive: beyond QGIS's end, which
    no layer survives.
    """
    found, algorithm.failure = algorithm.failure or otherwise, None
    found.__context__ = found.__cause__ = None
    return found.with_traceback(None)


def _algorithm(name: str, kind: type[_Algorithm]) -> _Algorithm:
    require_qgis()
    registry = QgsApplication.processingRegistry()
    if registry.providerById("geofm") is None:
        register()
    algorithm = registry.createAlgorithmById(f"geofm:{name}")
    if not isinstance(algorithm, kind):
        raise Internal(tr("The algorithm geofm:{} is of another copy of GeoFM.").format(name))
    return algorithm


def inputs(layers: Layers) -> list[Any]:
    """One or many layers as Processing takes them."""
    if isinstance(layers, Sequence) and not isinstance(layers, str):
        return [plain(layer) for layer in layers]
    return [plain(layers)]


def plain(layer: Layer) -> Any:
    """A layer as Processing takes it."""
    return layer if isinstance(layer, QgsMapLayer) else os.fspath(layer)


def _values(algorithm: JobAlgorithm, options: Options) -> dict[str, Any]:
    """The parameters that options stand for, as far as the algorithm has them."""
    main = main_output(algorithm.task)
    values = {
        main: _output(options),
        "EXTENT": options.extent,
        "AREA": None if options.area is None else plain(options.area),
        "DEVICE": options.device,
        "GRID": options.grid,
        "RESOLUTION": options.resolution,
        "BANDS": options.bands,
        "SCALE": options.scale,
        "OFFSET": options.offset,
        "DATE": options.date,
    }
    if isinstance(algorithm, Many):
        values["OUTPUT_FOLDER"] = values.pop("OUTPUT")
    for name, value in list(values.items()):
        if algorithm.parameterDefinition(name) is not None:
            continue
        if value != Options.__dataclass_fields__[name.lower()].default:
            raise InvalidRequest(f"{algorithm.id()} does not take {name.lower()}.")
        del values[name]
    return {name: value for name, value in values.items() if value not in (None, "")}


def _output(options: Options) -> str:
    return QgsProcessing.TEMPORARY_OUTPUT if options.output is None else os.fspath(options.output)


def _destinations(wanted: dict[str, Wanted]) -> dict[str, str]:
    return {
        name: QgsProcessing.TEMPORARY_OUTPUT if value is True else os.fspath(value)
        for name, value in wanted.items()
        if value
    }


def _results(algorithm: JobAlgorithm, result: Result, load: bool, title: str = "") -> Results:
    found: dict[str, Any] = dict(result.outputs)
    if load:
        for name in set(algorithm.roles) & set(found):
            found[name] = _loaded(algorithm, name, result, title)
    return Results(
        found[main_output(algorithm.task)],
        found.get("CONFIDENCE"),
        found.get("MASK"),
        found.get("NOVELTY"),
        found.get("POLYGONS"),
        found.get("REPORT"),
        found.get("TABLE"),
        result,
        found.get("PROBABILITIES"),
        found.get("CHANGED"),
    )


def _loaded(algorithm: JobAlgorithm, name: str, result: Result, image: str) -> QgsMapLayer:
    path = result.outputs[name]
    what = algorithm.titles()[name]
    title = tr("{}: {}").format(image, what) if image else what
    is_vector = path.endswith(".gpkg")
    layer = QgsVectorLayer(path, title, "ogr") if is_vector else QgsRasterLayer(path, title)
    if not layer.isValid():
        raise Internal(tr("The result {} cannot be opened.").format(path))
    style(layer, algorithm.roles[name], result)
    # From a QgsTask: the layer is for the main thread, where projects live.
    layer.moveToThread(QCoreApplication.instance().thread())
    return layer


class _Feedback(QgsProcessingFeedback):
    """Feedback that calls the script back, and asks it whether to go on."""

    def __init__(
        self, progress: OnProgress | None, cancelled: Callable[[], bool] | None
    ) -> None:
        super().__init__(False)
        self._progress = progress
        self._cancelled = cancelled
        self._doing = ""
        if progress is not None:
            self.progressChanged.connect(lambda percent: progress(percent, self._doing))

    def setProgressText(self, text: str) -> None:  # noqa: N802 - QGIS's name
        super().setProgressText(text)
        self._doing = text
        if self._progress is not None:
            self._progress(self.progress(), text)

    def isCanceled(self) -> bool:  # noqa: N802 - QGIS's name
        if self._cancelled is not None and self._cancelled():
            self.cancel()
        return bool(super().isCanceled())
