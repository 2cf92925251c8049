"""A zip from anywhere, looked at before Python's zipfile reads its directory into memory."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

# End of central directory and, before it, the locator of a large one (APPNOTE 6.3.10, 4.3.15 and 4.3.16).
_END = struct.Struct("<4s4H2LH")
_END_MARK, _LARGE_MARK, _LARGE_LOCATOR = b"PK\5\6", b"PK\6\7", 20
_LONGEST_DIRECTORY = 1 << 16


def require_small_zip(path: Path) -> None:
    """Refuse a zip whose directory is not that of a few members.

    A directory may hold millions of entries, each of which costs zipfile a hundred times its bytes; and
    a comment may hide a second directory. A small zip without a comment has neither.

    Raises:
        zipfile.BadZipFile: if it is no such zip.
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END.size - _LARGE_LOCATOR))
        tail = file.read()
    if len(tail) < _END.size:
        raise zipfile.BadZipFile("too short for a zip")
    mark, _, _, _, _, length, _, comment = _END.unpack(tail[-_END.size :])
    if mark != _END_MARK or comment or tail.startswith(_LARGE_MARK):
        raise zipfile.BadZipFile("it does not end as a small zip does")
    if length > _LONGEST_DIRECTORY:
        raise zipfile.BadZipFile(f"its directory has {length} bytes")
