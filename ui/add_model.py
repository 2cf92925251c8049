"""A card on the page Models: take a model's file in; what it does not say itself is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QCheckBox, QProgressBar, QPushButton, QScrollArea

from ..algorithms.text import tr
from ..inference import adding, places
from ..inference.cards import Card as ModelCard
from ..inference.drafts import Draft
from ..inference.errors import Cancelled, GeoFMError
from ..inference.taught import lacking
from .desk import Desk
from .engine_calls import keep, look_into
from .network_form import NetworkForm
from .state import Page, Phase
from .tasks import CallTask
from .widgets import Card, WrapLabel, ask_for_file, column, muted, row

_PATIENCE_MS = 15_000


class AddModel(Card):
    """Opens a file, has the engine look into it, and shows the form of what is left to say.

    Attributes:
        form: shown while there is something to say, else None.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._task: CallTask | None = None
        self._path = ""
        self.form: NetworkForm | None = None
        title = WrapLabel(tr("Your own model"))
        title.setProperty("geofm", "heading")
        words = tr("A network as ONNX, a card with its files, an item of a catalogue, a classifier.")
        self.open = QPushButton(tr("Add a file"))
        self.open.setToolTip(words + "\n" + tr("What the file does not say itself is asked for"))
        desk.theme.bind(self.open, "dock-folder")
        self.open.clicked.connect(self._on_open)
        self.message = muted()
        self.message.hide()
        self.trust = QCheckBox(tr("I trust who made this file: its code may run"))
        self.trust.setToolTip(tr("Kept for this very file, by its digest; TorchScript is code, ONNX is not"))
        self.trust.toggled.connect(self._on_trusted)
        self.trust.hide()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.hide()
        self._place = column()
        top = row()
        top.addWidget(title, 1)
        top.addWidget(self.open)
        layout = column(self, margin=8, spacing=4)
        layout.addLayout(top)
        for part in (self.message, self.trust, self.bar):
            layout.addWidget(part)
        layout.addLayout(self._place)
        desk.shelf.unknown.connect(self.begin)
        desk.model.phase_changed.connect(lambda _: self._bind())
        self._bind()

    def begin(self, path: str) -> None:
        """Look into a file, on this page."""
        if self._task is not None:
            return
        self._desk.model.show(Page.MODELS)
        self._path = path
        self.trust.blockSignals(True)
        self.trust.setChecked(False)
        self.trust.blockSignals(False)
        self._look(False)

    def close_card(self) -> None:
        """Stop and wait for the thread, before the widget goes."""
        if self._task is not None:
            task, self._task = self._task, None
            task.let_go(_PATIENCE_MS)

    def _bind(self) -> None:
        ready = self._desk.model.phase is Phase.READY and self._task is None
        self.open.setEnabled(ready)
        self.open.setVisible(self.form is None)
        self.bar.setVisible(self._task is not None)
        if self.form is not None:
            self.form.setEnabled(self._task is None)

    def _on_open(self) -> None:
        kinds = tr("Models (*.onnx *.json *.geofm *.pt *.pth *.yaml *.yml)")
        ask_for_file(self, tr("Add a model"), kinds, self.begin)

    def _on_trusted(self, on: bool) -> None:
        if on:
            self._look(True)

    def _look(self, trusted: bool) -> None:
        self._close_form()
        self._say("")
        self.trust.setVisible(trusted)
        self._start(look_into(self._path, trusted), self._on_looked)

    def _on_looked(self, draft: Draft | None) -> None:
        if draft is None:
            path = self._path
            self._start(lambda report, cancelled: adding.add_model(path), self._on_added)
            return
        self.form = NetworkForm(draft)
        self.form.accepted.connect(self._on_accepted)
        self.form.cancelled.connect(self._on_cancelled)
        self._place.addWidget(self.form)
        self._bind()
        # When the page has made room for it.
        QTimer.singleShot(0, self._show_form)

    def _show_form(self) -> None:
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None and self.form is not None:
            above.ensureWidgetVisible(self.form, 0, 0)

    def _on_accepted(self, draft: Draft, beside: bool) -> None:
        self._start(keep(draft, beside, self.trust.isChecked()), self._on_added)

    def _on_added(self, card: ModelCard) -> None:
        self._close_form()
        self.trust.hide()
        if places.home_models() not in card.path.parents:
            # It stays where it is, and is remembered as an opened file.
            self._desk.shelf.open(str(card.path))
        self._desk.shelf.refresh()
        for task in card.tasks:
            # Who adds a model wants to try it.
            self._desk.settings.set(f"model/{task}", self._desk.shelf.key(card))
        self._desk.shelf.refresh()
        said = tr("{} is added. It serves: {}.").format(card.title, ", ".join(card.tasks))
        self._say(" ".join(part for part in (said, lacking(card)) if part))
        self._bind()

    def _on_cancelled(self) -> None:
        self._close_form()
        self.trust.hide()
        self._say("")
        self._bind()

    def _start(self, work: Callable[..., Any], done: Callable[[Any], None]) -> None:
        self._task = CallTask(tr("Add {}").format(os.path.basename(self._path)), work)
        self._task.succeeded.connect(lambda value: self._ended(done, value))
        self._task.failed.connect(self._on_failed)
        self._bind()
        QgsApplication.taskManager().addTask(self._task)

    def _ended(self, done: Callable[[Any], None], value: Any) -> None:
        self._task = None
        done(value)

    def _on_failed(self, error: GeoFMError) -> None:
        self._task = None
        code = adding.is_script_to_trust(self._path) and not self.trust.isChecked()
        self.trust.setVisible(code)
        if self.form is not None:
            self.form.say(str(error))
        else:
            self._say(tr("Stopped.") if isinstance(error, Cancelled) else str(error))
        self._bind()

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def _close_form(self) -> None:
        if self.form is not None:
            self.form.hide()
            self.form.deleteLater()
            self.form = None
