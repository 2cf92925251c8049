"""What a person who teaches does in QGIS, by real mouse and key events; QGIS runs this by ``--code``.

A Sentinel-2 chip is opened, classes are named, labels are clicked, drawn and painted, the preview follows
and is corrected; then the time from the mouse's release to the repainted map is taken many times, on the
chip enlarged to as many pixels as the map has on the screen.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsContrastEnhancement,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QEvent, QObject, QPoint
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtWidgets import QDockWidget, QWidget
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
    hold,
    outline,
    pause,
    picture,
    press,
    release,
)
from teller import Teller  # noqa: E402

CHIP = Path(os.environ["STORY_CHIP"])
WIDTH = 380
SIDE = 256
# The chip enlarged, for the times: each pixel of the screen is a pixel of the raster.
WIDE = 1200
TICK_MS = 5
CLICKS = 24
# Places of the chip in its pixels, from the upper left corner.
SOIL = [(40, 120), (54, 160), (30, 215)]
CROPS = [(184, 204), (170, 170)]
FOREST = [(136, 84), (194, 134), (120, 200)]
WATER = (139, 12)
FIELD = [(20, 100), (70, 100), (70, 115), (20, 112)]
STROKE = [(160, 180), (175, 190), (190, 215)]


class Story(Teller):
    """The steps, and what they saw."""

    def __init__(self) -> None:
        self.heart = Heartbeat(TICK_MS)
        self.layer: QgsRasterLayer | None = None
        super().__init__()

    def tell(self) -> Iterator[Condition]:
        yield from self.arrange(WIDTH)
        yield from self.open_chip()
        yield from self.name_classes()
        yield from self.label()
        yield from self.correct()
        yield from self.look_beneath()
        yield from self.trust()
        yield from self.run_it()
        yield from self.take_times()
        yield from self.leave()
        yield from self.turn_dark()

    @property
    def page(self) -> Any:
        return self.dock.teach_page

    @property
    def live(self) -> Any:
        return self.page.live

    def counted(self, what: str) -> None:
        """How long the main thread was ever away meanwhile, and how much it did at once."""
        self.seen[f"{what}_stall"] = self.heart.stop()
        self.seen[f"{what}_work"] = self.heart.busiest

    # --- where ----------------------------------------------------------------------------------

    def at(self, col: float, row: float) -> QPoint:
        """A pixel of the chip on the map's canvas."""
        box = self.layer.extent()
        x = box.xMinimum() + (col + 0.5) * box.width() / SIDE
        y = box.yMaximum() - (row + 0.5) * box.height() / SIDE
        place = iface.mapCanvas().getCoordinateTransform().transform(QgsPointXY(x, y))
        return QPoint(round(place.x()), round(place.y()))

    def shown(self, col: float, row: float) -> int:
        """The class that the preview has there, 0 for none."""
        box, layer = self.layer.extent(), self.page.classroom.preview.layer
        if layer is None:
            return 0
        x = box.xMinimum() + (col + 0.5) * box.width() / SIDE
        y = box.yMaximum() - (row + 0.5) * box.height() / SIDE
        value, found = layer.dataProvider().sample(QgsPointXY(x, y), 1)
        return int(value) if found else 0

    def previewed(self) -> Condition:
        """A condition that is true once all labels are learned and the map is painted."""
        count = len(self.page.labels.taught)
        painted: list[bool] = []
        refreshed = iface.mapCanvas().mapCanvasRefreshed

        def learned() -> bool:
            preview = self.live.preview
            told = preview is not None and sum(each.labels for each in preview.counts) == count
            if told and not painted:
                painted.append(True)
                refreshed.connect(self._on_painted)
                self._painted = False
                iface.mapCanvas().refresh()
            return bool(painted) and self._painted

        return learned

    _painted = False

    def _on_painted(self) -> None:
        self._painted = True

    # --- the steps ------------------------------------------------------------------------------

    def open_chip(self) -> Iterator[Condition]:
        """A Sentinel-2 chip in true colour, and the page Teach, which says what to do."""
        yield from self.show(str(CHIP), "Sentinel-2")
        click(self.dock.bar.findChildren(QWidget)[1])
        yield lambda: self.page.isVisible()
        yield from choose(self.page.model.combo, "spectral-texture")
        yield pause(0.5)
        self.seen["empty_hint"] = self.dock.run_panel.hint.text()
        picture(self.dock, "teach-1-empty.png")

    def show(self, path: str, title: str) -> Iterator[Condition]:
        """An image alone on the map, in true colour."""
        with self.heart.resting():
            # QGIS opens and stretches it on the main thread.
            layer = QgsRasterLayer(path, title)
            for use, band in zip(("setRedBand", "setGreenBand", "setBlueBand"), (4, 3, 2)):
                getattr(layer.renderer(), use)(band)
            layer.setContrastEnhancement(
                QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
                QgsRasterMinMaxOrigin.Limits.CumulativeCut,
            )
        before, self.layer = self.layer, layer
        QgsProject.instance().addMapLayer(layer)
        iface.setActiveLayer(layer)
        yield pause(0.3)
        self.dock.desk.layers.set(self.page.roles[0], [layer])
        yield pause(0.1)
        if before is not None:
            QgsProject.instance().removeMapLayer(before.id())
        iface.mapCanvas().setExtent(layer.extent())
        iface.mapCanvas().refresh()
        yield lambda: self.dock.input_tray.chips()
        yield pause(1.0)

    def name_classes(self) -> Iterator[Condition]:
        """Three classes are typed; the session begins with the first."""
        self.heart.start()
        for name in ("soil", "crops", "forest"):
            yield from self.name(name)
        yield lambda: self.live.stage.value == "ready"
        self.counted("opening")
        self.seen["named_hint"] = self.dock.run_panel.hint.text()
        picture(self.dock, "teach-2-classes.png")

    def name(self, name: str) -> Iterator[Condition]:
        count = len(self.page.labels.classes)
        line = self.page.label_panel.classes.name
        click(line)
        yield line.hasFocus
        press(*name, "Return")
        yield lambda: len(self.page.labels.classes) == count + 1

    def take(self, tool: str) -> Iterator[Condition]:
        """Take a tool for the map."""
        bar = self.page.label_panel.bar
        kind = next(kind for kind in bar.buttons if kind.value == tool)
        if bar.tools.current is kind:
            return
        click(bar.buttons[kind])
        yield lambda: bar.tools.current is kind and iface.mapCanvas().hasFocus()

    def label(self) -> Iterator[Condition]:
        """Clicks, a polygon and a stroke of the brush; the preview follows."""
        self.heart.start()
        yield from self.take("click")
        for key, places in (("1", SOIL), ("2", CROPS), ("3", FOREST)):
            for place in places[:1]:
                yield from self.click_on(place, key)
        yield lambda: self.page.classroom.preview.layer is not None
        yield self.previewed()
        yield pause(0.5)
        self.seen["clicked"] = [self.shown(*place[0]) for place in (SOIL, CROPS, FOREST)]
        self.seen["legend"] = [
            item.label for item in self.page.classroom.preview.layer.renderer().classes()
        ]
        with self.heart.resting():
            picture(iface.mainWindow(), "teach-3-clicked.png")
        yield from self.take("polygon")
        press("1")
        yield pause(0.3)
        yield from self.adding(lambda: outline(iface.mapCanvas(), [self.at(*place) for place in FIELD]))
        with self.heart.resting():
            picture(iface.mainWindow(), "teach-4-polygon.png")
        yield from self.take("brush")
        press("2")
        yield pause(0.3)
        yield from self.adding(lambda: drag(iface.mapCanvas(), [self.at(*place) for place in STROKE]))
        yield self.previewed()
        yield pause(0.5)
        self.counted("labelling")
        picture(iface.mainWindow(), "teach-5-brush.png")

    def click_on(self, place: tuple[float, float], key: str) -> Iterator[Condition]:
        """Choose a class by its key and click on the map."""
        press(key)
        yield pause(0.3)
        yield from self.adding(lambda: click(iface.mapCanvas(), self.at(*place)))

    def adding(self, act: Callable[[], None]) -> Iterator[Condition]:
        """Do something that makes a label or changes one."""
        before = self.page.labels.taught
        act()
        yield lambda: self.page.labels.taught != before

    def correct(self) -> Iterator[Condition]:
        """The lake is taken for something else, until it is said what it is."""
        self.seen["lake_before"] = self.shown(*WATER)
        yield from self.name("water")
        yield from self.take("click")
        yield from self.click_on(WATER, "4")
        yield self.previewed()
        yield drawn(0.5)
        self.seen["lake_after"] = self.shown(*WATER)
        picture(iface.mainWindow(), "teach-6-corrected.png")
        picture(self.dock, "teach-6-dock.png")
        press("ctrl+z")
        yield lambda: self.shown(*WATER) != 4
        self.seen["lake_undone"] = self.shown(*WATER)
        press("ctrl+shift+z")
        yield lambda: self.shown(*WATER) == 4

    def look_beneath(self) -> Iterator[Condition]:
        """H held over the map lifts the preview."""
        preview = self.page.classroom.preview
        node = QgsProject.instance().layerTreeRoot().findLayer(preview.layer.id())
        hold("h")
        yield lambda: not node.isVisible()
        yield pause(0.8)
        picture(iface.mainWindow(), "teach-7-beneath.png")
        release("h")
        yield node.isVisible
        self.seen["switch"] = self.page.state.switch.isChecked()

    def trust(self) -> Iterator[Condition]:
        """How good is it? A sentence."""
        for key, places in (("1", SOIL), ("2", CROPS), ("3", FOREST)):
            for place in places[1:]:
                yield from self.click_on(place, key)
        yield self.previewed()
        yield lambda: self.page.trust.button.isEnabled()
        click(self.page.trust.button)
        yield lambda: self.page.trust.words.text()
        self.seen["trust"] = self.page.trust.words.text()
        yield pause(0.3)
        picture(self.dock, "teach-8-trust.png")

    def run_it(self) -> Iterator[Condition]:
        """Run: the classifier is kept, and the whole image mapped."""
        model = self.dock.desk.model
        yield lambda: self.dock.run_panel.run.isEnabled()
        click(self.dock.run_panel.run)
        yield lambda: model.busy
        yield lambda: not model.busy
        self.seen["run"] = [model.notice.outcome.value, model.notice.sentence]
        self.seen["kept"] = [
            card.title for card in self.dock.desk.shelf.cards() if card.family == "classifier"
        ]
        yield drawn(1.0)
        self.seen["layers"] = [
            layer.name() for layer in QgsProject.instance().layerTreeRoot().layerOrder()
        ]
        picture(iface.mainWindow(), "teach-9-run.png")

    def turn_dark(self) -> Iterator[Condition]:
        """The page with its options unfolded, in QGIS's dark theme."""
        yield from self.show(str(CHIP), "Sentinel-2")
        yield lambda: self.live.encoded is not None and self.live.encoded.done
        self.page.options.setCollapsed(False)
        QCursor.setPos(0, 0)
        QgsApplication.setUITheme("Night Mapping")
        yield pause(1.5)
        picture(self.dock, "teach-11-dark.png")

    def take_times(self) -> Iterator[Condition]:
        """Click after click on an image of as many pixels as the map shows."""
        path = str(CHIP.with_name("wide.vrt"))
        gdal.Translate(path, str(CHIP), format="VRT", width=WIDE, height=WIDE)
        for panel in iface.mainWindow().findChildren(QDockWidget):
            panel.setVisible(panel is self.dock)
        yield pause(0.5)
        self.heart.start()
        yield from self.show(path, "Sentinel-2, enlarged")
        size = iface.mapCanvas().size()
        box, unit = self.layer.extent(), self.layer.rasterUnitsPerPixelX()
        corner = box.xMinimum(), box.yMaximum()
        iface.mapCanvas().setExtent(
            QgsRectangle(
                corner[0], corner[1] - size.height() * unit, corner[0] + size.width() * unit, corner[1]
            )
        )
        iface.mapCanvas().refresh()
        yield lambda: self.live.encoded is not None and self.live.encoded.done
        self.counted("encoding")
        yield from self.take("click")
        stopwatch = Stopwatch(self.live)
        self.seen["times"], self.seen["parts"] = stopwatch.times, stopwatch.parts
        self.heart.start()
        for number in range(CLICKS):
            press("123"[number % 3])
            yield pause(0.3)
            places = (SOIL, CROPS, FOREST)[number % 3]
            col, row = places[number // 3 % len(places)]
            click(iface.mapCanvas(), self.at(col * 0.8 + number % 5 - 2, row * 0.6 + number % 7 - 3))
            count = number + 1
            yield lambda count=count: len(stopwatch.times) == count
        self.counted("clicking")
        preview = self.live.preview
        self.seen["preview_size"] = [preview.width, preview.height]
        self.seen["canvas_size"] = [size.width(), size.height()]
        picture(iface.mainWindow(), "teach-10-times.png")
        stopwatch.close()

    def leave(self) -> Iterator[Condition]:
        """The image is taken out of the project: the session and its preview go with it."""
        folder, layer, self.layer = self.live.folder, self.layer, None
        QgsProject.instance().removeMapLayer(layer.id())
        yield lambda: self.live.stage.value == "closed"
        yield lambda: not os.path.exists(folder)
        self.seen["left"] = [layer.name() for layer in QgsProject.instance().mapLayers().values()]


class Stopwatch(QObject):
    """Takes the time from the release of the mouse to the map painted with what the click taught."""

    def __init__(self, live: Any) -> None:
        super().__init__()
        self.times: list[float] = []
        self.parts: list[Any] = []
        self._live, self._canvas = live, iface.mapCanvas()
        self._released: float | None = None
        self._learned = False
        self._canvas.viewport().installEventFilter(self)
        self._canvas.mapCanvasRefreshed.connect(self._on_painted)
        live.previewed.connect(self._on_previewed)

    def close(self) -> None:
        self._canvas.viewport().removeEventFilter(self)
        self._canvas.mapCanvasRefreshed.disconnect(self._on_painted)
        self._live.previewed.disconnect(self._on_previewed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._released, self._learned = time.monotonic(), False
        return False

    def _on_previewed(self, preview: Any) -> None:
        # Of the click: nothing else asks for a preview now.
        self._learned = self._released is not None and bool(preview.path)
        if self._learned:
            self.parts.append([time.monotonic() - self._released, dict(preview.milliseconds)])

    def _on_painted(self) -> None:
        if self._learned and self._released is not None:
            self.times.append(time.monotonic() - self._released)
            self._released, self._learned = None, False


STORY = Story()
