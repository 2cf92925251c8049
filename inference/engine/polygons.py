"""Polygons of a class raster: 4-connected areas with class, name, area and mean confidence.

GDAL traces the outlines in pixel coordinates. Everything measured is a sum over the pixels of an
area, and such a sum needs its outline only: with S the running sum of some weight over rows and
columns (an integral image), the weight within an outline of pixel edges is the sum of
S at the lower minus S at the upper end of each vertical edge, signed by its direction (Green's
theorem). One pass over the rasters, strip by strip, thus measures all areas at once, exactly.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import rasterio.features
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from ..errors import UnsupportedInput
from ..jobs import ClassInfo
from .grid import F64, GDAL_FAILURES, Grid
from .outputs import cannot_write, check_place
from .sources import is_number

_STRIP = 512
# GeoPackage notes when it was written. A result says the same on every day.
_FIXED_DATE = "2000-01-01T00:00:00.000Z"
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class _Areas:
    """Connected areas of one class each, outlined in pixel coordinates.

    Attributes:
        shapes: (areas,) polygons.
        values: (areas,) class values.
        uprights: vertical edges of all outlines.
    """

    shapes: NDArray[np.object_]
    values: I64
    uprights: _Uprights


@dataclass(frozen=True)
class _Uprights:
    """Vertical edges: column, rows at which they start and end, and the area they bound.

    Where ``end`` > ``start`` the edge runs down. ``sign`` makes sums positive.
    """

    owner: I64
    col: I64
    start: I64
    end: I64
    sign: I64


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

    Returns:
        area in square metres by class name, every class of ``classes`` but the background.

    Raises:
        InvalidRequest: if ``out`` is no place for a GeoPackage.
        UnsupportedInput: if a raster cannot be read or the disk does not take the result.
    """
    check_place(out, (".gpkg",))
    means = {**({"confidence": confidence} if confidence else {}), **(extra or {})}
    try:
        areas = _trace(raster, background, grid)
        row_areas = np.concatenate([[0.0], np.cumsum(grid.row_areas(0, grid.height))])
        square_metres = _sums(areas, row_areas)
        columns: dict[str, NDArray[Any]] = {
            "class": areas.values.astype(np.int32),
            "name": _names(areas.values, classes),
            "area_m2": square_metres,
        }
        for field, path in means.items():
            columns[field] = _means(areas, path)
    except (*GDAL_FAILURES, OSError) as error:
        raise UnsupportedInput(f"{raster.name} could not be turned into polygons.", "", str(error)) from error
    _write(out, _placed(areas.shapes, grid), columns, grid, provenance)
    wanted = [info for info in classes if info.value != background]
    return {info.name: float(square_metres[areas.values == info.value].sum()) for info in wanted}


def _trace(raster: Path, background: int | None, grid: Grid) -> _Areas:
    with rasterio.open(raster) as dataset:
        left_out = {value for value in (dataset.nodata, background) if value is not None}
        found = [
            (outline["coordinates"], int(value))
            for outline, value in rasterio.features.shapes(rasterio.band(dataset, 1), connectivity=4)
            if value not in left_out
        ]
    values = np.array([value for _, value in found], np.int64)
    rings = [ring for outline, _ in found for ring in outline]
    owner = np.repeat(np.arange(len(found)), [len(outline) for outline, _ in found])
    points = np.array([point for ring in rings for point in ring], np.float64).reshape(-1, 2)
    # All outlines are built in one call each: one by one takes longer than tracing them.
    ring_of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    shapes = shapely.polygons(shapely.linearrings(_corners(points, grid), indices=ring_of), indices=owner)
    return _Areas(shapes, values, _uprights(shapes))


def _corners(points: F64, grid: Grid) -> F64:
    """Outlines come in map coordinates, rounded; the pixel corners that they pass are whole again."""
    return np.rint(np.stack(grid.to_pixels(points[:, 0], points[:, 1]), axis=1))


