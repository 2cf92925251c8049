"""The classes: names, colours, keys, and how much is labelled of each."""

from __future__ import annotations

from typing import Any

from qgis.gui import QgsColorButton
from qgis.PyQt.QtCore import QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent, QPainter, QPen
from qgis.PyQt.QtWidgets import QFrame, QLabel, QLineEdit, QMenu, QToolButton, QWidget

from ...algorithms.text import tr
from ...inference.jobs import ClassInfo
from ..desk import Desk
from ..tab_order import follow_layout
from ..texts import grouped
from ..theme import LINE, thin
from ..widgets import column, muted, quiet_button, row, smaller
from .labels import Labels

_BADGE, _SWATCH, _BAR = 22, 22, 3
_KEYS = "1234567890"
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Badge(QToolButton):
    """The key of a class on its colour; pressed, it is the class that is drawn.

    Signals:
        stepped: an arrow key was pressed: -1 up, 1 down; with Alt it moves the class.
        removed: Delete was pressed. ``renamed``: F2 was.
    """

    stepped = pyqtSignal(int, bool)
    removed = pyqtSignal()
    renamed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._theme = desk.theme
        self.color = QColor()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        side = max(_BADGE, self.fontMetrics().height() + 6)
        self.setFixedSize(side, side)

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, frame = self._theme, QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked() or self.hasFocus():
            painter.setPen(QPen(theme.accent if self.hasFocus() else theme.ink, 2))
            painter.drawRoundedRect(frame, 5, 5)
        painter.setPen(QPen(thin(theme.ink, LINE), 1))
        painter.setBrush(self.color)
        painter.drawRoundedRect(frame.adjusted(2, 2, -2, -2), 3, 3)
        dark = self.color.lightnessF() < 0.55
        painter.setPen(QColor(Qt.GlobalColor.white if dark else Qt.GlobalColor.black))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() in _STEPS and (alt or plain):
            self.stepped.emit(_STEPS[event.key()], alt)
        elif event.key() == Qt.Key.Key_Delete and plain:
            self.removed.emit()
        elif event.key() == Qt.Key.Key_F2:
            self.renamed.emit()
        else:
            super().keyPressEvent(event)


class ShareBar(QWidget):
    """A thin line as long as the class's share of what is labelled."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._theme = desk.theme
        self._share, self._color = 0.0, QColor()
        self.setFixedHeight(_BAR)

    @property
    def share(self) -> float:
        """0 to 1."""
        return self._share

    def set_share(self, share: float, color: str) -> None:
        self._share, self._color = share, QColor(color)
        self.update()

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), thin(self._theme.ink, LINE / 2))
        painter.fillRect(QRectF(0, 0, self.width() * self._share, self.height()), self._color)
        painter.end()


class ClassRow(QWidget):
    """One class: key, name, count, colour; a thin line for its share."""

    def __init__(self, desk: Desk, labels: Labels, value: int) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self.value = value
        self._labels = labels
        self.badge = Badge(desk)
        self.name = QLineEdit()
        self.name.setProperty("geofm", "title")
        self.count = smaller(QLabel())
        self.count.setProperty("geofm", "muted")
        self.color = _color_button()
        self.remove = quiet_button(
            desk.theme, "dock-remove", tr("Remove the class and its labels (undo brings them back)")
        )
        self.bar = ShareBar(desk)
        top = row(spacing=4)
        for widget in (self.badge, self.name, self.count, self.color, self.remove):
            top.addWidget(widget)
        layout = column(self, spacing=2)
        layout.addLayout(top)
        layout.addWidget(self.bar)
        self._connect()

    def _connect(self) -> None:
        labels, value = self._labels, self.value
        self.badge.clicked.connect(lambda: labels.choose(value))
        self.badge.removed.connect(self._remove)
        self.badge.renamed.connect(self._on_renaming)
        self.name.editingFinished.connect(self._on_named)
        self.color.colorChanged.connect(self._on_colored)
        self.remove.clicked.connect(self._remove)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu().popup(self.mapToGlobal(at)))

    def menu(self) -> QMenu:
        """What can be done with the class."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, action in (
            (tr("Rename (F2)"), self._on_renaming),
            (tr("Move up (Alt+Up)"), lambda: self._labels.move_class(self.value, -1)),
            (tr("Move down (Alt+Down)"), lambda: self._labels.move_class(self.value, 1)),
            (tr("Remove (Del)"), self._remove),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, chosen=action: chosen())
        return menu

    def show_class(self, info: ClassInfo, at: int, count: int, pixels: int | None, share: float) -> None:
        """Show what is known of the class.

        Args:
            at: its place in the list, from 0.
            count, pixels: how much is labelled; None for pixels that nobody has counted.
            share: of what is labelled of all classes, 0 to 1.
        """
        key = _KEYS[at] if at < len(_KEYS) else ""
        self.badge.setText(key)
        self.badge.color = QColor(info.color)
        self.badge.setChecked(self._labels.current is info)
        self.badge.setAccessibleName(tr("Draw {}").format(info.name))
        hint = tr("Draw {} (key {} on the map)") if key else tr("Draw {}")
        more = tr("Arrow keys choose, Alt+Up and Alt+Down move the class")
        self.badge.setToolTip(f"{hint.format(info.name, key)}\n{more}")
        self.badge.update()
        if not self.name.isModified():
            self.name.setText(info.name)
            self.name.setCursorPosition(0)
        self.name.setAccessibleName(tr("Name of class {}").format(info.name))
        self.name.setToolTip(tr("{}: type to rename it").format(info.name))
        self.color.setColor(QColor(info.color))
        self.count.setText(_counted(count, pixels))
        self.count.setToolTip(_told(count, pixels, share))
        self.bar.set_share(share, info.color)
        self.bar.setToolTip(self.count.toolTip())

    def _on_named(self) -> None:
        if self.name.isModified():
            self.name.setModified(False)
            if not self._labels.rename_class(self.value, self.name.text()):
                info = next(one for one in self._labels.classes if one.value == self.value)
                self.name.setText(info.name)

    def _on_renaming(self) -> None:
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.name.selectAll()

    def _on_colored(self, color: QColor) -> None:
        known = {info.value: info.color for info in self._labels.classes}
        if color.isValid() and known.get(self.value) != color.name():
            self._labels.recolor_class(self.value, color.name())

    def _remove(self) -> None:
        self._labels.remove_class(self.value)


