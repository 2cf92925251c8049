"""Whether files are still what they were: their size and time of change."""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import rasterio
from rasterio.io import DatasetReader

from .crs import GDAL_FAILURES

# Size in bytes and time of change in nanoseconds.
Stamp = tuple[int, int]
_GONE = (-1, 0)
# GDAL's prefixes for files inside others: /vsizip//data/scene.zip/scene.tif.
_INSIDE = re.compile(r"^(?:/vsi[a-z0-9]+/)+")


@dataclass(frozen=True)
class Source:
    """Where pixels come from.

    Attributes:
        fingerprint: changes when a file, its reading or the grid changes.
        stamps: the state of every file on disk that is read, by path.
        lasting: whether the same files get the same fingerprint another time: all have a stamp.
    """

    fingerprint: str
    stamps: Mapping[str, Stamp]
    lasting: bool

    def changed(self) -> bool:
        """Whether a file is no longer what it was."""
        return any(stamp(path) != before for path, before in self.stamps.items())


def stamp(path: str) -> Stamp:
    """The state of a file."""
    try:
        state = os.stat(path)
    except OSError:
        return _GONE
    return state.st_size, state.st_mtime_ns


def stamps_of(dataset: DatasetReader) -> dict[str, Stamp]:
    """The state of every file on disk that a raster's pixels come from; none for a remote one.

    Left out is ``.aux.xml``: whoever shows a raster may note its statistics there, and what else it
    says was read when the raster was opened.
    """
    found: dict[str, Stamp] = {}
    todo = list(dataset.files)
    while todo:
        path = _on_disk(todo.pop())
        if path is None or path in found or path.endswith(".aux.xml"):
            continue
        found[path] = stamp(path)
        if path.lower().endswith(".vrt"):
            todo += _sources(path)
    return found


def _sources(vrt: str) -> list[str]:
    """What a VRT reads from: GDAL names the files of the outermost only."""
    with warnings.catch_warnings(), contextlib.suppress(*GDAL_FAILURES):
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(vrt) as dataset:
            return list(dataset.files)
    return []  # it is read later, and then the failure has its sentence


def _on_disk(path: str) -> str | None:
    """The file that holds what GDAL calls so, None if there is none on this machine."""
    if not path.startswith("/vsi"):
        return path if os.path.exists(path) else None
    inner = Path(_INSIDE.sub("", path))
    return next((str(outer) for outer in (inner, *inner.parents) if outer.is_file()), None)
