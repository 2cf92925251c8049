"""Tells a story in QGIS without ever holding it up: a generator of conditions, looked at from a timer."""

from __future__ import annotations

import json
import os
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hands import Condition, pause, picture, where
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

REPORT = Path(os.environ["STORY_REPORT"])
PATIENCE = 60.0


class Teller:
    """The steps of a story; what they saw is written as JSON for the test that started QGIS.

    Attributes:
        patience: how many seconds a condition is waited for.
    """

    patience = PATIENCE

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.dock: Any = None
        self._steps = self.tell()
        self._condition: Condition = lambda: True
        self._since = time.monotonic()
        self._timer = QTimer()
        self._timer.setInterval(50)
        self._timer.timeout.connect(self._step)
        self._timer.start()

    def tell(self) -> Iterator[Condition]:
        """The story, each time up to where it has to wait for something."""
        raise NotImplementedError

    def arrange(self, width: int) -> Iterator[Condition]:
        """A window with the dock, so wide, and the list of layers."""
        window = iface.mainWindow()
        window.setGeometry(0, 0, 1400, 900)
        self.dock = window.findChild(QDockWidget, "GeoFMDock")
        for panel in window.findChildren(QDockWidget):
            panel.setVisible(panel is self.dock or panel.objectName() == "Layers")
        window.resizeDocks([self.dock], [width], Qt.Orientation.Horizontal)
        window.activateWindow()
        yield pause(1.0)

    def _step(self) -> None:
        try:
            if not self._condition():
                if time.monotonic() - self._since > self.patience:
                    raise TimeoutError(f"waited in vain at {where(self._steps)}")
                return
            self._since = time.monotonic()
            self._condition = next(self._steps)
        except StopIteration:
            self._end("")
        except BaseException:
            self._end(traceback.format_exc())

    def _end(self, failure: str) -> None:
        self._timer.stop()
        if failure:
            picture(iface.mainWindow(), "failure.png")
            if self.dock is not None:
                self.seen["log"] = self.dock.desk.model.log_text()
                self.seen["notice"] = repr(self.dock.desk.model.notice)
        self.seen["failure"] = failure
        REPORT.write_text(json.dumps(self.seen, indent=2, default=str), encoding="utf-8")
        # QGIS would ask what to do with temporary layers, and with tasks that are not at their end.
        QgsProject.instance().clear()
        QgsApplication.taskManager().cancelAll()
        self._timer.timeout.disconnect()
        self._timer.timeout.connect(self._leave)
        self._timer.start()

    def _leave(self) -> None:
        if not QgsApplication.taskManager().countActiveTasks():
            self._timer.stop()
            QTimer.singleShot(0, iface.actionExit().trigger)
