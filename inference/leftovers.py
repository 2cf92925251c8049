"""What an engine that dies in the middle of a run leaves beside the results, and how it goes."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

_log = logging.getLogger(__name__)


class Leftovers:
    """The files of a run's results as they stand before it.

    Args:
        outputs: paths of the results.
    """

    def __init__(self, outputs: Iterable[str]) -> None:
        self._outputs = tuple(outputs)
        names = (f"{output}{end}" for output in self._outputs for end in ("", ".aux.xml", ".job.json"))
        self._standing = {path: _stamp(path) for path in names}

    def remove(self) -> None:
        """Remove temporary files, and the finished results of the unfinished run."""
        try:
            for output in map(Path, self._outputs):
                beside = output.parent.iterdir() if output.parent.is_dir() else ()
                for left in [path for path in beside if _is_temporary(path.name, output)]:
                    left.unlink()
            for path, before in self._standing.items():
                if _stamp(path) not in (None, before):
                    os.unlink(path)
        except OSError as error:
            _log.warning("A partial file could not be removed: %s", error)


def _stamp(path: str) -> int | None:
    return os.stat(path).st_mtime_ns if os.path.exists(path) else None


def _is_temporary(name: str, output: Path) -> bool:
    """Whether a file of this name is what the engine writes before ``output`` is complete.

    The engine's writers name their unfinished files so, each in its own way.
    """
    starts = (
        f".{output.name}.part",
        f".{output.name}.job.json.part",
        f".{output.name}.whole.",
        f".{output.stem}.part.",
        f".{output.stem}.part-",
        f"..{output.stem}.part-",  # the unfinished file of an intermediate one
    )
    return name.startswith(starts)
