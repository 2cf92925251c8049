"""Answers for blocks, put together from the answers of a network's windows."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

import numpy as np

from .area import Area
from .base import F32, Context, Mask, Network
from .grid import Window
from .regions import Region, scaled_up, within
from .tiling import Tiling

# Tiles in one block, at least: what they share is read once, and at its end threads wait for each other.
_TILES = 16
# Windows at once where all of them take the device together.
_BATCH = 8
# Bytes of answers kept where windows are blended, for the neighbouring blocks that need them too.
_REMEMBERED = 128 * 1024**2

Made = TypeVar("Made")


class Mosaic(AbstractContextManager["Mosaic"]):
    """A network's answers for a grid, block by block; a context manager.

    Args:
        network: after its ``select``.
        tiling: how its windows cover the grid.
        context: asked between windows whether the run was cancelled.
        batch: windows at once, 0 chooses.
    """

    def __init__(self, network: Network, tiling: Tiling, context: Context, batch: int) -> None:
        self._network = network
        self._tiling = tiling
        self._check = context.check
        self._hands = ThreadPoolExecutor(network.abreast, "window")
        # Where windows are computed side by side, each is a batch of its own.
        self._batch = 1 if network.abreast > 1 else batch or _BATCH
        self._factor = network.factor
        # So many that no hand is idle for long at a block's end; answers of finer pixels take more memory.
        wanted = max(_TILES, 2 * network.abreast) / network.factor**2
        self._tiles = math.ceil(math.sqrt(max(wanted, network.abreast)))
        size = 4 * network.channels * (network.factor * tiling.window) ** 2
        self._most = _REMEMBERED // size if tiling.blend else 0
        self._recent: OrderedDict[Window, F32] = OrderedDict()

    def __exit__(self, *unused: object) -> None:
        self._hands.shutdown(wait=True, cancel_futures=True)

    def blocks(self, area: Area) -> Iterable[Window]:
        """The blocks of an area, in an order in which few windows have to be computed twice.

        A block shares windows with its neighbours on all sides where windows are blended. Bands of
        the grid are gone through one after the other, so narrow that the answers for two lines of
        blocks can be kept; only where two bands meet a window is computed for both.
        """
        side = self._tiling.inner * self._tiles
        found = area.blocks(side)
        if not self._tiling.blend:
            return found
        band = side * max(1, (self._most // (self._tiles + 2) - 2) // self._tiles)
        return sorted(found, key=lambda block: (block.col // band, block.row, block.col))

    def scores(self, region: Region, wanted: Mask, block: Window) -> F32:
        """Scores of a block, right where they are wanted.

        Args:
            region: holds :meth:`~.tiling.Tiling.around` of the block.
            wanted: (rows, cols) of the block.

        Returns:
            (channels, rows * factor, cols * factor); what :meth:`~.base.Network.weighed` makes of the
            network's answers where windows are blended, else those themselves.
        """
        tiles = [
            tile
            for tile in self._tiling.tiles(block)
            if wanted[within(self._tiling.reach(tile, block), block)].any()
        ]
        sides = block.height * self._factor, block.width * self._factor
        scores = np.zeros((self._network.channels, *sides), np.float32)
        if self._tiling.blend:
            self._blend(region, tiles, block, scores)
        else:
            self._lay(region, tiles, block, scores)
        return scores

    def _lay(self, region: Region, tiles: Sequence[Window], block: Window, scores: F32) -> None:
        """Fill the scores with the parts of the windows that are used."""

        # At the grid's border tiles can share a window.
        used: dict[Window, list[Window]] = {}
        for tile in tiles:
            used.setdefault(self._tiling.place(tile), []).append(self._tiling.reach(tile, block))

        def lay(places: Sequence[Window]) -> None:
            answers = self._network.predict(region.batch(places))
            for place, answer in zip(places, answers, strict=True):
                for reach in used[place]:
                    seen = answer[(slice(None), *self._at(reach, place))]
                    scores[(slice(None), *self._at(reach, block))] = seen

        self._shared_out(lay, list(used))

    def _blend(self, region: Region, tiles: Sequence[Window], block: Window, scores: F32) -> None:
        """Add up the windows' answers by their weights."""
        places = [self._tiling.place(tile) for tile in tiles]
        for tile, place, answer in zip(tiles, places, self._answers(region, places), strict=True):
            reach = self._tiling.reach(tile, block)
            seen = answer[(slice(None), *self._at(reach, place))]
            share = self._tiling.weights(tile, reach, self._factor)
            # In the order of the tiles, whatever was at hand: rounding depends on the order of a sum.
            scores[(slice(None), *self._at(reach, block))] += seen * share

    def _answers(self, region: Region, places: Sequence[Window]) -> list[F32]:
        """What is blended, (channels, rows, cols), of windows of the region, some from earlier."""

        def answer(part: Sequence[Window]) -> list[F32]:
            return list(self._network.weighed(self._network.predict(region.batch(part))))

        recent = self._recent
        for place in places:
            if place in recent:
                recent.move_to_end(place)
        missing = [place for place in dict.fromkeys(places) if place not in recent]
        found = [each for part in self._shared_out(answer, missing) for each in part]
        recent.update(zip(missing, found, strict=True))
        answers = [recent[place] for place in places]
        while len(recent) > self._most:
            recent.popitem(last=False)
        return answers

    def _at(self, window: Window, around: Window) -> tuple[slice, slice]:
        """Rows and columns of a window's answers in those for another."""
        return within(scaled_up(window, self._factor), scaled_up(around, self._factor))

    def _shared_out(
        self, work: Callable[[Sequence[Window]], Made], windows: Sequence[Window]
    ) -> list[Made]:
        """Have batches of windows worked on, side by side where the network can."""

        def checked(part: Sequence[Window]) -> Made:
            self._check()
            return work(part)

        parts = [windows[start : start + self._batch] for start in range(0, len(windows), self._batch)]
        return list(self._hands.map(checked, parts))
