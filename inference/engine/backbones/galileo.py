"""Galileo: a transformer over band groups, patches and months of Sentinel-2, Sentinel-1 and more.

Tseng et al. 2025, "Galileo: Learning Global & Local Features of Many Remote Sensing Modalities"
(arXiv:2502.09356); weights from the repository nasaharvest/galileo, MIT licence.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...bands import DECIBEL, SENTINEL1, SENTINEL2, Band
from ...catalog import Card
from ...errors import ModelCorrupt, UnsupportedInput
from ..base import F32, Scene, WindowBatch
from ..memory import Memory
from ..precision import FLOAT32, Encode, Precision, choose_precision
from .blocks import (
    Block,
    PatchEmbed,
    fill_patches,
    load_strictly,
    match_bands,
    month_of,
    read_weights,
    require_reflectance,
    sincos,
    unit_vector,
)

# Every group of bands is one token a patch and month. The order is that of the channel codes.
SPACE_TIME = {
    "S1": ("VV", "VH"),
    "S2_RGB": ("B02", "B03", "B04"),
    "S2_Red_Edge": ("B05", "B06", "B07"),
    "S2_NIR_10m": ("B08",),
    "S2_NIR_20m": ("B8A",),
    "S2_SWIR": ("B11", "B12"),
    "NDVI": ("NDVI",),
}
# Numbers of values; location is the unit vector to the place. Elevation, land cover, weather and
# the other static groups have weights, which must load, but nothing here feeds them.
_STATIC = {"LS": 1, "location": 3, "DW_static": 9, "WC_static": 5}
_SPACE = {"SRTM": 2, "DW": 9, "WC": 5}
_TIME = {"ERA5": 2, "TC": 3, "VIIRS": 1}
_BASE_GSD = 10.0
# Pixels at once on a processor: twice as many take a seventh longer, because they leave its caches;
# with fewer, threads wait for each other.
_CPU_PIXELS = 32 * 16 * 16


class GalileoNetwork(nn.Module):
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
        code = dim // 4
        self.space_time_embed = nn.ModuleDict(
            {name: PatchEmbed(len(bands), dim, max_patch) for name, bands in SPACE_TIME.items()}
        )
        self.space_embed = nn.ModuleDict({n: PatchEmbed(c, dim, max_patch) for n, c in _SPACE.items()})
        self.time_embed = nn.ModuleDict({n: nn.Linear(c, dim) for n, c in _TIME.items()})
        self.static_embed = nn.ModuleDict({n: nn.Linear(c, dim) for n, c in _STATIC.items()})
        self.pos_embed = nn.Parameter(torch.zeros(max_times, code))
        self.month_embed = nn.Embedding(12, code)
        self.s_t_channel_embed = nn.Parameter(torch.zeros(len(SPACE_TIME), code))
        self.sp_channel_embed = nn.Parameter(torch.zeros(len(_SPACE), code))
        self.t_channel_embed = nn.Parameter(torch.zeros(len(_TIME), code))
        self.st_channel_embed = nn.Parameter(torch.zeros(len(_STATIC), code))
        self.blocks = nn.ModuleList(Block(dim, heads, mlp_ratio) for _ in range(depth))
        self.norm = nn.LayerNorm(dim)
        self.dtype = torch.float32

    def computing_in(self, dtype: torch.dtype) -> GalileoNetwork:
        """A copy whose blocks compute in ``dtype``.

        What goes into the blocks and comes out stays float32: there is little of it, and places
        and months need more than the 8 bits of bf16.
        """
        other = copy.deepcopy(self)
        other.blocks.to(dtype)
        other.dtype = dtype
        return other

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
                the groups of ``SPACE_TIME``, (batch, values) for static groups.
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
        channel = self.s_t_channel_embed[list(SPACE_TIME).index(name)]
        place = self._place_code(rows, cols, gsd * patch / _BASE_GSD)
        codes = (
            channel,
            self.pos_embed[:times],
            self.month_embed(months)[:, None, None],
            place[None, :, :, None],
        )
        return x + torch.cat([code.expand(batch, rows, cols, times, -1) for code in codes], dim=-1)

    def _static(self, name: str, values: Tensor) -> Tensor:
        channel = self.st_channel_embed[list(_STATIC).index(name)]
        dim = self.norm.normalized_shape[0]
        weight, bias = (self.static_embed[name].get_parameter(part) for part in ("weight", "bias"))
        # Not a matrix product: for up to three windows its last bits differ from those for more.
        embedded = (values[..., None, :] * weight).sum(dim=-1) + bias
        return embedded + F.pad(channel, (0, dim - channel.shape[0]))

    def _place_code(self, rows: int, cols: int, step: float) -> Tensor:
        """Sine-cosine code of patch positions, (rows, cols, dim / 4), columns first, in units of 10 m."""
        half = self.pos_embed.shape[1] // 2
        device = self.pos_embed.device
        # The exponent runs to 1/4, not to 1: the published weights were trained with this spacing.
        frequencies = 10000.0 ** -(torch.arange(half // 2, device=device) / half / 2.0)
        x = sincos(torch.arange(cols, device=device) * step, frequencies)
        y = sincos(torch.arange(rows, device=device) * step, frequencies)
        return torch.cat([x[None].expand(rows, -1, -1), y[:, None].expand(-1, cols, -1)], dim=-1)


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


class Galileo:
    """Galileo over single-date windows: Sentinel-2 or bands that stand in for its, optional Sentinel-1.

    An :class:`~..base.Encoder`: one feature vector for every patch of 4 pixels. It was trained on 4
    to 12 patches a side. Windows of 4 patches: docs/benchmarks.md compares the accuracy and the
    time of larger ones, which cost more, because every token looks at every other.

    Attributes:
        precision: what its blocks compute in, and why.
        memory: how many windows at once it computes.
    """

    stride = 4
    window = 16
    halo = 0

    def __init__(
        self,
        name: str,
        network: GalileoNetwork,
        scaling: Mapping[str, tuple[float, float]],
        device: str,
        precision: Precision,
    ) -> None:
        self.name = name
        self.dim = int(network.norm.normalized_shape[0])
        self.precision = precision
        self.memory = Memory()
        self._network = network.computing_in(precision.dtype)
        self._scaling = scaling
        self._device = torch.device(device)

    @classmethod
    def load(cls, card: Card, weights: Path, device: str, precision: str = FLOAT32) -> Galileo:
        """Build the network of ``card`` from its weights file on a torch device.

        Args:
            precision: ``float32``, ``bfloat16``, or ``auto``: what is right and fastest here.

        Raises:
            ModelCorrupt: if the weights do not fit, or the card lacks the bands' means and deviations.
        """
        # Some of the published files say "blocks.0.backbone.attn" where others say "blocks.0.attn".
        tensors = {name.replace(".backbone", ""): value for name, value in read_weights(weights).items()}
        network = network_of(card)
        load_strictly(network, tensors, card.id)
        network.eval().to(device)
        scaling = _scaling(card)

        def trial(name: str) -> Encode:
            encoder = cls(card.id, network, scaling, device, Precision(name, "A trial."))
            return lambda: encoder.encode(_trial_batch(scaling))

        identity = f"{card.id} {card.assets[0].sha256}"
        return cls(card.id, network, scaling, device, choose_precision(precision, identity, device, trial))

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the bands of the groups that are complete.

        Raises:
            UnsupportedInput: naming what is missing of blue, green, red and near infrared, or the
                bands whose values are not reflectance (Sentinel-2) or dB (Sentinel-1).
        """
        found = match_bands(bands, _WANTED)
        missing = [f"{n} ({SENTINEL2[n].common})" for n in SPACE_TIME["S2_RGB"] if n not in found]
        if "B08" not in found and "B8A" not in found:
            missing.append("B08 or B8A (nir)")
        if missing:
            raise UnsupportedInput(
                f"The model {self.name} did not find these bands: {', '.join(missing)}.",
                "If the layer has them, name its bands in order with BANDS, "
                "for example BANDS=sentinel2-l2a or BANDS=blue,green,red,nir.",
            )
        used = [name for group in _groups(found) for name in SPACE_TIME[group] if name != "NDVI"]
        _check_units({name: bands[found[name]] for name in used})
        return tuple(sorted(found[name] for name in used))

    @property
    def facts(self) -> dict[str, str]:
        """In which number format it computes, and why."""
        return self.precision.facts

    @torch.inference_mode()
    def encode(self, batch: WindowBatch) -> F32:
        """Features (batch, dim, rows / 4, cols / 4); zeros for patches without a valid pixel.

        Args:
            batch: windows whose sides are multiples of 4; ``bands`` as :meth:`select` chose.
        """
        pixels = torch.from_numpy(np.ascontiguousarray(batch.pixels)).to(self._device)
        valid = torch.from_numpy(np.ascontiguousarray(batch.valid)).to(self._device)
        seen = F.max_pool2d(valid[:, None].float(), self.stride)[:, 0] > 0
        whole = seen.all(dim=(1, 2))
        result = torch.zeros(len(pixels), self.dim, *seen.shape[1:], device=self._device)
        at_once = max(1, _CPU_PIXELS // valid[0].numel()) if self._device.type == "cpu" else len(pixels)
        # Apart, so that a window's answer does not depend on its neighbours in the batch.
        for chosen, masked in ((whole, False), (seen.any(dim=(1, 2)) & ~whole, True)):

            def compute(part: Tensor, masked: bool = masked) -> None:
                found = {n: pixels[part, i] for n, i in match_bands(batch.bands, _WANTED).items()}
                values = {n: fill_patches(v, valid[part], self.stride) for n, v in found.items()}
                result[part] = self._tokens(values, seen[part] if masked else None, batch.scene)

            self.memory.parts(compute, chosen.nonzero()[:, 0], at_once)
        return result.cpu().numpy()

    def _tokens(self, values: Mapping[str, Tensor], seen: Tensor | None, scene: Scene) -> Tensor:
        """Patch tokens (batch, dim, patch rows, patch cols) of physical values by band's name."""
        batch = len(next(iter(values.values())))
        inputs = {
            group: torch.stack([self._normalised(n, values) for n in SPACE_TIME[group]], dim=-1)[..., None, :]
            for group in _groups(values)
        }
        # Every group shares the pixels' validity; location is known everywhere.
        masks = {} if seen is None else dict.fromkeys(inputs, seen[..., None])
        if scene.lonlat is not None:
            place = torch.tensor(unit_vector(*scene.lonlat), device=self._device)
            inputs["location"] = place.expand(batch, 3)
        months = torch.full((batch, 1), month_of(scene), device=self._device)
        tokens = self._network(inputs, months, self.stride, scene.gsd, masks)
        patches = patch_tokens(tokens, masks)
        if seen is not None:
            patches = patches * seen[..., None]
        return patches.permute(0, 3, 1, 2)

    def _normalised(self, name: str, values: Mapping[str, Tensor]) -> Tensor:
        """One band as the network wants it: mean - 2 std at 0, mean + 2 std at 1; NDVI as it is."""
        if name == "NDVI":
            nir, red = values["B08"], values["B04"]
            total = nir + red
            return torch.where(total == 0, 0.0, (nir - red) / torch.where(total == 0, 1.0, total))
        mean, std = self._scaling[name]
        return (values[name] - (mean - 2 * std)) / (4 * std)


_WANTED = {
    name: SENTINEL1.get(name) or SENTINEL2[name]
    for names in SPACE_TIME.values()
    for name in names
    if name != "NDVI"
}


def _groups(names: Mapping[str, object]) -> list[str]:
    """The groups whose bands are all there; NDVI is made of B08 and B04."""
    present = set(names) | ({"NDVI"} if {"B08", "B04"} <= set(names) else set())
    return [group for group, wanted in SPACE_TIME.items() if present.issuperset(wanted)]


def _check_units(used: Mapping[str, Band]) -> None:
    require_reflectance([band for name, band in used.items() if name in SENTINEL2])
    radar = [band.name for name, band in used.items() if name in SENTINEL1 and band.units != DECIBEL]
    if radar:
        raise UnsupportedInput(
            f"The values of {', '.join(radar)} are not backscatter in dB.",
            "Convert them with 10 * log10(value), or leave these bands out with '-' in BANDS.",
        )


def network_of(card: Card) -> GalileoNetwork:
    """The network of the size that the card's ``mlm:hyperparameters`` state, with no weights yet.

    Raises:
        ModelCorrupt: if one of them is missing or no number.
    """
    facts = card.raw["properties"].get("mlm:hyperparameters", {})
    names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "max_patch_size", "max_sequence_length")
    lacking = [name for name in names if not isinstance(facts.get(name), int | float)]
    if lacking:
        raise ModelCorrupt(
            f"The card of {card.id} states no {', '.join(lacking)}.",
            "Compare its mlm:hyperparameters with the card of galileo-nano.",
        )
    return GalileoNetwork(*(facts[name] for name in names))


