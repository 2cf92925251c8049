"""One file a task; each holds a function of the task's own name, from a run to its outcome."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ...jobs import Task
from ..run import Outcome, Run

_MODULES = {Task.TRAIN: "train"}


def task_function(task: Task) -> Callable[[Run], Outcome]:
    """The function of a task; only what this task needs is imported, so that the first run starts soon."""
    name = _MODULES.get(task, task.value)
    module = import_module(f".{name}", __package__)
    function: Callable[[Run], Outcome] = getattr(module, name)
    return function