def _uprights(shapes: NDArray[np.object_]) -> _Uprights:
    rings, owner = shapely.get_rings(shapes, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    corners = points.astype(np.int64)
    upright = (ring[1:] == ring[:-1]) & (corners[1:, 0] == corners[:-1, 0])
    ring_of = ring[:-1][upright]
    # A ring that encloses is turned to count its inside once; one that is a hole, minus once.
    first = np.concatenate([[True], owner[1:] != owner[:-1]]) if len(owner) else np.zeros(0, bool)
    turn = np.where(shapely.is_ccw(rings) == first, 1, -1)
    return _Uprights(
        owner[ring_of],
        corners[:-1, 0][upright],
        corners[:-1, 1][upright],
        corners[1:, 1][upright],
        turn[ring_of],
    )


def _sums(areas: _Areas, row_sums: F64) -> F64:
    """Sum over each area of a weight that depends on the row alone, given its running sum."""
    edges = areas.uprights
    parts = edges.sign * edges.col * (row_sums[edges.end] - row_sums[edges.start])
    return np.bincount(edges.owner, weights=parts, minlength=len(areas.shapes)).astype(np.float64)


def _means(areas: _Areas, path: Path) -> F64:
    """Mean of a raster over each area, NaN where it has no data in all of it."""
    edges = areas.uprights
    rows = np.concatenate([edges.end, edges.start])
    cols = np.concatenate([edges.col, edges.col])
    with rasterio.open(path) as dataset:
        total, count = _integrals(dataset, rows, cols)
    sums = []
    for integral in (total, count):
        below, above = np.split(integral, 2)
        parts = edges.sign * (below - above)
        sums.append(np.bincount(edges.owner, weights=parts, minlength=len(areas.shapes)))
    with np.errstate(invalid="ignore"):
        return np.where(sums[1] > 0, np.round(sums[0] / sums[1], 4), np.nan)


def _integrals(dataset: DatasetReader, rows: I64, cols: I64) -> tuple[F64, F64]:
    """At pixel corners: the sum of valid values above and left of them, and their number."""
    order = np.argsort(rows, kind="stable")
    sorted_rows = rows[order]
    total, count = np.zeros(len(rows)), np.zeros(len(rows))
    carried = np.zeros((2, dataset.width + 1))
    nodata = [value for value in dataset.nodatavals[:1] if value is not None]
    for first in range(0, dataset.height, _STRIP):
        height = min(_STRIP, dataset.height - first)
        values = dataset.read(1, window=RasterioWindow(0, first, dataset.width, height))
        valid = is_number(values, nodata)
        for weights, carry, result in (
            (np.where(valid, values, 0), carried[0], total),
            (valid, carried[1], count),
        ):
            table = np.zeros((height, dataset.width + 1))
            np.cumsum(weights, axis=1, out=table[:, 1:])
            np.cumsum(table, axis=0, out=table)
            table += carry
            carry[:] = table[-1]
            here = order[slice(*np.searchsorted(sorted_rows, (first + 1, first + height + 1)))]
            result[here] = table[rows[here] - first - 1, cols[here]]
    return total, count


def _names(values: I64, classes: Sequence[ClassInfo]) -> NDArray[np.object_]:
    known = {info.value: info.name for info in classes}
    return np.array([known.get(int(value), str(value)) for value in values], dtype=object)


def _placed(shapes: NDArray[np.object_], grid: Grid) -> NDArray[np.object_]:
    """The areas as valid polygons in map coordinates."""
    shapes = shapes.copy()
    # An outline that touches itself at a corner is split there; no area is won or lost.
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    a, b, c, d, e, f = grid.transform

    def to_map(points: F64) -> F64:
        cols, rows = points[:, 0], points[:, 1]
        return np.stack([a * cols + b * rows + c, d * cols + e * rows + f], axis=1)

    placed: NDArray[np.object_] = shapely.transform(shapes, to_map)
    return placed


def _write(
    out: Path,
    shapes: NDArray[np.object_],
    columns: Mapping[str, NDArray[Any]],
    grid: Grid,
    provenance: Mapping[str, str],
) -> None:
    part = out.with_name(f".{out.stem}.part.gpkg")
    part.unlink(missing_ok=True)
    try:
        with _fixed_date():
            pyogrio.raw.write(
                part,
                shapely.to_wkb(shapes),
                list(columns.values()),
                list(columns),
                layer=out.stem,
                driver="GPKG",
                geometry_type="MultiPolygon",
                promote_to_multi=True,
                crs=grid.crs or None,
                layer_metadata=dict(provenance),
                # Later versions make older GDALs, and QGIS with them, warn of what they may not read.
                dataset_options={"VERSION": "1.2"},
            )
        for stale in _beside(out):
            stale.unlink(missing_ok=True)
        os.replace(part, out)
    except (DataSourceError, DataLayerError, OSError) as error:
        raise cannot_write(out, error) from error
    finally:
        for leftover in (part, *_beside(part)):
            leftover.unlink(missing_ok=True)


def _beside(database: Path) -> list[Path]:
    """SQLite's own files beside a database; those of an earlier one would be applied to the next."""
    return [Path(f"{database}{end}") for end in ("-journal", "-wal", "-shm")]


@contextmanager
def _fixed_date() -> Iterator[None]:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        with warnings.catch_warnings():
            # A raster without a CRS gives polygons without one; the user was told of it before.
            warnings.filterwarnings("ignore", message="'crs' was not provided")
            yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
