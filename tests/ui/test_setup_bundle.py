"""The set-up from a folder, chosen in the panel: made of a real bundle with a real model; and bad bundles."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from geofm import cli_bundle
from geofm.inference import environment
from geofm.inference.catalog import default_catalog, ready
from geofm.inference.client import Engine, EngineSettings
from geofm.inference.environment import State
from geofm.inference.environment.bundle import MANIFEST
from geofm.inference.environment.platforms import this_platform
from geofm.ui.dock import GeoFMDock
from geofm.ui.state import Outcome, Phase

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "inference"))
from package_index import digest_of, make_wheel  # noqa: E402

MODEL = "galileo-nano"


@pytest.fixture
def bundle(
    small: Path, tmp_path: Path, models: Path, engine_python: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """What `python -m geofm bundle FOLDER --models galileo-nano` writes where the lists are small ones."""
    wheel = make_wheel(tmp_path / "wheels", "small_library")
    small.write_text(f"small_library==1.0 --hash=sha256:{digest_of(wheel)}\n", encoding="utf-8")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("GEOFM_MODELS", str(models))
    parser = argparse.ArgumentParser()
    cli_bundle.add_arguments(parser)
    folder = tmp_path / "USB stick" / "bundle"
    with Engine(EngineSettings(python=str(engine_python))) as engine:
        cli_bundle.answer(
            parser.parse_args([str(folder), "--models", MODEL]),
            lambda method, params: engine.call(method, params).result(180),
        )
    # From here on there is neither an index nor a shared folder of models.
    wheel.unlink()
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.delenv("GEOFM_MODELS")
    return folder


@pytest.fixture
def pick(qtbot, known: Callable[[GeoFMDock], None]) -> Callable[[GeoFMDock, Path], None]:
    """Choose a folder as QGIS's dialog does, and wait until it was looked at."""

    def choose(dock: GeoFMDock, folder: Path) -> None:
        dock.setup.options.setCollapsed(False)
        work = dock.setup.work
        # A look that fails at once is over before anybody asks for it: its beginning is told by the signal.
        looks: list[bool] = []

        def note() -> None:
            looks.append(work.planning)

        work.changed.connect(note)
        dock.setup.form.bundle.setFilePath(str(folder))
        qtbot.waitUntil(lambda: any(looks) and not work.planning, timeout=30_000)
        work.changed.disconnect(note)

    return choose


def _edit(folder: Path, **facts: object) -> None:
    manifest = folder / MANIFEST
    found = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**found, **facts}), encoding="utf-8")


def test_engine_and_model_come_from_the_folder(bundle: Path, looked, pick, press, ended, known) -> None:
    dock = looked()
    card = default_catalog().get(MODEL)
    assert not ready(card)
    assert "to download" in dock.setup.texts["sizes"].text()
    pick(dock, bundle)
    assert dock.setup.work.plan.problems == ()
    assert "to download" not in dock.setup.texts["sizes"].text()
    assert f"The bundle is for {this_platform().tag}" in dock.setup.texts["device"].text()
    press(dock.setup.start)
    notice = ended(dock)
    assert notice.outcome is Outcome.DONE, notice
    assert dock.desk.model.phase is Phase.READY
    (site,) = environment.engine_python().parents[1].glob("lib/python3*/site-packages")
    assert (site / "small_library" / "__init__.py").is_file()
    assert ready(card)
    assert dock.desk.shelf.ready(dock.desk.shelf.card(MODEL))


def test_what_is_wrong_with_a_bundle_is_said_before_the_button(bundle: Path, looked, pick) -> None:
    python = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))["python"]
    dock = looked()
    panel = dock.setup
    other = "windows-x86_64" if this_platform().system != "windows" else "linux-x86_64"
    _edit(bundle, platform=other, python="3.12" if sys.version_info[1] != 12 else "3.13")
    pick(dock, bundle)
    assert panel.problems.text() == f"The bundle is for {other}, and this machine is {this_platform().tag}."
    assert "Make one for this machine on another one" in panel.message.text()
    assert not panel.start.isEnabled()

    _edit(bundle, platform=this_platform().tag, whole=False, python=python)
    panel.look()
    pick(dock, Path(os.devnull))
    pick(dock, bundle)
    assert "was not finished" in panel.problems.text()
    assert not panel.start.isEnabled()

    _edit(bundle, whole=True)
    next((bundle / "wheels").iterdir()).unlink()
    pick(dock, Path(os.devnull))
    assert "There is no bundle in" in panel.message.text()
    assert not panel.start.isEnabled()
    pick(dock, bundle)
    assert "lacks wheels/small_library" in panel.problems.text()
    assert not panel.start.isEnabled()


def test_a_damaged_one_fails_with_the_files_name_and_leaves_nothing_half(
    bundle: Path, looked, pick, press, ended
) -> None:
    (wheel,) = (bundle / "wheels").iterdir()
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    dock = looked()
    pick(dock, bundle)
    press(dock.setup.start)
    notice = ended(dock)
    assert notice.outcome is Outcome.FAILED
    assert f"{wheel.name} is damaged" in notice.sentence
    assert "Copy the bundle again" in notice.hint
    assert environment.check().state is not State.READY
    assert dock.desk.model.phase is Phase.SETUP_NEEDED
