"""What a network answers, brought into one form: (batch, channels, rows, cols), right for its pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelCorrupt
from ...wiring import (
    FEATURES,
    LABELS,
    LOGIT,
    LOGITS,
    OF_TWO_CLASSES,
    PROBABILITIES,
    PROBABILITY,
    VALUES,
    Wiring,
)
from ..base import F32
from ..scores import softmax


class Answers:
    """Reads what a network of a wiring answers.

    Attributes:
        channels: scores or values a pixel.
        probable: whether :meth:`read` gives probabilities already.
        scores: whether it gives scores of classes before softmax.
    """

    def __init__(self, wiring: Wiring, classes: int) -> None:
        """
        Args:
            wiring: of the card.
            classes: how many the card names.
        """
        self._wiring = wiring
        by_kind = {VALUES: len(wiring.variables), FEATURES: wiring.dim}
        self.channels = by_kind.get(wiring.answer, classes)
        self.probable = wiring.answer in (PROBABILITIES, PROBABILITY, LOGIT, LABELS)
        self.scores = wiring.answer == LOGITS
        self._scale, self._offset = (
            np.array([getattr(one, name) for one in wiring.variables], np.float32)[:, None, None]
            for name in ("scale", "offset")
        )

    def shape(self, window: int) -> tuple[int | None, ...]:
        """The shape of the network's answer for a window of so many pixels a side, without the batch."""
        wiring = self._wiring
        if wiring.answer == FEATURES:
            return ()
        side = (window - 2 * wiring.margin) * wiring.factor
        depth = 1 if wiring.answer in (*OF_TWO_CLASSES, LABELS) else self.channels
        return (side, side, depth) if wiring.answer_last else (depth, side, side)

    def read(self, raw: NDArray[Any]) -> F32:
        """(batch, channels, rows, cols) of a network's answer; 0 in the margins, which no tile uses.

        Raises:
            ModelCorrupt: if it is a label of no class.
        """
        wiring = self._wiring
        found = raw[:, None] if raw.ndim == 3 else raw.transpose(0, 3, 1, 2) if wiring.answer_last else raw
        if wiring.answer == LABELS:
            classes = np.arange(self.channels).reshape(1, -1, 1, 1)
            labels = np.rint(found)
            odd = (labels < 0) | (labels >= self.channels)
            if odd.any():
                raise ModelCorrupt(
                    f"The network answers class {labels[odd][0]:g}, of which its card says nothing.",
                    f"The card names {self.channels} classes, numbered from 0: name all that there are.",
                )
            found = labels == classes
        found = found.astype(np.float32, copy=False)
        if wiring.answer in OF_TWO_CLASSES:
            # Deepness takes what is no probability for one too; the threshold finds the same pixels.
            second = _sigmoid(found) if wiring.answer == LOGIT else found.clip(0, 1)
            found = np.concatenate([1 - second, second], axis=1)
        # Of another number of values the caller tells; numpy would make as many of one.
        if wiring.answer == VALUES and found.shape[1] == self.channels:
            found = found * self._scale + self._offset
        if wiring.margin:
            edge = wiring.margin * wiring.factor
            found = np.pad(found, ((0, 0), (0, 0), (edge, edge), (edge, edge)))
        return found

    def weighed(self, answers: F32) -> F32:
        """See :meth:`~..base.Network.weighed`."""
        return softmax(answers, axis=1) if self._wiring.answer == LOGITS else answers


def _sigmoid(values: F32) -> F32:
    # Neither branch of exp overflows.
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1 / (1 + small), small / (1 + small))
