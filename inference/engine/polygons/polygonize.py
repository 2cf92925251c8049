"""From a class raster to a GeoPackage of its areas."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedInput
from ...jobs import ClassInfo
from ..base import Context
from ..crs import GDAL_FAILURES
from ..flow import Aside
from ..grid import F64, Grid
from .areas import Areas, Collector
from .geopackage import AreaFile
from .sieve import Sieve
from .simplify import simplified
from .strips import I32, OUT, Beside, ClassRaster, Strip


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


def polygonize(
    raster: Path,
    out: Path,
    grid: Grid,
    *,
    classes: Sequence[ClassInfo],
    background: int | None = None,
    confidence: Path | None = None,
    provenance: Mapping[str, str],
    extra: Mapping[str, Path] | None = None,
    days: Mapping[int, datetime.date] | None = None,
    texts: Mapping[str, str] | None = None,
    majorities: Mapping[str, Majority] | None = None,
    min_area: float = 0.0,
    simplify: float = 0.0,
    context: Context,
    strip_rows: int = 0,
) -> dict[str, float]:
    """Write the areas of a class raster as a GeoPackage.

    Args:
        raster: one-band class raster on ``grid``; its nodata is left out.
        out: the GeoPackage, ending in ``.gpkg``; its layer bears the file's stem as its name.
        grid: the raster's grid.
        classes: names of the values.
        background: one more value to leave out, None for none.
        confidence: raster on the same grid whose mean becomes the field ``confidence``.
        provenance: texts kept in the file's metadata.
        extra: further rasters on the same grid, by the name of the field for their mean.
        days: the day of each value, for a field ``date``; None for no such field.
        texts: fields that say the same of every area.
        majorities: class rasters on the same grid, by the name of the field for the class that most of
            an area's pixels have.
        min_area: areas of fewer square metres become part of their surroundings, see
            :class:`~.sieve.Sieve`; the background counts as a class there. 0 keeps all.
        simplify: tolerance in pixels: corners that cut off triangles of less than its square are
            taken out of borders, which stay shared. 0 keeps the edges of the pixels. It needs all
            polygons in memory. The field ``area_m2`` stays the ground of the area's pixels.
        context: for progress, and asked for a cancel all the while.
        strip_rows: rows read at a time, 0 chooses by the raster's width. It does not change what
            is written.

    Returns:
        area in square metres by class name, every class of ``classes`` but the background.

    Raises:
        InvalidRequest: if ``out`` is no place for a GeoPackage.
        UnsupportedInput: if a raster cannot be read or the disk does not take the result.
    """
    means = {**({"confidence": confidence} if confidence else {}), **(extra or {})}
    dated = {"date": np.dtype("datetime64[D]")} if days else {}
    texts, majorities = texts or {}, majorities or {}
    fields = {"class": np.int32, "name": object, **dated, "area_m2": np.float64}
    fields.update(dict.fromkeys(means, np.float64))
    fields.update(dict.fromkeys((*texts, *majorities), object))
    beside = [Beside(path) for path in means.values()]
    beside += [one for majority in majorities.values() for one in majority.shares()]
    names = {info.value: info.name for info in classes}
    row_areas = grid.row_areas(0, grid.height)
    try:
        with (
            Aside("polygons", context.check) as aside,
            AreaFile(out, grid.crs, fields, provenance, aside) as target,
            ClassRaster(raster, beside, strip_rows) as source,
        ):
            strips = _watched(source, grid, row_areas, min_area, context, aside)
            found = _areas(strips, background, Collector(grid.width, row_areas, len(beside)), aside)
            if simplify > 0:
                found = iter([simplified(found, (grid.width, grid.height), simplify, aside)])
            told = _Told(names, days, len(means), tuple(texts.values()), tuple(majorities.values()))
            totals = _written(found, target, told, grid)
    except (*GDAL_FAILURES, OSError) as error:
        raise UnsupportedInput(f"{raster.name} could not be turned into polygons.", "", str(error)) from error
    return {info.name: totals[info.value] for info in classes if info.value != background}


def _watched(
    source: ClassRaster, grid: Grid, row_areas: F64, min_area: float, context: Context, aside: Aside
) -> Iterator[Strip]:
    """The strips of a raster, sieved if there is a least area; each step is told and may be the last."""
    passes = 2 if min_area > 0 else 1
    strips = source.strips()
    if min_area > 0:
        a, b, _, d, e, _ = grid.transform
        sieve = Sieve(source, row_areas, min_area, (math.hypot(a, d), math.hypot(b, e)), aside)
        for done in sieve.settle():
            context.check()
            context.progress("polygons", done, passes * grid.height, "")
        strips = sieve.strips()
    for strip in strips:
        context.check()
        yield strip
        done = (passes - 1) * grid.height + strip.first + len(strip.codes)
        context.progress("polygons", done, passes * grid.height, "")


def _areas(
    strips: Iterable[Strip], background: int | None, collector: Collector, aside: Aside
) -> Iterator[Areas]:
    """The areas of a raster, some for each strip; a strip is traced when the next one is known."""
    above: I32 | None = None
    waiting: Strip | None = None
    for strip in strips:
        if background is not None:
            strip.codes[strip.codes == background] = OUT
        if waiting is not None:
            yield aside(collector.add, above, waiting, strip.codes[0])
            above = waiting.codes[-1]
        waiting = strip
    if waiting is not None:
        yield aside(collector.add, above, waiting, None)


@dataclass(frozen=True)
class _Told:
    """What the file says of each area beside its class and ground.

    Attributes:
        names: of the classes.
        days: of the classes; None where they have none.
        means: how many of the areas' means are fields themselves; the others are shares of classes.
        texts: the same for every area.
        majorities: what the shares are of.
    """

    names: Mapping[int, str]
    days: Mapping[int, datetime.date] | None
    means: int
    texts: tuple[str, ...]
    majorities: tuple[Majority, ...]

    def columns(self, areas: Areas) -> list[NDArray[Any]]:
        """One array for each field."""
        count = len(areas.code)
        names = _names(areas.code, self.names)
        columns: list[NDArray[Any]] = [areas.code, names]
        if self.days:
            columns.append(np.array([self.days[code] for code in areas.code.tolist()], "datetime64[D]"))
        columns += [areas.square_metres, *areas.means[: self.means]]
        columns += [np.full(count, text, object) for text in self.texts]
        left = list(areas.means[self.means :])
        for majority in self.majorities:
            shares, left = left[: len(majority.classes)], left[len(majority.classes) :]
            columns.append(majority.of(shares, count))
        return columns


def _written(
    found: Iterable[Areas], target: AreaFile, told: _Told, grid: Grid
) -> dict[int, float]:
    """Put areas into a file; answers the square metres of each class."""
    totals = dict.fromkeys(told.names, 0.0)
    for areas in found:
        target.add(replace(areas.rings, points=_placed(areas.rings.points, grid)), told.columns(areas))
        for value in told.names:
            totals[value] += float(areas.square_metres[areas.code == value].sum())
    return totals


def _names(codes: I32, names: Mapping[int, str]) -> NDArray[np.object_]:
    known, which = np.unique(codes, return_inverse=True)
    return np.array([names.get(code, str(code)) for code in known.tolist()], dtype=object)[which]


def _placed(points: F64, grid: Grid) -> F64:
    """Pixel corners in map coordinates."""
    a, b, c, d, e, f = grid.transform
    cols, rows = points[:, 0], points[:, 1]
    return np.stack([a * cols + b * rows + c, d * cols + e * rows + f], axis=1)
