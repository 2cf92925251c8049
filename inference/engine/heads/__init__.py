"""Heads: from feature vectors to class probabilities. Fitted by scikit-learn, kept as plain arrays.

A head is a mean over one or more parts (see :mod:`.ensemble`); what a method is made of is data. Of
scikit-learn only what fits a part is loaded, and when it does: that takes a second, and most runs need none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidRequest, ModelCorrupt
from ..base import F32, Mask
from .ensemble import MeanHead, Part
from .forest import Forest
from .layered import LayeredHead, observed
from .linear import Discriminant, Logistic
from .neighbours import Neighbours, Prototypes
from .network import Network

__all__ = ["AnyHead", "LayeredHead", "head_for", "make_head", "restore_head"]

AnyHead = MeanHead | LayeredHead

_PARTS: dict[str, dict[str, Callable[[], Part]]] = {
    "ensemble": {
        "discriminant": Discriminant,
        "network": lambda: Network(most=1500, steps=100),
    },
    "fast": {"linear": lambda: Logistic(10.0)},
    "prototypes": {"prototypes": Prototypes},
    "knn": {"neighbours": Neighbours},
    "forest": {"forest": Forest},
    "mlp": {"network": lambda: Network(most=10_000, steps=200)},
}


def make_head(method: str, seed: int = 0) -> MeanHead:
    """An unfitted head.

    Args:
        method: ``ensemble``, ``fast``, ``prototypes``, ``knn``, ``forest`` or ``mlp``.
        seed: of everything random in fitting it.

    Raises:
        InvalidRequest: if there is no such method.
    """
    if method not in _PARTS:
        raise InvalidRequest(f"Unknown method {method!r}.", f"Known are: {', '.join(_PARTS)}.")
    return MeanHead(method, {name: make() for name, make in _PARTS[method].items()}, seed)


def head_for(method: str, seed: int, features: F32, patterns: Mask | None = None) -> AnyHead:
    """An unfitted head for samples of which layers may be missing, a plain one where none can be.

    Args:
        features: (samples, dim) that it will be fitted to.
        patterns: (patterns, dim) what may be known of other pixels, a feature space's ``patterns``.

    Raises:
        InvalidRequest: if there is no such method.
    """
    missing = np.isnan(features).any()
    if not missing and (patterns is None or len(patterns) < 2):
        return make_head(method, seed)
    known = [] if patterns is None else patterns.tolist()
    known += [one for one in observed(features).tolist() if any(one) and one not in known]
    ordered = sorted(known, key=lambda one: -sum(one))
    return LayeredHead(method, np.array(ordered, bool), lambda: make_head(method, seed))


def restore_head(method: str, arrays: Mapping[str, NDArray[Any]]) -> AnyHead:
    """The fitted head whose ``arrays()`` were kept; it predicts the same numbers.

    Raises:
        ModelCorrupt: if the arrays do not make up a head of this method.
    """
    try:
        head = _blank(method, arrays)
        head.load(arrays)
    except (InvalidRequest, KeyError, ValueError, IndexError) as error:
        raise ModelCorrupt(
            f"The classifier's head {method!r} is incomplete or of another version.",
            "Teach the classifier again.",
            repr(error),
        ) from error
    return head


def _blank(method: str, arrays: Mapping[str, NDArray[Any]]) -> AnyHead:
    patterns = arrays.get("patterns")
    if patterns is None:
        return make_head(method)
    if patterns.ndim != 2 or not patterns.size or not patterns.any(axis=1).all():
        raise ValueError("patterns of features are none")
    return LayeredHead(method, patterns.astype(bool), lambda: make_head(method))
