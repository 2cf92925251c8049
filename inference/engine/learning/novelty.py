"""Where a scene is unlike anything labelled, so that a head can only guess.

A pixel is as novel as it is far, in the feature space, from the nearest labelled one, in units of
how far apart the labels of that one's class lie themselves. Chosen by measurement, with a class left
unlabelled (docs/benchmarks.md, trust): Mahalanobis distances, shrunk (Ledoit and Wolf 2004) and of a
class mean or of the nearest label, found less at as many false alarms, because what they blow up is
the mixed pixels along every border; one unit for all classes found half as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..base import F32, Mask
from ..heads.linear import squared_distances
from ..heads.quick import one_thread
from .folds import F64, I64, shares

# Labelled pixels that stand for all: of 96 drawn at random the answers are hardly worse than of all.
_LANDMARKS = 96
_FEWEST_OF_A_CLASS = 8
# Pixels of one place that help to find out what distance is usual.
_PIXELS_OF_A_PLACE = 20
# Of the labelled places themselves, left out, as many are called novel.
_FALSE_ALARMS = 0.05
# Places that can be left out and compared: fewer do not say what is usual.
_ENOUGH = 8
# What all classes together say of one class's usual distance counts as so many places of its own.
_PRIOR = 3
# Pixels at once: the distances of so many take 1.6 MB.
_CHUNK = 1 << 12


@dataclass(frozen=True)
class Novelty:
    """What is usual among labelled pixels; made by :meth:`learn` or :meth:`restore`.

    Attributes:
        landmarks: (landmarks, dim) features of labelled pixels, class by class; none where there
            were too few labels, and nothing is novel then.
        units: (landmarks,) the distance from each beyond which a pixel is novel.
        reason: a sentence for people.
    """

    landmarks: F32
    units: F32
    reason: str

    @classmethod
    def learn(cls, features: F32, labels: I64, groups: I64, seed: int = 0) -> Novelty:
        """What is usual, from the distances between labelled places.

        Args:
            features: (samples, dim) standardised.
            labels: (samples,) class indices.
            groups: (samples,) number of the place that each sample comes from.
            seed: of the draw of landmarks.
        """
        random = np.random.default_rng(seed)
        kept = _spread(groups, len(labels), _PIXELS_OF_A_PLACE, random)
        features, labels, groups = features[kept], labels[kept], groups[kept]
        chosen = _landmarks(labels, groups, random)
        apart = np.sqrt(squared_distances(features, features[chosen]))
        apart[groups[:, None] == groups[chosen]] = np.inf
        own = np.where(labels[:, None] == labels[chosen], apart, np.inf).min(axis=1)
        paired = np.isfinite(own)
        places = len(np.unique(groups[paired]))
        if places < _ENOUGH:
            none = np.zeros((0, features.shape[1]), np.float32)
            few = f"Nothing is called unlike what is labelled: that takes {_ENOUGH} labels, two of a class."
            return cls(none, np.zeros(0, np.float32), few)
        weights = shares(groups)
        units = _usual(own[paired], labels[paired], groups[paired], weights[paired], labels[chosen])
        nearest = (apart[paired] / units).min(axis=1)
        limit = _quantile(nearest, weights[paired], 1 - _FALSE_ALARMS, unseen=1.0)
        reason = (
            f"Unlike anything labelled is what lies further from the nearest label than "
            f"{1 - _FALSE_ALARMS:.0%} of {places} labels lie from the other labels."
        )
        # Labels may be copies of one another.
        reach = np.maximum(units * limit, 1e-6)
        return cls(features[chosen].astype(np.float32), reach.astype(np.float32), reason)

    @property
    def known(self) -> bool:
        """Whether there were labels enough to tell."""
        return bool(len(self.landmarks))

    def distance(self, features: F32) -> F32:
        """How novel (samples, dim) features are, (samples,): above 1 is unlike anything labelled.

        800,000 pixels of 54 features take about a quarter of a second of one core with AVX2; for a
        live preview every second pixel along rows and columns will do.
        """
        result = np.zeros(len(features), np.float32)
        if not self.known:
            return result
        matrix = np.float32(-2.0) * self.landmarks
        lengths = np.einsum("ij,ij->i", self.landmarks, self.landmarks)[:, None]
        # Landmarks of one class lie together and have one unit.
        starts = np.flatnonzero(np.diff(self.units, prepend=np.float32(-1.0)))
        ends = [*starts[1:].tolist(), len(self.units)]

        def measure(start: int) -> None:
            chunk = np.asarray(features[start : start + _CHUNK], np.float32)
            apart = matrix @ chunk.T
            apart += lengths
            squares = np.einsum("ij,ij->i", chunk, chunk)
            found = np.full(len(chunk), np.inf, np.float32)
            for first, end in zip(starts.tolist(), ends, strict=True):
                squared = apart[first:end].min(axis=0)
                squared += squares
                squared *= np.float32(1.0 / float(self.units[first]) ** 2)
                np.minimum(found, squared, out=found)
            np.sqrt(np.maximum(found, 0, out=found), out=result[start : start + _CHUNK])

        starts_at, threads = range(0, len(features), _CHUNK), torch.get_num_threads()
        if threads == 1:
            for start in starts_at:
                measure(start)
            return result
        with one_thread(), ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(measure, starts_at):
                pass
        return result

    def is_novel(self, features: F32) -> Mask:
        """(samples,) which of (samples, dim) features are unlike anything labelled."""
        return self.distance(features) > np.float32(1.0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What :meth:`restore` needs beside the reason, as arrays fit for safetensors."""
        return {"landmarks": self.landmarks, "units": self.units}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], reason: str = "") -> Novelty:
        """What :meth:`arrays` was asked of.

        Raises:
            KeyError, ValueError: if an array is missing or does not fit the other.
        """
        landmarks, units = arrays["landmarks"], arrays["units"]
        if landmarks.ndim != 2 or units.shape != landmarks.shape[:1] or not (units > 0).all():
            raise ValueError("landmarks and their units do not fit each other")
        return cls(landmarks, units, reason)


