"""Galileo: a transformer over band groups, patches and months of Sentinel-2, Sentinel-1 and more.

Tseng et al. 2025, "Galileo: Learning Global & Local Features of Many Remote Sensing Modalities"
(arXiv:2502.09356); weights from the repository nasaharvest/galileo, MIT licence.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...cards import Card
from ...errors import ModelCorrupt
from ..parts.attention import Block, Mlp, SelfAttention
from ..parts.band_groups import GROUPS, NDVI, TERRAIN, GroupEncoder
from ..parts.codes import month_of, slow_grid_code, unit_vector
from ..parts.patch_encoder import Inputs, TokenNetwork, hyperparameters
from ..parts.patches import PatchEmbed
from ..parts.series_encoder import SeriesEncoder, Steps
from ..precision import Precision

# Numbers of values; location is the unit vector to the place, SRTM elevation and slope. Land cover, weather
# and the other static groups have weights, which must load, but nothing here feeds them.
_STATIC = {"LS": 1, "location": 3, "DW_static": 9, "WC_static": 5}
_SPACE = {"SRTM": 2, "DW": 9, "WC": 5}
_TIME = {"ERA5": 2, "TC": 3, "VIIRS": 1}
_BASE_GSD = 10.0


class GalileoNetwork(TokenNetwork):
    """The encoder with the parameter names of the published checkpoints.

    Args:
        dim: length of a token; a quarter of it codes the group, the order in time, the month and the place.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``.
        max_patch: side of the stored patch kernels in pixels.
        max_times: dates at most.
    """

    def __init__(
        self, dim: int, depth: int, heads: int, mlp_ratio: float, max_patch: int, max_times: int
    ) -> None:
        super().__init__()
        self.dim = dim
        code = dim // 4
        self.space_time_embed = nn.ModuleDict(
            {name: PatchEmbed(len(bands), dim, max_patch) for name, bands in GROUPS.items()}
        )
        self.space_embed = nn.ModuleDict({n: PatchEmbed(c, dim, max_patch) for n, c in _SPACE.items()})
        self.time_embed = nn.ModuleDict({n: nn.Linear(c, dim) for n, c in _TIME.items()})
        self.static_embed = nn.ModuleDict({n: nn.Linear(c, dim) for n, c in _STATIC.items()})
        self.pos_embed = nn.Parameter(torch.zeros(max_times, code))
        self.month_embed = nn.Embedding(12, code)
        self.s_t_channel_embed = nn.Parameter(torch.zeros(len(GROUPS), code))
        self.sp_channel_embed = nn.Parameter(torch.zeros(len(_SPACE), code))
        self.t_channel_embed = nn.Parameter(torch.zeros(len(_TIME), code))
        self.st_channel_embed = nn.Parameter(torch.zeros(len(_STATIC), code))
        self.blocks = nn.ModuleList(
            Block(dim, SelfAttention(dim, heads), Mlp(dim, int(dim * mlp_ratio))) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(dim)

    def forward(
        self,
        groups: Mapping[str, Tensor],
        months: Tensor,
        patch: int,
        gsd: float,
        seen: Mapping[str, Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """Encode the groups that are there; a group left out is the same as one nowhere seen.

        Args:
            groups: normalised values by group's name: (batch, rows, cols, times, bands) in pixels for
                the groups of ``GROUPS``, of a single time for groups of a place, (batch, values) for static
                groups.
            months: (batch, times), 0 is January.
            patch: side of a patch in pixels, 1 to 8.
            gsd: side of a pixel in metres.
            seen: by group's name, False where a token must not be used: (batch, patch rows,
                patch cols, times) or (batch,). A group without an entry is seen everywhere.

        Returns:
            tokens by group's name, (batch, patch rows, patch cols, times, dim) or (batch, dim). The
            tokens of places not seen mean nothing.
        """
        tokens = {
            name: self._static(name, values)
            if name in _STATIC
            else self._space(name, values, patch, gsd)
            if name in _SPACE
            else self._space_time(name, values, months, patch, gsd)
            for name, values in groups.items()
        }
        flat = [t.flatten(1, -2) if t.ndim == 5 else t[:, None] for t in tokens.values()]
        mask = None
        if seen:
            mask = torch.cat([_seen(name, tokens, seen).flatten(1) for name in tokens], dim=1)
        x = torch.cat(flat, dim=1).to(self.dtype)
        for block in self.blocks:
            x = block(x, mask)
        parts = self.norm(x.float()).split([t.shape[1] for t in flat], dim=1)
        return {name: p.reshape(tokens[name].shape) for name, p in zip(tokens, parts, strict=True)}

    def _space_time(self, name: str, values: Tensor, months: Tensor, patch: int, gsd: float) -> Tensor:
        x = self.space_time_embed[name](values, patch)
        batch, rows, cols, times, _ = x.shape
        channel = self.s_t_channel_embed[list(GROUPS).index(name)]
        step = gsd * patch / _BASE_GSD
        place = slow_grid_code(rows, cols, step, self.pos_embed.shape[1], self.pos_embed.device)
        codes = (
            channel,
            self.pos_embed[:times],
            self.month_embed(months)[:, None, None],
            place[None, :, :, None],
        )
        return x + torch.cat([code.expand(batch, rows, cols, times, -1) for code in codes], dim=-1)

    def _space(self, name: str, values: Tensor, patch: int, gsd: float) -> Tensor:
        """What does not change with time: its code says nothing of order and month."""
        x = self.space_embed[name](values, patch)
        channel = self.sp_channel_embed[list(_SPACE).index(name)]
        step = gsd * patch / _BASE_GSD
        place = slow_grid_code(x.shape[1], x.shape[2], step, self.pos_embed.shape[1], self.pos_embed.device)
        timeless = torch.zeros_like(channel)
        codes = (channel, timeless, timeless, place[None, :, :, None])
        return x + torch.cat([code.expand(*x.shape[:-1], -1) for code in codes], dim=-1)

    def _static(self, name: str, values: Tensor) -> Tensor:
        channel = self.st_channel_embed[list(_STATIC).index(name)]
        dim = self.norm.normalized_shape[0]
        weight, bias = (self.static_embed[name].get_parameter(part) for part in ("weight", "bias"))
        # Not a matrix product: for up to three windows its last bits differ from those for more.
        embedded = (values[..., None, :] * weight).sum(dim=-1) + bias
        return embedded + F.pad(channel, (0, dim - channel.shape[0]))


def _seen(name: str, tokens: Mapping[str, Tensor], seen: Mapping[str, Tensor]) -> Tensor:
    """(batch, ...) of one group's tokens that may be used."""
    shape = tokens[name].shape[:-1]
    if name in seen:
        return seen[name].reshape(shape[0], -1)
    return torch.ones(shape, dtype=torch.bool, device=tokens[name].device).reshape(shape[0], -1)


