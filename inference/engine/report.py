"""The accuracy report of a taught classifier: one HTML file that needs nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import numpy as np

from ..jobs import ClassInfo
from .accuracy import Accuracy, CrossValidation

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #e3e7ee; --paper: #ffffff;
  --card: #f6f8fb; --good: 31, 107, 53; --bad: 196, 60, 50; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf1; --soft: #9aa4b5; --line: #323a48;
  --paper: #171b22; --card: #1f252f; --good: 87, 190, 120; --bad: 232, 104, 92; } }
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
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .75rem; border-bottom: 1px solid var(--line); text-align: right; }
th { font-weight: 600; color: var(--soft); font-size: .88rem; }
th:first-child, td:first-child { text-align: left; }
td:first-child { white-space: nowrap; }
i { display: inline-block; width: .85rem; height: .85rem; border-radius: .2rem; margin-right: .5rem;
  vertical-align: -.08rem; border: 1px solid rgba(128, 128, 128, .45); }
li { margin: .3rem 0; }
"""


@dataclass(frozen=True)
class Report:
    """What the report says.

    Attributes:
        title: heading.
        classes: of the classifier.
        samples: (places, pixels) of each class.
        validation: its accuracy.
        facts: name and text of what else is known (model, method, bands...).
        warnings: sentences the reader must know.
    """

    title: str
    classes: Sequence[ClassInfo]
    samples: Sequence[tuple[int, int]]
    validation: CrossValidation
    facts: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()


def write_report(path: str | os.PathLike[str], report: Report) -> None:
    """Write the report; it appears complete or not at all."""
    part = Path(path).with_name(f".{Path(path).name}.part")
    try:
        part.write_text(to_html(report), encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def to_html(report: Report) -> str:
    """The whole page."""
    title = escape(report.title)
    accuracy = report.validation.accuracy
    body = [
        f"<h1>{title}</h1>",
        f'<p class="soft">{escape(_subtitle(report))}</p>',
        _figures(report, accuracy),
        _list("Please note", report.warnings),
        _list("How far these figures carry", report.validation.notes),
        _class_table(report, accuracy),
        _matrix(report, accuracy) if accuracy else "",
        _facts(report.facts),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body></html>\n"
    )


def _subtitle(report: Report) -> str:
    if report.validation.accuracy is None:
        return "Accuracy could not be estimated: no class has two separate places."
    return f"Accuracy by cross-validation in {report.validation.folds} rounds, whole polygons left out."


def _figures(report: Report, accuracy: Accuracy | None) -> str:
    boxes = []
    if accuracy is not None:
        boxes += [
            ("overall accuracy", _percent(accuracy.overall)),
            ("mean F1 of the classes", _decimal(accuracy.macro_f1)),
            ("kappa", _decimal(accuracy.kappa)),
        ]
    boxes.append(("places", f"{sum(places for places, _ in report.samples):,}"))
    boxes.append(("pixels", f"{sum(pixels for _, pixels in report.samples):,}"))
    inner = "".join(f'<div><b>{value}</b><span class="soft">{name}</span></div>' for name, value in boxes)
    return f'<div class="figures">{inner}</div>'


def _class_table(report: Report, accuracy: Accuracy | None) -> str:
    head = ["class", "places", "pixels"]
    if accuracy is not None:
        head += ["producer's accuracy", "user's accuracy", "F1"]
    rows = []
    for index, (info, (places, pixels)) in enumerate(zip(report.classes, report.samples, strict=True)):
        cells = [_name(info), f"{places:,}", f"{pixels:,}"]
        if accuracy is not None:
            checked = bool(accuracy.matrix[index].sum())
            values = (accuracy.producers[index], accuracy.users[index])
            cells += [_percent(value) if checked else "–" for value in values]
            cells.append(_decimal(accuracy.f1[index]) if checked else "–")
        rows.append(cells)
    note = (
        '<p class="soft">Producer\'s accuracy: of what is there, how much the map shows. '
        "User's accuracy: of what the map shows, how much is there.</p>"
        if accuracy is not None
        else ""
    )
    return f"<h2>Classes</h2>{_table(head, rows)}{note}"


def _matrix(report: Report, accuracy: Accuracy) -> str:
    head = ["reference \\ map", *(escape(info.name) for info in report.classes), "sum"]
    sums = np.maximum(accuracy.matrix.sum(axis=1), 1)
    rows = []
    for index, info in enumerate(report.classes):
        cells = [f"<td>{_name(info)}</td>"]
        for other, count in enumerate(accuracy.matrix[index].tolist()):
            color = "--good" if other == index else "--bad"
            depth = round(0.75 * count / int(sums[index]), 3)
            cells.append(f'<td style="background: rgba(var({color}), {depth})">{count:,}</td>')
        cells.append(f"<td>{int(accuracy.matrix[index].sum()):,}</td>")
        rows.append("".join(cells))
    total = "".join(f"<td>{value:,}</td>" for value in accuracy.matrix.sum(axis=0).tolist())
    rows.append(f"<td>sum</td>{total}<td>{accuracy.total:,}</td>")
    header = "".join(f"<th>{cell}</th>" for cell in head)
    lines = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<h2>Error matrix (pixels)</h2><div class="wide"><table><tr>{header}</tr>{lines}</table></div>'


def _facts(facts: Mapping[str, str]) -> str:
    if not facts:
        return ""
    rows = "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in facts.items())
    return f'<h2>How it was made</h2><div class="wide"><table>{rows}</table></div>'


def _list(title: str, sentences: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<h2>{title}</h2><ul>{items}</ul>" if items else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    header = "".join(f"<th>{cell}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{header}</tr>{lines}</table></div>'


def _name(info: ClassInfo) -> str:
    return f'<i style="background: {escape(info.color)}"></i>{escape(info.name)}'


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{value * 100:.1f} %"


def _decimal(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"
