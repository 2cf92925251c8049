"""What the tests of the algorithms share: layers, and jobs caught before they leave.

What is tested here is how QGIS's layers become jobs, not what the pixels say: a raster made here,
with the looks of a real one on the disk, does for that, and is there in every clone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from geofm.algorithms import session
from geofm.algorithms.base import JobAlgorithm
from geofm.algorithms.provider import register, unregister
from geofm.inference.jobs import Job, Result

CLASSES = {"forest": 11, "water": 5, "herbaceous": 8, "barren": 4, "urban": 2}


def _srs() -> osr.SpatialReference:
    made = osr.SpatialReference()
    made.ImportFromEPSG(32615)
    return made


def _write_scene(path: Path) -> Path:
    """A raster as a Landsat 7 stack is on the disk: names, nodata, grid and range of its numbers."""
    made = gdal.GetDriverByName("GTiff").Create(str(path), 250, 250, 8, gdal.GDT_Int16)
    made.SetGeoTransform((462405, 30, 0, 1741815, 0, -30))
    made.SetSpatialRef(_srs())
    chosen = np.random.default_rng(zlib.crc32(path.name.encode()))
    names = [f"band {number} reflectance" for number in (1, 2, 3, 4, 5, 7)]
    for index, name in enumerate([*names, "band 6 temperature", ""], 1):
        band = made.GetRasterBand(index)
        band.SetDescription(name)
        band.SetNoDataValue(-9999)
        values = chosen.integers(0, 5, (250, 250)) if index == 8 else chosen.normal(450, 140, (250, 250))
        # Not WriteArray: QGIS's gdal_array and the tests' NumPy may not get on.
        band.WriteRaster(0, 0, 250, 250, values.round().clip(0).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="session")
def landsat_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write_scene(tmp_path_factory.mktemp("landsat") / "LE70220491999322EDC01_stack.gtif")


@pytest.fixture(scope="session")
def later_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write_scene(tmp_path_factory.mktemp("later") / "LE70220492002106EDC00_stack.gtif")


@pytest.fixture(scope="session")
def polygons_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty labelled squares on the scene."""
    path = tmp_path_factory.mktemp("polygons") / "training_data.shp"
    made = ogr.GetDriverByName("ESRI Shapefile").CreateDataSource(str(path))
    layer = made.CreateLayer("training_data", _srs(), ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("id", ogr.OFTInteger64))
    layer.CreateField(ogr.FieldDefn("class", ogr.OFTString))
    labels = [name for name, count in CLASSES.items() for _ in range(count)]
    for number, label in enumerate(labels):
        left, top = 462705 + number % 6 * 1000, 1741515 - number // 6 * 1000
        ring = ", ".join(f"{left + dx} {top - dy}" for dx, dy in ((0, 0), (90, 0), (90, 90), (0, 90), (0, 0)))
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetField("id", number)
        feature.SetField("class", label)
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
        layer.CreateFeature(feature)
    return path


@pytest.fixture
def landsat(qgis_app: Any, landsat_path: Path) -> Iterator[QgsRasterLayer]:
    layer = QgsRasterLayer(str(landsat_path), "landsat")
    assert layer.isValid()
    yield layer
    # pytest keeps the last test's fixtures until after QGIS has ended, which is too late.
    sip.delete(layer)


@pytest.fixture
def polygons(qgis_app: Any, polygons_path: Path) -> Iterator[QgsVectorLayer]:
    layer = QgsVectorLayer(str(polygons_path), "polygons", "ogr")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    yield layer
    QgsProject.instance().clear()


@pytest.fixture
def provider(qgis_app: Any) -> Iterator[Any]:
    """The provider, registered as the plugin does it."""
    registered = register()
    yield registered
    unregister(registered)


@pytest.fixture
def context(qgis_app: Any) -> Iterator[QgsProcessingContext]:
    made = QgsProcessingContext()
    made.setProject(QgsProject.instance())
    yield made
    sip.delete(made)


@pytest.fixture
def job_of(
    provider: Any, context: QgsProcessingContext, log: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Job]:
    """Run an algorithm up to the wire and answer the job that would have been sent."""
    sent: list[Job] = []

    def catch(job: Job, feedback: QgsProcessingFeedback, share: session.Share) -> Result:
        sent.append(job)
        return Result(job.outputs(), "model", "cpu", "A test.", 1, 1.0)

    monkeypatch.setattr(session, "run", catch)

    def build(name: str, **values: Any) -> Job:
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"geofm:{name}")
        assert isinstance(algorithm, JobAlgorithm)
        fits, sentence = algorithm.checkParameterValues(values, context)
        if not fits:
            raise algorithm.failure or AssertionError(sentence)
        if algorithm.prepare(values, context, log):
            algorithm.runPrepared(values, context, log)
        if algorithm.failure:
            raise algorithm.failure
        return sent.pop()

    return build
