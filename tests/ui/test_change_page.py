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
from geofm.inference.jobs import Result
from geofm.inference.magnitudes import TAG, Magnitudes
from geofm.ui.change_methods import METHODS
from geofm.ui.layer_set import Role
from geofm.ui.layers import RESULT
from geofm.ui.report import facts_of
from geofm.ui.state import Outcome, Page

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


def test_class_maps_are_a_classifiers_or_a_models(ready, choose) -> None:
    page = ready.change_page
    assert not page.mapper.isVisible()
    choose(page.method, "classes")
    assert page.mapper.isVisible()
    choose(page.mapper, "model")
    assert visible(page) == {"model"}
    offered = [page.model.combo.itemData(index) for index in range(page.model.combo.count())]
    assert "ukis-csmask" in offered
    assert "spectral-texture" not in offered, "it maps no classes"
    choose(page.model.combo, "ukis-csmask")
    parameters = page.request("cpu").steps[0].parameters
    assert (parameters["METHOD"], parameters["MODEL"]) == ("classes", "ukis-csmask")
    assert "CLASSIFIER" not in parameters
    assert page.speed_key() == "change-classes-ukis-csmask"
    choose(page.method, "distance")
    assert not page.mapper.isVisible()
    assert page.model.key() == "spectral-texture", "each task keeps its own"


def test_a_classifier_can_say_what_became_what_beside_any_method(ready, choose) -> None:
    page = ready.change_page
    page.options.setCollapsed(False)
    choose(page.method, "irmad")
    assert page.named.isVisible()
    page.named.setChecked(True)
    assert visible(page) == {"classifier"}
    assert "Teach a classifier first" in ready.run_panel.hint.text()
    parameters = page.request("cpu").steps[0].parameters
    assert (parameters["METHOD"], parameters["CLASSIFIER"]) == ("irmad", "")
    choose(page.method, "classes")
    assert not page.named.isVisible(), "there it is what is compared"
    choose(page.mapper, "model")
    assert visible(page) == {"model"}
    choose(page.method, "distance")
    assert visible(page) == {"model", "classifier"}
    assert page.speed_key() == "change-distance-spectral-texture"
    page.named.setChecked(False)
    assert "CLASSIFIER" not in page.request("cpu").steps[0].parameters


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


def test_a_table_of_areas_is_kept_beside_the_magnitude(ready, tmp_path) -> None:
    page = ready.change_page
    assert "TABLE" not in page.request("cpu").steps[0].parameters
    page.table.setChecked(True)
    page.folder.setFilePath(str(tmp_path))
    name = "Change-1999-11-18-to-2002-04-16"
    found = page.request("cpu").steps[0].parameters
    assert found["OUTPUT"] == str(tmp_path / f"{name}.tif")
    assert found["TABLE"] == str(tmp_path / f"{name}-table.csv")


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


def test_a_run_says_in_words_what_it_found(qgis_app) -> None:
    facts = {
        "changed_m2": 123_000.0,
        "threshold": 3.851,
        "threshold_reason": "Magnitudes fall into two groups.",
        "clouds": {"before": {"masked_percent": 0.0}, "after": {"masked_percent": 12.34}},
        "alignment": {"shift_px": [0.3, 0.4], "shift_m": 15.0, "reliable": True, "corrected": True},
        "normalisation": {"invariant_pixels": 12345, "slopes": {"red": 1.1}},
    }
    result = Result({}, "spectral-texture", "CPU", "", 62500, 1.0, facts=facts)
    found = [line.replace("\u202f", " ") for line in facts_of([result])]
    assert found == [
        "12.3 ha changed",
        "Threshold 3.85: Magnitudes fall into two groups.",
        "Cloud, shadow, snow and fill left out: 0 % before, 12.3 % after",
        "A shift of 0.50 pixels (15 m) was corrected",
        "Light matched by 12 345 pixels that did not change",
        "62 500 pixels on CPU",
    ]


