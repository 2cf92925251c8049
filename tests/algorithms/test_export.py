"""Layers without a file of their own are copied, pixel for pixel, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsRasterRange,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.PyQt import sip

from geofm.algorithms.export import materialise
from geofm.algorithms.layers import raster_source
from geofm.inference.bands import identify
from geofm.inference.errors import Cancelled, UnsupportedInput

UTM = QgsCoordinateReferenceSystem("EPSG:32615")


@pytest.fixture
def in_memory(qgis_app: object, landsat_path: Path) -> Iterator[QgsRasterLayer]:
    """The Landsat scene where no other process can open it."""
    gdal.Translate("/vsimem/LE70220491999322EDC01_stack.tif", str(landsat_path))
    layer = QgsRasterLayer("/vsimem/LE70220491999322EDC01_stack.tif", "LE70220491999322EDC01_stack")
    yield layer
    sip.delete(layer)
    gdal.Unlink("/vsimem/LE70220491999322EDC01_stack.tif")


def _pixels(path: str) -> np.ndarray:
    # Not ReadAsArray: QGIS's gdal_array and the tests' NumPy may not get on.
    data = gdal.Open(path)
    raw = data.ReadRaster(buf_type=gdal.GDT_Float64)
    return np.frombuffer(raw, np.float64).reshape(data.RasterCount, data.RasterYSize, data.RasterXSize)


def test_a_file_is_not_copied(landsat: QgsRasterLayer) -> None:
    source = raster_source(landsat)
    assert materialise(source, None, QgsProcessingFeedback()) is source.ref


def test_the_copy_is_the_same_raster(in_memory: QgsRasterLayer, landsat_path: Path) -> None:
    ref = materialise(raster_source(in_memory), None, QgsProcessingFeedback())
    assert Path(ref.path).is_file()
    copy, original = gdal.Open(ref.path), gdal.Open(str(landsat_path))
    assert copy.GetGeoTransform() == original.GetGeoTransform()
    assert copy.GetRasterBand(1).GetNoDataValue() == -9999
    np.testing.assert_array_equal(_pixels(ref.path), _pixels(str(landsat_path)))


def test_the_copys_bands_are_still_told_apart(in_memory: QgsRasterLayer, landsat_path: Path) -> None:
    ref = materialise(raster_source(in_memory), None, QgsProcessingFeedback())

    def bands(path: str) -> list[str]:
        data = gdal.Open(path)
        names = [data.GetRasterBand(i + 1).GetDescription() for i in range(data.RasterCount)]
        return [band.common for band in identify(path, names)]

    assert bands(ref.path) == bands(str(landsat_path))
    assert bands(ref.path)[:4] == ["blue", "green", "red", "nir"]


def test_only_the_extent_is_copied_in_whole_pixels(in_memory: QgsRasterLayer) -> None:
    # From inside the pixel (10, 20) to inside (39, 59): 30 x 40 pixels.
    area = QgsRectangle(462405 + 301, 1741815 - 60 * 30 + 3, 462405 + 1199, 1741815 - 601)
    ref = materialise(
        raster_source(in_memory), QgsReferencedRectangle(area, UTM), QgsProcessingFeedback()
    )
    copy = gdal.Open(ref.path)
    assert (copy.RasterXSize, copy.RasterYSize) == (30, 40)
    assert copy.GetGeoTransform()[::3] == (462405 + 300, 1741815 - 600)
    whole = _pixels("/vsimem/LE70220491999322EDC01_stack.tif")
    np.testing.assert_array_equal(_pixels(ref.path), whole[:, 20:60, 10:40])


def test_an_extent_elsewhere_is_refused(in_memory: QgsRasterLayer) -> None:
    area = QgsReferencedRectangle(QgsRectangle(0, 0, 10, 10), UTM)
    with pytest.raises(UnsupportedInput, match="outside"):
        materialise(raster_source(in_memory), area, QgsProcessingFeedback())


def test_a_range_of_nodata_is_nodata_in_the_copy(landsat: QgsRasterLayer, landsat_path: Path) -> None:
    for band in range(1, 9):
        landsat.dataProvider().setUserNoDataValue(band, [QgsRasterRange(0, 400)])
    ref = materialise(raster_source(landsat), None, QgsProcessingFeedback())
    written = gdal.Open(ref.path)
    nodata = written.GetRasterBand(1).GetNoDataValue()
    original, copy = _pixels(str(landsat_path))[0], _pixels(ref.path)[0]
    low = (original >= 0) & (original <= 400)
    assert 0 < low.sum() < low.size
    np.testing.assert_array_equal(copy == nodata, low | (original == -9999))


def test_the_layers_own_crs_is_written(in_memory: QgsRasterLayer) -> None:
    in_memory.setCrs(QgsCoordinateReferenceSystem("EPSG:32616"))
    ref = materialise(raster_source(in_memory), None, QgsProcessingFeedback())
    written = QgsRasterLayer(ref.path, "x").crs()
    assert written.authid() == "EPSG:32616"


def test_a_cancelled_copy_leaves_no_file(in_memory: QgsRasterLayer, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    from geofm.algorithms import export

    original = export.QgsProcessingUtils.generateTempFilename
    monkeypatch.setattr(
        export.QgsProcessingUtils,
        "generateTempFilename",
        lambda name: made.append(original(name)) or made[-1],
    )
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    with pytest.raises(Cancelled):
        materialise(raster_source(in_memory), None, feedback)
    assert made
    assert not Path(made[0]).exists()


@pytest.fixture
def web_map(qgis_app: object, tmp_path: Path) -> Iterator[QgsRasterLayer]:
    """A tiled web map out of files: the whole world in one red tile a level."""
    for level in (0, 1):
        for column in range(2**level):
            for row in range(2**level):
                tile = tmp_path / str(level) / str(column) / f"{row}.png"
                tile.parent.mkdir(parents=True, exist_ok=True)
                made = gdal.GetDriverByName("MEM").Create("", 256, 256, 3)
                made.GetRasterBand(1).Fill(200)
                gdal.GetDriverByName("PNG").CreateCopy(str(tile), made)
    url = f"file://{tmp_path}/{{z}}/{{x}}/{{y}}.png"
    layer = QgsRasterLayer(f"type=xyz&zmin=0&zmax=1&url={url}", "web", "wms")
    assert layer.isValid()
    yield layer
    sip.delete(layer)


def test_a_web_map_needs_an_extent(web_map: QgsRasterLayer) -> None:
    with pytest.raises(UnsupportedInput, match="web is a web map") as caught:
        materialise(raster_source(web_map), None, QgsProcessingFeedback())
    assert "extent" in caught.value.hint


def test_a_web_map_is_copied_as_it_is_drawn(web_map: QgsRasterLayer) -> None:
    area = QgsReferencedRectangle(
        QgsRectangle(0, 0, 10_000_000, 10_000_000), QgsCoordinateReferenceSystem("EPSG:3857")
    )
    ref = materialise(raster_source(web_map), area, QgsProcessingFeedback())
    pixels = _pixels(ref.path)
    assert pixels.shape[0] == 4
    assert 64 <= pixels.shape[1] <= 2048
    assert (pixels[0] == 200).all()
