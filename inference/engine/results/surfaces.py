"""What regression and super-resolution share: a network's numbers as a raster."""

from __future__ import annotations

import numpy as np

from ...jobs import Task
from ..base import F32, Mask
from ..flow import Steps
from ..grid import Window
from ..network_run import NetworkRun
from ..regions import Region, scaled_up
from ..run import Outcome, Run, shifted

_NODATA = -9999.0


def write_values(run: Run, task: Task) -> Outcome:
    """Write a network's numbers as the job's OUTPUT, on a grid as fine as it answers."""
    with NetworkRun.open(run, task) as at_work:
        card, area, mosaic, factor = at_work.card, at_work.area, at_work.mosaic, at_work.network.factor
        variables = card.wiring.variables
        options = {
            "bands": len(variables),
            "dtype": "float32",
            "nodata": _NODATA,
            "descriptions": tuple(one.name for one in variables),
            "units": tuple(one.unit for one in variables),
        }
        grid = at_work.stack.grid.crop(area.window).finer(factor)
        with run.writer(run.job.output, grid, card.id, at_work.digest, **options) as target:

            def compute(block: Window, found: tuple[Region, Mask]) -> F32:
                region, wanted = found
                values = mosaic.scores(region, wanted, block)
                inside = wanted.repeat(factor, axis=0).repeat(factor, axis=1)
                return np.where(inside & np.isfinite(values), values, np.float32(_NODATA))

            def write(block: Window, made: F32) -> None:
                target.write(scaled_up(shifted(block, area.window), factor), made)

            pixels = run.stream(task.value, mosaic.blocks(area), Steps(at_work.read, compute, write))
        facts = {"variables": [{"name": one.name, "unit": one.unit} for one in variables]}
        return Outcome(card.id, pixels, warnings=at_work.warnings(), facts={**facts, "factor": factor})
