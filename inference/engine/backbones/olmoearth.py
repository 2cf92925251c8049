"""OlmoEarth: a transformer over patches, dates and sensors: Sentinel-2, Sentinel-1 and Landsat.

Allen Institute for AI 2025, "OlmoEarth" (arXiv:2511.13655); weights from allenai on Hugging Face, under
the OlmoEarth Artifact License. Conventions as in olmoearth-pretrain-minimal 0.1.5.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...bands import Band, band_of_card
from ...cards import Card
from ...errors import present
from ..parts.attention import Block, Mlp, SelfAttention, attend, by_head
from ..parts.codes import month_of, slow_code, slow_grid_code
from ..parts.layer_bands import match_bands
from ..parts.patch_encoder import Inputs, PatchEncoder, TokenNetwork, hyperparameters
from ..parts.patches import PatchEmbed

# By sensor its sets of bands; in version 1 each set is a token, later all of a sensor are one. The order
# of the bands is the network's in both. Thermal bands of Landsat are raw numbers of its sensor, which
# no layer holds as they were: they count as missing.
SENSORS: dict[str, tuple[tuple[str, ...], ...]] = {
    "sentinel2_l2a": (
        ("B02", "B03", "B04", "B08"),
        ("B05", "B06", "B07", "B8A", "B11", "B12"),
        ("B01", "B09"),
    ),
    "sentinel1": (("VV", "VH"),),
    "landsat": (
        ("oli:B8",),
        tuple(f"oli:B{i}" for i in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11)),
    ),
}
# A sensor's images are used where these of its bands are there.
_NEEDED = {
    "sentinel2_l2a": ("B02", "B03", "B04"),
    "sentinel1": ("VV", "VH"),
    "landsat": ("oli:B2", "oli:B3", "oli:B4"),
}
_LANDSAT = "landsat"
_BASE_GSD = 10.0
_DAYS_A_STEP = 30.0
# What a published file holds besides: heads, and what gathers tokens for the loss.
_NOT_NEEDED = ("project_and_aggregate.", "attention_pooler.", "composite_encodings.pos_embed")


class PixelPatchEmbed(nn.Module):
    """A patch projection behind a layer of each pixel's own: versions 1.1 and later."""

    def __init__(self, channels: int, dim: int, side: int, hidden: int) -> None:
        super().__init__()
        self.pixel_proj = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU())
        self.proj = nn.Linear(hidden * side**2, dim)

    def forward(self, images: Tensor, size: int) -> Tensor:
        """As :class:`~..parts.patches.PatchEmbed`, of patches of the side that it was made with."""
        batch, rows, cols, times, _ = images.shape
        cut = self.pixel_proj(images).reshape(batch, rows // size, size, cols // size, size, times, -1)
        return self.proj(cut.permute(0, 1, 3, 5, 2, 4, 6).flatten(4))


class RotaryAttention(SelfAttention):
    """Self-attention that turns queries and keys by time and place, with learnt frequencies.

    Heo et al. 2024, "Rotary Position Embedding for Vision Transformer" (arXiv:2403.13298), RoPE-Mixed,
    with time as a third axis.
    """

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__(dim, heads)
        self.rope_mixed_freqs = nn.Parameter(torch.zeros(3, heads, dim // heads // 2))

    def forward(self, x: Tensor, seen: Tensor | None, places: Tensor | None = None) -> Tensor:
        """As :class:`SelfAttention`; ``places`` (batch, tokens, 3) are time, row and column."""
        places = present(places)
        q, k, v = by_head(self.joined(x), self.heads)
        time, row, col = (places[:, None, :, i, None] for i in range(3))
        by_time, by_row, by_col = self.rope_mixed_freqs[:, None, :, None]
        angles = time * by_time + row * by_row + col * by_col
        turned = torch.stack([_turned(q, angles), _turned(k, angles), v], dim=0)
        return self.proj(attend(turned.permute(1, 3, 0, 2, 4).flatten(2), self.heads, seen))


def _turned(x: Tensor, angles: Tensor) -> Tensor:
    """Neighbouring pairs of features, (..., d), turned by (..., d / 2) radians."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    return torch.stack([even * cos - odd * sin, odd * cos + even * sin], dim=-1).flatten(-2)


class _Embeddings(nn.Module):
    """Patch embeddings by sensor and set of bands, named as in the published files."""

    def __init__(self, sets: Mapping[str, Sequence[Sequence[str]]], dim: int, side: int, hidden: int) -> None:
        super().__init__()
        self.side = side
        self.sizes = {sensor: [len(bands) for bands in groups] for sensor, groups in sets.items()}
        made = {
            sensor: {
                f"{sensor}__{index}": PixelPatchEmbed(size, dim, side, hidden)
                if hidden
                else PatchEmbed(size, dim, side)
                for index, size in enumerate(sizes)
            }
            for sensor, sizes in self.sizes.items()
        }
        self.per_modality_embeddings = nn.ModuleDict({s: nn.ModuleDict(parts) for s, parts in made.items()})

    def forward(self, sensor: str, images: Tensor, patch: int) -> Tensor:
        """(batch, rows, cols, times, bands) in pixels to (batch, patch rows, cols, times, sets, dim)."""
        if patch != self.side:
            images = _resized(images, patch, self.side)
        parts = torch.split(images, self.sizes[sensor], dim=-1)
        projections = self.per_modality_embeddings[sensor].children()
        tokens = [project(part, self.side) for project, part in zip(projections, parts, strict=True)]
        return torch.stack(tokens, dim=-2)


def _resized(images: Tensor, patch: int, side: int) -> Tensor:
    """Images whose patches of ``patch`` pixels have become ``side`` pixels: not the weights are resized."""
    batch, rows, cols, times, bands = images.shape
    flat = images.permute(0, 3, 4, 1, 2).reshape(batch * times, bands, rows, cols)
    shape = (rows // patch * side, cols // patch * side)
    larger = F.interpolate(flat, shape, mode="bicubic", antialias=True)
    return larger.reshape(batch, times, bands, *shape).permute(0, 3, 4, 1, 2)


class _Codes(nn.Module):
    """What is added to tokens: a quarter of each codes sensor and set, order in time, month and place."""

    def __init__(self, sets: Mapping[str, Sequence[Sequence[str]]], dim: int) -> None:
        super().__init__()
        self.quarter = dim // 4
        self.month_embed = nn.Embedding(12, self.quarter)
        self.per_modality_channel_embeddings = nn.ParameterDict(
            {sensor: nn.Parameter(torch.zeros(len(groups), self.quarter)) for sensor, groups in sets.items()}
        )

    def forward(self, sensor: str, tokens: Tensor, months: Tensor, step: float | None) -> Tensor:
        """``tokens`` with their codes; without ``step`` neither order nor place are among them."""
        _, rows, cols, times, _, _ = tokens.shape
        device = tokens.device
        order = place = torch.zeros(self.quarter, device=device)
        if step is not None:
            order = slow_code(torch.arange(times, device=device), self.quarter)[:, None]
            place = slow_grid_code(rows, cols, step, self.quarter, device)[:, :, None, None]
        month = self.month_embed(months)[:, None, None, :, None]
        codes = (self.per_modality_channel_embeddings[sensor], order, month, place)
        return tokens + torch.cat([code.expand(*tokens.shape[:-1], -1) for code in codes], dim=-1)


class OlmoEarthNetwork(TokenNetwork):
    """The encoder with the parameter names of the published files.

    Args:
        dim: length of a token.
        depth: transformer blocks.
        heads: attention heads.
        mlp_ratio: width of the hidden layer over ``dim``.
        side: of a patch in pixels, to which others are resized.
        hidden: width of the layer of each pixel's own, 0 in version 1, which has none.
        rotary: whether time and place turn queries and keys (versions 1.2 and later) or are added.
    """

    def __init__(
        self, dim: int, depth: int, heads: int, mlp_ratio: float, side: int, hidden: int, rotary: bool
    ) -> None:
        super().__init__()
        self.dim = dim
        self.rotary = rotary
        self.sets = SENSORS if not hidden else {name: (sum(sets, ()),) for name, sets in SENSORS.items()}
        self.patch_embeddings = _Embeddings(self.sets, dim, side, hidden)
        self.composite_encodings = _Codes(self.sets, dim)
        attention = RotaryAttention if rotary else SelfAttention
        self.blocks = nn.ModuleList(
            Block(dim, attention(dim, heads), Mlp(dim, int(dim * mlp_ratio))) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(dim)

    def computing_in(self, dtype: torch.dtype) -> TokenNetwork:
        other = super().computing_in(dtype)
        blocks: list[Any] = [*zip(other.get_submodule("blocks").children(), self.blocks, strict=True)]
        for block, own in blocks if self.rotary else ():
            # Angles need more digits than bf16 has.
            block.attn.rope_mixed_freqs = copy.deepcopy(own.attn.rope_mixed_freqs)
        return other

    def forward(
        self,
        images: Mapping[str, Tensor],
        months: Tensor,
        patch: int,
        gsd: float,
        seen: Mapping[str, Tensor] | None = None,
        days: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Tokens of each sensor.

        Args:
            images: normalised, (batch, rows, cols, times, bands) in pixels by the sensor's name, bands in
                the order of ``SENSORS``.
            months: (batch, times), 0 is January.
            patch: side of a patch in pixels, 1 to 8.
            gsd: side of a pixel in metres.
            seen: by sensor's name, (batch, patch rows, patch cols, times, sets of bands), False where a
                token must not be used. A sensor without an entry is seen everywhere.
            days: (batch, times), any date's number in days; None where there is one date.

        Returns:
            (batch, patch rows, patch cols, times, sets, dim) by the sensor's name. The tokens not seen
            mean nothing.
        """
        step = gsd * patch / _BASE_GSD
        tokens = {name: self.patch_embeddings(name, image, patch) for name, image in images.items()}
        added = None if self.rotary else step
        coded = [self.composite_encodings(n, t, months, added).flatten(1, 4) for n, t in tokens.items()]
        places = [_places(t, step, days).flatten(1, 4) for t in tokens.values()] if self.rotary else []
        mask = None
        if seen:
            mask = torch.cat([_seen(name, tokens[name], seen).flatten(1) for name in tokens], dim=1)
        x = torch.cat(coded, dim=1).to(self.dtype)
        others = [torch.cat(places, dim=1)] if places else []
        for block in self.blocks:
            x = block(x, mask, *others)
        parts = self.norm(x.float()).split([part.shape[1] for part in coded], dim=1)
        return {name: p.reshape(tokens[name].shape) for name, p in zip(tokens, parts, strict=True)}


def _places(tokens: Tensor, step: float, days: Tensor | None) -> Tensor:
    """Time, row and column of each token: (batch, rows, cols, times, sets, 3)."""
    batch, rows, cols, times, sets, _ = tokens.shape
    time = torch.zeros(batch, times, device=tokens.device) if days is None else days / _DAYS_A_STEP
    row, col = (torch.arange(n, device=tokens.device, dtype=torch.float32) * step for n in (rows, cols))
    axes = (time[:, None, None, :, None], row[:, None, None, None], col[:, None, None])
    return torch.stack([axis.expand(batch, rows, cols, times, sets) for axis in axes], dim=-1)


def _seen(name: str, tokens: Tensor, seen: Mapping[str, Tensor]) -> Tensor:
    """(batch, ..., sets) of one sensor's tokens that may be used."""
    if name in seen:
        return seen[name]
    return torch.ones(tokens.shape[:-1], dtype=torch.bool, device=tokens.device)


class OlmoEarth(PatchEncoder):
    """OlmoEarth over single-date windows of any of its sensors.

    Bands of a sensor that the layer lacks are what the authors make of missing ones: zero after scaling;
    in version 1, which was not trained so, the band nearest in wavelength stands in, and a set of bands of
    which none is there is left out. Bands of no known sensor count as Sentinel-2's.
    """

    @classmethod
    def build(cls, card: Card) -> OlmoEarthNetwork:
        sizes = ("embedding_size", "depth", "num_heads", "mlp_ratio", "max_patch_size", "pixel_hidden_size")
        return OlmoEarthNetwork(*hyperparameters(card, *sizes, "rotary"))

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        # The published files hold decoders, a second encoder, and sensors that the encoder never saw.
        here = {n.removeprefix("encoder."): t for n, t in tensors.items() if n.startswith("encoder.")}
        return {n: t for n, t in here.items() if not n.startswith(_NOT_NEEDED) and _of_our_sensors(n)}

    def match(self, bands: Sequence[Band]) -> dict[str, int]:
        """The bands of every sensor that the layer serves.

        Raises:
            UnsupportedInput: if it serves none.
        """
        # Landsat's blue is not Sentinel-2's here: each has its own scaling and tokens. Its bands have
        # other numbers on each satellite, so that they are known by what they are.
        own = {band.common: index for index, band in enumerate(bands) if band.modality == _LANDSAT}
        others = [index for index, band in enumerate(bands) if band.modality != _LANDSAT]
        wanted = {name: band for name, band in self._wanted.items() if band.modality != _LANDSAT}
        places = match_bands([bands[index] for index in others], wanted)
        found = {name: others[place] for name, place in places.items()}
        landsat = {name: band for name, band in self._wanted.items() if band.modality == _LANDSAT}
        found |= {name: own[band.common] for name, band in landsat.items() if band.common in own}
        used = {name for sensor in _sensors(found) for names in SENSORS[sensor] for name in names}
        if not used:
            self.require([name for name in _NEEDED["sentinel2_l2a"] if name not in found])
        return {name: index for name, index in found.items() if name in used}

    def tokens(self, inputs: Inputs) -> Tensor:
        sensors = _sensors(inputs.values)
        images = {sensor: self._image(sensor, inputs)[:, :, :, None] for sensor in sensors}
        months = torch.full((inputs.batch, 1), month_of(inputs.scene), device=inputs.device)
        seen = {sensor: self._sets_seen(sensor, inputs) for sensor in sensors}
        whole = all(bool(part.all()) for part in seen.values())
        # Of one date alone the days turn all tokens alike, which changes nothing.
        found = self._network(images, months, self.stride, inputs.scene.gsd, None if whole else seen)
        total = sum((found[s] * seen[s][..., None]).sum(dim=(3, 4)) for s in sensors)
        count = sum(seen[s].sum(dim=(3, 4)) for s in sensors)
        return torch.as_tensor(total / torch.as_tensor(count).clamp(min=1)[..., None]).permute(0, 3, 1, 2)

    def _sets_seen(self, sensor: str, inputs: Inputs) -> Tensor:
        """(batch, patch rows, patch cols, 1, sets) of tokens that may be used."""
        there = [any(name in inputs.values for name in names) for names in self._network.sets[sensor]]
        rows, cols = (n // self.stride for n in next(iter(inputs.values.values())).shape[1:])
        shape = (inputs.batch, rows, cols, 1, len(there))
        seen = torch.tensor(there, device=inputs.device).expand(shape)
        return seen if inputs.seen is None else seen & inputs.seen[..., None, None]

    def _image(self, sensor: str, inputs: Inputs) -> Tensor:
        """(batch, rows, cols, bands) as the network wants them: mean - 2 std at 0, mean + 2 std at 1."""
        names = [name for group in SENSORS[sensor] for name in group]
        return torch.stack([self._value(name, names, inputs) for name in names], dim=-1)

    def _value(self, name: str, names: Sequence[str], inputs: Inputs) -> Tensor:
        source: str | None = name
        if name not in inputs.values:
            version_1 = len(self._network.sets["sentinel2_l2a"]) > 1
            source = _nearest(name, [n for n in names if n in inputs.values]) if version_1 else None
        if source is None or name not in self.scaling:
            return torch.zeros_like(next(iter(inputs.values.values())))
        mean, std = self.scaling[name]
        return (inputs.values[source] - (mean - 2 * std)) / (4 * std)


def _nearest(name: str, there: Sequence[str]) -> str | None:
    """The band nearest in wavelength, of two the shorter; None for a band of no wavelength."""
    known = {n: wavelength for n in (name, *there) if (wavelength := band_of_card(n).wavelength) is not None}
    wanted = known.pop(name, None)
    if wanted is None or not known:
        return None
    return min(known, key=lambda n: (abs(known[n] - wanted), known[n]))


def _sensors(names: Mapping[str, object]) -> list[str]:
    return [sensor for sensor, needed in _NEEDED.items() if names.keys() >= set(needed)]


def _of_our_sensors(name: str) -> bool:
    parts = name.split(".")
    return not parts[1:2] or not parts[1].startswith("per_modality_") or parts[2] in SENSORS


load = OlmoEarth.open
