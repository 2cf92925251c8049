"""The steps of a set-up: an environment made, filled, tried, and looked at again. Standard library alone."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..places import engines_folder
from . import folders, requirements
from .commands import Commands
from .downloads import Downloads
from .networks import pip_variables
from .options import SetupOptions
from .plan import Plan
from .pythons import NotInstalled
from .state import Made, python_in, write_stamp
from .variables import child_environment, pip_environment
from .wholeness import damaged

# A script of the engine's room, run in the new environment by its own Python.
_TRIAL = Path(__file__).resolve().parent.parent / "engine" / "trial.py"
_PASSED = "geofm-trial-passed"
# The first pip that says how far a download is where nobody looks at a terminal.
_TELLING_PIP = (24, 1)
_MEASURE_EVERY = 2.0
_TELL_EVERY = 0.1

ProgressCallback = Callable[[str, int, int, str], None]


def downloads_folder() -> Path:
    """What pip fetched for a set-up that has not succeeded yet."""
    return engines_folder() / ".downloads"


@dataclass(frozen=True)
class Making:
    """One set-up at work.

    Attributes:
        options: of this set-up.
        say: gets stage, done, total and a line of text.
        commands: runs what it consists of.
    """

    options: SetupOptions
    say: ProgressCallback
    commands: Commands

    def make(self, plan: Plan) -> Path:
        """A new environment, whole and tried; its folder.

        Raises:
            NotInstalled, Cancelled: see :func:`.installer.create`.
        """
        if plan.problems or plan.python is None:
            raise NotInstalled(plan.problems[0], plan.hint, "\n".join(plan.problems))
        folder = folders.free_folder(plan.folder.name)
        python = python_in(folder)
        self.say("create", 0, 1, f"Making an environment in {folder} with {plan.python}")
        folder.mkdir(parents=True)
        self.commands.run(plan.python, ["-m", "venv", str(folder)], child_environment())
        self._install(python, plan)
        warning = self._try(python, plan.accelerator)
        write_stamp(folder, plan.lists, plan.python, warning)
        self.say("verify", 1, 1, f"The engine is ready in {folder}")
        return folder

    def faults(self, made: Made) -> list[str]:
        """What is wrong with a finished environment, one sentence each; empty if it works."""
        words, told_at = f"Looking at every file in {made.folder}", 0.0

        def told(done: int, total: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at > _TELL_EVERY:
                told_at = time.monotonic()
                self.say("verify", done, total, words)

        self.commands.log.write(words)
        faults = damaged(made.folder, told, self.commands.cancelled)
        if faults:
            return faults
        try:
            self._try(made.python, made.accelerator)
            self.commands.run(made.python, ["-m", "pip", "check"], pip_environment())
        except NotInstalled as error:
            lines = [line for line in error.detail.splitlines() if not _wanted_so(line)]
            return [error.message, *lines[-1:]] if lines else []
        return []

    def clean(self, keep: Path) -> None:
        """Take away what a finished set-up leaves behind it: older environments and downloads."""
        freed = folders.sweep(keep) + folders.delete(downloads_folder())
        if freed:
            self.commands.log.write(f"Removed {freed} bytes that are not needed any more.")

    def _install(self, python: Path, plan: Plan) -> None:
        """Fetch and unpack the lists' packages."""
        downloads_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=downloads_folder(), ignore_cleanup_errors=True) as scratch:
            env = _pip_environment(self.options, scratch)
            bar = "raw" if self._pip_tells(python, env) else "off"
            for alone in (False, True):
                files = [
                    str(requirements.folder() / name)
                    for name in plan.lists
                    if (name in requirements.ALONE) == alone
                ]
                if files:
                    words = ["-m", "pip", "install", "--progress-bar", bar]
                    words += ["--no-deps"] if alone else []
                    meter = _Meter(self.say, plan, python.parent.parent)
                    listed = [word for file in files for word in ("-r", file)]
                    self.commands.run(python, [*words, *listed], env, meter.hear, meter.look)

    def _try(self, python: Path, accelerator: str) -> str:
        """Run the trial; why the GPU cannot be used, empty if it can or none is wanted."""
        self.say("verify", 0, 1, "Trying the installed libraries")
        try:
            lines = self.commands.run(python, [str(_TRIAL), accelerator], child_environment())
        except NotInstalled as error:
            raise NotInstalled("The installed libraries do not work.", error.hint, error.detail) from error
        passed = [line for line in lines if line.startswith(_PASSED)]
        if not passed:
            raise NotInstalled("The installed libraries do not work.", "Run the set-up again.")
        fault = json.loads(passed[-1][len(_PASSED) :] or "{}").get("gpu_fault", "")
        if not fault:
            return ""
        warning = f"The GPU cannot be used, so the engine computes on the processor: {fault}"
        self.say("verify", 0, 1, warning)
        return warning

    def _pip_tells(self, python: Path, env: dict[str, str]) -> bool:
        """Whether this pip says how far a download is where nobody looks at a terminal."""
        (line, *_) = self.commands.run(python, ["-m", "pip", "--version"], env)
        version = re.match(r"pip (\d+)\.(\d+)", line)
        return version is not None and tuple(map(int, version.groups())) >= _TELLING_PIP


class _Meter:
    """Tells how far pip is: bytes that it fetched, then bytes that it unpacked."""

    def __init__(self, say: ProgressCallback, plan: Plan, folder: Path) -> None:
        self._say = say
        self._plan = plan
        self._folder = folder
        self._downloads = Downloads()
        self._next = 0.0

    def hear(self, line: str) -> None:
        """A line of pip."""
        if self._downloads.hear(line) and not self._downloads.over:
            done = self._downloads.done
            # What is known of the sizes may be a little old.
            total = max(self._plan.download, done) if self._plan.download else 0
            self._say("install", done, total, f"Downloading {self._downloads.file}")

    def look(self) -> None:
        """While pip is silent: measures, now and then, what it has unpacked."""
        if self._downloads.over and time.monotonic() > self._next:
            done = folders.size(self._folder)
            total = max(self._plan.disk, done) if self._plan.disk else 0
            self._say("install", done, total, "Unpacking the packages")
            self._next = time.monotonic() + _MEASURE_EVERY


def _wanted_so(line: str) -> bool:
    """Whether pip's check complains of an extra, which is installed without what it asks for."""
    return line.startswith(tuple(f"{name} " for name in requirements.EXTRAS))


def _pip_environment(options: SetupOptions, scratch: str) -> dict[str, str]:
    """The variables of pip: the machine's, the user's, and places that are taken away afterwards.

    The system's folder for temporary files may be small, and the user's cache of pip is not ours to fill.
    """
    env = pip_environment()
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), scratch)
    if not {"PIP_CACHE_DIR", "PIP_NO_CACHE_DIR"} & set(env):
        places["PIP_CACHE_DIR"] = str(downloads_folder())
    return {**env, **pip_variables(options, env), **places}
