"""A raster under way: tiles at fixed places of one file, which becomes a GeoTIFF when all are there.

GDAL writes a GeoTIFF's directory and what it has cached when it likes: what a killed process leaves
of one is not a file. Here a block is in the system's hands when :meth:`TileFile.write` returns, and
the directory (BigTIFF, https://www.awaresystems.be/imaging/tiff/bigtiff.html) is the last thing
written. Tiles that no block touches take no room, in the file or on most disks.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import present
from .grid import Window, lattice
from .regions import within
from .results.overviews import U8, halved

_TILE, _LEAST_TILE = 512, 64
# Tiles of all bands of one place together. A block that covers a part of a tile has it written again as a
# whole, and the smallest raster has one: with 1,000 features, gigabytes each time.
_MOST_TOGETHER = 1 << 25
# Where tiles begin: behind the header, on a page of their own.
_START = 4096
_TIFF_TYPES = {"<u2": 3, "<u4": 4, "<u8": 16}
_SAMPLE_FORMATS = {"u": 1, "i": 2, "f": 3}


@dataclass(frozen=True)
class Form:
    """Size and type of a raster.

    Attributes:
        width: columns.
        height: rows.
        bands: number of bands.
        dtype: numpy name of the pixels' type.
        nodata: number that stands where nothing is written; None for 0.
    """

    width: int
    height: int
    bands: int
    dtype: str
    nodata: float | None

    @property
    def size(self) -> int:
        """Bytes of all pixels."""
        return self.width * self.height * self.bands * np.dtype(self.dtype).itemsize

    @property
    def tile(self) -> int:
        """Side of its tiles: less than 512 where there are many bands."""
        side = _TILE
        while side > _LEAST_TILE and side**2 * self.bands * np.dtype(self.dtype).itemsize > _MOST_TOGETHER:
            side //= 2
        return side

    @property
    def window(self) -> Window:
        return Window(0, 0, self.width, self.height)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}x{self.bands}-{self.dtype}"


@dataclass(frozen=True)
class _Level:
    """The raster at one resolution.

    Attributes:
        width, height: pixels.
        tile: side of a tile.
        start: place of its first tile in the file.
    """

    width: int
    height: int
    tile: int
    start: int

    @property
    def window(self) -> Window:
        return Window(0, 0, self.width, self.height)

    @property
    def across(self) -> int:
        """Tiles in a row of them."""
        return -(-self.width // self.tile)

    @property
    def tiles(self) -> int:
        return self.across * -(-self.height // self.tile)

    def number(self, tile: Window) -> int:
        return tile.row // self.tile * self.across + tile.col // self.tile


class TileFile:
    """The pixels of a raster, written and read in windows; safe to use from several threads.

    Args:
        path: the file, which is made if it is not there.
        form: what it holds.
        written: windows that an earlier run wrote.

    Raises:
        OSError: on opening, reading and writing.
    """

    def __init__(self, path: Path, form: Form, written: Sequence[Window] = ()) -> None:
        self.path = path
        self.form = form
        self._dtype = np.dtype(form.dtype).newbyteorder("<")
        self._side = form.tile
        self._level = _Level(form.width, form.height, self._side, _START)
        self._tile_bytes = self._side**2 * self._dtype.itemsize
        # Windows, in the order in which they were first written.
        self._written = dict.fromkeys(written)
        self._lock = threading.Lock()
        path.touch()
        # Unbuffered: what is written must not wait for more.
        self._file = path.open("r+b", buffering=0)

    def write(self, window: Window, array: NDArray[Any]) -> None:
        """Write a (bands, rows, cols) array to a window inside the raster."""
        with self._lock:
            for tile in lattice(window, self._side):
                for band in range(self.form.bands):
                    self._write_part(tile, window, band, array[band])
            self._written[window] = None

    def read(self, window: Window) -> NDArray[Any]:
        """The (bands, rows, cols) pixels of a window inside the raster, 0 where nothing was written."""
        array = np.empty((self.form.bands, window.height, window.width), self._dtype)
        with self._lock:
            for tile in lattice(window, self._side):
                part = _common(tile, window)
                for band in range(self.form.bands):
                    array[(band, *within(part, window))] = self._get(tile, band)[within(part, tile)]
        return array

    def seal(self, check: Callable[[], None], overviews: bool = False) -> None:
        """Make the file a GeoTIFF, though one that knows nothing of its place yet.

        It may be written to and sealed again: tiles keep their places.

        Args:
            check: raises if the run was cancelled.
            overviews: whether to add smaller and smaller ones, down to one that is a single tile; of
                the classes of a one-band ``uint8`` raster.
        """
        with self._lock:
            parts: dict[Window, list[Window]] = {}
            for window in self._written:
                for tile in lattice(window, self._side):
                    parts.setdefault(tile, []).append(window)
            for tile, windows in parts.items():
                check()
                self._fill(tile, windows)
            levels, present = [self._level], [set(parts)]
            while overviews and levels[-1].tiles > 1:
                levels.append(self._next(levels[-1]))
                present.append({self._parent(tile) for tile in present[-1]})
            for finer, coarser, tiles in zip(levels, levels[1:], present[1:], strict=False):
                for tile in tiles:
                    check()
                    self._shrink(tile, finer, coarser)
            end = self._next(levels[-1]).start
            self._file.truncate(end)
            content = b""
            for level, tiles in zip(levels, present, strict=True):
                content += self._directory(level, tiles, end + len(content), last=level is levels[-1])
            self._put(end, content)
            self._put(0, struct.pack("<2sHHHQ", b"II", 43, 8, 0, end))

    def close(self) -> None:
        self._file.close()

    def _next(self, level: _Level) -> _Level:
        """The level of half the resolution, behind this one."""
        end = level.start + level.tiles * self.form.bands * self._tile_bytes
        return _Level(-(-level.width // 2), -(-level.height // 2), self._side, end)

    def _write_part(self, tile: Window, window: Window, band: int, pixels: NDArray[Any]) -> None:
        part = _common(tile, window)
        new = pixels[within(part, window)].astype(self._dtype, copy=False)
        if part != tile:
            whole = self._get(tile, band)
            whole[within(part, tile)] = new
            new = whole
        self._put(self._place(tile, band), new.tobytes())

    def _fill(self, tile: Window, written: Sequence[Window]) -> None:
        """Have nodata where nothing of the tile was written."""
        inside = _common(tile, self.form.window)
        bare = np.ones((inside.height, inside.width), bool)
        for window in written:
            bare[within(_common(tile, window), tile)] = False
        if not bare.any():
            return
        for band in range(self.form.bands):
            whole = self._get(tile, band)
            whole[within(inside, tile)][bare] = self.form.nodata or 0
            self._put(self._place(tile, band), whole.tobytes())

    def _parent(self, tile: Window) -> Window:
        """The tile of the next level that covers a tile."""
        side = self._side
        return Window(tile.col // (2 * side) * side, tile.row // (2 * side) * side, side, side)

    def _shrink(self, tile: Window, finer: _Level, coarser: _Level) -> None:
        """Make a tile of the coarser level from up to four of the finer."""
        nodata = int(self.form.nodata or 0)
        side = self._side
        under = Window(2 * tile.col, 2 * tile.row, 2 * side, 2 * side).intersect(finer.window)
        under = present(under)  # no level has tiles beyond its edge
        values: U8 = np.full((under.height, under.width), nodata, np.uint8)
        for child in lattice(under, side):
            part = _common(child, under)
            values[within(part, under)] = self._get(child, 0, finer)[within(part, child)]
        small = halved(values, nodata)
        whole = np.full((side, side), nodata, np.uint8)
        whole[: small.shape[0], : small.shape[1]] = small
        self._put(self._place(tile, 0, coarser), whole.tobytes())

    def _place(self, tile: Window, band: int, level: _Level | None = None) -> int:
        level = level or self._level
        return level.start + (level.number(tile) * self.form.bands + band) * self._tile_bytes

    def _get(self, tile: Window, band: int, level: _Level | None = None) -> NDArray[Any]:
        held = bytearray(self._tile_bytes)
        self._file.seek(self._place(tile, band, level))
        left = memoryview(held)
        while left and (got := self._file.readinto(left)):
            left = left[got:]
        return np.frombuffer(held, self._dtype).reshape(self._side, self._side)

    def _put(self, place: int, content: bytes) -> None:
        self._file.seek(place)
        left = memoryview(content)
        while left:
            left = left[self._file.write(left) :]

    def _directory(self, level: _Level, tiles: Collection[Window], place: int, *, last: bool) -> bytes:
        """A level's TIFF directory, to lie at ``place``; only ``tiles`` have a place in it."""
        bands = self.form.bands
        places = np.zeros((bands, level.tiles), "<u8")
        for tile in tiles:
            places[:, level.number(tile)] = [self._place(tile, band, level) for band in range(bands)]
        entries: list[tuple[int, Any, str]] = [
            (254, 0 if level is self._level else 1, "<u4"),  # whether it is an overview
            (256, level.width, "<u4"),
            (257, level.height, "<u4"),
            (258, [self._dtype.itemsize * 8] * bands, "<u2"),  # bits
            (259, 1, "<u2"),  # not compressed
            (262, 1, "<u2"),  # black is zero
            (277, bands, "<u2"),
            (284, 2, "<u2"),  # each band for itself
            (322, level.tile, "<u2"),
            (323, level.tile, "<u2"),
            (324, places, "<u8"),
            (325, np.where(places > 0, self._tile_bytes, 0), "<u8"),
            (338, [0] * (bands - 1), "<u2"),  # further bands are no alpha bands
            (339, [_SAMPLE_FORMATS[self._dtype.kind]] * bands, "<u2"),
        ]
        return _ifd([entry for entry in entries if np.size(entry[1])], place, last)


def _ifd(entries: Sequence[tuple[int, Any, str]], place: int, last: bool) -> bytes:
    """A BigTIFF directory, with what does not fit into its entries behind it, and then the next one."""
    head = struct.pack("<Q", len(entries))
    behind = b""
    start = place + len(head) + 20 * len(entries) + 8
    for tag, values, dtype in entries:
        content = np.asarray(values, dtype).tobytes()
        head += struct.pack("<HHQ", tag, _TIFF_TYPES[dtype], np.size(values))
        if len(content) <= 8:
            head += content.ljust(8, b"\0")
        else:
            head += struct.pack("<Q", start + len(behind))
            behind += content.ljust(-(-len(content) // 8) * 8, b"\0")
    return head + struct.pack("<Q", 0 if last else start + len(behind)) + behind


class CutFile:
    """A file that can be ended while someone reads it: from then on there is nothing more in it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._cut = False

    def cut(self) -> None:
        self._cut = True

    def read(self, size: int = -1) -> bytes:
        return b"" if self._cut else self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> CutFile:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()


def _common(one: Window, other: Window) -> Window:
    return present(one.intersect(other))  # tiles are those that the window touches
