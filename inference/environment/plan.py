"""What a set-up would do: with which Python, from which lists, where, how much. Standard library alone.

Nothing is downloaded, written or changed to know it; it takes as long as starting a Python or two, and with a
GPU on Windows as long as asking the package indexes for what they have.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import shutil
import subprocess  # nosec B404
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..places import data_home, engines_folder
from . import accelerators, homes, offers, requirements
from .accelerators import Accelerator
from .builds import Build, build_for
from .bundle import Bundle, read_bundle
from .options import SetupOptions, load
from .platforms import Platform, this_platform
from .pythons import NO_WINDOW, Choice, NotInstalled, choose
from .requirements import RequirementList
from .variables import child_environment

_ROOM_HINT = "Make room, or choose a data folder on a larger disk (in the set-up's options, or GEOFM_HOME)."


@dataclass(frozen=True)
class Plan:
    """What is going to be installed.

    Attributes:
        python: the Python that makes the environment; where one has to be downloaded first, where that will
            be; None where there is none.
        why: why that one, in a sentence.
        build: the stand-alone Python to download first, if one has to be.
        instead: a Python that serves if that download fails.
        version: of that Python, ``3.12``.
        folder: where the environment will lie.
        platform: what is known of this machine.
        accelerator: ``cpu`` or ``cuda``, what it is made for.
        reason: why that, in a sentence.
        needed: lists of packages, in the order of installing.
        packages: how many packages they name.
        download: bytes to fetch at most; 0 from a bundle.
        disk: bytes that the environment takes at most.
        least_download, least_disk: the same, where pip finds PyTorch's build for the processor.
        free: bytes that are free where it will lie.
        problems: why the set-up would fail, one sentence each; empty where nothing is known against it.
        hint: what to do about the first of them.
        caution: what to know of the place, though nothing is against it; may be empty.
    """

    python: Path | None
    folder: Path
    platform: Platform
    accelerator: str
    reason: str
    needed: tuple[RequirementList, ...]
    packages: int = 0
    download: int = 0
    disk: int = 0
    least_download: int = 0
    least_disk: int = 0
    free: int = 0
    version: str = ""
    why: str = ""
    build: Build | None = None
    instead: Path | None = None
    problems: tuple[str, ...] = ()
    hint: str = ""
    caution: str = ""

    @property
    def lists(self) -> tuple[str, ...]:
        """Names of the lists that are needed."""
        return tuple(listed.name for listed in self.needed)

    @property
    def digests(self) -> dict[str, str]:
        """Of the lists, by name."""
        return {name: requirements.digest(name) for name in self.lists}


def plan(options: SetupOptions | None = None) -> Plan:
    """What a set-up with these options would do; those of the last one where there are none given.

    Raises:
        InvalidRequest: for an extra that there is none of, or a bundle's folder that holds none.
    """
    options = options or load()
    platform = this_platform()
    accelerator = accelerator_for(platform, options)
    place = homes.look(data_home(), platform)
    problems = [*homes.faults(place, platform, homes.own_folders())]
    if accelerator.problem:
        problems.append((accelerator.problem, accelerators.OWN_INDEX_HINT))
    lists: tuple[RequirementList, ...] = ()
    choice = Choice(None, "")
    bundle = read_bundle(options.bundle) if options.bundle else None
    try:
        choice = _chosen(options, platform, bundle)
        lists = lists_for(platform, accelerator, options)
    except NotInstalled as error:
        problems.append((error.message, error.hint))
    python = choice.build.python if choice.build else choice.python
    version = _version(choice)
    sizes = requirements.sizes(lists, version)
    if bundle:
        hint = bundle.hint(platform.tag, version)
        names = [listed.name for listed in lists]
        problems += [(sentence, hint) for sentence in bundle.problems(platform.tag, version, names)]
        sizes = dataclasses.replace(sizes, download=0, least_download=0)
    free = free_space()
    problems += room_problems(sizes.least_download + sizes.least_disk, free)
    return Plan(
        python=python,
        folder=engines_folder() / _name(lists, version),
        platform=platform,
        accelerator=accelerator.name,
        reason=accelerator.reason,
        needed=lists,
        packages=sum(len(requirements.pins(listed.name)) for listed in lists),
        download=sizes.download,
        disk=sizes.disk,
        least_download=sizes.least_download,
        least_disk=sizes.least_disk,
        free=free,
        version=version,
        why=choice.why,
        build=choice.build,
        instead=choice.instead,
        problems=tuple(sentence for sentence, _ in problems),
        hint=problems[0][1] if problems else "",
        caution=homes.caution(place),
    )


def accelerator_for(platform: Platform, options: SetupOptions) -> Accelerator:
    """What this machine computes with, as far as the options and their bundle leave that open."""
    if options.bundle and options.accelerator == "auto":
        target = read_bundle(options.bundle).target
        return Accelerator(target.accelerator, f"The bundle is for {target}.")
    return fitting(platform, options)


def fitting(platform: Platform, options: SetupOptions) -> Accelerator:
    """What suits this machine and the indexes that pip asks, whatever a bundle holds."""
    found = accelerators.find_gpus(platform)
    offered = functools.partial(offers.offered, platform=platform, options=options)
    return accelerators.choose(platform, found, options.accelerator, offered)


def lists_for(
    platform: Platform, accelerator: Accelerator, options: SetupOptions
) -> tuple[RequirementList, ...]:
    """The lists that the options ask for; see :func:`.requirements.lists`, which says what this raises."""
    return requirements.lists(platform.tag, accelerator.name, options.extras)


def _chosen(options: SetupOptions, platform: Platform, bundle: Bundle | None) -> Choice:
    """The Python that makes the environment; with a bundle one of its version, if there is one.

    Raises:
        NotInstalled: see :func:`.pythons.choose`.
    """
    choice = choose(options.python, platform)
    if bundle is None or options.python or bundle.target.platform != platform.tag:
        return choice
    if _version(choice) == bundle.target.python:
        return choice
    build = build_for(platform.tag)
    if build and build.file in bundle.files and build.version.startswith(f"{bundle.target.python}."):
        return Choice(None, f"The bundle brings Python {build.version}", build=build)
    found = shutil.which(f"python{bundle.target.python}")
    try:
        return choose(found, platform) if found else choice
    except NotInstalled:
        # A stub that starts nothing, say: what is wrong is that the bundle's Python is not there.
        return choice


def room_problems(needed: int, free: int) -> tuple[tuple[str, str], ...]:
    """That the disk is too small, with a hint, if it is; both in bytes."""
    if free >= needed:
        return ()
    sentence = (
        f"The engine needs {needed / 1e9:.1f} GB of free disk space for {engines_folder()}; "
        f"there are {free / 1e9:.1f} GB."
    )
    return ((sentence, _ROOM_HINT),)


def free_space() -> int:
    """Bytes that are free where environments lie or will lie."""
    folder = engines_folder()
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    return shutil.disk_usage(there).free


def _name(lists: Sequence[RequirementList], version: str) -> str:
    """The name of an environment: what it is made of, short, for paths on Windows must not grow long."""
    digests = "\n".join(f"{listed.name} {requirements.digest(listed.name)}" for listed in lists)
    return f"py{version.replace('.', '')}-{hashlib.sha256(digests.encode('utf-8')).hexdigest()[:8]}"


def _version(choice: Choice) -> str:
    """``3.12``; empty where there is no Python."""
    if choice.build is not None:
        return choice.build.version.rpartition(".")[0]
    if choice.python is None:
        return ""
    words = [str(choice.python), "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    # A Python of this machine, and fixed words.
    answer = subprocess.run(  # nosec B603
        words, env=child_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, creationflags=NO_WINDOW,
    )  # fmt: skip
    return answer.stdout.strip()
