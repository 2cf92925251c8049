"""From the scores of classes to the winning class and its probability."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .base import F32

U8 = NDArray[np.uint8]


def winners(scores: F32) -> tuple[U8, F32]:
    """The class with the highest score, the first of equal ones, and that score.

    Args:
        scores: (classes, ...), at most 255 classes.

    Returns:
        indices of classes and scores, both of the remaining shape.
    """
    best: F32 = scores.max(axis=0)
    count = len(scores)
    # numpy's argmax goes pixel by pixel; this goes class by class, some ten times as fast. Where no
    # score is the highest, as among NaN, it ends with the last class.
    rank = np.ones(best.shape, np.uint8)
    for index in range(count - 1):
        np.maximum(rank, (scores[index] == best).view(np.uint8) * np.uint8(count - index), out=rank)
    return np.uint8(count) - rank, best


def softmax(scores: NDArray[Any], axis: int) -> NDArray[Any]:
    """Probabilities of scores, in their type; the classes lie along ``axis``."""
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    powers /= powers.sum(axis=axis, keepdims=True)
    return powers


def highest_probability(scores: F32, best: F32) -> F32:
    """The highest probability of (classes, ...) scores, given the highest score."""
    total = np.zeros_like(best)
    for score in scores:
        total += np.exp(score - best)
    return np.reciprocal(total, out=total)


def above(shares: F32, found: U8, best: F32, threshold: float) -> tuple[U8, F32]:
    """The winners that reach a threshold; elsewhere the first class, and of two whichever the second leaves.

    Args:
        shares: (classes, ...) probabilities.
        found, best: of :func:`winners`.
        threshold: probability from which a class counts.

    Returns:
        indices of classes and their probabilities.
    """
    if len(shares) == 2:
        second = shares[1] >= threshold
        return second.astype(np.uint8), np.where(second, shares[1], shares[0])
    reached = best >= threshold
    return np.where(reached, found, np.uint8(0)), np.where(reached, best, shares[0])
