"""thresholdchange: another threshold for a magnitude that is there; no image is read, nothing computed anew.

Mask, polygons and table are the same bytes as if the run that made the magnitude had been given it, or the
same rate of false alarms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import rasterio
from rasterio.errors import RasterioIOError

from ... import strict_json
from ...errors import UnsupportedInput
from ...jobs import Job
from ..changes.changed_places import Wanted, threshold_of, write_places
from ..run import Outcome, Run, provenance
from ..stamps import stamps_of
from ..thresholds import Threshold

_JOB = "GEOFM_JOB"


def thresholdchange(run: Run) -> Outcome:
    job = run.job
    false_alarms = job.change.false_alarms if job.change else 0.0
    path = job.inputs[0].path
    try:
        with rasterio.open(path) as dataset:
            tags = dataset.tags()
            stamps = stamps_of(dataset)
            size = dataset.width * dataset.height
    except RasterioIOError as error:
        raise UnsupportedInput(
            f"{path} cannot be opened as a raster.", "Choose a magnitude of change.", str(error)
        ) from error
    if job.threshold is None:
        chosen = threshold_of(run, path, false_alarms)
    else:
        chosen = Threshold.given(job.threshold)
    run.work.watch(stamps, repr(sorted(stamps.items())))
    origin = tags.get("GEOFM_MODEL", ""), tags.get("GEOFM_DIGEST", "")
    made = _job_in(tags)
    made_as = _as_made_at_once(job, made, tags) if made else provenance(job, *origin)
    wanted = Wanted(job.output, job.polygons, job.table, job.min_area, job.simplify, made_as, job.output)
    classes, facts = write_places(run, path, chosen, wanted, origin)
    return Outcome(origin[0], size, classes, [], facts)


def _job_in(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The job that a magnitude says it was made by; None where it says none that can be read."""
    try:
        made = strict_json.loads(tags.get(_JOB, ""))
    except ValueError:
        return None
    return made if isinstance(made, dict) and isinstance(made.get("change", {}), dict) else None


def _as_made_at_once(job: Job, made: dict[str, Any], tags: Mapping[str, str]) -> dict[str, str]:
    """What the results of the magnitude's own run would say, had it been asked for this."""
    for name, value in (("min_area", job.min_area), ("simplify", job.simplify)):
        made.pop(name, None)
        if value:
            made[name] = value
    # A threshold and a rate of false alarms take each other's place.
    made.pop("threshold", None)
    made.get("change", {}).pop("false_alarms", None)
    if job.threshold is not None:
        made["threshold"] = float(job.threshold)
    elif job.change is not None:
        made.setdefault("change", {})["false_alarms"] = float(job.change.false_alarms)
    # GeoTIFF keeps no empty texts.
    named = {name: tags.get(name, "") for name in provenance(job, "", "")}
    return {**named, _JOB: json.dumps(made, sort_keys=True)}
