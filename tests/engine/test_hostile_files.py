"""Files made to harm: each is refused with the right kind and a way out, at once, and in little memory.

One child process reads them all, so that its time and its peak of memory can be looked at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from geofm.inference.adding import add_model
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Context
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import ModelCorrupt, ModelMissing

# Test files are imported one by one, which does not make their folder a place to import from.
sys.path.insert(0, str(Path(__file__).parent))

from hostile_files import Program, card, cards, classifiers, harmless, networks, weights  # noqa: E402

SLOWEST_S = 5.0
MOST_MB = 200

READ = """
import json, resource, sys, time
from pathlib import Path
import torch, onnxruntime
from geofm.inference.cards import load_card
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.engine.parts.graph import Shape, Source
from geofm.inference.engine.parts.onnx_graph import open_graph
from geofm.inference.engine.learning.classifier import load_classifier
from geofm.inference.engine.devices import choose_device
from geofm.inference.errors import GeoFMError

cpu = choose_device("cpu")
def network(path):
    return open_graph(Source(path.read_bytes(), path.name, "toy", Shape(1, 2, 8)), cpu)

readers = {".json": load_card, ".geofm": load_classifier, ".onnx": network}
for path in sorted(Path(sys.argv[1]).iterdir()):
    peak, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        readers.get(path.suffix, read_weights)(path)
        said = {"kind": "accepted", "message": "", "hint": ""}
    except GeoFMError as error:
        said = {"kind": error.kind, "message": error.message, "hint": error.hint}
    except BaseException as error:
        said = {"kind": type(error).__name__, "message": str(error), "hint": ""}
    said["seconds"] = time.monotonic() - begun
    said["grown"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    print(json.dumps([path.name, said]), flush=True)
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("outside")
    return {**weights(folder / "ran"), **networks(folder), **cards(), **classifiers()}


@pytest.fixture(scope="module")
def verdicts(
    hostile: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory, plugins: Path
) -> dict[str, dict[str, Any]]:
    """What the readers said of each file, how long it took and what it cost."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, content in {**hostile, **harmless()}.items():
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(folder)],
        env={**os.environ, "PYTHONPATH": str(plugins)}, cwd=folder,
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(line) for line in done.stdout.splitlines())


def test_every_hostile_file_is_refused_with_a_sentence_and_a_way_out(
    verdicts: dict[str, dict[str, Any]], hostile: dict[str, bytes]
) -> None:
    told = {name: verdicts[name] for name in hostile}
    assert not {name: said for name, said in told.items() if said["kind"] != "model_corrupt"}
    assert not {name: said for name, said in told.items() if not said["hint"] or "\n" in said["message"]}


def test_no_hostile_file_takes_long_or_much(verdicts: dict[str, dict[str, Any]]) -> None:
    assert not {name: said for name, said in verdicts.items() if said["seconds"] > SLOWEST_S}
    assert not {name: said for name, said in verdicts.items() if said["grown"] > MOST_MB}


def test_nothing_of_a_file_was_run(verdicts: dict[str, dict[str, Any]]) -> None:
    assert verdicts
    assert Program.mark
    assert not Path(Program.mark).exists()


def test_code_is_called_code(verdicts: dict[str, dict[str, Any]]) -> None:
    told = {name: said["message"] for name, said in verdicts.items() if name.startswith("code-")}
    assert all("holds code" in told[name] for name in told if name.endswith(".pt"))
    assert all("not safetensors" in told[name] for name in told if name.endswith(".safetensors"))


def test_external_weights_are_called_so(verdicts: dict[str, dict[str, Any]]) -> None:
    told = {name: said["message"] for name, said in verdicts.items() if name.startswith("external-")}
    hidden = told.pop("external-hidden.onnx")
    assert all("another file" in message for message in told.values())
    assert "not an ONNX network" in hidden


def test_the_same_files_without_harm_are_read(verdicts: dict[str, dict[str, Any]]) -> None:
    """The tests above would pass if nothing were ever read."""
    assert {said["kind"] for name, said in verdicts.items() if name in harmless()} == {"accepted"}


def test_a_file_that_is_no_file_is_not_read(tmp_path: Path) -> None:
    """A pipe and a device beside a card would be read for ever."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    store = Store(tmp_path / "home")
    for name in ("pipe", "zero"):
        (tmp_path / "toy.json").write_text(json.dumps(card(asset={"href": name})), encoding="utf-8")
        toy = load_card(tmp_path / "toy.json")
        with pytest.raises(ModelMissing):
            store.fetch(toy, toy.assets[0], Context(lambda *_: None, lambda: None))


def test_a_file_beside_its_card_must_have_its_digest(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"anything")
    (tmp_path / "toy.json").write_text(json.dumps(card()), encoding="utf-8")
    toy = load_card(tmp_path / "toy.json")
    with pytest.raises(ModelCorrupt, match=r"net\.onnx is not the file") as caught:
        Store(tmp_path / "home").fetch(toy, toy.assets[0], Context(lambda *_: None, lambda: None))
    assert caught.value.hint


def test_a_model_is_added_with_files_from_its_own_folder_alone(tmp_path: Path, scratch_home: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"key")
    folder = tmp_path / "given"
    folder.mkdir()
    for href in ("../secret", "%2e%2e/secret", str(secret)):
        (folder / "toy.json").write_text(json.dumps(card(asset={"href": href})), encoding="utf-8")
        with pytest.raises(ModelCorrupt, match="out of its folder"):
            add_model(folder / "toy.json")
    (folder / "a b").mkdir()
    (folder / "a b" / "net.onnx").write_bytes(b"net")
    (folder / "toy.json").write_text(json.dumps(card(asset={"href": "a%20b/net.onnx"})), encoding="utf-8")
    add_model(folder / "toy.json")
    found = {path.relative_to(scratch_home) for path in scratch_home.rglob("*") if path.is_file()}
    assert found == {Path("models/toy/card.json"), Path("models/toy/a b/net.onnx")}
