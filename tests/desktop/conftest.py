"""The scene of the story: two Landsat dates with labelled polygons, the real ones where they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr, osr

SIDE, PIXEL, WEST, NORTH = 250, 30.0, 462405.0, 1741815.0
DATES = {"LE70220491999322EDC01_stack.gtif": 1, "LE70220492002106EDC00_stack.gtif": 2}
SAMPLES = "training_data.shp"
BANDS = [f"band {number} reflectance" for number in (1, 2, 3, 4, 5, 7)] + ["band 6 temperature", "Band 8"]
# Reflectance times 10000 in the six bands, as land covers have it about.
SPECTRA = {
    "barren": (1100, 1400, 1900, 2500, 3300, 2700),
    "forest": (400, 600, 400, 3000, 1300, 500),
    "herbaceous": (600, 900, 700, 3800, 2400, 1200),
    "urban": (1400, 1600, 1800, 2200, 2300, 2000),
    "water": (700, 600, 400, 200, 100, 60),
}


@pytest.fixture(scope="module")
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own with the scene, for QGIS writes its statistics beside a raster.

    Without the sample imagery it is a made scene of the same names, grid and bands.
    """
    folder = tmp_path_factory.mktemp("scene")
    try:
        found = request.getfixturevalue("samples") / "landsat7-two-dates"
    except pytest.skip.Exception:
        _make(folder)
    else:
        for name in os.listdir(found):
            shutil.copyfile(found / name, folder / name)
    return folder


def _make(folder: Path) -> None:
    random = np.random.default_rng(20)
    cover = _patches(random)
    for name, date in DATES.items():
        if date == 2:
            cover = cover.copy()
            cover[60:110, 140:200] = list(SPECTRA).index("barren")
        _write_scene(folder / name, cover, random)
    _write_samples(folder / SAMPLES, cover, random)


def _patches(random: np.random.Generator) -> np.ndarray:
    """A class for each pixel, in blocks of ten by ten."""
    coarse = random.integers(0, len(SPECTRA), (SIDE // 10, SIDE // 10))
    return np.kron(coarse, np.ones((10, 10), dtype=int))


def _write_scene(path: Path, cover: np.ndarray, random: np.random.Generator) -> None:
    raster = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, len(BANDS), gdal.GDT_Int16)
    raster.SetGeoTransform((WEST, PIXEL, 0.0, NORTH, 0.0, -PIXEL))
    raster.SetProjection(_crs().ExportToWkt())
    spectra = np.array(list(SPECTRA.values()))
    for number, title in enumerate(BANDS, 1):
        values = np.full((SIDE, SIDE), 2700 if number == 7 else 0)
        if number <= spectra.shape[1]:
            values = spectra[cover, number - 1] + random.normal(0, 60, cover.shape)
        raster.GetRasterBand(number).WriteArray(values.clip(0).astype(np.int16))
        raster.GetRasterBand(number).SetDescription(title)


def _write_samples(path: Path, cover: np.ndarray, random: np.random.Generator) -> None:
    """Six squares of four by four pixels a class."""
    source = ogr.GetDriverByName("ESRI Shapefile").CreateDataSource(str(path))
    layer = source.CreateLayer("training_data", _crs(), ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("class", ogr.OFTString))
    for index, name in enumerate(SPECTRA):
        rows, cols = np.nonzero(cover[3::10, 3::10] == index)
        for at in random.choice(len(rows), 6, replace=False):
            west, north = WEST + PIXEL * (10 * cols[at] + 3), NORTH - PIXEL * (10 * rows[at] + 3)
            east, south = west + 4 * PIXEL, north - 4 * PIXEL
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetField("class", name)
            ring = f"{west} {north}, {east} {north}, {east} {south}, {west} {south}, {west} {north}"
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
            layer.CreateFeature(feature)


def _crs() -> osr.SpatialReference:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32615)
    return crs
