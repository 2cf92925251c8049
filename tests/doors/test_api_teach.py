"""The script door to teaching: labels one by one, answers at once, a file that maps and is taught on."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal

ROOT = Path(__file__).resolve().parents[2]
HEAD = """
import json, sys
from qgis.core import *
app = QgsApplication([], False)
app.initQgis()
from geofm import api
def at(column, row):
    return 500000 + 10 * column + 5, 5400000 - 10 * row - 5
def box(column, row):
    x, y = at(column, row)
    return QgsGeometry.fromRect(QgsRectangle(x - 15, y - 15, x + 15, y + 15))
def label(lesson, rows, columns=(5, 45, 85)):
    for row in rows:
        for name, column in zip(("water", "forest", "town"), columns):
            lesson.add(box(column, row), name)
"""
TAIL = """
for n in [n for n in list(globals()) if n not in ("app", "sys") and not n.startswith("__")]:
    globals().pop(n)
app.exitQgis()
"""


@pytest.fixture(scope="module")
def scene(paint: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint(tmp_path_factory.mktemp("scene") / "scene.tif")


@pytest.fixture
def answer(script: Any) -> Any:
    """What a script says in its last line, as JSON."""

    def run(code: str, *arguments: object) -> Any:
        done = script(HEAD + code + TAIL, *arguments)
        assert done.code == 0, done.err
        return json.loads(done.out.splitlines()[-1])

    return run


TEACH = """
scene, points, folder = sys.argv[1:]
said, wrong = [], {}
with api.teach(QgsRasterLayer(scene, "scene"), progress=lambda percent, text: said.append(text)) as lesson:
    for name, call in {
        "nothing": lesson.fit,
        "no class": lambda: lesson.add(at(5, 5)),
        "no field": lambda: lesson.add(QgsVectorLayer(points, "points", "ogr")),
        "no file": lambda: lesson.add(folder + "/none.gpkg", field="cover"),
        "no labels": lambda: lesson.add(points),
        "no crs": lambda: lesson.add(at(5, 5), "water", crs="EPSG:0"),
        "nothing to show": lesson.preview,
    }.items():
        try:
            call()
        except api.GeoFMError as error:
            wrong[name] = str(error)
    lesson.add_class("water", "#0000ff")
    metres, world = QgsCoordinateReferenceSystem("EPSG:32633"), QgsCoordinateReferenceSystem("EPSG:4326")
    degrees = QgsCoordinateTransform(metres, world, QgsProject.instance())
    lesson.add(degrees.transform(*at(5, 5)), "water", crs="EPSG:4326")
    lesson.add(QgsPointXY(*at(45, 5)), "forest")
    mistake, = lesson.add(box(85, 5), "forest")
    lesson.add(box(85, 5), "town")
    gone = lesson.add(box(45, 80), "water")
    lesson.fit()
    lesson.remove(gone)
    by_layer = lesson.add(QgsVectorLayer(points, "points", "ogr"), field="cover")
    again = lesson.add(points, field="cover")
    told = lesson.fit()
    layer = lesson.preview(size=(60, 45))
    places = lesson.suggest(3)
    doubtful = lesson.review()
    right = lesson.check().accuracy["overall"]
    part = lesson.preview((500000, 5399700, 500300, 5400000), path=folder + "/part.tif", load=False)
    saved = lesson.save(folder + "/covers.geofm", "Covers")
    found = lesson.classify(confidence=True, output=folder + "/map.tif")
