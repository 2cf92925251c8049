"""Scenes of Sentinel-2 with a known truth: spectra of real materials, fractal bounds, light, haze, noise.

usage: synthetic_scene.py FOLDER [--size 512] [--seed 0] [--haze 1] [--noise 1] [--spread 1]

writes FOLDER/scene_SEED.tif (reflectance x 10,000, bands B01 to B12 but B09 and B10) and
FOLDER/truth_SEED.tif (the class that covers most of each pixel).

Spectra: averages over the Sentinel-2 bands of k-means clusters of the measured and modelled spectra
in earthlib 1.1.0 (C. Anderson, MIT licence), which gathers soils of the ICRAF-ISRIC library, urban
surfaces of Santa Barbara (Herold et al. 2004, doi:10.1016/j.rse.2004.02.013), litter of the Joint
Fire Science Program and canopies by PROSAIL (Jacquemoud et al. 2009, doi:10.1016/j.rse.2008.01.026).
Wet soils follow Lobell and Asner 2002 (doi:10.2136/sssaj2002.7220), waters the model of Gordon et
al. 1988 (doi:10.1029/JD093iD09p10909). Bounds, relief and haze are Gaussian fields with a power law
for a spectrum, as of fractional Brownian motion (Voss 1985).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from scipy import fft

F32 = NDArray[np.float32]

BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
WAVELENGTHS = np.array([443, 493, 560, 665, 704, 741, 783, 833, 865, 1614, 2202], np.float64)
# Bands that the instrument measures at 20 m, and at 60 m; the pixels here are of 10 m.
COARSE = {"B01": 6, "B05": 2, "B06": 2, "B07": 2, "B8A": 2, "B11": 2, "B12": 2}

# Reflectance x 1000 in BANDS; a row a cluster of spectra.
_CANOPIES = (
    (22, 32, 91, 33, 149, 387, 439, 440, 441, 144, 45),
    (18, 23, 53, 20, 97, 344, 416, 417, 416, 119, 32),
    (20, 25, 55, 22, 100, 346, 420, 422, 423, 208, 78),
    (23, 32, 86, 32, 146, 430, 504, 506, 508, 281, 118),
    (25, 42, 150, 60, 221, 442, 478, 480, 481, 180, 60),
    (46, 59, 113, 74, 171, 331, 365, 373, 379, 259, 146),
)  # fmt: skip
_LITTER = (
    (52, 64, 83, 119, 137, 153, 173, 190, 204, 345, 241),
    (65, 87, 125, 166, 206, 240, 267, 291, 308, 389, 265),
    (136, 172, 225, 290, 336, 398, 440, 463, 486, 461, 317),
    (33, 46, 76, 146, 183, 217, 253, 280, 299, 304, 174),
)  # fmt: skip
_SOILS = (
    (125, 154, 244, 354, 384, 408, 427, 429, 429, 527, 468),
    (86, 104, 165, 257, 284, 306, 325, 332, 336, 442, 403),
    (56, 66, 105, 184, 208, 227, 244, 252, 257, 371, 344),
    (42, 48, 70, 115, 130, 144, 157, 166, 172, 269, 267),
)  # fmt: skip
_CONCRETE = (
    (183, 208, 265, 306, 312, 318, 322, 322, 322, 385, 392),
    (370, 393, 430, 438, 435, 432, 428, 424, 420, 432, 443),
    (162, 173, 198, 224, 226, 227, 226, 224, 223, 214, 210),
    (95, 102, 136, 223, 243, 263, 276, 277, 278, 479, 478),
)  # fmt: skip
_ASPHALT = (
    (66, 68, 74, 79, 80, 81, 83, 84, 85, 103, 104),
    (99, 107, 125, 150, 154, 157, 159, 160, 160, 185, 176),
    (78, 83, 93, 102, 104, 106, 108, 110, 111, 138, 136),
    (49, 51, 54, 57, 58, 59, 61, 62, 62, 78, 82),
)  # fmt: skip
_ROOFS = (
    (109, 119, 152, 186, 188, 189, 188, 187, 185, 176, 166),
    (71, 76, 89, 98, 101, 104, 106, 106, 106, 112, 108),
    (267, 271, 276, 273, 271, 270, 268, 265, 262, 212, 180),
    (51, 57, 92, 208, 234, 258, 267, 265, 263, 540, 557),
)  # fmt: skip
# Reflectance that water leaves of a dry soil's, by band: more is lost where water itself absorbs.
_MOIST = np.array([0.55, 0.55, 0.55, 0.56, 0.57, 0.58, 0.58, 0.58, 0.58, 0.5, 0.38])
# Absorption of pure water, 1/m (Pope and Fry 1997 to 727 nm, Kou et al. 1993 beyond).
_WATER_ABSORBS = np.array([0.007, 0.0155, 0.062, 0.43, 0.70, 2.6, 2.4, 3.6, 4.6, 670.0, 2300.0])
# Trees shade one another; a canopy model knows leaves alone.
_SHADED = 0.55


def water_spectra(chlorophyll: Sequence[float], sediment: Sequence[float]) -> NDArray[np.float64]:
    """Reflectance of deep waters, (waters, bands).

    Absorption and backscatter of what floats in it: chlorophyll after Bricaud et al. 1995 at its
    peak with a Gaussian for each pigment band, sediment after Babin et al. 2003.

    Args:
        chlorophyll: mg / m3 of each water.
        sediment: g / m3 of each water.
    """
    spectra = []
    for pigment, mineral in zip(chlorophyll, sediment, strict=True):
        blue = np.exp(-(((WAVELENGTHS - 440) / 50) ** 2))
        red = np.exp(-(((WAVELENGTHS - 675) / 15) ** 2))
        absorbed = _WATER_ABSORBS + 0.04 * pigment**0.65 * (blue + 0.5 * red)
        absorbed = absorbed + 0.03 * mineral * np.exp(-0.0123 * (WAVELENGTHS - 443))
        scattered = 0.0006 * (550 / WAVELENGTHS) ** 4.3 + 0.005 * pigment**0.6 * (550 / WAVELENGTHS)
        scattered = scattered + 0.0125 * mineral * (550 / WAVELENGTHS) ** 0.6
        share = scattered / (absorbed + scattered)
        below = 0.0949 * share + 0.0794 * share**2
        # Through the surface, and the sky that it mirrors.
        spectra.append(np.pi * 0.52 * below / (1 - 1.7 * below) + 0.004)
    return np.array(spectra)


def _table(rows: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    return np.array(rows, np.float64) / 1000


@dataclass(frozen=True)
class Material:
    """A class of the scene.

    Attributes:
        spectra: (kinds, bands) reflectance; a pixel is a mixture of them, alike nearby.
        grain: 0 lies in large pieces, 1 in pieces of a few pixels.
        town: whether it is found where the other such materials are.
        color: ``#rrggbb`` of the legend.
    """

    spectra: NDArray[np.float64]
    grain: float
    town: bool
    color: str


MATERIALS: dict[str, Material] = {
    "clear water": Material(water_spectra((0.5, 2, 6), (0.5, 1.5, 3)), 0.2, False, "#08519c"),
    "turbid water": Material(water_spectra((4, 8, 20), (25, 60, 120)), 0.2, False, "#6baed6"),
    "forest": Material(_table(_CANOPIES[:3]) * _SHADED, 0.25, False, "#006d2c"),
    "green crop": Material(_table(_CANOPIES[2:]), 0.15, False, "#a1d99b"),
    "senescent crop": Material(_table(_LITTER), 0.15, False, "#d9b365"),
    "dry soil": Material(_table(_SOILS), 0.2, False, "#c49a6c"),
    "wet soil": Material(_table(_SOILS) * _MOIST, 0.3, False, "#7f5539"),
    "concrete": Material(_table(_CONCRETE), 0.6, True, "#bdbdbd"),
    "asphalt": Material(_table(_ASPHALT), 0.65, True, "#525252"),
    "roof": Material(_table(_ROOFS), 0.7, True, "#de2d26"),
}
NAMES = tuple(MATERIALS)
# Share of the scene that is each class's, about.
PRIOR: dict[str, float] = dict(
    zip(NAMES, (0.08, 0.06, 0.2, 0.2, 0.12, 0.1, 0.08, 0.05, 0.06, 0.05), strict=True)
)

# Lengths of the fields, as parts of the scene's side, and of the small objects in pixels.
_LARGE, _TOWNS, _SMALL = 0.35, 0.25, 6.0
_FINER = 3
_SUN = np.array([0.45, 0.45, 0.77])
_NOISE = np.array([0.003, 0.002, 0.002, 0.002, 0.002, 0.002, 0.002, 0.0025, 0.0025, 0.003, 0.003])


@dataclass(frozen=True)
class Scene:
    """What was measured, and what it was.

    Attributes:
        pixels: (bands, size, size) reflectance at the sensor, in the order of ``BANDS``.
        truth: (size, size) number of the class, from 1, that covers most of the pixel.
        share: (size, size) how much of the pixel that class covers.
        names: of the classes, from number 1.
    """

    pixels: F32
    truth: NDArray[np.uint8]
    share: F32
    names: tuple[str, ...]


def make_scene(
    size: int = 512,
    seed: int = 0,
    *,
    prior: Mapping[str, float] = PRIOR,
    haze: float = 1.0,
    noise: float = 1.0,
    spread: float = 1.0,
) -> Scene:
    """A scene; the same arguments give the same one.

    Args:
        size: pixels of 10 m along a side.
        seed: of everything random.
        prior: names of materials and their shares; those left out are not in the scene.
        haze: 0 none, 1 a veil of up to about 0.06 in the blue.
        noise: 1 is about what Sentinel-2 has.
        spread: how much spectra differ within a class; 0 gives each pixel the class's mean.
    """
    random = np.random.default_rng(seed)
    shares = _shares(size, prior, random)
    pixels = _mixed(shares, prior, spread, random)
    pixels *= _light(size, shares, prior, random)
    pixels = _veiled(pixels, haze, random)
    pixels = _sensed(pixels, noise, random)
    truth = shares.argmax(axis=0).astype(np.uint8) + np.uint8(1)
    return Scene(pixels.astype(np.float32), truth, shares.max(axis=0), tuple(prior))


def write_scene(folder: Path, scene: Scene, name: str = "") -> tuple[Path, Path]:
    """Write ``scene<name>.tif`` and ``truth<name>.tif`` into the folder; answers their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    height, width = scene.truth.shape
    profile = {
        "driver": "GTiff", "height": height, "width": width, "crs": "EPSG:32633", "tiled": True,
        "transform": Affine(10, 0, 500_000, 0, -10, 5_400_000), "compress": "deflate",
    }  # fmt: skip
    image, truth = folder / f"scene{name}.tif", folder / f"truth{name}.tif"
    stored = np.clip(np.round(scene.pixels * 10_000), 1, 65_535).astype(np.uint16)
    with rasterio.open(image, "w", count=len(BANDS), dtype="uint16", nodata=0, **profile) as file:
        file.write(stored)
        file.descriptions = BANDS
        file.scales = (1e-4,) * len(BANDS)
    with rasterio.open(truth, "w", count=1, dtype="uint8", nodata=0, **profile) as file:
        file.write(scene.truth, 1)
        file.update_tags(1, **{f"class_{n}": name for n, name in enumerate(scene.names, start=1)})
        colors = [MATERIALS[name].color for name in scene.names]
        file.write_colormap(1, {n: _rgb(color) for n, color in enumerate(colors, start=1)})
    return image, truth


