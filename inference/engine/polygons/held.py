"""What is kept of areas that are still open, until their last row was read.

Records lie in blocks sorted by area. Blocks of about one size are merged, so that a record is copied
a few times however many strips its area goes through, and an area that closes is found without a
look at the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .strips import I64, Flags

Columns = tuple[NDArray[Any], ...]
_ALIKE = 8


@dataclass
class _Block:
    """Records sorted by token; each token stands for an open area.

    Attributes:
        columns: the records.
        offset: (tokens + 1,) where each token's records start.
        area: (tokens,) number of the open area it belongs to now, -1 once that is closed.
    """

    columns: Columns
    offset: I64
    area: I64

    @property
    def records(self) -> int:
        """How many belong to areas that are still open."""
        return int(np.diff(self.offset)[self.area >= 0].sum())


@dataclass(frozen=True)
class Fate:
    """What becomes of the areas of a strip, of which those that were open before are parts too.

    Attributes:
        part_of_area: (areas open before,) the part that each is now.
        closes: (parts,) whether it has no pixel in the strip's last row.
        number: (parts,) number of the open area it is from now on, -1 for none.
        rank: (parts,) place among those that close, -1 for the others.
    """

    part_of_area: NDArray[np.int32]
    closes: Flags
    number: I64
    rank: I64


class Held:
    """Records of open areas. Areas are numbered anew with every strip."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []

    def through(self, fate: Fate, part: NDArray[Any], columns: Columns) -> tuple[I64, Columns]:
        """Take a strip's records, give out those of the areas that close.

        Args:
            fate: what becomes of the areas.
            part: (records,) the part that each belongs to.
            columns: (records,) arrays; the same ones, in kind, each time.

        Returns:
            the rank of the area of each record given out, and the records.
        """
        parts, found = self._take(fate)
        closes, stays = fate.closes[part], fate.number[part] >= 0
        self._keep(fate.number[part[stays]], tuple(column[stays] for column in columns))
        joined = tuple(
            np.concatenate([*(old[which] for old in found), column[closes]])
            for which, column in enumerate(columns)
        )
        return fate.rank[np.concatenate([*parts, part[closes]])], joined

    def _take(self, fate: Fate) -> tuple[list[I64], list[Columns]]:
        parts, found = [], []
        for block in self._blocks:
            open_ = block.area >= 0
            # Closed tokens say -1, which finds some part: it is not looked at.
            part = np.append(fate.part_of_area, 0)[block.area]
            done = np.flatnonzero(open_ & fate.closes[part])
            if len(done):
                count = np.diff(block.offset)[done]
                rows = _ranges(block.offset[done], count)
                found.append(tuple(column[rows] for column in block.columns))
                parts.append(np.repeat(part[done], count).astype(np.int64))
            block.area = np.where(open_, fate.number[part], -1)
        return parts, found

    def _keep(self, area: I64, columns: Columns) -> None:
        kept = [block for block in self._blocks if block.records]
        # What closed stays in its block until that is mostly gone.
        self._blocks = [_merged([b]) if 2 * b.records < b.offset[-1] else b for b in kept]
        if not len(area):
            return
        self._blocks.append(_sorted(area, columns))
        # Some of a size become one: a record is copied as often as that count has powers among strips.
        while len(last := self._blocks[-_ALIKE:]) == _ALIKE and last[0].records < _ALIKE * last[-1].records:
            self._blocks[-_ALIKE:] = [_merged(last)]


def _merged(blocks: list[_Block]) -> _Block:
    """The records of open areas of all blocks as one."""
    areas, columns = [], []
    for block in blocks:
        area = np.repeat(block.area, np.diff(block.offset))
        open_ = area >= 0
        areas.append(area[open_])
        columns.append([column[open_] for column in block.columns])
    joined = tuple(np.concatenate(same) for same in zip(*columns, strict=True))
    return _sorted(np.concatenate(areas), joined)


def _sorted(area: I64, columns: Columns) -> _Block:
    order = np.argsort(area, kind="stable")
    area = area[order]
    start = np.flatnonzero(np.diff(area, prepend=-1))
    return _Block(tuple(column[order] for column in columns), np.append(start, len(area)), area[start])


def _ranges(start: I64, count: I64) -> I64:
    """The numbers from each start on, ``count`` of them, one after the other."""
    before = np.cumsum(count) - count
    return np.repeat(start - before, count) + np.arange(count.sum())
