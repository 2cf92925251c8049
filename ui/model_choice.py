"""Choose a model: the best for the layer is proposed with a sentence why; any other is a click away."""

from __future__ import annotations

from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QWidget

from ..algorithms.text import tr
from ..inference.adding import without_card
from ..inference.catalog import Card, can_join
from ..inference.errors import GeoFMError
from ..inference.jobs import Task
from ..inference.recommend import LayerFacts, Recommendation, together
from ..inference.wording import transfer
from .desk import Desk
from .widgets import ask_for_file, column, muted, narrow_combo, quiet_button, row, select

_LINES = 12


class ModelChoice(QWidget):
    """A combo box ranked by :func:`geofm.inference.recommend.recommend` and the reason below it.

    As long as the user takes what is proposed, the proposal follows the layer; another choice
    is remembered for the task and kept wherever it fits. So is a second model, whose features are
    used together with those of the first.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._tasks: tuple[Task, ...] = (Task.CLUSTER,)
        self._facts: LayerFacts | None = None
        self._ranked: list[Recommendation] = []
        self._offered: tuple[list[Recommendation], bool] | None = None
        self._failure = ""
        self._others: list[Recommendation] = []
        self.combo = _list_of_models(tr("Models for this task, the best for your layer first"))
        self.combo.activated.connect(self._on_chosen)
        self.more = quiet_button(desk.theme, "dock-add", tr("Use the features of another model too"))
        self.more.setCheckable(True)
        self.more.clicked.connect(self._on_more)
        self.second = _list_of_models(tr("The model whose features join those of the first"))
        self.second.activated.connect(self._on_more)
        self.open = quiet_button(desk.theme, "dock-folder", tr("Open a model or classifier file"))
        self.open.clicked.connect(self._on_open)
        self._mark = QLabel()
        self._mark.setFixedSize(16, 16)
        self.reason = muted()
        top = row(spacing=2)
        top.addWidget(self.combo, 1)
        top.addWidget(self.more)
        top.addWidget(self.open)
        why = row(spacing=4)
        why.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        why.addWidget(self.reason, 1)
        layout = column(self, spacing=3)
        layout.addLayout(top)
        layout.addWidget(self.second)
        layout.addLayout(why)
        desk.shelf.changed.connect(self.refresh)
        desk.theme.changed.connect(self._show_reason)

    def set_task(self, task: Task, facts: LayerFacts | None, *further: Task) -> None:
        """Rank the models for a task and a layer; None while there is no layer.

        Args:
            further: tasks whose models are offered below those of the first.
        """
        self._tasks, self._facts, self._failure = (task, *further), facts, ""
        self.refresh()

    def refresh(self) -> None:
        """Rank again, keeping the user's choice where it fits."""
        facts = self._facts or LayerFacts((), None, "")
        ranked = [item for task in self._tasks for item in self._desk.shelf.ranked(facts, task)]
        offered = ranked, self._facts is None
        if offered != self._offered:
            # Filling the list takes longer than all the rest.
            self._ranked, self._offered = ranked, offered
            self.combo.clear()
            for index, found in enumerate(ranked):
                self.combo.addItem(found.card.title, self._desk.shelf.key(found.card))
                self.combo.setItemData(index, found.reason, Qt.ItemDataRole.ToolTipRole)
                self.combo.model().item(index).setEnabled(found.fits or self._facts is None)
        self.combo.setCurrentIndex(self._index())
        self.combo.setEnabled(bool(self._ranked))
        self._offer_others()
        self._show_reason()
        self.changed.emit()

    def _offer_others(self) -> None:
        """The models whose features can be used together with those of the chosen one."""
        first = self._first()
        tasks = (self._tasks[0].value,)
        joins = first is not None and self._facts is not None and can_join(first.card, tasks)
        fitting = [item for item in self._ranked if item.fits and item is not first]
        self._others = [item for item in fitting if can_join(item.card, tasks)] if joins else []
        self.second.clear()
        for found in self._others:
            self.second.addItem(found.card.title, self._desk.shelf.key(found.card))
        wanted = self._desk.settings.text(f"{self._setting()}/with")
        if self._others:
            select(self.second, wanted, self._desk.shelf.key(self._others[0].card))
        self.more.setVisible(bool(self._others))
        self.more.setChecked(self.second.findData(wanted) >= 0)
        self.second.setVisible(self.more.isChecked())

    def _on_more(self) -> None:
        """A second model was wanted, chosen, or is not wanted any more."""
        key = str(self.second.currentData()) if self.more.isChecked() else ""
        self._desk.settings.set(f"{self._setting()}/with", key)
        self._offer_others()
        self._show_reason()
        self.changed.emit()

    def _index(self) -> int:
        """The user's model for this task where it fits, else the best."""
        wanted = self._desk.settings.text(self._setting())
        for index, found in enumerate(self._ranked):
            if self._desk.shelf.key(found.card) == wanted and (found.fits or self._facts is None):
                return index
        return 0 if self._ranked else -1

    def current(self) -> Recommendation | None:
        """The chosen model with its reason; of two, what they are together."""
        first = self._first()
        if first is None or not self.more.isChecked():
            return first
        return together(first, self._others[self.second.currentIndex()])

    def _first(self) -> Recommendation | None:
        index = self.combo.currentIndex()
        return self._ranked[index] if 0 <= index < len(self._ranked) else None

    def key(self) -> str:
        """The value of the MODEL or CLASSIFIER parameter; empty if there is no model."""
        found = self.current()
        return self._desk.shelf.key(found.card) if found is not None else ""

    def problem(self) -> str:
        """Why the choice cannot be run, one sentence; empty if it can."""
        found = self.current()
        if found is None:
            return tr("There is no model for this task yet.")
        return "" if found.fits else found.reason

    def _setting(self) -> str:
        return f"model/{self._tasks[0].value}"

    def _on_chosen(self, index: int) -> None:
        self._failure = ""
        # The proposal is not pinned: it shall follow the next layer.
        self._desk.settings.set(self._setting(), "" if index == 0 else str(self.combo.itemData(index)))
        self._offer_others()
        self._show_reason()
        self.changed.emit()

    def _on_open(self) -> None:
        kinds = tr("Models (*.geofm *.json *.onnx *.pt *.pth)")
        ask_for_file(self, tr("Open a model or classifier"), kinds, self.open_file)

    def open_file(self, path: str) -> None:
        """Take a card, ONNX file or classifier from a file and choose it if it serves the task."""
        if without_card(path):
            self._desk.shelf.unknown.emit(path)
            return
        try:
            card = self._desk.shelf.open(path)
        except GeoFMError as error:
            self._failure = str(error)
            self._show_reason()
            return
        if not any(task.value in card.tasks for task in self._tasks):
            self._failure = tr("{} is open, but it is not for this task.").format(card.title)
            self._show_reason()
            return
        self._desk.settings.set(self._setting(), self._desk.shelf.key(card))
        self.refresh()

    def _show_reason(self) -> None:
        found = self.current()
        text, mark = "", "dock-ok"
        if self._failure:
            text, mark = self._failure, "dock-warning"
        elif found is not None and self._facts is not None:
            text = found.reason
            if self._first() is self._ranked[0] and found.fits and len(self._ranked) > 1:
                text = tr("Recommended. {}").format(text)
            mark = "dock-ok" if found.fits else "dock-warning"
        if found is not None and not self._failure:
            text = " ".join(part for part in (text, self._download(found.card)) if part)
        self.reason.setText(text)
        self.reason.setVisible(bool(text))
        self._mark.setVisible(bool(text))
        self._mark.setPixmap(self._desk.theme.icon(mark).pixmap(QSize(14, 14)))

    def _download(self, card: Card) -> str:
        if self._desk.shelf.ready(card):
            return ""
        amount = transfer(card)
        return tr("Run downloads {} first.").format(amount) if amount else tr("Run downloads it first.")


def _list_of_models(tip: str) -> QComboBox:
    """A list of lines with a scroll bar: some styles else cover the screen with all that are known."""
    combo = narrow_combo(QComboBox())
    combo.setMaxVisibleItems(_LINES)
    combo.setStyleSheet("QComboBox { combobox-popup: 0; }")
    combo.setToolTip(tip)
    return combo
