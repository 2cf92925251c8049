"""Several layers through the doors: one of them with a gap, and what each was good for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsRasterLayer, QgsVectorLayer

from geofm import api


@pytest.fixture(scope="module")
def radar(paint: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The painted scene, and a radar image of it with twice its pixel size and nothing in its left third."""
    folder = tmp_path_factory.mktemp("layers")
    scene = paint(folder / "scene.tif")
    dataset = gdal.Open(str(scene))
    left, size, _, top, _, down = dataset.GetGeoTransform()
    cols, rows = dataset.RasterXSize // 2, dataset.RasterYSize // 2
    made = gdal.GetDriverByName("GTiff").Create(
        str(folder / "radar.tif"), cols, rows, 2, gdal.GDT_Float32
    )
    made.SetGeoTransform((left, 2 * size, 0, top, 0, 2 * down))
    made.SetProjection(dataset.GetProjection())
    power = np.random.default_rng(0).normal(-12, 1, (2, rows, cols))
    power[:, :, : cols // 3] = -9999
    for number, name in enumerate(("VV", "VH"), 1):
        band = made.GetRasterBand(number)
        band.SetNoDataValue(-9999)
        band.SetDescription(name)
        band.WriteArray(power[number - 1].astype("float32"))
    made = None
    return scene, folder / "radar.tif"


def test_a_script_teaches_and_maps_layers_of_which_one_has_a_gap(
    processing: Any, radar: tuple[Path, Path], points: Any, tmp_path: Path
) -> None:
    scene, power = radar
    layers = [QgsRasterLayer(str(path), path.stem) for path in (scene, power)]
    samples = QgsVectorLayer(str(points(tmp_path / "points.gpkg", scene)), "samples", "ogr")
    report = tmp_path / "report.html"
    taught = api.train(
        layers, samples, "cover", method="fast", what_helped=True, report=str(report),
        output=str(tmp_path / "c.geofm"),
    )
    assert "<h2>What helped</h2>" in report.read_text(encoding="utf-8")
    mapped = api.classify(layers, taught.output, output=str(tmp_path / "map.tif"), load=False)
    # A band does not outlive its dataset.
    map_file, scene_file = gdal.Open(str(mapped.output)), gdal.Open(str(scene))
    found = map_file.ReadAsArray()
    valid = scene_file.GetRasterBand(1).ReadAsArray() > 0
    assert (found > 0)[valid].mean() > 0.99, "the first layer says where there is a map"
