"""Labelled places, burned onto the pixels of a grid."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio import warp

from ..errors import UnsupportedInput
from ..jobs import ClassInfo, SampleRef
from ..palette import class_colors
from .crs import GDAL_FAILURES, parse_crs
from .grid import F64, Grid, Window
from .learning.training_set import TaughtLabel
from .vectors import Features, read_classes, read_features

I64 = NDArray[np.int64]

_MOST_CLASSES = 254
_EXAMPLE = "example"
_WHOLE = re.compile(r"-?[0-9]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
# What layers of labels say of each beside its class, and the word for one that is not to be learned from.
_TOLD = ("uuid", "source", "date", "author", "split")
_CHECK = "check"


@dataclass(frozen=True)
class Samples:
    """Pixels with a label; each pixel appears once.

    Attributes:
        rows: (samples,) rows in the grid, from its first.
        cols: (samples,) columns in the grid.
        labels: (samples,) indices into ``classes``.
        groups: (samples,) number of the feature that the pixel lies in: pixels of one feature
            are alike, and belong on the same side of any split.
        classes: every class that has a pixel, by value.
        warnings: sentences about what was left out.
        told: what is known of each feature, by its number; as far as its file says it.
    """

    rows: I64
    cols: I64
    labels: I64
    groups: I64
    classes: tuple[ClassInfo, ...]
    warnings: tuple[str, ...] = ()
    told: tuple[TaughtLabel, ...] = ()


def read_samples(ref: SampleRef, grid: Grid, window: Window, known: Sequence[ClassInfo] = ()) -> Samples:
    """Read labelled points, lines or polygons and find their pixels inside ``window``.

    A polygon covers the pixels whose centre it holds, and one pixel at least; a point the pixel
    it lies in; a line every pixel it touches. Pixels claimed by two classes are left out.

    Args:
        ref: the file, its layer, the class field (empty: all are examples of one kind) and filter.
        grid: where the pixels are.
        window: the part of the grid that counts.
        known: classes of the classifier that is taught on: they keep their values and colours, and one
            class is enough then.

    Raises:
        InvalidRequest: no such file, layer or field, or a filter that OGR does not understand.
        UnsupportedInput: no labelled feature on the raster, fewer than two classes, or too many.
    """
    name = Path(ref.path).name
    features = read_features(ref, _TOLD)
    shapes, values, notes = features.shapes, features.values, features.notes
    if not len(shapes):
        raise UnsupportedInput(f"{name} holds no features to learn from.", "Check its filter and content.")
    labels = np.zeros(len(shapes), np.int64)
    classes: tuple[ClassInfo, ...] = (ClassInfo(1, _EXAMPLE, class_colors([_EXAMPLE])[0]),)
    if values is not None:
        labels, classes = _classes_of(values, ref, known, notes)
        _leave_out_checks(labels, features, name, notes)
    told = _told(features, labels, classes)
    shapes = on_map(shapes, features.crs, grid, name, notes)
    found = [pixels_of(shape, grid, window) for shape in shapes]
    counts = np.array([len(pixels) for pixels in found], np.int64)
    off = int(((counts == 0) & (labels >= 0)).sum())
    groups = np.repeat(np.arange(len(found)), counts)
    pixels = np.concatenate(found) if found else np.zeros(0, np.int64)
    kept = labels[groups] >= 0
    groups, pixels = groups[kept], pixels[kept]
    if not len(pixels):
        raise UnsupportedInput(
            f"None of the {len(found)} features of {name} lies on the raster.",
            "Check the coordinate systems of both and the extent of the run.",
        )
    if off:
        notes.append(f"{off} of {len(found)} features of {name} lie off the raster and were left out.")
    pixels, groups = _undisputed(pixels, groups, labels, name, notes)
    places = places_of(grid, pixels // grid.width, pixels % grid.width, groups, len(told))
    covered = np.bincount(groups, minlength=len(told)).tolist()
    told = [replace(one, place=p, pixels=n) for one, p, n in zip(told, places, covered, strict=True)]
    found_in = _assembled(pixels, groups, labels[groups], classes, grid, ref, notes, bool(known))
    return replace(found_in, told=tuple(told))


def places_of(
    grid: Grid, rows: I64, cols: I64, groups: I64, count: int
) -> list[tuple[float, float] | None]:
    """Longitude and latitude of the middle of each group's pixels; None where that cannot be said.

    Args:
        grid: that the pixels are of.
        rows, cols, groups: (pixels,), of each its place and its group.
        count: groups there are.
    """
    members = np.bincount(groups, minlength=count)
    middles = [np.bincount(groups, at + 0.5, count) / np.maximum(members, 1) for at in (cols, rows)]
    if not grid.crs or not count:
        return [None] * count
    points = [grid.to_map(col, row) for col, row in zip(*middles, strict=True)]
    xs, ys = ([point[axis] for point in points] for axis in (0, 1))
    try:
        lons, lats = warp.transform(parse_crs(grid.crs), parse_crs("EPSG:4326"), xs, ys)
    except GDAL_FAILURES:
        return [None] * count  # a local system has no place on Earth
    # Half a metre: finer than any pixel that is labelled by hand, and short in the file.
    found = zip(members.tolist(), np.round(lons, 6).tolist(), np.round(lats, 6).tolist(), strict=True)
    return [(lon, lat) if n and np.isfinite((lon, lat)).all() else None for n, lon, lat in found]


def _leave_out_checks(labels: I64, features: Features, name: str, notes: list[str]) -> None:
    """Labels that are there to check a map by are not learned from."""
    split = features.also.get("split")
    if split is None:
        return
    kept_back = np.array([class_text(value) == _CHECK for value in split], bool)
    labels[kept_back] = -1
    if kept_back.any():
        notes.append(f"{int(kept_back.sum())} labels of {name} are there to check by and were left out.")


def _told(features: Features, labels: I64, classes: Sequence[ClassInfo]) -> list[TaughtLabel]:
    """What the file says of each feature; one without a name of its own is known by its shape."""
    count = len(features.shapes)

    def column(name: str) -> list[str]:
        return [class_text(value) for value in features.also.get(name, [""] * count)]

    shapes = [hashlib.sha256(shapely.to_wkb(s) or b"").hexdigest()[:16] for s in features.shapes]
    names = [own or shape for own, shape in zip(column("uuid"), shapes, strict=True)]
    seen: dict[str, int] = {}
    told = []
    rows = zip(names, labels.tolist(), column("source"), column("date"), column("author"), strict=True)
    for name, label, source, date, author in rows:
        # A copied feature has the name of the one that it was copied from.
        seen[name] = seen.get(name, 0) + 1
        name = name if seen[name] == 1 else f"{name}:{seen[name]}"
        value = classes[label].value if label >= 0 else 0
        told.append(TaughtLabel(name, value, source, date[:10] if _DATE.match(date) else "", author))
    return told


def _classes_of(
    values: NDArray[Any], ref: SampleRef, known: Sequence[ClassInfo], notes: list[str]
) -> tuple[I64, tuple[ClassInfo, ...]]:
    """Index of each feature's class, -1 for none, and the classes by value.

    Classes that are known, by name or value, stay what they are. Of the others whole numbers from 0 to 254
    are kept as the map's values; everything else is numbered from 1 in sorted order.
    """
    name = Path(ref.path).name
    declared = read_classes(ref.path)
    texts = _named(np.array([class_text(value) for value in values], dtype=object), declared)
    missing = int(sum(text == "" for text in texts))
    if missing:
        notes.append(f"{missing} features of {name} have no value in {ref.field} and were left out.")
    distinct = sorted({text for text in texts if text})
    numbers = [int(text) for text in distinct if _WHOLE.fullmatch(text)]
    if len(set(numbers)) == len(distinct):
        distinct = sorted(distinct, key=int)
    if len(distinct) > _MOST_CLASSES:
        raise UnsupportedInput(
            f"The field {ref.field} of {name} has {len(distinct)} values; a map can hold {_MOST_CLASSES}.",
            "Choose the field with the class, not one with a measurement or a number of its own.",
        )
    named = _numbered(distinct, _joined(known, declared))
    classes = tuple(sorted(dict.fromkeys(named.values()), key=lambda info: info.value))
    place = {text: classes.index(info) for text, info in named.items()}
    return np.array([place.get(text, -1) for text in texts], np.int64), classes


def _named(texts: NDArray[Any], declared: Sequence[ClassInfo]) -> NDArray[Any]:
    """Names in place of values, where the file's own list of classes knows every text as a value."""
    names = {str(info.value): info.name for info in declared}
    if not set(texts) - {""} <= set(names):
        return texts
    return np.array([names.get(text, "") for text in texts], dtype=object)


