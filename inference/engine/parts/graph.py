"""A network in a file, and what it is once something runs it, whichever format and runtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..base import F32


@dataclass(frozen=True)
class Shape:
    """What a card says of a network.

    Attributes:
        bands, classes: bands in; scores or values a pixel out.
        window: its side in pixels.
        answer: shape of the answer without the batch, empty where it is not held against the file.
        channels_last: whether windows are (batch, rows, cols, bands).
        output: name of the tensor that is read, empty for the first.
        scores: whether it answers scores before softmax, as the check of bf16 needs them.
    """

    bands: int
    classes: int
    window: int
    answer: tuple[int | None, ...] | None = None
    channels_last: bool = False
    output: str = ""
    scores: bool = True

    @property
    def given(self) -> list[int | None]:
        """Shape of the windows, any batch."""
        sides = [self.window, self.window]
        return [None, *sides, self.bands] if self.channels_last else [None, self.bands, *sides]

    @property
    def expected(self) -> tuple[int | None, ...]:
        """Shape of the answer without the batch."""
        return (self.classes, self.window, self.window) if self.answer is None else self.answer


@dataclass(frozen=True)
class Source:
    """A network's file.

    Attributes:
        content: of the file.
        filename: for people.
        identity: what tells these weights from all others: id and digest.
        shape: what it must be.
    """

    content: bytes
    filename: str
    identity: str
    shape: Shape


class Graph(Protocol):
    """A network ready to run.

    Attributes:
        dtype: of the windows it takes.
        at_once: windows at once at most.
        abreast: calls of ``run`` that may run side by side, each on one thread; 1 where one call
            takes the whole device.
        any_side: whether it takes windows of another side too.
        facts: what runs it, in which number format, and why; for the answer.
    """

    dtype: type[np.floating]
    at_once: int
    abreast: int
    any_side: bool
    facts: dict[str, str]

    def run(self, windows: F32) -> F32:
        """Scores (batch, classes, rows, cols) of scaled windows (batch, bands, rows, cols)."""
        ...
