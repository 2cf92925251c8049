"""The map of what is on the screen: predicted from the features that are held, and written at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import torch
from affine import Affine
from numpy.typing import NDArray

from ..base import F32
from ..grid import Grid, Window
from ..heads.quick import one_thread
from ..outputs import refused_by_disk
from .encoded import BLOCK, Block

U8 = NDArray[np.uint8]

# Pixels that a thread takes at once, those of a whole block: a few MB of features in single precision.
_PIECE = BLOCK**2
# A map may have so many times the screen's pixels before it is thinned further.
_SPARE = 1.5


@dataclass(frozen=True)
class View:
    """What a map of a part of the grid shows: every ``step``-th row and column from the grid's origin.

    Attributes:
        cells: the part, counted in steps.
    """

    step: int
    cells: Window

    @classmethod
    def of(cls, window: Window, step: int) -> View:
        """The cells of ``step`` pixels that touch a window."""
        col, row = window.col // step, window.row // step
        return cls(step, Window(col, row, -(-window.right // step) - col, -(-window.bottom // step) - row))

    @property
    def window(self) -> Window:
        """The pixels of the cells; the last may reach beyond the grid."""
        cells, step = self.cells, self.step
        return Window(cells.col * step, cells.row * step, cells.width * step, cells.height * step)

    def grid(self, whole: Grid) -> Grid:
        """Of the map, in a grid."""
        return whole.crop(self.window).scaled(self.step)

    def inside(self, block: Window) -> Window | None:
        """The cells whose pixel lies in a block."""
        col, row = -(-block.col // self.step), -(-block.row // self.step)
        right, bottom = -(-block.right // self.step), -(-block.bottom // self.step)
        return Window(col, row, right - col, bottom - row).intersect(self.cells)


def screen_step(window: Window, width: int, height: int) -> int:
    """The smallest power of two at which a window has about as many pixels as a screen, or fewer."""
    step = 1
    while window.width * window.height > _SPARE * width * height * step**2:
        step *= 2
    return step


def memory_step(window: Window, pixels: int) -> int:
    """The smallest power of two, at most a block, at which a window has no more than so many pixels."""
    step = 1
    while step < BLOCK and window.width * window.height > pixels * step**2:
        step *= 2
    return step


def each_piece(
    view: View, blocks: Sequence[Block], dim: int, work: Callable[[NDArray[np.int64], F32], None]
) -> None:
    """Ask for work on the cells of a view that blocks hold, some thousand at a time and on all threads.

    The threads of PyTorch and of linear algebra are put to rest meanwhile: they would wait for one another,
    and wait by spinning. On a busy machine of two cores that took six times as long.

    Args:
        blocks: of one grid; each step divides the view's.
        dim: features a pixel.
        work: takes flat indices of cells in the view (cells,), its size for those without data, and their
            features, (cells, dim) float32; called on several threads.
    """
    places = np.arange(view.cells.width * view.cells.height).reshape(view.cells.height, -1)

    def answer(part: list[tuple[Block, Window]]) -> None:
        size = sum(cells.width * cells.height for _, cells in part)
        room = torch.empty((dim, size), dtype=torch.float32)
        found: list[NDArray[np.int64]] = []
        count = 0
        for block, cells in part:
            assert block.features is not None
            assert block.valid is not None
            rows, cols = _within(cells, block, view.step)
            at = places[_shifted(cells, view.cells)]
            target = room[:, count : count + at.size].view(dim, *at.shape)
            target.copy_(torch.from_numpy(block.features[:, rows, cols]))
            found.append(np.where(block.valid[rows, cols], at, places.size).ravel())
            count += at.size
        work(np.concatenate(found), room.numpy().T)

    threads = torch.get_num_threads()
    with one_thread(), _torch_at_rest(threads), ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(answer, _parts(view, blocks)):
            pass


@contextmanager
def _torch_at_rest(threads: int) -> Iterator[None]:
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _parts(view: View, blocks: Sequence[Block]) -> list[list[tuple[Block, Window]]]:
    """Blocks that hold features, with their cells, put together to some thousand cells."""
    parts: list[list[tuple[Block, Window]]] = []
    room = 0
    for block in blocks:
        cells = view.inside(block.window)
        if cells is None or block.features is None:
            continue
        size = cells.width * cells.height
        if size > room:
            parts.append([])
            room = _PIECE
        parts[-1].append((block, cells))
        room -= size
    return parts


def _within(cells: Window, block: Block, step: int) -> tuple[slice, slice]:
    """Where a block holds some cells."""
    ratio = step // block.step
    row = (cells.row * step - block.window.row) // block.step
    col = (cells.col * step - block.window.col) // block.step
    rows = slice(row, row + (cells.height - 1) * ratio + 1, ratio)
    return rows, slice(col, col + (cells.width - 1) * ratio + 1, ratio)


def _shifted(cells: Window, around: Window) -> tuple[slice, slice]:
    row, col = cells.row - around.row, cells.col - around.col
    return slice(row, row + cells.height), slice(col, col + cells.width)


@dataclass(frozen=True)
class Painted:
    """A map.

    Attributes:
        bands: (3, rows, cols): class values, confidence in percent, 1 where the ground is unlike the labels.
        known: share of the cells that were predicted or have no data.
    """

    bands: U8
    known: float


def paint(
    view: View,
    blocks: Sequence[Block],
    dim: int,
    predict: Callable[[F32], tuple[U8, F32]],
    novel: Callable[[F32], NDArray[np.bool_]] | None,
    least: float,
) -> Painted:
    """Predict a view.

    Args:
        predict: (cells, dim) features to class values and their probabilities.
        novel: whether features are unlike anything labelled; None leaves the third band at 0. Asked on
            every second row and column: it takes as long as the prediction, and it is shown as hatching.
        least: probability below which a cell gets no class.
    """
    size = view.cells.width * view.cells.height
    flat = np.zeros((3, size + 1), np.uint8)  # what is not valid goes to the last place

    def work(at: NDArray[np.int64], features: F32) -> None:
        values, sure = predict(features)
        if least > 0:
            values = np.where(sure >= least, values, np.uint8(0))
        flat[0, at] = values
        flat[1, at] = np.rint(sure * 100).astype(np.uint8)

    each_piece(view, blocks, dim, work)
    known = sum(cells.width * cells.height for cells in (view.inside(b.window) for b in blocks) if cells)
    bands = flat[:, :size].reshape(3, view.cells.height, view.cells.width)
    if novel is not None:
        bands[2] = _hatched(view, blocks, dim, novel) & (bands[1] > 0)
    return Painted(bands, known / size)


def _hatched(view: View, blocks: Sequence[Block], dim: int, novel: Callable[[F32], NDArray[np.bool_]]) -> U8:
    """(rows, cols) of a view, 1 where the ground is unlike anything labelled."""
    coarse = View.of(view.window, 2 * view.step)
    flat = np.zeros(coarse.cells.width * coarse.cells.height + 1, np.uint8)

    def work(at: NDArray[np.int64], features: F32) -> None:
        flat[at] = novel(features)

    each_piece(coarse, blocks, dim, work)
    found = flat[:-1].reshape(coarse.cells.height, -1)
    rows, cols = (np.arange(first, first + count) // 2 for first, count in _spans(view.cells))
    return found[np.ix_(rows - coarse.cells.row, cols - coarse.cells.col)]


def _spans(cells: Window) -> tuple[tuple[int, int], tuple[int, int]]:
    return (cells.row, cells.height), (cells.col, cells.width)


def write_preview(path: Path, bands: U8, grid: Grid) -> None:
    """Write a GeoTIFF of bytes in which 0 is nothing; it appears complete or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        with refused_by_disk(path):
            profile = {"driver": "GTiff", "dtype": "uint8", "count": len(bands), "nodata": 0}
            place = {"width": grid.width, "height": grid.height, "transform": Affine(*grid.transform)}
            if grid.crs:
                profile["crs"] = grid.crs
            with rasterio.open(part, "w", **profile, **place) as target:
                target.write(bands)
                target.descriptions = ("class", "confidence (%)", "unlike the labels")
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
