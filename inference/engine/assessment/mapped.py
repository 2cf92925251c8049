"""The classes of a map, block by block, and how much ground each of them covers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import UnsupportedInput
from ..area import Area
from ..grid import Window
from ..rasters import Stack

Values = NDArray[np.int64]

# In place of a class where the map has none.
NO_CLASS = np.iinfo(np.int64).min
_MOST_CLASSES = 254


class MappedClasses:
    """Reads a map's first band as class values, and adds up what each class covers.

    Attributes:
        pixels: of each class so far, by value.
        areas: of each class so far in m² (map units without a CRS), by value.

    Args:
        stack: the map, opened with its numbers as stored.
        area: the part that counts.
        name: the map's, for sentences.
    """

    def __init__(self, stack: Stack, area: Area, name: str) -> None:
        self.pixels: dict[int, int] = {}
        self.areas: dict[int, float] = {}
        self._stack = stack
        self._area = area
        self._name = name

    def read(self, block: Window) -> Values | None:
        """(rows, cols) class values, ``NO_CLASS`` where there are none; None where there is none at all.

        Raises:
            UnsupportedInput: if the values are no whole numbers, or a part cannot be read.
        """
        numbers, valid = self._stack.read(block, [0])
        valid &= self._area.mask(block)
        if not valid.any():
            return None
        values = np.rint(numbers[0]).astype(np.int64)
        if (np.abs(numbers[0] - values) > 1e-6)[valid].any():
            raise UnsupportedInput(
                f"{self._name} holds measurements, not classes: some of its values are no whole numbers.",
                "Choose a map of classes.",
            )
        values[~valid] = NO_CLASS
        return values

    def add(self, block: Window, values: Values) -> NDArray[np.float64]:
        """Count a block; answers the area of a pixel of each of its rows in m².

        Raises:
            UnsupportedInput: if there are more classes than a map can have.
        """
        sizes = self._stack.grid.row_areas(block.row, block.height)
        for value in np.unique(values):
            if value == NO_CLASS:
                continue
            by_row = (values == value).sum(axis=1)
            key = int(value)
            self.pixels[key] = self.pixels.get(key, 0) + int(by_row.sum())
            self.areas[key] = self.areas.get(key, 0.0) + float(by_row @ sizes)
        if len(self.areas) > _MOST_CLASSES:
            raise UnsupportedInput(
                f"{self._name} has more than {_MOST_CLASSES} different values.", "Choose a map of classes."
            )
        return sizes

    def check(self) -> None:
        """See that something was there.

        Raises:
            UnsupportedInput: if no pixel had a class.
        """
        if not self.areas:
            raise UnsupportedInput(
                f"{self._name} has no class anywhere in the part that was asked for.",
                "Check its nodata value, the extent and the area.",
            )
