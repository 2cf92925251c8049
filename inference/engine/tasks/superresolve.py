"""superresolve: a complete network draws the image with smaller pixels on the same ground."""

from __future__ import annotations

from ...jobs import Task
from ..results.surfaces import write_values
from ..run import Outcome, Run


def superresolve(run: Run) -> Outcome:
    return write_values(run, Task.SUPERRESOLVE)
