"""Files are opened alike whether or not GDAL raises; newer QGIS tells it to, for the whole session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import QgsRasterLayer

from geofm.algorithms.datasets import open_or_none
from geofm.algorithms.label_layer import LabelFile
from geofm.algorithms.series import read_folder
from geofm.inference.errors import GeoFMError, UnsupportedInput


@pytest.fixture(params=[False, True], ids=["silent", "raising"])
def gdal_raises(request: pytest.FixtureRequest) -> Iterator[None]:
    before = gdal.GetUseExceptions()
    if before and not request.param:
        pytest.skip("GDAL raises in this session already")
    (gdal.UseExceptions if request.param else gdal.DontUseExceptions)()
    yield
    if not before:
        gdal.DontUseExceptions()


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "2024-07-31.tif"
    path.write_text("no raster", encoding="utf-8")
    return path


def test_what_cannot_be_opened_is_none(gdal_raises: None, text_file: Path, landsat_path: Path) -> None:
    assert open_or_none(str(text_file)) is None
    assert open_or_none(str(text_file.with_name("nowhere.tif"))) is None
    assert open_or_none(str(landsat_path), gdal.OF_VECTOR, ["GPKG"]) is None
    assert open_or_none(str(landsat_path)).RasterCount == 8


def test_an_algorithm_says_so_in_a_sentence(
    gdal_raises: None, job_of: Callable[..., Any], text_file: Path
) -> None:
    for path in (text_file, text_file.with_name("nowhere.tif")):
        values = {"INPUT": [str(path)], "MODEL": "spectral-texture", "CLASSES": 3, "OUTPUT": str(path) + "f"}
        with pytest.raises(GeoFMError, match="cannot be opened as a raster"):
            job_of("cluster", **values)


def test_other_files_of_a_folder_are_passed_over(gdal_raises: None, text_file: Path) -> None:
    with pytest.raises(UnsupportedInput, match="No raster in the folder"):
        read_folder(str(text_file.parent))


def test_a_broken_file_of_labels_is_one_sentence(gdal_raises: None, tmp_path: Path) -> None:
    path = tmp_path / "labels.gpkg"
    path.write_text("no labels", encoding="utf-8")
    with pytest.raises(GeoFMError):
        LabelFile(str(path)).classes()


def test_the_dock_knows_nothing_of_a_broken_file(gdal_raises: None, qgis_app: Any, text_file: Path) -> None:
    from geofm.ui import layers, threshold_panel

    layer = QgsRasterLayer(str(text_file), "broken")
    assert layers.labels(layer) is None
    assert threshold_panel.magnitudes_of(layer) is None