print(json.dumps({
    "wrong": wrong, "counts": [[c.value, c.labels, c.pixels] for c in told.counts], "waiting": told.waiting,
    "classes": [[c.value, c.name, c.color] for c in lesson.opened.classes], "same": by_layer == again,
    "layer": [layer.isValid(), layer.renderer().type(), layer.width()], "part": part, "saved": saved,
    "places": [[p.x, p.y, p.reason] for p in places], "right": right,
    "doubtful": [d.id for d in doubtful.doubtful], "balance": [b.labels for b in doubtful.balance],
    "map": found.output.source(), "confident": found.confidence.isValid(), "said": sorted(set(said)),
}))
"""


def test_a_script_teaches_and_maps(
    answer: Any, scene: Path, points: Any, read_map: Any, tmp_path: Path
) -> None:
    told = answer(TEACH, scene, points(tmp_path / "points.gpkg", scene), tmp_path)
    assert told["counts"] == [[1, 13, 13], [2, 13, 13], [3, 13, 21]]
    assert (told["waiting"], told["same"], told["classes"]) == (0, True, [])
    assert told["layer"] == [True, "paletted", 60]
    assert len(told["places"]) == 3
    assert all(500000 < x < 501200 and 5399100 < y < 5400000 and reason for x, y, reason in told["places"])
    assert told["right"] > 0.9
    assert told["balance"] == [13, 13, 13]
    assert Path(told["part"]) == tmp_path / "part.tif"
    assert read_map(told["map"]).right() > 0.98
    assert read_map(told["map"]).names[1:] == ("water", "forest", "town")
    assert told["confident"]
    assert "Mapping" in told["said"]
    wrong = told["wrong"]
    assert wrong["nothing"].startswith("The labels show fewer than two classes.")
    assert "no class" in wrong["no class"]
    assert "says no class" in wrong["no field"]
    assert "none" in wrong["no file"]
    assert "holds no labels" in wrong["no labels"]
    assert "no coordinate system" in wrong["no crs"]
    assert "Label a place" in wrong["nothing to show"]


TWICE = """
scene, folder = sys.argv[1:]
with api.teach(scene) as lesson:
    label(lesson, (10, 30, 50, 70))
    lesson.save(folder + "/once/c.geofm")
with api.teach(scene) as lesson:
    label(lesson, (70, 10))
    lesson.save(folder + "/then/c.geofm")
api_engine = __import__("geofm.inference.client", fromlist=["x"])
first = api_engine.shared_engine().pid
api_engine.close_shared_engine()
with api.teach(scene, classifier=folder + "/then/c.geofm") as lesson:
    brought = [[c.value, c.labels, c.pixels] for c in lesson.opened.labels]
    label(lesson, (50, 30))
    lesson.save(folder + "/then/c.geofm")
    second = api_engine.shared_engine().pid
print(json.dumps([brought, first != second]))
"""


def test_what_was_saved_is_taught_on_in_another_engine(answer: Any, scene: Path, tmp_path: Path) -> None:
    for name in ("once", "then"):
        (tmp_path / name).mkdir()
    brought, another = answer(TWICE, scene, tmp_path)
    assert brought == [[1, 2, 18], [2, 2, 18], [3, 2, 18]]
    assert another
    once, then = ((tmp_path / name / "c.geofm").read_bytes() for name in ("once", "then"))
    assert once == then


BATCH = """
scene, later, dim, points, folder = sys.argv[1:]
with api.teach(scene) as lesson:
    lesson.add(points, field="cover")
    classifier = lesson.save(folder + "/c.geofm")
many = api.classify_many([scene, later, dim], classifier, novelty=True, output=folder + "/maps", load=False)
taught = api.train(scene, points, "cover", classifier=classifier, method="ensemble", keep="features",
                   output=folder + "/d.geofm")
