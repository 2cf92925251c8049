"""Check points as a GeoPackage: what a checker fills in, and what an assessment needs to know of the draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...checking import MAPPED, NOTE, NUMBER, REFERENCE, SEEN_AT, STRATUM, STRATUM_AREA
from ...jobs import ClassInfo
from ..grid import F64, Grid
from ..results.point_layer import write_point_layer
from .design import Drawn


def write_points(
    path: Path,
    grid: Grid,
    drawn: Drawn,
    areas: Mapping[int, float],
    classes: Sequence[ClassInfo],
    blind: bool,
    metadata: Mapping[str, str],
) -> None:
    """Write the drawn pixels' centres; the file appears complete or not at all.

    Args:
        areas: of the strata in m², by class value.
        blind: leave out the field with the name of what the map shows.
        metadata: texts kept in the file.

    Raises:
        InvalidRequest: if ``path`` is no place for a GeoPackage.
        UnsupportedInput: if the disk does not take it.
    """
    names = {info.value: info.name for info in classes}
    count = len(drawn.stratum)
    empty = np.full(count, None, object)
    columns: dict[str, Any] = {
        NUMBER: np.arange(1, count + 1, dtype=np.int32),
        REFERENCE: empty,
        SEEN_AT: empty,
        NOTE: empty,
        STRATUM: drawn.stratum.astype(np.int32),
        STRATUM_AREA: np.array([areas[value] for value in drawn.stratum.tolist()]),
    }
    if not blind:
        columns[MAPPED] = np.array([names[value] for value in drawn.stratum.tolist()], object)
    write_point_layer(path, centres(grid, drawn), grid.crs, columns, metadata)


def centres(grid: Grid, drawn: Drawn) -> F64:
    """(points, 2) map coordinates of the middles of the drawn pixels."""
    places = zip(drawn.cols.tolist(), drawn.rows.tolist(), strict=True)
    result: F64 = np.array([grid.to_map(col + 0.5, row + 0.5) for col, row in places])
    return result
