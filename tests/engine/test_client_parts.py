"""Small parts of client and engine: progress, errors, the time left, the log."""

from __future__ import annotations

import io
import itertools
import json
import time
from pathlib import Path

import pytest

from geofm.inference.client import Pace
from geofm.inference.errors import ModelMissing
from geofm.inference.places import engine_log_path
from geofm.inference.process import EngineLog


def test_progress_is_throttled_and_the_last_word_is_kept() -> None:
    from geofm.inference.engine.worker import Reporter, Wire

    stream = io.BytesIO()
    reporter = Reporter(Wire(stream, lambda: None), 1)
    start = time.monotonic()
    for done in itertools.count(1):
        reporter("map", done, 0, "")
        if time.monotonic() - start > 0.55:
            break
    reporter.close()
    reporter("map", -1, 0, "")
    sent = [json.loads(line)["params"]["done"] for line in stream.getvalue().splitlines()]
    assert sent[-1] == done
    assert 4 <= len(sent) <= 8
    assert done > 100


def test_a_held_back_message_is_sent_soon_even_if_no_other_follows() -> None:
    from geofm.inference.engine.worker import Reporter, Wire

    stream = io.BytesIO()
    reporter = Reporter(Wire(stream, lambda: None), 1)
    reporter("load", 0, 1, "")
    reporter("map", 0, 9, "")
    end = time.monotonic() + 1
    while b'"map"' not in stream.getvalue():
        assert time.monotonic() < end
        time.sleep(0.01)
    reporter.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), "out_of_memory"),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate"),
            "out_of_memory",
        ),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "out_of_memory"),
        (ZeroDivisionError("x"), "internal"),
        (SystemExit(3), "internal"),
        (ModelMissing("gone"), "model_missing"),
    ],
)
def test_every_exception_becomes_one_of_ours(error: BaseException, kind: str) -> None:
    from geofm.inference.engine.worker import typed

    ours = typed(error)
    assert ours.kind == kind
    if kind == "internal":
        assert type(error).__name__ in ours.message
        assert type(error).__name__ in ours.detail


def test_an_answer_that_cannot_be_sent_is_an_error() -> None:
    from geofm.inference.engine.worker import Wire

    for result, kind in (({"x": float("nan")}, "internal"), ({"x": "y" * (2 << 20)}, "invalid_request")):
        stream = io.BytesIO()
        Wire(stream, lambda: None).answer(4, result)
        message = json.loads(stream.getvalue())
        assert message["id"] == 4
        assert message["error"]["data"]["kind"] == kind


def test_the_time_left_follows_the_pace_of_the_stage() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.seconds_left("map", 0, 100) is None
    now = 10.0
    assert pace.seconds_left("map", 20, 100) == pytest.approx(40.0)
    now = 20.0
    assert pace.seconds_left("map", 80, 100) == pytest.approx(5.0)
    assert pace.seconds_left("polygons", 0, 10) is None
    assert pace.seconds_left("unknown", 3, 0) is None
    now = 30.0
    assert pace.seconds_left("unknown", 5, 0) is None


def test_the_log_is_moved_aside_when_it_is_large(scratch_home: Path) -> None:
    path = engine_log_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    for number in range(5):
        path.write_bytes(bytes([65 + number]) * (2 << 20))
        log = EngineLog(path)
        log.stream.write(f"run {number}\n".encode())
        log.stream.close()
        assert log.tail() == f"run {number}"
    kept = sorted(file.name for file in path.parent.iterdir() if file.name.startswith(path.name))
    assert kept == [path.name, *(f"{path.name}.{n}" for n in (1, 2, 3))]


def test_a_data_folder_that_cannot_be_written_still_gives_a_log(scratch_home: Path) -> None:
    blocked = scratch_home / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    log = EngineLog(blocked / "engine.log")
    log.stream.write(b"last words\n")
    log.stream.close()
    assert log.tail() == "last words"
    log.path.unlink()
