"""Time left and expected time."""

from __future__ import annotations

import pytest

from geofm.ui.settings import Settings
from geofm.ui.timing import TimeLeft, expected_seconds, remember_speed


def test_there_is_no_telling_at_first() -> None:
    left = TimeLeft()
    assert left.update(0.0, 0.0) is None
    assert left.update(1.0, 10.0) is None


def test_a_steady_pace_is_told_exactly() -> None:
    left = TimeLeft()
    answers = [left.update(t, 2.0 * t) for t in range(26)]
    assert answers[25] == pytest.approx(25.0)


def test_the_recent_pace_counts() -> None:
    left = TimeLeft()
    for t in range(100):
        left.update(float(t), 0.1 * t)
    for t in range(100, 130):
        answer = left.update(float(t), 10.0 + 2.0 * (t - 100))
    assert answer == pytest.approx((100.0 - 68.0) / 2.0)


def test_a_new_stage_starts_over() -> None:
    left = TimeLeft()
    for t in range(10):
        left.update(float(t), 10.0 * t)
    assert left.update(10.0, 0.0) is None


def test_speed_is_learned_from_runs(settings) -> None:
    mine = Settings()
    assert expected_seconds(mine, "cluster-a", 1000) is None
    remember_speed(mine, "cluster-a", 1000, 10.0)
    assert expected_seconds(mine, "cluster-a", 500) == pytest.approx(5.0)
    remember_speed(mine, "cluster-a", 3000, 10.0)
    assert expected_seconds(mine, "cluster-a", 3000) == pytest.approx(10.0), "the first was a cold start"
    remember_speed(mine, "cluster-a", 1000, 10.0)
    assert expected_seconds(mine, "cluster-a", 2000) == pytest.approx(10.0), "a slow one counts half"
    assert expected_seconds(mine, "cluster-a", 20 * 3000) == pytest.approx(300.0)
    assert expected_seconds(mine, "cluster-a", 21 * 3000) is None, "too far from what was seen"
    assert expected_seconds(mine, "cluster-b", 2000) is None
    remember_speed(mine, "", 1000, 1.0)
    assert expected_seconds(mine, "", 1000) is None


def test_settings_of_a_wrong_type_answer_the_default(settings) -> None:
    mine = Settings()
    settings.setValue("geofm/text", ["a", "b"])
    settings.setValue("geofm/number", "many")
    settings.setValue("geofm/flag", "perhaps")
    settings.setValue("geofm/items", "{not json")
    assert mine.text("text", "default") == "default"
    assert mine.number("number", 3.0) == 3.0
    assert mine.flag("flag", True) is True
    assert mine.items("items") == []
    mine.set("flag", False)
    assert mine.flag("flag", True) is False
