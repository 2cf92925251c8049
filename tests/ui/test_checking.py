"""Checking a map in the dock: points drawn by the engine, answered by keys, kept at once, assessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from osgeo import gdal, ogr
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.ui.state import Outcome, Page
from geofm.ui.teaching.checking import Checking

NAMES = {1: "forest", 2: "water", 3: "burnt"}


@pytest.fixture
def class_map(tmp_path, project: QgsProject) -> QgsRasterLayer:
    """Three upright strips of classes, with names and colours."""
    path = str(tmp_path / "cover.tif")
    made = gdal.GetDriverByName("GTiff").Create(path, 60, 60, 1, gdal.GDT_Byte)
    made.SetGeoTransform((500_000, 20, 0, 4_000_000, 0, -20))
    srs = ogr.osr.SpatialReference()
    srs.ImportFromEPSG(32618)
    made.SetSpatialRef(srs)
    band = made.GetRasterBand(1)
    colors = gdal.ColorTable()
    for value, color in ((1, (31, 107, 53)), (2, (42, 111, 187)), (3, (91, 44, 29))):
        colors.SetColorEntry(value, color)
    band.SetColorTable(colors)
    band.SetNoDataValue(0)
    band.SetCategoryNames(["", *NAMES.values()])
    band.WriteRaster(0, 0, 60, 60, bytes([1] * 30 + [2] * 20 + [3] * 10) * 60)
    del band, made
    layer = QgsRasterLayer(path, "cover")
    assert layer.isValid()
    project.addMapLayer(layer)
    return layer


@pytest.fixture
def panel(dock, desktop, class_map, settled):
    """The panel on the page Teach of the dock, which runs what it asks for."""
    made = Checking(dock.desk)
    made.run_wanted.connect(dock.runner.start)
    dock.desk.model.show(Page.TEACH)
    dock.teach_page.layout().insertWidget(0, made)
    desktop.canvas.resize(500, 400)
    desktop.canvas.setDestinationCrs(class_map.crs())
    settled()
    yield made
    made.close_panel()
    sip.delete(made)


@pytest.fixture
def drawn(panel, dock, finished, settled) -> QgsVectorLayer:
    """Thirty points, drawn by the engine."""
    panel.count.setValue(30)
    panel.draw.click()
    finished(dock.desk.model)
    settled()
    layer = panel.points.currentLayer()
    assert isinstance(layer, QgsVectorLayer)
    return layer


def rows(layer: QgsVectorLayer) -> list[dict]:
    """What is in the file now, read past QGIS."""
    opened = ogr.Open(layer.source().split("|")[0])
    return [{**feature.items(), "fid": feature.GetFID()} for feature in opened.GetLayer()]


def test_a_new_map_is_offered_and_nothing_to_check(panel, class_map) -> None:
    assert panel.map.currentLayer() is class_map
    assert panel.draw.isEnabled()
    assert not panel.bar.isVisible()
    assert panel.hint.isVisible()


def test_points_are_drawn_visited_answered_and_assessed(
    panel, dock, drawn, desktop, class_map, finished, settled
) -> None:
    assert panel.progress.text() == "0 of 30 checked"
    assert [b.accessibleName() for b in panel.bar.buttons.values()] == [
        "forest", "water", "burnt", "Clear the answer",
    ]
    panel.start.click()
    for _ in range(30):
        place = panel.bar.current()
        strip = int((place.x - 500_000) // 20)
        QTest.keyClick(desktop.canvas, Qt.Key.Key_1 if strip < 30 else Qt.Key.Key_2)
    settled()
    assert panel.progress.text() == "30 of 30 checked"
    assert not panel.start.isEnabled()
    panel.assess.click()
    finished(dock.desk.model)
    notice = dock.desk.model.notice
    assert notice.outcome is Outcome.DONE
    assert Path(notice.report).is_file()
    assert any(fact.startswith("Accuracy 83.3 % at 30 places") for fact in notice.facts), notice.facts
    figures = json.loads(Path(notice.report).with_suffix(".json").read_text(encoding="utf-8"))
    burnt = next(row for row in figures["classes"] if row["name"] == "burnt")
    assert burnt["users"]["value"] == 0.0


def test_an_answer_is_in_the_file_before_the_next_point(panel, drawn, desktop) -> None:
    panel.start.click()
    place = panel.bar.current()
    QTest.keyClick(desktop.canvas, Qt.Key.Key_2)
    row = next(row for row in rows(drawn) if str(row["fid"]) == place.id)
    assert row["reference"] == "water"
    assert row["seen_at"].endswith("Z")
    assert panel.bar.current().id != place.id
    assert panel.progress.text() == "1 of 30 checked"


def test_keys_clear_an_answer_and_skip_a_point(panel, drawn, desktop) -> None:
    panel.start.click()
    first = panel.bar.current()
    QTest.keyClick(desktop.canvas, Qt.Key.Key_3)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_N)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_B)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_B)
    assert panel.bar.current().id == first.id
    for key in (Qt.Key.Key_0, Qt.Key.Key_Backspace):
        QTest.keyClick(desktop.canvas, key)
        assert next(row for row in rows(drawn) if str(row["fid"]) == first.id)["reference"] is None
        assert panel.bar.current().id == first.id
        assert panel.progress.text() == "0 of 30 checked"
        panel.bar.visit(0)


def test_checking_goes_on_another_day(panel, dock, drawn, desktop, project, class_map, settled) -> None:
    panel.start.click()
    for _ in range(4):
        QTest.keyClick(desktop.canvas, Qt.Key.Key_1)
    source = drawn.source()
    project.removeMapLayer(drawn.id())
    settled()
    assert not panel.bar.isVisible()
    again = QgsVectorLayer(source, "tomorrow", "ogr")
    project.addMapLayer(again)
    settled()
    assert panel.points.currentLayer() is again
    assert panel.progress.text() == "4 of 30 checked"
    panel.start.click()
    assert panel.bar.current().id not in panel.bar.given()


def test_the_map_goes_to_the_pixel_that_is_asked_about(panel, drawn, desktop) -> None:
    panel.start.click()
    place = panel.bar.current()
    assert desktop.canvas.extent().center().distance(_point(place)) < 1e-6
    assert desktop.canvas.extent().width() < 20 * 60 * 7
    assert place.outline.startswith("POLYGON")
    assert place.title == "Point 1"


def test_the_maps_own_answer_is_out_of_sight(panel, drawn, class_map, project) -> None:
    root = project.layerTreeRoot()
    assert root.findLayer(class_map.id()).isVisible()
    panel.start.click()
    assert not root.findLayer(class_map.id()).isVisible()
    assert root.findLayer(drawn.id()).isVisible()


def _point(place):
    from qgis.core import QgsPointXY

    return QgsPointXY(place.x, place.y)


def test_a_file_that_cannot_be_written_keeps_the_answer_open(panel, drawn, desktop, monkeypatch) -> None:
    monkeypatch.setattr(type(drawn.dataProvider()), "changeAttributeValues", lambda *_: False)
    panel.start.click()
    place = panel.bar.current()
    QTest.keyClick(desktop.canvas, Qt.Key.Key_1)
    assert "could not be written" in panel.problem.text()
    assert panel.bar.current().id == place.id
    assert panel.progress.text() == "0 of 30 checked"


def test_other_points_are_not_offered(panel, project, settled) -> None:
    project.addMapLayer(QgsVectorLayer("Point?crs=EPSG:32618&field=reference:string", "others", "memory"))
    settled()
    assert panel.points.currentLayer() is None
    assert not panel.assess.isVisible()


def test_it_fits_a_narrow_dock(panel, dock, drawn, settled) -> None:
    panel.start.click()
    settled()
    assert dock.minimumSizeHint().width() <= 360
    for widget in (panel.draw, panel.start, panel.assess, panel.bar.list, *panel.bar.buttons.values()):
        assert widget.mapTo(dock, widget.rect().topRight()).x() < dock.width(), widget
        assert widget.toolTip()
