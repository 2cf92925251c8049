"""Below the pages, the same on each: device, Run, progress, Cancel, and what came of it."""

from __future__ import annotations

from qgis.PyQt.QtCore import QSize, Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices, QFontDatabase
from qgis.PyQt.QtWidgets import (
    QApplication,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from ..algorithms.text import duration, tr
from .desk import Desk
from .device_choice import DeviceChoice
from .state import Notice, Outcome, Phase, Progress
from .widgets import Card, ElidedLabel, WrapLabel, column, muted, quiet_button, row

_LOG_HEIGHT_LINES = 9
_MARKS = {
    Outcome.DONE: "dock-ok",
    Outcome.CANCELLED: "dock-stopped",
    Outcome.FAILED: "dock-error",
}


class RunPanel(QWidget):
    """Binds to the model's phase, progress, notice and log."""

    run_wanted = pyqtSignal()
    cancel_wanted = pyqtSignal()
    engine_wanted = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._problem = ""
        self._build_run()
        self._build_progress()
        self.notice = NoticeCard(desk)
        self.hint = muted()
        layout = column(self)
        layout.addLayout(self._run_row)
        layout.addWidget(self.hint)
        layout.addWidget(self._progress)
        layout.addWidget(self.notice)
        desk.model.phase_changed.connect(self._bind)
        desk.model.progress_changed.connect(self._show_progress)
        self._bind()

    def _build_run(self) -> None:
        self.device = DeviceChoice(self._desk.settings)
        self.run = QPushButton(tr("Run"))
        self.run.setProperty("geofm", "primary")
        self.run.setToolTip(tr("Run (Ctrl+Enter)"))
        self._desk.theme.bind(self.run, "run")
        self.run.clicked.connect(self.run_wanted)
        self.engine = quiet_button(
            self._desk.theme, "dock-setup", tr("The engine: its state, update, repair, remove")
        )
        self.engine.setCheckable(True)
        self.engine.clicked.connect(self.engine_wanted)
        self._run_row = row()
        self._run_row.addWidget(self.engine)
        self._run_row.addWidget(self.device, 2)
        self._run_row.addWidget(self.run, 3)

    def _build_progress(self) -> None:
        self._progress = QWidget()
        self._progress.setProperty("geofm", "plain")
        self.stage = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.left = QLabel()
        self.left.setProperty("geofm", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(True)
        self.bar.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setToolTip(tr("Stop; nothing half done is left behind (Esc)"))
        self._desk.theme.bind(self.cancel, "cancel")
        self.cancel.clicked.connect(self.cancel_wanted)
        words = row()
        words.addWidget(self.stage, 1)
        words.addWidget(self.left)
        below = row()
        below.addWidget(self.bar, 1)
        below.addWidget(self.cancel)
        layout = column(self._progress, spacing=3)
        layout.addLayout(words)
        layout.addLayout(below)

    def device_name(self) -> str:
        """The DEVICE parameter."""
        return self.device.name()

    def show_engine(self, shown: bool, needed: bool) -> None:
        """Whether what is about the engine is in sight, and has to be."""
        self.engine.setChecked(shown)
        self.engine.setEnabled(not needed)

    def set_problem(self, problem: str) -> None:
        """Why Run cannot be pressed; empty if it can."""
        self._problem = problem
        self._bind()

    def _bind(self) -> None:
        phase, on_cancel = self._desk.model.phase, self.cancel.hasFocus()
        # Before Run is switched off: the focus goes on to the next, and that shall be Cancel.
        self._progress.setVisible(self._desk.model.busy)
        self.cancel.setEnabled(phase in (Phase.RUNNING, Phase.SETTING_UP))
        self.run.setEnabled(phase is Phase.READY and not self._problem)
        if on_cancel and self.run.isEnabled():
            self.run.setFocus()
        self.device.setEnabled(phase is Phase.READY)
        self.hint.setText(self._problem)
        self.hint.setVisible(phase is Phase.READY and bool(self._problem))
        self._show_progress(self._desk.model.progress)

    def _show_progress(self, progress: Progress) -> None:
        stage = progress.stage or tr("Starting")
        if self._desk.model.phase is Phase.CANCELLING:
            stage = tr("Stopping")
        self.stage.setText(stage)
        self.stage.setToolTip(stage)
        self.bar.setRange(0, 0 if progress.percent is None else 100)
        self.bar.setValue(round(progress.percent or 0.0))
        # Of a text per cent signs are places for numbers.
        self.bar.setFormat(progress.amount.replace("%", "") or "%p%")
        self.left.setText(time_left(progress))


def time_left(progress: Progress) -> str:
    """``about 12 s left``, empty while there is no telling."""
    if progress.seconds_left is None:
        return ""
    return tr("about {} left").format(duration(max(1.0, progress.seconds_left)))


class NoticeCard(Card):
    """How the last run ended: a sentence, a hint, facts, the report, and the log on request."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.mark = QLabel()
        self.sentence = WrapLabel()
        self.hint = muted()
        self.facts = WrapLabel()
        for label in (self.sentence, self.hint, self.facts):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.report = QPushButton(tr("Report"))
        self.report.setToolTip(tr("Open the accuracy report in the browser"))
        desk.theme.bind(self.report, "dock-report")
        self.report.clicked.connect(self._on_report)
        self.details = QToolButton()
        self.details.setProperty("geofm", "quiet")
        self.details.setText(tr("Details"))
        self.details.setCheckable(True)
        self.details.setToolTip(tr("The log of the run"))
        self.details.setArrowType(Qt.ArrowType.RightArrow)
        self.details.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.details.toggled.connect(self._on_details)
        self.copy = quiet_button(desk.theme, "dock-copy", tr("Copy message and log"))
        self.copy.clicked.connect(self._on_copy)
        self.dismiss = quiet_button(desk.theme, "dock-remove", tr("Clear the message"))
        self.dismiss.clicked.connect(lambda: desk.model.set_notice(Notice()))
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName(tr("Log of the run"))
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.setFixedHeight(self.log.fontMetrics().lineSpacing() * _LOG_HEIGHT_LINES)
        self.log.hide()
        self._lay_out()
        desk.model.notice_changed.connect(self._bind)
        desk.model.phase_changed.connect(self._bind)
        desk.model.logged.connect(self._on_logged)
        desk.theme.changed.connect(self._bind)
        self._bind()

    def _lay_out(self) -> None:
        top = row()
        top.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.sentence, 1, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        buttons = row()
        buttons.addWidget(self.details)
        buttons.addStretch()
        buttons.addWidget(self.report)
        buttons.addWidget(self.copy)
        layout = column(self, margin=6, spacing=4)
        layout.addLayout(top)
        layout.addWidget(self.facts)
        layout.addWidget(self.hint)
        layout.addLayout(buttons)
        layout.addWidget(self.log)

    def show_details(self) -> None:
        """Unfold the log."""
        self.details.setChecked(True)

    def _bind(self) -> None:
        notice, busy = self._desk.model.notice, self._desk.model.busy
        said = notice.outcome is not Outcome.NONE
        self.setVisible(said or busy)
        for widget in (self.mark, self.sentence, self.dismiss):
            widget.setVisible(said)
        if said:
            self.mark.setPixmap(self._desk.theme.icon(_MARKS[notice.outcome]).pixmap(QSize(16, 16)))
        self.sentence.setText(notice.sentence)
        self.hint.setText(notice.hint)
        self.hint.setVisible(bool(notice.hint))
        self.facts.setText("\n".join(notice.facts))
        self.facts.setVisible(bool(notice.facts))
        self.report.setVisible(bool(notice.report))
        self._fill_log()

    def _fill_log(self) -> None:
        """The whole log; only while it is in sight, for a log is long and told line by line."""
        if not self.log.isHidden():
            self.log.setPlainText(self._whole_log())
            self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())

    def _whole_log(self) -> str:
        """The log and the detail of an error, which Processing may have logged already."""
        log, detail = self._desk.model.log_text(), self._desk.model.notice.detail.strip()
        return "\n".join(part for part in (log, "" if detail in log else detail) if part)

    def _on_logged(self, line: str) -> None:
        if not self.log.isHidden():
            self.log.appendPlainText(line)

    def _on_details(self, shown: bool) -> None:
        self.details.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.log.setVisible(shown)
        self._fill_log()

    def _on_copy(self) -> None:
        notice = self._desk.model.notice
        parts = (notice.sentence, notice.hint, *notice.facts, self._whole_log())
        QApplication.clipboard().setText("\n".join(part for part in parts if part))

    def _on_report(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._desk.model.notice.report))
