"""The tools in the dock: which one is active on the map, the size of the brush, undo and redo."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtGui import QHideEvent, QKeySequence
from qgis.PyQt.QtWidgets import QSpinBox, QWidget

from ...algorithms.text import tr
from ...inference.errors import GeoFMError
from ..desk import Desk
from ..widgets import column, muted, quiet_button, row
from .label_tools import Kind, LabelTools
from .labels import Labels


def tips() -> dict[Kind, str]:
    """What each tool does, with its keys."""
    return {
        Kind.CLICK: tr("Click: each click on the map is a label")
        + "\n" + tr("Keys on the map: 1 to 9 and 0 choose the class, C the next one"),
        Kind.POLYGON: tr("Polygon: clicks set corners; the right button or Enter ends it")
        + "\n" + tr("Backspace takes a corner back, Esc all"),
        Kind.BRUSH: tr("Brush: drag to paint; it joins its class and replaces others")
        + "\n" + tr("Shift and the wheel, or [ and ], change its size"),
        Kind.ERASE: tr("Eraser: a click removes the label under it"),
    }


class LabelBar(QWidget):
    """A row of tools, and below it the last thing worth saying of the labels."""

    def __init__(self, desk: Desk, labels: Labels) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._labels = labels
        self.tools = LabelTools(desk, labels, self)
        self.buttons = {
            kind: quiet_button(desk.theme, f"dock-{kind.value}", tip) for kind, tip in tips().items()
        }
        for kind, button in self.buttons.items():
            button.setCheckable(True)
            button.setAccessibleName(button.toolTip().split("\n")[0])
            button.clicked.connect(lambda on, chosen=kind: self.tools.choose(chosen if on else None))
        self.size = QSpinBox()
        self.size.setRange(self.tools.size.smallest, self.tools.size.largest)
        self.size.setSuffix(tr(" px"))
        self.size.setValue(self.tools.size.pixels)
        self.size.setToolTip(tr("Radius of the brush in pixels of the screen ([ and ] on the map)"))
        self.undo = quiet_button(desk.theme, "dock-undo", tr("Undo"))
        self.redo = quiet_button(desk.theme, "dock-redo", tr("Redo"))
        self.words = muted()
        self._lay_out()
        self.size.valueChanged.connect(self.tools.size.set)
        self.tools.size.changed.connect(self.size.setValue)
        self.undo.clicked.connect(labels.undo)
        self.redo.clicked.connect(labels.redo)
        self.tools.changed.connect(self.bind)
        labels.changed.connect(self._on_changed)
        labels.said.connect(self.say)
        labels.refused.connect(self._on_refused)
        self.bind()

    def _lay_out(self) -> None:
        top = row(spacing=2)
        for button in self.buttons.values():
            top.addWidget(button)
        top.addWidget(self.size)
        top.addStretch()
        top.addWidget(self.undo)
        top.addWidget(self.redo)
        layout = column(self, spacing=3)
        layout.addLayout(top)
        layout.addWidget(self.words)

    def close_bar(self) -> None:
        """Give the map back. May be called twice."""
        self.tools.close()

    def hideEvent(self, event: QHideEvent) -> None:
        """Out of sight, as on another page or in a closed dock, no tool waits on the map."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.tools.choose(None)

    def bind(self) -> None:
        """Show which tool is active and what can be undone."""
        current, labels = self.tools.current, self._labels
        for kind, button in self.buttons.items():
            button.setChecked(kind is current)
            button.setEnabled(bool(labels.classes))
        self.size.setVisible(current is Kind.BRUSH)
        self._bind_step(self.undo, tr("Undo"), labels.to_undo, QKeySequence.StandardKey.Undo)
        self._bind_step(self.redo, tr("Redo"), labels.to_redo, QKeySequence.StandardKey.Redo)
        self.words.setVisible(bool(self.words.text()))

    def _bind_step(self, button: Any, word: str, title: str, key: QKeySequence.StandardKey) -> None:
        keys = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        what = tr("{}: {}").format(word, title) if title else word
        button.setEnabled(bool(title))
        button.setToolTip(tr("{} ({})").format(what, keys))
        button.setAccessibleName(what)

    def say(self, sentence: str) -> None:
        """Show a sentence until the labels change again."""
        self.words.setText(sentence)
        self.bind()

    def _on_changed(self) -> None:
        if not self._labels.classes:
            self.tools.choose(None)
        self.say("")

    def _on_refused(self, error: GeoFMError) -> None:
        self.say(str(error))
