"""What a refinement changed: pixels and ground, by what did it, and from which class to which."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...jobs import ClassInfo
from ...knowledge import Rule
from ...palette import class_colors
from ..grid import Grid, Window
from .refinement import BY_PRIOR, FIRST_RULE, I16, U8, UNCHANGED

_COLUMNS = ("number", "cause", "from", "to", "pixels", "area_m2")


def causes(rules: Sequence[Rule], *, prior: bool) -> tuple[ClassInfo, ...]:
    """The legend of the raster that says what changed a pixel."""
    named = {UNCHANGED: "unchanged"}
    if prior:
        named[BY_PRIOR] = "prior"
    named.update({n: f"rule {n - 1}: {rule.words}" for n, rule in enumerate(rules, FIRST_RULE)})
    if any(not rule.becomes for rule in rules):
        named[FIRST_RULE + len(rules)] = "kept against a rule: no other class is known that is allowed"
    # Plain names, because the words of rules would all be given the colours of what they are about.
    colors = class_colors([f"cause {value}" for value in list(named)[1:]])
    return tuple(
        ClassInfo(value, name, color)
        for (value, name), color in zip(named.items(), ("#e6e6e6", *colors), strict=True)
    )


class Changes:
    """Adds up what was changed, block by block."""

    def __init__(self, classes: Sequence[ClassInfo], legend: Sequence[ClassInfo], grid: Grid) -> None:
        """
        Args:
            classes: of the map.
            legend: see :func:`causes`.
            grid: of the map.
        """
        self._classes = tuple(classes)
        self._legend = {info.value: info for info in legend}
        self._grid = grid
        self._pixels: dict[tuple[int, int, int], int] = defaultdict(int)
        self._areas: dict[tuple[int, int, int], float] = defaultdict(float)
        self._ground = 0.0

    def add(self, block: Window, before: I16, after: I16, cause: U8) -> None:
        """Count a block: (rows, cols) places of classes, below 0 for none, and causes."""
        sizes = self._grid.row_areas(block.row, block.height)
        self._ground += float((before >= 0).sum(axis=1) @ sizes)
        rows = np.nonzero((before >= 0) & (cause != UNCHANGED))
        keys = np.stack([cause[rows], before[rows], after[rows]], axis=1).astype(np.int64)
        found, which = np.unique(keys, axis=0, return_inverse=True)
        counts = np.bincount(which.ravel(), minlength=len(found))
        areas = np.bincount(which.ravel(), weights=sizes[rows[0]], minlength=len(found))
        for key, count, area in zip(found.tolist(), counts.tolist(), areas.tolist(), strict=True):
            self._pixels[tuple(key)] += count
            self._areas[tuple(key)] += area

    def facts(self) -> dict[str, Any]:
        """What each cause changed, those that changed nothing too, and all of them."""
        told = []
        for value, info in self._legend.items():
            keys = [key for key in self._pixels if key[0] == value]
            area = sum(self._areas[key] for key in keys)
            if value != UNCHANGED:
                pixels = sum(self._pixels[key] for key in keys)
                about = {"value": value, "cause": info.name, "color": info.color}
                told.append({**about, "pixels": pixels, "area_m2": area})
        moved = [key for key in self._pixels if key[1] != key[2]]
        area = sum(self._areas[key] for key in moved)
        return {
            "refined": told,
            "refined_pixels": sum(self._pixels[key] for key in moved),
            "refined_m2": area,
            "refined_percent": round(100 * area / self._ground, 3) if self._ground else 0.0,
        }

    def table(self) -> str:
        """As CSV: a row for each cause and pair of classes."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(_COLUMNS)
        for key in sorted(self._pixels):
            cause, before, after = key
            names = self._classes[before].name, self._classes[after].name
            area = f"{self._areas[key]:.1f}"
            rows.writerow([cause, self._legend[cause].name, *names, self._pixels[key], area])
        return text.getvalue()

    def warnings(self, stuck: int) -> list[str]:
        """A sentence about places where a rule could not be followed."""
        left = sum(count for key, count in self._pixels.items() if key[0] == stuck)
        if not left:
            return []
        return [
            f"{left} pixels keep a class that a rule forbids there, because no other class is known to be "
            "probable and allowed; CHANGED shows them."
        ]