def _joined(known: Sequence[ClassInfo], declared: Sequence[ClassInfo]) -> tuple[ClassInfo, ...]:
    """Classes known before, then those that a file declares, unless they have the name or value of one."""
    taken = {info.value for info in known}, {info.name for info in known}
    new = (info for info in declared if info.value not in taken[0] and info.name not in taken[1])
    return (*known, *new)


def _numbered(texts: Sequence[str], known: Sequence[ClassInfo]) -> dict[str, ClassInfo]:
    """The class of each text; the first of those known by a name or a value counts."""
    by_text = {str(info.value): info for info in reversed(known)}
    by_text.update({info.name: info for info in reversed(known)})
    found = {text: by_text[text] for text in texts if text in by_text}
    new = [text for text in texts if text not in found]
    taken = {info.value for info in known}
    numbers = {text: int(text) for text in new if _WHOLE.fullmatch(text)}
    values = set(numbers.values())
    fits = len(numbers) == len(values) == len(new) and not values & taken
    if fits and all(0 <= number <= _MOST_CLASSES for number in values):
        free: Iterable[int] = [numbers[text] for text in new]
    else:
        free = (value for value in itertools.count(1) if value not in taken)
    colors = class_colors([*(info.name for info in known), *new])[len(known) :]
    found.update({t: ClassInfo(v, t, c) for t, v, c in zip(new, free, colors, strict=False)})
    return found


