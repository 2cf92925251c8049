"""The dock as a user meets it: empty states, recommendation, memory, set-up, coming and going."""

from __future__ import annotations

import gc
import weakref

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractButton, QApplication

from geofm.algorithms.layers import PROPERTY_BANDS, PROPERTY_DATE, PROPERTY_OFFSET, PROPERTY_SCALE
from geofm.inference.jobs import Task
from geofm.ui.dock import GeoFMDock
from geofm.ui.layer_set import Role
from geofm.ui.state import Page
from geofm.ui.teaching.lesson import Stage

# --- what to do next ----------------------------------------------------------------------------


def test_without_a_raster_the_dock_says_to_add_one(dock, desktop) -> None:
    assert dock.run_panel.hint.text() == "Add a raster layer to begin."
    assert not dock.run_panel.run.isEnabled()
    heard = []
    desktop.add_raster.triggered.connect(lambda: heard.append(True))
    assert dock.input_tray.open_file.isVisible()
    QTest.mouseClick(dock.input_tray.open_file, Qt.MouseButton.LeftButton)
    assert heard == [True]


def test_the_first_raster_is_taken_up_at_once(dock, landsat) -> None:
    chips = dock.input_tray.chips()
    assert [chip.title.text() for chip in chips] == [landsat[0].name()]
    assert dock.run_panel.run.isEnabled()
    assert dock.run_panel.hint.text() == ""


