"""refine: a map of classes with priors and rules applied, and for every pixel what changed it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window as RasterioWindow

from ...errors import present
from ..flow import Steps
from ..grid import Grid, Window
from ..knowledge.findings import Changes, causes
from ..knowledge.refinement import I16, NO_CLASS, U8, Seen, refined
from ..knowledge.sources import Sources
from ..report import write_text
from ..results.destinations import refused_by_disk
from ..results.maps import nodata_beside, write_polygons
from ..run import BLOCK, Outcome, Run, shifted

_CHANGED_NODATA = 255


def refine(run: Run) -> Outcome:
    job = run.job
    known = present(job.knowledge)  # validate() saw to it
    with ExitStack() as files:
        sources = Sources.open(run, known, files)
        classes = sources.how.classes
        grid = sources.stack.grid.crop(sources.area.window)
        legend = causes(known.rules, prior=known.prior or job.samples is not None)
        pixels = _write(run, sources, grid, legend)
        changes = Changes(classes, legend, grid)
        _count(run, sources, changes)
        warnings = [*sources.warnings, *changes.warnings(sources.how.stuck)]
    if job.table:
        with refused_by_disk(job.table):
            write_text(job.table, changes.table())
    facts = changes.facts()
    areas = write_polygons(run, grid, classes, "", "")
    if areas:
        facts["areas_m2"] = areas
    return Outcome("", pixels, tuple(classes), warnings, facts)


def _write(run: Run, sources: Sources, grid: Grid, legend: Any) -> int:
    """OUTPUT and CHANGED; answers the pixels covered."""
    how, area = sources.how, sources.area
    values = np.array([info.value for info in how.classes], np.uint8)
    empty = nodata_beside(how.classes)
    with ExitStack() as files:

        def writer(path: str, nodata: int, what: str, named: Any) -> Any:
            options = {"bands": 1, "dtype": "uint8", "nodata": nodata, "descriptions": (what,)}
            return files.enter_context(run.writer(path, grid, "", "", classes=named, **options))

        labels = writer(run.job.output, empty, "class", how.classes)
        changed = writer(run.job.changed, _CHANGED_NODATA, "what changed the class", legend)

        def compute(block: Window, seen: Seen) -> tuple[U8, U8]:
            found, cause = refined(how, seen)
            nothing = found == NO_CLASS
            shown = np.where(nothing, empty, values[np.maximum(found, 0)]).astype(np.uint8)
            return shown, np.where(nothing, _CHANGED_NODATA, cause).astype(np.uint8)

        def write(block: Window, made: tuple[U8, U8]) -> None:
            place = shifted(block, area.window)
            labels.write(place, made[0][None])
            changed.write(place, made[1][None])

        return run.stream("refine", area.blocks(BLOCK), Steps(sources.read, compute, write))


def _count(run: Run, sources: Sources, changes: Changes) -> None:
    """Compare the finished map with what it was: so a run that was continued counts all of it, too."""
    values = {info.value: place for place, info in enumerate(sources.how.classes)}
    places = np.full(256, NO_CLASS, np.int16)
    places[list(values)] = list(values.values())
    blocks = list(sources.area.blocks(BLOCK))
    with rasterio.open(run.job.output) as labels, rasterio.open(run.job.changed) as changed:
        for number, block in enumerate(blocks, 1):
            run.context.check()
            before: I16 | None = sources.labels(block)
            run.context.progress("count", number, len(blocks), "")
            if before is None:
                continue
            place = shifted(block, sources.area.window)
            window = RasterioWindow(place.col, place.row, place.width, place.height)
            after = places[labels.read(1, window=window)]
            changes.add(place, before, after, changed.read(1, window=window))
