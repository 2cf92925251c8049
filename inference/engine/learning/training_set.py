"""What a classifier was taught with, small enough to lie in its file: so that one can go on teaching it.

Features are kept in half precision, and a head is fitted on exactly what is kept (:mod:`.training`):
refitting from the file gives the same head, bit by bit. The order is that of the labels' keys, so that what
was taught in another order, or in several sittings, is the same set.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import strict_json
from ..base import F32
from ..heads.ensemble import MOST_OF_A_CLASS, capped

I64 = NDArray[np.int64]
F16 = NDArray[np.float16]

# Of all features in a file: what somebody still sends, and far below what opening a classifier allows.
_MOST_BYTES = 1 << 26
_MOST_LABELS = 1 << 16
# Text that is read as JSON can take thirty times its size in memory.
_LONGEST_TABLE = 1 << 23


@dataclass(frozen=True)
class TaughtLabel:
    """One label: a point or a polygon, all its pixels of one class.

    Attributes:
        id: unique to the label on its image.
        value: of its class.
        source: name of the image that it was drawn on, empty if unknown.
        date: ISO date of that image, empty if unknown.
        author: who says so, empty if unknown.
        place: longitude and latitude of its middle, None if unknown or left out.
        pixels: that it covers; fewer of them may be kept.
    """

    id: str
    value: int
    source: str = ""
    date: str = ""
    author: str = ""
    place: tuple[float, float] | None = None
    pixels: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """The same label on another image teaches something new; on the same one it replaces the old."""
        return self.source, self.date, self.id


@dataclass(frozen=True)
class TrainingSet:
    """Features of labelled pixels; make one with :meth:`of`.

    Attributes:
        features: (pixels, dim), half precision; NaN where a layer was missing.
        groups: (pixels,) ascending indices into ``labels``; every label has a pixel.
        labels: in the order of their keys.
    """

    features: F16
    groups: I64
    labels: tuple[TaughtLabel, ...]

    @classmethod
    def of(cls, features: F32, groups: I64, labels: Sequence[TaughtLabel]) -> TrainingSet:
        """A set in its own order; labels without a pixel are left out.

        Args:
            features: (pixels, dim).
            groups: (pixels,) index of each pixel's label; the order of one label's pixels is kept.
            labels: keys differ.
        """
        order = sorted(set(groups.tolist()), key=lambda index: labels[index].key)
        place = np.zeros(len(labels), np.int64)
        place[order] = np.arange(len(order))
        ranked = place[groups]
        turn = np.argsort(ranked, kind="stable")
        return cls(features[turn].astype(np.float16), ranked[turn], tuple(labels[index] for index in order))

    @property
    def values(self) -> I64:
        """(pixels,) value of each pixel's class."""
        return np.array([label.value for label in self.labels], np.int64)[self.groups]

    def wide(self) -> F32:
        """The features as heads take them: (pixels, dim) in single precision."""
        return self.features.astype(np.float32)

    def joined(self, later: TrainingSet) -> TrainingSet:
        """Both; the later one counts where a label is on the same image, or has another class now."""
        renewed = {label.key for label in later.labels}
        value = {label.id: label.value for label in later.labels}
        kept = self.where(lambda one: one.key not in renewed and value.get(one.id, one.value) == one.value)
        features = np.concatenate([kept.features, later.features])
        groups = np.concatenate([kept.groups, later.groups + len(kept.labels)])
        return TrainingSet.of(features.astype(np.float32), groups, (*kept.labels, *later.labels))

    def where(self, wanted: Callable[[TaughtLabel], bool]) -> TrainingSet:
        """The part with the labels of which ``wanted(label)`` is true."""
        stays = np.array([wanted(label) for label in self.labels], bool)
        chosen = stays[self.groups]
        groups = np.cumsum(stays)[self.groups[chosen]] - 1
        labels = tuple(label for label, one in zip(self.labels, stays, strict=True) if one)
        return TrainingSet(self.features[chosen], groups, labels)

    def capped(self, seed: int) -> TrainingSet:
        """At most as many pixels of each class as heads learn from, and as a file may hold."""
        classes = max(len({label.value for label in self.labels}), 1)
        room = _MOST_BYTES // (2 * max(self.features.shape[1], 1) * classes)
        if len(self.labels) > _MOST_LABELS:
            room = min(room, _MOST_LABELS // classes)
        chosen = capped(self.values, max(min(MOST_OF_A_CLASS, room), 1), seed)
        left, groups = np.unique(self.groups[chosen], return_inverse=True)
        labels = tuple(self.labels[index] for index in left.tolist())
        return TrainingSet(self.features[chosen], groups.astype(np.int64), labels)

    def anonymous(self) -> TrainingSet:
        """The same without places, images, dates and names; labels are numbered."""
        bare = (TaughtLabel(f"{n:06d}", one.value, pixels=one.pixels) for n, one in enumerate(self.labels))
        return replace(self, labels=tuple(bare))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it, as arrays fit for safetensors; what is known of labels is a table, JSON in UTF-8.

        Where that table is too long to be read again, labels are kept as :meth:`anonymous` ones.
        """
        table = _table(self.labels)
        if len(table) > _LONGEST_TABLE:
            table = _table(self.anonymous().labels)
        return {
            "features": self.features,
            "groups": self.groups.astype(np.int32),
            "labels": np.frombuffer(table, np.uint8),
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], partly: bool = False) -> TrainingSet:
        """The set whose :meth:`arrays` were kept.

        Args:
            partly: whether features may be NaN, because layers may be missing.

        Raises:
            KeyError, TypeError, ValueError: if a part is missing, too large, or does not fit the others.
        """
        features, groups, table = (arrays[name] for name in ("features", "groups", "labels"))
        if table.dtype != np.uint8 or table.ndim != 1 or table.size > _LONGEST_TABLE:
            raise ValueError("the table of labels is none")
        labels = _read_table(table.tobytes())
        if features.dtype != np.float16 or features.ndim != 2 or not (partly or np.isfinite(features).all()):
            raise ValueError("features are not those of pixels")
        if np.isinf(features).any():
            raise ValueError("features are without end")
        if groups.shape != features.shape[:1] or groups.dtype != np.int32:
            raise ValueError("not every pixel has its label")
        if not np.array_equal(np.unique(groups), np.arange(len(labels))) or (np.diff(groups) < 0).any():
            raise ValueError("not every label has its pixels")
        return cls(features, groups.astype(np.int64), labels)


def _table(labels: Sequence[TaughtLabel]) -> bytes:
    """Origins (source, date, author) once each, and a row a label that points to its own."""
    origins = sorted({(label.source, label.date, label.author) for label in labels})
    number = {origin: index for index, origin in enumerate(origins)}
    rows = [
        [one.id, one.value, number[one.source, one.date, one.author], one.pixels, *(one.place or ())]
        for one in labels
    ]
    return json.dumps({"origins": origins, "labels": rows}, ensure_ascii=False).encode("utf-8")


def _read_table(table: bytes) -> tuple[TaughtLabel, ...]:
    told = strict_json.loads(table)
    if not isinstance(told, dict):
        raise ValueError("the table of labels is no table")
    origins = [tuple(_texts(origin, 3)) for origin in told["origins"]]
    return tuple(_label(row, origins) for row in told["labels"])


def _label(row: Any, origins: Sequence[tuple[str, ...]]) -> TaughtLabel:
    if not isinstance(row, list) or len(row) not in (4, 6):
        raise ValueError("a label is no row")
    (name,) = _texts(row[:1], 1)
    value, origin, pixels = row[1:4]
    for number, most in ((value, 255), (origin, len(origins) - 1), (pixels, 1 << 40)):
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
            raise ValueError("a label's number is none")
    source, date, author = origins[origin]
    return TaughtLabel(name, value, source, date, author, _place(row[4:]), pixels)


def _texts(values: Any, count: int) -> list[str]:
    if not isinstance(values, list) or len(values) != count or not all(isinstance(v, str) for v in values):
        raise ValueError("a label's text is none")
    return values


def _place(pair: list[Any]) -> tuple[float, float] | None:
    if not pair:
        return None
    lon, lat = (float(number) for number in pair)
    # What is not a number is out of bounds too.
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError("a label lies off the Earth")
    return lon, lat
