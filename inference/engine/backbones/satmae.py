"""SatMAE: masked autoencoders of satellite pictures, and of Sentinel-2 in groups of bands.

Cong et al. 2022, "SatMAE: Pre-training Transformers for Temporal and Multi-Spectral Satellite Imagery"
(arXiv:2207.08051); weights as rshf publishes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ...bands import Band
from ...cards import Card
from ..base import WindowBatch
from ..parts.codes import resize_table
from ..parts.patch_encoder import Inputs, PatchEncoder, TokenNetwork, hyperparameters
from ..parts.patches import PatchEmbed
from ..parts.pictures import COLOURS, PictureEncoder
from ..parts.vit import VisionTransformer
from ..precision import Precision

# Bands that share a token, in the network's order.
GROUPS = (("B02", "B03", "B04", "B08"), ("B05", "B06", "B07", "B8A"), ("B11", "B12"))
# The authors' two programs differ in this.
_EPS_PICTURES, _EPS_GROUPS = 1e-5, 1e-6
# What the length of the code of groups is called among a card's sizes; pictures have no groups.
_GROUP_CODE = "channel_embed"
_BYTE_STEPS = 255


class PictureNetwork(VisionTransformer):
    """The encoder of pictures with the published files' parameter names.

    Args:
        dim, depth, heads, mlp_ratio: see :class:`~..parts.vit.VisionTransformer`.
        patch: side of a patch in pixels.
        side: of the square images that the table of positions is for, in pixels.
    """

    def __init__(self, dim: int, depth: int, heads: int, mlp_ratio: float, patch: int, side: int) -> None:
        super().__init__(dim, depth, heads, mlp_ratio, _EPS_PICTURES)
        self.patch = patch
        self.patch_embed = PatchEmbed(len(COLOURS), dim, patch)
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (side // patch) ** 2, dim))

    def forward(self, images: Tensor, seen: Tensor | None = None) -> Tensor:
        """Encode pictures.

        Args:
            images: (batch, 3, rows, cols), standardised, sides multiples of the patch's.
            seen: (batch, patches), False for those to leave out of attention.

        Returns:
            (batch, 1 + patches, dim), the class token first, then patches row by row.
        """
        patches = _patches(self.patch_embed, images, self.patch)
        code = resize_table(self.pos_embed[:, 1:], *patches.shape[1:3])
        return self.attended(patches.flatten(1, 2) + code, self.pos_embed[:, :1], seen)


class GroupNetwork(VisionTransformer):
    """The encoder of groups of bands with the published files' parameter names.

    Args:
        dim, depth, heads, mlp_ratio, patch, side: as :class:`PictureNetwork`.
        group_code: length of the part of a token that codes its group; the rest codes its position.
    """

    def __init__(
        self, dim: int, depth: int, heads: int, mlp_ratio: float, patch: int, side: int, group_code: int
    ) -> None:
        super().__init__(dim, depth, heads, mlp_ratio, _EPS_GROUPS)
        self.patch = patch
        self.patch_embed = nn.ModuleList(PatchEmbed(len(group), dim, patch) for group in GROUPS)
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (side // patch) ** 2, dim - group_code))
        self.channel_embed = nn.Parameter(torch.zeros(1, len(GROUPS), group_code))

    def forward(self, groups: Sequence[Tensor], seen: Tensor | None = None) -> Tensor:
        """Encode one image of each group of bands.

        Args:
            groups: (batch, bands, rows, cols) of each, from 0 to 1, sides multiples of the patch's.
            seen: (batch, patches), False for those to leave out of attention.

        Returns:
            (batch, 1 + groups * patches, dim), the class token first, then group by group.
        """
        pairs = zip(self.patch_embed, groups, strict=True)
        images = [_patches(part, image, self.patch) for part, image in pairs]
        place = resize_table(self.pos_embed[:, 1:], *images[0].shape[1:3])
        tokens = [
            image.flatten(1, 2) + torch.cat([place, group.expand(1, place.shape[1], -1)], dim=2)
            for image, group in zip(images, self.channel_embed[0], strict=True)
        ]
        masks = None if seen is None else seen.repeat(1, len(tokens))
        # The class token has no code here.
        return self.attended(torch.cat(tokens, dim=1), seen=masks)


def _patches(part: nn.Module, images: Tensor, side: int) -> Tensor:
    """(batch, bands, rows, cols) in pixels to (batch, rows, cols, dim) in patches."""
    found: Tensor = part(images.permute(0, 2, 3, 1)[..., None, :], side)
    return found.squeeze(3)


class SatMae(PictureEncoder):
    """SatMAE over pictures, or over Sentinel-2, as its card has sizes for the one or the other.

    Windows are those of its training, 224 and 96 pixels. A patch's feature is its token, or the mean of
    its groups' tokens.
    """

    weights_in = "model"

    def __init__(self, card: Card, network: TokenNetwork, device: str, precision: Precision) -> None:
        super().__init__(card, network, device, precision)
        self._grouped = isinstance(network, GroupNetwork)

    # The files hold the decoder of the training, too.
    not_needed = ("decoder_", "mask_token")

    @classmethod
    def build(cls, card: Card) -> PictureNetwork | GroupNetwork:
        names = ("embed_dim", "depth", "num_heads", "mlp_ratio", "patch_size", "img_size")
        if _GROUP_CODE in card.raw["properties"].get("mlm:hyperparameters", {}):
            return GroupNetwork(*hyperparameters(card, *names, _GROUP_CODE))
        return PictureNetwork(*hyperparameters(card, *names))

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the colours, of bytes or reflectance, or of Sentinel-2's bands.

        Raises:
            UnsupportedInput: naming those that are missing, or whose values are in other units.
        """
        return PatchEncoder.select(self, bands) if self._grouped else super().select(bands)

    def trial_batch(self) -> WindowBatch:
        return PatchEncoder.trial_batch(self) if self._grouped else super().trial_batch()

    def tokens(self, inputs: Inputs) -> Tensor:
        seen = None if inputs.seen is None else inputs.seen.flatten(1)
        images = [self._group(inputs, names) for names in GROUPS] if self._grouped else self.picture(inputs)
        tokens: Tensor = self._network(images, seen)[:, 1:]
        rows, cols = (side // self.stride for side in next(iter(inputs.values.values())).shape[1:])
        places = tokens.reshape(inputs.batch, -1, rows * cols, self.dim).mean(dim=1)
        return places.transpose(1, 2).reshape(inputs.batch, self.dim, rows, cols)

    def _group(self, inputs: Inputs, names: Sequence[str]) -> Tensor:
        """Bands with mean - 2 std at 0 and mean + 2 std at 1, cut to 8 bits: so they were in its training."""
        bands = torch.stack([(self.standardised(inputs, name) + 2) / 4 for name in names], dim=1)
        return (bands.clamp(0, 1) * _BYTE_STEPS).floor() / _BYTE_STEPS


load = SatMae.open
