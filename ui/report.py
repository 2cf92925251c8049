"""What a run's answers say, in short lines for the dock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..algorithms.text import tr
from ..inference.jobs import Result
from .texts import grouped

_MOST_WARNINGS = 1


def facts_of(answers: Sequence[Result]) -> tuple[str, ...]:
    """Accuracy, areas, pixels and the device, the most telling first; the log has the rest."""
    lines: list[str] = []
    for answer in answers:
        lines += _accuracy(answer.facts) + _change(answer.facts) + _assessment(answer.facts)
        lines += _refined(answer.facts)
    if answers:
        last = answers[-1]
        lines.append(tr("{} pixels on {}").format(grouped(last.pixels), last.device))
    return tuple(lines)


def warnings_of(answers: Sequence[Result]) -> list[str]:
    """What the user should read, each sentence once; the log has those that are left out."""
    found = list(dict.fromkeys(sentence for answer in answers for sentence in answer.warnings))
    more = len(found) - _MOST_WARNINGS
    if more <= 0:
        return found
    return [*found[:_MOST_WARNINGS], tr("{} more in the details.").format(more)]


def _accuracy(facts: dict[str, Any]) -> list[str]:
    """The cross-validated accuracy of a lesson, or why there is none."""
    validation = facts.get("validation") or {}
    accuracy = validation.get("accuracy")
    if not accuracy or accuracy.get("overall") is None:
        return [str(note) for note in validation.get("notes", ())][:1]
    percent = f"{100 * accuracy['overall']:.1f}"
    if accuracy.get("macro_f1") is None:
        return [tr("Accuracy {} % on samples left out").format(percent)]
    f1 = f"{accuracy['macro_f1']:.2f}"
    return [tr("Accuracy {} %, F1 {} on samples left out").format(percent, f1)]


def _change(facts: dict[str, Any]) -> list[str]:
    """What changed, from which magnitude on and why, and what was left out or corrected before."""
    area, threshold = facts.get("changed_m2"), facts.get("threshold")
    lines = []
    if isinstance(area, (int, float)):
        lines.append(tr("{} changed").format(area_words(area)))
    if isinstance(threshold, (int, float)):
        reason = facts.get("threshold_reason")
        said = tr("Threshold {}").format(f"{threshold:.3g}")
        lines.append(tr("{}: {}").format(said, reason) if reason else said)
    lines += _left_out(facts.get("clouds")) + _aligned(facts.get("alignment"))
    return lines + _matched(facts.get("normalisation")) + _breaks(facts)


def _left_out(clouds: Any) -> list[str]:
    """How much of each date shows no ground."""
    titles = {"before": tr("{} % before"), "after": tr("{} % after")}
    shares = [
        title.format(f"{clouds[date]['masked_percent']:.3g}")
        for date, title in titles.items()
        if clouds and date in clouds
    ]
    return [tr("Cloud, shadow, snow and fill left out: {}").format(", ".join(shares))] if shares else []


def _aligned(found: Any) -> list[str]:
    """Whether the dates lay on one another."""
    if not isinstance(found, dict):
        return []
    if not found.get("reliable"):
        return [tr("Whether the dates lie on one another could not be told")]
    pixels = math.hypot(*found["shift_px"])
    metres = f"{found['shift_m']:.3g}"
    if found.get("corrected"):
        return [tr("A shift of {} pixels ({} m) was corrected").format(f"{pixels:.2f}", metres)]
    return [tr("The dates lie {} pixels ({} m) apart").format(f"{pixels:.2f}", metres)]


def _matched(found: Any) -> list[str]:
    """Whether the light of the dates was matched."""
    if not isinstance(found, dict) or not found.get("slopes"):
        return []
    pixels = grouped(found["invariant_pixels"])
    return [tr("Light matched by {} pixels that did not change").format(pixels)]


def _breaks(facts: dict[str, Any]) -> list[str]:
    area, dates = facts.get("broken_m2"), facts.get("observations")
    if not isinstance(area, (int, float)):
        return []
    return [tr("{} with a break, in {} dates").format(area_words(area), dates)]


def _refined(facts: dict[str, Any]) -> list[str]:
    """How much ground each rule and the prior changed, those that changed none too."""
    told = facts.get("refined")
    if not isinstance(told, list):
        return []
    return [tr("{}: {}").format(one["cause"], area_words(one["area_m2"])) for one in told]


def _assessment(facts: dict[str, Any]) -> list[str]:
    """How right a map is, or how well the points that were drawn will tell it."""
    overall, places = facts.get("overall"), facts.get("places")
    if isinstance(overall, dict) and isinstance(places, dict) and overall.get("value") is not None:
        said = tr("Accuracy {} % at {} places").format(f"{100 * overall['value']:.1f}", places["compared"])
        if overall.get("low") is None:
            return [said]
        low, high = (f"{100 * overall[end]:.1f}" for end in ("low", "high"))
        return [tr("{} ({} to {})").format(said, low, high)]
    points, error = facts.get("points"), facts.get("expected_error")
    if isinstance(points, int) and isinstance(error, (int, float)):
        half = f"{196 * error:.0f}"
        return [tr("{} points; they tell the accuracy to about {} % either way").format(points, half)]
    return []


def area_words(square_metres: float) -> str:
    """An area in the unit that suits its size."""
    if square_metres >= 1e6:
        return tr("{} km²").format(f"{square_metres / 1e6:,.2f}")
    if square_metres >= 1e4:
        return tr("{} ha").format(f"{square_metres / 1e4:,.1f}")
    return tr("{} m²").format(f"{square_metres:,.0f}")
