"""A stack: one or many rasters read as aligned windows of physical values with their validity.

The grid is that of the first raster, or of the finest. A raster on another grid (another CRS,
resolution, origin, extent) is brought onto it by GDAL's warper, bilinear, or nearest where it holds
classes.

What one sensor saw on one day is a layer, whether its bands lie in one file or in several. Who can do
without a layer at places reads :meth:`Stack.read_partly`: there the first layer says where there is a map.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from ..bands import CLASSES, Band
from ..errors import InvalidRequest
from ..jobs import RasterRef
from .area import Area
from .base import F32, Mask, Scene
from .grid import Grid, Window
from .layers import Layer, in_order, layers_of, with_a_map
from .sources import View, by_date, grid_of, is_number, open_source, own_view, read_stored
from .stamps import Source, Stamp, stamps_of
from .values import describe, describe_stored
from .warped import Warped, same_place

# Pixels this much larger than the smallest count as equally fine: projections stretch lengths by as much.
_EQUALLY_FINE = 1.01
# Side of the pieces in which polygons are looked over.
_PIECE = 512


@dataclass(frozen=True)
class Overview:
    """Pixels of a stack here and there, for statistics.

    Attributes:
        pixels: (bands, pixels) in each band's units, 0 where invalid.
        valid: (pixels,): all of these bands are valid, or :meth:`Stack.read_partly` calls the pixel valid.
        rows, cols: (pixels,) their places in the stack's grid.
        seen: (bands, pixels), as :meth:`Stack.read_partly` answers it.
    """

    pixels: F32
    valid: Mask
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    seen: Mask | None = None

    def known(self) -> Mask:
        """(bands, pixels) where a band is known, also where nothing is missing."""
        return np.broadcast_to(self.valid, self.pixels.shape) if self.seen is None else self.seen


def finest_grid(refs: Sequence[RasterRef]) -> Grid:
    """The grid with the smallest pixels on the ground; of equally fine ones the first.

    Raises:
        InvalidRequest, UnsupportedInput: as :meth:`Stack.open`.
    """
    grids = []
    for ref in refs:
        with open_source(ref) as dataset:
            grids.append(grid_of(dataset, ref))
    sizes = [grid.gsd for grid in grids]
    return next(grid for grid, size in zip(grids, sizes, strict=True) if size <= min(sizes) * _EQUALLY_FINE)


class Retouch(Protocol):
    """Changes pixels while they are read: :meth:`Stack.retouched`.

    Attributes:
        key: tells it from others; part of the fingerprint of what it changed.
        reach: how many pixels away a pixel's neighbours lie that it depends on, 0 for none.
    """

    @property
    def key(self) -> str: ...

    @property
    def reach(self) -> int: ...

    def apply(self, window: Window, bands: Sequence[int], values: F32, valid: Mask) -> None:
        """Change values and validity in place.

        Args:
            window: their place, inside the grid; ``reach`` wider than was asked for, where the grid is.
            bands: indices of the stack's bands that ``values`` holds.
            values: (bands, rows, cols); what is not valid is made 0 afterwards.
            valid: (rows, cols); only ever to become False. Of a look over the scene, values and validity
                are fewer than the window's pixels, every so many rows and columns, and their neighbours
                are not those on the ground.
        """


class Stack:
    """Aligned rasters.

    Attributes:
        grid: the common grid.
        area: the part of it that :meth:`overview` looks at, all of it but for :meth:`limited`.
        bands: what each band is, those of the first raster first, with its layer and date.
        layers: what each sensor saw on each day, that of the first raster first.
        scene: ground sample distance, date and place.
        warnings: sentences about what was guessed and what may be wrong.
        quartiles: (3, bands) lower quartile, median and upper quartile of a sample of each band's
            values, NaN where none is valid.
        dtypes: numpy name of the type in which each band is stored.
        source: which files are read, and how; its fingerprint is another every time if a raster has no
            file on this machine to tell by.
    """

    def __init__(
        self,
        sources: Sequence[_Source],
        grid: Grid,
        area: Area | None = None,
        retouches: tuple[Retouch, ...] = (),
        hidden: frozenset[int] = frozenset(),
    ) -> None:
        self.grid = grid
        self._retouches, self._hidden = retouches, hidden
        self.area = area or Area(grid.window)
        self._sources = tuple(sources)
        self._overviews: dict[tuple[tuple[int, ...], int, bool], Overview] = {}
        self._places = [(source, i) for source in sources for i in range(len(source.bands))]
        rasters = [(Path(source.ref.path).name, source.facts.date, source.bands) for source in sources]
        self.layers: tuple[Layer, ...] = layers_of(rasters)
        self.bands: tuple[Band, ...] = in_order(self.layers)
        dates = [source.facts.date for source in sources if source.facts.date is not None]
        self.scene = Scene(grid.gsd, dates[0] if dates else None, grid.lonlat)
        self.warnings: tuple[str, ...] = tuple(
            dict.fromkeys(note for source in sources for note in source.warnings)
        )
        self.quartiles: F32 = np.array(
            [source.facts.quartiles[i] for source, i in self._places], np.float32
        ).T.reshape(3, -1)
        self.dtypes: tuple[str, ...] = tuple(source.dtypes[i] for source, i in self._places)
        self.source = _source_of(sources, grid, [*(retouch.key for retouch in retouches), *sorted(hidden)])

    @classmethod
    @contextmanager
    def open(
        cls, refs: Sequence[RasterRef], onto: Grid | None = None, *, stored: bool = False
    ) -> Iterator[Stack]:
        """Open rasters on the grid of the first, or on ``onto``.

        Args:
            stored: leave numbers as the files hold them, in no units.

        Raises:
            InvalidRequest: no rasters, or a reference that does not fit its file.
            UnsupportedInput: a file that cannot be read, or has no place on the grid.
        """
        if not refs:
            raise InvalidRequest("No raster was given.")
        with ExitStack() as files:
            single = [part for ref in refs for part in by_date(ref)]
            opened = [(ref, files.enter_context(open_source(ref))) for ref in single]
            grid = onto or grid_of(opened[0][1], opened[0][0])
            yield cls([_Source(ref, dataset, grid, files, stored) for ref, dataset in opened], grid)

    @property
    def spectral(self) -> tuple[int, ...]:
        """Indices of the bands that measure something: all but class bands such as Fmask."""
        return tuple(index for index, band in enumerate(self.bands) if band.units != CLASSES)

    def every_date(self, bands: Sequence[int]) -> tuple[Stack, tuple[int, ...]] | None:
        """Of a series that is shown as one date, the stack of all dates and what some bands are there."""
        return None

    def limited(self, area: Area) -> Stack:
        """The same rasters for a step that shall learn from an area alone."""
        if area is self.area:
            return self
        return Stack(self._sources, self.grid, area, self._retouches, self._hidden)

    def retouched(self, retouch: Retouch) -> Stack:
        """The same rasters, changed while they are read; quartiles and warnings stay those of the files."""
        return Stack(self._sources, self.grid, self.area, (*self._retouches, retouch), self._hidden)

    def without(self, layer: int) -> Stack:
        """The same rasters with a layer missing everywhere, for :meth:`read_partly`."""
        return Stack(self._sources, self.grid, self.area, self._retouches, self._hidden | {layer})

    def read(self, window: Window, bands: Sequence[int]) -> tuple[F32, Mask]:
        """Values of a window.

        Args:
            window: may reach beyond the grid; there nothing is valid.
            bands: indices into :attr:`bands`, in the wanted order.

        Returns:
            (bands, rows, cols) values in each band's units, 0 where invalid, and the
            (rows, cols) mask: True where every one of these bands is valid.

        Raises:
            UnsupportedInput: naming the file, if a part of it cannot be read.
        """
        values, valid, _ = self._judged(*self._read(window, bands), bands, False)
        return values, valid

    def read_partly(self, window: Window, bands: Sequence[int]) -> tuple[F32, Mask, Mask | None]:
        """As :meth:`read`, for who can do without a layer at places.

        The first layer that is asked for says where pixels are valid, and other dates of it as well: where
        one of them is known, there is a map. Of the other layers the places are told where they are missing.

        Returns:
            (bands, rows, cols) values, 0 where not known; (rows, cols) validity; (bands, rows, cols), True
            where a valid pixel's band is known, None where each is.
        """
        return self._judged(*self._read(window, bands), bands, True)

    def _judged(
        self, values: F32, known: Mapping[int, Mask], bands: Sequence[int], partly: bool
    ) -> tuple[F32, Mask, Mask | None]:
        """What :meth:`read_partly` answers of values, which are cleared, and their layers' masks."""
        valid = np.ones(values.shape[1:], bool)
        if not partly or len(known) < 2:
            for mask in known.values():
                valid &= mask
            if not valid.all():
                np.copyto(values, np.float32(0.0), where=~valid)
            return values, valid, None
        valid = with_a_map(self.layers, known, self._hidden)
        seen = np.stack([known[self.bands[band].layer] for band in bands]) & valid
        np.copyto(values, np.float32(0.0), where=~seen)
        return values, valid, None if (seen == valid).all() else seen

    def _read(self, window: Window, bands: Sequence[int]) -> tuple[F32, dict[int, Mask]]:
        """(bands, rows, cols) values, and by layer where all bands asked of it are valid."""
        reach = sum(retouch.reach for retouch in self._retouches)
        wide = window.expand(reach)
        values = np.zeros((len(bands), max(wide.height, 0), max(wide.width, 0)), np.float32)
        known = {self.bands[band].layer: np.zeros(values.shape[1:], bool) for band in bands}
        inner = wide.intersect(self.grid.window)
        if inner is not None:
            rows = slice(inner.row - wide.row, inner.bottom - wide.row)
            cols = slice(inner.col - wide.col, inner.right - wide.col)
            inside = {layer: mask[rows, cols] for layer, mask in known.items()}
            self._gather(inner, bands, values[:, rows, cols], inside)
        if reach:
            kept = slice(reach, -reach)
            return values[:, kept, kept], {layer: mask[kept, kept] for layer, mask in known.items()}
        return values, known

    def overview(self, bands: Sequence[int], side: int = 512, partly: bool = False) -> Overview:
        """About ``side`` x ``side`` pixels spread over :attr:`area`, read once however often asked for.

        Pixels are taken, not averaged, except where the file brings overviews of its own.

        Args:
            partly: as for :meth:`.regions.Region.read`.
        """
        key = tuple(bands), side, partly
        if key not in self._overviews:
            self._overviews[key] = self._look_over(*key)
        return self._overviews[key]

    def _look_over(self, bands: Sequence[int], side: int, partly: bool) -> Overview:
        whole = self.area.window
        if self.area.is_window:
            step, pieces = max(whole.width, whole.height) / side, [whole]
        else:
            step, pieces = math.sqrt(self.area.pixels()) / side, list(self.area.blocks(_PIECE))
        parts = [self._thinned(piece, bands, max(1.0, step), partly) for piece in pieces]
        seen = None
        if any(part.seen is not None for part in parts):
            seen = np.concatenate([part.known() for part in parts], axis=1)
        return Overview(
            np.concatenate([part.pixels for part in parts], axis=1),
            np.concatenate([part.valid for part in parts]),
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.cols for part in parts]),
            seen,
        )

    def _thinned(self, piece: Window, bands: Sequence[int], step: float, partly: bool) -> Overview:
        """Every ``step``-th pixel of a piece as far as it lies in the area; see :class:`Overview`."""
        shape = max(1, math.ceil(piece.height / step)), max(1, math.ceil(piece.width / step))
        pixels = np.zeros((len(bands), *shape), np.float32)
        known = {self.bands[band].layer: np.zeros(shape, bool) for band in bands}
        self._gather(piece, bands, pixels, known)
        pixels, valid, seen = self._judged(pixels, known, bands, partly)
        down, across = (
            ((np.arange(count) + 0.5) * length / count).astype(np.int64)
            for count, length in zip(shape, (piece.height, piece.width), strict=True)
        )
        kept = np.ones(shape, bool) if self.area.is_window else self.area.mask(piece)[np.ix_(down, across)]
        at = np.nonzero(kept)
        rows, cols = piece.row + down[at[0]], piece.col + across[at[1]]
        return Overview(pixels[:, kept], valid[kept], rows, cols, None if seen is None else seen[:, kept])

    def _gather(self, window: Window, bands: Sequence[int], values: F32, known: Mapping[int, Mask]) -> None:
        """Fill (bands, rows, cols) values and the layers' (rows, cols) validity with a window of the grid.

        Values mean nothing where their layer is not valid.
        """
        for layer, mask in known.items():
            mask[:] = layer not in self._hidden
        for source in self._sources:
            # Each file is asked once, however its bands are ordered in the request.
            wanted = [(slot, band) for slot, band in enumerate(bands) if self._places[band][0] is source]
            if wanted:
                positions = [self._places[band][1] for _, band in wanted]
                layers = [values[slot] for slot, _ in wanted]
                source.read(window, positions, layers, known[self.bands[wanted[0][1]].layer])
        for retouch in self._retouches:
            valid = np.logical_and.reduce(list(known.values()))
            missing = ~valid
            retouch.apply(window, bands, values, valid)
            for mask in known.values():
                mask &= valid | missing


