"""A layer as QGIS shows it becomes the raster that a job names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsRasterLayer,
    QgsRasterRange,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, Qt

from geofm.algorithms.layers import (
    PROPERTY_BANDS,
    PROPERTY_DATE,
    PROPERTY_OFFSET,
    PROPERTY_SCALE,
    RasterSource,
    Stated,
    checked_date,
    raster_source,
    with_stated,
)
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import RasterRef

Source = Callable[..., RasterSource]


def test_a_plain_file_is_named_and_nothing_is_claimed(
    landsat: QgsRasterLayer, landsat_path: Path
) -> None:
    source = raster_source(landsat)
    assert source.ref == RasterRef(str(landsat_path))
    assert (source.bands, source.provider) == (8, None)


def test_a_relative_path_becomes_absolute(
    qgis_app: object, landsat_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(landsat_path, tmp_path / "here.tif")
    monkeypatch.chdir(tmp_path)
    assert raster_source(QgsRasterLayer("here.tif", "x")).ref.path == str(tmp_path / "here.tif")


def test_harmless_open_options_are_left_out(qgis_app: object, landsat_path: Path) -> None:
    layer = QgsRasterLayer(f"{landsat_path}|option:NUM_THREADS=2", "x")
    assert raster_source(layer).ref.path == str(landsat_path)


def test_other_open_options_need_a_copy(qgis_app: object, landsat_path: Path) -> None:
    layer = QgsRasterLayer(f"{landsat_path}|option:GEOREF_SOURCES=NONE", "x")
    assert layer.isValid()
    assert raster_source(layer).provider is not None


def test_a_subdataset_keeps_its_name(qgis_app: object, landsat_path: Path, tmp_path: Path) -> None:
    package = tmp_path / "two.gpkg"
    for name in ("first", "second"):
        gdal.Translate(
            str(package), str(landsat_path), format="GPKG", outputType=gdal.GDT_Byte, bandList=[1],
            creationOptions=[f"RASTER_TABLE={name}", "APPEND_SUBDATASET=YES"],
        )
    layer = QgsRasterLayer(f"GPKG:{package}:second", "x")
    assert layer.isValid()
    path = raster_source(layer).ref.path
    assert path == f"GPKG:{package}:second"
    assert gdal.Open(path).RasterCount in (1, 3, 4)


def test_a_vrt_stays_a_vrt(qgis_app: object, landsat_path: Path, tmp_path: Path) -> None:
    gdal.BuildVRT(str(tmp_path / "x.vrt"), [str(landsat_path)]).FlushCache()
    layer = QgsRasterLayer(str(tmp_path / "x.vrt"), "x")
    assert raster_source(layer).ref.path == str(tmp_path / "x.vrt")


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        ("EPSG:32616", "EPSG:32616"),
        ("PROJ:+proj=laea +lat_0=10 +lon_0=-90 +datum=WGS84 +units=m", "PROJCRS"),
    ],
)
def test_a_layer_with_another_crs_says_so(landsat: QgsRasterLayer, crs: str, expected: str) -> None:
    landsat.setCrs(QgsCoordinateReferenceSystem(crs))
    assert raster_source(landsat).ref.crs.startswith(expected)


def test_the_layers_extra_nodata_value(landsat: QgsRasterLayer) -> None:
    for band in range(1, 9):
        landsat.dataProvider().setUserNoDataValue(band, [QgsRasterRange(255, 255)])
    source = raster_source(landsat)
    assert (source.ref.nodata, source.provider) == (255.0, None)


@pytest.mark.parametrize("case", ["range", "one band", "switched off"])
def test_nodata_settings_that_a_job_cannot_say_need_a_copy(landsat: QgsRasterLayer, case: str) -> None:
    provider = landsat.dataProvider()
    if case == "range":
        for band in range(1, 9):
            provider.setUserNoDataValue(band, [QgsRasterRange(0, 10)])
    elif case == "one band":
        provider.setUserNoDataValue(1, [QgsRasterRange(7, 7)])
    else:
        provider.setUseSourceNoDataValue(1, False)
    source = raster_source(landsat)
    assert source.provider is not None
    assert source.ref.nodata is None


def test_custom_properties_are_heard(landsat: QgsRasterLayer) -> None:
    landsat.setCustomProperty(PROPERTY_BANDS, "B02,B03,B04,B08,-,-,-,-")
    landsat.setCustomProperty(PROPERTY_SCALE, "0.0001")
    landsat.setCustomProperty(PROPERTY_OFFSET, -0.1)
    landsat.setCustomProperty(PROPERTY_DATE, "1999-11-18")
    ref = raster_source(landsat).ref
    assert ref.names == ("B02", "B03", "B04", "B08", "-", "-", "-", "-")
    assert (ref.scale, ref.offset, ref.acquired) == (0.0001, -0.1, "1999-11-18")


@pytest.mark.parametrize("key", [PROPERTY_SCALE, PROPERTY_OFFSET])
def test_a_scale_or_offset_that_is_no_number_is_refused(landsat: QgsRasterLayer, key: str) -> None:
    landsat.setCustomProperty(key, "much")
    with pytest.raises(InvalidRequest, match="much.*landsat"):
        raster_source(landsat)


def test_the_date_comes_from_the_temporal_properties(landsat: QgsRasterLayer) -> None:
    times = landsat.temporalProperties()
    times.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
    times.setFixedTemporalRange(
        QgsDateTimeRange(
            QDateTime.fromString("2024-07-01T00:00:00", Qt.DateFormat.ISODate),
            QDateTime.fromString("2024-07-31T00:00:00", Qt.DateFormat.ISODate),
        )
    )
    assert raster_source(landsat).ref.acquired == ""
    times.setIsActive(True)
    assert raster_source(landsat).ref.acquired == "2024-07-16"


def test_broken_layers_and_vectors_are_refused(qgis_app: object, polygons: QgsVectorLayer) -> None:
    for layer in (QgsRasterLayer("/nowhere.tif", "gone"), polygons, None):
        with pytest.raises(UnsupportedInput, match="not a readable raster"):
            raster_source(layer)


@pytest.mark.parametrize("text", ["2024-7-1", "20240701", "July", "2024-02-30"])
def test_what_is_no_iso_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=f"{text} is not a date"):
        checked_date(text)


def _sources(*counts: int) -> list[RasterSource]:
    crs = QgsCoordinateReferenceSystem()
    return [RasterSource(RasterRef(f"{i}.tif"), f"layer {i}", n, None, crs) for i, n in enumerate(counts)]


@pytest.mark.parametrize(
    ("counts", "text", "expected"),
    [
        ((4,), "sentinel2-10m", [("B02", "B03", "B04", "B08")]),
        ((1, 1, 2), "B02,B03,B04,B08", [("B02",), ("B03",), ("B04", "B08")]),
        ((2, 2), "VV,VH", [("VV", "VH"), ("VV", "VH")]),
        ((4, 2), "sentinel2-10m; VV,VH", [("B02", "B03", "B04", "B08"), ("VV", "VH")]),
        ((4, 2), "; VV,VH", [(), ("VV", "VH")]),
    ],
)
def test_band_names_are_dealt_out_to_layers(
    counts: tuple[int, ...], text: str, expected: list[tuple[str, ...]]
) -> None:
    assert [s.ref.names for s in with_stated(_sources(*counts), Stated(text))] == expected


@pytest.mark.parametrize(
    ("counts", "text", "message"),
    [
        ((8,), "sentinel2-10m", "4 bands are named, but the layer layer 0 has 8"),
        ((2, 3), "VV,VH", "layer 1 has 3"),
        ((2, 2), "VV,VH;VV,VH;VV", "describes 3 layers, but there are 2"),
    ],
)
def test_band_names_that_do_not_fit_are_refused(
    counts: tuple[int, ...], text: str, message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message):
        with_stated(_sources(*counts), Stated(text))


def test_parameters_win_over_the_layers_own_word(landsat: QgsRasterLayer) -> None:
    landsat.setCustomProperty(PROPERTY_SCALE, "0.5")
    landsat.setCustomProperty(PROPERTY_OFFSET, "-0.1")
    landsat.setCustomProperty(PROPERTY_DATE, "1999-11-18")
    [source] = with_stated([raster_source(landsat)], Stated("", 0.0001, 0.0, "2000-01-01"))
    assert (source.ref.scale, source.ref.offset, source.ref.acquired) == (0.0001, 0.0, "2000-01-01")
    [source] = with_stated([raster_source(landsat)], Stated())
    assert (source.ref.scale, source.ref.offset, source.ref.acquired) == (0.5, -0.1, "1999-11-18")
