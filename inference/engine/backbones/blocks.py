"""Parts that the model families share: weights, bands, attention, codes, patch kernels."""

from __future__ import annotations

import math
import pickle
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from ...bands import REFLECTANCE, Band, find
from ...errors import ModelCorrupt, UnsupportedInput
from ..base import Scene

# What the readers raise on files that are cut, garbled or hold code; OSError on a cut zip.
_UNREADABLE = (
    SafetensorError,
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    ValueError,
    KeyError,
    OSError,
)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors of a weights file by name: ``*.safetensors``, else a torch file without code.

    Raises:
        ModelCorrupt: if the file is neither, or holds anything but named tensors.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except _UNREADABLE as error:
        raise _unreadable(path, str(error)) from error
    if not isinstance(content, Mapping) or not all(isinstance(v, Tensor) for v in content.values()):
        raise _unreadable(path, "not a flat mapping of names to tensors")
    return dict(content)


def match_bands(bands: Sequence[Band], wanted: Mapping[str, Band]) -> dict[str, int]:
    """Index of the band that serves as each wanted one, by the wanted one's key.

    No band serves as two: Landsat's only near infrared is within 30 nm of two bands of Sentinel-2.
    """
    free = list(enumerate(bands))
    found = {}
    for name, band in wanted.items():
        place = find([candidate for _, candidate in free], band)
        if place is not None:
            found[name] = free.pop(place)[0]
    return found


def require_reflectance(bands: Sequence[Band]) -> None:
    """Refuse bands whose values are not reflectance from 0 to 1.

    Raises:
        UnsupportedInput: naming them.
    """
    raw = [band.name for band in bands if band.units != REFLECTANCE]
    if raw:
        raise UnsupportedInput(
            f"The values of {', '.join(raw)} are not reflectance.",
            "Give SCALE, the factor that turns the stored numbers into reflectance from 0 to 1 "
            "(0.0001 for Sentinel-2 products).",
        )


def _unreadable(path: Path, detail: str) -> ModelCorrupt:
    hint = "Remove the model and fetch it again."
    return ModelCorrupt(f"The weights file {path.name} cannot be read.", hint, detail)


def load_strictly(module: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    """Fill every parameter of ``module`` from ``weights``, which hold nothing else.

    Raises:
        ModelCorrupt: naming ``name``, if a tensor is missing, left over or of another shape.
    """
    try:
        module.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        raise ModelCorrupt(
            f"The weights of {name} do not fit its architecture.",
            "Check that the card names the right file and family.",
            str(error),
        ) from error


class SelfAttention(nn.Module):
    """Multi-head self-attention with separate query, key and value projections."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)
        self.v = nn.Linear(dim, dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor, seen: Tensor | None) -> Tensor:
        """Attend over ``x`` (batch, tokens, dim); ``seen`` (batch, tokens) is False for keys to ignore."""
        # One wide product is faster than three narrow ones, by more than joining the weights takes.
        layers = (self.q, self.k, self.v)
        weight, bias = (torch.cat([getattr(layer, n) for layer in layers]) for n in ("weight", "bias"))
        joined = F.linear(x, weight, bias).reshape(*x.shape[:2], 3, self.heads, -1)
        q, k, v = joined.permute(2, 0, 3, 1, 4)
        keys = None if seen is None else seen[:, None, None, :]
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=keys)
        return self.proj(mixed.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    """Two linear layers with an exact GELU between them."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """A pre-norm transformer block."""

    def __init__(self, dim: int, heads: int, mlp_ratio: float, eps: float = 1e-5) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.attn = SelfAttention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, int(dim * mlp_ratio))

    def forward(self, x: Tensor, seen: Tensor | None = None) -> Tensor:
        # Into the branch's own memory: a new tensor each would cost more than the addition.
        x = self.attn(self.norm1(x), seen).add_(x)
        return self.mlp(self.norm2(x)).add_(x)


def fill_patches(values: Tensor, valid: Tensor, side: int) -> Tensor:
    """Give each invalid pixel the mean of its patch's valid ones: (batch, rows, cols) in and out."""
    clean = torch.where(valid, values, 0.0)[:, None]
    total = F.avg_pool2d(clean, side)
    share = F.avg_pool2d(valid[:, None].float(), side)
    mean = torch.where(share > 0, total / share.clamp(min=1 / side**2), 0.0)
    spread = mean.repeat_interleave(side, 2).repeat_interleave(side, 3)
    return torch.where(valid, values, spread[:, 0])


def unit_vector(lon: float, lat: float) -> tuple[float, float, float]:
    """The direction of a place, in degrees, from the centre of the earth."""
    east, north = math.radians(lon), math.radians(lat)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def month_of(scene: Scene) -> int:
    """The scene's month, else midsummer where it lies: July, in the southern hemisphere January."""
    if scene.month is not None:
        return scene.month
    return 0 if scene.lonlat is not None and scene.lonlat[1] < 0 else 6


def sincos(positions: Tensor, frequencies: Tensor) -> Tensor:
    """Sine then cosine code of positions: (n,) and (d / 2,) give (n, d)."""
    angles = positions[:, None] * frequencies[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


@lru_cache(maxsize=16)
def _pseudo_inverse(old: int, new: int) -> Tensor:
    """Pseudo-inverse, (new**2, old**2), of the bicubic antialiased resize from ``old`` to ``new`` pixels."""
    with torch.inference_mode(mode=False):
        basis = torch.eye(old * old).reshape(old * old, 1, old, old)
        resized = F.interpolate(basis, (new, new), mode="bicubic", antialias=True)
        return torch.linalg.pinv(resized.reshape(old * old, new * new))


def resize_kernel(weight: Tensor, size: int) -> Tensor:
    """A patch embedding's kernel brought from its own side to ``size`` pixels.

    The new kernel answers on a resized patch what the old one answers on the original, in the
    least-squares sense: FlexiViT (Beyer et al. 2023, arXiv:2212.08013).

    Args:
        weight: (out, in, side, side).
        size: the new side in pixels.

    Returns:
        (out, in, size, size).
    """
    old = weight.shape[-1]
    if size == old:
        return weight
    matrix = _pseudo_inverse(old, size).to(weight)
    return (weight.flatten(2) @ matrix.T).reshape(*weight.shape[:2], size, size)


class PatchEmbed(nn.Module):
    """A patch projection whose kernel fits any patch side; parameters are named as a convolution's."""

    def __init__(self, channels: int, dim: int, side: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, dim, kernel_size=side, stride=side)

    def forward(self, images: Tensor, size: int) -> Tensor:
        """Project patches of ``size`` pixels: (batch, rows, cols, times, channels) in pixels to
        (batch, patch rows, patch cols, times, dim).
        """
        batch, rows, cols, times, channels = images.shape
        cut = images.reshape(batch, rows // size, size, cols // size, size, times, channels)
        patches = cut.permute(0, 1, 3, 5, 6, 2, 4).flatten(4)
        # Not a convolution: its answer for a batch of one differs in the last bits from that for more.
        return F.linear(patches, resize_kernel(self.proj.weight, size).flatten(1), self.proj.bias)
