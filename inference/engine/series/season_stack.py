"""A series as a stack of a single date: the median of each band, and beside it features of its seasons.

So every model maps from a series, and heads see the seasons whichever model they use. Encoders that take
the dates themselves find them in :attr:`SeasonStack.dated`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...bands import REFLECTANCE, Band
from ..area import Area
from ..backbones.spectral_texture import index_pairs
from ..base import F32, Mask
from ..grid import Window
from ..layers import Layer
from ..rasters import Retouch, Stack
from .composite import medians
from .dates import Series
from .seasonality import SEASON
from .seasons import NAMES, Seasons

# Numbers of all dates that are read at once, 64 MiB, and pixels whose seasons are found at once.
_MOST_NUMBERS, _AT_ONCE = 1 << 24, 1 << 15
# Of bands that make indices these stand for how bright a place is.
_BESIDE_INDICES = ("red", "nir", "nir08", "swir16")
# Reflectance that keeps the dark from deciding by its noise.
_SOFT = 0.01


@dataclass(frozen=True)
class _Signal:
    """A band, or the normalised difference of two, of those of a series."""

    name: str
    bands: tuple[int, ...]
    logarithmic: bool

    def of(self, values: Sequence[F32]) -> F32:
        """The signal of its bands' values."""
        if len(values) == 1:
            logs = np.log(np.maximum(values[0], 0) + np.float32(_SOFT), dtype=np.float32)
            return logs if self.logarithmic else values[0]
        up, down = (np.maximum(value, 0, dtype=np.float32) for value in values)
        soft = np.float32(2 * _SOFT if self.logarithmic else 1e-6)
        return np.divide(up - down, up + down + soft, dtype=np.float32)


