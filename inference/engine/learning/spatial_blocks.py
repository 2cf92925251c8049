"""Blocks in space for cross-validation: labelled places near each other are alike, and stay on one side.

Leaving single polygons out still lets a neighbour on the same field or slope speak for them. Whole
blocks of the ground are left out instead, as wide as the features are alike: the range of their
variogram (Roberts et al. 2017, "Cross-validation strategies for data with temporal, spatial,
hierarchical, or phylogenetic structure", Ecography 40, 913-929; Valavi et al. 2019, "blockCV", Methods
in Ecology and Evolution 10, 225-232). Several features have one variogram together: half the mean
squared distance of pairs in feature space (Bourgault and Marcotte 1991, Mathematical Geology 23, 899).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Metres of a degree, near enough for the width of a block.
_DEGREE = 111_320.0
# Pairs of fewer places tell no range; of more places a part is looked at.
_LEAST_PLACES, _MOST_PLACES = 12, 1500
_LAGS = 12
# The range is where the variogram first reaches so much of its sill, the mean of its farther half.
_SILL = 0.95
_MOST_HALVINGS = 20


@dataclass(frozen=True)
class Blocking:
    """Which places are left out together.

    Attributes:
        groups: (places,) number of each place's block.
        side: of a block in metres; 0 where each place is a block of its own.
    """

    groups: I64
    side: float


def spatial_blocks(places: F64, classes: I64, features: F64, side: float = 0.0, seed: int = 0) -> Blocking:
    """Put labelled places into square blocks.

    Blocks are halved until every class that has several places has several blocks, unless their side
    is given. Places that nobody knows the position of are blocks of their own.

    Args:
        places: (places, 2) longitude and latitude, NaN where unknown.
        classes: (places,) of each.
        features: (places, dim), mean of each.
        side: of a block in metres; 0 takes the range of the features' variogram.
        seed: of the draw of pairs, where there are very many places.
    """
    count = len(places)
    metres = _metres(places)
    known = np.isfinite(metres.sum(axis=1))
    given = side > 0
    width = side if given else _range(metres[known], features[known], seed)
    alone = np.arange(count)
    if not width > 0:
        return Blocking(alone, 0.0)
    for _ in range(_MOST_HALVINGS):
        groups = _numbered(metres, known, width)
        if given or _serve(groups, classes):
            return Blocking(groups, width)
        width /= 2
    return Blocking(alone, 0.0)


def _metres(places: F64) -> F64:
    """Places on a plane around their middle; east over the antimeridian is still near."""
    known = places[np.isfinite(places).all(axis=1)]
    if not len(known):
        return np.full(places.shape, np.nan)
    east = (places[:, 0] - known[0, 0] + 180.0) % 360.0 - 180.0
    shrunk = np.cos(np.radians(np.nanmean(places[:, 1])))
    return np.stack([east * shrunk, places[:, 1]], axis=1) * _DEGREE


def _range(metres: F64, features: F64, seed: int) -> float:
    """Distance from which on places are no more alike than any; 0 where that cannot be told."""
    count = len(metres)
    if count < _LEAST_PLACES:
        return 0.0
    if count > _MOST_PLACES:
        chosen = np.random.default_rng(seed).choice(count, _MOST_PLACES, replace=False)
        metres, features = metres[chosen], features[chosen]
    first, second = np.triu_indices(len(metres), 1)
    apart = np.linalg.norm(metres[first] - metres[second], axis=1)
    squares = (features**2).sum(axis=1)
    unlike = squares[first] + squares[second] - 2 * np.einsum("ij,ij->i", features[first], features[second])
    # Beyond half of the longest distance pairs become few and one-sided.
    near = apart <= apart.max() / 2
    if near.sum() < _LAGS or not apart.max() > 0:
        return 0.0
    edges = np.quantile(apart[near], np.linspace(0, 1, _LAGS + 1))
    lag = np.clip(np.searchsorted(edges, apart[near], side="right") - 1, 0, _LAGS - 1)
    counts = np.maximum(np.bincount(lag, minlength=_LAGS), 1)
    variogram = np.bincount(lag, weights=unlike[near], minlength=_LAGS) / counts / 2
    sill = variogram[_LAGS // 2 :].mean()
    reached = np.flatnonzero(variogram >= _SILL * sill)
    return float(edges[reached[0] + 1]) if len(reached) else float(edges[-1])


def _numbered(metres: F64, known: NDArray[np.bool_], width: float) -> I64:
    """(places,) number of each one's square."""
    cells = np.floor(np.where(known[:, None], metres, 0.0) / width).astype(np.int64)
    _, groups = np.unique(cells[known], axis=0, return_inverse=True)
    result = np.arange(len(metres)) + len(metres)
    result[known] = groups.ravel()
    return np.unique(result, return_inverse=True)[1].astype(np.int64)


def _serve(groups: I64, classes: I64) -> bool:
    """Whether every class of several places can be left out without being lost."""
    for index in np.unique(classes):
        members = groups[classes == index]
        if len(members) > 1 and len(np.unique(members)) < 2:
            return False
    return True
