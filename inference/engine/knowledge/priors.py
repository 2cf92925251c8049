"""What is known of how probable classes are at a place, before anything was seen there.

The probability of a class that takes both into account is proportional to p x prior^weight: Bayes' rule
where the weight is 1, with p for a likelihood, as A. H. Strahler put it for land cover ("The use of prior
probabilities in maximum likelihood classification of remotely sensed data", Remote Sensing of Environment
10, 1980). The exponent is that of a logarithmic opinion pool (J. A. Benediktsson and P. H. Swain,
"Consensus theoretic classification methods", IEEE Transactions on Systems, Man, and Cybernetics 22, 1992):
how much the second witness counts beside the first.

A prior never says quite never: each class keeps a share of ``FLOOR`` at least, for else no evidence could
bring it back (D. V. Lindley called that Cromwell's rule). Who means never says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pyogrio
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray

from ...errors import InvalidRequest, UnsupportedInput, present
from ...jobs import ClassInfo, SampleRef
from ..base import F32
from ..grid import Grid, Window
from ..samples import class_text, on_map
from ..vectors import read_features
from .probabilities import ClassBands

FLOOR = 0.01


class Prior(Protocol):
    """Reads priors.

    Attributes:
        warnings: sentences about what was guessed or left out.
    """

    warnings: list[str]

    def read(self, block: Window) -> F32:
        """(classes, rows, cols) shares that sum to 1; equal ones where nothing is known."""
        ...


def weighed(shares: F32, prior: F32, weight: float, exclude: bool) -> F32:
    """Shares of classes with a prior taken into account; of the same shape, not summing to 1.

    Args:
        shares: (classes, ...).
        prior: the same shape.
        weight: its exponent.
        exclude: whether a prior of 0 excludes a class, instead of making it improbable.
    """
    known = np.maximum(prior, np.float32(FLOOR))
    if exclude:
        known = np.where(prior > 0, known, np.float32(0))
    return np.asarray(shares * known ** np.float32(weight), np.float32)


class PriorRaster:
    """A raster with one band a class."""

    def __init__(self, bands: ClassBands) -> None:
        self._bands = bands
        self.warnings = bands.warnings

    def read(self, block: Window) -> F32:
        shares, valid = self._bands.read(block)
        count = len(shares)
        return np.where(valid, shares, np.float32(1 / count))


class PriorPlaces:
    """Polygons with a field for each class, or with one that names a class.

    Where polygons overlap, the smallest counts.
    """

    def __init__(self, shapes: NDArray[np.object_], shares: F32, grid: Grid, warnings: list[str]) -> None:
        """
        Args:
            shapes: polygons in the grid's CRS.
            shares: (polygons, classes), summing to 1.
        """
        order = np.argsort(-shapely.area(shapes), kind="stable")
        self._shapes, self._shares = shapes[order], shares[order]
        self._grid = grid
        self._tree = shapely.STRtree(self._shapes)
        self.warnings = warnings

    @classmethod
    def open(cls, ref: SampleRef, share: str, classes: Sequence[ClassInfo], grid: Grid) -> PriorPlaces:
        """Read polygons.

        Args:
            ref: their layer; its field names a class, and is empty where each class has a field.
            share: field with the probability of the class that is named, empty for certain.

        Raises:
            InvalidRequest: no such file or field.
            UnsupportedInput: if the fields or their values do not fit the classes.
        """
        names = [info.name for info in classes]
        fields = (share,) if ref.field else _fields_of(ref, classes)
        features = read_features(ref, [name for name in fields if name])
        notes = list(features.notes)
        shapes = on_map(features.shapes, features.crs, grid, "The prior", notes)
        if ref.field:
            shares, kept = _named(features.values, features.also.get(share), share, classes, notes)
        else:
            columns = {name: features.also[name] for name in fields}
            shares, kept = _spread(columns, classes)
            absent = [name for name in names if _field_of(name, classes, columns) is None]
            if absent:
                notes.append(f"The prior has no field for {', '.join(absent)}.")
        good = kept & ~shapely.is_missing(shapes) & (shapely.area(shapes) > 0)
        if not good.any():
            raise UnsupportedInput(
                "The prior holds no polygon that says something of a class of the map.",
                f"The classes are: {', '.join(names)}.",
            )
        return cls(shapes[good], shares[good], grid, notes)

    def read(self, block: Window) -> F32:
        count = self._shares.shape[1]
        table = np.concatenate([np.full((1, count), 1 / count, np.float32), self._shares])
        return np.moveaxis(table[self._burned(block)], -1, 0)

    def _burned(self, block: Window) -> NDArray[np.int32]:
        """(rows, cols): 1 + the number of the polygon that holds a pixel's centre, 0 for none."""
        here = self._grid.crop(block)
        corners = [here.to_map(col, row) for col, row in ((0, 0), (block.width, 0), (0, block.height))]
        corners.append(here.to_map(block.width, block.height))
        near = np.sort(self._tree.query(shapely.multipoints(corners).envelope))
        if not near.size:
            return np.zeros((block.height, block.width), np.int32)
        burned: NDArray[np.int32] = rasterio.features.rasterize(
            [(self._shapes[number], int(number) + 1) for number in near],
            out_shape=(block.height, block.width),
            transform=Affine(*here.transform),
            dtype="int32",
        )
        return burned


