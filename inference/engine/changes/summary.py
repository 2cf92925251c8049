"""How much ground changed, from what into what: for the answer, and as a table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import present
from ...jobs import ClassInfo
from ..grid import F64
from ..results.destinations import refused_by_disk
from ..thresholds import Threshold
from .told import AFTER, BEFORE, CODES, KIND, Told

_COLUMNS = ("group", "item", "from_class", "to_class", "value", "unit")


@dataclass(frozen=True)
class Areas:
    """Ground in square metres.

    Attributes:
        total: of the whole raster, with and without data.
        every: by what changes are told apart by (:meth:`~.changed_places.Magnitude.read`), of all that was
            compared.
        above: the same of magnitudes above the threshold.
    """

    total: float
    every: F64
    above: F64


def summarised(
    told: Told,
    threshold: Threshold,
    classes: Sequence[ClassInfo],
    lookup: NDArray[np.uint8],
    areas: Areas,
    polygons: int | None,
) -> dict[str, Any]:
    """What a comparison found; JSON types.

    Args:
        classes: of the mask, unchanged ground first.
        lookup: which of them each of ``areas``' entries gets above the threshold.
        polygons: how many there are, None if nobody asked for them.
    """
    compared = float(areas.every.sum())
    changed = float(areas.above[lookup > 0].sum())
    facts: dict[str, Any] = {
        "method": told.method,
        "threshold": threshold.value,
        "threshold_method": threshold.method,
        "threshold_reason": threshold.reason,
        "dates": {"before": told.dates[0], "after": told.dates[1]},
        "changed_m2": changed,
        "unchanged_m2": compared - changed,
        "not_compared_m2": max(areas.total - compared, 0.0),
        "masked_percent": {date: dict(shares) for date, shares in told.masked.items()},
    }
    if told.plane(KIND) is not None:
        facts["kinds_m2"] = {
            info.name: float(areas.above[lookup == info.value].sum()) for info in classes[1:]
        }
    elif told.plane(BEFORE) is not None:
        facts["from_to_m2"] = _matrix(told, areas.every)
        facts["changed_from_to_m2"] = _matrix(told, np.where(lookup > 0, areas.above, 0.0))
    if polygons is not None:
        facts["polygons"] = polygons
    return facts


def _matrix(told: Told, ground: F64) -> dict[str, dict[str, float]]:
    """Square metres by class before, then by class after; every class of both, also without ground."""
    named = {}
    for name in (BEFORE, AFTER):
        found = present(told.plane(name))  # the two come together
        named[name] = found[1].classes
    by_key = ground.reshape(CODES, CODES)
    return {
        first.name: {second.name: float(by_key[first.value, second.value]) for second in named[AFTER]}
        for first in named[BEFORE]
    }


def write_table(path: Path, facts: Mapping[str, Any]) -> None:
    """The same as a table (CSV, UTF-8), one number or text a row; it appears complete or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        with refused_by_disk(path):
            with part.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(_COLUMNS)
                writer.writerows(_rows(facts))
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, Any, str]]:
    for item in ("changed", "unchanged", "not_compared"):
        yield "area", item.replace("_", " "), "", "", _number(facts[f"{item}_m2"]), "m2"
    for name, ground in facts.get("kinds_m2", {}).items():
        yield "changed", name, "", "", _number(ground), "m2"
    for group, key in (("changed", "changed_from_to_m2"), ("from-to", "from_to_m2")):
        for first, row in facts.get(key, {}).items():
            for second, ground in row.items():
                if ground or group == "from-to":
                    yield group, f"{first} to {second}", first, second, _number(ground), "m2"
    if "polygons" in facts:
        yield "polygons", "changed", "", "", facts["polygons"], ""
    for date, shares in facts["masked_percent"].items():
        for what, share in shares.items():
            yield f"masked {date}", what, "", "", share, "percent"
    for date, day in facts["dates"].items():
        yield "date", date, "", "", day, ""
    yield "threshold", "value", "", "", facts["threshold"], ""
    yield "threshold", "method", "", "", facts["threshold_method"], ""
    yield "threshold", "reason", "", "", facts["threshold_reason"], ""
    yield "method", facts["method"], "", "", "", ""


def _number(value: float) -> float:
    """To the square centimetre: sums differ in their last bits by nothing that was measured."""
    return round(value, 4)
