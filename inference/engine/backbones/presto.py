"""Presto: a transformer over what one pixel showed from month to month.

Tseng et al. 2023, "Lightweight, Pre-trained Transformers for Remote Sensing Timeseries"
(arXiv:2304.14065); weights from the repository nasaharvest/presto, MIT licence.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...cards import Card
from ..base import F32, Mask, Scene, WindowBatch
from ..features.terrain import slope
from ..parts.attention import vit_blocks
from ..parts.band_groups import GROUPS, HEIGHT, NDVI, SLOPE, TERRAIN, GroupEncoder
from ..parts.codes import month_of, unit_vector
from ..parts.patch_encoder import Inputs, TokenNetwork, hyperparameters
from ..parts.series_encoder import SeriesEncoder, Steps
from ..series.dates import Series, series_of
from ..series.frames import Frame, by_month, framed

# Numbers of bands by group, in the order of the channel codes. Weather (temperature, precipitation) has
# weights, which must load, but layers do not bring it.
_BANDS = {
    **{name: len(bands) for name, bands in GROUPS.items() if name != NDVI},
    "ERA5": 2,
    TERRAIN: 2,
    NDVI: 1,
}
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
        if name == TERRAIN:
            # The terrain is of no month.
            month, order = torch.zeros_like(month[:, :1]), torch.zeros_like(order[:, :1])
        shape = month.shape[:2]
        return torch.cat([month, channel.expand(*shape, -1), order.expand(*shape, -1)], dim=-1)

    def _encoded(self, tokens: Tensor, seen: Tensor) -> Tensor:
        """Pixels that miss tokens go through apart: what one misses must not change the others' last bits."""
        whole = seen.all(dim=1)
        if whole.all():
            return self._pooled(tokens)
        result = tokens.new_empty(len(tokens), self.dim)
        if whole.any():
            result[whole] = self._pooled(tokens[whole])
        result[~whole] = self._pooled(tokens[~whole], seen[~whole])
        return result

    def _pooled(self, tokens: Tensor, seen: Tensor | None = None) -> Tensor:
        x = tokens.to(self.dtype)
        for block in self.blocks:
            x = block(x, seen)
        if seen is None:
            return self.norm(x.float().mean(dim=1))
        share = seen[..., None].float()
        return self.norm((x.float() * share).sum(dim=1) / share.sum(dim=1))


def _project(layer: Any, values: Tensor) -> Tensor:
    """What a linear layer of few inputs gives, without a matrix product.

    For up to three rows the last bits of a product differ from those for more.
    """
    parts = [values[..., i, None] * layer.weight[:, i] for i in range(values.shape[-1])]
    return torch.stack(parts).sum(dim=0) + layer.bias


