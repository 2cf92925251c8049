"""Labels and classes as the wire brings them, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from ...errors import InvalidRequest
from ...jobs import ClassInfo
from ..learning.training_set import TaughtLabel

_MOST_VALUE = 254
_LONGEST_ID = 200
_COLOR_LENGTH = 7
_ABOUT = ("crs", "source", "date", "author")


def understood(label: Any, values: set[int]) -> tuple[TaughtLabel, Any, str]:
    """A label of the wire: what it says of itself, its geometry, and the coordinate system of that.

    Args:
        label: ``{id, value, geometry}``, and what it may say beside.
        values: of the classes that there are.

    Raises:
        InvalidRequest: naming the label.
    """
    if not isinstance(label, Mapping) or not isinstance(label.get("id"), str) or not label["id"]:
        raise InvalidRequest("A label has no id.", "Give each label a text of its own.")
    name = label["id"]
    if len(name) > _LONGEST_ID:
        raise InvalidRequest(f"The id {name[:40]!r}... of a label is longer than {_LONGEST_ID} characters.")
    value = label.get("value")
    if isinstance(value, bool) or not isinstance(value, int) or value not in values:
        raise InvalidRequest(f"The class {value!r} of the label {name!r} is not in the list of classes.")
    crs, source, date, author = (label.get(entry, "") for entry in _ABOUT)
    for entry, text in zip(_ABOUT, (crs, source, date, author), strict=True):
        if not isinstance(text, str):
            raise InvalidRequest(f"The entry {entry} of the label {name!r} must be a text.")
    return TaughtLabel(name, value, source, date, author), _shape(name, label.get("geometry")), crs


def class_list(data: Any) -> tuple[ClassInfo, ...]:
    """The classes of the wire.

    Raises:
        InvalidRequest: naming what does not fit.
    """
    if not isinstance(data, list) or not all(isinstance(item, Mapping) for item in data):
        raise InvalidRequest("The entry classes must be a list of objects.")
    found = []
    for item in data:
        value, name, color = (item.get(key) for key in ("value", "name", "color"))
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_VALUE:
            raise InvalidRequest(f"The value {value!r} of a class is not a number from 1 to {_MOST_VALUE}.")
        if not isinstance(name, str) or not name:
            raise InvalidRequest(f"The class {value} has no name.")
        if not _is_color(color):
            raise InvalidRequest(f"The color {color!r} of the class {name} is not like #20a060.")
        found.append(ClassInfo(value, name, color))
    if len({info.value for info in found}) < len(found):
        raise InvalidRequest("Two classes have the same value.")
    return tuple(found)


def _is_color(text: Any) -> bool:
    if not isinstance(text, str) or len(text) != _COLOR_LENGTH or not text.startswith("#"):
        return False
    return all(letter in "0123456789abcdefABCDEF" for letter in text[1:])


def _shape(name: str, geometry: Any) -> Any:
    """A geometry of two dimensions from GeoJSON."""
    fault = ""
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
        points = shapely.get_coordinates(shape)
        if len(points) and np.isfinite(points).all():
            return shape
    # What GEOS cannot read, what is no text of JSON, and brackets that exhaust its parser.
    except (shapely.errors.GEOSException, ValueError, RecursionError) as error:
        fault = str(error)
    raise InvalidRequest(
        f"The geometry of the label {name!r} cannot be read.",
        "Give a point, a line or a polygon as GeoJSON.",
        fault,
    )