def fractal(size: int, length: float, steep: float, random: np.random.Generator) -> F32:
    """A Gaussian field of mean 0 and deviation 1, (size, size), that knows no border.

    Its power falls with frequency as ``f ** -steep`` beyond the frequency of ``length`` pixels.
    """
    rows, cols = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]
    power = (rows**2 + cols**2 + 1 / length**2) ** (-steep / 4)
    power[0, 0] = 0
    white = random.standard_normal((size, size), np.float32)
    field: F32 = fft.irfft2(fft.rfft2(white) * power.astype(np.float32), s=(size, size))
    return field / field.std()


def _shares(size: int, prior: Mapping[str, float], random: np.random.Generator) -> F32:
    """(classes, size, size) how much of each pixel is each class's.

    Every class has a field and the highest one wins, on pixels three times as fine; offsets are
    moved until the classes have their shares of the scene.
    """
    fine = size * _FINER
    towns = fractal(fine, _TOWNS * fine, 4.0, random)
    scores = []
    for name in prior:
        material = MATERIALS[name]
        large = fractal(fine, _LARGE * fine, 3.8, random)
        small = fractal(fine, _SMALL * _FINER, 4.2, random)
        score = (1 - material.grain) * large + material.grain * small
        scores.append(score + towns if material.town else score)
    wanted = np.array(list(prior.values())) / sum(prior.values())
    thin = [score[::_FINER, ::_FINER] for score in scores]
    offsets = np.zeros(len(scores), np.float32)
    for _ in range(60):
        found = np.argmax([score + offset for score, offset in zip(thin, offsets, strict=True)], axis=0)
        got = np.bincount(found.ravel(), minlength=len(scores)) / found.size
        offsets += (0.5 * np.log((wanted + 1e-3) / (got + 1e-3))).astype(np.float32)
    best = np.argmax([score + offset for score, offset in zip(scores, offsets, strict=True)], axis=0)
    blocks = best.reshape(size, _FINER, size, _FINER)
    return np.stack([(blocks == index).mean(axis=(1, 3)) for index in range(len(scores))]).astype(np.float32)


