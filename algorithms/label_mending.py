"""Label files that other programs wrote into: whether they are whole, and how they become it again."""

from __future__ import annotations

import uuid

from osgeo import gdal, ogr

from ..inference.jobs import ClassInfo
from .label_schema import AREAS, CLASSES, POINTS, done
from .label_tables import CHECK, LEARN, read_classes, selected, with_class, write_classes


def is_sound(dataset: gdal.Dataset) -> bool:
    """Whether every label has a uuid of its own, and the value of the class that it names."""
    faults = [
        # In statements of this module: its own names of tables, no text of anybody else.
        f"SELECT COUNT(*) FROM {table} l LEFT JOIN {CLASSES} c ON c.name = l.class WHERE l.uuid IS NULL"
        f" OR l.uuid = '' OR l.value IS NOT c.value OR COALESCE(l.split, '') NOT IN ('{LEARN}', '{CHECK}')"  # nosec B608
        for table in (POINTS, AREAS)
    ]
    both = f"SELECT uuid FROM {POINTS} UNION ALL SELECT uuid FROM {AREAS}"  # nosec B608
    faults.append(f"SELECT COUNT(uuid) - COUNT(DISTINCT uuid) FROM ({both})")  # nosec B608
    return not any(number for query in faults for (number,) in selected(dataset, query))


def mend(dataset: gdal.Dataset) -> None:
    """Complete what other programs wrote, so that :func:`is_sound` holds for all that names a class."""
    classes, seen = list(read_classes(dataset)), set[str]()
    known = len(classes)
    for table in (POINTS, AREAS):
        layer = dataset.GetLayerByName(table)
        for row in [one for one in layer if _mended(one, classes, seen)]:
            done(layer.SetFeature(row))
    if len(classes) > known:
        write_classes(dataset, classes)


def _mended(row: ogr.Feature, classes: list[ClassInfo], seen: set[str]) -> bool:
    """Complete a row; whether it had to be.

    Args:
        classes: a class that only the row names is added to them.
        seen: uuids of the rows before: QGIS copies them when it splits a feature or pastes one.
    """
    columns = ("class", "value", "uuid", "split")
    before = name, value, own, split = tuple(row.GetField(column) for column in columns)
    info = next((one for one in classes if one.name == name), None)
    if info is None and name:
        info = with_class(classes, name)
    info = info or next((one for one in classes if one.value == value), None)
    own = own if own and own not in seen else str(uuid.uuid4())
    seen.add(own)
    stated = (info.name, info.value) if info else (name, value)
    after = (*stated, own, split if split in (LEARN, CHECK) else LEARN)
    for column, was, now in zip(columns, before, after):
        if was != now:
            row.SetField(column, now)
    return before != after
