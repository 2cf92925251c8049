"""Random forest, kept as flat arrays of nodes instead of a pickle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import F32
from .quick import Live

_TREES = 100
_CHUNK = 1 << 13


class Forest:
    """The mean of trees, each on a bootstrap sample; splits as scikit-learn chooses them.

    Nodes of all trees lie one after another. A node's children are absolute indices; a leaf is
    its own child, so that pixels that arrived early wait there while others go on.
    """

    def __init__(self) -> None:
        self._roots = np.zeros(0, np.int32)
        self._depths = np.zeros(0, np.int32)
        self._feature = np.zeros(0, np.int32)
        self._threshold = np.zeros(0, np.float64)
        self._children = np.zeros((0, 2), np.int32)
        self._values = np.zeros((0, 0), np.float64)

    def fit(self, features: F32, labels: NDArray[np.int64], seed: int) -> None:
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(_TREES, class_weight="balanced", random_state=seed)
        forest.fit(features, labels)
        trees = [estimator.tree_ for estimator in forest.estimators_]
        sizes = np.array([tree.node_count for tree in trees])
        roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        children, split = [], []
        for tree, root in zip(trees, roots, strict=True):
            own = np.arange(tree.node_count)
            leaf = tree.children_left < 0
            sides = (tree.children_left, tree.children_right)
            children.append(np.stack([np.where(leaf, own, side) + root for side in sides], axis=1))
            split.append(np.where(leaf, 0, tree.feature))
        values = np.concatenate([tree.value[:, 0, :] for tree in trees])
        self._roots = roots.astype(np.int32)
        self._depths = np.array([tree.max_depth for tree in trees], np.int32)
        self._feature = np.concatenate(split).astype(np.int32)
        self._threshold = np.concatenate([tree.threshold for tree in trees])
        self._children = np.concatenate(children).astype(np.int32)
        self._values = values / values.sum(axis=1, keepdims=True)

    def predict(self, features: F32) -> F32:
        result = np.zeros((len(features), self._values.shape[1]))
        flat = self._children.ravel()
        for start in range(0, len(features), _CHUNK):
            chunk = np.ascontiguousarray(features[start : start + _CHUNK], np.float32)
            line = np.arange(len(chunk)) * chunk.shape[1]
            values = chunk.ravel()
            for root, depth in zip(self._roots, self._depths, strict=True):
                node = np.full(len(chunk), root, np.intp)
                for _ in range(depth):
                    right = values[line + self._feature[node]] > self._threshold[node]
                    node = flat[2 * node + right].astype(np.intp)
                result[start : start + _CHUNK] += self._values[node]
        return (result / len(self._roots)).astype(np.float32)

    def live(self) -> Live | None:
        return None

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "roots": self._roots,
            "depths": self._depths,
            "feature": self._feature,
            "threshold": self._threshold,
            "children": self._children,
            "values": self._values,
        }

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        nodes = len(arrays["feature"])
        for places in (arrays["children"], arrays["roots"]):
            if places.min() < 0 or places.max() >= nodes:
                raise ValueError("a tree points outside the forest")
        if arrays["feature"].min() < 0 or arrays["depths"].max() >= nodes:
            raise ValueError("a tree asks what there is not")
        self._roots, self._depths = arrays["roots"], arrays["depths"]
        self._feature, self._threshold = arrays["feature"], arrays["threshold"]
        self._children, self._values = arrays["children"], arrays["values"]
