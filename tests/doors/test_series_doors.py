"""Series through the doors: a folder of dates, breaks with dates, and QGIS's temporal controller."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsDateTimeRange,
    QgsFeatureRequest,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsVectorLayerTemporalContext,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from geofm.algorithms.series import dated_files, read_folder
from geofm.inference.errors import UnsupportedInput

FIRST = date(2019, 1, 5)
FELLED = 14


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 dates of 40 x 50 pixels; a clearing of 10 x 20 from the 15th on. One file says no date."""
    place = tmp_path_factory.mktemp("dates")
    chance = np.random.default_rng(0)
    for number in range(24):
        day = FIRST + timedelta(days=30 * number)
        ndvi = 0.5 + 0.2 * np.cos((day.timetuple().tm_yday - 190) * 2 * np.pi / 365)
        ndvi = ndvi + 0.02 * chance.normal(size=(40, 50))
        if number >= FELLED:
            ndvi[10:20, 20:40] -= 0.4
        _write(place / f"S2_{day:%Y%m%d}.tif", (1000 * (1 - ndvi), 1000 * (1 + ndvi)))
    _write(place / "mean.tif", (np.full((40, 50), 400.0), np.full((40, 50), 2000.0)))
    (place / "notes.txt").write_text("no raster")
    return place


def _write(path: Path, bands: Any) -> None:
    made = gdal.GetDriverByName("GTiff").Create(str(path), 50, 40, 2, gdal.GDT_UInt16)
    made.SetGeoTransform((500000, 10, 0, 5400000, 0, -10))
    made.SetProjection("EPSG:32633")
    for number, (name, pixels) in enumerate(zip(("B04", "B08"), bands), 1):
        # Not WriteArray: QGIS's gdal_array and the tests' NumPy may not get on.
        made.GetRasterBand(number).WriteRaster(0, 0, 50, 40, pixels.astype("<u2").tobytes())
        made.GetRasterBand(number).SetDescription(name)


def test_a_folder_is_its_dated_files(folder: Path, tmp_path: Path) -> None:
    found = dated_files(folder)
    assert [day for _, day in found] == [FIRST + timedelta(days=30 * n) for n in range(24)]
    assert Path(found[0][0]).name == "S2_20190105.tif"
    (sentence,) = read_folder(folder).warnings()
    assert "mean.tif" in sentence
    with pytest.raises(UnsupportedInput, match="says its date"):
        dated_files(tmp_path)


def test_breaks_play_in_the_temporal_controller(
    toolbox: Any, log: Any, folder: Path, tmp_path: Path
) -> None:
    values = {
        "INPUT": [str(folder)], "MIN_AREA": 1000, "OUTPUT": str(tmp_path / "breaks.tif"),
        "POLYGONS": str(tmp_path / "breaks.gpkg"),
    }
    results = toolbox.runAndLoadResults("geofm:breaks", values, feedback=log)
    assert results["DATES"] == 24
    assert results["BROKEN_AREA"] == pytest.approx(20000, rel=0.1)
    assert any("mean.tif" in line for line in log.lines)
    [raster] = QgsProject.instance().mapLayersByName("Breaks")
    labels = [item.label for item in raster.renderer().shader().rasterShaderFunction().colorRampItemList()]
    assert all(label.startswith("20") and len(label) == 10 for label in labels)
    times = raster.temporalProperties()
    assert times.isActive()
    assert times.fixedTemporalRange().begin().date() == QDate(2019, 1, 5)
    [polygons] = QgsProject.instance().mapLayersByName("Polygons")
    felled = FIRST + timedelta(days=30 * FELLED)
    assert [f["date"].toPyDate() for f in polygons.getFeatures()] == [felled]
    assert polygons.temporalProperties().isActive()
    assert _shown(polygons, felled - timedelta(days=2)) == 0
    assert _shown(polygons, felled) == 1
    assert _shown(polygons, felled + timedelta(days=60)) == 1
    assert polygons.temporalProperties().isVisibleInTemporalRange(_day(felled))


def _day(day: date) -> QgsDateTimeRange:
    start = QDateTime(QDate(day.year, day.month, day.day), QTime(0, 0), Qt.TimeSpec.UTC)
    return QgsDateTimeRange(start, start.addDays(1), True, False)


def _shown(layer: QgsVectorLayer, day: date) -> int:
    """How many features the controller lets through on a day."""
    context = QgsVectorLayerTemporalContext()
    context.setLayer(layer)
    text = layer.temporalProperties().createFilterString(context, _day(day))
    assert text
    return len(list(layer.getFeatures(QgsFeatureRequest().setFilterExpression(text))))


def test_a_map_of_a_series_holds_from_its_first_date_to_its_last(
    toolbox: Any, folder: Path, tmp_path: Path
) -> None:
    values = {"INPUT": [str(folder)], "MODEL": "spectral-texture", "CLASSES": 2}
    values["OUTPUT"] = str(tmp_path / "kinds.tif")
    toolbox.runAndLoadResults("geofm:cluster", values)
    [layer] = QgsProject.instance().mapLayersByName("Clusters")
    times = layer.temporalProperties()
    last = FIRST + timedelta(days=30 * 23)
    assert times.isVisibleInTemporalRange(_day(last))
    assert not times.isVisibleInTemporalRange(_day(last + timedelta(days=2)))
    made = gdal.Open(str(tmp_path / "kinds.tif"))
    kinds = np.frombuffer(made.ReadRaster(), np.uint8).reshape(40, 50)
    assert kinds[12, 30] != kinds[30, 10]


def test_layers_with_temporal_properties_are_a_series(toolbox: Any, folder: Path, tmp_path: Path) -> None:
    """As many layers as a group has, of files whose names say nothing."""
    layers = []
    for number, (path, day) in enumerate(dated_files(folder)):
        plain = tmp_path / f"scene {number}.tif"
        plain.write_bytes(Path(path).read_bytes())
        layer = QgsRasterLayer(str(plain), f"scene {number}")
        times = layer.temporalProperties()
        times.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
        times.setFixedTemporalRange(_day(day))
        times.setIsActive(True)
        layers.append(layer)
    QgsProject.instance().addMapLayers(layers)
    values = {"INPUT": [layer.id() for layer in layers], "INDEX": "B08", "OUTPUT": str(tmp_path / "b.tif")}
    results = toolbox.run("geofm:breaks", values)
    assert results["DATES"] == 24
    assert results["BROKEN_AREA"] == pytest.approx(20000, rel=0.2)


@pytest.mark.slow
def test_a_folder_through_qgis_process(run_algorithm: Any, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "breaks.tif"
    made = run_algorithm("geofm:breaks", INPUT=folder, INDEX="ndvi", SIGNIFICANCE=0.001, OUTPUT=out)
    assert made["DATES"] == 24
    job = json.loads(Path(f"{out}.job.json").read_text(encoding="utf-8"))["job"]
    assert len(job["inputs"]) == 24
    assert job["significance"] == 0.001


SCRIPT = """
import json, sys
from qgis.core import QgsApplication
app = QgsApplication([], False)
app.initQgis()
from geofm import api
found = api.breaks(sys.argv[1], polygons=True, min_area=1000)
print(json.dumps([found.run.facts["observations"], found.polygons.featureCount(), found.output.bandCount()]))
"""


@pytest.mark.slow
def test_a_folder_through_the_script_door(script: Any, folder: Path) -> None:
    answer = script(SCRIPT, folder)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out.splitlines()[-1]) == [24, 1, 3]
