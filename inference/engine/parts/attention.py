"""Transformer blocks, with the parameter names that most published vision transformers share (timm's)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects


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
        return self.proj(attend(self.joined(x), self.heads, seen))

    def joined(self, x: Tensor) -> Tensor:
        """Queries, keys and values of ``x``, (batch, tokens, 3 * dim)."""
        # One wide product is faster than three narrow ones, by more than joining the weights takes.
        layers = (self.q, self.k, self.v)
        weight, bias = (torch.cat([getattr(layer, n) for layer in layers]) for n in ("weight", "bias"))
        return F.linear(x, weight, bias)


class JoinedAttention(nn.Module):
    """Multi-head self-attention whose query, key and value projections are one matrix, ``qkv``."""

    def __init__(self, dim: int, heads: int, bias: bool = True) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=bias)
        self.proj = nn.Linear(dim, dim, bias=bias)

    def forward(self, x: Tensor, seen: Tensor | None) -> Tensor:
        """As :class:`SelfAttention`."""
        return self.proj(attend(self.qkv(x), self.heads, seen))


def attend(joined: Tensor, heads: int, seen: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
    """Scaled dot-product attention.

    Args:
        joined: (batch, tokens, 3 * dim), queries, then keys, then values.
        heads: they share ``dim`` evenly.
        seen: (batch, tokens), False for keys to ignore.
        bias: (heads, queries, keys), added to the scaled products.

    Returns:
        (batch, tokens, dim).
    """
    q, k, v = by_head(joined, heads)
    mask = None if seen is None else seen[:, None, None, :]
    if bias is not None:
        mask = bias if mask is None else torch.where(mask, bias, -torch.inf)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)


def by_head(joined: Tensor, heads: int) -> Tensor:
    """Queries, keys and values, (3, batch, heads, tokens, dim / heads), of what :func:`attend` takes."""
    return joined.reshape(*joined.shape[:2], 3, heads, -1).permute(2, 0, 3, 1, 4)


class Mlp(nn.Module):
    """Two linear layers with an exact GELU between them."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """A pre-norm transformer block of an attention and a perceptron."""

    def __init__(self, dim: int, attention: nn.Module, mlp: nn.Module, eps: float = 1e-5) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.attn = attention
        self.norm2 = nn.LayerNorm(dim, eps=eps)
        self.mlp = mlp

    def forward(self, x: Tensor, seen: Tensor | None = None, *others: Tensor | None) -> Tensor:
        """(batch, tokens, dim) in and out; ``seen``, and ``others``, as the attention takes them."""
        # Into the branch's own memory: a new tensor each would cost more than the addition.
        x = self.attn(self.norm1(x), seen, *others).add_(x)
        return self.mlp(self.norm2(x)).add_(x)


def vit_blocks(dim: int, depth: int, heads: int, mlp_ratio: float, eps: float = 1e-5) -> nn.ModuleList:
    """The blocks of a plain vision transformer (Dosovitskiy et al. 2021, arXiv:2010.11929)."""
    return nn.ModuleList(
        Block(dim, JoinedAttention(dim, heads), Mlp(dim, int(dim * mlp_ratio)), eps) for _ in range(depth)
    )
