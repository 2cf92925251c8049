"""The report of a taught classifier: how well its classes are told apart, on samples left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from ...jobs import ClassInfo
from ..learning.accuracy import Accuracy, CrossValidation, distance
from ..learning.helped import Helped
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
        doubts: sentences on labels that look wrong.
        helped: what each layer was good for, where that was asked.
    """

    title: str
    classes: Sequence[ClassInfo]
    samples: Sequence[tuple[int, int]]
    validation: CrossValidation
    facts: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    doubts: Sequence[str] = ()
    helped: Sequence[Helped] = ()


def write_report(path: str | os.PathLike[str], report: Report) -> None:
    """Write the report; it appears complete or not at all."""
    write_text(path, to_html(report))


def to_html(report: Report) -> str:
    """The whole page."""
    accuracy = report.validation.accuracy
    matrix = matrix_table(report.classes, accuracy.matrix) if accuracy else ""
    parts = [
        _figures(report, accuracy),
        sentences("Please note", report.warnings),
        sentences("How far these figures carry", report.validation.notes),
        sentences("Labels that look wrong", report.doubts),
        _helped(report.helped),
        _class_table(report, accuracy),
        f"<h2>Error matrix (pixels)</h2>{matrix}" if matrix else "",
        facts_table(report.facts),
    ]
    return page(report.title, _subtitle(report), parts)


def _subtitle(report: Report) -> str:
    if report.validation.accuracy is None:
        return "Accuracy could not be estimated: no class has two separate places."
    block = report.validation.block
    what = f"blocks of ground {distance(block)} wide" if block else "whole polygons"
    return f"Accuracy by cross-validation in {report.validation.folds} rounds, {what} left out."


def _figures(report: Report, accuracy: Accuracy | None) -> str:
    boxes = []
    if accuracy is not None:
        boxes += [
            ("overall accuracy", percent(accuracy.overall), ""),
            ("mean F1 of the classes", decimal(accuracy.macro_f1), ""),
            ("kappa", decimal(accuracy.kappa), ""),
        ]
    boxes.append(("places", f"{sum(places for places, _ in report.samples):,}", ""))
    boxes.append(("pixels", f"{sum(pixels for _, pixels in report.samples):,}", ""))
    return figures(boxes)


def _helped(helped: Sequence[Helped]) -> str:
    if not helped:
        return ""
    head = ["left out", "mean F1 without", "with", "overall without", "with", "gain, 95 % of draws", "pixels"]
    rows = []
    for one in helped:
        f1s = [_or_dash(value, decimal) for value in (one.without_f1, one.with_f1)]
        shares = [_or_dash(value, percent) for value in (one.without_accuracy, one.with_accuracy)]
        gain = "–" if one.low is None or one.high is None else f"{one.low:+.2f} to {one.high:+.2f}"
        rows.append([escape(one.layer), *f1s, *shares, gain, f"{one.pixels:,}"])
    told = "".join(f"<li>{escape(one.sentence)}</li>" for one in helped)
    return f"<h2>What helped</h2>{table(head, rows)}<ul>{told}</ul>"


def _or_dash(value: float | None, show: Callable[[float], str]) -> str:
    return "–" if value is None else show(value)


def _class_table(report: Report, accuracy: Accuracy | None) -> str:
    head = ["class", "places", "pixels"]
    if accuracy is not None:
        head += ["producer's accuracy", "user's accuracy", "F1"]
    rows = []
    for index, (info, (places, pixels)) in enumerate(zip(report.classes, report.samples, strict=True)):
        cells = [name(info), f"{places:,}", f"{pixels:,}"]
        if accuracy is not None:
            checked = bool(accuracy.matrix[index].sum())
            values = (accuracy.producers[index], accuracy.users[index])
            cells += [percent(value) if checked else "–" for value in values]
            cells.append(decimal(accuracy.f1[index]) if checked else "–")
        rows.append(cells)
    note = f'<p class="soft">{ACCURACIES}</p>' if accuracy is not None else ""
    return f"<h2>Classes</h2>{table(head, rows)}{note}"
