"""A folder that holds all of a set-up, for machines without a network. Standard library alone.

Written on a connected machine, for this platform or another (:mod:`.bundling`); what is in it is held to its
digests before it is used. It is the folder of wheels that every set-up installs from, with a manifest, and
with what else may be wanted: models' weights, a stand-alone Python, the plugin's zip.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ... import __version__
from ..errors import Cancelled, InvalidRequest
from ..places import home_models
from . import requirements
from .packages import digest_of
from .pythons import NotInstalled

MANIFEST = "geofm-bundle.json"
WHEELS, MODELS = "wheels", "models"
FORMAT = 1
_MAKE = "python -m geofm bundle FOLDER --platform {platform} --python {python} --accelerator {accelerator}"


@dataclass(frozen=True)
class Target:
    """The machine that a bundle is for.

    Attributes:
        platform: its tag, as :attr:`.platforms.Platform.tag`.
        python: the version of the engine's Python, ``3.12``.
        accelerator: ``cpu`` or ``cuda``.
        extras: what is wanted beside the engine.
    """

    platform: str
    python: str
    accelerator: str = "cpu"
    extras: tuple[str, ...] = ()

    @property
    def lists(self) -> tuple[requirements.RequirementList, ...]:
        """See :func:`.requirements.lists`, which says what this raises."""
        return requirements.lists(self.platform, self.accelerator, self.extras)

    def __str__(self) -> str:
        extras = f" and {', '.join(self.extras)}" if self.extras else ""
        return f"{self.platform} with Python {self.python} for {self.accelerator}{extras}"


@dataclass(frozen=True)
class Bundle:
    """A bundle as its manifest describes it.

    Attributes:
        folder: where it lies.
        target: what it is for.
        lists: digests of the lists that its wheels are of, by name.
        files: bytes and SHA-256 of every file, by its path in the folder with ``/``.
        whole: False while it is being made.
        version: of the GeoFM that made it.
    """

    folder: Path
    target: Target
    lists: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    whole: bool = False
    version: str = __version__

    @property
    def wheels(self) -> Path:
        return self.folder / WHEELS

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(size for size, _ in self.files.values())

    def write(self) -> None:
        """The manifest, whole or not at all."""
        facts = {
            "format": FORMAT,
            "geofm": self.version,
            "whole": self.whole,
            **asdict(self.target),
            "lists": dict(self.lists),
            "files": {path: {"size": size, "sha256": sha256} for path, (size, sha256) in self.files.items()},
        }
        part = self.folder / f".{MANIFEST}.part"
        part.write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(part, self.folder / MANIFEST)

    def problems(self, platform: str, python: str, lists: Iterable[str] = ()) -> tuple[str, ...]:
        """Why a set-up cannot be made from it, one sentence each; empty if it can. Nothing but names is read.

        Args:
            platform: tag of the machine.
            python: version of the Python that would make the environment, ``3.12``; empty if not known.
            lists: names of those that the environment is to be made from.
        """
        found = []
        if not self.whole:
            found.append(
                f"The bundle in {self.folder} was not finished; make it again where there is a network."
            )
        if self.target.platform != platform:
            found.append(f"The bundle is for {self.target.platform}, and this machine is {platform}.")
        elif python and self.target.python != python:
            found.append(
                f"The bundle is for Python {self.target.python}, and the engine's would be {python}."
            )
        if any(requirements.digest(name) != digest for name, digest in self.lists.items()):
            found.append(
                f"The bundle was made by GeoFM {self.version} with other lists than {__version__} has."
            )
        lacking = [name for name in lists if name not in self.lists]
        if self.whole and self.target.platform == platform and lacking:
            found.append(f"The bundle is for {self.target}: it lacks what {', '.join(lacking)} lists.")
        absent = [path for path in self.files if not (self.folder / path).is_file()]
        if absent:
            found.append(
                f"The bundle lacks {absent[0]}" + (f" and {len(absent) - 1} more." if absent[1:] else ".")
            )
        return tuple(found)

    def hint(self, platform: str, python: str) -> str:
        """What to do about problems."""
        wanted = {**asdict(self.target), "platform": platform, **({"python": python} if python else {})}
        return f"Make one for this machine on another one: {_MAKE.format(**wanted)}"

    def verify(
        self, say: Callable[[int, int, str], None], cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        """Hold every file to its digest.

        Args:
            say: called with bytes so far, bytes in all, and a line of text.
            cancelled: asked between files.

        Raises:
            NotInstalled: naming the first file that is damaged or not there.
            Cancelled: when asked to stop.
        """
        done = 0
        for path, (size, sha256) in self.files.items():
            if cancelled():
                raise Cancelled("The set-up was cancelled.", "Run it again.")
            say(done, self.size, "Looking at every file of the bundle")
            self._require(path, sha256)
            done += size

    def _require(self, path: str, sha256: str) -> None:
        file = self.folder / path
        try:
            found = digest_of(file)
        except OSError as error:
            raise NotInstalled(
                f"The bundle's file {path} cannot be read: {error.strerror}.", "Copy the bundle again."
            ) from error
        if found != sha256:
            raise NotInstalled(
                f"The bundle's file {path} is damaged.", "Copy the bundle again, or make it again.", str(file)
            )

    def land_models(self) -> list[Path]:
        """Copy its models to those of this machine; what is there already stays.

        Returns:
            the files that were copied.
        """
        landed = []
        for path, (size, sha256) in self.files.items():
            parts = path.split("/")
            target = home_models().joinpath(*parts[1:])
            if parts[0] != MODELS or (target.is_file() and target.stat().st_size == size):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.{os.getpid()}.part")
            shutil.copyfile(self.folder / path, part)
            if digest_of(part) != sha256:
                part.unlink()
                raise NotInstalled(
                    f"The bundle's file {path} is damaged.", "Copy the bundle again.", str(part)
                )
            os.replace(part, target)
            landed.append(target)
        return landed


def read_bundle(folder: str | os.PathLike[str]) -> Bundle:
    """The bundle in a folder.

    Raises:
        InvalidRequest: if there is none, or its manifest is not one.
    """
    place = Path(folder).expanduser().absolute()
    make = "Give the folder that python -m geofm bundle wrote."
    try:
        facts = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidRequest(f"There is no bundle in {place}.", make, str(error)) from error
    except ValueError as error:
        raise InvalidRequest(
            f"{place / MANIFEST} is damaged.", "Copy the bundle again.", str(error)
        ) from error
    try:
        return _understood(place, facts)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidRequest(
            f"{place / MANIFEST} is not of this version of GeoFM.", make, f"{type(error).__name__}: {error}"
        ) from error


def _understood(folder: Path, facts: Any) -> Bundle:
    if facts["format"] != FORMAT:
        raise ValueError(f"format {facts['format']}")
    target = Target(
        str(facts["platform"]),
        str(facts["python"]),
        str(facts["accelerator"]),
        tuple(map(str, facts["extras"])),
    )
    files = {_inside(path): (int(row["size"]), str(row["sha256"])) for path, row in facts["files"].items()}
    lists = {str(name): str(digest) for name, digest in facts["lists"].items()}
    return Bundle(folder, target, lists, files, facts["whole"] is True, str(facts["geofm"]))


def _inside(path: str) -> str:
    """A path of a manifest, which may name nothing outside its folder."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts):
        raise ValueError(f"the path {path!r}")
    return path


def listed_files(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Files below parts of a bundle, as its manifest names them."""
    for name in names:
        top = folder / name
        found = sorted(top.rglob("*")) if top.is_dir() else [top]
        for path in found:
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if path.is_file() and not hidden:
                yield path.relative_to(folder).as_posix(), path
