"""segment: a complete network reads the image and says what each pixel is."""

from __future__ import annotations

from ...jobs import Task
from ..base import F32, Mask, Network
from ..expectations import network_doubts
from ..flow import Steps
from ..grid import Window
from ..mosaic import Mosaic
from ..regions import Region
from ..run import Outcome, Run, shifted
from ..tiling import Tiling
from .maps import class_map, write_polygons


def segment(run: Run) -> Outcome:
    card = run.card(Task.SEGMENT)
    network: Network = run.model(card)
    with run.stack(run.job.inputs) as stack:
        area = run.area(stack)
        grid = stack.grid.crop(area.window)
        chosen = network.select(stack.bands)
        digest = ",".join(asset.sha256 for asset in card.assets)
        tiling = Tiling(stack.grid.window, network.window, network.halo, network.stride, network.blend)
        with (
            Mosaic(network, tiling, run.context, run.job.batch) as mosaic,
            class_map(run, grid, card.classes, card.id, digest, probable=network.blend) as target,
        ):

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
