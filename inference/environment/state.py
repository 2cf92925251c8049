"""The engine's environment on disk: where it lies, whether it can be used. Standard library alone.

A stamp is written last: without the right stamp the environment counts as unfinished and is not used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ..places import data_home
from . import requirements
from .pythons import NotInstalled

STAMP = "geofm-environment.json"


class State(str, Enum):
    """What :func:`check` finds."""

    MISSING = "missing"
    INCOMPLETE = "incomplete"
    OUTDATED = "outdated"
    READY = "ready"


@dataclass(frozen=True)
class Status:
    """The state of the engine's environment.

    Attributes:
        state: only READY can be used.
        python: its interpreter, whether or not it exists yet.
        message: one sentence for people.
        own: False when GEOFM_PYTHON names an interpreter that GeoFM does not manage.
    """

    state: State
    python: Path
    message: str
    own: bool = True


def environment_folder() -> Path:
    """Where the engine's environment lies or will lie."""
    return data_home() / "engine"


def engine_python() -> Path:
    """The interpreter to start the engine with.

    Raises:
        NotInstalled: saying how to make it.
    """
    status = check()
    if status.state is not State.READY:
        hint = "Run the set-up: the button in the GeoFM panel, or python -m geofm setup."
        if not status.own:
            hint = "Correct the variable GEOFM_PYTHON or remove it."
        raise NotInstalled(status.message, hint)
    return status.python


def check() -> Status:
    """Look at the environment, without starting anything."""
    chosen = os.environ.get("GEOFM_PYTHON", "").strip()
    if chosen:
        # Not resolved: an environment's interpreter is a link, and its place is what counts.
        python = Path(os.path.abspath(os.path.expanduser(chosen)))
        if python.is_file():
            return Status(State.READY, python, "The engine runs on the Python of GEOFM_PYTHON.", own=False)
        return Status(State.MISSING, python, f"GEOFM_PYTHON names {python}, which does not exist.", own=False)
    folder = environment_folder()
    python = python_in(folder)
    if not folder.exists():
        return Status(State.MISSING, python, "The engine is not installed yet.")
    stamp = _read_stamp(folder)
    if stamp is None or not python.is_file():
        return Status(State.INCOMPLETE, python, "The engine's installation was not finished.")
    made_from = installed(folder)
    if requirements.ENGINE not in made_from or any(
        requirements.digest(name) != digest for name, digest in made_from.items()
    ):
        return Status(State.OUTDATED, python, "The engine was installed for another version of GeoFM.")
    return Status(State.READY, python, f"The engine is installed in {folder}.")


def python_in(folder: Path) -> Path:
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def installed(folder: Path) -> dict[str, str]:
    """Digests of the lists that an environment was made from, by name; none of an unfinished one."""
    found = (_read_stamp(folder) or {}).get("requirements")
    return found if isinstance(found, dict) else {}


def write_stamp(folder: Path, names: Iterable[str]) -> None:
    version = (folder / "pyvenv.cfg").read_text(encoding="utf-8")
    digests = {name: requirements.digest(name) for name in names}
    stamp = {"requirements": digests, "python": _venv_version(version)}
    part = folder / f".{STAMP}.part"
    part.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
    os.replace(part, folder / STAMP)


def _read_stamp(folder: Path) -> dict[str, Any] | None:
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) else None


def _venv_version(config: str) -> str:
    rows = dict(line.split(" = ", 1) for line in config.splitlines() if " = " in line)
    return rows.get("version", "")
