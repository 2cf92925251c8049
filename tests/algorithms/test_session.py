"""Feedback hears of a run while it lasts, and a cancel reaches it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from geofm.algorithms import session
from geofm.inference.client import Progress
from geofm.inference.errors import Cancelled
from geofm.inference.jobs import Job, RasterRef, Result, Task

JOB = Job(Task.CLUSTER, (RasterRef("a.tif"),), "b.tif", model="spectral-texture", classes=3)
RESULT = Result({"OUTPUT": "b.tif"}, "spectral-texture", "cpu", "No GPU here.", 1000, 2.0, (), ("Beware.",))


class ScriptedRun:
    """Stands for a run of the client: says what it is told, ends when told or cancelled."""

    def __init__(self, told: list[Progress], on_progress: Any, patient: bool) -> None:
        self.cancels = 0
        self._ended = threading.Event()
        self._patient = patient
        self._thread = threading.Thread(target=self._speak, args=(told, on_progress))
        self._thread.start()

    def _speak(self, told: list[Progress], on_progress: Any) -> None:
        for progress in told:
            on_progress(progress)
            time.sleep(0.25)
        if not self._patient:
            self._ended.set()

    def wait(self, seconds: float) -> bool:
        return self._ended.wait(seconds)

    def cancel(self) -> None:
        self.cancels += 1
        self._ended.set()

    def job_result(self) -> Result:
        if self.cancels:
            raise Cancelled("The run was cancelled.")
        return RESULT


class ScriptedEngine:
    def __init__(self, told: list[Progress], patient: bool = False) -> None:
        self._told, self._patient = told, patient
        self.run: ScriptedRun

    def submit(self, job: Job, on_progress: Any) -> ScriptedRun:
        self.run = ScriptedRun(self._told, on_progress, self._patient)
        return self.run


def test_feedback_hears_stages_progress_and_the_end(
    qgis_app: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [
        Progress("load", 0, 1, "Galileo nano"), Progress("cluster", 5, 10),
        Progress("cluster", 9, 10, "", 3.0),
    ]
    monkeypatch.setattr(session, "engine", lambda: ScriptedEngine(told))
    monkeypatch.setattr(session, "_SAY_EVERY", 0.0)
    percents: list[float] = []
    log.progressChanged.connect(percents.append)
    assert session.run(JOB, log) is RESULT
    assert percents == [50.0, 90.0, 100.0]
    assert log.lines == [
        "Loading the model: Galileo nano",
        "Mapping",
        "About 3 s left.",
        "Beware.",
        "Model: spectral-texture",
        "Device: cpu. No GPU here.",
        "1,000 pixels in 2 s, 500 a second.",
    ]


def test_cancelling_the_feedback_cancels_the_run_once(
    qgis_app: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ScriptedEngine([], patient=True)
    monkeypatch.setattr(session, "engine", lambda: engine)
    threading.Timer(0.3, log.cancel).start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        session.run(JOB, log)
    assert time.monotonic() - start < 2
    assert engine.run.cancels == 1


def test_an_interrupted_script_cancels_the_run(
    qgis_app: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ScriptedEngine([], patient=True)
    monkeypatch.setattr(session, "engine", lambda: engine)

    def interrupt() -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(log, "isCanceled", interrupt)
    with pytest.raises(KeyboardInterrupt):
        session.run(JOB, log)
    assert engine.run.cancels == 1
