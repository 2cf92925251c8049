"""A Sentinel-2 chip with a synthetic radar layer and a synthetic height model beside it, and the truth.

Light tells two grounds apart (green and bare, by the real chip's NDVI); a third, "flooded", is planted and
shows in the radar alone. Radar and heights lie on grids of their own: another CRS, pixel size and origin.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.warp import transform, transform_bounds
from scipy import ndimage

from geofm.inference.bands import PRESETS
from geofm.inference.jobs import RasterRef, SampleRef

NAMES = PRESETS["sentinel2-l2a"]
GREEN, BARE, FLOODED = 1, 2, 3
CLASSES = {GREEN: "green", BARE: "bare", FLOODED: "flooded"}
RADAR_CRS, RADAR_PIXEL = "EPSG:3857", 13.0
HEIGHT_CRS, HEIGHT_PIXEL = "EPSG:4326", 0.0003
GAP = -9999.0
# Half the side of a labelled square, and how far from one a pixel still counts as labelled.
HALF, NEAR = 1, 3


@dataclass(frozen=True)
class FusionScene:
    """Files of a scene.

    Attributes:
        optical, radar, heights: layers.
        labels: squares with the field ``class``.
        truth: (rows, cols) class values on the optical grid, 0 where light is not sure.
        seen: (rows, cols) whether the radar saw the pixel.
        free: (rows, cols) pixels far from any label, that a map may be judged by.
    """

    optical: RasterRef
    radar: RasterRef
    heights: RasterRef
    labels: SampleRef
    truth: np.ndarray
    seen: np.ndarray
    free: np.ndarray


def make_fusion_scene(
    folder: Path,
    chip: Path,
    missing: float = 0.0,
    seed: int = 0,
    labels_a_class: int = 20,
    side: int = 256,
) -> FusionScene:
    """Write a scene made of a Sentinel-2 chip.

    Args:
        folder: where its files go.
        chip: 12 bands as reflectance x 10000.
        missing: share of the scene, at its left side, that the radar did not see.
        seed: of all that is random.
        labels_a_class: squares of 3 x 3 pixels.
        side: of the part of the chip that is taken, pixels.
    """
    random = np.random.default_rng(seed)
    with rasterio.open(chip) as source:
        pixels, grid = source.read()[:, :side, :side], source.profile
    grid.update(height=pixels.shape[1], width=pixels.shape[2])
    rows, cols = pixels.shape[1:]
    truth = _truth(pixels, random)
    # A swath's edge runs across the rows.
    seen = np.arange(cols)[None] + np.arange(rows)[:, None] * 0.1 >= missing * cols
    optical = folder / "optical.tif"
    with rasterio.open(
        optical, "w", **{**grid, "driver": "GTiff", "nodata": 0, "tiled": False, "compress": None}
    ) as target:
        target.write(pixels)
        target.descriptions = NAMES
    radar = _radar(folder / "radar.tif", truth, seen, grid, random)
    heights = _heights(folder / "heights.tif", grid, pixels.shape[1:], random)
    labels, free = _labels(folder / "labels.geojson", truth, grid, labels_a_class, random)
    return FusionScene(
        RasterRef(str(optical), acquired="2021-06-20"),
        RasterRef(str(radar)),
        RasterRef(str(heights)),
        SampleRef(str(labels), field="class"),
        truth,
        seen,
        free,
    )


def _truth(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    red, nir = pixels[3].astype(float), pixels[7].astype(float)
    ndvi = ndimage.uniform_filter((nir - red) / np.maximum(nir + red, 1), 5)
    low, high = np.quantile(ndvi, (0.45, 0.55))
    truth = np.select([ndvi <= low, ndvi >= high], [BARE, GREEN], 0)
    field = ndimage.gaussian_filter(random.normal(size=truth.shape), 6)
    return np.where(field > np.quantile(field, 0.85), FLOODED, truth)


def _on_chip(grid: dict, crs: str, place: rasterio.Affine, shape: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """Rows and columns of the chip under the centres of another grid's pixels."""
    cols, rows = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    x, y = place * (cols.ravel(), rows.ravel())
    east, north = (np.array(v) for v in transform(crs, grid["crs"], x, y))
    col, row = ~grid["transform"] * (east, north)
    return np.floor(row).astype(int), np.floor(col).astype(int)


