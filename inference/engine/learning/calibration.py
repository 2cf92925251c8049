"""How sure a map may call itself: temperature scaling of a head's probabilities.

One number, fitted on places that were left out, makes all probabilities blunter or sharper and
changes no winner: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks"
(ICML 2017). A mean of several heads is usually too modest, one head alone too sure.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ..base import F32
from .folds import F64, I64, HeldOut, shares

_BINS = 15
# On seven scenes a temperature from 5 labels a class helped one and hurt another; from 20 on it was
# harmless everywhere. It is one number for all classes, so what counts is their mean...
_ENOUGH = 20
# ... but nothing is known of a class that is hardly there.
_LEAST = 5
# Standard errors by which labels left out must be likelier. With 2, no map was calibrated that needed it;
# with 0, maps that were right were moved.
_CLEAR = 1.0
_COLDEST, _HOTTEST = 0.2, 5.0
# Heads of votes say 0 where they mean "seldom".
_FLOOR = 1e-6


@dataclass(frozen=True)
class Calibration:
    """A temperature and what it does.

    Attributes:
        temperature: 1 leaves probabilities alone, less sharpens, more blunts.
        before, after: expected calibration error on places left out, each place counting once;
            None where no class has two places. ``after`` is measured with temperatures that never
            saw the places; it equals ``before`` where the probabilities were left alone.
        labels: places they rest on.
        reason: a sentence for people.
    """

    temperature: float
    before: float | None
    after: float | None
    labels: int
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        told = asdict(self)
        for name in ("temperature", "before", "after"):
            told[name] = None if told[name] is None else round(told[name], 6)
        return told


def expected_calibration_error(
    probabilities: F32, labels: I64, bins: int = _BINS, weights: F64 | None = None
) -> float:
    """How far, on average, the winner's probability is from the share of winners that are right.

    Samples are put into ``bins`` equally wide bins of their highest probability (Naeini, Cooper and
    Hauskrecht 2015). With few samples a bin the number comes out too high.

    Args:
        probabilities: (samples, classes).
        labels: (samples,) class indices.
        bins: how many.
        weights: (samples,) how much each counts; None for all alike.

    Returns:
        0 to 1; NaN without samples.
    """
    if not len(labels):
        return float("nan")
    sure = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    weights = np.ones(len(labels)) if weights is None else weights
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(place, weights * (right - sure), bins)
    return float(np.abs(gaps).sum() / weights.sum())


def apply(probabilities: NDArray[Any], temperature: float, axis: int = -1) -> NDArray[Any]:
    """Probabilities at a temperature, in their type; the classes lie along ``axis``.

    The same as dividing the logarithms by it before a softmax. A temperature of 1 changes no bit.
    """
    if temperature == 1.0:
        return probabilities
    powers = probabilities ** probabilities.dtype.type(1.0 / temperature)
    powers /= powers.sum(axis=axis, keepdims=True)
    return powers


def calibrated(held: HeldOut, labels: I64, groups: I64) -> Calibration:
    """A temperature from what heads said of places that they never saw.

    Left at 1 where there are too few places, or where temperatures fitted on some of the rounds do
    not clearly lower the negative log-likelihood of the others: heads of all samples are a little surer
    than those of the rounds, so that a small gain there is a loss in the map.

    Args:
        held: of these samples.
        labels: (samples,) class indices.
        groups: (samples,) number of the place that each sample comes from.
    """
    out = held.checked
    places = len(np.unique(groups[out]))
    if not held.rounds:
        return Calibration(1.0, None, None, 0, "Not calibrated: no class has two separate labels.")
    probabilities, labels, groups, fold = held.probabilities[out], labels[out], groups[out], held.fold[out]
    weights = shares(groups)
    before = expected_calibration_error(probabilities, labels, weights=weights)
    error = f"Calibration error {before:.3f} on {places} labels left out"
    lacking = _lacking(labels, groups)
    if lacking:
        return Calibration(1.0, before, before, places, f"{lacking} {error}.")
    crossed = _crossed(probabilities, labels, weights, fold)
    if not _is_likelier(crossed, probabilities, labels, groups):
        reason = "Not calibrated: a temperature does not describe labels left out clearly better."
        return Calibration(1.0, before, before, places, f"{reason} {error}.")
    temperature = _fitted(probabilities, labels, weights)
    after = expected_calibration_error(crossed, labels, weights=weights)
    change = "less sure" if temperature > 1 else "surer"
    reason = (
        f"Calibrated: a temperature of {temperature:.2f} makes probabilities {change}. "
        f"{error}, {after:.3f} with it."
    )
    return Calibration(temperature, before, after, places, reason)


def _lacking(labels: I64, groups: I64) -> str:
    """Why there are too few places, empty where there are enough."""
    counts = [len(np.unique(groups[labels == label])) for label in np.unique(labels)]
    mean = sum(counts) / len(counts)
    if mean < _ENOUGH:
        return f"Not calibrated: {mean:.0f} labels a class that can be left out; from {_ENOUGH} on it helps."
    if min(counts) < _LEAST:
        return f"Not calibrated: a class has only {min(counts)} labels; it takes {_LEAST} of each."
    return ""


def _crossed(probabilities: F32, labels: I64, weights: F64, fold: I64) -> F32:
    """Probabilities at temperatures that the other rounds gave."""
    moved = probabilities.copy()
    for index in np.unique(fold):
        out = fold == index
        temperature = _fitted(probabilities[~out], labels[~out], weights[~out])
        moved[out] = apply(probabilities[out], temperature)
    return moved


def _is_likelier(moved: F32, probabilities: F32, labels: I64, groups: I64) -> bool:
    """Whether labels are likelier by more than a standard error, a place counting once."""
    rows = np.arange(len(labels))
    told = [np.log(np.maximum(p[rows, labels].astype(np.float64), _FLOOR)) for p in (moved, probabilities)]
    _, place = np.unique(groups, return_inverse=True)
    gains = np.bincount(place, told[0] - told[1]) / np.bincount(place)
    return bool(gains.mean() > _CLEAR * gains.std(ddof=1) / len(gains) ** 0.5)


def _fitted(probabilities: F32, labels: I64, weights: F64) -> float:
    """The temperature at which the labels are likeliest."""
    # A temperature leaves 0 at 0, and one label in a class that votes rule out would decide alone.
    wide = np.maximum(probabilities.astype(np.float64), _FLOOR)

    def surprise(logarithm: float) -> float:
        return _surprise(apply(wide, float(np.exp(logarithm))), labels, weights)

    bounds = np.log(_COLDEST), np.log(_HOTTEST)
    return float(np.exp(minimize_scalar(surprise, bounds=bounds, method="bounded").x))


def _surprise(probabilities: NDArray[Any], labels: I64, weights: F64) -> float:
    """Mean negative log-likelihood."""
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float((weights * -np.log(np.maximum(true, _FLOOR))).sum() / weights.sum())

