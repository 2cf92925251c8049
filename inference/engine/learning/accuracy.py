"""How right a map is: the error matrix, what follows from it, and cross-validation by polygon.

Terms after Congalton and Green, "Assessing the Accuracy of Remotely Sensed Data" (2019).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import F32, Context, Head
from .folds import F64, FOLDS, I64, HeldOut, hold_out

# Below this many polygons the accuracy of a class hangs on one or two of them.
_FEW_PLACES = 5


@dataclass(frozen=True)
class Accuracy:
    """An error matrix and what follows from it.

    Attributes:
        matrix: (classes, classes) counts; rows are the reference, columns the map.
        classes: their names.
    """

    matrix: I64
    classes: tuple[str, ...]

    @property
    def total(self) -> int:
        return int(self.matrix.sum())

    @property
    def overall(self) -> float:
        """Share of samples that the map has right."""
        return float(np.trace(self.matrix) / self.total) if self.total else float("nan")

    @property
    def producers(self) -> F64:
        """Share of each class's reference that the map shows; NaN for a class without reference."""
        return _share(np.diag(self.matrix), self.matrix.sum(axis=1))

    @property
    def users(self) -> F64:
        """Share of each mapped class that is right; NaN for a class that was never mapped."""
        return _share(np.diag(self.matrix), self.matrix.sum(axis=0))

    @property
    def f1(self) -> F64:
        """Harmonic mean of producer's and user's accuracy; 0 for a class that was never right."""
        return _share(2 * np.diag(self.matrix), self.matrix.sum(axis=0) + self.matrix.sum(axis=1))

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the classes that have a reference: every class counts the same."""
        present = self.matrix.sum(axis=1) > 0
        return float(self.f1[present].mean()) if present.any() else float("nan")

    @property
    def kappa(self) -> float:
        """Cohen's kappa. Given because readers ask for it; it says little that the rest does not."""
        if not self.total:
            return float("nan")
        chance = float(self.matrix.sum(axis=0) @ self.matrix.sum(axis=1)) / self.total**2
        return (self.overall - chance) / (1 - chance) if chance < 1 else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """JSON types; what is not defined is None."""
        return {
            "samples": self.total,
            "overall": _number(self.overall),
            "macro_f1": _number(self.macro_f1),
            "kappa": _number(self.kappa),
            "classes": list(self.classes),
            "producers": [_number(value) for value in self.producers],
            "users": [_number(value) for value in self.users],
            "f1": [_number(value) for value in self.f1],
            "matrix": self.matrix.tolist(),
        }


def assess(reference: I64, mapped: I64, classes: Sequence[str]) -> Accuracy:
    """Accuracy of mapped class indices against reference ones, both (samples,)."""
    count = len(classes)
    matrix = np.zeros((count, count), np.int64)
    np.add.at(matrix, (reference, mapped), 1)
    return Accuracy(matrix, tuple(classes))


@dataclass(frozen=True)
class CrossValidation:
    """What leaving places out says of a classifier.

    Attributes:
        accuracy: over all samples that were left out once, None if that was not possible.
        folds: rounds.
        notes: sentences on how far the numbers carry.
        block: side in metres of the blocks of ground that were left out; 0 where it was single places.
    """

    accuracy: Accuracy | None
    folds: int
    notes: tuple[str, ...]
    block: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        accuracy = self.accuracy.to_dict() if self.accuracy else None
        told = {"accuracy": accuracy, "folds": self.folds, "notes": list(self.notes)}
        return {**told, "block_m": round(self.block, 1)} if self.block else told


def cross_validate(
    features: F32,
    labels: I64,
    groups: I64,
    classes: Sequence[str],
    make: Callable[[], Head],
    context: Context,
    folds: int = FOLDS,
    seed: int = 0,
) -> CrossValidation:
    """Leave whole polygons (or points) out in turn, learn from the rest, and check.

    Pixels of one polygon are near copies: with some of them on either side of a random split,
    almost anything scores well. Classes with one polygon are always learned from, never checked.

    Args:
        features: (samples, dim).
        labels: (samples,) class indices.
        groups: (samples,) number of the polygon or point each sample comes from.
        classes: names.
        make: makes an unfitted head.
        context: asked for cancellation, told of progress.
        folds: rounds; fewer where no class has as many polygons.
        seed: of the draw.
    """
    held = hold_out(features, labels, groups, make, context, folds, seed)
    return validated(held, labels, groups, classes)


def validated(
    held: HeldOut, labels: I64, groups: I64, classes: Sequence[str], block: float = 0.0
) -> CrossValidation:
    """What places that were left out say; the arguments are those of :func:`cross_validate`.

    Args:
        block: side in metres of the blocks of ground that were left out whole, 0 for single places.
    """
    places = {c: np.unique(groups[labels == c]) for c in np.unique(labels).tolist()}
    notes = _notes(places, groups, classes, block)
    if not held.rounds:
        return CrossValidation(None, 0, notes)
    out = held.checked
    whole = [classes[c] for c, own in places.items() if len(own) > 1 and not out[labels == c].any()]
    if whole:
        notes = (*notes, f"Not checked, because all of it lies in one block: {', '.join(whole)}.")
    found = assess(labels[out], held.probabilities[out].argmax(axis=1), classes)
    return CrossValidation(found, held.rounds, notes, block)


def distance(metres: float) -> str:
    """A length as people read it."""
    return f"{metres / 1000:.3g} km" if metres >= 1000 else f"{metres:.3g} m"


def _notes(places: dict[int, I64], groups: I64, classes: Sequence[str], block: float) -> tuple[str, ...]:
    alone = [classes[c] for c, members in places.items() if len(members) == 1]
    few = [classes[c] for c, members in places.items() if 1 < len(members) < _FEW_PLACES]
    notes = []
    if len(alone) < len(places) and block:
        notes.append(
            f"Blocks of ground {distance(block)} wide were left out whole in turn and predicted from the "
            "others: places near each other were never on both sides. There is no independent reference."
        )
    elif len(alone) < len(places):
        notes.append(
            "Whole polygons or points were left out in turn and predicted from the others; "
            "pixels of one polygon were never on both sides."
        )
    if alone:
        notes.append(
            f"Not checked, because there is only one polygon or point of it: {', '.join(alone)}. "
            "Draw a second one elsewhere."
        )
    if few:
        notes.append(f"Rough, because there are fewer than {_FEW_PLACES} places of it: {', '.join(few)}.")
    if len(np.unique(groups)) > 0.9 * len(groups) and not block:
        notes.append("The samples are points: where they lie close together, the figures are too good.")
    notes.append(
        "The figures describe places like the samples, not the map as a whole; "
        "for that, draw check points at random over the map and assess it with them."
    )
    return tuple(notes)


def _share(part: NDArray[Any], whole: NDArray[Any]) -> F64:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
