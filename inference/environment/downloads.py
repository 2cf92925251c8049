"""What pip's lines say of how far it is, in bytes. Standard library alone."""

from __future__ import annotations

import os
import re

# pip 24.1 and later, asked for ``--progress-bar raw``.
_RAW = re.compile(r"Progress (\d+) of (\d+)$")
_FILE = re.compile(r"\s*(?P<how>Downloading|Using cached) (?P<name>\S+) \((?P<number>[\d.]+) (?P<unit>\w+)\)")
_LOCAL = re.compile(r"Processing (?P<path>.+?\.whl)(?: \(from .*)?$")
# pip counts in thousands.
_UNITS = {"bytes": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


class Downloads:
    """Adds up what pip fetched, from its lines.

    Attributes:
        file: the package at hand; empty before the first.
        over: whether pip has everything and installs it now.
    """

    def __init__(self) -> None:
        self.file = ""
        self.over = False
        self._before = 0
        self._now = 0
        self._size = 0

    @property
    def done(self) -> int:
        """Bytes so far. Without lines of progress a file counts when the next begins."""
        return self._before + self._now

    def hear(self, line: str) -> bool:
        """Take a line of pip in; whether it said something of the progress."""
        raw, file, local = _RAW.match(line), _FILE.match(line), _LOCAL.match(line)
        if raw:
            self._now, self._size = int(raw.group(1)), int(raw.group(2))
        elif file and not file.group("name").endswith(".metadata"):
            size = int(float(file.group("number")) * _UNITS.get(file.group("unit"), 1))
            self._begin(file.group("name"), size, there=file.group("how") == "Using cached")
        elif local and os.path.isfile(local.group("path")):
            path = local.group("path")
            self._begin(os.path.basename(path), os.path.getsize(path), there=True)
        elif line.startswith("Installing collected packages"):
            self._begin("", 0, there=True)
            self.over = True
        else:
            return False
        return True

    def _begin(self, name: str, size: int, there: bool) -> None:
        self._before += max(self._now, self._size)
        self._now, self._size = (size if there else 0), size
        self.file = name.split("-")[0]
