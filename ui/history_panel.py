"""The history of runs: repeat, open as a dialog, copy as Python or as a command, open the folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QDate, QDateTime, QLocale, QPoint, QSize, Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QApplication, QListWidget, QListWidgetItem, QMenu, QToolButton, QWidget

from ..algorithms.text import duration, tr
from . import commands
from .desk import Desk
from .history import Entry, History
from .requests import located
from .state import Notice, Outcome, Phase
from .widgets import column, muted, quiet_button, row

_MARKS = {
    Outcome.DONE: "dock-ok",
    Outcome.CANCELLED: "dock-stopped",
    Outcome.FAILED: "dock-error",
}
_ROWS = 5


class HistoryPanel(QWidget):
    """A list, newest first, with the actions on the chosen run."""

    repeat_wanted = pyqtSignal(object)

    def __init__(self, desk: Desk, history: History) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk = desk
        self._history = history
        self.empty = muted(tr("Runs will be listed here, to repeat or to take elsewhere."))
        self.list = QListWidget()
        self.list.setIconSize(QSize(16, 16))
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setFixedHeight(self.list.fontMetrics().lineSpacing() * _ROWS + 4 * _ROWS)
        self.list.setAccessibleName(tr("History of runs"))
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.list.itemActivated.connect(lambda _: self._open_dialog())
        self.list.currentRowChanged.connect(self._bind)
        self._actions: list[tuple[str, str, Callable[[], None]]] = [
            ("dock-repeat", tr("Repeat"), self._repeat),
            ("dock-dialog", tr("Open as Processing dialog"), self._open_dialog),
            ("dock-python", tr("Copy as Python"), self._copy_python),
            ("dock-command", tr("Copy as command (qgis_process)"), self._copy_command),
            ("dock-folder", tr("Open the folder of the results"), self._open_folder),
        ]
        self.buttons: list[QToolButton] = []
        self._lay_out()
        history.changed.connect(self.refresh)
        desk.model.phase_changed.connect(self._bind)
        desk.theme.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        tools = row(spacing=2)
        for icon, text, slot in self._actions:
            button = quiet_button(self._desk.theme, icon, text)
            button.clicked.connect(slot)
            tools.addWidget(button)
            self.buttons.append(button)
        tools.addStretch()
        self.clear = quiet_button(self._desk.theme, "dock-delete", tr("Clear the history"))
        self.clear.clicked.connect(self._history.clear)
        tools.addWidget(self.clear)
        self._tools = QWidget()
        self._tools.setProperty("geofm", "plain")
        self._tools.setLayout(tools)
        layout = column(self, spacing=4)
        layout.addWidget(self.empty)
        layout.addWidget(self.list)
        layout.addWidget(self._tools)

    def refresh(self) -> None:
        """Show the history anew, the newest run chosen."""
        entries = self._history.entries()
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(self._desk.theme.icon(_MARKS[entry.outcome]), _line(entry))
            item.setToolTip(_tip(entry))
            self.list.addItem(item)
        for widget in (self.list, self._tools):
            widget.setVisible(bool(entries))
        self.empty.setVisible(not entries)
        self.list.setCurrentRow(0 if entries else -1)
        self._bind()

    def current(self) -> Entry | None:
        """The chosen run."""
        entries, at = self._history.entries(), self.list.currentRow()
        return entries[at] if 0 <= at < len(entries) else None

    def _bind(self, *_: object) -> None:
        entry = self.current()
        for (icon, *_rest), button in zip(self._actions, self.buttons):
            button.setEnabled(self._possible(icon, entry))

    def _possible(self, icon: str, entry: Entry | None) -> bool:
        if entry is None:
            return False
        if icon == "dock-repeat":
            return self._desk.model.phase is Phase.READY
        return icon != "dock-folder" or bool(_folder(entry))

    def _on_menu(self, at: QPoint) -> None:
        if self.list.itemAt(at) is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for icon, text, slot in self._actions:
            action = menu.addAction(self._desk.theme.icon(icon), text)
            action.setEnabled(self._possible(icon, self.current()))
            action.triggered.connect(slot)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _repeat(self) -> None:
        entry = self.current()
        if entry is not None and self._desk.model.phase is Phase.READY:
            self.repeat_wanted.emit(entry.request)

    def _open_dialog(self) -> None:
        """The last step as QGIS's own dialog, filled in; not modal."""
        entry = self.current()
        if entry is None:
            return
        import processing

        step = entry.request.steps[-1]
        values = dialog_values(entry, self._desk.project)
        dialog = processing.createAlgorithmDialog(step.algorithm, values)
        if dialog is not None:
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.show()

    def _copy_python(self) -> None:
        self._copy(commands.as_python)

    def _copy_command(self) -> None:
        self._copy(commands.as_command)

    def _copy(self, write: Callable[[Any], str]) -> None:
        entry = self.current()
        if entry is None:
            return
        try:
            QApplication.clipboard().setText(write(entry.request))
        except ValueError as error:
            sentence = tr("This run cannot be written as one command: {}.").format(error)
            hint = tr("The job file beside its result repeats it: python -m geofm run RESULT.job.json")
            self._desk.model.set_notice(Notice(Outcome.FAILED, sentence, hint))

    def _open_folder(self) -> None:
        entry = self.current()
        folder = _folder(entry) if entry is not None else ""
        if folder:
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))


def dialog_values(entry: Entry, project: QgsProject) -> dict[str, Any]:
    """The parameters of the last step for a dialog; what came from an earlier step by its file."""
    step, layers = entry.request.steps[-1], entry.request.layers
    values = {name: located(value, layers, project) for name, value in step.parameters.items()}
    for name, (at, output) in step.takes.items():
        values[name] = entry.request.steps[at].parameters[output]
    return values


def _folder(entry: Entry) -> str:
    """Where the results lie, if they are still there."""
    for path in entry.results.values():
        if os.path.exists(path):
            return os.path.dirname(path)
    return ""


def _line(entry: Entry) -> str:
    when = QDateTime.fromString(entry.when, Qt.DateFormat.ISODate)
    shape = QLocale.FormatType.ShortFormat
    today = when.date() == QDate.currentDate()
    text = QLocale().toString(when.time() if today else when.date(), shape)
    return f"{text}  {entry.request.title}"


def _tip(entry: Entry) -> str:
    took = tr("took {}").format(duration(entry.seconds))
    return "\n".join((entry.request.title, entry.sentence, took, *entry.results.values()))
