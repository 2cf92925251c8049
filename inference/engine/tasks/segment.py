"""segment: a complete network reads the image and says what each pixel is."""

from __future__ import annotations

from ...jobs import Task
from ..base import F32, Mask
from ..flow import Steps
from ..grid import Window
from ..network_run import NetworkRun
from ..regions import Region
from ..results.maps import class_map, write_polygons
from ..run import Outcome, Run, shifted


def segment(run: Run) -> Outcome:
    with NetworkRun.open(run, Task.SEGMENT) as at_work:
        card, area, mosaic = at_work.card, at_work.area, at_work.mosaic
        grid = at_work.stack.grid.crop(area.window)
        probable = at_work.network.blend or at_work.network.probable
        named = card.classes, card.id, at_work.digest
        with class_map(run, grid, *named, probable=probable, threshold=card.wiring.threshold) as target:

            def compute(block: Window, found: tuple[Region, Mask]) -> tuple[F32, Mask]:
                return mosaic.scores(*found, block), found[1]

            def write(block: Window, made: tuple[F32, Mask]) -> None:
                target.put(shifted(block, area.window), *made)

            pixels = run.stream("segment", mosaic.blocks(area), Steps(at_work.read, compute, write))
        areas = write_polygons(run, grid, card.classes, card.id, at_work.digest)
        facts = {"areas_m2": areas} if areas else {}
        return Outcome(card.id, pixels, card.classes, at_work.warnings(), facts)
