"""Two dates of real scenes with a change planted between them, for benchmarks and tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from scipy import ndimage

from geofm.inference.jobs import RasterRef

NAMES = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
_RED, _NIR = 3, 7
CLEAR, CLOUD = 4, 9


@dataclass(frozen=True)
class Planting:
    """What lies between the two dates.

    Attributes:
        share: of the scene where patches of another scene were moved in.
        blend: how much of a changed pixel is the other ground.
        light: whether gain and offset of every band differ, and vegetation by a season.
        shift: rows and columns by which the later date lies further on.
        noise: in units of an ordinary sensor's.
        cloud: share of the later date under cloud.
    """

    share: float = 0.05
    blend: float = 0.35
    light: bool = True
    shift: tuple[float, float] = (0.5, 0.5)
    noise: float = 1.0
    cloud: float = 0.0


@dataclass(frozen=True)
class Dates:
    """(bands, rows, cols) digital numbers of two days; (rows, cols) where it changed, and where cloud is."""

    before: np.ndarray
    after: np.ndarray
    changed: np.ndarray
    cloud: np.ndarray


def chips(folder: Path) -> list[np.ndarray]:
    """The Sentinel-2 scenes of a folder, (12, rows, cols) digital numbers."""
    found = []
    for path in sorted(folder.glob("*.tif")):
        with rasterio.open(path) as source:
            found.append(source.read().astype(float))
    return found


def planted(rng: np.random.Generator, scene: np.ndarray, other: np.ndarray, what: Planting) -> Dates:
    """A scene on two days, with patches of another scene on the second.

    The shift is that of a sensor that saw sharply (cubic splines), and noise comes after it.
    """
    size = scene.shape[1:]
    changed = _blobs(rng, size, rng.choice([4, 7, 12]), what.share)
    later = np.where(changed, (1 - what.blend) * scene + what.blend * other, scene)
    later = ndimage.shift(later, (0, *what.shift), order=3, mode="nearest")
    gain = rng.uniform(0.85, 1.15) * rng.uniform(0.95, 1.05, (len(scene), 1, 1))
    offset = rng.uniform(-100, 150, (len(scene), 1, 1))
    if what.light:
        green = np.clip((later[_NIR] - later[_RED]) / (later[_NIR] + later[_RED] + 10), 0, 1)
        later = later * gain + offset
        later[5:9] *= 1 - 0.2 * green
        later[10:] *= 1 + 0.15 * green
    cloud = _blobs(rng, size, 15, what.cloud)
    later = np.where(cloud, 0.3 * later + rng.uniform(2500, 6000, size), later)
    before, after = (_noisy(rng, day, what.noise) for day in (scene, later))
    return Dates(before, after, changed, cloud)


def _noisy(rng: np.random.Generator, day: np.ndarray, much: float) -> np.ndarray:
    return day + much * rng.normal(size=day.shape) * (20 + 0.015 * np.abs(day))


def _blobs(rng: np.random.Generator, size: tuple[int, ...], width: float, share: float) -> np.ndarray:
    field = ndimage.gaussian_filter(rng.normal(size=size), width)
    return field > np.quantile(field, 1 - share) if share else np.zeros(size, bool)


def write(path: Path, pixels: np.ndarray, names: tuple[str, ...] = NAMES) -> RasterRef:
    """A raster of digital numbers; the same place every time."""
    profile = {"driver": "GTiff", "dtype": "uint16", "crs": "EPSG:32632"}
    size = {"count": pixels.shape[0], "height": pixels.shape[1], "width": pixels.shape[2]}
    place = rasterio.transform.from_origin(500_000, 5_000_000, 10, 10)
    with rasterio.open(path, "w", **profile, **size, transform=place) as target:
        target.write(np.clip(pixels, 1, 65535).astype(np.uint16))
    return RasterRef(str(path), names=names)


def written(folder: Path, dates: Dates) -> list[tuple[RasterRef, ...]]:
    """The rasters of both dates; beside each a scene classification if one has cloud."""
    found = []
    for name, pixels, cloud in (
        ("before", dates.before, np.zeros_like(dates.cloud)),
        ("after", dates.after, dates.cloud),
    ):
        layers = [write(folder / f"{name}.tif", pixels)]
        if dates.cloud.any():
            classes = np.where(cloud, CLOUD, CLEAR)[None]
            layers.append(write(folder / f"{name}-scl.tif", classes, ("SCL",)))
        found.append(tuple(layers))
    return found
