"""The script door: in a stand-alone script and inside a QgsTask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HEAD = """
import json, sys
from qgis.core import *
app = QgsApplication([], False)
app.initQgis()
from geofm import api
from geofm.inference.errors import *
"""
TAIL = """
del_names = [n for n in list(globals()) if n not in ("app", "sys") and not n.startswith("__")]
for n in del_names:
    globals().pop(n)
app.exitQgis()
"""

@pytest.fixture(scope="module")
def scene(paint: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint(tmp_path_factory.mktemp("scene") / "scene.tif")


@pytest.fixture(scope="module")
def labels(points: Any, scene: Path) -> Path:
    return points(scene.with_name("points.gpkg"), scene)


TEACH_AND_MAP = """
scene, samples, folder = sys.argv[1:]
layer = QgsRasterLayer(scene, "scene")
polygons = QgsVectorLayer(samples, "samples", "ogr")
said = []
taught = api.train(layer, polygons, "cover", "spectral-texture", method="fast",
                   output=folder + "/c.geofm", progress=lambda percent, text: said.append((percent, text)))
found = api.classify([layer], taught.output, confidence=True, polygons=folder + "/p.gpkg",
                     output=folder + "/map.tif")
again = api.classify(scene, taught.output, output=folder + "/again.tif", load=False)
coarse = api.classify(scene, taught.output, polygons=folder + "/coarse.gpkg", min_area=400000, simplify=1.5,
                      output=folder + "/coarse.tif")
areas = [[f["area_m2"] for f in layer.getFeatures()] for layer in (found.polygons, coarse.polygons)]
half = layer.extent()
half.setXMaximum(half.center().x())
corner = QgsVectorLayer(f"Polygon?crs={layer.crs().authid()}", "corner", "memory")
feature = QgsFeature()
feature.setGeometry(QgsGeometry.fromRect(half))
corner.dataProvider().addFeature(feature)
part = api.classify(scene, taught.output, area=corner, output=folder + "/part.tif")
doubted = api.classify(scene, taught.output, novelty=folder + "/new.gpkg", refuse_below=99.5,
                       refuse_novel=True, output=folder + "/doubted.tif")
print(json.dumps({
    "sums": [sum(areas[0]), sum(areas[1])],
    "least": [min(areas[0]), min(areas[1])],
    "part": [part.output.width() / layer.width(), part.output.height() / layer.height()],
    "doubted": [[item.label for item in doubted.output.renderer().classes()], doubted.novelty.isValid(),
                type(doubted.novelty.renderer()).__name__, doubted.run.facts["refused"]],
    "classifier": taught.output,
    "said": sorted({text for _, text in said}),
    "percents": [min(p for p, _ in said), max(p for p, _ in said)],
    "legend": [item.label for item in found.output.renderer().classes()],
    "valid": [found.output.isValid(), found.confidence.isValid(), found.polygons.isValid()],
    "confidence": type(found.confidence.renderer()).__name__,
    "polygons": type(found.polygons.renderer()).__name__,
    "abstract": found.output.metadata().abstract(),
    "model": found.run.model,
    "again": again.output,
    "ids": [card.id for card in api.models("trainclassifier")],
}))
"""


@pytest.mark.slow
def test_teach_and_map_in_a_script(script: Any, scene: Path, labels: Path, tmp_path: Path) -> None:
    answer = script(HEAD + TEACH_AND_MAP + TAIL, scene, labels, tmp_path)
    assert answer.code == 0, answer.err
    found = json.loads(answer.out.splitlines()[-1])
    assert found["classifier"] == str(tmp_path / "c.geofm")
    assert found["percents"][1] == 100
    assert any(text for text in found["said"])
    assert found["legend"] == ["forest", "town", "water"]
    assert found["valid"] == [True] * 3
    assert found["sums"][0] == pytest.approx(found["sums"][1])
    assert found["least"][0] < 400000 <= found["least"][1]
    (job_file,) = tmp_path.glob("coarse*.job.json")
    assert json.loads(job_file.read_text())["job"]["simplify"] == 1.5
    assert found["confidence"] == "QgsSingleBandPseudoColorRenderer"
    assert found["polygons"] == "QgsCategorizedSymbolRenderer"
    assert found["model"] in found["abstract"]
    assert {"galileo-nano", "spectral-texture"} <= set(found["ids"])
    assert found["part"] == [0.5, 1.0]
    legend, opened, renderer, refused = found["doubted"]
    assert legend == ["forest", "town", "water", "unknown"]
    assert (opened, renderer) == (True, "QgsSingleSymbolRenderer")
    assert (refused["below"], refused["novel"]) == (99.5, True)
    assert found["again"] == str(tmp_path / "again.tif")
    assert (tmp_path / "again.tif").read_bytes() == (tmp_path / "map.tif").read_bytes()


FAIL = """
scene = sys.argv[1]
calls = {
    "model": lambda: api.cluster(scene, "galileo-giant"),
    "path": lambda: api.cluster("/nowhere.tif"),
    "field": lambda: api.train(scene, sys.argv[2], "kind"),
    "option": lambda: api.cluster(scene, colour="red"),
    "extent": lambda: api.train(scene, sys.argv[2], "cover", extent="0,1,0,1"),
    "area": lambda: api.cluster(scene, area=sys.argv[2], output=sys.argv[3] + "/x.tif"),
    "classifier": lambda: api.classify(scene, "/nowhere.geofm"),
    "cancel": lambda: api.cluster(scene, output=sys.argv[3] + "/x.tif", cancelled=lambda: True),
}
kinds = {}
for name, call in calls.items():
    try:
        call()
    except GeoFMError as error:
        kinds[name] = [type(error).__name__, str(error)]
