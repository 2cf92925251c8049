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
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qgis.core import QgsVectorLayer

from .algorithms import edit_calls
from .algorithms.calls import Batch, Layer, Layers, Options, Results, Wanted, inputs, plain, run, run_many
from .algorithms.edit_proposals import BACKGROUND, WHOLE
from .algorithms.edit_session import Applied
from .algorithms.many import Failure
from .algorithms.teaching import LiveClassifier
from .inference.cards import Card
from .inference.catalog import default_catalog
from .inference.errors import Cancelled, GeoFMError

__all__ = [
    "Applied",
    "Batch",
    "Cancelled",
    "Failure",
    "GeoFMError",
    "LiveClassifier",
    "Options",
    "Results",
    "apply_edits",
    "assess",
    "change",
    "breaks",
    "checkpoints",
    "classify",
    "classify_many",
    "cluster",
    "embed",
    "models",
    "propose_edits",
    "refine",
    "regress",
    "review_samples",
    "segment",
    "segment_many",
    "similarity",
    "suggest_samples",
    "superresolve",
    "teach",
    "threshold_change",
    "train",
]


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
        probabilities: a raster with one band a class, which :func:`refine` goes on from.
        min_area: square metres; smaller polygons become part of what surrounds them.
        simplify: tolerance in pixels within which the polygons' borders are simplified.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
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
    """Map each of many images on its own; the model is loaded once. See :class:`Options`.

    One that fails does not stop the others. For ``min_area`` and ``simplify`` see :func:`segment`.

    Raises:
        GeoFMError: if none could be mapped, or the run was cancelled; maps made by then stay.
    """
    own = {"INPUTS": inputs(images), "MODEL": model, "CONFIDENCE": confidence, "POLYGONS": polygons}
    own.update(PROBABILITIES=probabilities, MIN_AREA=min_area, SIMPLIFY=simplify)
    return run_many("segmentmany", own, options)


def regress(layers: Layers, model: str, **options: Any) -> Results:
    """Map the numbers that a ready-made network gives. Raises GeoFMError; see :class:`Options`.

    Args:
        model: catalogue id, or path of a card or of an ONNX file that says what it takes.
    """
    return run("regress", {"INPUT": inputs(layers), "MODEL": model}, {}, options)


def superresolve(layers: Layers, model: str, **options: Any) -> Results:
    """Draw an image with smaller pixels. Raises GeoFMError; see :class:`Options` and :func:`regress`."""
    return run("superresolve", {"INPUT": inputs(layers), "MODEL": model}, {}, options)


def embed(layers: Layers, model: str = "galileo-nano", **options: Any) -> Results:
    """Write the features of an encoder. Raises GeoFMError; see :class:`Options`."""
    return run("embed", {"INPUT": inputs(layers), "MODEL": model}, {}, options)


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
        probabilities: a raster with one band a class, which :func:`refine` goes on from.
        novelty: polygons of what is unlike anything labelled.
        refuse_below: percent; pixels whose class is less probable are called unknown.
        refuse_novel: whether pixels unlike anything labelled are called unknown too.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
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


def suggest_samples(
    layers: Layers, classifier: str | os.PathLike[str], count: int = 10, **options: Any
) -> Results:
    """Find the places whose label would teach a classifier most. Raises GeoFMError; see :class:`Options`."""
    own = {"INPUT": inputs(layers), "CLASSIFIER": os.fspath(classifier), "COUNT": count}
    return run("suggestsamples", own, {}, options)


def review_samples(classifier: str | os.PathLike[str], **options: Any) -> Results:
    """Find the labels of a classifier that look like mistakes. Raises GeoFMError; see :class:`Options`."""
    return run("reviewsamples", {"CLASSIFIER": os.fspath(classifier)}, {}, options)