def patch_tokens(tokens: Mapping[str, Tensor], seen: Mapping[str, Tensor] | None = None) -> Tensor:
    """Mean token of each patch over groups, months and static groups, where seen.

    Returns:
        (batch, patch rows, patch cols, dim); zeros where nothing at all was seen.
    """
    total: Tensor | float = 0.0
    count: Tensor | float = 0.0
    for name, values in tokens.items():
        used = _seen(name, tokens, seen or {}).reshape(values.shape[:-1]).to(values.dtype)[..., None]
        kept = values * used
        if values.ndim == 5:
            total, count = total + kept.sum(dim=3), count + used.sum(dim=3)
        else:
            total, count = total + kept[:, None, None], count + used[:, None, None]
    return torch.as_tensor(total / torch.as_tensor(count).clamp(min=1))


class Galileo(SeriesEncoder, GroupEncoder):
    """Galileo over windows: Sentinel-2 or bands that stand in for its; Sentinel-1, heights; several dates.

    It was trained on 4 to 12 patches a side. The windows of its cards have 4: docs/benchmarks.md
    compares the accuracy and the time of larger ones, which cost more, because every token looks at
    every other.
    """

    def __init__(self, card: Card, network: TokenNetwork, device: str, precision: Precision) -> None:
        super().__init__(card, network, device, precision)
        named = {name for names in GROUPS.values() for name in names} - {NDVI}
        lacking = sorted(named - set(self.scaling))
        if lacking:
            raise ModelCorrupt(
                f"The card of {card.id} gives no mean and deviation for {', '.join(lacking)}.",
                "Compare it with the card of galileo-nano.",
            )

    @classmethod
    def build(cls, card: Card) -> GalileoNetwork:
        names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "max_patch_size", "max_sequence_length")
        return GalileoNetwork(*hyperparameters(card, *names))

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        # Some of the published files say "blocks.0.backbone.attn" where others say "blocks.0.attn".
        return {name.replace(".backbone", ""): value for name, value in tensors.items()}

    def tokens(self, inputs: Inputs) -> Tensor:
        groups = {name: values[..., None, :] for name, values in self.groups(inputs).items()}
        terrain = self.terrain(inputs)
        if terrain is not None:
            groups[TERRAIN] = terrain[..., None, :]
        # Location is known everywhere.
        known = self.known_groups(inputs)
        masks = {name: known[name][..., None] for name in groups if name in known}
        scene = inputs.scene
        if scene.lonlat is not None:
            place = torch.tensor(unit_vector(*scene.lonlat), device=inputs.device)
            groups["location"] = place.expand(inputs.batch, 3)
        months = torch.full((inputs.batch, 1), month_of(scene), device=inputs.device)
        tokens = self._network(groups, months, self.stride, scene.gsd, masks)
        return patch_tokens(tokens, masks).permute(0, 3, 1, 2)

    def series_tokens(self, steps: Steps) -> Tensor:
        """Dates are its axis of time; a group's token of a patch counts where it was seen on that date."""
        groups = self.groups(steps)
        seen = {name: self.group_seen(steps.seen, name) for name in groups}
        if steps.scene.lonlat is not None:
            place = torch.tensor(unit_vector(*steps.scene.lonlat), device=steps.device)
            groups["location"] = place.expand(steps.batch, 3)
        months = torch.tensor([day.month - 1 for day in steps.days], device=steps.device)
        months = months.expand(steps.batch, -1)
        tokens = self._network(groups, months, self.stride, steps.scene.gsd, seen)
        return patch_tokens(tokens, seen).permute(0, 3, 1, 2)

    def scaled(self, inputs: Inputs | Steps, name: str) -> Tensor:
        """mean - 2 std at 0, mean + 2 std at 1; NDVI stays as it is."""
        mean, std = self.scaling[name]
        return (inputs.values[name] - (mean - 2 * std)) / (4 * std)


load = Galileo.open
