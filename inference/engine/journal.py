"""What a run has made so far, block by block, in a folder that can outlive the run.

A line of the file ``journal`` stands for a block that is done: a JSON array of the stage, the
block's window, and for each raster that it was written to, the raster's name, the window there and
the CRC-32 of the pixels. The line is written after the pixels. What a killed run leaves is therefore
right or known to be wrong: a line that was torn is no JSON, pixels that never reached the disk have
another CRC, and such a block is computed again.
"""

from __future__ import annotations

import errno
import json
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .grid import Window
from .tiles import Form, TileFile

NAME = "journal"


class State(Enum):
    """What is there of a block: nothing that is right, its pixels, or that it has none."""

    OPEN = auto()
    WRITTEN = auto()
    EMPTY = auto()


@dataclass(frozen=True)
class _Written:
    """Pixels of a block in one raster."""

    raster: str
    window: Window
    crc: int


@dataclass
class Journal:
    """The blocks and rasters of one run.

    Args:
        folder: where they lie; what an earlier run left there is taken up.

    Attributes:
        kept: blocks of an earlier run that this run found good.

    Raises:
        OSError: from everything here that reads or writes.
    """

    folder: Path
    kept: int = 0
    _blocks: dict[tuple[str, Window], tuple[_Written, ...]] = field(default_factory=dict)
    _rasters: dict[str, TileFile] = field(default_factory=dict)
    _pending: list[_Written] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._file = (self.folder / NAME).open("a+b", buffering=0)
        self._file.seek(0)
        text = self._file.read()
        # What follows the last line's end was torn; a new line must not be glued to it.
        whole = text.rfind(b"\n") + 1
        self._file.truncate(whole)
        for line in text[:whole].splitlines():
            entry = _parsed(line)
            if entry is not None:
                self._blocks[entry[0]] = entry[1]

    @property
    def empty(self) -> bool:
        """Whether no block was ever done."""
        return (self.folder / NAME).stat().st_size == 0

    def raster(self, form: Form) -> TileFile:
        """The next raster of the run; runs of one kind open them in the same order."""
        name = f"{len(self._rasters)}-{form}.tif"
        earlier = [part.window for parts in self._blocks.values() for part in parts if part.raster == name]
        self._rasters[name] = TileFile(self.folder / name, form, earlier)
        return self._rasters[name]

    def write(self, raster: TileFile, window: Window, array: NDArray[Any]) -> None:
        """Write pixels of the block that is under way."""
        raster.write(window, array)
        self._pending.append(_Written(raster.path.name, window, _crc(array)))

    def known(self, stage: str, todo: Sequence[Window]) -> set[Window]:
        """Which blocks an earlier run is said to have done."""
        return {block for block in todo if (stage, block) in self._blocks}

    def state(self, stage: str, block: Window) -> State:
        """What an earlier run left of a block; all that it wrote is read again."""
        parts = self._blocks.get((stage, block))
        if parts is None or not all(self._good(part) for part in parts):
            return State.OPEN
        self.kept += 1
        return State.WRITTEN if parts else State.EMPTY

    def note_written(self, stage: str, block: Window) -> None:
        """The block is done, with all that was written since the last."""
        parts, self._pending = self._pending, []
        self._note(stage, block, parts)

    def note_empty(self, stage: str, block: Window) -> None:
        """The block is done: there is nothing to write. Any thread may say so."""
        self._note(stage, block, ())

    def close(self) -> None:
        self._file.close()
        for raster in self._rasters.values():
            raster.close()

    def _good(self, part: _Written) -> bool:
        raster = self._rasters.get(part.raster)
        if raster is None or part.window.intersect(raster.form.window) != part.window:
            return False
        return _crc(raster.read(part.window)) == part.crc

    def _note(self, stage: str, block: Window, parts: Sequence[_Written]) -> None:
        entry = [stage, _plain(block), [[part.raster, _plain(part.window), part.crc] for part in parts]]
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            written = self._file.write(line)
        if written != len(line):
            raise OSError(errno.ENOSPC, "the journal was not written")


def _parsed(line: bytes) -> tuple[tuple[str, Window], tuple[_Written, ...]] | None:
    """A line's block and what was written of it, None if it is not a line of ours."""
    try:
        stage, block, parts = json.loads(line)
        return (stage, Window(*block)), tuple(_Written(name, Window(*at), crc) for name, at, crc in parts)
    except (ValueError, TypeError):
        return None


def _plain(window: Window) -> tuple[int, int, int, int]:
    return window.col, window.row, window.width, window.height


def _crc(array: NDArray[Any]) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data)
