"""Runs a request step by step in the background and keeps the dock's model up to date.

The model's connection to the world: widgets call :meth:`Runner.start` and :meth:`Runner.cancel`
and otherwise look at :class:`.state.DockModel` alone.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
)
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..algorithms.text import duration, tr
from ..inference.errors import GeoFMError, present
from ..inference.jobs import Result
from .history import Entry, History
from .report import facts_of, warnings_of
from .requests import Request, Step, located
from .results import add_results
from .settings import Settings
from .state import DockModel, Notice, Outcome, Phase, Progress
from .tasks import AlgorithmTask, RunFeedback
from .timing import TimeLeft, remember_speed

_CLOSE_WAIT_MS = 15_000


class Runner(QObject):
    """One run at a time. Lives on the main thread."""

    ended = pyqtSignal(object)

    def __init__(
        self,
        model: DockModel,
        history: History,
        settings: Settings,
        project: QgsProject,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._history = history
        self._settings = settings
        self._project = project
        self._run: _Run | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._on_tick)

    def start(self, request: Request) -> None:
        """Run a request; the model must be READY."""
        self._model.enter(Phase.RUNNING)
        self._run = _Run(request)
        self._tick.start()
        self._begin_step()

    def cancel(self) -> None:
        """Ask the run to stop; it ends soon after."""
        if self._run is None or self._model.phase is not Phase.RUNNING:
            return
        self._model.enter(Phase.CANCELLING)
        if self._run.task is not None:
            self._run.task.cancel()

    def close(self) -> None:
        """End the run, wait for its thread and forget it."""
        self._tick.stop()
        if self._run is not None and self._run.task is not None:
            task, self._run = self._run.task, None
            task.ended.disconnect(self._on_ended)
            task.cancel()
            task.waitForFinished(_CLOSE_WAIT_MS)

    def _begin_step(self) -> None:
        run = present(self._run)
        step = run.request.steps[run.at]
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(step.algorithm)
        if algorithm is None:
            sentence = tr("There is no algorithm {}.").format(step.algorithm)
            self._fail(sentence, tr("Enable the plugins Processing and GeoFM."))
            return
        context = QgsProcessingContext()
        context.setProject(self._project)
        context.setTransformContext(self._project.transformContext())
        feedback = RunFeedback()
        feedback.said.connect(self._on_said)
        feedback.stage.connect(self._on_stage)
        feedback.progressChanged.connect(self._on_progress)
        parameters = self._parameters(step, run)
        context.setFeedback(feedback)
        fits, sentence = algorithm.checkParameterValues(parameters, context)
        if fits:
            fits, sentence = algorithm.canExecute()
        if not fits:
            self._fail(sentence)
            return
        run.context, run.feedback = context, feedback
        self._model.log(f"{step.algorithm} {_plain(step.parameters)}")
        run.task = AlgorithmTask(run.request.title, algorithm, parameters, context, feedback)
        run.task.ended.connect(self._on_ended)
        QgsApplication.taskManager().addTask(run.task)

    def _parameters(self, step: Step, run: _Run) -> dict[str, Any]:
        """The step's parameters with layers found, earlier results put in and results marked to be loaded."""
        layers = run.request.layers
        values = {name: located(value, layers, self._project) for name, value in step.parameters.items()}
        for name, (at, output) in step.takes.items():
            values[name] = run.results[at][output]
        for name in step.outputs:
            if values.get(name):
                values[name] = QgsProcessingOutputLayerDefinition(values[name], self._project)
        return values

    def _on_said(self, line: str) -> None:
        self._model.log(line)

    def _on_stage(self, stage: str) -> None:
        if self._run is not None:
            self._run.stage = stage
            self._tell()

    def _on_progress(self, percent: float) -> None:
        if self._run is not None:
            self._run.progress(percent)
            self._tell()

    def _on_tick(self) -> None:
        if self._run is not None:
            self._tell()

    def _tell(self) -> None:
        self._model.set_progress(present(self._run).told())

    def _on_ended(self, successful: bool) -> None:
        run = present(self._run)
        if not successful:
            self._end_badly(run)
            return
        step = run.request.steps[run.at]
        task = present(run.task)
        run.results.append(task.results)
        answer = getattr(task.algorithm, "result", None)
        if isinstance(answer, Result):
            run.answers.append(answer)
        added = add_results(run.context, run.feedback, self._project, run.request.title, step.outputs)
        run.layers += len(added)
        if run.at + 1 < len(run.request.steps) and self._model.phase is Phase.RUNNING:
            run.at += 1
            run.percent = 0.0
            run.left = TimeLeft()
            self._begin_step()
        elif run.at + 1 < len(run.request.steps):
            self._end(Notice(Outcome.CANCELLED, tr("The run was cancelled.")))
        else:
            self._end_well(run)

    def _end_well(self, run: _Run) -> None:
        seconds = time.monotonic() - run.begun
        # Without the start of the engine, which says nothing of a larger image.
        worked = sum(answer.seconds for answer in run.answers)
        remember_speed(self._settings, run.request.speed_key, run.request.pixels, worked)
        report = next((str(r["REPORT"]) for r in run.results if r.get("REPORT")), "")
        sentence = tr("Done in {}: {}").format(duration(seconds), run.request.title)
        hint = "\n".join(warnings_of(run.answers))
        self._end(Notice(Outcome.DONE, sentence, hint, facts=facts_of(run.answers), report=report))

    def _end_badly(self, run: _Run) -> None:
        if self._model.phase is Phase.CANCELLING or run.feedback.isCanceled():
            sentence = tr("The run was cancelled. Run it again to go on where it was.")
            self._end(Notice(Outcome.CANCELLED, sentence))
            return
        task = present(run.task)
        failure = getattr(task.algorithm, "failure", None)
        if isinstance(failure, GeoFMError):
            self._fail(failure.message, failure.hint, failure.detail)
        else:
            self._fail(task.error or tr("The algorithm failed without a message."))

    def _fail(self, sentence: str, hint: str = "", detail: str = "") -> None:
        self._end(Notice(Outcome.FAILED, sentence, hint, detail))

    def _end(self, notice: Notice) -> None:
        run, self._run = self._run, None
        run = present(run)
        self._tick.stop()
        entry = Entry(
            request=run.request,
            outcome=notice.outcome,
            when=datetime.datetime.now().replace(microsecond=0).isoformat(),
            seconds=time.monotonic() - run.begun,
            results=_files(run.results[-1] if run.results else {}),
            sentence=notice.facts[0] if notice.facts else notice.sentence,
        )
        self._history.add(entry)
        self._model.enter(Phase.READY)
        self._model.set_notice(notice)
        self.ended.emit(entry)


