"""Panopticon: a vision transformer that first brings any bands together by attention across them.

Waldmann et al. 2025, "Panopticon: Advancing Any-Sensor Foundation Models for Earth Observation"
(arXiv:2503.10845); weights lewaldm/panopticon, Apache-2.0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...cards import Card
from ..parts.any_band import AnyBandEncoder
from ..parts.attention import vit_blocks
from ..parts.codes import resize_table, sincos
from ..parts.patch_encoder import Inputs, TokenNetwork, hyperparameters
from ..parts.patches import cut_patches

# The authors' numbers of radar channels where the orbit is unknown. Below them come those of ascending
# orbits (-5 to -8) and descending ones (-9 to -12), each in the order VV, VH, HH, HV.
_RADAR = {"VV": -1.0, "VH": -2.0}
_VERTICAL, _HORIZONTAL = 0, 1
_TRANSMIT = (_VERTICAL, _VERTICAL, _HORIZONTAL, _HORIZONTAL)
_RECEIVE = (_VERTICAL, _HORIZONTAL, _HORIZONTAL, _VERTICAL)
_NOT_NEEDED = "mask_token"
# TorchGeo's module holds the published one under this name.
_PREFIX = "model."
# The gains that a block has, and the layers that they are of.
_GAINS = {"ls1": "attn.proj", "ls2": "mlp.fc2"}


class ChannelEmbedding(nn.Module):
    """Codes of channels: of a wavelength, or of a radar's polarisations and orbit."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        third = dim // 3
        self.dim = dim
        self.embed_transmit = nn.Parameter(torch.zeros(2, third))
        self.embed_receive = nn.Parameter(torch.zeros(2, third))
        self.embed_orbit = nn.Parameter(torch.zeros(2, dim - 2 * third))

    def forward(self, channels: Tensor) -> Tensor:
        """(batch, bands) whole nanometres, or negative numbers of radar channels, to (batch, bands, dim)."""
        half = self.dim // 2
        steps = torch.arange(half, dtype=torch.float32, device=channels.device) / (self.dim / 2.0)
        light = sincos(channels.flatten().float(), 1.0 / 10000.0**steps).reshape(*channels.shape, self.dim)
        orbits = torch.cat([self.embed_orbit.mean(dim=0, keepdim=True), self.embed_orbit])
        waves = [self.embed_transmit[list(_TRANSMIT)], self.embed_receive[list(_RECEIVE)]]
        kinds = [*(part.repeat(3, 1) for part in waves), orbits.repeat_interleave(4, dim=0)]
        radar = torch.cat(kinds, dim=1)[(-channels - 1).clamp(min=0).long()]
        return torch.where((channels < 0)[..., None], radar, light)


