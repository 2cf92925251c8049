"""Presto: a transformer over what one pixel showed from month to month.

Tseng et al. 2023, "Lightweight, Pre-trained Transformers for Remote Sensing Timeseries"
(arXiv:2304.14065); weights from the repository nasaharvest/presto, MIT licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...cards import Card
from ..base import F32, WindowBatch
from ..parts.attention import vit_blocks
from ..parts.band_groups import GROUPS, NDVI, GroupEncoder
from ..parts.codes import month_of, unit_vector
from ..parts.patch_encoder import Inputs, TokenNetwork, hyperparameters

# Numbers of bands by group, in the order of the channel codes. Weather (temperature, precipitation) and
# terrain (elevation, slope) have weights, which must load, but layers do not bring them.
_BANDS = {
    **{name: len(bands) for name, bands in GROUPS.items() if name != NDVI},
    "ERA5": 2,
    "SRTM": 2,
    NDVI: 1,
}
_TERRAIN = "SRTM"
_LAND_CLASSES = 9
# Pixels at once: on a processor what fits its caches, on a GPU what fills it. Seven tokens each.
_CPU_PIXELS, _GPU_PIXELS = 2048, 65536


class PrestoNetwork(TokenNetwork):
    """The encoder with the parameter names of the published checkpoint.

    Args:
        dim: length of a token; half of it codes the order in time, a quarter each the month and the group.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``.
        max_times: months at most.
    """

    def __init__(self, dim: int, depth: int, heads: int, mlp_ratio: float, max_times: int) -> None:
        super().__init__()
        self.dim = dim
        code = dim // 4
        self.eo_patch_embed = nn.ModuleDict({n: nn.Linear(count, dim) for n, count in _BANDS.items()})
        self.dw_embed = nn.Embedding(_LAND_CLASSES + 1, dim)
        self.latlon_embed = nn.Linear(3, dim)
        self.month_embed = nn.Embedding(12, code)
        self.channel_embed = nn.Embedding(len(_BANDS) + 1, code)
        self.pos_embed = nn.Parameter(torch.zeros(1, max_times, dim - 2 * code))
        self.blocks = vit_blocks(dim, depth, heads, mlp_ratio)
        self.norm = nn.LayerNorm(dim)

    def forward(
        self,
        groups: Mapping[str, Tensor],
        months: Tensor,
        place: Tensor | None = None,
        seen: Mapping[str, Tensor] | None = None,
        land: Tensor | None = None,
    ) -> Tensor:
        """Features of pixels; of each pixel at least one token must be there.

        Args:
            groups: normalised values by group's name, (batch, times, bands); of terrain one time.
            months: (batch, times), 0 is January.
            place: (batch, 3), the unit vector to the pixel; None if unknown.
            seen: by group's name, (batch, times), False where a token must not be used. A group
                without an entry is seen always.
            land: (batch, times), class of land cover by Dynamic World, 9 where it is unknown.

        Returns:
            (batch, dim).
        """
        tokens, masks = [], []
        for name, values in groups.items():
            tokens.append(_project(self.eo_patch_embed[name], values) + self._codes(name, months))
            masks.append((seen or {}).get(name, values.new_ones(values.shape[:2], dtype=torch.bool)))
        if land is not None:
            tokens.append(self.dw_embed(land) + self._codes("", months))
            masks.append(land != _LAND_CLASSES)
        if place is not None:
            tokens.append(_project(self.latlon_embed, place)[:, None])
            masks.append(place.new_ones(len(place), 1, dtype=torch.bool))
        return self._encoded(torch.cat(tokens, dim=1), torch.cat(masks, dim=1))

    def _codes(self, name: str, months: Tensor) -> Tensor:
        """Codes of a group's tokens, (batch, times, dim); without a name those of land cover."""
        index = list(_BANDS).index(name) if name else len(_BANDS)
        channel = self.channel_embed.weight[index]
        month, order = self.month_embed(months), self.pos_embed[:, : months.shape[1]]
        if name == _TERRAIN:
            # The terrain is of no month.
            month, order = torch.zeros_like(month[:, :1]), torch.zeros_like(order[:, :1])
        shape = month.shape[:2]
        return torch.cat([month, channel.expand(*shape, -1), order.expand(*shape, -1)], dim=-1)

    def _encoded(self, tokens: Tensor, seen: Tensor) -> Tensor:
        """Pixels that miss the same tokens go through together, without them."""
        if seen.all():
            return self._pooled(tokens)
        result = tokens.new_empty(len(tokens), self.dim)
        patterns, which = torch.unique(seen, dim=0, return_inverse=True)
        for index, pattern in enumerate(patterns):
            chosen = which == index
            result[chosen] = self._pooled(tokens[chosen][:, pattern])
        return result

    def _pooled(self, tokens: Tensor) -> Tensor:
        x = tokens.to(self.dtype)
        for block in self.blocks:
            x = block(x)
        return self.norm(x.float().mean(dim=1))


def _project(layer: Any, values: Tensor) -> Tensor:
    """What a linear layer of few inputs gives, without a matrix product.

    For up to three rows the last bits of a product differ from those for more.
    """
    parts = [values[..., i, None] * layer.weight[:, i] for i in range(values.shape[-1])]
    return torch.stack(parts).sum(dim=0) + layer.bias


class Presto(GroupEncoder):
    """Presto over single pixels of one date: Sentinel-2 or bands that stand in for its, optional Sentinel-1.

    Each valid pixel is a series of one month; its neighbours play no part. The token of the place,
    which the authors always give, is left out where the place is unknown.
    """

    @classmethod
    def build(cls, card: Card) -> PrestoNetwork:
        names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "max_sequence_length")
        return PrestoNetwork(*hyperparameters(card, *names))

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        # The published file holds the decoder too, which only training needs.
        here = {name: tensor for name, tensor in tensors.items() if not name.startswith("decoder.")}
        return {name.removeprefix("encoder."): tensor for name, tensor in here.items()}

    @torch.inference_mode()
    def encode(self, batch: WindowBatch) -> F32:
        """Features (batch, dim, rows, cols); zeros for invalid pixels."""
        found = self.match(batch.bands)
        bands = {name: batch.bands[index] for name, index in found.items()}
        result = np.zeros((*batch.valid.shape, self.dim), np.float32)
        places = np.argwhere(batch.valid)

        def compute(part: Any) -> None:
            window, row, col = part.T
            values = {
                name: torch.from_numpy(batch.pixels[window, index, row, col]).to(self._device)[:, None, None]
                for name, index in found.items()
            }
            tokens = self.tokens(Inputs(values, bands, None, batch.scene))
            result[window, row, col] = tokens[..., 0, 0].cpu().numpy()

        self.memory.parts(compute, places, _CPU_PIXELS if self._device.type == "cpu" else _GPU_PIXELS)
        return np.ascontiguousarray(np.moveaxis(result, -1, 1))

    def tokens(self, inputs: Inputs) -> Tensor:
        groups = {name: values[:, 0] for name, values in self.groups(inputs).items()}
        months = torch.full((inputs.batch, 1), month_of(inputs.scene), device=inputs.device)
        place = None
        if inputs.scene.lonlat is not None:
            unit = torch.tensor(unit_vector(*inputs.scene.lonlat), device=inputs.device)
            place = unit.expand(inputs.batch, 3)
        return self._network(groups, months, place)[..., None, None]


load = Presto.open
