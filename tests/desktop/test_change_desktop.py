"""Change in QGIS itself, by mouse and keyboard; the story is change_story.py, what it saw is judged here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# Of a busy machine.
LONGEST_STALL = 1.0


@pytest.fixture(scope="module")
def seen(told: Callable[..., dict[str, Any]], scene: Path) -> dict[str, Any]:
    """What the story saw."""
    return told("change_story.py", STORY_SCENE=scene)


def test_the_dates_are_recognised(seen: dict[str, Any]) -> None:
    assert seen["before"] == ["Landsat 4-7 · 8 bands · 1999-11-18"]
    assert seen["after"] == ["Landsat 4-7 · 8 bands · 2002-04-16"]


def test_each_method_says_what_it_is_and_asks_for_a_model_where_it_has_one(seen: dict[str, Any]) -> None:
    assert seen["methods"]
    for key, words, model in seen["methods"]:
        assert words.endswith(".")
        assert model == (key in ("distance", "taught"))


def test_the_run_says_what_it_found(seen: dict[str, Any]) -> None:
    assert seen["run"][0] == "done", seen["run"]
    assert any("changed" in fact for fact in seen["found"])
    assert any("Threshold" in fact for fact in seen["found"])


def test_the_slider_comes_with_the_magnitude_and_stands_at_its_threshold(seen: dict[str, Any]) -> None:
    assert not seen["slider_at_first"]
    assert seen["threshold"] > 0
    assert "changed" in seen["told"]


def test_moving_the_slider_changes_the_map_at_once(
    seen: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert seen["moved"] > seen["threshold"]
    assert len({seen["told_lowered"], seen["told"], seen["told_moved"]}) == 3
    assert seen["magnitude_shown"]
    assert seen["lowest_drawn"] == pytest.approx(seen["moved"], rel=1e-3)
    assert seen["by_key"] < seen["moved"]
    with capsys.disabled():
        print(f"\nlongest stall while the slider moves: {seen['moving_stall']:.3f} s")
    assert seen["moving_stall"] < LONGEST_STALL * seen["crowded"]


def test_polygons_are_made_of_what_counts_as_changed(seen: dict[str, Any]) -> None:
    assert seen["polygons"][0] == "done", seen["polygons"]
    assert seen["polygon_count"] == [pytest.approx(seen["polygon_count"][0])]
    assert seen["polygon_count"][0] > 0
    assert seen["least_magnitude"][0] >= 0.999 * seen["by_key"]


def test_it_ends_well_and_leaves_pictures(seen: dict[str, Any], pictures: Path) -> None:
    assert seen["returncode"] == 0, seen["stderr"]
    for step in ("1-dates", "5-lowered", "5-moved", "6-polygons", "7-dark"):
        assert (pictures / f"change-{step}.png").stat().st_size > 10_000
