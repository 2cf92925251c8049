"""What a person who looks for change does in QGIS, by mouse and key events; QGIS runs this by ``--code``.

Two Landsat dates are opened, their dates are recognised, Run is pressed; the threshold is moved on the
finished magnitude by mouse and by keyboard, and polygons are made of what counts as changed then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsContrastEnhancement,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtWidgets import QWidget
from qgis.utils import iface

# QGIS runs a text, which does not know the folder it came from.
sys.path.insert(0, os.environ["STORY_FOLDER"])

from hands import (  # noqa: E402
    Condition,
    Heartbeat,
    choose,
    click,
    drag,
    drawn,
    pause,
    picture,
    press,
    scroll_to,
)
from teller import Teller  # noqa: E402

SCENE = Path(os.environ["STORY_SCENE"])
EARLIER, LATER = "LE70220491999322EDC01_stack.gtif", "LE70220492002106EDC00_stack.gtif"
WIDTH = 360
# Of the slider's way to the automatic threshold: where changes are seen in a picture of the whole scene.
LOWER = 0.75


class Story(Teller):
    """The steps, and what they saw."""

    def __init__(self) -> None:
        self.heart = Heartbeat()
        super().__init__()

    def tell(self) -> Iterator[Condition]:
        yield from self.arrange(WIDTH)
        yield from self.open_dates()
        yield from self.look_at_methods()
        yield from self.run_it()
        yield from self.move_the_threshold()
        yield from self.make_polygons()
        yield from self.turn_dark()

    @property
    def page(self) -> Any:
        return self.dock.change_page

    @property
    def panel(self) -> Any:
        return self.page.revision

    def open_dates(self) -> Iterator[Condition]:
        """Two dates in the project; the page Change takes them up by itself."""
        for name in (EARLIER, LATER):
            layer = QgsRasterLayer(str(SCENE / name), name.split("_")[0])
            for use, band in zip(("setRedBand", "setGreenBand", "setBlueBand"), (5, 4, 3)):
                getattr(layer.renderer(), use)(band)
            layer.setContrastEnhancement(
                QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
                QgsRasterMinMaxOrigin.Limits.CumulativeCut,
            )
            QgsProject.instance().addMapLayer(layer)
        iface.mapCanvas().setExtent(layer.extent())
        iface.mapCanvas().refresh()
        click(self.dock.bar.findChildren(QWidget)[2])
        yield lambda: self.page.isVisible() and self.dock.before_tray.chips()
        self.seen["before"] = [chip.about.text() for chip in self.dock.before_tray.chips()]
        self.seen["after"] = [chip.about.text() for chip in self.dock.after_tray.chips()]
        self.seen["slider_at_first"] = self.panel.isVisible()
        yield pause(1.0)
        picture(iface.mainWindow(), "change-1-dates.png")

    def look_at_methods(self) -> Iterator[Condition]:
        """Each method says what it is; Options hold the corrections."""
        self.seen["methods"] = []
        for index in range(self.page.method.count()):
            key = self.page.method.itemData(index)
            yield from choose(self.page.method, key)
            yield pause(0.3)
            self.seen["methods"].append([key, self.page.about.text(), self.page.model.isVisible()])
            picture(self.dock, f"change-2-{key}.png")
        yield from choose(self.page.method, "distance")
        yield pause(0.5)
        yield from choose(self.page.model.combo, "spectral-texture")
        self.page.options.setCollapsed(False)
        yield pause(0.5)
        yield from scroll_to(self.page.options)
        yield pause(0.3)
        picture(self.dock, "change-3-options.png")
        self.page.options.setCollapsed(True)

    def run_it(self) -> Iterator[Condition]:
        model = self.dock.desk.model
        click(self.dock.run_panel.run)
        yield lambda: model.busy
        yield lambda: not model.busy
        yield pause(1.0)
        self.seen["run"] = [model.notice.outcome.value, model.notice.sentence]
        self.seen["found"] = [*model.notice.facts, model.notice.hint]
        yield from scroll_to(self.panel.make)
        yield pause(0.5)
        self.seen["threshold"] = self.panel.value.value()
        self.seen["told"] = self.panel.told.text()
        picture(iface.mainWindow(), "change-4-result.png")
        picture(self.dock, "change-4-dock.png")

    def move_the_threshold(self) -> Iterator[Condition]:
        """By the mouse, down and up, then by keys; the map shows what counts as changed."""
        slider = self.panel.slider
        width, middle = slider.width(), slider.height() // 2
        at = round(width * slider.value() / slider.maximum())
        low, high = round(LOWER * at), (at + width) // 2
        drag(slider, [QPoint(at + (low - at) * step // 10, middle) for step in range(0, 11)])
        yield lambda: self.panel.value.value() < self.seen["threshold"]
        yield drawn(2.0)
        self.seen["told_lowered"] = self.panel.told.text()
        picture(iface.mainWindow(), "change-5-lowered.png")
        self.heart.start()
        drag(slider, [QPoint(low + (high - low) * step // 10, middle) for step in range(0, 11)])
        yield lambda: self.panel.value.value() > self.seen["threshold"]
        yield pause(2.0)
        self.seen["moving_stall"] = self.heart.stop()
        self.seen["moved"] = self.panel.value.value()
        self.seen["told_moved"] = self.panel.told.text()
        layer = self.panel.current()
        self.seen["magnitude_shown"] = (
            QgsProject.instance().layerTreeRoot().findLayer(layer.id()).isVisible()
        )
        shader = layer.renderer().shader().rasterShaderFunction()
        self.seen["lowest_drawn"] = shader.colorRampItemList()[0].value
        picture(iface.mainWindow(), "change-5-moved.png")
        before = slider.value()
        slider.setFocus()
        yield slider.hasFocus
        press("Left", "Left", "Left")
        yield lambda: slider.value() < before
        yield pause(0.5)
        self.seen["by_key"] = self.panel.value.value()
        picture(self.dock, "change-5-dock.png")

    def make_polygons(self) -> Iterator[Condition]:
        model = self.dock.desk.model
        yield from scroll_to(self.panel.make)
        click(self.panel.make)
        yield lambda: model.busy
        yield lambda: not model.busy
        yield pause(1.5)
        self.seen["polygons"] = [model.notice.outcome.value, model.notice.sentence]
        group = QgsProject.instance().layerTreeRoot().findGroups()[0]
        made = [node.layer() for node in group.findLayers() if isinstance(node.layer(), QgsVectorLayer)]
        self.seen["polygon_count"] = [layer.featureCount() for layer in made]
        field = made[0].fields().lookupField("magnitude")
        self.seen["least_magnitude"] = [layer.minimumValue(field) for layer in made]
        picture(iface.mainWindow(), "change-6-polygons.png")
        picture(self.dock, "change-6-dock.png")

    def turn_dark(self) -> Iterator[Condition]:
        """The page in QGIS's dark theme, with the options unfolded."""
        self.page.options.setCollapsed(False)
        QCursor.setPos(0, 0)
        QgsApplication.setUITheme("Night Mapping")
        yield pause(1.5)
        picture(self.dock, "change-7-dark-options.png")
        self.page.options.setCollapsed(True)
        yield pause(0.5)
        yield from scroll_to(self.panel.make)
        yield pause(0.5)
        picture(self.dock, "change-7-dark.png")


STORY = Story()
