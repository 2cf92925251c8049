"""Many images in one run: each mapped on its own, one engine, one model, one folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt import sip

from geofm.algorithms import session
from geofm.inference.places import engine_log_path


@pytest.fixture
def three(paint: Any, tmp_path: Path) -> list[Path]:
    """Three scenes of one name, the second cut off in the middle of its pixels."""
    scenes = []
    for index, size in enumerate([(120, 90), (130, 80), (110, 100)]):
        folder = tmp_path / f"day {index}"
        folder.mkdir()
        scenes.append(paint(folder / "scene.tif", size=size))
    scenes[1].write_bytes(scenes[1].read_bytes()[:40_000])
    return scenes


@pytest.fixture
def alone(toolbox: Any, taught: Path, tmp_path: Path) -> Callable[[Path], bytes]:
    """The bytes of the map that a run over one image makes."""

    def run(scene: Path) -> bytes:
        values = {"INPUT": [str(scene)], "CLASSIFIER": str(taught), "OUTPUT": str(tmp_path / "alone.tif")}
        return Path(toolbox.run("geofm:classify", values)["OUTPUT"]).read_bytes()

    return run


def test_one_that_fails_does_not_stop_the_others(
    toolbox: Any, taught: Path, three: list[Path], alone: Any, log: Any, tmp_path: Path
) -> None:
    nothing = tmp_path / "no raster.tif"
    nothing.write_text("nothing")
    values = {
        "INPUTS": [str(path) for path in (three[0], nothing, *three[1:])], "CLASSIFIER": str(taught),
        "OUTPUT_FOLDER": str(tmp_path / "maps" / "new"), "CONFIDENCE": True, "POLYGONS": True,
    }
    results = toolbox.run("geofm:classifymany", values, feedback=log)
    folder = tmp_path / "maps" / "new"
    assert results["OUTPUTS"] == [str(folder / "scene_map.tif"), str(folder / "scene_3_map.tif")]
    assert (results["DONE"], results["FAILED"]) == (2, 2)
    assert results["PIXELS"] == 120 * 90 + 110 * 100
    assert results["MODEL_USED"]
    assert (folder / "scene_map.tif").read_bytes() == alone(three[0])
    assert (folder / "scene_3_map.tif").read_bytes() == alone(three[2])
    assert (folder / "scene_confidence.tif").is_file()
    assert (folder / "scene_polygons.gpkg").is_file()
    assert not list(folder.glob("scene_2*"))
    assert not list(folder.glob(".*"))
    no_raster, cut = results["FAILURES"].splitlines()
    assert no_raster.startswith("no raster.tif: ")
    assert "cannot be opened as a raster" in no_raster
    assert cut.startswith("scene: A part of scene.tif cannot be read.")
    assert log.lines.count(cut) == 1
    assert "2 of 4 images are mapped." in log.lines
    assert log.percents == sorted(log.percents)
    assert log.percents[-1] == 100
    assert any(30 < percent < 60 for percent in log.percents)


def test_the_maps_are_opened_and_styled(
    toolbox: Any, taught: Path, paint: Any, tmp_path: Path
) -> None:
    layers = [QgsRasterLayer(str(paint(tmp_path / f"{n}.tif")), f"Day {n}: a/b") for n in (1, 2)]
    values = {
        "INPUTS": layers, "CLASSIFIER": str(taught), "OUTPUT_FOLDER": "TEMPORARY_OUTPUT", "CONFIDENCE": False,
    }
    results = toolbox.runAndLoadResults("geofm:classifymany", values)
    assert [Path(path).name for path in results["OUTPUTS"]] == ["Day 1_ a_b_map.tif", "Day 2_ a_b_map.tif"]
    shown = {layer.name(): layer for layer in QgsProject.instance().mapLayers().values()}
    assert set(shown) == {"Day 1: a/b: Class map", "Day 2: a/b: Class map"}
    legend = [item.label for item in shown["Day 1: a/b: Class map"].renderer().classes()]
    assert sorted(legend) == ["forest", "town", "water"]
    for layer in layers:
        sip.delete(layer)


def test_maps_do_not_replace_images_or_each_other(
    toolbox: Any, taught: Path, paint: Any, tmp_path: Path
) -> None:
    """The folder may be that of the images, and one image may be called as another's map."""
    scenes = [paint(tmp_path / name) for name in ("a.tif", "a_map.tif", "A.tiff")]
    before = [path.read_bytes() for path in scenes]
    values = {
        "INPUTS": [str(path) for path in scenes], "CLASSIFIER": str(taught), "LOAD": False,
        "OUTPUT_FOLDER": str(tmp_path), "CONFIDENCE": False,
    }
    made = toolbox.run("geofm:classifymany", values)["OUTPUTS"]
    assert [Path(path).name for path in made] == ["a_2_map.tif", "a_map_map.tif", "A_3_map.tif"]
    assert [path.read_bytes() for path in scenes] == before
    again = toolbox.run("geofm:classifymany", values)["OUTPUTS"]
    assert again == made


