"""Encoding in slices of time: what is on the screen, labels elsewhere, and what lies around the screen."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ...errors import present
from ..base import Context
from ..features.space import FeatureSpace
from ..grid import Window, lattice
from ..rasters import Stack
from .encoded import BLOCK, Block, Encoded
from .labels import Labels
from .preview import memory_step

# Share of the memory for features that what is on the screen may take; the rest is for what lies around it,
# up to a little less than all, so that nothing is let go for what was encoded in the same call.
_VISIBLE_SHARE, _ALL_SHARE = 0.5, 0.9
_FREE_QUESTIONS = 2


class _SliceOver(Exception):  # noqa: N818 - nothing went wrong
    """The time that was given is over, in the middle of a block."""


@dataclass(frozen=True)
class Progress:
    """How many blocks of the screen, and how many around it and under labels, are done and wanted."""

    visible_done: int
    visible_total: int
    around_done: int
    around_total: int


class Encoding:
    """The features of one session.

    Args:
        session: its name.
        stack, space: what is encoded, and how.
        labels: that wait for features.
        encoded: where features are held.
    """

    def __init__(
        self, session: str, stack: Stack, space: FeatureSpace, labels: Labels, encoded: Encoded
    ) -> None:
        self._session = session
        self._stack = stack
        self._space = space
        self._labels = labels
        self._encoded = encoded

    def work(self, window: Window | None, seconds: float, context: Context) -> Progress:
        """Encode for about so long; a batch of an encoder's windows that was begun is finished."""
        visible = self.places(window)
        step = self._step(window)
        around = self._ring(window, visible, step)
        with _slice(seconds, context) as limited:
            self._encode_blocks(visible, step, limited)
            self._encode_labels(limited)
            self._encode_blocks(around, step, limited)
        cells = len(self._labels.cells())
        done = sum(self._has(place, step) for place in around)
        return Progress(
            sum(self._has(place, step) for place in visible), len(visible), done, len(around) + cells
        )

    def labels(self, context: Context, seconds: float | None = None) -> None:
        """Encode the surroundings of all labels that wait, or as many as can be done in a time."""
        if seconds is None:
            self._encode_labels(context)
            return
        with _slice(seconds, context) as limited:
            self._encode_labels(limited)

    def fill_labels(self) -> None:
        """Give labels that wait the features that are held anyway."""
        for cell in self._labels.cells():
            block = self._held(cell)
            if block is not None and block.features is not None and block.valid is not None:
                self._labels.fill(block.window, block.features, block.valid, block.step)
            elif block is not None:
                self._labels.fill_empty(block.window)

    def held(self, window: Window | None = None) -> list[Block]:
        """The blocks that a window touches, of those that are held; all of them without a window."""
        if window is None:
            return self._encoded.all(self._session)
        return [block for place in self.places(window) if (block := self._held(place)) is not None]

    def places(self, window: Window | None) -> list[Window]:
        """The places of the blocks that a window touches, those at its middle first."""
        if window is None:
            return []
        middle = window.col + window.width / 2, window.row + window.height / 2

        def distance(place: Window) -> float:
            return math.hypot(place.col + BLOCK / 2 - middle[0], place.row + BLOCK / 2 - middle[1])

        found = (place.intersect(self._stack.grid.window) for place in lattice(window, BLOCK))
        return sorted((place for place in found if place is not None), key=distance)

    def _step(self, window: Window | None) -> int:
        """How thinned the blocks of a window are held, so that they fit into memory."""
        share = _VISIBLE_SHARE * self._encoded.budget / (2 * self._space.dim)
        return memory_step(window, int(share)) if window is not None else 1

    def _ring(self, window: Window | None, inner: Sequence[Window], step: int) -> list[Window]:
        """Blocks around a window, once its width and height, as far as memory allows."""
        if window is None:
            return []
        col, row = window.col - window.width, window.row - window.height
        wide = Window(col, row, 3 * window.width, 3 * window.height)
        each = 2 * self._space.dim * (BLOCK // step) ** 2
        room = int(self._encoded.budget * _ALL_SHARE / each) - len(inner)
        known = set(inner)
        return [place for place in self.places(wide) if place not in known][: max(room, 0)]

    def _held(self, place: Window) -> Block | None:
        return self._encoded.get(self._session, place)

    def _has(self, place: Window, step: int) -> bool:
        block = self._held(place)
        return block is not None and block.step <= step

    def _encode_blocks(self, places: Sequence[Window], step: int, context: Context) -> None:
        """Encode those of some blocks that are not held at ``step``."""
        for place in places:
            block = self._held(place)
            if block is None or block.step > step:
                context.check()
                self._encoded.put(self._session, self._encode(place, step, context))
            elif block.step < step:
                self._encoded.put(self._session, block.thinned(step))

    def _encode(self, place: Window, step: int, context: Context) -> Block:
        region = self._space.read(self._stack, place)
        if not region.cut(place).valid.any():
            self._labels.fill_empty(place)
            return Block(place, step)
        features, valid = self._space.of(region, place, context)
        self._labels.fill(place, features, valid)
        return Block.of(place, features, valid, step)

    def _encode_labels(self, context: Context) -> None:
        self.fill_labels()
        for cell in self._labels.cells():
            context.check()
            place = present(cell.intersect(self._stack.grid.window))  # labels lie on the grid
            self._encode(place, 1, context)


@contextmanager
def _slice(seconds: float, context: Context) -> Iterator[Context]:
    """A context for work that ends when the time is over, in the middle: encoders keep what they had done.

    The first questions are not refused, so that however little time there is, something is done: one comes
    before a block, one before the first windows of it.
    """
    deadline = time.perf_counter() + seconds
    asked = 0

    def check() -> None:
        nonlocal asked
        context.check()
        asked += 1
        if asked > _FREE_QUESTIONS and time.perf_counter() >= deadline:
            raise _SliceOver

    with suppress(_SliceOver):
        yield Context(context.progress, check)
