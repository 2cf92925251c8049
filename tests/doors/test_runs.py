"""Runs from inside QGIS: told of while they last, cancelled, crashed, repeated in a batch."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qgis.gui
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsProject
from qgis.gui import QgsBrowserGuiModel
from qgis.PyQt import sip

from geofm.inference.client import shared_engine

LARGE = 1600


@pytest.fixture(scope="module")
def large(paint: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene that takes a few seconds."""
    return paint(tmp_path_factory.mktemp("large") / "large.tif", size=(LARGE, LARGE))


def _clustering(scene: Path, out: Path) -> dict[str, Any]:
    return {"INPUT": [str(scene)], "MODEL": "spectral-texture", "CLASSES": 3, "OUTPUT": str(out)}


class Meddler(QgsProcessingFeedback):
    """Feedback that does something once, in the middle of the mapping."""

    def __init__(self, what: Callable[[], None], percent: float = 0) -> None:
        super().__init__(False)
        self.lines: list[str] = []
        self.done_at = 0.0
        self._what = what
        self._percent = percent
        self.progressChanged.connect(self._look)

    def setProgressText(self, text: str) -> None:
        self.lines.append(text)

    def pushDebugInfo(self, info: str) -> None:
        self.lines.append(info)

    def _look(self, percent: float) -> None:
        if self.lines and self.lines[-1] == "Mapping" and percent > self._percent and not self.done_at:
            self.done_at = time.monotonic()
            self._what()


def test_progress_counts_up_within_each_stage(
    toolbox: Any, large: Path, log: Any, tmp_path: Path
) -> None:
    toolbox.run("geofm:cluster", _clustering(large, tmp_path / "c.tif"), feedback=log)
    stages = [line for line in log.lines if line in ("Getting to know the image", "Mapping")]
    assert stages[-1] == "Mapping"
    mapping = log.percents[max(i for i, p in enumerate(log.percents) if p == min(log.percents)) :]
    assert mapping == sorted(mapping)
    assert mapping[-1] == 100
    assert len(mapping) > 4
    assert any(re.fullmatch(r"[\d,]+ pixels in .+, [\d,]+ a second\.", line) for line in log.lines)


def test_cancel_ends_soon_leaves_nothing_and_keeps_the_engine(
    toolbox: Any, large: Path, tmp_path: Path
) -> None:
    meddler = Meddler(lambda: meddler.cancel())
    toolbox.run("geofm:cluster", _clustering(large, tmp_path / "first.tif"))
    before, engine = set(tmp_path.iterdir()), shared_engine().pid
    with pytest.raises(QgsProcessingException, match="cancelled"):
        toolbox.run("geofm:cluster", _clustering(large, tmp_path / "c.tif"), feedback=meddler)
    assert time.monotonic() - meddler.done_at < 2
    assert set(tmp_path.iterdir()) == before
    assert shared_engine().pid == engine


def test_a_killed_engine_is_one_sentence_and_the_next_run_goes_on(
    toolbox: Any, large: Path, read_map: Any, log: Any, tmp_path: Path
) -> None:
    values = {**_clustering(large, tmp_path / "c.tif"), "CLASSES": 4}
    # Not at the first block, of which nothing may be written yet.
    meddler = Meddler(lambda: os.kill(shared_engine().pid, signal.SIGKILL), percent=50)
    with pytest.raises(QgsProcessingException) as caught:
        toolbox.run("geofm:cluster", values, feedback=meddler)
    assert time.monotonic() - meddler.done_at < 5
    sentence = str(caught.value)
    assert "engine" in sentence
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    # The detail in Processing's log is the tail of the engine's own.
    assert any("INFO geofm.inference.engine.worker: Engine" in line for line in meddler.lines)
    assert not list(tmp_path.iterdir())
    mapped = read_map(toolbox.run("geofm:cluster", values, feedback=log)["OUTPUT"])
    assert set(np.unique(mapped.values)) == {1, 2, 3, 4}
    assert any("from an earlier run" in line for line in log.lines)


def test_a_kill_between_two_results_leaves_neither(
    toolbox: Any, paint: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The magnitude is complete when the mask is begun, but it is half of what was asked for."""
    half_made: list[str] = []

    class Killer(QgsProcessingFeedback):
        def setProgressText(self, text: str) -> None:
            if text in ("Marking the changes", "Drawing polygons") and not half_made:
                half_made.extend(path.name for path in tmp_path.iterdir())
                os.kill(shared_engine().pid, signal.SIGKILL)

    # One pixel further east: noise everywhere, which makes polygons that take their time.
    moved = (500010.0, 10.0, 0.0, 5400000.0, 0.0, -10.0)
    folder, size = tmp_path_factory.mktemp("dates"), (LARGE // 2, LARGE // 2)
    before = paint(folder / "before.tif", size=size)
    after = paint(folder / "after.tif", size=size, transform=moved)
    values = {
        "BEFORE": [str(before)], "AFTER": [str(after)], "MODEL": "spectral-texture", "THRESHOLD": 2.0,
        "ALIGN": "off", "CLOUDS": "off", "OUTPUT": str(tmp_path / "m.tif"),
        "POLYGONS": str(tmp_path / "m.gpkg"),
    }
    with pytest.raises(QgsProcessingException, match="engine stopped"):
        toolbox.run("geofm:change", values, feedback=Killer())
    assert "m.tif" in half_made
    assert not list(tmp_path.iterdir())


@pytest.fixture
def desktop(qgis_iface: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The part of QGIS's interface that Processing's dialogs want to be real."""
    model = QgsBrowserGuiModel()
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: model)
    yield
    sip.delete(model)


@pytest.mark.skipif(
    hasattr(qgis.gui, "QgsProcessingBatchAlgorithmDialogBase"),
    reason="the batch dialog of newer QGIS crashes without its main window, with QGIS's own algorithms too",
)
def test_a_batch_of_scenes_in_the_batch_dialog(
    toolbox: Any, desktop: None, taught: Path, paint: Any, read_map: Any, qtbot: Any, tmp_path: Path
) -> None:
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
    from processing.tools.dataobjects import createContext
    from qgis.core import QgsApplication

    scenes = [paint(tmp_path / f"scene {i}.tif", size=(60 + 30 * i, 40)) for i in range(3)]
    dialog = BatchAlgorithmDialog(
        QgsApplication.processingRegistry().createAlgorithmById("geofm:classify"), None
    )
    qtbot.addWidget(dialog)
    panel = dialog.mainWidget()
    context = createContext()
    while panel.batchRowCount() < len(scenes):
        panel.addRow()
    columns = panel.parameter_to_column
    for row, scene in enumerate(scenes):
        for name, value in {"INPUT": [str(scene)], "CLASSIFIER": str(taught)}.items():
            panel.wrappers[row][columns[name]].setParameterValue(value, context)
        for name in ("OUTPUT", "CONFIDENCE", "POLYGONS"):
            wanted = str(tmp_path / f"map {row}.tif") if name == "OUTPUT" else ""
            panel.tblParameters.cellWidget(row + 1, columns[name]).setValue(wanted)
    panel.checkLoadLayersOnCompletion.setChecked(True)
    dialog.runAlgorithm()
    for row in range(len(scenes)):
        mapped = read_map(tmp_path / f"map {row}.tif")
        assert mapped.values.shape == (40, 60 + 30 * row)
        assert mapped.right() > 0.95
    layers = QgsProject.instance().mapLayers().values()
    assert sum(layer.renderer().type() == "paletted" for layer in layers) == len(scenes)
