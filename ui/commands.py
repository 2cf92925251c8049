"""A request as text that runs elsewhere: Python for QGIS's console, commands for a shell."""

from __future__ import annotations

import pprint
import re
import shlex
from typing import Any

from .requests import TEMPORARY, Request, Step, by_source, file_stem, stated, suffix


def as_python(request: Request) -> str:
    """Python that repeats the request in QGIS's console or a stand-alone script.

    Raises:
        ValueError: if what the layers' properties say cannot be said in parameters.
    """
    lines = ["import processing", ""]
    several = len(request.steps) > 1
    for number, step in enumerate(request.steps):
        target = f"result_{number + 1}" if several else "result"
        body = pprint.pformat(_parameters(step, request), width=88, sort_dicts=False)
        for name, (at, output) in step.takes.items():
            body = body[:-1] + f",\n {name!r}: result_{at + 1}[{output!r}]" + "}"
        indented = body.replace("\n", "\n" + " " * 4)
        lines.append(f"{target} = processing.run(\n    {step.algorithm!r},\n    {indented},\n)")
    return "\n".join(lines) + "\n"


def as_command(request: Request) -> str:
    """Shell commands that repeat the request by ``qgis_process``.

    Temporary results get names in the current folder: a command's results are meant to stay.

    Raises:
        ValueError: if what the layers' properties say cannot be said in parameters.
    """
    stem = re.sub(r"[^a-z0-9]+", "-", request.title.lower()).strip("-") or "result"
    commands = []
    written: list[dict[str, str]] = []
    for step in request.steps:
        values = _parameters(step, request)
        for name, value in values.items():
            if value == TEMPORARY:
                values[name] = file_stem(stem, name) + suffix(step, name)
        written.append({name: str(value) for name, value in values.items()})
        for name, (at, output) in step.takes.items():
            values[name] = written[at][output]
        commands.append(_command(step.algorithm, values))
    return " && \\\n".join(commands) + "\n"


def _parameters(step: Step, request: Request) -> dict[str, Any]:
    values = {name: by_source(value, request.layers) for name, value in step.parameters.items()}
    known = ("OUTPUT", "CHANGED", "CONFIDENCE", "PROBABILITIES", "MASK", "NOVELTY", "POLYGONS", "REPORT")
    outputs = [name for name in values if name in known]
    said = stated(step, request.layers)
    kept = {name: value for name, value in values.items() if name not in outputs}
    return {**kept, **said, **{name: values[name] for name in outputs}}


def _command(algorithm: str, values: dict[str, Any]) -> str:
    words = [f"qgis_process run {algorithm} --"]
    for name, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            words.append(f"{name}={shlex.quote(str(item))}")
    return " \\\n  ".join(words)
