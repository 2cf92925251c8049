"""Runs from the dock through Processing and the real engine, to layers on the map."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    QgsLayerTreeGroup,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QProgressBar, QPushButton

from geofm.algorithms import session
from geofm.algorithms.layers import PROPERTY_SCALE
from geofm.inference.client import close_shared_engine
from geofm.ui.commands import as_python
from geofm.ui.layer_set import Role
from geofm.ui.layers import RESULT
from geofm.ui.state import Outcome, Page, Phase


@pytest.fixture(scope="module", autouse=True)
def engine_ends():
    """One warm engine for all runs, as in QGIS, and none afterwards."""
    yield
    close_shared_engine()


@pytest.fixture
def ready(dock, landsat, polygons, choose):
    """The dock with the Landsat scene, its polygons and the model without weights."""
    for page in (dock.map_page, dock.teach_page, dock.change_page):
        choose(page.model.combo, "spectral-texture")
    return dock


def groups() -> list[QgsLayerTreeGroup]:
    return QgsProject.instance().layerTreeRoot().findGroups()


def small(dock, desktop) -> None:
    """Work on a corner of the scene only."""
    box = dock.desk.layers.get(dock.map_page.roles[0])[0].extent()
    west, south = box.xMinimum(), box.yMinimum()
    desktop.canvas.setExtent(type(box)(west, south, west + 1800, south + 1800))
    for page in (dock.map_page, dock.teach_page, dock.change_page):
        page.extent.setCurrentIndex(1)
    dock.map_page.extent.activated.emit(1)


def test_groups_arrive_as_one_styled_group(ready, desktop, landsat, finished, settled) -> None:
    small(ready, desktop)
    ready.map_page.groups.setValue(4)
    QTest.mouseClick(ready.run_panel.run, Qt.MouseButton.LeftButton)
    assert ready.desk.model.phase is Phase.RUNNING
    assert desktop.bar.findChildren(QProgressBar)
    assert not ready.run_panel.run.isEnabled()
    finished(ready.desk.model)
    settled()
    group = groups()[0]
    assert group.name() == ready.history.entries()[0].request.title
    (node,) = group.findLayers()
    layer = node.layer()
    assert layer.name() == "Groups"
    assert isinstance(layer.renderer(), QgsPalettedRasterRenderer)
    assert layer.customProperty(RESULT) == "OUTPUT"
    assert layer.rasterUnitsPerPixelX() == 30.0
    shown = desktop.canvas.extent().intersect(landsat[0].extent())
    assert layer.extent().buffered(1).contains(shown), "all that the map shows"
    assert shown.buffered(31).contains(layer.extent()), "and no more"
    assert ready.desk.settings.number("speed/cluster-spectral-texture", 0.0) > 0
    assert "about" in ready.map_page.size.text()


def test_change_comes_with_mask_and_polygons(ready, desktop, finished, settled) -> None:
    small(ready, desktop)
    ready.desk.model.show(Page.CHANGE)
    ready.run()
    finished(ready.desk.model)
    settled()
    names = [node.layer().name() for node in groups()[0].findLayers()]
    assert names == ["Changes", "Changed places", "Magnitude"]
    shown = {node.layer().name(): node.isVisible() for node in groups()[0].findLayers()}
    assert shown == {"Changes": True, "Changed places": False, "Magnitude": False}
    assert any("changed" in fact for fact in ready.desk.model.notice.facts)


@pytest.fixture
def long_run(ready, scenes, project, settled, tmp_path) -> Path:
    """The dock set to a run of many seconds, and the folder that its result shall go to."""
    scene = scenes / "landsat7-two-dates" / "LE70220492002106EDC00_stack.gtif"
    path = str(tmp_path / "LE70220492002106EDC00_large.vrt")
    gdal.Translate(path, str(scene), format="VRT", width=3000, height=3000)
    layer = QgsRasterLayer(path, "Large scene")
    project.addMapLayer(layer)
    settled()
    ready.desk.layers.set(Role.INPUT, [layer])
    folder = tmp_path / "results"
    folder.mkdir()
    ready.map_page.folder.setFilePath(str(folder))
    return folder


def under_way(dock) -> bool:
    """Whether the engine is in the midst of the image."""
    progress = dock.desk.model.progress
    return progress.stage == "Mapping" and (progress.percent or 0.0) > 0.0


def test_cancel_leaves_nothing_behind(ready, long_run, qtbot) -> None:
    ready.run()
    qtbot.waitUntil(lambda: under_way(ready), timeout=60_000)
    QTest.mouseClick(ready.run_panel.cancel, Qt.MouseButton.LeftButton)
    assert ready.desk.model.phase is Phase.CANCELLING
    assert not ready.run_panel.cancel.isEnabled()
    qtbot.waitUntil(lambda: not ready.desk.model.busy, timeout=20_000)
    assert ready.desk.model.notice.outcome is Outcome.CANCELLED
    assert groups() == []
    assert os.listdir(long_run) == []
    assert ready.run_panel.run.isEnabled()


def test_cancel_works_from_the_message_bar_too(ready, desktop, qtbot) -> None:
    ready.run()
    buttons = {button.text(): button for button in desktop.bar.findChildren(QPushButton)}
    assert {"Cancel", "Details"} <= set(buttons)
    buttons["Details"].click()
    assert ready.run_panel.notice.log.isVisible()
    buttons["Cancel"].click()
    qtbot.waitUntil(lambda: not ready.desk.model.busy, timeout=20_000)
    assert ready.desk.model.notice.outcome is Outcome.CANCELLED


def test_an_error_is_one_sentence_with_a_hint_and_details(ready, qtbot, landsat, desktop) -> None:
    layer = ready.desk.layers.get(ready.map_page.roles[0])[0]
    layer.setCustomProperty(PROPERTY_SCALE, "much")
    ready.run()
    qtbot.waitUntil(lambda: not ready.desk.model.busy, timeout=60_000)
    notice = ready.desk.model.notice
    assert notice.outcome is Outcome.FAILED
    assert "much" in notice.sentence
    assert ready.run_panel.notice.sentence.text() == notice.sentence
    ready.run_panel.notice.copy.click()
    assert notice.sentence in QApplication.clipboard().text()
    assert ready.history.entries()[0].outcome is Outcome.FAILED
    layer.removeCustomProperty(PROPERTY_SCALE)


def test_a_killed_engine_is_one_sentence_and_the_next_run_works(
    ready, long_run, landsat, desktop, qtbot, finished
) -> None:
    ready.run()
    qtbot.waitUntil(lambda: under_way(ready), timeout=60_000)
    os.kill(session.engine().pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: not ready.desk.model.busy, timeout=20_000)
    notice, card = ready.desk.model.notice, ready.run_panel.notice
    assert notice.outcome is Outcome.FAILED
    assert notice.sentence.count(".") == 1
    assert "stopped" in notice.sentence
    assert notice.hint
    assert card.sentence.text() == notice.sentence
    assert card.hint.text() == notice.hint
    assert not card.log.isVisible()
    QTest.mouseClick(card.details, Qt.MouseButton.LeftButton)
    assert card.log.isVisible()
    assert notice.detail.strip()
    assert notice.detail.strip() in card.log.toPlainText(), "the tail of the engine's log"
    assert os.listdir(long_run) == []
    assert groups() == []
    ready.desk.layers.set(Role.INPUT, [landsat[0]])
    small(ready, desktop)
    ready.run()
    finished(ready.desk.model)
    assert len(groups()) == 1


def test_a_run_is_repeated_and_taken_elsewhere_from_the_history(ready, desktop, finished, settled) -> None:
    small(ready, desktop)
    ready.run()
    finished(ready.desk.model)
    ready.history_box.setCollapsed(False)
    panel = ready.history_panel
    settled()
    panel.list.setCurrentRow(0)
    buttons = {button.toolTip(): button for button in panel.buttons}
    buttons["Copy as Python"].click()
    assert QApplication.clipboard().text() == as_python(ready.history.entries()[0].request)
    buttons["Copy as command (qgis_process)"].click()
    assert QApplication.clipboard().text().startswith("qgis_process run geofm:cluster")
    assert buttons["Open the folder of the results"].isEnabled()
    buttons["Repeat"].click()
    finished(ready.desk.model)
    assert len(ready.history.entries()) == 2
    assert len(groups()) == 2
    assert len(desktop.bar.items()) == 1, "only the latest end is news"


def test_what_was_copied_as_python_runs(ready, desktop, finished) -> None:
    small(ready, desktop)
    ready.run()
    finished(ready.desk.model)
    first = ready.history.entries()[0].results["OUTPUT"]
    names: dict[str, object] = {}
    exec(compile(as_python(ready.history.entries()[0].request), "copied", "exec"), names)
    assert Path(names["result"]["OUTPUT"]).read_bytes() == Path(first).read_bytes()


def test_the_dock_goes_while_a_run_is_under_way(make_dock, landsat, settled) -> None:
    dock = make_dock()
    dock.run()
    assert dock.desk.model.busy
    dock.tear_down()
    settled()
    assert groups() == []