@pytest.mark.parametrize(
    ("alignment", "words"),
    [
        ({"shift_px": [0.0, 0.02], "shift_m": 0.6, "reliable": True}, "0.02 pixels (0.6 m)"),
        ({"shift_px": [0.0, 0.0], "shift_m": 0.0, "reliable": False}, "could not be told"),
    ],
)
def test_a_shift_is_told_as_it_is_known(qgis_app, alignment, words) -> None:
    result = Result({}, "", "CPU", "", 1, 1.0, facts={"alignment": alignment})
    assert words in facts_of([result])[0]


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
    areas = tuple(float(count) * PIXEL**2 for count in counts)
    told = Magnitudes(tuple(map(float, edges)), areas, ((0.5, 6.0), (1.0, 5.0)))
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


def test_false_alarms_set_it_until_it_is_moved(ready, magnitude, choose) -> None:
    panel = ready.change_page.revision
    offered = [panel.alarms.itemText(index) for index in range(panel.alarms.count())]
    assert offered == ["By false alarms", "0.5 % false alarms", "1 % false alarms"]
    panel.alarms.setCurrentIndex(2)
    panel.alarms.activated.emit(2)
    assert panel.value.value() == 5.0
    assert panel.request().steps[0].parameters["THRESHOLD"] == 5.0
    assert panel.alarms.currentIndex() == 2
    panel.slider.setValue(300)
    assert panel.alarms.currentIndex() == 0, "it is no longer what was asked for"


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


def test_run_then_move_then_make_polygons(ready, choose, desktop, landsat, finished, settled) -> None:
    """The whole way, in a corner of the scene, with the statistical method."""
    box = landsat[0].extent()
    desktop.canvas.setExtent(
        QgsRectangle(box.xMinimum(), box.yMinimum(), box.xMinimum() + 3000, box.yMinimum() + 3000)
    )
    choose(ready.change_page.extent, "visible")
    choose(ready.change_page.method, "irmad")
    ready.run()
    finished(ready.desk.model)
    settled()
    panel = ready.change_page.revision
    said = ready.desk.model.notice.facts
    assert any(fact.startswith("Cloud, shadow, snow and fill left out: 0 % before") for fact in said), said
    assert panel.value.value() == pytest.approx(panel.current().customProperty(PROPERTY_THRESHOLD), rel=1e-3)
    panel.value.setValue(panel.value.value() * 0.8)
    QTest.mouseClick(panel.make, Qt.MouseButton.LeftButton)
    finished(ready.desk.model)
    settled()
    group = ready.desk.project.layerTreeRoot().findGroups()[0]
    made = {node.layer().name(): node.layer() for node in group.findLayers()}
    assert set(made) == {"Changes", "Changed places"}
    field = made["Changes"].fields().lookupField("magnitude")
    assert made["Changes"].featureCount() > 0
    assert made["Changes"].minimumValue(field) >= 0.999 * panel.value.value()
    area = sum(feature["area_m2"] for feature in made["Changes"].getFeatures())
    told = panel._known[panel.current().id()]
    assert told.above(panel.value.value()) == pytest.approx(area, rel=0.1), "what the slider said"


# --- many dates ---------------------------------------------------------------------------------


@pytest.fixture
def dates(tmp_path) -> Path:
    """A folder of twelve dates of one index; its fields were cleared after the eighth."""
    folder = tmp_path / "ndvi"
    folder.mkdir()
    random = np.random.default_rng(6)
    for number in range(12):
        values = 0.7 + 0.02 * random.standard_normal((SIDE, SIDE))
        if number >= 8:
            values[:20] -= 0.5
        path = folder / f"NDVI_{2019 + number // 6}{2 * (number % 6) + 1:02d}15.tif"
        made = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, 1, gdal.GDT_Float32)
        made.SetGeoTransform((500_000.0, PIXEL, 0.0, 5_000_000.0, 0.0, -PIXEL))
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(32632)
        made.SetProjection(reference.ExportToWkt())
        made.GetRasterBand(1).WriteArray(values.astype(np.float32))
        made.GetRasterBand(1).SetDescription("ndvi")
        del made
    return folder


