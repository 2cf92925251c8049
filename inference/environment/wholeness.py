"""Whether every file of an environment is as its package brought it. Standard library alone."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import Cancelled
from .folders import PACKAGES

_CHUNK = 1 << 20


def damaged(
    environment: Path, told: Callable[[int, int], None], cancelled: Callable[[], bool] = lambda: False
) -> list[str]:
    """What is missing or changed, a sentence for each package; empty if all is whole.

    Read from the lists that installers leave (RECORD, see the packaging specification "Recording installed
    projects"): every file with its size and SHA-256.

    Args:
        environment: the folder of the environment.
        told: called with bytes looked at and bytes altogether.
        cancelled: asked between files and within large ones.

    Raises:
        Cancelled: when asked to stop.
    """
    records = sorted(folder for place in PACKAGES for folder in environment.glob(f"{place}/*.dist-info"))
    if not records:
        return ["The environment holds no packages."]
    rows = {folder: list(_rows(folder)) for folder in records}
    total = sum(size for listed in rows.values() for _, _, size in listed)
    done, faults = 0, []
    for folder, listed in rows.items():
        name = folder.name.split("-")[0]
        if not listed:
            faults.append(f"The package {name} was not installed to its end.")
        for path, digest, size in listed:
            fault = _fault(path, digest, size, cancelled)
            done += size
            told(done, total)
            if fault:
                faults.append(f"Of the package {name} the file {path.name} {fault}.")
                break
    return faults


def _rows(folder: Path) -> Iterator[tuple[Path, str, int]]:
    """Path, digest and size of a package's files that have them: bytecode has none.

    Programs that lie elsewhere are left out: nobody starts them, and they hold the environment's own path.
    """
    record = folder / "RECORD"
    if not record.is_file():
        return
    with record.open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            inside = len(row) == 3 and not row[0].startswith(("..", "/"))
            if inside and row[1].startswith("sha256=") and row[2].isdigit():
                yield folder.parent / row[0], row[1][len("sha256=") :], int(row[2])


def _fault(path: Path, digest: str, size: int, cancelled: Callable[[], bool]) -> str:
    found = hashlib.sha256()
    try:
        if path.stat().st_size != size:
            return "has another size"
        with path.open("rb") as stream:
            while True:
                if cancelled():
                    raise Cancelled("The set-up was cancelled.")
                chunk = stream.read(_CHUNK)
                if not chunk:
                    break
                found.update(chunk)
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    same = base64.urlsafe_b64encode(found.digest()).decode("ascii").rstrip("=") == digest
    return "" if same else "was changed"
