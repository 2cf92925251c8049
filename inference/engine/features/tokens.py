"""A foundation model's tokens as features of pixels: principal components, upsampled by the bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..backbones.spectral_texture import principal_axes
from ..base import F32, Context, Encoder, Mask
from ..grid import Window, lattice
from ..rasters import Stack
from ..regions import Region, hull, scaled_down, spread_windows, within
from ..series.asked import takes_series
from .encodings import Encodings, lattice_side, masks_bands
from .guided import cell_mean, guided_upsample
from .standard import Moments, Standard
from .textures import Textures

COMPONENTS = 24
_GUIDES = 4
_RADIUS = 2
# Regions to learn from: whole windows, together at least as wide as the upsampling reaches. 128 of
# 32 x 32 pixels (four of Galileo's windows), fewer larger ones, but never below 16.
_LEARNING_SIDE = 32
_LEARNING_PIXELS = 128 * 32 * 32
_FEWEST_REGIONS = 16
# Weight, in windows, of the assumption that a token's place in its window does not matter.
_PLACE_PRIOR = 8


@dataclass(frozen=True)
class Projection:
    """From an encoder's tokens to components.

    Attributes:
        place: (dim, rows, cols) mean token at each place of a window, less the mean of all: the
            encoder's position code shines through (Galileo: 27 to 58 % of the variance), and a
            pixel's features must not tell where in a window it happened to lie. (dim, 1, 1) of
            zeros for an encoder of single pixels, which knows no place.
        standard: statistics of raw tokens. In some models all but a few features are tiny, and
            those few would be all that components of unscaled tokens keep.
        axes: (components, dim) principal axes of standardised tokens.
        guide: (channels, bands) mixes standardised bands into the guide of the upsampling.
    """

    place: F32
    standard: Standard
    axes: F32
    guide: F32

    def apply(self, tokens: F32) -> F32:
        """(batch, dim, rows, cols) to (batch, components, rows, cols)."""
        standard = self.standard.apply(tokens - self.place)
        flat = standard.reshape(*tokens.shape[:2], -1).astype(np.float64)
        mixed = self.axes.astype(np.float64) @ flat
        return mixed.reshape(len(tokens), len(self.axes), *tokens.shape[2:]).astype(np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was learned."""
        return {
            "place": self.place,
            "mean": self.standard.mean,
            "gain": self.standard.gain,
            "axes": self.axes,
            "guide": self.guide,
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]]) -> Projection:
        """The projection that :meth:`arrays` was asked of."""
        standard = Standard(arrays["mean"], arrays["gain"])
        return cls(arrays["place"], standard, arrays["axes"], arrays["guide"])


