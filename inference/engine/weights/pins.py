"""What the hub said at the first download of a file whose card states no digest; held to ever after."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from ...addresses import HubAddress

_SUFFIX = ".pin.json"
_LARGEST = 1 << 16
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Pin:
    """A file of the hub, fixed.

    Attributes:
        repo, path: the file.
        commit: the revision that it was taken from.
        sha256: its digest, 64 hex digits.
        size: its bytes.
    """

    repo: str
    path: str
    commit: str
    sha256: str
    size: int

    def is_of(self, address: HubAddress) -> bool:
        """Whether this is the file that an address names: a card may have come to name another one."""
        same = (self.repo, self.path) == (address.repo, address.path)
        return same and (not address.pinned or self.commit == address.revision)


def pin_note(file: Path) -> Path:
    """Where the pin of a file stands."""
    return file.with_name(f"{file.name}{_SUFFIX}")


def read_pin(file: Path, address: HubAddress) -> Pin | None:
    """The pin beside a file, None if there is none for this address."""
    try:
        with pin_note(file).open("rb") as note:
            pin = Pin(**json.loads(note.read(_LARGEST)))
    # A note that is not there, not ours to read or garbled pins nothing: the hub is asked again.
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    texts = all(isinstance(text, str) for text in (pin.repo, pin.path, pin.commit, pin.sha256))
    whole = texts and _SHA256.fullmatch(pin.sha256) and _COMMIT.fullmatch(pin.commit)
    return pin if whole and type(pin.size) is int and pin.is_of(address) else None


def write_pin(file: Path, pin: Pin) -> None:
    """Write the note beside a file; it appears complete or not at all."""
    note = pin_note(file)
    part = note.with_name(f".{note.name}.part")
    try:
        part.write_text(json.dumps(asdict(pin), indent=2), encoding="utf-8")
        os.replace(part, note)
    finally:
        part.unlink(missing_ok=True)
