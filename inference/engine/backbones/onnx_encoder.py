"""Encoders that come as files: one vector a window, or a map of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ...catalog import Asset, Card
from ...errors import ModelCorrupt
from ..base import F32, WindowBatch
from ..devices import Device
from .feeding import Feed, Open
from .onnx_graph import open_graph


class OnnxEncoder(Feed):
    """An :class:`~..base.Encoder` from a file.

    It answers (batch, dim) for a window, (batch, tokens, dim) with or without a token for all of it in
    front, or (batch, dim, rows, cols).
    """

    def __init__(self, card: Card, fetch: Callable[[Asset], Path], device: Device, opened: Open) -> None:
        super().__init__(card, fetch, device, opened)
        self.dim = card.wiring.dim
        self.stride = card.stride
        self.halo = 0
        self._last = card.wiring.answer_last

    @classmethod
    def load(
        cls, card: Card, fetch: Callable[[Asset], Path], device: Device, opened: Open = open_graph
    ) -> OnnxEncoder:
        """Get ready to run ``card``; see :meth:`~.onnx_network.OnnxNetwork.load`.

        Raises:
            ModelCorrupt: if the card lacks what it takes to feed the encoder.
        """
        if not card.window or card.window % card.stride:
            raise ModelCorrupt(
                f"The card of {card.id} is not that of an encoder.",
                "It needs a window that is a multiple of its stride.",
            )
        return cls(card, fetch, device, opened)

    def encode(self, batch: WindowBatch) -> F32:
        """See :class:`~..base.Encoder`.

        Raises:
            ModelCorrupt: if the file answers another shape than its card says.
        """
        raw = self.raw(batch, 0).astype(np.float32, copy=False)
        side = self.window // self.stride
        if raw.ndim == 4 and self._last:
            raw = raw.transpose(0, 3, 1, 2)
        elif raw.ndim == 3:
            raw = self._on_grid(raw[:, -side * side :])
        elif raw.ndim == 2:
            raw = raw[:, :, None, None]
        if raw.shape[1:] != (self.dim, side, side):
            raise ModelCorrupt(
                f"The encoder {self.name} answers another shape than its card says.",
                f"The card says {self.dim} features for each of {side} x {side} cells of a window.",
            )
        return raw

    def _on_grid(self, tokens: F32) -> F32:
        """(batch, tokens, dim) as (batch, dim, rows, cols)."""
        side = math.isqrt(tokens.shape[1])
        if side * side != tokens.shape[1]:
            return tokens
        return tokens.transpose(0, 2, 1).reshape(len(tokens), -1, side, side)
