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

from ...errors import present
from ..base import F32
from ..grid import Grid, Window
from ..heads.quick import one_thread
from ..results.destinations import refused_by_disk
from .encoded import BLOCK, Block

U8 = NDArray[np.uint8]

# Pixels that a thread takes at once: their features and scores in single precision take some megabytes.
_PIECE = BLOCK**2 // 2
# Cells of a view that fills the screen, whose hatching may be coarse.
_LARGE = 1 << 18
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


def mapped(
    view: View, blocks: Sequence[Block], dim: int, layers: int, answer: Callable[[F32], Sequence[U8]]
) -> U8:
    """Bytes of each cell of a view from its features, some thousand cells at a time and on all threads.

    The threads of PyTorch and of linear algebra are put to rest meanwhile: they would wait for one another,
    and wait by spinning. On a busy machine of two cores that took six times as long.

    Args:
        blocks: of one grid; each step divides the view's.
        dim: features a pixel.
        layers: how many bytes a cell has.
        answer: takes features, (cells, dim) float32, only valid during the call; gives ``layers`` arrays
            (cells,). Called on several threads.

    Returns:
        (layers, rows, cols), 0 where no block holds features or they are not valid.
    """
    found = np.zeros((layers, view.cells.height, view.cells.width), np.uint8)
    todo = iter(_pieces(view, blocks))  # each thread takes the next

    def work(_: int) -> None:
        room = torch.empty(dim * _PIECE, dtype=torch.float32)
        for piece in todo:
            features = room[: dim * piece.size].view(dim, piece.size)
            for part in piece.parts:
                part.fill(features)
            given = answer(features.numpy().T)
            for part in piece.parts:
                part.put(given, found)

    threads = torch.get_num_threads()
    with one_thread(), _torch_at_rest(threads), ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(threads)):
            pass
    return found


@contextmanager
def _torch_at_rest(threads: int) -> Iterator[None]:
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class _Part:
    """Cells of a view that one block holds, and the first of their places in a piece."""

    block: Block
    view: View
    cells: Window
    first: int

    @property
    def end(self) -> int:
        return self.first + self.cells.width * self.cells.height

    def fill(self, features: torch.Tensor) -> None:
        """Bring the block's features into their place in (dim, cells) of the piece."""
        rows, cols = self._within()
        held = torch.from_numpy(present(self.block.features)[:, rows, cols])
        features[:, self.first : self.end].view(held.shape).copy_(held)

    def put(self, given: Sequence[U8], found: U8) -> None:
        """Bring (layers, cells) of the piece into their place in the view."""
        valid = present(self.block.valid)[self._within()]
        row, col = self.cells.row - self.view.cells.row, self.cells.col - self.view.cells.col
        for one, layer in zip(given, found, strict=True):
            place = layer[row : row + self.cells.height, col : col + self.cells.width]
            np.multiply(one[self.first : self.end].reshape(valid.shape), valid, out=place)

    def _within(self) -> tuple[slice, slice]:
        """Where the block holds the cells."""
        step, ratio = self.view.step, self.view.step // self.block.step
        row = (self.cells.row * step - self.block.window.row) // self.block.step
        col = (self.cells.col * step - self.block.window.col) // self.block.step
        rows = slice(row, row + (self.cells.height - 1) * ratio + 1, ratio)
        return rows, slice(col, col + (self.cells.width - 1) * ratio + 1, ratio)


@dataclass
class _Piece:
    """What a thread takes at once."""

    parts: list[_Part]

    @property
    def size(self) -> int:
        return self.parts[-1].end


def _pieces(view: View, blocks: Sequence[Block]) -> list[_Piece]:
    """The cells that blocks hold features of, put together or cut to some thousand."""
    pieces: list[_Piece] = []
    for block in blocks:
        cells = view.inside(block.window)
        if cells is None or block.features is None:
            continue
        rows = _PIECE // cells.width
        for row in range(cells.row, cells.bottom, rows):
            strip = Window(cells.col, row, cells.width, min(rows, cells.bottom - row))
            if pieces and pieces[-1].size + strip.width * strip.height <= _PIECE:
                pieces[-1].parts.append(_Part(block, view, strip, pieces[-1].size))
            else:
                pieces.append(_Piece([_Part(block, view, strip, 0)]))
    return pieces


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
            every second row and column, of a large view every fourth: it takes twice as long as the
            prediction, and it is shown as hatching.
        least: probability below which a cell gets no class.
    """
    def answer(features: F32) -> tuple[U8, U8]:
        values, sure = predict(features)
        if least > 0:
            values = np.where(sure >= least, values, np.uint8(0))
        return values, np.rint(sure * 100).astype(np.uint8)

    bands = np.zeros((3, view.cells.height, view.cells.width), np.uint8)
    bands[:2] = mapped(view, blocks, dim, 2, answer)
    if novel is not None:
        bands[2] = _hatched(view, blocks, dim, novel) & (bands[1] > 0)
    known = sum(cells.width * cells.height for cells in (view.inside(b.window) for b in blocks) if cells)
    return Painted(bands, known / bands[0].size)


def _hatched(view: View, blocks: Sequence[Block], dim: int, novel: Callable[[F32], NDArray[np.bool_]]) -> U8:
    """(rows, cols) of a view, 1 where the ground is unlike anything labelled."""
    thinning = 4 if view.cells.width * view.cells.height > _LARGE else 2
    coarse = View.of(view.window, thinning * view.step)
    found = mapped(coarse, blocks, dim, 1, lambda features: (novel(features).view(np.uint8),))[0]
    rows, cols = (np.arange(first, first + count) // thinning for first, count in _spans(view.cells))
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
