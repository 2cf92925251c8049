"""Classifiers taught at once or label by label, and which labels would help or look wrong."""

from __future__ import annotations

import os
from typing import Any

from ..algorithms.calls import Layer, Layers, Results, Wanted, inputs, plain, run
from ..algorithms.teaching import LiveClassifier


def train(
    layers: Layers,
    samples: Layer,
    field: str,
    model: str = "spectral-texture",
    *,
    method: str = "ensemble",
    classifier: str | os.PathLike[str] | None = None,
    keep: str = "places",
    block_size: float | None = None,
    what_helped: bool = False,
    report: Wanted = False,
    **options: Any,
) -> Results:
    """Teach a classifier; ``output`` is the path of the ``*.geofm`` file.

    Args:
        samples: points or polygons, a layer or a path.
        field: the attribute with the class.
        classifier: one to go on teaching, which brings its model, classes and samples.
        keep: what the file keeps of the samples: ``places``, ``features`` or ``nothing``.
        block_size: side in metres of the blocks of ground that are left out in turn to measure the accuracy;
            None takes the distance within which the image is alike.
        what_helped: whether to tell how right it would be with each layer left out.
        method: ``ensemble``, ``fast``, ``prototypes``, ``knn``, ``forest`` or ``mlp``.

    Raises:
        GeoFMError: see geofm.inference.errors.
    """
    own = {
        "INPUT": inputs(layers),
        "SAMPLES": plain(samples),
        "FIELD": field,
        "MODEL": model,
        "METHOD": method,
        "CLASSIFIER": None if classifier is None else os.fspath(classifier),
        "KEEP": keep,
        "BLOCK_SIZE": block_size,
        "WHAT_HELPED": what_helped,
    }
    return run("trainclassifier", own, {"REPORT": report}, options)


def teach(
    layers: Layers,
    model: str = "spectral-texture",
    *,
    classifier: str | os.PathLike[str] | None = None,
    method: str = "",
    seed: int = 0,
    **options: Any,
) -> LiveClassifier:
    """Begin to teach, label by label; what comes back adds, fits, suggests, previews and saves.

        with api.teach("scene.tif") as lesson:
            lesson.add((421930, 5211840), "water")
            lesson.add("fields.gpkg", field="class")
            print(lesson.check().accuracy["overall"], lesson.suggest(5))
            lesson.save("cover.geofm")

    Raises GeoFMError. For the arguments see :class:`LiveClassifier`.
    """
    return LiveClassifier(layers, model, classifier=classifier, method=method, seed=seed, **options)


def suggest_samples(
    layers: Layers, classifier: str | os.PathLike[str], count: int = 10, **options: Any
) -> Results:
    """Find the places whose label would teach a classifier most. Raises GeoFMError; see :class:`.Options`."""
    own = {"INPUT": inputs(layers), "CLASSIFIER": os.fspath(classifier), "COUNT": count}
    return run("suggestsamples", own, {}, options)


def review_samples(classifier: str | os.PathLike[str], **options: Any) -> Results:
    """Find the labels of a classifier that look like mistakes. Raises GeoFMError; see :class:`.Options`."""
    return run("reviewsamples", {"CLASSIFIER": os.fspath(classifier)}, {}, options)
