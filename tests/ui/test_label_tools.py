"""Labels drawn with the mouse on a real map canvas: where they land, keys, undo, other tools."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from osgeo import ogr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
)
from qgis.gui import QgsMapToolPan
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

from geofm.algorithms.label_layer import LabelFile
from geofm.ui.settings import Settings
from geofm.ui.teaching.label_tools import Kind, LabelTools
from geofm.ui.teaching.labels import Labels

UTM = QgsCoordinateReferenceSystem("EPSG:32615")
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Desk:
    """As much of the dock's desk as the tools use."""

    def __init__(self, iface) -> None:
        self.iface = iface
        self.settings = Settings()


@pytest.fixture
def labels(project: QgsProject, tmp_path: Path) -> Iterator[Labels]:
    made = Labels(project, lambda: (str(tmp_path / "labels.gpkg"), UTM))
    made.set_image("scene.tif", "2002-04-16")
    assert made.add_class("forest")
    assert made.add_class("water")
    yield made
    made.close()
    sip.delete(made)


@pytest.fixture
def tools(desktop, settings, labels: Labels, settled) -> Iterator[LabelTools]:
    """The tools on a canvas of 400 x 300 pixels that shows 10 m a pixel."""
    canvas = desktop.canvas
    canvas.resize(400, 300)
    canvas.setDestinationCrs(UTM)
    canvas.setExtent(QgsRectangle(500000, 1700000, 504000, 1703000))
    canvas.show()
    settled()
    made = LabelTools(Desk(desktop), labels)
    yield made
    made.close()
    sip.delete(made)


@pytest.fixture
def hand(desktop) -> Hand:
    return Hand(desktop.canvas)


class Hand:
    """The mouse and the keys on the canvas."""

    def __init__(self, canvas) -> None:
        self.canvas = canvas
        self.view = canvas.viewport()

    def click(self, x: int, y: int, button=LEFT) -> None:
        QTest.mouseClick(self.view, button, NONE, QPoint(x, y))

    def drag(self, *places: tuple[int, int]) -> None:
        first, last = QPoint(*places[0]), QPoint(*places[-1])
        QTest.mousePress(self.view, LEFT, NONE, first)
        for x, y in places[1:]:
            self.move(x, y)
        QTest.mouseRelease(self.view, LEFT, NONE, last)

    def move(self, x: int, y: int) -> None:
        """With the left button held, which QTest's own move does not know."""
        at, none = QPointF(x, y), Qt.MouseButton.NoButton
        QApplication.sendEvent(self.view, QMouseEvent(QEvent.Type.MouseMove, at, none, LEFT, NONE))

    def key(self, key, modifiers=NONE) -> None:
        QTest.keyClick(self.canvas, key, modifiers)

    def wheel(self, turned: int, modifiers) -> None:
        at = QPointF(100, 100)
        event = QWheelEvent(
            at, at, QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, modifiers,
            Qt.ScrollPhase.NoScrollPhase, False,
        )
        QApplication.sendEvent(self.view, event)

    def there(self, x: float, y: float) -> QgsPointXY:
        """The place on the map of a pixel of the canvas."""
        return self.canvas.getCoordinateTransform().toMapCoordinates(round(x), round(y))


def stored(labels: Labels) -> list[tuple[str, str]]:
    """Class and shape of each label, as another program reads them."""
    dataset = ogr.Open(labels.file.path)
    return [
        (one.GetField("class"), one.GetGeometryRef().ExportToWkt())
        for table in ("label_points", "label_areas")
        for one in dataset.GetLayerByName(table)
    ]


def shape(labels: Labels, at: int = 0):
    return labels.file.labels()[at].geometry


def test_a_click_is_a_point_in_the_file_at_once(tools, labels, hand) -> None:
    tools.choose(Kind.CLICK)
    hand.click(100, 50)
    ((name, _),) = stored(labels)
    there = hand.there(100, 50)
    assert name == "water"
    assert shape(labels).asPoint().distance(there) < 1e-6
    label = labels.file.labels()[0]
    assert (label.source, label.date, label.split) == ("scene.tif", "2002-04-16", "learn")
    assert list(labels.taught) == [label.uuid]


def test_the_right_button_labels_nothing(tools, labels, hand) -> None:
    tools.choose(Kind.CLICK)
    hand.click(100, 50, RIGHT)
    assert stored(labels) == []


