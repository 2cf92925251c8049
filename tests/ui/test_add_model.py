"""A model's own file on the page Models: looked into, asked about, added, and ready to run."""

from __future__ import annotations

import base64
import json
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.inference.jobs import Task
from geofm.ui.add_model import AddModel
from geofm.ui.state import Page

# A convolution from three bands to four scores in windows of 32 pixels, without a word about itself.
BARE = (
    "eNrj4LRaysglwcWamZuYnsrFWC7EVpycX5RarMTinJ9XJsRanJuYk6Nlz8HCwczByMEowOjEWO5lwMDQsJ+BwQGIGYC4YR8DGDTY"
    "AQl7oDgQNwDxAiA+AMQP7KPkoTYIiXGJcDAKCXAxcTACMTMQK4BwkgIX1GI0FSwwFU4sXAwCggAU9R2t"
)
# The same with all that Deepness writes.
TOLD = (
    "eNpdzsFKxDAQBuBktyvZEaFGUW+WHMVDdxcve7BSb169eSmxHZZi0ixJ3UVE6KN48TXUR/FRnJb1YuAL+YchM2K6/OBwBpPa6hUC"
    "38q9UDqPQUW3rtnISbDamItMRGIsuOAxz/n2LmWs+2LshjDSfbLhdNd0ZVQnHXkn3+QnezjfTZAncCy4jGEkOBmTpPeYwG7wv47o"
    "ryOPgMWH/hTAugpN0b6sUU7vcWWxaZ33OeyXRodQNNrSL4tXlaplogJqdZmo2fDWTdWHeR+8K5/6sBgCYqXevASgDZx5bmvXyGiW"
    "pqk/goO2NhgKt0Fv9FqO5le/FfhEjQ=="
)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(zlib.decompress(base64.b64decode(text)))
        return path

    return write


@pytest.fixture
def opened(scratch_home: Path, dock: Any, qtbot: Any) -> Callable[[Path], AddModel]:
    """Opens a file as the file dialog does, and waits until it was looked into."""

    def begin(path: Path) -> AddModel:
        dock.map_page.model.open_file(str(path))
        adding = dock.models_page.add
        qtbot.waitUntil(lambda: adding.form is not None or not adding.message.isHidden(), timeout=60_000)
        return adding

    return begin


def press_add(adding: AddModel, qtbot: Any) -> None:
    QTest.mouseClick(adding.form.add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: adding.form is None, timeout=60_000)


def test_a_bare_file_is_asked_about_until_nothing_is_missing(opened, file, dock, scratch_home, qtbot) -> None:
    adding = opened(file("land cover.onnx", BARE))
    assert dock.desk.model.page is Page.MODELS
    form = adding.form
    assert not form.add.isEnabled()
    assert form.window_side.text() == "32"
    assert not form.window_side.isEnabled()
    assert "what does the network do" in form.message.text()
    form.task.setCurrentIndex(form.task.findData("segment"))
    assert "which bands" in form.message.text()
    form.bands.setEditText("red,green")
    assert "names 2 bands, and the network takes 3" in form.message.text()
    form.bands.setCurrentIndex(form.bands.findData("rgb"))
    form.scale.setCurrentIndex(form.scale.findData("10000"))
    form.mean.setText("1200")
    assert not form.variables.isVisible()
    form.classes.setPlainText("water #3060ff\nforest\n7=field\ntown")
    assert form.message.isHidden()
    press_add(adding, qtbot)
    path = scratch_home / "models" / "land-cover" / "card.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    classes = card["properties"]["mlm:output"][0]["classification:classes"]
    assert [info["value"] for info in classes] == [1, 2, 7, 4]
    assert card["assets"]["weights"]["geofm:mean"] == [0.12] * 3
    assert "land cover is added" in adding.message.text()
    assert "land-cover" in [item.card.id for item in dock.models_page.rows()]


def test_a_file_that_says_everything_is_added_where_it_lies(
    opened, file, dock, scratch_home, qtbot, choose
) -> None:
    path = file("told.onnx", TOLD)
    adding = opened(path)
    form = adding.form
    assert form.add.isEnabled()
    assert form.classes.toPlainText().splitlines()[0].startswith("1=sea")
    assert any("does not name its three bands" in text for text in form._draft.warnings)
    form.beside.setChecked(True)
    press_add(adding, qtbot)
    assert path.with_suffix(".json").is_file()
    assert not (scratch_home / "models" / "told").exists()
    dock.desk.model.show(Page.MAP)
    choose(dock.map_page.task, Task.SEGMENT.value)
    assert dock.map_page.model.current().card.id == "told"


def test_nothing_is_added_after_cancel(opened, file, scratch_home, qtbot) -> None:
    adding = opened(file("told.onnx", TOLD))
    adding.form.cancelled.emit()
    assert adding.form is None
    assert not (scratch_home / "models" / "told").exists()
    assert adding.open.isVisibleTo(adding)


def test_what_is_no_network_is_told(opened, tmp_path) -> None:
    (tmp_path / "text.onnx").write_text("no network", encoding="utf-8")
    adding = opened(tmp_path / "text.onnx")
    assert adding.form is None
    assert "text.onnx" in adding.message.text()


def test_code_runs_only_where_its_box_is_ticked(opened, tmp_path, scratch_home, qtbot) -> None:
    import zipfile

    path = tmp_path / "script.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("script/constants.pkl", b"")
        archive.writestr("script/code/__torch__.py", b"")
    adding = opened(path)
    assert "it is code" in adding.message.text()
    assert adding.form is None
    adding.trust.setChecked(True)
    qtbot.waitUntil(lambda: adding.form is not None, timeout=60_000)
    assert not (scratch_home / "trusted.json").exists(), "only adding it allows it"


# Writes what a training leaves: a configuration, and a checkpoint of numbers that names decide on.
TRAINED = """
import json, pathlib, sys
import numpy, torch, yaml
folder, tests = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(tests.parent / "scripts"))
import terratorch_cases as cases
stored = numpy.load(tests / "engine" / "trained" / "terratorch_cases.npz")["shapes"]
shapes = json.loads(bytes(stored).decode())["fcn"]
state = {f"model.{name}": torch.from_numpy(value) for name, value in cases.weights(shapes).items()}
torch.save({"state_dict": state}, folder / "floods.ckpt")
task = {"model_factory": "EncoderDecoderFactory", "model_args": cases.CASES["fcn"][1]}
data = {"init_args": {"means": [0.1] * 6, "stds": [0.05] * 6}}
model = {"class_path": "SemanticSegmentationTask", "init_args": task}
(folder / "config.yaml").write_text(yaml.safe_dump({"model": model, "data": data}))
"""


def test_what_terratorch_trained_is_asked_about_and_added(
    dock, scratch_home, engine_python, tmp_path, qtbot
) -> None:
    tests = Path(__file__).resolve().parents[1]
    subprocess.run([str(engine_python), "-c", TRAINED, str(tmp_path), str(tests)], check=True)
    adding = dock.models_page.add
    adding.begin(str(tmp_path / "config.yaml"))
    qtbot.waitUntil(lambda: adding.form is not None or not adding.message.isHidden(), timeout=60_000)
    assert adding.form.bands.currentText()
    assert not adding.form.add.isEnabled()
    adding.form.classes.setPlainText("dry\nflooded\ncloud")
    press_add(adding, qtbot)
    assert "floods is added" in adding.message.text()
    assert (scratch_home / "models" / "floods" / "weights.safetensors").is_file()
