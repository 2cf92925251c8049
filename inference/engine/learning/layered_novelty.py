"""What is unlike anything labelled where layers may be missing: judged by what is known of each pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import F32, Mask
from ..heads.layered import Patterns
from .folds import I64
from .novelty import Novelty


@dataclass(frozen=True)
class LayeredNovelty:
    """As :class:`.novelty.Novelty`, of features that may be NaN; made by :func:`novelty_of`.

    Attributes:
        patterns: (patterns, dim) sets of features that may be known together, those with the most first.
        each: by the number of its pattern, what is usual among labelled pixels of which that is known.
        reason: a sentence for people.
    """

    patterns: Mask
    each: Mapping[int, Novelty]
    reason: str

    @property
    def known(self) -> bool:
        """Whether there were labels enough to tell."""
        return any(one.known for one in self.each.values())

    @property
    def dim(self) -> int:
        """Features of a pixel."""
        return int(self.patterns.shape[1])

    def distance(self, features: F32) -> F32:
        """How novel (samples, dim) features are, (samples,): above 1 is unlike anything labelled."""
        result = np.zeros(len(features), np.float32)
        which = Patterns(self.patterns).of(features, list(self.each))
        for index, one in self.each.items():
            rows = np.flatnonzero(which == index)
            if rows.size:
                own = features[rows][:, self.patterns[index]]
                result[rows] = one.distance(np.ascontiguousarray(own))
        return result

    def is_novel(self, features: F32) -> Mask:
        """(samples,) which of (samples, dim) features are unlike anything labelled."""
        return self.distance(features) > np.float32(1.0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What :func:`restored_novelty` needs beside the reason, as arrays fit for safetensors."""
        arrays: dict[str, NDArray[Any]] = {"patterns": self.patterns.astype(np.uint8)}
        for index, one in self.each.items():
            arrays.update({f"{index}.{key}": value for key, value in one.arrays().items()})
        return arrays


AnyNovelty = Novelty | LayeredNovelty


def novelty_of(
    features: F32, labels: I64, groups: I64, seed: int = 0, patterns: Mask | None = None
) -> AnyNovelty:
    """What is usual among labelled pixels; a plain :class:`.novelty.Novelty` where nothing can be missing.

    Args:
        features, labels, groups, seed: as for :meth:`.novelty.Novelty.learn`.
        patterns: (patterns, dim) what may be known of pixels, those with the most first.
    """
    if patterns is None or len(patterns) < 2:
        return Novelty.learn(features, labels, groups, seed)
    found = {}
    for index, known in enumerate(patterns):
        rows = Patterns(patterns).having(features, index)
        if rows.any():
            own = np.ascontiguousarray(features[rows][:, known])
            found[index] = Novelty.learn(own, labels[rows], groups[rows], seed)
    told = {index: one for index, one in found.items() if one.known} or found
    reason = next(iter(told.values())).reason if told else "Nothing is labelled."
    return LayeredNovelty(patterns, told, reason)


def restored_novelty(arrays: Mapping[str, NDArray[Any]], reason: str) -> AnyNovelty | None:
    """What :meth:`arrays` was asked of; None where the arrays hold none.

    Raises:
        KeyError, ValueError: if an array is missing or does not fit the others.
    """
    if "landmarks" in arrays:
        return Novelty.restore(arrays, reason)
    if "patterns" not in arrays:
        return None
    patterns = arrays["patterns"].astype(bool)
    numbers = sorted({int(key.partition(".")[0]) for key in arrays if "." in key})
    if patterns.ndim != 2 or not all(0 <= number < len(patterns) for number in numbers):
        raise ValueError("what is usual is not that of the patterns")
    each = {}
    for number in numbers:
        own = {key.partition(".")[2]: value for key, value in arrays.items() if key.startswith(f"{number}.")}
        each[number] = Novelty.restore(own, reason)
        if each[number].landmarks.shape[1] != patterns[number].sum():
            raise ValueError("landmarks are not those of their pattern")
    return LayeredNovelty(patterns, each, reason)
