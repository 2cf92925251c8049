"""The trunk of plain vision transformers, with timm's parameter names."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from .attention import vit_blocks
from .patch_encoder import TokenNetwork


class VisionTransformer(TokenNetwork):
    """A class token, blocks and a last norm (Dosovitskiy et al. 2021, arXiv:2010.11929).

    Args:
        dim: length of a token.
        depth: blocks.
        heads: of attention.
        mlp_ratio: width of the hidden layers over ``dim``.
        eps: of every norm.
    """

    def __init__(self, dim: int, depth: int, heads: int, mlp_ratio: float, eps: float) -> None:
        super().__init__()
        self.dim = dim
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.blocks = vit_blocks(dim, depth, heads, mlp_ratio, eps)
        self.norm = nn.LayerNorm(dim, eps=eps)

    def attended(self, patches: Tensor, code: Tensor | float = 0.0, seen: Tensor | None = None) -> Tensor:
        """Tokens after all blocks.

        Args:
            patches: (batch, tokens, dim) with their codes of positions.
            code: of the class token's position, (1, 1, dim).
            seen: (batch, tokens), False for those to leave out of attention.

        Returns:
            (batch, 1 + tokens, dim), the class token first.
        """
        first = (self.cls_token + code).expand(len(patches), -1, -1)
        x = torch.cat([first, patches], dim=1).to(self.dtype)
        mask = None if seen is None else F.pad(seen, (1, 0), value=True)
        for block in self.blocks:
            x = block(x, mask)
        found: Tensor = self.norm(x.float())
        return found
