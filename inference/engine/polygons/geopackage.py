"""Polygons into a GeoPackage, some at a time, in equal bytes for equal polygons.

GDAL makes the empty file: schema, coordinate system, metadata, triggers. It then is a SQLite database
like any other and is filled as one, because GDAL's own way of adding to a layer takes several times
as long, most of it to keep the spatial index in order feature by feature. Here the index is packed:
its leaves as features come, what lies above them at the end.
"""

from __future__ import annotations

import os
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyogrio
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from ...errors import UnsupportedInput
from ..grid import F64
from ..outputs import cannot_write, check_place
from .rings import Rings
from .strips import I64

# (n, 4): least and greatest x, least and greatest y.
Boxes = NDArray[np.float32]

# GeoPackage notes when it was written. A result says the same on every day.
_FIXED_DATE = "2000-01-01T00:00:00.000Z"
_GEOMETRY = "geom"
_BATCH = 1 << 15
# Question marks that any SQLite takes in one statement.
_VARIABLES = 999
# Of an R-tree with two dimensions of 32-bit floats, as SQLite makes it: entries and bytes of a node.
_NODE_ENTRIES = 51
_ROOT = 1
_ENTRY = np.dtype([("id", ">i8"), ("box", ">f4", 4)])
# Bytes of a geometry before its rings: "GP", version, flags, the coordinate system's number and the
# bounding box, as GeoPackage has it, then the head of a polygon in WKB.
_HEAD = 2 + 1 + 1 + 4 + 32 + 1 + 4 + 4
# With so many more in front, all that follows the odd byte of WKB's head lies at multiples of four.
_PAD = -_HEAD % 4
_FAILURES = (sqlite3.Error, DataSourceError, DataLayerError, OSError)


