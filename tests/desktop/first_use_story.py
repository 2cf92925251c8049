"""A person who has just installed the plugin: one button, then the first map; QGIS runs this by ``--code``.

With ``STORY_ENLARGED`` the desktop is drawn twice as large and only looked at: real clicks are made in pixels
of the screen.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtWidgets import QToolButton
from qgis.utils import iface, pluginMetadata, plugins

# QGIS runs a text, which does not know the folder it came from.
sys.path.insert(0, os.environ["STORY_FOLDER"])

from hands import Condition, Heartbeat, choose, click, pause, picture, press, scroll_to  # noqa: E402
from teller import Teller  # noqa: E402

SCENE = Path(os.environ["STORY_SCENE"])
ENLARGED = bool(os.environ.get("STORY_ENLARGED"))
WIDTH = 360
# A full set-up on a slow disk.
LONG = 900.0


class FirstUse(Teller):
    """The steps, and what they saw."""

    def __init__(self) -> None:
        self.heart = Heartbeat()
        super().__init__()

    def tell(self) -> Iterator[Condition]:
        """From the first look at the panel to the first map, and to the care of the engine."""
        import geofm

        self.seen["loaded"] = "geofm" in plugins
        self.seen["version"] = pluginMetadata("geofm", "version")
        self.seen["lies_in"] = str(Path(geofm.__file__).parent)
        yield from self.arrange(WIDTH)
        self.panel = self.dock.setup
        yield lambda: self.panel.work.plan is not None
        yield from self.look()
        if ENLARGED:
            yield from self.look_closer()
            return
        yield from self.open_image()
        yield from self.unfold()
        yield from self.break_off()
        yield from self.finish()
        yield from self.first_map()
        yield from self.look_after()
        yield from self.remove()

    def look(self) -> Iterator[Condition]:
        """The panel as it is met."""
        size = "-200" if ENLARGED else ""
        self.seen["title"] = self.panel.title.text()
        self.seen["texts"] = {key: text.text() for key, text in self.panel.texts.items()}
        self.seen["problems"] = self.panel.problems.text()
        self.seen["button"] = [self.panel.start.text(), self.panel.start.isEnabled()]
        self.seen["run"] = self.dock.run_panel.run.isEnabled()
        yield pause(1.0)
        picture(self.dock, f"first-use-1-panel{size}.png")
        picture(iface.mainWindow(), f"first-use-1-desktop{size}.png")

    def look_closer(self) -> Iterator[Condition]:
        """The rest of the panel where it is twice as large, and all of it in the dark."""
        self.panel.options.setCollapsed(False)
        yield from scroll_to(self.panel.form.bundle)
        picture(self.dock, "first-use-2-options-200.png")
        yield from scroll_to(self.panel.report)
        picture(self.dock, "first-use-2-end-200.png")
        yield from self.turn("Night Mapping")
        picture(self.dock, "first-use-2-end-dark-200.png")
        yield from scroll_to(self.panel.form.python)
        picture(self.dock, "first-use-2-options-dark-200.png")
        yield from scroll_to(self.panel.title)
        picture(self.dock, "first-use-1-panel-dark-200.png")

    def turn(self, theme: str) -> Iterator[Condition]:
        """QGIS's theme, without a restart."""
        QCursor.setPos(0, 0)
        QgsApplication.setUITheme(theme)
        yield pause(1.5)

    def open_image(self) -> Iterator[Condition]:
        """A layer is added before anything is installed, which the dock takes up."""
        (path,) = SCENE.glob("*1999322EDC01_stack.gtif")
        layer = QgsRasterLayer(str(path), "Landsat 7, November 1999")
        for use, band in zip(("setRedBand", "setGreenBand", "setBlueBand"), (3, 2, 1)):
            getattr(layer.renderer(), use)(band)
        QgsProject.instance().addMapLayer(layer)
        iface.setActiveLayer(layer)
        iface.mapCanvas().setExtent(layer.extent())
        iface.mapCanvas().refresh()
        yield lambda: self.dock.input_tray.chips()

    def unfold(self) -> Iterator[Condition]:
        """What would be installed in full, and the options."""
        click(self.panel.unfold)
        yield lambda: self.panel.packages.isVisible()
        self.seen["packages"] = self.panel.packages.toPlainText().splitlines()
        yield pause(0.4)
        picture(self.dock, "first-use-2-packages.png")
        click(self.panel.unfold)
        yield lambda: not self.panel.packages.isVisible()
        yield pause(0.3)
        fold = self.panel.options.findChild(QToolButton, "collapseButton")
        click(fold)
        yield lambda: self.panel.form.bundle.isVisible()
        yield pause(0.4)
        yield from scroll_to(self.panel.form.bundle)
        picture(self.dock, "first-use-2-options.png")
        yield from scroll_to(fold)
        click(fold)
        yield lambda: not self.panel.form.bundle.isVisible()
        yield from scroll_to(self.panel.start)

    def break_off(self) -> Iterator[Condition]:
        """The button, a look at the log, and Cancel in the midst of it."""
        model, run = self.dock.desk.model, self.dock.run_panel
        self.began = time.monotonic()
        click(self.panel.start)
        yield lambda: model.busy
        self.patience = LONG
        self.heart.start()
        yield lambda: model.progress.amount
        yield pause(1.0)
        self.seen["stage"] = run.stage.text()
        self.seen["amount"] = run.bar.text()
        picture(self.dock, "first-use-3-progress.png")
        picture(iface.mainWindow(), "first-use-3-desktop.png")
        click(run.notice.details)
        yield lambda: run.notice.log.isVisible()
        yield pause(1.0)
        picture(self.dock, "first-use-3-log.png")
        self.seen["log"] = run.notice.log.toPlainText().splitlines()[:5]
        click(run.notice.details)
        yield lambda: not run.notice.log.isVisible()
        # What is below the log moves up.
        yield pause(0.5)
        cancelled = time.monotonic()
        click(run.cancel)
        yield lambda: not model.busy
        self.seen["cancel_seconds"] = time.monotonic() - cancelled
        self.seen["cancelled"] = [model.notice.outcome.value, model.phase.value, self.panel.title.text()]
        yield lambda: self.panel.work.plan is not None and not self.panel.work.planning
        yield pause(0.5)
        picture(self.dock, "first-use-4-cancelled.png")

    def finish(self) -> Iterator[Condition]:
        """The same button goes on from there."""
        model = self.dock.desk.model
        yield from scroll_to(self.panel.start)
        self.seen["button_again"] = self.panel.start.text()
        click(self.panel.start)
        yield lambda: model.busy
        stages = self.seen["stages"] = []

        def over() -> bool:
            stage = model.progress.stage
            if stage and stage not in stages:
                stages.append(stage)
            return not model.busy

        yield lambda: over() or model.progress.seconds_left is not None
        self.seen["time_left"] = self.dock.run_panel.left.text()
        yield lambda: over() or model.progress.stage.startswith("Unpacking")
        self.seen["unpacked"] = self.dock.run_panel.bar.text()
        picture(self.dock, "first-use-5-unpacking.png")
        yield over
        self.seen["set_up_seconds"] = time.monotonic() - self.began
        self.seen["stall"] = self.heart.stop()
        self.patience = 120.0
        notice = model.notice
        self.seen["made"] = [notice.outcome.value, notice.sentence, notice.hint, *notice.facts, notice.detail]
        self.seen["phase"] = model.phase.value
        assert notice.outcome.value == "done", (notice, model.log_text()[-2000:])
        yield pause(1.0)
        picture(self.dock, "first-use-6-ready.png")

    def first_map(self) -> Iterator[Condition]:
        """A model that needs no download, Run, and the map."""
        model, page = self.dock.desk.model, self.dock.map_page
        yield from choose(page.model.combo, "spectral-texture")
        yield lambda: self.dock.run_panel.run.isEnabled()
        pressed = time.monotonic()
        click(self.dock.run_panel.run)
        yield lambda: model.busy
        yield lambda: not model.busy
        self.seen["map_seconds"] = time.monotonic() - pressed
        self.seen["first_map_after"] = time.monotonic() - self.began
        self.seen["map"] = [model.notice.outcome.value, model.notice.sentence]
        groups = QgsProject.instance().layerTreeRoot().findGroups()
        self.seen["layers"] = [
            [node.layer().name(), node.layer().isValid()] for group in groups for node in group.findLayers()
        ]
        yield pause(2.0)
        picture(iface.mainWindow(), "first-use-7-first-map.png")

    def look_after(self) -> Iterator[Condition]:
        """The engine's own card once it is there, in light and in dark; its report."""
        click(self.dock.run_panel.engine)
        yield lambda: self.panel.isVisible() and self.panel.work.plan is not None
        yield lambda: not self.panel.work.planning
        yield pause(0.7)
        picture(self.dock, "first-use-8-engine.png")
        panel = self.panel
        self.seen["care"] = [panel.title.text(), panel.repair.isVisible(), panel.remove.isVisible()]
        yield from scroll_to(self.panel.report)
        click(self.panel.report)
        yield lambda: "clipboard" in self.panel.message.text()
        self.seen["report"] = QgsApplication.clipboard().text()
        yield from self.turn("Night Mapping")
        picture(self.dock, "first-use-8-engine-dark.png")
        picture(iface.mainWindow(), "first-use-8-desktop-dark.png")

    def remove(self) -> Iterator[Condition]:
        """Remove by a click, and Yes by the keyboard; in the dark."""
        model = self.dock.desk.model
        yield from scroll_to(self.panel.remove)
        click(self.panel.remove)
        yield lambda: QgsApplication.activeModalWidget() is not None
        yield pause(0.5)
        picture(iface.mainWindow(), "first-use-9-asked-dark.png")
        # With PyTorch for CUDA it is six gigabytes.
        self.patience = LONG
        press("alt+y")
        yield lambda: model.busy
        yield lambda: not model.busy
        self.patience = 120.0
        self.seen["removed"] = [model.notice.outcome.value, *model.notice.facts]
        self.seen["left"] = sorted(os.listdir(os.environ["GEOFM_HOME"]))
        yield lambda: self.panel.work.plan is not None and not self.panel.work.planning
        yield pause(0.5)
        picture(self.dock, "first-use-9-removed-dark.png")


STORY = FirstUse()
