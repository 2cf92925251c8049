"""Maps of ready-made networks and taught classifiers, features, what looks alike."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ..algorithms.calls import Batch, Layer, Layers, Results, Wanted, inputs, plain, run, run_many
from ..inference.cards import Card
from ..inference.catalog import default_catalog


def models(task: str = "") -> tuple[Card, ...]:
    """The models of the catalogue, all or those that serve a task (``classify`` has its own files).

    Args:
        task: ``embed``, ``segment``, ``regress``, ``superresolve``, ``trainclassifier``, ``change``,
            ``similarity``, ``cluster``.
    """
    return tuple(card for card in default_catalog().cards() if not task or task in card.tasks)


def segment(
    layers: Layers,
    model: str = "ukis-csmask",
    *,
    confidence: Wanted = False,
    probabilities: Wanted = False,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Map the classes that a ready-made network knows.

    Args:
        probabilities: a raster with one band a class, which :func:`.refine` goes on from.
        min_area: square metres; smaller polygons become part of what surrounds them.
        simplify: tolerance in pixels within which the polygons' borders are simplified.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`.Options`.
    """
    own = {"INPUT": inputs(layers), "MODEL": model, "MIN_AREA": min_area, "SIMPLIFY": simplify}
    wanted = {"CONFIDENCE": confidence, "PROBABILITIES": probabilities, "POLYGONS": polygons}
    return run("segment", own, wanted, options)


def segment_many(
    images: Sequence[Layer],
    model: str = "ukis-csmask",
    *,
    confidence: bool = False,
    probabilities: bool = False,
    polygons: bool = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Batch:
    """Map each of many images on its own; the model is loaded once. See :class:`.Options`.

    One that fails does not stop the others. For ``min_area`` and ``simplify`` see :func:`segment`.

    Raises:
        GeoFMError: if none could be mapped, or the run was cancelled; maps made by then stay.
    """
    own = {"INPUTS": inputs(images), "MODEL": model, "CONFIDENCE": confidence, "POLYGONS": polygons}
    own.update(PROBABILITIES=probabilities, MIN_AREA=min_area, SIMPLIFY=simplify)
    return run_many("segmentmany", own, options)


def regress(layers: Layers, model: str, **options: Any) -> Results:
    """Map the numbers that a ready-made network gives. Raises GeoFMError; see :class:`.Options`.

    Args:
        model: catalogue id, or path of a card or of an ONNX file that says what it takes.
    """
    return run("regress", {"INPUT": inputs(layers), "MODEL": model}, {}, options)


def superresolve(layers: Layers, model: str, **options: Any) -> Results:
    """Draw an image with smaller pixels. Raises GeoFMError; see :class:`.Options` and :func:`regress`."""
    return run("superresolve", {"INPUT": inputs(layers), "MODEL": model}, {}, options)


def embed(layers: Layers, model: str = "galileo-nano", **options: Any) -> Results:
    """Write the features of an encoder. Raises GeoFMError; see :class:`.Options`."""
    return run("embed", {"INPUT": inputs(layers), "MODEL": model}, {}, options)


def classify(
    layers: Layers,
    classifier: str | os.PathLike[str],
    *,
    confidence: Wanted = False,
    probabilities: Wanted = False,
    novelty: Wanted = False,
    refuse_below: float = 0.0,
    refuse_novel: bool = False,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Map with a taught classifier; for ``min_area`` and ``simplify`` see :func:`segment`.

    Args:
        probabilities: a raster with one band a class, which :func:`.refine` goes on from.
        novelty: polygons of what is unlike anything labelled.
        refuse_below: percent; pixels whose class is less probable are called unknown.
        refuse_novel: whether pixels unlike anything labelled are called unknown too.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`.Options`.
    """
    own = {
        "INPUT": inputs(layers),
        "CLASSIFIER": os.fspath(classifier),
        "REFUSE_BELOW": refuse_below,
        "REFUSE_NOVEL": refuse_novel,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    wanted = {
        "CONFIDENCE": confidence,
        "PROBABILITIES": probabilities,
        "NOVELTY": novelty,
        "POLYGONS": polygons,
    }
    return run("classify", own, wanted, options)


def classify_many(
    images: Sequence[Layer],
    classifier: str | os.PathLike[str],
    *,
    confidence: bool = False,
    probabilities: bool = False,
    novelty: bool = False,
    refuse_below: float = 0.0,
    refuse_novel: bool = False,
    polygons: bool = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Batch:
    """Map each of many images with a taught classifier; see :func:`classify` and :func:`segment_many`."""
    own = {
        "INPUTS": inputs(images),
        "CLASSIFIER": os.fspath(classifier),
        "CONFIDENCE": confidence,
        "PROBABILITIES": probabilities,
        "NOVELTY": novelty,
        "REFUSE_BELOW": refuse_below,
        "REFUSE_NOVEL": refuse_novel,
        "POLYGONS": polygons,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run_many("classifymany", own, options)


def similarity(
    layers: Layers, examples: Layer, model: str = "spectral-texture", **options: Any
) -> Results:
    """Map how much each place looks like the examples. Raises GeoFMError; see :class:`.Options`."""
    own = {"INPUT": inputs(layers), "EXAMPLES": plain(examples), "MODEL": model}
    return run("similarity", own, {}, options)


def cluster(
    layers: Layers, model: str = "spectral-texture", *, classes: int = 8, **options: Any
) -> Results:
    """Divide an image into places that look alike. Raises GeoFMError; see :class:`.Options`."""
    own = {"INPUT": inputs(layers), "MODEL": model, "CLASSES": classes}
    return run("cluster", own, {}, options)
