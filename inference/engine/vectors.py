"""Features of vector files: geometries, an attribute and their coordinate system."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from ..errors import InvalidRequest
from ..jobs import SampleRef


@dataclass(frozen=True)
class Features:
    """What a layer holds.

    Attributes:
        shapes: geometries, two-dimensional; None where a feature has none.
        values: of the field that was asked for, one a feature; None without a field.
        crs: of the layer as text, empty where it has none.
        notes: sentences about what was guessed.
    """

    shapes: NDArray[np.object_]
    values: NDArray[Any] | None
    crs: str
    notes: list[str]


def read_features(ref: SampleRef) -> Features:
    """Read the features of a layer that pass the reference's filter; there may be none.

    Raises:
        InvalidRequest: no such file, layer or field, or a filter that OGR does not understand.
    """
    name = Path(ref.path).name
    if not os.path.exists(ref.path) and not ref.path.startswith("/vsi"):
        raise InvalidRequest(f"The vector file {ref.path} does not exist.", "Check the path.")
    notes: list[str] = []
    try:
        layers = [str(layer) for layer in pyogrio.list_layers(ref.path)[:, 0]]
        layer = _chosen_layer(ref, layers, name, notes)
        fields = [str(field) for field in pyogrio.read_info(ref.path, layer=layer)["fields"]]
        if ref.field and ref.field not in fields:
            raise InvalidRequest(
                f"{name} has no field {ref.field!r}.", f"Its fields are: {', '.join(fields) or 'none'}."
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # measured and curved geometries are simplified
            meta, _, geometry, data = pyogrio.raw.read(
                ref.path,
                layer=layer,
                columns=[ref.field] if ref.field else [],
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
    return Features(shapes, data[0] if ref.field else None, meta["crs"] or "", notes)


def _chosen_layer(ref: SampleRef, layers: Sequence[str], name: str, notes: list[str]) -> str:
    if ref.layer:
        if ref.layer not in layers:
            raise InvalidRequest(f"{name} has no layer {ref.layer!r}.", f"It has: {', '.join(layers)}.")
        return ref.layer
    if not layers:
        raise InvalidRequest(f"{name} holds no layer.")
    if len(layers) > 1:
        notes.append(f"{name} holds {len(layers)} layers; the first, {layers[0]}, was used.")
    return layers[0]
