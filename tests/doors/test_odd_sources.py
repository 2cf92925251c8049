"""Layers that are no plain GeoTIFF: containers of several datasets, half floats, computed layers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProject, QgsRasterLayer

BANDS = ("B02", "B03", "B04", "B08")
EACH = ";".join(BANDS)


@pytest.fixture
def usual(paint: Any, tmp_path: Path) -> Path:
    return paint(tmp_path / "usual.tif")


@pytest.fixture
def classified(toolbox: Any, taught: Path, read_map: Any, log: Any, tmp_path: Path) -> Callable[..., Any]:
    """The class map of some layers."""

    def run(layers: list[Any], **more: Any) -> Any:
        out = str(tmp_path / f"map{len(list(tmp_path.glob('map*.tif')))}.tif")
        values = {"INPUT": layers, "CLASSIFIER": str(taught), "OUTPUT": out, **more}
        return read_map(toolbox.run("geofm:classify", values, feedback=log)["OUTPUT"])

    return run


def needs(driver: str) -> Any:
    found = gdal.GetDriverByName(driver)
    if found is None:
        pytest.skip(f"QGIS's GDAL has no driver {driver}")
    return found


def test_subdatasets_of_a_netcdf_file(classified: Any, usual: Path, tmp_path: Path) -> None:
    path = tmp_path / "scene of two words.nc"
    needs("netCDF").CreateCopy(str(path), gdal.Open(str(usual)), options=["FORMAT=NC4"])
    layers = [f'NETCDF:"{path}":Band{number}' for number in (1, 2, 3, 4)]
    mapped, expected = classified(layers, BANDS=EACH), classified([str(usual)])
    np.testing.assert_array_equal(mapped.values, expected.values)
    assert mapped.grid[0] == pytest.approx(expected.grid[0])


def test_subdatasets_of_an_hdf5_file(classified: Any, usual: Path, tmp_path: Path) -> None:
    needs("HDF5")
    path = tmp_path / "scene.h5"
    # What is in this version of netCDF is HDF5.
    needs("netCDF").CreateCopy(str(path), gdal.Open(str(usual)), options=["FORMAT=NC4"])
    layers = [f'HDF5:"{path}"://Band{number}' for number in (1, 2, 3, 4)]
    mapped = classified(layers, BANDS=EACH)
    # A plain HDF5 dataset says nothing of its place, and netCDF writes from the bottom up.
    np.testing.assert_array_equal(mapped.values[::-1], classified([str(usual)]).values)


def test_a_file_of_several_datasets_names_them(
    refused: Any, taught: Path, usual: Path, tmp_path: Path
) -> None:
    path = tmp_path / "scene.nc"
    needs("netCDF").CreateCopy(str(path), gdal.Open(str(usual)), options=["FORMAT=NC4"])
    out = str(tmp_path / "map.tif")
    assert "Band4" in refused("classify", INPUT=[str(path)], CLASSIFIER=str(taught), OUTPUT=out)


def test_hdf4_is_copied_by_qgis(classified: Any, usual: Path, tmp_path: Path) -> None:
    """The engine's GDAL cannot read it."""
    path = tmp_path / "scene.hdf"
    needs("HDF4Image").CreateCopy(str(path), gdal.Open(str(usual)))
    mapped = classified([str(path)], BANDS=",".join(BANDS))
    np.testing.assert_array_equal(mapped.values, classified([str(usual)]).values)


def test_the_engine_by_itself_says_that_it_does_not_read_hdf4(
    usual: Path, engine_python: Path, plugins: Path, taught: Path, tmp_path: Path
) -> None:
    path = tmp_path / "scene.hdf"
    needs("HDF4Image").CreateCopy(str(path), gdal.Open(str(usual)))
    job = {"task": "classify", "inputs": [{"path": str(path)}], "classifier": str(taught)}
    (tmp_path / "job.json").write_text(
        json.dumps({"geofm": 1, "job": {**job, "output": str(tmp_path / "map.tif")}}), encoding="utf-8"
    )
    done = subprocess.run(
        [str(engine_python), "-m", "geofm", "run", str(tmp_path / "job.json")],
        cwd=plugins, capture_output=True, text=True, check=False, timeout=120,
    )
    assert done.returncode == 1
    assert "scene.hdf cannot be opened as a raster." in done.stderr + done.stdout
    assert "make it a GeoTIFF" in done.stderr + done.stdout


def test_half_floats(classified: Any, usual: Path, tmp_path: Path) -> None:
    """Numbers of 16 bits, which keep three digits of a reflectance."""
    path = tmp_path / "half.tif"
    options = ["NBITS=16", "COMPRESS=DEFLATE"]
    gdal.Translate(
        str(path), str(usual), outputType=gdal.GDT_Float32, creationOptions=options,
        scaleParams=[[0, 10000, 0, 1]] * 4,
    )
    data = gdal.Open(str(path))
    band = data.GetRasterBand(1)
    # From GDAL 3.11 on it is a type of its own.
    half = gdal.GetDataTypeName(band.DataType) == "Float16"
    assert half or band.GetMetadataItem("NBITS", "IMAGE_STRUCTURE") == "16"
    mapped, expected = classified([str(path)]), classified([str(usual)], SCALE=1e-4)
    assert (mapped.values == expected.values).mean() > 0.99
    assert mapped.right() > 0.97


def test_layers_that_qgis_computes(classified: Any, usual: Path, tmp_path: Path) -> None:
    west, step, _, north, _, _ = gdal.Open(str(usual)).GetGeoTransform()
    place = f"{west},{north - 90 * step},{west + 120 * step},{north}"
    layers = []
    for number, name in enumerate(BANDS, 1):
        uri = (
            f"?crs=EPSG:32633&extent={place}&width=120&height=90&formula=%22scene%40{number}%22%20%2B%200"
            f"&scene:uri={usual}&scene:provider=gdal"
        )
        layer = QgsRasterLayer(uri, name, "virtualraster")
        assert layer.isValid()
        QgsProject.instance().addMapLayer(layer)
        layers.append(layer.id())
    # They are floats, of which nobody guesses that they are reflectance times 10000.
    mapped, expected = classified(layers, BANDS=EACH, SCALE=1e-4), classified([str(usual)], SCALE=1e-4)
    np.testing.assert_array_equal(mapped.values, expected.values)
    assert mapped.grid == expected.grid