def _spread(groups: I64, count: int, most: int, random: np.random.Generator) -> I64:
    """Indices, ascending, of at most ``most`` samples of each place."""
    turn = _turns(groups, random.permutation(count))
    return np.flatnonzero(turn < most)


def _turns(groups: I64, order: I64) -> I64:
    """(samples,) how many samples of the same place come earlier in an order."""
    turn = np.empty(len(groups), np.int64)
    sorted_by_place = order[np.argsort(groups[order], kind="stable")]
    ordered = groups[sorted_by_place]
    first = np.r_[0, np.flatnonzero(np.diff(ordered)) + 1] if len(ordered) else np.zeros(0, np.int64)
    lengths = np.diff(np.r_[first, len(ordered)])
    turn[sorted_by_place] = np.arange(len(ordered)) - np.repeat(first, lengths)
    return turn


def _landmarks(labels: I64, groups: I64, random: np.random.Generator) -> I64:
    """Indices of the samples that stand for all, class by class: one of every place before a second."""
    classes = np.unique(labels)
    most = max(_LANDMARKS // max(len(classes), 1), _FEWEST_OF_A_CLASS)
    order = random.permutation(len(labels))
    turn = _turns(groups, order)
    chosen = [np.zeros(0, np.int64)]
    for label in classes:
        members = order[labels[order] == label]
        chosen.append(members[np.argsort(turn[members], kind="stable")][:most])
    return np.concatenate(chosen)


def _usual(own: F64, labels: I64, groups: I64, weights: F64, wanted: I64) -> F64:
    """Of each wanted label its class's usual distance: the median, drawn towards that of all classes.

    Args:
        own: (samples,) distance of each sample to the nearest landmark of its class.
        labels, groups, weights: of the samples.
        wanted: (landmarks,) class indices.
    """
    everywhere = _quantile(own, weights, 0.5)
    units = np.empty(len(wanted))
    for label in np.unique(wanted):
        mine = labels == label
        places = len(np.unique(groups[mine]))
        median = _quantile(own[mine], weights[mine], 0.5) if places else everywhere
        units[wanted == label] = (places * median + _PRIOR * everywhere) / (places + _PRIOR)
    return np.maximum(units, 1e-6)


def _quantile(values: F64, weights: F64, share: float, unseen: float = 0.0) -> float:
    """The least value up to which ``share`` of the weight lies; unseen weight may lie beyond all."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / (weights.sum() + unseen)
    return float(values[order][min(int(np.searchsorted(reached, share)), len(values) - 1)])