class _Source:
    """One file of a stack, as it is or warped onto the stack's grid."""

    def __init__(
        self, ref: RasterRef, dataset: DatasetReader, grid: Grid, files: ExitStack, stored: bool
    ) -> None:
        self.ref = ref
        self.stamps = stamps_of(dataset)
        self.facts = describe_stored(dataset, ref) if stored else describe(dataset, ref)
        self.dtypes = [dataset.dtypes[rule.index - 1] for rule in self.facts.rules]
        self.bands = self.facts.bands
        self.warnings = self.facts.warnings
        own = grid_of(dataset, ref)
        if not own.crs:
            self.warnings += (f"{Path(ref.path).name} has no coordinate system; sizes are in its own units.",)
        self._own = own_view(dataset)
        self._warped = None if same_place(own, grid) else Warped(ref, dataset, self.facts, grid, files)

    def read(self, window: Window, positions: Sequence[int], values: Sequence[F32], valid: Mask) -> None:
        """Put bands of a window inside the grid where they belong, and take away from its validity.

        Args:
            values: one (rows, cols) a band, to be filled; thinned where smaller than the window.
            valid: (rows, cols), to become False where one of the bands is not valid.
        """
        place = RasterioWindow(window.col, window.row, window.width, window.height)
        for view, slots in self._views(positions):
            rules = [self.facts.rules[positions[slot]] for slot in slots]
            numbers, open_mask = read_stored(view, [rule.index for rule in rules], place, valid.shape)
            valid &= open_mask
            for slot, rule, stored in zip(slots, rules, numbers, strict=True):
                valid &= is_number(stored, rule.nodata)
                if (rule.scale, rule.offset) != (1.0, 0.0):
                    # In float64, so that large numbers lose nothing before they are scaled.
                    stored = stored.astype(np.float64) * rule.scale + rule.offset
                if rule.limits is not None:
                    valid &= (stored >= rule.limits[0]) & (stored <= rule.limits[1])
                # Numbers too large for float32 are invalid above, and zeroed by the caller.
                with np.errstate(over="ignore", invalid="ignore"):
                    values[slot][...] = stored
        if self.facts.black_fill:
            valid &= self._seen(place, valid.shape)

    def _seen(self, place: RasterioWindow, size: tuple[int, int]) -> Mask:
        """Where any band is not black, whichever bands were asked for."""
        seen = np.zeros(size, bool)
        for view, slots in self._views(range(len(self.facts.rules))):
            indexes = [self.facts.rules[slot].index for slot in slots]
            seen |= (read_stored(view, indexes, place, size)[0] != 0).any(axis=0)
        return seen

    def _views(self, positions: Sequence[int]) -> list[tuple[View, list[int]]]:
        """What to read, and which of ``positions`` to read from it."""
        if self._warped is None:
            return [(self._own, list(range(len(positions))))]
        views: dict[View, list[int]] = {}
        for slot, position in enumerate(positions):
            views.setdefault(self._warped.view(self.facts.rules[position]), []).append(slot)
        return list(views.items())


def _source_of(sources: Sequence[_Source], grid: Grid, retouches: Sequence[object]) -> Source:
    """What the values depend on: files (by size and time of change), readings, grid, retouches."""
    facts: list[object] = [asdict(grid), *retouches]
    for source in sources:
        stamps = sorted((Path(path).name, *at) for path, at in source.stamps.items()) or secrets.token_hex()
        facts.append([asdict(source.ref), repr(source.facts), stamps])
    found: dict[str, Stamp] = {path: at for source in sources for path, at in source.stamps.items()}
    fingerprint = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return Source(fingerprint, found, all(source.stamps for source in sources))
