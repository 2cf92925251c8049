"""The ready model: our algorithms and QGIS's own in one chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr
from qgis.core import QgsProcessingModelAlgorithm

FILE = Path(__file__).resolve().parents[2] / "resources" / "processing" / "landcover_from_samples.model3"


def _values(scene: Path, samples: Path, folder: Path) -> dict[str, Any]:
    return {
        "image": str(scene), "samples": str(samples), "field": "cover", "model": "spectral-texture",
        "train:Classifier": str(folder / "c.geofm"), "classify:Land cover": str(folder / "cover.tif"),
        "areas:Area of each class": str(folder / "areas.gpkg"),
    }


def _check(results: dict[str, Any], folder: Path, read_map: Any) -> None:
    """The map is right, and the table at the end of the chain says the same as its pixels."""
    assert Path(results["classify:Land cover"]) == folder / "cover.tif"
    mapped = read_map(folder / "cover.tif")
    assert mapped.right() > 0.97
    source = ogr.Open(str(folder / "areas.gpkg"))
    found = {f.GetField("name"): f.GetField("area_m2") for f in source.GetLayer()}
    expected = {name: (mapped.values == value).sum() * 100.0 for value, name in enumerate(mapped.names)}
    del expected["no data"]
    assert set(found) == {"water", "forest", "town"}
    assert found == pytest.approx(expected, rel=1e-3)


def test_from_the_command_line(
    run_algorithm: Any, paint: Any, points: Any, read_map: Any, tmp_path: Path
) -> None:
    scene = paint(tmp_path / "scene.tif")
    values = _values(scene, points(tmp_path / "points.gpkg", scene), tmp_path)
    _check(run_algorithm("geofm:landcover_from_samples", **values), tmp_path, read_map)


def test_the_file_itself_runs_as_from_the_model_designer(
    toolbox: Any, paint: Any, points: Any, read_map: Any, log: Any, tmp_path: Path
) -> None:
    model = QgsProcessingModelAlgorithm()
    assert model.fromFile(str(FILE))
    scene = paint(tmp_path / "scene.tif")
    values = _values(scene, points(tmp_path / "points.gpkg", scene), tmp_path)
    _check(toolbox.run(model, values, feedback=log), tmp_path, read_map)
    assert log.percents[-1] == 100


def test_the_command_line_describes_the_file(qgis_process: Any) -> None:
    answer = qgis_process("help", FILE)
    assert answer.code == 0
    assert "Land cover from samples" in answer.out
