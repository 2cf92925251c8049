"""What an older environment lacks of what this version of GeoFM wants, and whether it serves meanwhile.

Its packages were tried together, so that they fit one another; what may fail is the engine's own code, which
is of this version. It needs every package of its list to be there, and those that it imports (the ones that
``resources/requirements/*.in`` ask for) in a version that keeps the same promises. Standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import requirements
from .folders import PACKAGES
from .platforms import text_of
from .pythons import MIN_PYTHON


@dataclass(frozen=True)
class Update:
    """One package in which an environment differs from the lists.

    Attributes:
        package: as the index writes its name.
        present: the version that is there; empty if it is not.
        wanted: that of the list.
        needed: whether the engine may fail without it.
    """

    package: str
    present: str
    wanted: str
    needed: bool


def updates(
    wanted: Mapping[str, str], imported: Collection[str], present: Mapping[str, str]
) -> tuple[Update, ...]:
    """Where an environment differs from a list, by name.

    Args:
        wanted: versions of the list, by package.
        imported: those of them that the engine's own code imports.
        present: versions of the environment, by package; what it has beside the list does not matter.
    """
    found = []
    for package, version in sorted(wanted.items()):
        there, version = present.get(package, ""), bare(version)
        if there != version:
            needed = not there or (package in imported and _promise(there) != _promise(version))
            found.append(Update(package, there, version, needed))
    return tuple(found)


def updates_of(environment: Path, platform_tag: str, accelerator: str) -> tuple[Update, ...]:
    """Where an environment differs from the engine's list of this version of GeoFM.

    Args:
        environment: its folder.
        platform_tag: ``Platform.tag``.
        accelerator: that it was made for; where there are no lists of it any more, the processor's count.
    """
    lists = requirements.accelerators(platform_tag)
    counted = accelerator if accelerator in lists else "cpu"
    if counted not in lists:
        return ()
    wanted = requirements.pins(f"{platform_tag}-{counted}.txt")
    return updates(wanted, requirements.asked(counted), packages_in(environment))


def python_update(version: str) -> tuple[Update, ...]:
    """That an environment's Python, ``3.10``, is older than the engine's code; empty if it is not."""
    known = re.fullmatch(r"(\d+)\.(\d+)", version)
    if known is None or (int(known[1]), int(known[2])) >= MIN_PYTHON:
        return ()
    return (Update("Python", version, text_of(MIN_PYTHON), needed=True),)


def packages_in(environment: Path) -> dict[str, str]:
    """Versions of the packages that are installed in an environment, by the names of their folders."""
    found = {}
    for place in PACKAGES:
        for folder in environment.glob(f"{place}/*.dist-info"):
            name, _, version = folder.name[: -len(".dist-info")].partition("-")
            found[requirements.normal(name)] = bare(version)
    return found


def bare(version: str) -> str:
    """A version without its local part, which names another build of the same: of ``2.13.0+cpu``."""
    return version.partition("+")[0]


def needed_words(found: Iterable[Update]) -> str:
    """Why an environment cannot be used: ``it lacks x 1.0, and its y is 1.0, not 2.0``."""
    needed = [one for one in found if one.needed]
    lacks = ", ".join(f"{one.package} {one.wanted}" for one in needed if not one.present)
    parts = [f"it lacks {lacks}"] if lacks else []
    parts += [f"its {one.package} is {one.present}, not {one.wanted}" for one in needed if one.present]
    return ", and ".join(parts)


def _promise(version: str) -> tuple[str, ...]:
    """What of a version says what can be relied on: the first number; where that is 0, the second too.

    By Semantic Versioning 2.0.0, sections 4 and 8.
    """
    numbers = tuple(version.split("."))
    return numbers[:2] if numbers[0] == "0" else numbers[:1]