class KeysAndValues(nn.Module):
    """What an attention looks at, projected."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.inproj_k = nn.Linear(dim, dim, bias=False)
        self.inproj_v = nn.Linear(dim, dim, bias=False)


class ChannelAttention(nn.Module):
    """Attention of one learned query over the channels of a patch."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.chnemb = ChannelEmbedding(dim)
        self.query = nn.Parameter(torch.zeros(1, 1, dim))
        self.xattn = KeysAndValues(dim)

    def forward(self, x: Tensor, channels: Tensor, ignored: Tensor | None) -> Tensor:
        """(batch, bands, patches, dim) to (batch, patches, dim)."""
        x = x + self.chnemb(channels)[:, :, None]
        heads, dim = self.heads, x.shape[-1]
        query = self.query.reshape(heads, -1, 1) / math.sqrt(dim // heads)
        # The one query is joined to the keys' projection, and channels are summed before the values'
        # projection: the same numbers for a tenth of the work at ten bands.
        keys = (query * self.xattn.inproj_k.weight.reshape(heads, -1, dim)).sum(dim=1)
        scores = F.linear(x, keys)
        if ignored is not None:
            scores = scores.masked_fill(ignored[:, :, None, None], -math.inf)
        weights = scores.softmax(dim=1)
        summed = torch.einsum("bclh,bcld->hbld", weights, x).flatten(1, 2)
        values = self.xattn.inproj_v.weight.reshape(heads, -1, dim)
        found = torch.bmm(summed, values.transpose(1, 2)).reshape(heads, len(x), -1, dim // heads)
        return found.permute(1, 2, 0, 3).flatten(2)


class BandPatches(nn.Module):
    """Patches of each band by the same kernel."""

    def __init__(self, inner: int, side: int) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(1, inner, (1, side, side), (1, side, side))

    def forward(self, patches: Tensor) -> Tensor:
        """(..., side * side) to (..., inner)."""
        # Not a convolution: its answer for a batch of one differs in the last bits from that for more.
        return F.linear(patches, self.conv3d.weight.flatten(1), self.conv3d.bias)


class ChannelPatches(nn.Module):
    """Patches of each band, then one token of all bands of a patch."""

    def __init__(self, dim: int, inner: int, heads: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.conv3d = BandPatches(inner, side)
        self.chnfus = ChannelAttention(inner, heads)
        self.proj = nn.Linear(inner, dim)

    def forward(self, images: Tensor, channels: Tensor, ignored: Tensor | None) -> Tensor:
        """(batch, bands, rows, cols) to (batch, patch rows, patch cols, dim)."""
        batch, bands, rows, cols = images.shape
        grid = rows // self.side, cols // self.side
        cut = cut_patches(images.reshape(batch * bands, 1, rows, cols), self.side)
        single = self.conv3d(cut.reshape(batch, bands, *cut.shape[1:]))
        return self.proj(self.chnfus(single, channels, ignored)).reshape(batch, *grid, -1)


class PanopticonNetwork(TokenNetwork):
    """The encoder with the parameter names of the published file, the gains of layers in their weights.

    Args:
        dim: length of a token.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``.
        inner: length of a patch's code of one band.
        inner_heads: heads of the attention across bands.
        patch: side of a patch in pixels.
        image: side in pixels of the images that the stored codes of positions are for.
    """

    def __init__(
        self,
        dim: int,
        depth: int,
        heads: int,
        mlp_ratio: float,
        inner: int,
        inner_heads: int,
        patch: int,
        image: int,
    ) -> None:
        super().__init__()
        self.dim = dim
        self.patch_embed = ChannelPatches(dim, inner, inner_heads, patch)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (image // patch) ** 2, dim))
        self.blocks = vit_blocks(dim, depth, heads, mlp_ratio, eps=1e-6)
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def forward(
        self, images: Tensor, channels: Tensor, ignored: Tensor | None = None, seen: Tensor | None = None
    ) -> Tensor:
        """Encode images.

        Args:
            images: standardised, (batch, bands, rows, cols).
            channels: (batch or 1, bands): wavelengths in whole nanometres, or numbers of radar channels
                below 0.
            ignored: (batch, bands), True for bands of a window that hold nothing.
            seen: (batch, patch rows, patch cols), False for patches that nothing must look at.

        Returns:
            (batch, 1 + patches, dim), the class token first.
        """
        patches = self.patch_embed(images, channels, ignored)
        rows, cols = patches.shape[1:3]
        places = resize_table(self.pos_embed[:, 1:], rows, cols, antialias=True)
        first = (self.cls_token + self.pos_embed[:, :1]).expand(len(images), -1, -1)
        x = torch.cat([first, patches.flatten(1, 2) + places], dim=1)
        return self.norm(self.through_blocks(x, seen))


class Panopticon(AnyBandEncoder):
    """Panopticon over single-date windows of any optical bands, Sentinel-1, or both at once."""

    @classmethod
    def build(cls, card: Card) -> PanopticonNetwork:
        sizes = ("embedding_size", "depth", "num_heads", "mlp_ratio")
        inner = ("channel_size", "channel_heads", "patch_size", "image_size")
        return PanopticonNetwork(*hyperparameters(card, *sizes, *inner))

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        found = {name.removeprefix(_PREFIX): value for name, value in tensors.items()}
        found.pop(_NOT_NEEDED, None)
        for block in range(len(list(network.get_submodule("blocks").children()))):
            for gain, layer in _GAINS.items():
                factor = found.pop(f"blocks.{block}.{gain}.gamma", None)
                for name in (f"blocks.{block}.{layer}.weight", f"blocks.{block}.{layer}.bias"):
                    value = found.pop(name, None)
                    # A gain on what a layer gives is one on its weights. A layer that lacks either is
                    # left out, which is refused when the weights are fitted.
                    if factor is not None and value is not None:
                        found[name] = factor.reshape(-1, *[1] * (value.ndim - 1)) * value
        return found

    def tokens(self, inputs: Inputs) -> Tensor:
        numbers = self.by_band(inputs, _RADAR).floor()
        return self.as_grid(self._network(self.scaled(inputs), numbers[None], None, inputs.seen), inputs)


load = Panopticon.open
