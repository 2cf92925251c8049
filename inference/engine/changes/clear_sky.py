"""Which pixels of two dates show the ground: neither cloud, nor its shadow, nor snow, nor fill.

What is known of the sky (:mod:`.sky_sources`) is made a raster of the run's own once, block by block, so that
a run that ended early goes on with it, and every later look at the pixels, thinned ones too, sees the same.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from ...errors import UnsupportedInput, present
from ...jobs import Task
from ..area import Area
from ..base import F32, Mask
from ..flow import Steps
from ..grid import Window, lattice
from ..rasters import Stack
from ..regions import within
from ..run import BLOCK, Run
from ..tiles import TileFile
from .quality import U8, Sky
from .sky_sources import Kept, Source, source_of

# Metres around clouds and shadows that are left out with them: their borders are thinner than what finds
# them can see. Not more than so many pixels, which only images much finer than those with clouds need.
BUFFER, _MOST_PIXELS = 60.0, 16
# Pixels around the job's area whose sky is looked at too, because features see beyond it.
_REACH = 64
_TOLD = {Sky.CLOUD: "cloud", Sky.SHADOW: "shadow", Sky.EDGE: "edge", Sky.SNOW: "snow", Sky.FILL: "fill"}
# From so many percent on a date is said to be hidden.
_MOSTLY = 50.0


@dataclass
class ClearSky:
    """Takes what hides the ground from a date's validity; a :class:`~..rasters.Retouch`.

    Attributes:
        key: of all that it depends on beside the date's own files.
        raster: :class:`~.quality.Sky` of each pixel, 0 where nobody looked.
        reach: see :class:`~..rasters.Retouch`.
    """

    key: str
    raster: TileFile
    reach: int = 0

    def apply(self, window: Window, bands: Sequence[int], values: F32, valid: Mask) -> None:
        """See :class:`~..rasters.Retouch`."""
        down = _thinned(window.row, window.height, valid.shape[0])
        across = _thinned(window.col, window.width, valid.shape[1])
        for tile in lattice(window, self.raster.form.tile):
            rows = np.flatnonzero((down >= tile.row) & (down < tile.bottom))
            cols = np.flatnonzero((across >= tile.col) & (across < tile.right))
            if rows.size and cols.size:
                first, last = (down[rows[0]], across[cols[0]]), (down[rows[-1]], across[cols[-1]])
                part = Window(
                    int(first[1]), int(first[0]), int(last[1] - first[1]) + 1, int(last[0] - first[0]) + 1
                )
                sky = self.raster.read(part)[0][np.ix_(down[rows] - part.row, across[cols] - part.col)]
                valid[np.ix_(rows, cols)] &= sky <= Sky.CLEAR


def clear_stacks(
    run: Run, before: Stack, after: Stack, mode: str
) -> tuple[Stack, Stack, dict[str, Any], list[str]]:
    """Two dates with what hides the ground taken from their validity.

    Args:
        before, after: on one grid.
        mode: one of :data:`~geofm.inference.change_options.CLOUDS`.

    Returns:
        both dates, what was found for the answer, and sentences for the user.

    Raises:
        UnsupportedInput: if a date shows no ground at all; with ``bands``, if it has no quality band; with
            ``model``, if it lacks a band of the model.
        ModelMissing: with ``model``, if its weights cannot be had.
    """
    if mode == "off":
        return before, after, {}, []
    area = run.area(before)
    notes: list[str] = []
    stacks = {"before": before, "after": after}
    sources = {date: source_of(run, one.limited(area), date, mode, notes) for date, one in stacks.items()}
    known = {date: source for date, source in sources.items() if source is not None}
    if not known:
        return before, after, {}, notes
    if run.job.model:
        # What computes, and in which numbers, is a part of the run's key.
        run.model(run.card(Task.CHANGE))
    run.work.watch({}, " ".join(f"{date} {_key(source)}" for date, source in known.items()))
    kept = Kept.of(run, before.grid)
    facts: dict[str, Any] = {}
    for date, source in known.items():
        sky, pixels = _made(run, stacks[date], area, date, source, kept)
        facts[date] = _facts(date, source, pixels, stacks[date], notes)
        stacks[date] = stacks[date].retouched(ClearSky(_key(source), sky))
    return stacks["before"], stacks["after"], {"clouds": facts}, notes


def _made(
    run: Run, stack: Stack, area: Area, date: str, source: Source, kept: Kept
) -> tuple[TileFile, NDArray[np.int64]]:
    """The sky of a date, and how many pixels of the area are under each :class:`~.quality.Sky`."""
    around = _around(area, stack)
    known = source.reader(run, stack, around, kept)
    sky, radius = kept.raster(), _buffer(stack)
    counts = np.zeros(len(Sky), np.int64)

    def read(block: Window) -> tuple[Window, U8]:
        wide = block.expand(math.ceil(radius)).intersect(stack.grid.window)
        wide = present(wide)  # blocks lie inside the grid
        return wide, known(wide)

    def compute(block: Window, found: tuple[Window, U8]) -> U8:
        wide, raw = found
        made = _with_edges(raw, radius)[within(block, wide)]
        count(block, made)
        return made

    def count(block: Window, made: U8) -> None:
        counts[:] += np.bincount(made[area.mask(block)], minlength=len(Sky))

    steps = Steps(
        read,
        compute,
        lambda block, made: kept.write(sky, block, made),
        lambda block: count(block, sky.read(block)[0]),
    )
    run.stream(f"sky {date}", around.blocks(BLOCK), steps)
    return sky, counts


def _with_edges(raw: U8, radius: float) -> U8:
    """The sky with the clear pixels near clouds and shadows called their edge."""
    hidden = (raw == Sky.CLOUD) | (raw == Sky.SHADOW)
    if not hidden.any():
        return raw
    near: Mask = distance_transform_edt(~hidden) <= radius
    return np.where(near & ((raw == Sky.CLEAR) | (raw == Sky.SNOW)), np.uint8(Sky.EDGE), raw)


def _around(area: Area, stack: Stack) -> Area:
    """An area with what features of its pixels may see beyond it."""
    if not area.is_window:
        return area
    wide = present(area.window.expand(_REACH).intersect(stack.grid.window))  # areas lie inside the grid
    return Area(wide)


def _buffer(stack: Stack) -> float:
    """Pixels around clouds and shadows that are left out too."""
    return min(BUFFER / stack.scene.gsd, _MOST_PIXELS)


def _key(source: Source) -> str:
    return hashlib.sha256(f"{source.key} {BUFFER} {_MOST_PIXELS}".encode()).hexdigest()


def _facts(
    date: str, source: Source, pixels: NDArray[np.int64], stack: Stack, notes: list[str]
) -> dict[str, Any]:
    """What was masked of a date.

    Raises:
        UnsupportedInput: if nothing is left of it.
    """
    shares = {name: round(100.0 * int(pixels[sky]) / int(pixels.sum()), 2) for sky, name in _TOLD.items()}
    hidden = 100.0 * float(pixels[Sky.SNOW :].sum()) / float(pixels.sum())
    if not pixels[: Sky.SNOW].any():
        raise UnsupportedInput(
            f"The date {date!r} shows no ground: all of it is cloud, shadow, snow or fill by {source.told}.",
            "Choose another image, or compare them as they are with CLOUDS=off.",
        )
    if hidden > _MOSTLY:
        notes.append(f"{hidden:.0f} % of the date {date!r} are left out as cloud, shadow, snow or fill.")
    return {
        "found_by": source.told,
        "buffer_m": round(_buffer(stack) * stack.scene.gsd, 1),
        "masked_percent": round(hidden, 2),
        "percent": {name: share for name, share in shares.items() if share},
    }


def _thinned(first: int, length: int, count: int) -> NDArray[np.int64]:
    """Rows or columns of ``count`` pixels taken evenly from ``length``, as GDAL and stacks thin them."""
    return ((np.arange(count) + 0.5) * length / count).astype(np.int64) + first
