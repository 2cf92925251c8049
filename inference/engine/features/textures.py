"""Hand-made features of all layers of a stack, each layer with scales of its own.

What is light, radar or height is brought to numbers that compare with its own kind alone: one layer's
spectral-texture knows nothing of another's. Where a layer is missing its features are NaN, which says
"not known"; the features of the others are what they would be without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bands import CLASSES, Band
from ...errors import UnsupportedInput
from ..backbones.spectral_texture import SpectralTexture
from ..base import F32, Context
from ..expectations import doubts
from ..grid import Window
from ..rasters import Overview, Stack
from ..regions import Region, spread_windows
from ..series.seasonality import SEASON, Seasonality
from .standard import Moments, Standard
from .terrain import Terrain

Texture = SpectralTexture | Terrain | Seasonality
_SIDE, _WINDOWS = 64, 64
_ELEVATION = "elevation"


class Textures:
    """One texture a layer; made by :meth:`learn` or :meth:`restore`.

    Attributes:
        each: the textures, that of the first layer first.
        bands: the bands they read, one layer's after the other's: those of the regions that they take.
        blocks: width of each block of features.
        around: of each block, whether it tells of what lies around a pixel.
        dim: features a pixel.
        halo: pixels around a window that its features depend on.
    """

    def __init__(self, each: Sequence[Texture]) -> None:
        self.each = tuple(each)
        self.bands: tuple[Band, ...] = tuple(band for one in self.each for band in one.bands)
        self.blocks: tuple[int, ...] = tuple(width for one in self.each for width in one.blocks)
        self.around: tuple[bool, ...] = tuple(flag for one in self.each for flag in one.around)
        self.dim = sum(self.blocks)
        self.halo = max(one.halo for one in self.each)
        ends = np.cumsum([len(one.bands) for one in self.each]).tolist()
        self._places = [
            list(range(end - len(one.bands), end)) for end, one in zip(ends, self.each, strict=True)
        ]

    @classmethod
    def learn(cls, stack: Stack) -> Textures:
        """Fit to the layers of a stack; one without a valid pixel in its area is left out.

        Raises:
            UnsupportedInput: if no band carries measurements or no pixel is valid.
        """
        groups = [[i for i in one.places if stack.bands[i].units != CLASSES] for one in stack.layers]
        groups = [group for group in groups if group]
        if len(groups) < 2:
            return cls([SpectralTexture.learn(stack)])
        high = [all(stack.bands[i].modality == _ELEVATION for i in group) for group in groups]
        each: list[Texture] = []
        for group, is_height in zip(groups, high, strict=True):
            if not stack.overview(group).valid.any():
                continue
            if stack.bands[group[0]].modality == SEASON:
                each.append(Seasonality([stack.bands[i] for i in group]))
            elif is_height and not all(high):
                each.append(Terrain([stack.bands[i] for i in group]))
            else:
                each.append(SpectralTexture.learn(_OneLayer(stack, group)))
        if not each:
            raise UnsupportedInput("The raster has no valid pixel.", "Check its nodata value and its mask.")
        return cls(each)

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Indices of :attr:`bands` in a stack, layer by layer where it has these layers, else wherever.

        Raises:
            UnsupportedInput: naming the bands that are missing or in other units.
        """
        if len(self.each) == 1:
            return self.each[0].select(bands)
        found: list[int] = []
        for one in self.each:
            found += next(self._in_layers(one, bands, found), ()) or one.select(bands)
        if len(set(found)) < len(found):
            raise UnsupportedInput(
                "Two of the layers the model was fitted to would be read from the same bands.",
                "Give the layers that it was taught with.",
            )
        return tuple(found)

    def _in_layers(
        self, one: Texture, bands: Sequence[Band], taken: Sequence[int]
    ) -> Iterator[tuple[int, ...]]:
        """Where the bands of a layer are, in each layer of a stack that has them all."""
        for layer in sorted({band.layer for band in bands}):
            own = [i for i, band in enumerate(bands) if band.layer == layer and i not in taken]
            try:
                yield tuple(own[i] for i in one.select([bands[i] for i in own]))
            except UnsupportedInput:
                # Another layer may have them; if none has, the caller asks the whole stack and is told.
                continue

    def statistics(self, stack: Stack, context: Context) -> Standard:
        """Of raw features over a scene, from windows at full resolution.

        A decimated pass would do for the bands, not for the local means: decimated neighbours are
        strangers, their mean varies too little, and the texture block would come out too strong.
        """
        chosen = self.select(stack.bands)
        found = []
        for one, places in zip(self.each, self._places, strict=True):
            own = [chosen[i] for i in places]
            windows = spread_windows(stack, own, _SIDE, _WINDOWS)
            moments = Moments(one.dim)
            for done, window in enumerate(windows):
                context.check()
                context.progress("statistics", done, len(windows), "")
                region = Region.read(stack, window.expand(one.halo), own)
                features = _features(one, region, window)
                moments.add(features[:, region.inside(stack.area, window)])
            found.append(Standard.of(moments))
        return Standard.joined(found)

    def features(self, region: Region, window: Window) -> F32:
        """(dim, rows, cols) of ``window``, unstandardised; NaN where a valid pixel's layer is missing.

        Args:
            region: of :attr:`bands`; reaches beyond the window by :attr:`halo`.
        """
        if len(self.each) == 1:
            return _features(self.each[0], region, window)
        valid = region.cut(window).valid
        parts = []
        for one, places in zip(self.each, self._places, strict=True):
            own = self._own(region, places)
            found = _features(one, own, window)
            missing = valid & ~own.cut(window).valid
            parts.append(np.where(missing, np.float32(np.nan), found))
        return np.concatenate(parts)

    def layer_of(self, place: int) -> int:
        """Number of the layer that one of :attr:`bands` belongs to."""
        return next(number for number, places in enumerate(self._places) if place in places)

    def steering(self, region: Region) -> F32:
        """(bands, rows, cols) on their scales, of the layer whose edges steer the upsampling of tokens."""
        texture, places = self._steers()
        own = self._own(region, places)
        return texture.standardised(own.pixels, own.valid)

    def seen_over(self, stack: Stack) -> F32:
        """(bands, pixels) of the same, over a scene."""
        texture, places = self._steers()
        chosen = self.select(stack.bands)
        seen = stack.overview([chosen[i] for i in places])
        found: F32 = texture.standardised(seen.pixels[:, None], seen.valid[None])[:, 0, seen.valid]
        return found

    def doubts(self, model: str, stack: Stack) -> list[str]:
        """Whether a stack's values are of the size of those that the textures were learned on."""
        chosen = self.select(stack.bands)
        told: list[str] = []
        for one, places in zip(self.each, self._places, strict=True):
            if isinstance(one, SpectralTexture):
                own = [chosen[i] for i in places]
                quartiles = stack.quartiles[:, own]
                distances = one.standardised(quartiles.T[:, None], np.ones((1, 3), bool))[:, 0].T
                told += doubts(model, [stack.bands[index] for index in own], quartiles, distances)
        return told

    def describe(self) -> dict[str, Any]:
        """What :meth:`restore` needs beside the arrays, as JSON types."""
        first, *others = (one.describe() for one in self.each)
        return {"spectral": first, **({"beside": others} if others else {})}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that was learned, as arrays fit for safetensors."""
        return {
            f"{prefix}{key}": value
            for prefix, one in zip(_prefixes(len(self.each)), self.each, strict=True)
            for key, value in one.arrays().items()
        }

    @classmethod
    def restore(cls, description: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Textures:
        """The textures that :meth:`describe` and :meth:`arrays` were asked of.

        Raises:
            KeyError, TypeError, ValueError: if a part is missing or does not fit the others.
        """
        told = [description["spectral"], *description.get("beside", ())]
        prefixes = _prefixes(len(told))
        return cls([_restored(one, under(arrays, p)) for one, p in zip(told, prefixes, strict=True)])

    def _steers(self) -> tuple[SpectralTexture, list[int]]:
        for one, places in zip(self.each, self._places, strict=True):
            if isinstance(one, SpectralTexture):
                return one, places
        raise ValueError("no layer that steers")

    def _own(self, region: Region, places: list[int]) -> Region:
        """The bands of one layer, valid where that layer is known."""
        if len(self.each) == 1:
            return region
        bands = tuple(region.bands[i] for i in places)
        known = region.known(places, every=True)
        return replace(region, pixels=region.pixels[places], valid=known, bands=bands, seen=None)


class _OneLayer:
    """A stack as its layer's texture sees it while it learns."""

    def __init__(self, stack: Stack, places: Sequence[int]) -> None:
        self._stack, self._places = stack, places
        self.bands: tuple[Band, ...] = tuple(stack.bands[i] for i in places)

    def overview(self, bands: Sequence[int], side: int = 512) -> Overview:
        return self._stack.overview([self._places[i] for i in bands], side)


def under(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """The arrays whose names start with ``prefix``, without it."""
    return {key[len(prefix) :]: value for key, value in arrays.items() if key.startswith(prefix)}


def _features(one: Texture, region: Region, window: Window) -> F32:
    """(dim, rows, cols) of ``window``, unstandardised; ``region`` reaches beyond it by the halo."""
    halo = one.halo
    batch = region.batch([window.expand(halo)])
    return one.encode(batch)[0][:, halo:-halo, halo:-halo]


def _prefixes(count: int) -> list[str]:
    return ["spectral.", *(f"beside{number}." for number in range(1, count))]


def _restored(description: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Texture:
    if description.get(SEASON):
        return Seasonality.restore(description)
    if description.get("terrain"):
        return Terrain.restore(description)
    return SpectralTexture.restore(description, arrays)
