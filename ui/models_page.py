"""The page Models: what there is, whether it fits the layer, under which licence, and where it is."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QElapsedTimer, QEvent, Qt
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit, QPushButton, QScrollArea, QToolButton, QWidget

from ..algorithms.text import tr
from ..inference.cards import CLASSIFIER
from ..inference.catalog import Card
from ..inference.errors import present
from ..inference.jobs import Task
from ..inference.recommend import Recommendation
from .add_model import AddModel
from .desk import Desk
from .hub_token import HubToken
from .layer_set import Role
from .map_page import MAP_TASKS, layer_facts
from .model_details import ModelDetails
from .model_row import ModelRow
from .model_work import ModelWork
from .tab_order import follow_layout
from .task_page import options_box
from .widgets import column, heading, muted, narrow_combo, row, select

ALL, FITTING, HERE = "all", "fits", "here"
_SETTLED_MS = 1000


class ModelsPage(QWidget):
    """All cards in rows, those that fit the layer first; one of them is open."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("geofm", "page")
        self._desk = desk
        self._works: dict[str, ModelWork] = {}
        self._rows: list[ModelRow] = []
        self._current: ModelRow | None = None
        self._stale = True
        self._since_open = QElapsedTimer()
        self.details: ModelDetails | None = None
        self._build_filters()
        self.token = options_box(tr("Token for gated models"), "geofm_hub_token")
        column(self.token).addWidget(HubToken(desk))
        self.count = muted()
        self.fitting, self.others = heading(tr("For this layer")), heading(tr("Not for this layer"))
        self.none = QPushButton(tr("Show all models"))
        self.none.setToolTip(tr("Clear the search and the filters"))
        self.none.clicked.connect(self.show_all)
        self.broken = muted()
        self._list = column(spacing=3)
        layout = column(self)
        layout.addWidget(self.search)
        layout.addLayout(self._filters)
        self.add = AddModel(desk)
        layout.addWidget(self.add)
        layout.addWidget(self.token)
        layout.addWidget(self.count)
        layout.addWidget(self.none)
        layout.addLayout(self._list)
        layout.addWidget(self.broken)
        layout.addStretch()
        desk.shelf.changed.connect(self.refresh)
        desk.layers.changed.connect(self._on_layers)
        desk.theme.changed.connect(self.refresh)

    def _build_filters(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search: name, sensor, band, task, licence"))
        self.search.setToolTip(tr("Words out of a model's name, family, sensors, bands, tasks or licence"))
        self.search.setClearButtonEnabled(True)
        for button in self.search.findChildren(QToolButton):
            button.setToolTip(tr("Clear the search"))
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.task = narrow_combo(QComboBox())
        self.task.setToolTip(tr("Only models for this task"))
        titles = {item.task: item.title() for item in MAP_TASKS}
        titles.update({Task.TRAIN: tr("Teach from samples"), Task.CHANGE: tr("Find changes")})
        self.task.addItem(tr("All tasks"), ALL)
        for task, title in titles.items():
            self.task.addItem(title, task.value)
        self.shown = narrow_combo(QComboBox())
        self.shown.setToolTip(tr("Only models that fit the layer, or that are on this machine"))
        shown = ((ALL, tr("All models")), (FITTING, tr("Fit my layer")), (HERE, tr("On this machine")))
        for key, title in shown:
            self.shown.addItem(title, key)
        self._filters = row()
        for combo, name in ((self.task, "models/task"), (self.shown, "models/shown")):
            select(combo, self._desk.settings.text(name), ALL)
            combo.activated.connect(lambda _, c=combo, n=name: self._on_filter(c, n))
            self._filters.addWidget(combo, 1)

    # --- what there is ------------------------------------------------------------------------

    def rows(self) -> list[ModelRow]:
        """Every model, in order, those that are filtered out too."""
        return list(self._rows)

    def row(self, card_id: str) -> ModelRow:
        """The row of a model."""
        return next(found for found in self._rows if found.card.id == card_id)

    def refresh(self) -> None:
        """Show the catalogue anew; while the page is hidden that can wait."""
        self._stale = True
        if self.isVisible():
            self._show()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._stale:
            self._show()

    def _show(self) -> None:
        self._stale = False
        opened = self.details.work if self.details is not None else None
        self.setUpdatesEnabled(False)
        self._clear()
        for card, found in self._in_order():
            made = ModelRow(self._desk, card, found, self._work(card))
            made.clicked.connect(lambda _, chosen=made: self.open(chosen))
            made.moved.connect(lambda step, chosen=made: self._walk(chosen, step))
            self._rows.append(made)
        fit = [made for made in self._rows if made.found is None or made.found.fits]
        unfit = [made for made in self._rows if made not in fit]
        for widget in (self.fitting, *fit, self.others, *unfit):
            self._list.addWidget(widget)
        problems = self._desk.shelf.problems()
        self.broken.setText("\n".join(problems))
        self.broken.setVisible(bool(problems))
        self._filter()
        for made in self._rows:
            if made.work is opened:
                self.open(made)
        self.setUpdatesEnabled(True)

    def _clear(self) -> None:
        self._close_details()
        for widget in (self.fitting, self.others):
            self._list.removeWidget(widget)
        for old in self._rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows, self._current = [], None

    def _in_order(self) -> list[tuple[Card, Recommendation | None]]:
        """What fits first, of that the user's own classifiers; without a layer the same by title."""
        facts = layer_facts(self._desk.layers.get(Role.INPUT))
        cards = self._desk.shelf.cards()
        if facts is None:
            cards.sort(key=lambda c: (c.family != CLASSIFIER, not self._desk.shelf.ready(c), c.title.lower()))
            return [(card, None) for card in cards]
        ranked = self._desk.shelf.ranked(facts, None)
        ranked.sort(key=lambda item: (not item.fits, item.card.family != CLASSIFIER))
        return [(item.card, item) for item in ranked]

    def _work(self, card: Card) -> ModelWork:
        """The work of a model, which outlives its row."""
        key = self._desk.shelf.key(card)
        if key not in self._works:
            work = self._works[key] = ModelWork(card, key, self)
            work.ended.connect(self._desk.shelf.refresh)
        self._works[key].card = card
        return self._works[key]

    # --- which of it --------------------------------------------------------------------------

    def show_all(self) -> None:
        """Clear the search and the filters."""
        for combo, name in ((self.task, "models/task"), (self.shown, "models/shown")):
            combo.setCurrentIndex(0)
            self._desk.settings.set(name, ALL)
        self.search.clear()
        self._filter()
        self.search.setFocus()

    def _on_filter(self, combo: QComboBox, name: str) -> None:
        self._desk.settings.set(name, str(combo.currentData()))
        self._filter()

    def _filter(self) -> None:
        words = self.search.text().lower().split()
        self.setUpdatesEnabled(False)
        for made in self._rows:
            made.setVisible(made.matches(words) and self._wanted(made))
        seen = [made for made in self._rows if not made.isHidden()]
        judged = [made.found.fits for made in seen if made.found is not None]
        self.fitting.setVisible(True in judged)
        self.others.setVisible(False in judged)
        self.none.setVisible(not seen and bool(self._rows))
        total = len(self._rows)
        text = tr("{} models").format(total) if len(seen) == total else tr("{} of {} models")
        self.count.setText(text.format(len(seen), total))
        if self.details is not None and self.row_of_details().isHidden():
            self._close_details()
        self._choose(self._current if self._current in seen else seen[0] if seen else None)
        self.setUpdatesEnabled(True)

    def _wanted(self, made: ModelRow) -> bool:
        task, shown = self.task.currentData(), self.shown.currentData()
        if task not in (ALL, *made.card.tasks):
            return False
        if shown == FITTING and made.found is not None:
            return made.found.fits
        return shown != HERE or made.ready

    # --- one of it ----------------------------------------------------------------------------

    def row_of_details(self) -> ModelRow:
        """The row whose details are open."""
        work = present(self.details).work
        return next(made for made in self._rows if made.work is work)

    def open(self, chosen: ModelRow) -> None:
        """Show the details of a model below its row, or hide them where they are shown."""
        was_open = self.details is not None and self.details.work is chosen.work
        self._close_details()
        self._choose(chosen)
        if was_open:
            return
        self.details = ModelDetails(self._desk, chosen.work, chosen.found)
        self._list.insertWidget(self._list.indexOf(chosen) + 1, self.details)
        self.details.show()
        chosen.setChecked(True)
        self._since_open.start()
        self.details.grown.connect(self._reveal)

    def _reveal(self) -> None:
        """Scroll to the details while they find their height, but never past their row."""
        if self._since_open.elapsed() > _SETTLED_MS:
            return
        area: Any = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None and self.details is not None:
            area.ensureWidgetVisible(self.details, 0, 4)
            area.ensureWidgetVisible(self.row_of_details(), 0, 4)

    def _close_details(self) -> None:
        if self.details is not None:
            self._list.removeWidget(self.details)
            self.details.hide()
            self.details.deleteLater()
            self.details = None
        for made in self._rows:
            made.setChecked(False)

    def _choose(self, chosen: ModelRow | None) -> None:
        """Make a row the one that the Tab key stops at; the arrow keys walk to the others."""
        if self._current is not None:
            self._current.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._current = chosen
        if chosen is not None:
            chosen.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            follow_layout(self)

    def _walk(self, start: ModelRow, step: int) -> None:
        seen = [made for made in self._rows if not made.isHidden()]
        target = seen.index(start) + step
        if target < 0:
            self.search.setFocus(Qt.FocusReason.TabFocusReason)
        elif target < len(seen):
            self._choose(seen[target])
            seen[target].setFocus(Qt.FocusReason.TabFocusReason)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """From the search field the arrow key goes to the first model."""
        down = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down
        if watched is self.search and down and self._current is not None:
            seen = [made for made in self._rows if not made.isHidden()]
            self._choose(seen[0])
            seen[0].setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return super().eventFilter(watched, event)

    def close_page(self) -> None:
        """End what is being done to models."""
        self.add.close_card()
        for work in self._works.values():
            work.close()

    def _on_layers(self, role: object) -> None:
        if role is Role.INPUT:
            self.refresh()