def _scaling(card: Card) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation by band's name, in the band's units: reflectance from 0 to 1, or dB."""
    asset = card.assets[0]
    facts = dict(zip(asset.bands, zip(asset.mean, asset.std, strict=False), strict=False))
    lacking = [name for name in _WANTED if name not in facts]
    if lacking:
        raise ModelCorrupt(
            f"The card of {card.id} gives no mean and deviation for {', '.join(lacking)}.",
            "Compare it with the card of galileo-nano.",
        )
    return facts


def _trial_batch(scaling: Mapping[str, tuple[float, float]]) -> WindowBatch:
    """Windows of made-up Sentinel-2 reflectance, always the same: bands rise and fall together."""
    side, windows = Galileo.window, 32
    chance = np.random.default_rng(0)
    bands = tuple(SENTINEL2[name] for name in scaling if name in SENTINEL2)
    mean, std = (np.array([scaling[b.name][i] for b in bands], np.float32)[:, None, None] for i in (0, 1))
    light = chance.normal(size=(windows, 1, side // 4, side // 4)).repeat(4, axis=2).repeat(4, axis=3)
    colour = chance.normal(size=(windows, len(bands), 1, 1))
    noise = chance.normal(size=(windows, len(bands), side, side))
    pixels = np.clip(mean + std * (0.7 * light + 0.5 * colour + 0.2 * noise), 0, None).astype(np.float32)
    return WindowBatch(pixels, np.ones((windows, side, side), np.bool_), bands, Scene(_BASE_GSD, 6))
