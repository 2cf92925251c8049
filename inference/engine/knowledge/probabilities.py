"""Rasters with one band a class: the probabilities of a map, or a prior of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import UnsupportedInput
from ...jobs import ClassInfo, RasterRef
from ..base import F32, Mask
from ..grid import Window
from ..legend import map_name
from ..rasters import Stack
from ..sources import open_source, used_bands


class ClassBands:
    """Reads what a raster says of each class.

    Attributes:
        known: (classes,) whether a class has a band.
        warnings: sentences about what was guessed, and about classes without a band.
    """

    def __init__(self, ref: RasterRef, stack: Stack, classes: Sequence[ClassInfo]) -> None:
        """
        Args:
            ref: the raster, for its name and the descriptions of its bands.
            stack: the same, open, with its numbers as stored.
            classes: of the map.

        Raises:
            UnsupportedInput: if its bands are not those of the classes.
        """
        self._stack = stack
        self._name = map_name(ref)
        self._bands, self.warnings = self._matched(ref, classes)
        self.known = np.array([band is not None for band in self._bands], np.bool_)

    def read(self, block: Window) -> tuple[F32, Mask]:
        """Shares (classes, rows, cols) that sum to 1, 0 for a class without a band; where they are known."""
        wanted = [band for band in self._bands if band is not None]
        numbers, valid = self._stack.read(block, wanted)
        if valid.any() and float(numbers[:, valid].min()) < 0:
            raise UnsupportedInput(
                f"{self._name} holds numbers below 0, which are no probabilities.",
                "Give a raster with one band of probabilities for each class.",
            )
        total = numbers.sum(axis=0)
        valid &= total > 0
        shares = np.zeros((len(self._bands), *total.shape), np.float32)
        shares[self.known] = numbers / np.where(valid, total, np.float32(1))
        return shares, valid

    def _matched(
        self, ref: RasterRef, classes: Sequence[ClassInfo]
    ) -> tuple[list[int | None], list[str]]:
        """Which band is which class's: by name or value, or in their order where no band has a name."""
        with open_source(ref) as dataset:
            texts = [(dataset.descriptions[i - 1] or "").strip() for i in used_bands(dataset, ref)]
        if not any(texts):
            if len(texts) != len(classes):
                raise UnsupportedInput(
                    f"{self._name} has {len(texts)} bands without names, and the map {len(classes)} classes.",
                    "Name each band after its class, or give one band for each class in the order of values.",
                )
            note = f"The bands of {self._name} have no names; they were taken for the classes in their order."
            return list(range(len(texts))), [note]
        found = [_place(texts, info) for info in classes]
        if all(band is None for band in found):
            raise UnsupportedInput(
                f"No band of {self._name} is named after a class of the map.",
                f"The classes are: {', '.join(info.name for info in classes)}.",
            )
        absent = [info.name for info, band in zip(classes, found, strict=True) if band is None]
        notes = [f"{self._name} has no band for {', '.join(absent)}."] if absent else []
        return found, notes


def _place(texts: Sequence[str], info: ClassInfo) -> int | None:
    for wanted in (info.name.casefold(), str(info.value)):
        for place, text in enumerate(texts):
            if text.casefold() == wanted:
                return place
    return None
