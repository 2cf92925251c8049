"""What a person does in QGIS, done by real mouse and key events; QGIS runs this by ``--code``.

Nothing here may block: the story is a generator of conditions, looked at from a timer, while
QGIS goes on. What was seen is written as JSON for the test that started QGIS.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsContrastEnhancement,
    QgsLayerTreeGroup,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint, QRect, Qt, QTimer
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtWidgets import QComboBox, QDockWidget, QProgressBar, QWidget
from qgis.utils import iface, loadPlugin, plugins, startPlugin, unloadPlugin

SAMPLES = Path(os.environ["STORY_SAMPLES"]) / "landsat7-two-dates"
PICTURES = Path(os.environ["STORY_PICTURES"])
REPORT = Path(os.environ["STORY_REPORT"])
PATIENCE = float(os.environ.get("STORY_PATIENCE", "120"))
SCENES = {
    "LE70220491999322EDC01_stack.gtif": "Landsat 7, November 1999",
    "LE70220492002106EDC00_stack.gtif": "Landsat 7, April 2002",
}
WIDTH = 380

Condition = Callable[[], Any]


class Heartbeat:
    """Measures how long the main thread was ever away."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setInterval(20)
        self._timer.timeout.connect(self._beat)
        self.longest = 0.0
        self._last = 0.0

    def start(self) -> None:
        self.longest, self._last = 0.0, time.monotonic()
        self._timer.start()

    def stop(self) -> float:
        self._beat()
        self._timer.stop()
        return self.longest

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest = max(self.longest, now - self._last)
        self._last = now


def xdotool(*words: object) -> None:
    """Have the X server make real events; not waited for, they come through Qt's event loop."""
    subprocess.Popen(["xdotool", *map(str, words)])


def click(widget: QWidget, at: QPoint | None = None) -> None:
    """A left click in the middle of a widget."""
    place = widget.mapToGlobal(at or widget.rect().center())
    xdotool("mousemove", place.x(), place.y(), "sleep", 0.1, "click", 1)


def press(*keys: str) -> None:
    """Keys one after the other; one command, for two would race each other."""
    xdotool("key", "--clearmodifiers", "--delay", 80, *keys)


