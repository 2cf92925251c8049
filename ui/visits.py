"""Places to visit in turn: the map goes there, and a key or a button answers what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QHideEvent, QIcon, QKeyEvent, QPixmap, QResizeEvent, QShowEvent
from qgis.PyQt.QtWidgets import QApplication, QComboBox, QGridLayout, QPushButton, QSizePolicy, QWidget

from ..algorithms.text import tr
from ..inference.errors import UnsupportedInput
from .desk import Desk
from .place_mark import Place, PlaceMark
from .widgets import SPACING, column, muted, narrow_combo, quiet_button, row, set_state

_TURNS = NEXT_KEY, PREVIOUS_KEY, AGAIN_KEY = "N", "B", "M"
_DONE = "\u2713"
_SWATCH = 12
_MOST_COLUMNS = 2
_NAMED_KEYS = {
    "Backspace": (Qt.Key.Key_Backspace,),
    "Delete": (Qt.Key.Key_Delete,),
    "Enter": (Qt.Key.Key_Return, Qt.Key.Key_Enter),
    "Space": (Qt.Key.Key_Space,),
}


class Answer(NamedTuple):
    """What can be said of a place.

    Attributes:
        key: unique among the answers. One character (``1``), ``Backspace``, ``Delete``, ``Enter`` or
            ``Space`` is a key to press too. N, B and M are taken: they turn to the next place, the one
            before, and back.
        text: what the button says.
        color: of its patch, as ``#rrggbb``; empty for none.
        also: another key that means the same; empty for none.
    """

    key: str
    text: str
    color: str = ""
    also: str = ""


class VisitBar(QWidget):
    """A list of places, one of them shown on the map and marked, with the answers to give.

    Keys work in the bar and on the map. The mark is there while the bar is visible.

    Signals:
        answered: (place id, answer key), as text. Then the bar goes on to the next place without an
            answer, unless what is connected has gone elsewhere; it stays where there is none.
        visited: (place id), when the map has gone to a place.
    """

    answered = pyqtSignal(str, str)
    visited = pyqtSignal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._desk = desk
        self._canvas = desk.iface.mapCanvas()
        self._places: list[Place] = []
        self._answers: tuple[Answer, ...] = ()
        self._given: dict[str, str] = {}
        self._at = -1
        self._mark = PlaceMark(self._canvas, desk.project, QColor(desk.theme.accent))
        self.buttons: dict[str, _AnswerButton] = {}
        self._build()
        # A list with the focus would look for a line that begins with the key.
        self.list.installEventFilter(self)
        self._canvas.installEventFilter(self)
        self._bind()

    def _build(self) -> None:
        theme = self._desk.theme
        self.list = narrow_combo(QComboBox())
        self.list.setToolTip(tr("The places; those with a check mark have an answer"))
        self.list.activated.connect(self.visit)
        before, after = tr("The place before (key {})"), tr("The next place (key {})")
        again = tr("Bring the place back to the middle of the map (key {})")
        self.previous = quiet_button(theme, "dock-previous", before.format(PREVIOUS_KEY))
        self.next = quiet_button(theme, "dock-next", after.format(NEXT_KEY))
        self.again = quiet_button(theme, "dock-place", again.format(AGAIN_KEY))
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.again.clicked.connect(lambda: self.visit(self._at))
        self.note = muted()
        top = row(spacing=2)
        for widget in (self.previous, self.list, self.next, self.again):
            top.addWidget(widget)
        self._grid = _AnswerGrid()
        layout = column(self)
        layout.addLayout(top)
        layout.addWidget(self.note)
        layout.addWidget(self._grid)

    # --- asked from outside -------------------------------------------------------------------

    def set_places(self, places: Sequence[Place], given: Mapping[str, str] | None = None) -> None:
        """Another list; the map stays where it is until :meth:`visit` or :meth:`step`.

        A place that is in the new list too, by its id, stays the present one.

        Args:
            given: answers that places have already, by place id.
        """
        present = self.current()
        self._places = list(places)
        self._given = dict(given or {})
        ids = [place.id for place in self._places]
        self._at = ids.index(present.id) if present is not None and present.id in ids else -1
        with QSignalBlocker(self.list):
            self.list.clear()
            self.list.addItems([self._line(at) for at in range(len(self._places))])
        self._bind()

    def set_answers(self, answers: Sequence[Answer | tuple[str, str, str]]) -> None:
        """What can be said of each place, in the order of the buttons."""
        self._answers = tuple(Answer(*answer) for answer in answers)
        self.buttons = {answer.key: _AnswerButton(answer) for answer in self._answers}
        for key, button in self.buttons.items():
            button.clicked.connect(lambda _=False, chosen=key: self.give(chosen))
        self._grid.fill(list(self.buttons.values()))
        self._bind()

    def set_given(self, place_id: str, answer: str) -> None:
        """Note that a place has an answer; an empty one takes it back. Nothing is emitted."""
        if answer:
            self._given[place_id] = answer
        else:
            self._given.pop(place_id, None)
        for at, place in enumerate(self._places):
            if place.id == place_id:
                self.list.setItemText(at, self._line(at))
        self._bind()

    def current(self) -> Place | None:
        """The place that the map was last taken to."""
        return self._places[self._at] if 0 <= self._at < len(self._places) else None

    def given(self) -> dict[str, str]:
        """The answers so far, by place id."""
        return dict(self._given)

    def visit(self, at: int) -> None:
        """Take the map to a place by its position from 0, and the keyboard to this bar."""
        if not 0 <= at < len(self._places):
            return
        self._at = at
        place = self._places[at]
        problem = ""
        try:
            self._mark.go(place)
        except UnsupportedInput as error:
            problem = str(error)
        self._bind(problem)
        if not (self._canvas.hasFocus() or self.isAncestorOf(QApplication.focusWidget())):
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        if not problem:
            self.visited.emit(place.id)

    def step(self, by: int) -> None:
        """Go on to the next place (1) or back to the one before (-1); the list is a ring."""
        if self._places:
            start = self._at if self._at >= 0 else (-1 if by > 0 else 0)
            self.visit((start + by) % len(self._places))

    def next_open(self) -> None:
        """Go to the next place without an answer; stay where all have one."""
        count = len(self._places)
        for ahead in range(1, count + 1):
            at = (self._at + ahead) % count
            if self._places[at].id not in self._given:
                self.visit(at)
                return

    def give(self, key: str) -> None:
        """Answer for the present place, as the buttons and keys do."""
        place = self.current()
        if place is None or key not in self.buttons:
            return
        self.set_given(place.id, key)
        self.answered.emit(place.id, key)
        if self.current() is place and self._given.get(place.id) == key:
            self.next_open()

    def close_bar(self) -> None:
        """Take the mark off the map, and let go of the canvas. May be called twice."""
        self._mark.close()
        if not sip.isdeleted(self._canvas):
            self._canvas.removeEventFilter(self)

    # --- drawn ----------------------------------------------------------------------------------

    def _line(self, at: int) -> str:
        place = self._places[at]
        done = f"{_DONE} " if place.id in self._given else ""
        return tr("{}{} of {}: {}").format(done, at + 1, len(self._places), place.title)

    def _bind(self, problem: str = "") -> None:
        place = self.current()
        some = bool(self._places)
        self.list.setEnabled(some)
        self.list.setCurrentIndex(self._at)
        for button in (self.previous, self.next):
            button.setEnabled(some)
        self.again.setEnabled(place is not None)
        note = problem or (place.note if place else "")
        self.note.setText(note)
        self.note.setVisible(bool(note))
        chosen = self._given.get(place.id, "") if place else ""
        for key, button in self.buttons.items():
            button.setEnabled(place is not None)
            set_state(button, "given", "true" if key == chosen else "false")
        self._show_mark(place if self.isVisible() and not problem else None)

    def _show_mark(self, place: Place | None) -> None:
        try:
            self._mark.show(place)
        except UnsupportedInput as error:
            self._mark.show(None)
            self.note.setText(str(error))
            self.note.setVisible(True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_mark(self.current())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._show_mark(None)

    # --- keys -----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._pressed(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._action(event) is not None:
            # Else a shortcut of another part of QGIS would take the key.
            event.accept()
            return True
        return event.type() == QEvent.Type.KeyPress and self._pressed(event)

    def _pressed(self, event: QKeyEvent) -> bool:
        action = self._action(event)
        if action is None:
            return False
        if action == NEXT_KEY:
            self.step(1)
        elif action == PREVIOUS_KEY:
            self.step(-1)
        elif action == AGAIN_KEY:
            self.visit(self._at)
        else:
            self.give(action)
        return True

    def _action(self, event: QKeyEvent) -> str | None:
        """What a key stands for here; None where it stands for nothing."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if not plain or not self.isVisible() or not self._places:
            return None
        pressed = event.text().upper()
        others = ((answer.also, answer.key) for answer in self._answers)
        for key, meant in (*((key, key) for key in (*_TURNS, *self.buttons)), *others):
            if event.key() in _NAMED_KEYS.get(key, ()) or (len(key) == 1 and pressed == key.upper()):
                return meant
        return None


