"""A fitted head's answer for live previews: the class and its probability, in float32 on the calling thread.

What the parts multiply the features with is stacked into one matrix, so that a pixel's features are
read once. Pixels go through in pieces that stay in the processor's cache. NumPy lets go of the interpreter
while it computes: callers share pixels out among threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from ..base import F32
from ..scores import U8, winners

# Pixels at once: 24 rows of scores of so many take 0.8 MB, about what a core's own cache holds.
_CHUNK = 1 << 13
_LEAST_SHARE = np.float32(1e-9)


@dataclass(frozen=True)
class Live:
    """A part as ``softmax(finish(weights @ features))``, all in float32.

    Attributes:
        weights: (rows, dim).
        finish: makes scores (classes, pixels) of (rows, pixels), which it may overwrite.
    """

    weights: F32
    finish: Callable[[F32], F32]

    @classmethod
    def of(cls, weights: NDArray[Any], bias: NDArray[Any]) -> Live:
        """A linear part: (classes, dim) weights and (classes,) bias."""
        column = bias.astype(np.float32)[:, None]
        return cls(weights.astype(np.float32), lambda rows: np.add(rows, column, out=rows))


class Quick:
    """The mean of parts, made for speed; see :meth:`.ensemble.MeanHead.quick`.

    Args:
        parts: how each is computed: :class:`Live`, or as its probabilities (samples, classes) of
            (samples, dim) features.
        present: which class each of their columns stands for.
    """

    def __init__(self, parts: Sequence[Live | Callable[[F32], F32]], present: NDArray[np.int64]) -> None:
        self._present = present.astype(np.uint8)
        self._live = [part for part in parts if isinstance(part, Live)]
        self._plain = [part for part in parts if not isinstance(part, Live)]
        if self._live:
            self._matrix = np.concatenate([part.weights for part in self._live])
            self._ends = np.cumsum([len(part.weights) for part in self._live])

    def __call__(self, features: F32, temperature: float = 1.0) -> tuple[U8, F32]:
        """Class indices and probabilities, (samples,) each, of (samples, dim) features."""
        labels = np.empty(len(features), np.uint8)
        top = np.empty(len(features), np.float32)
        share = np.float32(1 / (len(self._live) + len(self._plain)))
        for start in range(0, len(features), _CHUNK):
            piece = slice(start, start + _CHUNK)
            scores = self._scores(features[piece])
            found, best = winners(scores)
            np.take(self._present, found, out=labels[piece])
            if temperature == 1.0:
                np.multiply(best, share, out=top[piece])
            else:
                # Tempered against the winner, whose power is 1: less to compute, and nothing underflows.
                scores = np.log(np.maximum(scores / best, _LEAST_SHARE)) / np.float32(temperature)
                np.reciprocal(np.exp(scores, out=scores).sum(axis=0), out=top[piece])
        return labels, top

    def _scores(self, features: F32) -> F32:
        """(classes, samples) sums of the parts' probabilities."""
        found = [part(features).T for part in self._plain]
        if self._live:
            rows = self._matrix @ np.asarray(features, np.float32).T
            for part, end in zip(self._live, self._ends, strict=True):
                found.append(_softmax(part.finish(rows[end - len(part.weights) : end])))
        total = found.pop()
        for one in found:
            total = np.add(total, one, out=total)
        return total


def _softmax(scores: F32) -> F32:
    """Of (classes, samples), in place."""
    scores -= scores.max(axis=0)
    np.exp(scores, out=scores)
    scores *= np.reciprocal(scores.sum(axis=0))
    return scores


def one_thread() -> AbstractContextManager[Any]:
    """Linear algebra on the calling thread alone: small products lose more by waiting than they gain."""
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries() -> ThreadpoolController:
    # Looking for the loaded libraries takes some milliseconds.
    return ThreadpoolController()
