"""A job survives the wire, and everything malformed is refused with a sentence."""

from __future__ import annotations

import dataclasses
import json

import pytest

from geofm.inference.change_options import ChangeOptions
from geofm.inference.errors import InvalidRequest
from geofm.inference.job_files import read_job_file, write_job_file
from geofm.inference.jobs import (
    ClassInfo,
    Extent,
    Job,
    RasterRef,
    Result,
    SampleRef,
    Task,
    job_from_dict,
)
from geofm.inference.knowledge import Knowledge, Rule

SCENE = RasterRef("scene.tif", names=("B02", "-"), nodata=-9999, acquired="2002-04-16")
JOBS = {
    Task.EMBED: Job(Task.EMBED, (SCENE,), "out.tif", model="m"),
    Task.SEGMENT: Job(Task.SEGMENT, (SCENE,), "out.tif", model="m", confidence="c.tif", polygons="p.gpkg"),
    Task.REGRESS: Job(Task.REGRESS, (SCENE,), "out.tif", model="m", area=SampleRef("a.gpkg")),
    Task.SUPERRESOLVE: Job(Task.SUPERRESOLVE, (SCENE,), "out.tif", model="net.onnx"),
    Task.TRAIN: Job(
        Task.TRAIN, (SCENE,), "out.geofm", model="m", samples=SampleRef("s.gpkg", field="class"), method="knn"
    ),
    Task.CLASSIFY: Job(
        Task.CLASSIFY, (SCENE,), "out.tif", classifier="c.geofm", extent=Extent(0, 0, 1, 1, "EPSG:4326")
    ),
    Task.CHANGE: Job(
        Task.CHANGE, (SCENE,), "o.tif", after=(RasterRef("b.tif"),), min_area=900.0, simplify=1.5,
        table="areas.csv", change=ChangeOptions("irmad", False, "warn", "bands", 0.5),
    ),
    Task.BREAKS: Job(Task.BREAKS, (SCENE,), "out.tif", index="nbr", harmonics=2, significance=0.05),
    Task.THRESHOLD: Job(
        Task.THRESHOLD, (SCENE,), "mask.tif", threshold=2.5, polygons="p.gpkg", table="t.csv", min_area=900.0
    ),
    Task.SIMILARITY: Job(Task.SIMILARITY, (SCENE,), "out.tif", model="m", samples=SampleRef("s.gpkg")),
    Task.CLUSTER: Job(
        Task.CLUSTER, (SCENE,), "out.tif", model="m", classes=6, area=SampleRef("a.gpkg", where="id=1")
    ),
    Task.CHECKPOINTS: Job(
        Task.CHECKPOINTS, (SCENE,), "points.gpkg", count=120, allocation="equal", blind=False
    ),
    Task.ASSESS: Job(
        Task.ASSESS, (SCENE,), "out.json", samples=SampleRef("r.gpkg", field="class"), report="out.html"
    ),
    Task.SUGGEST: Job(Task.SUGGEST, (SCENE,), "places.gpkg", classifier="c.geofm", count=12),
    Task.REVIEW: Job(Task.REVIEW, (), "doubts.gpkg", classifier="c.geofm"),
    Task.REFINE: Job(
        Task.REFINE, (SCENE, SCENE, SCENE), "out.tif", changed="changed.tif", table="areas.csv",
        knowledge=Knowledge(
            (Rule({"call": ">", "of": [{"column": "dem@slope"}, {"value": 8}]}, "water", "", "steep"),),
            ("dem",), probabilities=True, weight=0.5,
        ),
    ),
}


@pytest.mark.parametrize("task", list(Task))
def test_a_job_survives_the_wire(task: Task) -> None:
    wire = json.loads(json.dumps(JOBS[task].to_dict()))
    assert job_from_dict(wire) == JOBS[task]


