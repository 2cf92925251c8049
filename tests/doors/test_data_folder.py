"""The data folder that was chosen in QGIS counts for scripts and for qgis_process, too."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HEAD = """
import os, sys
os.environ.pop("GEOFM_HOME")
from qgis.core import *
from qgis.PyQt.QtCore import QCoreApplication
# By these QGIS finds the settings of the profile.
QCoreApplication.setOrganizationName("QGIS")
QCoreApplication.setApplicationName("QGIS3")
app = QgsApplication([], False)
app.initQgis()
from geofm import api
from geofm.algorithms import data_folder, session
from geofm.inference import places
"""
CHOOSE = "data_folder.keep(sys.argv[1])\nQgsSettings().sync()\n"
TELL = """
print(places.data_home())
print(session.engine().call("doctor").result(180)["home"])
session.engine().close()
"""


@pytest.fixture
def chosen(script: Callable[..., Any], tmp_path: Path) -> Iterator[Path]:
    """A folder that a person of this profile chose."""
    folder = tmp_path / "Große Platte"
    answer = script(HEAD + CHOOSE, folder)
    assert answer.code == 0, answer.err
    yield folder
    assert script(HEAD + CHOOSE, "").code == 0


def test_a_script_and_its_engine_use_it(script: Callable[..., Any], chosen: Path) -> None:
    answer = script(HEAD + TELL)
    assert answer.out.split("\n")[:2] == [str(chosen)] * 2, answer.err
    assert (chosen / "engine.log").is_file()


def test_qgis_process_uses_it(
    qgis_process: Any, qgis_binary: str, door_environment: dict[str, str], chosen: Path, paint: Any,
    tmp_path: Path,
) -> None:
    variables = {name: value for name, value in door_environment.items() if name != "GEOFM_HOME"}
    scene = paint(tmp_path / "scene.tif")
    words = ("INPUT", scene), ("MODEL", "spectral-texture"), ("CLASSES", 3), ("OUTPUT", tmp_path / "map.tif")
    done = subprocess.run(
        [qgis_binary, "run", "geofm:cluster", *(f"--{name}={value}" for name, value in words)],
        env=variables, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "map.tif").is_file()
    assert (chosen / "engine.log").is_file()
    # Not in the usual place.
    assert not (Path(variables["HOME"]) / ".local" / "share" / "geofm").exists()
