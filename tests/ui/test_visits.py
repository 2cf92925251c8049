"""Places to visit in turn: where the map goes, what is marked, keys and buttons, and what stays behind."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsPointXY, QgsRectangle
from qgis.gui import QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.ui.place_mark import Place
from geofm.ui.visits import Answer, VisitBar

UTM, DEGREES = "EPSG:32618", "EPSG:4326"
ANSWERS = [Answer("1", "Forest", "#117733"), Answer("2", "Water", "#332288"), Answer("Backspace", "Clear")]


def places(count: int = 3) -> list[Place]:
    return [
        Place(f"p{n}", 500_000.0 + 3000 * n, 4_000_000.0, UTM, f"Place {n}", "A note.", span=1800.0)
        for n in range(count)
    ]


@pytest.fixture
def bar(dock, desktop, project, settled):
    """A bar with three places over a canvas that shows 20 km of UTM zone 18."""
    canvas = desktop.canvas
    canvas.resize(600, 400)
    canvas.show()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem(UTM))
    canvas.setExtent(QgsRectangle(480_000, 3_990_000, 500_000, 4_004_000))
    made = VisitBar(dock.desk)
    made.setStyleSheet(dock.desk.theme.sheet())
    made.resize(344, 300)
    made.set_answers(ANSWERS)
    made.set_places(places())
    made.show()
    settled()
    yield made
    made.close_bar()
    sip.delete(made)


@pytest.fixture
def heard(bar):
    said: list[tuple[str, str]] = []
    bar.answered.connect(lambda *answer: said.append(answer))
    return said


def marks(desktop) -> list[QgsRubberBand]:
    """The bands on the canvas that show something."""
    items = [item for item in desktop.canvas.scene().items() if isinstance(item, QgsRubberBand)]
    return [item for item in items if not item.asGeometry().isEmpty()]


def middle(desktop) -> QgsPointXY:
    return desktop.canvas.extent().center()


def test_a_list_does_not_move_the_map_until_it_is_asked_to(bar, desktop) -> None:
    before = desktop.canvas.extent()
    bar.set_places(places(5))
    assert desktop.canvas.extent() == before
    assert bar.current() is None
    bar.visit(0)
    assert middle(desktop).distance(QgsPointXY(500_000, 4_000_000)) < 1


def test_the_map_keeps_a_scale_that_shows_the_place(bar, desktop) -> None:
    desktop.canvas.setExtent(QgsRectangle(490_000, 3_999_000, 493_000, 4_001_000))
    width = desktop.canvas.extent().width()
    bar.visit(1)
    assert desktop.canvas.extent().width() == pytest.approx(width)


def test_a_map_of_the_whole_country_is_zoomed_to_the_place(bar, desktop) -> None:
    desktop.canvas.setExtent(QgsRectangle(0, 3_000_000, 900_000, 4_500_000))
    bar.visit(1)
    shown = desktop.canvas.extent()
    assert min(shown.width(), shown.height()) == pytest.approx(1800, rel=0.01)
    assert middle(desktop).distance(QgsPointXY(503_000, 4_000_000)) < 1


def test_a_place_of_another_crs_is_found(bar, desktop, project) -> None:
    desktop.canvas.setDestinationCrs(QgsCoordinateReferenceSystem(DEGREES))
    bar.visit(2)
    there = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem(UTM), QgsCoordinateReferenceSystem(DEGREES), project
    ).transform(QgsPointXY(506_000, 4_000_000))
    assert middle(desktop).distance(there) < 1e-6
    assert 0.015 < desktop.canvas.extent().width() < 0.12


def test_the_mark_follows_the_place_and_the_crs(bar, desktop, settled) -> None:
    bar.visit(0)
    assert [round(m.asGeometry().boundingBox().center().x()) for m in marks(desktop)] == [500_000]
    bar.visit(1)
    assert [round(m.asGeometry().boundingBox().center().x()) for m in marks(desktop)] == [503_000]
    desktop.canvas.setDestinationCrs(QgsCoordinateReferenceSystem(DEGREES))
    settled()
    assert [round(m.asGeometry().boundingBox().center().x()) for m in marks(desktop)] == [-75]


def test_an_outline_is_drawn_around_the_place(bar, desktop) -> None:
    square = "POLYGON((499985 3999985,500015 3999985,500015 4000015,499985 4000015,499985 3999985))"
    bar.set_places([Place("p", 500_000.0, 4_000_000.0, UTM, "Pixel", outline=square)])
    bar.visit(0)
    boxes = sorted(round(mark.asGeometry().boundingBox().width()) for mark in marks(desktop))
    assert boxes == [0, 30]


def test_the_mark_is_there_while_the_bar_is(bar, desktop, settled) -> None:
    bar.visit(0)
    bar.hide()
    settled()
    assert marks(desktop) == []
    bar.show()
    settled()
    assert len(marks(desktop)) == 1
    items = len(desktop.canvas.scene().items())
    bar.close_bar()
    bar.close_bar()
    assert len(desktop.canvas.scene().items()) == items - 2
    bar.hide()
    bar.show()
    assert marks(desktop) == []


def test_a_place_where_the_map_does_not_reach_says_so(bar, desktop) -> None:
    desktop.canvas.setDestinationCrs(QgsCoordinateReferenceSystem(UTM))
    bar.set_places([Place("pole", 10.0, 95.0, DEGREES, "Beyond the pole")])
    bar.visit(0)
    assert "does not reach" in bar.note.text()
    assert marks(desktop) == []


def test_keys_on_the_map_answer_and_go_on(bar, desktop, heard) -> None:
    bar.visit(0)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_2)
    assert heard == [("p0", "2")]
    assert bar.current().id == "p1"
    QTest.keyClick(desktop.canvas, Qt.Key.Key_Backspace)
    assert heard[-1] == ("p1", "Backspace")


def test_keys_in_the_bar_and_its_list_answer_too(bar, heard) -> None:
    bar.visit(0)
    QTest.keyClick(bar, Qt.Key.Key_1)
    QTest.keyClick(bar.list, Qt.Key.Key_1)
    QTest.keyClick(bar.next, Qt.Key.Key_2)
    assert heard == [("p0", "1"), ("p1", "1"), ("p2", "2")]
    assert bar.given() == {"p0": "1", "p1": "1", "p2": "2"}


def test_n_and_b_turn_the_list_as_a_ring(bar, desktop) -> None:
    QTest.keyClick(desktop.canvas, Qt.Key.Key_N)
    assert bar.current().id == "p0"
    QTest.keyClick(desktop.canvas, Qt.Key.Key_B)
    assert bar.current().id == "p2"
    QTest.keyClick(bar, Qt.Key.Key_N)
    assert bar.current().id == "p0"


def test_m_brings_the_place_back(bar, desktop) -> None:
    bar.visit(1)
    desktop.canvas.setCenter(QgsPointXY(510_000, 4_010_000))
    QTest.keyClick(desktop.canvas, Qt.Key.Key_M)
    assert middle(desktop).distance(QgsPointXY(503_000, 4_000_000)) < 1


def test_keys_mean_nothing_while_the_bar_is_hidden(bar, desktop, heard, settled) -> None:
    bar.visit(0)
    bar.hide()
    settled()
    QTest.keyClick(desktop.canvas, Qt.Key.Key_1)
    assert heard == []


def test_a_key_with_ctrl_is_not_an_answer(bar, desktop, heard) -> None:
    bar.visit(0)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert heard == []


def test_after_the_last_answer_the_bar_stays(bar) -> None:
    bar.visit(1)
    bar.set_given("p0", "1")
    bar.set_given("p2", "1")
    bar.buttons["2"].click()
    assert bar.current().id == "p1"
    assert bar.buttons["2"].property("given") == "true"
    assert all(bar.list.itemText(at).startswith("\u2713") for at in range(3))


def test_one_that_goes_elsewhere_on_an_answer_is_not_taken_on(bar, desktop) -> None:
    bar.answered.connect(lambda *_: bar.visit(2))
    bar.visit(0)
    bar.give("1")
    assert bar.current().id == "p2"


def test_another_list_keeps_the_present_place(bar) -> None:
    bar.visit(1)
    bar.set_places(places()[1:], {"p2": "1"})
    assert bar.current().id == "p1"
    assert bar.list.currentText().startswith("1 of 2")
    bar.set_places([])
    assert bar.current() is None
    assert not bar.next.isEnabled()


def test_it_is_no_wider_than_it_may_be(bar, settled) -> None:
    long = "Coniferous forest, disturbed, on steep slopes"
    bar.set_answers([(str(n), f"{long} {n}", "#445566") for n in range(1, 10)])
    bar.set_places([Place("p", 500_000, 4_000_000, UTM, long * 3, "Look at the whole pixel. " * 5)])
    bar.visit(0)
    settled()
    assert bar.minimumSizeHint().width() <= 344
    for key, button in bar.buttons.items():
        assert button.mapTo(bar, button.rect().topRight()).x() < 344
        assert button.text().endswith("…")
        assert button.toolTip() == f"{long} {key} (key {key})"
    bar.resize(1000, 300)
    settled()
    assert bar.buttons["2"].y() == bar.buttons["1"].y()
    assert bar.buttons["2"].text() == f"2  {long} 2"
