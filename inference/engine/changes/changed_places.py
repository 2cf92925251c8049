"""What follows from a finished magnitude of change and its threshold: mask, polygons and table.

Everything is read from the magnitude's file, so that setting another threshold later gives the same bytes
as if it had been set at first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from ...errors import UnsupportedInput
from ...jobs import ClassInfo, RasterRef
from ...palette import class_colors
from ..base import F32, Mask
from ..flow import Steps
from ..grid import F64, Grid, Window, blocks
from ..polygons import AreaFields, Majority, polygonize
from ..results.destinations import passing
from ..run import BLOCK, Run
from ..sources import grid_of, is_number
from ..thresholds import SPREADS, Histogram, Threshold, chosen_threshold
from .summary import Areas, summarised, write_table
from .told import AFTER, BEFORE, CODES, KIND, TAG, Told

NODATA = -9999.0
_MASK_NODATA = 255
UNCHANGED = ClassInfo(0, "unchanged", "#e6e6e6")
CHANGED = ClassInfo(1, "changed", "#d7301f")
_MOST_KINDS = 254

I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Wanted:
    """What shall be made of a magnitude.

    Attributes:
        mask, polygons, table: paths; the mask's is needed for the others and is made to pass if it is empty.
        min_area, simplify: of the polygons.
        tags: what mask and polygons remember of their making.
        beside: path of a result; what is made to pass lies beside it.
    """

    mask: str
    polygons: str
    table: str
    min_area: float
    simplify: float
    tags: Mapping[str, str]
    beside: str


@dataclass(frozen=True)
class Magnitude:
    """A finished magnitude, open for reading.

    Attributes:
        grid: its own.
        told: what it says of its making.
        tags: all texts that it keeps.
    """

    path: Path
    dataset: DatasetReader
    grid: Grid
    told: Told
    tags: Mapping[str, str]

    @classmethod
    @contextmanager
    def open(cls, path: str) -> Iterator[Magnitude]:
        """Open one of ours, or any other raster of one float band.

        Raises:
            UnsupportedInput: if it is neither, or cannot be read.
        """
        with rasterio.open(path) as dataset:
            tags = dataset.tags()
            told = Told()
            if TAG in tags:
                told = Told.from_text(tags[TAG])
            elif dataset.count != 1 or np.dtype(dataset.dtypes[0]).kind != "f":
                raise UnsupportedInput(
                    f"{Path(path).name} is no magnitude of change: it has {dataset.count} bands of "
                    f"{dataset.dtypes[0]}.",
                    "Choose the raster OUTPUT of “Detect change”, or one of a single band of floats.",
                )
            yield cls(Path(path), dataset, grid_of(dataset, RasterRef(path)), told, tags)

    def read(self, block: Window) -> tuple[F32, Mask, I64] | None:
        """Magnitudes, where they are known, and by what their changes are told apart; None where nowhere.

        Returns:
            (rows, cols) each; the last holds the kind of change, or the classes before and after as
            ``before * 256 + after``, or 0.
        """
        place = RasterioWindow(block.col, block.row, block.width, block.height)
        found: F32 = self.dataset.read(window=place)
        nodata = self.dataset.nodatavals[0]
        known = is_number(found[0], [] if nodata is None else [nodata])
        if not known.any():
            return None
        codes = np.where(known, found[1:], 0).astype(np.int64)
        if self.told.plane(KIND) is not None:
            return found[0], known, codes[0]
        if self.told.plane(BEFORE) is not None:
            return found[0], known, codes[-2] * CODES + codes[-1]
        return found[0], known, np.zeros(known.shape, np.int64)


@dataclass(frozen=True)
class Division:
    """Which class of the mask a changed pixel gets.

    Attributes:
        classes: of the mask, unchanged ground first.
        lookup: by :meth:`Magnitude.read`'s last array, the class's value; 0 is no change after all.
    """

    classes: tuple[ClassInfo, ...]
    lookup: NDArray[np.uint8]

    @classmethod
    def of(cls, told: Told, changed: F64) -> Division:
        """
        Args:
            changed: square metres of magnitudes above the threshold, by what they are told apart by.

        Raises:
            UnsupportedInput: if a mask cannot hold so many kinds.
        """
        lookup = np.zeros(changed.size, np.uint8)
        kinds = told.plane(KIND)
        if kinds is not None:
            values = [info.value for info in kinds[1].classes]
            lookup[values] = values
            return cls((UNCHANGED, *kinds[1].classes), lookup)
        if told.method != "classes":
            lookup[:] = CHANGED.value
            return cls((UNCHANGED, CHANGED), lookup)
        names = {info.value: info.name for plane in told.planes for info in plane.classes}
        # A place is not said to have changed from what it is into the same.
        keys = [int(key) for key in np.flatnonzero(changed) if key // CODES != key % CODES]
        if len(keys) > _MOST_KINDS:
            raise UnsupportedInput(
                f"There are {len(keys)} kinds of change; a mask can hold {_MOST_KINDS}.",
                "Give a higher threshold, or a classifier with fewer classes.",
            )
        titles = [f"{names[key // CODES]} to {names[key % CODES]}" for key in keys]
        lookup[keys] = np.arange(1, len(keys) + 1)
        colors = class_colors(titles)
        made = (ClassInfo(v, t, c) for v, (t, c) in enumerate(zip(titles, colors, strict=True), 1))
        return cls((UNCHANGED, *made), lookup)


def threshold_of(run: Run, path: str, false_alarms: float) -> Threshold:
    """The threshold that a rate of false alarms sets on a finished magnitude: that of the run that made it.

    Args:
        false_alarms: percent of the unchanged ground, above 0.

    Raises:
        UnsupportedInput: if the file is no magnitude, or its method does not tell how unchanged magnitudes
            spread.
    """
    histogram = Histogram()
    with Magnitude.open(path) as source:
        kind = SPREADS.get(source.told.method)
        if kind is None:
            raise UnsupportedInput(
                f"{source.path.name} does not tell how many false alarms a threshold makes:"
                f" {_why(source.told)}.",
                "Give a threshold instead.",
            )
        for block in blocks(source.grid.window, BLOCK):
            run.context.check()
            found = source.read(block)
            if found is not None:
                histogram.add(found[0][found[1]])
    return chosen_threshold(histogram, false_alarms, kind)


def _why(told: Told) -> str:
    """Why magnitudes do not tell how many false alarms there are."""
    if not told.method:
        return "nothing is known of its making"
    return f"that is not in magnitudes of the method {told.method}"


def write_places(
    run: Run, path: str, threshold: Threshold, wanted: Wanted, origin: tuple[str, str]
) -> tuple[tuple[ClassInfo, ...], dict[str, Any]]:
    """Mask, polygons and table of a finished magnitude.

    Args:
        path: the magnitude's file.
        threshold: magnitudes from there on are change.
        origin: id of the method or model and digest of its weights.

    Returns:
        the mask's classes, and what was found for the answer.

    Raises:
        UnsupportedInput: if the file is no magnitude, or a mask cannot hold so many kinds of change.
    """
    with Magnitude.open(path) as source, ExitStack() as files:
        found = _added_up(run, source, threshold.value)
        division = Division.of(source.told, found.above)
        mask = wanted.mask or passing(files, wanted.beside)
        _write_mask(run, source, threshold.value, division, mask, wanted, origin)
        count = None
        if wanted.polygons:
            _write_polygons(run, source, division, mask, wanted)
            count = int(pyogrio.read_info(wanted.polygons)["features"])
        facts = summarised(source.told, threshold, division.classes, division.lookup, found, count)
        if wanted.table:
            write_table(Path(wanted.table), facts)
    return division.classes, facts


def _added_up(run: Run, source: Magnitude, threshold: float) -> Areas:
    """Ground by what it is told apart by, over all that was compared and above the threshold."""
    size = CODES if source.told.plane(KIND) else CODES**2 if source.told.plane(BEFORE) else 1
    every, above = np.zeros(size), np.zeros(size)
    total = float(source.grid.row_areas(0, source.grid.height).sum()) * source.grid.width
    for block in blocks(source.grid.window, BLOCK):
        run.context.check()
        found = source.read(block)
        if found is not None:
            values, known, keys = found
            rows = source.grid.row_areas(block.row, block.height)
            ground = np.broadcast_to(rows[:, None], known.shape)
            every += np.bincount(keys[known], ground[known], size)
            high = known & (values >= threshold)
            above += np.bincount(keys[high], ground[high], size)
    return Areas(total, every, above)


def _write_mask(
    run: Run,
    source: Magnitude,
    threshold: float,
    division: Division,
    path: str,
    wanted: Wanted,
    origin: tuple[str, str],
) -> None:
    options: dict[str, Any] = {
        "bands": 1,
        "dtype": "uint8",
        "nodata": _MASK_NODATA,
        "descriptions": ("change",),
        "classes": division.classes,
        "tags": wanted.tags,
    }
    with run.writer(path, source.grid, *origin, **options) as target:

        def compute(block: Window, found: tuple[F32, Mask, I64]) -> NDArray[np.uint8]:
            values, known, keys = found
            classes = np.where(values >= threshold, division.lookup[keys], np.uint8(UNCHANGED.value))
            return np.where(known, classes, np.uint8(_MASK_NODATA))[None]

        run.stream("mask", blocks(source.grid.window, BLOCK), Steps(source.read, compute, target.write))


def _write_polygons(run: Run, source: Magnitude, division: Division, mask: str, wanted: Wanted) -> None:
    majorities = {}
    for name, plane in (("from_class", BEFORE), ("to_class", AFTER)):
        band, classes = source.told.plane(plane) or (1, None)
        majorities[name] = Majority(source.path, band, classes.classes if classes else ())
    dates = dict(zip(("date_before", "date_after"), source.told.dates, strict=True))
    polygonize(
        Path(mask),
        Path(wanted.polygons),
        source.grid,
        classes=division.classes,
        background=UNCHANGED.value,
        provenance=wanted.tags,
        fields=AreaFields({"magnitude": source.path}, None, dates, majorities),
        min_area=wanted.min_area,
        simplify=wanted.simplify,
        context=run.context,
    )
