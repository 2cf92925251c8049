"""The engine's environments as folders: beside one another, held by engines, taken away.

Standard library alone. What is not whole is never where an environment is looked for: a folder is taken away
by renaming it, and deleted under its new name.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import Cancelled
from ..locks import try_lock
from ..places import data_home, engines_folder

STAMP = "geofm-environment.json"
_GONE = ".gone-"
_LEFT = "geofm-left"
_HELD = "geofm-in-use"
# Where Python keeps them on Windows and elsewhere; lib64 is a link to lib.
PACKAGES = ("Lib/site-packages", "lib/python3*/site-packages")


def environments() -> list[Path]:
    """Folders of environments, whole and begun; that of earlier versions too."""
    return [folder for folder in _folders() if not (folder / _LEFT).exists()]


def left() -> list[Path]:
    """Folders that were to be removed and could not be: an engine at work is in them, or they are guarded."""
    return [folder for folder in _folders() if (folder / _LEFT).exists()]


def _folders() -> list[Path]:
    beside = sorted(engines_folder().iterdir()) if engines_folder().is_dir() else []
    found = [*beside, data_home() / "engine"]
    return [folder for folder in found if folder.is_dir() and not folder.name.startswith(".")]


def free_folder(name: str) -> Path:
    """A folder for a new environment; what was begun under its name is taken away, what is whole stays."""
    folder, number = engines_folder() / name, 1
    while folder.exists():
        if not (folder / STAMP).exists():
            discard(folder)
        if folder.exists():
            number += 1
            folder = engines_folder() / f"{name}-{number}"
    return folder


def sweep(keep: Path | None = None) -> int:
    """Take away every environment but one; those that engines are at work in stay until the next time.

    Returns:
        how many bytes that freed.
    """
    freed = sum(discard(folder) for folder in _folders() if folder != keep)
    # What a set-up that was ended had begun to delete.
    return freed + sum(delete(folder) for folder in _gone())


def discard(folder: Path) -> int:
    """Take an environment away; how many bytes that freed, 0 where it has to stay for now."""
    handle = _lock(folder)
    if handle is None:
        _leave(folder)
        return 0
    try:
        gone = folder.with_name(f"{_GONE}{folder.name}-{os.getpid()}")
        # Where a program of the folder runs, Windows does not let it be renamed.
        os.replace(folder, gone)
    except OSError:
        _leave(folder)
        return 0
    finally:
        os.close(handle)
    return delete(gone)


def hold(python: Path) -> tuple[int, ...]:
    """Mark an environment as in use, for a process that inherits the open files answered.

    The mark is a lock, which the system frees when that process ends. Nothing is answered on Windows, where
    a program that runs guards its folder by itself, and for an interpreter that is not GeoFM's own.
    """
    folder = python.parent.parent
    if os.name != "posix" or folder not in _folders():
        return ()
    try:
        handle = os.open(folder / _HELD, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        # A folder that cannot be written is not removed either.
        return ()
    if try_lock(handle, shared=True):
        return (handle,)
    os.close(handle)
    return ()


def _lock(folder: Path) -> int | None:
    """An open file that keeps engines from starting in a folder; None where one is at work in it."""
    try:
        handle = os.open(folder / _HELD, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    if os.name != "posix":
        # An open file would keep the folder itself from being renamed.
        os.close(handle)
        return os.open(os.devnull, os.O_RDONLY)
    if try_lock(handle):
        return handle
    os.close(handle)
    return None


def _leave(folder: Path) -> None:
    """Let a folder that has to stay not count any more."""
    try:
        (folder / _LEFT).touch()
        (folder / STAMP).unlink(missing_ok=True)
    except OSError:
        # Not ours to change: then it goes on counting for what it is.
        return


def _gone() -> Iterator[Path]:
    for parent in (engines_folder(), data_home()):
        if parent.is_dir():
            yield from [path for path in parent.iterdir() if path.name.startswith(_GONE)]


def delete(folder: Path) -> int:
    """Delete a folder as far as that is possible; how many bytes that freed."""
    if not folder.is_dir():
        return 0
    before = size(folder)
    if sys.version_info >= (3, 12):
        shutil.rmtree(folder, onexc=_delete_once_more)
    else:
        shutil.rmtree(folder, onerror=_delete_once_more)
    return before - (size(folder) if folder.exists() else 0)


def _delete_once_more(remove: Callable[..., object], path: str, _: object) -> None:
    try:
        os.chmod(path, stat.S_IRWXU)
        remove(path)
    except (OSError, TypeError):
        # A virus scanner looks at it, say. The next set-up tries again.
        return


def link_packages(source: Path, target: Path, cancelled: Callable[[], bool]) -> None:
    """Give an empty environment the packages of another one of the same Python.

    They get further names of the same files where that is possible. Installers replace files, they do not
    write into them: what is done to one environment later leaves the other as it is.

    Raises:
        Cancelled: when asked to stop.
    """
    for packages in (folder for place in PACKAGES for folder in sorted(source.glob(place))):
        into = target / packages.relative_to(source)
        shutil.copytree(
            packages, into, copy_function=lambda old, new: _link(old, new, cancelled), dirs_exist_ok=True
        )


def _link(old: str, new: str, cancelled: Callable[[], bool]) -> str:
    if cancelled():
        raise Cancelled("The set-up was cancelled.", "Run it again.")
    try:
        os.link(old, new)
    except OSError:
        # Some file systems know one name a file.
        shutil.copy2(old, new)
    return new


def size(folder: Path) -> int:
    """Bytes of the files in a folder, each counted once for all its names."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                found = os.lstat(os.path.join(parent, name))
            except OSError:
                # It went while it was looked for.
                continue
            total += found.st_size if found.st_nlink < 2 else found.st_size // found.st_nlink
    return total
