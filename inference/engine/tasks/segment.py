"""segment: a complete network reads the image and says what each pixel is."""

from __future__ import annotations

import numpy as np

from ...jobs import Task
from ..base import F32, Mask, Network
from ..expectations import network_doubts
from ..flow import Steps
from ..grid import Window, blocks
from ..regions import Region, hull, within
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

            def read(block: Window) -> Region | None:
                around = hull(block, _inner(network)).expand(network.halo)
                region = Region.read(stack, around, chosen)
                return region if region.holds(block) else None

            def compute(block: Window, region: Region) -> tuple[F32, Mask]:
                return _predict(run, network, region, block)

            def write(block: Window, made: tuple[F32, Mask]) -> None:
                target.put(shifted(block, area), *made)

            size = _inner(network) * _TILES
            pixels = run.stream("segment", blocks(area, size), Steps(read, compute, write))
        areas = write_polygons(run, grid, card.classes, card.id, digest)
        facts = {"areas_m2": areas} if areas else {}
        warnings = [*stack.warnings, *network_doubts(card, stack, chosen)]
        return Outcome(card.id, pixels, card.classes, warnings, facts)


def _predict(run: Run, network: Network, region: Region, block: Window) -> tuple[F32, Mask]:
    """Scores (classes, rows, cols) and validity of one block, from its tiles with a valid pixel."""
    scores = np.zeros((len(network.classes), block.height, block.width), np.float32)
    tiles = [tile for tile in blocks(block, _inner(network)) if region.holds(tile)]
    step = run.job.batch or 4
    for start in range(0, len(tiles), step):
        run.context.check()
        part = tiles[start : start + step]
        wholes = [_whole_tile(tile, network) for tile in part]
        answers = network.predict(region.batch(wholes))
        for tile, whole, answer in zip(part, wholes, answers, strict=True):
            scores[(slice(None), *within(tile, block))] = answer[(slice(None), *within(tile, whole))]
    return scores, region.cut(block).valid


def _inner(network: Network) -> int:
    """Side of the part of the network's window whose scores are used."""
    return network.window - 2 * network.halo


def _whole_tile(tile: Window, network: Network) -> Window:
    """The network's window whose inner part holds ``tile``, on the lattice from the origin."""
    inner = _inner(network)
    return Window(tile.col // inner * inner, tile.row // inner * inner, inner, inner).expand(network.halo)
