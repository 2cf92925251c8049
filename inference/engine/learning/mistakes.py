"""Labels that look like mistakes, and how many there are of each class.

A label is doubted where two witnesses say another class: a head that was taught without it, as in
confident learning (Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in
dataset labels", JAIR 2021), and the labels nearest to it in the feature space. One alone finds as
many mistakes and doubts far more labels that are right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..base import F32, Context, Head
from ..heads.linear import squared_distances
from .folds import F64, I64, HeldOut, hold_out

NEAREST = 7
# Places at once: their distances to 20,000 others take 80 MB.
_CHUNK = 512


@dataclass(frozen=True)
class Doubt:
    """A label that looks like another class.

    Attributes:
        group: number of the place.
        label: class index that it has.
        likely: class index that it looks like.
        agreement: 0.5 to 1; of what speaks for either class, how much speaks for the likely one.
        nearest: how many of the labels nearest to it are of the likely class...
        asked: ... of so many.
    """

    group: int
    label: int
    likely: int
    agreement: float
    nearest: int
    asked: int

    def why(self, names: Sequence[str]) -> str:
        """A sentence for people; ``names`` are those of the classes."""
        return (
            f"Looks like {names[self.likely]}: so do {self.nearest} of the {self.asked} most similar "
            "labels, and a classifier taught without it."
        )


def doubtful(
    features: F32, labels: I64, groups: I64, make: Callable[[], Head], context: Context, seed: int = 0
) -> list[Doubt]:
    """Labels that look like mistakes, the likeliest first; arguments as for :func:`.folds.hold_out`."""
    return doubts(hold_out(features, labels, groups, make, context, seed=seed), features, labels, groups)


def doubts(held: HeldOut, features: F32, labels: I64, groups: I64) -> list[Doubt]:
    """Labels that look like mistakes, the likeliest first.

    The only label of a class is never doubted: nothing else says what the class looks like.

    Args:
        held: of these samples.
        features: (samples, dim).
        labels: (samples,) class indices, one for all samples of a place.
        groups: (samples,) number of the place that each sample comes from.
    """
    out = held.checked
    if not out.any():
        return []
    places, owner, counts = np.unique(groups, return_inverse=True, return_counts=True)
    known = np.zeros(len(places), np.int64)
    known[owner] = labels
    told = _means(held.probabilities, owner, counts)
    votes, nearest = _votes(_means(features, owner, counts), known, told.shape[1])
    both = (told + votes) / 2
    likely = both.argmax(axis=1)
    asked = np.zeros(len(places), bool)
    asked[owner[out]] = True
    every = np.arange(len(places))
    doubted = asked & (told.argmax(axis=1) != known) & (votes.argmax(axis=1) != known) & (likely != known)
    agreement = both[every, likely] / (both[every, likely] + both[every, known])
    found = [
        Doubt(
            int(places[at]),
            int(known[at]),
            int(likely[at]),
            round(float(agreement[at]), 4),
            int((nearest[at] == likely[at]).sum()),
            nearest.shape[1],
        )
        for at in np.flatnonzero(doubted)
    ]
    return sorted(found, key=lambda doubt: (-doubt.agreement, doubt.group))


def balance(labels: I64, groups: I64, classes: int) -> list[tuple[int, int, float]]:
    """Of each class its labels, their pixels, and its share of all labels (0 where there is none)."""
    places = [len(np.unique(groups[labels == index])) for index in range(classes)]
    total = max(sum(places), 1)
    pixels = np.bincount(labels, minlength=classes)
    return [(count, int(pixels[index]), count / total) for index, count in enumerate(places)]


def _means(values: F32, owner: I64, counts: I64) -> F64:
    """(places, ...) mean of the (samples, ...) values of each place."""
    total = np.zeros((len(counts), values.shape[1]))
    np.add.at(total, owner, values)
    return total / counts[:, None]


def _votes(features: F64, labels: I64, classes: int) -> tuple[F64, I64]:
    """Shares of the classes (places, classes) among each place's nearest others, and those others' classes.

    A vote weighs less the more labels its class has: how many were drawn is no prior.
    """
    number = len(labels)
    most = min(NEAREST, number - 1)
    nearest = np.zeros((number, most), np.int64)
    for start in range(0, number, _CHUNK):
        apart = squared_distances(features[start : start + _CHUNK], features)
        rows = np.arange(len(apart))
        apart[rows, rows + start] = np.inf
        nearest[start : start + _CHUNK] = labels[np.argpartition(apart, most - 1, axis=1)[:, :most]]
    weights = 1.0 / np.maximum(np.bincount(labels, minlength=classes), 1)
    votes = np.zeros((number, classes))
    for column in nearest.T:
        votes[np.arange(number), column] += weights[column]
    return votes / votes.sum(axis=1, keepdims=True), nearest
