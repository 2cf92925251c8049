"""Layers that conditions look at, on the grid of the map, each with its own gaps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack

from ...jobs import RasterRef
from ...knowledge import SLOPE
from ..base import F32, Mask
from ..grid import Grid, Window
from ..legend import map_name
from ..rasters import Stack
from ..run import Run
from ..sources import open_source, used_bands
from .expressions import Values
from .slope import slope

Found = dict[str, tuple[F32, Mask]]


def bands_of(ref: RasterRef) -> int:
    """How many bands of a raster are used."""
    with open_source(ref) as dataset:
        return len(used_bands(dataset, ref))


class Helpers:
    """Reads the columns that conditions name of helper layers.

    Attributes:
        warnings: sentences about what was guessed of the layers.
    """

    def __init__(
        self, run: Run, refs: Mapping[str, RasterRef], wanted: Collection[str], grid: Grid, files: ExitStack
    ) -> None:
        """
        Args:
            refs: the layers by the names that conditions have for them.
            wanted: columns that are named: ``dem``, ``dem@2``, ``dem@slope``.
            grid: of the map.
            files: closes the layers.
        """
        # A pixel more on each side: the steepness of the border is that of the ground, too.
        self._grid = grid
        self._wide = grid.crop(grid.window.expand(1))
        self._plain: dict[str, tuple[Stack, int]] = {}
        self._steep: dict[str, Stack] = {}
        self.warnings: list[str] = []
        for name, ref in refs.items():
            numbers = {f"{name}@{band}": band - 1 for band in range(1, bands_of(ref) + 1)}
            numbers[name] = 0
            named = {column: band for column, band in numbers.items() if column in wanted}
            if named:
                stack = files.enter_context(run.stack([ref], onto=grid))
                self._plain.update({column: (stack, band) for column, band in named.items()})
                self._note(ref, stack)
            if f"{name}@{SLOPE}" in wanted:
                stack = files.enter_context(run.stack([ref], onto=self._wide))
                self._steep[f"{name}@{SLOPE}"] = stack
                self._note(ref, stack)

    def read(self, block: Window) -> Found:
        """(rows, cols) numbers of each column that is named, and where there are any."""
        found: Found = {}
        for column, (stack, band) in self._plain.items():
            numbers, valid = stack.read(block, [band])
            found[column] = numbers[0], valid
        for column, stack in self._steep.items():
            # Counted in the wider grid, the block begins a pixel later; with a pixel around it, it does not.
            around = Window(block.col, block.row, block.width + 2, block.height + 2)
            numbers, valid = stack.read(around, [0])
            found[column] = slope(numbers[0], valid, self._grid, block), valid[1:-1, 1:-1]
        return found

    def _note(self, ref: RasterRef, stack: Stack) -> None:
        self.warnings += [note for note in stack.warnings if note not in self.warnings]
        if stack.scene.lonlat is None and stack.grid.crs:
            self.warnings.append(f"{map_name(ref)} lies on no known place of the Earth.")


def values_of(found: Found) -> dict[str, Values]:
    """Columns as conditions take them; null where a layer has no data."""
    pairs = found.items()
    return {name: Values.number(numbers.astype("float64"), ~valid) for name, (numbers, valid) in pairs}
