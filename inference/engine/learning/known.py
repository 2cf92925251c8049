"""What is known of samples whose layers may be missing at places: such features are NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..base import F32


def known_of_all(features: F32) -> F32:
    """The features that are known of every sample, (samples, some); zeros where there is none.

    For what compares samples with one another: by what is missing of some of them, two cannot be compared.
    """
    known = ~np.isnan(features).any(axis=0)
    if known.all():
        return features
    return features[:, known] if known.any() else np.zeros((len(features), 1), np.float32)


def comparable(features: F32, others: F32) -> tuple[F32, F32]:
    """:func:`known_of_all` of two sets of samples together."""
    both = known_of_all(np.concatenate([features, others]))
    return both[: len(features)], both[len(features) :]


def nearness(features: F32, directions: F32) -> F32:
    """Cosines, (samples, directions), over what is known of both; -1 where that is nothing.

    Args:
        features: (samples, dim).
        directions: (directions, dim), of length 1.
    """
    if not np.isnan(features).any() and not np.isnan(directions).any():
        cosines: F32 = unit_vectors(features) @ directions.T
        return cosines
    there, wanted = (~np.isnan(values) for values in (features, directions))
    left, right = np.where(there, features, 0), np.where(wanted, directions, 0)
    lengths = np.sqrt((left**2) @ wanted.T.astype(np.float32)) * np.sqrt(
        there.astype(np.float32) @ (right**2).T
    )
    shared = there.astype(np.float32) @ wanted.T.astype(np.float32) > 0
    found: F32 = np.where(shared, left @ right.T / np.maximum(lengths, np.float32(1e-6)), np.float32(-1.0))
    return found


def unit_vectors(vectors: F32) -> NDArray[np.float32]:
    """(n, dim) rows scaled to length 1; a zero row stays zero."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(length, np.float32(1e-6))
