"""Which places would teach most: those that the head is unsure of, unlike each other and what is labelled.

How unsure is the gap between the two likeliest classes, the margin, whose choice measured best of its kind
(Brinker, "Incorporating diversity in active learning with support vector machines", ICML 2003, adds
the second half: a batch of the least sure alone asks the same thing five times over). A place counts
less the more it is like one that is labelled or was just chosen; far away all count alike: taking what
is furthest from all labels (a core-set, k-means++) measured worse, for that is noise as often as news.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import F32
from ..heads.linear import squared_distances
from .folds import F64, I64

# Labelled pixels that are compared with: a polygon's are alike.
_MOST_LABELLED = 500
# Of the candidates' usual squared distance to each other, the part within which two are the same question.
_ALIKE = 0.02
# What is labelled already need not be the same to teach more: the head is unsure there for a reason.
_KNOWN = 0.005
# The same on the ground: of the side of the square that all candidates would fill evenly.
_CROWDED = 0.15


def margins(probabilities: F32) -> F32:
    """(samples,) the likeliest class's probability less the next one's, of (samples, classes)."""
    if probabilities.shape[1] < 2:
        return np.ones(len(probabilities), np.float32)
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return two[:, 1] - two[:, 0]


def suggest(features: F32, probabilities: F32, labelled: F32, places: F64, count: int) -> I64:
    """Candidates whose label would help most, the best first.

    Args:
        features: (candidates, dim) of a sample of the scene; some thousands do.
        probabilities: (candidates, classes) of them.
        labelled: (pixels, dim) features of what is labelled.
        places: (candidates, 2) where they lie, in any unit.
        count: how many to choose.

    Returns:
        indices of candidates, at most ``count``.
    """
    worth = 1.0 - margins(probabilities).astype(np.float64)
    usual = _usual(features)
    step = max(1, -(-len(labelled) // _MOST_LABELLED))
    for start in range(0, len(labelled), 64 * step):
        apart = squared_distances(features, labelled[start : start + 64 * step : step])
        worth *= _unlike(apart.min(axis=1), _KNOWN * usual)
    chosen: list[int] = []
    while len(chosen) < min(count, len(features)):
        best = int(worth.argmax())
        if worth[best] <= 0:
            break
        chosen.append(best)
        apart = squared_distances(features, features[best : best + 1])[:, 0]
        worth *= _unlike(apart, _ALIKE * usual)
        worth *= _unlike(((places - places[best]) ** 2).sum(axis=1), _crowded(places, count))
        worth[best] = 0.0
    return np.array(chosen, np.int64)


def why(probabilities: Sequence[float], names: Sequence[str]) -> str:
    """A sentence on a suggestion: between which classes the head wavers.

    Args:
        probabilities: (classes,) of the place.
        names: of the classes.
    """
    second, first = np.argsort(probabilities)[-2:].tolist()
    return (
        f"Unsure between {names[first]} ({probabilities[first]:.0%}) "
        f"and {names[second]} ({probabilities[second]:.0%})."
    )


def _unlike(squared: F64, near: float) -> F64:
    """From 0 for the same to 1 for anything clearly further away than ``near`` (squared)."""
    return -np.expm1(-squared / near)


def _usual(features: F32) -> float:
    """The median squared distance between candidates."""
    few = features[:: max(1, len(features) // 500)]
    apart = squared_distances(few, few)
    apart = apart[apart > 0]
    return float(np.median(apart)) if apart.size else 1.0


def _crowded(places: F64, count: int) -> float:
    """The squared distance within which two places are one on the map."""
    sides = np.ptp(places, axis=0)
    return float(max(sides.prod() / max(count, 1) * _CROWDED**2, 1e-12))
