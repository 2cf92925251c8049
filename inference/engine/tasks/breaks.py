"""breaks: when each pixel's series broke, by how much, and how sure that is.

The dates are written first; areas of one date follow from the finished raster, so that memory is set by
the block here too.
"""

from __future__ import annotations

import datetime
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window as RasterioWindow

from ...errors import UnsupportedInput
from ...jobs import ClassInfo, Job
from ...palette import colors_in_order
from ..area import Area
from ..base import F32, Mask
from ..flow import Steps
from ..grid import Grid, Window
from ..polygons import AreaFields, polygonize
from ..results.destinations import passing
from ..run import BLOCK, Outcome, Run, provenance, shifted
from ..series.breaks import BreakTest
from ..series.signals import Signal

_NODATA = -9999.0
_NO_BREAK, _UNTESTED = 0, 65535
_UNBROKEN = ClassInfo(_NO_BREAK, "no break", "#e6e6e6")
_FEWEST_DATES = 8
_EPOCH = datetime.date(1970, 1, 1)
# Numbers of a block, all dates of it: 64 MiB, of which up to three are under way at a time.
_MOST_NUMBERS = 1 << 24
# Pixels that are looked at at once.
_AT_ONCE = 1 << 14


def breaks(run: Run) -> Outcome:
    job = run.job
    with run.stack(job.inputs, dates=True) as stack:
        signal = Signal.of(stack, job.index)
        test = _test_of(signal, job)
        area = run.area(stack)
        grid = stack.grid.crop(area.window)
        days = np.array([(day - _EPOCH).days for day in signal.dates], np.float32)
        names = f"date of the break, days since {_EPOCH}", f"size of the break in {signal.name}"
        options: dict[str, Any] = {"bands": 3, "dtype": "float32", "nodata": _NODATA}
        options["descriptions"] = (*names, "confidence in percent")
        with run.writer(job.output, grid, "", "", **options) as target:

            def read(block: Window) -> tuple[F32, Mask] | None:
                values, seen = signal.read(stack, block)
                seen &= area.mask(block)
                return (values, seen) if seen.any() else None

            def compute(block: Window, found: tuple[F32, Mask]) -> F32:
                run.context.check()
                return _found(test, days, *found, job.significance)

            def write(block: Window, made: F32) -> None:
                target.write(shifted(block, area.window), made)

            side = _side(len(signal.dates))
            pixels = run.stream("breaks", area.blocks(side), Steps(read, compute, write))
        warnings = [*stack.warnings, *_doubts(signal)]
    facts = {
        "index": signal.name,
        "dates": [signal.dates[0].isoformat(), signal.dates[-1].isoformat()],
        "observations": len(signal.dates),
        "method": "sup-F of a step in level, trend and harmonics",
        "broken_m2": _write_areas(run, area, grid, signal, days),
    }
    return Outcome("", pixels, _classes(signal), warnings, facts)


def _test_of(signal: Signal, job: Job) -> BreakTest:
    """The test of a signal with the job's season.

    Raises:
        UnsupportedInput: if there are too few dates for it.
    """
    count = len(signal.dates)
    if count < _FEWEST_DATES:
        raise UnsupportedInput(
            f"Breaks take {_FEWEST_DATES} or more dates, and there are {count}.",
            "Two dates are compared by geofm:change.",
        )
    test = BreakTest(signal.dates, job.harmonics, job.seed)
    if count < test.least:
        raise UnsupportedInput(
            f"A season of {job.harmonics} harmonics takes {test.least} or more dates, and there are {count}.",
            "Give fewer HARMONICS.",
        )
    return test


