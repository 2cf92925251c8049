"""The page Models: what there is, where it is, under which licence, and whether it fits the layer."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QLabel, QMessageBox, QProgressBar, QPushButton, QWidget

from ..algorithms.text import tr
from ..inference import places
from ..inference.cards import CLASSIFIER
from ..inference.catalog import Card as ModelCard
from ..inference.errors import Cancelled, GeoFMError
from ..inference.recommend import LayerFacts, recommend
from ..inference.wording import size
from .desk import Desk
from .engine_calls import on_engine
from .hub_token import HubToken
from .layer_set import Role
from .map_page import layer_facts
from .state import Phase
from .tasks import CallTask
from .widgets import Card, WrapLabel, column, muted, quiet_button, row


class ModelItem(Card):
    """One card of the catalogue with what can be done to it."""

    def __init__(self, desk: Desk, card: ModelCard, facts: LayerFacts | None) -> None:
        super().__init__()
        self._desk = desk
        self.card = card
        self._task: CallTask | None = None
        self.title = WrapLabel(card.title)
        self.title.setProperty("geofm", "heading")
        self.place = QLabel(self._place())
        self.place.setProperty("geofm", "muted")
        self.about = muted(card.description)
        self.facts = muted(_line(card))
        more = (card.id, card.licence, card.source, card.citation, card.verified)
        self.facts.setToolTip("\n".join(part for part in more if part))
        self.mark = QLabel()
        self.fits = muted()
        self.message = muted()
        self.message.hide()
        self.bar = QProgressBar()
        self.bar.hide()
        self.download = self._button("dock-download", tr("Download"), self._on_download)
        self.download.setToolTip(tr("Fetch the weights now; a run would do it too"))
        self.verify = self._button("dock-verify", tr("Verify"), self._on_verify)
        self.verify.setToolTip(tr("Read the files again and hold them to their digests"))
        self.remove = self._button("dock-delete", tr("Remove"), self._on_remove)
        self.remove.setToolTip(tr("Delete the files from this machine"))
        self.stop = quiet_button(desk.theme, "cancel", tr("Stop"))
        self.stop.clicked.connect(self.cancel)
        self._lay_out()
        self._show_fit(facts)
        self.bind()

    def _button(self, icon: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        self._desk.theme.bind(button, icon)
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        top = row()
        top.addWidget(self.title, 1)
        top.addWidget(self.place, 0, Qt.AlignmentFlag.AlignTop)
        fit = row(spacing=4)
        fit.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        fit.addWidget(self.fits, 1)
        working = row()
        working.addWidget(self.bar, 1)
        working.addWidget(self.stop)
        buttons = row()
        buttons.addStretch()
        for button in (self.download, self.verify, self.remove):
            buttons.addWidget(button)
        layout = column(self, margin=8, spacing=4)
        layout.addLayout(top)
        layout.addWidget(self.about)
        layout.addLayout(fit)
        layout.addWidget(self.facts)
        layout.addWidget(self.message)
        layout.addLayout(working)
        layout.addLayout(buttons)

    def _show_fit(self, facts: LayerFacts | None) -> None:
        found = recommend(facts, self.card.tasks[0], [self.card]) if facts is not None else []
        self.fits.setText(found[0].reason if found else "")
        for widget in (self.mark, self.fits):
            widget.setVisible(bool(found))
        if found:
            name = "dock-ok" if found[0].fits else "dock-warning"
            self.mark.setPixmap(self._desk.theme.icon(name).pixmap(QSize(14, 14)))

    def _place(self) -> str:
        if self.card.family == CLASSIFIER:
            return tr("taught")
        if not self.card.needs_download:
            return tr("built in")
        return tr("on this machine") if self._desk.shelf.ready(self.card) else tr("not downloaded")

    def _removable(self) -> bool:
        own = places.home_models()
        return own in self.card.path.parents or (self.card.needs_download and self.card.is_in((own,)))

    def bind(self) -> None:
        """Show what can be done in the present phase."""
        ready, busy = self._desk.shelf.ready(self.card), self._task is not None
        free = self._desk.model.phase is Phase.READY and not busy
        self.download.setVisible(self.card.needs_download and not ready)
        self.verify.setVisible(self.card.needs_download and ready)
        self.remove.setVisible(self._removable())
        for button in (self.download, self.verify, self.remove):
            button.setEnabled(free)
        self.bar.setVisible(busy)
        self.stop.setVisible(busy)

    def _on_download(self) -> None:
        self._call("models.fetch", tr("Downloaded and verified."))

    def _on_verify(self) -> None:
        self._call("models.verify", tr("Every file matches its digest."))

    def _on_remove(self) -> None:
        question = tr("Remove the files of {} from this machine?").format(self.card.title)
        buttons = QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel
        answer = QMessageBox.question(self, tr("Remove a model"), question, buttons)
        if answer == QMessageBox.StandardButton.Yes:
            self._call("models.remove", "")

    def _call(self, method: str, done: str) -> None:
        self.message.hide()
        self.bar.setRange(0, 0)
        work = on_engine(method, {"model": self._desk.shelf.key(self.card)})
        self._task = CallTask(f"{method} {self.card.id}", work)
        self._task.told.connect(self._on_told)
        self._task.succeeded.connect(lambda _: self._on_done(done))
        self._task.failed.connect(self._on_failed)
        self.bind()
        QgsApplication.taskManager().addTask(self._task)

    def cancel(self) -> None:
        """Stop what is done to this model."""
        if self._task is not None:
            self._task.cancel()

    def close_item(self) -> None:
        """Stop and wait for the thread, before the widget goes."""
        if self._task is not None:
            task, self._task = self._task, None
            task.disconnect()
            task.cancel()
            task.waitForFinished(15_000)

    def _on_told(self, stage: str, done: int, total: int, message: str) -> None:
        self.bar.setRange(0, 1000 if total > 0 else 0)
        self.bar.setValue(1000 * done // total if total > 0 else 0)
        self.bar.setFormat(f"{size(done)} / {size(total)}" if total > 1000 else "%p %")

    def _on_done(self, text: str) -> None:
        self._task = None
        self.say(text)
        self._desk.shelf.refresh()

    def _on_failed(self, error: GeoFMError) -> None:
        self._task = None
        self.say(tr("Stopped.") if isinstance(error, Cancelled) else str(error))
        self.bind()

    @property
    def at_work(self) -> bool:
        """Whether something is being done to this model."""
        return self._task is not None

    def say(self, text: str) -> None:
        """Show how it ended; an empty text clears it."""
        self.message.setText(text)
        self.message.setVisible(bool(text))


def _line(card: ModelCard) -> str:
    """Size and licence, as far as there is something to say."""
    parts = [size(card.download_size)] if card.needs_download and card.download_size else []
    parts.append(card.licence.split(";")[0])
    if card.bands:
        parts.append(tr("{} bands").format(len(card.bands)))
    if card.classes:
        parts.append(", ".join(info.name for info in card.classes[:6]))
    return " · ".join(part for part in parts if part)


class ModelsPage(QWidget):
    """All cards, those taught by the user first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("geofm", "page")
        self._desk = desk
        self.broken = muted()
        self._list = column()
        layout = column(self)
        layout.addWidget(self.broken)
        layout.addLayout(self._list)
        layout.addWidget(HubToken(desk))
        layout.addStretch()
        desk.shelf.changed.connect(self.refresh)
        desk.layers.changed.connect(self._on_layers)
        desk.model.phase_changed.connect(self._bind)
        desk.theme.changed.connect(self.refresh)
        self.refresh()

    def items(self) -> list[ModelItem]:
        """The cards shown, in order."""
        found = (self._list.itemAt(i).widget() for i in range(self._list.count()))
        return [widget for widget in found if isinstance(widget, ModelItem)]

    def refresh(self) -> None:
        """Show the catalogue anew; cards at work stay as they are."""
        if any(item.at_work for item in self.items()):
            self._bind()
            return
        said = {item.card.id: item.message.text() for item in self.items() if not item.message.isHidden()}
        while self._list.count():
            old = self._list.takeAt(0).widget()
            old.hide()
            old.deleteLater()
        facts = layer_facts(self._desk.layers.get(Role.INPUT))
        for card in sorted(self._desk.shelf.cards(), key=lambda card: card.family != CLASSIFIER):
            item = ModelItem(self._desk, card, facts)
            item.say(said.get(card.id, ""))
            self._list.addWidget(item)
        problems = self._desk.shelf.problems()
        self.broken.setText("\n".join(problems))
        self.broken.setVisible(bool(problems))

    def close_page(self) -> None:
        """End what the cards do."""
        for item in self.items():
            item.close_item()

    def _on_layers(self, role: object) -> None:
        if role is Role.INPUT:
            self.refresh()

    def _bind(self) -> None:
        for item in self.items():
            item.bind()
