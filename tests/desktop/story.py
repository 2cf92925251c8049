"""What a person does in QGIS, done by real mouse and key events; QGIS runs this by ``--code``.

Nothing here may block: the story is a generator of conditions, looked at from a timer, while
QGIS goes on. What was seen is written as JSON for the test that started QGIS.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsContrastEnhancement,
    QgsLayerTreeGroup,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtWidgets import QDockWidget, QProgressBar, QWidget
from qgis.utils import iface, loadPlugin, plugins, startPlugin, unloadPlugin

# QGIS runs a text, which does not know the folder it came from.
sys.path.insert(0, os.environ["STORY_FOLDER"])

from hands import Condition, Heartbeat, choose, choose_text, click, drawn, pause, picture, press, scroll_to  # noqa: E402
from teller import Teller  # noqa: E402

SCENE = Path(os.environ["STORY_SCENE"])
EARLIER, LATER = "LE70220491999322EDC01_stack.gtif", "LE70220492002106EDC00_stack.gtif"
# The samples were drawn on the earlier date, which comes last and is the active one.
SCENES = {LATER: "Landsat 7, April 2002", EARLIER: "Landsat 7, November 1999"}
WIDTH, WIDE = 380, 560
LARGE = 4000
LONG_NAME = "LC08_L2SP_226069_20240716_20240722_02_T1_surface_reflectance_cloud_free_mosaic"


def groups() -> list[QgsLayerTreeGroup]:
    """Those of results, the newest first; the labels lie above them."""
    found = QgsProject.instance().layerTreeRoot().findGroups()
    return [group for group in found if group.name() != "Labels"]


class Story(Teller):
    """The steps, and what they saw."""

    def __init__(self) -> None:
        self.small: list[QgsRasterLayer] = []
        self.heart = Heartbeat()
        super().__init__()

    def tell(self) -> Iterator[Condition]:
        """The story from an empty project to maps."""
        self.seen["loaded"] = "geofm" in plugins
        yield from self.arrange(WIDTH)
        yield from self.begin_empty()
        yield from self.open_project()
        yield from self.group()
        results = self.prepare_long_run()
        yield from self.break_off(results)
        yield from self.survive(results)
        self.forget_long_run()
        yield from self.teach()
        yield from self.change()
        yield from self.look_around()
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
            layer = QgsRasterLayer(str(SCENE / name), title)
            for use, band in zip(("setRedBand", "setGreenBand", "setBlueBand"), (3, 2, 1)):
                getattr(layer.renderer(), use)(band)
            layer.setContrastEnhancement(
                QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
                QgsRasterMinMaxOrigin.Limits.CumulativeCut,
            )
            project.addMapLayer(layer)
        iface.setActiveLayer(layer)
        project.addMapLayer(QgsVectorLayer(str(SCENE / "training_data.shp"), "training_data"))
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

    def prepare_long_run(self) -> Path:
        """A run of many seconds whose result goes to a folder, which is empty."""
        path = str(SCENE / LATER.replace("stack.gtif", "large.vrt"))
        gdal.Translate(path, str(SCENE / LATER), format="VRT", width=LARGE, height=LARGE)
        self.small = self.dock.desk.layers.get(self.dock.map_page.roles[0])
        large = QgsRasterLayer(path, LONG_NAME)
        QgsProject.instance().addMapLayer(large, False)
        self.dock.desk.layers.set(self.dock.map_page.roles[0], [large])
        results = SCENE / "results"
        results.mkdir()
        self.dock.map_page.folder.setFilePath(str(results))
        return results

    def forget_long_run(self) -> None:
        large = self.dock.desk.layers.get(self.dock.map_page.roles[0])[0]
        self.dock.desk.layers.set(self.dock.map_page.roles[0], self.small)
        QgsProject.instance().removeMapLayer(large)
        self.dock.map_page.folder.setFilePath("")

    def begin_long_run(self) -> Iterator[Condition]:
        """Run, until the image is in the midst of being mapped."""
        model = self.dock.desk.model
        yield pause(0.5)
        click(self.dock.run_panel.run)
        yield lambda: model.busy
        yield lambda: model.progress.stage.startswith("Mapping") and model.progress.seconds_left
        self.heart.start()

    def end_long_run(self, results: Path, key: str) -> None:
        notice = self.dock.desk.model.notice
        self.seen[f"{key}_stall"] = self.heart.stop()
        self.seen[f"{key}_outcome"] = notice.outcome.value
        self.seen[f"{key}_said"] = [self.dock.run_panel.notice.sentence.text(), notice.hint]
        self.seen[f"{key}_left"] = os.listdir(results)
        self.seen[f"{key}_phase"] = self.dock.desk.model.phase.value
        self.seen[f"{key}_run"] = self.dock.run_panel.run.isEnabled()

    def break_off(self, results: Path) -> Iterator[Condition]:
        """Cancel by a click, in the midst of a run."""
        yield from self.begin_long_run()
        self.seen["time_left"] = self.dock.run_panel.left.text()
        picture(self.dock, "dock-running.png")
        began = time.monotonic()
        click(self.dock.run_panel.cancel)
        yield lambda: not self.dock.desk.model.busy
        self.seen["cancel_seconds"] = time.monotonic() - began
        self.end_long_run(results, "cancel")

    def survive(self, results: Path) -> Iterator[Condition]:
        """The engine is killed in the midst of a run; a click on Details shows its log."""
        from geofm.algorithms import session

        yield from self.begin_long_run()
        os.kill(session.engine().pid, signal.SIGKILL)
        yield lambda: not self.dock.desk.model.busy
        self.end_long_run(results, "kill")
        picture(self.dock, "dock-error.png")
        notice = self.dock.run_panel.notice
        yield pause(0.5)
        click(notice.details)
        yield lambda: notice.log.isVisible()
        self.seen["kill_log"] = notice.log.toPlainText()
        self.seen["kill_detail"] = self.dock.desk.model.notice.detail
        yield pause(0.3)
        picture(self.dock, "dock-error-log.png")
        click(notice.details)
        yield lambda: not notice.log.isVisible()

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
        press("Left")
        yield from self.judge(key, before)

    def judge(self, key: str, before: int) -> Iterator[Condition]:
        """How a run ended, and the layers that it left in a group beside ``before`` others."""
        notice = self.dock.desk.model.notice
        self.seen[f"{key}_outcome"] = notice.outcome.value
        self.seen[f"{key}_facts"] = list(notice.facts)
        assert notice.outcome.value == "done", notice
        yield lambda: len(groups()) > before
        self.seen[f"{key}_layers"] = [
            [node.layer().name(), node.layer().isValid(), type(node.layer().renderer()).__name__]
            for node in groups()[0].findLayers()
        ]
        yield pause(1.5)
        tree = iface.layerTreeView()
        self.seen[f"{key}_unfolded"] = [tree.isExpanded(tree.node2index(group)) for group in groups()]

    def teach(self) -> Iterator[Condition]:
        """Page Teach by a click on its segment: a layer of samples is imported, Run by Ctrl+Enter."""
        click(self.dock.bar.findChildren(QWidget)[1])
        page, model = self.dock.teach_page, self.dock.desk.model
        yield lambda: page.isVisible()
        # The foundation model, where its weights are on this machine.
        shelf = self.dock.desk.shelf
        galileo = shelf.card("galileo-nano")
        key = "galileo-nano" if galileo and shelf.ready(galileo) else "spectral-texture"
        yield from choose(page.model.combo, key)
        page.label_panel.more.setCollapsed(False)
        others = page.label_panel.others
        yield pause(0.5)
        yield from choose_text(others.layer, "training_data")
        self.seen["teach_field"] = others.field.currentField()
        click(others.bring)
        yield lambda: page.labels.taught
        self.seen["teach_samples"] = page.label_panel.bar.words.text()
        self.seen["teach_classes"] = [info.name for info in page.labels.classes]
        page.label_panel.more.setCollapsed(True)
        yield lambda: self.dock.run_panel.run.isEnabled() and page.classroom.preview.layer is not None
        before = len(groups())
        press("ctrl+Return")
        yield lambda: model.busy
        yield lambda: not model.busy
        yield from self.judge("teach", before)
        yield drawn(0.5)
        picture(self.dock, "dock-teach.png")
        picture(iface.mainWindow(), "desktop.png")

    def change(self) -> Iterator[Condition]:
        """Page Change by its key: two dates were proposed."""
        click(self.dock.bar.findChildren(QWidget)[2])
        page = self.dock.change_page
        yield lambda: page.isVisible()
        self.seen["before"] = [c.about.text() for c in self.dock.before_tray.chips()]
        self.seen["after"] = [c.about.text() for c in self.dock.after_tray.chips()]
        yield from scroll_to(page.model.combo)
        yield from choose(page.model.combo, "spectral-texture")
        yield from self.run(lambda: click(self.dock.run_panel.run), "change")
        picture(self.dock, "dock-change.png")
        picture(iface.mainWindow(), "desktop-change.png")

    def look_around(self) -> Iterator[Condition]:
        """The other pages by their keys; a long name in a narrow and in a wide dock."""
        click(self.dock.run_panel.device)
        yield lambda: self.dock.run_panel.device.view().isVisible()
        press("Escape")
        yield lambda: not self.dock.run_panel.device.view().isVisible()
        yield from self.find_a_model()
        press("alt+1")
        yield lambda: self.dock.map_page.isVisible()
        name = self.small[0].name()
        self.small[0].setName(LONG_NAME)
        yield pause(0.3)
        picture(self.dock, "dock-long-name.png")
        iface.mainWindow().resizeDocks([self.dock], [WIDE], Qt.Orientation.Horizontal)
        yield pause(0.5)
        picture(self.dock, "dock-wide.png")
        self.small[0].setName(name)
        iface.mainWindow().resizeDocks([self.dock], [WIDTH], Qt.Orientation.Horizontal)

    def find_a_model(self) -> Iterator[Condition]:
        """Page Models by its key alone: a model is searched, reached and opened."""
        press("alt+4")
        page = self.dock.models_page
        yield lambda: page.isVisible()
        yield pause(0.3)
        picture(self.dock, "dock-models.png")
        click(page.search)
        yield lambda: page.search.hasFocus()
        press("n", "a", "n", "o", "Down", "Return")
        yield lambda: page.details is not None
        yield pause(0.5)
        self.seen["found_model"] = page.details.card.id
        picture(self.dock, "dock-model.png")
        yield from self.ask_for_help()

    def ask_for_help(self) -> Iterator[Condition]:
        """By the button beside the pages, then by F1, which is QGIS's own key elsewhere."""
        window = self.dock.help
        yield from scroll_to(self.dock.ask)
        click(self.dock.ask)
        yield window.isVisible
        self.seen["help"] = [window.page]
        picture(window, "dock-help.png")
        window.close()
        click(self.dock.run_panel.device)
        yield lambda: self.dock.run_panel.device.view().isVisible()
        press("Escape")
        yield lambda: not self.dock.run_panel.device.view().isVisible()
        press("F1")
        yield window.isVisible
        self.seen["help"].append(window.page)
        window.close()

    def turn_dark(self) -> Iterator[Condition]:
        """QGIS's dark theme, without a restart."""
        QCursor.setPos(0, 0)
        QgsApplication.setUITheme("Night Mapping")
        yield pause(1.5)
        picture(self.dock, "dock-dark.png")
        picture(iface.mainWindow(), "desktop-dark.png")
        self.seen["history"] = [entry.outcome.value for entry in self.dock.history.entries()]

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
