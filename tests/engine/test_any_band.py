"""What the encoders of any bands share: bands by wavelength, radar, units, scaling, gaps, a job."""

from __future__ import annotations

import datetime
import importlib
from dataclasses import replace

import numpy as np
import pytest

from geofm.inference.bands import LANDSAT_ETM, LANDSAT_OLI, SENTINEL1, SENTINEL2, Band, band_at
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

FAMILIES = ("clay", "copernicus_fm", "dofa", "panopticon")
S2 = tuple(SENTINEL2[n] for n in ("B02", "B03", "B04", "B08", "B8A", "B11"))
RADAR = (SENTINEL1["VV"], SENTINEL1["VH"])
SCENE = Scene(10.0, datetime.date(2024, 7, 15), (7.7, 45.1))


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, conformance):
    """The family's module of scripts/conformance."""
    return importlib.import_module(f"{conformance.__name__}.{request.param}")


@pytest.fixture(scope="module")
def card_file(family, conformance, case, tmp_path_factory):
    """A card of the references' sizes beside their random weights."""
    return conformance.local_card(family, case, tmp_path_factory.mktemp("card"))


@pytest.fixture(scope="module")
def model(family, card_file):
    card = load_card(card_file)
    return family.ENCODER.load(card, card_file.parent / card.assets[0].href, "cpu")