@pytest.mark.parametrize("turned", [0, 30])
@pytest.mark.parametrize("code", ["EPSG:3857", "EPSG:4326", "EPSG:32615"])
def test_labels_land_under_the_pointer(tools, labels, hand, desktop, settled, code, turned) -> None:
    canvas, crs = desktop.canvas, QgsCoordinateReferenceSystem(code)
    transform = QgsCoordinateTransform(UTM, crs, QgsProject.instance())
    canvas.setDestinationCrs(crs)
    canvas.setExtent(transform.transformBoundingBox(QgsRectangle(500000, 1700000, 504000, 1703000)))
    canvas.setRotation(turned)
    settled()
    tools.choose(Kind.CLICK)
    hand.click(300, 40)
    back = QgsCoordinateTransform(crs, UTM, QgsProject.instance())
    assert shape(labels).asPoint().distance(back.transform(hand.there(300, 40))) < 1e-3
    tools.choose(Kind.BRUSH)
    hand.drag((150, 150), (180, 150))
    painted = shape(labels, 1)
    middle = back.transform(hand.there(165, 150))
    assert painted.boundingBox().center().distance(middle) < 25
    assert painted.contains(middle)


def test_corners_make_a_polygon_that_a_right_click_ends(tools, labels, hand) -> None:
    tools.choose(Kind.POLYGON)
    for x, y in ((50, 50), (150, 50), (150, 150), (50, 150)):
        hand.click(x, y)
    assert stored(labels) == []
    assert tools.tools[Kind.POLYGON].band.asGeometry().area() > 0
    hand.click(60, 160, RIGHT)
    assert shape(labels).area() == pytest.approx(1000 * 1000, rel=0.02)
    assert tools.tools[Kind.POLYGON].corners == 0
    assert shape(labels).wkbType() == 6


def test_keys_end_shorten_and_drop_a_polygon(tools, labels, hand) -> None:
    tools.choose(Kind.POLYGON)
    tool = tools.tools[Kind.POLYGON]
    for x, y in ((50, 50), (150, 50), (150, 150), (10, 10)):
        hand.click(x, y)
    hand.key(Qt.Key.Key_Backspace)
    assert tool.corners == 3
    hand.key(Qt.Key.Key_Return)
    assert shape(labels).area() == pytest.approx(500_000, rel=0.02)
    hand.click(50, 50)
    hand.click(90, 50)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert tool.corners == 1
    assert len(stored(labels)) == 1
    hand.click(90, 50)
    hand.key(Qt.Key.Key_Enter)
    assert len(stored(labels)) == 1, "two corners are no area"
    hand.click(50, 50)
    hand.key(Qt.Key.Key_Escape)
    assert tool.corners == 0


def test_a_double_click_sets_one_corner_and_a_bow_tie_is_an_area(tools, labels, hand) -> None:
    tools.choose(Kind.POLYGON)
    hand.click(50, 50)
    QTest.mouseDClick(hand.view, LEFT, NONE, QPoint(50, 50))
    QTest.mouseRelease(hand.view, LEFT, NONE, QPoint(50, 50))
    assert tools.tools[Kind.POLYGON].corners == 1
    for x, y in ((150, 150), (150, 50), (50, 150)):
        hand.click(x, y)
    hand.click(0, 0, RIGHT)
    assert shape(labels).isGeosValid()
    assert shape(labels).area() == pytest.approx(500_000, rel=0.03)


def test_the_brush_paints_one_area_as_wide_as_it_is_and_shows_it(tools, labels, hand) -> None:
    tools.choose(Kind.BRUSH)
    tools.size.set(10)
    QTest.mousePress(hand.view, LEFT, NONE, QPoint(100, 100))
    for x in range(110, 201, 10):
        hand.move(x, 100)
    shown = tools.tools[Kind.BRUSH].band.asGeometry().area()
    assert stored(labels) == []
    QTest.mouseRelease(hand.view, LEFT, NONE, QPoint(200, 100))
    expected = 1000 * 200 + math.pi * 100 * 100
    assert shown == pytest.approx(expected, rel=0.1)
    (label,) = labels.file.labels()
    assert label.geometry.area() == pytest.approx(expected, rel=0.05)
    assert len(label.geometry.asMultiPolygon()[0][0]) < 40


