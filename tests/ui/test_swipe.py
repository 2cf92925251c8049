"""Before and after on the map, left and right of a line: what is drawn where, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal, osr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QColor, QImage, QMouseEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

from geofm.ui.edits.swipe import Swipe

RED, BLUE, GREEN = (200, 30, 30), (30, 60, 200), (20, 160, 60)
X, Y, SIDE = 500_000, 5_400_000, 60
WIDTH, HEIGHT = 400, 300


def paint(path: Path, color: tuple[int, int, int], epsg: int = 32633, pixel: float = 10.0) -> QgsRasterLayer:
    """A raster of one colour."""
    made = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, 3, gdal.GDT_Byte)
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(epsg)
    x, y = X, Y
    if epsg != 32633:
        way = QgsCoordinateTransform(
            QgsCoordinateReferenceSystem("EPSG:32633"),
            QgsCoordinateReferenceSystem(f"EPSG:{epsg}"), QgsProject.instance(),
        )
        corner = way.transform(X - 100, Y + 100)
        x, y = corner.x(), corner.y()
    made.SetGeoTransform((x, pixel, 0, y, 0, -pixel))
    made.SetSpatialRef(srs)
    for index, value in enumerate(color, 1):
        made.GetRasterBand(index).WriteRaster(0, 0, SIDE, SIDE, bytes([value]) * SIDE * SIDE)
    del made
    layer = QgsRasterLayer(str(path), path.stem)
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def canvas(desktop: Any, project: QgsProject, settled: Any) -> Any:
    canvas = desktop.canvas
    canvas.resize(WIDTH, HEIGHT)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    canvas.setExtent(QgsRectangle(X + 100, Y - 400, X + 500, Y - 100))
    canvas.show()
    settled()
    return canvas


@pytest.fixture
def pair(canvas: Any, tmp_path: Path) -> tuple[QgsRasterLayer, QgsRasterLayer]:
    return paint(tmp_path / "before.tif", RED), paint(tmp_path / "after.tif", BLUE)


Begin = Callable[..., Swipe]


@pytest.fixture
def begin(canvas: Any, qtbot: Any) -> Iterator[Begin]:
    made: list[Swipe] = []

    def start(before: QgsRasterLayer, after: QgsRasterLayer, *listened: Any) -> Swipe:
        swipe = Swipe(canvas, [before], [after], ("Before: 1999", "After: 2002"), listened)
        made.append(swipe)
        qtbot.waitUntil(lambda: swipe.ready, timeout=10_000)
        return swipe

    yield start
    for swipe in made:
        swipe.close()


def seen(canvas: Any, x: float, y: float = 0.7) -> str:
    """Which of the colours the canvas shows at a share of its width and height."""
    image: QImage = canvas.grab().toImage().scaled(WIDTH, HEIGHT)
    color = QColor(image.pixel(round(x * WIDTH), round(y * HEIGHT)))
    found = {"red": RED, "blue": BLUE, "green": GREEN, "white": (255, 255, 255)}

    def far(name: str) -> int:
        return sum(abs(a - b) for a, b in zip(found[name], (color.red(), color.green(), color.blue())))

    return min(found, key=far)


def drag(canvas: Any, start: float, end: float) -> None:
    """Press, move and let go, at shares of the canvas's width."""
    view = canvas.viewport()
    places = [QPoint(round(share * view.width()), view.height() // 2) for share in (start, end)]
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, left, plain, places[0])
    # QTest moves the mouse without its button.
    move = QMouseEvent(QEvent.Type.MouseMove, QPointF(places[1]), left, left, plain)
    QApplication.sendEvent(view, move)
    QTest.mouseRelease(view, left, plain, places[1])


def test_before_is_left_and_after_right_of_the_line(canvas: Any, pair: Any, begin: Begin) -> None:
    swipe = begin(*pair)
    assert [seen(canvas, x) for x in (0.1, 0.45, 0.55, 0.9)] == ["red", "red", "blue", "blue"]
    swipe.move_to(0.8)
    assert [seen(canvas, x) for x in (0.1, 0.55, 0.75, 0.9)] == ["red", "red", "red", "blue"]
    assert "white" in {seen(canvas, 0.8 + off / WIDTH) for off in (-2, -1, 0, 1, 2)}, "the line itself"


def test_the_line_is_dragged(canvas: Any, pair: Any, begin: Begin) -> None:
    swipe = begin(*pair)
    drag(canvas, 0.51, 0.25)
    assert swipe.share == pytest.approx(0.25, abs=0.01)
    assert seen(canvas, 0.3) == "blue"


def test_beside_the_line_the_mouse_is_the_map_tools(canvas: Any, pair: Any, begin: Begin) -> None:
    swipe = begin(*pair)
    drag(canvas, 0.75, 0.25)
    assert swipe.share == 0.5


def test_arrows_move_the_line_and_escape_ends_it(canvas: Any, pair: Any, begin: Begin, qtbot: Any) -> None:
    swipe = begin(*pair)
    extent = canvas.extent()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert swipe.share == pytest.approx(0.55)
    QTest.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert swipe.share == pytest.approx(0.54)
    assert canvas.extent() == extent, "the map is not moved by them meanwhile"
    for _ in range(30):
        QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert swipe.share == 0.0
    with qtbot.waitSignal(swipe.ended):
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert [seen(canvas, x) for x in (0.1, 0.9)] == ["white", "white"], "the canvas as it was"
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.extent() != extent, "its keys are its own again"


def test_the_cursor_says_that_the_line_can_be_moved(canvas: Any, pair: Any, begin: Begin) -> None:
    swipe = begin(*pair)
    view = canvas.viewport()
    usual = view.cursor().shape()
    split = Qt.CursorShape.SplitHCursor
    for share, shape in ((0.5, split), (0.7, usual), (0.5, split)):
        place = QPointF(share * view.width(), 100)
        none, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(view, QMouseEvent(QEvent.Type.MouseMove, place, none, none, plain))
        assert view.cursor().shape() == shape
    swipe.close()
    assert view.cursor().shape() == usual


def test_it_follows_the_map(canvas: Any, pair: Any, begin: Begin, qtbot: Any) -> None:
    swipe = begin(*pair)
    # Half of the map lies beside the images now.
    canvas.setExtent(QgsRectangle(X - 200, Y - 400, X + 200, Y - 100))
    assert seen(canvas, 0.2) == "white", "at once, with the old picture where its ground is"
    qtbot.waitUntil(lambda: swipe.ready, timeout=10_000)
    assert [seen(canvas, x) for x in (0.2, 0.45, 0.55)] == ["white", "white", "blue"]
    swipe.move_to(0.9)
    assert [seen(canvas, x) for x in (0.2, 0.55)] == ["white", "red"]


def test_layers_in_another_crs_lie_right(canvas: Any, pair: Any, tmp_path: Path, begin: Begin) -> None:
    other = paint(tmp_path / "other.tif", GREEN, 3857, 20.0)
    begin(pair[0], other)
    assert [seen(canvas, x) for x in (0.1, 0.9)] == ["red", "green"]


def test_features_stay_in_sight_over_both(canvas: Any, pair: Any, begin: Begin) -> None:
    parcels = QgsVectorLayer("Polygon?crs=EPSG:32633", "parcels", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(X + 100, Y - 400, X + 500, Y - 250)))
    parcels.dataProvider().addFeature(feature)
    symbol = QgsFillSymbol.createSimple({"color": "20,160,60,255", "outline_style": "no"})
    parcels.setRenderer(QgsSingleSymbolRenderer(symbol))
    QgsProject.instance().addMapLayer(parcels)
    canvas.setLayers([parcels, pair[1]])
    begin(*pair)
    assert [seen(canvas, x, 0.8) for x in (0.1, 0.9)] == ["green", "green"]
    assert [seen(canvas, x, 0.3) for x in (0.1, 0.9)] == ["red", "blue"]


def test_it_ends_with_its_layers(pair: Any, begin: Begin, project: QgsProject, qtbot: Any) -> None:
    swipe = begin(*pair)
    with qtbot.waitSignal(swipe.ended):
        project.removeMapLayer(pair[0])
    swipe.close()


def test_it_may_be_closed_in_the_midst_of_rendering(canvas: Any, pair: Any, settled: Any) -> None:
    for _ in range(5):
        swipe = Swipe(canvas, [pair[0]], [pair[1]], ("", ""))
        canvas.zoomByFactor(1.1)
        swipe.close()
        sip.delete(swipe)
    settled()
