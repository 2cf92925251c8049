"""Where a run keeps what it has made: a folder that a later run of the same kind continues in.

Not beside the result, where a cancelled run shall leave nothing and a temporary result has another
name every time, but in the data folder, under a key of all that fixes the bytes. It is gone when
the results stand.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import Cancelled, UnsupportedInput, present
from ..locks import try_lock
from ..places import runs_folder
from .journal import NAME, Journal
from .results.destinations import refused_by_disk
from .stamps import Stamp, stamp

# Seconds after which nobody is likely to continue a run.
PATIENCE = 7 * 24 * 3600
_PREFIX = ".geofm-run-"
_LOCK = "lock"
_log = logging.getLogger(__name__)


class Work:
    """What a run reads and has made; a context manager around the run.

    Attributes:
        journal: what was made, None until :meth:`begin`.
        fingerprints: of the rasters that are read.
    """

    def __init__(self) -> None:
        self.journal: Journal | None = None
        self.fingerprints: list[str] = []
        self._stamps: dict[str, Stamp] = {}
        self._claim: _Claim | None = None

    def watch(self, stamps: Mapping[str, Stamp], fingerprint: str) -> None:
        """The files of rasters that must stay as they are until the run has ended."""
        self._stamps = {**stamps, **self._stamps}
        self.fingerprints.append(fingerprint)

    def check(self) -> None:
        """See that no file was changed.

        Raises:
            UnsupportedInput: naming the first that was.
        """
        for path, before in self._stamps.items():
            if stamp(path) != before:
                raise UnsupportedInput(
                    f"{Path(path).name} was changed while it was being read.",
                    "Run it again when the file is complete; nothing of this run was kept.",
                )

    def begin(self, key: str, output: Path, need: int) -> Journal:
        """The journal of the last run with this key that did not end well, else a new one.

        Args:
            key: digest of all that fixes the bytes of the results.
            output: the main result.
            need: bytes of the pixels of all results.

        Raises:
            UnsupportedInput: if the disk does not take it.
        """
        folder = _place(key, output.parent, need)
        with refused_by_disk(output, folder.parent):
            _remove_old(folder.parent)
            # Two runs of one kind at once: the second has a folder of its own, and keeps nothing.
            self._claim = _Claim.take(folder) or _Claim.take(_another(folder), lasting=False)
            # Nobody else knows that folder's name.
            self.journal = Journal(present(self._claim).folder)
        return self.journal

    def __enter__(self) -> Work:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        changed = any(stamp(path) != before for path, before in self._stamps.items())
        keep = False
        if self.journal is not None:
            keep = error is not None and not changed and not self.journal.empty
            self.journal.close()
        if self._claim is not None:
            self._claim.release(keep)
        if changed and isinstance(error, Exception) and not isinstance(error, Cancelled):
            # Whatever went wrong, this comes first.
            self.check()


@dataclass(frozen=True)
class _Claim:
    """A folder that no other process uses while this one lives.

    Attributes:
        lasting: whether anybody can find the folder again.
    """

    folder: Path
    lock: BinaryIO
    lasting: bool

    @classmethod
    def take(cls, folder: Path, lasting: bool = True) -> _Claim | None:
        """None if another process has it."""
        while True:
            folder.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                lock = (folder / _LOCK).open("a+b")
                if not try_lock(lock.fileno()):
                    lock.close()
                    return None
                # Its last holder may have removed it after we opened it.
                if _is_at(lock, folder / _LOCK):
                    return cls(folder, lock, lasting)
                lock.close()

    def release(self, keep: bool) -> None:
        if keep and self.lasting:
            self.lock.close()
            return
        try:
            for path in self.folder.iterdir():
                if path.name != _LOCK:
                    path.unlink()
            if os.name == "nt":
                self.lock.close()  # an open file cannot be removed there
            (self.folder / _LOCK).unlink()
            self.folder.rmdir()
        except OSError as error:
            # Another process may have come for the folder; else a later run removes it.
            _log.info("The folder %s was not removed: %s", self.folder, error)
        finally:
            self.lock.close()


def unfinished() -> tuple[int, int]:
    """How many runs wait in the data folder to be continued, and the bytes that they take."""
    folders = list(runs_folder().glob(f"{_PREFIX}*"))
    return len(folders), sum(_bytes(path) for folder in folders for path in folder.iterdir())


def _bytes(path: Path) -> int:
    state = path.stat()
    # Tiles that were never written take no room, where the system can tell.
    return state.st_blocks * 512 if hasattr(state, "st_blocks") else state.st_size


def _place(key: str, beside: Path, need: int) -> Path:
    """In the data folder; beside the results where the data folder's disk is too small."""
    places = [root / f"{_PREFIX}{key}" for root in (runs_folder(), beside)]
    begun = [folder for folder in places if (folder / NAME).exists()]
    if begun:
        return begun[0]
    return places[0] if _room(places[0]) >= need else max(places, key=_room)


def _room(folder: Path) -> int:
    """Bytes free where a folder lies or will lie; 0 where it cannot be written to."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free if os.access(folder, os.W_OK) else 0


def _another(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))


def _remove_old(root: Path) -> None:
    """Remove what nobody came back for."""
    for folder in root.glob(f"{_PREFIX}*"):
        # It may be another user's, in a folder that both can write to.
        with contextlib.suppress(OSError):
            touched = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            claim = _Claim.take(folder) if time.time() - touched > PATIENCE else None
            if claim is not None:
                _log.info("Removed what an old run left: %s", folder)
                claim.release(keep=False)


def _is_at(file: BinaryIO, path: Path) -> bool:
    return path.exists() and os.path.samestat(os.fstat(file.fileno()), os.stat(path))
