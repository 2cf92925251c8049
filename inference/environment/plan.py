"""What a set-up would do: with which Python, from which lists, where, how much. Standard library alone.

Nothing is downloaded, written or changed to know it; it takes as long as starting a Python or two.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..places import data_home, engines_folder
from . import requirements
from .options import SetupOptions, load
from .platforms import Platform, this_platform
from .pythons import NO_WINDOW, NotInstalled, find_python
from .variables import child_environment

# Where sizes are not known: less than this does not hold Python and pip.
_LEAST_ROOM = 100_000_000


@dataclass(frozen=True)
class Plan:
    """What is going to be installed.

    Attributes:
        python: the Python that makes the environment; None where there is none.
        folder: where the environment will lie.
        platform: what is known of this machine.
        accelerator: ``cpu`` or ``cuda``.
        lists: names of the lists of packages.
        packages: how many packages they name.
        download: bytes to fetch at most; 0 where that is not known.
        disk: bytes that the environment takes; 0 where that is not known.
        free: bytes that are free where it will lie.
        problems: why the set-up would fail, one sentence each; empty where nothing is known against it.
        hint: what to do about the first of them.
    """

    python: Path | None
    folder: Path
    platform: Platform
    accelerator: str
    lists: tuple[str, ...]
    packages: int
    download: int
    disk: int
    free: int
    problems: tuple[str, ...] = ()
    hint: str = ""


def plan(options: SetupOptions | None = None) -> Plan:
    """What a set-up with these options would do; those of the last one where there are none given.

    Raises:
        InvalidRequest: for an extra that there is none of.
    """
    options = options or load()
    names = wanted(options)
    free = _free(data_home())
    problems = room_problems(0, free)
    python = None
    try:
        python = find_python()
    except NotInstalled as error:
        problems = ((error.message, error.hint), *problems)
    return Plan(
        python=python,
        folder=engines_folder() / _name(names, python),
        platform=this_platform(),
        accelerator="cuda" if requirements.WITH_CUDA in names else "cpu",
        lists=names,
        packages=requirements.packages(names),
        download=0,
        disk=0,
        free=free,
        problems=tuple(message for message, _ in problems),
        hint=problems[0][1] if problems else "",
    )


def wanted(options: SetupOptions) -> tuple[str, ...]:
    """Names of the lists that the options ask for on this machine."""
    return requirements.wanted(options.extras)


def room_problems(needed: int, free: int) -> tuple[tuple[str, str], ...]:
    """That the disk is too small, with a hint, if it is; both in bytes, ``needed`` 0 where not known."""
    if free >= max(needed, _LEAST_ROOM):
        return ()
    amount = f"{needed / 1e9:.1f} GB of free disk space" if needed else "more free disk space"
    sentence = f"The engine needs {amount} in {engines_folder()}; there are {free / 1e9:.1f} GB."
    return ((sentence, "Make room, or set GEOFM_HOME to a folder on a larger disk."),)


def _name(names: Sequence[str], python: Path | None) -> str:
    """The name of an environment: what it is made of, short, for paths on Windows must not grow long."""
    digests = "\n".join(f"{name} {requirements.digest(name)}" for name in names)
    return f"py{_minor(python)}-{hashlib.sha256(digests.encode('utf-8')).hexdigest()[:8]}"


def _minor(python: Path | None) -> str:
    """``312`` for Python 3.12; empty where it does not say."""
    if python is None:
        return ""
    words = [str(python), "-I", "-c", "import sys; print('%d%d' % sys.version_info[:2])"]
    answer = subprocess.run(
        words, env=child_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, creationflags=NO_WINDOW,
    )  # fmt: skip
    return answer.stdout.strip()


def _free(folder: Path) -> int:
    """Bytes that are free where a folder lies or will lie."""
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    return shutil.disk_usage(there).free
