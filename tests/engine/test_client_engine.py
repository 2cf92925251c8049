"""Client and engine over the real pipe, in real processes: start, answer, cancel, crash, end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geofm.inference import client, protocol
from geofm.inference.client import Engine, EngineSettings, Progress
from geofm.inference.errors import Cancelled, Crashed, InvalidRequest, ModelMissing
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.places import runs_folder
from geofm.inference.process import ending_in_words

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("models.verify", {"model": "spectral-texture"})

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; only its parent has not looked yet.
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def _eventually(true: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return true()


@pytest.fixture
def engine(engine_python: Path, scratch_home: Path) -> Iterator[Engine]:
    with Engine(EngineSettings(python=str(engine_python), cancel_grace=2.0)) as engine:
        yield engine


# --- an ordinary life -------------------------------------------------------------------------


def test_it_starts_with_the_first_call_and_stays(engine: Engine) -> None:
    assert engine.pid is None
    assert engine.call(*QUICK).result(60) == {"model": "spectral-texture", "verified": 0}
    first = engine.pid
    assert first is not None
    engine.call(*QUICK).result(60)
    assert engine.pid == first
    engine.close()
    assert engine.pid is None
    assert not _alive(first)
    engine.call(*QUICK).result(60)
    assert engine.pid not in (None, first)


def test_doctor_names_what_is_installed(engine: Engine) -> None:
    facts = engine.call("doctor").result(120)
    assert facts["problems"] == []
    assert facts["packages"]["torch"]
    assert facts["gdal"].startswith("3.")
    assert facts["devices"]["chosen"]
    assert facts["devices"]["reason"].endswith(".")
    assert {"galileo-nano", "spectral-texture"} <= {model["id"] for model in facts["models"]}
    assert facts["free_disk"] > 0


def test_errors_arrive_as_their_class(engine: Engine) -> None:
    with pytest.raises(ModelMissing, match="no-such-model") as caught:
        engine.call("models.verify", {"model": "no-such-model"}).result(60)
    assert "models list" in caught.value.hint
    for params in ({}, {"model": 5}, {"model": "spectral-texture", "more": 1}):
        with pytest.raises(InvalidRequest):
            engine.call("models.verify", params).result(60)
    with pytest.raises(InvalidRequest, match="task"):
        engine.call("run", {"job": {"inputs": []}}).result(60)
    with pytest.raises(InvalidRequest, match="no method"):
        engine.call("format.disk").result(60)


def test_many_threads_share_one_engine(engine: Engine) -> None:
    answers: list[Any] = []

    def ask() -> None:
        answers.extend(engine.call(*QUICK).result(120) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    pid = engine.pid
    for thread in threads:
        thread.join()
    assert len(answers) == 40
    assert engine.pid == pid or pid is None


def test_a_call_too_large_is_refused_before_it_is_sent(engine: Engine) -> None:
    with pytest.raises(InvalidRequest, match="longer than"):
        engine.call("models.verify", {"model": "x" * protocol.LINE_LIMIT})
    with pytest.raises(InvalidRequest, match="JSON"):
        engine.call("models.verify", {"model": float("nan")})
    engine.call(*QUICK).result(60)


def test_a_long_call_reports_progress(engine: Engine, slow_model: Any) -> None:
    slow_model.pause = 0.002
    seen: list[Progress] = []
    answer = engine.call("models.fetch", {"model": slow_model.id}, seen.append).result(120)
    assert Path(answer["files"][0]).stat().st_size == seen[-1].total
    assert seen[-1].fraction == 1.0
    assert [p.done for p in seen] == sorted(p.done for p in seen)


def test_a_faulty_progress_callback_harms_nobody(engine: Engine, slow_model: Any) -> None:
    slow_model.pause = 0.002

    def faulty(progress: Progress) -> None:
        raise RuntimeError("the caller's fault")

    assert engine.call("models.fetch", {"model": slow_model.id}, faulty).result(120)
    engine.call(*QUICK).result(60)


def test_a_result_can_be_waited_for_in_steps(engine: Engine, slow_model: Any) -> None:
    run = engine.call("models.fetch", {"model": slow_model.id})
    assert not run.wait(0.05)
    with pytest.raises(TimeoutError):
        run.result(0.05)
    assert not run.done()
    run.cancel()
    assert run.wait(5)
    assert run.done()


# --- cancel -----------------------------------------------------------------------------------


def test_cancel_answers_within_a_second_and_keeps_the_engine(engine: Engine, slow_model: Any) -> None:
    run = engine.call("models.fetch", {"model": slow_model.id})
    assert slow_model.started.wait(60)
    pid, start = engine.pid, time.monotonic()
    run.cancel()
    run.cancel()
    with pytest.raises(Cancelled):
        run.result(10)
    assert time.monotonic() - start < 1.0
    engine.call(*QUICK).result(60)
    assert engine.pid == pid
    run.cancel()


def test_calls_wait_their_turn_and_a_waiting_one_is_cancelled_at_once(
    engine: Engine, slow_model: Any
) -> None:
    running = engine.call("models.fetch", {"model": slow_model.id})
    waiting, last = engine.call(*QUICK), engine.call(*QUICK)
    assert slow_model.started.wait(60)
    assert not waiting.wait(0.3)
    waiting.cancel()
    with pytest.raises(Cancelled):
        waiting.result(1)
    assert not running.done()
    assert not last.done()
    running.cancel()
    assert last.result(10)["model"] == "spectral-texture"


@posix_only
def test_an_engine_that_does_not_answer_to_cancel_is_killed(engine: Engine, slow_model: Any) -> None:
    run = engine.call("models.fetch", {"model": slow_model.id})
    assert slow_model.started.wait(60)
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    start = time.monotonic()
    run.cancel()
    with pytest.raises(Cancelled):
        run.result(10)
    assert 1.5 < time.monotonic() - start < 6
    assert not _alive(pid)
    engine.call(*QUICK).result(60)


# --- crash ------------------------------------------------------------------------------------


@posix_only
def test_a_killed_engine_ends_its_calls_and_the_next_call_starts_another(
    engine: Engine, slow_model: Any, tmp_path: Path
) -> None:
    output, others = tmp_path / "map [1].tif", [tmp_path / ".map.tif.part", tmp_path / "map [1].tif.part"]
    ends = ("tif.part", "tif.part.tif.aux.xml", "tif.whole.tif", "part.gpkg", "part-mask.tif")
    left = [tmp_path / f".map [1].{end}" for end in ends]
    left += [tmp_path / "..map [1].part-mask.tif.part.tif", tmp_path / ".map [1].tif.job.json.part"]
    for path in (*left, *others):
        path.write_bytes(b"half")
    run = engine.call("models.fetch", {"model": slow_model.id}, outputs=[str(output)])
    queued = engine.call(*QUICK)
    assert slow_model.started.wait(60)
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Crashed) as caught:
        run.result(10)
    assert "killed" in caught.value.message
    assert "SIGKILL" in caught.value.message
    assert "Run it again" in caught.value.hint
    assert "Engine 0." in caught.value.detail
    assert str(pid) in caught.value.detail
    with pytest.raises(Crashed):
        queued.result(10)
    assert [path for path in left if path.exists()] == []
    assert all(path.exists() for path in others)
    engine.call(*QUICK).result(60)
    assert engine.pid != pid


@posix_only
def test_an_idle_engine_that_was_killed_is_not_noticed_by_the_user(engine: Engine) -> None:
    engine.call(*QUICK).result(60)
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert _eventually(lambda: engine.pid is None, 5)
    engine.call(*QUICK).result(60)


# --- a real job -------------------------------------------------------------------------------


@pytest.fixture
def large_raster(tmp_path: Path) -> Path:
    """960 x 960 pixels of four bands: seconds of work, in blocks."""
    import numpy as np
    import rasterio
    from rasterio.transform import from_origin

    path = tmp_path / "large.tif"
    pixels = np.random.default_rng(1).uniform(0.02, 0.5, (4, 960, 960)).astype("float32")
    profile = {"driver": "GTiff", "width": 960, "height": 960, "count": 4, "dtype": "float32"}
    place = {"crs": "EPSG:32633", "transform": from_origin(500000, 5000000, 10, 10)}
    with rasterio.open(path, "w", **profile, **place) as raster:
        raster.write(pixels)
    return path


class _UnderWay:
    """A real job that has written its first blocks."""

    def __init__(self, engine: Engine, raster: Path) -> None:
        self.folder = raster.parent / "results"
        self.folder.mkdir()
        self.job = Job(
            Task.EMBED, (RasterRef(str(raster)),), str(self.folder / "features.tif"), model="spectral-texture"
        )
        writing = threading.Event()

        def heard(progress: Progress) -> None:
            if progress.stage == "embed" and progress.done:
                writing.set()

        self.run = engine.submit(self.job, heard)
        assert writing.wait(120)
        assert any(runs_folder().glob("*/journal"))
        assert not self.run.done()

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@posix_only
def test_a_job_whose_engine_was_killed_leaves_nothing_and_can_be_run_again(
    engine: Engine, large_raster: Path
) -> None:
    under_way = _UnderWay(engine, large_raster)
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Crashed, match="SIGKILL"):
        under_way.run.result(10)
    assert under_way.left() == []
    result = engine.submit(under_way.job).job_result(200)
    assert result.pixels == 960 * 960
    assert under_way.left() == ["features.tif", "features.tif.job.json"]


def test_a_cancelled_job_ends_within_a_second_and_leaves_nothing(engine: Engine, large_raster: Path) -> None:
    under_way = _UnderWay(engine, large_raster)
    pid, start = engine.pid, time.monotonic()
    under_way.run.cancel()
    with pytest.raises(Cancelled):
        under_way.run.result(10)
    assert time.monotonic() - start < 1.5
    assert under_way.left() == []
    engine.call(*QUICK).result(60)
    assert engine.pid == pid


def test_an_interpreter_that_is_none_is_a_crash_with_a_reason(scratch_home: Path) -> None:
    with pytest.raises(Crashed, match="could not be started"):
        Engine(EngineSettings(python=str(scratch_home / "nothing"))).call("doctor")


@posix_only
def test_an_engine_that_cannot_load_shows_its_last_words(scratch_home: Path) -> None:
    fake = scratch_home / "python"
    fake.write_text("#!/bin/sh\necho 'libsomething.so: cannot open' >&2\nexit 3\n", encoding="utf-8")
    fake.chmod(0o755)
    with pytest.raises(Crashed, match="code 3") as caught:
        Engine(EngineSettings(python=str(fake))).call("doctor").result(20)
    assert "cannot open" in caught.value.detail
    assert "doctor" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-11, "SIGSEGV"),
        (-9, "killed from outside"),
        (-199, "signal 199"),
        (0xC0000005, "access violation"),
        (-1073741819 & 0xFFFFFFFF, "0xC0000005"),
        (1, "code 1"),
    ],
)
def test_every_ending_has_words(code: int, words: str) -> None:
    message, hint = ending_in_words(code)
    assert words in message
    assert hint


# --- the end of the parent --------------------------------------------------------------------

PARENT = """
import importlib.util, sys, time
root, python, ask, how = sys.argv[1:]
spec = importlib.util.spec_from_file_location(
    "geofm", root + "/__init__.py", submodule_search_locations=[root]
)
sys.modules["geofm"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from geofm.inference.client import EngineSettings, shared_engine
engine = shared_engine(EngineSettings(python=python))
engine.call("models.verify", {"model": "spectral-texture"}).result(60)
if ask:
    engine.call("models.fetch", {"model": ask})
print(engine.pid, flush=True)
if how == "stay":
    time.sleep(600)
"""


def _parent(python: Path, ask: str, how: str) -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(ROOT), str(python), ask, how], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


@posix_only
@pytest.mark.parametrize("busy", [False, True])
def test_it_does_not_outlive_a_killed_parent(engine_python: Path, slow_model: Any, busy: bool) -> None:
    parent, pid = _parent(engine_python, slow_model.id if busy else "", "stay")
    if busy:
        assert slow_model.started.wait(60)
    assert _alive(pid)
    parent.kill()
    parent.wait()
    assert _eventually(lambda: not _alive(pid), 8)


@posix_only
def test_a_python_that_ends_takes_its_engine_along(engine_python: Path, slow_model: Any) -> None:
    parent, pid = _parent(engine_python, slow_model.id, "end")
    assert parent.wait(30) == 0
    assert _eventually(lambda: not _alive(pid), 8)


def test_there_is_one_shared_engine(scratch_home: Path) -> None:
    client.close_shared_engine()
    first = client.shared_engine()
    assert client.shared_engine() is first
    other = client.shared_engine(EngineSettings(environment={"GEOFM_DEVICE": "cpu"}))
    assert other is not first
    assert client.shared_engine() is other
    client.close_shared_engine()
    assert client.shared_engine() is not other
    client.close_shared_engine()
