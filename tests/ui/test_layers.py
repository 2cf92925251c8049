"""What the dock reads from layers, and the layers in use."""

from __future__ import annotations

import json
import math

import pytest
from osgeo import gdal
from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsDateTimeRange, QgsRasterLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QDate, QDateTime, QTime

from geofm.algorithms.layers import (
    PROPERTY_BANDS,
    PROPERTY_DATE,
    PROPERTY_MODALITY,
    PROPERTY_SCALE,
    raster_source,
    stated_modality,
)
from geofm.inference.bands import BYTE, RAW, REFLECTANCE
from geofm.inference.labels import date_in
from geofm.ui import layers as layer_notes
from geofm.ui.layer_editor import LayerEditor
from geofm.ui.layer_set import LayerSet, Role
from geofm.ui.task_page import layer_refs


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("LE70220491999322EDC01_stack.gtif", "1999-11-18"),
        ("LE70220492002106EDC00_stack.gtif", "2002-04-16"),
        ("LC08_L1TP_224078_20200518_20200518_01_RT.TIF", "2020-05-18"),
        ("S2A_MSIL2A_20230704T101031_N0509.tif", "2023-07-04"),
        ("flight-2021-09-30-rgb.tif", "2021-09-30"),
        ("LE70220491999399EDC01.tif", ""),
        ("parcel_20231399.tif", ""),
        ("patch_445.tif", ""),
        ("dem_120240229.tif", ""),
        ("scene_20230229.tif", ""),
    ],
)
def test_the_date_is_read_from_the_name(name, date) -> None:
    found = date_in(name)
    assert (found.isoformat() if found else "") == date


def test_a_landsat_layer_says_what_it_is(landsat) -> None:
    known = layer_notes.note(landsat[0])
    assert known.sensor == "Landsat 4-7"
    assert known.date == "1999-11-18"
    assert known.dtype == "Int16"
    assert known.gsd == pytest.approx(30.0)
    assert [band.common for band in known.bands[:6]] == ["blue", "green", "red", "nir", "swir16", "swir22"]
    assert not known.unnamed
    assert layer_notes.describe(known) == "Landsat 4-7 · 8 bands · 1999-11-18"


def test_a_layer_without_names_says_so_until_the_user_names_it(sentinel) -> None:
    assert layer_notes.note(sentinel).unnamed
    assert "not named" in layer_notes.describe(layer_notes.note(sentinel))
    sentinel.setCustomProperty(PROPERTY_BANDS, "sentinel2-l2a")
    sentinel.setCustomProperty(PROPERTY_DATE, "2020-07-01")
    known = layer_notes.note(sentinel)
    assert (known.sensor, known.date, known.unnamed) == ("Sentinel-2", "2020-07-01", False)


@pytest.mark.parametrize("place", ["tags", "item"])
def test_the_bands_of_a_stac_item_are_known(qgis_app, tmp_path, place) -> None:
    """As the engine knows them: by name, common name or wavelength."""
    bands = [
        {"name": "x", "common_name": "nir08"}, {"name": "SR_B4", "common_name": "red"},
        {"name": "y", "center_wavelength": 2.2},
    ]
    path = tmp_path / "scene.tif"
    made = gdal.GetDriverByName("GTiff").Create(str(path), 10, 10, 3, gdal.GDT_Float32)
    if place == "tags":
        made.SetMetadataItem("eo:bands", json.dumps(bands))
    del made
    if place == "item":
        asset = {"href": "scene.tif", "eo:bands": bands}
        told = {"datetime": "2021-07-04T10:10:31Z"}
        item = {"type": "Feature", "stac_version": "1.0.0", "properties": told, "assets": {"data": asset}}
        path.with_suffix(".json").write_text(json.dumps(item), encoding="utf-8")
    layer = QgsRasterLayer(str(path), "scene")
    known = layer_notes.note(layer)
    assert [band.common for band in known.bands] == ["nir08", "red", "swir22"]
    assert all(band.known for band in known.bands)
    assert known.date == ("2021-07-04" if place == "item" else "")
    sip.delete(layer)


def test_what_is_no_date_is_shown_as_it_was_written(sentinel) -> None:
    sentinel.setCustomProperty(PROPERTY_DATE, "last summer")
    assert layer_notes.note(sentinel).date == "last summer"


