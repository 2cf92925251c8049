"""Where, on which grid, how fine the polygons: the rows of Options, from the widget to the map."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest
from osgeo import gdal
from qgis.core import QgsFeature, QgsGeometry, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.inference.client import close_shared_engine
from geofm.inference.jobs import Task
from geofm.ui.commands import as_command, as_python
from geofm.ui.layer_set import Role
from geofm.ui.requests import Request
from geofm.ui.state import Outcome, Page


@pytest.fixture(scope="module", autouse=True)
def engine_ends():
    yield
    close_shared_engine()


@pytest.fixture
def ready(dock, landsat, polygons, choose):
    """The dock with the Landsat scene and its polygons, the model without weights, Options unfolded."""
    for page in (dock.map_page, dock.teach_page, dock.change_page):
        choose(page.model.combo, "spectral-texture")
        page.polygons.setChecked(page is dock.change_page)
    dock.map_page.options.setCollapsed(False)
    return dock


def take(area, layer: QgsVectorLayer | None) -> None:
    """Choose a layer of polygons, as a user does."""
    area.layer.setLayer(layer)
    area.layer.activated.emit(area.layer.currentIndex())


def shown(page) -> set[str]:
    """The rows that are there."""
    options = page.run_options
    rows = {
        "least": options.least,
        "simplify": options.simplify,
        "area": options.area.layer,
        "grid": options.grid,
        "resolution": options.resolution,
    }
    return {name for name, widget in rows.items() if widget.isVisible()}


# --- rows ---------------------------------------------------------------------------------------


def test_rows_are_there_where_they_mean_something(ready, landsat, choose) -> None:
    page = ready.map_page
    assert shown(page) == {"area"}
    choose(page.task, Task.SEGMENT.value)
    page.polygons.setChecked(True)
    assert shown(page) == {"area", "least", "simplify"}
    ready.desk.layers.set(Role.INPUT, landsat)
    assert shown(page) == {"area", "least", "simplify", "grid"}
    choose(page.task, Task.CLUSTER.value)
    assert shown(page) == {"area", "grid"}
    ready.desk.model.show(Page.CHANGE)
    ready.change_page.options.setCollapsed(False)
    assert shown(ready.change_page) == {"area", "least", "simplify", "grid"}
    ready.change_page.polygons.setChecked(False)
    assert shown(ready.change_page) == {"area", "grid"}


def test_a_classifier_may_refuse_and_outline(ready, landsat, choose, monkeypatch) -> None:
    page = ready.map_page
    assert not page.least.isVisible()
    assert not page.novelty.isVisible()
    choose(page.task, Task.CLASSIFY.value)
    assert page.least.isVisible()
    assert page.novelty.isVisible()
    found = SimpleNamespace(card=SimpleNamespace(id="cover"))

    def asked() -> dict[str, object]:
        with monkeypatch.context() as patch:
            # Widgets bind to the real choice.
            patch.setattr(page.model, "current", lambda: found)
            patch.setattr(page.model, "key", lambda: "cover.geofm")
            return page.request("cpu").steps[0].parameters

    assert not {"REFUSE_BELOW", "NOVELTY"} & set(asked())
    page.least.setValue(60)
    page.novelty.setChecked(True)
    assert asked()["REFUSE_BELOW"] == 60.0
    assert "NOVELTY" in asked()
    assert ready.desk.settings.number("map/least", 0) == 60
    choose(page.task, Task.SEGMENT.value)
    assert not page.least.isVisible()


def test_the_pixel_size_is_asked_for_where_a_layer_is_no_file(ready, landsat, project, settled) -> None:
    source = landsat[0].source()
    uri = (
        "?crs=EPSG:32615&extent=462405,1734315,469905,1741815&width=250&height=250"
        f"&formula=%22first%401%22&first:uri={source}&first:provider=gdal"
    )
    layer = QgsRasterLayer(uri, "computed", "virtualraster")
    assert layer.isValid()
    project.addMapLayer(layer)
    settled()
    ready.desk.layers.set(Role.INPUT, [layer])
    page = ready.map_page
    assert shown(page) == {"area", "resolution"}
    assert page.run_options.resolution.text() == "Automatic"
    page.run_options.resolution.setValue(60)
    assert page.run_options.resolution.text() == "60.00 m"
    assert page.request("cpu").steps[0].parameters["RESOLUTION"] == 60.0


def test_a_least_area_is_told_in_pixels_too(ready) -> None:
    ready.desk.model.show(Page.CHANGE)
    least = ready.change_page.run_options.least
    assert least.text() == "Keep all"
    least.setValue(10_000)
    assert least.text().endswith("m²")
    assert ready.change_page.run_options.least_note.text() == "about 11 pixels of 30 m"


# --- requests -----------------------------------------------------------------------------------


def test_a_request_and_its_copies_carry_all_that_was_chosen(ready, landsat, polygons, choose) -> None:
    ready.desk.model.show(Page.CHANGE)
    options = ready.change_page.run_options
    plain = dict(ready.change_page.request("cpu").steps[0].parameters)
    assert not {"AREA", "GRID", "MIN_AREA", "SIMPLIFY", "RESOLUTION"} & set(plain)
    take(options.area, polygons)
    choose(options.grid, "finest")
    options.least.setValue(5000)
    options.simplify.setValue(1.5)
    request = ready.change_page.request("cpu")
    chosen = {"AREA": polygons.id(), "GRID": "finest", "MIN_AREA": 5000.0, "SIMPLIFY": 1.5}
    assert dict(request.steps[0].parameters) == {**plain, **chosen}
    assert Request.from_dict(json.loads(json.dumps(request.to_dict()))) == request
    words = shlex.split(as_command(request).replace("\\\n", " "))
    said = [f"AREA={polygons.source()}", "GRID=finest", "MIN_AREA=5000.0", "SIMPLIFY=1.5"]
    assert set(said) <= set(words)
    assert repr(polygons.source()) in as_python(request)


def test_teaching_limits_the_map_and_not_the_lesson(ready, landsat, polygons, choose, scratch_home) -> None:
    ready.desk.model.show(Page.TEACH)
    page = ready.teach_page
    ready.desk.layers.set(Role.INPUT, landsat)
    page.polygons.setChecked(True)
    take(page.run_options.area, polygons)
    choose(page.run_options.grid, "finest")
    page.run_options.least.setValue(2000)
    (classify,) = page.map_with("/models/mine.geofm", "cpu").steps
    assert classify.parameters["CLASSIFIER"] == "/models/mine.geofm"
    assert classify.parameters["GRID"] == "finest"
    assert (classify.parameters["AREA"], classify.parameters["MIN_AREA"]) == (polygons.id(), 2000.0)
    page.labels.add_class("water")
    lesson = page._subject()
    assert lesson.grid == "finest"
    take(page.run_options.area, None)
    assert page._subject() == lesson
    page.set_present(False)


def test_each_task_remembers_its_own(ready, make_dock, landsat, polygons, choose) -> None:
    page = ready.map_page
    ready.desk.layers.set(Role.INPUT, landsat)
    choose(page.task, Task.SEGMENT.value)
    page.polygons.setChecked(True)
    page.run_options.least.setValue(700)
    choose(page.run_options.grid, "finest")
    take(page.run_options.area, polygons)
    choose(page.task, Task.CLASSIFY.value)
    assert page.run_options.least.value() == 0
    assert page.run_options.area.current() is None
    page.run_options.least.setValue(900)
    again = make_dock().map_page
    assert again.run_options.least.value() == 900
    assert again.run_options.grid.currentData() == "first"
    choose(again.task, Task.SEGMENT.value)
    assert again.run_options.least.value() == 700
    assert again.run_options.grid.currentData() == "finest"
    assert again.run_options.area.current() is polygons


def test_a_limit_is_said_where_it_can_be_seen(ready, polygons) -> None:
    page = ready.map_page
    before = page.request("cpu").pixels
    assert before == 250 * 250
    take(page.run_options.area, polygons)
    assert page.size.text().endswith("in training_data only")
    assert 0 < page.request("cpu").pixels < before / 4
    page.run_options.area.selected.setChecked(True)
    assert "Select polygons of training_data" in ready.run_panel.hint.text()
    assert not ready.run_panel.run.isEnabled()
    polygons.selectByIds([0, 3])
    assert page.size.text().endswith("2 polygons of training_data only")
    assert ready.run_panel.run.isEnabled()


def test_a_layer_that_goes_takes_its_limit_along(ready, polygons, project, settled) -> None:
    page = ready.map_page
    take(page.run_options.area, polygons)
    page.run_options.area.selected.setChecked(True)
    project.removeMapLayer(polygons.id())
    settled()
    assert page.run_options.area.current() is None
    assert ready.run_panel.run.isEnabled()
    assert "AREA" not in page.request("cpu").steps[0].parameters


def test_a_drawing_without_a_file_is_put_in_one_and_only_once(ready, landsat, project, settled) -> None:
    drawn = QgsVectorLayer("Polygon?crs=EPSG:32615", "drawn", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromRect(landsat[0].extent().buffered(-1500)))
    drawn.dataProvider().addFeatures([feature])
    project.addMapLayer(drawn)
    settled()
    take(ready.map_page.run_options.area, drawn)
    paths = {ready.map_page.request("cpu").steps[0].parameters["AREA"] for _ in range(2)}
    (path,) = paths
    kept = QgsVectorLayer(path, "kept", "ogr")
    assert [each.geometry().asWkt() for each in kept.getFeatures()] == [feature.geometry().asWkt()]
    assert [each.name for each in Path(path).parent.glob("*.gpkg")] == [Path(path).name]
    assert drawn.id() not in str(ready.map_page.request("cpu").to_dict())


# --- runs ---------------------------------------------------------------------------------------


def test_selected_polygons_limit_a_run_and_its_repetition(ready, polygons, finished, tmp_path) -> None:
    page = ready.map_page
    page.folder.setFilePath(str(tmp_path))
    polygons.selectByIds([0])
    take(page.run_options.area, polygons)
    page.run_options.area.selected.setChecked(True)
    QTest.mouseClick(ready.run_panel.run, Qt.MouseButton.LeftButton)
    finished(ready.desk.model)
    polygons.selectByIds([5, 6, 7])
    ready.runner.start(ready.history.entries()[0].request)
    finished(ready.desk.model)
    (shape,) = (QgsGeometry(each.geometry()) for each in polygons.getFeatures() if each.id() == 0)
    dataset = gdal.Open(ready.history.entries()[0].results["OUTPUT"])
    band = dataset.GetRasterBand(1)
    pixels = band.ReadRaster()
    mapped = sum(value != int(band.GetNoDataValue()) for value in pixels)
    assert mapped == pytest.approx(shape.area() / 900, rel=0.2)


def test_a_disk_that_does_not_take_the_area_is_said(ready, polygons, monkeypatch, tmp_path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "areas").write_text("in the way")
    monkeypatch.setenv("GEOFM_HOME", str(tmp_path / "home"))
    polygons.selectByIds([0])
    take(ready.map_page.run_options.area, polygons)
    ready.map_page.run_options.area.selected.setChecked(True)
    ready.run()
    assert ready.desk.model.notice.outcome is Outcome.FAILED
    assert not ready.desk.model.busy
