"""Unpacks an archive whose files must stay in their folder. Standard library alone.

``tarfile``'s own filters came to Python 3.9 late, and lean on parts of the library that some QGIS mix of
two versions.
"""

from __future__ import annotations

import gzip
import os
import posixpath
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

from ..errors import Cancelled, present

# A Python has some 4,000 files of 110 MB; more than this is no Python.
_MOST_FILES, _MOST_BYTES = 50_000, 1 << 30


class UnsafeArchiveError(Exception):
    """An archive holds what no Python does: files elsewhere, links outwards, devices, far too much."""


def unpack(archive: Path, folder: Path, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Unpack a tar archive with one folder at its top, which becomes ``folder``.

    Links are made last and no file lies behind one, so that no order of the members leads outside.

    Raises:
        UnsafeArchiveError: naming the member; what was written so far stays.
        Cancelled: when asked to stop.
    """
    links: dict[str, str] = {}
    files = total = 0
    try:
        with tarfile.open(archive, "r:*") as members:
            for member in members:
                if cancelled():
                    raise Cancelled("The set-up was cancelled.", "Run it again to go on from there.")
                name = _inside(member.name)
                files, total = files + 1, total + member.size
                if files > _MOST_FILES or total > _MOST_BYTES:
                    raise UnsafeArchiveError("it holds far more than a Python")
                if member.issym():
                    links[name] = _link(name, member.linkname)
                elif member.isdir():
                    (folder / name).mkdir(parents=True, exist_ok=True)
                elif member.isfile() or member.islnk():
                    _write(members, member, folder / name)
                else:
                    raise UnsafeArchiveError(f"{member.name} is neither file, folder nor symbolic link")
        _make_links(folder, links)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, KeyError, RecursionError) as error:
        raise UnsafeArchiveError(f"it is damaged: {error}") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise UnsafeArchiveError(f"it has a name twice: {error.filename}") from error


def _inside(name: str) -> str:
    """A member's path below the folder at the top."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or ":" in name or "\0" in name:
        raise UnsafeArchiveError(f"{name} lies outside of the archive's folder")
    return posixpath.join(*[part for part in parts if part not in ("", ".")][1:] or ["."])


def _link(name: str, target: str) -> str:
    reached = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    # In normal form ".." stands at the front alone, where it cannot go up from behind another link.
    inside = posixpath.normpath(target) == target and reached.split("/")[0] != ".."
    if not inside or target.startswith("/") or "\\" in target or ":" in target:
        raise UnsafeArchiveError(f"{name} leads outside: {target}")
    return target


def _write(members: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    source = present(members.extractfile(member))  # it is a plain file
    path.parent.mkdir(parents=True, exist_ok=True)
    with source, path.open("xb") as file:
        shutil.copyfileobj(source, file)
    path.chmod(0o755 if member.mode & 0o111 else 0o644)


def _make_links(folder: Path, links: dict[str, str]) -> None:
    for name, target in links.items():
        if any(parent.as_posix() in links for parent in Path(name).parents):
            raise UnsafeArchiveError(f"{name} lies behind a link")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, folder / name)
