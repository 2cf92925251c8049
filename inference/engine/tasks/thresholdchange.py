"""thresholdchange: another threshold for a magnitude that is there; no image is read, nothing computed anew.

Mask, polygons and table are the same bytes as if the run that made the magnitude had been given it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import rasterio
from rasterio.errors import RasterioIOError

from ...errors import UnsupportedInput
from ...jobs import Job
from ..changes.changed_places import Wanted, write_places
from ..run import Outcome, Run, provenance
from ..stamps import stamps_of
from ..thresholds import Threshold

_JOB = "GEOFM_JOB"


def thresholdchange(run: Run) -> Outcome:
    job = run.job
    assert job.threshold is not None  # validate() saw to it
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
    run.work.watch(stamps, repr(sorted(stamps.items())))
    origin = tags.get("GEOFM_MODEL", ""), tags.get("GEOFM_DIGEST", "")
    made_as = _as_made_at_once(job, tags) if _JOB in tags else provenance(job, *origin)
    wanted = Wanted(job.output, job.polygons, job.table, job.min_area, job.simplify, made_as, job.output)
    classes, facts = write_places(run, path, Threshold.given(job.threshold), wanted, origin)
    return Outcome(origin[0], size, classes, [], facts)


def _as_made_at_once(job: Job, tags: Mapping[str, str]) -> dict[str, str]:
    """What the results of the magnitude's own run would say, had it been given this threshold."""
    made: dict[str, Any] = json.loads(tags[_JOB])
    asked = {"threshold": float(job.threshold or 0.0), "min_area": job.min_area, "simplify": job.simplify}
    for name, value in asked.items():
        made.pop(name, None)
        if value or name == "threshold":
            made[name] = value
    options = made.get("change")
    if options is not None:
        # A threshold takes the place of a rate of false alarms.
        options.pop("false_alarms", None)
    # GeoTIFF keeps no empty texts.
    named = {name: tags.get(name, "") for name in provenance(job, "", "")}
    return {**named, _JOB: json.dumps(made, sort_keys=True)}
