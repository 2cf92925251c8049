"""The script door: GeoFM from Python, in QGIS's console, a stand-alone script or a QgsTask.

    from geofm import api

    taught = api.train(image, samples, "class", "spectral-texture")
    found = api.classify(image, taught.output, confidence=True)
    QgsProject.instance().addMapLayer(found.output)

Layers or paths go in; loaded, styled layers come out, or paths with ``load=False``. Each
function runs the Processing algorithm of its name, so the log, the job file and the result are
the same as from the toolbox. The call returns when the work is done: in QGIS's console wrap it
in a QgsTask to keep the map responsive, and pass paths rather than layers from there.

A stand-alone script needs ``QgsApplication([], False)`` with ``initQgis()`` first; the rest is
looked after here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Union

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

from .algorithms.base import JobAlgorithm
from .algorithms.many import Failure, Many
from .algorithms.provider import register
from .algorithms.styles import style
from .algorithms.text import tr
from .inference.cards import Card
from .inference.catalog import default_catalog
from .inference.errors import Cancelled, GeoFMError, Internal, InvalidRequest
from .inference.jobs import Result

__all__ = [
    "Batch",
    "Cancelled",
    "Failure",
    "GeoFMError",
    "Options",
    "Results",
    "change",
    "classify",
    "classify_many",
    "cluster",
    "embed",
    "models",
    "segment",
    "segment_many",
    "similarity",
    "train",
]

Layer = Union[QgsMapLayer, str, "os.PathLike[str]"]
Layers = Union[Layer, Sequence[Layer]]
Wanted = Union[bool, str, "os.PathLike[str]"]
"""An optional result: False for none, True for a temporary file, or its path."""
OnProgress = Callable[[float, str], None]

_LAYERS = {"OUTPUT", "CONFIDENCE", "MASK", "POLYGONS"}


@dataclass(frozen=True)
class Results:
    """What a run made.

    Attributes:
        output: the main result: a loaded layer, or its path (a classifier is always a path).
        confidence, mask, polygons: optional results in the same way, None where not asked for.
        report: path of the accuracy report, None where not asked for.
        run: the engine's whole answer: model, device, classes, warnings, facts, paths.
    """

    output: QgsMapLayer | str
    confidence: QgsRasterLayer | str | None
    mask: QgsRasterLayer | str | None
    polygons: QgsVectorLayer | str | None
    report: str | None
    run: Result


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
        device: ``auto``, ``cpu`` or ``cuda``.
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


def segment(
    layers: Layers,
    model: str = "ukis-csmask",
    *,
    confidence: Wanted = False,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Map the classes that a ready-made network knows.

    Args:
        min_area: square metres; smaller polygons become part of what surrounds them.
        simplify: tolerance in pixels within which the polygons' borders are simplified.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
    """
    own = {"INPUT": _inputs(layers), "MODEL": model, "MIN_AREA": min_area, "SIMPLIFY": simplify}
    return _run("segment", own, {"CONFIDENCE": confidence, "POLYGONS": polygons}, options)


