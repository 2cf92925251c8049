"""Proposed edits reviewed in the dock: proposed by a run, visited, decided by keys, undone, resumed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr, osr
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.ui.edits.edit_review import EditReview
from geofm.ui.state import Page

X, Y = 500_000.0, 5_400_000.0
COVERS = ("field", "forest", "field", "forest")


def box(left: float, bottom: float, width: float = 100, height: float = 100) -> QgsGeometry:
    return QgsGeometry.fromRect(QgsRectangle(X + left, Y + bottom, X + left + width, Y + bottom + height))


@pytest.fixture
def parcels(tmp_path: Path, project: QgsProject) -> QgsVectorLayer:
    """Four squares side by side in a GeoPackage."""
    path = tmp_path / "parcels.gpkg"
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32633)
    table = made.CreateLayer("parcels", srs, ogr.wkbPolygon)
    table.CreateField(ogr.FieldDefn("name", ogr.OFTString))
    table.CreateField(ogr.FieldDefn("cover", ogr.OFTString))
    for at, cover in enumerate(COVERS):
        feature = ogr.Feature(table.GetLayerDefn())
        feature.SetField("cover", cover)
        feature.SetGeometry(ogr.CreateGeometryFromWkt(box(100 * at, 0).asWkt(17)))
        table.CreateFeature(feature)
    del table, made
    layer = QgsVectorLayer(str(path), "parcels", "ogr")
    project.addMapLayer(layer)
    return layer


@pytest.fixture
def changes(project: QgsProject) -> QgsVectorLayer:
    """Water in the second square and in half of the third, and beside them; town in the fourth."""
    fields = "field=to_class:string&field=magnitude:double&field=area_m2:double&field=date_after:string"
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:32633&{fields}", "changes", "memory")
    for shape, name, size in (
        (box(100, 0), "water", 5.0),
        (box(250, 0, 50), "water", 4.0),
        (box(0, 150), "water", 3.0),
        (box(300, 0), "town", 2.0),
    ):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(shape)
        feature.setAttributes([name, size, 1.0, "2002-04-16"])
        layer.dataProvider().addFeature(feature)
    project.addMapLayer(layer)
    return layer


@pytest.fixture
def review(
    dock: Any, desktop: Any, parcels: Any, changes: Any, settled: Any, monkeypatch: pytest.MonkeyPatch
) -> EditReview:
    """The section of the page Change."""
    # After a run the dock asks the engine for its devices; proposals need no engine.
    monkeypatch.setattr(dock, "_ask_device", lambda: None)
    dock.desk.model.show(Page.CHANGE)
    found = dock.change_page.edits
    found.box.setCollapsed(False)
    desktop.canvas.resize(500, 400)
    desktop.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    desktop.canvas.setExtent(QgsRectangle(X, Y, X + 400, Y + 300))
    settled()
    return found


@pytest.fixture
def listed(review: EditReview, dock: Any, finished: Any, settled: Any) -> QgsVectorLayer:
    """Four proposals, made by the dock."""
    review.form.propose.click()
    finished(dock.desk.model)
    settled()
    layer = review.list.currentLayer()
    assert isinstance(layer, QgsVectorLayer)
    return layer


def states(layer: QgsVectorLayer) -> list[str]:
    """As the file has them."""
    opened = ogr.Open(layer.source().split("|")[0])
    return [feature.GetField("state") for feature in opened.GetLayer()]


def covers(layer: QgsVectorLayer) -> list[tuple[str, int]]:
    return sorted((str(f["cover"]), round(f.geometry().area())) for f in layer.getFeatures())


UNTOUCHED = [("field", 10_000), ("field", 10_000), ("forest", 10_000), ("forest", 10_000)]


def test_what_there_is_to_propose_from_is_chosen(review: EditReview, parcels: Any, changes: Any) -> None:
    assert review.form.changes.currentLayer() is changes
    assert review.form.layer.currentLayer() is parcels
    assert review.form.field.currentField() == "cover"
    assert review.form.propose.isEnabled()
    assert not review.reviewing.isVisible()


def test_without_layers_it_says_what_to_do(dock: Any, settled: Any) -> None:
    dock.desk.model.show(Page.CHANGE)
    form = dock.change_page.edits.form
    settled()
    assert form.problem.text() == "Run a comparison with polygons, or add a layer of changed places."
    assert not form.propose.isEnabled()


def test_a_run_lists_the_proposals(review: EditReview, listed: QgsVectorLayer, tmp_path: Path) -> None:
    assert review.reviewing.isVisible()
    assert [review.kind.itemText(at) for at in range(review.kind.count())] == [
        "All kinds (4)", "Add (1)", "Split (1)", "Reclass (2)",
    ]
    assert review.progress.text() == "0 of 4 decided"
    assert [review.bar.list.itemText(at) for at in range(4)] == [
        "1 of 4: forest to water", "2 of 4: split: field to water", "3 of 4: add water",
        "4 of 4: forest to town",
    ]
    assert isinstance(listed.renderer(), QgsCategorizedSymbolRenderer)
    assert Path(listed.source().split("|")[0]).name == "parcels-edits.gpkg"


def test_keys_accept_reject_and_take_back(
    review: EditReview, listed: QgsVectorLayer, parcels: Any, desktop: Any, settled: Any
) -> None:
    review.provenance.setChecked(False)
    review.start.click()
    assert desktop.active is parcels, "undo is that of the active layer"
    assert review.bar.note.text() == "Reclass, 1.0 ha, magnitude 5. 100 % of the feature changed."
    box_shown = desktop.canvas.extent()
    assert box_shown.center().x() == pytest.approx(X + 150, abs=1)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_A)
    assert review.bar.current().id == "2", "it goes on to the next"
    QTest.keyClick(desktop.canvas, Qt.Key.Key_R)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_N)
    assert review.bar.current().id == "4"
    QTest.keyClick(review.bar, Qt.Key.Key_A)
    settled()
    assert states(listed) == ["accepted", "rejected", "open", "accepted"]
    assert covers(parcels) == [("field", 10_000), ("field", 10_000), ("town", 10_000), ("water", 10_000)]
    assert review.progress.text() == "3 of 4 decided"
    assert review.unsaved.text().startswith("2 accepted and not saved yet")
    parcels.undoStack().undo()
    settled()
    assert states(listed) == ["accepted", "rejected", "open", "open"]
    assert review.bar.given() == {"1": "A", "2": "R"}
    assert review.progress.text() == "2 of 4 decided"
    review.bar.visit(1)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_O)
    assert states(listed) == ["accepted", "open", "open", "open"]
    parcels.rollBack()
    assert states(listed) == ["open"] * 4
    assert covers(parcels) == UNTOUCHED


def test_saving_is_qgis_own(review: EditReview, listed: QgsVectorLayer, parcels: Any, desktop: Any) -> None:
    review.start.click()
    QTest.keyClick(desktop.canvas, Qt.Key.Key_A)
    opened = ogr.Open(parcels.source().split("|")[0])
    assert {feature.GetField("cover") for feature in opened.GetLayer()} == {"field", "forest"}
    assert parcels.commitChanges(), parcels.commitErrors()
    assert not review.unsaved.isVisible()
    changed = next(f for f in parcels.getFeatures() if f["cover"] == "water")
    assert changed["geofm_date"] == "2002-04-16"
    review.bar.visit(0)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_O)
    assert "saved with the layer" in review.problem.text()
    assert review.bar.given() == {"1": "A"}


def test_all_of_a_kind_above_a_magnitude(
    review: EditReview, listed: QgsVectorLayer, parcels: Any, settled: Any
) -> None:
    assert review.many.text() == "Accept all (4)"
    review.kind.setCurrentIndex(review.kind.findData("reclass"))
    assert review.bar.list.count() == 2
    review.least.setValue(3.0)
    assert review.many.text() == "Accept all (1)"
    review.many.click()
    settled()
    assert states(listed) == ["accepted", "open", "open", "open"]
    assert review.problem.text() == "1 accepted."
    review.least.setValue(0.0)
    parcels.deleteFeature(4)
    review.many.click()
    assert review.problem.text() == "0 accepted. 1 skipped, such as 4: The feature is gone."
    review.kind.setCurrentIndex(0)
    assert review.progress.text() == "1 of 4 decided"


def test_what_changed_meanwhile_is_said(
    review: EditReview, listed: QgsVectorLayer, parcels: Any, desktop: Any
) -> None:
    parcels.startEditing()
    parcels.deleteFeature(2)
    review.start.click()
    QTest.keyClick(desktop.canvas, Qt.Key.Key_A)
    assert review.problem.text() == "The feature is gone."
    assert review.bar.current().id == "1", "it stays there"
    assert review.bar.given() == {}


def test_a_review_is_resumed(
    review: EditReview, listed: QgsVectorLayer, parcels: Any, desktop: Any, project: QgsProject, settled: Any
) -> None:
    review.start.click()
    QTest.keyClick(desktop.canvas, Qt.Key.Key_A)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_R)
    assert parcels.commitChanges()
    path, source = listed.source(), parcels.source()
    project.clear()
    settled()
    assert not review.reviewing.isVisible()
    project.addMapLayer(QgsVectorLayer(path, "edits of another day", "ogr"))
    settled()
    assert review.problem.text().startswith("Add the layer that these edits are about: ")
    project.addMapLayer(QgsVectorLayer(source, "parcels", "ogr"))
    settled()
    assert review.progress.text() == "2 of 4 decided"
    assert review.bar.given() == {"1": "A", "2": "R"}
    assert isinstance(review.list.currentLayer().renderer(), QgsCategorizedSymbolRenderer)
    review.start.click()
    assert review.bar.current().id == "3"


def test_the_layer_goes_while_it_is_reviewed(
    review: EditReview, listed: QgsVectorLayer, parcels: Any, desktop: Any, project: QgsProject, settled: Any
) -> None:
    review.start.click()
    QTest.keyClick(desktop.canvas, Qt.Key.Key_A)
    project.removeMapLayer(parcels)
    settled()
    assert review.bar.list.count() == 0
    assert "Add the layer" in review.problem.text()


def test_swipe_needs_both_dates_and_ends_with_escape(
    review: EditReview, listed: QgsVectorLayer, landsat: Any, desktop: Any, settled: Any, qtbot: Any
) -> None:
    settled()
    assert review.swipe.isEnabled()
    review.swipe.click()
    assert review.swipe.isChecked()
    review.start.click()
    QTest.keyClick(review.bar, Qt.Key.Key_Right)
    QTest.keyClick(review.bar, Qt.Key.Key_Escape)
    assert not review.swipe.isChecked()
    review.swipe.click()
    review.swipe.click()
    assert not review.swipe.isChecked()


def test_swipe_says_what_it_needs(review: EditReview, listed: QgsVectorLayer) -> None:
    assert not review.swipe.isEnabled()
    assert review.swipe.toolTip() == "Swipe: add layers of both dates above"


def test_docks_come_and_go(
    make_dock: Callable[[], Any], parcels: Any, changes: Any, project: QgsProject, settled: Any
) -> None:
    for _ in range(2):
        dock = make_dock()
        dock.desk.model.show(Page.CHANGE)
        settled()
        dock.tear_down()
    project.removeMapLayer(parcels)
    settled()
