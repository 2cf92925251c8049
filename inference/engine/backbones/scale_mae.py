"""Scale-MAE: a vision transformer of pictures that knows the size of their pixels.

Reed et al. 2023, "Scale-MAE: A Scale-Aware Masked Autoencoder for Multiscale Geospatial Representation
Learning" (arXiv:2212.14532); weights as torchgeo publishes them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...cards import Card
from ..parts.codes import grid_code
from ..parts.patch_encoder import Inputs, hyperparameters
from ..parts.patches import PatchEmbed
from ..parts.pictures import COLOURS, PictureEncoder
from ..parts.vit import VisionTransformer

_EPS = 1e-6


class ScaleMaeNetwork(VisionTransformer):
    """The encoder with timm's parameter names.

    Args:
        dim, depth, heads, mlp_ratio: see :class:`~..parts.vit.VisionTransformer`.
        patch: side of a patch in pixels.
    """

    def __init__(self, dim: int, depth: int, heads: int, mlp_ratio: float, patch: int) -> None:
        super().__init__(dim, depth, heads, mlp_ratio, _EPS)
        self.patch = patch
        self.patch_embed = PatchEmbed(len(COLOURS), dim, patch)

    def forward(self, images: Tensor, gsd: float, seen: Tensor | None = None) -> Tensor:
        """Encode pictures.

        Args:
            images: (batch, 3, rows, cols), standardised, sides multiples of the patch's.
            gsd: side of a pixel in metres.
            seen: (batch, patches), False for those to leave out of attention.

        Returns:
            (batch, 1 + patches, dim), the class token first, then patches row by row.
        """
        patches = self.patch_embed(images.permute(0, 2, 3, 1)[..., None, :], self.patch).squeeze(3)
        rows, cols = patches.shape[1:3]
        # The number of the patch times the side of a pixel: that is what it was trained on.
        code = grid_code(torch.arange(rows) * gsd, torch.arange(cols) * gsd, self.dim)
        return self.attended((patches + code.to(patches)).flatten(1, 2), seen=seen)


class ScaleMae(PictureEncoder):
    """Scale-MAE over pictures of known pixel size, in windows of 224 pixels as in its training."""

    # A table of positions is stored, but they are computed from the pixels' size. The rest ends elsewhere.
    not_needed = ("pos_embed", "decoder", "mask_token", "head.", "fc_norm.")

    @classmethod
    def build(cls, card: Card) -> ScaleMaeNetwork:
        return ScaleMaeNetwork(
            *hyperparameters(card, "embed_dim", "depth", "num_heads", "mlp_ratio", "patch_size")
        )

    def tokens(self, inputs: Inputs) -> Tensor:
        picture = self.picture(inputs)
        seen = None if inputs.seen is None else inputs.seen.flatten(1)
        tokens: Tensor = self._network(picture, inputs.scene.gsd, seen)[:, 1:]
        rows, cols = (side // self.stride for side in picture.shape[2:])
        return tokens.transpose(1, 2).reshape(inputs.batch, self.dim, rows, cols)


load = ScaleMae.open
