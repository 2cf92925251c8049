"""suggestsamples: where on a raster labels would teach a classifier most."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...errors import UnsupportedInput
from ..features.of_jobs import restored_space, spread_places
from ..learning.classifier import Classifier, load_classifier
from ..learning.known import comparable
from ..learning.suggest import margins, suggest, why
from ..learning.training_set import TrainingSet
from ..results.destinations import check_place
from ..results.point_layer import write_point_layer
from ..run import Outcome, Run, provenance

# Pixels among which places are sought: some thousands show what a scene holds.
_CANDIDATES = 4000


def suggestsamples(run: Run) -> Outcome:
    job = run.job
    check_place(Path(job.output), (".gpkg",))
    classifier = load_classifier(job.classifier)
    samples = samples_of(classifier, job.classifier)
    _, space = restored_space(run, classifier)
    with run.stack(job.inputs) as stack:
        features, places = spread_places(run, space, stack.limited(run.area(stack)))
        grid, warnings = stack.grid, [*stack.warnings, *space.doubts("the classifier", stack)]
    drawn = np.random.default_rng(job.seed).permutation(len(features))[:_CANDIDATES]
    features, places = features[drawn], places[drawn]
    probabilities = np.ascontiguousarray(classifier.scores(features.T[:, None])[:, 0].T)
    seen, labelled = comparable(features, samples.wide())
    chosen = suggest(seen, probabilities, labelled, places.astype(np.float64), job.count)
    if not len(chosen):
        raise UnsupportedInput(
            "There is no place that the classifier is unsure of.", "It needs labels of two classes at least."
        )
    names = [info.name for info in classifier.classes]
    found = probabilities[chosen]
    reasons = [why(one.tolist(), names) for one in found]
    columns = {
        "rank": np.arange(1, len(chosen) + 1, dtype=np.int32),
        "likely": np.array([names[index] for index in found.argmax(axis=1)], object),
        "confidence": np.round(found.max(axis=1).astype(np.float64), 4),
        "margin": np.round(margins(found).astype(np.float64), 4),
        "reason": np.array(reasons, object),
    }
    points = np.array([grid.to_map(col + 0.5, row + 0.5) for row, col in places[chosen].tolist()])
    tags = provenance(job, classifier.model, classifier.digest)
    write_point_layer(Path(job.output), points, grid.crs, columns, tags)
    return Outcome(classifier.model, len(features), classifier.classes, warnings, {"places": len(chosen)})


def samples_of(classifier: Classifier, path: str) -> TrainingSet:
    """What a classifier was taught with.

    Raises:
        UnsupportedInput: if its file does not keep that.
    """
    if classifier.samples is None:
        raise UnsupportedInput(
            f"The classifier {Path(path).name} does not hold what it was taught with.",
            "Teach a new one from all the samples, and let it keep them.",
        )
    return classifier.samples