class TokenBlock:
    """How an encoder's tokens become features of pixels; see :func:`learn_tokens`.

    Attributes:
        encodings: the foundation model's tokens.
        projection: what was learned.
        dim: features it gives.
        reach: pixels on each side of a pixel that its features depend on, beside the rest of
            the lattice windows that these touch.
    """

    def __init__(self, encodings: Encodings, projection: Projection) -> None:
        self.encodings = encodings
        self.encoder = encodings.encoder
        self.projection = projection
        self.dim = len(projection.axes)
        self.reach = (2 * _RADIUS + 2) * self.encoder.stride if self.encoder.stride > 1 else 0

    def around(self, window: Window) -> Window:
        """The lattice windows from which the features of ``window`` come."""
        return hull(window.expand(self.reach), lattice_side(self.encoder))

    def known(self, region: Region) -> Mask:
        """(rows, cols) valid pixels of which the encoder has something to say.

        One that masks what is missing needs one of its bands, any other one needs all.
        """
        if region.seen is None:
            return region.valid
        return region.known(self.encoder.select(region.bands), every=not masks_bands(self.encoder))

    def features(self, region: Region, window: Window, textures: Textures, context: Context) -> F32:
        """(dim, rows, cols) of ``window``; ``region`` covers :meth:`around` of it.

        NaN where a pixel is valid of which the encoder has nothing to say.
        """
        own = replace(region, valid=self.known(region))
        found = self._features(own, window, textures, context)
        missing = region.cut(window).valid & ~own.cut(window).valid
        return np.where(missing, np.float32(np.nan), found) if missing.any() else found

    def _features(self, region: Region, window: Window, textures: Textures, context: Context) -> F32:
        stride = self.encoder.stride
        around = self.around(window)
        cells = scaled_down(around, stride)
        grid = np.zeros((self.dim, cells.height, cells.width), np.float32)
        windows = [region.cut(place) for place in lattice(around, lattice_side(self.encoder))]
        for part, tokens in self.encodings.tokens(windows, context):
            for index, components in zip(part, self.projection.apply(tokens), strict=True):
                at = within(scaled_down(windows[index].window, stride), cells)
                grid[(slice(None), *at)] = components
        near = region.cut(hull(window.expand(self.reach), stride))
        tokens = grid[(slice(None), *within(scaled_down(near.window, stride), cells))]
        fine = self._upsampled(near, tokens, textures)
        return fine[(slice(None), *within(window, near.window))]

    def learn_statistics(self, sample: _Sample, textures: Textures) -> Standard:
        """Of the block's features, from a sample of tokens.

        Measured after upsampling, which takes half of the deviation, on the middle of each
        region, where the region's edge matters least.
        """
        moments = Moments(self.dim)
        stride = self.encoder.stride
        components = iter(self.projection.apply(sample.tokens))
        for region in sample.regions:
            cells = scaled_down(region.window, stride)
            grid = np.zeros((self.dim, cells.height, cells.width), np.float32)
            for place in lattice(region.window, lattice_side(self.encoder)):
                tokens = next(components)
                if region.cut(place).valid.any():
                    grid[(slice(None), *within(scaled_down(place, stride), cells))] = tokens
            inner = within(region.window.expand(-(region.window.width // 4)), region.window)
            fine = self._upsampled(region, grid, textures)
            moments.add(fine[(slice(None), *inner)][:, region.valid[inner]])
        return Standard.of(moments)

    def _upsampled(self, region: Region, tokens: F32, textures: Textures) -> F32:
        if self.encoder.stride == 1:
            return np.where(region.valid, tokens, np.float32(0.0))
        guide = np.einsum("kc,cyx->kyx", self.projection.guide, textures.steering(region))
        return guided_upsample(tokens, guide, region.valid, self.encoder.stride, _RADIUS)


def places_a_side(encoder: Encoder) -> int:
    """Places of a window's side whose tokens differ by where they are: 1 if the encoder sees no place."""
    return max(1, encoder.window // encoder.stride)


def learn_tokens(
    stack: Stack, textures: Textures, encodings: Encodings, context: Context
) -> tuple[TokenBlock, Standard]:
    """Fit components and guide to a scene; answer the block and its features' statistics.

    Args:
        stack: the scene.
        textures: fitted; say which bands are used and steer the upsampling.
        encodings: of an encoder that works on windows of a lattice, or on single pixels.
        context: asked for cancellation, told of progress.

    Raises:
        UnsupportedInput: if the encoder misses a band or no pixel is valid.
    """
    encoder = encodings.encoder
    sample = _sample(stack, textures, encodings, context)
    place = _mean_by_place(sample) if encoder.window else np.zeros((encoder.dim, 1, 1), np.float32)
    moved = sample.known_tokens(sample.tokens - place)
    moments = Moments(encoder.dim)
    moments.add(moved)
    standard = Standard.of(moments)
    axes = principal_axes(standard.apply(moved[:, None])[:, 0].T, COMPONENTS)
    projection = Projection(place, standard, axes, _learn_guide(stack, textures))
    block = TokenBlock(encodings, projection)
    return block, block.learn_statistics(sample, textures)


@dataclass(frozen=True)
class _Sample:
    """Tokens of regions spread over a scene.

    Attributes:
        regions: each of whole windows of the encoder, with their pixels.
        tokens: (windows, dim, rows, cols), the windows of one region after the other's; 0 where none of
            a window's pixels is valid.
        known: (windows, rows, cols); at least half of the token's pixels are valid.
    """

    regions: list[Region]
    tokens: F32
    known: Mask

    def known_tokens(self, tokens: F32) -> F32:
        """(dim, samples) of (windows, dim, rows, cols)."""
        return np.moveaxis(tokens, 1, -1)[self.known].T


def _sample(stack: Stack, textures: Textures, encodings: Encodings, context: Context) -> _Sample:
    """The tokens of a spread of the scene's regions."""
    chosen = textures.select(stack.bands)
    encoder = encodings.encoder
    several = len(textures.each) > 1
    taken = encoder.select(textures.bands) if several else range(len(chosen))
    partly = several and masks_bands(encoder)
    window = lattice_side(encoder)
    side = window * -(-_LEARNING_SIDE // window)
    most = max(_FEWEST_REGIONS, _LEARNING_PIXELS // side**2)
    places = spread_windows(stack, [chosen[i] for i in taken], side, most, partly)
    dated = takes_series(encoder)
    regions = [Region.read(stack, place, chosen, several, dated) for place in places]
    if several:
        regions = [replace(one, valid=one.known(list(taken), every=not partly)) for one in regions]
    windows = [region.cut(place) for region in regions for place in lattice(region.window, window)]
    cells = window // encoder.stride
    tokens = np.zeros((len(windows), encoder.dim, cells, cells), np.float32)
    done = 0
    context.progress("encode", done, len(windows), encoder.name)
    for part, found in encodings.tokens(windows, context):
        tokens[part] = found
        done += len(part)
        context.progress("encode", done, len(windows), encoder.name)
    shares = [cell_mean(w.pixels[:0], w.valid, encoder.stride)[1] for w in windows]
    return _Sample(regions, tokens, np.stack(shares) >= 0.5)


def _mean_by_place(sample: _Sample) -> F32:
    """The mean token of each place in a window, less the mean of all; (dim, rows, cols).

    Drawn towards 0 where few windows were seen: their mean is the ground's, not the code's.
    """
    whole = sample.known.all(axis=(1, 2))
    if not whole.any():
        return np.zeros(sample.tokens.shape[1:], np.float32)
    mean = sample.tokens[whole].mean(axis=0, dtype=np.float64)
    place = mean - mean.mean(axis=(1, 2), keepdims=True)
    return (place * (whole.sum() / (whole.sum() + _PLACE_PRIOR))).astype(np.float32)


def _learn_guide(stack: Stack, textures: Textures) -> F32:
    """(channels, bands): the main components of the standardised bands, the first of variance 1.

    A few channels carry the edges of all bands; every further one costs as much as the rest
    and gives the local fits more to overfit.
    """
    samples = textures.seen_over(stack)
    axes = principal_axes(samples.T, _GUIDES)
    spread = (axes[:1] @ samples).std()
    return (axes / max(float(spread), 1e-6)).astype(np.float32)