def test_degrees_become_metres(qgis_app, tmp_path) -> None:
    from osgeo import gdal, osr

    path = str(tmp_path / "degrees.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 10, 10, 1, gdal.GDT_Float32)
    dataset.SetGeoTransform((10.0, 0.001, 0.0, 60.005, 0.0, -0.001))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(4326)
    dataset.SetProjection(reference.ExportToWkt())
    dataset.FlushCache()
    del dataset
    layer = QgsRasterLayer(path, "degrees")
    expected = 111.32 * math.sqrt(math.cos(math.radians(60.0)))
    assert layer_notes.gsd_metres(layer) == pytest.approx(expected, rel=1e-3)
    layer.setCrs(QgsCoordinateReferenceSystem())
    assert layer_notes.gsd_metres(layer) is None


@pytest.fixture
def layer_set(project):
    made = LayerSet(project)
    yield made
    made.close()
    made.deleteLater()


def test_the_active_raster_and_the_two_dates_are_proposed(layer_set, landsat) -> None:
    layer_set.propose(landsat[1])
    assert layer_set.get(Role.INPUT) == [landsat[1]]
    assert layer_set.get(Role.BEFORE) == [landsat[0]]
    assert layer_set.get(Role.AFTER) == [landsat[1]]
    layer_set.swap_dates()
    assert layer_set.get(Role.BEFORE) == [landsat[1]]


def test_results_are_not_proposed(layer_set, landsat) -> None:
    for layer in landsat:
        layer.setCustomProperty(layer_notes.RESULT, "OUTPUT")
    layer_set.propose(landsat[1])
    assert layer_set.get(Role.INPUT) == []
    assert layer_set.get(Role.BEFORE) == []


def test_order_is_kept_and_a_layer_is_in_once(layer_set, landsat) -> None:
    heard = []
    layer_set.changed.connect(heard.append)
    layer_set.add(Role.INPUT, landsat[1])
    layer_set.add(Role.INPUT, landsat[0])
    layer_set.add(Role.INPUT, landsat[1])
    assert layer_set.get(Role.INPUT) == [landsat[1], landsat[0]]
    layer_set.remove(Role.INPUT, landsat[1])
    assert layer_set.get(Role.INPUT) == [landsat[0]]
    assert heard == [Role.INPUT] * 4


def test_the_choice_is_saved_with_the_project(layer_set, landsat, project, tmp_path, settled) -> None:
    layer_set.set(Role.INPUT, [landsat[1], landsat[0]])
    names = [layer.name() for layer in landsat]
    assert project.write(str(tmp_path / "work.qgz"))
    project.clear()
    settled()
    assert layer_set.get(Role.INPUT) == []
    assert project.read(str(tmp_path / "work.qgz"))
    settled()
    assert [layer.name() for layer in layer_set.get(Role.INPUT)] == [names[1], names[0]]


def test_a_removed_layer_leaves_the_set(layer_set, landsat, project, settled) -> None:
    layer_set.set(Role.INPUT, list(landsat))
    heard = []
    layer_set.changed.connect(heard.append)
    kept = landsat[1].name()
    project.removeMapLayer(landsat[0].id())
    settled()
    assert [layer.name() for layer in layer_set.get(Role.INPUT)] == [kept]
    assert Role.INPUT in heard


def test_garbage_in_the_project_file_is_no_choice(layer_set, landsat) -> None:
    landsat[0].setCustomProperty("geofm/use/input", "first")
    assert layer_set.get(Role.INPUT) == []


def test_naming_the_bands_is_told(layer_set, sentinel) -> None:
    heard = []
    layer_set.changed.connect(heard.append)
    sentinel.setCustomProperty(PROPERTY_BANDS, "sentinel2-l2a")
    assert set(heard) == set(Role)
    heard.clear()
    sentinel.setCustomProperty("other/thing", 1)
    assert heard == []


@pytest.mark.parametrize(("kind", "named"), [(gdal.GDT_Byte, True), (gdal.GDT_UInt16, False)])
def test_a_photograph_needs_no_names(qgis_app, tmp_path, kind, named) -> None:
    """As the engine knows them: by their colours on the screen."""
    path = tmp_path / "photograph.tif"
    made = gdal.GetDriverByName("GTiff").Create(str(path), 10, 10, 3, kind, ["PHOTOMETRIC=RGB"])
    del made
    known = layer_notes.note(QgsRasterLayer(str(path), "photograph"))
    assert known.unnamed is not named
    assert [band.common for band in known.bands] == (["red", "green", "blue"] if named else ["", "", ""])
    assert {band.units for band in known.bands} == ({BYTE} if named else {RAW})


def test_bytes_that_are_scaled_are_reflectance(qgis_app, tmp_path) -> None:
    path = tmp_path / "photograph.tif"
    made = gdal.GetDriverByName("GTiff").Create(str(path), 10, 10, 3, gdal.GDT_Byte, ["PHOTOMETRIC=RGB"])
    del made
    layer = QgsRasterLayer(str(path), "photograph")
    layer.setCustomProperty(PROPERTY_SCALE, "0.004")
    assert {band.units for band in layer_notes.note(layer).bands} == {REFLECTANCE}


# --- what a layer is, and when it was taken -----------------------------------------------------


def test_what_a_layer_is_and_since_when_comes_with_where_it_is_from(landsat, sentinel) -> None:
    known = layer_notes.note(landsat[0])
    assert (known.modality.modality, known.modality.because) == ("landsat", "bands")
    assert known.dated == layer_notes.Dated("1999-11-18", "name")
    assert layer_notes.origins(known) == ["Landsat 4-7, from its bands", "Taken 1999-11-18, from its name"]
    assert layer_notes.describe(layer_notes.note(sentinel)) == "Sentinel-2? · 12 bands, not named"


def test_a_temporal_property_is_a_date(sentinel) -> None:
    day = QDate(2019, 7, 4)
    times = sentinel.temporalProperties()
    times.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
    times.setFixedTemporalRange(QgsDateTimeRange(QDateTime(day, QTime(0, 0)), QDateTime(day, QTime(23, 59))))
    times.setIsActive(True)
    assert layer_notes.dated(sentinel) == layer_notes.Dated("2019-07-04", "temporal")
    sentinel.setCustomProperty(PROPERTY_DATE, "2020-01-01")
    assert layer_notes.dated(sentinel) == layer_notes.Dated("2020-01-01", "said")


@pytest.fixture
def heights(project, settled, tmp_path) -> QgsRasterLayer:
    """An elevation model, and nothing in it that says so."""
    path = tmp_path / "x7.tif"
    made = gdal.GetDriverByName("GTiff").Create(str(path), 10, 10, 1, gdal.GDT_Int16)
    made.SetGeoTransform((500_000, 30, 0, 5_000_000, 0, -30))
    del made
    layer = QgsRasterLayer(str(path), "x7")
    project.addMapLayer(layer)
    settled()
    return layer


def test_what_the_user_says_a_layer_is_names_its_band(heights) -> None:
    assert layer_notes.note(heights).unnamed
    assert raster_source(heights).ref.names == ()
    editor = LayerEditor(heights)
    assert editor.kind.currentText() == "Not known"
    editor.kind.setCurrentIndex(editor.kind.findData("elevation"))
    editor.kind.activated.emit(editor.kind.currentIndex())
    assert editor.preview.text() == "1  DEM · elevation"
    assert stated_modality(heights) == ""
    editor.apply.click()
    assert stated_modality(heights) == "elevation"
    assert raster_source(heights).ref.names == ("DEM",)
    assert layer_notes.describe(layer_notes.note(heights)) == "Elevation · 1 band"
    assert layer_refs([heights])[0].bands == "DEM"
    again = LayerEditor(heights)
    assert again.kind.currentData() == "elevation"
    assert again.kind.itemText(0) == "Not known"
    again.kind.setCurrentIndex(0)
    again.apply.click()
    assert raster_source(heights).ref.names == ()


def test_radar_has_two_polarisations(qgis_app, tmp_path) -> None:
    path = tmp_path / "radar.tif"
    made = gdal.GetDriverByName("GTiff").Create(str(path), 10, 10, 2, gdal.GDT_Float32)
    del made
    layer = QgsRasterLayer(str(path), "radar")
    layer.setCustomProperty(PROPERTY_MODALITY, "sentinel-1")
    assert raster_source(layer).ref.names == ("VV", "VH")
    layer.setCustomProperty(PROPERTY_BANDS, "VH, VV")
    assert raster_source(layer).ref.names == ("VH", "VV")
    layer.setCustomProperty(PROPERTY_BANDS, "")
    layer.setCustomProperty(PROPERTY_MODALITY, "radar, I think")
    assert raster_source(layer).ref.names == ()


def test_what_a_layer_is_stays_in_the_project(heights, project, tmp_path, settled) -> None:
    heights.setCustomProperty(PROPERTY_MODALITY, "elevation")
    assert project.write(str(tmp_path / "work.qgz"))
    project.clear()
    assert project.read(str(tmp_path / "work.qgz"))
    settled()
    (layer,) = project.mapLayers().values()
    assert layer_notes.modality(layer).modality == "elevation"


def test_an_elevation_model_is_not_proposed_as_an_image(layer_set, heights, landsat) -> None:
    heights.setCustomProperty(PROPERTY_MODALITY, "elevation")
    heights.setCustomProperty(PROPERTY_DATE, "1990-01-01")
    layer_set.propose(heights)
    assert layer_set.get(Role.INPUT) in ([landsat[0]], [landsat[1]])
    assert layer_set.get(Role.BEFORE) == [landsat[0]]


def test_saying_what_a_layer_is_is_told(layer_set, sentinel) -> None:
    heard = []
    layer_set.changed.connect(heard.append)
    sentinel.setCustomProperty(PROPERTY_MODALITY, "sentinel-2")
    assert set(heard) == set(Role)


def test_a_series_is_shown_in_its_order(dock, landsat, settled) -> None:
    dock.desk.layers.set(Role.INPUT, [landsat[1], landsat[0]])
    settled()
    shown = [chip.about.text() for chip in dock.input_tray.chips()]
    assert shown == ["Landsat 4-7 · 8 bands · 1999-11-18", "Landsat 4-7 · 8 bands · 2002-04-16"]
    assert dock.desk.layers.get(Role.INPUT)[0] == landsat[1], "the first still gives the grid"
