"""A fitted head's answer for live previews: the class and its probability, in float32 and on all threads.

What the parts multiply the features with is stacked into one matrix, so that a pixel's features are
read once. Pixels go through in pieces that stay in the processor's cache, a thread each: NumPy lets
go of the interpreter while it computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from ..base import F32
from ..scores import U8, winners

# Pixels at once: 24 rows of scores of so many take 0.8 MB, about what a core's own cache holds.
_CHUNK = 1 << 13
_LEAST_SHARE = np.float32(1e-9)


@dataclass(frozen=True)
class Live:
    """A part as ``softmax(finish(weights @ features + bias))``, all in float32.

    Attributes:
        weights: (rows, dim).
        bias: (rows,).
        finish: makes scores (classes, pixels) of (rows, pixels), which it may overwrite; None
            where the rows are the scores.
    """

    weights: F32
    bias: F32
    finish: Callable[[F32], F32] | None = None

    @classmethod
    def of(cls, weights: NDArray[Any], bias: NDArray[Any]) -> Live:
        """A linear part."""
        return cls(weights.astype(np.float32), bias.astype(np.float32))


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
            self._bias = np.concatenate([part.bias for part in self._live])[:, None]
            self._ends = np.cumsum([len(part.bias) for part in self._live])

    def __call__(self, features: F32, temperature: float = 1.0) -> tuple[U8, F32]:
        """Class indices and probabilities, (samples,) each, of (samples, dim) features."""
        labels = np.empty(len(features), np.uint8)
        top = np.empty(len(features), np.float32)

        def answer(start: int) -> None:
            piece = slice(start, start + _CHUNK)
            scores = self._scores(features[piece])
            found, best = winners(scores)
            if temperature != 1.0:
                # Tempered against the winner, whose power is 1: less to compute, and nothing underflows.
                scores = np.log(np.maximum(scores / best, _LEAST_SHARE)) / np.float32(temperature)
                best = 1 / np.exp(scores, out=scores).sum(axis=0)
            labels[piece] = self._present[found]
            top[piece] = best

        starts, threads = range(0, len(features), _CHUNK), torch.get_num_threads()
        if threads == 1:
            for start in starts:
                answer(start)
            return labels, top
        # Each thread computes on its own core: the library must not put its threads on top.
        with one_thread(), ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(answer, starts):
                pass
        return labels, top

    def _scores(self, features: F32) -> F32:
        """(classes, samples) mean probabilities."""
        found = [part(features).T for part in self._plain]
        if self._live:
            narrow = np.asarray(features, np.float32)
            rows = self._matrix @ narrow.T
            rows += self._bias
            for part, end in zip(self._live, self._ends, strict=True):
                own = rows[end - len(part.bias) : end]
                found.append(_softmax(part.finish(own) if part.finish else own))
        total: F32 = np.sum(found, axis=0)
        total /= np.float32(len(found))
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