def segment_many(
    images: Sequence[Layer],
    model: str = "ukis-csmask",
    *,
    confidence: bool = False,
    polygons: bool = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Batch:
    """Map each of many images on its own; the model is loaded once. See :class:`Options`.

    One that fails does not stop the others. For ``min_area`` and ``simplify`` see :func:`segment`.

    Raises:
        GeoFMError: if none could be mapped, or the run was cancelled; maps made by then stay.
    """
    own = {"INPUTS": _inputs(images), "MODEL": model, "CONFIDENCE": confidence, "POLYGONS": polygons}
    own.update(MIN_AREA=min_area, SIMPLIFY=simplify)
    return _run_many("segmentmany", own, options)


def embed(layers: Layers, model: str = "galileo-nano", **options: Any) -> Results:
    """Write the features of an encoder. Raises GeoFMError; see :class:`Options`."""
    return _run("embed", {"INPUT": _inputs(layers), "MODEL": model}, {}, options)


def train(
    layers: Layers,
    samples: Layer,
    field: str,
    model: str = "spectral-texture",
    *,
    method: str = "ensemble",
    report: Wanted = False,
    **options: Any,
) -> Results:
    """Teach a classifier; ``output`` is the path of the ``*.geofm`` file.

    Args:
        samples: points or polygons, a layer or a path.
        field: the attribute with the class.
        method: ``ensemble``, ``fast``, ``knn`` or ``forest``.

    Raises:
        GeoFMError: see geofm.inference.errors.
    """
    own = {
        "INPUT": _inputs(layers),
        "SAMPLES": _plain(samples),
        "FIELD": field,
        "MODEL": model,
        "METHOD": method,
    }
    return _run("trainclassifier", own, {"REPORT": report}, options)


def classify(
    layers: Layers,
    classifier: str | os.PathLike[str],
    *,
    confidence: Wanted = False,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Map with a taught classifier; for ``min_area`` and ``simplify`` see :func:`segment`.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
    """
    own = {
        "INPUT": _inputs(layers),
        "CLASSIFIER": os.fspath(classifier),
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return _run("classify", own, {"CONFIDENCE": confidence, "POLYGONS": polygons}, options)


def classify_many(
    images: Sequence[Layer],
    classifier: str | os.PathLike[str],
    *,
    confidence: bool = False,
    polygons: bool = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Batch:
    """Map each of many images with a taught classifier; see :func:`segment_many`."""
    own = {
        "INPUTS": _inputs(images),
        "CLASSIFIER": os.fspath(classifier),
        "CONFIDENCE": confidence,
        "POLYGONS": polygons,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return _run_many("classifymany", own, options)


def change(
    before: Layers,
    after: Layers,
    model: str = "spectral-texture",
    *,
    threshold: float | None = None,
    date_after: str = "",
    mask: Wanted = False,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Map what is different between two dates; ``date`` is that of the earlier one.

    Args:
        threshold: from which magnitude on a place counts as changed; None chooses it.
        min_area, simplify: of the polygons; see :func:`segment`.

    Raises:
        GeoFMError: see geofm.inference.errors.
    """
    own = {
        "BEFORE": _inputs(before),
        "AFTER": _inputs(after),
        "MODEL": model,
        "THRESHOLD": threshold,
        "DATE_AFTER": date_after,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return _run("change", own, {"MASK": mask, "POLYGONS": polygons}, options)


def similarity(
    layers: Layers, examples: Layer, model: str = "spectral-texture", **options: Any
) -> Results:
    """Map how much each place looks like the examples. Raises GeoFMError; see :class:`Options`."""
    own = {"INPUT": _inputs(layers), "EXAMPLES": _plain(examples), "MODEL": model}
    return _run("similarity", own, {}, options)


def cluster(
    layers: Layers, model: str = "spectral-texture", *, classes: int = 8, **options: Any
) -> Results:
    """Divide an image into places that look alike. Raises GeoFMError; see :class:`Options`."""
    own = {"INPUT": _inputs(layers), "MODEL": model, "CLASSES": classes}
    return _run("cluster", own, {}, options)


def models(task: str = "") -> tuple[Card, ...]:
    """The models of the catalogue, all or those that serve a task (``classify`` has its own files).

    Args:
        task: ``embed``, ``segment``, ``trainclassifier``, ``change``, ``similarity``, ``cluster``.
    """
    return tuple(card for card in default_catalog().cards() if not task or task in card.tasks)


def _run(name: str, own: dict[str, Any], wanted: dict[str, Wanted], options: dict[str, Any]) -> Results:
    """Run the algorithm ``geofm:<name>`` in the calling thread."""
    chosen = _chosen(options)
    algorithm = _algorithm(name)
    _execute(algorithm, {**own, **_values(algorithm, chosen), **_destinations(wanted)}, chosen)
    if algorithm.result is None:
        raise Internal(tr("The algorithm did not start."))
    return _results(algorithm, algorithm.result, chosen.load)


def _run_many(name: str, own: dict[str, Any], options: dict[str, Any]) -> Batch:
    """Run an algorithm over many images in the calling thread."""
    chosen = _chosen(options)
    algorithm = _algorithm(name)
    assert isinstance(algorithm, Many)
    _execute(algorithm, {**own, **_values(algorithm, chosen), "LOAD": False}, chosen)
    made = tuple(_results(algorithm, result, chosen.load, title) for title, result in algorithm.done)
    return Batch(made, tuple(algorithm.failures))


def _chosen(options: dict[str, Any]) -> Options:
    unknown = sorted(set(options) - set(Options.__dataclass_fields__))
    if unknown:
        known = ", ".join(Options.__dataclass_fields__)
        raise InvalidRequest(f"Unknown option {', '.join(unknown)}.", f"Known are: {known}.")
    return Options(**options)


def _execute(algorithm: JobAlgorithm, values: dict[str, Any], options: Options) -> None:
    feedback = _Feedback(options.progress, options.cancelled)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    context.setFeedback(feedback)
    checks = (algorithm.canExecute, lambda: algorithm.checkParameterValues(values, context))
    for fits, sentence in (check() for check in checks):
        if not fits:
            raise algorithm.failure or InvalidRequest(sentence)
    prepared = algorithm.prepare(values, context, feedback)
    try:
        if prepared:
            algorithm.runPrepared(values, context, feedback)
    except QgsProcessingException as error:
        raise algorithm.failure or Internal(str(error)) from error
    if algorithm.failure is not None:
        raise algorithm.failure
    if not prepared:
        raise Internal(feedback.textLog() or tr("The algorithm did not start."))


def _algorithm(name: str) -> JobAlgorithm:
    if QgsApplication.instance() is None:
        raise InvalidRequest(
            tr("QGIS is not initialised."),
            tr("Start the script with QgsApplication([], False) and initQgis()."),
        )
    registry = QgsApplication.processingRegistry()
    if registry.providerById("geofm") is None:
        register()
    algorithm = registry.createAlgorithmById(f"geofm:{name}")
    if not isinstance(algorithm, JobAlgorithm):
        raise Internal(tr("The algorithm geofm:{} is of another copy of GeoFM.").format(name))
    return algorithm


def _inputs(layers: Layers) -> list[Any]:
    if isinstance(layers, Sequence) and not isinstance(layers, str):
        return [_plain(layer) for layer in layers]
    return [_plain(layers)]


def _plain(layer: Layer) -> Any:
    return layer if isinstance(layer, QgsMapLayer) else os.fspath(layer)


def _values(algorithm: JobAlgorithm, options: Options) -> dict[str, Any]:
    """The parameters that options stand for, as far as the algorithm has them."""
    output = QgsProcessing.TEMPORARY_OUTPUT if options.output is None else os.fspath(options.output)
    values = {
        "OUTPUT": output,
        "EXTENT": options.extent,
        "AREA": None if options.area is None else _plain(options.area),
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
        found["OUTPUT"],
        found.get("CONFIDENCE"),
        found.get("MASK"),
        found.get("POLYGONS"),
        found.get("REPORT"),
        result,
    )


def _loaded(algorithm: JobAlgorithm, name: str, result: Result, image: str) -> QgsMapLayer:
    path = result.outputs[name]
    what = algorithm.titles()[name]
    title = tr("{}: {}").format(image, what) if image else what
    layer = QgsVectorLayer(path, title, "ogr") if name == "POLYGONS" else QgsRasterLayer(path, title)
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
