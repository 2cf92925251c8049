"""A head for the screen: fitted while a person waits for the click to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...jobs import ClassInfo
from ..base import F32, Mask
from ..heads import AnyHead, head_for
from ..learning.training_set import TrainingSet
from .labels import I64

# Heads that answer for a screen's pixels in a tenth of a second; the others are shown as the first.
_LIVE = ("ensemble", "fast", "prototypes", "mlp")
# Samples that are fitted in 0.15 s, shared out among the labels: neighbours in a polygon teach little new.
_SAMPLES = 600


@dataclass(frozen=True)
class Fitted:
    """A head and what it was fitted to.

    Attributes:
        values: (classes,) class value of each of its indices.
        features, labels, groups: what it learned from.
        reason: how it differs from the head that would be saved; empty if in nothing.
    """

    head: AnyHead
    values: NDArray[np.uint8]
    features: F32
    labels: I64
    groups: I64
    reason: str

    @property
    def method(self) -> str:
        return self.head.method

    def predict(self, features: F32, temperature: float = 1.0) -> tuple[NDArray[np.uint8], F32]:
        """Class values and their probabilities, (samples,) each, of (samples, dim) features."""
        found, sure = self.head.quick(features, temperature)
        return self.values[found], sure


def fit_live(samples: TrainingSet, method: str, seed: int, patterns: Mask | None = None) -> Fitted:
    """Fit a head that is quick to fit and to ask.

    Args:
        samples: of two classes at least.
        method: that the person chose.
        seed: of everything random.
        patterns: what may be known of pixels, see :func:`..heads.head_for`.
    """
    chosen = _spread(samples.groups, len(samples.labels))
    features = samples.features[chosen].astype(np.float32)
    values, labels = np.unique(samples.values[chosen], return_inverse=True)
    head = head_for(method if method in _LIVE else _LIVE[0], seed, features, patterns)
    head.fit(features, labels.astype(np.int64))
    told = []
    if head.method != method:
        told.append(f"Shown is the method {head.method}, because {method} takes longer; {method} is saved.")
    if len(chosen) < len(samples.groups):
        told.append(f"Shown as learned from {len(chosen)} of {len(samples.groups)} labelled pixels.")
    groups = samples.groups[chosen]
    return Fitted(head, values.astype(np.uint8), features, labels.astype(np.int64), groups, " ".join(told))


def lacking(samples: TrainingSet, classes: Sequence[ClassInfo], waiting: int) -> str:
    """What there is too little of for a map, in a sentence; empty where there is enough."""
    present = {label.value for label in samples.labels}
    if len(present) >= 2:
        return ""
    if waiting:
        return "The places of the labels are still being encoded."
    if not present:
        return "Label a place of one class and a place of another."
    only = next(info.name for info in classes if info.value in present)
    return f"Label a place of another class: there is only {only} so far."


def _spread(groups: I64, count: int) -> I64:
    """Indices, ascending, of the samples that are fitted: as many of each group as there is room for."""
    most = max(1, _SAMPLES // max(count, 1))
    sizes = np.bincount(groups, minlength=count)
    if sizes.max(initial=0) <= most:
        return np.arange(len(groups))
    # Evenly along each group's own samples, which lie in the order of their pixels.
    order = np.argsort(groups, kind="stable")
    starts = np.cumsum(sizes) - sizes
    taken = [
        start + np.arange(min(size, most)) * size // min(size, most)
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
    ]
    return np.sort(order[np.concatenate(taken)])
