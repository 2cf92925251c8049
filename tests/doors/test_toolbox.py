"""The toolbox: processing.run as Processing's dialogs use it, with results loaded and styled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, ogr
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt import sip


def test_a_result_is_loaded_styled_and_says_how_it_was_made(
    toolbox: Any, paint: Any, points: Any, tmp_path: Path
) -> None:
    scene = paint(tmp_path / "scene.tif")
    examples = QgsVectorLayer(str(points(tmp_path / "points.gpkg", scene)), "points", "ogr")
    QgsProject.instance().addMapLayer(examples)
    examples.selectByExpression("cover = 'forest'")
    values = {
        "INPUT": [str(scene)], "EXAMPLES": QgsProcessingFeatureSourceDefinition(examples.id(), True),
        "MODEL": "spectral-texture", "OUTPUT": str(tmp_path / "alike.tif"),
    }
    results = toolbox.runAndLoadResults("geofm:similarity", values)
    assert results["MODEL_USED"] == "spectral-texture"
    [layer] = QgsProject.instance().mapLayersByName("Similarity")
    assert isinstance(layer.renderer(), QgsSingleBandPseudoColorRenderer)
    assert "spectral-texture" in layer.metadata().abstract()
    given = QgsRasterLayer(str(scene), "x")
    assert layer.extent() == given.extent()
    sip.delete(given)
    made = gdal.Open(str(tmp_path / "alike.tif"))
    alike = np.frombuffer(made.ReadRaster(buf_type=gdal.GDT_Float64)).reshape(90, 120)
    assert alike[:, 45:75].min() > max(alike[:, :35].max(), alike[:, 85:].max())


def test_a_run_in_a_background_task_has_its_results_loaded(
    toolbox: Any, paint: Any, qtbot: Any, tmp_path: Path
) -> None:
    """As the toolbox's own dialog runs it: on another thread, with another context."""
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    target = QgsProcessingOutputLayerDefinition(str(tmp_path / "groups.tif"), QgsProject.instance())
    values = {
        "INPUT": [str(paint(tmp_path / "scene.tif"))], "MODEL": "spectral-texture", "CLASSES": 3,
        "OUTPUT": target,
    }
    algorithm = QgsApplication.processingRegistry().algorithmById("geofm:cluster")
    task = QgsProcessingAlgRunnerTask(algorithm, values, context, feedback)
    with qtbot.waitSignal(task.executed, timeout=60_000) as ended:
        QgsApplication.taskManager().addTask(task)
    assert ended.args[0], feedback.textLog()
    assert list(context.layersToLoadOnCompletion()) == [str(tmp_path / "groups.tif")]


def test_change_finds_what_was_built(
    toolbox: Any, paint: Any, log: Any, read_map: Any, tmp_path: Path
) -> None:
    before = paint(tmp_path / "before.tif")
    after = paint(tmp_path / "after.tif", built=(50, 30, 20, 16))
    values = {
        "BEFORE": [str(before)], "AFTER": [str(after)], "MODEL": "spectral-texture",
        "OUTPUT": str(tmp_path / "m.tif"), "MASK": str(tmp_path / "mask.tif"),
        "POLYGONS": str(tmp_path / "m.gpkg"),
    }
    results = toolbox.run("geofm:change", values, feedback=log)
    assert results["THRESHOLD_USED"] > 0
    assert any(line.startswith("Threshold: ") and "Magnitudes" in line for line in log.lines)
    found = read_map(values["MASK"])
    planted = np.zeros((90, 120), bool)
    planted[30:46, 50:70] = True
    changed = found.values == found.names.index("changed")
    # The window of the texture reaches a few pixels over the edge.
    assert changed[planted].mean() > 0.95
    planted[26:50, 46:74] = True
    assert not changed[~planted].any()
    source = ogr.Open(values["POLYGONS"])
    area = sum(feature.GetField("area_m2") for feature in source.GetLayer())
    assert area == pytest.approx(results["CHANGED_AREA"], rel=0.01)
    assert area == pytest.approx(changed.sum() * 100.0, rel=0.01)


@pytest.mark.parametrize("method", ["irmad", "difference"])
def test_the_script_door_compares_without_a_model(
    toolbox: Any, paint: Any, read_map: Any, tmp_path: Path, method: str
) -> None:
    from geofm import api

    before, after = paint(tmp_path / "before.tif"), paint(tmp_path / "after.tif", built=(50, 30, 20, 16))
    mask = tmp_path / "mask.tif"
    found = api.change(
        before, after, method=method, false_alarms=0.5, normalise=False, align="off", clouds="off",
        mask=mask, output=tmp_path / "m.tif", load=False,
    )
    assert found.run.model == method
    assert found.run.facts["threshold_method"] == "false alarms"
    assert "alignment" not in found.run.facts
    assert found.table is None
    planted = np.zeros((90, 120), bool)
    planted[30:46, 50:70] = True
    changed = read_map(mask).values == 1
    assert changed[planted].mean() > 0.95
    with pytest.raises(api.GeoFMError, match="both a threshold and a share"):
        api.change(before, after, threshold=2.0, false_alarms=1.0, load=False)


def test_features_can_be_used_by_other_algorithms(toolbox: Any, paint: Any, tmp_path: Path) -> None:
    scene = paint(tmp_path / "scene.tif")
    values = {"INPUT": [str(scene)], "MODEL": "spectral-texture", "OUTPUT": "TEMPORARY_OUTPUT"}
    features = toolbox.run("geofm:embed", values)["OUTPUT"]
    found = toolbox.run("native:rasterlayerstatistics", {"INPUT": features, "BAND": 1})
    assert found["MAX"] > found["MIN"]
