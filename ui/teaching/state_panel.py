"""What the session is doing, and how its preview is looked at: beside, through, beneath."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QProgressBar, QPushButton, QSlider, QWidget

from ...algorithms.text import tr
from ..desk import Desk
from ..widgets import WrapLabel, column, row
from .lesson import Stage
from .live import Live
from .words import state_detail, state_line

LOOK_KEY = Qt.Key.Key_H
_OPACITY = 70


class StatePanel(QWidget):
    """A line of words, a bar while features are made, the preview's switch and opacity.

    ``shown``: whether the preview is to be seen now. ``opacity``: how much of it, 0 to 1. ``again_wanted``:
    the session that failed shall be opened again.
    """

    again_wanted = pyqtSignal()
    shown = pyqtSignal(bool)
    opacity = pyqtSignal(float)

    def __init__(self, desk: Desk, live: Live) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk, self._live = desk, live
        self._lifted, self._missing = False, ""
        self.words = WrapLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.again = QPushButton(tr("Try again"))
        self.again.setToolTip(tr("Open the session again; the labels are kept"))
        desk.theme.bind(self.again, "dock-repeat")
        self.again.clicked.connect(self.again_wanted)
        self._build_look()
        layout = column(self, spacing=4)
        layout.addWidget(self.words)
        layout.addWidget(self.bar)
        layout.addWidget(self.again)
        layout.addWidget(self.look)
        live.changed.connect(self.bind)
        desk.iface.mapCanvas().installEventFilter(self)
        self.bind()

    def _build_look(self) -> None:
        settings = self._desk.settings
        self.switch = QCheckBox(tr("Preview"))
        self.switch.setChecked(True)
        self.switch.setToolTip(tr("Show the preview; hold H over the map to look beneath it"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(10, 100)
        self.slider.setValue(int(settings.number("teach/opacity", _OPACITY)))
        self.slider.setToolTip(tr("How much of the preview covers the image"))
        self.slider.setAccessibleName(tr("Opacity of the preview"))
        self.look = QWidget()
        self.look.setProperty("geofm", "plain")
        layout = row(self.look)
        layout.addWidget(self.switch)
        layout.addWidget(self.slider, 1)
        self.switch.toggled.connect(self._tell)
        self.slider.valueChanged.connect(self._on_slid)

    def close_panel(self) -> None:
        """Let go of the map canvas, which outlives the dock."""
        self._desk.iface.mapCanvas().removeEventFilter(self)

    def set_switch(self, on: bool) -> None:
        """Follow the layer tree, where the preview can be hidden too."""
        if not self._lifted:
            self.switch.setChecked(on)

    @property
    def share(self) -> float:
        """The chosen opacity."""
        return self.slider.value() / 100.0

    def say(self, words: str) -> None:
        """What is missing before there can be a session, instead of its state; empty for its state."""
        self._missing = words
        self.bind()

    def bind(self) -> None:
        live = self._live
        words = self._missing or state_line(live)
        self.words.setText(words)
        self.words.setToolTip("" if self._missing else state_detail(live))
        self.words.setVisible(bool(words))
        self.again.setVisible(live.stage is Stage.FAILED and not self._missing)
        busy = live.progress is not None or live.stage in (Stage.OPENING, Stage.ENCODING)
        self.bar.setVisible(busy and not self._missing)
        self._show_progress()
        self.look.setVisible(live.stage in (Stage.ENCODING, Stage.READY) and not self._missing)

    def _show_progress(self) -> None:
        live = self._live
        done, total = 0, 0
        if live.progress is not None:
            done, total = live.progress.done, live.progress.total
        elif live.stage is Stage.ENCODING and live.encoded is not None:
            done, total = live.encoded.visible_done, live.encoded.visible_total
        # A total of 0 is a bar that only says that something happens; Qt counts in 32 bits.
        self.bar.setRange(0, 100 if total > 0 else 0)
        self.bar.setValue(round(100 * min(done / total, 1.0)) if total > 0 else 0)

    def _on_slid(self, value: int) -> None:
        self._desk.settings.set("teach/opacity", value)
        self.opacity.emit(self.share)

    def _tell(self) -> None:
        self.shown.emit(self.switch.isChecked() and not self._lifted)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While H is held over the map, the preview is lifted."""
        kinds = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        if event.type() not in kinds or not self.isVisible() or not self._is_look_key(event):
            return super().eventFilter(watched, event)
        if not event.isAutoRepeat():
            self._lifted = event.type() == QEvent.Type.KeyPress
            self._tell()
        return True

    @staticmethod
    def _is_look_key(event: Any) -> bool:
        return event.key() == LOOK_KEY and event.modifiers() == Qt.KeyboardModifier.NoModifier
