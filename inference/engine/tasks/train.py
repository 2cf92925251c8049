"""trainclassifier: from labelled places to a classifier file that says how accurate it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...cards import Card
from ...errors import UnsupportedInput
from ...jobs import Task
from ..accuracy import I64, CrossValidation, cross_validate
from ..base import F32
from ..classifier import Classifier, save_classifier
from ..features import FeatureSpace
from ..heads import make_head
from ..outputs import refused_by_disk
from ..report import Report, write_report
from ..run import Outcome, Run
from ..samples import Samples, read_samples
from .spaces import digest_of, features_at, learn_space, lost_samples


def train(run: Run) -> Outcome:
    job = run.job
    assert job.samples is not None  # validate() saw to it
    with run.stack(job.inputs) as stack:
        area = run.area(stack)
        samples = read_samples(job.samples, stack.grid, area.window)
        card, space = learn_space(run, Task.TRAIN, stack.limited(area))
        features, known = features_at(run, space, stack, samples.rows, samples.cols)
        warnings = [*stack.warnings, *samples.warnings, *lost_samples(known)]
    features, labels, groups = features[known], samples.labels[known], samples.groups[known]
    _check_classes(labels, samples)
    return _teach(run, card, space, samples, (features, labels, groups), warnings)


def _teach(
    run: Run,
    card: Card,
    space: FeatureSpace,
    samples: Samples,
    known: tuple[F32, I64, I64],
    warnings: list[str],
) -> Outcome:
    """Fit, validate and write: the classifier last, so that it stands for a finished run."""
    job = run.job
    features, labels, groups = known
    names = [info.name for info in samples.classes]
    validation = cross_validate(
        features, labels, groups, names, lambda: make_head(job.method, job.seed), run.context, seed=job.seed
    )
    run.context.progress("fit", 0, 1, "")
    head = make_head(job.method, job.seed)
    head.fit(features, labels)
    counts = _counts(labels, groups, len(names))
    facts = _facts(card, validation, counts, names)
    if job.report:
        title = f"{card.title}, {job.method}"
        shown = {"model": card.id, "method": job.method, "seed": str(job.seed)}
        with refused_by_disk(job.report):
            write_report(job.report, Report(title, samples.classes, counts, validation, shown, warnings))
    classifier = Classifier.of(space, head, samples.classes, card.id, digest_of(card), facts)
    with refused_by_disk(job.output):
        save_classifier(job.output, classifier)
    return Outcome(card.id, len(labels), samples.classes, warnings, facts)


def _check_classes(labels: I64, samples: Samples) -> None:
    """Every class must have kept a pixel with data, or the head would know fewer than it says."""
    gone = [info.name for i, info in enumerate(samples.classes) if not (labels == i).any()]
    if gone:
        raise UnsupportedInput(
            f"All samples of {', '.join(gone)} lie where the raster has no data.",
            "Draw some of them on valid pixels, or leave the class out.",
        )


def _counts(labels: I64, groups: I64, classes: int) -> tuple[tuple[int, int], ...]:
    """Places and pixels of each class."""
    return tuple(
        (len(np.unique(groups[labels == index])), int((labels == index).sum())) for index in range(classes)
    )


def _facts(
    card: Card, validation: CrossValidation, counts: tuple[tuple[int, int], ...], names: list[str]
) -> dict[str, Any]:
    samples = {name: {"places": p, "pixels": n} for name, (p, n) in zip(names, counts, strict=True)}
    return {"model": card.id, "samples": samples, "validation": validation.to_dict()}
