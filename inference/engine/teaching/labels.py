"""Labels of a session: which pixels they stand for, and the features of those."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ...errors import InvalidRequest
from ...jobs import ClassInfo
from ..base import Mask
from ..grid import Grid, Window
from ..samples import on_map, pixels_of
from .encoded import F16, halved

I64 = NDArray[np.int64]

# Pixels of a label that are learned from: those of one field are alike, and a village drawn in one stroke
# must not outvote a hundred clicks.
MOST_PIXELS = 256
_MOST_VALUE = 254
_LONGEST_ID = 200
_RULE = "the smaller label counts there, of equal ones the last."
_WAITING, _KNOWN, _EMPTY = np.uint8(0), np.uint8(1), np.uint8(2)
# Side of the windows in which labels beyond the encoded blocks are encoded, as in training from a file.
_CELL = 64


@dataclass(frozen=True)
class Placed:
    """A label on the grid.

    Attributes:
        id, value: its own and its class's.
        covered: pixels that it covers.
        pixels: numbers (row * grid width + column), ascending, of those that are learned from.
        features: (pixels, dim), as far as they are known.
        state: (pixels,) whether they wait, are known, or are empty for want of data.
    """

    id: str
    value: int
    covered: int
    pixels: I64
    features: F16
    state: NDArray[np.uint8]


@dataclass(frozen=True)
class Learnable:
    """Labelled pixels with their features, each pixel once.

    Attributes:
        features: (pixels, dim), half precision.
        values: (pixels,) class values.
        groups: (pixels,) indices into ``ids``.
        pixels: (pixels,) their numbers.
        ids: of the labels that have such a pixel.
    """

    features: F16
    values: I64
    groups: I64
    pixels: I64
    ids: tuple[str, ...]


class Labels:
    """The labels of a session, in the order in which they came.

    Attributes:
        classes: all of them.
        revision: grows when there is something else to learn from.
    """

    def __init__(self, grid: Grid, dim: int) -> None:
        self.classes: tuple[ClassInfo, ...] = ()
        self.revision = 0
        self._grid = grid
        self._dim = dim
        self._labels: dict[str, Placed] = {}
        self._incomplete: dict[str, Placed] = {}
        self._learnable: tuple[int, Learnable] | None = None

    def change(self, classes: Sequence[ClassInfo], given: Iterable[Any], gone: Iterable[str]) -> None:
        """Take the classes as they are now, labels that are new or replace others, and some away.

        Raises:
            InvalidRequest: naming the first label that cannot be understood; nothing is changed then.
        """
        values = {info.value for info in classes}
        placed = [self._placed(label, values) for label in given]
        for one in gone:
            self._labels.pop(one, None)
        for label in placed:
            self._labels.pop(label.id, None)
            self._labels[label.id] = label
        self._incomplete = {name: one for name, one in self._labels.items() if (one.state == _WAITING).any()}
        self.classes = tuple(classes)
        self.revision += 1

    def fill(self, window: Window, features: NDArray[Any], valid: Mask, step: int = 1) -> None:
        """Take features of a window for the labels that wait for them.

        Args:
            window: a place in the grid.
            features: (dim, rows, cols) of every ``step``-th row and column from the grid's origin.
            valid: (rows, cols).
        """
        for label in list(self._incomplete.values()):
            rows, cols = np.divmod(label.pixels, self._grid.width)
            here = (
                (rows >= window.row) & (rows < window.bottom) & (cols >= window.col) & (cols < window.right)
            )
            here &= (label.state == _WAITING) & (rows % step == 0) & (cols % step == 0)
            if here.any():
                at = (rows[here] - window.row) // step, (cols[here] - window.col) // step
                label.features[here] = halved(features[:, at[0], at[1]].T)
                label.state[here] = np.where(valid[at], _KNOWN, _EMPTY)
                self.revision += 1
                if not (label.state == _WAITING).any():
                    del self._incomplete[label.id]

    @property
    def waiting(self) -> int:
        """Labels of which a pixel is not encoded yet."""
        return len(self._incomplete)

    def cells(self) -> list[Window]:
        """Windows that hold all pixels that wait, those of the last labels first."""
        found: dict[tuple[int, int], None] = {}
        for label in reversed(self._incomplete.values()):
            rows, cols = np.divmod(label.pixels[label.state == _WAITING], self._grid.width)
            corners = np.unique(np.stack([rows // _CELL, cols // _CELL], axis=1), axis=0)
            found.update(dict.fromkeys((int(row), int(col)) for row, col in corners))
        return [Window(col * _CELL, row * _CELL, _CELL, _CELL) for row, col in found]

    def learnable(self) -> Learnable:
        """What can be learned from now; the same object until something changes."""
        if self._learnable is None or self._learnable[0] != self.revision:
            self._learnable = self.revision, self._gathered()
        return self._learnable[1]

    def counts(self) -> list[dict[str, int]]:
        """``{value, labels, pixels}`` of each class, labels and pixels that lie on the raster's data."""
        counted = []
        for info in self.classes:
            own = [one for one in self._labels.values() if one.value == info.value]
            live = [one for one in own if (one.state != _EMPTY).any()]
            pixels = sum(one.covered for one in live)
            counted.append({"value": info.value, "labels": len(live), "pixels": pixels})
        return counted

    def notes(self) -> list[str]:
        """Sentences about labels that do not count."""
        labels = self._labels.values()
        known = {info.value for info in self.classes}
        off = sum(not len(one.pixels) for one in labels)
        empty = sum(len(one.pixels) > 0 and bool((one.state == _EMPTY).all()) for one in labels)
        orphans = sum(one.value not in known for one in labels)
        disputed = self._disputed()
        told = [
            (off, f"{_count(off, 'label lies', 'labels lie')} off the raster."),
            (empty, f"{_count(empty, 'label lies', 'labels lie')} where the raster has no data."),
            (orphans, f"{_count(orphans, 'label is', 'labels are')} of a class that is not in the list."),
            (disputed, f"{_count(disputed, 'pixel lies', 'pixels lie')} in labels of two classes: {_RULE}"),
        ]
        return [sentence for count, sentence in told if count]

    def _placed(self, label: Any, values: set[int]) -> Placed:
        """A label of the wire, where it lies."""
        name, value, shape, crs = _understood(label, values)
        shapes = np.array([shape], object)
        if crs:
            shapes = on_map(shapes, crs, self._grid, f"The label {name!r}", [])
        pixels = pixels_of(shapes[0], self._grid, self._grid.window)
        kept = pixels
        if len(pixels) > MOST_PIXELS:
            kept = np.sort(np.random.default_rng(0).choice(pixels, MOST_PIXELS, replace=False))
        features = np.zeros((len(kept), self._dim), np.float16)
        return Placed(name, value, len(pixels), kept, features, np.full(len(kept), _WAITING))

    def _gathered(self) -> Learnable:
        known = {info.value for info in self.classes}
        labels = [one for one in self._labels.values() if one.value in known and (one.state == _KNOWN).any()]
        ready = [label.state == _KNOWN for label in labels]
        parts = list(zip(labels, ready, strict=True))
        pixels = np.concatenate([np.zeros(0, np.int64), *(one.pixels[at] for one, at in parts)])
        features = np.concatenate(
            [np.zeros((0, self._dim), np.float16), *(one.features[at] for one, at in parts)]
        )
        groups = np.repeat(np.arange(len(labels)), [int(at.sum()) for at in ready])
        first = _first_claims(pixels, groups, labels)
        values = np.array([one.value for one in labels], np.int64)[groups[first]]
        left, groups = np.unique(groups[first], return_inverse=True)
        ids = tuple(labels[index].id for index in left)
        return Learnable(features[first], values, groups.astype(np.int64), pixels[first], ids)

    def _disputed(self) -> int:
        """Pixels that labels of two classes claim."""
        labels = list(self._labels.values())
        pixels = np.concatenate([np.zeros(0, np.int64), *(one.pixels for one in labels)])
        values = np.repeat([one.value for one in labels], [len(one.pixels) for one in labels])
        claims = np.unique(np.stack([pixels, values.astype(np.int64)], axis=1), axis=0)
        return int((np.unique(claims[:, 0], return_counts=True)[1] > 1).sum())


