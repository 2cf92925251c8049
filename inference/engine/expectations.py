"""Whether a raster's values are of the size that a model was made for; what is not so is told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..bands import BYTE, Band
from ..catalog import Card
from ..errors import UnsupportedInput
from .base import F32
from .rasters import Stack

# A middle value so many deviations from the model's mean is no scene but another unit or scale.
_FAR = 5.0
# Bands that all vary so little beside the model's deviation are given in larger units than it knows.
_FLAT = 0.005
_NAMED = 4
# Pixels so many times smaller or larger than the card names are another scale.
_EDGE = 1.05


def doubts(model: str, bands: Sequence[Band], quartiles: F32, distances: F32) -> list[str]:
    """At most one sentence about values that do not fit a model.

    Args:
        model: its name.
        bands: those it reads.
        quartiles: (3, bands) lower quartile, median and upper quartile of each, NaN if unknown.
        distances: the same in the model's own terms: deviations from the mean it was made with.
    """
    known = np.isfinite(distances).all(axis=0)
    far = known & (np.abs(distances[1]) > _FAR)
    flat = known & (distances[2] - distances[0] < _FLAT)
    odd = far if far.any() else flat & bool(known.any() and flat[known].all())
    if not odd.any():
        return []
    named = [
        f"{bands[i].name} (mostly {quartiles[0, i]:.4g} to {quartiles[2, i]:.4g})"
        for i in map(int, np.flatnonzero(odd))
    ]
    rest = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return [
        f"The values of {', '.join(named[:_NAMED])}{rest} are not of the size that {model} was made with; "
        "check the scale and offset of the layer, or the result may mean nothing."
    ]


def network_doubts(card: Card, stack: Stack, chosen: Sequence[int]) -> list[str]:
    """:func:`doubts` about a network whose card names the means and deviations of its bands.

    Args:
        card: of the network.
        stack: what it shall read.
        chosen: indices of the stack's bands in the network's order.
    """
    low, high = card.gsd
    found = []
    if not low / _EDGE <= stack.grid.gsd <= high * _EDGE:
        found.append(
            f"{card.title} was made for pixels of {low:g} to {high:g} m; these are {stack.grid.gsd:.3g} m."
        )
    fed = [asset for asset in card.assets if len(asset.bands) == len(chosen) == len(asset.mean)]
    if not fed:
        return found
    quartiles = stack.quartiles[:, list(chosen)]
    mean, std = np.asarray(fed[0].mean, np.float32), np.asarray(fed[0].std, np.float32)
    bands = [stack.bands[index] for index in chosen]
    return [*found, *doubts(card.title, bands, quartiles, (quartiles - mean) / std)]


def require_bytes(card: Card, stack: Stack, chosen: Sequence[int]) -> None:
    """Refuse bands that are not stored as bytes where the network was made for those alone.

    Raises:
        UnsupportedInput: naming the bands and how they are stored.
    """
    other = [index for index in chosen if stack.dtypes[index] != "uint8"]
    if card.units != BYTE or not other:
        return
    names, kinds = ", ".join(stack.bands[i].name for i in other), {stack.dtypes[i] for i in other}
    raise UnsupportedInput(
        f"The model {card.id} divides bytes by 255, and {names} of the layer are stored as "
        f"{' and '.join(sorted(kinds))}.",
        "Convert the layer to Byte as its training images were, or add the model again and say how the "
        "layer's numbers are scaled (python -m geofm models add FILE --scale ...).",
    )
