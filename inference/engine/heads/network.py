"""A small network with one hidden layer, kept as plain arrays."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from ..base import F32
from ..scores import softmax
from .ensemble import capped
from .quick import Live

_HIDDEN = 32
_PENALTY = 0.3


class Network:
    """Multilayer perceptron: one layer of rectified units, then a softmax.

    Every class is cut to the same number of samples at most, and samples are weighted by the
    inverse of their class's number: as in :mod:`.linear`, how many were drawn is no prior.

    Args:
        most: samples that it learns from.
        steps: of L-BFGS. Fitting takes time as samples times steps: 0.1 s of 500 in 100 steps.
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
        model = MLPClassifier(
            (_HIDDEN,), solver="lbfgs", alpha=_PENALTY, max_iter=self._steps, random_state=seed
        )
        with warnings.catch_warnings():
            # The steps end before it knows the samples by heart, on purpose.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(wide, dense, sample_weight=weights)
        (self._inner, self._outer), (self._inner_bias, self._outer_bias) = model.coefs_, model.intercepts_
        if len(self._outer_bias) == 1:
            # Two classes: scikit-learn keeps the score of the second against the first.
            self._outer = np.concatenate([np.zeros_like(self._outer), self._outer], axis=1)
            self._outer_bias = np.concatenate([np.zeros_like(self._outer_bias), self._outer_bias])

    def predict(self, features: F32) -> F32:
        hidden = np.maximum(features.astype(np.float64) @ self._inner + self._inner_bias, 0)
        return softmax(hidden @ self._outer + self._outer_bias, axis=1).astype(np.float32)

    def live(self) -> Live | None:
        outer = Live.of(self._outer.T, self._outer_bias)

        def finish(rows: F32) -> F32:
            found: F32 = outer.weights @ np.maximum(rows, 0, out=rows) + outer.bias[:, None]
            return found

        return Live(self._inner.T.astype(np.float32), self._inner_bias.astype(np.float32), finish)

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
