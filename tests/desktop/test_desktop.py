"""QGIS itself, on a display, with the plugin enabled, used by mouse and keyboard.

The story that is told in there is story.py; here it is started and what it saw is judged. Its
pictures stay in build/screenshots.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "screenshots"
LONGEST_STALL = 0.5
SOON = 5.0
PROFILE = """[PythonPlugins]
geofm=true
processing=true

[qgis]
checkVersion=false
showTips=false

[app]
minTaskLengthForSystemNotification=1000
"""


def _needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {program}: run `make setup`")
    return found


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory, scene: Path, engine_python: Path, plugins: Path
) -> dict[str, Any]:
    """What the story saw."""
    qgis, _ = _needs("qgis"), _needs("xdotool")
    scratch = tmp_path_factory.mktemp("desktop")
    ini = scratch / "profile" / "profiles" / "default" / "QGIS" / "QGIS3.ini"
    ini.parent.mkdir(parents=True)
    ini.write_text(PROFILE, encoding="utf-8")
    for folder in ("home", "run", "geofm"):
        (scratch / folder).mkdir(mode=0o700)
    environment = {
        **os.environ,
        "HOME": str(scratch / "home"),
        "XDG_RUNTIME_DIR": str(scratch / "run"),
        "QGIS_CUSTOM_CONFIG_PATH": str(scratch / "profile"),
        "QGIS_PLUGINPATH": str(plugins),
        "GEOFM_HOME": str(scratch / "geofm"),
        "STORY_FOLDER": str(Path(__file__).parent),
        "STORY_SCENE": str(scene),
        "STORY_PICTURES": str(PICTURES),
        "STORY_REPORT": str(scratch / "report.json"),
    }
    environment.pop("QT_QPA_PLATFORM", None)
    shutil.rmtree(PICTURES, ignore_errors=True)
    command = [qgis, "--nologo", "--noversioncheck", "--code", str(Path(__file__).with_name("story.py"))]
    if not environment.get("DISPLAY"):
        command = [_needs("xvfb-run"), "-a", "-s", "-screen 0 1400x900x24", *command]
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    report = scratch / "report.json"
    assert report.exists(), f"QGIS ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}"
    told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert told["failure"] == "", json.dumps(told, indent=2)
    return {**told, "returncode": ended.returncode}


def test_the_plugin_is_loaded_and_says_what_to_do_first(seen: dict[str, Any]) -> None:
    assert seen["loaded"]
    assert seen["empty_hint"] == "Add a raster layer to begin."
    assert not seen["empty_run"]


def test_the_layer_is_taken_up_and_a_model_recommended(seen: dict[str, Any]) -> None:
    assert seen["chip"] == "Landsat 4-7 · 1999-11-18 · 8 bands"
    assert seen["reason"].startswith("Recommended. ")


@pytest.mark.parametrize(
    ("run", "layers"),
    [
        ("cluster", {"Groups": "QgsPalettedRasterRenderer"}),
        (
            "teach",
            {"Classes": "QgsPalettedRasterRenderer", "Confidence": "QgsSingleBandPseudoColorRenderer"},
        ),
        (
            "change",
            {
                "Changes": None,
                "Changed places": "QgsPalettedRasterRenderer",
                "Magnitude": "QgsSingleBandPseudoColorRenderer",
            },
        ),
    ],
)
def test_a_run_ends_with_styled_layers_on_the_map(
    seen: dict[str, Any], run: str, layers: dict[str, str | None]
) -> None:
    assert seen[f"{run}_outcome"] == "done"
    found = {name: renderer for name, valid, renderer in seen[f"{run}_layers"] if valid}
    assert list(found) == list(layers)
    for name, renderer in layers.items():
        assert renderer in (None, found[name])
    newest, *others = seen[f"{run}_unfolded"]
    assert newest, "its legend is in sight"
    assert not any(others)


@pytest.mark.parametrize("run", ["cluster", "teach", "change"])
def test_qgis_stays_responsive_during_a_run(seen: dict[str, Any], run: str) -> None:
    assert seen[f"{run}_moved_while_busy"], "the map was moved by a key while the engine worked"
    assert seen[f"{run}_cancel_shown"]
    assert seen[f"{run}_message_bar"]
    assert seen[f"{run}_stall"] < LONGEST_STALL


def test_teaching_tells_its_accuracy(seen: dict[str, Any]) -> None:
    assert "30 samples, 5 classes" in seen["teach_samples"]
    assert seen["teach_facts"][0].startswith("Accuracy ")


def test_the_two_dates_were_proposed(seen: dict[str, Any]) -> None:
    assert "1999-11-18" in seen["before"][0]
    assert "2002-04-16" in seen["after"][0]


def test_a_model_is_found_by_keyboard(seen: dict[str, Any]) -> None:
    assert seen["found_model"] == "galileo-nano"


def test_the_history_has_all_runs(seen: dict[str, Any]) -> None:
    assert seen["history"] == ["done", "done", "failed", "cancelled", "done"]


def test_the_time_left_is_told(seen: dict[str, Any]) -> None:
    assert re.fullmatch(r"about \d+ (s|min).* left", seen["time_left"])


@pytest.mark.parametrize("run", ["cancel", "kill"])
def test_what_breaks_off_leaves_no_file_and_a_dock_that_is_ready(seen: dict[str, Any], run: str) -> None:
    assert seen[f"{run}_left"] == []
    assert seen[f"{run}_phase"] == "ready"
    assert seen[f"{run}_run"]
    assert seen[f"{run}_stall"] < LONGEST_STALL


def test_a_click_on_cancel_ends_the_run_soon(seen: dict[str, Any]) -> None:
    assert seen["cancel_outcome"] == "cancelled"
    assert seen["cancel_said"][0] == "The run was cancelled. Run it again to go on where it was."
    assert seen["cancel_seconds"] < SOON


def test_a_killed_engine_is_one_sentence_with_a_hint_and_its_log(seen: dict[str, Any]) -> None:
    assert seen["kill_outcome"] == "failed"
    sentence, hint = seen["kill_said"]
    assert sentence == "The engine stopped before it had answered: it was killed from outside (SIGKILL)."
    assert hint
    assert seen["kill_detail"].strip()
    assert seen["kill_detail"].strip() in seen["kill_log"]


def test_unloading_leaves_nothing_and_loading_brings_one_of_each(seen: dict[str, Any]) -> None:
    assert seen["reloads"] == [[0, 0, 0], [1, 1, 1]] * 2
    assert seen["returncode"] == 0


def test_the_pictures_are_there(seen: dict[str, Any]) -> None:
    for name in ("dock.png", "dock-dark.png", "desktop.png"):
        assert (PICTURES / name).stat().st_size > 10_000
