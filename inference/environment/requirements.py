"""What the engine's environment is made of: pinned lists, chosen by the machine. Standard library alone."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidRequest
from .pythons import NotInstalled

# What may be wanted beside the engine.
EXTRAS = ("openvino",)
# What installs the others, on every platform.
PIP = "pip.txt"
SIZES = "sizes.json"
# What PyTorch keeps on indexes of its own, and who says so.
OWN_BUILDS = "pytorch.json"
LICENCES = "licences.json"
# The licence of a package whose metadata say none: it holds no files, but names others.
NOT_STATED = "not stated"


def folder() -> Path:
    """Where the lists lie."""
    return Path(__file__).resolve().parents[2] / "resources" / "requirements"


def lists(platform_tag: str, accelerator: str, extras: Iterable[str] = ()) -> tuple[RequirementList, ...]:
    """What an environment is installed from, in this order, each with ``--no-deps --require-hashes``.

    Args:
        platform_tag: ``Platform.tag``.
        accelerator: ``cpu`` or ``cuda``, see :func:`accelerators`.
        extras: of ``EXTRAS``.

    Raises:
        InvalidRequest: for an extra that there is none of.
        NotInstalled: where nothing is locked for the platform or the accelerator.
    """
    wished = sorted(set(extras))
    unknown = [name for name in wished if name not in EXTRAS]
    if unknown:
        raise InvalidRequest(f"There is no extra {', '.join(unknown)}.", f"Known are: {', '.join(EXTRAS)}.")
    if accelerator not in accelerators(platform_tag):
        known = sorted({path.stem[: -len("-cpu")] for path in folder().glob("*-cpu.txt")})
        raise NotInstalled(
            f"There are no packages of the engine for {platform_tag} with {accelerator}.",
            f"There are for {', '.join(known)}; elsewhere GEOFM_PYTHON can name a Python that has them.",
        )
    names = [PIP, f"{platform_tag}-{accelerator}.txt"]
    found = [RequirementList(name) for name in names]
    libraries = f"{platform_tag}-libraries.txt"
    if (folder() / libraries).is_file():
        found.append(RequirementList(libraries, only_if_asked=accelerator == "cpu"))
    found += [RequirementList(f"{platform_tag}-{name}.txt") for name in wished]
    return tuple(found)


def accelerators(platform_tag: str) -> tuple[str, ...]:
    """Of ``cpu`` and ``cuda`` those that there are lists of for a platform."""
    return tuple(name for name in ("cpu", "cuda") if (folder() / f"{platform_tag}-{name}.txt").is_file())


@dataclass(frozen=True)
class RequirementList:
    """One file of pinned and hashed packages.

    Attributes:
        name: of the file.
        only_if_asked: whether it is there for one build of PyTorch, so that :func:`is_asked_for` has to
            be asked when those before it are installed.
    """

    name: str
    only_if_asked: bool = False

    @property
    def path(self) -> Path:
        return folder() / self.name


def is_asked_for(listed: RequirementList, metadata: str) -> bool:
    """Whether the PyTorch that came needs a list with ``only_if_asked``.

    An index has PyTorch for Linux with CUDA, which does not start without CUDA's libraries, also on a
    processor. Where pip finds PyTorch's build for the processor, they are two gigabytes of nothing.

    Args:
        listed: any list; True for all that are needed anyway.
        metadata: the METADATA of PyTorch, as installed or in its wheel.
    """
    asked = {normal(name) for name in re.findall(r"^Requires-Dist:\s*([\w.-]+)", metadata, re.M)}
    return not listed.only_if_asked or bool(asked & set(pins(listed.name)))


@dataclass(frozen=True)
class OwnBuild:
    """A build of a package that lies on an index of its maker's own, and on none that pip asks by itself.

    Attributes:
        package: its name, ``torch``.
        version: with the local part that tells it from others, ``2.13.0+cpu``.
        digests: SHA-256 in hex of its wheel, by the Python that it is for, ``3.12``.
        only: whether the index that pip asks by itself has no build that would do.
        download: bytes of one.
        disk: bytes that it takes when it is installed.
    """

    package: str
    version: str
    digests: Mapping[str, str]
    only: bool
    download: int
    disk: int


def own_build(name: str) -> OwnBuild | None:
    """The build of that kind that is in a list; None where there is none."""
    facts = _notes(OWN_BUILDS)["lists"].get(name)
    if facts is None:
        return None
    digests = {python: wheel["digest"].partition(":")[2] for python, wheel in facts["wheels"].items()}
    rest = {name: facts[name] for name in ("package", "version", "only", "download", "disk")}
    return OwnBuild(digests=digests, **rest)


@dataclass(frozen=True)
class Sizes:
    """Bytes of an installation.

    Attributes:
        download: to download.
        disk: on the disk afterwards.
        least_download: where pip finds PyTorch's build for the processor; else the same as ``download``.
        least_disk: likewise.
    """

    download: int
    disk: int
    least_download: int
    least_disk: int


def sizes(found: Iterable[RequirementList], python: str) -> Sizes:
    """What lists weigh, by the wheels of one Python; those of the others differ by a few percent.

    On the disk it is within 2 % of what was measured on Linux, and an estimate elsewhere.

    Args:
        found: of :func:`lists`.
        python: the version that they are for, ``3.12``: not each has a build for the processor.
    """
    wheels, found = _notes(SIZES)["wheels"], tuple(found)
    builds = {listed: own_build(listed.name) for listed in found}
    light = {listed: build for listed, build in builds.items() if build and python in build.digests}
    most = {listed: dict(wheels[listed.name]) for listed in found}
    least = {listed: rows for listed, rows in most.items() if not (light and listed.only_if_asked)}
    for listed, build in light.items():
        least[listed] = {**most[listed], build.package: (build.download, build.disk)}
    return Sizes(*_sums(most.values()), *_sums(least.values()))


def _sums(lists: Iterable[Mapping[str, Sequence[int]]]) -> tuple[int, int]:
    rows = [row for weights in lists for row in weights.values()]
    return sum(row[0] for row in rows), sum(row[1] for row in rows)


def licences() -> dict[str, str]:
    """The licence of each package of the lists, as its metadata say it (``make licences``)."""
    return _notes(LICENCES) if (folder() / LICENCES).is_file() else {}


@functools.lru_cache
def _notes(name: str) -> dict[str, Any]:
    notes: dict[str, Any] = json.loads((folder() / name).read_text(encoding="utf-8"))
    return notes


def pins(name: str) -> dict[str, str]:
    """The versions in a list by package, names as the index writes them."""
    found = re.findall(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", _text(name), re.M)
    return {normal(package): version for package, version in found}


def asked(accelerator: str) -> frozenset[str]:
    """The packages that the engine imports, as ``cpu.in`` and its like ask for them by name."""
    text = _text(f"{accelerator}.in")
    texts = [text, *(_text(name) for name in re.findall(r"^-r\s+(\S+)", text, re.M))]
    return frozenset(
        normal(package) for one in texts for package in re.findall(r"^([A-Za-z0-9][\w.-]*)", one, re.M)
    )


def digest(name: str) -> str:
    """Of a list; empty if this version has none of that name."""
    if not (folder() / name).is_file():
        return ""
    return "sha256:" + hashlib.sha256(_text(name).encode("utf-8")).hexdigest()


def _text(name: str) -> str:
    # Line ends are normalised: a checkout on Windows is the same environment.
    return (folder() / name).read_text(encoding="utf-8")


def normal(package: str) -> str:
    """A package's name as the index writes it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package).lower()
