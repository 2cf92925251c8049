"""segment: a complete network reads the image and says what each pixel is."""

from __future__ import annotations

import numpy as np

from ...jobs import Task
from ..base import F32, Mask, Network, WindowBatch
from ..expectations import network_doubts
from ..grid import Window, blocks
from ..rasters import Stack
from ..run import Outcome, Run, shifted
from .maps import class_map, write_polygons

# Tiles a side in one block: each tile is read with its halo, the block is written once.
_TILES = 2


def segment(run: Run) -> Outcome:
    card = run.card(Task.SEGMENT)
    network: Network = run.model(card)
    with run.stack(run.job.inputs) as stack:
        area = run.area(stack)
        grid = stack.grid.crop(area)
        chosen = network.select(stack.bands)
        digest = ",".join(asset.sha256 for asset in card.assets)
        with class_map(run, grid, card.classes, card.id, digest) as target:

            def compute(block: Window) -> None:
                scores, valid = _predict(run, network, stack, chosen, block)
                target.put(shifted(block, area), scores, valid)

            inner = network.window - 2 * network.halo
            pixels = run.stream("segment", area, compute, size=inner * _TILES)
        areas = write_polygons(run, grid, card.classes, card.id, digest)
        facts = {"areas_m2": areas} if areas else {}
        warnings = [*stack.warnings, *network_doubts(card, stack, chosen)]
        return Outcome(card.id, pixels, card.classes, warnings, facts)


def _predict(
    run: Run, network: Network, stack: Stack, chosen: tuple[int, ...], block: Window
) -> tuple[F32, Mask]:
    """Scores (classes, rows, cols) and validity of one block, from the tiles that touch it."""
    inner = network.window - 2 * network.halo
    tiles = list(blocks(block, inner))
    read = [stack.read(_whole_tile(tile, inner, network.halo), chosen) for tile in tiles]
    scores = np.zeros((len(network.classes), block.height, block.width), np.float32)
    valid = np.zeros((block.height, block.width), bool)
    bands = tuple(stack.bands[index] for index in chosen)
    step = run.job.batch or 4
    for start in range(0, len(tiles), step):
        run.context.check()
        part = read[start : start + step]
        batch = WindowBatch(
            np.stack([pixels for pixels, _ in part]), np.stack([ok for _, ok in part]), bands, stack.scene
        )
        answers = network.predict(batch)
        for tile, answer, ok in zip(tiles[start : start + step], answers, batch.valid, strict=True):
            whole = _whole_tile(tile, inner, network.halo)
            source = shifted(tile, whole)
            target = shifted(tile, block)
            scores[:, target.rows, target.cols] = answer[:, source.rows, source.cols]
            valid[target.rows, target.cols] = ok[source.rows, source.cols]
    return scores, valid


def _whole_tile(tile: Window, inner: int, halo: int) -> Window:
    """The network's window whose inner part holds ``tile``, on the lattice from the origin."""
    col = tile.col // inner * inner
    row = tile.row // inner * inner
    return Window(col, row, inner, inner).expand(halo)
