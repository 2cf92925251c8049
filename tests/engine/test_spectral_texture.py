"""Spectral-texture against the same recipe computed pixel by pixel, on real and on awkward bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geofm.inference.bands import CLASSES, LANDSAT_ETM, PRESETS, SENTINEL1, SENTINEL2, Band, band_at
from geofm.inference.engine.backbones.spectral_texture import SpectralTexture, principal_axes
from geofm.inference.engine.base import F32, Mask, Scene, WindowBatch
from geofm.inference.engine.grid import Window
from geofm.inference.engine.rasters import Overview, Stack
from geofm.inference.errors import Internal, UnsupportedInput
from geofm.inference.jobs import RasterRef

S2 = tuple(SENTINEL2[name] for name in ("B02", "B03", "B04", "B05", "B08", "B11", "B12"))
CHIP = "sentinel2-chips/patch_61808.tif"


class Picture:
    """Pixels in memory that learning can look at; an overview is all of them."""

    def __init__(self, pixels: F32, bands: Sequence[Band], valid: Mask | None = None) -> None:
        self.valid = np.ones(pixels.shape[1:], bool) if valid is None else valid
        self.pixels = np.where(self.valid, pixels, 0).astype(np.float32)
        self.bands = tuple(bands)

    def overview(self, bands: Sequence[int], side: int = 512) -> Overview:
        rows, cols = (places.ravel() for places in np.indices(self.valid.shape))
        return Overview(self.pixels[:, rows, cols][list(bands)], self.valid.ravel(), rows, cols)

    def features(self, model: SpectralTexture) -> F32:
        chosen = list(model.select(self.bands))
        batch = WindowBatch(self.pixels[chosen][None], self.valid[None], model.bands, Scene(10.0))
        return model.encode(batch)[0]


def named(model: SpectralTexture, features: F32) -> dict[str, F32]:
    assert len(model.feature_names) == model.dim == len(features)
    return dict(zip(model.feature_names, features, strict=True))


def mean_around(values: F32, valid: Mask, radius: int) -> F32:
    """The mean of the valid pixels around each pixel, by looking at each of them."""
    result = np.zeros(values.shape)
    for row, col in np.ndindex(values.shape):
        rows = slice(max(row - radius, 0), row + radius + 1)
        cols = slice(max(col - radius, 0), col + radius + 1)
        near = values[rows, cols].astype(np.float64)[valid[rows, cols]]
        result[row, col] = near.mean() if near.size else 0.0
    return np.where(valid, result, 0.0)


def holes(rows: int, cols: int) -> Mask:
    """Single gaps, a block wider than the larger mean, and an island within it."""
    valid = np.random.default_rng(3).random((rows, cols)) > 0.15
    valid[4:15, 6:18] = False
    valid[9, 11] = True
    return valid


@pytest.fixture(scope="module")
def chip(samples: Path) -> Picture:
    """A corner of a real Sentinel-2 scene with seven of its bands, and holes."""
    ref = RasterRef(str(samples / CHIP), names=PRESETS["sentinel2-l2a"])
    with Stack.open([ref]) as stack:
        chosen = [stack.bands.index(band) for band in S2]
        pixels, _ = stack.read(Window(0, 0, 48, 40), chosen)
    return Picture(pixels, S2, holes(40, 48))


# --- the numbers ---------------------------------------------------------------------------------


def test_bands_indices_and_means_are_those_of_the_recipe(chip: Picture) -> None:
    model = SpectralTexture.learn(chip)
    found = named(model, chip.features(model))
    valid, expected = chip.valid, {}
    pixels = {band.name: chip.pixels[index].astype(np.float64) for index, band in enumerate(S2)}
    soft = {name: 0.05 * np.median(values[valid]) for name, values in pixels.items()}
    for name, values in pixels.items():
        expected[f"log {name}"] = np.log(values + soft[name])
    indices = {
        "NDVI": ("B08", "B04"),
        "NDWI": ("B03", "B08"),
        "MNDWI": ("B03", "B11"),
        "NDBI": ("B11", "B08"),
        "NBR": ("B08", "B12"),
        "NDTI": ("B11", "B12"),
        "NDRE": ("B08", "B05"),
        "GRVI": ("B03", "B04"),
        "NDBR": ("B02", "B04"),
        "NDGB": ("B03", "B02"),
    }
    for name, (up, down) in indices.items():
        whole = pixels[up] + pixels[down] + soft[up] + soft[down]
        expected[name] = (pixels[up] - pixels[down]) / whole
    for side in (3, 7):
        for band in S2:
            logs = expected[f"log {band.name}"]
            expected[f"mean{side} log {band.name}"] = mean_around(logs, valid, side // 2)
    assert list(found) == list(expected)
    assert model.blocks == (7, 10, 14)
    for name, values in expected.items():
        wanted = np.where(valid, values, 0.0)
        np.testing.assert_allclose(found[name], wanted, rtol=0, atol=2e-5, err_msg=name)
        assert found[name][valid].std() > 1e-3, name


def test_what_lies_under_the_mask_does_not_matter(chip: Picture) -> None:
    model = SpectralTexture.learn(chip)
    expected = chip.features(model)
    dirty = Picture(chip.pixels, S2, chip.valid)
    dirty.pixels = np.where(chip.valid, chip.pixels, np.float32(60.0))
    np.testing.assert_array_equal(dirty.features(model), expected)
    # Nor for what is learned: an absurd number in a hole must not shift the scales.
    again = SpectralTexture.learn(dirty)
    for name, values in model.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], values, err_msg=name)


def test_a_pixel_does_not_depend_on_the_window(chip: Picture) -> None:
    model = SpectralTexture.learn(chip)
    whole = chip.features(model)
    for row, col, rows, cols in ((5, 8, 20, 17), (12, 3, 7, 7), (20, 30, 11, 16)):
        part = Picture(chip.pixels[:, row : row + rows, col : col + cols], S2)
        part.valid = chip.valid[row : row + rows, col : col + cols]
        inner = slice(model.halo, -model.halo)
        expected = whole[:, row : row + rows, col : col + cols][:, inner, inner]
        np.testing.assert_array_equal(part.features(model)[:, inner, inner], expected)


def test_digital_numbers_and_reflectance_give_the_same_features(chip: Picture) -> None:
    """Up to a constant offset of the logarithms, which standardising takes off."""
    counts = Picture(chip.pixels * 10000, [replace(band, units="") for band in S2], chip.valid)
    first, second = SpectralTexture.learn(chip), SpectralTexture.learn(counts)
    one, other = named(first, chip.features(first)), named(second, counts.features(second))
    for name, values in one.items():
        move = np.log(10000) if "log" in name else 0.0
        np.testing.assert_allclose(other[name][chip.valid] - move, values[chip.valid], atol=2e-4)


# --- bands of any kind -----------------------------------------------------------------------------


def test_a_single_unknown_band_is_enough() -> None:
    pixels = np.random.default_rng(0).gamma(2.0, 40.0, (1, 20, 20)).astype(np.float32)
    picture = Picture(pixels, [Band("band 1")])
    model = SpectralTexture.learn(picture)
    found = named(model, picture.features(model))
    assert list(found) == ["log band 1", "mean3 log band 1", "mean7 log band 1"]
    logs = np.log(pixels[0] + 0.05 * np.median(pixels))
    np.testing.assert_allclose(found["log band 1"], logs, atol=1e-5)
    np.testing.assert_allclose(found["mean7 log band 1"], mean_around(logs, picture.valid, 3), atol=1e-5)


def test_classes_are_left_out_and_decibels_and_kelvins_stay_as_they_are() -> None:
    rng = np.random.default_rng(1)
    shape = (16, 16)
    layers = [rng.normal(12, 3, shape), rng.integers(0, 5, shape), rng.normal(290, 4, shape)]
    bands = [SENTINEL1["VV"], Band("Fmask", units=CLASSES), LANDSAT_ETM["B6"]]
    picture = Picture(np.stack(layers), bands)
    model = SpectralTexture.learn(picture)
    assert [band.name for band in model.bands] == ["VV", "B6"]
    found = named(model, picture.features(model))
    np.testing.assert_array_equal(found["VV"], picture.pixels[0])
    np.testing.assert_array_equal(found["B6"], picture.pixels[2])


def test_bands_with_negative_numbers_keep_their_sign_and_their_indices() -> None:
    """Haze correction takes dark reflectance below 0; vegetation must not lose its contrast by it."""
    rng = np.random.default_rng(2)
    red, nir = rng.normal(0.02, 0.02, (24, 24)), rng.normal(0.3, 0.05, (24, 24))
    picture = Picture(np.stack([red, nir]), [SENTINEL2["B04"], SENTINEL2["B08"]])
    model = SpectralTexture.learn(picture)
    found = named(model, picture.features(model))
    np.testing.assert_allclose(found["B04"], red, atol=1e-6)
    assert "log B08" in found
    soft = 0.05 * (np.median(red) + np.median(nir))
    ndvi = (nir - np.maximum(red, 0)) / (nir + np.maximum(red, 0) + soft)
    np.testing.assert_allclose(found["NDVI"], ndvi, atol=1e-4)


def test_hyperspectral_bands_become_components_and_sentinel_indices() -> None:
    rng = np.random.default_rng(4)
    bands = [band_at(nm) for nm in np.arange(430.0, 2400.0, 15.0)]
    spectra = np.abs(np.cumsum(rng.normal(0, 0.02, (5, len(bands))), axis=1)) + 0.05
    shares = rng.dirichlet(np.ones(5), (30, 30))
    pixels = (shares @ spectra).transpose(2, 0, 1) + rng.normal(0, 0.002, (len(bands), 30, 30))
    picture = Picture(np.maximum(pixels, 1e-3), bands, holes(30, 30))
    model = SpectralTexture.learn(picture)
    assert model.feature_names[:15] == tuple(f"PC{n}" for n in range(1, 16))
    assert model.blocks[0] == 15
    assert model.blocks[-1] == 12
    found, valid = named(model, picture.features(model)), picture.valid

    def broad(name: str, half: float) -> tuple[F32, float]:
        members = [i for i, b in enumerate(bands) if abs(b.wavelength - SENTINEL2[name].wavelength) <= half]
        assert len(members) > 1
        softs = [0.05 * np.median(picture.pixels[i][valid]) for i in members]
        return picture.pixels[members].mean(axis=0), float(np.mean(softs))

    (nir, soft_nir), (red, soft_red) = broad("B08", 53.0), broad("B04", 16.0)
    ndvi = (nir - red) / (nir + red + soft_nir + soft_red)
    np.testing.assert_allclose(found["NDVI"][valid], ndvi[valid], atol=1e-4)
    np.testing.assert_allclose(found["log B08"][valid], np.log(nir + soft_nir)[valid], atol=1e-4)
    np.testing.assert_allclose(found["mean3 PC6"], mean_around(found["PC6"], valid, 1), atol=1e-4)
    # Components are uncorrelated over the scene, the widest first.
    parts = np.stack([found[f"PC{n}"][valid] for n in range(1, 16)])
    covariance = np.cov(parts)
    assert (np.diff(np.diag(covariance)) <= 1e-3).all()
    assert abs(np.corrcoef(parts[:4]) - np.eye(4)).max() < 1e-3


def test_a_pixel_of_a_hyperspectral_scene_does_not_depend_on_the_window() -> None:
    rng = np.random.default_rng(5)
    bands = [band_at(nm) for nm in np.arange(430.0, 2400.0, 45.0)]
    picture = Picture(rng.gamma(3.0, 0.1, (len(bands), 40, 40)), bands)
    model = SpectralTexture.learn(picture)
    whole = picture.features(model)
    for side in (9, 14, 23):
        part = Picture(picture.pixels[:, 7 : 7 + side, 11 : 11 + side], bands)
        found = part.features(model)[:, 3:-3, 3:-3]
        np.testing.assert_array_equal(found, whole[:, 10 : 4 + side, 14 : 8 + side])


def test_a_constant_band_is_harmless() -> None:
    pixels = np.random.default_rng(6).gamma(2.0, 0.1, (2, 12, 12))
    pixels[1] = 0.0
    picture = Picture(pixels, [SENTINEL2["B04"], SENTINEL2["B08"]])
    model = SpectralTexture.learn(picture)
    assert np.isfinite(picture.features(model)).all()
    assert not model.standardised(picture.pixels, picture.valid)[1].any()


# --- another raster --------------------------------------------------------------------------------


def test_bands_are_found_again_in_another_order(chip: Picture) -> None:
    model = SpectralTexture.learn(chip)
    other = Picture(chip.pixels[::-1], S2[::-1], chip.valid)
    np.testing.assert_array_equal(other.features(model), chip.features(model))


def test_a_missing_band_is_named(chip: Picture) -> None:
    model = SpectralTexture.learn(chip)
    with pytest.raises(UnsupportedInput, match=r"fitted to: B04\.") as caught:
        model.select([band for band in S2 if band.name != "B04"])
    assert "B08" in caught.value.hint


def test_raw_numbers_do_not_pass_for_reflectance(chip: Picture) -> None:
    model = SpectralTexture.learn(chip)
    with pytest.raises(UnsupportedInput, match="other units in: B03"):
        model.select([replace(band, units="") if band.name == "B03" else band for band in S2])


def test_unknown_bands_are_found_by_name_in_as_many_bands_alone() -> None:
    unknown = [Band("band 1"), Band("band 2")]
    pixels = np.random.default_rng(7).gamma(2.0, 40.0, (2, 12, 12))
    model = SpectralTexture.learn(Picture(pixels, unknown))
    assert model.select([Band("quality", units=CLASSES), *unknown]) == (1, 2)
    assert model.select(unknown[::-1]) == (1, 0)
    with pytest.raises(UnsupportedInput, match="band 1, band 2"):
        model.select([*unknown, Band("band 3")])


def test_two_bands_do_not_share_one() -> None:
    near = [band_at(660.0), band_at(668.0)]
    model = SpectralTexture.learn(Picture(np.ones((2, 4, 4)), near))
    with pytest.raises(UnsupportedInput, match="same band"):
        model.select([SENTINEL2["B04"], SENTINEL2["B08"]])


def test_what_was_learned_can_be_kept(chip: Picture) -> None:
    model = SpectralTexture.learn(chip)
    again = SpectralTexture.restore(model.describe(), model.arrays())
    assert again.feature_names == model.feature_names
    np.testing.assert_array_equal(chip.features(again), chip.features(model))


def test_nothing_to_learn_from_is_a_sentence() -> None:
    blind = Picture(np.ones((1, 8, 8)), [SENTINEL2["B04"]], np.zeros((8, 8), bool))
    with pytest.raises(UnsupportedInput, match="no valid pixel"):
        SpectralTexture.learn(blind)
    with pytest.raises(UnsupportedInput, match="nothing that was measured"):
        SpectralTexture.learn(Picture(np.ones((1, 8, 8)), [Band("scl", units=CLASSES)]))
    with pytest.raises(Internal):
        Picture(np.ones((1, 8, 8)), [SENTINEL2["B04"]]).features(SpectralTexture([SENTINEL2["B04"]]))


def test_principal_axes_are_those_of_the_covariance() -> None:
    rng = np.random.default_rng(8)
    samples = rng.normal(size=(500, 4)) @ rng.normal(size=(4, 4)) * [5.0, 3.0, 1.0, 0.2]
    samples = (samples - samples.mean(axis=0)).astype(np.float32)
    axes = principal_axes(samples, 3)
    _, _, expected = np.linalg.svd(samples, full_matrices=False)
    assert axes.shape == (3, 4)
    np.testing.assert_allclose(abs((axes * expected[:3]).sum(axis=1)), 1.0, atol=1e-5)
    assert (axes[np.arange(3), abs(axes).argmax(axis=1)] > 0).all()
    assert principal_axes(samples, 9).shape == (4, 4)
