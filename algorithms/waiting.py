"""A script waits for the engine: it hears of progress in its own thread, and may change its mind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ..inference.client import Progress
from ..inference.errors import Cancelled
from . import session
from .calls import Options
from .text import tr

Told = Callable[[Progress], None]
_Answer = TypeVar("_Answer")
_LOOK_EVERY = 0.1


def waited(work: Callable[[Told], _Answer], options: Options, cancel: Callable[[], None]) -> _Answer:
    """What a blocking call answers.

    Args:
        work: the call, done on a thread of its own; it is given what to tell progress to.
        options: ``progress`` and ``cancelled`` are called from the thread that waits.
        cancel: ends the call from another thread.

    Raises:
        Cancelled: as the options say.
        BaseException: what the call raised.
    """
    if options.cancelled is not None and options.cancelled():
        raise Cancelled(tr("The run was cancelled."))
    answers: list[_Answer] = []
    failures: list[BaseException] = []
    heard: list[Progress] = []

    def call() -> None:
        try:
            answers.append(work(heard.append))
        # Whatever it is, it is raised again in the thread that waits for it.
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_LOOK_EVERY)
            _look(options, heard, cancel)
    except BaseException:
        cancel()
        raise
    if failures:
        raise failures[0]
    return answers[0]


def _look(options: Options, heard: list[Progress], cancel: Callable[[], None]) -> None:
    if options.progress is not None and heard:
        latest = heard[-1]
        del heard[:]
        options.progress(100.0 * latest.fraction, session.stage_title(latest.stage))
    if options.cancelled is not None and options.cancelled():
        cancel()