print(json.dumps(kinds))
"""


def test_errors_keep_their_type_and_hint(
    script: Any, scene: Path, labels: Path, tmp_path: Path
) -> None:
    answer = script(HEAD + FAIL + TAIL, scene, labels, tmp_path)
    assert answer.code == 0, answer.err
    found = json.loads(answer.out.splitlines()[-1])
    assert {name: kind for name, (kind, _) in found.items()} == {
        "model": "ModelMissing",
        "path": "UnsupportedInput",
        "field": "UnsupportedInput",
        "option": "InvalidRequest",
        "extent": "InvalidRequest",
        "area": "UnsupportedInput",
        "classifier": "ModelMissing",
        "cancel": "Cancelled",
    }
    assert "Did you mean galileo-nano" in found["model"][1]
    assert "Its fields are" in found["field"][1]
    assert "holds no polygon" in found["area"][1]
    assert not list(tmp_path.iterdir())


WITHOUT_QGIS = """
from geofm import api
try:
    api.cluster("x.tif")
except api.GeoFMError as error:
    print(error)
"""


def test_without_qgis_the_script_is_told_how(script: Any) -> None:
    answer = script(WITHOUT_QGIS)
    assert "QgsApplication" in answer.out


IN_A_TASK = """
class Work(QgsTask):
    def run(self):
        self.found = api.cluster(sys.argv[1], classes=3, output=sys.argv[2])
        return True

work = Work("cluster", QgsTask.CanCancel)
QgsApplication.taskManager().addTask(work)
while work.status() not in (QgsTask.Complete, QgsTask.Terminated):
    app.processEvents()
layer = work.found.output
QgsProject.instance().addMapLayer(layer)
print(json.dumps([layer.isValid(), layer.thread() == app.thread(), layer.renderer().type()]))
QgsProject.instance().clear()
"""


def test_inside_a_task_the_layer_is_for_the_main_thread(
    script: Any, scene: Path, tmp_path: Path
) -> None:
    answer = script(HEAD + IN_A_TASK + TAIL, scene, tmp_path / "c.tif")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out.splitlines()[-1]) == [True, True, "paletted"]


ONE_ENGINE = """
from geofm.inference.client import shared_engine
api.cluster(sys.argv[1], classes=3)
first = shared_engine().pid
api.cluster(sys.argv[1], classes=4)
print(json.dumps([first, shared_engine().pid]))
"""


def test_a_second_run_finds_the_engine_warm(script: Any, scene: Path) -> None:
    answer = script(HEAD + ONE_ENGINE + TAIL, scene)
    first, second = json.loads(answer.out.splitlines()[-1])
    assert first == second
    assert first is not None
