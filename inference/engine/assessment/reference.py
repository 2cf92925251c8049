"""What a map shows at places whose class is known: points, lines or polygons against its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ...checking import DESIGN
from ...errors import UnsupportedInput, present
from ...jobs import ClassInfo, SampleRef
from ..grid import Grid, Window
from ..samples import class_text, on_map, pixels_of
from ..vectors import Features, read_features
from .mapped import NO_CLASS, Values

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_MOST_NAMED = 8


@dataclass(frozen=True)
class Places:
    """The features of a reference, on the map's grid.

    Attributes:
        name: of their file, for sentences.
        shapes: geometries in the map's CRS; None where there is none.
        texts: (features,) what the class field says, empty where it says nothing.
        numeric: whether it holds numbers.
        strata, stratum_areas: (features,) what the fields of a drawn sample say; None without these.
        notes: sentences about what was guessed.
    """

    name: str
    shapes: NDArray[np.object_]
    texts: NDArray[np.object_]
    numeric: bool
    strata: I64 | None
    stratum_areas: F64 | None
    notes: tuple[str, ...]

    @classmethod
    def read(cls, ref: SampleRef, grid: Grid) -> Places:
        """Read a reference.

        Raises:
            InvalidRequest: no such file, layer or field, or a filter that OGR does not understand.
            UnsupportedInput: no features, or none that the map's CRS has a place for.
        """
        name = Path(ref.path).name
        found = read_features(ref, DESIGN)
        if not len(found.shapes):
            raise UnsupportedInput(f"{name} holds no features.", "Check its filter and content.")
        notes = list(found.notes)
        shapes = on_map(found.shapes, found.crs, grid, name, notes)
        values = present(found.values)  # validate() saw to it that there is a field
        texts = np.array([class_text(value) for value in values], object)
        strata, areas = _design(found)
        numeric = values.dtype.kind in "iuf"
        return cls(name, shapes, texts, numeric, strata, areas, tuple(notes))

    @property
    def are_points(self) -> bool:
        """Whether every feature is a single point: then each is one pixel of the map."""
        kinds = shapely.get_type_id(self.shapes)
        return bool(np.isin(kinds, (-1, shapely.GeometryType.POINT)).all())


def _design(found: Features) -> tuple[I64 | None, F64 | None]:
    """The two fields by which a drawn sample tells how it was drawn, if all features have them."""
    if not set(DESIGN) <= set(found.also):
        return None, None
    try:
        strata, areas = (np.asarray(found.also[name], np.float64) for name in DESIGN)
    except (TypeError, ValueError):
        return None, None  # somebody else's fields of these names
    if not (np.isfinite(strata).all() and np.isfinite(areas).all() and (areas > 0).all()):
        return None, None
    return strata.astype(np.int64), areas


class Lookup:
    """Collects what the map shows at each feature, block by block."""

    def __init__(self, shapes: NDArray[np.object_], grid: Grid) -> None:
        self._shapes = shapes
        self._grid = grid
        placed = shapely.transform(
            shapes, lambda points: np.stack(grid.to_pixels(points[:, 0], points[:, 1]), axis=1)
        )
        self._tree = shapely.STRtree(placed)
        self._entries: list[tuple[int, int, int]] = []

    def add(self, block: Window, values: Values) -> None:
        """Look at a block: (rows, cols) class values."""
        box = shapely.box(block.col, block.row, block.right, block.bottom)
        for index in np.sort(self._tree.query(box)).tolist():
            pixels = pixels_of(self._shapes[index], self._grid, block)
            rows, cols = pixels // self._grid.width - block.row, pixels % self._grid.width - block.col
            found = values[rows, cols]
            shown, counts = np.unique(found[found != NO_CLASS], return_counts=True)
            self._entries += [(index, int(v), int(n)) for v, n in zip(shown, counts, strict=True)]

    def entries(self) -> tuple[I64, I64, I64]:
        """Feature, class value and number of pixels of each pair that occurs."""
        table = np.array(self._entries, np.int64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]


def matched(texts: Sequence[str], numeric: bool, classes: Sequence[ClassInfo]) -> tuple[I64, dict[str, int]]:
    """Which class each text means, by name or by value.

    Args:
        numeric: the texts are numbers of a number field, so that values come first.

    Returns:
        (texts,) indices into ``classes``, -1 for none; and how often each unknown text occurs.
    """
    by_name = {info.name.casefold(): place for place, info in enumerate(classes)}
    by_value = {str(info.value): place for place, info in enumerate(classes)}
    first, second = (by_value, by_name) if numeric else (by_name, by_value)
    found = np.full(len(texts), -1, np.int64)
    unknown: dict[str, int] = {}
    for at, text in enumerate(texts):
        key = text.casefold()
        place = first.get(key, second.get(key))
        if place is not None:
            found[at] = place
        elif text:
            unknown[text] = unknown.get(text, 0) + 1
    return found, unknown


def named(counts: dict[str, int]) -> str:
    """Texts and how often they occur, as part of a sentence; the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{text} ({count})" for text, count in ordered[:_MOST_NAMED])
    more = len(ordered) - _MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def positions(shapes: NDArray[np.object_], grid: Grid) -> tuple[F64, F64]:
    """(features,) columns and rows of a point of each, NaN where there is none."""
    points = shapely.point_on_surface(shapes)
    xs, ys = shapely.get_x(points), shapely.get_y(points)
    return grid.to_pixels(np.asarray(xs, np.float64), np.asarray(ys, np.float64))


def as_values(classes: Sequence[ClassInfo], values: Any) -> I64:
    """Indices into ``classes`` of class values that are all among them."""
    known = np.array([info.value for info in classes], np.int64)
    order = np.argsort(known)
    result: I64 = order[np.searchsorted(known[order], values)]
    return result
