"""Plots as inline SVG: numbers with their intervals, drawn so that they read in light and in dark.

Every number of a plot stands in it as text too. Colours come from the page's style sheet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ...jobs import ClassInfo
from ..assessment.estimators import Estimate
from .page import decimal, percent

_WIDTH, _LEFT, _RIGHT = 760, 190, 190
_LINE, _GAP, _TOP = 19, 10, 26
# Characters that fit beside a plot.
_LETTERS = 25


@dataclass(frozen=True)
class Bar:
    """The ground of a class, in the plot's unit: what the map shows, and what the sample estimates."""

    info: ClassInfo
    mapped: float
    value: float
    low: float
    high: float


def accuracy_plot(
    classes: Sequence[ClassInfo],
    users: Sequence[Estimate],
    producers: Sequence[Estimate],
    f1: Sequence[Estimate],
) -> str:
    """User's and producer's accuracy and F1 of each class, from 0 to 1, with their 95 % intervals."""
    body, y = [], float(_TOP)
    for at, info in enumerate(classes):
        body.append(_label(info, y + _LINE))
        for kind, one in (("users", users[at]), ("producers", producers[at]), ("f1", f1[at])):
            y += _LINE
            body.append(_point(kind, one, y))
        y += _GAP
    ticks = [(_x(share, 1.0), f"{share:.0%}".replace("%", " %")) for share in (0, 0.25, 0.5, 0.75, 1)]
    legend = (
        f'<p class="soft">{_key("users")} user\'s accuracy &#160; {_key("producers")} producer\'s accuracy '
        f'&#160; {_key("f1")} F1, each with its 95 % interval</p>'
    )
    title = "Accuracy of the classes with 95 % intervals"
    return _svg(title, y + 8, ticks, body) + legend


def area_plot(bars: Sequence[Bar], unit: str) -> str:
    """Ground by class: as mapped (thin) and as estimated from the sample, with 95 % intervals."""
    known = [edge for bar in bars for edge in (bar.mapped, bar.value, bar.high) if not math.isnan(edge)]
    top = _nice(max(known, default=1.0) or 1.0)
    body, y = [], float(_TOP)
    for bar in bars:
        body.append(_label(bar.info, y + _LINE))
        body.append(_bar(bar, y, top))
        y += 2 * _LINE + _GAP
    ticks = [(_x(top * part / 4, top), f"{top * part / 4:,.6g}") for part in range(5)]
    note = (
        f'<p class="soft">In {escape(unit)}. Upper bar, pale: counted on the map. Lower bar: estimated from '
        "the reference, with its 95 % interval.</p>"
    )
    return _svg(f"Areas of the classes in {unit}", y + 8, ticks, body) + note


def number(value: float) -> str:
    """An area with as many digits as make sense."""
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def _svg(title: str, height: float, ticks: Sequence[tuple[float, str]], body: Sequence[str]) -> str:
    lines = "".join(
        f'<line class="grid" x1="{x:.1f}" y1="{_TOP - 4}" x2="{x:.1f}" y2="{height:.0f}"/>'
        f'<text class="quiet" x="{x:.1f}" y="{_TOP - 10}" text-anchor="middle">{text}</text>'
        for x, text in ticks
    )
    return (
        f'<svg role="img" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}">'
        f"<title>{escape(title)}</title>{lines}{''.join(body)}</svg>"
    )


def _label(info: ClassInfo, y: float) -> str:
    shown = info.name if len(info.name) <= _LETTERS else info.name[: _LETTERS - 1] + "…"
    return (
        f'<rect class="bar" x="1" y="{y - 10:.1f}" width="11" height="11" fill="{escape(info.color)}"/>'
        f'<text x="19" y="{y:.1f}">{escape(shown)}<title>{escape(info.name)}</title></text>'
    )


def _point(kind: str, one: Estimate, y: float) -> str:
    if math.isnan(one.value):
        return f'<text class="quiet" x="{_WIDTH - _RIGHT + 12}" y="{y:.1f}">–</text>'
    middle, write = y - 5, decimal if kind == "f1" else percent
    said = write(one.value)
    if not math.isnan(one.low):
        said += f" ({_bare(write(one.low))} to {_bare(write(one.high))})"
    return (
        _whisker(_x(one.low, 1.0), _x(one.high, 1.0), middle)
        + _marker(kind, _x(one.value, 1.0), middle)
        + f'<text x="{_WIDTH - _RIGHT + 12}" y="{y:.1f}">{said}</text>'
    )


def _bare(text: str) -> str:
    return text.removesuffix(" %")


def _marker(kind: str, x: float, y: float) -> str:
    if kind == "f1":
        return f'<path class="f1" d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5-5z"/>'
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'


def _key(kind: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 14 14" '
        f'style="display: inline; width: .9rem; vertical-align: -.1rem">{_marker(kind, 7, 7)}</svg>'
    )


def _bar(bar: Bar, y: float, top: float) -> str:
    color, rows = escape(bar.info.color), []
    for value, low, high, row, opacity in (
        (bar.mapped, math.nan, math.nan, 1, 0.35),
        (bar.value, bar.low, bar.high, 2, 1.0),
    ):
        base = y + row * _LINE
        if not math.isnan(value):
            width = max(_x(value, top) - _LEFT, 0.5)
            rows.append(
                f'<rect class="bar" x="{_LEFT}" y="{base - 12:.1f}" width="{width:.1f}" height="13" '
                f'fill="{color}" fill-opacity="{opacity}"/>'
            )
        rows.append(_whisker(_x(low, top), _x(high, top), base - 5.5))
        said = number(value)
        if not math.isnan(low):
            said += f" ± {number((high - low) / 2)}"
        rows.append(f'<text x="{_WIDTH - _RIGHT + 12}" y="{base:.1f}">{said}</text>')
    return "".join(rows)


def _whisker(low: float, high: float, y: float) -> str:
    if math.isnan(low) or math.isnan(high):
        return ""
    return (
        f'<path class="whisker" d="M{low:.1f} {y:.1f}H{high:.1f}'
        f'M{low:.1f} {y - 3:.1f}v6M{high:.1f} {y - 3:.1f}v6"/>'
    )


def _x(value: float, top: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * value / top


def _nice(value: float) -> float:
    """The next number that divides into four round parts."""
    step = 10 ** math.floor(math.log10(value))
    return next(step * part for part in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if step * part >= value)