class SeasonStack(Stack):
    """See the module.

    Attributes:
        dated: the stack with all of its dates.
        series: how its bands are spread over them.
    """

    dated: Stack
    series: Series

    def __init__(self, stack: Stack, series: Series, retouches: tuple[Retouch, ...] = ()) -> None:
        super().__init__(stack._sources, stack.grid, stack.area, retouches)
        self.dated, self.series = stack, series
        first = [stack.bands[members[0]].layer for members in series.members]
        groups = sorted(set(first))
        self._group = [groups.index(layer) for layer in first]
        self._signals = [self._signals_of(number) for number in range(len(groups))]
        bands = [replace(b, layer=n) for b, n in zip(series.bands, self._group, strict=True)]
        self._season: list[tuple[int, _Signal, int]] = []
        layer = len(groups)
        for number, signals in enumerate(self._signals):
            for signal in signals:
                for place, name in enumerate(NAMES):
                    named = f"{SEASON} {signal.name} {name}"
                    bands.append(Band(named, modality=SEASON, known=True, layer=layer))
                    self._season.append((number, signal, place))
            layer += bool(signals)
        self.bands = tuple(bands)
        names = [stack.layers[old].name for old in groups]
        self.layers = tuple(self._layer(n, names) for n in range(layer))
        days = series.dates
        self.scene = replace(stack.scene, date=days[(len(days) - 1) // 2])
        self.warnings = stack.warnings
        self.quartiles = self._quartiles()
        extra = len(bands) - len(series.bands)
        kinds = [stack.dtypes[members[0]] for members in series.members]
        self.dtypes = (*kinds, *["float32"] * extra)
        self.source = stack.source

    def limited(self, area: Area) -> Stack:
        """See :meth:`Stack.limited`."""
        return SeasonStack(self.dated.limited(area), self.series, self._retouches)

    def retouched(self, retouch: Retouch) -> Stack:
        """See :meth:`Stack.retouched`."""
        made = SeasonStack(self.dated, self.series, (*self._retouches, retouch))
        made.source = Stack.retouched(self.dated, retouch).source
        return made

    def every_date(self, bands: Sequence[int]) -> tuple[Stack, tuple[int, ...]] | None:
        """See :meth:`Stack.every_date`."""
        return self.dated, self._dates_of(bands)

    def _dates_of(self, bands: Sequence[int]) -> tuple[int, ...]:
        """Which bands of :attr:`dated` some of the stack's bands are medians of."""
        places = {band for band in bands if band < len(self.series.bands)}
        return tuple(sorted(index for place in places for index in self.series.members[place]))

    def _signals_of(self, group: int) -> list[_Signal]:
        """The signals of a group whose bands were seen on several dates."""
        series = self.series
        own = [p for p, g in enumerate(self._group) if g == group and series.serial[p]]
        light = [series.bands[p].units == REFLECTANCE for p in own]
        pairs = index_pairs([series.bands[p] for p in own])
        kinds = zip(own, light, strict=True)
        bands = [
            _Signal(series.bands[p].name, (p,), is_light)
            for p, is_light in kinds
            if not pairs or series.bands[p].common in _BESIDE_INDICES
        ]
        return bands + [_Signal(name, (own[up], own[down]), light[up]) for name, up, down in pairs]

    def _layer(self, number: int, names: Sequence[str]) -> Layer:
        places = tuple(i for i, band in enumerate(self.bands) if band.layer == number)
        name = names[number] if number < len(names) else SEASON
        return Layer(name, None, tuple(self.bands[i] for i in places), places)

    def _quartiles(self) -> F32:
        found = np.full((3, len(self.bands)), np.nan, np.float32)
        for place, members in enumerate(self.series.members):
            values = self.dated.quartiles[:, list(members)].T
            known = np.isfinite(values)
            found[:, place] = np.where(known.any(axis=0), medians(values, known), np.nan)
        return found

    def _gather(self, window: Window, bands: Sequence[int], values: F32, known: Mapping[int, Mask]) -> None:
        """See :meth:`Stack._gather`; all dates of a few rows at a time."""
        asked = self._needed(bands)
        rows, cols = values.shape[1:]
        whole = (rows, cols) == (window.height, window.width)
        step = max(1, _MOST_NUMBERS // (len(asked) * max(cols, 1))) if whole else rows
        for top in range(0, rows, step):
            part = slice(top, min(top + step, rows))
            place = replace(window, row=window.row + top, height=part.stop - top) if whole else window
            some = {layer: mask[part] for layer, mask in known.items()}
            self._fill(place, asked, bands, values[:, part], some)
        for retouch in self._retouches:
            spared = np.ones(values.shape[1:], bool)
            retouch.apply(window, bands, values, spared)
            for mask in known.values():
                mask &= spared

    def _needed(self, bands: Sequence[int]) -> tuple[int, ...]:
        single = len(self.series.bands)
        places = [band for band in bands if band < single]
        places += [place for b in bands if b >= single for place in self._season[b - single][1].bands]
        return self._dates_of(places)

    def _fill(
        self,
        window: Window,
        asked: Sequence[int],
        bands: Sequence[int],
        values: F32,
        known: Mapping[int, Mask],
    ) -> None:
        shape = values.shape[1:]
        raw = np.zeros((len(asked), *shape), np.float32)
        layers = {self.dated.bands[index].layer: np.zeros(shape, bool) for index in asked}
        self.dated._gather(window, asked, raw, layers)
        seen = np.stack([layers[self.dated.bands[index].layer] for index in asked])
        for mask in known.values():
            mask[:] = True
        single = len(self.series.bands)
        season = [(slot, *self._season[band - single]) for slot, band in enumerate(bands) if band >= single]
        for slot, band in enumerate(bands):
            if band < single:
                at = [asked.index(index) for index in self.series.members[band]]
                values[slot] = medians(raw[at], seen[at])
                known[self.bands[band].layer][...] &= seen[at].any(axis=0)
        self._fill_seasons(asked, raw, seen, season, values)
        for band in bands:
            if band >= single:
                places = self._season[band - single][1].bands
                mask = known[self.bands[band].layer]
                for place in places:
                    mask &= seen[[asked.index(index) for index in self.series.members[place]]].any(axis=0)

    def _fill_seasons(
        self,
        asked: Sequence[int],
        raw: F32,
        seen: Mask,
        season: Sequence[tuple[int, int, _Signal, int]],
        values: F32,
    ) -> None:
        """The season features that are asked for, some pixels at a time."""
        signals = {signal: None for _, _, signal, _ in season}
        flat, known = raw.reshape(len(raw), -1), seen.reshape(len(seen), -1)
        made = np.zeros((len(season), flat.shape[1]), np.float32)
        for start in range(0, flat.shape[1] if signals else 0, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            days = _Days(self.dated.bands, self.series, asked, flat[:, part], known[:, part])
            found = {signal: days.features(signal) for signal in signals}
            for row, (_, _, signal, place) in zip(made, season, strict=True):
                row[part] = found[signal][place]
        for row, (slot, *_) in zip(made, season, strict=True):
            values[slot] = row.reshape(values.shape[1:])


class _Days:
    """Some pixels of a series, day by day."""

    def __init__(
        self, bands: Sequence[Band], series: Series, asked: Sequence[int], values: F32, seen: Mask
    ) -> None:
        self._bands, self._series, self._asked = bands, series, asked
        self._values, self._seen = values, seen
        self._seasons: dict[object, Seasons] = {}

    def features(self, signal: _Signal) -> F32:
        """(names, pixels) of a signal."""
        at = [self._by_day(place) for place in signal.bands]
        layers = tuple(tuple(tuple(self._bands[i].layer for i in day) for day in days) for days in at)
        values, masks = zip(*(self._read(days) for days in at), strict=True)
        if layers not in self._seasons:
            self._seasons[layers] = Seasons(self._series.dates, np.logical_and.reduce(masks))
        return self._seasons[layers].features(signal.of(values))

    def _by_day(self, place: int) -> list[tuple[int, ...]]:
        members = self._series.members[place]
        return [tuple(i for i in members if self._bands[i].date == day) for day in self._series.dates]

    def _read(self, days: Sequence[Sequence[int]]) -> tuple[F32, Mask]:
        """(dates, pixels) of a band; of scenes of one day that overlap the first counts."""
        values = np.zeros((len(days), self._values.shape[1]), np.float32)
        seen = np.zeros(values.shape, bool)
        for number, day in enumerate(days):
            for index in day:
                at = self._asked.index(index)
                new = self._seen[at] & ~seen[number]
                np.copyto(values[number], self._values[at], where=new)
                seen[number] |= new
        return values, seen
