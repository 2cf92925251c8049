"""The panels on Qt 6: every module is imported, the dock is built, shown page by page, and touched.

The pictures lie in build/compat/qt6.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stand_in_core
import stand_in_gui
from osgeo import gdal, osr
from PyQt6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QMouseEvent, QPalette, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QWidget

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "compat" / "qt6"
PAGES = ("map", "teach", "change", "models")
MODULES = sorted(
    ".".join(("geofm", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for room in ("ui", "algorithms") for path in (ROOT / room).rglob("*.py")
)


@pytest.mark.parametrize("name", [*MODULES, "geofm.plugin", "geofm.api"])
def test_module_imports(name: str) -> None:
    importlib.import_module(name)


class Desktop:
    """As much of QGIS's interface as the dock uses."""

    def __init__(self, active: stand_in_core.QgsMapLayer | None) -> None:
        self.canvas, self.bar = stand_in_gui.QgsMapCanvas(), stand_in_gui.QgsMessageBar()
        self.active = active

    def mapCanvas(self) -> stand_in_gui.QgsMapCanvas:
        return self.canvas

    def messageBar(self) -> stand_in_gui.QgsMessageBar:
        return self.bar

    def activeLayer(self) -> stand_in_core.QgsMapLayer | None:
        return self.active


def settle() -> None:
    """Let queued signals, layouts and deferred deletions happen."""
    for _ in range(3):
        QTest.qWait(20)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def layers(tmp_path: Path) -> list[stand_in_core.QgsMapLayer]:
    """Two dates of one scene, in the project."""
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32633)
    made = []
    for day in ("20240601", "20250607"):
        path = str(tmp_path / f"S2A_MSIL2A_{day}.tif")
        raster = gdal.GetDriverByName("GTiff").Create(path, 40, 30, 4, gdal.GDT_UInt16)
        raster.SetGeoTransform((500000, 10, 0, 5400000, 0, -10))
        raster.SetProjection(srs.ExportToWkt())
        for number, name in enumerate(("B02", "B03", "B04", "B08"), 1):
            raster.GetRasterBand(number).SetDescription(name)
            raster.GetRasterBand(number).Fill(500 * number)
        raster.FlushCache()
        layer = stand_in_core.QgsRasterLayer(path, f"scene of {day}")
        made.append(stand_in_core.QgsProject.instance().addMapLayer(layer))
    return made


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with an engine; none is ever started."""
    monkeypatch.setenv("GEOFM_PYTHON", sys.executable)


@pytest.fixture
def make_dock(qapp: QApplication) -> Iterator[Callable[..., Any]]:
    from geofm.ui.dock import GeoFMDock

    made = []

    def make(active: stand_in_core.QgsMapLayer | None = None) -> GeoFMDock:
        dock = GeoFMDock(Desktop(active))
        dock.resize(360, 900)
        dock.show()
        made.append(dock)
        settle()
        return dock

    yield make
    for dock in made:
        dock.tear_down()
        dock.deleteLater()
    settle()
    stand_in_core.QgsProject.instance().clear()
    stand_in_core.QgsSettings().remove("geofm")


def shown(dock: Any, page: str, name: str) -> None:
    """Turn to a page and keep its picture, which shows more than one colour."""
    from geofm.ui.state import Page

    dock.desk.model.show(Page(page))
    settle()
    picture = dock.grab()
    PICTURES.mkdir(parents=True, exist_ok=True)
    assert picture.save(str(PICTURES / f"{name}.png"))
    image = picture.toImage()
    colors = {image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)}
    assert len(colors) > 5


@pytest.mark.parametrize("page", PAGES)
def test_page_without_a_layer(ready: None, make_dock: Callable[..., Any], page: str) -> None:
    shown(make_dock(), page, f"{page}-empty")


@pytest.mark.parametrize("page", PAGES)
def test_page_with_two_dates_and_all_that_unfolds(
    ready: None, layers: list[Any], make_dock: Callable[..., Any], page: str
) -> None:
    dock = make_dock(layers[1])
    dock.resize(360, 1400)
    for box in dock.findChildren(stand_in_gui.QgsCollapsibleGroupBox):
        box.setCollapsed(False)
    shown(dock, page, f"{page}-layers")
    for spin in dock.findChildren(QAbstractSpinBox):
        if spin.isVisible():
            assert spin.height() >= spin.fontMetrics().height() + 6, "cuts its text off"


def test_dock_before_the_set_up(monkeypatch: pytest.MonkeyPatch, make_dock: Callable[..., Any]) -> None:
    monkeypatch.delenv("GEOFM_PYTHON", raising=False)
    shown(make_dock(), "map", "set-up")


def test_dark_theme(
    ready: None, layers: list[Any], make_dock: Callable[..., Any], qapp: QApplication
) -> None:
    before, dark = qapp.palette(), QPalette()
    roles = QPalette.ColorRole
    for role in (roles.Window, roles.Base, roles.Button, roles.AlternateBase):
        dark.setColor(role, QColor("#303030"))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.PlaceholderText):
        dark.setColor(role, QColor("#e0e0e0"))
    qapp.setPalette(dark)
    try:
        shown(make_dock(layers[1]), "map", "map-dark")
    finally:
        qapp.setPalette(before)


@pytest.mark.parametrize("page", PAGES)
def test_widgets_take_the_mouse_and_the_keys(
    ready: None, layers: list[Any], make_dock: Callable[..., Any], page: str
) -> None:
    """pytest-qt fails a test in which a handler raised, as one that asks an event for what Qt 6 lacks."""
    dock = make_dock(layers[1])
    shown(dock, page, f"{page}-touched")
    touched = 0
    for widget in dock.findChildren(QWidget):
        if widget.isVisible() and type(widget).__module__.startswith("geofm."):
            touch(widget)
            touched += 1
    assert touched > 10


def touch(widget: QWidget) -> None:
    """Enter, move, wheel, keys, drag and leave; no click, which may open a dialog."""
    QTest.mouseMove(widget, widget.rect().center())
    at = QPointF(widget.rect().center())
    on = QPointF(widget.mapToGlobal(widget.rect().center()))
    nothing = Qt.KeyboardModifier.NoModifier
    for button in (Qt.MouseButton.NoButton, Qt.MouseButton.MiddleButton):
        move = QMouseEvent(QEvent.Type.MouseMove, at, on, Qt.MouseButton.NoButton, button, nothing)
        QApplication.sendEvent(widget, move)
    if not isinstance(widget, QComboBox):
        wheel = QWheelEvent(
            at, on, QPoint(0, 10), QPoint(0, 120), Qt.MouseButton.NoButton, nothing,
            Qt.ScrollPhase.NoScrollPhase, False,
        )
        QApplication.sendEvent(widget, wheel)
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Shift):
        QTest.keyClick(widget, key)
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
    QApplication.sendEvent(widget, QEvent(QEvent.Type.PaletteChange))


def test_all_names_of_qt_are_there(unresolved: Callable[[str], list[str]]) -> None:
    assert unresolved("qgis.PyQt") == []
