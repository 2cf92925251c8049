"""Labelled places, burned onto the pixels of a grid."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
from .grid import F64, GDAL_FAILURES, Grid, Window, parse_crs
from .vectors import read_features

I64 = NDArray[np.int64]

_MOST_CLASSES = 254
_EXAMPLE = "example"
_WHOLE = re.compile(r"-?[0-9]+")


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
    """

    rows: I64
    cols: I64
    labels: I64
    groups: I64
    classes: tuple[ClassInfo, ...]
    warnings: tuple[str, ...] = ()


def read_samples(ref: SampleRef, grid: Grid, window: Window) -> Samples:
    """Read labelled points, lines or polygons and find their pixels inside ``window``.

    A polygon covers the pixels whose centre it holds, and one pixel at least; a point the pixel
    it lies in; a line every pixel it touches. Pixels claimed by two classes are left out.

    Args:
        ref: the file, its layer, the class field (empty: all are examples of one kind) and filter.
        grid: where the pixels are.
        window: the part of the grid that counts.

    Raises:
        InvalidRequest: no such file, layer or field, or a filter that OGR does not understand.
        UnsupportedInput: no labelled feature on the raster, fewer than two classes, or too many.
    """
    name = Path(ref.path).name
    features = read_features(ref)
    shapes, values, notes = features.shapes, features.values, features.notes
    if not len(shapes):
        raise UnsupportedInput(f"{name} holds no features to learn from.", "Check its filter and content.")
    labels = np.zeros(len(shapes), np.int64)
    named: tuple[tuple[int, str], ...] = ((1, _EXAMPLE),)
    if values is not None:
        labels, named = _classes_of(values, ref, name, notes)
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
    return _assembled(pixels, groups, labels[groups], named, grid, ref, notes)


def _classes_of(
    values: NDArray[Any], ref: SampleRef, name: str, notes: list[str]
) -> tuple[I64, tuple[tuple[int, str], ...]]:
    """Index of each feature's class, -1 for none, and the classes' values and names.

    Whole numbers from 0 to 254 are kept as the map's values; everything else is numbered from 1
    in sorted order.
    """
    texts = np.array([_text(value) for value in values], dtype=object)
    missing = int(sum(text == "" for text in texts))
    if missing:
        notes.append(f"{missing} features of {name} have no value in {ref.field} and were left out.")
    distinct = sorted({text for text in texts if text})
    numbers = [int(text) for text in distinct if _WHOLE.fullmatch(text)]
    if len(set(numbers)) == len(distinct):
        distinct = sorted(distinct, key=int)
    if len(set(numbers)) == len(distinct) and all(0 <= n <= _MOST_CLASSES for n in numbers):
        named = [(int(text), text) for text in distinct]
    else:
        named = [(place + 1, text) for place, text in enumerate(distinct)]
    if len(named) > _MOST_CLASSES:
        raise UnsupportedInput(
            f"The field {ref.field} of {name} has {len(named)} values; a map can hold {_MOST_CLASSES}.",
            "Choose the field with the class, not one with a measurement or a number of its own.",
        )
    place = {text: index for index, (_, text) in enumerate(named)}
    return np.array([place.get(text, -1) for text in texts], np.int64), tuple(named)


def _text(value: Any) -> str:
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
    named: tuple[tuple[int, str], ...],
    grid: Grid,
    ref: SampleRef,
    notes: list[str],
) -> Samples:
    present = np.unique(labels)
    if ref.field and len(present) < 2:
        only = f"only the class {named[present[0]][1]!r}" if len(present) else "no class"
        raise UnsupportedInput(
            f"The features on the raster have {only}; a classifier needs at least two.",
            "Add samples of another class, or choose another field.",
        )
    absent = [text for index, (_, text) in enumerate(named) if index not in present]
    if absent:
        notes.append(f"The raster has no pixel of {', '.join(absent)}; these classes were left out.")
    colors = class_colors([text for _, text in named])
    classes = tuple(ClassInfo(named[index][0], named[index][1], colors[index]) for index in present)
    return Samples(
        pixels // grid.width,
        pixels % grid.width,
        np.searchsorted(present, labels).astype(np.int64),
        groups.astype(np.int64),
        classes,
        tuple(notes),
    )
