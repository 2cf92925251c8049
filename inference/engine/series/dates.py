"""Which bands of a stack are dates of one another."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ...bands import CLASSES, Band

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Series:
    """How the bands of a stack are spread over dates.

    Attributes:
        bands: each band once, as on a single date; bands of classes are left out.
        members: for each of ``bands``, which of the stack's bands it is on its dates, the earliest first.
        dates: all days on which a band that has several was seen, in order.
    """

    bands: tuple[Band, ...]
    members: tuple[tuple[int, ...], ...]
    dates: tuple[datetime.date, ...]

    @property
    def serial(self) -> tuple[bool, ...]:
        """Which of ``bands`` have several dates; elevation, say, has none."""
        return tuple(len(found) > 1 for found in self.members)

    def on(self, bands: Sequence[Band], day: datetime.date) -> dict[int, tuple[int, ...]]:
        """What was seen on a day: indices into ``bands`` of the stack, by index into :attr:`bands`.

        Several, where scenes of one day lie side by side.
        """
        found = {
            place: tuple(index for index in members if bands[index].date == day)
            for place, members in enumerate(self.members)
            if len(members) > 1
        }
        return {place: indices for place, indices in found.items() if indices}


def series_of(bands: Sequence[Band]) -> Series | None:
    """The series that the bands of a stack are; None where no band was seen on two dates.

    A band without a date beside dated ones of its kind has no place in the series and is left out.
    """
    return _series(tuple(bands), tuple((band.layer, band.date) for band in bands))


@lru_cache(maxsize=32)
def _series(bands: tuple[Band, ...], seen: tuple[tuple[int, datetime.date | None], ...]) -> Series | None:
    # Bands are equal whatever their layer and date: these must be in the cache's key beside them.
    found: dict[Key, list[int]] = {}
    for index, band in enumerate(bands):
        if band.units != CLASSES:
            found.setdefault((band.name, band.common, band.modality, band.units), []).append(index)
    members = [_in_order(indices, [day for _, day in seen]) for indices in found.values()]
    if not any(len(one) > 1 for one in members):
        return None
    dates = sorted({day for one in members if len(one) > 1 for i in one if (day := seen[i][1]) is not None})
    single = tuple(replace(bands[one[0]], date=None) for one in members)
    return Series(single, tuple(members), tuple(dates))


def _in_order(indices: Sequence[int], days: Sequence[datetime.date | None]) -> tuple[int, ...]:
    """The dated ones in order of their dates if there are several dates, else the first of all."""
    dated = [(day, index) for index in indices if (day := days[index]) is not None]
    if len({day for day, _ in dated}) < 2:
        return (indices[0],)
    return tuple(index for _, index in sorted(dated))


def chosen(bands: Sequence[Band], select: Callable[[Sequence[Band]], Sequence[int]]) -> tuple[int, ...]:
    """Which bands to read for a model, on all dates if there are several.

    Args:
        bands: of a stack.
        select: which bands of a single date the model takes.
    """
    series = series_of(bands)
    if series is None:
        return tuple(select(bands))
    return tuple(sorted(index for place in select(series.bands) for index in series.members[place]))
