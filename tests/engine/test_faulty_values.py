"""Values that are wrong by a factor or an offset, as people do have them, are told; right ones are not.

The scenes are real; what is done to their numbers is what products and tools do.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio

from geofm.inference.bands import DECIBEL, RAW, REFLECTANCE
from geofm.inference.engine.rasters import Stack
from geofm.inference.jobs import RasterRef

Write = Callable[..., RasterRef]
SENTINEL2 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
LANDSAT = ("etm:B1", "etm:B2", "etm:B3", "etm:B4", "etm:B5", "etm:B7")
# As they were published: without 1000 added, with it, and full of snow.
PLAIN = ("286743", "511198", "61808", "70975", "33188")
ADDED = ("445", "57755", "8845")
SNOW = "770287"
HAZE = np.array([0.07, 0.05, 0.03, 0.01, 0, 0])[:, None, None]
WORDS = ("1000 higher", "brighter in", "darker in", "are not reflectance", "are not decibels")


def told(*refs: RasterRef) -> list[str]:
    """Which of the words are in the warnings on these rasters."""
    with Stack.open(refs) as stack:
        return [words for words in WORDS if any(words in text for text in stack.warnings)]


@pytest.fixture
def chip(samples: Path, raster: Write) -> Callable[..., RasterRef]:
    """``chip(number, change)``: a Sentinel-2 chip, its numbers changed by a function."""

    def write(number: str, change: Callable[[np.ndarray], np.ndarray] = np.asarray) -> RasterRef:
        with rasterio.open(samples / "sentinel2-chips" / f"patch_{number}.tif") as source:
            pixels = source.read()
        return raster(f"chip {number}.tif", change(pixels), names=SENTINEL2)

    return write


@pytest.fixture
def landsat(samples: Path, raster: Write) -> Callable[..., RasterRef]:
    """``landsat(change)``: a Landsat scene whose reflectance (0 to 1) is written in another way."""

    def write(change: Callable[[np.ndarray], np.ndarray], scale: float | None = None) -> RasterRef:
        folder = samples / "landsat7-two-dates"
        with rasterio.open(folder / "LE70220491999322EDC01_stack.gtif") as source:
            pixels = source.read(range(1, 7)).clip(0) / 1e4
        ref = raster("scene.tif", change(pixels))
        return RasterRef(ref.path, names=LANDSAT, scale=scale)

    return write


@pytest.mark.parametrize("number", [*PLAIN, SNOW])
def test_right_numbers_are_not_doubted(chip: Callable[..., RasterRef], number: str) -> None:
    assert told(chip(number)) == []


def test_right_landsat_scenes_are_not_doubted(samples: Path) -> None:
    for path in sorted((samples / "landsat7-two-dates").glob("LE7*.gtif")):
        assert told(RasterRef(str(path))) == [], path.name


@pytest.mark.parametrize("number", ADDED)
def test_the_added_1000_of_real_products_is_seen(chip: Callable[..., RasterRef], number: str) -> None:
    assert told(chip(number)) == ["1000 higher"]
    assert told(chip(number, lambda pixels: pixels.clip(1000) - 1000)) == []


@pytest.mark.parametrize("number", PLAIN[:-1])
def test_1000_added_to_any_scene_is_seen(chip: Callable[..., RasterRef], number: str) -> None:
    ref = chip(number, lambda pixels: pixels + 1000)
    assert told(ref) == ["1000 higher"]
    # Who gives the offset, or a date from before it was added, is not asked.
    assert told(RasterRef(ref.path, scale=1e-4, offset=-0.1)) == []
    assert told(RasterRef(ref.path, acquired="2019-06-01")) == []


def test_what_is_darker_was_put_right_already(chip: Callable[..., RasterRef]) -> None:
    """Products of today from which the 1000 were taken need no question."""
    ref = chip(PLAIN[0])
    assert told(RasterRef(ref.path, acquired="2024-06-01")) == []


@pytest.mark.parametrize(
    ("change", "scale", "words"),
    [
        # Landsat Collection 2 as delivered, under another name: unscaled, with the scale of old products.
        (lambda r: ((r + 0.2) / 2.75e-5).astype("uint16"), None, "are not reflectance"),
        (lambda r: ((r + 0.2) / 2.75e-5).astype("uint16"), 1e-4, "brighter in"),
        (lambda r: ((r + 0.2) / 2.75e-5).astype("uint16"), 2.75e-5, None),
        (lambda r: (r * 1e4).astype("float32"), None, "are not reflectance"),
        (lambda r: (r * 100).astype("float32"), None, "are not reflectance"),
        (lambda r: (r * 255).astype("uint8"), None, "are not reflectance"),
        (lambda r: (r * 1e4).astype("uint16"), 1e-3, "are not reflectance"),
        (lambda r: (r * 1e4).astype("uint16"), 1e-5, "darker in"),
        (lambda r: (r * 255).astype("uint8"), 1e-4, "darker in"),
        # Top of the atmosphere: hazy in blue, a little darker in the infrared.
        (lambda r: (r * 0.93 + HAZE).astype("float32"), None, ""),
        (lambda r: r.astype("float32"), None, ""),
        (lambda r: (r * 1e4).astype("uint16"), 1e-4, ""),
    ],
)
def test_numbers_wrong_by_a_factor_are_told(
    landsat: Callable[..., RasterRef],
    change: Callable[[np.ndarray], np.ndarray],
    scale: float | None,
    words: str | None,
) -> None:
    found = told(landsat(change, scale))
    # Without its offset of -0.2 a scene is a fifth too bright: that no land is dark tells only a model.
    assert words in found if words else not found


@pytest.mark.parametrize(("linear", "units"), [(True, RAW), (False, DECIBEL)])
def test_power_is_not_taken_for_decibels(raster: Write, linear: bool, units: str) -> None:
    """Backscatter of fields and of a town, with speckle of four looks."""
    rng = np.random.default_rng(1)
    power = rng.gamma(4, 0.25, (2, 60, 70)) * np.array([0.1, 0.02])[:, None, None]
    power[:, :, 50:] *= 20
    stored = power if linear else 10 * np.log10(power)
    ref = raster("S1A_20240601.tif", stored.astype("float32"), names=["VV", "VH"])
    assert told(ref) == (["are not decibels"] if linear else [])
    with Stack.open([ref]) as stack:
        assert {band.units for band in stack.bands} == {units}


def test_water_is_dark_by_nature(raster: Write) -> None:
    shape = np.ones((40, 50))
    open_sea = np.stack([shape * level for level in (0.04, 0.03, 0.015, 0.008, 0.004, 0.003)])
    ref = raster("sea.tif", open_sea.astype("float32"))
    with Stack.open([RasterRef(ref.path, names=LANDSAT)]) as stack:
        assert {band.units for band in stack.bands} == {REFLECTANCE}
    assert told(RasterRef(ref.path, names=LANDSAT)) == []