def test_a_classifier_is_asked_for_where_there_is_none(scratch_home, make_dock, landsat, choose) -> None:
    dock = make_dock()
    choose(dock.map_page.task, Task.CLASSIFY.value)
    assert dock.map_page.no_classifier.isVisible()
    assert not dock.run_panel.run.isEnabled()
    button = dock.map_page.no_classifier.findChild(QAbstractButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dock.desk.model.page is Page.TEACH


def test_teaching_asks_for_classes_then_for_labels(dock, landsat, polygons, scratch_home, choose) -> None:
    dock.desk.model.show(Page.TEACH)
    page = dock.teach_page
    choose(page.model.combo, "spectral-texture")
    assert page.label_panel.classes.empty.isVisible()
    assert dock.run_panel.hint.text() == "Name at least two classes to tell apart."
    assert page.live.stage is Stage.CLOSED
    QTest.keyClicks(page.label_panel.classes.name, "water, forest")
    QTest.keyClick(page.label_panel.classes.name, Qt.Key.Key_Return)
    assert not page.label_panel.classes.empty.isVisible()
    assert dock.run_panel.hint.text() == "Label at least two classes on the map."
    page.set_present(False)


def test_a_model_is_fetched_only_when_that_is_asked(dock, landsat, scratch_home, monkeypatch) -> None:
    monkeypatch.setattr(dock.desk.shelf, "ready", lambda card: False)
    dock.desk.model.show(Page.TEACH)
    page = dock.teach_page
    page.labels.add_class("water")
    page.labels.add_class("forest")
    assert page.download.isVisible()
    assert page.classroom._subject is None
    assert not dock.run_panel.run.isEnabled()
    QTest.mouseClick(page.download, Qt.MouseButton.LeftButton)
    assert not page.download.isVisible()
    assert page.classroom._subject is not None
    page.set_present(False)


def test_the_two_dates_are_told_apart(dock, landsat, settled) -> None:
    dock.desk.model.show(Page.CHANGE)
    assert "1999-11-18" in dock.before_tray.chips()[0].about.text()
    assert "2002-04-16" in dock.after_tray.chips()[0].about.text()
    QTest.mouseClick(dock.swap, Qt.MouseButton.LeftButton)
    settled()
    assert "2002-04-16" in dock.before_tray.chips()[0].about.text()
    dock.desk.layers.set(Role.AFTER, dock.desk.layers.get(Role.BEFORE))
    assert "same layer" in dock.run_panel.hint.text()


def test_the_map_must_show_something_of_the_layer(dock, landsat, desktop, choose) -> None:
    choose(dock.map_page.extent, "visible")
    assert dock.run_panel.run.isEnabled()
    box = landsat[0].extent()
    desktop.canvas.setExtent(box.buffered(0) if box.isEmpty() else type(box)(0, 0, 1000, 1000))
    desktop.canvas.extentsChanged.emit()
    assert "zoom to it" in dock.run_panel.hint.text()


# --- the recommendation -------------------------------------------------------------------------


def test_the_recommendation_follows_what_is_known_of_the_bands(dock, sentinel) -> None:
    model = dock.map_page.model
    assert model.key() == "spectral-texture"
    assert "not identified" in model.reason.text()
    sentinel.setCustomProperty(PROPERTY_BANDS, "sentinel2-l2a")
    sentinel.setCustomProperty(PROPERTY_SCALE, "0.0001")
    assert model.key() == "galileo-nano"
    assert model.reason.text().startswith("Recommended. Knows 10 of this layer's 12 bands")


def test_a_model_that_does_not_fit_cannot_be_chosen(dock, sentinel) -> None:
    combo = dock.map_page.model.combo
    galileo = combo.model().item(combo.findData("galileo-nano"))
    assert not galileo.isEnabled()
    assert "Needs" in galileo.toolTip()


def test_the_list_of_models_does_not_cover_the_screen(dock, landsat, settled) -> None:
    combo = dock.map_page.model.combo
    combo.showPopup()
    settled()
    line = combo.view().sizeHintForRow(0)
    assert combo.count() > 40
    assert 5 * line < combo.view().window().height() < 20 * line
    combo.hidePopup()


def test_another_choice_is_remembered_and_the_proposal_is_not_pinned(make_dock, landsat, choose) -> None:
    first = make_dock()
    choose(first.map_page.model.combo, "spectral-texture")
    second = make_dock()
    assert second.map_page.model.key() == "spectral-texture"
    choose(second.map_page.model.combo, "galileo-nano")
    assert second.desk.settings.text("model/cluster") == ""


def test_a_second_model_joins_its_features_and_is_remembered(make_dock, sentinel, choose, qtbot) -> None:
    sentinel.setCustomProperty(PROPERTY_BANDS, "sentinel2-l2a")
    sentinel.setCustomProperty(PROPERTY_SCALE, "0.0001")
    dock = make_dock()
    page = dock.map_page
    assert page.model.key() == "galileo-nano"
    assert page.model.more.isVisible()
    assert not page.model.second.isVisible()
    QTest.mouseClick(page.model.more, Qt.MouseButton.LeftButton)
    assert page.model.second.findData("spectral-texture") < 0, "its features are always used"
    assert page.model.second.findData("galileo-nano") < 0, "it is the first"
    choose(page.model.second, "presto")
    assert page.model.key() == "galileo-nano+presto"
    assert page.request("cpu").steps[0].parameters["MODEL"] == "galileo-nano+presto"
    assert page.speed_key() == "cluster-galileo-nano+presto"
    assert "Presto" in page.model.reason.text()
    assert make_dock().map_page.model.key() == "galileo-nano+presto"
    choose(page.task, "embed")
    assert not page.model.more.isVisible(), "features of one model are written"
    assert page.model.key() == "galileo-nano"
    choose(page.task, "cluster")
    choose(page.model.combo, "spectral-texture")
    assert not page.model.more.isVisible()
    assert page.model.key() == "spectral-texture"
    choose(page.model.combo, "galileo-nano")
    QTest.mouseClick(page.model.more, Qt.MouseButton.LeftButton)
    assert page.model.key() == "galileo-nano"


def test_a_file_that_is_no_model_is_explained(dock, landsat, tmp_path) -> None:
    path = tmp_path / "wrong.geofm"
    path.write_bytes(b"this is not a zip")
    dock.map_page.model.open_file(str(path))
    assert "wrong.geofm" in dock.map_page.model.reason.text()
    dock.map_page.model.open_file(str(tmp_path / "none.json"))
    assert "no model card" in dock.map_page.model.reason.text()


# --- memory -------------------------------------------------------------------------------------


def test_the_dock_opens_as_it_was_left(make_dock, landsat, tmp_path, choose) -> None:
    first = make_dock()
    choose(first.map_page.task, Task.SEGMENT.value)
    choose(first.map_page.extent, "visible")
    choose(first.run_panel.device, "cpu")
    first.map_page.polygons.setChecked(True)
    first.map_page.folder.setFilePath(str(tmp_path))
    choose(first.teach_page.choices.method, "fast")
    first.teach_page.choices.least.setValue(60)
    first.teach_page.state.slider.setValue(40)
    choose(first.change_page.threshold.how, "given")
    first.change_page.threshold.value.setValue(2.5)
    first.desk.model.show(Page.CHANGE)
    second = make_dock()
    assert second.desk.model.page is Page.CHANGE
    assert second.map_page.current().task is Task.SEGMENT
    assert second.map_page.extent.currentData() == "visible"
    assert second.run_panel.device_name() == "cpu"
    assert second.map_page.polygons.isChecked()
    assert second.map_page.folder.filePath() == str(tmp_path)
    assert second.teach_page.choices.method.currentData() == "fast"
    assert second.teach_page.choices.least.value() == 60
    assert second.teach_page.state.share == 0.4
    assert second.change_page.threshold.how.currentData() == "given"
    assert second.change_page.threshold.value.isVisible()
    assert second.change_page.threshold.value.value() == 2.5


def test_settings_of_another_version_do_no_harm(make_dock, landsat, settings) -> None:
    texts = ("page", "map/task", "device", "extent", "teach/method", "change/threshold", "model/cluster")
    for key in texts:
        settings.setValue(f"geofm/{key}", "of another version")
    settings.setValue("geofm/map/groups", "many")
    dock = make_dock()
    assert dock.desk.model.page is Page.MAP
    assert dock.run_panel.device_name() == "auto"
    assert dock.map_page.model.key()


# --- the layer's form ---------------------------------------------------------------------------


def test_a_click_on_a_chip_opens_its_form_and_keeps_what_is_right(dock, sentinel, settled, choose) -> None:
    QTest.mouseClick(dock.input_tray.chips()[0].title, Qt.MouseButton.LeftButton)
    settled()
    editor = dock.input_tray.chips()[0].editor
    assert editor.bands.hasFocus()
    QTest.keyClicks(editor.bands.lineEdit(), "B02,B03")
    assert editor.preview.text() == "2 names for 12 bands."
    assert not editor.apply.isEnabled()
    choose(editor.bands, "sentinel2-l2a")
    assert editor.preview.text().splitlines()[3] == "4  B04 · red · 665 nm"
    QTest.keyClicks(editor.date, "2020-13-01")
    assert "date" in editor.preview.text()
    editor.date.clear()
    QTest.keyClicks(editor.date, "2020-07-01")
    QTest.keyClicks(editor.scale, "1e-4")
    QTest.keyClicks(editor.offset, "less")
    assert "offset" in editor.preview.text()
    editor.offset.clear()
    QTest.keyClicks(editor.offset, "-0.1")
    QTest.mouseClick(editor.apply, Qt.MouseButton.LeftButton)
    settled()
    assert sentinel.customProperty(PROPERTY_BANDS) == "sentinel2-l2a"
    assert sentinel.customProperty(PROPERTY_SCALE) == "1e-4"
    assert sentinel.customProperty(PROPERTY_OFFSET) == "-0.1"
    assert sentinel.customProperty(PROPERTY_DATE) == "2020-07-01"
    chip = dock.input_tray.chips()[0]
    assert chip.editor is None
    assert chip.about.text() == "Sentinel-2 · 12 bands · 2020-07-01"


def test_emptied_entries_give_the_word_back_to_the_file(dock, sentinel, settled) -> None:
    sentinel.setCustomProperty(PROPERTY_BANDS, "sentinel2-l2a")
    QTest.keyClick(dock.input_tray.chips()[0], Qt.Key.Key_Return)
    settled()
    editor = dock.input_tray.chips()[0].editor
    editor.bands.setEditText("")
    QTest.mouseClick(editor.apply, Qt.MouseButton.LeftButton)
    assert sentinel.customProperty(PROPERTY_BANDS) is None


def test_layers_are_added_from_the_menu_and_taken_out_again(dock, landsat, settled) -> None:
    dock.input_tray.menu.aboutToShow.emit()
    actions = [action for action in dock.input_tray.menu.actions() if action.text() == landsat[1].name()]
    actions[0].trigger()
    assert dock.desk.layers.get(Role.INPUT) == [landsat[0], landsat[1]]
    QTest.mouseClick(dock.input_tray.chips()[0].remove, Qt.MouseButton.LeftButton)
    settled()
    assert dock.desk.layers.get(Role.INPUT) == [landsat[1]]


# --- coming and going ---------------------------------------------------------------------------


def test_load_and_unload_leave_nothing_behind(
    desktop, project, settings, provider, engine_python, landsat, settled
) -> None:
    def listeners() -> tuple[int, ...]:
        instance = QgsProject.instance()
        return (
            instance.receivers(instance.layersAdded),
            instance.receivers(instance.layersRemoved),
            instance.receivers(instance.readProject),
            instance.receivers(instance.cleared),
            desktop.canvas.receivers(desktop.canvas.extentsChanged),
            desktop.bar.receivers(desktop.bar.widgetRemoved),
            landsat[0].receivers(landsat[0].customPropertyChanged),
            landsat[0].receivers(landsat[0].nameChanged),
            len(QApplication.topLevelWidgets()),
            QgsApplication.taskManager().count(),
        )

    counts, docks = [], []
    for _ in range(3):
        dock = GeoFMDock(desktop)
        dock.show()
        settled()
        docks.append(weakref.ref(dock))
        dock.close()
        dock.deleteLater()
        del dock
        settled()
        counts.append(listeners())
    assert counts[0] == counts[1] == counts[2]
    gc.collect()
    assert all(ref() is None or sip.isdeleted(ref()) for ref in docks)
