"""What is told of each area of a class raster: the fields of its polygons."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...jobs import ClassInfo
from ..grid import F64
from .areas import Areas
from .strips import I32, Beside


@dataclass(frozen=True)
class Majority:
    """A band of classes, of which an area is told the one that most of its pixels have.

    Attributes:
        path: the raster.
        band: 1-based.
        classes: names of its values.
    """

    path: Path
    band: int
    classes: tuple[ClassInfo, ...]

    def shares(self) -> list[Beside]:
        """The share of each class."""
        return [Beside(self.path, self.band, info.value) for info in self.classes]

    def of(self, shares: Sequence[F64], count: int) -> NDArray[np.object_]:
        """Names of (areas,) areas by the share of each class; the first of equal ones, empty without data."""
        if not self.classes:
            return np.full(count, "", object)
        names = np.array([info.name for info in self.classes], object)
        most = np.argmax(np.nan_to_num(np.stack(shares)), axis=0)
        return np.where(np.isnan(shares[0]), "", names[most])


@dataclass(frozen=True)
class AreaFields:
    """What is told of an area beside its class, that class's name and its ground.

    Attributes:
        means: rasters on the map's grid, by the name of the field for their mean.
        days: the day of each value of the map, for a field ``date``; None for no such field.
        texts: fields that say the same of every area.
        majorities: class rasters on the map's grid, by the name of the field for the class that most of an
            area's pixels have.
    """

    means: Mapping[str, Path] = field(default_factory=dict)
    days: Mapping[int, datetime.date] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    majorities: Mapping[str, Majority] = field(default_factory=dict)

    def types(self) -> dict[str, Any]:
        """Every field of the file by name, in their order, and what it holds."""
        dated = {"date": np.dtype("datetime64[D]")} if self.days else {}
        return {
            **{"class": np.int32, "name": object, **dated, "area_m2": np.float64},
            **dict.fromkeys(self.means, np.float64),
            **dict.fromkeys((*self.texts, *self.majorities), object),
        }

    def beside(self) -> list[Beside]:
        """What of other rasters is averaged over each area: the means, then the shares of the majorities."""
        means = [Beside(path) for path in self.means.values()]
        return means + [one for majority in self.majorities.values() for one in majority.shares()]

    def columns(self, areas: Areas, names: Mapping[int, str]) -> list[NDArray[Any]]:
        """One array for each field of :meth:`types`. ``names``: of the classes, by value."""
        count = len(areas.code)
        columns: list[NDArray[Any]] = [areas.code, _names(areas.code, names)]
        if self.days:
            columns.append(np.array([self.days[code] for code in areas.code.tolist()], "datetime64[D]"))
        columns += [areas.square_metres, *areas.means[: len(self.means)]]
        columns += [np.full(count, text, object) for text in self.texts.values()]
        left = list(areas.means[len(self.means) :])
        for majority in self.majorities.values():
            shares, left = left[: len(majority.classes)], left[len(majority.classes) :]
            columns.append(majority.of(shares, count))
        return columns


def _names(codes: I32, names: Mapping[int, str]) -> NDArray[np.object_]:
    known, which = np.unique(codes, return_inverse=True)
    return np.array([names.get(code, str(code)) for code in known.tolist()], dtype=object)[which]
