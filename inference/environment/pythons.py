"""Which Python of this machine can make the engine's environment. Standard library alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ..errors import GeoFMError
from .variables import child_environment

MIN_PYTHON = (3, 11)
MAX_PYTHON = (3, 13)
# Without this flag Windows shows a black console for every child process; 0 elsewhere.
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)

_SYSTEM_PYTHON = "/usr/bin/python3"
_PROBE = (
    "import sys, venv, ensurepip, ctypes, ssl, sqlite3;"
    "print('%d.%d.%d' % sys.version_info[:3], sys.maxsize > 2**32)"
)


class NotInstalled(GeoFMError):
    """The engine's environment is missing, unfinished or cannot be made here.

    Lives on the client side alone and never crosses the wire.
    """

    kind = "not_installed"
    code = -32016


def find_python() -> Path:
    """A Python that can make the engine's environment: 3.11 to 3.13, 64 bit, with venv and pip.

    ``GEOFM_BASE_PYTHON`` names one; otherwise the running one is preferred, then those on the
    path, newest first.

    Raises:
        NotInstalled: listing what was looked at and why it does not serve.
    """
    rejected: list[str] = []
    for candidate in _candidates():
        fault = fault_of(candidate)
        if not fault:
            return candidate
        rejected.append(f"{candidate}: {fault}")
    lowest, highest = (".".join(map(str, version)) for version in (MIN_PYTHON, MAX_PYTHON))
    raise NotInstalled(
        f"No Python {lowest} to {highest} with venv and pip was found.",
        "Install one (on Debian and Ubuntu also the package python3-venv) or name it in GEOFM_BASE_PYTHON.",
        "\n".join(rejected),
    )


def _candidates() -> Iterator[Path]:
    chosen = os.environ.get("GEOFM_BASE_PYTHON", "").strip()
    if chosen:
        yield Path(os.path.abspath(os.path.expanduser(chosen)))
        return
    seen = set()
    for candidate in (*_running_pythons(), *_pythons_on_path()):
        path = Path(os.path.abspath(candidate))
        if path not in seen and path.is_file():
            seen.add(path)
            yield path


def _running_pythons() -> Iterator[str]:
    # Inside QGIS on Windows and macOS sys.executable is QGIS itself; starting it would open a
    # second QGIS. The interpreter then lies beside the standard library.
    if Path(sys.executable or "qgis").name.lower().startswith("python"):
        yield sys.executable
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for place in ("python.exe", f"bin/{name}", "bin/python3"):
        yield os.path.join(sys.base_prefix, place)


def _pythons_on_path() -> Iterator[str]:
    newest_first = range(MAX_PYTHON[1], MIN_PYTHON[1] - 1, -1)
    names = [*(f"python3.{minor}" for minor in newest_first), "python3", "python"]
    for name in names:
        found = shutil.which(name)
        if found:
            yield found
    yield _SYSTEM_PYTHON


def fault_of(python: Path) -> str:
    """Why an interpreter cannot be the base; empty if it can."""
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", _PROBE],
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not start ({error})"
    if answer.returncode != 0:
        last = answer.stderr.strip().splitlines()[-1:] or ["it fails without a word"]
        return last[0]
    words = answer.stdout.split()
    if len(words) != 2:
        return "is not Python"
    version, wide = words
    if not MIN_PYTHON <= tuple(map(int, version.split(".")[:2])) <= MAX_PYTHON:
        return f"is Python {version}"
    return "" if wide == "True" else "is a 32-bit Python"
