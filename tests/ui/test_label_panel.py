"""The list of classes, the tools' bar, import and library, as a person uses them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsPointXY, QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QColor, QKeyEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from geofm.algorithms.label_layer import LabelFile, create, draw
from geofm.algorithms.label_sources import library_path
from geofm.inference.jobs import ClassInfo
from geofm.ui.teaching.label_home import labels_of, new_path
from geofm.ui.teaching.label_panel import LabelPanel
from geofm.ui.teaching.label_tools import Kind
from geofm.ui.teaching.labels import Labels

WIDTH = 360
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def labels(dock, scratch_home) -> Iterator[Labels]:
    made = labels_of(dock.desk)
    yield made
    made.close()
    sip.delete(made)


@pytest.fixture
def panel(dock, labels: Labels, settled) -> Iterator[LabelPanel]:
    """The panel in a narrow window of its own."""
    made = LabelPanel(dock.desk, labels)
    made.resize(WIDTH, 700)
    made.show()
    settled()
    yield made
    made.close_panel()
    sip.delete(made)


def add(panel: LabelPanel, text: str) -> None:
    panel.classes.name.setFocus()
    QTest.keyClicks(panel.classes.name, text)
    QTest.keyClick(panel.classes.name, Qt.Key.Key_Return)


def point(layer, number: int = 0) -> QgsGeometry:
    middle = layer.extent().center()
    return QgsGeometry.fromPointXY(QgsPointXY(middle.x() + 30 * number, middle.y()))


def finish(labels: Labels) -> None:
    """Wait for labels that come from elsewhere."""
    while labels.bulk.busy:
        QApplication.processEvents()


def names(labels: Labels) -> list[str]:
    return [info.name for info in labels.classes]


def test_the_first_class_makes_the_file_in_the_image_s_system(panel, labels, landsat, scratch_home) -> None:
    assert panel.classes.empty.isVisible()
    assert not panel.bar.buttons[Kind.CLICK].isEnabled()
    add(panel, "forest")
    assert panel.classes.empty.isVisible(), "one class is not enough"
    add(panel, "water, urban")
    assert not panel.classes.empty.isVisible()
    assert panel.bar.buttons[Kind.CLICK].isEnabled()
    assert names(labels) == ["forest", "water", "urban"]
    assert labels.current.name == "urban"
    assert labels.file.crs == landsat[0].crs()
    assert Path(labels.file.path).parent == scratch_home / "labels"
    assert len({info.color for info in labels.classes}) == 3


def test_labels_say_of_which_image_and_day_they_are(panel, labels, landsat) -> None:
    add(panel, "forest")
    labels.add(point(landsat[0]), landsat[0].crs())
    (label,) = labels.file.labels()
    assert (label.source, label.date) == ("LE70220491999322EDC01_stack.gtif", "1999-11-18")


def test_a_saved_project_has_its_labels_beside_it(project: QgsProject, tmp_path: Path, scratch_home) -> None:
    assert Path(new_path(project)).parent == scratch_home / "labels"
    project.write(str(tmp_path / "county.qgz"))
    assert new_path(project) == str(tmp_path / "county-labels.gpkg")
    (tmp_path / "county-labels.gpkg").touch()
    assert new_path(project) == str(tmp_path / "county-labels-2.gpkg")


def test_classes_are_renamed_in_place_and_two_of_a_name_are_refused(panel, labels) -> None:
    add(panel, "forest, water")
    row = panel.classes.rows()[0]
    row.name.selectAll()
    QTest.keyClicks(row.name, "woods")
    QTest.keyClick(row.name, Qt.Key.Key_Return)
    assert names(labels) == ["woods", "water"]
    row.name.selectAll()
    QTest.keyClicks(row.name, "Water")
    QTest.keyClick(row.name, Qt.Key.Key_Return)
    assert names(labels) == ["woods", "water"]
    assert row.name.text() == "woods"
    assert "already" in panel.bar.words.text()
    add(panel, "WATER")
    assert panel.classes.name.text() == "WATER", "what could not be added stays to be mended"


def test_a_colour_reaches_list_map_and_file(panel, labels, settled) -> None:
    add(panel, "forest, water")
    settled()
    panel.classes.rows()[0].color.setColor(QColor("#ff00ff"))
    assert labels.classes[0].color == "#ff00ff"
    assert LabelFile(labels.file.path).classes()[0].color == "#ff00ff"
    assert panel.classes.rows()[0].badge.color.name() == "#ff00ff"
    category, *_ = labels.layers[0].renderer().categories()
    assert category.symbol().color().name() == "#ff00ff"
    labels.undo()
    assert panel.classes.rows()[0].color.color().name() == labels.classes[0].color != "#ff00ff"


def test_counts_and_shares(panel, labels, landsat) -> None:
    add(panel, "forest, water")
    forest, water = panel.classes.rows()
    assert forest.count.text() == "no labels"
    for number in range(4):
        labels.add(point(landsat[0], number), landsat[0].crs(), 1 + (number == 3))
    assert (forest.count.text(), water.count.text()) == ("3", "1")
    assert (forest.bar.share, water.bar.share) == (0.75, 0.25)
    labels.set_pixels({1: 3, 2: 1200})
    assert water.count.text() == "1 · 1\u202f200 px"
    assert water.bar.share == pytest.approx(1200 / 1203)


def test_a_class_goes_with_its_labels_and_comes_back(panel, labels, landsat) -> None:
    add(panel, "forest, water")
    labels.add(point(landsat[0]), landsat[0].crs(), 1)
    QTest.mouseClick(panel.classes.rows()[0].remove, Qt.MouseButton.LeftButton)
    assert names(labels) == ["water"]
    assert labels.counts() == {2: 0}
    assert "1 labels" in panel.bar.words.text()
    QTest.mouseClick(panel.bar.undo, Qt.MouseButton.LeftButton)
    assert names(labels) == ["forest", "water"]
    assert labels.counts() == {1: 1, 2: 0}
    assert len(LabelFile(labels.file.path).labels()) == 1
    for row in panel.classes.rows():
        row.remove.click()
    assert LabelFile(labels.file.path).classes() == ()
    assert labels.current is None


def test_keys_choose_move_rename_and_remove(panel, labels, settled) -> None:
    add(panel, "forest, water, urban")
    panel.activateWindow()
    badge = panel.classes.rows()[0].badge
    badge.setFocus()
    QTest.keyClick(badge, Qt.Key.Key_Down)
    assert labels.current.name == "water"
    water = panel.classes.rows()[1].badge
    assert panel.focusWidget() is water
    QTest.keyClick(water, Qt.Key.Key_Down, ALT)
    assert names(labels) == ["forest", "urban", "water"]
    assert panel.focusWidget() is water
    assert water.text() == "3"
    QTest.keyClick(water, Qt.Key.Key_F2)
    assert panel.focusWidget() is panel.classes.rows()[2].name
    QTest.keyClick(water, Qt.Key.Key_Delete)
    assert names(labels) == ["forest", "urban"]
    settled()


def test_everything_can_be_reached_by_tab_and_says_what_it_does(panel, labels, settled) -> None:
    add(panel, "forest, water")
    panel.more.setCollapsed(False)
    settled()
    reached, widget = set(), panel.classes.name
    while widget not in reached:
        reached.add(widget)
        widget = widget.nextInFocusChain()
    for control in panel.findChildren(QWidget):
        if not control.isVisible() or not isinstance(control, (QAbstractButton, QLineEdit)):
            continue
        if control.isEnabled() and control.property("geofm"):
            assert control in reached, control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control
        if control.property("geofm"):
            assert control.toolTip(), control
            assert control.accessibleName() or control.text(), control.toolTip()


def test_it_fits_a_narrow_dock(panel, labels, settled) -> None:
    add(panel, "a class with a name that is far too long for a narrow dock, water")
    panel.more.setCollapsed(False)
    panel.bar.tools.choose(Kind.BRUSH)
    labels.set_pixels({1: 123456, 2: 1234567})
    settled()
    assert panel.minimumSizeHint().width() <= WIDTH - 16
    for widget in panel.findChildren(QWidget):
        if widget.isVisible():
            assert widget.mapTo(panel, widget.rect().topRight()).x() <= panel.width(), widget


def test_the_bar_follows_the_map_s_tool(panel, labels, desktop) -> None:
    add(panel, "forest, water")
    QTest.mouseClick(panel.bar.buttons[Kind.BRUSH], Qt.MouseButton.LeftButton)
    assert desktop.canvas.mapTool() is panel.bar.tools.tools[Kind.BRUSH]
    assert panel.bar.size.isVisible()
    panel.bar.size.setValue(33)
    assert panel.bar.tools.size.pixels == 33
    desktop.canvas.unsetMapTool(desktop.canvas.mapTool())
    assert not panel.bar.buttons[Kind.BRUSH].isChecked()
    assert not panel.bar.size.isVisible()
    panel.bar.buttons[Kind.CLICK].click()
    panel.bar.buttons[Kind.CLICK].click()
    assert panel.bar.tools.current is None


def test_a_tool_goes_with_the_panel(panel, labels, desktop) -> None:
    add(panel, "forest, water")
    panel.bar.tools.choose(Kind.BRUSH)
    panel.hide()
    assert panel.bar.tools.current is None
    assert desktop.canvas.mapTool() not in panel.bar.tools.tools.values()


def test_undo_in_the_dock_is_that_of_the_labels_but_for_text(panel, labels) -> None:
    add(panel, "forest, water")
    badge, line = panel.classes.rows()[0].badge, panel.classes.name
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, CTRL)
    override.ignore()
    QApplication.sendEvent(badge, override)
    assert override.isAccepted()
    QTest.keyClick(badge, Qt.Key.Key_Z, CTRL)
    assert names(labels) == ["forest"]
    assert "add the class water" in panel.bar.redo.toolTip()
    QTest.keyClicks(line, "abc")
    QTest.keyClick(line, Qt.Key.Key_Z, CTRL)
    assert names(labels) == ["forest"]


def test_a_layer_is_imported_and_one_undo_takes_it_out(panel, labels, landsat, polygons) -> None:
    others = panel.others
    others.layer.setLayer(polygons)
    assert others.field.currentField() == "class"
    others.bring.click()
    finish(labels)
    assert panel.bar.words.text() == "30 labels of 5 classes from training_data."
    assert sum(labels.counts().values()) == 30
    assert {one.date for one in labels.file.labels()} == {"1999-11-18"}
    labels.undo()
    assert labels.counts() == {}
    assert labels.taught == {}
    labels.redo()
    assert len(labels.taught) == 30


def test_labels_go_to_the_library_and_come_back_in_another_file(panel, labels, landsat, tmp_path) -> None:
    add(panel, "forest, water")
    labels.add(point(landsat[0]), landsat[0].crs(), 1)
    others = panel.others
    assert others.take.isEnabled()
    others.give.click()
    assert "1 labels are new" in panel.bar.words.text()
    assert len(LabelFile(library_path()).labels()) == 1
    assert labels.start(str(tmp_path / "second.gpkg"), landsat[0].crs())
    assert labels.taught == {}
    others.days.setValue(10)
    others.take.click()
    finish(labels)
    assert labels.counts() == {1: 1}
    assert names(labels) == ["forest"]
    assert others.path.text() == "second.gpkg"


def test_a_project_brings_its_labels_back(panel, labels, landsat, project, tmp_path, settled) -> None:
    add(panel, "forest, water")
    settled()
    labels.add(point(landsat[0]), landsat[0].crs(), 2)
    path, saved = labels.file.path, str(tmp_path / "county.qgz")
    assert project.layerTreeRoot().findGroup("Labels") is not None
    project.write(saved)
    project.clear()
    settled()
    assert labels.file is None
    assert not panel.classes.rows()
    assert path in panel.bar.words.text()
    project.read(saved)
    settled()
    assert labels.file.path == path
    assert labels.counts() == {1: 0, 2: 1}
    assert len(labels.layers) == 2


def test_of_several_files_the_last_one_counts(labels, landsat, project, tmp_path, settled) -> None:
    for name in ("first", "second", "third"):
        assert labels.start(str(tmp_path / f"{name}.gpkg"), landsat[0].crs())
    settled()
    project.write(str(tmp_path / "county.qgz"))
    project.clear()
    settled()
    project.read(str(tmp_path / "county.qgz"))
    settled()
    assert Path(labels.file.path).name == "third.gpkg"


def test_edits_made_with_qgis_s_own_tools_are_taken_in(panel, labels, landsat, settled) -> None:
    add(panel, "forest, water")
    settled()
    layer = labels.layers[0]
    layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(point(landsat[0]))
    feature["class"] = "swamp"
    layer.addFeature(feature)
    assert layer.commitChanges()
    assert names(labels) == ["forest", "water", "swamp"]
    (uuid,) = labels.taught
    assert labels.taught[uuid].value == 3
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    assert layer.commitChanges()
    assert labels.taught == {}


def test_another_file_of_labels_replaces_the_present_one(panel, labels, tmp_path, landsat) -> None:
    add(panel, "forest, water")
    other = create(str(tmp_path / "other.gpkg"), landsat[0].crs(), [ClassInfo(9, "sand", "#eedd88")])
    other.write([draw(9, point(landsat[0]))])
    assert labels.open(other.path)
    assert names(labels) == ["sand"]
    assert labels.current.name == "sand"
    assert labels.to_undo == ""
    assert not labels.open(str(tmp_path / "none.gpkg"))
    assert names(labels) == ["sand"]
    assert "gone" in panel.bar.words.text()


def test_the_labels_let_go_of_the_project(dock, landsat, project, scratch_home, settled) -> None:
    labels = labels_of(dock.desk)
    panel = LabelPanel(dock.desk, labels)
    assert labels.add_class("forest")
    panel.close_panel()
    labels.close()
    sip.delete(panel)
    sip.delete(labels)
    layers = [one for one in project.mapLayers().values() if one.customProperty("geofm/labels")]
    assert len(layers) == 2
    layers[0].startEditing()
    assert layers[0].commitChanges()
    project.clear()
    settled()


def test_coordinates_of_an_image_without_a_system_are_kept(panel, labels) -> None:
    plain = QgsCoordinateReferenceSystem()
    assert labels.start(new_path(QgsProject.instance()), plain)
    add(panel, "a, b")
    assert labels.add(QgsGeometry.fromPointXY(QgsPointXY(12, 34)), QgsCoordinateReferenceSystem("EPSG:4326"))
    (label,) = labels.taught.values()
    assert (label.geometry["coordinates"], label.crs) == ([12.0, 34.0], "")
