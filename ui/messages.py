"""QGIS's message bar: the progress of a run with Cancel and Details, then how it ended."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFontMetrics
from qgis.PyQt.QtWidgets import QProgressBar, QPushButton, QWidget

from ..algorithms.text import tr
from .run_panel import time_left
from .state import DockModel, Notice, Outcome, Phase, Progress

_LEVELS = {
    Outcome.DONE: Qgis.MessageLevel.Success,
    Outcome.CANCELLED: Qgis.MessageLevel.Info,
    Outcome.FAILED: Qgis.MessageLevel.Critical,
}
# Icon, title, buttons and the count of further messages stand beside the words.
_OTHER_WIDTH, _LEAST_WIDTH = 380, 160
_SECONDS = {Outcome.DONE: 8, Outcome.CANCELLED: 5, Outcome.FAILED: 0}


class RunMessage(QObject):
    """Binds the message bar to the dock's model; the user may close any message."""

    cancel_wanted = pyqtSignal()
    details_wanted = pyqtSignal()

    def __init__(self, model: DockModel, bar: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._bar = bar
        self._item: QWidget | None = None
        self._last: QWidget | None = None
        self._progress: QProgressBar | None = None
        self._cancel: QPushButton | None = None
        bar.widgetRemoved.connect(self._on_removed)
        model.phase_changed.connect(self._on_phase)
        model.progress_changed.connect(self._on_progress)
        model.notice_changed.connect(self._on_notice)

    def close(self) -> None:
        """Take the message away and let go of the bar."""
        self._drop()
        self._bar.widgetRemoved.disconnect(self._on_removed)

    def _on_phase(self, phase: Phase) -> None:
        if phase in (Phase.RUNNING, Phase.SETTING_UP):
            self._push()
        elif phase is Phase.CANCELLING and self._cancel is not None:
            self._cancel.setEnabled(False)
        elif phase in (Phase.READY, Phase.SETUP_NEEDED):
            self._drop()

    def _push(self) -> None:
        self._drop()
        item = self._bar.createMessage("GeoFM", tr("Starting"))
        self._progress = QProgressBar()
        self._progress.setMaximumWidth(180)
        self._progress.setRange(0, 0)
        self._cancel = self._button(item, tr("Cancel"), self.cancel_wanted)
        details = self._button(item, tr("Details"), self.details_wanted)
        for widget in (self._progress, self._cancel, details):
            item.layout().addWidget(widget)
        self._item = item
        self._bar.pushWidget(item, Qgis.MessageLevel.Info, 0)

    def _button(self, item: QWidget, text: str, signal: Any) -> QPushButton:
        button = QPushButton(text, item)
        button.clicked.connect(signal)
        return button

    def _on_progress(self, progress: Progress) -> None:
        if self._item is None or self._progress is None:
            return
        words = [progress.stage or tr("Starting"), time_left(progress)]
        self._item.setText(", ".join(word for word in words if word))
        self._progress.setRange(0, 0 if progress.percent is None else 100)
        self._progress.setValue(round(progress.percent or 0.0))

    def _on_notice(self, notice: Notice) -> None:
        if notice.outcome is Outcome.NONE:
            return
        # One line; the whole of it, and the hint, are in the dock.
        room = max(_LEAST_WIDTH, self._bar.width() - _OTHER_WIDTH)
        words = QFontMetrics(self._bar.font()).elidedText(
            notice.sentence, Qt.TextElideMode.ElideRight, room
        )
        item = self._bar.createMessage("GeoFM", words)
        item.setToolTip(notice.sentence)
        item.layout().addWidget(self._button(item, tr("Details"), self.details_wanted))
        self._last = item
        self._bar.pushWidget(item, _LEVELS[notice.outcome], _SECONDS[notice.outcome])

    def _drop(self) -> None:
        """Take away the progress and how the run before ended: only the latest is news."""
        items = [item for item in (self._item, self._last) if item is not None]
        self._item = self._last = self._progress = self._cancel = None
        for item in items:
            self._bar.popWidget(item)

    def _on_removed(self, item: QWidget) -> None:
        if item is self._last:
            self._last = None
        if item is self._item:
            self._item = self._progress = self._cancel = None