def pause(seconds: float) -> Condition:
    """A condition that is true a little later."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def choose(combo: QComboBox, data: object) -> Iterator[Condition]:
    """Choose an entry as with the keyboard: open by a click, walk by arrow keys."""
    target = combo.findData(data)
    assert target >= 0, data
    click(combo)
    yield lambda: combo.view().isVisible()
    press("Home", *["Down"] * target, "Return")
    yield lambda: not combo.view().isVisible() and combo.currentIndex() == target


def where(steps: Any) -> str:
    """Line numbers of a generator and of those it waits for."""
    lines = []
    while steps is not None:
        lines.append(str(steps.gi_frame.f_lineno))
        steps = steps.gi_yieldfrom
    return ", ".join(lines)


def picture(widget: QWidget, name: str, part: QRect | None = None) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    grabbed = widget.grab() if part is None else widget.grab(part)
    assert grabbed.save(str(PICTURES / name))


def groups() -> list[QgsLayerTreeGroup]:
    return QgsProject.instance().layerTreeRoot().findGroups()


class Story:
    """The steps, and what they saw."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.dock: Any = None
        self.heart = Heartbeat()
        self._steps = self.tell()
        self._condition: Condition = lambda: True
        self._since = time.monotonic()
        self._timer = QTimer()
        self._timer.setInterval(50)
        self._timer.timeout.connect(self._step)
        self._timer.start()

    def _step(self) -> None:
        try:
            if not self._condition():
                if time.monotonic() - self._since > PATIENCE:
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
        # QGIS would ask what to do with temporary layers.
        QgsProject.instance().clear()
        QTimer.singleShot(0, iface.actionExit().trigger)

    def tell(self) -> Iterator[Condition]:
        """The story from an empty project to maps."""
        window = iface.mainWindow()
        window.setGeometry(0, 0, 1400, 900)
        self.seen["loaded"] = "geofm" in plugins
        self.dock = window.findChild(QDockWidget, "GeoFMDock")
        for panel in window.findChildren(QDockWidget):
            panel.setVisible(panel is self.dock or panel.objectName() == "Layers")
        window.resizeDocks([self.dock], [WIDTH], Qt.Orientation.Horizontal)
        window.activateWindow()
        yield pause(1.0)
        yield from self.begin_empty()
        yield from self.open_project()
        yield from self.group()
        yield from self.teach()
        yield from self.change()
        yield from self.turn_dark()
        yield from self.reload()

    def begin_empty(self) -> Iterator[Condition]:
        """Nothing is open: the dock says what to do, and Run cannot be pressed."""
        self.seen["empty_hint"] = self.dock.run_panel.hint.text()
        self.seen["empty_run"] = self.dock.run_panel.run.isEnabled()
        picture(self.dock, "dock-empty.png")
        yield pause(0.1)

    def open_project(self) -> Iterator[Condition]:
        project = QgsProject.instance()
        for name, title in SCENES.items():
            layer = QgsRasterLayer(str(SAMPLES / name), title)
            for use, band in zip(("setRedBand", "setGreenBand", "setBlueBand"), (3, 2, 1)):
                getattr(layer.renderer(), use)(band)
            layer.setContrastEnhancement(
                QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
                QgsRasterMinMaxOrigin.Limits.CumulativeCut,
            )
            project.addMapLayer(layer)
        iface.setActiveLayer(layer)
        project.addMapLayer(QgsVectorLayer(str(SAMPLES / "training_data.shp"), "training_data"))
        iface.mapCanvas().setExtent(layer.extent())
        iface.mapCanvas().refresh()
        yield lambda: self.dock.input_tray.chips()
        yield pause(1.0)
        self.seen["chip"] = self.dock.input_tray.chips()[0].about.text()
        self.seen["reason"] = self.dock.map_page.model.reason.text()

    def group(self) -> Iterator[Condition]:
        """Page Map: another model by keyboard, five groups typed, Run clicked, the map moved."""
        page = self.dock.map_page
        yield from choose(page.model.combo, "spectral-texture")
        click(page.groups, QPoint(20, page.groups.height() // 2))
        yield lambda: page.groups.hasFocus()
        press("ctrl+a", "5")
        yield lambda: page.groups.value() == 5
        yield from self.run(lambda: click(self.dock.run_panel.run), "cluster")
        picture(self.dock, "dock.png")

    def run(self, start: Callable[[], None], key: str) -> Iterator[Condition]:
        """Start, move the map meanwhile, wait for the end; remember what happened."""
        model, canvas = self.dock.desk.model, iface.mapCanvas()
        before, moved = len(groups()), canvas.center()
        self.heart.start()
        start()
        yield lambda: model.busy
        self.seen[f"{key}_cancel_shown"] = self.dock.run_panel.cancel.isVisible()
        click(canvas)
        yield pause(0.3)
        press("Right")
        yield lambda: canvas.center() != moved
        self.seen[f"{key}_moved_while_busy"] = model.busy
        self.seen[f"{key}_message_bar"] = bool(iface.messageBar().findChildren(QProgressBar))
        yield pause(0.5)
        if model.busy:
            picture(self.dock, f"dock-running-{key}.png")
        yield lambda: not model.busy
        self.seen[f"{key}_stall"] = self.heart.stop()
        self.seen[f"{key}_outcome"] = model.notice.outcome.value
        self.seen[f"{key}_facts"] = list(model.notice.facts)
        assert model.notice.outcome.value == "done", model.notice
        press("Left")
        yield lambda: len(groups()) > before
        self.seen[f"{key}_layers"] = [
            [node.layer().name(), node.layer().isValid(), type(node.layer().renderer()).__name__]
            for node in groups()[0].findLayers()
        ]
        yield pause(1.5)

    def teach(self) -> Iterator[Condition]:
        """Page Teach by a click on its segment, started by Ctrl+Enter."""
        click(self.dock.bar.findChildren(QWidget)[1])
        page = self.dock.teach_page
        yield lambda: page.isVisible()
        yield from choose(page.model.combo, "spectral-texture")
        self.seen["teach_samples"] = page.about.text()
        yield from self.run(lambda: press("ctrl+Return"), "teach")
        picture(self.dock, "dock-teach.png")
        picture(iface.mainWindow(), "desktop.png")

    def change(self) -> Iterator[Condition]:
        """Page Change by its key: two dates were proposed."""
        press("Tab")
        self.dock.bar.setFocus()
        click(self.dock.bar.findChildren(QWidget)[2])
        page = self.dock.change_page
        yield lambda: page.isVisible()
        self.seen["before"] = [c.about.text() for c in self.dock.before_tray.chips()]
        self.seen["after"] = [c.about.text() for c in self.dock.after_tray.chips()]
        yield from choose(page.model.combo, "spectral-texture")
        yield from self.run(lambda: click(self.dock.run_panel.run), "change")
        picture(self.dock, "dock-change.png")
        press("alt+4")
        yield lambda: self.dock.models_page.isVisible()
        yield pause(0.3)
        picture(self.dock, "dock-models.png")
        press("alt+1")
        yield lambda: self.dock.map_page.isVisible()

    def turn_dark(self) -> Iterator[Condition]:
        """QGIS's dark theme, without a restart."""
        QCursor.setPos(0, 0)
        QgsApplication.setUITheme("Night Mapping")
        yield pause(1.5)
        picture(self.dock, "dock-dark.png")
        picture(iface.mainWindow(), "desktop-dark.png")
        self.seen["history"] = [entry.request.title for entry in self.dock.history.entries()]

    def reload(self) -> Iterator[Condition]:
        """The plugin is unloaded and loaded again, as its manager does."""
        self.dock = None
        counts = []
        for _ in range(2):
            unloaded = unloadPlugin("geofm")
            yield pause(0.5)
            counts.append(self.count())
            loaded = loadPlugin("geofm") and startPlugin("geofm")
            yield pause(0.5)
            counts.append(self.count())
            assert unloaded
            assert loaded
        self.seen["reloads"] = counts

    def count(self) -> list[int]:
        """Docks, providers and toolbar buttons of the plugin."""
        window = iface.mainWindow()
        providers = QgsApplication.processingRegistry().providers()
        buttons = [action for action in iface.rasterToolBar().actions() if action.text() == "GeoFM"]
        return [
            len(window.findChildren(QDockWidget, "GeoFMDock")),
            len([provider for provider in providers if provider.id() == "geofm"]),
            len(buttons),
        ]


STORY = Story()
