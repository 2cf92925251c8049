"""What helped: how much worse the labels are told apart when a layer is left out.

The same blocks of ground are left out as for the accuracy itself, so that both say the same of the same
places. How much of a difference is chance is told by drawing these blocks anew (Efron 1979, Bootstrap
methods: another look at the jackknife); blocks, because neighbouring pixels speak for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedInput
from ..base import F32, Context
from ..features.of_jobs import features_at
from ..features.space import FeatureSpace
from ..heads import head_for
from ..rasters import Stack
from ..run import Run
from .folds import F64, I64, hold_out
from .training import Examined, Lesson
from .training_set import TrainingSet

_DRAWS, _SURE = 1000, 0.95


@dataclass(frozen=True)
class Helped:
    """What leaving one layer out does.

    Attributes:
        layer: its name.
        with_f1, without_f1: mean F1 of the classes on the same pixels; None where it cannot be told.
        with_accuracy, without_accuracy: share of them that are right.
        low, high: of 95 % of draws of the blocks, by how much the mean F1 is higher with the layer.
        blocks: of ground that were left out and drawn.
        pixels: labelled pixels that both were checked by.
        sentence: for people.
    """

    layer: str
    with_f1: float | None
    without_f1: float | None
    with_accuracy: float | None
    without_accuracy: float | None
    low: float | None
    high: float | None
    blocks: int
    pixels: int
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        told = asdict(self)
        return {key: round(value, 6) if isinstance(value, float) else value for key, value in told.items()}


def used_layers(space: FeatureSpace, stack: Stack) -> dict[int, str]:
    """The layers of a stack that features are made of: names by number, told apart where two are the same."""
    names = [layer.name for layer in stack.layers]
    return {
        number: f"{names[number]} ({number + 1})" if names.count(names[number]) > 1 else names[number]
        for number in space.layers_of(stack)
    }


def features_without(run: Run, space: FeatureSpace, stack: Stack, rows: I64, cols: I64) -> dict[str, F32]:
    """By each layer's name, (pixels, dim) features that there are without it, NaN for what it takes away."""
    found = {}
    for number, name in used_layers(space, stack).items():
        features, known = features_at(run, space, stack.without(number), rows, cols)
        features[~known] = np.nan
        found[name] = features
    return found


def what_helped(
    found: Examined, lesson: Lesson, without: Mapping[str, TrainingSet], context: Context
) -> tuple[Helped, ...]:
    """Tell of each layer what it is good for.

    Args:
        found: with all layers.
        lesson: that it is of.
        without: by a layer's name, the lesson's samples with the features that there are without it.
        context: asked for cancellation, told of progress.
    """
    return tuple(_compared(name, found, lesson, samples, context) for name, samples in without.items())


def _compared(name: str, found: Examined, lesson: Lesson, samples: TrainingSet, context: Context) -> Helped:
    features = samples.capped(lesson.seed).wide()
    make = partial(head_for, lesson.method, lesson.seed, features)
    try:
        held = hold_out(features, found.labels, found.blocks, make, context, seed=lesson.seed)
    except UnsupportedInput as error:
        return _untold(name, str(error))
    judged = held.checked & found.held.checked & ~np.isnan(features).all(axis=1)
    blocks = len(np.unique(found.blocks[judged]))
    if blocks < 2:
        return _untold(name, "Too few labels can be checked without it.")
    labels = found.labels[judged]
    mapped = [one.probabilities[judged].argmax(axis=1) for one in (found.held, held)]
    counts = [_by_block(labels, one, found.blocks[judged], len(found.classes)) for one in mapped]
    whole, left = (float(_mean_f1(one.sum(axis=0)[None])[0]) for one in counts)
    low, high = _interval(counts[0], counts[1], lesson.seed)
    right = [float((one == labels).mean()) for one in mapped]
    told = _sentence(name, whole, left, low, high, blocks)
    return Helped(name, whole, left, right[0], right[1], low, high, blocks, int(judged.sum()), told)


def _untold(name: str, why: str) -> Helped:
    sentence = f"What {name} is good for cannot be told. {why}"
    return Helped(name, None, None, None, None, None, None, 0, 0, sentence)


def _by_block(labels: I64, mapped: NDArray[Any], blocks: I64, classes: int) -> F64:
    """(blocks, classes, classes) error matrices."""
    _, owner = np.unique(blocks, return_inverse=True)
    counts = np.zeros((int(owner.max()) + 1, classes, classes))
    np.add.at(counts, (owner, labels, mapped), 1)
    return counts


def _mean_f1(matrices: F64) -> F64:
    """(draws,) mean F1 over the classes that have a reference, of (draws, classes, classes)."""
    right = np.diagonal(matrices, axis1=1, axis2=2)
    both = matrices.sum(axis=1) + matrices.sum(axis=2)
    present = matrices.sum(axis=2) > 0
    f1 = np.where(present, 2 * right / np.maximum(both, 1), 0)
    found: F64 = f1.sum(axis=1) / np.maximum(present.sum(axis=1), 1)
    return found


def _interval(whole: F64, left: F64, seed: int) -> tuple[float, float]:
    """Within which the gain of mean F1 lies in most draws of the blocks, with replacement."""
    number = len(whole)
    drawn = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), _DRAWS)
    gains = _mean_f1(np.tensordot(drawn, whole, axes=1)) - _mean_f1(np.tensordot(drawn, left, axes=1))
    low, high = np.quantile(gains, ((1 - _SURE) / 2, (1 + _SURE) / 2))
    return float(low), float(high)


def _sentence(name: str, whole: float, left: float, low: float, high: float, blocks: int) -> str:
    change = f"mean F1 {left:.2f} instead of {whole:.2f}"
    spread = f"drawing the {blocks} blocks anew, the gain is {low:+.2f} to {high:+.2f}"
    if low > 0:
        return f"{name} helped: without it, {change}; {spread}."
    if high < 0:
        return f"{name} did harm: without it, {change}; {spread}."
    return f"Whether {name} helped is not clear: without it, {change}; {spread}."
