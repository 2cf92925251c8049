"""What a person does who brings a layer of parcels up to date; QGIS runs this by ``--code``.

Two dates, the parcels and the places that changed are opened; edits are proposed, visited and decided by
keys, with before and after left and right of a line, undone by QGIS's own keys, and saved by its own action.
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
    QgsFillSymbol,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtWidgets import QWidget
from qgis.utils import iface

# QGIS runs a text, which does not know the folder it came from.
sys.path.insert(0, os.environ["STORY_FOLDER"])

from hands import Condition, Heartbeat, choose, click, drag, drawn, pause, picture, press, scroll_to  # noqa: E402
from teller import Teller  # noqa: E402

SCENE = Path(os.environ["STORY_SCENE"])
EDITS = Path(os.environ["STORY_EDITS"])
EARLIER, LATER = "LE70220491999322EDC01_stack.gtif", "LE70220492002106EDC00_stack.gtif"
WIDTH = 400


class Story(Teller):
    """The steps, and what they saw."""

    def __init__(self) -> None:
        self.heart = Heartbeat()
        super().__init__()

    def tell(self) -> Iterator[Condition]:
        yield from self.arrange(WIDTH)
        yield from self.open_layers()
        yield from self.propose()
        yield from self.decide()
        yield from self.swipe()
        yield from self.together()
        yield from self.save()
        yield from self.turn_dark()

    @property
    def review(self) -> Any:
        return self.dock.change_page.edits

    @property
    def bar(self) -> Any:
        return self.review.bar

    def covers(self) -> list[list[Any]]:
        """Cover and size in hectares of each parcel, as QGIS has them now."""
        rows = ((f["cover"], round(f.geometry().area() / 1e4)) for f in self.parcels.getFeatures())
        return sorted([str(cover), size] for cover, size in rows)

    def states(self) -> list[str]:
        listed = self.review.list.currentLayer()
        return [f["state"] for f in sorted(listed.getFeatures(), key=lambda f: f["id"])]

    # --- the steps ------------------------------------------------------------------------------

    def open_layers(self) -> Iterator[Condition]:
        project = QgsProject.instance()
        for name, title in ((EARLIER, "Landsat 7, November 1999"), (LATER, "Landsat 7, April 2002")):
            layer = QgsRasterLayer(str(SCENE / name), title)
            for use, band in zip(("setRedBand", "setGreenBand", "setBlueBand"), (4, 5, 3)):
                getattr(layer.renderer(), use)(band)
            layer.setContrastEnhancement(
                QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
                QgsRasterMinMaxOrigin.Limits.CumulativeCut,
            )
            project.addMapLayer(layer)
        self.parcels = QgsVectorLayer(str(EDITS / "parcels.gpkg"), "Parcels", "ogr")
        symbol = QgsFillSymbol.createSimple(
            {"style": "no", "outline_color": "#ffe28a", "outline_width": "0.35"}
        )
        self.parcels.setRenderer(QgsSingleSymbolRenderer(symbol))
        project.addMapLayer(self.parcels)
        changes = QgsVectorLayer(str(EDITS / "changes.gpkg"), "Changes 1999 to 2002", "ogr")
        project.addMapLayer(changes)
        project.layerTreeRoot().findLayer(changes.id()).setItemVisibilityChecked(False)
        iface.mapCanvas().setExtent(layer.extent())
        iface.setActiveLayer(layer)
        click(self.dock.bar.findChildren(QWidget)[2])
        yield lambda: self.dock.change_page.isVisible()
        yield lambda: self.dock.after_tray.chips()
        yield pause(1.5)

    def propose(self) -> Iterator[Condition]:
        """The section is unfolded, what it chose is looked at, and a click lists the edits."""
        review = self.review
        review.box.setCollapsed(False)
        yield pause(0.3)
        yield from scroll_to(review.form.propose)
        self.seen["chosen"] = [
            review.form.changes.currentText(), review.form.layer.currentText(),
            review.form.field.currentField(),
        ]
        picture(self.dock, "edits-1-form.png")
        self.heart.start()
        click(review.form.propose)
        yield lambda: review.bar.list.count()
        yield lambda: not self.dock.desk.model.busy
        yield pause(1.5)
        self.seen["proposing_stall"] = self.heart.stop()
        yield from scroll_to(review.unsaved if review.unsaved.isVisible() else review.provenance)
        self.seen["listed"] = [self.bar.list.itemText(at) for at in range(self.bar.list.count())]
        picture(iface.mainWindow(), "edits-2-proposed.png")

    def decide(self) -> Iterator[Condition]:
        """Accept, accept, reject by keys; undo by QGIS's own key."""
        self.heart.start()
        click(self.review.start)
        yield lambda: self.bar.current() is not None
        yield pause(1.0)
        picture(iface.mainWindow(), "edits-3-first.png")
        for count, key in enumerate("aar", 1):
            press(key)
            yield lambda wanted=count: sum(state != "open" for state in self.states()) == wanted
            yield pause(0.8)
            picture(iface.mainWindow(), f"edits-4-{key}-{count}.png")
        self.seen["decided"] = self.states()
        self.seen["decided_covers"] = self.covers()
        self.seen["steps"] = [
            self.parcels.undoStack().text(at) for at in range(self.parcels.undoStack().count())
        ]
        press("ctrl+z")
        yield lambda: self.states().count("accepted") == 1
        yield pause(0.8)
        self.seen["deciding_stall"] = self.heart.stop()
        self.seen["undone"] = self.states()
        self.seen["undone_covers"] = self.covers()
        yield from scroll_to(self.review.unsaved)
        picture(iface.mainWindow(), "edits-5-undone.png")
        press("ctrl+shift+z")
        yield lambda: self.states().count("accepted") == 2
        self.seen["redone"] = self.states()
        yield pause(1.0)
        press("ctrl+z")
        yield lambda: self.states().count("accepted") == 1

    def swipe(self) -> Iterator[Condition]:
        """Before left, after right: the line is dragged and moved by keys; Esc ends it."""
        self.heart.start()
        yield from scroll_to(self.review.swipe)
        click(self.review.swipe)
        yield lambda: self.review.swipe.isChecked()
        shown = self.review._swipe
        yield lambda: shown.ready
        yield drawn(0.5)
        picture(iface.mainWindow(), "edits-6-swipe.png")
        view = iface.mapCanvas().viewport()
        middle = QPoint(view.width() // 2, view.height() // 2)
        drag(view, [middle, QPoint(view.width() // 3, middle.y())])
        yield lambda: shown.share < 0.4
        dragged = shown.share
        press("Right", "Right")
        yield lambda: shown.share > dragged + 0.05
        self.seen["swipe"] = [dragged, shown.share]
        yield pause(0.5)
        picture(iface.mainWindow(), "edits-7-swipe-moved.png")
        press("Escape")
        yield lambda: not self.review.swipe.isChecked()
        self.seen["swipe_stall"] = self.heart.stop()

    def together(self) -> Iterator[Condition]:
        """All new parcels are accepted at once."""
        yield from scroll_to(self.review.kind)
        yield from choose(self.review.kind, "add")
        yield from scroll_to(self.review.many)
        self.seen["together"] = self.review.many.text()
        click(self.review.many)
        yield lambda: "accepted" in self.states()[-1]
        yield pause(0.8)
        self.seen["together_said"] = self.review.problem.text()
        yield from choose(self.review.kind, "")

    def save(self) -> Iterator[Condition]:
        """Saving is QGIS's own action on the active layer."""
        self.seen["unsaved"] = self.review.unsaved.text()
        self.seen["active"] = iface.activeLayer().name()
        iface.actionSaveActiveLayerEdits().trigger()
        yield lambda: not self.parcels.isModified()
        yield pause(0.8)
        self.seen["saved"] = self.states()
        self.seen["saved_covers"] = self.covers()
        yield from scroll_to(self.review.provenance)
        picture(iface.mainWindow(), "edits-8-saved.png")
        picture(self.dock, "edits-8-dock.png")

    def turn_dark(self) -> Iterator[Condition]:
        """The section in QGIS's dark theme."""
        QCursor.setPos(0, 0)
        QgsApplication.setUITheme("Night Mapping")
        yield pause(1.5)
        picture(self.dock, "edits-9-dark.png")
        self.parcels.rollBack()


STORY = Story()
