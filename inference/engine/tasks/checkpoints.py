"""checkpoints: a stratified random sample of a map, for people to say what is there."""

from __future__ import annotations

import math
from pathlib import Path

from ..assessment.design import Lottery, allocate, needed
from ..assessment.mapped import MappedClasses, Values
from ..assessment.points_file import write_points
from ..flow import Steps
from ..grid import Window
from ..legend import Legend, map_name
from ..results.destinations import check_place
from ..run import BLOCK, Outcome, Run, provenance


def checkpoints(run: Run) -> Outcome:
    job = run.job
    check_place(Path(job.output), (".gpkg",))
    ref = job.inputs[0]
    name = map_name(ref)
    count = job.count or needed(job.expected, job.standard_error)
    legend = Legend.read(ref)
    with run.stack([ref], stored=True) as stack:
        area = run.area(stack)
        mapped, lottery = MappedClasses(stack, area, name), Lottery(count, job.seed)

        def look(block: Window, values: Values) -> None:
            lottery.add(block, values, mapped.add(block, values))

        pixels = run.stream("draw", area.blocks(BLOCK), Steps(mapped.read, look, lambda block, made: None))
        mapped.check()
        grid = stack.grid
    counts = allocate(mapped.areas, count, job.allocation, job.least)
    drawn = lottery.draw(counts)
    classes = legend.classes(mapped.areas)
    write_points(
        Path(job.output), grid, drawn, mapped.areas, classes, job.blind, provenance(job, "", "")
    )
    total = sum(mapped.areas.values())
    got = {value: int((drawn.stratum == value).sum()) for value in mapped.areas}
    error = math.sqrt(
        sum((mapped.areas[v] / total) ** 2 * job.expected * (1 - job.expected) / n for v, n in got.items())
    )
    strata = [
        {"value": c.value, "name": c.name, "area_m2": mapped.areas[c.value], "points": got[c.value]}
        for c in classes
    ]
    facts = {"points": len(drawn.stratum), "strata": strata, "expected_error": round(error, 5)}
    warnings = list(stack.warnings)
    short = [c.name for c in classes if got[c.value] < counts[c.value]]
    if short:
        warnings.append(f"The map has fewer pixels of {', '.join(short)} than points to draw: all are in.")
    return Outcome("", pixels, classes, warnings, facts)
