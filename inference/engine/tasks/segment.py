"""segment: a complete network reads the image and says what each pixel is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np

from ...jobs import Task
from ..area import Area
from ..base import F32, Mask, Network
from ..expectations import network_doubts
from ..flow import Steps
from ..grid import Window
from ..regions import Region, within
from ..run import Outcome, Run, shifted
from ..tiling import Tiling
from .maps import class_map, write_polygons

# Tiles a side in one block: a tile's window is computed once, the block is written once.
_TILES = 2
# Bytes of answers kept where windows are blended, for the neighbouring blocks that need them too.
_REMEMBERED = 128 * 1024**2


def segment(run: Run) -> Outcome:
    card = run.card(Task.SEGMENT)
    network: Network = run.model(card)
    with run.stack(run.job.inputs) as stack:
        area = run.area(stack)
        grid = stack.grid.crop(area.window)
        chosen = network.select(stack.bands)
        digest = ",".join(asset.sha256 for asset in card.assets)
        tiling = Tiling(stack.grid.window, network.window, network.halo, network.stride, network.blend)
        mosaic = _Mosaic(run, network, tiling)
        with class_map(run, grid, card.classes, card.id, digest) as target:

            def read(block: Window) -> tuple[Region, Mask] | None:
                region = Region.read(stack, tiling.around(block), chosen)
                wanted = region.inside(area, block)
                return (region, wanted) if wanted.any() else None

            def compute(block: Window, found: tuple[Region, Mask]) -> tuple[F32, Mask]:
                return mosaic.scores(*found, block), found[1]

            def write(block: Window, made: tuple[F32, Mask]) -> None:
                target.put(shifted(block, area.window), *made)

            pixels = run.stream("segment", mosaic.blocks(area), Steps(read, compute, write))
        areas = write_polygons(run, grid, card.classes, card.id, digest)
        facts = {"areas_m2": areas} if areas else {}
        warnings = [*stack.warnings, *network_doubts(card, stack, chosen)]
        return Outcome(card.id, pixels, card.classes, warnings, facts)


class _Mosaic:
    """Scores of blocks, put together from the answers of a network's windows."""

    def __init__(self, run: Run, network: Network, tiling: Tiling) -> None:
        self._run = run
        self._network = network
        self._tiling = tiling
        self._batch = run.job.batch or 4
        size = 4 * len(network.classes) * tiling.window**2
        self._most = _REMEMBERED // size if tiling.blend else 0
        self._recent: OrderedDict[Window, F32] = OrderedDict()

    def blocks(self, area: Area) -> Iterable[Window]:
        """The blocks of an area, in an order in which few windows have to be computed twice.

        A block shares windows with its neighbours on all sides where windows are blended. Bands of
        the grid are gone through one after the other, so narrow that the answers for two lines of
        blocks can be kept; only where two bands meet a window is computed for both.
        """
        side = self._tiling.inner * _TILES
        found = area.blocks(side)
        if not self._tiling.blend:
            return found
        band = side * max(1, (self._most // (_TILES + 2) - 2) // _TILES)
        return sorted(found, key=lambda block: (block.col // band, block.row, block.col))

    def scores(self, region: Region, wanted: Mask, block: Window) -> F32:
        """(classes, rows, cols) of a block, right where ``wanted``."""
        tiling = self._tiling
        reaches = {tile: tiling.reach(tile, block) for tile in tiling.tiles(block)}
        tiles = [tile for tile, reach in reaches.items() if wanted[within(reach, block)].any()]
        answers = self._answers(region, [tiling.place(tile) for tile in tiles])
        scores = np.zeros((len(self._network.classes), block.height, block.width), np.float32)
        for tile, (place, answer) in zip(tiles, answers, strict=True):
            reach = reaches[tile]
            seen = answer[(slice(None), *within(reach, place))]
            # In the order of the tiles, whatever was at hand: rounding depends on the order of a sum.
            scores[(slice(None), *within(reach, block))] += seen * tiling.weights(tile, reach)
        return scores

    def _answers(self, region: Region, places: Sequence[Window]) -> list[tuple[Window, F32]]:
        """The network's answers, (classes, rows, cols), for windows in the region."""
        recent = self._recent
        for place in places:
            if place in recent:
                recent.move_to_end(place)
        missing = [place for place in dict.fromkeys(places) if place not in recent]
        for start in range(0, len(missing), self._batch):
            self._run.context.check()
            part = missing[start : start + self._batch]
            recent.update(zip(part, self._network.predict(region.batch(part)), strict=True))
        found = [(place, recent[place]) for place in places]
        while len(recent) > self._most:
            recent.popitem(last=False)
        return found
