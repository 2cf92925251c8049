"""The steps of a set-up: an environment made, filled, tried, and looked at again. Standard library alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..places import engines_folder
from . import folders, requirements, standalone
from .builds import builds_folder
from .bundle import read_bundle
from .commands import Commands
from .fetching import Fetching
from .options import SetupOptions
from .plan import Plan, free_space, room_problems
from .pythons import NotInstalled
from .state import Made, python_in, write_stamp
from .variables import child_environment, pip_environment
from .wholeness import damaged

# A script of the engine's room, run in the new environment by its own Python.
_TRIAL = Path(__file__).resolve().parent.parent / "engine" / "trial.py"
_PASSED = "geofm-trial-passed"
_MEASURE_EVERY = 2.0
_TELL_EVERY = 0.1

ProgressCallback = Callable[[str, int, int, str], None]


def downloads_folder() -> Path:
    """The packages that were fetched for a set-up that has not succeeded yet."""
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

    def make(self, plan: Plan, present: Sequence[Made] = ()) -> Path:
        """A new environment, whole and tried; its folder.

        Args:
            plan: what is wanted.
            present: whole environments; where one only lacks a list of the plan, its packages are taken over.

        Raises:
            NotInstalled, Cancelled: see :func:`.installer.create`.
        """
        if plan.problems or plan.python is None:
            raise NotInstalled(plan.problems[0], plan.hint, "\n".join(plan.problems))
        base = self._base(plan, plan.python)
        folder = folders.free_folder(plan.folder.name)
        python = python_in(folder)
        self.say("create", 0, 1, f"Making an environment in {folder} with {base}")
        folder.mkdir(parents=True)
        source = _source(plan, present)
        words = ["-m", "venv", *(["--without-pip"] if source else []), str(folder)]
        self.commands.run(base, words, child_environment())
        if source:
            self.say("create", 0, 1, f"Taking over the packages in {source.folder}")
            folders.link_packages(source.folder, folder, self.commands.cancelled)
        self._install(python, plan, set(source.requirements) if source else set())
        warning = self._try(python, plan.accelerator)
        write_stamp(Made(folder, plan.digests, str(base), plan.version, warning=warning))
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

    def clean(self, keep: Made) -> None:
        """Take away what a finished set-up leaves behind it: older environments, their Pythons, downloads."""
        freed = folders.sweep(keep.folder) + folders.delete(downloads_folder())
        if builds_folder().is_dir() and not folders.left():
            for build in builds_folder().iterdir():
                freed += 0 if build in Path(keep.base).parents else folders.delete(build)
        if freed:
            self.commands.log.write(f"Removed {freed} bytes that are not needed any more.")

    def _base(self, plan: Plan, python: Path) -> Path:
        """The Python that makes the environment, downloaded if need be."""
        if plan.build is None:
            return python
        try:
            return standalone.install(plan.build, self.options, self.say, self.commands.cancelled)
        except NotInstalled as error:
            if plan.instead is None:
                raise
            self.say("python", 0, 1, f"{error.message} {plan.instead} is used instead.")
            return plan.instead

    def _install(self, python: Path, plan: Plan, there: set[str]) -> None:
        """Fetch the packages of the lists that are not there yet, or take a bundle's; then install them."""

        latest = ""

        def say(done: int, total: int, text: str) -> None:
            nonlocal latest
            latest = text or latest
            self.say("install", done, total, latest)

        lacking = [listed for listed in plan.needed if listed.name not in there]
        sizes = requirements.sizes(lacking, plan.version)
        bundle = read_bundle(self.options.bundle) if self.options.bundle else None
        wheels = bundle.wheels if bundle else downloads_folder()
        fetching = Fetching(python, wheels, self.options, self.commands, say)
        if bundle:
            bundle.verify(say, self.commands.cancelled)
            bundle.land_models()
        needed = fetching.present(lacking) if bundle else fetching.fetch(lacking, sizes)
        whole = any(listed.only_if_asked for listed in needed)
        disk = sizes.disk if whole else sizes.least_disk
        for sentence, hint in room_problems(disk, free_space()):
            raise NotInstalled(sentence, hint)
        folder = python.parent.parent
        fetching.install(needed, _Meter(say, folder, folders.size(folder) + disk).look)

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


def _source(plan: Plan, present: Sequence[Made]) -> Made | None:
    """An environment of the same Python that lacks a list of the plan and has nothing else."""
    for made in present:
        if made.works and made.version == plan.version and made.requirements.items() <= plan.digests.items():
            return made
    return None


class _Meter:
    """Tells, now and then, how many bytes an installer has unpacked into a folder."""

    def __init__(self, say: Callable[[int, int, str], None], folder: Path, total: int) -> None:
        self._say = say
        self._folder = folder
        self._total = total
        self._next = 0.0

    def look(self) -> None:
        """Called often."""
        if time.monotonic() > self._next:
            done = folders.size(self._folder)
            self._say(done, max(self._total, done), "Unpacking the packages")
            self._next = time.monotonic() + _MEASURE_EVERY


def _wanted_so(line: str) -> bool:
    """Whether pip's check complains of an extra, which is installed without what it asks for."""
    return line.startswith(tuple(f"{name} " for name in requirements.EXTRAS))
