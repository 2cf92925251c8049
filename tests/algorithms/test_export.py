"""Layers without a file of their own are copied, pixel for pixel, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsRasterRange,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from geofm.algorithms import session
from geofm.algorithms.export import Wish, materialise
from geofm.algorithms.layers import raster_source
from geofm.inference.bands import identify
from geofm.inference.errors import Cancelled, UnsupportedInput
from geofm.inference.jobs import Job, RasterRef

Copied = Callable[..., RasterRef]
UTM = QgsCoordinateReferenceSystem("EPSG:32615")


@pytest.fixture
def in_memory(qgis_app: object, landsat_path: Path) -> Iterator[QgsRasterLayer]:
    """The Landsat scene where no other process can open it."""
    gdal.Translate("/vsimem/LE70220491999322EDC01_stack.tif", str(landsat_path))
    layer = QgsRasterLayer("/vsimem/LE70220491999322EDC01_stack.tif", "LE70220491999322EDC01_stack")
    yield layer
    sip.delete(layer)
    gdal.Unlink("/vsimem/LE70220491999322EDC01_stack.tif")


@pytest.fixture
def copied(tmp_path: Path) -> Callable[..., RasterRef]:
    """``copied(layer, extent=..., ...)``: the layer's raster, copied into the test's folder if need be."""

    def copy(layer: QgsRasterLayer, feedback: QgsProcessingFeedback | None = None, **wish: Any) -> RasterRef:
        told = feedback or QgsProcessingFeedback()
        return materialise(raster_source(layer), Wish(**wish), str(tmp_path), told)

    return copy


def _pixels(path: str) -> np.ndarray:
    # Not ReadAsArray: QGIS's gdal_array and the tests' NumPy may not get on.
    data = gdal.Open(path)
    raw = data.ReadRaster(buf_type=gdal.GDT_Float64)
    return np.frombuffer(raw, np.float64).reshape(data.RasterCount, data.RasterYSize, data.RasterXSize)


def test_a_file_is_not_copied(copied: Copied, landsat: QgsRasterLayer, tmp_path: Path) -> None:
    assert copied(landsat, resolution=60.0) == raster_source(landsat).ref
    assert not list(tmp_path.iterdir())


def test_the_copy_is_the_same_raster(copied: Copied, in_memory: QgsRasterLayer, landsat_path: Path) -> None:
    ref = copied(in_memory)
    assert Path(ref.path).is_file()
    copy, original = gdal.Open(ref.path), gdal.Open(str(landsat_path))
    assert copy.GetGeoTransform() == original.GetGeoTransform()
    assert copy.GetRasterBand(1).GetNoDataValue() == -9999
    np.testing.assert_array_equal(_pixels(ref.path), _pixels(str(landsat_path)))


def test_the_copys_bands_are_still_told_apart(
    copied: Copied, in_memory: QgsRasterLayer, landsat_path: Path
) -> None:
    ref = copied(in_memory)

    def bands(path: str) -> list[str]:
        data = gdal.Open(path)
        names = [data.GetRasterBand(i + 1).GetDescription() for i in range(data.RasterCount)]
        return [band.common for band in identify(path, names)]

    assert bands(ref.path) == bands(str(landsat_path))
    assert bands(ref.path)[:4] == ["blue", "green", "red", "nir"]


def test_only_the_extent_is_copied_in_whole_pixels(copied: Copied, in_memory: QgsRasterLayer) -> None:
    # From inside the pixel (10, 20) to inside (39, 59): 30 x 40 pixels.
    area = QgsRectangle(462405 + 301, 1741815 - 60 * 30 + 3, 462405 + 1199, 1741815 - 601)
    ref = copied(in_memory, extent=QgsReferencedRectangle(area, UTM))
    copy = gdal.Open(ref.path)
    assert (copy.RasterXSize, copy.RasterYSize) == (30, 40)
    assert copy.GetGeoTransform()[::3] == (462405 + 300, 1741815 - 600)
    whole = _pixels("/vsimem/LE70220491999322EDC01_stack.tif")
    np.testing.assert_array_equal(_pixels(ref.path), whole[:, 20:60, 10:40])


def test_with_an_area_no_more_than_around_it_is_copied(
    in_memory: QgsRasterLayer,
    polygons: QgsVectorLayer,
    job_of: Callable[..., Job],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    polygons.selectByExpression("\"id\" in (0, 7)")
    area = QgsProcessingFeatureSourceDefinition(polygons.id(), True)
    out = str(tmp_path / "out.tif")
    run, found = session.run, []

    def look(job: Job, *rest: Any) -> Any:
        copy = gdal.Open(job.inputs[0].path)
        found.append((copy.GetGeoTransform()[::3], (copy.RasterXSize, copy.RasterYSize)))
        return run(job, *rest)

    monkeypatch.setattr(session, "run", look)
    job_of("cluster", INPUT=[in_memory], AREA=area, MODEL="spectral-texture", CLASSES=3, OUTPUT=out)
    # Squares of 90 m, the second a kilometre east and south of the first, which is at 300 m.
    assert found == [((462405 + 300, 1741815 - 300), (37, 37))]


def test_an_extent_elsewhere_is_refused(copied: Copied, in_memory: QgsRasterLayer) -> None:
    area = QgsReferencedRectangle(QgsRectangle(0, 0, 10, 10), UTM)
    with pytest.raises(UnsupportedInput, match="outside"):
        copied(in_memory, extent=area)


def test_a_range_of_nodata_is_nodata_in_the_copy(
    copied: Copied, landsat: QgsRasterLayer, landsat_path: Path
) -> None:
    for band in range(1, 9):
        landsat.dataProvider().setUserNoDataValue(band, [QgsRasterRange(0, 400)])
    ref = copied(landsat)
    written = gdal.Open(ref.path)
    nodata = written.GetRasterBand(1).GetNoDataValue()
    original, copy = _pixels(str(landsat_path))[0], _pixels(ref.path)[0]
    low = (original >= 0) & (original <= 400)
    assert 0 < low.sum() < low.size
    np.testing.assert_array_equal(copy == nodata, low | (original == -9999))


def test_the_layers_own_crs_is_written(copied: Copied, in_memory: QgsRasterLayer) -> None:
    in_memory.setCrs(QgsCoordinateReferenceSystem("EPSG:32616"))
    ref = copied(in_memory)
    written = QgsRasterLayer(ref.path, "x").crs()
    assert written.authid() == "EPSG:32616"


def test_a_cancelled_copy_leaves_no_file(
    copied: Copied, in_memory: QgsRasterLayer, tmp_path: Path
) -> None:
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    with pytest.raises(Cancelled):
        copied(in_memory, feedback)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_gdal_reads_keeps_its_own_pixels(copied: Copied, in_memory: QgsRasterLayer) -> None:
    """A resolution is for layers that leave it open."""
    assert gdal.Open(copied(in_memory, resolution=90.0).path).RasterXSize == 250