def _first_claims(pixels: I64, groups: I64, labels: Sequence[Placed]) -> I64:
    """Indices, ascending, of each pixel's label: the smallest one, and of equal ones the last.

    So that a click inside a polygon corrects it, whichever of them came first.
    """
    sizes = np.array([one.covered for one in labels], np.int64)
    order = np.lexsort((-groups, sizes[groups], pixels))
    _, first = np.unique(pixels[order], return_index=True)
    return np.sort(order[first])


def _understood(label: Any, values: set[int]) -> tuple[str, int, Any, str]:
    """Id, class value, geometry and its coordinate system of a label of the wire."""
    if not isinstance(label, Mapping) or not isinstance(label.get("id"), str) or not label["id"]:
        raise InvalidRequest("A label has no id.", "Give each label a text of its own.")
    name = label["id"]
    if len(name) > _LONGEST_ID:
        raise InvalidRequest(f"The id {name[:40]!r}... of a label is longer than {_LONGEST_ID} characters.")
    value, crs = label.get("value"), label.get("crs", "")
    if value not in values or isinstance(value, bool):
        raise InvalidRequest(f"The class {value!r} of the label {name!r} is not in the list of classes.")
    if not isinstance(crs, str):
        raise InvalidRequest(f"The coordinate system of the label {name!r} is no text.")
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(label.get("geometry"))))
    except (shapely.errors.GEOSException, ValueError, RecursionError) as error:
        raise _malformed(name, str(error)) from error
    points = shapely.get_coordinates(shape)
    if shape is None or not len(points) or not np.isfinite(points).all():
        raise _malformed(name)
    return name, int(value), shape, crs


def _malformed(name: str, detail: str = "") -> InvalidRequest:
    return InvalidRequest(
        f"The geometry of the label {name!r} cannot be read.",
        "Give a point, a line or a polygon as GeoJSON.",
        detail,
    )


def class_list(data: Any) -> tuple[ClassInfo, ...]:
    """The classes of the wire.

    Raises:
        InvalidRequest: naming what does not fit.
    """
    if not isinstance(data, list) or not all(isinstance(item, Mapping) for item in data):
        raise InvalidRequest("The entry classes must be a list of objects.")
    found = []
    for item in data:
        value, name, color = (item.get(key) for key in ("value", "name", "color"))
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_VALUE:
            raise InvalidRequest(
                f"The value {value!r} of a class is no whole number from 1 to {_MOST_VALUE}."
            )
        if not isinstance(name, str) or not name or not isinstance(color, str):
            raise InvalidRequest(f"The class {value} needs a name and a color, both texts.")
        found.append(ClassInfo(value, name, color))
    if len({info.value for info in found}) < len(found):
        raise InvalidRequest("Two classes have the same value.")
    return tuple(found)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
