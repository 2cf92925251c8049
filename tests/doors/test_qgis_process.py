"""The command line that QGIS itself brings: listing, teaching, mapping, failing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal, ogr

Run = Callable[..., dict[str, Any]]

ALGORITHMS = (
    "embed", "segment", "segmentmany", "trainclassifier", "classify", "classifymany", "change", "similarity",
    "cluster", "suggestsamples", "reviewsamples", "breaks",
)


def test_the_algorithms_are_listed(qgis_process: Any) -> None:
    listed = qgis_process("list").out
    for name in (*ALGORITHMS, "landcover_from_samples"):
        assert f"geofm:{name}\t" in listed


@pytest.mark.parametrize("name", ["trainclassifier", "change", "breaks"])
def test_help_is_complete(qgis_process: Any, name: str) -> None:
    answer = qgis_process("help", f"geofm:{name}")
    assert answer.code == 0
    for words in ("Parameters", "Results", "BANDS", "DEVICE", "OUTPUT", "MODEL_USED", "DEVICE_USED"):
        assert words in answer.out
    assert "Traceback" not in answer.err


@pytest.mark.slow
@pytest.mark.parametrize(("model", "least"), [("spectral-texture", 0.85), ("galileo-nano", 0.85)])
def test_teach_and_map_with_real_weights(
    run_algorithm: Run, landsat: Any, agreement: Callable[[Path, Path], float], models: Path,
    tmp_path: Path, model: str, least: float,
) -> None:
    classifier, report = tmp_path / "taught.geofm", tmp_path / "report.html"
    taught = run_algorithm(
        "geofm:trainclassifier", INPUT=landsat.scene, SAMPLES=landsat.learn, FIELD="class",
        MODEL=model, OUTPUT=classifier, REPORT=report,
    )
    assert model in taught["MODEL_USED"]
    assert 0 < taught["ACCURACY"] <= 1
    assert "<html" in report.read_text(encoding="utf-8").lower()
    out, sure, shapes = tmp_path / "map.tif", tmp_path / "sure.tif", tmp_path / "map.gpkg"
    mapped = run_algorithm(
        "geofm:classify", INPUT=landsat.scene, CLASSIFIER=classifier, OUTPUT=out, CONFIDENCE=sure,
        POLYGONS=shapes,
    )
    assert Path(mapped["OUTPUT"]) == out
    assert mapped["PIXELS"] == 250 * 250
    assert agreement(out, landsat.ask) > least
    names = _check_map(out, landsat.scene)
    confidence = set(gdal.Open(str(sure)).ReadRaster())
    assert confidence <= {*range(101), 255}
    polygons = ogr.Open(str(shapes))
    assert {f.GetField("name") for f in polygons.GetLayer()} <= set(names)
    job = json.loads(Path(f"{out}.job.json").read_text(encoding="utf-8"))["job"]
    assert job["inputs"] == [{"path": str(landsat.scene)}]
    assert job["classifier"] == str(classifier)


def _check_map(path: Path, scene: Path) -> list[str]:
    made, given = gdal.Open(str(path)), gdal.Open(str(scene))
    assert made.GetMetadataItem("GEOFM_TASK") == "classify"
    assert (made.RasterXSize, made.RasterYSize) == (given.RasterXSize, given.RasterYSize)
    assert made.GetGeoTransform() == given.GetGeoTransform()
    assert made.GetSpatialRef().IsSame(given.GetSpatialRef())
    band = made.GetRasterBand(1)
    assert band.GetNoDataValue() == 0
    names = band.GetCategoryNames()
    assert names == ["no data", "barren", "forest", "herbaceous", "urban", "water"]
    assert band.GetColorTable() is not None
    assert set(made.ReadRaster()) <= set(range(6))
    return names


@pytest.mark.slow
def test_change_between_the_dates(run_algorithm: Run, landsat: Any, tmp_path: Path) -> None:
    out, mask, shapes = (tmp_path / name for name in ("m.tif", "mask.tif", "m.gpkg"))
    results = run_algorithm(
        "geofm:change", BEFORE=landsat.scene, AFTER=landsat.later, MODEL="spectral-texture",
        EXTENT="463000,467000,1735000,1739000 [EPSG:32615]", OUTPUT=out, MASK=mask, POLYGONS=shapes,
    )
    assert results["THRESHOLD_USED"] > 0
    assert results["CHANGED_AREA"] > 0
    made = gdal.Open(str(out))
    assert (made.RasterXSize, made.RasterYSize) == (135, 135)
    polygons = ogr.Open(str(shapes))
    area = sum(feature.GetField("area_m2") for feature in polygons.GetLayer())
    assert area == pytest.approx(results["CHANGED_AREA"], rel=0.01)


@pytest.mark.slow
def test_irmad_compares_the_dates_without_a_model(run_algorithm: Run, landsat: Any, tmp_path: Path) -> None:
    out, mask = tmp_path / "m.tif", tmp_path / "mask.tif"
    results = run_algorithm(
        "geofm:change", BEFORE=landsat.scene, AFTER=landsat.later, METHOD="irmad", FALSE_ALARMS=1,
        ALIGN="warn", CLOUDS="off", OUTPUT=out, MASK=mask,
        EXTENT="463000,467000,1735000,1739000 [EPSG:32615]",
    )
    assert results["MODEL_USED"] == "irmad"
    assert results["THRESHOLD_USED"] > 1
    assert results["CHANGED_AREA"] > 0
    assert gdal.Open(str(out)).GetMetadata()["GEOFM_MODEL"] == "irmad"


@pytest.mark.slow
def test_galileo_groups_a_sentinel_2_chip(
    run_algorithm: Run, samples: Path, models: Path, tmp_path: Path
) -> None:
    scene, out = samples / "sentinel2-chips" / "patch_33188.tif", tmp_path / "groups.tif"
    results = run_algorithm(
        "geofm:cluster", INPUT=scene, MODEL="galileo-nano", CLASSES=5, BANDS="sentinel2-l2a",
        DATE="2022-07-15", OUTPUT=out,
    )
    assert results["MODEL_USED"] == "galileo-nano"
    made, given = gdal.Open(str(out)), gdal.Open(str(scene))
    assert made.GetGeoTransform() == given.GetGeoTransform()
    assert made.GetMetadataItem("GEOFM_DIGEST")
    assert set(made.ReadRaster()) == {1, 2, 3, 4, 5}


def test_teach_and_map_on_a_painted_scene(
    run_algorithm: Run, paint: Any, points: Any, read_map: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "meine Karten – 地図"
    folder.mkdir()
    scene = paint(folder / "сцена 1.tif")
    classifier = folder / "covers.geofm"
    taught = run_algorithm(
        "geofm:trainclassifier", INPUT=scene, SAMPLES=points(folder / "точки.gpkg", scene), FIELD="cover",
        MODEL="spectral-texture", METHOD="forest", OUTPUT=classifier,
    )
    assert taught["ACCURACY"] > 0.9
    out = folder / "карта.tif"
    mapped = run_algorithm("geofm:classify", INPUT=scene, CLASSIFIER=classifier, OUTPUT=out)
    assert Path(mapped["OUTPUT"]) == out
    assert read_map(out).right() > 0.97


def test_a_shell_goes_on_teaching_on_another_image(
    run_algorithm: Run, qgis_process: Any, paint: Any, points: Any, read_map: Any, tmp_path: Path
) -> None:
    scene, later = paint(tmp_path / "scene.tif"), paint(tmp_path / "later.tif", size=(150, 60))
    first, second = tmp_path / "first.geofm", tmp_path / "second.geofm"
    run_algorithm(
        "geofm:trainclassifier", INPUT=scene, SAMPLES=points(tmp_path / "a.gpkg", scene), FIELD="cover",
        MODEL="spectral-texture", METHOD="fast", DATE="2021-06-03", OUTPUT=first,
    )
    given = {
        "INPUT": later, "SAMPLES": points(tmp_path / "b.gpkg", later), "FIELD": "cover", "METHOD": "fast",
        "DATE": "2022-06-03",
    }
    run_algorithm("geofm:trainclassifier", **given, CLASSIFIER=first, KEEP="features", OUTPUT=second)
    job = json.loads(Path(f"{second}.job.json").read_text(encoding="utf-8"))["job"]
    assert (job["classifier"], job["keep"], job.get("model")) == (str(first), "features", None)
    out = tmp_path / "map.tif"
    run_algorithm("geofm:classify", INPUT=later, CLASSIFIER=second, OUTPUT=out)
    assert read_map(out).right() > 0.97
    assert second.stat().st_size > first.stat().st_size
    values = {**given, "CLASSIFIER": tmp_path / "none.geofm", "OUTPUT": tmp_path / "third.geofm"}
    refused = qgis_process("run", "geofm:trainclassifier", *(f"--{k}={v}" for k, v in values.items()))
    assert refused.code != 0
    assert "none.geofm" in refused.out + refused.err


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"MODEL": "galileo-giant"}, "There is no model 'galileo-giant'. Did you mean galileo-nano"),
        ({"INPUT": "/nowhere.tif"}, "/nowhere.tif cannot be opened as a raster."),
        ({"EXTENT": "0,1,0,1 [EPSG:32633]"}, "The extent and the raster do not overlap."),
        ({"BANDS": "B02,B03"}, "2 bands are named, but the layer"),
    ],
)
def test_failures_are_sentences_and_leave_nothing(
    qgis_process: Any, paint: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory,
    values: dict[str, str], words: str,
) -> None:
    scene = paint(tmp_path_factory.mktemp("scene") / "scene.tif")
    given = {
        "INPUT": scene, "MODEL": "spectral-texture", "CLASSES": "4",
        "OUTPUT": tmp_path / "out.tif", **values,
    }
    answer = qgis_process("run", "geofm:cluster", *(f"--{k}={v}" for k, v in given.items()))
    assert answer.code != 0
    assert words in answer.out + answer.err
    assert "Traceback" not in answer.out + answer.err
    assert not list(tmp_path.iterdir())
