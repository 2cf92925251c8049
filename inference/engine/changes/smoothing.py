"""Making one date as smooth as bilinear resampling made the other.

A date that is moved by part of a pixel loses noise and detail, and every edge would be a change against
the date that kept them. Between pixels a bilinear kernel weighs two neighbours by 1 - f and f; what it
takes off slow variation is what the symmetric kernel of f (1 - f) / 2 to each side takes off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..base import F32, Mask
from ..grid import Window


@dataclass(frozen=True)
class Smoothing:
    """What :meth:`~..rasters.Stack.retouched` takes.

    Attributes:
        down, across: weight of each neighbour along columns and along rows.
        bands: indices of the bands that are numbers, not classes.
    """

    down: float
    across: float
    bands: tuple[int, ...]
    reach = 1

    @classmethod
    def like_moved(cls, rows: float, cols: float, bands: tuple[int, ...]) -> Smoothing:
        """As smooth as a date moved by so many rows and columns."""
        down, across = ((part % 1) * (1 - part % 1) / 2 for part in (rows, cols))
        return cls(down, across, bands)

    @property
    def key(self) -> str:
        return f"smoothed {self.down} {self.across} {self.bands}"

    def apply(self, window: Window, bands: Sequence[int], values: F32, valid: Mask) -> None:
        if valid.shape != (window.height, window.width):
            # A look over the scene has no neighbours, and asks for how values are spread, not for detail.
            return
        weights = _spread(valid.astype(np.float32), self.down, self.across)
        weights[weights == 0] = 1
        for slot, band in enumerate(bands):
            if band in self.bands:
                known = np.where(valid, values[slot], np.float32(0))
                values[slot] = _spread(known, self.down, self.across) / weights


def _spread(values: F32, down: float, across: float) -> F32:
    """(rows, cols) values, a part of each given to its neighbours; nothing comes from beyond the edge."""
    for axis, part in ((0, down), (1, across)):
        padded = np.pad(values, [(1, 1) if each == axis else (0, 0) for each in (0, 1)])
        count = values.shape[axis]
        before, after = (np.take(padded, range(start, start + count), axis) for start in (0, 2))
        values = np.float32(1 - 2 * part) * values + np.float32(part) * (before + after)
    return values
