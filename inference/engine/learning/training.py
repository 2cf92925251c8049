"""From the features of labelled pixels to a classifier that says how right it is; every door teaches here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ...cards import Card
from ...errors import UnsupportedInput
from ...jobs import KEEPS, ClassInfo
from ..base import F32, Context
from ..features.space import FeatureSpace
from ..heads import head_for
from .accuracy import CrossValidation, validated
from .calibration import Calibration, calibrated
from .classifier import Classifier
from .folds import I64, HeldOut, hold_out
from .known import known_of_all
from .layered_novelty import novelty_of
from .mistakes import Doubt, doubts
from .spatial_blocks import Blocking, spatial_blocks
from .training_set import TrainingSet


@dataclass(frozen=True)
class Lesson:
    """What a classifier is made of.

    Attributes:
        space: that the features of ``samples`` lie in.
        samples: labelled pixels.
        classes: those without a label are left out.
        card, digest: of the model whose features these are.
        method: of the head, one of :data:`~..jobs.METHODS`.
        seed: of everything random.
        keep: what the file keeps of the samples, one of :data:`~..jobs.KEEPS`.
        block: side in metres of the blocks that cross-validation leaves out; 0 as wide as the features
            are alike.
    """

    space: FeatureSpace
    samples: TrainingSet
    classes: tuple[ClassInfo, ...]
    card: Card
    digest: str
    method: str
    seed: int = 0
    keep: str = KEEPS[0]
    block: float = 0.0


@dataclass(frozen=True)
class Examined:
    """What labels say of one another, some of them left out in turn.

    Attributes:
        samples: those of the lesson that heads learn from.
        classes: that have samples, by value.
        features: (samples, dim).
        labels: (samples,) indices into ``classes``.
        held: what heads said of samples that were left out.
        validation: how right a map is.
        calibration: how sure it may be.
        blocks: (samples,) number of the block of ground that each is left out with.
    """

    samples: TrainingSet
    classes: tuple[ClassInfo, ...]
    features: F32
    labels: I64
    held: HeldOut
    validation: CrossValidation
    calibration: Calibration
    blocks: I64


@dataclass(frozen=True)
class Taught:
    """A classifier, not yet in a file, how right it is, and how right it is to be sure.

    Attributes:
        counts: labels and pixels of each of its classes.
        doubts: its labels that look wrong, in sentences.
        examined: what the labels say of one another.
    """

    classifier: Classifier
    validation: CrossValidation
    calibration: Calibration
    counts: tuple[tuple[int, int], ...]
    doubts: tuple[str, ...]
    examined: Examined


def examine(lesson: Lesson, context: Context) -> Examined:
    """Cross-validate by blocks of ground.

    The head learns from the features as the file keeps them, so that a set taught in several sittings
    gives the very head of one that was taught at once.

    Raises:
        UnsupportedInput: with fewer than two classes.
        Cancelled: as the context says.
    """
    samples = lesson.samples.capped(lesson.seed)
    values = samples.values
    present = sorted({int(value) for value in np.unique(values)})
    classes = joined_classes((), [info for info in lesson.classes if info.value in present])
    if len(classes) < 2:
        raise UnsupportedInput("The labels show fewer than two classes.", "Add labels of another class.")
    features, labels = samples.wide(), np.searchsorted(present, values).astype(np.int64)
    names = [info.name for info in classes]
    make = partial(head_for, lesson.method, lesson.seed, features, lesson.space.patterns)
    blocks = _blocks(lesson, samples, known_of_all(features))
    left_out = blocks.groups[samples.groups]
    held = hold_out(features, labels, left_out, make, context, seed=lesson.seed)
    validation = validated(held, labels, samples.groups, names, blocks.side)
    calibration = calibrated(held, labels, samples.groups)
    return Examined(samples, classes, features, labels, held, validation, calibration, left_out)


def teach(lesson: Lesson, context: Context) -> Taught:
    """Examine the labels, then fit on all of them.

    Raises:
        UnsupportedInput: with fewer than two classes.
        Cancelled: as the context says.
    """
    found = examine(lesson, context)
    samples, classes, validation = found.samples, found.classes, found.validation
    names = [info.name for info in classes]
    context.progress("fit", 0, 1, "")
    head = head_for(lesson.method, lesson.seed, found.features, lesson.space.patterns)
    head.fit(found.features, found.labels)
    counts = tuple(_count(lesson.samples, info.value) for info in classes)
    kept = _kept(samples, lesson.keep)
    novelty = novelty_of(
        found.features, found.labels, samples.groups, lesson.seed, lesson.space.patterns
    )
    facts = _facts(lesson, validation, dict(zip(names, counts, strict=True)), kept)
    facts.update(calibration=found.calibration.to_dict(), novelty=novelty.reason)
    classifier = Classifier.of(
        lesson.space, head, classes, lesson.card.id, lesson.digest, facts, samples=kept
    )
    classifier = replace(classifier, temperature=found.calibration.temperature, novelty=novelty)
    doubted = doubts(found.held, known_of_all(found.features), found.labels, samples.groups)
    told = _told(doubted, samples, names)
    return Taught(classifier, validation, found.calibration, counts, told, found)


def _blocks(lesson: Lesson, samples: TrainingSet, features: F32) -> Blocking:
    """Which labels are left out together: those near each other, as far as it is known where they are."""
    places = np.array([label.place or (np.nan, np.nan) for label in samples.labels], np.float64)
    members = np.bincount(samples.groups, minlength=len(places))
    means = np.zeros((len(places), features.shape[1]))
    np.add.at(means, samples.groups, features)
    values = np.array([label.value for label in samples.labels], np.int64)
    return spatial_blocks(places, values, means / members[:, None], lesson.block, lesson.seed)


def joined_classes(known: Sequence[ClassInfo], more: Sequence[ClassInfo]) -> tuple[ClassInfo, ...]:
    """Classes that there were, then new values, by value."""
    by_value = {info.value: info for info in (*more, *known)}
    return tuple(by_value[value] for value in sorted(by_value))


def _told(found: Sequence[Doubt], samples: TrainingSet, names: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each label that looks wrong, the likeliest mistakes first."""
    told = []
    for doubt in found:
        label = samples.labels[doubt.group]
        where = "at longitude {:.5f}, latitude {:.5f}".format(*label.place) if label.place else label.id
        told.append(f"Label {where}, {names[doubt.label]}: {doubt.why(names)}")
    return tuple(told)


def _count(samples: TrainingSet, value: int) -> tuple[int, int]:
    """Labels of a class, and the pixels that they cover."""
    of_class = [label for label in samples.labels if label.value == value]
    return len(of_class), sum(label.pixels for label in of_class)


def _kept(samples: TrainingSet, keep: str) -> TrainingSet | None:
    if keep == "nothing":
        return None
    return samples if keep == "places" else samples.anonymous()


def _facts(
    lesson: Lesson,
    validation: CrossValidation,
    counts: dict[str, tuple[int, int]],
    kept: TrainingSet | None,
) -> dict[str, Any]:
    """What card and answer say of the making; images, dates and names as far as the file keeps them."""
    known = kept.labels if kept is not None else ()
    dates = sorted({label.date for label in known if label.date})
    return {
        "model": lesson.card.id,
        "seed": lesson.seed,
        "samples": {name: {"places": places, "pixels": pixels} for name, (places, pixels) in counts.items()},
        "kept": {"what": lesson.keep, "pixels": 0 if kept is None else len(kept.groups)},
        "dates": [dates[0], dates[-1]] if dates else [],
        "sources": sorted({label.source for label in known if label.source}),
        "authors": sorted({label.author for label in known if label.author}),
        "validation": validation.to_dict(),
    }
