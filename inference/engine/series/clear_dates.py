"""Series whose dates know where they show the ground: quality bands (SCL, Fmask, QA_PIXEL) of the day."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import numpy as np

from ...bands import CLASSES
from ..area import Area
from ..base import F32, Mask
from ..changes.quality import Coding, Sky, coding_named
from ..grid import Window
from ..rasters import Retouch, Stack


def told_once(stack: Stack) -> tuple[str, ...]:
    """A stack's warnings, those that many files share once."""
    names = sorted({layer.name for layer in stack.layers}, key=len, reverse=True)
    found: dict[str, list[str]] = {}
    for note in stack.warnings:
        name = next((one for one in names if one in note), "")
        found.setdefault(note.replace(name, "{}") if name else note, []).append(note)
    return tuple(
        notes[0] if len(notes) == 1 else f"{notes[0]} The same holds of {len(notes) - 1} other files."
        for notes in found.values()
    )


class ClearDates(Stack):
    """A stack in which what was seen on a day counts only where a quality band of that day says clear.

    Days without such a band stay as they are. Made by :meth:`of`.
    """

    _quality: dict[datetime.date, tuple[int, Coding]]

    @classmethod
    def of(cls, stack: Stack) -> Stack:
        """The stack with its quality bands heeded; the stack itself where it has none."""
        found: dict[datetime.date, tuple[int, Coding]] = {}
        for index, band in enumerate(stack.bands):
            if band.units != CLASSES or band.date is None or band.date in found:
                continue
            seen = stack.overview((index,))
            coding = coding_named(band.name, np.unique(seen.pixels[0][seen.valid]).astype(int).tolist())
            if coding is not None:
                found[band.date] = index, coding
        return cls._with(stack, found) if found else stack

    @classmethod
    def _with(cls, stack: Stack, quality: dict[datetime.date, tuple[int, Coding]]) -> ClearDates:
        made = cls(stack._sources, stack.grid, stack.area, stack._retouches)
        made._quality = quality
        names = sorted({coding.name for _, coding in quality.values()})
        made.warnings = (
            *stack.warnings,
            f"Cloud, shadow and snow of {len(quality)} dates are left out as {', '.join(names)} says.",
        )
        return made

    def limited(self, area: Area) -> Stack:
        """See :meth:`Stack.limited`."""
        return self._with(super().limited(area), self._quality)

    def retouched(self, retouch: Retouch) -> Stack:
        """See :meth:`Stack.retouched`."""
        return self._with(super().retouched(retouch), self._quality)

    def _gather(self, window: Window, bands: Sequence[int], values: F32, known: Mapping[int, Mask]) -> None:
        super()._gather(window, bands, values, known)
        for layer, mask in known.items():
            index, coding = self._quality.get(self.layers[layer].date or datetime.date.min, (-1, None))
            if coding is None:
                continue
            codes = np.zeros((1, *mask.shape), np.float32)
            told = np.zeros(mask.shape, bool)
            super()._gather(window, (index,), codes, {self.bands[index].layer: told})
            # Where the quality band itself is missing nobody knows.
            mask &= told & (coding.read(codes[0]) <= Sky.CLEAR)
