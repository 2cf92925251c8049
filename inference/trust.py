"""Files that hold code, and which of them the user allowed to run. Standard library alone.

A card can be anybody's, so none can allow it: the user does, for one file by its digest, kept in the data
folder; or for all with ``GEOFM_ALLOW_TORCHSCRIPT=1``, for servers.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from .places import data_home

VARIABLE = "GEOFM_ALLOW_TORCHSCRIPT"
_OFF = {"", "0", "false", "no", "off"}


def is_trusted(sha256: str) -> bool:
    """Whether the user allowed the code in the file of this digest."""
    allowed_all = os.environ.get(VARIABLE, "").strip().lower() not in _OFF
    return allowed_all or sha256 in _notes()


def trust(sha256: str, name: str) -> None:
    """Allow the code in the file of this digest; ``name`` is for people who read the note."""
    path = _place()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps({**_notes(), sha256: name}, indent=2) + "\n", encoding="utf-8")
    os.replace(part, path)


def _place() -> Path:
    return data_home() / "trusted.json"


def _notes() -> dict[str, str]:
    try:
        found = json.loads(_place().read_text(encoding="utf-8"))
    # Without a readable note nothing was allowed.
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