def _grid_over(grid: dict, crs: str, pixel: float, margin: int) -> tuple[rasterio.Affine, tuple[int, int]]:
    """A grid of another CRS around the chip."""
    left, bottom, right, top = rasterio.transform.array_bounds(
        grid["height"], grid["width"], grid["transform"]
    )
    west, south, east, north = transform_bounds(grid["crs"], crs, left, bottom, right, top)
    shape = (round((north - south) / pixel) + 2 * margin, round((east - west) / pixel) + 2 * margin)
    return from_origin(west - margin * pixel, north + margin * pixel, pixel, pixel), shape


def _radar(path: Path, truth: np.ndarray, seen: np.ndarray, grid: dict, random: np.random.Generator) -> Path:
    place, shape = _grid_over(grid, RADAR_CRS, RADAR_PIXEL, 8)
    row, col = _on_chip(grid, RADAR_CRS, place, shape)
    inside = (row >= 0) & (row < truth.shape[0]) & (col >= 0) & (col < truth.shape[1])
    at = np.clip(row, 0, truth.shape[0] - 1), np.clip(col, 0, truth.shape[1] - 1)
    flooded, known = (truth[at] == FLOODED) & inside, seen[at]
    # Backscatter in dB: what stands in water throws more of it back, by two bounces.
    power = np.stack([np.where(flooded, -6.0, -12.0), np.where(flooded, -15.0, -18.0)])
    power += random.normal(0, 1.2, power.shape)
    power[:, ~known] = GAP
    with rasterio.open(
        path, "w", driver="GTiff", count=2, height=shape[0], width=shape[1], dtype="float32",
        crs=RADAR_CRS, transform=place, nodata=GAP,
    ) as target:  # fmt: skip
        target.write(power.reshape(2, *shape).astype(np.float32))
        target.descriptions = ("VV", "VH")
    return path


def _heights(path: Path, grid: dict, size: tuple[int, int], random: np.random.Generator) -> Path:
    place, shape = _grid_over(grid, HEIGHT_CRS, HEIGHT_PIXEL, 4)
    hills = ndimage.gaussian_filter(random.normal(size=shape), 6)
    heights = 300 + 40 * hills / hills.std()
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=shape[0], width=shape[1], dtype="float32",
        crs=HEIGHT_CRS, transform=place, nodata=GAP,
    ) as target:  # fmt: skip
        target.write(heights[None].astype(np.float32))
        target.descriptions = ("DEM",)
    return path


def _labels(
    path: Path, truth: np.ndarray, grid: dict, count: int, random: np.random.Generator
) -> tuple[Path, np.ndarray]:
    """Squares of pixels that are all of one class, and the pixels far from them."""
    free, features = truth > 0, []
    for value, name in CLASSES.items():
        pure = ndimage.minimum_filter((truth == value).astype(np.uint8), 2 * HALF + 3) > 0
        pure[:4], pure[-4:], pure[:, :4], pure[:, -4:] = False, False, False, False
        for row, col in random.permutation(np.argwhere(pure))[:count]:
            corners = [(-HALF, -HALF), (HALF + 1, -HALF), (HALF + 1, HALF + 1), (-HALF, HALF + 1)]
            ring = [grid["transform"] * (col + dx, row + dy) for dx, dy in [*corners, corners[0]]]
            features.append(
                {
                    "type": "Feature",
                    "properties": {"class": name},
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )
            near = NEAR + HALF
            free[max(row - near, 0) : row + near + 1, max(col - near, 0) : col + near + 1] = False
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{grid['crs'].to_epsg()}"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path, free
