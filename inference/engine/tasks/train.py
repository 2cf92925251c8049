"""trainclassifier: from labelled places to a classifier file that says how accurate it is."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ...errors import UnsupportedInput, present
from ...jobs import Job, Task
from ..base import F32
from ..features.of_jobs import digest_of, features_at, learn_space, lost_samples, restored_space
from ..features.space import FeatureSpace
from ..learning.classifier import Classifier, load_classifier, save_classifier
from ..learning.folds import I64
from ..learning.helped import features_without, what_helped
from ..learning.training import Lesson, joined_classes, teach
from ..learning.training_set import TaughtLabel, TrainingSet
from ..rasters import Stack
from ..report import Report, write_report
from ..results.destinations import refused_by_disk
from ..run import Outcome, Run
from ..samples import Samples, read_samples
from .suggestsamples import samples_of

# An answer is one line on the wire.
_MOST_DOUBTS = 100


def train(run: Run) -> Outcome:
    job = run.job
    labels = present(job.samples)  # validate() saw to it
    before = _before(job)
    with run.stack(job.inputs) as stack:
        area = run.area(stack)
        samples = read_samples(labels, stack.grid, area.window, before.classes if before else ())
        if before is None:
            card, space = learn_space(run, Task.TRAIN, stack.limited(area))
            doubts = []
        else:
            card, space = restored_space(run, before)
            doubts = space.doubts("the classifier", stack)
        features, known = features_at(run, space, stack, samples.rows, samples.cols)
        warnings = [*stack.warnings, *samples.warnings, *doubts, *lost_samples(known)]
        date = stack.scene.date
        left_out = _without_layers(run, space, stack, samples, warnings) if job.what_helped else {}
    _check_classes(samples.labels[known], samples)
    told = [_completed(one, Path(job.inputs[0].path).name, date) for one in samples.told]
    taught_on = TrainingSet.of(features[known], samples.groups[known], told)
    without = {n: TrainingSet.of(f[known], samples.groups[known], told) for n, f in left_out.items()}
    if before is not None and before.samples is not None:
        taught_on = before.samples.joined(taught_on)
    classes = joined_classes(before.classes if before else (), samples.classes)
    made_as = job.method, job.seed, job.keep, job.block
    lesson = Lesson(space, taught_on, classes, card, digest_of(card), *made_as)
    return _write(run, lesson, int(known.sum()), warnings, without)


def _without_layers(
    run: Run, space: FeatureSpace, stack: Stack, samples: Samples, warnings: list[str]
) -> dict[str, F32]:
    """As :func:`~..learning.helped.features_without`; nothing, and a warning, if no layer can be left out."""
    if len(space.layers_of(stack)) < 2 or run.job.classifier:
        warnings.append(
            "What helped is told of several layers and the labels of one image; nothing can be left out here."
        )
        return {}
    return features_without(run, space, stack, samples.rows, samples.cols)


def _before(job: Job) -> Classifier | None:
    """The classifier that is taught on, None for a new one."""
    if not job.classifier:
        return None
    found = load_classifier(job.classifier)
    samples_of(found, job.classifier)
    return found


def _completed(label: TaughtLabel, source: str, date: datetime.date | None) -> TaughtLabel:
    """A label with the image and its date, where its own file does not say them."""
    day = date.isoformat() if date else ""
    return replace(label, source=label.source or source, date=label.date or day)


def _write(
    run: Run, lesson: Lesson, pixels: int, warnings: list[str], without: Mapping[str, TrainingSet]
) -> Outcome:
    """Teach and write: the classifier last, so that it stands for a finished run."""
    job, card = run.job, lesson.card
    taught = teach(lesson, run.context)
    classifier = taught.classifier
    helped = what_helped(taught.examined, lesson, without, run.context)
    if helped:
        facts = {**classifier.facts, "what_helped": [one.to_dict() for one in helped]}
        classifier = replace(classifier, facts=facts)
    if job.report:
        title = f"{card.title}, {job.method}"
        shown = {"model": card.id, "method": job.method, "seed": str(job.seed)}
        shown["confidence"] = taught.calibration.reason
        shown["out of domain"] = classifier.facts["novelty"]
        judged = taught.counts, taught.validation
        about = Report(title, classifier.classes, *judged, shown, warnings, taught.doubts, helped)
        with refused_by_disk(job.report):
            write_report(job.report, about)
    with refused_by_disk(job.output):
        save_classifier(job.output, classifier)
    facts = {**classifier.facts, "doubtful": list(taught.doubts[:_MOST_DOUBTS])}
    if taught.doubts:
        warnings.append(f"{len(taught.doubts)} labels look like another class; report and answer say which.")
    return Outcome(card.id, pixels, classifier.classes, warnings, facts)


def _check_classes(labels: I64, samples: Samples) -> None:
    """Every class must have kept a pixel with data, or the head would know fewer than it says."""
    gone = [info.name for i, info in enumerate(samples.classes) if not (labels == i).any()]
    if gone:
        raise UnsupportedInput(
            f"All samples of {', '.join(gone)} lie where the raster has no data.",
            "Draw some of them on valid pixels, or leave the class out.",
        )