def _mixed(
    shares: F32, prior: Mapping[str, float], spread: float, random: np.random.Generator
) -> NDArray[np.float64]:
    """(bands, size, size) reflectance of the ground.

    Where each of a class's spectra prevails changes over the scene, fields of some ten pixels and
    more; brightness differs besides from pixel to pixel.
    """
    size = shares.shape[1]
    pixels = np.zeros((len(BANDS), size, size))
    for share, name in zip(shares, prior, strict=True):
        spectra = MATERIALS[name].spectra
        fields = np.stack([fractal(size, 25.0, 3.0, random) for _ in spectra])
        weights = np.exp(1.5 * spread * fields)
        weights /= weights.sum(axis=0)
        uneven = 0.06 * fractal(size, 12.0, 2.5, random) + 0.03 * random.normal(size=(size, size))
        pixels += share * np.clip(1 + spread * uneven, 0.5, 1.5) * np.einsum("kb,kyx->byx", spectra, weights)
    return pixels


def _light(
    size: int, shares: F32, prior: Mapping[str, float], random: np.random.Generator
) -> NDArray[np.float64]:
    """(size, size) light on the slopes as a part of that on level ground; water is level."""
    height = 8.0 * fractal(size, 0.5 * size, 4.4, random)
    down, across = np.gradient(height.astype(np.float64))
    level = sum((s for s, name in zip(shares, prior, strict=True) if "water" in name), np.zeros(()))
    normal = np.stack([-across, -down, np.ones_like(down)])
    normal /= np.linalg.norm(normal, axis=0)
    light = np.clip(np.tensordot(_SUN / np.linalg.norm(_SUN), normal, 1) / 0.771, 0.45, 1.3)
    return light * (1 - level) + level


