"""A small network with one hidden layer, kept as plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..base import F32
from ..scores import softmax
from .ensemble import capped
from .quick import Live

F64 = NDArray[np.float64]

_HIDDEN = 32
_PENALTY = 0.3
# L-BFGS ends before its steps do where no entry of the gradient is larger.
_FLAT = 1e-4


class Network:
    """Multilayer perceptron: one layer of rectified units, then a softmax.

    Every class is cut to the same number of samples at most, and samples are weighted by the
    inverse of their class's number: as in :mod:`.linear`, how many were drawn is no prior.

    Args:
        most: samples that it learns from.
        steps: of L-BFGS; they end before the network knows the samples by heart, on purpose. Fitting takes
            time as samples times steps: 0.04 s of 500 in 100 steps.
    """

    def __init__(self, most: int, steps: int) -> None:
        self._most, self._steps = most, steps
        self._inner, self._inner_bias = np.zeros((0, 0)), np.zeros(0)
        self._outer, self._outer_bias = np.zeros((0, 0)), np.zeros(0)

    def fit(self, features: F32, labels: NDArray[np.int64], seed: int) -> None:
        chosen = capped(labels, self._most // len(np.unique(labels)), seed)
        wide, dense = features[chosen].astype(np.float64), labels[chosen]
        counts = np.bincount(dense)
        weights = len(dense) / (len(counts) * counts[dense])
        self._inner, self._inner_bias, self._outer, self._outer_bias = _descended(
            wide, dense, weights, self._steps, np.random.RandomState(seed)
        )

    def predict(self, features: F32) -> F32:
        hidden = np.maximum(features.astype(np.float64) @ self._inner + self._inner_bias, 0)
        return softmax(hidden @ self._outer + self._outer_bias, axis=1).astype(np.float32)

    def live(self) -> Live | None:
        # max(x + b, 0) is max(x, -b) + b, and the second b may be added behind the outer layer: one pass
        # less over the hidden units.
        outer = Live.of(self._outer.T, self._outer_bias + self._inner_bias @ self._outer)
        least = -self._inner_bias.astype(np.float32)[:, None]

        def finish(rows: F32) -> F32:
            return outer.finish(outer.weights @ np.maximum(rows, least, out=rows))

        return Live(self._inner.T.astype(np.float32), finish)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "inner": self._inner,
            "inner_bias": self._inner_bias,
            "outer": self._outer,
            "outer_bias": self._outer_bias,
        }

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._inner, self._inner_bias = arrays["inner"], arrays["inner_bias"]
        self._outer, self._outer_bias = arrays["outer"], arrays["outer_bias"]


def _descended(
    features: F64, labels: NDArray[np.int64], weights: F64, steps: int, drawn: np.random.RandomState
) -> tuple[F64, F64, F64, F64]:
    """Weights and bias of both layers, (dim, hidden), (hidden,), (hidden, classes) and (classes,).

    The same network as scikit-learn's MLPClassifier with L-BFGS, from the same start to the same place; what
    that checks and copies in every step takes two thirds of its time, in which a person waits for a click
    to show.

    Args:
        features: (samples, dim).
        labels: (samples,) dense.
        weights: (samples,) of the samples.
    """
    # Of two classes the first has score 0.
    counted, dim = int(labels.max()) + 1, features.shape[1]
    outputs = counted if counted > 2 else 1
    layers = []
    for shape in ((dim, _HIDDEN), (_HIDDEN, outputs)):
        bound = (6 / sum(shape)) ** 0.5  # Glorot and Bengio 2010
        layers += [drawn.uniform(-bound, bound, shape).T, drawn.uniform(-bound, bound, (shape[1], 1))]
    slope = _slope(np.ascontiguousarray(features.T), labels, weights, outputs)
    start = np.concatenate([layer.ravel() for layer in layers])
    options = {"maxiter": steps, "gtol": _FLAT}
    best = minimize(slope, start, jac=True, method="L-BFGS-B", options=options)
    inner, inner_bias, outer, outer_bias = _unpacked(best.x, dim, outputs)
    if counted == 2:
        outer, outer_bias = (np.concatenate([np.zeros_like(part), part]) for part in (outer, outer_bias))
    return inner.T, inner_bias[:, 0], outer.T, outer_bias[:, 0]


def _unpacked(packed: F64, dim: int, outputs: int) -> tuple[F64, F64, F64, F64]:
    """Weights (hidden, dim) and bias (hidden, 1), weights (outputs, hidden) and bias (outputs, 1)."""
    first = _HIDDEN * dim
    second = first + _HIDDEN
    third = second + outputs * _HIDDEN
    return (
        packed[:first].reshape(_HIDDEN, dim),
        packed[first:second, None],
        packed[second:third].reshape(outputs, _HIDDEN),
        packed[third:, None],
    )


def _slope(
    features: F64, labels: NDArray[np.int64], weights: F64, outputs: int
) -> Callable[[F64], tuple[float, F64]]:
    """The penalised mean surprise of packed layers, and its gradient, of (dim, samples) features."""
    dim, count = features.shape
    total = weights.sum()
    share, penalty = weights / total, _PENALTY / total
    every = np.arange(count)
    scores = np.zeros((max(outputs, 2), count))
    ones = np.ones((count, 1))

    def slope(packed: F64) -> tuple[float, F64]:
        inner, inner_bias, outer, outer_bias = _unpacked(packed, dim, outputs)
        hidden = inner @ features
        hidden += inner_bias
        np.maximum(hidden, 0, out=hidden)
        np.add(outer @ hidden, outer_bias, out=scores[-outputs:])
        shares = softmax(scores, axis=0)
        surprise = -np.log(np.maximum(shares[labels, every], np.finfo(np.float64).tiny))
        squares = np.vdot(inner, inner) + np.vdot(outer, outer)
        shares[labels, every] -= 1
        shares *= share
        apart = shares[-outputs:]
        below = outer.T @ apart
        below *= hidden > 0
        gradient = np.empty_like(packed)
        inner_slope, inner_bias_slope, outer_slope, outer_bias_slope = _unpacked(gradient, dim, outputs)
        np.add(below @ features.T, inner * penalty, out=inner_slope)
        np.matmul(below, ones, out=inner_bias_slope)
        np.add(apart @ hidden.T, outer * penalty, out=outer_slope)
        np.matmul(apart, ones, out=outer_bias_slope)
        return float(surprise @ share + 0.5 * penalty * squares), gradient

    return slope
