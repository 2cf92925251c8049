"""The tutorial's commands and its script, run as they stand in a folder with files of those names."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def _commands() -> list[list[str]]:
    """The indented lines of the tutorial, each as its words."""
    text = re.sub(r"```.*?```", "", TUTORIAL, flags=re.S)
    lines = re.findall(r"(?m)^    (?=\S)(?:.*\\\n)*.*", text)
    return [shlex.split(line.replace("\\\n", " ")) for line in lines]


@pytest.fixture(scope="module")
def folder(
    paint: Any, points: Callable[[Path, Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Two dates, of which the later one has a town where there was forest, and labelled places."""
    made = tmp_path_factory.mktemp("tutorial")
    scene = paint(made / "1999.tif")
    paint(made / "2002.tif", built=(50, 30, 20, 15))
    points(made / "fields.gpkg", scene)
    return made


@pytest.mark.slow
def test_its_commands_run_as_they_stand(
    folder: Path, qgis_process: Any, qgis_binary: str, door_environment: dict[str, str], plugins: Path,
    read_map: Any,
) -> None:
    commands = _commands()
    assert len(commands) >= 6
    programs = {"qgis_process": qgis_binary, "python3": sys.executable}
    environment = {**door_environment, "PYTHONPATH": str(plugins)}
    for words in commands:
        done = subprocess.run(
            [programs[words[0]], *words[1:]], cwd=folder, env=environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=200,
        )
        assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
        for name in (word.partition("=")[2] for word in words):
            if name.endswith((".tif", ".gpkg", ".geofm", ".html")):
                assert (folder / name).exists(), (words, name)
    assert read_map(folder / "cover.tif").right() > 0.95
    assert {"1999_map.tif", "2002_map.tif"} <= set(os.listdir(folder / "maps"))


def test_its_script_runs_as_it_stands(script: Any, folder: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TUTORIAL, re.S)
    before = "from qgis.core import *\napp = QgsApplication([], False)\napp.initQgis()\n"
    after = "print(cover.output.isValid(), changed.output.isValid())\n"
    answer = script(f"import os\nos.chdir({str(folder)!r})\n{before}{example}{after}")
    assert answer.code == 0, answer.err
    assert answer.out.splitlines()[-1] == "True True"
