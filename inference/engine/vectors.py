"""Features of vector files: geometries, an attribute and their coordinate system."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from ..errors import InvalidRequest
from ..jobs import ClassInfo, SampleRef

# The tables of a file of labels, as algorithms/label_schema.py makes them.
_CLASSES = "classes"
_LABELS = ("label_points", "label_areas")
_HIGHEST_CLASS = 254
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class Features:
    """What a layer holds.

    Attributes:
        shapes: geometries, two-dimensional; None where a feature has none.
        values: of the field that was asked for, one a feature; None without a field.
        crs: of the layer as text, empty where it has none.
        notes: sentences about what was guessed.
        also: other fields that were asked for, as far as the layer has them.
    """

    shapes: NDArray[np.object_]
    values: NDArray[Any] | None
    crs: str
    notes: list[str]
    also: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def read_features(ref: SampleRef, also: Sequence[str] = ()) -> Features:
    """Read the features of a layer that pass the reference's filter; there may be none.

    Args:
        ref: the file, its layer, field and filter.
        also: names of further fields, read where there are such.

    Raises:
        InvalidRequest: no such file, layer or field, or a filter that OGR does not understand.
    """
    name = Path(ref.path).name
    if not os.path.exists(ref.path) and not ref.path.startswith("/vsi"):
        raise InvalidRequest(f"The vector file {ref.path} does not exist.", "Check the path.")
    notes: list[str] = []
    try:
        layers = _layers(ref.path)
        if not ref.layer and {_CLASSES, *_LABELS} <= set(layers):
            points, areas = (read_features(replace(ref, layer=layer), also) for layer in _LABELS)
            return _together(points, areas)
        layer = _chosen_layer(ref, layers, name, notes)
        fields = [str(field) for field in pyogrio.read_info(ref.path, layer=layer)["fields"]]
        if ref.field and ref.field not in fields:
            raise InvalidRequest(
                f"{name} has no field {ref.field!r}.", f"Its fields are: {', '.join(fields) or 'none'}."
            )
        columns = [name for name in dict.fromkeys((ref.field, *also)) if name in fields]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # measured and curved geometries are simplified
            meta, _, geometry, data = pyogrio.raw.read(
                ref.path,
                layer=layer,
                columns=columns,
                force_2d=True,
                where=ref.where or None,
            )
    except (DataSourceError, DataLayerError, ValueError) as error:
        if ref.where:
            raise InvalidRequest(
                f"{name} could not be read with the filter {ref.where!r}.",
                "Check the filter's field names and quotes.",
                str(error),
            ) from error
        raise InvalidRequest(f"{name} cannot be read as a vector layer.", "", str(error)) from error
    shapes = np.zeros(0, object) if geometry is None else shapely.from_wkb(geometry, on_invalid="ignore")
    read = dict(zip(map(str, meta["fields"]), data, strict=True))
    others = {name: read[name] for name in also if name in read}
    return Features(shapes, read[ref.field] if ref.field else None, meta["crs"] or "", notes, others)


def _together(points: Features, areas: Features) -> Features:
    """The two layers of a file of labels, which have the same fields and CRS."""
    shapes = np.concatenate([points.shapes, areas.shapes])
    values = None
    if points.values is not None and areas.values is not None:
        values = np.concatenate([points.values, areas.values])
    both = [name for name in points.also if name in areas.also]
    also = {name: np.concatenate([points.also[name], areas.also[name]]) for name in both}
    return Features(shapes, values, points.crs or areas.crs, [*points.notes, *areas.notes], also)


def read_classes(path: str) -> tuple[ClassInfo, ...]:
    """The list of classes (value, name, color) that a file of labels has beside them, empty without one."""
    try:
        if _CLASSES not in pyogrio.list_layers(path)[:, 0]:
            return ()
        meta, _, _, data = pyogrio.raw.read(path, layer=_CLASSES, read_geometry=False)
    except (DataSourceError, DataLayerError, ValueError):
        return ()  # whoever reads the labels says what is wrong with the file
    read = dict(zip(map(str, meta["fields"]), data, strict=True))
    if not {"value", "name", "color"} <= set(read):
        return ()
    rows = zip(read["value"].tolist(), read["name"].tolist(), read["color"].tolist(), strict=True)
    return tuple(ClassInfo(*row) for row in rows if _is_class(*row))


def _is_class(value: Any, name: Any, color: Any) -> bool:
    numbered = isinstance(value, int) and 0 <= value <= _HIGHEST_CLASS
    return numbered and isinstance(name, str) and bool(name) and bool(_COLOR.fullmatch(str(color)))


def _layers(path: str) -> list[str]:
    """The tables of a file; if any of them has geometries, only those that do, and the list of classes.

    QGIS keeps the looks of a layer in a table beside it.
    """
    tables = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    placed = [name for name, kind in tables if kind is not None or name == _CLASSES]
    return placed if any(kind is not None for _, kind in tables) else [name for name, _ in tables]


def _chosen_layer(ref: SampleRef, layers: Sequence[str], name: str, notes: list[str]) -> str:
    if ref.layer:
        if ref.layer not in layers:
            raise InvalidRequest(f"{name} has no layer {ref.layer!r}.", f"It has: {', '.join(layers)}.")
        return ref.layer
    if not layers:
        raise InvalidRequest(f"{name} holds no layer.")
    layers = [layer for layer in layers if layer != _CLASSES] or layers
    if len(layers) > 1:
        notes.append(f"{name} holds {len(layers)} layers; the first, {layers[0]}, was used.")
    return layers[0]