class AreaFile:
    """A GeoPackage of polygons under way; a context manager. It appears complete or not at all.

    Args:
        out: the final name; its stem names the layer.
        crs: WKT, empty for none.
        fields: numpy types of the attributes, by name.
        metadata: texts kept in the file.
        check: raises if the run was cancelled.

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
        check: Callable[[], None],
    ) -> None:
        self._out = out
        self._part = out.with_name(f".{out.stem}.part.gpkg")
        self._crs = crs
        self._fields = dict(fields)
        self._metadata = dict(metadata)
        self._check = check
        self._triggers: list[str] = []
        self._features = 0
        self._nodes = _ROOT + 1
        self._leaves: list[Boxes] = []
        self._extent = np.array([np.inf, -np.inf, np.inf, -np.inf])

    def __enter__(self) -> AreaFile:
        check_place(self._out, (".gpkg",))
        self._part.unlink(missing_ok=True)
        try:
            with self._failing():
                self._create()
                self._database = sqlite3.connect(self._part, isolation_level=None)
                self._prepare()
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._failing():
                try:
                    if kind is None:
                        self._finish()
                finally:
                    self._database.close()
                if kind is None:
                    for stale in _beside(self._out):
                        stale.unlink(missing_ok=True)
                    os.replace(self._part, self._out)
        finally:
            self._discard()

    def add(self, rings: Rings, columns: Sequence[NDArray[Any]]) -> None:
        """Add polygons in map coordinates, with one array for each field."""
        point_from = np.concatenate([[0], np.cumsum(rings.size)])
        ring_from = np.concatenate([[0], np.cumsum(rings.count)])
        for first in range(0, len(rings.count), _BATCH):
            self._check()
            last = min(first + _BATCH, len(rings.count))
            sizes = slice(ring_from[first], ring_from[last])
            points = slice(point_from[sizes.start], point_from[sizes.stop])
            part = Rings(rings.points[points], rings.size[sizes], rings.count[first:last])
            with self._failing():
                self._insert(part, [column[first:last] for column in columns])

    def _create(self) -> None:
        empty = [np.zeros(0, dtype) for dtype in self._fields.values()]
        with _fixed_date():
            pyogrio.raw.write(
                self._part,
                np.zeros(0, object),
                empty,
                list(self._fields),
                layer=self._out.stem,
                driver="GPKG",
                geometry_type="Polygon",
                crs=self._crs or None,
                layer_metadata=self._metadata,
                # Later versions make older GDALs, and QGIS with them, warn of what they may not read.
                dataset_options={"VERSION": "1.2"},
                layer_options={"GEOMETRY_NAME": _GEOMETRY},
            )

    def _prepare(self) -> None:
        # A part file needs no way back: what is not finished is removed.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("BEGIN")
        self._triggers = self._without_triggers()
        ((self._srs,),) = self._database.execute("SELECT srs_id FROM gpkg_geometry_columns")

    def _without_triggers(self) -> list[str]:
        """Drop what fires at every row; answer how to make it again."""
        found = self._database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (self._out.stem,)
        ).fetchall()
        for name, _ in found:
            self._database.execute(f"DROP TRIGGER {_quoted(name)}")
        return [sql for _, sql in found]

    def _insert(self, rings: Rings, columns: Sequence[NDArray[Any]]) -> None:
        blobs, boxes = _blobs(rings, self._srs)
        number = np.arange(self._features + 1, self._features + 1 + len(blobs))
        names = ", ".join(_quoted(name) for name in ("fid", _GEOMETRY, *self._fields))
        values = [number.tolist(), blobs, *(column.tolist() for column in columns)]
        self._fill(f"{_quoted(self._out.stem)} ({names})", values)
        self._features += len(blobs)
        # Neighbours share a leaf: areas come row by row, so those of one batch are told by column.
        order = np.argsort(boxes[:, 0], kind="stable")
        self._extent[::2] = np.minimum(self._extent[::2], boxes[:, ::2].min(axis=0))
        self._extent[1::2] = np.maximum(self._extent[1::2], boxes[:, 1::2].max(axis=0))
        self._leaves.append(self._add_nodes(number[order], _outwards(boxes[order]), leaf=True))

    def _add_nodes(self, ids: I64, boxes: Boxes, *, leaf: bool) -> Boxes:
        """Write index nodes that hold these entries; answer the boxes of the nodes."""
        first, self._nodes = self._nodes, self._nodes + -(-len(ids) // _NODE_ENTRIES)
        number = np.arange(first, self._nodes)
        blobs, around = _nodes(ids, boxes)
        self._fill(self._index("node"), [number.tolist(), blobs])
        of_entry = np.repeat(number, _NODE_ENTRIES)[: len(ids)]
        order = np.argsort(ids)
        self._fill(
            self._index("rowid" if leaf else "parent"), [ids[order].tolist(), of_entry[order].tolist()]
        )
        return around

    def _finish(self) -> None:
        """The index above its leaves, the counts and the extent that GDAL keeps, the triggers."""
        layer = self._out.stem
        if self._leaves:
            boxes = np.concatenate(self._leaves)
            ids, depth = np.arange(_ROOT + 1, self._nodes), 1
            while len(ids) > _NODE_ENTRIES:
                first, depth = self._nodes, depth + 1
                boxes = self._add_nodes(ids, boxes, leaf=False)
                ids = np.arange(first, self._nodes)
            (root,), _ = _nodes(ids, boxes, depth)
            change = f"UPDATE {self._index('node')} SET data = ? WHERE nodeno = {_ROOT}"  # nosec B608
            self._database.execute(change, [root])
            self._fill(self._index("parent"), [ids.tolist(), [_ROOT] * len(ids)])
            self._database.execute(
                "UPDATE gpkg_contents SET min_x = ?, max_x = ?, min_y = ?, max_y = ? WHERE table_name = ?",
                (*self._extent.tolist(), layer),
            )
        self._database.execute(
            "UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (self._features, layer)
        )
        for trigger in self._triggers:
            self._database.execute(trigger)
        self._database.execute("COMMIT")

    def _fill(self, into: str, columns: Sequence[list[Any]]) -> None:
        """Insert rows, many with each statement: one at a time takes more than twice as long."""
        width, rows = len(columns), len(columns[0])
        values: list[Any] = [None] * (width * rows)
        for which, column in enumerate(columns):
            values[which::width] = column
        many = _VARIABLES // width
        whole = rows - rows % many
        row = f"({', '.join('?' * width)})"
        for first, last, count in ((0, whole, many), (whole, rows, 1)):
            self._database.executemany(
                f"INSERT INTO {into} VALUES {', '.join([row] * count)}",  # nosec B608
                (values[n * width : (n + count) * width] for n in range(first, last, count)),
            )

    def _index(self, part: str) -> str:
        return _quoted(f"rtree_{self._out.stem}_{_GEOMETRY}_{part}")

    def _discard(self) -> None:
        for leftover in (self._part, *_beside(self._part)):
            leftover.unlink(missing_ok=True)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DataError, OverflowError) as error:
            raise UnsupportedInput(
                f"The result {self._out.name} has a polygon that is too large for a GeoPackage.",
                "Give a smallest polygon (MIN_AREA): it fills the holes of large ones.",
                str(error),
            ) from error
        except _FAILURES as error:
            raise cannot_write(self._out, error) from error


def _blobs(rings: Rings, srs: int) -> tuple[list[memoryview], F64]:
    """Polygons as GeoPackage stores them, and the (polygons, 4) boxes around them.

    All are laid in one buffer of 4-byte words, heads and sizes first; the words left free are those
    of the points, in their order.
    """
    boxes = _boxes(rings)
    ring_words = 1 + 4 * rings.size
    head_words = (_PAD + _HEAD) // 4
    ring_from = np.cumsum(rings.count) - rings.count
    words = head_words + np.add.reduceat(ring_words, ring_from)
    start = np.cumsum(words) - words
    head_at = (start[:, None] + np.arange(head_words)).ravel()
    heads_before = np.repeat(1 + np.arange(len(rings.count)), rings.count)
    size_at = np.cumsum(ring_words) - ring_words + head_words * heads_before
    buffer = np.zeros(int(words.sum()), "<u4")
    free = np.ones(len(buffer), bool)
    free[head_at] = free[size_at] = False
    buffer[head_at] = _heads(rings, boxes, srs).view("<u4").ravel()
    buffer[size_at] = rings.size
    buffer[free] = np.ascontiguousarray(rings.points, "<f8").view("<u4").ravel()
    data = buffer.view(np.uint8).data
    begin, end = 4 * start + _PAD, 4 * (start + words)
    return [data[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)], boxes


def _heads(rings: Rings, boxes: F64, srs: int) -> NDArray[np.uint8]:
    heads = np.zeros((len(boxes), _PAD + _HEAD), np.uint8)
    # Version 0; little-endian numbers with a box of x and y.
    heads[:, _PAD : _PAD + 4] = (*b"GP", 0, 0b11)
    heads[:, _PAD + 4 : _PAD + 8] = np.frombuffer(np.array(srs, "<i4").tobytes(), np.uint8)
    heads[:, _PAD + 8 : _PAD + 40] = boxes.astype("<f8").view(np.uint8)
    heads[:, _PAD + 40] = 1
    heads[:, _PAD + 41] = 3
    heads[:, _PAD + 45 :] = rings.count.astype("<u4")[:, None].view(np.uint8)
    return heads


def _boxes(rings: Rings) -> F64:
    """Least and greatest x and y of each polygon, which are those of its outer ring."""
    point_from = np.cumsum(rings.size) - rings.size
    outer = point_from[np.cumsum(rings.count) - rings.count]
    low, high = np.minimum.reduceat(rings.points, outer), np.maximum.reduceat(rings.points, outer)
    return np.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]], axis=1)


def _outwards(boxes: F64) -> Boxes:
    """Boxes in the index's 32-bit floats, none smaller than it was."""
    rounded = boxes.astype(np.float32)
    less, more = np.nextafter(rounded, np.float32(-np.inf)), np.nextafter(rounded, np.float32(np.inf))
    rounded[:, ::2] = np.where(rounded[:, ::2] > boxes[:, ::2], less[:, ::2], rounded[:, ::2])
    rounded[:, 1::2] = np.where(rounded[:, 1::2] < boxes[:, 1::2], more[:, 1::2], rounded[:, 1::2])
    return rounded


def _nodes(ids: NDArray[Any], boxes: Boxes, depth: int = 0) -> tuple[list[bytes], Boxes]:
    """Entries packed into nodes of an SQLite R-tree, and the boxes of the nodes.

    A node is the tree's depth (in the root), the number of entries, and the entries.
    """
    start = np.arange(0, len(ids), _NODE_ENTRIES)
    entries = np.zeros(len(start) * _NODE_ENTRIES, _ENTRY)
    entries["id"][: len(ids)], entries["box"][: len(ids)] = ids, boxes
    count = np.diff(start, append=len(ids))
    heads = np.stack([np.full(len(start), depth), count], axis=1).astype(">u2")
    bodies = entries.reshape(-1, _NODE_ENTRIES)
    blobs = [head.tobytes() + body.tobytes() for head, body in zip(heads, bodies, strict=True)]
    low, high = np.minimum.reduceat(boxes, start), np.maximum.reduceat(boxes, start)
    return blobs, np.stack([low[:, 0], high[:, 1], low[:, 2], high[:, 3]], axis=1)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


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
