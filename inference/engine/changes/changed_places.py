"""The mask and the polygons that follow from a magnitude of change and its threshold."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window as RasterioWindow

from ...jobs import ClassInfo
from ..area import Area
from ..base import F32, Mask
from ..flow import Steps
from ..grid import Grid, Window
from ..polygons import polygonize
from ..run import BLOCK, Run, provenance, shifted
from ..tasks.maps import passing

NODATA = -9999.0
_MASK_NODATA = 255
UNCHANGED = ClassInfo(0, "unchanged", "#e6e6e6")
CHANGED = ClassInfo(1, "changed", "#d7301f")


def write_places(
    run: Run, magnitude: str, area: Area, grid: Grid, threshold: float, origin: tuple[str, str]
) -> dict[str, Any]:
    """MASK and POLYGONS of a job from a finished magnitude; answers the changed area.

    Args:
        magnitude: the file, on ``grid``.
        area: what of it counts, in the coordinates of the grid that ``grid`` was cropped from.
        threshold: magnitudes from here on are change.
        origin: id of the method or model and digest of its weights.
    """
    job = run.job
    with ExitStack() as files:
        path = job.mask or passing(files, job.output)
        options: dict[str, Any] = {
            "bands": 1,
            "dtype": "uint8",
            "nodata": _MASK_NODATA,
            "descriptions": ("change",),
            "classes": (UNCHANGED, CHANGED),
        }
        changed = 0.0
        with rasterio.open(magnitude) as source, run.writer(path, grid, *origin, **options) as target:

            def read(block: Window) -> F32 | None:
                place = RasterioWindow(block.col, block.row, block.width, block.height)
                distance: F32 = source.read(1, window=place)
                return distance if (distance != NODATA).any() else None

            def measure(block: Window, found: Mask) -> None:
                nonlocal changed
                changed += float(found.sum(axis=1) @ grid.row_areas(block.row, block.height))

            def compute(block: Window, distance: F32) -> NDArray[np.uint8]:
                found = distance >= threshold
                measure(block, found)
                return np.where(distance == NODATA, _MASK_NODATA, found).astype(np.uint8)[None]

            def kept(block: Window) -> None:
                measure(block, target.read(block)[0] == CHANGED.value)

            todo = (shifted(block, area.window) for block in area.blocks(BLOCK))
            run.stream("mask", todo, Steps(read, compute, target.write, kept))
        if job.polygons:
            polygonize(
                Path(path),
                Path(job.polygons),
                grid,
                classes=(UNCHANGED, CHANGED),
                background=UNCHANGED.value,
                provenance=provenance(job, *origin),
                extra={"magnitude": Path(magnitude)},
                min_area=job.min_area,
                simplify=job.simplify,
                context=run.context,
            )
    return {"changed_m2": changed}
