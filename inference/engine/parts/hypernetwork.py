"""Patch embeddings for any bands: a small network makes each band's kernel from a code of the band.

Xiong et al. 2024, "Neural Plasticity-Inspired Multimodal Foundation Model for Earth Observation"
(DOFA, arXiv:2403.15356); Clay 1.5 and Copernicus-FM took it over with other constants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from .patches import resize_kernel

# The generator's transformer, the same in all families.
_TOKENS, _HEADS, _HIDDEN = 128, 4, 2048


@dataclass(frozen=True)
class Variant:
    """What families do differently.

    Attributes:
        activation: between the layers that a band's code passes first.
        weight_gain, bias_gain: factors of the kernels and of their bias.
        dim_last: whether a made kernel runs over rows, columns, then features; else features come first.
        margin: pixels by which the patches start before the image, whose border counts as 0 there.
    """

    activation: Callable[[Tensor], Tensor]
    weight_gain: float
    bias_gain: float
    dim_last: bool
    margin: int


DOFA = Variant(F.relu, 0.01, 0.01, dim_last=True, margin=1)
CLAY = Variant(F.gelu, 0.02, 1.0, dim_last=False, margin=0)


class CodeLayers(nn.Module):
    """Two layers, each followed by the activation, added to what goes in."""

    def __init__(self, code: int, activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.activation = activation
        self.w1 = nn.Linear(code, code)
        self.w2 = nn.Linear(code, code)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.activation(self.w2(self.activation(self.w1(x))))


class KernelGenerator(nn.Module):
    """One kernel for each band and one bias for all, by a transformer over the bands' codes."""

    def __init__(self, code: int, kernel: int, dim: int) -> None:
        super().__init__()
        self.weight_tokens = nn.Parameter(torch.zeros(_TOKENS, code))
        self.bias_token = nn.Parameter(torch.zeros(1, code))
        layer = nn.TransformerEncoderLayer(code, _HEADS, _HIDDEN, dropout=0.0, activation="gelu")
        self.transformer_encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.fc_weight = nn.Linear(code, kernel)
        self.fc_bias = nn.Linear(code, dim)

    def forward(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """(bands, code) to kernels (bands, kernel) and a bias (dim,)."""
        x = self.transformer_encoder(torch.cat([self.weight_tokens, codes, self.bias_token]))
        return self.fc_weight(x[_TOKENS:-1] + codes), self.fc_bias(x[-1])


class BandPatches(nn.Module):
    """A patch embedding for any number of bands, with parameters named as DOFA's.

    Args:
        dim: length of a token.
        code: length of a band's code.
        side: of the kernels in pixels.
        variant: the family's constants.
    """

    def __init__(self, dim: int, code: int, side: int, variant: Variant) -> None:
        super().__init__()
        self.dim, self.code, self.side, self.variant = dim, code, side, variant
        self.fclayer = CodeLayers(code, variant.activation)
        self.weight_generator = KernelGenerator(code, side * side * dim, dim)

    def kernels(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """The kernels (dim, bands, side, side) and their bias (dim,) for codes (bands, code)."""
        made, bias = self.weight_generator(self.fclayer(codes))
        bands, side = len(codes), self.side
        if self.variant.dim_last:
            weight = made.reshape(bands, side, side, self.dim).permute(3, 0, 1, 2)
        else:
            weight = made.reshape(bands, self.dim, side, side).transpose(0, 1)
        return weight * self.variant.weight_gain, bias * self.variant.bias_gain

    def forward(self, images: Tensor, codes: Tensor, size: int = 0) -> Tensor:
        """Project patches.

        Args:
            images: (batch, bands, rows, cols), the sides multiples of a patch's.
            codes: (bands, code).
            size: side of a patch in pixels, 0 for that of the kernels; others resize the kernels.

        Returns:
            (batch, patch rows, patch cols, dim).
        """
        weight, bias = self.kernels(codes)
        size = size or self.side
        batch, bands, rows, cols = images.shape
        margin = self.variant.margin
        # The last pixels fall out of the last patch by as many as the first one lies before the image.
        shifted = F.pad(images, (margin, 0, margin, 0))[..., :rows, :cols]
        cut = shifted.reshape(batch, bands, rows // size, size, cols // size, size)
        # The bands last: sums in the order of the original's convolution round as it does.
        patches = cut.permute(0, 2, 4, 3, 5, 1).flatten(3)
        kernel = resize_kernel(weight, size).permute(0, 2, 3, 1).flatten(1)
        # Not a convolution: its answer for a batch of one differs in the last bits from that for more.
        return F.linear(patches, kernel, bias)
