"""Polygons into a GeoPackage, some at a time, in equal bytes for equal polygons."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from ...errors import UnsupportedInput
from ..flow import Aside
from ..results.destinations import cannot_write, check_place
from .rings import Rings

_SETTINGS = {
    # GeoPackage notes when it was written. A result says the same on every day.
    "OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z",
    # A part file need not survive a power cut.
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
}
# Polygons that are written at once: GDAL opens the file anew each time, and cannot be cancelled.
_BATCH = 1 << 13
# What GDAL is still writing for a cancelled run, by file.
_LEFT: dict[Path, Future[Any]] = {}
# Bytes of a geometry, its bounding box and its attributes beside it, that SQLite takes in a row.
_LARGEST = 10**9 - 10_000


class AreaFile:
    """A GeoPackage of polygons under way; a context manager. It appears complete or not at all.

    Args:
        out: the final name; its stem names the layer.
        crs: WKT, empty for none.
        fields: numpy types of the attributes, by name.
        metadata: texts kept in the file.
        aside: where polygons are written.

    Raises:
        InvalidRequest: on entering, if ``out`` is no place for a GeoPackage.
        UnsupportedInput: on entering, adding or leaving, if the disk does not take it.
    """

    def __init__(
        self,
        out: Path,
        crs: str,
        fields: Mapping[str, Any],
        metadata: Mapping[str, str],
        aside: Aside,
    ) -> None:
        self._out = out
        self._part = out.with_name(f".{out.stem}.part.gpkg")
        self._crs = crs
        self._fields = dict(fields)
        self._metadata = dict(metadata)
        self._aside = aside
        # Not yet written: geometries as WKB, then the fields.
        self._waiting: list[list[NDArray[Any]]] = []
        self._writing: Future[Any] | None = None

    def __enter__(self) -> AreaFile:
        check_place(self._out, (".gpkg",))
        if (former := _LEFT.get(self._part)) is not None:
            self._aside(wait, [former])
        self._discard()
        try:
            self._write([np.zeros(0, dtype) for dtype in (object, *self._fields.values())])
        except BaseException:
            self._give_up()
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self._flush()
                for stale in _beside(self._out):
                    stale.unlink(missing_ok=True)
                os.replace(self._part, self._out)
        except OSError as failure:
            raise cannot_write(self._out, failure) from failure
        finally:
            self._give_up()

    def add(self, rings: Rings, columns: Sequence[NDArray[Any]]) -> None:
        """Add polygons in map coordinates, with one array for each field."""
        shapes = self._aside(_well_known, rings)
        if max(map(len, shapes), default=0) > _LARGEST:
            raise UnsupportedInput(
                f"The result {self._out.name} has a polygon that is too large for a GeoPackage.",
                "Give a smallest polygon (MIN_AREA): it fills the holes of large ones.",
            )
        self._waiting.append([shapes, *columns])
        if sum(len(part[0]) for part in self._waiting) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        arrays = [np.concatenate(parts) for parts in zip(*self._waiting, strict=True)]
        self._waiting = []
        for first in range(0, len(arrays[0]), _BATCH):
            self._write([array[first : first + _BATCH] for array in arrays])

    def _write(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Make the file, or add to it."""
        try:
            self._aside(self._put, arrays)
        except (DataSourceError, DataLayerError, OSError) as error:
            raise cannot_write(self._out, error) from error
        finally:
            self._writing = self._aside.last

    def _put(self, arrays: Sequence[NDArray[Any]]) -> None:
        begun = self._part.exists()
        # Later versions make older GDALs, and QGIS with them, warn of what they may not read.
        made = {} if begun else {"dataset_options": {"VERSION": "1.2"}, "layer_metadata": self._metadata}
        with writing_settings():
            pyogrio.raw.write(
                self._part,
                arrays[0],
                arrays[1:],
                list(self._fields),
                layer=self._out.stem,
                driver="GPKG",
                geometry_type="Polygon",
                crs=self._crs or None,
                append=begun,
                **made,
            )

    def _give_up(self) -> None:
        """Remove what is unfinished, as soon as nobody is writing to it."""
        if self._writing is None or self._writing.done():
            self._discard()
            return
        _LEFT[self._part] = self._writing
        self._writing.add_done_callback(self._on_left)

    def _on_left(self, _: object) -> None:
        self._discard()
        del _LEFT[self._part]

    def _discard(self) -> None:
        for leftover in (self._part, *_beside(self._part)):
            leftover.unlink(missing_ok=True)


def _well_known(rings: Rings) -> NDArray[np.object_]:
    """Polygons as WKB."""
    point_from, ring_from = (np.concatenate([[0], np.cumsum(each)]) for each in (rings.size, rings.count))
    kind = shapely.GeometryType.POLYGON
    shapes: NDArray[np.object_] = shapely.to_wkb(
        shapely.from_ragged_array(kind, rings.points, (point_from, ring_from))
    )
    return shapes


def _beside(database: Path) -> list[Path]:
    """SQLite's own files beside a database; those of an earlier one would be applied to the next."""
    return [Path(f"{database}{end}") for end in ("-journal", "-wal", "-shm")]


@contextmanager
def writing_settings() -> Iterator[None]:
    pyogrio.set_gdal_config_options(_SETTINGS)
    try:
        with warnings.catch_warnings():
            # A raster without a CRS gives polygons without one; the user was told of it before.
            warnings.filterwarnings("ignore", message="'crs' was not provided")
            yield
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_SETTINGS))
