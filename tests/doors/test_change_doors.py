"""What turned into what, labelled changes and another threshold, on the command line and from a script."""

from __future__ import annotations

import base64
import csv
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal, ogr

Run = Callable[..., dict[str, Any]]
# (left, top, width, height): a town where there was none.
BUILT = (10, 20, 24, 24)
# Written by tests/engine/networks.py, for QGIS's Python has no onnx; reflectance of four bands goes in.
# One convolution of a pixel: whether it is most like water, forest or town of the painted scenes.
COVER = (
    "eNpdjs1Kw0AUhWdsKtNbwTj4h4oNAy4sLmIV1IJok1237ioSk3T6A8mkzkwNIoIbH0I3PoqlLxYntG5cfBw+OJd7SK39g2EfquM0HHLAOeCIrqo4"
    "k1wxy8/EM62qNEyS5g2pEItggm3s4bzrIvToFUXDQ2jWQei2UxTfJu2lv/sIIQMx7PpFceE3t0ilPI26a0/Xvdnhx/H865PPe43lb7oNmwRTG1YI"
    "NlgGpyRyYLnnX6Py1/AsQPaG3AFIsz5PAv0y4bR2x4cpFzqTcg/qYzGZ6mAqxlrRuuSDhMc6FDGXR1CNQtFX9OCeeW6LnTgmzhZxvohL9iDXARQf"
    "BnpkZowoduUV1OMkVCoQYWqWNV+Zy9oOy0PNZXl2WtqgXK1LbZWqs1ywt1+1TVkt"
)

HEAD = """
import json, sys
from qgis.core import *
app = QgsApplication([], False)
app.initQgis()
from geofm import api
"""
COMPARE = """
before, after, classifier, folder = sys.argv[1:]
found = api.change(before, after, method="classes", classifier=classifier, clouds="off",
                   output=folder + "/m.tif", mask=True, polygons=True, table=folder + "/m.csv")
later = api.threshold_change(found.output, 0.9, polygons=True, table=folder + "/n.csv", min_area=500,
                             output=folder + "/n.tif")
bands = api.change(before, after, method="difference", clouds="off", output=folder + "/d.tif")
alarms = api.change(before, after, method="difference", clouds="off", false_alarms=2.0,
                    output=folder + "/f.tif", mask=folder + "/f-mask.tif")
reset = api.threshold_change(bands.output, false_alarms=2.0, output=folder + "/later-mask.tif")
print(json.dumps({
    "legend": [item.label for item in found.mask.renderer().classes()],
    "later": [item.label for item in later.output.renderer().classes()],
    "valid": [later.output.isValid(), later.polygons.isValid()],
    "fields": [field.name() for field in found.polygons.fields()],
    "changes": sorted({(f["from_class"], f["to_class"]) for f in later.polygons.getFeatures()}),
    "area": [found.run.facts["changed_m2"], later.run.facts["changed_m2"]],
    "table": later.table,
    "thresholds": [one.run.facts["threshold"] for one in (alarms, reset)],
    "by": reset.run.facts["threshold_method"],
    "history": later.output.metadata().history()[1],
}))
found = later = bands = alarms = reset = None
app.exitQgis()
"""


