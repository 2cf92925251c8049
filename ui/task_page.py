"""What the pages Map, Teach and Change have in common."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from qgis.core import QgsCoordinateTransform, QgsCsException, QgsRasterLayer, QgsRectangle
from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QToolButton, QVBoxLayout, QWidget

from ..algorithms.layers import PROPERTY_DATE, implied_bands
from ..algorithms.text import duration, tr
from ..inference.errors import GeoFMError
from . import layers as layer_notes
from .desk import Desk
from .layer_set import Role
from .requests import LayerRef, Request, with_files
from .run_options import RunOptions
from .texts import grouped
from .timing import expected_seconds
from .widgets import column, form, muted, narrow_combo, select

WHOLE, VISIBLE = "whole", "visible"


class TaskPage(QWidget):
    """A page that can make a request. ``changed`` whenever what it would ask for may differ."""

    changed = pyqtSignal()
    roles: Sequence[Role] = (Role.INPUT,)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("geofm", "page")
        self.desk = desk
        self.extent = ExtentChoice(desk)
        self.size = muted()
        # The page adds the form to its Options.
        self.fields = form()
        self.polygons = QCheckBox()
        self.run_options = RunOptions(desk, self.fields, self.polygons)
        self.run_options.changed.connect(self.tell)

    def close_page(self) -> None:
        """Let go of what outlives the dock."""
        self.run_options.close_options()

    def problem(self) -> str:
        """What is missing, as a sentence that says what to do; empty if Run may be pressed."""
        raise NotImplementedError

    def request(self, device: str) -> Request:
        """What Run shall do. Call it only where there is no problem."""
        raise NotImplementedError

    def begin(
        self, device: str, start: Callable[[Request], object], fail: Callable[[GeoFMError], object]
    ) -> None:
        """Hand what Run shall do to ``start``, or why it cannot be to ``fail``; now or a little later."""
        try:
            request = self.request(device)
        except GeoFMError as error:
            fail(error)
        else:
            start(request)

    def layers(self) -> list[QgsRasterLayer]:
        """The raster layers of the page's first role."""
        return self.desk.layers.get(self.roles[0])

    def speed_key(self) -> str:
        """Under which name runs like this one are timed; empty while there is no model."""
        raise NotImplementedError

    def pixels(self) -> int:
        """How many pixels a run would compute, about."""
        layer = self.layers()[0]
        share = self.run_options.area.share(layer, self.extent.rectangle(layer))
        return round(self.extent.pixels(layer) * share)

    def where(self) -> dict[str, object]:
        """EXTENT and AREA, as far as they limit a run."""
        extent = self.extent.parameter(self.layers()[0])
        return {**({"EXTENT": extent} if extent else {}), **self.run_options.area.parameters()}

    def tell(self) -> None:
        """Say how much there is to do, and that the request may differ now."""
        layers = self.layers()
        text = ""
        if layers:
            gsd = layer_notes.gsd_metres(layers[0])
            told = _estimate(self.desk, self.pixels(), self.speed_key(), gsd), self.run_options.area.note()
            text = ", ".join(part for part in told if part)
        self.size.setText(text)
        self.size.setVisible(bool(text))
        self.changed.emit()


class ExtentChoice(QComboBox):
    """The whole layer, or the part that the map shows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        narrow_combo(self)
        self.addItem(tr("The whole layer"), WHOLE)
        self.addItem(tr("What the map shows"), VISIBLE)
        self.setToolTip(tr("A part costs what it covers: try a small one first"))
        select(self, desk.settings.text("extent"), WHOLE)
        self.activated.connect(lambda: desk.settings.set("extent", str(self.currentData())))

    def rectangle(self, layer: QgsRasterLayer) -> QgsRectangle:
        """The part to work on, in the layer's CRS; empty if the map shows nothing of the layer."""
        if self.currentData() == WHOLE:
            return layer.extent()
        canvas = self._desk.iface.mapCanvas()
        transform = QgsCoordinateTransform(
            canvas.mapSettings().destinationCrs(), layer.crs(), self._desk.project
        )
        try:
            shown = transform.transformBoundingBox(canvas.extent())
        except QgsCsException:
            return QgsRectangle()
        return shown.intersect(layer.extent())

    def parameter(self, layer: QgsRasterLayer) -> str:
        """The EXTENT parameter; empty for the whole layer."""
        if self.currentData() == WHOLE:
            return ""
        box = self.rectangle(layer)
        numbers = (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum())
        text = ",".join(repr(number) for number in numbers)
        authority = layer.crs().authid()
        return f"{text} [{authority}]" if authority else text

    def pixels(self, layer: QgsRasterLayer) -> int:
        """How many pixels that are."""
        box = self.rectangle(layer)
        area = layer.rasterUnitsPerPixelX() * layer.rasterUnitsPerPixelY()
        return round(box.width() * box.height() / area) if area > 0 and not box.isEmpty() else 0


class SaveFolder(QgsFileWidget):
    """Where results go: temporary files by default, or a folder that is remembered."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.setDialogTitle(tr("Folder for results"))
        self.lineEdit().setPlaceholderText(tr("Temporary files"))
        self.setToolTip(tr("Empty: results are temporary, as Processing's are. A folder keeps them."))
        for button in self.findChildren(QToolButton):
            button.setToolTip(tr("Choose the folder"))
        self.setFilePath(desk.settings.text("save_folder"))
        self.fileChanged.connect(lambda path: desk.settings.set("save_folder", path.strip()))

    def problem(self) -> str:
        folder = self.filePath().strip()
        if folder and not os.path.isdir(folder):
            return tr("The folder for results does not exist.")
        return ""

    def kept(self, request: Request, stem: str) -> Request:
        """The request with its results in the folder, if there is one."""
        folder = self.filePath().strip()
        return with_files(request, folder, file_name(stem)) if folder else request


def file_name(text: str) -> str:
    """A text as the stem of a file's name on any system."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")[:80] or "result"


def options_box(title: str, name: str) -> QgsCollapsibleGroupBox:
    """A folded box; QGIS remembers whether the user unfolded it."""
    box = QgsCollapsibleGroupBox(title)
    box.setObjectName(name)
    box.setSettingGroup("geofm")
    box.setSaveCollapsedState(True)
    box.setCollapsed(True)
    return box


def inside(box: QgsCollapsibleGroupBox) -> QVBoxLayout:
    """The layout of a box's content.

    A widget lies between the two: unfolding shows each child of the box, hidden ones too.
    """
    content = QWidget()
    content.setProperty("geofm", "plain")
    column(box).addWidget(content)
    return column(content)


def layer_refs(layers: Sequence[QgsRasterLayer]) -> tuple[LayerRef, ...]:
    """The layers as a request remembers them."""
    return tuple(
        LayerRef(
            layer.id(),
            layer.name(),
            layer.source(),
            layer_notes.mapping(layer) or ",".join(implied_bands(layer)),
            layer_notes.scale(layer),
            layer_notes.offset(layer),
            str(layer.customProperty(PROPERTY_DATE) or ""),
        )
        for layer in layers
    )


def _estimate(desk: Desk, pixels: int, speed_key: str, gsd: float | None) -> str:
    """How much there is to do, and how long it will take where earlier runs tell it."""
    if not pixels:
        return ""
    text = tr("{} pixels").format(grouped(pixels))
    if gsd:
        text = tr("{} pixels of {}").format(grouped(pixels), layer_notes.metres(gsd))
    seconds = expected_seconds(desk.settings, speed_key, pixels)
    return tr("{}, about {}").format(text, duration(max(1.0, seconds))) if seconds else text
