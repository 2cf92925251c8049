"""Leaving whole places out: what heads say of labelled places that they never saw.

Pixels of one polygon are near copies: with some of them on either side of a random split, almost
anything scores well. Accuracy, calibration and the search for mistakes all stand on this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..base import F32, Context, Head, Mask

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

FOLDS = 5


@dataclass(frozen=True)
class HeldOut:
    """Probabilities of labelled samples, by heads that saw nothing of their places.

    Attributes:
        probabilities: (samples, classes); 0 where a sample was never left out.
        fold: (samples,) round in which each was left out; -1 for never, which befalls the
            samples of a class with one place only: they are always learned from.
        rounds: how many; 0 where no class has two places.
    """

    probabilities: F32
    fold: I64
    rounds: int

    @property
    def checked(self) -> Mask:
        """(samples,) those that were left out once."""
        return self.fold >= 0


def hold_out(
    features: F32,
    labels: I64,
    groups: I64,
    make: Callable[[], Head],
    context: Context,
    folds: int = FOLDS,
    seed: int = 0,
) -> HeldOut:
    """Leave whole polygons (or points) out in turn, learn from the rest, and predict them.

    Args:
        features: (samples, dim).
        labels: (samples,) class indices.
        groups: (samples,) number of the polygon or point each sample comes from.
        make: makes an unfitted head.
        context: asked for cancellation, told of progress.
        folds: rounds; fewer where no class has as many places.
        seed: of the draw.
    """
    places = {c: np.unique(groups[labels == c]) for c in np.unique(labels).tolist()}
    rounds = min(folds, max((len(members) for members in places.values()), default=0))
    probabilities = np.zeros((len(labels), int(labels.max(initial=-1)) + 1), np.float32)
    if rounds < 2 or len(places) < 2:
        return HeldOut(probabilities, np.full(len(labels), -1), 0)
    fold = _deal(places, groups, rounds, seed)
    for index in range(rounds):
        context.check()
        context.progress("validate", index, rounds, "")
        out = fold == index
        head = make()
        head.fit(features[~out], labels[~out])
        found = head.predict(features[out])
        probabilities[out, : found.shape[1]] = found
    return HeldOut(probabilities, fold, rounds)


def shares(groups: I64) -> F64:
    """(samples,) weights by which every place counts as one, however many pixels it has."""
    _, owner, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return 1.0 / counts[owner]


def _deal(places: dict[int, I64], groups: I64, rounds: int, seed: int) -> I64:
    """The round in which each sample is left out; -1 for those that are always learned from.

    A place may hold samples of several classes. None of them is ever without a place to learn from.
    """
    random = np.random.default_rng(seed)
    fold_of = np.full(int(groups.max()) + 1, -1)
    alone = {int(members[0]) for members in places.values() if len(members) == 1}
    start = 0
    for members in places.values():
        if len(members) > 1:
            order = random.permutation(members)
            fresh = [place for place in order.tolist() if fold_of[place] < 0 and place not in alone]
            dealt = (start + np.arange(len(members))) % rounds
            if len(fresh) < len(members):
                dealt = _spread(fold_of[members], len(fresh), rounds)
            fold_of[fresh] = dealt[: len(fresh)]
            # Small classes must not all meet in the first rounds.
            start += len(members)
    for members in places.values():
        if len(members) > 1 and len(np.unique(fold_of[members])) == 1:
            fold_of[members[0]] = -1
    return fold_of[groups]


def _spread(taken: I64, count: int, rounds: int) -> I64:
    """Rounds for ``count`` more places of a class, the least used first."""
    used = np.bincount(taken[taken >= 0], minlength=rounds)
    dealt = np.zeros(count, np.int64)
    for at in range(count):
        dealt[at] = int(used.argmin())
        used[dealt[at]] += 1
    return dealt
