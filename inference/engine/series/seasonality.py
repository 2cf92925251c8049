"""Season features of a series as a texture of their own: see :mod:`.season_stack`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bands import Band
from ...errors import UnsupportedInput
from ..backbones.spectral_texture import locate
from ..base import F32, WindowBatch
from ..features.guided import local_mean

SEASON = "season"
_RADIUS = 1


class Seasonality:
    """Features of seasons as they are, and their means nearby, where the noise of single dates is less.

    As many as they are they stay apart: components of them would each weigh as much as the first, which
    tells crops apart, though all but a few are noise.

    Attributes:
        bands: the bands it reads.
        blocks: width of each block of features.
        around: of each block, whether it tells of what lies around a pixel.
        dim: features a pixel.
        halo: pixels around a pixel that its features depend on.
    """

    halo = _RADIUS
    around = (False, True)

    def __init__(self, bands: Sequence[Band]) -> None:
        self.bands = tuple(bands)
        self.blocks = (len(self.bands), len(self.bands))
        self.dim = sum(self.blocks)

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Where its bands are in a stack.

        Raises:
            UnsupportedInput: if the stack is no series, or not of these bands.
        """
        if not any(band.modality == SEASON for band in bands):
            raise UnsupportedInput(
                "The model was fitted to several dates, and the layers show one.",
                "Give the layers of a season, with their dates, or a folder of them.",
            )
        return locate(self.bands, bands)

    def encode(self, batch: WindowBatch) -> F32:
        """Features before standardisation, (batch, dim, rows, cols); 0 where invalid."""
        valid = batch.valid[:, None]
        known = np.where(valid, batch.pixels, np.float32(0.0))
        near = local_mean(known, valid, _RADIUS)
        return np.where(valid, np.concatenate([known, near], axis=1), np.float32(0.0))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Nothing is learned."""
        return {}

    def describe(self) -> dict[str, Any]:
        """The bands it reads, as JSON types."""
        return {"bands": [band.identity() for band in self.bands], SEASON: True}

    @classmethod
    def restore(cls, description: Mapping[str, Any]) -> Seasonality:
        """What :meth:`describe` was asked of.

        Raises:
            KeyError, TypeError, ValueError: if a part is missing.
        """
        bands = [Band(**entry) for entry in description["bands"]]
        if not bands:
            raise ValueError("seasons without a band")
        return cls(bands)
