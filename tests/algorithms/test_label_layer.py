"""The label file: what is written is there, whatever happens, and any GIS shows it right."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from geofm.algorithms import label_tables
from geofm.algorithms.label_layer import LabelFile, create, draw
from geofm.algorithms.label_tables import CHECK
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import ClassInfo

ROOT = Path(__file__).resolve().parents[2]
FOREST, WATER = ClassInfo(1, "forest", "#1f6b35"), ClassInfo(2, "wat'er", "#2a6fbb")
UTM = "EPSG:32615"


def point(x: float, y: float) -> QgsGeometry:
    return QgsGeometry.fromPointXY(QgsPointXY(x, y))


def square(left: float, bottom: float, side: float) -> QgsGeometry:
    return QgsGeometry.fromRect(QgsRectangle(left, bottom, left + side, bottom + side))


@pytest.fixture
def labels(qgis_app: Any, tmp_path: Path) -> LabelFile:
    return create(str(tmp_path / "labels.gpkg"), QgsCoordinateReferenceSystem(UTM), (FOREST, WATER))


@pytest.fixture
def layers(labels: LabelFile) -> Iterator[tuple[QgsVectorLayer, QgsVectorLayer]]:
    """The two tables as QGIS opens them from a file that it knows nothing of."""
    points, areas = (
        QgsVectorLayer(f"{labels.path}|layername={name}", name, "ogr")
        for name in ("label_points", "label_areas")
    )
    yield points, areas
    sip.delete(points)
    sip.delete(areas)


def rows(path: str, table: str) -> list[dict[str, Any]]:
    """A table as OGR reads it."""
    dataset = ogr.Open(path)
    layer = dataset.GetLayerByName(table)
    return [{**one.items(), "wkt": one.GetGeometryRef().ExportToWkt()} for one in layer]


def test_what_is_written_is_read_back_by_another_library(labels: LabelFile) -> None:
    labels.write([draw(1, point(500000, 1700000), date="2002-04-16", source="scene.tif")])
    labels.write([draw(2, square(500000, 1700000, 90), split=CHECK)])
    (one,), (other,) = rows(labels.path, "label_points"), rows(labels.path, "label_areas")
    assert (one["class"], one["value"], one["source"]) == ("forest", 1, "scene.tif")
    assert one["date"] == "2002/04/16"
    assert one["wkt"] == "POINT (500000 1700000)"
    assert (other["class"], other["split"], other["date"]) == ("wat'er", "check", None)
    assert other["wkt"].startswith("MULTIPOLYGON (((500000 1700000,")
    assert one["author"]
    assert one["made"].endswith("+00")
    assert len({one["uuid"], other["uuid"]}) == 2
    assert labels.crs.authid() == UTM


def test_the_engine_gets_those_that_are_to_be_learnt(labels: LabelFile) -> None:
    first = draw(1, point(1, 2), source="a.tif", date="2002-04-16")
    second = draw(2, square(0, 0, 3))
    labels.write([first, second, draw(1, point(5, 5), split=CHECK)])
    found = labels.read()
    assert [(one.id, one.value, one.crs) for one in found] == [(first.uuid, 1, UTM), (second.uuid, 2, UTM)]
    assert (found[0].source, found[0].date, found[0].author) == ("a.tif", "2002-04-16", first.author)
    assert found[0].geometry == {"type": "Point", "coordinates": [1.0, 2.0]}
    assert found[1].geometry["type"] == "MultiPolygon"
    assert [one.value for one in labels.read(CHECK)] == [1]


def test_a_label_of_the_same_uuid_takes_the_place_of_the_other(labels: LabelFile) -> None:
    first = draw(1, point(1, 2))
    labels.write([first, draw(1, point(8, 8))])
    labels.write([label_tables.Drawn(2, bytes(square(0, 0, 2).asWkb()), uuid=first.uuid)])
    assert labels.counts() == {1: 1, 2: 1}
    labels.write(remove=[first.uuid, "nobody's"])
    assert labels.counts() == {1: 1, 2: 0}
    assert [one.geometry.asWkt() for one in labels.labels()] == ["Point (8 8)"]


def test_a_step_that_cannot_be_done_whole_is_not_done(labels: LabelFile) -> None:
    before = labels.labels()
    with pytest.raises(InvalidRequest, match="value 9"):
        labels.write([draw(1, point(1, 1)), draw(9, point(2, 2))], classes=[FOREST])
    assert (labels.labels(), labels.classes()) == (before, (FOREST, WATER))


def test_a_new_name_reaches_the_labels_and_the_order_stays(labels: LabelFile) -> None:
    labels.write([draw(1, point(1, 1)), draw(2, square(0, 0, 2))])
    labels.set_classes([WATER, ClassInfo(1, "woods", "#000000")])
    assert [info.name for info in labels.classes()] == ["wat'er", "woods"]
    assert [one["class"] for one in rows(labels.path, "label_points")] == ["woods"]
    assert labels.counts() == {2: 1, 1: 1}


def colors(layer: QgsVectorLayer) -> dict[str, set[str]]:
    """What colours a layer of labels shows each class in, as the file says."""
    layer.loadDefaultStyle()
    renderer = layer.renderer()
    assert isinstance(renderer, QgsCategorizedSymbolRenderer)
    found = {}
    for category in renderer.categories():
        symbol = category.symbol()
        found[category.value()] = {part.color().name() for part in symbol.symbolLayers()}
    return found


def test_any_qgis_shows_the_classes_in_their_colours(labels: LabelFile, layers) -> None:
    for layer in layers:
        shown = colors(layer)
        assert set(shown) == {"forest", "wat'er", ""}
        assert "#1f6b35" in shown["forest"]
        assert "#2a6fbb" in shown["wat'er"]
    labels.set_classes([ClassInfo(1, "forest", "#ff00ff")])
    assert "#ff00ff" in colors(layers[0])["forest"]
    assert set(colors(layers[1])) == {"forest", ""}


def test_layers_of_a_project_see_what_is_written_while_they_are_open(labels: LabelFile, layers) -> None:
    labels.write([draw(1, point(1, 1))])
    layers[0].dataProvider().reloadData()
    assert [one["class"] for one in layers[0].getFeatures()] == ["forest"]
    layers[0].startEditing()
    labels.write([draw(1, point(2, 2))])
    layers[0].dataProvider().reloadData()
    assert layers[0].featureCount() == 2
    layers[0].rollBack()


def test_what_other_programs_write_is_completed(labels: LabelFile, layers) -> None:
    kept = draw(1, point(1, 1))
    labels.write([kept])
    layer = layers[0]
    layer.startEditing()
    for x, name in ((3, "forest"), (4, "swamp"), (5, None)):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(point(x, x))
        feature["class"], feature["uuid"] = name, kept.uuid
        layer.addFeature(feature)
    assert layer.commitChanges()
    assert labels.mend()
    assert not labels.mend()
    found = labels.labels()
    assert [(one.geometry.asPoint().x(), one.value) for one in found] == [(1, 1), (3, 1), (4, 3)]
    assert len({one["uuid"] for one in rows(labels.path, "label_points")}) == 4
    assert found[0].uuid == kept.uuid
    assert labels.classes()[2].name == "swamp"


def test_a_changed_name_in_a_table_changes_the_class(labels: LabelFile, layers) -> None:
    labels.write([draw(1, point(1, 1))])
    layer = layers[0]
    layer.startEditing()
    (feature,) = layer.getFeatures()
    layer.changeAttributeValue(feature.id(), layer.fields().lookupField("class"), "wat'er")
    assert layer.commitChanges()
    assert labels.mend()
    assert labels.counts() == {1: 0, 2: 1}


def test_labels_are_found_by_place(labels: LabelFile) -> None:
    labels.write([draw(1, point(x, x)) for x in range(10)])
    assert len(labels.labels(within=QgsRectangle(2.5, 2.5, 5.5, 5.5))) == 3


def test_an_image_without_a_coordinate_system_has_labels_too(qgis_app: Any, tmp_path: Path) -> None:
    plain = create(str(tmp_path / "plain.gpkg"), QgsCoordinateReferenceSystem(), (FOREST,))
    plain.write([draw(1, point(3, 4))])
    again = LabelFile(plain.path)
    assert not again.crs.isValid()
    assert again.read()[0].crs == ""


def test_a_custom_coordinate_system_is_kept(qgis_app: Any, tmp_path: Path) -> None:
    custom = QgsCoordinateReferenceSystem.fromProj("+proj=laea +lat_0=12 +lon_0=34 +datum=WGS84")
    made = create(str(tmp_path / "custom.gpkg"), custom)
    assert made.crs.toProj().startswith(custom.toProj().replace(" +datum=WGS84", ""))


def test_files_that_hold_no_labels_are_refused_in_words(qgis_app: Any, tmp_path: Path, polygons_path) -> None:
    with pytest.raises(UnsupportedInput, match="gone"):
        LabelFile(str(tmp_path / "none.gpkg"))
    assert not (tmp_path / "none.gpkg").exists()
    with pytest.raises(UnsupportedInput, match="cannot be read"):
        LabelFile(str(polygons_path))
    other = str(tmp_path / "other.gpkg")
    ogr.GetDriverByName("GPKG").CreateDataSource(other).CreateLayer("roads")
    with pytest.raises(UnsupportedInput, match="holds no labels"):
        LabelFile(other)


def test_a_file_is_never_overwritten_and_no_half_one_stays(labels: LabelFile, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match="already"):
        create(labels.path, labels.crs)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UnsupportedInput, match="No label file can be made"):
        create(str(tmp_path / "file" / "labels.gpkg"), labels.crs)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "labels.gpkg"]


def test_another_program_that_writes_is_named(labels: LabelFile) -> None:
    other = sqlite3.connect(labels.path)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UnsupportedInput, match="Another program is writing"):
        labels.write([draw(1, point(1, 1))])
    other.rollback()
    other.close()
    labels.write([draw(1, point(1, 1))])
    assert labels.counts()[1] == 1


PREAMBLE = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
from qgis.core import QgsApplication, QgsGeometry, QgsPointXY
application = QgsApplication([], False)
application.initQgis()
from geofm.algorithms.label_layer import LabelFile, draw
labels = LabelFile(sys.argv[2])
def at(x):
    return draw(1, QgsGeometry.fromPointXY(QgsPointXY(x, x)))
"""