def change(
    before: Layers,
    after: Layers,
    model: str = "spectral-texture",
    *,
    method: str = "distance",
    threshold: float | None = None,
    false_alarms: float | None = None,
    normalise: bool = True,
    align: str = "correct",
    clouds: str = "auto",
    samples: Layer | None = None,
    field: str = "",
    classifier: str | os.PathLike[str] | None = None,
    date_after: str = "",
    mask: Wanted = False,
    polygons: Wanted = False,
    table: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Map what is different between two dates; ``date`` is that of the earlier one.

    Args:
        model: for the methods ``distance`` and ``taught``; for ``classes`` one that segments.
        method: ``distance``, ``irmad``, ``difference``, ``taught`` or ``classes``.
        threshold: from which magnitude on a place counts as changed; None chooses it.
        false_alarms: percent of the unchanged ground that may be called change, in place of a threshold.
        normalise: bring the later date's values to those of the earlier one, band by band.
        align: where the dates lie beside one another, ``correct``, ``warn`` or ``off``.
        clouds: how cloud, shadow and snow are found and left out: ``auto``, ``bands``, ``model`` or ``off``.
        samples, field: for ``taught``, labelled changes and the attribute that says which.
        classifier: for ``classes``, the ``*.geofm`` file whose maps of both dates are compared, in place of
            the model's; for the other methods one that tells the classes before and after.
        min_area, simplify: of the polygons; see :func:`segment`.

    Raises:
        GeoFMError: see geofm.inference.errors.
    """
    own = {
        "BEFORE": inputs(before),
        "AFTER": inputs(after),
        "METHOD": method,
        "MODEL": model,
        "THRESHOLD": threshold,
        "FALSE_ALARMS": false_alarms,
        "NORMALISE": normalise,
        "ALIGN": align,
        "CLOUDS": clouds,
        "SAMPLES": None if samples is None else plain(samples),
        "FIELD": field,
        "CLASSIFIER": None if classifier is None else os.fspath(classifier),
        "DATE_AFTER": date_after,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run("change", own, {"MASK": mask, "POLYGONS": polygons, "TABLE": table}, options)


def breaks(
    layers: Layers,
    index: str = "",
    *,
    harmonics: int = 1,
    significance: float = 0.01,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Find when each place of a series changed most; ``layers`` are 8 or more dates, or a folder of them.

    Args:
        index: ``ndvi``, ``nbr``, ``ndmi``, ``ndwi``, ``mndwi``, ``ndre`` or a band's name; empty for NDVI,
            or the only band.
        harmonics: waves of a year's season, 1 to 3.
        significance: share of places without any break that noise alone may have break.
        min_area, simplify: of the polygons; see :func:`segment`.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
    """
    own = {
        "INPUT": inputs(layers),
        "INDEX": index,
        "HARMONICS": harmonics,
        "SIGNIFICANCE": significance,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run("breaks", own, {"POLYGONS": polygons}, options)


def threshold_change(
    magnitude: Layer,
    threshold: float | None = None,
    *,
    false_alarms: float | None = None,
    polygons: Wanted = False,
    table: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Make mask (``output``), polygons and table of a magnitude anew, as :func:`change` had made them.

    Args:
        magnitude: the ``output`` of :func:`change`.
        threshold: magnitudes from there on are change.
        false_alarms: percent of the unchanged ground that may be called change, in place of a threshold; of
            magnitudes by ``distance``, ``irmad`` and ``difference``.
        min_area, simplify: of the polygons; see :func:`segment`.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
    """
    own = {
        "INPUT": plain(magnitude),
        "THRESHOLD": threshold,
        "FALSE_ALARMS": false_alarms,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run("thresholdchange", own, {"POLYGONS": polygons, "TABLE": table}, options)


def similarity(
    layers: Layers, examples: Layer, model: str = "spectral-texture", **options: Any
) -> Results:
    """Map how much each place looks like the examples. Raises GeoFMError; see :class:`Options`."""
    own = {"INPUT": inputs(layers), "EXAMPLES": plain(examples), "MODEL": model}
    return run("similarity", own, {}, options)


def cluster(
    layers: Layers, model: str = "spectral-texture", *, classes: int = 8, **options: Any
) -> Results:
    """Divide an image into places that look alike. Raises GeoFMError; see :class:`Options`."""
    own = {"INPUT": inputs(layers), "MODEL": model, "CLASSES": classes}
    return run("cluster", own, {}, options)


def refine(
    map_layer: Layer,
    rules: Sequence[tuple[str, str, str]] = (),
    *,
    helpers: Mapping[str, Layer] | None = None,
    probabilities: Layer | None = None,
    prior: Layer | None = None,
    prior_field: str = "",
    prior_share: str = "",
    weight: float = 1.0,
    exclude: bool = False,
    changed: Wanted = True,
    table: Wanted = False,
    polygons: Wanted = False,
    min_area: float = 0.0,
    simplify: float = 0.0,
    **options: Any,
) -> Results:
    """Apply what is known of a place to a map of classes; ``changed`` says of every pixel what changed it.

        found = api.refine(
            "map.tif",
            [("water", '"dem@slope" > 8', ""), ("bare", '"dem" > 2500', "snow")],
            helpers={"dem": "dem.tif"},
            probabilities="probabilities.tif",
        )

    Args:
        rules: class, condition (an expression of QGIS) and what it becomes; an empty class is every class, an
            empty third part the next most probable class that is allowed.
        helpers: rasters by the names that conditions have for them.
        probabilities: a raster with one band a class, as :func:`classify` writes it.
        prior: such a raster of how probable classes are at a place, or polygons.
        prior_field: field of polygons that names a class; empty if they have a field for each class.
        prior_share: field with the probability of that class; empty for certain.
        weight: exponent of the prior.
        exclude: whether a prior of 0 means never.
        table: pixels and areas by what changed them (CSV).

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
    """
    named = dict(helpers or {})
    own = {
        "INPUT": plain(map_layer),
        "RULES": [cell for rule in rules for cell in rule],
        "HELPERS": [plain(layer) for layer in named.values()],
        "HELPER_NAMES": ",".join(named),
        "PROBABILITIES": None if probabilities is None else plain(probabilities),
        "PRIOR": None if prior is None else plain(prior),
        "PRIOR_FIELD": prior_field,
        "PRIOR_SHARE": prior_share,
        "WEIGHT": weight,
        "EXCLUDE": exclude,
        "MIN_AREA": min_area,
        "SIMPLIFY": simplify,
    }
    return run("refine", own, {"CHANGED": changed or True, "TABLE": table, "POLYGONS": polygons}, options)


def checkpoints(
    map_layer: Layer,
    count: int | None = None,
    *,
    standard_error: float | None = None,
    expected_accuracy: float = 0.8,
    allocation: str = "mixed",
    least: int = 50,
    blind: bool = True,
    seed: int = 0,
    **options: Any,
) -> Results:
    """Draw a stratified random sample of a map of classes, to be checked point by point.

    Args:
        count: how many points; None for 150, or as many as ``standard_error`` takes.
        standard_error: of the overall accuracy, such as 0.02, for which ``count`` must be None.
        expected_accuracy: of the map, which decides how many points that takes.
        allocation: ``mixed`` (by area, with ``least`` points for rare classes), ``proportional``, ``equal``.
        blind: leave out what the map shows.
        seed: the same one draws the same points.

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
    """
    own = {
        "MAP": plain(map_layer),
        "COUNT": count,
        "STANDARD_ERROR": standard_error,
        "EXPECTED_ACCURACY": expected_accuracy,
        "ALLOCATION": allocation,
        "LEAST": least,
        "BLIND": blind,
        "SEED": seed,
    }
    return run("checkpoints", own, {}, options)


def assess(
    map_layer: Layer,
    reference: Layer,
    field: str = "reference",
    *,
    sampling: str = "auto",
    report: Wanted = False,
    **options: Any,
) -> Results:
    """Say how right a map is and how much ground its classes cover; ``output`` is the path of the JSON.

    Args:
        reference: points or polygons whose class is known, a layer or a path.
        field: the attribute with the class, by name or value.
        sampling: ``auto`` (as the fields of check points say), ``random`` or ``unknown``.
        report: the same as a page (HTML).

    Raises:
        GeoFMError: see geofm.inference.errors, and :class:`Options`.
    """
    own = {"MAP": plain(map_layer), "REFERENCE": plain(reference), "FIELD": field, "SAMPLING": sampling}
    return run("assess", own, {"REPORT": report}, options)


def propose_edits(
    changes: Layer,
    layer: Layer,
    field: str = "",
    *,
    to_field: str = "",
    retired_field: str = "",
    min_overlap: float = WHOLE,
    min_area: float | None = None,
    background: Sequence[str] = BACKGROUND,
    **options: Any,
) -> QgsVectorLayer | str:
    """Turn changed places into proposed edits of a layer, which is only read.

    Args:
        changes: polygons of a change run, or any others that say what is there now.
        layer: the layer to update.
        field: its field with the class; without one features are only added, cut and retired.
        to_field: field of the changes with the new class; empty for ``to_class``.
        retired_field: field of the layer for the date of retirement; without one what is retired is
            deleted.
        min_overlap: percent from which a feature changed as a whole.
        min_area: square metres below which nothing is cut off or added; None for a quarter of the
            smallest changed place.
        background: classes that the layer has no features of.
        options: ``output``, ``load``, ``progress`` and ``cancelled``, as of :class:`Options`.

    Returns:
        The list of proposals, a layer or with ``load=False`` its path (see the algorithm's help).

    Raises:
        GeoFMError: see geofm.inference.errors.
    """
    own = {
        "FIELD": field or None,
        "TO_FIELD": to_field or None,
        "RETIRED_FIELD": retired_field or None,
        "MIN_OVERLAP": min_overlap,
        "MIN_AREA": min_area,
        "BACKGROUND": ", ".join(background),
    }
    return edit_calls.propose_edits(own, changes, layer, options)


def apply_edits(
    layer: QgsVectorLayer,
    proposals: Layer,
    *,
    only: str | Iterable[int] = "",
    provenance: bool = False,
) -> Applied:
    """Accept open proposals: each becomes one step of the layer's edit session, which can be undone.

    Nothing is saved: call ``layer.commitChanges()`` or ``layer.rollBack()``, and the list of proposals
    follows. Call it on the main thread.

    Args:
        layer: the layer to update; its edit session begins if it has not.
        proposals: what :func:`propose_edits` answered.
        only: an expression over their fields (``magnitude > 2 AND action = 'reclass'``) or their numbers;
            empty for all.
        provenance: whether the layer gets fields that say where an edit comes from, if it lacks them.

    Returns:
        How many were accepted, by action, and why others were skipped, by their number.

    Raises:
        GeoFMError: if the layer cannot be edited, or the list is none.
    """
    return edit_calls.apply_edits(layer, proposals, only, provenance)


def models(task: str = "") -> tuple[Card, ...]:
    """The models of the catalogue, all or those that serve a task (``classify`` has its own files).

    Args:
        task: ``embed``, ``segment``, ``regress``, ``superresolve``, ``trainclassifier``, ``change``,
            ``similarity``, ``cluster``.
    """
    return tuple(card for card in default_catalog().cards() if not task or task in card.tasks)
