"""Teaching from the dock with the real engine: labels, preview, correction, Run, and what is kept."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

from geofm.algorithms import session
from geofm.inference.client import close_shared_engine
from geofm.inference.jobs import Task
from geofm.ui.layer_set import Role
from geofm.ui.layers import PREVIEW, RESULT
from geofm.ui.state import Page
from geofm.ui.teaching.lesson import Stage


@pytest.fixture(scope="module", autouse=True)
def engine_ends():
    """One warm engine for all, as in QGIS, and none afterwards."""
    yield
    close_shared_engine()


@pytest.fixture
def page(dock, landsat, desktop, choose, scratch_home):
    """The page Teach over the earlier Landsat date, with the model without weights."""
    desktop.canvas.resize(400, 400)
    dock.desk.model.show(Page.TEACH)
    choose(dock.teach_page.model.combo, "spectral-texture")
    return dock.teach_page


def put(page, polygons, *names: str, most: int = 3) -> None:
    """Label places of some classes, as the sample polygons have them."""
    for name in names:
        if name not in {info.name for info in page.labels.classes}:
            page.labels.add_class(name)
        value = next(info.value for info in page.labels.classes if info.name == name)
        found = [feature for feature in polygons.getFeatures() if feature["class"] == name]
        for feature in found[:most]:
            assert page.labels.add(feature.geometry(), polygons.crs(), value)


def learned(page):
    """A condition: the preview knows all labels, and there is no more to encode."""

    def told() -> bool:
        preview, encoded = page.live.preview, page.live.encoded
        if preview is None or encoded is None or not encoded.done or page.live.stage is not Stage.READY:
            return False
        known = sum(count.labels for count in preview.counts)
        return preview.encoded == 1.0 and not preview.waiting and known == len(page.labels.taught)

    return told


@pytest.fixture
def taught(page, polygons, qtbot):
    """Two classes with three labels each, and their preview."""
    put(page, polygons, "water", "forest")
    qtbot.waitUntil(learned(page), timeout=60_000)
    return page


def previews() -> list[object]:
    return [layer for layer in QgsProject.instance().mapLayers().values()
            if layer.customProperty(RESULT) == PREVIEW]


def shown(page, feature) -> int:
    """The class that the preview has in the middle of a feature."""
    value, found = page.classroom.preview.layer.dataProvider().sample(
        feature.geometry().pointOnSurface().asPoint(), 1
    )
    return int(value) if found else 0


def of_class(polygons, name: str) -> list[object]:
    return [feature for feature in polygons.getFeatures() if feature["class"] == name]


def test_labels_become_a_preview_and_a_correction_another(taught, polygons, qtbot) -> None:
    (layer,) = previews()
    assert layer is taught.classroom.preview.layer
    assert [item.label for item in layer.renderer().classes()] == ["water", "forest"]
    town = of_class(polygons, "urban")[-1]
    assert shown(taught, town) in (1, 2), "there is nothing else that it could be"
    assert taught.labels.pixels()[1] > 0
    put(taught, polygons, "urban")
    qtbot.waitUntil(learned(taught), timeout=30_000)
    assert shown(taught, town) == 3
    assert previews() == [layer], "the same layer shows another file"
    assert [item.label for item in layer.renderer().classes()] == ["water", "forest", "urban"]
    taught.labels.undo()
    qtbot.waitUntil(learned(taught), timeout=30_000)
    assert len([path for path in os.listdir(taught.live.folder) if path.endswith(".tif")]) == 1


def test_of_several_layers_each_is_asked_what_it_helped(dock, taught, landsat, tmp_path, qtbot) -> None:
    assert not taught.trust.helped.isVisible(), "there is one layer"
    path = str(tmp_path / "red-of-another-sensor.tif")
    gdal.Translate(path, landsat[0].source(), bandList=[3])
    other = QgsRasterLayer(path, "Another sensor")
    QgsProject.instance().addMapLayer(other)
    dock.desk.layers.add(Role.INPUT, other)
    qtbot.waitUntil(taught.trust.helped.isVisible, timeout=60_000)
    qtbot.waitUntil(learned(taught), timeout=60_000)
    QTest.mouseClick(taught.trust.helped, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(taught.trust.words.text()), timeout=60_000)
    told = taught.trust.words.text().splitlines()
    assert len(told) == 2
    assert all("without it, mean F1" in line or "cannot be told" in line for line in told)


def test_the_preview_follows_the_map(taught, desktop, landsat, qtbot) -> None:
    box = landsat[0].extent()
    half = type(box)(box.xMinimum(), box.yMinimum(), box.center().x(), box.center().y())
    desktop.canvas.setExtent(half)
    shown_now = taught.classroom.seen_extent()
    qtbot.waitUntil(lambda: taught.live.preview.extent[2] < box.xMaximum() - 1, timeout=30_000)
    found = taught.classroom.preview.layer.extent()
    assert found.xMaximum() == pytest.approx(shown_now[2], abs=31)
    assert found.yMaximum() == pytest.approx(shown_now[3], abs=31)
    # Away from the image there is nothing to show, and what was shown stays where it is.
    desktop.canvas.setExtent(type(box)(0, 0, 1000, 1000))
    assert taught.classroom.seen_extent() is None
    qtbot.wait(300)
    assert taught.live.stage is Stage.READY
    assert previews()


def test_it_is_switched_off_dimmed_and_lifted(taught, desktop, dock) -> None:
    node = QgsProject.instance().layerTreeRoot().findLayer(taught.classroom.preview.layer.id())
    taught.state.slider.setValue(30)
    assert taught.classroom.preview.layer.opacity() == pytest.approx(0.3)
    taught.state.switch.click()
    assert not node.isVisible()
    taught.state.switch.click()
    assert node.isVisible()
    node.setItemVisibilityChecked(False)
    assert not taught.state.switch.isChecked()
    node.setItemVisibilityChecked(True)
    for kind, lifted in ((QEvent.Type.KeyPress, True), (QEvent.Type.KeyRelease, False)):
        event = QKeyEvent(kind, Qt.Key.Key_H, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(desktop.canvas, event)
        assert node.isVisible() is not lifted
        assert taught.state.switch.isChecked()


def test_what_is_unsure_is_left_out_when_asked(taught, polygons, qtbot) -> None:
    put(taught, polygons, "urban", "herbaceous")
    qtbot.waitUntil(learned(taught), timeout=30_000)

    def empty() -> float:
        provider = taught.classroom.preview.layer.dataProvider()
        block = provider.block(1, provider.extent(), provider.xSize(), provider.ySize())
        return bytes(block.data()).count(0) / (block.width() * block.height())

    before, path = empty(), taught.live.preview.path
    taught.choices.least.setValue(90)
    qtbot.waitUntil(lambda: taught.live.preview.path != path, timeout=30_000)
    assert empty() > before + 0.02


def test_what_is_unlike_any_label_is_hatched_unless_that_is_switched_off(taught, polygons, qtbot) -> None:
    put(taught, polygons, "water", "forest", most=6)

    def strokes() -> int:
        layer = taught.classroom.preview.layer
        if layer.renderer().alphaBand() < 0:
            return 0
        provider = layer.dataProvider()
        block = provider.block(3, provider.extent(), provider.xSize(), provider.ySize())
        return bytes(block.data()).count(0)

    qtbot.waitUntil(lambda: learned(taught)() and strokes() > 100, timeout=30_000)
    taught.choices.hatch.click()
    qtbot.waitUntil(lambda: strokes() == 0, timeout=30_000)


def test_places_to_go_and_labels_to_doubt_come_from_the_session(taught, polygons, qtbot) -> None:
    put(taught, polygons, "urban", "herbaceous")
    # A label that is plainly wrong.
    taught.labels.add(of_class(polygons, "forest")[-1].geometry(), polygons.crs(), 1)
    wrong = list(taught.labels.taught)[-1]
    qtbot.waitUntil(learned(taught), timeout=30_000)
    QTest.mouseClick(taught.review.suggest, Qt.MouseButton.LeftButton)
    assert not taught.review.suggest.isEnabled(), "one at a time"
    qtbot.waitUntil(lambda: taught.review.bar.isVisible(), timeout=60_000)
    assert taught.review.bar.current() is not None
    qtbot.waitUntil(taught.review.review.isEnabled)
    QTest.mouseClick(taught.review.review, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: wrong in taught.review._doubted, timeout=60_000)


def test_it_says_how_good_it_is_until_the_labels_change(taught, polygons, qtbot) -> None:
    QTest.mouseClick(taught.trust.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(taught.trust.words.text()), timeout=60_000)
    assert "% of the pixels of labels left out are right" in taught.trust.words.text()
    put(taught, polygons, "urban", most=1)
    qtbot.waitUntil(lambda: "changed since" in taught.trust.words.text(), timeout=30_000)


def test_run_keeps_the_classifier_and_maps_with_it(taught, dock, finished, settled, qtbot) -> None:
    qtbot.waitUntil(lambda: dock.run_panel.run.isEnabled())
    taught.choices.name.setText("Two covers")
    dock.run()
    assert dock.run_panel.hint.text() == "The classifier is being saved."
    qtbot.waitUntil(lambda: dock.desk.model.busy, timeout=60_000)
    assert not taught.state.switch.isChecked(), "the map that is made shall be seen"
    finished(dock.desk.model)
    settled()
    root = QgsProject.instance().layerTreeRoot()
    labels, preview, group = root.children()[:3]
    assert [labels.name(), preview.name(), group.name()][:2] == ["Labels", "Preview: classes"]
    layers = {node.layer().name(): node.layer() for node in group.findLayers()}
    assert sorted(layers) == ["Classes", "Confidence", "Unlike anything labelled"]
    classes, confidence = layers["Classes"], layers["Confidence"]
    assert isinstance(classes.renderer(), QgsPalettedRasterRenderer)
    assert isinstance(confidence.renderer(), QgsSingleBandPseudoColorRenderer)
    assert {item.label for item in classes.renderer().classes()} == {"water", "forest"}
    # What was taught is a model now; nothing more is saved while nothing more is taught.
    (card,) = [card for card in dock.desk.shelf.cards() if card.family == "classifier"]
    assert card.title == "Two covers"
    dock.run()
    finished(dock.desk.model)
    assert len(list(Path(card.path).parent.glob("*.geofm"))) == 1
    assert dock.desk.shelf.problems() == ()
    dock.desk.model.show(Page.MAP)
    page = dock.map_page
    page.task.setCurrentIndex(page.task.findData(Task.CLASSIFY.value))
    page.task.activated.emit(page.task.currentIndex())
    assert page.model.key() == str(card.path)


def test_the_next_label_brings_the_preview_back(taught, dock, polygons, finished, qtbot) -> None:
    dock.run()
    qtbot.waitUntil(lambda: dock.desk.model.busy, timeout=60_000)
    finished(dock.desk.model)
    assert not taught.state.switch.isChecked()
    (group,) = [g for g in QgsProject.instance().layerTreeRoot().findGroups() if g.name() != "Labels"]
    assert group.isVisible()
    put(taught, polygons, "urban", most=1)
    qtbot.waitUntil(taught.state.switch.isChecked, timeout=30_000)
    assert not group.isVisible(), "it would shine through"


def test_a_classifier_is_opened_again_and_taught_on(taught, dock, polygons, choose, qtbot) -> None:
    QTest.mouseClick(taught.keeping.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: taught.keeping.words.text().startswith("Saved as "), timeout=60_000)
    (card,) = [card for card in dock.desk.shelf.cards() if card.family == "classifier"]
    # Another project: the labels of this one are not there, those in the classifier are.
    for layer in taught.labels.layers:
        QgsProject.instance().removeMapLayer(layer.id())
    qtbot.waitUntil(lambda: not taught.labels.classes)
    choose(taught.model.combo, str(card.path))
    qtbot.waitUntil(lambda: len(taught.labels.classes) == 2, timeout=60_000)
    put(taught, polygons, "urban", most=2)
    qtbot.waitUntil(learned_on(taught), timeout=60_000)
    assert [info.name for info in taught.labels.classes] == ["water", "forest", "urban"]
    assert shown(taught, of_class(polygons, "water")[-1]) == 1
    assert shown(taught, of_class(polygons, "urban")[-1]) == 3


def learned_on(page):
    """A condition: the preview knows the three classes, of the classifier and of the labels."""

    def told() -> bool:
        preview = page.live.preview
        counts = preview.counts if preview is not None and preview.encoded == 1.0 else ()
        return {count.value for count in counts if count.labels} == {1, 2, 3}

    return told


def test_a_killed_engine_is_started_again_and_nothing_is_lost(taught, polygons, qtbot) -> None:
    os.kill(session.engine().pid, signal.SIGKILL)
    stages = []
    taught.live.changed.connect(lambda: stages.append(taught.live.stage))
    put(taught, polygons, "urban")
    qtbot.waitUntil(learned(taught), timeout=90_000)
    assert Stage.FAILED not in stages
    assert shown(taught, of_class(polygons, "urban")[-1]) == 3


def test_it_ends_with_the_layer_and_leaves_the_labels(taught, landsat, settled, qtbot) -> None:
    folder, labels = taught.live.folder, taught.labels.taught
    QgsProject.instance().removeMapLayer(landsat[0].id() if taught.layers() == [landsat[0]] else
                                         landsat[1].id())
    assert taught.live.stage is Stage.CLOSED
    settled()
    assert previews() == []
    assert taught.labels.taught == labels
    qtbot.waitUntil(lambda: not os.path.exists(folder))


def test_a_project_that_is_closed_takes_all_of_it_along(taught, settled) -> None:
    """Who removes a layer while the project removes them all brings QGIS down."""
    QgsProject.instance().clear()
    settled()
    assert taught.live.stage is Stage.CLOSED
    assert QgsProject.instance().mapLayers() == {}
    assert taught.classroom.preview.layer is None


def test_another_layer_is_another_session_with_the_same_labels(taught, dock, landsat, qtbot) -> None:
    first = taught.live.opened.session
    dock.desk.layers.set(Role.INPUT, [layer for layer in landsat if layer not in taught.layers()])
    qtbot.waitUntil(lambda: taught.live.opened is not None and taught.live.opened.session != first,
                    timeout=60_000)
    qtbot.waitUntil(learned(taught), timeout=60_000)
    assert len(previews()) == 1


def test_a_closed_dock_ends_the_session_and_an_open_one_begins_it_again(taught, dock, settled, qtbot) -> None:
    dock.close()
    assert taught.live.stage is Stage.CLOSED
    settled()
    assert previews() == []
    dock.show()
    qtbot.waitUntil(learned(taught), timeout=60_000)
    assert len(previews()) == 1


def test_while_something_runs_nothing_is_asked(taught, dock, polygons, finished, qtbot) -> None:
    dock.desk.model.show(Page.MAP)
    path = taught.live.preview.path
    put(taught, polygons, "urban", most=1)
    qtbot.wait(300)
    assert taught.live.preview.path == path, "nobody looks"
    dock.desk.model.show(Page.TEACH)
    qtbot.waitUntil(learned(taught), timeout=30_000)