class ClassList(QWidget):
    """All classes, and the line that adds one."""

    def __init__(self, desk: Desk, labels: Labels) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk, self._labels = desk, labels
        self._rows = column(spacing=4)
        self.empty = QFrame()
        self.empty.setProperty("geofm", "drop")
        words = column(self.empty, margin=8)
        words.addWidget(muted(tr("Name two classes to begin: what is the map to tell apart?")))
        self.name = QLineEdit()
        self.name.setToolTip(tr("Enter adds it; several at once with commas"))
        self.name.returnPressed.connect(self._on_add)
        self.add = quiet_button(desk.theme, "dock-add", tr("Add the class"))
        self.add.clicked.connect(self._on_add)
        adding = row(spacing=4)
        adding.addWidget(self.name)
        adding.addWidget(self.add)
        layout = column(self)
        layout.addWidget(self.empty)
        layout.addLayout(self._rows)
        layout.addLayout(adding)
        labels.changed.connect(self.bind)
        labels.counted.connect(self.bind)
        labels.current_changed.connect(self.bind)
        desk.theme.changed.connect(self.update)
        self.bind()

    def rows(self) -> list[ClassRow]:
        """The rows shown, in order."""
        return [self._rows.itemAt(at).widget() for at in range(self._rows.count())]

    def bind(self, *_: Any) -> None:
        """Show the classes as they are."""
        classes = self._labels.classes
        if [shown.value for shown in self.rows()] != [info.value for info in classes]:
            self._arrange([info.value for info in classes])
        counts, pixels = self._labels.counts(), self._labels.pixels()
        weights = pixels if sum(pixels.values()) else counts
        total = sum(weights.get(info.value, 0) for info in classes) or 1
        for at, (shown, info) in enumerate(zip(self.rows(), classes)):
            share = weights.get(info.value, 0) / total
            shown.show_class(info, at, counts[info.value], pixels.get(info.value), share)
        self.empty.setVisible(len(classes) < 2)
        self.name.setPlaceholderText(tr("Add a class") if classes else tr("Name a class, as forest"))

    def _arrange(self, values: list[int]) -> None:
        """Rows for these classes in this order; a class that stays keeps its row, and the focus."""
        present = {shown.value: shown for shown in self.rows()}
        focused = next((one for one in present.values() if one.isAncestorOf(self.focusWidget())), None)
        inner = self.focusWidget() if focused is not None else None
        for value, shown in present.items():
            self._rows.removeWidget(shown)
            if value not in values:
                shown.hide()
                shown.deleteLater()
        for value in values:
            self._rows.addWidget(present[value] if value in present else self._new_row(value))
        follow_layout(self)
        if inner is not None and focused is not None and focused.value in values:
            inner.setFocus(Qt.FocusReason.OtherFocusReason)

    def _new_row(self, value: int) -> ClassRow:
        made = ClassRow(self._desk, self._labels, value)
        made.badge.stepped.connect(lambda by, moves: self._on_stepped(value, by, moves))
        return made

    def _on_stepped(self, value: int, by: int, moves: bool) -> None:
        if moves:
            self._labels.move_class(value, by)
            return
        values = [info.value for info in self._labels.classes]
        target = self.rows()[(values.index(value) + by) % len(values)]
        target.badge.setFocus(Qt.FocusReason.TabFocusReason)
        self._labels.choose(target.value)

    def _on_add(self) -> None:
        """Add what was typed; what could not be added stays to be mended."""
        names = [name.strip() for name in self.name.text().split(",") if name.strip()]
        left = [name for name in names if not self._labels.add_class(name)]
        self.name.setText(", ".join(left))


def _color_button() -> QgsColorButton:
    button = QgsColorButton()
    button.setShowMenu(False)
    button.setShowNoColor(False)
    button.setColorDialogTitle(tr("Colour of the class"))
    button.setToolTip(tr("The colour of the class"))
    button.setAccessibleName(tr("Colour of the class"))
    button.setFixedSize(QSize(_SWATCH, _SWATCH))
    return button


def _counted(count: int, pixels: int | None) -> str:
    if not count:
        return tr("no labels")
    return grouped(count) if pixels is None else tr("{} · {} px").format(grouped(count), grouped(pixels))


def _told(count: int, pixels: int | None, share: float) -> str:
    if not count:
        return tr("Nothing is labelled as this class yet")
    if pixels is None:
        return tr("{} labels, {} % of all").format(grouped(count), round(100 * share))
    return tr("{} labels on {} pixels, {} % of all").format(
        grouped(count), grouped(pixels), round(100 * share)
    )