where = api.suggest_samples(later, classifier, 4, output=folder + "/places.gpkg")
doubts = api.review_samples(classifier)
print(json.dumps([
    [[r.output, list(r.run.warnings), r.run.facts] for r in many.results], len(many.failures),
    taught.run.facts["samples"], where.output.featureCount(), doubts.output.isValid(),
    doubts.run.facts["labels"],
]))
"""


def test_a_classifier_taught_live_maps_many_and_warns_where_one_is_unlike(
    answer: Any, scene: Path, paint: Any, points: Any, read_map: Any, tmp_path: Path
) -> None:
    later, dim = paint(tmp_path / "later.tif", size=(150, 60)), tmp_path / "dim.tif"
    gdal.Translate(str(dim), str(scene), outputType=gdal.GDT_Float32, scaleParams=[[0, 10000, 0, 0.001]])
    given = points(tmp_path / "points.gpkg", scene)
    results, failed, samples, *asked = answer(BATCH, scene, later, dim, given, tmp_path)
    assert asked == [4, True, 36]
    assert failed == 0
    unlike = [[w for w in warnings if "the classifier" in w] for _, warnings, _ in results]
    assert [bool(sentences) for sentences in unlike] == [False, False, True]
    shares = [facts["novelty"]["percent"] for _, _, facts in results]
    assert max(shares[:2]) < 20
    assert shares[2] > 90
    assert read_map(results[1][0]).right() > 0.97
    # The same points by way of a file are the labels that it has.
    assert {name: counts["places"] for name, counts in samples.items()} == {
        "water": 12, "forest": 12, "town": 12,
    }


IN_A_TASK = """
class Work(QgsTask):
    def run(self):
        with api.teach(sys.argv[1]) as lesson:
            label(lesson, (10, 50))
            self.made = lesson.preview(size=(60, 45))
        return True

work = Work("teach", QgsTask.CanCancel)
QgsApplication.taskManager().addTask(work)
while work.status() not in (QgsTask.Complete, QgsTask.Terminated):
    app.processEvents()
layer = work.made
QgsProject.instance().addMapLayer(layer)
stop = []
try:
    api.teach(sys.argv[1], cancelled=lambda: True)
except api.Cancelled as error:
    stop.append(str(error))
print(json.dumps([layer.isValid(), layer.thread() == app.thread(), len(stop)]))
QgsProject.instance().clear()
"""


def test_inside_a_task_and_cancelled(answer: Any, scene: Path) -> None:
    assert answer(IN_A_TASK, scene) == [True, True, 1]


def test_the_example_of_the_readme_runs(answer: Any, scene: Path, points: Any, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(from geofm import api\n\nwith api\.teach.*?)```", text, re.S)
    points(tmp_path / "fields.gpkg", scene)
    for said, meant in (
        ('"scene.tif"', repr(str(scene))), ("421930, 5211840", "500055, 5399945"), ('"class"', '"cover"'),
    ):
        assert said in example
        example = example.replace(said, meant)
    code = f"import os\nos.chdir({str(tmp_path)!r})\n{example}"
    told = "print(json.dumps([os.path.exists('cover.geofm'), quick.isValid(), whole.output.isValid()]))"
    assert answer(f"{code}\n{told}") == [True, True, True]


DOORS = """
from geofm.algorithms import label_layer
from geofm.inference.jobs import ClassInfo
scene, folder = sys.argv[1:]
classes = [ClassInfo(n, name, "#00000%d" % n) for n, name in enumerate(("town", "water", "forest"), 1)]
labels = label_layer.create(folder + "/labels.gpkg", QgsCoordinateReferenceSystem("EPSG:32633"), classes)
spots = {1: 85, 2: 5, 3: 45}
for value, column in spots.items():
    labels.write([label_layer.draw(value, box(column, row)) for row in (9, 31, 70)])
labels.write([label_layer.draw(2, QgsGeometry.fromPointXY(QgsPointXY(*at(12, 50))))])
with api.teach(scene, method="fast") as lesson:
    lesson.add(folder + "/labels.gpkg")
    lesson.save(folder + "/live/c.geofm")
api.train(scene, folder + "/labels.gpkg", "class", method="fast", output=folder + "/batch/c.geofm")
print(json.dumps(0))
"""


def test_the_same_labels_make_the_same_file_through_another_door(
    answer: Any, scene: Path, tmp_path: Path
) -> None:
    for name in ("live", "batch"):
        (tmp_path / name).mkdir()
    answer(DOORS, scene, tmp_path)
    live, batch = ((tmp_path / name / "c.geofm").read_bytes() for name in ("live", "batch"))
    assert live == batch