def test_none_that_can_be_mapped_is_a_failure(refused: Any, taught: Path, tmp_path: Path) -> None:
    (tmp_path / "no.tif").write_text("nothing")
    given = {"CLASSIFIER": str(taught), "OUTPUT_FOLDER": str(tmp_path / "maps")}
    said = refused("classifymany", INPUTS=[str(tmp_path / "no.tif")], **given)
    assert "no.tif cannot be opened as a raster." in said
    assert "INPUTS" in refused("classifymany", INPUTS=[], **given)


def test_cancel_ends_all(
    toolbox: Any, taught: Path, paint: Any, log: Any, tmp_path: Path
) -> None:
    scenes = [paint(tmp_path / f"{n}.tif") for n in range(3)]
    told = log.pushInfo

    def stop_at_the_second(text: str) -> None:
        told(text)
        if text.startswith("Image 2"):
            log.cancel()

    log.pushInfo = stop_at_the_second
    values = {
        "INPUTS": [str(path) for path in scenes], "CLASSIFIER": str(taught), "CONFIDENCE": False,
        "OUTPUT_FOLDER": str(tmp_path / "maps"),
    }
    with pytest.raises(QgsProcessingException, match="cancelled"):
        toolbox.run("geofm:classifymany", values, feedback=log)
    assert not any(line.startswith("Image 3") for line in log.lines)
    left = sorted(path.name for path in (tmp_path / "maps").iterdir())
    assert [name for name in left if name.endswith(".tif")] == ["0_map.tif"]


def test_in_a_background_task_one_engine_does_all(
    toolbox: Any, taught: Path, paint: Any, qtbot: Any, tmp_path: Path
) -> None:
    """As the toolbox's dialog runs it; the engine is that of the dock."""
    scenes = [str(paint(tmp_path / f"{n}.tif")) for n in range(3)]
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    values = {
        "INPUTS": scenes, "CLASSIFIER": str(taught), "OUTPUT_FOLDER": str(tmp_path / "maps"),
        "CONFIDENCE": False,
    }
    engine = session.engine().pid
    algorithm = QgsApplication.processingRegistry().algorithmById("geofm:classifymany")
    task = QgsProcessingAlgRunnerTask(algorithm, values, context, feedback)
    with qtbot.waitSignal(task.executed, timeout=60_000) as ended:
        QgsApplication.taskManager().addTask(task)
    assert ended.args[0], feedback.textLog()
    assert session.engine().pid == engine
    assert sorted(context.layersToLoadOnCompletion()) == [
        str(tmp_path / "maps" / f"{n}_map.tif") for n in range(3)
    ]


