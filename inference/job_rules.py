"""Which fields go with which task, and what they may hold: a job is checked here and nowhere else."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .change_options import ChangeOptions, check_change
from .errors import InvalidRequest
from .fields import is_plain
from .job_parts import (
    ALLOCATIONS,
    GRIDS,
    KEEPS,
    METHODS,
    SAMPLINGS,
    Extent,
    RasterRef,
    SampleRef,
    Task,
)
from .knowledge import Knowledge, check_knowledge

if TYPE_CHECKING:
    from .jobs import Job


@dataclass(frozen=True)
class _Rule:
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()


_ALWAYS = ("task", "inputs", "output", "extent", "grid", "device", "batch", "seed")
_POLYGONS = ("polygons", "min_area", "simplify")
_CHANGE = ("model", "samples", "classifier", "change", "threshold", "mask", "table")
_TRUST = ("novelty", "refuse_below", "refuse_novel")
_RULES = {
    Task.EMBED: _Rule(("model",), ("area",)),
    Task.SEGMENT: _Rule(("model",), ("area", "confidence", "probabilities", *_POLYGONS)),
    Task.REGRESS: _Rule(("model",), ("area",)),
    Task.SUPERRESOLVE: _Rule(("model",), ("area",)),
    Task.TRAIN: _Rule(
        ("samples",), ("model", "classifier", "method", "keep", "block", "what_helped", "report")
    ),
    Task.CLASSIFY: _Rule(("classifier",), ("area", "confidence", "probabilities", *_TRUST, *_POLYGONS)),
    Task.CHANGE: _Rule(("after",), ("area", *_CHANGE, *_POLYGONS)),
    Task.BREAKS: _Rule((), ("area", "index", "harmonics", "significance", *_POLYGONS)),
    Task.THRESHOLD: _Rule((), ("threshold", "change", "table", *_POLYGONS)),
    Task.SIMILARITY: _Rule(("model", "samples"), ("area",)),
    Task.CLUSTER: _Rule(("model", "classes"), ("area",)),
    Task.CHECKPOINTS: _Rule(
        (), ("area", "count", "standard_error", "expected", "allocation", "least", "blind")
    ),
    Task.ASSESS: _Rule(("samples",), ("area", "sampling", "report")),
    Task.SUGGEST: _Rule(("classifier", "count"), ("area",)),
    Task.REVIEW: _Rule(("classifier",)),
    Task.REFINE: _Rule(("knowledge", "changed"), ("area", "samples", "table", *_POLYGONS)),
}
_MOST_CLUSTERS = 50
_MOST_POINTS = 100_000
_MOST_SUGGESTED = 500


def validate(job: Job) -> None:
    """Check a job's types and that its fields go with its task.

    Raises:
        InvalidRequest: naming the first field that does not fit.
    """
    _check_types(job)
    rule = _RULES[job.task]
    for name in rule.needs:
        if not getattr(job, name):
            raise InvalidRequest(f"The job {job.task.value} needs {name}.")
    allowed = {*_ALWAYS, *rule.needs, *rule.may}
    for spec in dataclasses.fields(job):
        if spec.name not in allowed and getattr(job, spec.name) != spec.default:
            raise InvalidRequest(f"The job {job.task.value} does not take {spec.name}.")
    # A classifier holds all that there is to review of it.
    if bool(job.inputs) == (job.task is Task.REVIEW):
        wrong = "takes no input raster" if job.inputs else "names no input raster"
        raise InvalidRequest(f"The job {wrong}.")
    if not job.output:
        raise InvalidRequest("The job names no output.")
    _check_values(job)


def _check_values(job: Job) -> None:
    if job.method not in METHODS:
        known = ", ".join(METHODS)
        raise InvalidRequest(f"Unknown method {job.method!r}.", f"Known are: {known}.")
    if job.keep not in KEEPS:
        raise InvalidRequest(f"Unknown kind of keeping {job.keep!r}.", f"Known are: {', '.join(KEEPS)}.")
    if job.task is Task.TRAIN and bool(job.model) == bool(job.classifier):
        both = "does not take both model and classifier" if job.model else "needs model"
        raise InvalidRequest(
            f"The job {job.task.value} {both}.", "A classifier that is taught on brings its own model."
        )
    if job.grid not in GRIDS:
        raise InvalidRequest(f"Unknown grid {job.grid!r}.", f"Known are: {', '.join(GRIDS)}.")
    named = {Task.TRAIN: "Training", Task.ASSESS: "An assessment", Task.CHANGE: "Change"}
    if job.task in named and job.samples is not None and not job.samples.field:
        raise InvalidRequest(f"{named[job.task]} needs the field of the samples that holds the class.")
    if job.sampling not in SAMPLINGS:
        raise InvalidRequest(f"Unknown sampling {job.sampling!r}.", f"Known are: {', '.join(SAMPLINGS)}.")
    if job.task is Task.CHANGE:
        given = {name: getattr(job, name) for name in ("model", "samples", "classifier")}
        check_change(job.change or ChangeOptions(), given, job.threshold)
    if job.task is Task.THRESHOLD:
        _check_threshold(job)
    if job.task is Task.CHECKPOINTS:
        _check_design(job)
    if job.knowledge is not None:
        check_knowledge(job.knowledge, len(job.inputs), job.samples is not None)
        if job.grid != GRIDS[0]:
            raise InvalidRequest("A map is refined on its own grid.", "Leave grid as it is.")
    if job.task is Task.SUGGEST and not 1 <= job.count <= _MOST_SUGGESTED:
        raise InvalidRequest(f"The number of places must be between 1 and {_MOST_SUGGESTED}.")
    if job.task is Task.CLUSTER and not 2 <= job.classes <= _MOST_CLUSTERS:
        raise InvalidRequest(f"The number of clusters must be between 2 and {_MOST_CLUSTERS}.")
    if not (1 <= job.harmonics <= 3 and 0 < job.significance < 1):
        raise InvalidRequest(
            "A season has 1 to 3 harmonics, and a significance lies between 0 and 1, such as 0.01."
        )
    if not 0 <= job.block < float("inf"):
        raise InvalidRequest("The side of the blocks cannot be below 0 or endless.")
    if not (0 <= job.min_area < float("inf") and 0 <= job.simplify < float("inf")):
        raise InvalidRequest("The least area and the tolerance of polygons cannot be below 0 or endless.")
    if not 0 <= job.refuse_below <= 100:
        raise InvalidRequest("The confidence below which pixels are refused is from 0 to 100 percent.")
    read = {os.path.abspath(ref.path) for ref in (*job.inputs, *job.after)}
    files = [*read, *(os.path.abspath(path) for path in job.outputs().values())]
    if len(set(files)) < len(files):
        raise InvalidRequest(f"Two files of the job have the same path: {max(files, key=files.count)}.")


def _check_threshold(job: Job) -> None:
    false_alarms = job.change.false_alarms if job.change else 0.0
    if bool(false_alarms) == (job.threshold is not None) or len(job.inputs) != 1 or job.extent:
        raise InvalidRequest(
            "The job thresholdchange needs either a threshold or a share of false alarms, and one raster; it "
            "takes no extent."
        )
    if job.change not in (None, ChangeOptions(false_alarms=false_alarms)):
        raise InvalidRequest("Of change, the job thresholdchange takes false_alarms alone.")


def _check_design(job: Job) -> None:
    if job.allocation not in ALLOCATIONS:
        raise InvalidRequest(
            f"Unknown allocation {job.allocation!r}.", f"Known are: {', '.join(ALLOCATIONS)}."
        )
    if (job.count > 0) == (job.standard_error > 0):
        raise InvalidRequest("Check points need either their count or the standard error to reach.")
    if not 0 <= job.count <= _MOST_POINTS or job.least < 0:
        raise InvalidRequest(f"The number of check points must be between 1 and {_MOST_POINTS}.")
    if not 0 <= job.standard_error < 0.5 or not 0 < job.expected < 1:
        raise InvalidRequest("The standard error and the expected accuracy are shares, such as 0.02 and 0.8.")


_TYPES: dict[str, tuple[type, ...]] = {
    "task": (Task,),
    "inputs": (tuple,),
    "after": (tuple,),
    "samples": (SampleRef, type(None)),
    "extent": (Extent, type(None)),
    "area": (SampleRef, type(None)),
    "change": (ChangeOptions, type(None)),
    "knowledge": (Knowledge, type(None)),
    "threshold": (int, float, type(None)),
    "harmonics": (int,),
    "significance": (int, float),
    "refuse_below": (int, float),
    "refuse_novel": (bool,),
    "min_area": (int, float),
    "simplify": (int, float),
    "classes": (int,),
    "block": (int, float),
    "what_helped": (bool,),
    "count": (int,),
    "least": (int,),
    "standard_error": (int, float),
    "expected": (int, float),
    "blind": (bool,),
    "batch": (int,),
    "seed": (int,),
}
_REF_TYPES: dict[str, tuple[type, ...]] = {
    "bands": (tuple,),
    "names": (tuple,),
    "nodata": (int, float, type(None)),
    "scale": (int, float, type(None)),
    "offset": (int, float, type(None)),
}
_EXTENT_TYPES: dict[str, tuple[type, ...]] = dict.fromkeys(("xmin", "ymin", "xmax", "ymax"), (int, float))


def _check_types(job: Job) -> None:
    _check_fields(job, _TYPES, "the job")
    for ref in (*job.inputs, *job.after):
        if not isinstance(ref, RasterRef):
            raise InvalidRequest("In the job, every input must be a raster.")
        _check_fields(ref, _REF_TYPES, "a raster")
        if not all(isinstance(b, int) and b > 0 for b in ref.bands):
            raise InvalidRequest("In the job, band numbers must be whole and start at 1.")
        if not all(isinstance(n, str) for n in ref.names):
            raise InvalidRequest("In the job, band names must be text.")
    for features, what in ((job.samples, "samples"), (job.area, "area")):
        if features is not None:
            _check_fields(features, {}, what)
    if job.extent is not None:
        _check_fields(job.extent, _EXTENT_TYPES, "extent")


def _check_fields(owner: Any, types: dict[str, tuple[type, ...]], what: str) -> None:
    for spec in dataclasses.fields(owner):
        value, allowed = getattr(owner, spec.name), types.get(spec.name, (str,))
        if isinstance(value, bool) != (bool in allowed) or not isinstance(value, allowed):
            raise InvalidRequest(f"In the job, {spec.name} of {what} has the wrong type.")
        if isinstance(value, str) and not is_plain(value):
            raise InvalidRequest(f"In the job, {spec.name} of {what} is a text that no system can write.")
