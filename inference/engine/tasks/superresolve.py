"""superresolve: a complete network draws the image with smaller pixels on the same ground."""

from __future__ import annotations

from ...jobs import Task
from ..run import Outcome, Run
from .surfaces import write_values


def superresolve(run: Run) -> Outcome:
    return write_values(run, Task.SUPERRESOLVE)
