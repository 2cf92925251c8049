"""Parameters become jobs; failures become sentences; results become answers and styled layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)

from geofm.algorithms import session
from geofm.algorithms.base import JobAlgorithm
from geofm.inference.change_options import ChangeOptions
from geofm.inference.errors import (
    Crashed,
    GeoFMError,
    InvalidRequest,
    ModelMissing,
    UnsupportedInput,
)
from geofm.inference.jobs import Extent, Job, RasterRef, Result, SampleRef, Task

JobOf = Callable[..., Job]

# Design section 7: scripts and models out there rely on these names.
CONTRACT = {
    "segment": (
        ["INPUT", "MODEL"], ["EXTENT", "AREA", "DEVICE"],
        ["OUTPUT", "CONFIDENCE", "PROBABILITIES", "POLYGONS"],
    ),
    "segmentmany": (
        ["INPUTS", "MODEL", "CONFIDENCE", "PROBABILITIES", "POLYGONS", "LOAD"], ["EXTENT", "AREA", "DEVICE"],
        ["OUTPUT_FOLDER"],
    ),
    "classifymany": (
        ["INPUTS", "CLASSIFIER", "CONFIDENCE", "PROBABILITIES", "NOVELTY", "POLYGONS", "LOAD"],
        ["EXTENT", "AREA", "DEVICE", "REFUSE_BELOW", "REFUSE_NOVEL"],
        ["OUTPUT_FOLDER"],
    ),
    "embed": (["INPUT", "MODEL"], ["EXTENT", "AREA", "DEVICE"], ["OUTPUT"]),
    "trainclassifier": (
        ["INPUT", "SAMPLES", "FIELD", "MODEL"], ["METHOD", "CLASSIFIER", "KEEP", "DEVICE"],
        ["OUTPUT", "REPORT"],
    ),
    "classify": (
        ["INPUT", "CLASSIFIER"], ["EXTENT", "AREA", "DEVICE", "REFUSE_BELOW", "REFUSE_NOVEL"],
        ["OUTPUT", "CONFIDENCE", "PROBABILITIES", "NOVELTY", "POLYGONS"],
    ),
    "suggestsamples": (["INPUT", "CLASSIFIER", "COUNT"], ["EXTENT", "AREA", "DEVICE"], ["OUTPUT"]),
    "reviewsamples": (["CLASSIFIER"], [], ["OUTPUT"]),
    "similarity": (["INPUT", "EXAMPLES", "MODEL"], ["EXTENT", "AREA"], ["OUTPUT"]),
    "cluster": (["INPUT", "MODEL", "CLASSES"], ["EXTENT", "AREA"], ["OUTPUT"]),
    "change": (
        ["BEFORE", "AFTER", "MODEL"],
        ["METHOD", "THRESHOLD", "FALSE_ALARMS", "NORMALISE", "ALIGN", "CLOUDS", "SAMPLES", "FIELD",
         "CLASSIFIER", "EXTENT", "AREA"],
        ["OUTPUT", "MASK", "POLYGONS", "TABLE"],
    ),
    "thresholdchange": (
        ["INPUT"], ["THRESHOLD", "FALSE_ALARMS", "MIN_AREA", "SIMPLIFY"], ["MASK", "POLYGONS", "TABLE"]
    ),
}
# Those that read no image.
WITHOUT_IMAGES = {"reviewsamples", "thresholdchange"}


@pytest.mark.parametrize("name", CONTRACT)
def test_the_public_contract(provider: Any, name: str) -> None:
    algorithm = provider.algorithm(name)
    needed, optional, outputs = CONTRACT[name]
    destinations = {d.name() for d in algorithm.destinationParameterDefinitions()}
    optional_flag = QgsProcessingParameterDefinition.Flag.FlagOptional
    required = [
        d.name()
        for d in algorithm.parameterDefinitions()
        if d.name() not in destinations and not d.flags() & optional_flag
    ]
    assert required == needed
    names = [d.name() for d in algorithm.parameterDefinitions()]
    of_images = {"BANDS", "SCALE", "DATE", "RESOLUTION"} if name not in WITHOUT_IMAGES else set()
    assert set(optional) | of_images <= set(names)
    assert ("GRID" in names) == (not name.endswith("many") and bool(of_images))
    assert destinations == set(outputs)
    assert {"MODEL_USED", "DEVICE_USED"} <= {o.name() for o in algorithm.outputDefinitions()}


@pytest.mark.parametrize("name", CONTRACT)
def test_every_algorithm_explains_itself(provider: Any, name: str) -> None:
    algorithm = provider.algorithm(name)
    page = algorithm.shortHelpString()
    for heading in ("<h3>Parameters</h3>", "<h3>Results</h3>"):
        assert heading in page
    assert "**" not in page
    assert "`" not in page
    assert algorithm.helpUrl() == f"https://github.com/geofm/geofm/blob/main/resources/help/{name}.md"
    assert algorithm.shortDescription().endswith(".")
    assert not algorithm.icon().isNull()
    assert Path(algorithm.svgIconPath()).is_file()


def test_one_raster_and_nothing_else(job_of: JobOf, landsat_path: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out.tif")
    job = job_of("segment", INPUT=str(landsat_path), MODEL="ukis-csmask", OUTPUT=out)
    assert job == Job(Task.SEGMENT, (RasterRef(str(landsat_path)),), out, model="ukis-csmask")


def test_every_parameter_of_train(
    job_of: JobOf, landsat: QgsRasterLayer, landsat_path: Path, polygons_path: Path, tmp_path: Path
) -> None:
    names = "etm:B1,etm:B2,etm:B3,etm:B4,etm:B5,etm:B7,-,-"
    job = job_of(
        "trainclassifier", INPUT=[landsat], SAMPLES=str(polygons_path), FIELD="class",
        MODEL="spectral-texture", METHOD="forest", DEVICE="cpu", GRID="finest", BANDS=names,
        SCALE=0.0001, OFFSET=-0.1, DATE="1999-11-18", OUTPUT=str(tmp_path / "c.geofm"),
        REPORT=str(tmp_path / "r.html"),
    )
    ref = RasterRef(
        str(landsat_path), names=tuple(names.split(",")), scale=0.0001, offset=-0.1, acquired="1999-11-18"
    )
    assert job == Job(
        Task.TRAIN, (ref,), str(tmp_path / "c.geofm"), model="spectral-texture",
        samples=SampleRef(str(polygons_path), field="class"), method="forest",
        report=str(tmp_path / "r.html"), device="cpu", grid="finest",
    )


def test_every_parameter_of_classify(job_of: JobOf, landsat_path: Path, tmp_path: Path) -> None:
    paths = {name: str(tmp_path / f"{name}.tif") for name in ("OUTPUT", "CONFIDENCE")}
    job = job_of(
        "classify", INPUT=[str(landsat_path)], CLASSIFIER=str(tmp_path / "c.geofm"),
        EXTENT="463000,464000,1736000,1737000 [EPSG:32615]",
        POLYGONS=str(tmp_path / "p.gpkg"), MIN_AREA=4500, SIMPLIFY=1.5, **paths,
        NOVELTY=str(tmp_path / "n.gpkg"), REFUSE_BELOW=60, REFUSE_NOVEL=True,
    )
    shapes = {"POLYGONS": str(tmp_path / "p.gpkg"), "NOVELTY": str(tmp_path / "n.gpkg")}
    assert job.outputs() == {**paths, **shapes}
    assert (job.refuse_below, job.refuse_novel) == (60.0, True)
    assert job.classifier == str(tmp_path / "c.geofm")
    assert (job.min_area, job.simplify) == (4500.0, 1.5)
    assert job.extent == Extent(463000, 1736000, 464000, 1737000, "EPSG:32615")


def test_change_tells_the_dates_apart(
    job_of: JobOf, landsat_path: Path, later_path: Path, tmp_path: Path
) -> None:
    job = job_of(
        "change", BEFORE=[str(landsat_path)], AFTER=[str(later_path)], MODEL="spectral-texture",
        DATE="1999-11-18", DATE_AFTER="2002-04-16", SCALE=0.0001, OUTPUT=str(tmp_path / "m.tif"),
        MIN_AREA=900.0,
    )
    assert job.inputs == (RasterRef(str(landsat_path), scale=0.0001, acquired="1999-11-18"),)
    assert job.after == (RasterRef(str(later_path), scale=0.0001, acquired="2002-04-16"),)
    assert job.threshold is None
    assert (job.min_area, job.simplify) == (900.0, 0.0)


def test_change_takes_what_its_method_needs(
    job_of: JobOf, landsat_path: Path, later_path: Path, polygons_path: Path, tmp_path: Path
) -> None:
    given = {"BEFORE": [str(landsat_path)], "AFTER": [str(later_path)], "OUTPUT": str(tmp_path / "m.tif")}
    job = job_of(
        "change", METHOD="irmad", NORMALISE=False, ALIGN="warn", CLOUDS="bands", FALSE_ALARMS=0.5,
        TABLE=str(tmp_path / "areas.csv"), **given,
    )
    assert job.change == ChangeOptions("irmad", False, "warn", "bands", 0.5)
    assert (job.model, job.threshold, job.table) == ("", None, str(tmp_path / "areas.csv"))
    job = job_of("change", METHOD="taught", SAMPLES=str(polygons_path), FIELD="class", **given)
    assert job.change == ChangeOptions("taught")
    assert (job.model, job.samples) == ("spectral-texture", SampleRef(str(polygons_path), field="class"))
    job = job_of("change", METHOD="classes", CLASSIFIER=str(tmp_path / "c.geofm"), **given)
    assert (job.model, job.samples, job.classifier) == ("", None, str(tmp_path / "c.geofm"))


def test_change_takes_bands_for_both_or_for_each(
    job_of: JobOf, landsat_path: Path, later_path: Path, tmp_path: Path
) -> None:
    def names(bands: str) -> list[str]:
        job = job_of(
            "change", BEFORE=[str(landsat_path)], AFTER=[str(later_path)],
            MODEL="spectral-texture", BANDS=bands, OUTPUT=str(tmp_path / "m.tif"),
        )
        return [ref.names[0] if ref.names else "" for ref in (*job.inputs, *job.after)]

    rest = ",-" * 7
    assert names(f"B02{rest}") == ["B02", "B02"]
    assert names(f"B02{rest};B03{rest}") == ["B02", "B03"]


@pytest.mark.parametrize(("value", "expected"), [(0.0, 0.0), (1.5, 1.5), (None, None), ("", None)])
def test_a_threshold_of_zero_is_not_the_automatic_one(
    job_of: JobOf, landsat_path: Path, later_path: Path, tmp_path: Path, value: Any, expected: Any
) -> None:
    job = job_of(
        "change", BEFORE=[str(landsat_path)], AFTER=[str(later_path)], MODEL="spectral-texture",
        THRESHOLD=value, OUTPUT=str(tmp_path / "m.tif"),
    )
    assert job.threshold == expected


def test_similarity_and_cluster(
    job_of: JobOf, landsat_path: Path, polygons_path: Path, tmp_path: Path
) -> None:
    given = {"INPUT": [str(landsat_path)], "OUTPUT": str(tmp_path / "o.tif")}
    job = job_of("similarity", EXAMPLES=str(polygons_path), MODEL="spectral-texture", **given)
    assert job.samples == SampleRef(str(polygons_path))
    assert job_of("cluster", CLASSES=5, MODEL="spectral-texture", **given).classes == 5


def test_an_extent_without_a_crs_is_in_that_of_the_image(
    job_of: JobOf, landsat_path: Path, tmp_path: Path
) -> None:
    given = {"INPUT": [str(landsat_path)], "MODEL": "galileo-nano", "OUTPUT": str(tmp_path / "o.tif")}
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem())
    job = job_of("embed", EXTENT="463000,464000,1736000,1737000", **given)
    assert job.extent is not None
    assert job.extent.crs == "EPSG:32615"
    area = QgsReferencedRectangle(
        QgsRectangle(-93.3, 15.7, -93.2, 15.8), QgsCoordinateReferenceSystem("EPSG:4326")
    )
    assert job_of("embed", EXTENT=area, **given).extent == Extent(-93.3, 15.7, -93.2, 15.8, "EPSG:4326")


def test_temporary_results_get_the_right_suffix(job_of: JobOf, landsat_path: Path) -> None:
    temporary = "TEMPORARY_OUTPUT"
    job = job_of(
        "segment", INPUT=[str(landsat_path)], MODEL="ukis-csmask", OUTPUT=temporary,
        CONFIDENCE=temporary, POLYGONS=temporary,
    )
    assert [Path(p).suffix for p in job.outputs().values()] == [".tif", ".tif", ".gpkg"]


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ({"MODEL": "galileo-giant"}, ModelMissing, "galileo-giant.*Did you mean galileo-nano"),
        ({"INPUT": ["/nowhere.tif"]}, UnsupportedInput, "/nowhere.tif cannot be opened"),
        ({"INPUT": []}, UnsupportedInput, "names no raster layer"),
        ({"DATE": "yesterday"}, InvalidRequest, "yesterday is not a date"),
        ({"BANDS": "B02,B03"}, InvalidRequest, "2 bands are named"),
        ({"OUTPUT": "/maps/map.png"}, InvalidRequest, r"must end with \.tif"),
        ({"POLYGONS": "/maps/map.shp"}, InvalidRequest, r"must end with \.gpkg"),
        ({"EXTENT": "5,5,7,9 [EPSG:4326]"}, InvalidRequest, "no area"),
    ],
)
def test_wrong_parameters_are_sentences(
    job_of: JobOf, landsat_path: Path, tmp_path: Path,
    values: dict[str, Any], kind: type[GeoFMError], words: str,
) -> None:
    given = {"INPUT": [str(landsat_path)], "MODEL": "ukis-csmask", "OUTPUT": str(tmp_path / "o.tif")}
    with pytest.raises(kind, match=words):
        job_of("segment", **{**given, **values})


def test_without_an_engine_the_set_up_is_named(
    provider: Any, scratch_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEOFM_PYTHON", raising=False)
    possible, sentence = provider.algorithm("cluster").canExecute()
    assert not possible
    assert "not installed" in sentence
    assert "set" in sentence.lower()


def _prepared(
    name: str, context: QgsProcessingContext, log: Any, **values: Any
) -> tuple[JobAlgorithm, dict[str, Any]]:
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"geofm:{name}")
    assert algorithm.prepare(values, context, log)
    return algorithm, values


def test_a_failure_says_what_to_do_and_keeps_the_detail(
    provider: Any, context: QgsProcessingContext, log: Any, landsat_path: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crash = Crashed("The engine ended unexpectedly.", "Run it again.", "the log's tail")

    def fail(job: Job, feedback: Any, share: session.Share) -> Result:
        raise crash

    monkeypatch.setattr(session, "run", fail)
    algorithm, values = _prepared(
        "embed", context, log, INPUT=[str(landsat_path)], MODEL="galileo-nano",
        OUTPUT=str(tmp_path / "o.tif"),
    )
    with pytest.raises(QgsProcessingException, match=r"ended unexpectedly\. Run it again\."):
        algorithm.runPrepared(values, context, log)
    assert algorithm.failure is crash
    assert "the log's tail" in log.lines


def test_exported_samples_do_not_outlive_a_failure(
    provider: Any, context: QgsProcessingContext, log: Any, landsat_path: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, polygons: QgsVectorLayer,
) -> None:
    seen: list[bool] = []

    def fail(job: Job, feedback: Any, share: session.Share) -> Result:
        assert job.samples is not None
        seen.append(Path(job.samples.path).is_file())
        raise UnsupportedInput("No.")

    monkeypatch.setattr(session, "run", fail)
    memory = polygons.materialize(QgsFeatureRequest())
    algorithm, values = _prepared(
        "similarity", context, log, INPUT=[str(landsat_path)], MODEL="spectral-texture",
        EXAMPLES=memory, OUTPUT=str(tmp_path / "o.tif"),
    )
    with pytest.raises(QgsProcessingException):
        algorithm.runPrepared(values, context, log)
    assert seen == [True]
    assert not list(tmp_path.iterdir())


def test_answers_name_files_model_device_and_numbers(
    provider: Any, context: QgsProcessingContext, log: Any, landsat_path: Path, later_path: Path,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = str(tmp_path / "m.tif")
    answer = Result(
        {"OUTPUT": out}, "spectral-texture 1", "cpu", "No GPU.", 100, 2.0, facts={"threshold": 1.25}
    )
    monkeypatch.setattr(session, "run", lambda job, feedback, share: answer)
    algorithm, values = _prepared(
        "change", context, log, BEFORE=[str(landsat_path)], AFTER=[str(later_path)],
        MODEL="spectral-texture", OUTPUT=out,
    )
    results = algorithm.runPrepared(values, context, log)
    assert results["OUTPUT"] == out
    assert results["MODEL_USED"] == "spectral-texture 1"
    assert results["DEVICE_USED"] == "cpu"
    assert (results["THRESHOLD_USED"], results["PIXELS"], results["SECONDS"]) == (1.25, 100, 2.0)
    assert algorithm.result is answer