def _fields_of(ref: SampleRef, classes: Sequence[ClassInfo]) -> tuple[str, ...]:
    """The fields of a layer that are named after classes.

    Raises:
        UnsupportedInput: if there is none.
    """
    layer = ref.layer or None
    there = [str(name) for name in pyogrio.read_info(ref.path, layer=layer)["fields"]]
    named = {text.casefold() for info in classes for text in (info.name, str(info.value))}
    found = tuple(name for name in there if name.casefold() in named)
    if not found:
        raise UnsupportedInput(
            "No field of the prior is named after a class of the map.",
            f"The classes are: {', '.join(info.name for info in classes)}; or say which field names a class.",
        )
    return found


def _field_of(name: str, classes: Sequence[ClassInfo], columns: Mapping[str, Any]) -> str | None:
    info = next(one for one in classes if one.name == name)
    wanted = (info.name.casefold(), str(info.value))
    return next((field for field in columns if field.casefold() in wanted), None)


def _spread(
    columns: Mapping[str, NDArray[Any]], classes: Sequence[ClassInfo]
) -> tuple[F32, NDArray[np.bool_]]:
    """(polygons, classes) shares of a field for each class, and which polygons say something."""
    length = len(next(iter(columns.values())))
    shares = np.zeros((length, len(classes)), np.float32)
    for place, info in enumerate(classes):
        field = _field_of(info.name, classes, columns)
        if field is not None:
            shares[:, place] = np.nan_to_num(_numbers(columns[field], field))
    if (shares < 0).any():
        raise UnsupportedInput("A field of the prior holds a probability below 0.")
    total = shares.sum(axis=1)
    whole = np.where(total > 0, total, np.float32(1))
    return np.asarray(shares / whole[:, None], np.float32), total > 0


def _named(
    values: NDArray[Any] | None,
    given: NDArray[Any] | None,
    share: str,
    classes: Sequence[ClassInfo],
    notes: list[str],
) -> tuple[F32, NDArray[np.bool_]]:
    """(polygons, classes) shares of a class and its probability; the others share the rest equally."""
    values = present(values)  # there is a field
    if share and given is None:
        raise InvalidRequest(f"The prior has no field {share!r} with the probability of its class.")
    places = {text: i for i, info in enumerate(classes) for text in (str(info.value), info.name)}
    found = np.array([places.get(class_text(value), -1) for value in values], np.int64)
    strange = sorted({class_text(value) for value in values[found < 0]})
    if strange:
        notes.append(f"The prior names {', '.join(strange)}, which the map has no class for; left out.")
    sure = np.ones(len(found)) if given is None else _numbers(given, share)
    sure = sure / 100 if (sure > 1).any() else sure
    if ((sure < 0) | (sure > 1)).any():
        raise UnsupportedInput(
            f"The field {share} holds numbers that are no probabilities.",
            "They are from 0 to 1, or from 0 to 100 percent.",
        )
    kept = (found >= 0) & np.isfinite(sure)
    rest = (1 - np.nan_to_num(sure)) / max(len(classes) - 1, 1)
    shares = np.repeat(rest[:, None], len(classes), axis=1)
    shares[np.flatnonzero(kept), found[kept]] = sure[kept]
    return shares.astype(np.float32), kept


def _numbers(values: NDArray[Any], field: str) -> NDArray[np.float64]:
    try:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    except (TypeError, ValueError) as error:
        raise UnsupportedInput(
            f"The field {field} of the prior holds no numbers.", "", str(error)
        ) from error
