"""The report of an assessment: how right a map is and how much ground each class covers."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping

from ..assessment.estimators import Estimate
from ..assessment.findings import Findings
from .page import (
    ACCURACIES,
    decimal,
    facts_table,
    figures,
    matrix_table,
    name,
    page,
    percent,
    sentences,
    table,
    write_text,
)
from .plots import Bar, accuracy_plot, area_plot, number

_HECTARE = 10_000.0
_SOURCES = {
    "estimators": (
        "Olofsson, Foody, Herold, Stehman, Woodcock and Wulder (2014), Remote Sensing of Environment 148, "
        "42-57; Stehman (2014), International Journal of Remote Sensing 35, 4923-4939"
    )
}


def write_assessment(
    path: str | os.PathLike[str], findings: Findings, facts: Mapping[str, str], metric: bool
) -> None:
    """Write the report; it appears complete or not at all.

    Args:
        facts: what else is known, by name.
        metric: whether areas are in m²; else they are in the map's own units.
    """
    write_text(path, to_html(findings, facts, metric))


def to_html(findings: Findings, facts: Mapping[str, str], metric: bool) -> str:
    """The whole page."""
    found = findings.assessment
    shares = found.proportions if findings.is_random else None
    what = "points" if findings.are_points else "pixels"
    below = (
        '<p class="soft">Below each count: the share of the ground that it stands for.</p>'
        if shares is not None
        else ""
    )
    parts = [
        _figures(findings),
        sentences("Please note", findings.warnings),
        sentences("How far these figures carry", findings.notes),
        "<h2>Accuracy</h2>" + accuracy_plot(findings.classes, found.users, found.producers, found.f1),
        f'<p class="soft">{ACCURACIES} F1 is the harmonic mean of both.</p>',
        _areas(findings, metric),
        f"<h2>Error matrix ({what})</h2>{matrix_table(findings.classes, found.matrix, shares)}{below}",
        _class_table(findings),
        facts_table({**facts, "sampling": findings.sampling, **_SOURCES}),
    ]
    return page(f"Accuracy of {facts.get('map', 'the map')}", findings.sampling, parts)


def _figures(findings: Findings) -> str:
    overall, counts = findings.assessment.overall, findings.counts
    what = "points compared" if findings.are_points else "places compared"
    left_out = sum(counts.values()) - counts["compared"]
    boxes = [
        ("overall accuracy", percent(overall.value), _interval(overall)),
        (what, f"{counts['compared']:,}", f"{left_out:,} left out" if left_out else ""),
    ]
    return figures(boxes)


def _interval(one: Estimate) -> str:
    if math.isnan(one.low):
        return ""
    return f"{percent(one.low).removesuffix(' %')} to {percent(one.high)}"


def _unit(findings: Findings, metric: bool) -> tuple[str, float]:
    if not metric:
        return "square map units", 1.0
    return ("hectares", _HECTARE) if findings.total_area >= _HECTARE else ("square metres", 1.0)


def _areas(findings: Findings, metric: bool) -> str:
    """Mapped against estimated areas; where the sample does not tell of the map, nothing."""
    if not findings.is_random:
        return ""
    unit, size = _unit(findings, metric)
    total = findings.total_area / size
    bars, rows = [], []
    for info, mapped, share in zip(
        findings.classes, findings.mapped_areas, findings.assessment.shares, strict=True
    ):
        parts = (share.value * total, share.low * total, share.high * total)
        bars.append(Bar(info, mapped / size, *parts))
        half = number(share.half * total)
        rows.append([name(info), number(mapped / size), number(parts[0]), half, percent(share.value)])
    head = ["class", f"mapped ({unit})", f"estimated ({unit})", "± (95 %)", "share of the ground"]
    return f"<h2>Areas</h2>{area_plot(bars, unit)}{table(head, rows)}"


def _class_table(findings: Findings) -> str:
    found = findings.assessment
    head = ["class", "user's accuracy", "producer's accuracy", "F1", "reference", "map"]
    rows = []
    for at, info in enumerate(findings.classes):
        cells = [name(info)]
        cells += [_with_half(one, percent) for one in (found.users[at], found.producers[at])]
        cells.append(_with_half(found.f1[at], decimal))
        cells += [f"{int(found.matrix[at].sum()):,}", f"{int(found.matrix[:, at].sum()):,}"]
        rows.append(cells)
    return f"<h2>Classes</h2>{table(head, rows)}"


def _with_half(one: Estimate, write: Callable[[float], str]) -> str:
    value = write(one.value)
    if math.isnan(one.low):
        return value
    low, high = (write(edge).removesuffix(" %") for edge in (one.low, one.high))
    return f"{value}<small>{low} to {high}</small>"
