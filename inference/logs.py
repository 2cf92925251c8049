"""Files that are written line by line for as long as GeoFM lives, and kept small. Standard library alone."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_LIMIT = 1 << 20
_KEPT = 3


def rotate(path: Path) -> None:
    """Move a log aside that has grown to 1 MiB; three earlier ones are kept, as ``path.1`` to ``path.3``."""
    if not path.exists() or path.stat().st_size < _LIMIT:
        return
    # Another process may hold the file open, which Windows does not let us rename then.
    with contextlib.suppress(PermissionError):
        for number in range(_KEPT - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                os.replace(older, path.with_name(f"{path.name}.{number + 1}"))
        os.replace(path, path.with_name(f"{path.name}.1"))
