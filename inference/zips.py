"""A zip from anywhere, looked at before a reader takes its directory into memory. Standard library alone."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

# What stands at a zip's end (APPNOTE 6.3.10, sections 4.3.14 to 4.3.16): the directory's end for large
# files, where to find that, and the directory's end.
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_LARGE_END_MARK, _LOCATOR_MARK, _END_MARK = b"PK\6\6", b"PK\6\7", b"PK\5\6"


def require_short_directory(path: Path, longest: int) -> None:
    """Refuse a zip whose directory is longer than ``longest`` bytes.

    A directory may hold millions of entries, each of which costs a reader ten times its bytes; a comment
    may hide a second directory from one reader and not from another, so that there must be none.

    Raises:
        zipfile.BadZipFile: if it is no such zip.
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        length = _directory_length(file, size)
    if length > min(longest, size):
        raise zipfile.BadZipFile(f"its directory has {length} bytes")


def _directory_length(file: BinaryIO, size: int) -> int:
    if size < _END.size:
        raise zipfile.BadZipFile("too short for a zip")
    mark, *_, length, _, comment = _END.unpack(_read_at(file, size - _END.size, _END.size))
    if mark != _END_MARK or comment:
        raise zipfile.BadZipFile("it does not end as a zip without a comment does")
    place = size - _END.size - _LOCATOR.size
    if place < 0:
        return int(length)
    mark, _, stated, _ = _LOCATOR.unpack(_read_at(file, place, _LOCATOR.size))
    if mark != _LOCATOR_MARK:
        return int(length)
    place -= _LARGE_END.size
    if stated != place:
        raise zipfile.BadZipFile("its end for large files is elsewhere")
    mark, *_, length, _ = _LARGE_END.unpack(_read_at(file, place, _LARGE_END.size))
    if mark != _LARGE_END_MARK:
        raise zipfile.BadZipFile("it has no end for large files")
    return int(length)


def _read_at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)
