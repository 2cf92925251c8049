"""Spectral-texture: features without learned weights, from any raster.

Blocks of features a pixel: the bands on a logarithmic scale, normalised differences of the pairs
that can be identified, and means over 3x3 and 7x7 pixels. Of hyperspectral images (more than 30
bands) instead: 15 principal components, the bands averaged to Sentinel-2's, indices of those, and
means of six components. The recipe was chosen by measuring 91 variants on seven labelled scenes.

What depends on the scene (scales, components) is learned once from a decimated pass over it, so
that the feature of a pixel never depends on the window it was computed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...bands import CLASSES, DECIBEL, KELVIN, SENTINEL2, Band, find
from ...cards import Card
from ...errors import Internal, UnsupportedInput
from ..base import F32, Mask, WindowBatch
from ..features.guided import local_mean
from ..rasters import Overview

HYPERSPECTRAL = 30
_COMPONENTS = 15
_SMOOTHED_COMPONENTS = 6
_RADII = (1, 3)

# Name, the band that counts up, the band that counts down; by STAC common names.
NORMALISED_DIFFERENCES = (
    ("NDVI", "nir", "red"),
    ("NDWI", "green", "nir"),
    ("MNDWI", "green", "swir16"),
    ("NDBI", "swir16", "nir"),
    ("NBR", "nir", "swir22"),
    ("NDTI", "swir16", "swir22"),
    ("NDRE", "nir", "rededge071"),
    ("GRVI", "green", "red"),
    ("NDBR", "blue", "red"),
    ("NDGB", "green", "blue"),
)
# Half widths (nm) of Sentinel-2's bands, for averaging finer ones: ESA, S2-SRF 3.0.
_HALF_WIDTH = {
    "B01": 11.0, "B02": 33.0, "B03": 18.0, "B04": 16.0, "B05": 8.0, "B06": 8.0, "B07": 10.0,
    "B08": 53.0, "B8A": 11.0, "B11": 46.0, "B12": 90.0,
}  # fmt: skip


class Scenery(Protocol):
    """What learning needs of a stack of rasters."""

    @property
    def bands(self) -> tuple[Band, ...]: ...

    def overview(self, bands: Sequence[int], side: int = 512) -> Overview: ...


@dataclass(frozen=True)
class Scaling:
    """How the bands become comparable numbers; one entry a band.

    ``log(max(x, 0) + soft)`` where ``logarithmic``, else ``x``; then ``(t - centre) * gain``.
    """

    logarithmic: Mask
    soft: F32
    centre: F32
    gain: F32

    def apply(self, pixels: F32) -> F32:
        """(..., bands, rows, cols) pixels on their scale, before centring."""
        shape = (-1, 1, 1)
        logs = np.log(np.maximum(pixels, 0) + self.soft.reshape(shape))
        return np.where(self.logarithmic.reshape(shape), logs, pixels)

    def standardise(self, scaled: F32) -> F32:
        return (scaled - self.centre.reshape(-1, 1, 1)) * self.gain.reshape(-1, 1, 1)


class SpectralTexture:
    """The encoder; :meth:`learn` gives one that is fitted to a scene and can encode.

    Attributes:
        bands: the bands it was fitted to, in the order that ``encode`` wants.
        blocks: width of each block of features, in order.
        around: of each block, whether it tells of what lies around a pixel.
        feature_names: one name a feature.
    """

    name = "spectral-texture"
    stride = 1
    window = 0
    halo = max(_RADII)

    def __init__(
        self,
        bands: Sequence[Band] = (),
        scaling: Scaling | None = None,
        components: F32 | None = None,
    ) -> None:
        self.bands = tuple(bands)
        self._scaling = scaling
        self._components = components
        hyper = components is not None
        self._groups = _sentinel_groups(self.bands) if hyper else {}
        optical = tuple(SENTINEL2[name] for name in self._groups) if hyper else self.bands
        self._pairs = index_pairs(optical)
        self.feature_names, self.blocks = self._layout()
        self.around = (*(False for _ in self.blocks[1:]), True)
        self.dim = sum(self.blocks)

    @property
    def fitted(self) -> bool:
        """Whether :meth:`learn` or :meth:`restore` made it."""
        return self._scaling is not None

    @classmethod
    def learn(cls, stack: Scenery) -> SpectralTexture:
        """Fit to a scene.

        Raises:
            UnsupportedInput: if no band carries measurements or no pixel is valid.
        """
        chosen = cls().select(stack.bands)
        bands = tuple(stack.bands[index] for index in chosen)
        seen = stack.overview(chosen)
        samples = seen.pixels[:, seen.valid]
        if samples.shape[1] == 0:
            raise UnsupportedInput("The raster has no valid pixel.", "Check its nodata value and its mask.")
        scaling = _learn_scaling(bands, samples)
        components = None
        if len(bands) > HYPERSPECTRAL:
            standard = scaling.standardise(scaling.apply(samples[:, None, :]))[:, 0]
            components = principal_axes(standard.T, _COMPONENTS)
        return cls(bands, scaling, components)

    def select(self, bands: Sequence[Band]) -> tuple[int, ...]:
        """Fitted: where its bands are in this stack. Else: all bands of measurements.

        Raises:
            UnsupportedInput: if a band is missing, or there is none at all.
        """
        if self.fitted:
            return locate(self.bands, bands)
        chosen = tuple(index for index, band in enumerate(bands) if band.units != CLASSES)
        if not chosen:
            raise UnsupportedInput(
                "The raster has only class or quality bands, nothing that was measured.",
                "Choose a layer with image bands.",
            )
        return chosen

    def encode(self, batch: WindowBatch) -> F32:
        """Features before standardisation, (batch, dim, rows, cols); 0 where invalid.

        The outer ``halo`` pixels see only what lies inside the window.
        """
        scaling = self._known_scaling()
        valid = batch.valid[:, None]
        scaled = scaling.apply(batch.pixels)
        if self._components is None:
            parts = [scaled, self._differences(batch.pixels, scaling.soft)]
            smooth = scaled
        else:
            standard = scaling.standardise(scaled)
            smooth = _mixed(self._components, standard)
            broad, soft = self._broad(batch.pixels, scaling.soft)
            parts = [smooth, np.log(np.maximum(broad, 0) + soft.reshape(-1, 1, 1))]
            parts.append(self._differences(broad, soft))
            smooth = smooth[:, :_SMOOTHED_COMPONENTS]
        smooth = np.where(valid, smooth, np.float32(0.0))
        parts.extend(local_mean(smooth, valid, radius) for radius in _RADII)
        return np.where(valid, np.concatenate(parts, axis=1), np.float32(0.0))

    def standardised(self, pixels: F32, valid: Mask) -> F32:
        """The bands on their scale with mean 0 and deviation 1 over the scene, (bands, rows, cols)."""
        scaling = self._known_scaling()
        return np.where(valid, scaling.standardise(scaling.apply(pixels)), np.float32(0.0))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was learned, for safetensors."""
        scaling = self._known_scaling()
        arrays = {key: np.asarray(value) for key, value in vars(scaling).items()}
        if self._components is not None:
            arrays["components"] = self._components
        return arrays

    def describe(self) -> dict[str, Any]:
        """The bands it was fitted to, as JSON types."""
        return {"bands": [band.identity() for band in self.bands]}

    @classmethod
    def restore(cls, description: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> SpectralTexture:
        """The encoder that :meth:`describe` and :meth:`arrays` were asked of.

        Raises:
            KeyError, TypeError, ValueError: if a part is missing or does not fit the others.
        """
        bands = [Band(**entry) for entry in description["bands"]]
        scaling = Scaling(
            arrays["logarithmic"].astype(bool), arrays["soft"], arrays["centre"], arrays["gain"]
        )
        components = arrays.get("components")
        learned = [*vars(scaling).values(), *(() if components is None else components)]
        if any(value.shape != (len(bands),) for value in learned):
            raise ValueError(f"scales and components are not those of {len(bands)} bands")
        return cls(bands, scaling, components)

    def _known_scaling(self) -> Scaling:
        if self._scaling is None:
            raise Internal("Spectral-texture was asked for features before it saw the scene.")
        return self._scaling

    def _layout(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        names = [f"log {b.name}" if self._is_log(i) else b.name for i, b in enumerate(self.bands)]
        groups = [names]
        smooth = names
        if self._components is not None:
            smooth = [f"PC{index + 1}" for index in range(len(self._components))]
            groups = [smooth, [f"log {name}" for name in self._groups]]
            smooth = smooth[:_SMOOTHED_COMPONENTS]
        groups.append([name for name, _, _ in self._pairs])
        groups.append([f"mean{2 * r + 1} {name}" for r in _RADII for name in smooth])
        groups = [group for group in groups if group]
        return tuple(name for group in groups for name in group), tuple(map(len, groups))

    def _is_log(self, index: int) -> bool:
        return self._scaling is not None and bool(self._scaling.logarithmic[index])

    def _broad(self, pixels: F32, soft: F32) -> tuple[F32, F32]:
        """Hyperspectral bands averaged to Sentinel-2's, and their softening."""
        groups = list(self._groups.values())
        if not groups:
            return pixels[:, :0], soft[:0]
        means = [pixels[:, members].mean(axis=1) for members in groups]
        return np.stack(means, axis=1), np.array([soft[m].mean() for m in groups], np.float32)

    def _differences(self, pixels: F32, soft: F32) -> F32:
        """(batch, pairs, rows, cols); the softening keeps the dark from deciding by its noise."""
        batch, _, rows, cols = pixels.shape
        result = np.empty((batch, len(self._pairs), rows, cols), np.float32)
        for place, (_, up, down) in enumerate(self._pairs):
            plus, minus = np.maximum(pixels[:, up], 0), np.maximum(pixels[:, down], 0)
            result[:, place] = (plus - minus) / (plus + minus + (soft[up] + soft[down]))
        return result


def locate(wanted: Sequence[Band], bands: Sequence[Band]) -> tuple[int, ...]:
    """Indices of the wanted bands in another stack, whatever their order there.

    A known band is found by its identity. One without identity is only found by an equal name
    in a stack of as many bands: ``band 3`` of another file can be anything.

    Raises:
        UnsupportedInput: naming the bands that are missing or in other units.
    """
    alike = sum(band.units != CLASSES for band in bands) == len(wanted)
    unknown = {b.name: index for index, b in enumerate(bands) if alike and not b.known}
    found = [find(bands, band) if band.known else unknown.get(band.name) for band in wanted]
    missing = [band.name for band, index in zip(wanted, found, strict=True) if index is None]
    if missing:
        raise UnsupportedInput(
            f"The raster lacks bands the model was fitted to: {', '.join(missing)}.",
            f"It has: {', '.join(band.name for band in bands)}; say which band is which by BANDS.",
        )
    indices = tuple(index for index in found if index is not None)
    if len(set(indices)) < len(indices):
        raise UnsupportedInput(
            "Two of the bands the model was fitted to would be read from the same band.",
            "Use a raster of the same sensor, or teach on the bands that both have.",
        )
    units = [
        band.name for band, index in zip(wanted, indices, strict=True) if band.units != bands[index].units
    ]
    if units:
        raise UnsupportedInput(
            f"The model was fitted to other units in: {', '.join(units)}.",
            "Give the SCALE that turns the stored numbers into reflectance.",
        )
    return indices


def principal_axes(samples: F32, count: int) -> F32:
    """Principal axes of (samples, dim) centred data, the widest first.

    Signs are fixed (the largest entry of an axis is positive), so that they do not depend on
    the linear algebra library.

    Returns:
        (k, dim), k = min(count, dim).
    """
    wide = samples.astype(np.float64)
    covariance = wide.T @ wide / max(len(wide), 1)
    variances, vectors = np.linalg.eigh(covariance)
    order = np.argsort(-variances, kind="stable")[:count]
    axes = vectors[:, order].T
    largest = np.abs(axes).argmax(axis=1)
    axes *= np.sign(axes[np.arange(len(axes)), largest])[:, None]
    return axes.astype(np.float32)


def _mixed(components: F32, values: F32) -> F32:
    """(batch, components, rows, cols) of (batch, bands, rows, cols).

    Matrix products order their sums by the size of the array. In float64 that is lost in the
    rounding, so that a pixel comes out the same in every window; line by line it costs no memory.
    """
    batch, _, rows, cols = values.shape
    wide = components.astype(np.float64)
    result = np.empty((batch, len(components), rows, cols), np.float32)
    for index, row in np.ndindex(batch, rows):
        result[index, :, row] = wide @ values[index, :, row].astype(np.float64)
    return result


def _learn_scaling(bands: Sequence[Band], samples: F32) -> Scaling:
    """Scales of each band from (bands, samples) valid pixels.

    Reflectance, radiance and digital numbers are products of light and surface: on a logarithmic
    scale illumination is an offset and dark materials keep their contrast. What is already
    logarithmic (dB), has a meaningful zero elsewhere (K, elevation) or takes negative values in
    more than 1 % of the scene stays as it is. The softening, 5 % of the band's median, follows
    the band's own unit, so that reflectance and digital numbers give the same features.
    """
    low, middle = np.quantile(samples, (0.01, 0.5), axis=1)
    already = np.array([b.units in (DECIBEL, KELVIN) or b.modality == "elevation" for b in bands])
    logarithmic = ~already & (low >= 0) & (samples.max(axis=1) > 0)
    bright = np.where(middle > 0, middle, samples.max(axis=1))
    soft = np.where(bright > 0, 0.05 * bright, 1.0).astype(np.float32)
    ones = np.ones(len(bands), np.float32)
    scaling = Scaling(logarithmic, soft, 0 * ones, ones)
    scaled = scaling.apply(samples[:, None, :])[:, 0].astype(np.float64)
    deviation = scaled.std(axis=1)
    gain = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0.0)
    return replace(scaling, centre=scaled.mean(axis=1).astype(np.float32), gain=gain.astype(np.float32))


def index_pairs(bands: Sequence[Band]) -> tuple[tuple[str, int, int], ...]:
    """Name and band indices of every normalised difference that these bands allow."""
    place = {band.common: index for index, band in reversed(list(enumerate(bands))) if band.common}
    place.setdefault("nir", place.get("nir08", -1))
    return tuple(
        (name, place[up], place[down])
        for name, up, down in NORMALISED_DIFFERENCES
        if place.get(up, -1) >= 0
        and place.get(down, -1) >= 0
        and bands[place[up]].units == bands[place[down]].units
    )


def _sentinel_groups(bands: Sequence[Band]) -> dict[str, list[int]]:
    """Bands inside each Sentinel-2 band, by wavelength; Sentinel-2 bands without any are left out."""
    groups = {
        name: [
            index
            for index, band in enumerate(bands)
            if band.wavelength is not None
            and abs(band.wavelength - (SENTINEL2[name].wavelength or 0.0)) <= half
        ]
        for name, half in _HALF_WIDTH.items()
    }
    return {name: members for name, members in groups.items() if members}


def load(card: Card, fetch: object, device: object) -> SpectralTexture:
    """The encoder, which has no weights; it computes on the processor."""
    return SpectralTexture()