def test_a_job_file_keeps_everything(tmp_path) -> None:
    path = tmp_path / "out.tif.job.json"
    write_job_file(JOBS[Task.CLASSIFY], path)
    assert read_job_file(path) == JOBS[Task.CLASSIFY]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"task": "dream"}, "Unknown task"),
        ({"surprise": 1}, "surprise"),
        ({"inputs": []}, "no input raster"),
        ({"inputs": "scene.tif"}, "must be a list"),
        ({"inputs": [{"bands": [1]}]}, "path"),
        ({"inputs": [{"path": "a.tif", "bands": [0]}]}, "start at 1"),
        ({"inputs": [{"path": "a.tif", "names": [3]}]}, "band names"),
        ({"inputs": [{"path": "a.tif", "nodata": "none"}]}, "wrong type"),
        ({"output": ""}, "no output"),
        ({"output": "scene.tif"}, "same path"),
        ({"model": ""}, "needs model"),
        ({"model": 3}, "wrong type"),
        ({"classes": True}, "wrong type"),
        ({"classes": 1}, "between 2 and"),
        ({"grid": "best"}, "Unknown grid 'best'"),
        ({"grid": 1}, "wrong type"),
        ({"threshold": 0.5}, "does not take threshold"),
        ({"min_area": 0.5}, "does not take min_area"),
        ({"simplify": "much"}, "wrong type"),
        ({"extent": {"xmin": 0, "ymin": 0, "xmax": 1, "ymax": 1}}, "crs"),
        ({"area": "a.gpkg"}, "must be a JSON object"),
        ({"area": {"layer": "a"}}, "path"),
        ({"area": {"path": 3}}, "wrong type"),
        ({"extent": {"xmin": "0", "ymin": 0, "xmax": 1, "ymax": 1, "crs": ""}}, "wrong type"),
    ],
)
def test_a_malformed_job_is_refused(change: dict, said: str) -> None:
    wire: dict = {"task": "cluster", "inputs": [{"path": "scene.tif"}], "output": "o.tif", "model": "m"}
    wire["classes"] = 4
    job_from_dict(wire)
    with pytest.raises(InvalidRequest, match=said):
        job_from_dict({**wire, **change})


@pytest.mark.parametrize("field", ["min_area", "simplify"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_polygons_are_not_finer_than_pixels(field: str, value: float) -> None:
    with pytest.raises(InvalidRequest, match="cannot be below 0"):
        dataclasses.replace(JOBS[Task.SEGMENT], **{field: value})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"change": {"method": "magic"}}, "Unknown method 'magic'"),
        ({"change": {"align": "twice"}}, "Unknown align 'twice'"),
        ({"change": {"clouds": True}}, "Unknown clouds True"),
        ({"change": {"normalise": 1}}, "normalise of change has the wrong type"),
        ({"change": {"false_alarms": True}}, "false_alarms of change has the wrong type"),
        ({"change": {"false_alarms": 51}}, "from 0 to 50 percent"),
        ({"change": {"false_alarms": float("nan")}}, "from 0 to 50 percent"),
        ({"change": "irmad"}, "must be a JSON object"),
        ({"change": {"speed": 1}}, "unknown entry in change: speed"),
        ({"change": {"method": "irmad"}}, "by irmad does not take model"),
        ({"change": {"method": "taught"}}, "by taught needs samples"),
        ({"change": {"method": "classes"}, "model": ""}, "by classes needs either of them"),
        ({"change": {"method": "classes"}, "classifier": "c.geofm"}, "by classes takes either of them, not"),
        ({"samples": {"path": "s.gpkg", "field": "f"}}, "by distance does not take samples"),
        ({"change": {"method": "taught"}, "samples": {"path": "s.gpkg"}}, "needs the field"),
        ({"change": {"false_alarms": 1}, "threshold": 2.0}, "both a threshold and a share"),
        ({"task": "cluster", "after": [], "classes": 3, "change": {"align": "off"}}, "does not take change"),
    ],
)
def test_two_dates_are_compared_by_options_that_fit(fields: dict, said: str) -> None:
    wire = {"task": "change", "inputs": [{"path": "a.tif"}], "after": [{"path": "b.tif"}], "output": "o.tif"}
    assert job_from_dict({**wire, "model": "m"}).change is None
    with pytest.raises(InvalidRequest, match=said):
        job_from_dict({**wire, "model": "m", **fields})


def test_unlabelled_samples_do_not_train() -> None:
    with pytest.raises(InvalidRequest, match="field"):
        dataclasses.replace(JOBS[Task.TRAIN], samples=SampleRef("s.gpkg"))


@pytest.mark.parametrize("text", ["", "[1]", '{"geofm": 2, "job": {}}', '{"job": {}}', "{"])
def test_a_foreign_job_file_is_refused(tmp_path, text: str) -> None:
    path = tmp_path / "x.job.json"
    path.write_text(text)
    with pytest.raises(InvalidRequest):
        read_job_file(path)


def test_provenance_names_no_output() -> None:
    job = dataclasses.replace(JOBS[Task.SEGMENT], device="cpu")
    kept = job.provenance()
    assert kept["model"] == "m"
    assert not {"output", "confidence", "polygons", "device"} & set(kept)


def test_a_result_survives_the_wire() -> None:
    water = ClassInfo(1, "water", "#0000ff")
    result = Result({"OUTPUT": "o.tif"}, "m", "cpu", "no GPU", 12, 0.5, (water,), ("careful",), {"a": 1})
    assert Result.from_dict(json.loads(json.dumps(result.to_dict()))) == result
