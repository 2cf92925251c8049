"""change: how far two dates lie apart, and where that is a change.

The dates are prepared, a measure is learned from both, and the magnitude is written with its
histogram kept; mask and polygons follow from the finished magnitude, so that memory is set by the
block here too.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np

from ...change_options import ChangeOptions
from ...magnitudes import TAG
from ..area import Area
from ..base import F32
from ..changes.changed_places import CHANGED, NODATA, UNCHANGED, write_places
from ..changes.measures import Measure, measure_of
from ..changes.preparation import prepared
from ..flow import Steps
from ..grid import Grid, Window
from ..run import BLOCK, Outcome, Run, shifted
from ..thresholds import Histogram, Threshold


def change(run: Run) -> Outcome:
    job = run.job
    options = job.change or ChangeOptions()
    with ExitStack() as stacks:
        before = stacks.enter_context(run.stack(job.inputs))
        area = run.area(before)
        grid = before.grid.crop(area.window)
        both = prepared(run, options, before, area, stacks)
        measure = measure_of(run, options.method, both.before, both.after, area)
        histogram, pixels = _write_magnitude(run, measure, area, grid)
        warnings = [*both.warnings, *measure.warnings]
    if job.threshold is None:
        chosen = measure.threshold(histogram, options.false_alarms)
    else:
        chosen = Threshold.given(job.threshold)
    facts: dict[str, Any] = {
        "method": options.method,
        **both.facts,
        **measure.facts,
        "threshold": chosen.value,
        "threshold_method": chosen.method,
        "threshold_reason": chosen.reason,
        **write_places(run, job.output, area, grid, chosen.value, measure.origin),
    }
    return Outcome(measure.origin[0], pixels, (UNCHANGED, CHANGED), warnings, facts)


def _write_magnitude(run: Run, measure: Measure, area: Area, grid: Grid) -> tuple[Histogram, int]:
    histogram = Histogram()
    options: dict[str, Any] = {"bands": 1, "dtype": "float32", "nodata": NODATA}
    options["descriptions"] = ("change magnitude",)
    with run.writer(run.job.output, grid, *measure.origin, **options) as target:

        def compute(block: Window, found: Any) -> F32:
            distance, known = measure.magnitude(block, found)
            valid = known & area.mask(block)
            histogram.add(distance[valid])
            return np.where(valid, distance, np.float32(NODATA))[None]

        def write(block: Window, made: F32) -> None:
            target.write(shifted(block, area.window), made)

        def kept(block: Window) -> None:
            distance = target.read(shifted(block, area.window))
            histogram.add(distance[distance != NODATA])

        pixels = run.stream("compare", area.blocks(BLOCK), Steps(measure.read, compute, write, kept))
        told = histogram.told(float(grid.row_areas(0, grid.height).mean()))
        if told is not None:
            target.note(TAG, told.to_text())
    return histogram, pixels
