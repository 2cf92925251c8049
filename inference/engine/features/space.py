"""The space that heads, clusters, similarity and change work in: one feature vector a pixel.

Spectral-texture's blocks of every layer, and one more from each foundation model: 24 principal
components of its tokens, brought to pixels by a guided filter. Every feature is standardised by
statistics of the whole scene, clipped at +-6 and divided by the root of its block's width, so that
each block weighs the same however many features it has.

The features of a pixel do not depend on the window they were asked with: tokens come from windows
on a fixed lattice, and what lies around a window is read along with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bands import Band
from ...catalog import JOIN
from ...errors import UnsupportedInput
from ..backbones.spectral_texture import SpectralTexture
from ..base import F32, Context, Encoder, Mask
from ..grid import Window, lattice
from ..rasters import Stack
from ..regions import Region, hull, scaled_down, spread_over, within
from ..series.asked import asked, takes_series
from .encodings import Encodings, lattice_side, masks_bands, windows_a_batch
from .standard import Standard
from .textures import Textures, under
from .tokens import Projection, TokenBlock, learn_tokens, places_a_side

_CLIP = 6.0
_STATISTICS_SIDE = 64
_STATISTICS_WINDOWS = 64
# Two dates are compared on fewer windows with an encoder, which needs much around each of them,
# and on every second row and column, because neighbours differ alike.
_PAIRED_WINDOWS = 16
_PAIRED_STEP = 2
# A feature that hardly differs anywhere must not decide alone, in units of its own deviation.
_LEAST_USUAL = 0.05


class FeatureSpace:
    """Features of pixels, standardised by a scene; made by :meth:`learn` or :meth:`restore`.

    A feature is NaN where what it is made of is missing there though the pixel is valid: a layer beside
    the first may have gaps.

    Attributes:
        dim: features a pixel.
        blocks: width of each block of features.
        around: of each block, whether it tells of what lies around a pixel, as local means do and an
            encoder of windows.
        bands: the bands it reads.
        halo: pixels around a window that its features depend on; :meth:`features` reads them.
    """

    def __init__(
        self,
        textures: Textures,
        standard: Standard,
        tokens: Sequence[TokenBlock] = (),
        usual: F32 | None = None,
    ) -> None:
        self._textures = textures
        self._standard = standard
        self._tokens = tuple(tokens)
        self.blocks = (*textures.blocks, *(block.dim for block in tokens))
        self.around = (*textures.around, *(block.encoder.window > 0 for block in tokens))
        self.dim = sum(self.blocks)
        self.bands: tuple[Band, ...] = textures.bands
        self.halo = max([textures.halo, *(block.reach for block in tokens)])
        weight = np.concatenate([np.full(width, width**-0.5, np.float32) for width in self.blocks])
        if usual is not None:
            weight = weight / (usual + np.float32(_LEAST_USUAL)) / np.float32(len(self.blocks) ** 0.5)
        self._weight = weight.reshape(-1, 1, 1)

    @classmethod
    def learn(
        cls,
        stack: Stack,
        encodings: Sequence[Encodings],
        context: Context,
    ) -> FeatureSpace:
        """Fit scales and components to a scene.

        Args:
            stack: the scene.
            encodings: the tokens of foundation models that work on windows or pixels, each of which gets a
                block of its own; none for spectral-texture alone.
            context: asked for cancellation, told of progress.

        Raises:
            UnsupportedInput: if no pixel is valid, or an encoder misses a band.
        """
        textures = Textures.learn(stack)
        standards = [textures.statistics(stack, context)]
        blocks = []
        for each in encodings:
            block, standard = learn_tokens(stack, textures, each, context)
            blocks.append(block)
            standards.append(standard)
        return cls(textures, Standard.joined(standards), blocks)

    def layers_of(self, stack: Stack) -> tuple[int, ...]:
        """Numbers of the layers of a stack that it reads.

        Raises:
            UnsupportedInput: if the stack lacks a band of the space.
        """
        chosen = self._textures.select(stack.bands)
        return tuple(sorted({stack.bands[index].layer for index in chosen}))

    @property
    def patterns(self) -> Mask:
        """(patterns, dim) which features there are where layers are missing, those with the most first.

        All layers, all but one, and each alone; of one layer the whole alone.
        """
        layers = len(self._textures.each)
        whole = np.ones((1, layers), bool)
        there = np.concatenate([whole, ~np.eye(layers, dtype=bool), np.eye(layers, dtype=bool)])
        found = {tuple(self._features_of(one).tolist()) for one in there if one.any()}
        return np.array(sorted(found, key=lambda one: (-sum(one), one)), bool)

    def _features_of(self, there: Mask) -> Mask:
        """(dim,) which features there are where some of the (layers,) are."""
        parts = [np.full(one.dim, there[k]) for k, one in enumerate(self._textures.each)]
        for block in self._tokens:
            taken = [self._textures.layer_of(i) for i in block.encoder.select(self.bands)]
            known = there[taken].any() if masks_bands(block.encoder) else there[taken].all()
            parts.append(np.full(block.dim, known))
        return np.concatenate(parts)

    def paired(self, before: Stack, after: Stack, context: Context) -> tuple[FeatureSpace, FeatureSpace]:
        """Two spaces, one a date, whose features differ where the ground changed.

        Light, haze and season move a whole scene: the median difference of each feature is taken
        off the later date. Features differ by noise of their own: each is divided by its usual
        difference, the median absolute deviation. Both hold while less than half of the scene
        changed. A distance of 1 between the two is then the usual one.

        Args:
            before: the stack that this space was learned on.
            after: on the same grid, limited to the same area.

        Raises:
            UnsupportedInput: if a band is missing, or no pixel is valid on both dates.
        """
        samples = self._differences(before, after, context)
        if not samples.size:
            raise UnsupportedInput(
                "There is no pixel that is valid on both dates.", "Check the extents and the masks."
            )
        shift = _median(samples)
        usual = 1.4826 * _median(np.abs(samples - shift[:, None])) * self._standard.gain
        moved = Standard(self._standard.mean + shift, self._standard.gain)
        first = FeatureSpace(self._textures, self._standard, self._tokens, usual)
        return first, FeatureSpace(self._textures, moved, self._tokens, usual)

    def doubts(self, model: str, stack: Stack) -> list[str]:
        """Whether a stack's values are of the size of those that the space was learned on."""
        return self._textures.doubts(model, stack)

    def features(self, stack: Stack, window: Window, context: Context) -> tuple[F32, Mask]:
        """Features and validity of a window.

        Returns:
            (dim, rows, cols), 0 where invalid, NaN where unknown, and (rows, cols).

        Raises:
            UnsupportedInput: if the stack lacks a band of the space.
        """
        return self.of(self.read(stack, window), window, context)

    def read(self, stack: Stack, window: Window) -> Region:
        """What :meth:`of` needs: the window's pixels and those that its features depend on.

        Raises:
            UnsupportedInput: if the stack lacks a band of the space.
        """
        around = window.expand(self._textures.halo)
        for block in self._tokens:
            around = around.joined(block.around(window))
        several = len(self._textures.each) > 1
        dated = any(takes_series(block.encoder) for block in self._tokens)
        return Region.read(stack, around, self._textures.select(stack.bands), several, dated)

    def of(self, region: Region, window: Window, context: Context) -> tuple[F32, Mask]:
        """Features and validity of a window, as :meth:`features`, from what :meth:`read` found."""
        raw, valid = self._raw(region, window, context)
        standard = self._standard.apply(raw)
        clipped = np.clip(standard, np.float32(-_CLIP), np.float32(_CLIP))
        return np.where(valid, clipped * self._weight, np.float32(0.0)), valid

    def _raw(self, region: Region, window: Window, context: Context) -> tuple[F32, Mask]:
        """Features of a window before standardisation, and its validity."""
        parts = [self._textures.features(region, window)]
        parts += [block.features(region, window, self._textures, context) for block in self._tokens]
        return np.concatenate(parts), region.cut(window).valid

    def _differences(self, before: Stack, after: Stack, context: Context) -> F32:
        """(dim, samples) of raw features, later less earlier, from a spread of windows."""
        most = _PAIRED_WINDOWS if self._tokens else _STATISTICS_WINDOWS
        partly = len(self._textures.each) > 1
        first, second = (
            stack.overview(self._textures.select(stack.bands), partly=partly) for stack in (before, after)
        )
        both = first.valid & second.valid
        windows = spread_over(first.rows[both], first.cols[both], before.grid.width, _STATISTICS_SIDE, most)
        found = [np.zeros((self.dim, 0), np.float32)]
        for done, window in enumerate(windows):
            context.check()
            context.progress("pair", done, len(windows), "")
            earlier, seen_earlier = self._raw(self.read(before, window), window, context)
            later, seen_later = self._raw(self.read(after, window), window, context)
            known = seen_earlier & seen_later & before.area.mask(window)
            thin = slice(None, None, _PAIRED_STEP)
            found.append((later - earlier)[:, thin, thin][:, known[thin, thin]])
        return np.concatenate(found, axis=1)

    def describe(self) -> dict[str, Any]:
        """What :meth:`restore` needs beside the arrays, as JSON types."""
        names = [block.encoder.name for block in self._tokens]
        return {**self._textures.describe(), "encoder": JOIN.join(names) or None}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that was learned, as arrays fit for safetensors."""
        arrays = {**self._textures.arrays(), "mean": self._standard.mean, "gain": self._standard.gain}
        for prefix, block in zip(_prefixes(len(self._tokens)), self._tokens, strict=True):
            arrays.update({f"{prefix}{key}": value for key, value in block.projection.arrays().items()})
        return arrays

    @classmethod
    def restore(
        cls,
        description: Mapping[str, Any],
        arrays: Mapping[str, NDArray[Any]],
        encodings: Sequence[Encodings] = (),
    ) -> FeatureSpace:
        """The space that :meth:`describe` and :meth:`arrays` were asked of.

        Args:
            description, arrays: what they answered.
            encodings: the tokens of the foundation models that the description names, in its order.

        Raises:
            UnsupportedInput: if those are not the encoders given, or their windows were others then.
            KeyError, TypeError, ValueError: if a part is missing or does not fit the others.
        """
        wanted = description["encoder"]
        if (wanted or "") != JOIN.join(one.encoder.name for one in encodings):
            raise UnsupportedInput(
                f"The classifier was taught on features of {wanted or 'spectral-texture alone'}.",
                "Use it with the same model.",
            )
        textures = Textures.restore(description, arrays)
        standard = Standard(arrays["mean"], arrays["gain"])
        prefixes = _prefixes(len(encodings))
        blocks = [_restored(one, under(arrays, p)) for one, p in zip(encodings, prefixes, strict=True)]
        space = cls(textures, standard, blocks)
        if any(value.shape != (space.dim,) for value in (standard.mean, standard.gain)):
            raise ValueError(f"statistics are not those of {space.dim} features")
        return space


def _median(samples: F32) -> F32:
    """(dim,) medians of what is known of (dim, samples); 0 where that is nothing."""
    if not np.isnan(samples).any():
        return np.median(samples, axis=1)
    known = (row[~np.isnan(row)] for row in samples)
    return np.array([np.median(row) if row.size else 0.0 for row in known], np.float32)


def _prefixes(count: int) -> list[str]:
    """How the names of the arrays of each encoder's block begin."""
    return ["tokens.", *(f"tokens{number}." for number in range(1, count))][:count]


