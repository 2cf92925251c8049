"""The tables of a label file, as GDAL reads and writes them; :mod:`.label_layer` is the way in."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from osgeo import gdal, ogr
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsRectangle

from ..inference.errors import GeoFMError, InvalidRequest, UnsupportedInput
from ..inference.jobs import ClassInfo
from ..inference.palette import class_colors, distinct_colors
from .datasets import open_or_none
from .label_schema import AREAS, CLASSES, POINTS, STYLES, TEXTS, done
from .label_styles import style_documents
from .text import tr

_Item = TypeVar("_Item")
# Told now and then how many are done while many are read or written; what it raises ends the work.
Watch = Callable[[int], object]

LEARN, CHECK = "learn", "check"
MOST_CLASSES = 254

# Who waits longer than this for another program's lock holds up the map.
_PATIENCE_MS = "1000"
# Of a statement, far below SQLite's limit.
_MOST_IDS = 500
# Labels between two words to who watches: some milliseconds.
_BETWEEN = 200
# How long to wait for a lock is an option of GDAL as a whole, and heard only while a file is opened.
_opening = threading.Lock()


@dataclass(frozen=True)
class Drawn:
    """One label as the file holds it.

    Attributes:
        value: its class.
        wkb: the place in the file's CRS, a point or a multipolygon.
        date: ISO date of the image that it was seen on, empty if unknown.
        source: name of that image.
        author: who says so.
        split: ``learn``, or ``check`` for a place that is kept from learning.
        made: when, ISO time in UTC.
        uuid: what tells it from every other label.
    """

    value: int
    wkb: bytes
    date: str = ""
    source: str = ""
    author: str = ""
    split: str = LEARN
    made: str = ""
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def geometry(self) -> QgsGeometry:
        """The place as QGIS works with it."""
        made = QgsGeometry()
        made.fromWkb(self.wkb)
        return made

    @property
    def is_point(self) -> bool:
        """Whether it was clicked and not drawn around."""
        # Well-known binary: a byte for the order of the bytes, then the type, 1 for a point.
        return 1 in (self.wkb[1], self.wkb[4])


@contextmanager
def opened(path: str, to_write: bool = False) -> Iterator[gdal.Dataset]:
    """The file for as long as the block lasts; GDAL's own complaints become one sentence.

    Raises:
        UnsupportedInput: if it cannot be opened, or something in the block fails.
    """
    name = Path(path).name
    mode = gdal.OF_VECTOR | (gdal.OF_UPDATE if to_write else gdal.OF_READONLY)
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        dataset = _open(path, mode)
        if dataset is None:
            raise RuntimeError(gdal.GetLastErrorMsg())
        yield dataset
    except RuntimeError as error:
        raise _trouble(path, name, to_write, str(error)) from error
    finally:
        dataset = None
        gdal.PopErrorHandler()


def _open(path: str, mode: int) -> gdal.Dataset | None:
    with _opening:
        patience = gdal.GetConfigOption("SQLITE_BUSY_TIMEOUT")
        gdal.SetConfigOption("SQLITE_BUSY_TIMEOUT", _PATIENCE_MS)
        try:
            # SQLite would make an empty file.
            if not Path(path).is_file():
                return None
            if Path(f"{path}-journal").is_file() and open_or_none(path, mode, ["GPKG"]) is None:
                # A program that was killed while it wrote left it; who only reads cannot take it back.
                open_or_none(path, gdal.OF_VECTOR | gdal.OF_UPDATE, ["GPKG"])
            return gdal.OpenEx(path, mode, ["GPKG"])
        finally:
            gdal.SetConfigOption("SQLITE_BUSY_TIMEOUT", patience)


@contextmanager
def transaction(path: str) -> Iterator[gdal.Dataset]:
    """The file to be changed: all that the block does is kept, or nothing if it raises.

    Raises:
        UnsupportedInput: if it cannot be written.
    """
    with opened(path, True) as dataset:
        # Else SQLite locks readers out from when its cache is full, not only for the moment of the commit.
        dataset.ExecuteSQL("PRAGMA cache_spill = OFF")
        done(dataset.StartTransaction())
        try:
            yield dataset
            for table in (POINTS, AREAS):
                done(dataset.GetLayerByName(table).SyncToDisk())
            done(dataset.CommitTransaction())
        except BaseException:
            dataset.RollbackTransaction()
            raise


def _trouble(path: str, name: str, to_write: bool, detail: str) -> GeoFMError:
    """What went wrong with a label file, in one sentence."""
    said = detail.lower()
    if not Path(path).is_file():
        return UnsupportedInput(
            tr("The label file {} is gone.").format(path), tr("Choose another one."), detail
        )
    if "full" in said or "disk i/o" in said:
        return UnsupportedInput(
            tr("There is no room on the disk for labels in {}.").format(name),
            tr("Nothing of the file was changed. Make room, or choose a file elsewhere."),
            detail,
        )
    if "locked" in said or "busy" in said:
        return UnsupportedInput(
            tr("Another program is writing to {}.").format(name),
            tr("Try again when it has ended."),
            detail,
        )
    if not to_write:
        return UnsupportedInput(tr("The labels in {} cannot be read.").format(name), "", detail)
    return UnsupportedInput(
        tr("The labels in {} cannot be changed.").format(name),
        tr("The file or its folder may be read-only: choose a file elsewhere."),
        detail,
    )


def crs_of(dataset: gdal.Dataset) -> QgsCoordinateReferenceSystem:
    """The CRS of the labels; invalid where they have none."""
    reference = dataset.GetLayerByName(POINTS).GetSpatialRef()
    if reference is None or reference.GetName().lower().startswith("undefined"):
        return QgsCoordinateReferenceSystem()
    code = reference.GetAuthorityCode(None)
    if code and reference.GetAuthorityName(None):
        return QgsCoordinateReferenceSystem(f"{reference.GetAuthorityName(None)}:{code}")
    return QgsCoordinateReferenceSystem.fromWkt(reference.ExportToWkt(["FORMAT=WKT2"]))


def read_classes(dataset: gdal.Dataset) -> tuple[ClassInfo, ...]:
    """The classes in their order."""
    layer = dataset.GetLayerByName(CLASSES)
    return tuple(
        ClassInfo(one.GetField("value"), one.GetField("name") or "", one.GetField("color") or "#808080")
        for one in layer
    )


def write_classes(dataset: gdal.Dataset, classes: Sequence[ClassInfo]) -> None:
    """Replace the classes, and with them the names in labels and the layers' default styles."""
    before = {info.value: info.name for info in read_classes(dataset)}
    layer = dataset.GetLayerByName(CLASSES)
    for row in [one.GetFID() for one in layer]:
        done(layer.DeleteFeature(row))
    for number, info in enumerate(classes, 1):
        row = ogr.Feature(layer.GetLayerDefn())
        row.SetFID(number)
        row.SetField("value", info.value)
        row.SetField("name", info.name)
        row.SetField("color", info.color)
        done(layer.CreateFeature(row))
    for info in classes:
        if before.get(info.value, info.name) != info.name:
            for table in (POINTS, AREAS):
                _rename(dataset.GetLayerByName(table), before[info.value], info)
    _write_styles(dataset, classes)


