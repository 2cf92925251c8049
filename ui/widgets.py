"""Small widgets that the pages share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from qgis.PyQt.QtCore import QEvent, QSize, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QPainter, QResizeEvent
from qgis.PyQt.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .tab_order import follow_layout
from .theme import Theme
from .wide_list import WideList

SPACING = 6
NARROW = 12
_ICON = QSize(16, 16)
_JOINTS = re.compile(r"([/\\\\_=])(?=\w)")


def column(owner: QWidget | None = None, margin: int = 0, spacing: int = SPACING) -> QVBoxLayout:
    """A vertical layout with the dock's spacing."""
    layout = QVBoxLayout(owner) if owner is not None else QVBoxLayout()
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    return layout


def row(owner: QWidget | None = None, margin: int = 0, spacing: int = SPACING) -> QHBoxLayout:
    """A horizontal layout with the dock's spacing."""
    layout = QHBoxLayout(owner) if owner is not None else QHBoxLayout()
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    return layout


def form(owner: QWidget | None = None) -> QFormLayout:
    """A form whose fields take the width that is there."""
    layout = QFormLayout(owner) if owner is not None else QFormLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACING)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    return layout


class WrapLabel(QLabel):
    """Plain text that wraps and is exactly as high as it needs to be.

    Layouts nested in forms do not ask a label for its height at a width, and cut it off.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = ""
        self.setWordWrap(True)
        # A style sheet makes it a frame, with an indent that is reckoned with but not drawn.
        self.setIndent(0)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """The text as it was given."""
        return self._text

    def setText(self, text: str) -> None:
        self._text = text
        # Paths are long words: let them break where their parts meet.
        super().setText(_JOINTS.sub("\\1\u200b", text))
        self._fit()

    def set_marked(self, html: str) -> None:
        """Show the text that it has with marks of colour; names in it are escaped already."""
        self.setTextFormat(Qt.TextFormat.RichText)
        super().setText(html)
        self._fit()

    def hasHeightForWidth(self) -> bool:
        """No: the height is fixed. Layouts would ask for it at widths that they never give, and keep that."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # A layout that is setting sizes right now would forget about a new one.
        QTimer.singleShot(0, self._fit)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            QTimer.singleShot(0, self._fit)

    def _fit(self) -> None:
        # A label never asks for less than its minimum, so that has to go first.
        self.setMinimumHeight(0)
        self.setFixedHeight(max(0, self.heightForWidth(self.width())))


def muted(text: str = "") -> WrapLabel:
    """A quiet line of explanation that wraps."""
    label = WrapLabel(text)
    label.setProperty("geofm", "muted")
    return label


def noted(field: QWidget, *notes: QWidget) -> QVBoxLayout:
    """A field of a form with quiet lines right below it."""
    layout = column(spacing=3)
    layout.addWidget(field)
    for note in notes:
        layout.addWidget(note)
    return layout


class FormRows:
    """Rows of a form that come and go: for a hidden row, a form keeps the gap above it.

    Args:
        owner: parent of the rows that are not there.
        layout: the form.
        first: where in it these rows begin.
    """

    def __init__(self, owner: QWidget, layout: QFormLayout, first: int) -> None:
        self._owner, self._layout, self._first = owner, layout, first
        self._rows: dict[str, tuple[QLabel, QWidget]] = {}
        self._shown: list[str] = []

    def add(self, key: str, title: str, field: QWidget) -> None:
        """A row below the others, not there yet."""
        label = QLabel(title)
        for widget in (label, field):
            widget.setParent(self._owner)
            widget.hide()
        self._rows[key] = (label, field)

    def show(self, keys: Iterable[str]) -> None:
        """Have these rows, in their order, and no others."""
        wanted = [key for key in self._rows if key in set(keys)]
        if wanted == self._shown:
            return
        for key in self._shown:
            self._layout.takeRow(self._rows[key][1])
        for at, key in enumerate(wanted, self._first):
            self._layout.insertRow(at, *self._rows[key])
        for key, widgets in self._rows.items():
            for widget in widgets:
                widget.setVisible(key in wanted)
        self._shown = wanted


def heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("geofm", "heading")
    return label


def rule() -> QFrame:
    """A thin line between two parts."""
    line = QFrame()
    line.setProperty("geofm", "rule")
    return line


def quiet_button(theme: Theme, icon: str, tip: str) -> QToolButton:
    """A flat button with an icon; the tip is its accessible name too."""
    button = QToolButton()
    button.setProperty("geofm", "quiet")
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setIconSize(_ICON)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    theme.bind(button, icon)
    return button


