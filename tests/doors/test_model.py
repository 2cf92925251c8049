"""The ready model: our algorithms and QGIS's own in one chain, without a GUI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal, ogr


@pytest.mark.slow
def test_land_cover_from_samples(run_algorithm: Any, landsat: Any, tmp_path: Path) -> None:
    out, areas = tmp_path / "cover.tif", tmp_path / "areas.gpkg"
    values = {
        "image": landsat.scene, "samples": landsat.learn, "field": "class", "model": "spectral-texture",
        "train:Classifier": tmp_path / "c.geofm", "classify:Land cover": out,
        "areas:Area of each class": areas,
    }
    results = run_algorithm("geofm:landcover_from_samples", **values)
    assert Path(results["classify:Land cover"]) == out
    mapped = gdal.Open(str(out))
    names = mapped.GetRasterBand(1).GetCategoryNames()
    pixels = mapped.ReadRaster()
    source = ogr.Open(str(areas))
    found = {f.GetField("name"): f.GetField("area_m2") for f in source.GetLayer()}
    expected = {names[value]: pixels.count(value) * 900.0 for value in set(pixels) - {0}}
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_file_itself_can_be_run(qgis_process: Any) -> None:
    path = Path(__file__).resolve().parents[2] / "resources/processing/landcover_from_samples.model3"
    answer = qgis_process("help", path)
    assert answer.code == 0
    assert "Land cover from samples" in answer.out
