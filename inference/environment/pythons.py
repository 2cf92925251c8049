"""Which Python makes the engine's environment: a decision over facts. Standard library alone.

What is known of the machine (:class:`.platforms.Platform`) says which Pythons to look at and which
never to start; :class:`Facts` answers what is asked of them. Both can be recorded, so that the decision
for any machine is tested on any other.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess  # nosec B404
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..errors import GeoFMError
from .builds import Build, build_for
from .candidates import Candidate, candidates
from .platforms import Platform, Version, machine_of, text_of, this_platform
from .variables import child_environment

MIN_PYTHON: Version = (3, 11)
MAX_PYTHON: Version = (3, 13)
# Without this flag Windows shows a black console for every child process; 0 elsewhere.
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)

# Virus scanners look at every file of a Python that starts for the first time.
_PATIENCE = 60.0
_GOES = "{} goes when QGIS is updated"
_NAME = re.compile(r"python[0-9.]*(\.exe)?", re.IGNORECASE)
_PROBE = """
import json, platform, sys, sysconfig
missing = []
for name in ("venv", "ensurepip", "ctypes", "ssl", "sqlite3", "zlib"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
# An emulated Python on Windows is told the machine of the hardware.
windows = sys.platform == "win32"
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "bits": 64 if sys.maxsize > 2**32 else 32,
    "machine": sysconfig.get_platform().split("-")[-1] if windows else platform.machine(),
    "implementation": sys.implementation.name,
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "missing": missing,
    "executable": sys.executable,
}))
"""


class NotInstalled(GeoFMError):
    """The engine's environment is missing, unfinished or cannot be made here.

    Lives on the client side alone and never crosses the wire.
    """

    kind = "not_installed"
    code = -32016


class Facts(Protocol):
    """What can be asked of a machine; every answer can be recorded."""

    def is_file(self, path: str) -> bool:
        """Whether there is a file; nothing is started."""
        ...

    def which(self, name: str) -> str:
        """Where a program lies on the path; empty if it does not."""
        ...

    def ask(self, python: str) -> Mapping[str, Any]:
        """What a Python says of itself (``_PROBE``), or ``{"fault": why it said nothing}``."""
        ...

    def trial(self, python: str) -> str:
        """Why an environment made of this Python does not start; empty if it does."""
        ...


@dataclass(frozen=True)
class Choice:
    """Which Python makes the environment.

    Attributes:
        python: the interpreter; None where a stand-alone one has to be downloaded first.
        why: one sentence for people.
        build: the stand-alone Python to download; None where ``python`` is there.
        instead: what can be used should the download fail; it goes when QGIS is updated.
        rejected: of each Python that does not serve its path and why, a line each.
    """

    python: Path | None
    why: str
    build: Build | None = None
    instead: Path | None = None
    rejected: tuple[str, ...] = ()


def choose(wanted: str = "", platform: Platform | None = None, facts: Facts | None = None) -> Choice:
    """The Python that makes the engine's environment: 3.11 to 3.13, 64 bit, with venv and pip.

    Args:
        wanted: a Python that the user names, or the folder of an environment; no other is looked at.
            Empty for the variable ``GEOFM_BASE_PYTHON``, and without it for the best one there is.
        platform, facts: of another machine than this one.

    Raises:
        NotInstalled: if the wanted one does not serve, or none does and no stand-alone one is made for
            this machine, or the engine cannot run here at all.
    """
    platform, facts = platform or this_platform(), facts or Machine()
    if platform.fault:
        raise NotInstalled(platform.fault, "Run the engine on another machine.")
    wanted = (wanted or platform.environ.get("GEOFM_BASE_PYTHON", "")).strip()
    if wanted:
        return _wanted(wanted, platform, facts)
    rejected: list[str] = []
    instead: tuple[Path, str] | None = None
    for candidate in candidates(platform, facts.which, _minors()):
        if not facts.is_file(candidate.path):
            continue
        fault, python = _judged(candidate, platform, facts)
        if fault:
            rejected.append(f"{candidate.path}: {fault}")
        elif candidate.lasts:
            return Choice(Path(python), f"{candidate.why}: {python}", rejected=tuple(rejected))
        elif instead is None:
            instead = Path(python), candidate.why
    return _without_lasting(platform, facts, instead, tuple(rejected))


def find_python(wanted: str = "") -> Path:
    """The Python of this machine that makes the engine's environment (:func:`choose`).

    Raises:
        NotInstalled: if there is none, listing what was looked at and why it does not serve.
    """
    choice = choose(wanted)
    found = choice.python or choice.instead
    if found is None:
        raise _nothing(choice.rejected)
    return found


def fault_of(python: Path) -> str:
    """Why an interpreter cannot be the base; empty if it can."""
    platform, facts = this_platform(), Machine()
    return _judged(Candidate(str(python), ""), platform, facts)[0]


def _minors() -> list[int]:
    """The minor versions that serve, newest first."""
    return list(range(MAX_PYTHON[1], MIN_PYTHON[1] - 1, -1))


def _wanted(wanted: str, platform: Platform, facts: Facts) -> Choice:
    paths = platform.paths
    named = wanted if paths.isabs(wanted) else os.path.abspath(os.path.expanduser(wanted))
    inside = ("python.exe", "Scripts/python.exe") if platform.system == "windows" else ("bin/python3",)
    places = [named, *(paths.normpath(paths.join(named, place)) for place in inside)]
    path = next((place for place in places if facts.is_file(place)), named)
    fault, python = _judged(Candidate(path, ""), platform, facts)
    if fault:
        raise NotInstalled(
            f"The chosen Python cannot make the engine's environment: {path} {fault}.",
            "Choose another one, or none: GeoFM then finds or downloads one.",
            f"{path}: {fault}",
        )
    return Choice(Path(python), f"The chosen Python: {python}")


def _without_lasting(
    platform: Platform, facts: Facts, instead: tuple[Path, str] | None, rejected: tuple[str, ...]
) -> Choice:
    build = build_for(platform.tag)
    if build is not None:
        if facts.is_file(str(build.python)):
            why = f"GeoFM's own Python {build.version}: {build.python}"
            return Choice(build.python, why, rejected=rejected)
        reason = "no other one on this machine serves" if instead is None else _GOES.format(instead[1])
        why = f"Python {build.version} is downloaded: {reason}"
        return Choice(None, why, build, instead[0] if instead else None, rejected)
    if instead is not None:
        return Choice(instead[0], f"{instead[1]}: {instead[0]}", rejected=rejected)
    raise _nothing(rejected)


def _nothing(rejected: tuple[str, ...]) -> NotInstalled:
    return NotInstalled(
        f"No Python {text_of(MIN_PYTHON)} to {text_of(MAX_PYTHON)} with venv and pip was found.",
        "Install one (on Debian and Ubuntu also the package python3-venv) or name it in GEOFM_BASE_PYTHON.",
        "\n".join(rejected),
    )


def _judged(candidate: Candidate, platform: Platform, facts: Facts) -> tuple[str, str]:
    """Why a Python does not serve, empty if it does; and its path, as it says it itself."""
    path, refusal = candidate.path, _refusal(candidate.path, platform)
    if refusal:
        return refusal, path
    if not facts.is_file(path):
        return "does not exist", path
    said = facts.ask(path)
    fault = said.get("fault") or _fault_said(said, platform) or facts.trial(path)
    # A shim (pyenv, asdf) stands for an interpreter elsewhere, by rules that change with the folder.
    shim = platform.paths.basename(platform.paths.dirname(path)) == "shims"
    return fault, str(said.get("executable") or path) if shim else path


def _refusal(path: str, platform: Platform) -> str:
    """Why a program is not even started."""
    name, parts = platform.paths.basename(path), path.replace("\\", "/").lower()
    if "qgis" in name.lower():
        return "is QGIS itself, which would open a second window"
    if not _NAME.fullmatch(name):
        return "is not called python"
    if platform.system == "windows" and "/microsoft/windowsapps/" in parts:
        return "is Microsoft Store's, which opens the Store or keeps what it writes in a place of its own"
    if platform.system == "macos" and parts.startswith("/usr/bin/"):
        return "is Apple's, which is too old or asks to install the developer's tools"
    if platform.system == "macos" and ".app/contents/" in parts and "qgis" in parts:
        return "is part of the QGIS application, and environments made of it do not start outside of it"
    return ""


def _fault_said(said: Mapping[str, Any], platform: Platform) -> str:
    version = tuple(said["version"])
    if said["implementation"] != "cpython":
        return f"is {said['implementation']}, for which the libraries are not made"
    if not MIN_PYTHON <= version[:2] <= MAX_PYTHON:
        return f"is Python {text_of(version)}, not {text_of(MIN_PYTHON)} to {text_of(MAX_PYTHON)}"
    if said["bits"] != 64:
        return "is a 32-bit Python"
    if said["free_threaded"]:
        return "is the free-threaded build, for which the libraries are not made"
    if machine_of(said["machine"]) != platform.target:
        return f"is made for {machine_of(said['machine'])}, the engine needs one for {platform.target}"
    if said["missing"]:
        fault = f"lacks {', '.join(said['missing'])}"
        if platform.system == "linux" and {"venv", "ensurepip"} & set(said["missing"]):
            fault += f" (on Debian and Ubuntu: install the package python{text_of(version[:2])}-venv)"
        return fault
    return ""


class Machine:
    """The facts of this machine."""

    def is_file(self, path: str) -> bool:
        return os.path.isfile(path)

    def which(self, name: str) -> str:
        return shutil.which(name) or ""

    def ask(self, python: str) -> Mapping[str, Any]:
        fault, lines = _run([python, "-I", "-c", _PROBE])
        if fault:
            return {"fault": fault}
        try:
            said = json.loads(lines[-1]) if lines else None
        except ValueError:
            said = None
        return said if isinstance(said, dict) and "version" in said else {"fault": "is not Python"}

    def trial(self, python: str) -> str:
        folder = tempfile.mkdtemp(prefix="geofm-")
        try:
            fault, _ = _run([python, "-I", "-m", "venv", "--without-pip", folder])
            if fault:
                return f"cannot make an environment ({fault})"
            made = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
            fault, _ = _run([os.path.join(folder, *made), "-I", "-c", "import ctypes, ssl"])
            return f"makes environments that do not start ({fault})" if fault else ""
        finally:
            # A virus scanner may still hold a file; the system empties this folder in time.
            shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> tuple[str, list[str]]:
    """Why a Python failed, empty if it did not; and the lines it wrote."""
    try:
        # A Python of this machine, or one that the person named, and fixed words.
        answer = subprocess.run(  # nosec B603
            command,
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not start ({error})", []
    if answer.returncode != 0:
        last = answer.stderr.strip().splitlines()[-1:] or ["it fails without a word"]
        return f"does not start ({last[0]})", []
    return "", answer.stdout.strip().splitlines()
