"""Blocks on their way through a run: read ahead on one thread, computed here, written on another.

All computing is done on the caller's thread and in the order of the blocks, and so is all writing
on its own thread: what comes out does not depend on which thread was faster. A dataset is used by
one thread at a time, those read from by the reader's, those written to by the writer's.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from .grid import Window

# Blocks read but not yet computed, and computed but not yet written: enough to keep all three at work;
# more would cost memory, and the more the longer a run lasts, as slow moments coincide.
AHEAD = 1
# Seconds between two looks at whether the run was cancelled.
_PATIENCE = 0.1

Read = TypeVar("Read")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Steps(Generic[Read, Made]):
    """What is done with a block.

    Attributes:
        read: fetches what a block needs; None where it has no valid pixel, and then the block is
            neither computed nor written.
        compute: makes the block's result.
        write: puts the result where it belongs.
        kept: told, in place of all three, of a block whose result an earlier run left; for what a
            task gathers while it computes. Runs where ``compute`` does, and in its order.
    """

    read: Callable[[Window], Read | None]
    compute: Callable[[Window, Read], Made]
    write: Callable[[Window, Made], None]
    kept: Callable[[Window], None] = lambda block: None


@dataclass(frozen=True)
class Busy:
    """Seconds that a flow took, and that each of its three parts was at work."""

    elapsed: float
    reading: float
    computing: float
    writing: float

    def __str__(self) -> str:
        whole = max(self.elapsed, 1e-9) / 100
        return (
            f"{self.elapsed:.1f} s, of which reading {self.reading / whole:.0f} %, "
            f"computing {self.computing / whole:.0f} %, writing {self.writing / whole:.0f} %"
        )


def flow(
    todo: Iterable[Window],
    steps: Steps[Read, Made],
    check: Callable[[], None],
    finished: Callable[[Window], None],
) -> Busy:
    """Take every block through its steps.

    Args:
        todo: the blocks, in the order in which they are computed and written.
        check: raises if the run was cancelled; asked at least ten times a second while this waits.
        finished: told of each block that is computed or was skipped.

    Raises:
        whatever a step raises. No step is at work any more when this returns or raises.
    """
    start = time.perf_counter()
    computing = 0.0
    blocks = iter(todo)
    with _Hand("reader", check) as reader, _Hand("writer", check) as writer:
        ahead: deque[Window] = deque()

        def order(count: int) -> None:
            for block in islice(blocks, count):
                ahead.append(block)
                reader.give(steps.read, block)

        order(AHEAD)
        while ahead:
            block, found = ahead.popleft(), reader.take()
            order(1)
            if found is not None:
                began = time.perf_counter()
                made = steps.compute(block, found)
                computing += time.perf_counter() - began
                while len(writer) >= AHEAD:
                    writer.take()
                writer.give(steps.write, block, made)
            finished(block)
        while len(writer):
            writer.take()
    return Busy(time.perf_counter() - start, reader.busy, computing, writer.busy)


class _Hand(AbstractContextManager["_Hand"]):
    """A thread that does what it is given, one thing after the other.

    Attributes:
        busy: seconds that it was at work.
    """

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self._pool = ThreadPoolExecutor(1, name)
        self._check = check
        self._given: deque[Future[Any]] = deque()
        self.busy = 0.0

    def __len__(self) -> int:
        """How many answers were not taken yet."""
        return len(self._given)

    def give(self, work: Callable[..., Any], *details: Any) -> None:
        self._given.append(self._pool.submit(self._do, work, *details))

    def take(self) -> Any:
        """The answer to what was given first, or its exception."""
        future = self._given.popleft()
        answer_after(future, self._check)
        return future.result()

    def __exit__(self, *unused: object) -> None:
        # What it is at must end before the files are closed; what it has not begun is dropped.
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _do(self, work: Callable[..., Any], *details: Any) -> Any:
        began = time.perf_counter()
        try:
            return work(*details)
        finally:
            self.busy += time.perf_counter() - began


class Aside(AbstractContextManager["Aside"]):
    """A thread for single steps that take long, so that the run may be cancelled meanwhile.

    The step itself cannot be told to stop: in a cancelled run it ends by itself, and nobody waits. So it
    must not use what the run closes.

    Attributes:
        last: the step that was given last.
    """

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self._pool = ThreadPoolExecutor(1, name)
        self._check = check
        self.last: Future[Any] | None = None

    def __call__(self, work: Callable[..., Made], *details: Any) -> Made:
        """The answer to the step, or its exception; or that of ``check``, asked ten times a second."""
        self.last = future = self._pool.submit(work, *details)
        answer_after(future, self._check)
        return future.result()

    def __exit__(self, *unused: object) -> None:
        self._pool.shutdown(wait=False)


def answer_after(future: Future[Any], check: Callable[[], None]) -> None:
    """Wait until a future is done, asking ``check`` all the while."""
    check()
    while not wait([future], _PATIENCE).done:
        check()