def _found(test: BreakTest, days: F32, values: F32, seen: Mask, significance: float) -> F32:
    """(3, rows, cols): date and size where a break is significant, and how sure that is."""
    dates, rows, cols = values.shape
    made = np.full((3, rows * cols), _NODATA, np.float32)
    flat, known = values.reshape(dates, -1), seen.reshape(dates, -1)
    for start in range(0, rows * cols, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found = test.find(flat[:, part], known[:, part])
        tested = found.at >= 0
        broken = tested & (found.chance < significance)
        made[0, part][broken] = days[found.at[broken]]
        made[1, part][broken] = found.size[broken]
        made[2, part][tested] = 100 * (1 - found.chance[tested])
    return made.reshape(3, rows, cols)


def _side(dates: int) -> int:
    """Side of a block whose dates are no more numbers than are meant for it."""
    side = BLOCK
    while dates * side**2 > _MOST_NUMBERS and side > 64:
        side //= 2
    return side


def _doubts(signal: Signal) -> list[str]:
    """Whether the dates tell a season from a trend at all."""
    span = (signal.dates[-1] - signal.dates[0]).days
    if span >= 2 * 365:
        return []
    return [
        f"The dates cover {span} days: with less than two years a season is hard to tell from a break, "
        "and breaks are missed."
    ]


def _classes(signal: Signal) -> tuple[ClassInfo, ...]:
    """The dates at which a break can be, numbered from 1."""
    colors = colors_in_order(len(signal.dates))
    named = zip(signal.dates, colors, strict=True)
    return tuple(ClassInfo(number, day.isoformat(), color) for number, (day, color) in enumerate(named, 1))


def _write_areas(run: Run, area: Area, grid: Grid, signal: Signal, days: F32) -> float:
    """POLYGONS from the finished dates; answers the square metres with a break."""
    job = run.job
    with ExitStack() as files:
        numbers = passing(files, job.output)
        sizes = f"{numbers[: -len('.tif')]}-size.tif"
        files.callback(Path(sizes).unlink, missing_ok=True)
        files.callback(Path(f"{sizes}.aux.xml").unlink, missing_ok=True)
        ground = _number(run, area, grid, days, numbers, sizes)
        if job.polygons:
            polygonize(
                Path(numbers),
                Path(job.polygons),
                grid,
                classes=(_UNBROKEN, *_classes(signal)),
                background=_NO_BREAK,
                fields=AreaFields({"size": Path(sizes)}, dict(enumerate(signal.dates, 1))),
                provenance=provenance(job, "", ""),
                min_area=job.min_area,
                simplify=job.simplify,
                context=run.context,
            )
    return ground


def _number(run: Run, area: Area, grid: Grid, days: F32, numbers: str, sizes: str) -> float:
    """Make rasters for polygons of the finished dates; answers the square metres with a break.

    Args:
        days: of the signal's dates, since 1970.
        numbers: path of a raster of the dates' numbers, from 1.
        sizes: path of a raster of the breaks' sizes.
    """
    ground = 0.0
    options: dict[str, Any] = {"bands": 1, "dtype": "uint16", "nodata": _UNTESTED}
    with (
        rasterio.open(run.job.output) as source,
        run.writer(numbers, grid, "", "", **options) as target,
        run.writer(sizes, grid, "", "", **{**options, "dtype": "float32", "nodata": _NODATA}) as size,
    ):

        def read(block: Window) -> F32 | None:
            place = RasterioWindow(block.col, block.row, block.width, block.height)
            found: F32 = source.read(window=place)
            return found if (found[2] != _NODATA).any() else None

        def measure(block: Window, made: NDArray[np.uint16]) -> None:
            nonlocal ground
            broken = ((made != _NO_BREAK) & (made != _UNTESTED)).sum(axis=1)
            ground += float(broken @ grid.row_areas(block.row, block.height))

        def compute(block: Window, found: F32) -> tuple[NDArray[np.uint16], F32]:
            number = np.where(found[0] != _NODATA, np.searchsorted(days, found[0]) + 1, _NO_BREAK)
            made = np.where(found[2] != _NODATA, number, _UNTESTED).astype(np.uint16)
            measure(block, made)
            return made, found[1]

        def write(block: Window, made: tuple[NDArray[np.uint16], F32]) -> None:
            target.write(block, made[0][None])
            size.write(block, made[1][None])

        def kept(block: Window) -> None:
            measure(block, target.read(block)[0])

        todo = (shifted(block, area.window) for block in area.blocks(BLOCK))
        run.stream("areas", todo, Steps(read, compute, write, kept))
    return ground
