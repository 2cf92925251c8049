"""Features of encoded blocks, held in memory under a budget; the least recently used are let go first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..base import F32, Mask
from ..grid import Window

F16 = NDArray[np.float16]

# Side of a block. A small one is done soon, so that a click need not wait; measured on spectral-texture,
# blocks of 128 pixels also take half the time of those of 512, because they stay in the processor's cache.
BLOCK = 128
# Bytes of features in memory. The screen and once its width around it are 7 million pixels: 330 to 500 bytes
# each in half precision of 46 to 70 features come to two thirds of this or all of it.
BUDGET = 1 << 30
_OBJECT = 512


@dataclass(frozen=True)
class Block:
    """What is known of a block.

    Attributes:
        window: its place in the grid.
        step: every ``step``-th row and column is held, counted from the grid's origin.
        features: (dim, rows, cols); None for a block without a valid pixel. Half precision: a feature lies
            within 6, and its rounding moves fewer pixels to another class than float32 against float64
            moves in the last bits of a near tie.
        valid: (rows, cols).
    """

    window: Window
    step: int
    features: F16 | None = None
    valid: Mask | None = None

    @classmethod
    def of(cls, window: Window, features: F32, valid: Mask, step: int) -> Block:
        """Of (dim, rows, cols) features at full resolution."""
        thinned = halved(features[:, ::step, ::step])
        return cls(window, step, thinned, np.ascontiguousarray(valid[::step, ::step]))

    @property
    def size(self) -> int:
        """Bytes, those of the object itself among them."""
        held = (self.features, self.valid)
        return _OBJECT + sum(array.nbytes for array in held if array is not None)

    def thinned(self, step: int) -> Block:
        """The same with less of it, where ``step`` is a multiple of its own."""
        if self.features is None or self.valid is None or step <= self.step:
            return Block(self.window, max(step, self.step)) if self.features is None else self
        ratio = step // self.step
        features = np.ascontiguousarray(self.features[:, ::ratio, ::ratio])
        return Block(self.window, step, features, np.ascontiguousarray(self.valid[::ratio, ::ratio]))


def halved(values: NDArray[np.float32]) -> F16:
    """In half precision; PyTorch has vector instructions for that where NumPy has none."""
    return torch.from_numpy(np.ascontiguousarray(values)).to(torch.float16).numpy()


class Encoded:
    """Blocks of all sessions, by session and place."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.size = 0
        self._blocks: OrderedDict[tuple[str, int, int], Block] = OrderedDict()

    def get(self, session: str, window: Window) -> Block | None:
        """The block at a place of the lattice, if it is held; it counts as used now."""
        key = session, window.col // BLOCK, window.row // BLOCK
        block = self._blocks.get(key)
        if block is not None:
            self._blocks.move_to_end(key)
        return block

    def all(self, session: str) -> list[Block]:
        """All blocks of a session."""
        return [block for key, block in self._blocks.items() if key[0] == session]

    def put(self, session: str, block: Block) -> None:
        """Hold a block, in place of one that was at its place."""
        key = session, block.window.col // BLOCK, block.window.row // BLOCK
        self._remove(key)
        self._blocks[key] = block
        self.size += block.size
        while self.size > self.budget and len(self._blocks) > 1:
            self._remove(next(iter(self._blocks)))

    def drop(self, session: str) -> None:
        """Let go of all blocks of a session."""
        for key in [key for key in self._blocks if key[0] == session]:
            self._remove(key)

    def _remove(self, key: tuple[str, int, int]) -> None:
        gone = self._blocks.pop(key, None)
        self.size -= gone.size if gone is not None else 0
