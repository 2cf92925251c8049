"""Logistic regression, on the features and on a kernel map of them.

Classes are weighted by the inverse of their number of samples. Labels are drawn where it is
convenient, a lake in one stroke and three roofs with care: their numbers say nothing of how
common a class is on the ground, and must not become its prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ..base import F32
from ..scores import softmax
from .quick import Live, exponential

_KERNEL_MOST_SAMPLES = 500
_KERNEL_C = 10.0


class Logistic:
    """Multinomial logistic regression with an L2 penalty of strength 1 / C."""

    most_samples: int | None = None

    def __init__(self, c: float) -> None:
        self._c = c
        self._weights = np.zeros((0, 0))
        self._bias = np.zeros(0)

    def fit(self, features: F32, labels: NDArray[np.int64], seed: int) -> None:
        # Newton's steps: a third of the time of L-BFGS on a kernel map of hundreds, and nearer the optimum.
        model = LogisticRegression(C=self._c, class_weight="balanced", max_iter=1000, solver="newton-cg")
        model.fit(features.astype(np.float64), labels)
        self._weights, self._bias = model.coef_, model.intercept_
        if len(self._bias) == 1:
            # Two classes: scikit-learn keeps the score of the second against the first.
            self._weights = np.concatenate([np.zeros_like(self._weights), self._weights])
            self._bias = np.concatenate([np.zeros_like(self._bias), self._bias])

    def predict(self, features: F32) -> F32:
        scores = features.astype(np.float64) @ self._weights.T + self._bias
        return softmax(scores, axis=1).astype(np.float32)

    def live(self) -> Live | None:
        return Live.of(self._weights, self._bias)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"weights": self._weights, "bias": self._bias}

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._weights, self._bias = arrays["weights"], arrays["bias"]


class KernelLogistic:
    """Logistic regression on the similarities (RBF) to every training sample.

    Bends around classes that are not linearly separable; with hundreds of samples its cost
    outgrows its use, and a linear model has enough to go by.
    """

    most_samples: int | None = _KERNEL_MOST_SAMPLES

    def __init__(self) -> None:
        self._linear = Logistic(_KERNEL_C)
        self._landmarks = np.zeros((0, 0), np.float32)
        self._gamma = 1.0

    def fit(self, features: F32, labels: NDArray[np.int64], seed: int) -> None:
        self._landmarks = features.astype(np.float32)
        distances = squared_distances(self._landmarks, self._landmarks)
        apart = distances[distances > 0]
        self._gamma = float(1 / np.median(apart)) if apart.size else 1.0
        self._linear.fit(self._similarities(features), labels, seed)

    def predict(self, features: F32) -> F32:
        return self._linear.predict(self._similarities(features))

    def live(self) -> Live | None:
        gamma = np.float32(self._gamma)
        scores = Live.of(*self._linear.arrays().values())
        offset = self._gamma * (self._landmarks.astype(np.float64) ** 2).sum(axis=1)

        def finish(rows: F32, squares: F32) -> F32:
            rows -= gamma * squares
            found: F32 = scores.weights @ exponential(rows) + scores.bias[:, None]
            return found

        return Live((2 * gamma * self._landmarks).astype(np.float32), -offset.astype(np.float32), finish)

    def arrays(self) -> dict[str, NDArray[Any]]:
        learned = {"landmarks": self._landmarks, "gamma": np.array([self._gamma])}
        return {**learned, **self._linear.arrays()}

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._landmarks, self._gamma = arrays["landmarks"], float(arrays["gamma"][0])
        self._linear.load(arrays)

    def _similarities(self, features: F32) -> F32:
        return np.exp(-self._gamma * squared_distances(features, self._landmarks)).astype(np.float32)


def squared_distances(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float64]:
    """Squared Euclidean distances, (left, right), of (left, dim) and (right, dim)."""
    a, b = left.astype(np.float64), right.astype(np.float64)
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None] - 2 * a @ b.T
    return np.maximum(squares, 0.0)
