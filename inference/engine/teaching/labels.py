"""Labels of a session: which pixels they stand for, and the features of those."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...jobs import ClassInfo
from ..base import F32, Mask
from ..grid import Grid, Window
from ..learning.training_set import TaughtLabel, TrainingSet
from ..samples import on_map, pixels_of, places_of
from .encoded import F16, halved
from .understood import understood

I64 = NDArray[np.int64]

# Pixels of a label that are learned from: those of one field are alike, and a village drawn in one stroke
# must not outvote a hundred clicks.
MOST_PIXELS = 256
_WAITING, _KNOWN, _EMPTY = np.uint8(0), np.uint8(1), np.uint8(2)
# Side of the windows in which labels beyond the encoded blocks are encoded, as in training from a file.
_CELL = 64
_RULE = "the smaller label counts there, of equal ones the last."


@dataclass(frozen=True)
class Placed:
    """A label on the grid.

    Attributes:
        told: what is known of it beside its pixels.
        around: a window that holds its pixels.
        pixels: numbers (row * grid width + column), ascending, of those that are learned from.
        features: (pixels, dim), as far as they are known.
        state: (pixels,) whether they wait, are known, or are empty for want of data.
    """

    told: TaughtLabel
    around: Window
    pixels: I64
    features: F16
    state: NDArray[np.uint8]

    def having(self, state: np.uint8) -> bool:
        """Whether one of its pixels is in a state."""
        return bool((self.state == state).any())


class Labels:
    """The labels of a session, in the order in which they came.

    Args:
        grid: where they lie.
        dim: features a pixel.
        about: image and date of labels that do not say theirs.
        before: what a classifier brought along.

    Attributes:
        classes: all of them.
        revision: grows when there is something else to learn from.
    """

    def __init__(self, grid: Grid, dim: int, about: TaughtLabel, before: TrainingSet | None = None) -> None:
        self.classes: tuple[ClassInfo, ...] = ()
        self.revision = 0
        self._grid = grid
        self._dim = dim
        self._about = about
        self._before = before or TrainingSet.of(np.zeros((0, dim), np.float32), np.zeros(0, np.int64), ())
        self._labels: dict[str, Placed] = {}
        self._incomplete: dict[str, Placed] = {}
        self._in_dispute = 0
        self._learnable: tuple[int, TrainingSet] | None = None

    def change(self, classes: Sequence[ClassInfo], given: Iterable[Any], gone: Iterable[str]) -> None:
        """Take the classes as they are now, labels that are new or replace others, and some away.

        Raises:
            InvalidRequest: naming the first label that cannot be understood; nothing is changed then.
        """
        values = {info.value for info in classes}
        placed = [self._placed(label, values) for label in given]
        removed = set(gone)
        for one in removed:
            self._labels.pop(one, None)
        if removed:
            self._before = self._before.where(lambda label: label.id not in removed)
        for label in placed:
            self._labels.pop(label.told.id, None)
            self._labels[label.told.id] = label
        self._incomplete = {name: one for name, one in self._labels.items() if one.having(_WAITING)}
        self._in_dispute = self._disputed()
        self.classes = tuple(classes)
        self.revision += 1

    def fill(self, window: Window, features: NDArray[Any], valid: Mask, step: int = 1) -> None:
        """Take features of a window for the labels that wait for them.

        Args:
            window: a place in the grid.
            features: (dim, rows, cols) of every ``step``-th row and column from the grid's origin.
            valid: (rows, cols).
        """
        for label in [one for one in self._incomplete.values() if one.around.intersect(window)]:
            rows, cols = np.divmod(label.pixels, self._grid.width)
            here = (rows >= window.row) & (rows < window.bottom)
            here &= (cols >= window.col) & (cols < window.right)
            here &= (label.state == _WAITING) & (rows % step == 0) & (cols % step == 0)
            if here.any():
                at = (rows[here] - window.row) // step, (cols[here] - window.col) // step
                label.features[here] = halved(features[:, at[0], at[1]].T)
                label.state[here] = np.where(valid[at], _KNOWN, _EMPTY)
                self.revision += 1
                if not label.having(_WAITING):
                    del self._incomplete[label.told.id]

    def fill_empty(self, window: Window) -> None:
        """The same for a window without data."""
        nothing = np.zeros((window.height, window.width), bool)
        self.fill(window, np.zeros((self._dim, *nothing.shape), np.float16), nothing)

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

    def learnable(self) -> TrainingSet:
        """What can be learned from now; the same object until something changes."""
        if self._learnable is None or self._learnable[0] != self.revision:
            self._learnable = self.revision, self._gathered()
        return self._learnable[1]

    def located(self) -> TrainingSet:
        """As :meth:`learnable`, with the place on Earth of each label that lies on this raster."""
        found = self.learnable()
        own = {one.told.key: one for one in self._labels.values()}
        here = [own[label.key] for label in found.labels if label.key in own]
        pixels = np.concatenate([np.zeros(0, np.int64), *(one.pixels for one in here)])
        groups = np.repeat(np.arange(len(here)), [len(one.pixels) for one in here])
        rows, cols = np.divmod(pixels, self._grid.width)
        middles = places_of(self._grid, rows, cols, groups, len(here))
        places = {one.told.key: place for one, place in zip(here, middles, strict=True)}
        return replace(
            found,
            labels=tuple(replace(one, place=places.get(one.key, one.place)) for one in found.labels),
        )

    def seen_as(self, features: Callable[[I64, I64], Mapping[str, F32]]) -> dict[str, TrainingSet]:
        """The labels of this raster with other features of the same pixels, as :meth:`learnable` has them.

        Args:
            features: of (pixels,) rows and columns: by name, (pixels, dim).
        """
        labels, pixels, groups, _ = self._own()
        rows, cols = np.divmod(pixels, self._grid.width)
        told = [one.told for one in labels]
        return {name: TrainingSet.of(one, groups, told) for name, one in features(rows, cols).items()}

    @property
    def brought(self) -> bool:
        """Whether there are labels that a classifier brought along, of which the pixels are not here."""
        return bool(self._before.labels)

    def place(self, name: str) -> tuple[float, float] | None:
        """Map coordinates of the middle one of a label's pixels; None for one that lies elsewhere."""
        label = self._labels.get(name)
        if label is None or not len(label.pixels):
            return None
        row, col = divmod(int(label.pixels[len(label.pixels) // 2]), self._grid.width)
        return self._grid.to_map(col + 0.5, row + 0.5)

    def counts(self) -> list[dict[str, int]]:
        """``{value, labels, pixels}`` of each class, without labels that do not lie on data."""
        live = [one.told for one in self._labels.values() if one.having(_KNOWN) or one.having(_WAITING)]
        renewed = {one.key for one in live}
        live += [one for one in self._before.labels if one.key not in renewed]
        counted = []
        for info in self.classes:
            own = [one.pixels for one in live if one.value == info.value]
            counted.append({"value": info.value, "labels": len(own), "pixels": sum(own)})
        return counted

    def notes(self) -> list[str]:
        """Sentences about labels that do not count."""
        labels = self._labels.values()
        known = {info.value for info in self.classes}
        off = sum(not len(one.pixels) for one in labels)
        empty = sum(len(one.pixels) > 0 and bool((one.state == _EMPTY).all()) for one in labels)
        orphans = sum(one.told.value not in known for one in labels)
        disputed = self._in_dispute
        told = [
            (off, f"{_count(off, 'label lies', 'labels lie')} off the raster."),
            (empty, f"{_count(empty, 'label lies', 'labels lie')} where the raster has no data."),
            (orphans, f"{_count(orphans, 'label is', 'labels are')} of a class that is not in the list."),
            (disputed, f"{_count(disputed, 'pixel lies', 'pixels lie')} in labels of two classes: {_RULE}"),
        ]
        return [sentence for count, sentence in told if count]

    def _placed(self, label: Any, values: set[int]) -> Placed:
        """A label of the wire, where it lies."""
        told, shape, crs = understood(label, values)
        shapes = np.array([shape], object)
        if crs:
            shapes = on_map(shapes, crs, self._grid, f"The label {told.id!r}", [])
        covered = pixels_of(shapes[0], self._grid, self._grid.window)
        kept = covered
        if len(covered) > MOST_PIXELS:
            kept = np.sort(np.random.default_rng(0).choice(covered, MOST_PIXELS, replace=False))
        about = replace(
            told,
            source=told.source or self._about.source,
            date=told.date or self._about.date,
            pixels=len(covered),
        )
        features = np.zeros((len(kept), self._dim), np.float16)
        return Placed(about, self._around(kept), kept, features, np.full(len(kept), _WAITING))

    def _around(self, pixels: I64) -> Window:
        if not len(pixels):
            return Window(0, 0, 0, 0)
        rows, cols = np.divmod(pixels, self._grid.width)
        row, col = int(rows.min()), int(cols.min())
        return Window(col, row, int(cols.max()) - col + 1, int(rows.max()) - row + 1)

    def _gathered(self) -> TrainingSet:
        known = {info.value for info in self.classes}
        labels, _, groups, features = self._own()
        own = TrainingSet.of(features, groups, [one.told for one in labels])
        before = self._before.where(lambda label: label.value in known)
        return before.joined(own) if before.labels else own

    def _own(self) -> tuple[list[Placed], I64, I64, NDArray[Any]]:
        """Labels of this raster to learn from; their pixels, the label of each, and its features."""
        known = {info.value for info in self.classes}
        labels = [one for one in self._labels.values() if one.told.value in known and one.having(_KNOWN)]
        ready = [one.state == _KNOWN for one in labels]
        parts = list(zip(labels, ready, strict=True))
        pixels = np.concatenate([np.zeros(0, np.int64), *(one.pixels[at] for one, at in parts)])
        nothing = np.zeros((0, self._dim), np.float16)
        features = np.concatenate([nothing, *(one.features[at] for one, at in parts)])
        groups = np.repeat(np.arange(len(labels)), [int(at.sum()) for at in ready])
        first = _first_claims(pixels, groups, [one.told for one in labels])
        return labels, pixels[first], groups[first], features[first]

    def _disputed(self) -> int:
        """Pixels that labels of two classes claim."""
        labels = list(self._labels.values())
        pixels = np.concatenate([np.zeros(0, np.int64), *(one.pixels for one in labels)])
        values = np.repeat([one.told.value for one in labels], [len(one.pixels) for one in labels])
        # A pixel and a class in one number: values are below 256.
        claims = np.unique(pixels * 256 + values.astype(np.int64)) // 256
        return len(np.unique(claims[1:][claims[1:] == claims[:-1]]))


def _first_claims(pixels: I64, groups: I64, labels: Sequence[TaughtLabel]) -> I64:
    """Indices, ascending, of each pixel's label: the smallest one, and of equal ones the last.

    So that a click inside a polygon corrects it, whichever of them came first.
    """
    sizes = np.array([one.pixels for one in labels], np.int64)
    order = np.lexsort((-groups, sizes[groups], pixels))
    _, first = np.unique(pixels[order], return_index=True)
    return np.sort(order[first])


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