class _AnswerButton(QPushButton):
    """A key, a patch of colour and words, which give way where there is no room."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.setProperty("geofm", "answer")
        self._words = f"{answer.key}  {answer.text}" if answer.key else answer.text
        self.setAccessibleName(answer.text)
        self.setToolTip(tr("{} (key {})").format(answer.text, answer.key))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # A click leaves the focus where it is: the space bar would answer for the next place too.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if answer.color:
            self.setIcon(swatch(answer.color))
            self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setText(self._words)

    def wanted(self) -> int:
        """How wide it would be with all its words, in pixels."""
        return self.fontMetrics().horizontalAdvance(self._words) + self._around()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = event.size().width() - self._around()
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room))

    def _around(self) -> int:
        """What border, patch and gaps take."""
        return self.sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())


class _AnswerGrid(QWidget):
    """The answers in two columns where their words fit, else in one."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._buttons: list[_AnswerButton] = []
        self._columns = 0
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACING)

    def fill(self, buttons: list[_AnswerButton]) -> None:
        """Other answers; those before are deleted."""
        for button in self._buttons:
            self._layout.removeWidget(button)
            button.setParent(None)
            button.deleteLater()
        self._buttons = buttons
        self._columns = 0
        self._arrange(self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(event.size().width())

    def _arrange(self, width: int) -> None:
        widest = max((button.wanted() for button in self._buttons), default=0)
        fits = _MOST_COLUMNS * (widest + SPACING) - SPACING <= width
        columns = _MOST_COLUMNS if fits else 1
        if columns == self._columns:
            return
        self._columns = columns
        for number, button in enumerate(self._buttons):
            self._layout.addWidget(button, number // columns, number % columns)
        for at in range(_MOST_COLUMNS):
            self._layout.setColumnStretch(at, 1 if at < columns else 0)


def swatch(color: str) -> QIcon:
    """A patch of a class's colour, the same in every theme."""
    image = QPixmap(_SWATCH * 2, _SWATCH * 2)
    image.fill(QColor(color))
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        icon.addPixmap(image, mode)
    return icon
