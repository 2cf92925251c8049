"""regress: a complete network reads the image and gives numbers for each pixel: heights, yields, shares."""

from __future__ import annotations

from ...jobs import Task
from ..run import Outcome, Run
from .surfaces import write_values


def regress(run: Run) -> Outcome:
    return write_values(run, Task.REGRESS)
