"""Whether a raster's values are of the size that a model was made for; what is not so is told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..bands import Band
from ..catalog import Card
from .base import F32
from .rasters import Stack

# A middle value so many deviations from the model's mean is no scene but another unit or scale.
_FAR = 5.0
# Bands that all vary so little beside the model's deviation are given in larger units than it knows.
_FLAT = 0.005
_NAMED = 4


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
    fed = [asset for asset in card.assets if len(asset.bands) == len(chosen) == len(asset.mean)]
    if not fed:
        return []
    quartiles = stack.quartiles[:, list(chosen)]
    mean, std = np.asarray(fed[0].mean, np.float32), np.asarray(fed[0].std, np.float32)
    return doubts(card.title, [stack.bands[index] for index in chosen], quartiles, (quartiles - mean) / std)
