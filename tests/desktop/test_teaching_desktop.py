"""Teaching in QGIS itself, by mouse and keyboard; the story is teach_story.py, what it saw is judged here.

The times are printed, and bounded so that a slow machine passes: docs/benchmarks.md has them of a quiet one.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CHIP = "patch_57755.tif"
# Of a busy machine; the aim is 0.3 s and 0.05 s. What the main thread itself does at once is bounded tighter.
LONGEST_MEDIAN, LONGEST_STALL, MOST_WORK = 2.0, 1.5, 0.15
SOIL, CROPS, FOREST, WATER = 1, 2, 3, 4


@pytest.fixture(scope="module")
def seen(
    told: Callable[..., dict[str, Any]], samples: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the story saw; on a copy of the chip, for QGIS writes its statistics beside a raster.

    scripts/bench_desktop.py asks for it as a file, GEOFM_STORY.
    """
    chip = tmp_path_factory.mktemp("chip") / CHIP
    shutil.copyfile(samples / "sentinel2-chips" / CHIP, chip)
    found = told("teach_story.py", STORY_CHIP=chip)
    if "GEOFM_STORY" in os.environ:
        Path(os.environ["GEOFM_STORY"]).write_text(json.dumps(found), encoding="utf-8")
    return found


def test_each_empty_state_says_what_to_do(seen: dict[str, Any]) -> None:
    assert seen["empty_hint"] == "Name at least two classes to tell apart."
    assert seen["named_hint"] == "Label at least two classes on the map."


def test_a_click_a_class_makes_a_preview_with_a_legend(seen: dict[str, Any]) -> None:
    assert seen["clicked"] == [SOIL, CROPS, FOREST]
    assert seen["legend"] == ["soil", "crops", "forest"]


def test_a_correction_changes_the_preview_and_undo_takes_it_back(seen: dict[str, Any]) -> None:
    assert seen["lake_before"] in (SOIL, CROPS, FOREST)
    assert seen["lake_after"] == WATER
    assert seen["lake_undone"] == seen["lake_before"]


def test_the_image_is_seen_beneath_while_a_key_is_held(seen: dict[str, Any]) -> None:
    assert seen["switch"], "the switch says what was chosen, not what is lifted for a moment"


def test_it_says_how_good_it_is(seen: dict[str, Any]) -> None:
    assert seen["trust"]


def test_run_keeps_the_classifier_and_maps_all_of_the_image(seen: dict[str, Any]) -> None:
    assert seen["run"][0] == "done", seen["run"]
    assert seen["kept"] == ["Sentinel-2"]
    assert {"Classes", "Confidence", "Preview: classes"} <= set(seen["layers"])


def test_it_ends_with_the_image_and_leaves_the_labels(seen: dict[str, Any]) -> None:
    assert "Preview: classes" not in seen["left"]
    assert [name for name in seen["left"] if name.startswith("Labels")]
    assert seen["returncode"] == 0, seen["stderr"]


def test_from_click_to_painted_map(seen: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    times = sorted(seen["times"])
    late = times[min(len(times) - 1, round(0.95 * len(times)))]
    with capsys.disabled():
        width, height = seen["preview_size"]
        print(
            f"\nclick to painted map of {width} x {height} pixels: median {statistics.median(times):.3f} s, "
            f"95th percentile {late:.3f} s of {len(times)}"
        )
    assert statistics.median(times) < LONGEST_MEDIAN * seen["crowded"]


@pytest.mark.parametrize("what", ["opening", "labelling", "encoding", "clicking"])
def test_the_main_thread_is_never_away_for_long(
    seen: dict[str, Any], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        work, stall = seen[f"{what}_work"], seen[f"{what}_stall"]
        print(f"\nlongest stall while {what}: {stall:.3f} s, of processor time {work:.3f} s")
    assert work < MOST_WORK
    assert stall < LONGEST_STALL * seen["crowded"]


def test_the_pictures_are_there(seen: dict[str, Any], pictures: Path) -> None:
    for name in ("teach-3-clicked.png", "teach-6-corrected.png", "teach-11-dark.png"):
        assert (pictures / name).stat().st_size > 10_000
