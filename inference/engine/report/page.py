"""What all reports are made of: the page, its figures, tables and lists; light and dark."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...jobs import ClassInfo

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #e3e7ee; --paper: #ffffff;
  --card: #f6f8fb; --good: 31, 107, 53; --bad: 196, 60, 50; --mark: #2563a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf1; --soft: #9aa4b5; --line: #323a48;
  --paper: #171b22; --card: #1f252f; --good: 87, 190, 120; --bad: 232, 104, 92; --mark: #7fb2ec; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 62rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; margin: 2.4rem 0 .7rem; }
.soft { color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.6rem 0 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .7rem;
  padding: .8rem 1.1rem; min-width: 9rem; }
.figures b { display: block; font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.figures small { color: var(--soft); font-size: 1rem; font-weight: 400; white-space: nowrap; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .75rem; border-bottom: 1px solid var(--line); text-align: right; }
th { font-weight: 600; color: var(--soft); font-size: .88rem; }
th:first-child, td:first-child { text-align: left; }
td:first-child { white-space: nowrap; }
td small { display: block; opacity: .75; white-space: nowrap; }
.facts td { text-align: left; }
i { display: inline-block; width: .85rem; height: .85rem; border-radius: .2rem; margin-right: .5rem;
  vertical-align: -.08rem; border: 1px solid rgba(128, 128, 128, .45); }
li { margin: .3rem 0; }
svg { display: block; width: 100%; max-width: 60rem; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, "Segoe UI", "Noto Sans", sans-serif; }
svg .quiet { fill: var(--soft); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .whisker { stroke: var(--ink); stroke-width: 1.6; fill: none; }
svg .bar { stroke: rgba(128, 128, 128, .6); stroke-width: 1; }
svg .users { fill: var(--mark); stroke: none; }
svg .producers { fill: var(--paper); stroke: var(--mark); stroke-width: 2; }
svg .f1 { fill: var(--soft); stroke: none; }
"""

ACCURACIES = (
    "Producer's accuracy: of what is there, how much the map shows. "
    "User's accuracy: of what the map shows, how much is there."
)


def page(title: str, subtitle: str, parts: Sequence[str]) -> str:
    """The whole document; empty parts are left out. ``title`` and ``subtitle`` are plain text."""
    inner = "\n".join(part for part in parts if part)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        f'<h1>{escape(title)}</h1>\n<p class="soft">{escape(subtitle)}</p>\n{inner}\n</body></html>\n'
    )


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file; it appears complete or not at all."""
    part = Path(path).with_name(f".{Path(path).name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def figures(boxes: Sequence[tuple[str, str, str]]) -> str:
    """Large numbers side by side: name, value and what stands small behind it."""
    small = (f" <small>{more}</small>" if more else "" for _, _, more in boxes)
    inner = "".join(
        f'<div><b>{value}{more}</b><span class="soft">{name}</span></div>'
        for (name, value, _), more in zip(boxes, small, strict=True)
    )
    return f'<div class="figures">{inner}</div>'


def sentences(title: str, lines: Sequence[str]) -> str:
    """A list under a heading; nothing where there is nothing to say."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{title}</h2><ul>{items}</ul>" if items else ""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    header = "".join(f"<th>{cell}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{header}</tr>{lines}</table></div>'


def matrix_table(
    classes: Sequence[ClassInfo], matrix: NDArray[np.int64], shares: NDArray[np.float64] | None = None
) -> str:
    """An error matrix, shaded: green on its diagonal, red beside it, by share of the row.

    Args:
        matrix: (classes, classes) counts; rows are the reference, columns the map.
        shares: the same as shares of the ground, written below the counts.
    """
    sums = np.maximum(matrix.sum(axis=1), 1)
    rows = []
    for index, info in enumerate(classes):
        cells = [f"<td>{name(info)}</td>"]
        for other, count in enumerate(matrix[index].tolist()):
            color = "--good" if other == index else "--bad"
            depth = round(0.75 * count / int(sums[index]), 3)
            below = f"<small>{percent(shares[index, other])}</small>" if shares is not None and count else ""
            cells.append(f'<td style="background: rgba(var({color}), {depth})">{count:,}{below}</td>')
        rows.append("".join(cells) + f"<td>{int(matrix[index].sum()):,}</td>")
    total = "".join(f"<td>{value:,}</td>" for value in matrix.sum(axis=0).tolist())
    rows.append(f"<td>sum</td>{total}<td>{int(matrix.sum()):,}</td>")
    head = ["reference \\ map", *(escape(info.name) for info in classes), "sum"]
    header = "".join(f"<th>{cell}</th>" for cell in head)
    lines = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{header}</tr>{lines}</table></div>'


def facts_table(facts: Mapping[str, str]) -> str:
    """What else is known, name by name."""
    if not facts:
        return ""
    rows = "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in facts.items())
    return f'<h2>How it was made</h2><div class="wide facts"><table>{rows}</table></div>'


def name(info: ClassInfo) -> str:
    """A class with a patch of its colour."""
    return f'<i style="background: {escape(info.color)}"></i>{escape(info.name)}'


def percent(value: float, digits: int = 1) -> str:
    """A share as people read it; a dash for what is not known."""
    return "–" if np.isnan(value) else f"{value * 100:.{digits}f} %"


def decimal(value: float) -> str:
    """A number between 0 and 1 with two digits; a dash for what is not known."""
    return "–" if np.isnan(value) else f"{value:.2f}"
