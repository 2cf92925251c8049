"""Job files: what a run leaves beside its output, and what repeats it. Standard library alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

from . import strict_json
from .errors import InvalidRequest
from .jobs import Job, job_from_dict
from .protocol import LINE_LIMIT

JOB_FILE_VERSION = 1


def write_job_file(job: Job, path: str | os.PathLike[str]) -> None:
    """Write the job beside its output, for ``python -m geofm run``."""
    text = json.dumps({"geofm": JOB_FILE_VERSION, "job": job.to_dict()}, indent=2, sort_keys=True)
    Path(path).write_text(text + "\n", encoding="utf-8")


def read_job_file(path: str | os.PathLike[str]) -> Job:
    """Read a job file.

    Raises:
        InvalidRequest: if it cannot be read, is not JSON, or is not a job of this version.
    """
    try:
        with Path(path).open("rb") as file:
            text = file.read(LINE_LIMIT + 1)
        if len(text) > LINE_LIMIT:
            raise ValueError(f"it is larger than {LINE_LIMIT} bytes, which no job is")
        data = strict_json.loads(text)
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"The job file {path} cannot be read.", detail=str(error)) from error
    if not isinstance(data, dict) or data.get("geofm") != JOB_FILE_VERSION or "job" not in data:
        raise InvalidRequest(
            f"{path} is not a GeoFM job file of version {JOB_FILE_VERSION}.",
            "A job file is what a run leaves beside its output, ending in .job.json.",
        )
    return job_from_dict(data["job"])
