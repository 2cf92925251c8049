"""Standardising features by the statistics of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..base import F32


class Moments:
    """Sums of features and of their squares, gathered window by window."""

    def __init__(self, dim: int) -> None:
        self.count = 0
        self.total = np.zeros(dim)
        self.squares = np.zeros(dim)

    def add(self, samples: F32) -> None:
        """Count (dim, n) samples in."""
        wide = samples.astype(np.float64)
        self.count += wide.shape[1]
        self.total += wide.sum(axis=1)
        self.squares += (wide**2).sum(axis=1)


@dataclass(frozen=True)
class Standard:
    """Mean and reciprocal deviation of each feature; the latter 0 for a constant feature."""

    mean: F32
    gain: F32

    @classmethod
    def of(cls, moments: Moments) -> Standard:
        count = max(moments.count, 1)
        mean = moments.total / count
        variance = np.maximum(moments.squares / count - mean**2, 0)
        # A constant feature stays 0 in other scenes too, instead of blowing rounding up to signal.
        steady = variance <= 1e-10 * np.maximum(mean**2, 1e-2)
        gain = np.where(steady, 0.0, 1 / np.sqrt(np.where(steady, 1.0, variance)))
        return cls(mean.astype(np.float32), gain.astype(np.float32))

    @classmethod
    def joined(cls, parts: Sequence[Standard]) -> Standard:
        """Of features one after the other."""
        mean, gain = (np.concatenate([getattr(part, name) for part in parts]) for name in ("mean", "gain"))
        return cls(mean, gain)

    @classmethod
    def blank(cls, dim: int) -> Standard:
        """Changes nothing."""
        return cls(np.zeros(dim, np.float32), np.ones(dim, np.float32))

    def apply(self, features: F32) -> F32:
        """(..., dim, rows, cols) features, centred and scaled."""
        shape = (-1, 1, 1)
        return (features - self.mean.reshape(shape)) * self.gain.reshape(shape)
