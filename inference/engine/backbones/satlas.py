"""Satlas: Swin transformers of Sentinel-2, aerial photographs, Landsat and Sentinel-1.

Bastani et al. 2023, "SatlasPretrain: A Large-Scale Dataset for Remote Sensing Image Understanding"
(arXiv:2211.15660); Liu et al. 2022, "Swin Transformer V2: Scaling Up Capacity and Resolution"
(arXiv:2111.09883); weights as torchgeo publishes them, with torchvision's names of tensors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...bands import Band
from ...cards import Card
from ...wiring import PICTURE, STORED
from ..base import WindowBatch
from ..parts.patch_encoder import Inputs, PatchEncoder, TokenNetwork, hyperparameters
from ..parts.patches import cut_patches
from ..parts.pictures import PictureEncoder, brightness

# Side in tokens of the squares in which attention works, and in pixels of a token of the first stage.
_SQUARE, _PATCH = 8, 4
# Blocks of the first, second and fourth stage of all published sizes; the third differs.
_FEW_BLOCKS = 2
# From the paper's code: width of the perceptron of positions, greatest bias, greatest sharpness of attention,
# what keeps tokens apart that only the shift brought side by side.
_POSITION_WIDTH, _GREATEST_BIAS, _SHARPEST, _APART = 512, 16.0, math.log(100.0), -100.0
# Coordinates run to this before their logarithm to this base is taken.
_COORDINATE_SPAN = 8.0
# Stages whose features are given, and pixels of a cell of them: the second's.
_GIVEN, _CELL = (1, 2, 3), 8
_UNUSED = ("norm.", "head.")
_COUNTED = (".relative_coords_table", ".relative_position_index")


class _SquareAttention(nn.Module):
    """Attention by cosine in squares of tokens, which every second block shifts by half."""

    def __init__(self, dim: int, heads: int, shift: int) -> None:
        super().__init__()
        self.heads = heads
        self.shift = shift
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.logit_scale = nn.Parameter(torch.zeros(heads, 1, 1))
        # The places of the layers in a sequence name the tensors; a ReLU is between them.
        self.cpb_mlp = nn.ModuleDict(
            {"0": nn.Linear(2, _POSITION_WIDTH), "2": nn.Linear(_POSITION_WIDTH, heads, bias=False)}
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, rows, cols, dim) in and out."""
        batch, rows, cols, dim = x.shape
        x = F.pad(x, (0, 0, 0, -cols % _SQUARE, 0, -rows % _SQUARE))
        # One square over the whole map needs no shift.
        shifts = tuple(self.shift if side > _SQUARE else 0 for side in x.shape[1:3])
        x = x.roll((-shifts[0], -shifts[1]), (1, 2))
        high, wide = (side // _SQUARE for side in x.shape[1:3])
        squares = x.reshape(batch, high, _SQUARE, wide, _SQUARE, dim).transpose(2, 3)
        bias = self._bias()
        if any(shifts):
            bias = bias + _apart(high, wide, shifts, x.device)[:, None].to(bias.dtype)
        answered = self._attend(squares.reshape(batch, high * wide, _SQUARE**2, dim), bias)
        x = answered.reshape(batch, high, wide, _SQUARE, _SQUARE, dim).transpose(2, 3)
        x = x.reshape(batch, high * _SQUARE, wide * _SQUARE, dim).roll(shifts, (1, 2))
        return x[:, :rows, :cols]

    def _attend(self, squares: Tensor, bias: Tensor) -> Tensor:
        """(batch, squares, tokens, dim) in and out; ``bias`` (..., heads, tokens, tokens)."""
        queries, keys, values = self.qkv.bias.chunk(3)
        # Trained without a bias of keys; the files hold numbers in its place.
        joined = F.linear(squares, self.qkv.weight, torch.cat([queries, torch.zeros_like(keys), values]))
        q, k, v = joined.reshape(*squares.shape[:3], 3, self.heads, -1).permute(3, 0, 1, 4, 2, 5)
        q = F.normalize(q, dim=-1) * self.logit_scale.clamp(max=_SHARPEST).exp()
        mask = bias.expand(*q.shape[:-1], -1)
        found = F.scaled_dot_product_attention(q, F.normalize(k, dim=-1), v, attn_mask=mask, scale=1.0)
        answered: Tensor = self.proj(found.transpose(2, 3).flatten(3))
        return answered

    def _bias(self) -> Tensor:
        """What attention gains by the places of two tokens in a square, (heads, tokens, tokens)."""
        like = self.proj.weight
        span = torch.arange(1 - _SQUARE, _SQUARE, device=like.device) * (_COORDINATE_SPAN / (_SQUARE - 1))
        logs = span.sign() * (span.abs() + 1).log2() / math.log2(_COORDINATE_SPAN)
        table = torch.cartesian_prod(logs, logs).to(like.dtype)
        biases = self.cpb_mlp["2"](F.relu(self.cpb_mlp["0"](table)))
        side = torch.arange(_SQUARE, device=like.device)
        places = torch.cartesian_prod(side, side)
        apart = places[:, None] - places[None] + _SQUARE - 1
        chosen = biases[apart[..., 0] * (2 * _SQUARE - 1) + apart[..., 1]]
        return _GREATEST_BIAS * chosen.permute(2, 0, 1).sigmoid()


def _apart(high: int, wide: int, shifts: Sequence[int], device: torch.device) -> Tensor:
    """What tokens lose that were no neighbours before the shift, (squares, tokens, tokens)."""
    axes = []
    for count, shift in zip((high, wide), shifts, strict=True):
        place = torch.arange(count * _SQUARE, device=device)
        last, moved = place >= (count - 1) * _SQUARE, place >= count * _SQUARE - shift
        axes.append(last.int() + moved.int() if shift else torch.zeros_like(place))
    parts = axes[0][:, None] * 3 + axes[1]
    squares = parts.reshape(high, _SQUARE, wide, _SQUARE).transpose(1, 2).reshape(high * wide, -1)
    return torch.where(squares[:, :, None] == squares[:, None], 0.0, _APART)


class _Block(nn.Module):
    """Attention and a perceptron, each with its norm after it."""

    def __init__(self, dim: int, heads: int, shift: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = _SquareAttention(dim, heads, shift)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.ModuleDict({"0": nn.Linear(dim, 4 * dim), "3": nn.Linear(4 * dim, dim)})

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.norm1(self.attn(x))
        return x + self.norm2(self.mlp["3"](F.gelu(self.mlp["0"](x))))


class _Merging(nn.Module):
    """Four neighbours become one token of twice the length."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = nn.LayerNorm(2 * dim)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, 0, 0, x.shape[2] % 2, 0, x.shape[1] % 2))
        neighbours = [x[:, row::2, col::2] for col in (0, 1) for row in (0, 1)]
        merged: Tensor = self.norm(self.reduction(torch.cat(neighbours, dim=-1)))
        return merged


class _Stem(nn.ModuleDict):
    """Patches to tokens."""

    def __init__(self, channels: int, dim: int) -> None:
        super().__init__({"0": nn.Conv2d(channels, dim, _PATCH, _PATCH), "2": nn.LayerNorm(dim)})

    def forward(self, images: Tensor) -> Tensor:
        """(batch, channels, rows, cols) in pixels to (batch, rows, cols, dim) in patches."""
        rows, cols = (side // _PATCH for side in images.shape[2:])
        weight, bias = (self["0"].get_parameter(name) for name in ("weight", "bias"))
        # Not a convolution: its answer for a batch of one differs in the last bits from that for more.
        tokens = F.linear(cut_patches(images, _PATCH), weight.flatten(1), bias)
        normed: Tensor = self["2"](tokens.reshape(len(images), rows, cols, -1))
        return normed


class SatlasNetwork(TokenNetwork):
    """Swin V2 with the parameter names of the published files.

    Args:
        channels: bands of an image.
        first: length of a token of the first stage; each stage has twice that of the one before.
        heads: of the first stage, doubled likewise.
        third: blocks of the third stage.
    """

    def __init__(self, channels: int, first: int, heads: int, third: int) -> None:
        super().__init__()
        self.dim = sum(first * 2**stage for stage in _GIVEN)
        parts: list[nn.Module] = [_Stem(channels, first)]
        for stage in range(4):
            dim, count = first * 2**stage, third if stage == 2 else _FEW_BLOCKS
            shifts = [_SQUARE // 2 * (block % 2) for block in range(count)]
            parts.append(nn.Sequential(*(_Block(dim, heads * 2**stage, shift) for shift in shifts)))
            if stage < 3:
                parts.append(_Merging(dim))
        self.features = nn.ModuleList(parts)

    def trunk(self) -> Sequence[nn.Module]:
        return list(self.features)[1:]

    def forward(self, images: Tensor) -> list[Tensor]:
        """Encode images.

        Args:
            images: (batch, channels, rows, cols), from 0 to 1, sides multiples of 4.

        Returns:
            the four stages' maps, (batch, rows, cols, dim), at a 4th, 8th, 16th and 32nd of the sides,
            rounded up.
        """
        stem, *rest = self.features
        x, maps = stem(images).to(self.dtype), []
        for part in rest:
            x = part(x)
            if isinstance(part, nn.Sequential):
                maps.append(x.float())
        return maps


class Satlas(PictureEncoder):
    """Satlas' Swin transformers in windows of 256 pixels, at the scale of their second stage.

    A cell of 8 pixels has the features of the last three stages, of the coarser ones those of the cell they
    hold it in: the last alone would be 32 pixels wide, and the first knows little but the colour.
    Gaps are filled with what is around them: squares of attention and merging need every token.
    """

    @classmethod
    def build(cls, card: Card) -> SatlasNetwork:
        sizes = hyperparameters(card, "embed_dim", "num_heads", "stage_3_depth")
        return SatlasNetwork(len(card.bands), *sizes)

    @classmethod
    def renamed(cls, tensors: Mapping[str, Tensor], network: TokenNetwork) -> Mapping[str, Tensor]:
        kept = (name for name in tensors if not name.startswith(_UNUSED) and not name.endswith(_COUNTED))
        return {name: tensors[name] for name in kept}

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of the card's bands: colours, reflectance, or numbers as products store them.

        Raises:
            UnsupportedInput: naming those that are missing, or whose values are in other units.
        """
        if self.card.units == PICTURE:
            return super().select(bands)
        if self.card.units == STORED:
            return tuple(sorted(self.match(bands).values()))
        return PatchEncoder.select(self, bands)

    def trial_batch(self) -> WindowBatch:
        return super().trial_batch() if self.card.units == PICTURE else PatchEncoder.trial_batch(self)

    def tokens(self, inputs: Inputs) -> Tensor:
        maps = self._network(self._image(inputs))
        rows, cols = (side // _CELL for side in next(iter(inputs.values.values())).shape[1:])
        given = []
        for stage in _GIVEN:
            wide = 2 ** (stage - _GIVEN[0])
            spread = maps[stage].repeat_interleave(wide, 1).repeat_interleave(wide, 2)
            given.append(spread[:, :rows, :cols])
        return torch.cat(given, dim=-1).permute(0, 3, 1, 2)

    def _image(self, inputs: Inputs) -> Tensor:
        """Every band from 0 to 1, no further, in the card's order."""
        bands = []
        for name in self.card.bands:
            values = inputs.values[name]
            if self.card.units == PICTURE:
                values = brightness(values, inputs.bands[name])
            low, span = self.scaling[name]
            bands.append(((values - low) / span).clamp(0, 1))
        return torch.stack(bands, dim=1)


load = Satlas.open
