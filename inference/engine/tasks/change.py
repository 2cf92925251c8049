"""change: how far two dates lie apart, and where that is a change.

The dates are prepared, a measure is learned from both, and the magnitude is written with its
histogram kept; mask and polygons follow from the finished magnitude, so that memory is set by the
block here too.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import Any

import numpy as np

from ...change_options import ChangeOptions
from ...magnitudes import TAG as MAGNITUDES
from ...wiring import AS_STORED
from ..area import Area
from ..base import F32
from ..changes.by_method import measure_of
from ..changes.changed_places import NODATA, Wanted, write_places
from ..changes.measures import LabelledMeasure, Measure, mapping_network
from ..changes.preparation import Prepared, prepared
from ..changes.told import TAG, Told
from ..flow import Steps
from ..grid import Grid, Window
from ..run import BLOCK, Outcome, Run, provenance, shifted
from ..thresholds import SPREADS, Histogram, Threshold


def change(run: Run) -> Outcome:
    job = run.job
    options = job.change or ChangeOptions()
    network = mapping_network(run)
    stored = network is not None and network.units in AS_STORED
    with ExitStack() as stacks:
        before = stacks.enter_context(run.stack(job.inputs, stored=stored))
        area = run.area(before)
        grid = before.grid.crop(area.window)
        both = prepared(run, options, before, area, stacks, stored)
        measure = measure_of(run, options.method, both.before, both.after, area)
        if isinstance(measure, AbstractContextManager):
            stacks.enter_context(measure)
        told = _told(options, measure, both)
        histogram, pixels = _write_magnitude(run, measure, area, grid, told)
        warnings = [*both.warnings, *measure.warnings]
    if job.threshold is None:
        chosen = measure.threshold(histogram, options.false_alarms)
    else:
        chosen = Threshold.given(job.threshold)
    tags = provenance(job, *measure.origin)
    wanted = Wanted(job.mask, job.polygons, job.table, job.min_area, job.simplify, tags, job.output)
    classes, found = write_places(run, job.output, chosen, wanted, measure.origin)
    return Outcome(measure.origin[0], pixels, classes, warnings, {**both.facts, **measure.facts, **found})


def _told(options: ChangeOptions, measure: Measure, both: Prepared) -> Told:
    """What the magnitude's file shall say of its making."""
    dates = (both.before.scene.date, both.after.scene.date)
    before, after = ("" if date is None else date.isoformat() for date in dates)
    planes = measure.planes if isinstance(measure, LabelledMeasure) else ()
    masked = {date: found["percent"] for date, found in both.facts.get("clouds", {}).items()}
    return Told(options.method, (before, after), planes, masked)


def _write_magnitude(
    run: Run, measure: Measure, area: Area, grid: Grid, told: Told
) -> tuple[Histogram, int]:
    histogram = Histogram()
    names = ("change magnitude", *(plane.name for plane in told.planes))
    options: dict[str, Any] = {"bands": len(names), "dtype": "float32", "nodata": NODATA}
    options.update(descriptions=names, tags={**provenance(run.job, *measure.origin), TAG: told.to_text()})
    with run.writer(run.job.output, grid, *measure.origin, **options) as target:

        def compute(block: Window, found: Any) -> F32:
            if isinstance(measure, LabelledMeasure):
                distance, known, labels = measure.labelled(block, found)
                made = np.concatenate([distance[None], labels])
            else:
                distance, known = measure.magnitude(block, found)
                made = distance[None]
            valid = known & area.mask(block)
            histogram.add(distance[valid])
            return np.where(valid, made, np.float32(NODATA))

        def write(block: Window, made: F32) -> None:
            target.write(shifted(block, area.window), made)

        def kept(block: Window) -> None:
            distance = target.read(shifted(block, area.window))[0]
            histogram.add(distance[distance != NODATA])

        pixels = run.stream("compare", area.blocks(BLOCK), Steps(measure.read, compute, write, kept))
        area_of_pixel = float(grid.row_areas(0, grid.height).mean())
        magnitudes = histogram.told(area_of_pixel, SPREADS.get(told.method))
        if magnitudes is not None:
            target.note(MAGNITUDES, magnitudes.to_text())
    return histogram, pixels
