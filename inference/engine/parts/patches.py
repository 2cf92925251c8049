"""Patch embeddings: from pixels to tokens."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects


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


def cut_patches(images: Tensor, size: int) -> Tensor:
    """Patches as vectors, channel by channel and row by row as a convolution's kernel has them.

    Args:
        images: (batch, channels, rows, cols), sides multiples of ``size``.

    Returns:
        (batch, patches, channels * size * size), patches row by row.
    """
    return F.unfold(images, size, stride=size).transpose(1, 2)
