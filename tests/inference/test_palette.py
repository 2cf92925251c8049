"""Colours of classes: expected ones for known names, different ones for all."""

from __future__ import annotations

import colorsys
import re

import pytest

from geofm.inference.palette import class_colors, distinct_colors


def hue(color: str) -> float:
    return colorsys.rgb_to_hls(*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0] * 360


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("water", 190, 240),
        ("Lake Tana", 190, 240),
        ("open_water", 190, 240),
        ("forest", 90, 160),
        ("Coniferous forest", 90, 160),
        ("herbaceous", 70, 110),
        ("cropland", 35, 60),
        ("barren", 20, 40),
    ],
)
def test_names_get_the_hue_a_map_reader_expects(name: str, low: float, high: float) -> None:
    assert low <= hue(class_colors([name])[0]) <= high


def test_urban_is_red_and_a_burnt_forest_is_not_green() -> None:
    urban, burnt = class_colors(["urban", "burnt forest"])
    assert hue(urban) < 15 or hue(urban) > 345
    assert not 70 <= hue(burnt) <= 170


def test_no_word_is_found_inside_another() -> None:
    # "price" holds rice and ice; "season" begins like sea, "first" like fir.
    plain = class_colors(["price", "season", "first"])
    assert plain == distinct_colors(3)


@pytest.mark.parametrize("count", [1, 8, 9, 50, 254])
def test_all_colors_differ(count: int) -> None:
    for colors in (
        distinct_colors(count),
        class_colors([f"class {i}" for i in range(count)]),
        class_colors([f"forest {i}" for i in range(min(count, 9))]),
    ):
        assert len(set(colors)) == len(colors)
        assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)


def test_spare_colors_keep_away_from_the_expected_ones() -> None:
    colors = class_colors(["water", "urban", *[f"kind {i}" for i in range(6)]])
    parts = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colors]
    gaps = [
        sum((a - b) ** 2 for a, b in zip(first, second)) ** 0.5  # noqa: B905 - Python 3.9
        for i, first in enumerate(parts)
        for second in parts[:i]
    ]
    assert min(gaps) > 30


def test_the_same_names_get_the_same_colors_whatever_comes_after() -> None:
    assert class_colors(["a", "water", "b"])[:2] == class_colors(["a", "water"])
