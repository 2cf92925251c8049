"""From a class raster to a GeoPackage of its areas."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...errors import UnsupportedInput
from ...jobs import ClassInfo
from ..base import Context
from ..crs import GDAL_FAILURES
from ..flow import Aside
from ..grid import F64, Grid
from .areas import Areas, Collector
from .fields import AreaFields
from .geopackage import AreaFile
from .sieve import Sieve
from .simplify import simplified
from .strips import I32, OUT, ClassRaster, Strip

_PLAIN = AreaFields()


def polygonize(
    raster: Path,
    out: Path,
    grid: Grid,
    *,
    classes: Sequence[ClassInfo],
    background: int | None = None,
    fields: AreaFields = _PLAIN,
    provenance: Mapping[str, str],
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
        fields: what is told of each area beside class, name and ground.
        provenance: texts kept in the file's metadata.
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
    beside = fields.beside()
    names = {info.value: info.name for info in classes}
    row_areas = grid.row_areas(0, grid.height)
    try:
        with (
            Aside("polygons", context.check) as aside,
            AreaFile(out, grid.crs, fields.types(), provenance, aside) as target,
            ClassRaster(raster, beside, strip_rows) as source,
        ):
            strips = _watched(source, grid, row_areas, min_area, context, aside)
            found = _areas(strips, background, Collector(grid.width, row_areas, len(beside)), aside)
            if simplify > 0:
                found = iter([simplified(found, (grid.width, grid.height), simplify, aside)])
            totals = _written(found, target, fields, names, grid)
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


def _written(
    found: Iterable[Areas], target: AreaFile, fields: AreaFields, names: Mapping[int, str], grid: Grid
) -> dict[int, float]:
    """Put areas into a file; answers the square metres of each class."""
    totals = dict.fromkeys(names, 0.0)
    for areas in found:
        rings = replace(areas.rings, points=_placed(areas.rings.points, grid))
        target.add(rings, fields.columns(areas, names))
        for value in names:
            totals[value] += float(areas.square_metres[areas.code == value].sum())
    return totals


def _placed(points: F64, grid: Grid) -> F64:
    """Pixel corners in map coordinates."""
    a, b, c, d, e, f = grid.transform
    cols, rows = points[:, 0], points[:, 1]
    return np.stack([a * cols + b * rows + c, d * cols + e * rows + f], axis=1)
