"""A job from its inputs to its result: all outputs appear, complete, or none."""

from __future__ import annotations

import os
import time
from pathlib import Path

import rasterio

from ..errors import InvalidRequest
from ..job_files import write_job_file
from ..jobs import Job, Result, Task
from .base import Context
from .models import Services
from .results.destinations import check_place, refused_by_disk
from .run import Run
from .tasks import task_function

# Bytes of decoded file blocks that GDAL may keep: its own choice, a share of the machine's memory,
# would have runs over large rasters take gigabytes. This holds a row of 512 lines, 8,000 pixels
# wide, in ten 16-bit bands.
GDAL_CACHE = 96 * 1024**2
# What these results may be called, so that a job from anywhere cannot put one in the place of any file;
# rasters, polygons and classifiers are looked at by their writers.
_ENDINGS = {"REPORT": (".html", ".htm"), "TABLE": (".csv",), "JSON": (".json",)}


def run_job(job: Job, services: Services, context: Context) -> Result:
    """Run one job to its end, from where an earlier run of it was stopped if there was one.

    Returns:
        the answer, after every output stands complete under its final name.

    Raises:
        GeoFMError: with nothing left beside the outputs.
    """
    start = time.perf_counter()
    # All of them now: the last one is written when the work of hours is done.
    for name, path in job.outputs().items():
        check_place(Path(path), _ENDINGS.get(name, ()))
        _refuse_input(job, path)
    standing = {path: _stamp(path) for path in job.outputs().values()}
    run = Run(job, services, context)
    try:
        with run.work, rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
            outcome = task_function(job.task)(run)
            run.work.check()
            _leave_job_file(job)
    except BaseException:
        _take_back(standing)
        raise
    return Result(
        outputs=job.outputs(),
        model=outcome.model,
        device=services.device.name,
        device_reason=services.device.reason,
        pixels=outcome.pixels,
        seconds=round(time.perf_counter() - start, 3),
        classes=outcome.classes,
        warnings=tuple(dict.fromkeys([*outcome.warnings, *run.warnings()])),
        facts={**outcome.facts, **run.told(), **run.facts()},
    )


def _refuse_input(job: Job, output: str) -> None:
    """See that a result does not take the place of what it is made of, under whatever name.

    Raises:
        InvalidRequest: if it would.
    """
    vectors = [ref.path for ref in (job.samples, job.area) if ref is not None]
    # A classifier that is taught on grows in its place: it is read first, and replaced last and whole.
    models = [job.model, *([job.classifier] if job.task is not Task.TRAIN else [])]
    for path in (*(ref.path for ref in (*job.inputs, *job.after)), *vectors, *models):
        if os.path.exists(path) and os.path.exists(output) and os.path.samefile(path, output):
            sentence = f"The result {output} is what the job reads as {path}."
            raise InvalidRequest(sentence, "Choose another name.")


def _leave_job_file(job: Job) -> None:
    """The job beside its output; the file appears complete or not at all."""
    path = Path(f"{job.output}.job.json")
    part = path.with_name(f".{path.name}.part")
    try:
        with refused_by_disk(path):
            write_job_file(job, part)
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _stamp(path: str) -> int | None:
    return os.stat(path).st_mtime_ns if os.path.exists(path) else None


def _take_back(standing: dict[str, int | None]) -> None:
    """Remove the outputs that a failed run had already finished: all of them appear, or none."""
    for path, stamp in standing.items():
        if _stamp(path) not in (None, stamp):
            for name in (path, f"{path}.aux.xml"):
                Path(name).unlink(missing_ok=True)
