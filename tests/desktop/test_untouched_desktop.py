"""QGIS's own Python is the same before the plugin is loaded, with it, after a run, and after it is gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("__init__.py", "metadata.txt", "plugin.py", "algorithms", "api", "inference", "resources", "ui")
# What QGIS has, and what the plugin may bring in beside the standard library: itself.
KNOWN = {"geofm", "qgis", "processing", "PyQt5", "PyQt6", "osgeo", "sip"}
STORY = Path(__file__).with_name("untouched_story.py")
SCENE = "LE70220491999322EDC01_stack.gtif"
MOMENTS = ("loaded", "run", "unloaded")


def _installed(plugins: Path) -> Path:
    """The plugin as it is installed, not a link to the checkout."""
    folder = plugins / "geofm"
    folder.mkdir(parents=True)
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    return folder


def _frozen(folder: Path) -> list[str]:
    """Words before a command to which a folder is read-only, for root by a mount of its own."""
    if os.geteuid() != 0:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        return []
    mounts = f'mount --bind "{folder}" "{folder}" && mount -o remount,ro,bind "{folder}"'
    words = ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("root cannot be kept from writing here: needs unshare and mount")
    return words


def _needs(program: str) -> str:
    return shutil.which(program) or pytest.skip(f"needs {program}: run `make setup`")


Look = Callable[[list[str], Path], dict[str, Any]]


@pytest.fixture(scope="module")
def look(scene: Path, engine_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Look:
    """``look(words, plugins)`` starts QGIS with a fresh profile and tells what it saw."""

    def start(words: list[str], plugins: Path) -> dict[str, Any]:
        command = [_needs("qgis"), "--nologo", "--noversioncheck", "--code", str(STORY)]
        if not os.environ.get("DISPLAY"):
            command = [_needs("xvfb-run"), "-a", "-s", "-screen 0 1400x900x24", *command]
        scratch = tmp_path_factory.mktemp("untouched")
        for name in ("home", "run", "geofm"):
            (scratch / name).mkdir(mode=0o700)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QGIS_"))}
        environment = {
            **clean,
            "HOME": str(scratch / "home"),
            "XDG_RUNTIME_DIR": str(scratch / "run"),
            "QGIS_CUSTOM_CONFIG_PATH": str(scratch / "profile"),
            "QGIS_PLUGINPATH": str(plugins),
            "GEOFM_HOME": str(scratch / "geofm"),
            "GEOFM_PYTHON": str(engine_python),
            "UNTOUCHED_SCENE": str(scene / SCENE),
            "UNTOUCHED_REPORT": str(scratch / "report.json"),
            "UNTOUCHED_OUTPUT": str(scratch / "groups.tif"),
        }
        environment.pop("QT_QPA_PLATFORM", None)
        ended = subprocess.run(
            [*words, *command], env=environment, capture_output=True, text=True, timeout=280, check=False
        )
        report = scratch / "report.json"
        assert report.exists(), f"QGIS ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}"
        seen: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        assert seen["failure"] == ""
        return {**seen, "stderr": ended.stderr}

    return start


@pytest.fixture(scope="module")
def seen(look: Look, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    plugins = tmp_path_factory.mktemp("plugins")
    _installed(plugins)
    return look([], plugins)


@pytest.mark.parametrize(
    "what",
    [
        "path", "finders", "environ", "numpy", "osgeo", "exceptions", "drivers", "options", "proj", "locale",
        "warnings", "hooks", "signals", "numpy errors", "limits", "logging", "folder",
    ],
)
def test_the_plugin_leaves_alone(what: str, seen: dict[str, Any]) -> None:
    for moment in MOMENTS:
        assert seen[moment][what] == seen["before"][what], moment


def test_all_that_was_looked_at_has_its_test(seen: dict[str, Any]) -> None:
    (marked,) = (m for m in test_the_plugin_leaves_alone.pytestmark if m.name == "parametrize")
    assert set(seen["before"]) == set(marked.args[1])


def test_nothing_but_the_standard_library_comes_with_it(seen: dict[str, Any]) -> None:
    assert seen["ours"] == []
    if sys.version_info >= (3, 10):
        assert set(seen["new"]) - set(sys.stdlib_module_names) <= KNOWN
    assert "geofm" in seen["new"]


def test_a_real_run_was_made_and_nothing_of_it_goes_on(seen: dict[str, Any]) -> None:
    assert Path(seen["output"]).stat().st_size > 0
    assert seen["threads"] == []


def test_from_a_folder_that_cannot_be_written_it_works_the_same(
    look: Look, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plugins = tmp_path_factory.mktemp("frozen")
    folder = _installed(plugins)
    before = sorted(folder.rglob("*"))
    seen = look(_frozen(folder), plugins)
    assert seen["folder"] == str(folder)
    assert Path(seen["output"]).stat().st_size > 0
    assert "Traceback" not in seen["stderr"]
    assert sorted(folder.rglob("*")) == before
