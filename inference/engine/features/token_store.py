"""Tokens on disk: fixed places in files of a few megabytes, under a limit, the least recently used go first.

A key has a folder. In it each file holds a square of the lattice: a table of checksums, one a window,
then the windows' bytes, row by row. A checksum is written after what it vouches for and covers key,
place and bytes. What a killed process, a full disk or a second engine leaves is therefore right or
known to be absent; nobody waits for a lock, and whatever goes wrong here costs time, never a run.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import time
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ...errors import InvalidRequest
from ...places import encodings_folder
from ..stamps import Source, stamp

U8 = NDArray[np.uint8]
Place = tuple[int, int]

VARIABLE = "GEOFM_CACHE"
_DEFAULT_LIMIT = 10.0
_GIGABYTE = 10**9
# Of what would be free without it the store never takes more than this share.
_SHARE = 0.25
# Largest file, and bytes that are admitted without looking again at how much there is.
_CHUNK, _ADVANCE = 1 << 22, 1 << 26
# Where something has to go, at least this part of the limit is made free, up to an advance.
_RESERVE = 16
# Windows that lie no further apart than this are read in one go.
_GAP = 1 << 16
# Seconds between two notes that an entry is in use, and before a disk that refused is tried again.
_PAUSE = 60.0
_ABOUT = "about.json"
_log = logging.getLogger(__name__)


def cache_limit() -> int:
    """Bytes that ``GEOFM_CACHE`` (gigabytes) allows; 0 keeps nothing.

    Raises:
        InvalidRequest: if it is no number from 0.
    """
    text = os.environ.get(VARIABLE, "").strip()
    try:
        limit = float(text or _DEFAULT_LIMIT) * _GIGABYTE
        if not 0 <= limit < 2**63:
            raise ValueError
    except ValueError as error:
        raise InvalidRequest(f"{VARIABLE} is {text!r}.", "Give the gigabytes, 0 to keep nothing.") from error
    return int(limit)


@dataclass(frozen=True)
class _Held:
    """A key's folder, its bytes on disk and when it was last used (seconds)."""

    folder: Path
    size: int
    used: float

    @classmethod
    def of(cls, folder: Path) -> _Held:
        # What another engine removes meanwhile counts as nothing.
        size, used = 0, 0.0
        with contextlib.suppress(OSError), os.scandir(folder) as files:
            for file in files:
                with contextlib.suppress(OSError):
                    state = file.stat()
                    # Places that were never written take no room, where the system can tell.
                    size += state.st_blocks * 512 if hasattr(state, "st_blocks") else state.st_size
                    used = max(used, state.st_mtime)
        return cls(folder, size, used)

    def stale(self) -> bool:
        """Whether a file that it was made from has changed or gone, or nobody knows what it is."""
        try:
            stamps = json.loads((self.folder / _ABOUT).read_text(encoding="utf-8"))["stamps"]
            return any(list(stamp(path)) != before for path, before in stamps.items())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return True

    def remove(self) -> None:
        # What is left after a failure has no description, and goes first the next time.
        with contextlib.suppress(OSError):
            (self.folder / _ABOUT).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class TokenStore:
    """All tokens that are kept on this machine.

    Args:
        root: their folder, which need not exist.
        limit: bytes that they may take; 0 keeps nothing and reads nothing.
    """

    def __init__(self, root: Path, limit: int) -> None:
        self.root = root
        self.limit = limit
        self._advance = 0

    @classmethod
    def here(cls) -> TokenStore:
        """In the data folder, under the limit that the environment sets.

        Raises:
            InvalidRequest: if it sets none that can be understood.
        """
        return cls(encodings_folder(), cache_limit())

    def facts(self) -> dict[str, Any]:
        """Folder, number of keys, bytes that they take and may take; plain JSON types."""
        held = list(self._held())
        size = sum(one.size for one in held)
        facts = {"folder": str(self.root), "entries": len(held), "bytes": size}
        return {**facts, "limit": self._room(size), "setting": self.limit}

    def clear(self) -> dict[str, Any]:
        """Remove everything; answers how much that was."""
        held = list(self._held())
        for one in held:
            one.remove()
        self._advance = 0
        left = sum(one.size for one in self._held())
        return {"folder": str(self.root), "entries": len(held), "bytes": sum(h.size for h in held) - left}

    def admit(self, size: int, using: Collection[Path]) -> bool:
        """Whether so many bytes may be added, for which others may have to go: changed ones, then old ones.

        Args:
            using: folders that must stay.
        """
        if self._advance < size:
            self._advance = self._make_room(size, using)
        if self._advance < size:
            return False
        self._advance -= size
        return True

    def _make_room(self, size: int, using: Collection[Path]) -> int:
        """Bytes that may be added before it has to be asked again, less than ``size`` if that is too much."""
        held = list(self._held())
        total = sum(one.size for one in held)
        limit = self._room(total)
        if total + size > limit:
            # More than is needed, or every batch would have to look again.
            goal = limit - max(size, min(_ADVANCE, limit // _RESERVE))
            others = [one for one in held if one.folder not in using]
            for one in sorted(others, key=lambda one: (not one.stale(), one.used)):
                _log.info("Removed tokens to make room: %s", one.folder)
                one.remove()
                total -= one.size
                if total <= goal:
                    break
        return min(max(_ADVANCE, size), limit - total)

    def _room(self, total: int) -> int:
        """Bytes that the store may take, where it takes ``total`` now."""
        folder = self.root
        while not folder.exists():
            folder = folder.parent
        return min(self.limit, int((shutil.disk_usage(folder).free + total) * _SHARE))

    def _held(self) -> Iterator[_Held]:
        # No folder yet, or none that can be read: then there is nothing.
        with contextlib.suppress(OSError):
            yield from (_Held.of(folder) for folder in self.root.iterdir() if folder.is_dir())


class Entry:
    """What is kept under one key, to be read and added to.

    Args:
        key: digest of all that fixes the bytes.
        size: bytes of a window.
        source: what the windows are read from.
        others: that must not make room for this one, because the same run uses them.
    """

    def __init__(
        self, store: TokenStore, key: str, size: int, source: Source, others: Collection[Entry]
    ) -> None:
        self.folder = store.root / key
        self._store = store
        self._key = key
        self._size = size
        self._source = source
        self._others = others
        # A power of 2, so that squares of blocks are squares of files.
        self._side = 1 << max(0, ((_CHUNK // size).bit_length() - 1) // 2)
        self._noted = self._refused = -_PAUSE

    def find(self, cells: Sequence[Place]) -> list[U8 | None]:
        """The bytes of windows, None for those that are not there or not whole.

        Args:
            cells: column and row of each window on the lattice.
        """
        found: list[U8 | None] = [None] * len(cells)
        for name, members in self._by_file(cells).items():
            try:
                with (self.folder / name).open("rb", buffering=0) as file:
                    for index, row in self._read(file, members, cells):
                        found[index] = row
            except FileNotFoundError:
                continue
            except OSError as error:
                _log.info("Tokens cannot be read: %s", error)
        if any(row is not None for row in found):
            self._note_use()
        return found

    def add(self, cells: Sequence[Place], rows: U8) -> None:
        """Keep windows, (windows, size) bytes; does nothing where that is not possible."""
        if not cells or time.monotonic() < self._refused + _PAUSE:
            return
        using = [self.folder, *(other.folder for other in self._others)]
        try:
            if self._store.admit(rows.nbytes, using):
                self._describe()
                for name, members in self._by_file(cells).items():
                    self._write(self.folder / name, members, cells, rows)
                return
        except OSError as error:
            # A full disk, a folder that cannot be written to: the run does not need it.
            _log.info("Tokens cannot be kept: %s", error)
        self._refused = time.monotonic()

    def _by_file(self, cells: Sequence[Place]) -> dict[str, dict[int, int]]:
        """Which windows (by index) lie in which file, at which number, in the order of the numbers."""
        files: dict[str, dict[int, int]] = {}
        side = self._side
        for index, (col, row) in enumerate(cells):
            name = f"{row // side}-{col // side}.tokens"
            files.setdefault(name, {})[index] = row % side * side + col % side
        return {name: dict(sorted(files[name].items(), key=lambda item: item[1])) for name in files}

    def _read(
        self, file: BinaryIO, members: Mapping[int, int], cells: Sequence[Place]
    ) -> Iterator[tuple[int, U8]]:
        """The windows of a file that are whole."""
        table = np.frombuffer(_exactly(file, 0, self._start), "<u4")
        there = [(index, number) for index, number in members.items() if table[number]]
        for run in _runs(there, self._size):
            first = run[0][1]
            data = memoryview(_exactly(file, self._at(first), (run[-1][1] - first + 1) * self._size))
            for index, number in run:
                row = data[(number - first) * self._size : (number - first + 1) * self._size]
                if self._checksum(cells[index], row) == table[number]:
                    yield index, np.frombuffer(row, np.uint8)

    def _write(self, path: Path, members: Mapping[int, int], cells: Sequence[Place], rows: U8) -> None:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            for index, number in members.items():
                row = np.ascontiguousarray(rows[index]).data
                _put(file, self._at(number), row)
                checksum = self._checksum(cells[index], row)
                _put(file, 4 * number, checksum.to_bytes(4, "little"))

    @property
    def _start(self) -> int:
        """Bytes of a file's table."""
        return 4 * self._side**2

    def _at(self, number: int) -> int:
        return self._start + number * self._size

    def _checksum(self, cell: Place, row: memoryview) -> int:
        """CRC-32, with 1 for 0, which stands for nothing."""
        return zlib.crc32(row, zlib.crc32(f"{self._key} {cell}".encode())) or 1

    def _describe(self) -> None:
        """Say what the entry was made from; where that stands, that it is in use."""
        if (self.folder / _ABOUT).exists():
            self._note_use()
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f"{_ABOUT}.{os.getpid()}.part"
        part.write_text(json.dumps({"stamps": dict(self._source.stamps)}), encoding="utf-8")
        part.replace(self.folder / _ABOUT)

    def _note_use(self) -> None:
        if time.monotonic() > self._noted + _PAUSE:
            self._noted = time.monotonic()
            # In a folder that cannot be written to nothing is removed either.
            with contextlib.suppress(OSError):
                os.utime(self.folder / _ABOUT)


def _runs(there: Sequence[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    """Windows, in the order of their numbers, in groups that are worth one read."""
    run: list[tuple[int, int]] = []
    for item in there:
        if run and (item[1] - run[-1][1] - 1) * size > _GAP:
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _exactly(file: BinaryIO, start: int, size: int) -> bytes:
    """Bytes of a file; zeros stand for what lies beyond its end."""
    file.seek(start)
    parts = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join([*parts, bytes(size)])


def _put(file: BinaryIO, start: int, data: memoryview | bytes) -> None:
    file.seek(start)
    if file.write(data) != len(data):
        raise OSError(f"{file.name} was not written")
