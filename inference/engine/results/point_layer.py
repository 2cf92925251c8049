"""Points with attributes as a GeoPackage of one layer, which appears complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from ..grid import F64
from ..polygons.geopackage import writing_settings
from .destinations import cannot_write, check_place


def write_point_layer(
    path: Path, points: F64, crs: str, columns: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]
) -> None:
    """Write points.

    Args:
        points: (points, 2) map coordinates.
        crs: of them, empty for none.
        columns: values of each field, one a point.
        metadata: texts kept in the file.

    Raises:
        InvalidRequest: if ``path`` is no place for a GeoPackage.
        UnsupportedInput: if the disk does not take it.
    """
    check_place(path, (".gpkg",))
    part = path.with_name(f".{path.stem}.part.gpkg")
    try:
        part.unlink(missing_ok=True)
        with writing_settings():
            pyogrio.raw.write(
                part,
                shapely.to_wkb(shapely.points(points)),
                list(columns.values()),
                list(columns),
                layer=path.stem,
                driver="GPKG",
                geometry_type="Point",
                crs=crs or None,
                dataset_options={"VERSION": "1.2"},
                layer_metadata=dict(metadata),
            )
        os.replace(part, path)
    except (DataSourceError, DataLayerError, OSError) as error:
        raise cannot_write(path, error) from error
    finally:
        part.unlink(missing_ok=True)
