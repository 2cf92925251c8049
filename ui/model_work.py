"""What is done to a model's files: download, verify, remove; it goes on while nobody looks."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..algorithms.text import tr
from ..inference.catalog import Card
from ..inference.errors import Cancelled, GeoFMError
from .engine_calls import on_engine
from .tasks import CallTask

_PATIENCE_MS = 15_000


class ModelWork(QObject):
    """One model's work, or how the last one ended.

    Attributes:
        card: the model.
        done, total: how far it is, in bytes or pieces; a total of 0 is unknown.
        message: how the last work ended, empty if there is nothing to say.
    """

    changed = pyqtSignal()
    ended = pyqtSignal()

    def __init__(self, card: Card, key: str, parent: QObject) -> None:
        super().__init__(parent)
        self.card = card
        self.done = self.total = 0
        self.message = ""
        self._key = key
        self._task: CallTask | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being done to this model."""
        return self._task is not None

    @property
    def percent(self) -> int | None:
        """How much of it is done, None while that is unknown."""
        return 100 * self.done // self.total if self.total > 0 else None

    def download(self) -> None:
        self._begin("models.fetch", tr("Downloaded and verified."))

    def verify(self) -> None:
        self._begin("models.verify", tr("Every file matches its digest."))

    def remove(self) -> None:
        self._begin("models.remove", tr("Removed."))

    def cancel(self) -> None:
        """Stop; what came of a download is continued next time."""
        if self._task is not None:
            self._task.cancel()

    def close(self) -> None:
        """Stop and wait for the thread, before the dock goes."""
        if self._task is not None:
            task, self._task = self._task, None
            task.let_go(_PATIENCE_MS)

    def _begin(self, method: str, done: str) -> None:
        if self._task is not None:
            return
        self.done, self.total, self.message = 0, 0, ""
        self._task = CallTask(f"{method} {self.card.id}", on_engine(method, {"model": self._key}))
        self._task.told.connect(self._on_told)
        self._task.succeeded.connect(lambda _: self._end(done))
        self._task.failed.connect(self._on_failed)
        QgsApplication.taskManager().addTask(self._task)
        self.changed.emit()

    def _on_told(self, stage: str, done: int, total: int, message: str) -> None:
        self.done, self.total = done, total
        self.changed.emit()

    def _on_failed(self, error: GeoFMError) -> None:
        self._end(tr("Stopped.") if isinstance(error, Cancelled) else str(error))

    def _end(self, message: str) -> None:
        self._task, self.message = None, message
        self.changed.emit()
        self.ended.emit()