def _restored(encodings: Encodings, arrays: Mapping[str, NDArray[Any]]) -> TokenBlock:
    projection = Projection.restore(arrays)
    encoder = encodings.encoder
    side = places_a_side(encoder)
    if projection.place.shape != (encoder.dim, side, side):
        raise UnsupportedInput(
            f"The classifier was taught with other windows than {encoder.name} has now.",
            "Teach it again with this version.",
        )
    return TokenBlock(encodings, projection)


def fitted(encoder: Encoder, stack: Stack) -> Encoder:
    """The encoder ready for :func:`encode_area`: spectral-texture must see the scene first."""
    return SpectralTexture.learn(stack) if isinstance(encoder, SpectralTexture) else encoder


def encode_area(
    encoder: Encoder, stack: Stack, window: Window, context: Context, batch: int = 0
) -> tuple[F32, Mask]:
    """An encoder's own features of a window, at its stride.

    Args:
        encoder: see :func:`fitted`.
        window: starts and ends on multiples of the encoder's stride.
        batch: windows a batch, 0 chooses.

    Returns:
        (dim, rows / stride, cols / stride) and the cells with a valid pixel,
        (rows / stride, cols / stride); 0 elsewhere.
    """
    return encode_region(encoder, read_area(encoder, stack, window), window, context, batch)


