"""DOFA: a vision transformer over any number of bands, whose patch kernels follow from the wavelengths.

Xiong et al. 2024, "Neural Plasticity-Inspired Multimodal Foundation Model for Earth Observation"
(arXiv:2403.15356); weights as TorchGeo publishes them in torchgeo/dofa, CC-BY-4.0.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...cards import Card
from ..parts.any_band import AnyBandEncoder
from ..parts.attention import vit_blocks
from ..parts.codes import resize_table, sincos
from ..parts.hypernetwork import DOFA, BandPatches
from ..parts.patch_encoder import Inputs, TokenNetwork, hyperparameters

# The authors tell C band from light by this number in place of a wavelength: centimetres for micrometres.
_RADAR = {"VV": 5405.0, "VH": 5405.0}


class DofaNetwork(TokenNetwork):
    """The encoder with the parameter names of the published files.

    Args:
        dim: length of a token.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``.
        code: length of a wavelength's code.
        patch: side of a patch in pixels.
        image: side in pixels of the images that the stored codes of positions are for.

    Attributes:
        wavelengths: of its bands in nanometres, where a network has the same ones always.
    """

    wavelengths: tuple[float, ...] = ()

    def __init__(
        self, dim: int, depth: int, heads: int, mlp_ratio: float, code: int, patch: int, image: int
    ) -> None:
        super().__init__()
        self.dim = dim
        self.patch_embed = BandPatches(dim, code, patch, DOFA)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (image // patch) ** 2, dim))
        self.blocks = vit_blocks(dim, depth, heads, mlp_ratio, eps=1e-6)

    def forward(self, images: Tensor, wavelengths: Tensor, seen: Tensor | None = None) -> Tensor:
        """Encode images.

        Args:
            images: standardised, (batch, bands, rows, cols).
            wavelengths: of the bands in nanometres, (bands,).
            seen: (batch, patch rows, patch cols), False for patches that nothing must look at.

        Returns:
            (batch, 1 + patches, dim) of the last block, the class token first.
        """
        return self.through_blocks(self.embedded(images, wavelengths), seen)

    def embedded(self, images: Tensor, wavelengths: Tensor) -> Tensor:
        """What the first block gets; see :meth:`forward`."""
        patches = self.patch_embed(images, wave_code(wavelengths, self.patch_embed.code))
        rows, cols = patches.shape[1:3]
        places = resize_table(self.pos_embed[:, 1:], rows, cols, mode="bilinear")
        first = (self.cls_token + self.pos_embed[:, :1]).expand(len(images), -1, -1)
        return torch.cat([first, patches.flatten(1, 2) + places], dim=1)


def wave_code(wavelengths: Tensor, dim: int) -> Tensor:
    """Sine-cosine code (bands, dim) of wavelengths in nanometres (bands,)."""
    steps = torch.arange(dim // 2, dtype=torch.float32, device=wavelengths.device)
    return sincos(wavelengths, 1.0 / 10000.0 ** (steps / (dim / 2)))


class Dofa(AnyBandEncoder):
    """DOFA over single-date windows of any optical bands, Sentinel-1, or both at once."""

    # What the authors' own files hold beside the encoder: of the pretraining, and of a classifier.
    not_needed = ("mask_token", "norm.", "fc_norm.", "projector.", "head.")

    @classmethod
    def build(cls, card: Card) -> DofaNetwork:
        names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "code_size", "patch_size", "image_size")
        return DofaNetwork(*hyperparameters(card, *names))

    def tokens(self, inputs: Inputs) -> Tensor:
        found = self._network(self.scaled(inputs), self.by_band(inputs, _RADAR), inputs.seen)
        return self.as_grid(found, inputs)


load = Dofa.open
