"""What the encoders of pictures share: red, green and blue as brightness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ...bands import BYTE, REFLECTANCE, Band
from ...errors import UnsupportedInput
from ..base import WindowBatch
from .patch_encoder import Inputs, PatchEncoder

COLOURS = ("red", "green", "blue")
# The reflectance that is drawn white. Land without snow seldom reaches it in the visible; rslearn, of the
# Allen Institute as Satlas is, prepares Sentinel-2 for Satlas' models of pictures with it.
WHITE = 0.3
_BYTE_WHITE = 255.0


def brightness(values: Tensor, band: Band) -> Tensor:
    """Values of a colour as a picture shows them, 0 black to 1 white: bytes, or reflectance."""
    return values / _BYTE_WHITE if band.units == BYTE else (values / WHITE).clamp(0, 1)


def require_picture(bands: Sequence[Band]) -> None:
    """Refuse colours that no picture can be drawn of.

    Raises:
        UnsupportedInput: unless all are bytes of a picture or all are reflectance.
    """
    if {band.units for band in bands} not in ({BYTE}, {REFLECTANCE}):
        names = ", ".join(band.name for band in bands)
        raise UnsupportedInput(
            f"The values of {names} are neither reflectance nor all bytes of a picture.",
            "Give SCALE, the factor that turns the stored numbers into reflectance from 0 to 1, or convert "
            "the layer to Byte, with 0 for black and 255 for white.",
        )


class PictureEncoder(PatchEncoder):
    """An encoder of pictures, of bytes or drawn of reflectance; means and deviations are of brightness."""

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the colours.

        Raises:
            UnsupportedInput: naming those that are missing, or that cannot be drawn.
        """
        chosen = tuple(sorted(self.match(bands).values()))
        require_picture([bands[index] for index in chosen])
        return chosen

    def picture(self, inputs: Inputs) -> Tensor:
        """(batch, 3, rows, cols): brightness less its mean, over its standard deviation."""
        colours = []
        for name in COLOURS:
            mean, std = self.scaling[name]
            colours.append((brightness(inputs.values[name], inputs.bands[name]) - mean) / std)
        return torch.stack(colours, dim=1)

    def trial_batch(self) -> WindowBatch:
        batch = super().trial_batch()
        return replace(batch, pixels=batch.pixels * WHITE)
