"""Classes, tools and other labels, one below the other: the upper half of the page Teach."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import QWidget

from ...algorithms.text import tr
from ..desk import Desk
from ..task_page import inside, options_box
from ..widgets import column
from .bulk import BulkLine
from .class_list import ClassList
from .label_bar import LabelBar
from .label_tools import step_of
from .labels import Labels
from .other_labels import OtherLabels


class LabelPanel(QWidget):
    """The labels' widgets. While one of them has the focus, undo and redo are those of the labels."""

    def __init__(self, desk: Desk, labels: Labels) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._labels = labels
        self.classes = ClassList(desk, labels)
        self.bar = LabelBar(desk, labels)
        self.under_way = BulkLine(labels.bulk)
        self.others = OtherLabels(desk, labels)
        self.more = options_box(tr("Import and library"), "geofm_teach_labels")
        inside(self.more).addWidget(self.others)
        layout = column(self)
        layout.addWidget(self.classes)
        layout.addWidget(self.bar)
        layout.addWidget(self.under_way)
        layout.addWidget(self.more)

    def close_panel(self) -> None:
        """Give the map back. May be called twice."""
        self.bar.close_bar()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = step_of(event)
        if step is None:
            super().keyPressEvent(event)
        else:
            (self._labels.undo if step == "undo" else self._labels.redo)()

    def event(self, event: QEvent) -> bool:
        # A line of text that is being written claims its own undo before this.
        if event.type() == QEvent.Type.ShortcutOverride and step_of(event) is not None:
            event.accept()
            return True
        return super().event(event)
