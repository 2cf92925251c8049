"""The shape of the ground: slope, and features of a height model that lies beside an image.

How high a place is says little in another scene; how steep it is, and whether it lies above or below
its surroundings, does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bands import Band
from ..backbones.spectral_texture import locate
from ..base import F32, Mask, WindowBatch
from .guided import local_mean

# Pixels on each side of the surroundings that heights are compared with, and of those of a mean slope.
_AROUND, _NEAR = 7, 3


def slope(heights: F32, valid: Mask, gsd: float) -> F32:
    """Slope in degrees, by central differences as Earth Engine's terrain functions take them.

    Args:
        heights: (..., rows, cols) in metres.
        valid: the same shape; gaps take the mean of what lies around them.
        gsd: side of a pixel in metres.
    """
    if min(heights.shape[-2:]) < 2:
        return np.zeros_like(heights)
    known = np.where(valid, heights, np.float32(0.0))
    filled = np.where(valid, heights, local_mean(known, valid, _AROUND))
    down, across = np.gradient(filled.astype(np.float64), gsd, axis=(-2, -1))
    found: F32 = np.degrees(np.arctan(np.hypot(down, across))).astype(np.float32)
    return found


class Terrain:
    """Hand-made features of a height model; the counterpart of spectral-texture for what is no light.

    Attributes:
        bands: the bands it reads: heights in metres.
        blocks: width of each block of features.
        around: of each block, whether it tells of what lies around a pixel; how steep a place is counts as
            its own.
        dim: features a pixel.
        halo: pixels around a pixel that its features depend on.
    """

    feature_names = ("elevation", "elevation above surroundings", "slope", f"mean{2 * _NEAR + 1} slope")
    blocks = (len(feature_names),)
    around = (False,)
    dim = len(feature_names)
    # One more for the slope at the surroundings' edge.
    halo = _AROUND + 1

    def __init__(self, bands: Sequence[Band]) -> None:
        self.bands = tuple(bands)

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Where its bands are in a stack.

        Raises:
            UnsupportedInput: if one is missing.
        """
        return locate(self.bands, bands)

    def encode(self, batch: WindowBatch) -> F32:
        """Features before standardisation, (batch, dim, rows, cols); 0 where invalid."""
        heights = np.where(batch.valid, batch.pixels[:, 0], np.float32(0.0))
        steep = np.where(batch.valid, slope(heights, batch.valid, batch.scene.gsd), np.float32(0.0))
        above = heights - local_mean(heights, batch.valid, _AROUND)
        parts = [heights, above, steep, local_mean(steep, batch.valid, _NEAR)]
        return np.where(batch.valid[:, None], np.stack(parts, axis=1), np.float32(0.0))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Nothing is learned."""
        return {}

    def describe(self) -> dict[str, Any]:
        """The bands it reads, as JSON types."""
        return {"bands": [band.identity() for band in self.bands], "terrain": True}

    @classmethod
    def restore(cls, description: Mapping[str, Any]) -> Terrain:
        """What :meth:`describe` was asked of.

        Raises:
            KeyError, TypeError, ValueError: if a part is missing.
        """
        bands = [Band(**entry) for entry in description["bands"]]
        if not bands:
            raise ValueError("a height model without a band")
        return cls(bands)