def test_the_brush_joins_its_class_and_replaces_another(tools, labels, hand) -> None:
    tools.choose(Kind.BRUSH)
    hand.drag((50, 100), (120, 100))
    hand.drag((110, 100), (180, 100))
    assert [one.value for one in labels.file.labels()] == [2]
    hand.key(Qt.Key.Key_1)
    tools.choose(Kind.CLICK)
    hand.click(60, 100)
    tools.choose(Kind.BRUSH)
    hand.key(Qt.Key.Key_2)
    hand.drag((55, 100), (65, 100))
    assert labels.counts() == {1: 0, 2: 1}, "a point of another class goes"
    both = shape(labels).area()
    hand.key(Qt.Key.Key_1)
    hand.drag((115, 60), (115, 140))
    assert labels.counts() == {1: 1, 2: 1}
    water = next(one for one in labels.file.labels() if one.value == 2)
    forest = next(one for one in labels.file.labels() if one.value == 1)
    assert water.geometry.area() < both
    assert water.geometry.intersection(forest.geometry).area() < 1
    assert len(water.geometry.asMultiPolygon()) == 2
    hand.key(Qt.Key.Key_Z, CTRL)
    assert labels.counts() == {1: 0, 2: 1}
    assert shape(labels).area() == pytest.approx(both)


def test_labels_of_another_image_stay_under_the_brush(tools, labels, hand) -> None:
    tools.choose(Kind.BRUSH)
    hand.drag((50, 100), (120, 100))
    labels.set_image("later.tif", "2003-04-16")
    hand.drag((50, 100), (120, 100))
    hand.key(Qt.Key.Key_1)
    hand.drag((50, 100), (120, 100))
    assert sorted((one.source, one.value) for one in labels.file.labels()) == [
        ("later.tif", 1), ("scene.tif", 2),
    ]


def test_brackets_and_the_wheel_size_the_brush(tools, labels, hand, desktop) -> None:
    tools.choose(Kind.BRUSH)
    before, extent = tools.size.pixels, desktop.canvas.extent()
    hand.key(Qt.Key.Key_BracketRight)
    QTest.keyClicks(desktop.canvas, "]]")
    assert tools.size.pixels > before
    QTest.keyClicks(desktop.canvas, "[" * 30)
    assert tools.size.pixels == tools.size.smallest
    hand.wheel(120, SHIFT)
    assert tools.size.pixels == tools.size.smallest + 1
    hand.wheel(-120, SHIFT)
    assert tools.size.pixels == tools.size.smallest
    assert desktop.canvas.extent() == extent
    hand.wheel(120, NONE)
    assert desktop.canvas.extent() != extent
    assert Settings().number("teach/brush", 0) == tools.size.smallest


def test_a_click_of_the_eraser_removes_what_is_under_it(tools, labels, hand) -> None:
    tools.choose(Kind.POLYGON)
    for x, y in ((50, 50), (150, 50), (150, 150), (50, 150)):
        hand.click(x, y)
    hand.key(Qt.Key.Key_Return)
    tools.choose(Kind.CLICK)
    hand.click(100, 100)
    tools.choose(Kind.ERASE)
    hand.click(105, 100)
    assert [text.split()[0] for _, text in stored(labels)] == ["MULTIPOLYGON"]
    hand.click(300, 200)
    assert len(stored(labels)) == 1
    hand.click(105, 100)
    assert stored(labels) == []
    hand.key(Qt.Key.Key_Z, CTRL)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert len(stored(labels)) == 2


def test_digits_and_c_choose_the_class_and_its_colour(tools, labels, hand) -> None:
    tools.choose(Kind.CLICK)
    tool = tools.tools[Kind.CLICK]
    hand.key(Qt.Key.Key_1)
    assert labels.current.name == "forest"
    assert tool.band.strokeColor().name() == labels.current.color
    assert tool.color().name() == labels.current.color
    hand.key(Qt.Key.Key_9)
    assert labels.current.name == "forest"
    hand.key(Qt.Key.Key_C)
    assert labels.current.name == "water"
    hand.key(Qt.Key.Key_C, SHIFT)
    assert labels.current.name == "forest"
    for number in range(3, 11):
        labels.add_class(f"class {number}")
    hand.key(Qt.Key.Key_0)
    assert labels.current.name == "class 10"


