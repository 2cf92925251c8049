"""Reading ahead and writing behind: nothing but the time changes, and every fault ends the run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from geofm.inference.engine.flow import AHEAD, Busy, Steps, flow
from geofm.inference.engine.grid import Window, blocks
from geofm.inference.errors import Cancelled

BLOCKS = list(blocks(Window(0, 0, 40, 30), 10))


def nap(seconds: float) -> Callable[[], None]:
    """Sleeps of random length, up to so many seconds."""
    rng = np.random.default_rng(0)
    return lambda: time.sleep(rng.uniform(0, seconds))


def quiet(block: Window) -> None:
    pass


def never() -> None:
    pass


@pytest.mark.parametrize("slow", ["read", "compute", "write", "none"])
def test_order_does_not_depend_on_who_is_slow(slow: str) -> None:
    written: list[tuple[Window, int]] = []
    finished: list[Window] = []
    pause = {name: nap(0.01 if name == slow else 0.0) for name in ("read", "compute", "write")}

    def read(block: Window) -> int:
        pause["read"]()
        return block.col

    def compute(block: Window, found: int) -> int:
        pause["compute"]()
        return found + block.row

    def write(block: Window, made: int) -> None:
        pause["write"]()
        written.append((block, made))

    flow(BLOCKS, Steps(read, compute, write), never, finished.append)
    assert written == [(block, block.col + block.row) for block in BLOCKS]
    assert finished == BLOCKS


def test_blocks_without_a_valid_pixel_are_neither_computed_nor_written() -> None:
    computed: list[Window] = []
    written: list[Window] = []
    finished: list[Window] = []
    steps = Steps(
        lambda block: block if block.row == 10 else None,
        lambda block, found: computed.append(block),
        lambda block, made: written.append(block),
    )
    flow(BLOCKS, steps, never, finished.append)
    assert computed == written == [block for block in BLOCKS if block.row == 10]
    assert finished == BLOCKS


def test_reading_and_writing_happen_beside_computing() -> None:
    pause = 0.03
    steps = Steps(
        lambda block: time.sleep(pause) or 1,
        lambda block, found: time.sleep(pause),
        lambda block, made: time.sleep(pause),
    )
    busy = flow(BLOCKS, steps, never, quiet)
    alone = pause * len(BLOCKS)
    assert min(busy.reading, busy.computing, busy.writing) >= alone
    assert busy.elapsed < 2 * alone


def test_queues_are_bounded() -> None:
    """However slow one step is, only a few blocks are in memory between it and the step before."""
    stages: dict[str, int] = {"read": 0, "computed": 0, "written": 0}
    most = {"before": 0, "after": 0}

    def read(block: Window) -> int:
        stages["read"] += 1
        most["before"] = max(most["before"], stages["read"] - stages["computed"])
        return 1

    def compute(block: Window, found: int) -> int:
        time.sleep(0.005)
        stages["computed"] += 1
        most["after"] = max(most["after"], stages["computed"] - stages["written"])
        return 1

    def write(block: Window, made: int) -> None:
        time.sleep(0.02)
        stages["written"] += 1

    flow(BLOCKS * 3, Steps(read, compute, write), never, quiet)
    assert AHEAD <= most["before"] <= AHEAD + 1
    assert AHEAD <= most["after"] <= AHEAD + 1


@pytest.mark.parametrize("step", ["read", "compute", "write"])
@pytest.mark.parametrize("number", [0, 5, 11])
def test_a_fault_in_any_step_is_raised_and_all_work_ends(step: str, number: int) -> None:
    before = threading.active_count()
    calls: list[str] = []

    def at(name: str, block: Window) -> int:
        calls.append(name)
        # TimeoutError, because waiting for an answer could mistake it for its own.
        if name == step and block == BLOCKS[number]:
            raise TimeoutError(f"{name} failed")
        return 1

    steps = Steps(
        lambda block: at("read", block),
        lambda block, found: at("compute", block),
        lambda block, made: at("write", block),
    )
    with pytest.raises(TimeoutError, match=f"{step} failed"):
        flow(BLOCKS, steps, never, quiet)
    seen = len(calls)
    time.sleep(0.05)
    assert len(calls) == seen
    assert threading.active_count() == before
    assert calls.count(step) <= number + 1 + AHEAD


@pytest.mark.parametrize("slow", ["read", "write"])
def test_cancel_is_answered_while_waiting(slow: str) -> None:
    start = time.perf_counter()

    def check() -> None:
        if time.perf_counter() - start > 0.2:
            raise Cancelled("Cancelled.")

    steps = Steps(
        lambda block: time.sleep(0.6 if slow == "read" else 0) or 1,
        lambda block, found: 1,
        lambda block, made: time.sleep(0.6 if slow == "write" else 0),
    )
    with pytest.raises(Cancelled):
        flow(BLOCKS, steps, check, quiet)
    # What a thread is at must end before the files are closed; nothing else is begun.
    assert time.perf_counter() - start < 1.0


def test_busy_says_shares() -> None:
    text = str(Busy(2.0, 0.5, 1.0, 0.1))
    assert text == "2.0 s, of which reading 25 %, computing 50 %, writing 5 %"
