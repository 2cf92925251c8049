"""The page Change: methods and what they need, and the threshold that is moved on a finished magnitude."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.algorithms.layers import PROPERTY_MODALITY
from geofm.algorithms.styles import PROPERTY_THRESHOLD
from geofm.inference.client import close_shared_engine
from geofm.inference.magnitudes import TAG, Magnitudes
from geofm.ui.change_methods import METHODS
from geofm.ui.layers import RESULT
from geofm.ui.state import Page

SIDE, PIXEL = 40, 10.0


@pytest.fixture(scope="module", autouse=True)
def engine_ends():
    yield
    close_shared_engine()


@pytest.fixture
def ready(dock, landsat, polygons, choose):
    """The page Change with the two dates, and the model without weights."""
    choose(dock.change_page.model.combo, "spectral-texture")
    dock.desk.model.show(Page.CHANGE)
    return dock


def visible(page) -> set[str]:
    """What the method is asked for."""
    rows = {"model": page.model, "classifier": page.classifier, "samples": page.samples, "field": page.field}
    return {name for name, widget in rows.items() if widget.isVisible()}


# --- methods ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("distance", {"model"}),
        ("irmad", set()),
        ("difference", set()),
        ("taught", {"model", "samples", "field"}),
        ("classes", {"classifier"}),
    ],
)
def test_a_method_asks_for_what_it_needs_and_no_more(ready, choose, method, asked) -> None:
    page = ready.change_page
    if page.method.findData(method) < 0:
        pytest.skip(f"the page has no method {method}")
    choose(page.method, method)
    assert visible(page) == asked
    assert page.about.text() == page.current().sentence()
    if method == "classes":
        assert "Teach a classifier first" in ready.run_panel.hint.text()
        return
    parameters = page.request("cpu").steps[0].parameters
    assert parameters["METHOD"] == method
    named = {"model": "MODEL", "samples": "SAMPLES", "field": "FIELD"}
    assert {name for name, key in named.items() if key in parameters} == asked


def test_every_method_says_what_it_is() -> None:
    for words in ([item.title() for item in METHODS], [item.sentence() for item in METHODS]):
        assert all(words)
        assert len(set(words)) == len(METHODS)


def test_corrections_have_good_defaults_and_are_three_rows(ready, choose) -> None:
    page = ready.change_page
    page.options.setCollapsed(False)
    usual = page.request("cpu").steps[0].parameters
    assert not {"NORMALISE", "ALIGN", "CLOUDS"} & set(usual), "the algorithm's own"
    page.corrections.light.setChecked(False)
    choose(page.corrections.align, "warn")
    choose(page.corrections.clouds, "bands")
    found = page.request("cpu").steps[0].parameters
    assert (found["NORMALISE"], found["ALIGN"], found["CLOUDS"]) == (False, "warn", "bands")


def test_the_threshold_is_automatic_by_false_alarms_or_by_hand(ready, choose) -> None:
    threshold = ready.change_page.threshold
    assert threshold.parameters() == {}
    choose(threshold.how, "alarms")
    threshold.alarms.setValue(0.5)
    assert threshold.alarms.isVisible()
    assert not threshold.value.isVisible()
    assert threshold.parameters() == {"FALSE_ALARMS": 0.5}
    choose(threshold.how, "given")
    threshold.value.setValue(2.5)
    assert threshold.parameters() == {"THRESHOLD": 2.5}


def test_choices_are_remembered(make_dock, landsat, choose) -> None:
    first = make_dock().change_page
    choose(first.method, "irmad")
    first.corrections.light.setChecked(False)
    choose(first.corrections.clouds, "off")
    second = make_dock().change_page
    assert second.current().key == "irmad"
    assert second.corrections.parameters() == {"NORMALISE": False, "CLOUDS": "off"}


def test_heights_are_no_image_to_compare(ready, landsat) -> None:
    assert ready.run_panel.hint.text() == ""
    landsat[1].setCustomProperty(PROPERTY_MODALITY, "elevation")
    assert "is an elevation model" in ready.run_panel.hint.text()


# --- the threshold of a finished magnitude ------------------------------------------------------


def magnitude_file(path: Path) -> np.ndarray:
    """A magnitude as the engine leaves it: 40 x 40 pixels from 0.5 to 8, a tenth of them above 4."""
    values = np.geomspace(0.5, 8.0, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
    made = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, 1, gdal.GDT_Float32)
    made.SetGeoTransform((500_000.0, PIXEL, 0.0, 5_000_000.0, 0.0, -PIXEL))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32632)
    made.SetProjection(reference.ExportToWkt())
    made.GetRasterBand(1).WriteArray(values)
    edges = np.geomspace(0.5, 8.0, 65)
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    told = Magnitudes(tuple(map(float, edges)), tuple(float(count) * PIXEL**2 for count in counts))
    made.SetMetadataItem(TAG, told.to_text())
    del made
    return values


@pytest.fixture
def magnitude(project, settled, tmp_path) -> tuple[QgsRasterLayer, np.ndarray]:
    """A magnitude of an earlier session, opened by hand: nothing but its file is known."""
    values = magnitude_file(tmp_path / "magnitude.tif")
    layer = QgsRasterLayer(str(tmp_path / "magnitude.tif"), "Magnitude")
    project.addMapLayer(layer)
    settled()
    return layer, values


def opaque(layer: QgsRasterLayer) -> np.ndarray:
    """Where the layer is drawn: (rows, cols)."""
    block = layer.renderer().block(1, QgsRectangle(layer.extent()), SIDE, SIDE)
    return np.array(
        [[(block.color(row, col) >> 24) > 0 for col in range(SIDE)] for row in range(SIDE)]
    )


def test_without_a_magnitude_there_is_nothing_to_move(ready) -> None:
    assert not ready.change_page.revision.isVisible()


def test_a_magnitude_of_an_earlier_session_can_be_moved(ready, magnitude, settled, qtbot) -> None:
    layer, values = magnitude
    panel = ready.change_page.revision
    assert panel.isVisible()
    assert panel.current() == layer
    panel.value.setValue(4.0)
    qtbot.waitUntil(lambda: layer.customProperty(PROPERTY_THRESHOLD) == 4.0, timeout=2000)
    assert (opaque(layer) == (values >= 4.0)).all(), "what is below is not drawn"
    area = (values >= 4.0).sum() * PIXEL**2
    assert panel.told.text() == f"About {area / 1e4:.1f} ha changed, 25 % of what was compared"


def test_the_slider_and_the_number_are_one(ready, magnitude) -> None:
    panel = ready.change_page.revision
    panel.value.setValue(2.0)
    assert panel.slider.value() == 500, "the middle of 0.5 to 8 in equal ratios"
    panel.slider.setFocus()
    QTest.keyClick(panel.slider, Qt.Key.Key_End)
    assert panel.value.value() == 8.0
    QTest.keyClick(panel.slider, Qt.Key.Key_Home)
    assert panel.value.value() == 0.5
    assert "100 %" in panel.told.text()


def test_moving_it_reads_no_pixel_and_does_not_wait(ready, magnitude, monkeypatch) -> None:
    panel = ready.change_page.revision
    asked = []
    monkeypatch.setattr(gdal, "Open", lambda *_: asked.append(True))
    monkeypatch.setattr(QgsRasterLayer, "setRenderer", lambda *_: asked.append(True))
    for step in range(0, 1000, 10):
        panel.slider.setValue(step)
    assert asked == [], "the map follows at its own pace"


def test_a_threshold_stays_with_its_layer(ready, magnitude, project, tmp_path, settled) -> None:
    layer, _ = magnitude
    layer.setCustomProperty(PROPERTY_THRESHOLD, 3.0)
    magnitude_file(tmp_path / "second.tif")
    second = QgsRasterLayer(str(tmp_path / "second.tif"), "Second")
    second.setCustomProperty(PROPERTY_THRESHOLD, 5.0)
    project.addMapLayer(second)
    settled()
    panel = ready.change_page.revision
    assert panel.layer.isVisible()
    assert panel.current() == second, "the newest"
    assert panel.value.value() == 5.0
    panel.layer.setCurrentIndex(panel.layer.findData(layer.id()))
    assert panel.value.value() == 3.0
    project.removeMapLayer(second.id())
    settled()
    assert panel.current() == layer
    project.removeMapLayer(layer.id())
    settled()
    assert not panel.isVisible()


def test_what_covers_the_magnitude_steps_aside(ready, magnitude, project, polygons, qtbot) -> None:
    layer, _ = magnitude
    root = project.layerTreeRoot()
    node = root.findLayer(layer.id())
    polygons.setCustomProperty(RESULT, "POLYGONS")
    node.setItemVisibilityChecked(False)
    ready.change_page.revision.slider.setValue(700)
    qtbot.waitUntil(node.isVisible, timeout=2000)
    assert not root.findLayer(polygons.id()).isVisible()


def test_any_raster_of_one_band_is_no_magnitude(ready, project, tmp_path, settled) -> None:
    path = tmp_path / "other.tif"
    made = gdal.GetDriverByName("GTiff").Create(str(path), 10, 10, 1, gdal.GDT_Float32)
    made.SetMetadataItem(TAG, "{}")
    del made
    project.addMapLayer(QgsRasterLayer(str(path), "other"))
    settled()
    assert not ready.change_page.revision.isVisible()
