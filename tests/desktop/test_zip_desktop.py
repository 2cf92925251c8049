"""The zip in a fresh profile: enabled in QGIS it maps and goes, and qgis_process runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal

ROOT = Path(__file__).resolve().parents[2]
SCENE = "LE70220491999322EDC01_stack.gtif"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("package") / "geofm.zip"
    command = [sys.executable, str(ROOT / "scripts" / "package.py"), "--uncommitted", "--output", str(target)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def test_from_its_zip_it_maps_and_goes(
    told: Callable[..., dict[str, Any]], package: Path, scene: Path, tmp_path: Path
) -> None:
    seen = told(
        "zip_story.py", QGIS_PLUGINPATH="", STORY_ZIP=package, STORY_SCENE=scene / SCENE,
        STORY_FOLDER_OF_RESULTS=tmp_path,
    )
    assert not seen["before"]
    assert seen["started"]
    assert seen["loaded"]
    assert seen["place"].endswith("/profiles/default/python/plugins/geofm")
    assert {"classify", "cluster", "segment", "trainclassifier"} <= set(seen["algorithms"])
    assert seen["dock"]
    assert gdal.Open(seen["map"]).RasterCount == 1
    assert not seen["after"]
    # QGIS tries each file as vectors first and says so, with a path that may hold the name.
    complaints = [line.replace(str(scene), "") for line in seen["complaints"]]
    assert [line for line in complaints if "geofm" in line.lower()] == []
    assert "Traceback" not in seen["stderr"]


def test_unpacked_into_a_profile_qgis_process_runs_it(
    package: Path, scene: Path, tmp_path: Path, engine_python: Path
) -> None:
    binary = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if binary is None:
        pytest.skip("needs qgis_process")
    plugins = tmp_path / "profile" / "profiles" / "default" / "python" / "plugins"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(plugins)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QGIS_"))}
    environment = {
        **clean, "HOME": str(tmp_path), "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "profile"),
        "QT_QPA_PLATFORM": "offscreen", "GEOFM_HOME": str(tmp_path / "geofm"), "PYTHONDONTWRITEBYTECODE": "1",
    }

    def call(*words: str) -> str:
        done = subprocess.run(
            [binary, *words], env=environment, capture_output=True, text=True, timeout=280, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    call("plugins", "enable", "geofm")
    made = call(
        "--json", "run", "geofm:cluster", f"--INPUT={scene / SCENE}", "--MODEL=spectral-texture",
        "--CLASSES=4", f"--OUTPUT={tmp_path / 'map.tif'}",
    )
    results = json.loads(made[made.index("{") :])["results"]
    assert gdal.Open(results["OUTPUT"]).RasterCount == 1
    # Nothing was added to what was unpacked.
    with zipfile.ZipFile(package) as archive:
        wanted = set(archive.namelist())
    left = {path.relative_to(plugins).as_posix() for path in plugins.rglob("*") if path.is_file()}
    assert {name for name in left if "__pycache__" not in name} == wanted
