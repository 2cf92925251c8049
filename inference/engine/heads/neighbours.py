"""Classifiers by distance: class means with a softmax, and k nearest samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import F32
from ..scores import softmax
from .ensemble import capped
from .linear import squared_distances
from .quick import Live

_K = 7
_MOST_OF_A_CLASS = 1000


class Prototypes:
    """Softmax over the negative squared distance to each class mean.

    The temperature is the mean squared distance of a sample to its own class's mean: how far
    off is usual decides how much a distance says.
    """

    def __init__(self) -> None:
        self._means = np.zeros((0, 0))
        self._temperature = 1.0

    def fit(self, features: F32, labels: NDArray[np.int64], seed: int) -> None:
        wide = features.astype(np.float64)
        classes = range(int(labels.max()) + 1)
        self._means = np.stack([wide[labels == label].mean(axis=0) for label in classes])
        spread = [((wide[labels == c] - self._means[c]) ** 2).sum(axis=1).mean() for c in classes]
        between = squared_distances(self._means, self._means)
        # One sample a class has no spread: a tenth of the distance between means stands in.
        floor = 0.1 * between.sum() / (len(between) * (len(between) - 1))
        self._temperature = float(max(np.mean(spread), floor, 1e-12))

    def predict(self, features: F32) -> F32:
        distances = squared_distances(features, self._means)
        return softmax(-distances / self._temperature, axis=1).astype(np.float32)

    def live(self) -> Live | None:
        # The squared length of the pixel is in every class's score, and a softmax does not see it.
        squares = (self._means**2).sum(axis=1)
        return Live.of(2 * self._means / self._temperature, -squares / self._temperature)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"means": self._means, "temperature": np.array([self._temperature])}

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._means, self._temperature = arrays["means"], float(arrays["temperature"][0])


class Neighbours:
    """Share of each class among the ``k`` nearest samples, nearer ones counting more.

    Every class is cut to the same number of samples at most, and votes are weighted by the
    inverse of the number left: as in :mod:`.linear`, how many were drawn is no prior.
    """

    def __init__(self) -> None:
        self._samples = np.zeros((0, 0), np.float32)
        self._labels = np.zeros(0, np.int64)
        self._index: Any = None

    def fit(self, features: F32, labels: NDArray[np.int64], seed: int) -> None:
        chosen = capped(labels, _MOST_OF_A_CLASS, seed)
        self.load({"samples": features[chosen].astype(np.float32), "labels": labels[chosen]})

    def predict(self, features: F32) -> F32:
        distances, nearest = self._index.kneighbors(features)
        weights = 1.0 / (distances + 1e-6)
        counts = np.bincount(self._labels)
        votes = np.zeros((len(features), len(counts)))
        for column in range(nearest.shape[1]):
            labels = self._labels[nearest[:, column]]
            votes[np.arange(len(votes)), labels] += weights[:, column] / counts[labels]
        return (votes / votes.sum(axis=1, keepdims=True)).astype(np.float32)

    def live(self) -> Live | None:
        return None

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"samples": self._samples, "labels": self._labels}

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        from sklearn.neighbors import NearestNeighbors

        self._samples, self._labels = arrays["samples"], arrays["labels"]
        self._index = NearestNeighbors(n_neighbors=min(_K, len(self._samples)), algorithm="brute")
        self._index.fit(self._samples)