def test_the_batch_panel_reuses_engine_and_model(
    toolbox: Any, taught: Path, three: list[Path], alone: Any, tmp_path: Path
) -> None:
    """What the toolbox's batch dialog does with its rows: one algorithm, a new context for each."""
    wanted = [alone(three[0]), alone(three[2])]
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("geofm:classify")
    whole = QgsProcessingFeedback(False)
    feedback = QgsProcessingMultiStepFeedback(3, whole)
    engine, before = session.engine().pid, _loadings()
    went = []
    for number, scene in enumerate(three):
        feedback.setCurrentStep(number)
        context = QgsProcessingContext()
        out = str(tmp_path / f"{number}.tif")
        values = {"INPUT": [str(scene)], "CLASSIFIER": str(taught), "OUTPUT": out}
        went.append(algorithm.run(values, context, feedback)[1])
    assert went == [True, False, True]
    assert [(tmp_path / f"{number}.tif").read_bytes() for number in (0, 2)] == wanted
    assert not (tmp_path / "1.tif").exists()
    assert (session.engine().pid, _loadings()) == (engine, before)


def test_the_command_line_of_qgis_loads_the_model_once(
    run_algorithm: Any, taught: Path, three: list[Path], alone: Any, tmp_path: Path
) -> None:
    before = _loadings()
    results = run_algorithm(
        "geofm:classifymany", INPUTS=three, CLASSIFIER=taught, OUTPUT_FOLDER=tmp_path / "maps",
        CONFIDENCE="false",
    )
    assert (results["DONE"], results["FAILED"]) == (2, 1)
    assert "scene.tif cannot be read" in results["FAILURES"]
    assert _loadings() == before + 1
    for scene, made in zip((three[0], three[2]), results["OUTPUTS"]):
        assert Path(made).read_bytes() == alone(scene)


def _loadings() -> int:
    path = engine_log_path()
    return path.read_text(encoding="utf-8").count("Loading spectral-texture.") if path.exists() else 0


SCRIPT = """
import json, sys
from qgis.core import *
app = QgsApplication([], False)
app.initQgis()
from geofm import api
classifier, folder, *scenes = sys.argv[1:]
found = api.classify_many(scenes, classifier, confidence=True, polygons=True, min_area=300.0, output=folder,
                          novelty=True, refuse_below=30.0, refuse_novel=True)
said = {
    "names": [result.output.name() for result in found.results],
    "valid": [result.output.isValid() and result.confidence.isValid() for result in found.results],
    "least": min(shape["area_m2"] for result in found.results for shape in result.polygons.getFeatures()),
    "new": [result.novelty.isValid() for result in found.results],
    "legends": [result.output.renderer().classes()[-1].label for result in found.results],
    "pixels": [result.run.pixels for result in found.results],
    "failures": [[failure.title, type(failure.error).__name__] for failure in found.failures],
}
for name, options in (("none", {}), ("option", {"grid": "finest"}), ("cancel", {"cancelled": lambda: True})):
    try:
        api.classify_many([scenes[1]], classifier, **options)
    except api.GeoFMError as error:
        said[name] = [type(error).__name__, str(error)]
print(json.dumps(said))
for name in [n for n in list(globals()) if n not in ("app", "sys") and not n.startswith("__")]:
    if name != "name":
        globals().pop(name)
# What an error remembers of where it was raised holds layers, which must not outlive QGIS.
import gc
gc.collect()
app.exitQgis()
"""


def test_a_script_gets_the_results_and_the_failures(
    script: Any, taught: Path, three: list[Path], tmp_path: Path
) -> None:
    answer = script(SCRIPT, taught, tmp_path / "maps", *three)
    assert answer.code == 0, answer.err
    said = json.loads(answer.out.splitlines()[-1])
    assert said["names"] == ["scene: Class map", "scene: Class map"]
    assert said["valid"] == [True, True]
    assert said["least"] >= 300.0
    assert said["new"] == [True, True]
    assert said["legends"] == ["unknown", "unknown"]
    assert len(list((tmp_path / "maps").glob("*_novelty.gpkg"))) == 2
    assert said["pixels"] == [120 * 90, 110 * 100]
    assert said["failures"] == [["scene", "UnsupportedInput"]]
    assert said["none"][0] == "UnsupportedInput"
    assert said["option"] == ["InvalidRequest", "geofm:classifymany does not take grid."]
    assert said["cancel"][0] == "Cancelled"