def class_text(value: Any) -> str:
    """A field's value as the name of a class, empty where there is none."""
    if value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)):
        return ""
    if isinstance(value, np.datetime64) and np.isnat(value):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value).strip()


def on_map(
    shapes: NDArray[np.object_], crs: str, grid: Grid, name: str, notes: list[str]
) -> NDArray[np.object_]:
    """Geometries in the grid's CRS; those that it cannot place become empty.

    Args:
        crs: theirs; that of the grid is assumed, and ``notes`` told, where there is none.
        name: what to call them.

    Raises:
        InvalidRequest: if ``crs`` is not understood.
        UnsupportedInput: if nothing leads from one CRS to the other.
    """
    if not crs:
        notes.append(f"{name} has no coordinate system; that of the raster was assumed.")
        return shapes
    if not grid.crs or parse_crs(crs) == parse_crs(grid.crs):
        return shapes

    def move(points: F64) -> F64:
        xs, ys = warp.transform(parse_crs(crs), parse_crs(grid.crs), points[:, 0], points[:, 1])
        return np.stack([xs, ys], axis=1)

    try:
        moved: NDArray[np.object_] = shapely.transform(shapes, move)
    except GDAL_FAILURES as error:
        raise UnsupportedInput(
            f"{name} cannot be brought into the coordinate system of the raster.",
            "Check the coordinate systems of both.",
            str(error),
        ) from error
    points, owner = shapely.get_coordinates(moved, return_index=True)
    moved[np.unique(owner[~np.isfinite(points).all(axis=1)])] = None
    return moved


def pixels_of(shape: Any, grid: Grid, window: Window) -> I64:
    """Numbers (row * grid width + column) of the pixels of one geometry inside the window.

    For which pixels these are see :func:`read_samples`.
    """
    if shape is None or shape.is_empty:
        return np.zeros(0, np.int64)
    if shape.geom_type in ("Point", "MultiPoint"):
        return _pixels_at(shapely.get_coordinates(shape), grid, window)
    corners = shapely.get_coordinates(shape)
    cols, rows = grid.to_pixels(corners[:, 0], corners[:, 1])
    left, top = int(np.floor(cols.min())), int(np.floor(rows.min()))
    reach = Window(left, top, int(np.ceil(cols.max())) - left + 1, int(np.ceil(rows.max())) - top + 1)
    inside = reach.intersect(window)
    if inside is None:
        return np.zeros(0, np.int64)
    burned = rasterio.features.rasterize(
        [shape],
        out_shape=(inside.height, inside.width),
        transform=Affine(*grid.crop(inside).transform),
        all_touched=shape.geom_type.endswith("LineString"),
        dtype="uint8",
    )
    at = np.nonzero(burned)
    if not len(at[0]):
        return _pixels_at(shapely.get_coordinates(shape.representative_point()), grid, window)
    return (at[0] + inside.row).astype(np.int64) * grid.width + at[1] + inside.col


def _pixels_at(points: F64, grid: Grid, window: Window) -> I64:
    cols, rows = (np.floor(place).astype(np.int64) for place in grid.to_pixels(points[:, 0], points[:, 1]))
    good = (rows >= window.row) & (rows < window.bottom) & (cols >= window.col) & (cols < window.right)
    return np.unique(rows[good] * grid.width + cols[good])


def _undisputed(pixels: I64, groups: I64, labels: I64, name: str, notes: list[str]) -> tuple[I64, I64]:
    """Each pixel once, the first feature's; pixels that features of two classes claim, not at all."""
    order = np.lexsort((groups, pixels))
    pixels, groups = pixels[order], groups[order]
    distinct, first, place = np.unique(pixels, return_index=True, return_inverse=True)
    low, high = np.full(len(distinct), _MOST_CLASSES + 1), np.full(len(distinct), -1)
    np.minimum.at(low, place, labels[groups])
    np.maximum.at(high, place, labels[groups])
    agreed = low == high
    disputed = int((~agreed).sum())
    if disputed:
        notes.append(f"{disputed} pixels lie in features of {name} of different classes and were left out.")
    return distinct[agreed], groups[first[agreed]]


def _assembled(
    pixels: I64,
    groups: I64,
    labels: I64,
    named: Sequence[ClassInfo],
    grid: Grid,
    ref: SampleRef,
    notes: list[str],
    one_is_enough: bool,
) -> Samples:
    present = np.unique(labels)
    if ref.field and len(present) < 2 and not (one_is_enough and len(present)):
        only = f"only the class {named[present[0]].name!r}" if len(present) else "no class"
        raise UnsupportedInput(
            f"The features on the raster have {only}; a classifier needs at least two.",
            "Add samples of another class, or choose another field.",
        )
    absent = [info.name for index, info in enumerate(named) if index not in present]
    if absent:
        notes.append(f"The raster has no pixel of {', '.join(absent)}; these classes were left out.")
    classes = tuple(named[index] for index in present)
    return Samples(
        pixels // grid.width,
        pixels % grid.width,
        np.searchsorted(present, labels).astype(np.int64),
        groups.astype(np.int64),
        classes,
        tuple(notes),
    )
