"""Which environment the engine runs in, read from what lies on disk. Standard library alone.

A stamp is written into an environment last: one without it is unfinished and never used. Of several that
serve, the one made last counts, so that a new one takes over at the moment when it is whole.
"""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ..places import engines_folder
from . import requirements
from .folders import STAMP, environments
from .platforms import this_platform
from .pythons import NotInstalled
from .updates import Update, needed_words, python_update, updates_of


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
        state: READY can be used; OUTDATED where nothing that it lacks is needed.
        python: its interpreter, whether or not it exists still; of none, the folder of environments.
        message: one sentence for people.
        own: False when GEOFM_PYTHON names an interpreter that GeoFM does not manage.
        warning: what the last set-up found that is no reason not to use it, such as a GPU that fails.
        updates: of an OUTDATED one, the packages that an update would bring.
    """

    state: State
    python: Path
    message: str
    own: bool = True
    warning: str = ""
    updates: tuple[Update, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the engine can run in it."""
        serves = self.state is State.OUTDATED and not any(one.needed for one in self.updates)
        return self.state is State.READY or serves


@dataclass(frozen=True)
class Made:
    """A finished environment.

    Attributes:
        folder: where it lies.
        requirements: digests of the lists that it was made from, by name.
        base: the Python that it was made with; empty where that is not known.
        version: of that Python, ``3.12``.
        order: larger, the later it was made.
        warning: what its trial found that is no reason not to use it.
    """

    folder: Path
    requirements: Mapping[str, str]
    base: str = ""
    version: str = ""
    order: int = 0
    warning: str = ""

    @property
    def python(self) -> Path:
        return python_in(self.folder)

    @property
    def accelerator(self) -> str:
        """``cuda`` where it was made for an NVIDIA GPU, else ``cpu``."""
        return "cuda" if _engine_list("cuda") in self.requirements else "cpu"

    @property
    def works(self) -> bool:
        """Whether its Python is still there: it may be a link to one that the system replaced."""
        return self.python.is_file()

    @property
    def fits(self) -> bool:
        """Whether it was made from the lists of this version of GeoFM."""
        engine = {_engine_list("cpu"), _engine_list("cuda")} & set(self.requirements)
        same = all(requirements.digest(name) == digest for name, digest in self.requirements.items())
        return bool(engine) and same

    @property
    def updates(self) -> tuple[Update, ...]:
        """What this version of GeoFM has in other versions, its Python among it where that is too old."""
        packages = updates_of(self.folder, this_platform().tag, self.accelerator)
        return (*python_update(self.version), *packages)


def engine_python() -> Path:
    """The interpreter to start the engine with.

    Raises:
        NotInstalled: saying how to make it.
    """
    status = check()
    if not status.usable:
        hint = "Run the set-up: the button in the GeoFM panel, or python -m geofm setup."
        if not status.own:
            hint = "Correct the variable GEOFM_PYTHON or remove it."
        raise NotInstalled(status.message, hint)
    return status.python


def check() -> Status:
    """Look at the environments, without starting anything."""
    chosen = os.environ.get("GEOFM_PYTHON", "").strip()
    if chosen:
        # Not resolved: an environment's interpreter is a link, and its place is what counts.
        python = Path(os.path.abspath(os.path.expanduser(chosen)))
        if python.is_file():
            return Status(State.READY, python, "The engine runs on the Python of GEOFM_PYTHON.", own=False)
        return Status(State.MISSING, python, f"GEOFM_PYTHON names {python}, which does not exist.", own=False)
    whole = finished()
    begun = [folder for folder in environments() if folder not in {made.folder for made in whole}]
    for made in whole:
        if made.fits and made.works:
            message = f"The engine is installed in {made.folder}."
            return Status(State.READY, made.python, message, warning=made.warning)
    working = [made for made in whole if made.works]
    if working:
        return _outdated(working, bool(begun))
    if whole:
        message = f"The Python that the engine was installed with is gone: {whole[0].base or 'unknown'}."
        return Status(State.INCOMPLETE, whole[0].python, message)
    if begun:
        return Status(State.INCOMPLETE, python_in(begun[0]), "The engine's installation was not finished.")
    return Status(State.MISSING, engines_folder(), "The engine is not installed yet.")


def _outdated(working: Sequence[Made], begun: bool) -> Status:
    """Of environments of other versions the first that serves meanwhile, else the first."""
    found = [
        Status(State.OUTDATED, made.python, "", warning=made.warning, updates=made.updates)
        for made in working
    ]
    status = next((one for one in found if one.usable), found[0])
    message = "The engine was installed for another version of GeoFM"
    if status.usable:
        message += "; it serves until it is updated."
    else:
        message += f", and this one cannot use it: {needed_words(status.updates)}."
    if begun:
        message += " Its renewal was not finished."
    return dataclasses.replace(status, message=message)


def finished() -> list[Made]:
    """The finished environments, the one made last first."""
    found = (_read(folder) for folder in environments())
    return sorted((made for made in found if made is not None), key=lambda made: -made.order)


def python_in(folder: Path) -> Path:
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def write_stamp(made: Made) -> None:
    """Make an environment count, before all others."""
    order = max([time.time_ns(), *(other.order + 1 for other in finished())])
    stamp = {**dataclasses.asdict(made), "order": order}
    del stamp["folder"]
    part = made.folder / f".{STAMP}.part"
    part.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
    os.replace(part, made.folder / STAMP)


def _engine_list(accelerator: str) -> str:
    """The list of the engine's own packages for this machine."""
    return f"{this_platform().tag}-{accelerator}.txt"


def _read(folder: Path) -> Made | None:
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(stamp, dict) or not isinstance(stamp.get("requirements"), dict):
        return None
    order = stamp.get("order", 0)
    return Made(
        folder,
        stamp["requirements"],
        _text(stamp, "base"),
        _text(stamp, "version"),
        order if isinstance(order, int) else 0,
        _text(stamp, "warning"),
    )


def _text(stamp: Mapping[str, Any], name: str) -> str:
    value = stamp.get(name, "")
    return value if isinstance(value, str) else ""
