"""One set-up at a time, whichever window or terminal it was begun in. Standard library alone."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import Cancelled
from ..locks import try_lock
from ..places import data_home
from .pythons import NotInstalled

# How long the children of a set-up that was killed may take to end.
_PATIENCE = 3.0


def lock_path() -> Path:
    """The file that a set-up holds locked."""
    return data_home() / "setup.lock"


@contextlib.contextmanager
def turn(cancelled: Callable[[], bool] = lambda: False) -> Iterator[int]:
    """The set-up's turn, as an open file: the turn lasts until every process that has the file open ended.

    Raises:
        NotInstalled: if another set-up is under way.
        Cancelled: if asked to stop while waiting.
    """
    path, until = lock_path(), time.monotonic() + _PATIENCE
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if try_lock(handle) and _is(handle, path):
                yield handle
                return
        finally:
            os.close(handle)
        if cancelled():
            raise Cancelled("The set-up was cancelled.")
        if time.monotonic() > until:
            raise NotInstalled(
                "Another set-up of the engine is under way, in another window or a terminal.",
                "Wait until it is done, or cancel it there.",
            )
        time.sleep(0.1)


def _is(handle: int, path: Path) -> bool:
    """Whether a file is still the one of that name: a removal may have taken it away since it was opened."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False
