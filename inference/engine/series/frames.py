"""The dates of a series as the time steps of a model: calendar months, or as many dates as it takes."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..base import F32, Mask, WindowBatch
from .composite import medians
from .dates import Series


@dataclass(frozen=True)
class Frame:
    """One time step.

    Attributes:
        day: that stands for it.
        dates: of the series that fall into it; none where a month was not seen.
    """

    day: datetime.date
    dates: tuple[datetime.date, ...]


def by_month(dates: Sequence[datetime.date], most: int) -> tuple[Frame, ...]:
    """Consecutive calendar months from the first date to the last, those without a date among them.

    Of more than ``most`` months the run with the most dates is taken; of equal ones the latest.
    """
    numbers = [12 * day.year + day.month - 1 for day in dates]
    first, last = min(numbers), max(numbers)
    starts = range(first, max(first, last - most + 1) + 1)
    start = max(starts, key=lambda s: (sum(s <= n < s + most for n in numbers), s))
    frames = []
    for number in range(start, min(last, start + most - 1) + 1):
        found = tuple(day for day, n in zip(dates, numbers, strict=True) if n == number)
        frames.append(Frame(datetime.date(number // 12, number % 12 + 1, 15), found))
    return tuple(frames)


def by_date(dates: Sequence[datetime.date], most: int) -> tuple[Frame, ...]:
    """Each date by itself; more than ``most`` are put together by equal parts of the time that they cover.

    So the whole season stays covered, and a cloud in one date of a part is outvoted by its others.
    """
    if len(dates) <= most:
        return tuple(Frame(day, (day,)) for day in dates)
    first, span = dates[0].toordinal(), dates[-1].toordinal() - dates[0].toordinal() + 1
    parts: dict[int, list[datetime.date]] = {}
    for day in dates:
        parts.setdefault((day.toordinal() - first) * most // span, []).append(day)
    return tuple(Frame(found[len(found) // 2], tuple(found)) for _, found in sorted(parts.items()))


def framed(batch: WindowBatch, series: Series, frames: Sequence[Frame]) -> tuple[F32, Mask]:
    """Medians of what was seen in each time step.

    Args:
        batch: windows with the bands of all dates.
        series: of ``batch.bands``.

    Returns:
        (frames, batch, bands of the series, rows, cols) values, 0 where not seen, and where they were. A band
        of a single date, as elevation is, is there in every step.
    """
    windows, _, rows, cols = batch.pixels.shape
    shape = len(frames), windows, len(series.bands), rows, cols
    values, seen = np.zeros(shape, np.float32), np.zeros(shape, bool)
    known = batch.valid[:, None] if batch.seen is None else batch.seen
    known = np.broadcast_to(known, batch.pixels.shape)
    for place, members in enumerate(series.members):
        for number, frame in enumerate(frames):
            serial = len(members) > 1
            own = [i for i in members if not serial or batch.bands[i].date in frame.dates]
            if own:
                pixels, mask = np.moveaxis(batch.pixels[:, own], 1, 0), np.moveaxis(known[:, own], 1, 0)
                values[number, :, place] = medians(pixels, mask)
                seen[number, :, place] = mask.any(axis=0)
    return values, seen