def read_area(encoder: Encoder, stack: Stack, window: Window) -> Region:
    """What :func:`encode_region` needs: the window's pixels and those that its features depend on."""
    side = lattice_side(encoder)
    around = hull(window, side) if side else window.expand(encoder.halo)
    chosen, dated = encoder.select(stack.bands), takes_series(encoder)
    return Region.read(stack, around, chosen, masks_bands(encoder), dated)


def encode_region(
    encoder: Encoder, region: Region, window: Window, context: Context, batch: int = 0
) -> tuple[F32, Mask]:
    """As :func:`encode_area`, from what :func:`read_area` found."""
    stride = encoder.stride
    if lattice_side(encoder):
        tokens = _encode_lattice(encoder, region, context, batch or windows_a_batch(encoder))
    else:
        tokens = encoder.encode(region.batch([region.window]))[0]
    cells = scaled_down(region.window, stride)
    inner = within(scaled_down(window, stride), cells)
    seen: Mask = np.any(region.valid.reshape(cells.height, stride, cells.width, stride), axis=(1, 3))
    known = seen[inner]
    return np.where(known, tokens[(slice(None), *inner)], np.float32(0.0)), known


def _encode_lattice(encoder: Encoder, region: Region, context: Context, batch: int) -> F32:
    """Tokens of a region of whole lattice windows; 0 for windows without a valid pixel."""
    cells = scaled_down(region.window, encoder.stride)
    result = np.zeros((encoder.dim, cells.height, cells.width), np.float32)
    places = [p for p in lattice(region.window, lattice_side(encoder)) if region.cut(p).valid.any()]
    for start in range(0, len(places), batch):
        context.check()
        part = places[start : start + batch]
        given, chosen = asked(encoder, region)
        for place, tokens in zip(part, encoder.encode(given.batch(part, chosen)), strict=True):
            at = within(scaled_down(place, encoder.stride), cells)
            result[(slice(None), *at)] = tokens
    return result