@pytest.fixture(scope="module")
def dates(paint: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("dates")
    return paint(folder / "before.tif"), paint(folder / "after.tif", built=BUILT)


@pytest.fixture(scope="module")
def labels(dates: tuple[Path, Path]) -> Path:
    """Three places that were built on, and five that were not."""
    scene = gdal.Open(str(dates[0]))
    path = dates[0].with_name("labels.gpkg")
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = made.CreateLayer("labels", scene.GetSpatialRef(), ogr.wkbPoint)
    layer.CreateField(ogr.FieldDefn("what", ogr.OFTString))
    places = {
        "built": [(14, 24), (22, 30), (30, 40)],
        "unchanged": [(5, 70), (20, 75), (60, 30), (100, 40), (80, 80)],
    }
    for name, spots in places.items():
        for column, row in spots:
            x, y = gdal.ApplyGeoTransform(scene.GetGeoTransform(), column + 0.5, row + 0.5)
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetField("what", name)
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({x} {y})"))
            layer.CreateFeature(feature)
    return path


def _inside(path: Path, box: tuple[int, int, int, int]) -> list[int]:
    left, top, width, height = box
    raster = gdal.Open(str(path))
    return list(raster.ReadRaster(left + 2, top + 2, width - 4, height - 4))


def test_labelled_changes_by_qgis_process(
    qgis_process: Any, run_algorithm: Run, dates: tuple[Path, Path], labels: Path, tmp_path: Path
) -> None:
    out, mask, shapes, table = (tmp_path / name for name in ("m.tif", "mask.tif", "m.gpkg", "m.csv"))
    results = run_algorithm(
        "geofm:change", BEFORE=dates[0], AFTER=dates[1], METHOD="taught", MODEL="spectral-texture",
        SAMPLES=labels, FIELD="what", CLOUDS="off", OUTPUT=out, MASK=mask, POLYGONS=shapes, TABLE=table,
    )
    assert results["THRESHOLD_USED"] == 0.5
    inner = _inside(mask, BUILT)
    assert inner.count(1) > 0.95 * len(inner)
    assert _inside(mask, (70, 50, 30, 30)).count(1) == 0
    file = ogr.Open(str(shapes))
    assert {feature.GetField("name") for feature in file.GetLayer()} == {"built"}
    with table.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    (built,) = [float(row["value"]) for row in rows if (row["group"], row["item"]) == ("changed", "built")]
    assert built == pytest.approx(results["CHANGED_AREA"])
    again, other = tmp_path / "again.tif", tmp_path / "again.gpkg"
    later = run_algorithm("geofm:thresholdchange", INPUT=out, THRESHOLD=0.5, MASK=again, POLYGONS=other)
    assert later["CHANGED_AREA"] == results["CHANGED_AREA"]
    assert gdal.Open(str(again)).ReadRaster() == gdal.Open(str(mask)).ReadRaster()
    asked = {"INPUT": out, "FALSE_ALARMS": 1, "MASK": tmp_path / "n.tif"}
    answer = qgis_process("run", "geofm:thresholdchange", *(f"--{k}={v}" for k, v in asked.items()))
    assert "not in magnitudes of the method taught" in answer.out + answer.err


def test_other_rasters_than_magnitudes_are_refused(
    qgis_process: Any, dates: tuple[Path, Path], tmp_path: Path
) -> None:
    answer = qgis_process(
        "run", "geofm:thresholdchange", f"--INPUT={dates[0]}", "--THRESHOLD=1", f"--MASK={tmp_path / 'm.tif'}"
    )
    assert answer.code != 0
    assert "before.tif is no magnitude of change" in answer.out + answer.err
    assert not list(tmp_path.iterdir())


def test_classes_of_both_dates_from_a_script(
    script: Any, dates: tuple[Path, Path], taught: Path, tmp_path: Path
) -> None:
    answer = script(HEAD + COMPARE, *dates, taught, tmp_path)
    assert answer.code == 0, answer.err
    told = json.loads(answer.out.splitlines()[-1])
    assert told["legend"][0] == "unchanged"
    assert any(name.endswith(" to town") for name in told["later"])
    assert told["valid"] == [True, True]
    assert told["fields"][-5:] == ["magnitude", "date_before", "date_after", "from_class", "to_class"]
    assert {after for _, after in told["changes"]} == {"town"}
    assert told["area"][0] >= told["area"][1] > 0
    assert told["thresholds"][0] == told["thresholds"][1]
    assert told["by"] == "false alarms"
    assert (tmp_path / "f-mask.tif").read_bytes() == (tmp_path / "later-mask.tif").read_bytes()
    assert told["table"] == str(tmp_path / "n.csv")
    assert told["history"].endswith("n.tif.job.json")


def test_class_maps_of_a_network_by_qgis_process(
    qgis_process: Any, run_algorithm: Run, dates: tuple[Path, Path], tmp_path: Path
) -> None:
    network = tmp_path / "cover.onnx"
    network.write_bytes(zlib.decompress(base64.b64decode(COVER)))
    mask, shapes = tmp_path / "mask.tif", tmp_path / "m.gpkg"
    given = {"BEFORE": dates[0], "AFTER": dates[1], "METHOD": "classes", "CLOUDS": "off"}
    results = run_algorithm(
        "geofm:change", MODEL=network, OUTPUT=tmp_path / "m.tif", MASK=mask, POLYGONS=shapes, **given
    )
    assert results["MODEL_USED"] == "cover"
    inner = _inside(mask, BUILT)
    assert sum(value > 0 for value in inner) > 0.95 * len(inner)
    file = ogr.Open(str(shapes))
    into = {feature.GetField("to_class") for feature in file.GetLayer()}
    assert into == {"town"}
    out = tmp_path / "n.tif"
    answer = qgis_process("run", "geofm:change", *(f"--{k}={v}" for k, v in given.items()), f"--OUTPUT={out}")
    assert answer.code != 0
    assert "spectral-texture maps no classes by itself" in answer.out + answer.err
    assert not out.exists()