def narrow_combo(combo: QComboBox) -> QComboBox:
    """Let a combo box be narrower than its longest entry: the dock decides on the width, not of its list."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(NARROW)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    combo.installEventFilter(WideList(combo))
    return combo


def select(combo: QComboBox, data: str, default: str) -> None:
    """Choose the entry of ``data``, or of ``default`` where a setting names one that is no more."""
    found = combo.findData(data)
    combo.setCurrentIndex(found if found >= 0 else combo.findData(default))


def ask_for_file(owner: QWidget, title: str, kinds: str, chosen: Callable[[str], object]) -> None:
    """Let the user choose a file, without holding up the rest.

    Args:
        kinds: a name filter, such as ``Models (*.json)``.
        chosen: gets the file's path; is not called if the user closes the dialog.
    """
    dialog = QFileDialog(owner, title)
    dialog.setNameFilter(kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.setModal(False)
    dialog.show()


def ask_for_folder(owner: QWidget, title: str, chosen: Callable[[str], object]) -> None:
    """Let the user choose a folder, without holding up the rest; see :func:`ask_for_file`."""
    dialog = QFileDialog(owner, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.setModal(False)
    dialog.show()


def set_state(widget: QWidget, name: str, value: Any) -> None:
    """Set a property that the style sheet selects by, and draw the widget accordingly."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def smaller(label: QLabel) -> QLabel:
    """The second line of a pair, a little smaller than the first."""
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * 0.9)
    label.setFont(font)
    return label


class ElidedLabel(QLabel):
    """A line that gives up its middle rather than its place; the tool tip has all of it."""

    def __init__(self, text: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__(text)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, area.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 6, super().minimumSizeHint().height())


class Card(QFrame):
    """A framed box that can be clicked or reached by keyboard when ``activated`` is wanted."""

    activated = pyqtSignal()

    def __init__(self, clickable: bool = False) -> None:
        super().__init__()
        self.setProperty("geofm", "card")
        self._clickable = clickable
        if clickable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: Any) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        if self._clickable and left and self.rect().contains(event.pos()):
            self.activated.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: Any) -> None:
        if self._clickable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit()
            return
        super().keyPressEvent(event)


class SegmentedBar(QWidget):
    """A row of buttons of which one is on: the pages of the dock."""

    chosen = pyqtSignal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._keys: list[Enum] = []
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._layout = row(self, spacing=0)
        self._group.buttonClicked.connect(self._on_clicked)

    def add(self, key: Enum, text: str, icon: str, tip: str) -> QPushButton:
        """Add a segment at the right end."""
        # Of Qt's buttons with an icon beside the words, this is the one that centres them.
        button = QPushButton(text)
        button.setProperty("geofm", "segment")
        button.setProperty("place", "last" if self._keys else "first")
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIconSize(_ICON)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.bind(button, icon)
        before = self._group.buttons()
        if len(before) > 1:
            before[-1].setProperty("place", "middle")
        self._group.addButton(button)
        self._keys.append(key)
        self._layout.addWidget(button)
        return button

    def set_current(self, key: Enum) -> None:
        """Switch a segment on without saying so."""
        self._group.buttons()[self._keys.index(key)].setChecked(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for both, the words stay and the icons go."""
        super().resizeEvent(event)
        buttons = self._group.buttons()
        for button in buttons:
            button.setIconSize(_ICON)
        if max(button.sizeHint().width() for button in buttons) * len(buttons) > event.size().width():
            for button in buttons:
                button.setIconSize(QSize(0, 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _on_clicked(self, button: Any) -> None:
        self.chosen.emit(self._keys[self._group.buttons().index(button)])

    def keyPressEvent(self, event: Any) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key())
        if step is None:
            super().keyPressEvent(event)
            return
        buttons = self._group.buttons()
        target = buttons[(buttons.index(self._group.checkedButton()) + step) % len(buttons)]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        target.click()


class FittedColumn(QWidget):
    """The content of a scroll area: as wide as the area, never wider, as high as it needs.

    The Tab key follows what is laid out in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("geofm", "page")
        self._changed = QTimer(self)
        self._changed.setSingleShot(True)
        self._changed.timeout.connect(lambda: follow_layout(self))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            # Chips and cards come and go.
            self._changed.start(0)
        return super().event(event)


LOOKS_CHANGED = (
    QEvent.Type.PaletteChange,
    QEvent.Type.StyleChange,
    QEvent.Type.ApplicationPaletteChange,
)
