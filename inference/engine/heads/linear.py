"""Classifiers whose scores are linear in the features: logistic regression and discriminant analysis.

Every class counts the same. Labels are drawn where it is convenient, a lake in one stroke and
three roofs with care: their numbers say nothing of how common a class is on the ground, and must
not become its prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import F32
from ..scores import softmax
from .quick import Live

# Samples beyond one a class from which the size of the classes' scatter is known.
_FEW = 5
_LEAST_SCATTER = 1e-6


class Linear:
    """What linear parts share; the fitted weights (classes, dim) and bias (classes,)."""

    def __init__(self) -> None:
        self._weights = np.zeros((0, 0))
        self._bias = np.zeros(0)

    def predict(self, features: F32) -> F32:
        """Probabilities, (samples, classes)."""
        scores = features.astype(np.float64) @ self._weights.T + self._bias
        return softmax(scores, axis=1).astype(np.float32)

    def live(self) -> Live | None:
        """How it is computed in a preview."""
        return Live.of(self._weights, self._bias)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was learned."""
        return {"weights": self._weights, "bias": self._bias}

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what :meth:`arrays` gave."""
        self._weights, self._bias = arrays["weights"], arrays["bias"]


class Logistic(Linear):
    """Multinomial logistic regression with an L2 penalty of strength 1 / C."""

    def __init__(self, c: float) -> None:
        super().__init__()
        self._c = c

    def fit(self, features: F32, labels: NDArray[np.int64], seed: int) -> None:
        from sklearn.linear_model import LogisticRegression

        # Newton's steps end nearer the optimum than those of L-BFGS, in no more time.
        model = LogisticRegression(C=self._c, class_weight="balanced", max_iter=1000, solver="newton-cg")
        model.fit(features.astype(np.float64), labels)
        self._weights, self._bias = model.coef_, model.intercept_
        if len(self._bias) == 1:
            # Two classes: scikit-learn keeps the score of the second against the first.
            self._weights = np.concatenate([np.zeros_like(self._weights), self._weights])
            self._bias = np.concatenate([np.zeros_like(self._bias), self._bias])


class Discriminant(Linear):
    """Linear discriminant analysis: distances to the class means, by the scatter within classes.

    Prototypes that know in which directions the pixels of one class differ anyway. Of few samples
    the scatter is drawn towards that of a ball of the same size, the more the features outnumber
    the samples that it is learned from (regularised as by Friedman 1989).
    """

    def fit(self, features: F32, labels: NDArray[np.int64], seed: int) -> None:
        wide = features.astype(np.float64)
        classes, (count, dim) = int(labels.max()) + 1, wide.shape
        means = np.stack([wide[labels == label].mean(axis=0) for label in range(classes)])
        apart = wide - means[labels]
        known = count - classes
        scatter = apart.T @ apart / max(known, 1)
        # A handful says nothing of the size either: that of all samples together stands in.
        spread = scatter.trace() if known > _FEW else wide.var(axis=0, ddof=1).sum()
        doubt = dim / (dim + known)
        ball = max(doubt * spread / dim, _LEAST_SCATTER)
        inverse = np.linalg.inv((1 - doubt) * scatter + ball * np.eye(dim))
        self._weights = means @ inverse
        self._bias = -0.5 * (self._weights * means).sum(axis=1)


def squared_distances(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float64]:
    """Squared Euclidean distances, (left, right), of (left, dim) and (right, dim)."""
    a, b = left.astype(np.float64), right.astype(np.float64)
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None] - 2 * a @ b.T
    return np.maximum(squares, 0.0)
