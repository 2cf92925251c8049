"""Least squares of each pixel over the dates on which it was seen.

Sums are added in a fixed order, date by date and term by term: what they come to must not depend on how
many pixels there are.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ..base import Mask

F64 = NDArray[np.float64]


def inverses(terms: F64, seen: Mask, ridge: F64) -> F64:
    """(pixels, terms, terms): the inverse of each pixel's normal matrix.

    Args:
        terms: (dates, terms).
        seen: (dates, pixels).
        ridge: (terms,) added to the diagonal, above 0, for pixels that were hardly seen.
    """
    normal = np.zeros((seen.shape[1], len(ridge), len(ridge)))
    normal[:] = np.diag(ridge)
    for term, here in zip(terms, seen, strict=True):
        normal += np.where(here[:, None, None], np.outer(term, term), 0.0)
    return np.asarray(np.linalg.inv(normal), np.float64)


def coefficients(terms: F64, known: F64, inverse: F64) -> F64:
    """(terms, pixels) of (dates, pixels) values, 0 where not seen."""
    right = np.zeros((terms.shape[1], known.shape[1]))
    for term, value in zip(terms, known, strict=True):
        right += term[:, None] * value
    return product(inverse, right)


def product(matrices: F64, vectors: F64) -> F64:
    """(terms, pixels) of (pixels, terms, terms) by (terms, pixels)."""
    terms = range(len(vectors))
    return np.stack([added(matrices[:, row, col] * vectors[col] for col in terms) for row in terms])


def form(matrices: F64, vectors: F64) -> F64:
    """(pixels,) of each vector by its matrix by the vector again."""
    return added(one * other for one, other in zip(vectors, product(matrices, vectors), strict=True))


def added(parts: Iterable[F64]) -> F64:
    """The sum, one after the other."""
    return functools.reduce(operator.add, parts)
