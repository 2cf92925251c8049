"""What is installed and what is wrong with it, for ``doctor`` and the panel's report. Standard library."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import __version__
from . import environment, places
from .environment import accelerators, options, platforms
from .environment.networks import without_secrets
from .environment.plan import fitting
from .errors import GeoFMError

_LAST_LINES = 80


def doctor_facts(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the client knows, what the engine answers, and ``problems`` in words.

    Args:
        ask: gives the answer of the engine's ``doctor``; may raise GeoFMError.
    """
    status = environment.check()
    facts: dict[str, Any] = {
        "geofm": __version__,
        "python": platform.python_version(),
        "home": str(places.data_home()),
        "log": str(places.engine_log_path()),
        "environment": {
            "state": status.state.value,
            "usable": status.usable,
            "python": str(status.python),
            "message": status.message,
        },
        "accelerator": _accelerator(),
        "engine": None,
    }
    problems: list[str] = []
    try:
        facts["engine"] = ask()
        problems += facts["engine"].pop("problems")
    except GeoFMError as error:
        problems.append("\n".join(part for part in (str(error), error.detail) if part))
    facts["problems"] = problems
    return facts


def _accelerator() -> dict[str, Any]:
    """Which build a set-up would bring here, why, and what the NVIDIA driver says of its GPUs."""
    here = platforms.this_platform()
    chosen = fitting(here, options.load())
    gpus = [
        {**dataclasses.asdict(gpu), "fault": accelerators.fault_of(gpu, here.tag)} for gpu in chosen.gpus
    ]
    hint = accelerators.OWN_INDEX_HINT if chosen.problem else ""
    return {"name": chosen.name, "reason": f"{chosen.reason} {hint}".rstrip(), "gpus": gpus}


def last_lines(path: Path) -> str:
    """The end of a log without what nobody else may know; empty where there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return without_secrets("\n".join(text.splitlines()[-_LAST_LINES:]))
