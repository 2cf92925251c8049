"""A head for pixels of which some layers are missing: one head for each set of features that there may be.

NaN is no value: neither zero nor a mean takes its place. Each pixel is judged by the head that was
fitted on the most of what is known of it, and that head saw nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedInput
from ..base import F32, Mask
from ..scores import U8
from .ensemble import MeanHead

I64 = NDArray[np.int64]


class Patterns:
    """Sets of features that may be known together.

    Args:
        known: (patterns, dim); NaN patterns of samples are added where they are not among these.
    """

    def __init__(self, known: Mask) -> None:
        self.known = known
        # Features that are always missing together need one look.
        _, first = np.unique(known, axis=1, return_index=True)
        self._looked_at = np.sort(first)

    def of(self, features: F32, among: Sequence[int]) -> I64:
        """(samples,) the first pattern of those whose features a sample all has; -1 for none.

        Args:
            features: (samples, dim).
            among: indices of patterns, the wanted ones first.
        """
        there = ~np.isnan(features[:, self._looked_at])
        found = np.full(len(features), -1)
        for index in among:
            wanted = self.known[index, self._looked_at]
            found[(found < 0) & there[:, wanted].all(axis=1)] = index
        return found

    def having(self, features: F32, index: int) -> Mask:
        """(samples,) those of which all features of a pattern are known."""
        found: Mask = self.of(features, [index]) == index
        return found


def observed(features: F32) -> Mask:
    """(patterns, dim) what is known of (samples, dim) features, those with the most first."""
    there = ~np.isnan(features)
    found = there[:1] if there.all() else np.unique(there, axis=0)
    return found[np.argsort(-found.sum(axis=1), kind="stable")]


class LayeredHead:
    """As :class:`.ensemble.MeanHead`, of features that may be NaN.

    Attributes:
        method: of its heads.
    """

    def __init__(self, method: str, known: Mask, make: Callable[[], MeanHead]) -> None:
        self.method = method
        self._patterns = Patterns(known)
        self._make = make
        self._heads: dict[int, MeanHead] = {}
        self._count = 0

    def fit(self, features: F32, labels: I64) -> None:
        """Learn; a pattern in which a class has no sample gets no head: it could never say that class.

        Args:
            features: (samples, dim).
            labels: (samples,) class indices from 0.

        Raises:
            UnsupportedInput: with fewer than two classes, or none of whose patterns shows all classes.
        """
        self._heads, self._count = {}, int(labels.max(initial=-1)) + 1
        classes = set(labels.tolist())
        if len(classes) < 2:
            raise UnsupportedInput(
                "The samples show fewer than two classes.", "Add samples of another class."
            )
        for index, known in enumerate(self._patterns.known):
            rows = self._patterns.having(features, index)
            if set(labels[rows].tolist()) == classes:
                head = self._make()
                head.fit(np.ascontiguousarray(features[rows][:, known]), labels[rows])
                self._heads[index] = head
        if not self._heads:
            raise UnsupportedInput(
                "There is no layer in which samples of all classes lie.",
                "Label places where the layers overlap, or leave a layer out.",
            )

    def predict(self, features: F32) -> F32:
        """Probabilities (samples, classes); all alike where nothing is known that a head could judge."""
        result = np.full((len(features), self._count), 1.0 / max(self._count, 1), np.float32)
        for rows, head, own in self._shared(features):
            found = head.predict(own)
            result[rows] = 0
            result[rows, : found.shape[1]] = found
        return result

    def quick(self, features: F32, temperature: float = 1.0) -> tuple[U8, F32]:
        """The likeliest class and its probability; see :meth:`.ensemble.MeanHead.quick`."""
        labels = np.zeros(len(features), np.uint8)
        top = np.full(len(features), 1.0 / max(self._count, 1), np.float32)
        for rows, head, own in self._shared(features):
            labels[rows], top[rows] = head.quick(own, temperature)
        return labels, top

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that was learned, each head's arrays under the number of its pattern."""
        arrays: dict[str, NDArray[Any]] = {
            "patterns": self._patterns.known.astype(np.uint8),
            "count": np.array([self._count], np.int64),
        }
        for index, head in self._heads.items():
            arrays.update({f"{index}.{key}": value for key, value in head.arrays().items()})
        return arrays

    def load(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take over what another head's :meth:`arrays` gave.

        Raises:
            KeyError, ValueError: if something is missing or no pattern's.
        """
        self._count = int(arrays["count"][0])
        numbers = sorted({int(key.partition(".")[0]) for key in arrays if "." in key})
        if not numbers or not all(0 <= number < len(self._patterns.known) for number in numbers):
            raise ValueError("heads are not those of the patterns")
        self._heads = {}
        for number in numbers:
            head, prefix = self._make(), f"{number}."
            head.load({key[len(prefix) :]: v for key, v in arrays.items() if key.startswith(prefix)})
            self._heads[number] = head

    def _shared(self, features: F32) -> list[tuple[NDArray[np.intp], MeanHead, F32]]:
        """Samples by the head that judges them: their indices, the head, and the features that it knows."""
        which = self._patterns.of(features, list(self._heads))
        found = []
        for index, head in self._heads.items():
            rows = np.flatnonzero(which == index)
            if rows.size:
                own = features[rows][:, self._patterns.known[index]]
                found.append((rows, head, np.ascontiguousarray(own)))
        return found