def windows(model, bands, count=3):
    """Smooth scenes with noise: reflectance, and backscatter of radar bands."""
    chance = np.random.default_rng(5)
    side, step = model.window, model.stride
    light = chance.uniform(0.02, 0.5, (count, len(bands), side // step, side // step))
    pixels = np.kron(light, np.ones((step, step))) + chance.normal(0, 0.01, (count, len(bands), side, side))
    radar = np.array([band.units == "dB" for band in bands])
    pixels[:, radar] = 30 * pixels[:, radar] - 25
    return pixels.astype(np.float32)


def batch_of(pixels, bands, scene=SCENE, valid=None):
    shape = (len(pixels), *pixels.shape[2:])
    return WindowBatch(pixels, np.ones(shape, bool) if valid is None else valid, tuple(bands), scene)


# --- which bands -------------------------------------------------------------------------------------


def test_all_optical_bands_and_radar_are_used(model):
    classes = Band("SCL", units="classes", known=True)
    unknown = Band("band 3")
    bands = (classes, *SENTINEL2.values(), LANDSAT_OLI["B10"], unknown, *RADAR[::-1])
    assert model.select(bands) == (*range(1, 14), 16, 17)


@pytest.mark.parametrize("bands", [S2[:1], RADAR, RADAR[1:], (band_at(555), band_at(2300))])
def test_few_bands_are_enough(model, bands):
    assert model.select(bands) == tuple(range(len(bands)))
    features = model.encode(batch_of(windows(model, bands, 1), bands))
    assert np.isfinite(features).all()
    assert features.std() > 0.01


def test_bands_beyond_the_wavelengths_of_the_card_are_left_out(model):
    assert model.select([band_at(300), band_at(500), band_at(3500)]) == (1,)


def test_a_layer_without_a_usable_band_is_refused_with_a_hint(model):
    with pytest.raises(UnsupportedInput, match="known wavelength from 400 to 2500 nm, or VV or VH") as caught:
        model.select([Band("band 1"), LANDSAT_OLI["B10"]])
    assert "BANDS" in caught.value.hint


def test_values_of_the_wrong_kind_are_refused_with_a_hint(model):
    raw = [replace(band, units="") if band.name in ("B04", "B11") else band for band in S2]
    with pytest.raises(UnsupportedInput, match="B04, B11 are not reflectance") as caught:
        model.select(raw)
    assert "SCALE" in caught.value.hint
    with pytest.raises(UnsupportedInput, match="VV, VH are not backscatter in dB"):
        model.select([*S2, *(replace(band, units="") for band in RADAR)])


# --- scaling -----------------------------------------------------------------------------------------


def test_every_listed_band_has_its_own_statistics(model):
    for known in model.listed:
        assert model.stand_in(known.band, 1.0) == known


def test_bands_of_other_sensors_take_the_statistics_of_the_nearest_wavelength(model):
    first = {known.band.name: known for known in model.listed if known.band.modality == "sentinel-2"}
    assert model.stand_in(band_at(1650), 30.0) == first["B11"]
    assert model.stand_in(band_at(480), 30.0) == first["B02"]
    assert model.stand_in(LANDSAT_ETM["B5"], 30.0).band.common == "swir16"


def test_the_authors_wavelength_counts_only_for_the_bands_that_they_list(model):
    listed = model.listed[-3]
    assert model.wavelength(listed.band, 1.0) == pytest.approx(listed.wavelength)
    assert model.wavelength(band_at(612), 10.0) == 612


def test_values_are_standardised_by_band(model):
    known = {known.band.name: known for known in model.listed}
    bands = (SENTINEL2["B11"], SENTINEL1["VH"], SENTINEL2["B02"])
    mean = np.array([known[b.name].mean for b in bands], np.float32)[:, None, None]
    std = np.array([known[b.name].std for b in bands], np.float32)[:, None, None]
    seen = []
    hook = model._network.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    model.encode(batch_of(np.tile(mean + 2 * std, (1, 1, model.window, model.window)), bands))
    hook.remove()
    np.testing.assert_allclose(seen[0], 2, atol=1e-4)


def test_a_card_without_optical_bands_or_wavelengths_is_refused(family, card_file):
    card = load_card(card_file)
    weights = card_file.parent / card.assets[0].href
    with pytest.raises(ModelCorrupt, match="geofm:wavelengths"):
        family.ENCODER.load(replace(card, wavelengths=None), weights, "cpu")
    radar = replace(card.assets[0], bands=("VV",), mean=(-12.0,), std=(5.0,))
    with pytest.raises(ModelCorrupt, match="no optical bands"):
        family.ENCODER.load(replace(card, assets=(radar,)), weights, "cpu")


# --- from pixels to features ---------------------------------------------------------------------------


def test_the_order_of_the_bands_does_not_matter(model):
    bands = (*S2, *RADAR)
    pixels = windows(model, bands)
    order = [4, 7, 0, 6, 2, 1, 5, 3]
    shuffled = model.encode(batch_of(pixels[:, order], [bands[i] for i in order]))
    np.testing.assert_allclose(shuffled, model.encode(batch_of(pixels, bands)), rtol=0, atol=1e-5)


def test_which_band_is_which_matters(model):
    pixels = windows(model, S2, 1)
    others = (*S2[1:], S2[0])
    differ = np.abs(model.encode(batch_of(pixels, S2)) - model.encode(batch_of(pixels, others)))
    assert differ.max() > 1e-3


def test_a_window_does_not_depend_on_its_batch(model):
    pixels = windows(model, S2, 4)
    valid = np.ones((4, model.window, model.window), bool)
    valid[1, : model.stride + 1] = False
    valid[2] = False
    together = model.encode(batch_of(pixels, S2, valid=valid))
    for i in range(4):
        alone = model.encode(batch_of(pixels[i : i + 1], S2, valid=valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


def test_the_network_gives_the_same_bits_alone_and_in_a_batch(model, monkeypatch):
    """Without the wrapper's limit on pixels at once, which parts batches of large windows on processors."""
    monkeypatch.setattr("geofm.inference.engine.parts.patch_encoder._CPU_PIXELS", 1 << 30)
    bands = (*S2, *RADAR)
    pixels = windows(model, bands, 5)
    together = model.encode(batch_of(pixels, bands))
    alone = [model.encode(batch_of(pixels[i : i + 1], bands))[0] for i in range(5)]
    np.testing.assert_array_equal(np.stack(alone), together)


def test_values_of_invalid_pixels_never_reach_a_feature(model):
    pixels = windows(model, S2)
    valid = np.random.default_rng(1).random((3, model.window, model.window)) > 0.5
    valid[:, : model.stride, : 2 * model.stride] = False
    nonsense = np.where(valid[:, None], pixels, np.float32(9e9))
    blank = np.where(valid[:, None], pixels, np.float32(0))
    found = model.encode(batch_of(nonsense, S2, valid=valid))
    np.testing.assert_array_equal(found, model.encode(batch_of(blank, S2, valid=valid)))
    assert np.isfinite(found).all()
    assert not found[:, :, 0, :2].any()


def test_empty_patches_are_left_out_of_attention(model):
    """Filled and seen, they would change what the network says of the others."""
    pixels = windows(model, S2, 1)
    valid = np.ones((1, model.window, model.window), bool)
    valid[..., model.window // 2 :] = False
    found = model.encode(batch_of(pixels, S2, valid=valid))
    mean = pixels[..., : model.window // 2].mean(axis=(2, 3), keepdims=True)
    filled = np.where(valid[:, None], pixels, mean)
    half = found.shape[-1] // 2
    assert not found[..., half:].any()
    assert np.abs(found - model.encode(batch_of(filled, S2)))[..., :half].max() > 1e-3


def test_unknown_date_and_place_are_finite(model):
    pixels = windows(model, S2, 1)
    for scene in (Scene(10.0), replace(SCENE, date=None), replace(SCENE, lonlat=None)):
        assert np.isfinite(model.encode(batch_of(pixels, S2, scene))).all()


def test_half_precision_is_close(family, card_file, model):
    card = load_card(card_file)
    half = family.ENCODER.load(card, card_file.parent / card.assets[0].href, "cpu", "bfloat16")
    bands = (*S2, *RADAR)
    pixels = windows(model, bands, 2)
    found, expected = (one.encode(batch_of(pixels, bands)) for one in (half, model))
    cosine = (found * expected).sum(axis=1) / np.linalg.norm(found, axis=1) / np.linalg.norm(expected, axis=1)
    assert cosine.min() > 0.999
    assert np.abs(found - expected).max() > 1e-4


# --- the engine ------------------------------------------------------------------------------------------


def test_a_real_scene_is_embedded_on_its_grid(card_file, model, embed_chip):
    """Random weights: it is the way of the pixels that counts."""
    features = embed_chip(card_file, model.stride, 150)
    side = -(-150 // model.stride)
    assert features.shape == (model.dim, side, side)
    empty = 40 // model.stride
    hidden = np.ma.getmaskarray(features)
    assert hidden[:, :empty, :empty].all()
    assert not hidden[:, empty + 1 :].any()
    assert not hidden[:, :, empty + 1 :].any()
    kept = features[:, ~hidden[0]].data
    assert np.isfinite(kept).all()
    assert np.unique(kept, axis=1).shape == kept.shape
