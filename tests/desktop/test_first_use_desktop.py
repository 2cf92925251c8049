"""From the zip to the first map, in a profile and a data folder that know nothing (first_use_story.py).

This is the one full set-up of the test suite: the engine's real libraries, from the index that pip is
configured with.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geofm.inference.environment.pythons import choose
from geofm.inference.environment.standalone import MIRROR

ROOT = Path(__file__).resolve().parents[2]
# Of a busy machine that unpacks a gigabyte meanwhile.
LONGEST_STALL = 2.0
SOON = 15.0
STEPS = (
    "1-panel", "1-desktop", "2-packages", "2-options", "3-progress", "3-log", "4-cancelled", "5-unpacking",
    "6-ready", "7-first-map", "8-engine", "8-engine-dark", "9-removed-dark",
)  # fmt: skip
ENLARGED_STEPS = ("1-panel-200", "2-options-200", "1-panel-dark-200", "2-options-dark-200", "2-end-dark-200")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip that users get."""
    target = tmp_path_factory.mktemp("package") / "geofm.zip"
    command = [sys.executable, str(ROOT / "scripts" / "package.py"), "--output", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return target


@pytest.fixture(scope="module")
def base_python() -> None:
    """A Python that the set-up finds on this machine, or can download."""
    choice = choose()
    if choice.build is None or choice.instead or os.environ.get(MIRROR):
        return
    try:
        urllib.request.urlopen(choice.build.address, timeout=30).close()
    except urllib.error.HTTPError:
        pass  # it answers
    except OSError as error:
        pytest.skip(f"no Python here serves the engine, and {choice.build.address} is out of reach: {error}")


@pytest.fixture(scope="module")
def seen(
    told: Callable[..., dict[str, Any]],
    base_python: None,
    package: Path,
    scene: Path,
    tmp_path_factory: pytest.TempPathFactory,
    pictures: Path,
) -> Iterator[dict[str, Any]]:
    """What the story saw; the environment that it made is gone afterwards, for it is large."""
    home = tmp_path_factory.mktemp("first-use") / "geofm"
    try:
        yield told("first_use_story.py", package=package, STORY_SCENE=scene, GEOFM_HOME=home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_the_plugin_runs_from_the_zip_in_its_profile(seen: dict[str, Any]) -> None:
    assert seen["loaded"]
    assert seen["lies_in"].endswith("profiles/default/python/plugins/geofm")
    assert re.fullmatch(r"\d+\.\d+\.\d+", seen["version"])


def test_the_panel_says_what_where_how_large_and_for_which_device(seen: dict[str, Any]) -> None:
    assert seen["title"] == "Set up the engine"
    assert seen["button"] == ["Set up", True]
    assert not seen["run"]
    assert seen["problems"] == ""
    texts = seen["texts"]
    assert "PyTorch" in texts["contents"]
    assert "first-use" in texts["folder"]
    assert re.search(r"\d [MG]B to download, .*\d GB on disk, \d+.* free", texts["sizes"])
    assert texts["device"].startswith(("Processor. ", "GPU: "))
    assert "python" in texts["python"]
    assert len(seen["packages"]) > 30
    assert any(re.fullmatch(r"torch \d+\.\d+\.\d+\S* · .*BSD-3-Clause.*", line) for line in seen["packages"])


def test_progress_has_a_stage_sizes_a_log_and_a_time(seen: dict[str, Any]) -> None:
    assert seen["stage"] == "Installing libraries"
    assert re.fullmatch(r"\d+ of \d+ MB|[\d.]+ of [\d.]+ GB", seen["amount"])
    assert seen["log"]
    assert re.fullmatch(r"about .+ left|", seen["time_left"])
    assert "Unpacking libraries" in seen["stages"]
    assert seen["stages"][-1] == "Trying the libraries"


def test_cancel_in_its_midst_is_heard_soon_and_gone_on_with(seen: dict[str, Any]) -> None:
    assert seen["cancelled"] == ["cancelled", "setup_needed", "The set-up was not finished"]
    assert seen["cancel_seconds"] < SOON * seen["crowded"]
    assert seen["button_again"] == "Finish the set-up"


def test_the_engine_is_made_and_draws_the_first_map(
    seen: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert seen["made"][:2] == ["done", "The engine is ready."]
    assert "First steps" in seen["made"][2]
    assert seen["phase"] == "ready"
    assert seen["map"][0] == "done"
    assert seen["layers"]
    assert all(valid for _, valid in seen["layers"])
    with capsys.disabled():
        print(
            f"\nset-up, cancelled once and finished: {seen['set_up_seconds']:.0f} s; first map "
            f"{seen['map_seconds']:.0f} s after Run, {seen['first_map_after']:.0f} s after the first click; "
            f"cancelled in {seen['cancel_seconds']:.1f} s; longest stall {seen['stall']:.2f} s"
        )
    assert seen["stall"] < LONGEST_STALL * seen["crowded"]


def test_afterwards_the_engine_can_be_looked_after(seen: dict[str, Any]) -> None:
    assert seen["care"] == ["The engine is ready", True, True]
    assert "GeoFM" in seen["report"]
    assert "torch" in seen["report"]


def test_the_engine_is_removed_by_a_click_that_asks(seen: dict[str, Any]) -> None:
    assert seen["removed"][0] == "done"
    assert "free again" in seen["removed"][1]
    assert "engines" not in seen["left"]
    assert seen["returncode"] == 0, seen["stderr"]


def test_every_step_has_its_picture(seen: dict[str, Any], pictures: Path) -> None:
    for step in STEPS:
        assert (pictures / f"first-use-{step}.png").stat().st_size > 5_000


def test_the_panel_is_whole_at_twice_the_size(
    told: Callable[..., dict[str, Any]], package: Path, scene: Path, pictures: Path
) -> None:
    enlarged = told(
        "first_use_story.py", package=package, STORY_SCENE=scene, STORY_ENLARGED=1, QT_SCALE_FACTOR=2
    )
    assert enlarged["button"] == ["Set up", True]
    for step in ENLARGED_STEPS:
        assert (pictures / f"first-use-{step}.png").stat().st_size > 5_000
