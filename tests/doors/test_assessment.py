"""From a map to its accuracy through every door: drawn, answered, assessed, reported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, ogr

COVERS = ("water", "forest", "town")
COLUMNS = 120


@pytest.fixture(scope="module")
def class_map(processing: Any, taught: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The painted scene as the classifier sees it."""
    out = tmp_path_factory.mktemp("mapped") / "map.tif"
    scene = taught.parent / "scene.tif"
    processing.run("geofm:classify", {"INPUT": [str(scene)], "CLASSIFIER": str(taught), "OUTPUT": str(out)})
    return out


def _answer(points: Path, class_map: Path) -> list[tuple[str, int]]:
    """Say of each point what was painted there; answers what was said, and the stratum."""
    grid = gdal.InvGeoTransform(gdal.Open(str(class_map)).GetGeoTransform())
    opened = ogr.Open(str(points), 1)
    said = []
    for feature in opened.GetLayer():
        column, _ = gdal.ApplyGeoTransform(grid, feature.geometry().GetX(), feature.geometry().GetY())
        name = COVERS[int(column) * len(COVERS) // COLUMNS]
        feature.SetField("reference", name)
        opened.GetLayer().SetFeature(feature)
        said.append((name, feature.GetField("stratum")))
    return said


def _expected(said: list[tuple[str, int]], class_map: Path) -> float:
    """The stratified estimate of the overall accuracy, written out."""
    mapped = gdal.Open(str(class_map))
    values = np.frombuffer(mapped.ReadRaster(), np.uint8)
    mapped.GetMetadata()
    names = mapped.GetRasterBand(1).GetCategoryNames()
    total = 0.0
    for value in np.unique(values[values > 0]):
        right = [name == names[stratum] for name, stratum in said if stratum == value]
        total += float((values == value).sum()) / float((values > 0).sum()) * np.mean(right)
    return total


def test_qgis_process_draws_and_assesses(run_algorithm: Any, class_map: Path, tmp_path: Path) -> None:
    points, report, figures = (tmp_path / name for name in ("p.gpkg", "r.html", "f.json"))
    drawn = run_algorithm("geofm:checkpoints", MAP=class_map, COUNT=90, SEED=4, OUTPUT=points)
    assert drawn["POINTS"] == 90
    assert 0.02 < drawn["EXPECTED_ERROR"] < 0.08
    said = _answer(points, class_map)
    answered = run_algorithm(
        "geofm:assess", MAP=class_map, REFERENCE=points, FIELD="reference", REPORT=report, JSON=figures,
    )
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert answered["JSON"] == str(figures)
    assert answered["COMPARED"] == 90
    assert answered["ACCURACY"] == pytest.approx(_expected(said, class_map), abs=1e-5)
    assert answered["ACCURACY_LOW"] < answered["ACCURACY"] <= answered["ACCURACY_HIGH"]
    assert {row["name"] for row in found["classes"]} == set(COVERS)
    assert found["random"] is True
    areas = sum(row["adjusted_m2"]["value"] for row in found["classes"])
    assert areas == pytest.approx(found["total_m2"], rel=1e-6)
    assert "<svg" in report.read_text(encoding="utf-8")


def test_the_command_door_repeats_an_assessment(
    run_algorithm: Any, class_map: Path, tmp_path: Path, door_environment: dict[str, str], plugins: Path
) -> None:
    points, figures = tmp_path / "p.gpkg", tmp_path / "f.json"
    run_algorithm("geofm:checkpoints", MAP=class_map, COUNT=30, OUTPUT=points)
    _answer(points, class_map)
    run_algorithm("geofm:assess", MAP=class_map, REFERENCE=points, FIELD="reference", JSON=figures)
    before = figures.read_bytes()
    figures.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "geofm", "run", f"{figures}.job.json"], cwd=plugins, env=door_environment,
        capture_output=True, text=True, timeout=250, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert figures.read_bytes() == before


def test_a_script_draws_and_assesses(toolbox: Any, class_map: Path, tmp_path: Path) -> None:
    from geofm import api

    drawn = api.checkpoints(class_map, 60, output=tmp_path / "p.gpkg")
    assert drawn.output.featureCount() == 60
    assert [c.label() for c in drawn.output.renderer().categories()] == ["not checked yet", *sorted(COVERS)]
    _answer(tmp_path / "p.gpkg", class_map)
    found = api.assess(class_map, tmp_path / "p.gpkg", report=True, output=tmp_path / "f.json")
    assert found.output == str(tmp_path / "f.json")
    assert Path(found.report).is_file()
    assert found.run.facts["places"]["compared"] == 60
    # The looks that QGIS keeps in the points' file are no second layer.
    assert found.run.warnings == ()
    assert 0.5 < found.run.facts["overall"]["value"] <= 1


def test_what_was_not_asked_of_a_map_is_refused_in_a_sentence(
    refused: Callable[..., str], class_map: Path, tmp_path: Path
) -> None:
    said = refused("checkpoints", MAP=str(class_map), COUNT=4, OUTPUT=str(tmp_path / "p.gpkg"))
    assert said.startswith("4 points are too few for the 3 classes of the map.")
    scene = str(tmp_path / "floats.tif")
    gdal.Translate(scene, str(class_map), outputType=gdal.GDT_Float32, scaleParams=[[0, 3, 0, 1]], noData=-1)
    said = refused("checkpoints", MAP=scene, OUTPUT=str(tmp_path / "p.gpkg"))
    assert "holds measurements, not classes" in said
