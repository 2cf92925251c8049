"""Layers of a stack: what one sensor saw on one day, whether its bands lie in one file or in several.

Everything but the first layer may be missing at places: radar ends at its swath, a height model at a
border. The first one, or another date of it, says where there is a map.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..bands import CLASSES, Band
from .base import Mask

# Name, day of acquisition and bands of a raster.
Raster = tuple[str, datetime.date | None, Sequence[Band]]


@dataclass(frozen=True)
class Layer:
    """What one sensor saw on one day.

    Attributes:
        name: of its file, or of the first of its files.
        date: of acquisition, None if unknown.
        bands: what each of its bands is.
        places: their indices in the stack's bands.
    """

    name: str
    date: datetime.date | None
    bands: tuple[Band, ...]
    places: tuple[int, ...]

    @property
    def series(self) -> tuple[tuple[str, str], ...]:
        """What dates of one series have in common; nothing where a band is unknown."""
        if not all(band.known for band in self.bands):
            return ()
        return tuple(sorted((band.modality, band.name) for band in self.bands))

    def takes(self, date: datetime.date | None, bands: Sequence[Band]) -> bool:
        """Whether a raster of a day is a part of it: the same sensor's, with other bands."""
        sensors = [{b.modality for b in group if b.units != CLASSES} for group in (self.bands, bands)]
        known = all(band.known for band in (*self.bands, *bands))
        new = {band.name for band in self.bands}.isdisjoint(band.name for band in bands)
        return date == self.date and known and new and sensors[0] == sensors[1] != {"other"}


def layers_of(rasters: Sequence[Raster]) -> tuple[Layer, ...]:
    """The layers that rasters make up, that of the first one first; bands know their layer and date."""
    layers: list[Layer] = []
    start = 0
    for name, date, bands in rasters:
        number = next((n for n, layer in enumerate(layers) if layer.takes(date, bands)), len(layers))
        if number == len(layers):
            layers.append(Layer(name, date, (), ()))
        layer = layers[number]
        told = (replace(band, layer=number, date=date) for band in bands)
        places = range(start, start + len(bands))
        layers[number] = replace(layer, bands=(*layer.bands, *told), places=(*layer.places, *places))
        start += len(bands)
    return tuple(layers)


def in_order(layers: Sequence[Layer]) -> tuple[Band, ...]:
    """The bands of a stack in their order."""
    found = {place: band for one in layers for place, band in zip(one.places, one.bands, strict=True)}
    return tuple(found[place] for place in sorted(found))


def with_a_map(
    layers: Sequence[Layer], known: Mapping[int, Mask], hidden: frozenset[int] = frozenset()
) -> Mask:
    """Where the first of some layers is known, or another date of it.

    Args:
        layers: of the stack.
        known: by number, where each of these layers is known.
        hidden: layers that are missing everywhere; without the first, any of the others makes a map.
    """
    first = min(known)
    if first in hidden:
        rest: Mask = np.logical_or.reduce(list(known.values()))
        return rest
    series = layers[first].series
    dates = [mask for n, mask in known.items() if n == first or (series and layers[n].series == series)]
    found: Mask = np.logical_or.reduce(dates)
    return found
