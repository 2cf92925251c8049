"""Many labels at once: the map goes on, one undo takes them out, and who cancels has lost nothing."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QApplication

from geofm.algorithms.label_layer import LabelFile
from geofm.ui.teaching.label_home import labels_of
from geofm.ui.teaching.label_panel import LabelPanel

MANY, KINDS = 20_000, "abcde"
# Of the main thread's own time; gathering and writing here would take it some seconds.
LONGEST_TURN_S = 0.25


@pytest.fixture
def panel(dock, scratch_home, landsat, settled):
    labels = labels_of(dock.desk)
    made = LabelPanel(dock.desk, labels)
    made.show()
    made.classes.name.setText("forest, water")
    made.classes.name.returnPressed.emit()
    labels.add(QgsGeometry.fromPointXY(landsat[0].extent().center()), landsat[0].crs(), 1)
    settled()
    yield made
    made.close_panel()
    labels.close()
    sip.delete(made)
    sip.delete(labels)


@pytest.fixture
def points(project, landsat) -> QgsVectorLayer:
    layer = QgsVectorLayer("Point?crs=EPSG:32615&field=class:string", "survey", "memory")
    frame, features = landsat[0].extent(), []
    for number in range(MANY):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([KINDS[number % len(KINDS)]])
        x = frame.xMinimum() + frame.width() * (number % 200) / 200
        y = frame.yMinimum() + frame.height() * (number // 200) / 100
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    project.addMapLayer(layer)
    return layer


def longest_turn(begin: Callable[[], object], over: Callable[[], bool]) -> float:
    """Seconds that the main thread worked in one go from a click until it is over."""
    def timed(call: Callable[[], object]) -> float:
        started = time.thread_time()
        call()
        return time.thread_time() - started

    longest, deadline = timed(begin), time.monotonic() + 120
    while not over():
        assert time.monotonic() < deadline
        longest = max(longest, timed(QApplication.processEvents))
        time.sleep(0.001)
    return longest


def held(panel: LabelPanel) -> tuple[str, list]:
    """What the file is, to the byte, and what is known of it."""
    path = panel.others._labels.file.path
    return hashlib.sha256(Path(path).read_bytes()).hexdigest(), LabelFile(path).labels()


def test_many_are_imported_and_undone_while_the_map_goes_on(panel, points) -> None:
    labels, others = panel.others._labels, panel.others
    before, told = held(panel)[1], []
    labels.bulk.progressed.connect(told.append)
    others.layer.setLayer(points)
    turns = {}

    def idle() -> bool:
        return not labels.bulk.busy

    turns["import"] = longest_turn(others.bring.click, idle)
    assert panel.bar.words.text() == "20000 labels of 5 classes from survey."
    assert sum(labels.file.counts().values()) == len(labels.taught) == MANY + 1
    assert len(told) > 20
    assert told[-1] == ""
    assert not panel.under_way.isVisible()
    turns["undo"] = longest_turn(labels.undo, idle)
    assert held(panel)[1] == before
    assert list(labels.taught) == [one.uuid for one in before]
    assert [info.name for info in labels.classes] == ["forest", "water"]
    turns["redo"] = longest_turn(labels.redo, idle)
    assert sum(labels.file.counts().values()) == len(labels.taught) == MANY + 1
    print({name: f"{1000 * turn:.0f} ms" for name, turn in turns.items()})
    assert max(turns.values()) < LONGEST_TURN_S, turns


@pytest.mark.parametrize("stage", ["first", "Importing: 10", "writing"])
def test_who_cancels_has_lost_nothing(panel, points, stage, monkeypatch) -> None:
    labels, others = panel.others._labels, panel.others
    before, classes, taught = held(panel), labels.classes, labels.taught
    others.layer.setLayer(points)
    if stage == "writing":
        write = LabelFile.write

        def halfway(self, put=(), remove=(), classes=None, watch=None):
            def watched(count: int) -> None:
                if count >= MANY // 2:
                    labels.bulk.cancel()
                watch(count)

            write(self, put, remove, classes, watched)

        monkeypatch.setattr(LabelFile, "write", halfway)
    others.bring.click()
    if stage == "first":
        panel.under_way.cancel.click()
    while labels.bulk.busy:
        QApplication.processEvents()
        if stage != "writing" and panel.under_way.words.text().startswith(stage):
            panel.under_way.cancel.click()
    assert held(panel) == before
    assert (labels.classes, labels.taught) == (classes, taught)
    assert "Cancelled" in panel.bar.words.text()
    assert labels.to_undo == "label forest"


def test_nothing_else_is_written_meanwhile_and_closing_waits(panel, points) -> None:
    labels, others = panel.others._labels, panel.others
    before = held(panel)
    others.layer.setLayer(points)
    others.bring.click()
    assert panel.under_way.words.text().startswith("Importing")
    assert not labels.add_class("late")
    assert "being written" in panel.bar.words.text()
    labels.bulk.close()
    assert held(panel) == before