def _rename(layer: ogr.Layer, before: str, info: ClassInfo) -> None:
    layer.SetAttributeFilter(f"value = {info.value} AND class = {_quoted(before)}")
    renamed = list(layer)
    layer.SetAttributeFilter(None)
    for one in renamed:
        one.SetField("class", info.name)
        done(layer.SetFeature(one))


def _write_styles(dataset: gdal.Dataset, classes: Sequence[ClassInfo]) -> None:
    layer = dataset.GetLayerByName(STYLES)
    documents = style_documents(classes)
    for row in [one.GetFID() for one in layer if one.GetField("f_table_name") in documents]:
        done(layer.DeleteFeature(row))
    for table, document in documents.items():
        row = ogr.Feature(layer.GetLayerDefn())
        for name, value in (
            ("f_table_catalog", ""),
            ("f_table_schema", ""),
            ("f_table_name", table),
            ("f_geometry_column", "geom"),
            ("styleName", "classes"),
            ("styleQML", document),
            ("styleSLD", ""),
            ("useAsDefault", 1),
        ):
            row.SetField(name, value)
        done(layer.CreateFeature(row))


def features(
    dataset: gdal.Dataset, table: str, within: QgsRectangle | None = None
) -> Iterator[ogr.Feature]:
    """The rows of a table in the order of their making, those that touch a box only."""
    layer = dataset.GetLayerByName(table)
    if within is not None:
        box = (within.xMinimum(), within.yMinimum(), within.xMaximum(), within.yMaximum())
        layer.SetSpatialFilterRect(*box)
    yield from layer


def nobody(_count: int) -> None:
    """Watches nothing."""


def watched(items: Iterable[_Item], watch: Watch) -> Iterator[_Item]:
    """The items, while somebody is told how many there were."""
    for number, item in enumerate(items):
        if number % _BETWEEN == 0:
            watch(number)
        yield item


