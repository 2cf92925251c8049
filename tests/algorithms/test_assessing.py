"""Check points and assessments from Processing's side: parameters, jobs, looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr, osr
from qgis.core import QgsFeatureRequest, QgsProcessingParameterDefinition, QgsVectorLayer, edit

from geofm.algorithms.styles import Role, style
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import ClassInfo, Job, RasterRef, Result, SampleRef, Task

JobOf = Callable[..., Job]
CLASSES = (ClassInfo(1, "forest", "#1f6b35"), ClassInfo(2, "water", "#2a6fbb"))
CONTRACT = {
    "checkpoints": (
        ["MAP"],
        [
            "COUNT", "STANDARD_ERROR", "ALLOCATION", "EXTENT", "AREA", "LEAST", "EXPECTED_ACCURACY", "BLIND",
            "SEED",
        ],
        ["OUTPUT"],
    ),
    "assess": (["MAP", "REFERENCE", "FIELD"], ["SAMPLING", "EXTENT", "AREA"], ["REPORT", "JSON"]),
}


@pytest.fixture
def check_points(tmp_path: Path) -> Path:
    """Two check points as the engine writes them."""
    path = tmp_path / "points.gpkg"
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32615)
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = made.CreateLayer("points", srs, ogr.wkbPoint)
    kinds = {
        "id": ogr.OFTInteger, "reference": ogr.OFTString, "seen_at": ogr.OFTString, "note": ogr.OFTString,
        "stratum": ogr.OFTInteger, "stratum_m2": ogr.OFTReal,
    }
    for name, kind in kinds.items():
        layer.CreateField(ogr.FieldDefn(name, kind))
    for number in (1, 2):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetField("id", number)
        feature.SetField("stratum", number)
        feature.SetField("stratum_m2", 900.0 * number)
        feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({462705 + 90 * number} 1741515)"))
        layer.CreateFeature(feature)
    return path


@pytest.mark.parametrize("name", CONTRACT)
def test_the_public_contract(provider: Any, name: str) -> None:
    algorithm = provider.algorithm(name)
    needed, optional, outputs = CONTRACT[name]
    destinations = {d.name() for d in algorithm.destinationParameterDefinitions()}
    flag = QgsProcessingParameterDefinition.Flag.FlagOptional
    given = [d for d in algorithm.parameterDefinitions() if d.name() not in destinations]
    assert [d.name() for d in given if not d.flags() & flag] == needed
    assert {d.name() for d in given if d.flags() & flag} == set(optional)
    assert destinations == set(outputs)
    assert all(d.help() for d in given)
    page = algorithm.shortHelpString()
    assert "<h3>Parameters</h3>" in page
    assert "<h3>Results</h3>" in page


def test_a_draw_as_it_comes(job_of: JobOf, landsat_path: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "p.gpkg")
    job = job_of("checkpoints", MAP=str(landsat_path), OUTPUT=out)
    assert job == Job(Task.CHECKPOINTS, (RasterRef(str(landsat_path)),), out, count=150)


def test_every_parameter_of_a_draw(job_of: JobOf, landsat_path: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "p.gpkg")
    job = job_of(
        "checkpoints", MAP=str(landsat_path), STANDARD_ERROR=0.02, EXPECTED_ACCURACY=0.7, ALLOCATION="equal",
        LEAST=10, BLIND=False, SEED=3, OUTPUT=out,
    )
    assert job == Job(
        Task.CHECKPOINTS, (RasterRef(str(landsat_path)),), out, standard_error=0.02, expected=0.7,
        allocation="equal", least=10, blind=False, seed=3,
    )


def test_the_blocks_of_a_lesson(
    job_of: JobOf, landsat_path: Path, polygons_path: Path, tmp_path: Path
) -> None:
    given = {
        "INPUT": [str(landsat_path)], "SAMPLES": str(polygons_path), "FIELD": "class",
        "MODEL": "spectral-texture", "OUTPUT": str(tmp_path / "c.geofm"),
    }
    assert job_of("trainclassifier", **given).block == 0
    assert job_of("trainclassifier", BLOCK_SIZE=1500, **given).block == 1500.0
    assert not job_of("trainclassifier", **given).what_helped
    assert job_of("trainclassifier", WHAT_HELPED=True, **given).what_helped
    joined = job_of("trainclassifier", **{**given, "MODEL": "galileo-nano+presto"})
    assert joined.model == "galileo-nano+presto"


def test_an_assessment(job_of: JobOf, landsat_path: Path, check_points: Path, tmp_path: Path) -> None:
    figures, report = str(tmp_path / "a.json"), str(tmp_path / "a.html")
    job = job_of(
        "assess", MAP=str(landsat_path), REFERENCE=str(check_points), FIELD="reference", SAMPLING="random",
        JSON=figures, REPORT=report,
    )
    assert job == Job(
        Task.ASSESS, (RasterRef(str(landsat_path)),), figures,
        samples=SampleRef(str(check_points), field="reference"), sampling="random", report=report,
    )
    assert job.outputs() == {"JSON": figures, "REPORT": report}


def test_answers_that_are_not_saved_count_with_their_design(
    job_of: JobOf, landsat_path: Path, check_points: Path, tmp_path: Path
) -> None:
    """What was edited in QGIS goes to the engine with the fields that say how the points were drawn."""
    layer = QgsVectorLayer(str(check_points), "points", "ogr")
    memory = layer.materialize(QgsFeatureRequest())
    with edit(memory):
        for feature in memory.getFeatures():
            memory.changeAttributeValue(feature.id(), memory.fields().lookupField("reference"), "forest")
    job = job_of(
        "assess", MAP=str(landsat_path), REFERENCE=memory, FIELD="reference", JSON=str(tmp_path / "a.json")
    )
    assert job.samples is not None
    written = ogr.Open(job.samples.path)
    rows = [feature.items() for feature in written.GetLayer()]
    assert [row["reference"] for row in rows] == ["forest", "forest"]
    assert [row["stratum_m2"] for row in rows] == [900.0, 1800.0]


def test_what_is_wrong_is_said_in_a_sentence(
    job_of: JobOf, landsat_path: Path, check_points: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "p.gpkg")
    with pytest.raises(InvalidRequest, match=r"must end with \.gpkg"):
        job_of("checkpoints", MAP=str(landsat_path), OUTPUT=str(tmp_path / "p.shp"))
    with pytest.raises(UnsupportedInput, match="cannot be opened"):
        job_of("checkpoints", MAP=str(tmp_path / "none.tif"), OUTPUT=out)
    with pytest.raises(UnsupportedInput, match="has no field klass"):
        job_of(
            "assess", MAP=str(landsat_path), REFERENCE=str(check_points), FIELD="klass",
            JSON=str(tmp_path / "a.json"),
        )


def test_check_points_ask_for_a_class_and_hide_what_the_map_shows(qgis_app: Any, check_points: Path) -> None:
    layer = QgsVectorLayer(str(check_points), "points", "ogr")
    made = Result({"OUTPUT": str(check_points)}, "", "cpu", "", 2, 0.1, CLASSES)
    style(layer, Role.CHECKPOINTS, made)
    assert [c.label() for c in layer.renderer().categories()] == ["not checked yet", "forest", "water"]
    assert layer.editorWidgetSetup(layer.fields().lookupField("reference")).type() == "ValueMap"
    hidden = {c.name for c in layer.attributeTableConfig().columns() if c.hidden}
    assert {"stratum", "stratum_m2"} <= hidden
    assert "GeoFM" in layer.metadata().abstract()
    assert "model" not in layer.metadata().abstract()
    again = QgsVectorLayer(str(check_points), "points", "ogr")
    assert {c.name for c in again.attributeTableConfig().columns() if c.hidden} == hidden
    assert len(again.renderer().categories()) == 3
