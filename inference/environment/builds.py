"""The stand-alone Pythons that can be downloaded, as data: ``resources/standalone.json``. Standard library
alone; the download itself is in ``standalone.py``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..places import data_home

_LIST = Path(__file__).resolve().parents[2] / "resources" / "standalone.json"


@dataclass(frozen=True)
class Build:
    """A Python in an archive, for one platform.

    Attributes:
        tag: of the platform, as :attr:`.platforms.Platform.tag`.
        version: of Python, ``3.12.14``.
        address: of the folder on the network that the file lies in.
        file: its name there.
        size: bytes of the archive.
        digest: ``sha256:<hex>`` of the archive.
    """

    tag: str
    version: str
    address: str
    file: str
    size: int
    digest: str

    @property
    def folder(self) -> Path:
        """Where it lies once it is unpacked."""
        return builds_folder() / f"cpython-{self.version}-{self.tag}"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        if self.tag.startswith("windows-"):
            return self.folder / "python.exe"
        return self.folder / "bin" / f"python{self.version.rpartition('.')[0]}"


def builds_folder() -> Path:
    """The folder of all stand-alone Pythons, and of what is being downloaded."""
    return data_home() / "pythons"


def build_for(tag: str) -> Build | None:
    """The stand-alone Python for a platform; None where there is none."""
    facts = _list()
    build = facts["builds"].get(tag)
    return Build(tag, facts["version"], facts["address"], **build) if build else None


@lru_cache(maxsize=1)
def _list() -> Any:
    return json.loads(_LIST.read_text(encoding="utf-8"))
