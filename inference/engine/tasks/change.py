"""change: how far the features of two dates lie apart, and where that is a change.

What moves a whole scene, as light, haze and season do, does not count as change: see
:meth:`~..features.FeatureSpace.paired`. The magnitude is written first and its histogram kept; mask
and polygons follow from the finished magnitude, so that memory is set by the block here too.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window as RasterioWindow

from ...jobs import ClassInfo, Task
from ..area import Area
from ..base import F32, Mask
from ..features import FeatureSpace
from ..flow import Steps
from ..grid import Grid, Window
from ..polygons import polygonize
from ..rasters import Stack
from ..regions import Region
from ..run import BLOCK, Outcome, Run, provenance, shifted
from ..thresholds import Histogram, Threshold, automatic_threshold, magnitude
from .maps import passing
from .spaces import digest_of, learn_space

_NODATA = -9999.0
_MASK_NODATA = 255
UNCHANGED = ClassInfo(0, "unchanged", "#e6e6e6")
CHANGED = ClassInfo(1, "changed", "#d7301f")


def change(run: Run) -> Outcome:
    job = run.job
    with ExitStack() as stacks:
        before = stacks.enter_context(run.stack(job.inputs))
        after = stacks.enter_context(run.stack(job.after, onto=before.grid))
        area = run.area(before)
        grid = before.grid.crop(area.window)
        earlier, later = before.limited(area), after.limited(area)
        card, space = learn_space(run, Task.CHANGE, earlier)
        spaces = space.paired(earlier, later, run.context)
        origin = card.id, digest_of(card)
        histogram, pixels = _write_magnitude(run, (before, after), spaces, area, grid, origin)
        warnings = [*before.warnings, *after.warnings]
    chosen = automatic_threshold(histogram) if job.threshold is None else Threshold.given(job.threshold)
    facts: dict[str, Any] = {
        "threshold": chosen.value,
        "threshold_method": chosen.method,
        "threshold_reason": chosen.reason,
        **_write_mask(run, area, grid, chosen.value, origin),
    }
    return Outcome(card.id, pixels, (UNCHANGED, CHANGED), warnings, facts)


def _write_magnitude(
    run: Run,
    stacks: tuple[Stack, Stack],
    spaces: tuple[FeatureSpace, FeatureSpace],
    area: Area,
    grid: Grid,
    origin: tuple[str, str],
) -> tuple[Histogram, int]:
    histogram = Histogram()
    options: dict[str, Any] = {"bands": 1, "dtype": "float32", "nodata": _NODATA}
    options["descriptions"] = ("change magnitude",)
    with run.writer(run.job.output, grid, *origin, **options) as target:

        def read(block: Window) -> list[Region] | None:
            regions = [space.read(stack, block) for space, stack in zip(spaces, stacks, strict=True)]
            first, second = (region.inside(area, block) for region in regions)
            return regions if (first & second).any() else None

        def compute(block: Window, regions: list[Region]) -> F32:
            (first, seen_first), (second, seen_second) = (
                space.of(region, block, run.context) for space, region in zip(spaces, regions, strict=True)
            )
            valid = seen_first & seen_second & area.mask(block)
            distance = magnitude(first, second)
            histogram.add(distance[valid])
            return np.where(valid, distance, np.float32(_NODATA))[None]

        def write(block: Window, made: F32) -> None:
            target.write(shifted(block, area.window), made)

        def kept(block: Window) -> None:
            distance = target.read(shifted(block, area.window))
            histogram.add(distance[distance != _NODATA])

        pixels = run.stream("compare", area.blocks(BLOCK), Steps(read, compute, write, kept))
    return histogram, pixels


def _write_mask(
    run: Run, area: Area, grid: Grid, threshold: float, origin: tuple[str, str]
) -> dict[str, Any]:
    """MASK and POLYGONS from the finished magnitude; answers the changed area."""
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
        with rasterio.open(job.output) as source, run.writer(path, grid, *origin, **options) as target:

            def read(block: Window) -> F32 | None:
                place = RasterioWindow(block.col, block.row, block.width, block.height)
                distance: F32 = source.read(1, window=place)
                return distance if (distance != _NODATA).any() else None

            def measure(block: Window, found: Mask) -> None:
                nonlocal changed
                changed += float(found.sum(axis=1) @ grid.row_areas(block.row, block.height))

            def compute(block: Window, distance: F32) -> NDArray[np.uint8]:
                found = distance >= threshold
                measure(block, found)
                return np.where(distance == _NODATA, _MASK_NODATA, found).astype(np.uint8)[None]

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
                extra={"magnitude": Path(job.output)},
                min_area=job.min_area,
                simplify=job.simplify,
                context=run.context,
            )
    return {"changed_m2": changed}