class Presto(SeriesEncoder, GroupEncoder):
    """Presto over single pixels: Sentinel-2 or bands that stand in for its, optional Sentinel-1 and heights.

    Each valid pixel is a series of months, one of a single date; its neighbours play no part. A month is the
    median of its dates, and one in which a pixel was not seen is masked, as the authors do. The token of the
    place, which the authors always give, is left out where the place is unknown.
    """

    most_times = 24

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
        series = series_of(batch.bands)
        if series is not None:
            frames = self.frames(series.dates)
            values, shown = framed(batch, series, frames)
            return self.encode_frames(values, shown, series, [frame.day for frame in frames], batch.scene)
        found = self.match(batch.bands)
        bands = {name: batch.bands[index] for name, index in found.items()}
        result = np.zeros((*batch.valid.shape, self.dim), np.float32)
        seen = None if batch.seen is None else batch.seen & batch.valid[:, None]
        places = np.argwhere(batch.valid if seen is None else seen[:, list(found.values())].any(axis=1))
        heights = None
        if HEIGHT in found and SLOPE not in found:
            known = batch.valid if seen is None else seen[:, found[HEIGHT]]
            # Of the window: a pixel alone has no slope.
            heights = slope(batch.pixels[:, found[HEIGHT]], known, batch.scene.gsd)

        def compute(part: Any) -> None:
            window, row, col = part.T
            values = {
                name: torch.from_numpy(batch.pixels[window, index, row, col]).to(self._device)[:, None, None]
                for name, index in found.items()
            }
            if heights is not None:
                values[SLOPE] = torch.from_numpy(heights[window, row, col]).to(self._device)[:, None, None]
            missing = {}
            if seen is not None:
                missing = {
                    name: torch.from_numpy(seen[window, index, row, col]).to(self._device)[:, None, None]
                    for name, index in found.items()
                }
            some = torch.ones((len(part), 1, 1), dtype=torch.bool, device=self._device) if missing else None
            tokens = self.tokens(Inputs(values, bands, some, batch.scene, missing))
            result[window, row, col] = tokens[..., 0, 0].cpu().numpy()

        self.memory.parts(compute, places, _CPU_PIXELS if self._device.type == "cpu" else _GPU_PIXELS)
        return np.ascontiguousarray(np.moveaxis(result, -1, 1))

    def frames(self, dates: Sequence[datetime.date]) -> tuple[Frame, ...]:
        """Consecutive months: the codes of order and of months were trained on these."""
        return by_month(dates, self.most_times)

    def encode_frames(
        self, values: F32, seen: Mask, series: Series, days: Sequence[datetime.date], scene: Scene
    ) -> F32:
        found = self.match(series.bands)
        bands = {name: series.bands[index] for name, index in found.items()}
        ever = seen[:, :, list(found.values())].any(axis=(0, 2))
        result = np.zeros((*ever.shape, self.dim), np.float32)
        places = np.argwhere(ever)

        def compute(part: Any) -> None:
            window, row, col = part.T
            chosen = {n: self._pixels(values[:, window, i, row, col]) for n, i in found.items()}
            masks = {n: self._pixels(seen[:, window, i, row, col]) for n, i in found.items()}
            tokens = self.series_tokens(Steps(chosen, bands, masks, days, scene))
            result[window, row, col] = tokens[..., 0, 0].cpu().numpy()

        most = _CPU_PIXELS if self._device.type == "cpu" else _GPU_PIXELS
        self.memory.parts(compute, places, max(1, most // len(days)))
        return np.ascontiguousarray(np.moveaxis(result, -1, 1))

    def _pixels(self, array: F32 | Mask) -> Tensor:
        """(times, pixels) as (pixels, 1, 1, times)."""
        return torch.from_numpy(np.ascontiguousarray(array.T)).to(self._device)[:, None, None]

    def series_tokens(self, steps: Steps) -> Tensor:
        groups = {n: v[:, 0, 0] for n, v in self.groups(steps).items()}
        seen = {n: self.group_seen(steps.seen, n)[:, 0, 0] for n in groups}
        months = torch.tensor([day.month - 1 for day in steps.days], device=steps.device)
        place = self._place(steps.scene, steps.batch, steps.device)
        found = self._network(groups, months.expand(steps.batch, -1), place, seen)
        return found[..., None, None]

    def _place(self, scene: Scene, count: int, device: torch.device) -> Tensor | None:
        if scene.lonlat is None:
            return None
        return torch.tensor(unit_vector(*scene.lonlat), device=device).expand(count, 3)

    def tokens(self, inputs: Inputs) -> Tensor:
        groups = {name: values[:, 0] for name, values in self.groups(inputs).items()}
        terrain = self.terrain(inputs)
        if terrain is not None:
            groups[TERRAIN] = terrain[:, 0]
        known = self.known_groups(inputs)
        seen = {name: known[name][:, 0] for name in groups if name in known}
        months = torch.full((inputs.batch, 1), month_of(inputs.scene), device=inputs.device)
        place = self._place(inputs.scene, inputs.batch, inputs.device)
        return self._network(groups, months, place, seen)[..., None, None]


load = Presto.open
