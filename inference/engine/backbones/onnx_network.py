"""Networks and encoders that come as files: ONNX graphs, and TorchScript where the user allows it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ...catalog import Asset, Card
from ...errors import ModelCorrupt
from ...wiring import FEATURES
from ..base import F32, WindowBatch
from ..devices import Device
from ..parts.feeding import Feed, Open
from ..parts.onnx_graph import open_graph


class OnnxNetwork(Feed):
    """A network with one input of (batch, bands, rows, cols), or the bands last, and an answer for pixels.

    A :class:`~..base.Network`. What it answers is in its card's wiring.

    Attributes:
        probable: whether its answers are probabilities of classes already.
    """

    def __init__(self, card: Card, fetch: Callable[[Asset], Path], device: Device, opened: Open) -> None:
        super().__init__(card, fetch, device, opened)
        self.channels, self.probable = self.answers.channels, self.answers.probable
        self.factor, self.margin = card.wiring.factor, card.wiring.margin
        self.halo = card.halo
        self.stride = card.stride
        self.blend = not 0 < card.receptive_field <= 2 * card.halo + 1

    @classmethod
    def load(
        cls, card: Card, fetch: Callable[[Asset], Path], device: Device, opened: Open = open_graph
    ) -> OnnxNetwork:
        """Get ready to run ``card``; its files are fetched when :meth:`select` knows which one.

        Args:
            fetch: gives the verified local file of an asset.
            opened: makes such a file ready to run.

        Raises:
            ModelCorrupt: if the card lacks what it takes to feed the network.
        """
        network = cls(card, fetch, device, opened)
        inside = card.wiring.margin <= card.halo and card.window > 2 * card.halo
        if not card.assets or not network.channels or not inside:
            raise ModelCorrupt(
                f"The card of {card.id} is not that of a complete network.",
                "It needs a file, classes or variables, a window wider than twice the halo, and a halo no "
                "smaller than the margin.",
            )
        return network

    def predict(self, batch: WindowBatch) -> F32:
        """Answers (batch, channels, rows * factor, cols * factor); see :meth:`Feed.raw`."""
        plain = self.factor == 1 and not self.margin
        raw = self.raw(batch, self.halo if plain else 0)
        answers = self.answers.read(raw)
        side = self.window * self.factor
        if answers.shape[1:] != (self.channels, side, side):
            raise ModelCorrupt(
                f"The network {self.name} answers another shape than its card says.",
                f"The card says {self.channels} numbers for each of {side} x {side} pixels.",
                f"the answer's shape is {raw.shape}",
            )
        return answers

    def weighed(self, answers: F32) -> F32:
        """See :class:`~..base.Network`."""
        return self.answers.weighed(answers)


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
        """Get ready to run ``card``; see :meth:`OnnxNetwork.load`.

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


def load(
    card: Card, fetch: Callable[[Asset], Path], device: Device, opened: Open = open_graph
) -> OnnxNetwork | OnnxEncoder:
    """The network or, where its card says that it answers features, the encoder of a card."""
    kind = OnnxEncoder if card.wiring.answer == FEATURES else OnnxNetwork
    return kind.load(card, fetch, device, opened)
