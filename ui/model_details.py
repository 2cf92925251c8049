"""All that is to know of a model before and after its download, and what can be done to it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from qgis.PyQt.QtCore import QSize, Qt, QTimer, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices, QResizeEvent
from qgis.PyQt.QtWidgets import (
    QApplication,
    QGridLayout,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QWidget,
)

from ..algorithms.text import tr
from ..inference import places, taught
from ..inference.catalog import folder_of
from ..inference.recommend import Recommendation
from ..inference.wording import licence, needs, size, source, terms, transfer
from .desk import Desk
from .model_work import ModelWork
from .state import Phase
from .widgets import SPACING, Card, WrapLabel, column, muted, quiet_button, row


class ModelDetails(Card):
    """What it needs, whose it is, how much it is, where it lies; download, verify, remove."""

    grown = pyqtSignal()

    def __init__(self, desk: Desk, work: ModelWork, found: Recommendation | None) -> None:
        super().__init__()
        self._desk = desk
        self.work = work
        self.card = work.card
        self.texts: dict[str, WrapLabel] = {}
        self.reason = muted(found.reason if found is not None else "")
        self._fields = QGridLayout()
        self._fields.setColumnStretch(1, 1)
        self._fields.setHorizontalSpacing(SPACING)
        self._fields.setVerticalSpacing(3)
        self._fill()
        self.message = muted()
        self.bar = QProgressBar()
        self.bar.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stop = quiet_button(desk.theme, "cancel", tr("Stop; the part that came is kept"))
        self.stop.clicked.connect(work.cancel)
        self._build_buttons()
        layout = column(self, margin=8, spacing=6)
        if found is not None:
            layout.addLayout(_marked(desk, found, self.reason))
        layout.addWidget(WrapLabel(self.card.description))
        layout.addLayout(self._fields)
        layout.addLayout(self._working())
        layout.addWidget(self.message)
        layout.addLayout(self._buttons)
        work.changed.connect(self.bind)
        desk.model.phase_changed.connect(self.bind)
        self.bind()

    def _fill(self) -> None:
        card, folder = self.card, folder_of(self.card)
        for title, words in needs(card).items():
            self._add(title, words)
        self._add_classes()
        for title, words in taught.rows(card).items():
            self._add(title, words)
        self._add(tr("Lacks"), taught.lacking(card))
        self._add(tr("Licence"), licence(card) or tr("not stated"))
        link = terms(card)
        if link:
            look = quiet_button(self._desk.theme, "dock-report", tr("Open the licence in the browser"))
            look.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(link)))
            self._add(tr("Terms"), link, look)
        if card.citation:
            copy = quiet_button(self._desk.theme, "dock-copy", tr("Copy the citation"))
            copy.clicked.connect(lambda: QApplication.clipboard().setText(card.citation))
            self._add(tr("Cite"), card.citation, copy)
        self._add(tr("Source"), source(card))
        self._add(tr("Verified"), card.verified)
        if card.needs_download:
            self._add(tr("Size"), transfer(card))
        if folder is not None:
            show = quiet_button(self._desk.theme, "dock-folder", tr("Open the folder"))
            show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
            self._add(tr("Lies in"), str(folder), show)

    def _add_classes(self) -> None:
        """The names of the classes, each behind its colour."""
        classes = self.card.classes
        title = tr("Classes")
        self._add(title, ", ".join(info.name for info in classes))
        marks = [
            f'<span style="color: {info.color}">\u25a0</span>\u00a0{escape(info.name)}' for info in classes
        ]
        if marks:
            self.texts[title].set_marked(", ".join(marks))

    def _add(self, title: str, words: str, button: QWidget | None = None) -> None:
        if not words:
            return
        text = self.texts[title] = WrapLabel(words)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        name = QLabel(title)
        name.setProperty("geofm", "muted")
        at, top = self._fields.rowCount(), Qt.AlignmentFlag.AlignTop
        self._fields.addWidget(name, at, 0, top)
        self._fields.addWidget(text, at, 1, 1, 1 if button else 2, top)
        if button is not None:
            self._fields.addWidget(button, at, 2, top)

    def _build_buttons(self) -> None:
        words = " ".join(part for part in (tr("Download"), transfer(self.card)) if part)
        self.download = self._button("dock-download", words, self.work.download)
        self.download.setToolTip(tr("Fetch the weights now; a run would do it too"))
        self.verify = self._button("dock-verify", tr("Verify"), self.work.verify)
        self.verify.setToolTip(tr("Read the files again and hold them to their digests"))
        self.remove = self._button("dock-delete", tr("Remove"), self._on_remove)
        self.remove.setToolTip(tr("Delete the files from this machine"))
        self._buttons = row()
        self._buttons.addStretch()
        for button in (self.download, self.verify, self.remove):
            self._buttons.addWidget(button)

    def _button(self, icon: str, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        self._desk.theme.bind(button, icon)
        button.clicked.connect(lambda: slot())
        return button

    def _working(self) -> object:
        line = row()
        line.addWidget(self.bar, 1)
        line.addWidget(self.stop)
        return line

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The scroll area learns of the new height after this event.
        QTimer.singleShot(0, self._tell_grown)

    def _tell_grown(self) -> None:
        self.grown.emit()

    def bind(self) -> None:
        """Show what can be done in the present phase, and how far the work is."""
        work, ready = self.work, self._desk.shelf.ready(self.card)
        free = self._desk.model.phase is Phase.READY and not work.busy
        self.download.setVisible(self.card.needs_download and not ready)
        self.verify.setVisible(self.card.needs_download and ready)
        self.remove.setVisible(self._removable())
        for button in (self.download, self.verify, self.remove):
            button.setEnabled(free)
        self.bar.setVisible(work.busy)
        self.stop.setVisible(work.busy)
        self.bar.setRange(0, 0 if work.percent is None else 100)
        self.bar.setValue(work.percent or 0)
        self.bar.setFormat(f"{size(work.done)} / {size(work.total)}" if work.total > 1000 else "%p %")
        self.message.setText(work.message)
        self.message.setVisible(bool(work.message))

    def _removable(self) -> bool:
        own = places.home_models()
        return own in self.card.path.parents or (self.card.needs_download and self.card.is_in((own,)))

    def _on_remove(self) -> None:
        question = tr("Remove the files of {} from this machine?").format(self.card.title)
        buttons = QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel
        answer = QMessageBox.question(self, tr("Remove a model"), question, buttons)
        if answer == QMessageBox.StandardButton.Yes:
            self.work.remove()


def _marked(desk: Desk, found: Recommendation, reason: WrapLabel) -> object:
    mark = QLabel()
    name = "dock-ok" if found.fits and found.in_memory else "dock-warning"
    mark.setPixmap(desk.theme.icon(name).pixmap(QSize(14, 14)))
    line = row(spacing=4)
    line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(reason, 1)
    return line