@pytest.fixture
def elsewhere(plugins: Path, labels: LabelFile) -> Callable[[str], subprocess.Popen[str]]:
    """Start a program in another process that has the label file as ``labels``."""

    def start(code: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PREAMBLE + code, str(plugins), labels.path]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)

    return start


def test_a_killed_program_leaves_all_labels_that_it_wrote(labels: LabelFile, elsewhere) -> None:
    code = """
number = 0
while True:
    label = at(number)
    # Many at once, so that the end comes in the midst of them.
    labels.write([label, *(at(number) for _ in range(200))])
    print(label.uuid, flush=True)
    number += 1
"""
    child = elsewhere(code)
    told, times = [], []
    for _ in range(4):
        told.append(child.stdout.readline().strip())
        times.append(time.monotonic())
    time.sleep((times[-1] - times[-2]) / 2)
    os.kill(child.pid, signal.SIGKILL)
    told += child.communicate()[0].split()
    found = LabelFile(labels.path).labels()
    assert len(told) >= 4
    assert set(told) <= {one.uuid for one in found}
    assert len(found) % 201 == 0
    assert sqlite3.connect(labels.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    labels.write([draw(2, point(0, 0))])


def test_what_a_killed_program_had_half_written_is_taken_back(labels: LabelFile, elsewhere) -> None:
    labels.write([draw(1, point(1, 1))])
    code = """
import sqlite3, os
file = sqlite3.connect(labels.path, isolation_level=None)
# A cache of one page: rows reach the file before they are committed.
file.execute("PRAGMA cache_size = 1")
file.execute("BEGIN")
for number in range(2000):
    row = (100 + number, "x" * 500, "#000000")
    file.execute("INSERT INTO classes (value, name, color) VALUES (?, ?, ?)", row)
os.kill(os.getpid(), 9)
"""
    errors = elsewhere(code).communicate()[1]
    assert Path(f"{labels.path}-journal").stat().st_size > 0, errors
    found = LabelFile(labels.path)
    assert len(found.labels()) == 1
    assert [info.value for info in found.classes()] == [info.value for info in labels.classes()]


def test_a_full_disk_is_told_and_nothing_is_lost(labels: LabelFile, elsewhere) -> None:
    labels.write([draw(1, point(1, 1))])
    code = """
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = Path(labels.path).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    labels.write([at(number) for number in range(5000)])
except Exception as error:
    print(type(error).__name__, error, "|", error.detail)
"""
    out, errors = elsewhere(code).communicate()
    assert out.startswith("UnsupportedInput There is no room on the disk"), (out, errors)
    assert labels.counts()[1] == 1


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="becomes another user to be refused")
def test_a_file_that_may_not_be_written_is_told(labels: LabelFile, elsewhere, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    code = """
import os
os.setuid(65534)
try:
    labels.write([at(1)])
except Exception as error:
    print(type(error).__name__, error)
print(len(labels.classes()))
"""
    out, errors = elsewhere(code).communicate()
    assert out.startswith("UnsupportedInput The labels in labels.gpkg cannot be changed."), (out, errors)
    assert out.split()[-1] == "2"
