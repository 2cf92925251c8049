"""The set-up of the engine on top of the dock: one button where it is missing, its care where it is there."""

from __future__ import annotations

from collections.abc import Callable

from qgis.PyQt.QtCore import QSize, Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices, QFontDatabase
from qgis.PyQt.QtWidgets import (
    QGridLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from ..algorithms import data_folder
from ..algorithms.text import tr
from ..inference.environment import Plan, State
from . import licence_words, setup_words
from .desk import Desk
from .setup_options import SetupOptionsForm
from .setup_work import SetupWork
from .state import Phase
from .task_page import inside, options_box
from .widgets import SPACING, Card, WrapLabel, column, muted, quiet_button, row

_LIST_LINES = 8


class SetupPanel(Card):
    """Says what would be made, where, how large and for which device; makes it; looks after it.

    Always there while the engine is missing; else where :meth:`set_open` wants it.

    Attributes:
        texts: the lines on what would be made, by their names.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._open = False
        self.work = SetupWork(desk.model, self)
        self.texts: dict[str, WrapLabel] = {}
        self._names: dict[str, QLabel] = {}
        self._build_words()
        self._build_packages()
        self._build_buttons()
        self.form = SetupOptionsForm(self.work.options)
        self.form.chosen.connect(self.work.choose)
        self.form.home.chosen.connect(self.work.choose_home)
        self.options = options_box(tr("Options"), "geofm_setup_options")
        inside(self.options).addWidget(self.form)
        self._lay_out()
        desk.model.phase_changed.connect(lambda _: self.bind())
        desk.theme.changed.connect(self.bind)
        self.work.changed.connect(self.bind)
        self.work.models_changed.connect(desk.shelf.refresh)
        self._open = self.work.outdated
        self.bind()

    # --- made of ------------------------------------------------------------------------------

    def _build_words(self) -> None:
        self.title = WrapLabel()
        self.title.setProperty("geofm", "heading")
        self.about = muted()
        self.dismiss = quiet_button(self._desk.theme, "dock-remove", tr("Close"))
        self.dismiss.clicked.connect(lambda: self.set_open(False))
        self._fields = QGridLayout()
        self._fields.setColumnStretch(1, 1)
        self._fields.setHorizontalSpacing(SPACING)
        self._fields.setVerticalSpacing(3)
        self.unfold = QToolButton()
        self.unfold.setProperty("geofm", "quiet")
        self.unfold.setArrowType(Qt.ArrowType.RightArrow)
        self.unfold.setCheckable(True)
        self.unfold.setToolTip(tr("All packages with their versions and licences"))
        self.unfold.setAccessibleName(self.unfold.toolTip())
        self.unfold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.unfold.toggled.connect(self._on_unfold)
        self.folder = quiet_button(self._desk.theme, "dock-folder", tr("Open the folder"))
        self.folder.clicked.connect(self._on_folder)
        for key, name, button in (
            ("news", tr("New"), None),
            ("contents", tr("Installs"), self.unfold),
            ("licences", tr("Licences"), None),
            ("folder", tr("Into"), self.folder),
            ("sizes", tr("Size"), None),
            ("device", tr("Computes on"), None),
            ("python", tr("Python"), None),
        ):
            self._add(key, name, button)
        self.mark = QLabel()
        self.problems = WrapLabel()

    def _add(self, key: str, name: str, button: QWidget | None) -> None:
        text, label = WrapLabel(), QLabel(name)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setProperty("geofm", "muted")
        self.texts[key], self._names[key] = text, label
        at, top = self._fields.rowCount(), Qt.AlignmentFlag.AlignTop
        self._fields.addWidget(label, at, 0, top)
        self._fields.addWidget(text, at, 1, 1, 1 if button else 2, top)
        if button is not None:
            self._fields.addWidget(button, at, 2, top)

    def _build_packages(self) -> None:
        self.packages = QPlainTextEdit()
        self.packages.setReadOnly(True)
        self.packages.setTabChangesFocus(True)
        self.packages.setAccessibleName(tr("Packages"))
        self.packages.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.packages.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.packages.setFixedHeight(self.packages.fontMetrics().lineSpacing() * _LIST_LINES)
        self.packages.hide()

    def _build_buttons(self) -> None:
        self.start = QPushButton(tr("Set up"))
        self.start.setProperty("geofm", "primary")
        self.start.setToolTip(tr("Make the engine's Python; it can be cancelled and gone on with"))
        self._desk.theme.bind(self.start, "dock-setup")
        self.start.clicked.connect(self.work.start)
        self.again = self._button(
            "dock-repeat", tr("Check again"), tr("Look whether the engine is there now"), self.look
        )
        self.repair = self._button(
            "dock-repeat", tr("Repair"), tr("Look at every file, and make the engine anew if one is damaged"),
            self.work.repair,
        )  # fmt: skip
        self.remove = self._button(
            "dock-delete", tr("Remove"), tr("Delete the engine's Python from this machine"), self._on_remove
        )
        self.report = self._button(
            "dock-copy", tr("Copy report"), tr("What is installed and what is wrong, without passwords"),
            self.work.copy_report,
        )  # fmt: skip
        self.message = muted()

    def _button(self, icon: str, text: str, tip: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: slot())
        self._desk.theme.bind(button, icon)
        return button

    def _lay_out(self) -> None:
        top = row()
        top.addWidget(self.title, 1, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        trouble = row(spacing=4)
        trouble.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        trouble.addWidget(self.problems, 1)
        # Two lines: in other languages the words are longer.
        care, last = row(), row()
        for button in (self.repair, self.remove):
            care.addWidget(button)
        care.addStretch()
        last.addWidget(self.again)
        last.addStretch()
        last.addWidget(self.report)
        layout = column(self, margin=8)
        layout.addLayout(top)
        layout.addWidget(self.about)
        layout.addLayout(trouble)
        # Above what it would do: on a small screen it shall be seen first.
        layout.addWidget(self.start)
        layout.addLayout(self._fields)
        layout.addWidget(self.packages)
        layout.addWidget(self.options)
        layout.addWidget(self.message)
        layout.addLayout(care)
        layout.addLayout(last)

    # --- bound by -----------------------------------------------------------------------------

    @property
    def needed(self) -> bool:
        """Whether nothing can be computed before this is done."""
        return self._desk.model.phase in (Phase.SETUP_NEEDED, Phase.SETTING_UP)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self._open or self.needed

    def set_open(self, shown: bool) -> None:
        """Show or hide it, where the engine is there."""
        self._open = shown
        self.bind()
        if shown:
            self.look()

    def look(self) -> None:
        """Look at the environment and at this machine again."""
        self.work.look()
        self.work.see()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)
        if self.work.plan is None and not self.work.planning:
            self.work.see()

    def bind(self) -> None:
        """Show the state, and what can be done in it."""
        self.setVisible(self.is_open)
        self.changed.emit()
        if not self.is_open:
            return
        work, phase = self.work, self._desk.model.phase
        state, own, busy = work.status.state, work.status.own, phase is Phase.SETTING_UP
        free = phase in (Phase.SETUP_NEEDED, Phase.READY)
        self.title.setText(setup_words.title(work.status, busy))
        words = "" if busy else setup_words.about(work.status)
        _say(self.about, words)
        self.dismiss.setVisible(not self.needed)
        self._bind_plan(work.plan if own else None)
        self.start.setText(setup_words.start(work.status))
        wanted = state is not State.READY or work.chosen_anew
        self.start.setVisible(own and wanted and not busy)
        self.start.setEnabled(free and work.plan is not None and not work.plan.problems)
        self.options.setVisible(own and not busy)
        self.again.setVisible(self.needed and not own)
        self.report.setVisible(not busy)
        self.repair.setVisible(own and state in (State.READY, State.OUTDATED) and not busy)
        self.remove.setVisible(own and state is not State.MISSING and not busy)
        for button in (self.repair, self.remove):
            button.setEnabled(free)
        self.form.home.show_place(data_folder.chosen(), work.home_note, free)
        _say(self.message, work.message)

    def _bind_plan(self, plan: Plan | None) -> None:
        """What would be made, or is there; while that is not known yet, a line that says so."""
        busy = self._desk.model.phase is Phase.SETTING_UP
        made = self.work.status.state is State.READY and not self.work.chosen_anew
        lines = setup_words.lines(plan, made) if plan is not None else {}
        news = setup_words.news(self.work.status)
        if lines and news:
            lines["news"] = news
        if plan is None and self.work.planning:
            lines = {"device": tr("Looking at this machine …")}
        for key, text in self.texts.items():
            _say(text, lines.get(key, ""))
            self._names[key].setVisible(key in lines)
        self.folder.setVisible("folder" in lines)
        self.unfold.setVisible("contents" in lines)
        self.packages.setVisible(self.unfold.isChecked() and "contents" in lines)
        if plan is not None:
            self.packages.setPlainText(licence_words.one_by_one(plan, self._desk.shelf.cards()))
        found = [*plan.problems, plan.caution] if plan is not None else []
        problems = "" if busy else "\n".join(filter(None, [*found, self.work.status.warning]))
        _say(self.problems, problems)
        self.mark.setVisible(bool(problems))
        self.mark.setPixmap(self._desk.theme.icon("dock-warning").pixmap(QSize(16, 16)))
        self.form.show_found(plan, self.work.network)

    def _on_unfold(self, shown: bool) -> None:
        self.unfold.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.packages.setVisible(shown)

    def _on_folder(self) -> None:
        if self.work.plan is not None:
            # Before the set-up only a folder above it is there.
            above = (self.work.plan.folder, *self.work.plan.folder.parents)
            found = next(folder for folder in above if folder.exists())
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(found)))

    def _on_remove(self) -> None:
        question = tr("Remove the engine from this machine? Models, classifiers and results stay.")
        buttons = QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel
        answer = QMessageBox.question(self, tr("Remove the engine"), question, buttons)
        if answer == QMessageBox.StandardButton.Yes:
            self.work.remove()

    def close_panel(self) -> None:
        """End the set-up and wait for its thread."""
        self.work.close()


def _say(label: WrapLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
