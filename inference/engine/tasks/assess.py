"""assess: how right a map is, and how much ground each class covers, by places whose class is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .... import __version__
from ...errors import present
from ..assessment.findings import Findings, find
from ..assessment.mapped import MappedClasses, Values
from ..assessment.reference import Lookup, Places
from ..flow import Steps
from ..grid import Window
from ..legend import Legend, map_name
from ..report import write_assessment, write_text
from ..results.destinations import refused_by_disk
from ..run import BLOCK, Outcome, Run


def assess(run: Run) -> Outcome:
    job = run.job
    reference = present(job.samples)  # validate() saw to it
    ref = job.inputs[0]
    name = map_name(ref)
    legend = Legend.read(ref)
    with run.stack([ref], stored=True) as stack:
        area = run.area(stack)
        places = Places.read(reference, stack.grid)
        mapped, lookup = MappedClasses(stack, area, name), Lookup(places.shapes, stack.grid)

        def look(block: Window, values: Values) -> None:
            mapped.add(block, values)
            lookup.add(block, values)

        pixels = run.stream("compare", area.blocks(BLOCK), Steps(mapped.read, look, lambda block, made: None))
        mapped.check()
        findings = find(places, lookup, mapped, legend, stack.grid, area.window, job.sampling)
        warnings = [*stack.warnings, *findings.warnings]
        metric = bool(stack.grid.crs)
    facts = {
        "map": name,
        "reference": places.name,
        "field": reference.field,
        "extent": "all of the map" if area.is_window and job.extent is None else "a part of the map",
    }
    _write(run, findings, facts, metric)
    return Outcome("", pixels, findings.classes, warnings, _answer(findings))


def _write(run: Run, findings: Findings, facts: dict[str, str], metric: bool) -> None:
    """The report first: the JSON, which is the job's output, stands for a finished run."""
    job = run.job
    if job.report:
        with refused_by_disk(job.report):
            write_assessment(job.report, findings, facts, metric)
    whole: dict[str, Any] = {"geofm": __version__, **facts, **findings.to_dict()}
    with refused_by_disk(job.output):
        write_text(Path(job.output), json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


def _answer(findings: Findings) -> dict[str, Any]:
    """As much as fits into an answer, however many classes there are."""
    return {
        "overall": findings.assessment.overall.to_dict(),
        "places": findings.counts,
        "sampling": findings.sampling,
        "random": findings.is_random,
        "notes": list(findings.notes),
    }