class _Run:
    """The run under way."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.at = 0
        self.begun = time.monotonic()
        self.results: list[dict[str, Any]] = []
        self.answers: list[Result] = []
        self.layers = 0
        self.task: AlgorithmTask | None = None
        self.context: QgsProcessingContext
        self.feedback: RunFeedback
        self.stage = ""
        self.percent = 0.0
        self.left = TimeLeft()
        self._estimate: tuple[float, float] | None = None

    def progress(self, percent: float) -> None:
        now = time.monotonic()
        self.percent = percent
        seconds = self.left.update(now, percent)
        self._estimate = None if seconds is None else (now, seconds)

    def told(self) -> Progress:
        """The progress over all steps, each counting the same; time left of the present one."""
        count = len(self.request.steps)
        percent = (100.0 * self.at + self.percent) / count
        stage = self.stage
        if count > 1:
            stage = tr("Step {} of {}: {}").format(self.at + 1, count, self.stage).rstrip(": ")
        left = None
        if self._estimate is not None:
            at, seconds = self._estimate
            left = max(1.0, seconds - (time.monotonic() - at))
        return Progress(percent if percent > 0 else None, stage, left)


def _files(results: dict[str, Any]) -> dict[str, str]:
    names = (
        "OUTPUT", "CHANGED", "CONFIDENCE", "PROBABILITIES", "MASK",
        "NOVELTY", "POLYGONS", "TABLE", "REPORT", "JSON",
    )
    return {name: str(results[name]) for name in names if results.get(name)}


def _plain(parameters: Any) -> str:
    return " ".join(f"{name}={value}" for name, value in parameters.items())
