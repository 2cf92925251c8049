"""Work off the main thread: one Processing algorithm, or one call of plain Python."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsTask,
)
from qgis.PyQt.QtCore import pyqtSignal

from ..inference.errors import GeoFMError, Internal


class RunFeedback(QgsProcessingFeedback):
    """Feedback that tells a QObject on the main thread, by queued signals."""

    said = pyqtSignal(str)
    stage = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(False)

    def setProgressText(self, text: str) -> None:
        super().setProgressText(text)
        self.stage.emit(text)
        self.said.emit(text)

    def pushInfo(self, info: str) -> None:
        super().pushInfo(info)
        self.said.emit(info)

    def pushWarning(self, warning: str) -> None:
        super().pushWarning(warning)
        self.said.emit(warning)

    def pushDebugInfo(self, info: str) -> None:
        super().pushDebugInfo(info)
        self.said.emit(info)

    def pushCommandInfo(self, info: str) -> None:
        super().pushCommandInfo(info)
        self.said.emit(info)

    def pushConsoleInfo(self, info: str) -> None:
        super().pushConsoleInfo(info)
        self.said.emit(info)

    def reportError(self, error: str, fatalError: bool = False) -> None:
        super().reportError(error, fatalError)
        self.said.emit(error)


class AlgorithmTask(QgsTask):
    """Runs one algorithm as QgsProcessingAlgRunnerTask does, but keeps the algorithm.

    The algorithm holds what a dictionary of results cannot: the typed error and the engine's
    whole answer (:class:`geofm.algorithms.base.JobAlgorithm`).
    """

    ended = pyqtSignal(bool)

    def __init__(
        self,
        title: str,
        algorithm: QgsProcessingAlgorithm,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: RunFeedback,
    ) -> None:
        super().__init__(title, QgsTask.Flag.CanCancel)
        self.algorithm = algorithm
        self.results: dict[str, Any] = {}
        self.error = ""
        self._parameters = parameters
        self._context = context
        self._feedback = feedback
        feedback.progressChanged.connect(self.setProgress)
        # Layers are touched here, on the thread they live on.
        self._prepared = algorithm.prepare(parameters, context, feedback)

    def run(self) -> bool:
        if not self._prepared:
            return False
        try:
            self.results = self.algorithm.runPrepared(self._parameters, self._context, self._feedback)
        except QgsProcessingException as error:
            self.error = str(error)
            return False
        return not self._feedback.isCanceled()

    def cancel(self) -> None:
        self._feedback.cancel()
        super().cancel()

    def finished(self, successful: bool) -> None:
        """Back on the main thread."""
        if successful:
            self.results.update(self.algorithm.postProcess(self._context, self._feedback))
        self.ended.emit(successful)


class CallTask(QgsTask):
    """Runs a function that takes ``(report, is_cancelled)`` and may raise GeoFMError.

    ``report(stage, done, total, message)`` becomes the signal ``told``, on the main thread.
    """

    told = pyqtSignal(str, object, object, str)  # a C int ends at two billion bytes
    succeeded = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, title: str, work: Callable[..., Any]) -> None:
        super().__init__(title, QgsTask.Flag.CanCancel)
        self._work = work
        self._value: Any = None
        self._error: GeoFMError | None = None

    def run(self) -> bool:
        try:
            self._value = self._work(self._report, self.isCanceled)
        except GeoFMError as error:
            self._error = error
        # The task's thread is where a defect of the set-up would vanish without a word.
        except Exception as error:
            self._error = Internal(str(error) or type(error).__name__, detail=traceback.format_exc())
        return self._error is None

    def let_go(self, patience_ms: int) -> None:
        """End it and wait for its thread, before who asked for it goes; nobody here hears of it any more.

        QGIS does: were all signals of a task disconnected, its list of tasks would hold it for ever.
        """
        for signal in (self.told, self.succeeded, self.failed):
            if self.receivers(signal):
                signal.disconnect()
        self.cancel()
        self.waitForFinished(patience_ms)

    def _report(self, stage: str, done: int, total: int, message: str) -> None:
        # A cancelled task's signals are still wanted: they are the log of what was undone.
        self.told.emit(stage, done, total, message)

    def finished(self, successful: bool) -> None:
        """Back on the main thread."""
        if self._error is not None:
            self.failed.emit(self._error)
        else:
            self.succeeded.emit(self._value)
