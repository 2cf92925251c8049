"""Heads: from feature vectors to class probabilities. Fitted by scikit-learn, kept as plain arrays.

A head is a mean over one or more parts (see :mod:`.ensemble`); what a method is made of is data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import NDArray

from ...errors import InvalidRequest, ModelCorrupt
from .ensemble import MeanHead, Part
from .forest import Forest
from .linear import Discriminant, Logistic
from .neighbours import Neighbours, Prototypes
from .network import Network

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


def restore_head(method: str, arrays: Mapping[str, NDArray[Any]]) -> MeanHead:
    """The fitted head whose ``arrays()`` were kept; it predicts the same numbers.

    Raises:
        ModelCorrupt: if the arrays do not make up a head of this method.
    """
    try:
        head = make_head(method)
        head.load(arrays)
    except (InvalidRequest, KeyError, ValueError, IndexError) as error:
        raise ModelCorrupt(
            f"The classifier's head {method!r} is incomplete or of another version.",
            "Teach the classifier again.",
            repr(error),
        ) from error
    return head