def test_a_method_of_many_dates_looks_at_the_layers_in_use(ready, choose) -> None:
    assert ready.dates.isVisible()
    choose(ready.change_page.method, "breaks")
    assert ready.input_tray.isVisible()
    assert not ready.dates.isVisible()
    assert visible(ready.change_page) == set()
    assert ready.change_page.add_dates.isVisible()
    assert "Add a folder of dates" in ready.run_panel.hint.text()
    choose(ready.change_page.method, "irmad")
    assert ready.dates.isVisible()


def test_a_folder_of_dates_becomes_a_group_of_dated_layers(ready, choose, dates, project, qtbot) -> None:
    (dates / "NDVI_unknown.tif").write_bytes((dates / "NDVI_20190115.tif").read_bytes())
    choose(ready.change_page.method, "breaks")
    ready.change_page.series.open_folder(str(dates))
    qtbot.waitUntil(lambda: len(ready.desk.layers.get(Role.INPUT)) == 12, timeout=10_000)
    group = project.layerTreeRoot().children()[0]
    assert group.name() == "ndvi"
    layers = [node.layer() for node in group.findLayers()]
    assert [layer.name()[:10] for layer in layers][:2] == ["2020-11-15", "2020-09-15"], "the newest on top"
    assert all(layer.temporalProperties().isActive() for layer in layers)
    shown = layers[0].temporalProperties().fixedTemporalRange().begin().date()
    assert (shown.year(), shown.month(), shown.day()) == (2020, 11, 15)
    chips = [chip.about.text()[-10:] for chip in ready.input_tray.chips()]
    assert chips == sorted(chips)
    notice = ready.desk.model.notice
    assert notice.sentence == "12 dates of ndvi, 2019-01-15 to 2020-11-15"
    assert "NDVI_unknown.tif" in notice.hint
    assert ready.run_panel.hint.text() == ""


def test_a_folder_without_dates_is_told(ready, tmp_path, qtbot) -> None:
    (tmp_path / "empty").mkdir()
    ready.change_page.series.open_folder(str(tmp_path / "empty"))
    qtbot.waitUntil(lambda: ready.desk.model.notice.outcome is Outcome.FAILED, timeout=10_000)
    assert "says its date" in ready.desk.model.notice.sentence


def test_breaks_are_found_from_the_dock(ready, choose, dates, finished, qtbot, settled) -> None:
    choose(ready.change_page.method, "breaks")
    ready.change_page.series.open_folder(str(dates))
    qtbot.waitUntil(lambda: ready.run_panel.run.isEnabled(), timeout=10_000)
    ready.run()
    finished(ready.desk.model)
    settled()
    group = ready.desk.project.layerTreeRoot().findGroups()[0]
    assert group.name() == "Breaks 2019-01-15 to 2020-11-15"
    found = {node.layer().name(): node.layer() for node in group.findLayers()}
    assert set(found) == {"Breaks", "Broken places"}
    assert any("with a break" in fact for fact in ready.desk.model.notice.facts)


# --- its looks ----------------------------------------------------------------------------------


def test_sentences_have_the_room_that_they_need(ready, choose, qtbot) -> None:
    """Whatever comes and goes around them, and however wide a scroll bar leaves the page."""
    page = ready.change_page
    ready.resize(360, 770)
    choose(page.threshold.how, "alarms")
    for folded in (True, False, True):
        for method in ("taught", "distance"):
            choose(page.method, method)
            page.options.setCollapsed(folded)
            # Labels fit themselves once the layouts have settled.
            qtbot.waitUntil(lambda: roomy(page), timeout=3000)


def roomy(page) -> bool:
    """Whether the model's reason is as high as its lines, none is cut off, and no label gives way."""
    reason, model = page.model.reason, page.model
    high = reason.height() == reason.heightForWidth(reason.width())
    whole = model.height() == model.sizeHint().height()
    wide = page.minimumSizeHint().width() <= page.width()
    return high and whole and wide and page.height() == page.sizeHint().height()