def _veiled(pixels: NDArray[np.float64], haze: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Haze adds light of its own, most in the blue, and dims the ground's by as much."""
    depth = haze * np.clip(0.5 + 0.35 * fractal(pixels.shape[1], 0.6 * pixels.shape[1], 4.0, random), 0, 1.2)
    path = 0.05 * (443 / WAVELENGTHS[:, None, None]) ** 1.7 * depth
    return pixels * (1 - 1.5 * path) + path


def _sensed(pixels: NDArray[np.float64], noise: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Bands of 20 and 60 m see the mean of their pixels; every band has noise of its own."""
    for index, name in enumerate(BANDS):
        pixels[index] = _coarsened(pixels[index], COARSE.get(name, 1))
    return np.clip(pixels + noise * _NOISE[:, None, None] * random.normal(size=pixels.shape), 1e-4, 1.5)


def _coarsened(band: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """(rows, cols) with each block of ``side`` pixels at its mean."""
    rows, cols = band.shape
    whole = np.pad(band, ((0, -rows % side), (0, -cols % side)), mode="edge")
    means = whole.reshape(len(whole) // side, side, -1, side).mean(axis=(1, 3))
    return np.repeat(np.repeat(means, side, axis=0), side, axis=1)[:rows, :cols]


def _rgb(color: str) -> tuple[int, int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16), 255


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=512, help="pixels along a side")
    parser.add_argument("--seed", type=int, default=0)
    for name in ("haze", "noise", "spread"):
        parser.add_argument(f"--{name}", type=float, default=1.0)
    asked = parser.parse_args(arguments)
    scene = make_scene(asked.size, asked.seed, haze=asked.haze, noise=asked.noise, spread=asked.spread)
    for path in write_scene(asked.folder, scene, f"_{asked.seed}"):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
