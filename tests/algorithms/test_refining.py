"""geofm:refine: its parameters become a job, and what cannot be becomes a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPalettedRasterRenderer,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from geofm.algorithms.styles import Role, style
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import Job, RasterRef, Result, SampleRef, Task
from geofm.inference.knowledge import Knowledge, Rule

JobOf = Callable[..., Job]
STEEP = {"call": ">", "of": [{"column": "dem@slope"}, {"value": 8}]}


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    return {"OUTPUT": str(tmp_path / "out.tif"), "CHANGED": str(tmp_path / "changed.tif")}


def test_what_is_needed(provider: Any) -> None:
    algorithm = provider.algorithm("refine")
    optional = QgsProcessingParameterDefinition.Flag.FlagOptional
    needed = [d.name() for d in algorithm.parameterDefinitions() if not d.flags() & optional]
    assert needed == ["INPUT", "OUTPUT", "CHANGED"]
    page = algorithm.shortHelpString()
    for part in ("<h3>Parameters</h3>", "<h3>Rules</h3>", "<h3>Results</h3>"):
        assert part in page
    assert algorithm.helpUrl().endswith("/refine.md")


def test_every_parameter(
    job_of: JobOf, landsat_path: Path, later_path: Path, tmp_path: Path, paths: dict[str, str]
) -> None:
    job = job_of(
        "refine", INPUT=str(landsat_path), RULES=["water", '"dem@slope" > 8', "", "", "", ""],
        HELPERS=[str(later_path)], HELPER_NAMES="dem", PROBABILITIES=str(later_path), PRIOR=str(later_path),
        WEIGHT=0.5, EXCLUDE=True, DATE="2020-07-14", MIN_AREA=900.0, POLYGONS=str(tmp_path / "p.gpkg"),
        TABLE=str(tmp_path / "t.csv"), **paths,
    )
    later = RasterRef(str(later_path))
    assert job == Job(
        Task.REFINE, (RasterRef(str(landsat_path), acquired="2020-07-14"), later, later, later),
        paths["OUTPUT"], changed=paths["CHANGED"], table=str(tmp_path / "t.csv"), min_area=900.0,
        polygons=str(tmp_path / "p.gpkg"),
        knowledge=Knowledge(
            (Rule(STEEP, "water", "", '"dem@slope" > 8'),), ("dem",), True, True, 0.5, "", True
        ),
    )


def test_layers_are_called_as_in_the_tree(
    job_of: JobOf, landsat: QgsRasterLayer, landsat_path: Path, paths: dict[str, str]
) -> None:
    """By their own names, which may have blanks; another band is asked for by its number."""
    landsat.setName("my layer")
    job = job_of(
        "refine", INPUT=str(landsat_path), HELPERS=[landsat], RULES=["", '"my layer@8" = 3', "water"], **paths
    )
    assert job.knowledge is not None
    assert job.knowledge.helpers == ("my layer",)
    assert job.knowledge.rules[0].when["of"][0] == {"column": "my layer@8"}


def test_polygons_are_a_prior(
    job_of: JobOf, landsat_path: Path, polygons_path: Path, paths: dict[str, str]
) -> None:
    job = job_of(
        "refine", INPUT=str(landsat_path), PROBABILITIES=str(landsat_path), PRIOR=str(polygons_path),
        PRIOR_FIELD="class", PRIOR_SHARE="id", **paths,
    )
    assert job.samples == SampleRef(str(polygons_path), field="class")
    assert job.knowledge == Knowledge(probabilities=True, share="id")


def test_polygons_without_a_file_keep_their_fields(
    job_of: JobOf, landsat_path: Path, paths: dict[str, str]
) -> None:
    drawn = QgsVectorLayer(
        "Polygon?crs=EPSG:32615&field=water:double&field=forest:double&field=class:string", "prior", "memory"
    )
    QgsProject.instance().addMapLayer(drawn)
    square = QgsFeature(drawn.fields())
    square.setGeometry(QgsGeometry.fromRect(QgsRectangle(462500, 1741000, 463000, 1741500)))
    square.setAttributes([0.8, 0.2, "water"])
    drawn.dataProvider().addFeatures([square])
    job = job_of(
        "refine", INPUT=str(landsat_path), PROBABILITIES=str(landsat_path), PRIOR=drawn.id(), **paths
    )
    QgsProject.instance().removeMapLayer(drawn.id())
    assert job.samples is not None
    copied = QgsVectorLayer(f"{job.samples.path}|layername={job.samples.layer}", "copied", "ogr")
    assert {"water", "forest", "class"} <= set(copied.fields().names())
    assert [feature["water"] for feature in copied.getFeatures()] == [0.8]


@pytest.mark.parametrize(
    ("values", "kind", "said"),
    [
        ({"RULES": ["water", '"dem" > 8', ""]}, InvalidRequest, "Rule 1: There is no layer or column dem"),
        ({"RULES": ["water", '"value" > 8', ""]}, InvalidRequest, "next most probable class is not known"),
        ({"RULES": []}, InvalidRequest, "neither a rule nor a prior"),
        ({"RULES": ["", '"confidence" > 8', "water"]}, InvalidRequest, "no layer or column confidence"),
        ({"HELPER_NAMES": "a,b"}, InvalidRequest, "0 helper layers have 2 names"),
        ({"PRIOR": "nothing.tif"}, UnsupportedInput, "prior cannot be read"),
        ({"PROBABILITIES": "nothing.tif"}, UnsupportedInput, "cannot be opened as a raster"),
        ({"WEIGHT": 0.5, "RULES": ["", "1", "water"], "DATE": "July"}, InvalidRequest, "not a date"),
    ],
)
def test_what_cannot_be_is_said(
    job_of: JobOf, landsat_path: Path, paths: dict[str, str], values: dict[str, Any], kind: type, said: str
) -> None:
    with pytest.raises(kind, match=said):
        job_of("refine", INPUT=str(landsat_path), **{**values, **paths})


def test_two_layers_of_one_name(
    job_of: JobOf, landsat: QgsRasterLayer, landsat_path: Path, later_path: Path, paths: dict[str, str]
) -> None:
    landsat.setName(later_path.stem)
    with pytest.raises(InvalidRequest, match="Two helper layers"):
        job_of(
            "refine", INPUT=str(landsat_path), HELPERS=[landsat, str(later_path)],
            RULES=["", "1", "water"], **paths,
        )


def test_the_legend_says_what_changed(qgis_app: Any, landsat: QgsRasterLayer) -> None:
    told = [{"value": 2, "cause": 'rule 1: water not where "slope" > 8', "color": "#0072b2", "pixels": 3}]
    result = Result({"OUTPUT": "o.tif"}, "", "cpu", "A test.", 1, 1.0, facts={"refined": told})
    style(landsat, Role.CHANGED, result)
    renderer = landsat.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    shown = [(one.value, one.label, one.color.alpha()) for one in renderer.classes()]
    assert shown == [(0, "unchanged", 0), (2, 'rule 1: water not where "slope" > 8', 255)]