def delete(dataset: gdal.Dataset, uuids: Iterable[str], watch: Watch = nobody) -> None:
    """Take labels out; those that are not there are no error."""
    wanted = list(uuids)
    for table in (POINTS, AREAS):
        layer = dataset.GetLayerByName(table)
        rows = []
        for start in range(0, len(wanted), _MOST_IDS):
            listed = ", ".join(map(_quoted, wanted[start : start + _MOST_IDS]))
            layer.SetAttributeFilter(f"uuid IN ({listed})")
            rows += [one.GetFID() for one in layer]
        layer.SetAttributeFilter(None)
        for row in watched(rows, watch):
            done(layer.DeleteFeature(row))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def insert(
    dataset: gdal.Dataset, labels: Iterable[Drawn], names: Mapping[int, str], watch: Watch = nobody
) -> None:
    """Add labels. ``names``: those of the classes by value."""
    tables = {is_point: dataset.GetLayerByName(POINTS if is_point else AREAS) for is_point in (True, False)}
    rows = {is_point: layer.GetLayerDefn() for is_point, layer in tables.items()}
    # GDAL finds a column by its name no quicker than it writes a row.
    columns = {
        is_point: [(name, row.GetFieldIndex(name)) for name in ("class", "value", "date", "made", *TEXTS)]
        for is_point, row in rows.items()
    }
    for label in watched(labels, watch):
        is_point = label.is_point
        row = ogr.Feature(rows[is_point])
        for name, index in columns[is_point]:
            said = names[label.value] if name == "class" else getattr(label, name)
            if said:
                row.SetField(index, said)
        row.SetGeometryDirectly(ogr.CreateGeometryFromWkb(label.wkb))
        done(tables[is_point].CreateFeature(row))


def drawn(row: ogr.Feature, named: Mapping[str, int]) -> Drawn | None:
    """A row as a label; None where it has no place or no class. ``named``: values of classes by name."""
    shape = row.GetGeometryRef()
    value = named.get(row.GetField("class") or "", 0)
    if not value or shape is None or shape.IsEmpty():
        return None
    texts = {name: row.GetField(name) or "" for name in TEXTS}
    return Drawn(value, bytes(shape.ExportToWkb()), _day(row), made=_time(row), **texts)


def _day(row: ogr.Feature) -> str:
    parts = row.GetFieldAsDateTime("date")
    return "{:04d}-{:02d}-{:02d}".format(*parts[:3]) if row.IsFieldSetAndNotNull("date") else ""


def _time(row: ogr.Feature) -> str:
    if not row.IsFieldSetAndNotNull("made"):
        return ""
    parts = [int(part) for part in row.GetFieldAsDateTime("made")[:6]]
    return "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*parts)


def counts(dataset: gdal.Dataset) -> dict[int, int]:
    """How many labels each class has, by value."""
    found = {info.value: 0 for info in read_classes(dataset)}
    for table in (POINTS, AREAS):
        query = f"SELECT value, COUNT(*) FROM {table} GROUP BY value"  # nosec B608
        for value, number in selected(dataset, query):
            if value in found:
                found[value] += number
    return found


def selected(dataset: gdal.Dataset, query: str) -> list[tuple[int, ...]]:
    """The rows of an answer of whole numbers."""
    answer = dataset.ExecuteSQL(query)
    if answer is None:
        raise RuntimeError(gdal.GetLastErrorMsg())
    rows = [tuple(row.GetField(i) or 0 for i in range(row.GetFieldCount())) for row in answer]
    dataset.ReleaseResultSet(answer)
    return rows


def with_class(classes: list[ClassInfo], name: str, value: int = 0, color: str = "") -> ClassInfo:
    """Add a class of that name to the list.

    Args:
        value, color: what it shall have if they are free; else the lowest value and another colour.

    Raises:
        InvalidRequest: if there are as many classes as a map can hold.
    """
    values, colors = {info.value for info in classes}, {info.color for info in classes}
    free = [number for number in range(1, MOST_CLASSES + 1) if number not in values]
    if not free:
        raise too_many_classes()
    usual = class_colors([*(info.name for info in classes), name])[-1]
    wanted = [color, usual] if color else [usual]
    spare = (one for one in (*wanted, *distinct_colors(len(colors) + 1)) if one not in colors)
    made = ClassInfo(value if value in free else free[0], name, next(spare))
    classes.append(made)
    return made


def too_many_classes() -> InvalidRequest:
    """There are more classes than a map can hold, in one sentence."""
    return InvalidRequest(tr("A map holds no more than {} classes.").format(MOST_CLASSES))