def test_undo_and_redo_go_through_all_that_was_done(tools, labels, hand) -> None:
    tools.choose(Kind.CLICK)
    hand.click(100, 50)
    hand.click(120, 50)
    labels.rename_class(2, "lake")
    everything = stored(labels)
    for _ in range(3):
        hand.key(Qt.Key.Key_Z, CTRL)
    assert stored(labels) == []
    assert labels.classes[1].name == "water"
    for _ in range(3):
        hand.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert sorted(stored(labels)) == sorted(everything)
    assert {name for name, _ in everything} == {"lake"}
    hand.key(Qt.Key.Key_Z, CTRL | SHIFT)
    hand.key(Qt.Key.Key_Z, CTRL)
    hand.click(50, 50)
    assert labels.to_redo == ""


@pytest.fixture
def overridden(desktop) -> Callable[[int, object], bool]:
    """Whether the canvas claims a key before a shortcut of QGIS's gets it."""

    def ask(key: int, modifiers=NONE, text: str = "") -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, text)
        event.ignore()
        QApplication.sendEvent(desktop.canvas, event)
        return event.isAccepted()

    return ask


def test_the_keys_belong_to_the_labels_only_while_a_tool_is_active(tools, overridden) -> None:
    undo = (Qt.Key.Key_Z, CTRL)
    assert not overridden(*undo)
    tools.choose(Kind.CLICK)
    assert overridden(*undo)
    assert overridden(Qt.Key.Key_1, NONE, "1")
    assert not overridden(Qt.Key.Key_S, CTRL)
    assert not overridden(Qt.Key.Key_1, CTRL, "1")
    tools.choose(None)
    assert not overridden(*undo)


def test_undo_leaves_a_layer_that_is_edited_alone(tools, labels, hand) -> None:
    tools.choose(Kind.CLICK)
    hand.click(100, 50)
    layer = labels.layers[0]
    layer.startEditing()
    (feature,) = layer.getFeatures()
    layer.changeAttributeValue(feature.id(), layer.fields().lookupField("source"), "mine")
    hand.click(120, 50)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert layer.undoStack().canUndo()
    assert layer.commitChanges()
    assert [one.source for one in labels.file.labels()] == ["mine"]


def test_another_tool_and_closing_take_everything_off_the_map(tools, labels, hand, desktop) -> None:
    canvas = desktop.canvas
    pan = QgsMapToolPan(canvas)
    canvas.setMapTool(pan)
    items = len(canvas.scene().items())
    changes = []
    tools.changed.connect(lambda: changes.append(tools.current))
    tools.choose(Kind.POLYGON)
    hand.click(50, 50)
    tools.choose(Kind.BRUSH)
    assert tools.tools[Kind.POLYGON].corners == 0
    canvas.setMapTool(pan)
    assert tools.current is None
    assert [one for one in changes if one] == [Kind.POLYGON, Kind.BRUSH]
    tools.choose(Kind.CLICK)
    tools.choose(None)
    assert canvas.mapTool() is pan
    tools.choose(Kind.BRUSH)
    tools.close()
    tools.close()
    assert canvas.mapTool() is pan
    assert len(canvas.scene().items()) == items - 4
    hand.click(50, 50)
    sip.delete(pan)


def test_nothing_is_drawn_without_a_class(tools, labels, hand) -> None:
    labels.remove_class(1)
    labels.remove_class(2)
    for kind in (Kind.CLICK, Kind.BRUSH, Kind.ERASE):
        tools.choose(kind)
        hand.drag((50, 50), (80, 80))
    assert stored(labels) == []
    assert LabelFile(labels.file.path).classes() == ()


def test_what_cannot_be_written_is_told_and_can_be_done_later(tools, labels, hand) -> None:
    told = []
    labels.refused.connect(told.append)
    tools.choose(Kind.CLICK)
    hand.click(50, 50)
    path = Path(labels.file.path)
    away = path.with_suffix(".away")
    path.rename(away)
    hand.click(60, 50)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert [error.message.startswith("The label file") for error in told] == [True, True]
    assert labels.counts()[2] == 1
    away.rename(path)
    hand.key(Qt.Key.Key_Z, CTRL)
    assert stored(labels) == []


def test_a_place_that_the_labels_cannot_reach_is_told(tools, labels, hand, desktop, settled) -> None:
    told = []
    labels.refused.connect(told.append)
    desktop.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    desktop.canvas.setExtent(QgsRectangle(0, 91, 4, 94))
    settled()
    tools.choose(Kind.CLICK)
    hand.click(50, 50)
    assert "does not reach there" in told[0].message
