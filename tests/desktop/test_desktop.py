"""QGIS itself, on a display, with the plugin enabled, used by mouse and keyboard.

The story that is told in there is story.py; here it is started and what it saw is judged. Its
pictures stay in build/screenshots.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LONGEST_STALL = 0.5
SOON = 5.0


@pytest.fixture(scope="module")
def seen(told: Callable[..., dict[str, Any]], scene: Path) -> dict[str, Any]:
    """What the story saw."""
    return told("story.py", STORY_SCENE=scene)


def test_the_plugin_is_loaded_and_says_what_to_do_first(seen: dict[str, Any]) -> None:
    assert seen["loaded"]
    assert seen["empty_hint"] == "Add a raster layer to begin."
    assert not seen["empty_run"]


def test_help_is_of_the_page_or_of_what_has_the_keyboard(seen: dict[str, Any]) -> None:
    assert seen["help"] == ["dock-models", "dock-run"]


def test_the_layer_is_taken_up_and_a_model_recommended(seen: dict[str, Any]) -> None:
    assert seen["chip"] == "Landsat 4-7 · 8 bands · 1999-11-18"
    assert seen["reason"].startswith("Recommended. ")


@pytest.mark.parametrize(
    ("run", "layers"),
    [
        ("cluster", {"Groups": "QgsPalettedRasterRenderer"}),
        (
            "teach",
            {
                "Unlike anything labelled": None,
                "Classes": "QgsPalettedRasterRenderer",
                "Confidence": "QgsSingleBandPseudoColorRenderer",
            },
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


@pytest.mark.parametrize("run", ["cluster", "change"])
def test_qgis_stays_responsive_during_a_run(seen: dict[str, Any], run: str) -> None:
    assert seen[f"{run}_moved_while_busy"], "the map was moved by a key while the engine worked"
    assert seen[f"{run}_cancel_shown"]
    assert seen[f"{run}_message_bar"]
    assert seen[f"{run}_stall"] < LONGEST_STALL * seen["crowded"]


def test_a_layer_of_samples_is_taught_from(seen: dict[str, Any]) -> None:
    assert seen["teach_field"] == "class"
    assert "30" in seen["teach_samples"]
    assert sorted(seen["teach_classes"]) == ["barren", "forest", "herbaceous", "urban", "water"]


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
    assert seen[f"{run}_stall"] < LONGEST_STALL * seen["crowded"]


def test_a_click_on_cancel_ends_the_run_soon(seen: dict[str, Any]) -> None:
    assert seen["cancel_outcome"] == "cancelled"
    assert seen["cancel_said"][0] == "The run was cancelled. Run it again to go on where it was."
    assert seen["cancel_seconds"] < SOON * seen["crowded"]


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


def test_the_pictures_are_there(seen: dict[str, Any], pictures: Path) -> None:
    for name in ("dock.png", "dock-dark.png", "desktop.png"):
        assert (pictures / name).stat().st_size > 10_000
