"""The layers in use, each a chip with its role; add from the project, drop, remove, edit."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMimeDataUtils, QgsRasterLayer
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QLabel, QMenu, QPushButton, QToolButton, QWidget

from ..algorithms.text import tr
from ..inference.labels import date_in
from . import layers as layer_notes
from .desk import Desk
from .layer_editor import LayerEditor
from .layer_set import Role, usable
from .widgets import Card, ElidedLabel, column, heading, muted, quiet_button, row, set_state, smaller


class LayerChip(Card):
    """One layer: name, what it is, a button to take it out; a click opens its form below."""

    removed = pyqtSignal()
    toggled = pyqtSignal()

    def __init__(self, desk: Desk, layer: QgsRasterLayer) -> None:
        super().__init__(clickable=True)
        known = layer_notes.note(layer)
        self.title = ElidedLabel(layer.name())
        self.about = ElidedLabel(layer_notes.describe(known), Qt.TextElideMode.ElideRight)
        smaller(self.about).setProperty("geofm", "muted")
        icon = QLabel()
        name = "dock-warning" if known.unnamed else "layer"
        icon.setPixmap(desk.theme.icon(name).pixmap(QSize(16, 16)))
        self.remove = quiet_button(desk.theme, "dock-remove", tr("Do not use this layer"))
        self.remove.clicked.connect(self.removed)
        self.activated.connect(self.toggled)
        self.setToolTip(_tip(layer, known))
        self.setAccessibleName(tr("Layer {}: {}").format(layer.name(), self.about.text()))
        words = column(spacing=0)
        words.addWidget(self.title)
        words.addWidget(self.about)
        top = row(spacing=6)
        top.addWidget(icon)
        top.addLayout(words, 1)
        top.addWidget(self.remove)
        self._layout = column(self, margin=5)
        self._layout.addLayout(top)
        self.editor: LayerEditor | None = None

    def open_editor(self, layer: QgsRasterLayer) -> LayerEditor:
        """Unfold the form."""
        self.editor = LayerEditor(layer)
        self._layout.addWidget(self.editor)
        set_state(self, "open", "true")
        return self.editor


def _tip(layer: QgsRasterLayer, known: layer_notes.LayerNote) -> str:
    names = ", ".join(band.name for band in known.bands)
    size = tr("{} x {} pixels").format(known.width, known.height)
    if known.gsd:
        size = tr("{} of {}").format(size, layer_notes.metres(known.gsd))
    click = tr("Click to say what it is, its bands, their scale and the date.")
    return "\n".join([layer.name(), *layer_notes.origins(known), names, size, click])


def _in_time(layers: list[QgsRasterLayer]) -> list[QgsRasterLayer]:
    """Layers as they are shown: a series from the earliest to the latest, others as they were added."""
    dates = {layer.id(): layer_notes.acquired(layer) for layer in layers}
    series = len(set(dates.values())) > 1 and all(date_in(text) for text in dates.values())
    return sorted(layers, key=lambda layer: dates[layer.id()]) if series else layers


class LayerTray(QWidget):
    """The chips of one role with the ways to change them.

    Many dates come as a folder: ``folder_wanted``, where the role takes several layers.
    """

    folder_wanted = pyqtSignal()

    def __init__(self, desk: Desk, role: Role, title: str, empty: str) -> None:
        super().__init__()
        self._desk = desk
        self._role = role
        self._open = ""
        self.setAcceptDrops(True)
        self.add = QToolButton()
        self.add.setProperty("geofm", "quiet")
        self.add.setText(tr("Add"))
        self.add.setToolTip(tr("Use another raster layer; you can drop one here from the layer tree too"))
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        desk.theme.bind(self.add, "dock-add")
        self.menu = QMenu(self.add)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.add.clicked.connect(self._on_add)
        self.header = row()
        self.header.addWidget(heading(title))
        self.header.addStretch()
        self.header.addWidget(self.add)
        self._empty = self._empty_card(empty)
        self._chips = column(spacing=4)
        layout = column(self, spacing=4)
        layout.addLayout(self.header)
        layout.addWidget(self._empty)
        layout.addLayout(self._chips)
        desk.layers.changed.connect(self._on_changed)
        desk.theme.changed.connect(self.refresh)
        self.refresh()

    def _empty_card(self, text: str) -> QFrame:
        card = QFrame()
        card.setProperty("geofm", "drop")
        words = muted(text)
        self.open_file = QPushButton(tr("Add a raster layer…"))
        self.open_file.setToolTip(tr("Open QGIS's data source manager"))
        self.open_file.clicked.connect(self._on_open_file)
        layout = column(card, margin=8)
        layout.addWidget(words)
        buttons = row()
        buttons.addWidget(self.open_file)
        buttons.addStretch()
        layout.addLayout(buttons)
        return card

    def chips(self) -> list[LayerChip]:
        """The chips shown, in order."""
        found = (self._chips.itemAt(i).widget() for i in range(self._chips.count()))
        return [widget for widget in found if isinstance(widget, LayerChip)]

    def refresh(self) -> None:
        """Draw the chips anew."""
        while self._chips.count():
            old = self._chips.takeAt(0).widget()
            old.hide()
            old.deleteLater()
        chosen = self._desk.layers.get(self._role)
        self._empty.setVisible(not chosen)
        self.open_file.setVisible(not self._addable())
        for layer in _in_time(chosen):
            self._add_chip(layer)

    def _add_chip(self, layer: QgsRasterLayer) -> None:
        chip = LayerChip(self._desk, layer)
        layer_id = layer.id()
        chip.removed.connect(lambda: self._on_removed(layer_id))
        chip.toggled.connect(lambda: self._on_toggled(layer_id))
        if layer_id == self._open:
            chip.open_editor(layer).closed.connect(lambda: self._on_toggled(layer_id))
        self._chips.addWidget(chip)

    def _on_changed(self, role: Role) -> None:
        if role is self._role:
            self.refresh()

    def _on_removed(self, layer_id: str) -> None:
        layer = self._desk.project.mapLayer(layer_id)
        if layer is not None:
            self._desk.layers.remove(self._role, layer)

    def _on_toggled(self, layer_id: str) -> None:
        self._open = "" if self._open == layer_id else layer_id
        self.refresh()
        for chip in self.chips():
            if chip.editor is not None:
                chip.editor.bands.setFocus()

    def _on_open_file(self) -> None:
        self._desk.iface.actionAddRasterLayer().trigger()

    def _addable(self) -> list[QgsRasterLayer]:
        used = {layer.id() for layer in self._desk.layers.get(self._role)}
        return [layer for layer in self._desk.layers.candidates() if layer.id() not in used]

    def _on_add(self) -> None:
        # Not the button's own menu: that would keep room for an arrow.
        self.menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))

    def _fill_menu(self) -> None:
        self.menu.clear()
        for layer in self._addable():
            action = self.menu.addAction(self._desk.theme.icon("layer"), layer.name())
            action.triggered.connect(lambda _=False, chosen=layer: self._desk.layers.add(self._role, chosen))
        if not self.menu.isEmpty():
            self.menu.addSeparator()
        self.menu.addAction(tr("Add a raster layer to the project…")).triggered.connect(self._on_open_file)
        if self._role is Role.INPUT:
            self.menu.addAction(tr("Add a folder of dates…")).triggered.connect(self.folder_wanted)

    def _dropped(self, event: Any) -> list[QgsRasterLayer]:
        found = []
        for uri in QgsMimeDataUtils.decodeUriList(event.mimeData()):
            layer = self._desk.project.mapLayer(uri.layerId) if uri.layerId else None
            if usable(layer):
                found.append(layer)
        return found

    def dragEnterEvent(self, event: Any) -> None:
        if QgsMimeDataUtils.isUriList(event.mimeData()) and self._dropped(event):
            set_state(self._empty, "dropping", "true")
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: Any) -> None:
        set_state(self._empty, "dropping", "false")

    def dropEvent(self, event: Any) -> None:
        set_state(self._empty, "dropping", "false")
        for layer in self._dropped(event):
            self._desk.layers.add(self._role, layer)
        event.acceptProposedAction()
