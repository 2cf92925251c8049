"""Prithvi-EO: likely mistakes show in the reference cases; bands, dates, places, gaps, published files."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - as in the code under test

from geofm.inference.bands import LANDSAT_OLI, PRESETS, SENTINEL2
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones import prithvi
from geofm.inference.engine.backbones.prithvi import PairCode, Prithvi
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts.attention import Block, Mlp, vit_blocks
from geofm.inference.engine.parts.codes import sincos
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

FAMILY = "prithvi"
BANDS = tuple(SENTINEL2[name] for name in ("B02", "B03", "B04", "B8A", "B11", "B12"))
TOLERANCE = {"rtol": 0, "atol": 1e-5}
PLACE = (7.69, 45.07)
SCENE = Scene(30.0, datetime.date(2021, 1, 14), PLACE)


@pytest.fixture
def model(family, cases):
    """Patches of 14 pixels in windows of 56, with codes of date and place."""
    found = cases["p14_t1_coords"]
    return Prithvi.load(family.card(found), found.weights, "cpu")


@pytest.fixture
def pixels(cases):
    """Two windows of reflectance, (2, 6, 56, 56)."""
    return cases["p14_t1_coords"].inputs["raw__x"][:, :, 0].numpy() / np.float32(1e4)


def batch_of(pixels, scene=SCENE, valid=None, bands=BANDS):
    shape = (len(pixels), *pixels.shape[2:])
    seen = np.ones(shape, bool) if valid is None else valid
    return WindowBatch(np.asarray(pixels, np.float32), seen, tuple(bands), scene)


# --- mistakes ------------------------------------------------------------------------------------


def scale_of_one(self, pairs):
    return forward(self, pairs) / self.scale


def halves_swapped(self, pairs):
    # Latitudes and longitudes come as (batch, 2), dates as (batch, times, 2).
    return forward(self, pairs.flip(-1) if pairs.ndim == 2 else pairs)


def days_from_zero(self, pairs):
    return forward(self, pairs if pairs.ndim == 2 else pairs - torch.tensor([0.0, 1.0]))


def double(numbers, dim):
    steps = torch.arange(dim // 2, dtype=torch.float64) / (dim / 2)
    return sincos(numbers.double().flatten(), 10000.0**-steps).float().reshape(*numbers.shape, -1)


def corners_apart(*args, **kwargs):
    return resize(*args, **{**kwargs, "align_corners": False})


def rows_first(dim, grid, times, rows, cols):
    swapped = place(dim, grid, times, cols, rows)
    return swapped.transpose(1, 2)


def times_first(dim, grid, times, rows, cols):
    code = place(dim, grid, times, rows, cols)
    return torch.cat([code[..., -dim // 4 :], code[..., : -dim // 4]], dim=-1)


def one_time(dim, grid, times, rows, cols):
    return place(dim, grid, 1, rows, cols).expand(times, -1, -1, -1)


def timm_blocks(dim, depth, heads, ratio):
    return vit_blocks(dim, depth, heads, ratio, 1e-6)


def tanh(self, x):
    return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


def norm_after_every_block(self, x, seen=None):
    return nn.functional.layer_norm(block(self, x, seen), x.shape[-1:])


forward, resize, place, block = PairCode.forward, F.interpolate, prithvi.positions, Block.forward


@pytest.mark.parametrize(
    ("holder", "name", "wrong"),
    [
        (prithvi, "vit_blocks", timm_blocks),
        (F, "interpolate", corners_apart),
        (PairCode, "forward", scale_of_one),
        (PairCode, "forward", halves_swapped),
        (PairCode, "forward", days_from_zero),
        (PairCode, "_code", staticmethod(double)),
        (Mlp, "forward", tanh),
        (Block, "forward", norm_after_every_block),
        (prithvi, "positions", rows_first),
        (prithvi, "positions", times_first),
        (prithvi, "positions", one_time),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_mistake_shows(conformance, family, reference, monkeypatch, holder, name, wrong):
    monkeypatch.setattr(holder, name, wrong)
    place.cache_clear()
    worst = conformance.worst(family, reference)
    place.cache_clear()
    # Angles in double precision move the codes by 1e-4 and the answers a little less.
    assert worst > 2e-5


def test_only_the_last_block_goes_through_the_norm(conformance, family, cases):
    found = cases["tl_t3_coords"]
    network = conformance.network(family, found)
    dates, places = found.inputs["temporal_coords"], found.inputs["location_coords"]
    with torch.inference_mode():
        outputs = network(family.images(found), dates, places, layers=(0, 1, 2, -3))
    for index, output in zip((0, 1, 2, 0), outputs, strict=True):
        np.testing.assert_allclose(output, found.outputs[f"feature_{index}"], **TOLERANCE)


# --- published files -----------------------------------------------------------------------------


def as_version_2(tensors):
    """Names as in the published files of version 2: an autoencoder's, with its decoder."""
    made = {f"encoder.{name}": value for name, value in tensors.items()}
    made["encoder.pos_embed"] = torch.ones(1, 785, 80)
    extra = ("decoder_pos_embed", "mask_token", "temporal_embed_dec.scale", "decoder_blocks.0.norm1.weight")
    return {**made, **{f"decoder.{name}": torch.ones(1) for name in extra}}


def as_version_1(tensors):
    """Names as in the published file of version 1: no prefix, the decoder's among them."""
    extra = ("decoder_pos_embed", "mask_token", "decoder_embed.weight", "decoder_blocks.0.norm1.weight")
    return {**tensors, "pos_embed": torch.ones(1, 589, 80), **{name: torch.ones(1) for name in extra}}


def as_timm(tensors):
    return {f"_timm_module.{name}": value for name, value in tensors.items()}


@pytest.mark.parametrize("layout", [as_version_2, as_version_1, as_timm], ids=lambda f: f.__name__)
def test_published_files_load(family, cases, model, pixels, tmp_path, layout):
    found = cases["p14_t1_coords"]
    torch.save(layout(read_weights(found.weights)), tmp_path / "published.pt")
    other = Prithvi.load(family.card(found), tmp_path / "published.pt", "cpu")
    np.testing.assert_array_equal(other.encode(batch_of(pixels)), model.encode(batch_of(pixels)))


def test_codes_are_left_out_where_the_card_has_none(family, cases, model, pixels):
    found = cases["p14_t1_coords"]
    raw = family.card(found).raw
    sizes = {**raw["properties"]["mlm:hyperparameters"], "time_encoding": False, "location_encoding": False}
    card = replace(
        family.card(found), raw={**raw, "properties": {**raw["properties"], "mlm:hyperparameters": sizes}}
    )
    plain = Prithvi.load(card, found.weights, "cpu").encode(batch_of(pixels))
    np.testing.assert_array_equal(plain, model.encode(batch_of(pixels, Scene(30.0))))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tensors: tensors.pop("encoder.cls_token"),
        lambda tensors: tensors.pop("encoder.temporal_embed_enc.scale"),
        lambda tensors: tensors.update({"encoder.blocks.2.norm1.bias": torch.zeros(80)}),
        lambda tensors: tensors.update({"encoder.patch_embed.proj.weight": torch.zeros(80, 6, 3, 14, 14)}),
    ],
    ids=["missing", "no-code", "deeper", "tubes"],
)
def test_files_of_another_network_are_refused(family, cases, tmp_path, spoil):
    found = cases["p14_t1_coords"]
    tensors = as_version_2(read_weights(found.weights))
    spoil(tensors)
    torch.save(tensors, tmp_path / "published.pt")
    with pytest.raises(ModelCorrupt, match="do not fit"):
        Prithvi.load(family.card(found), tmp_path / "published.pt", "cpu")


def test_every_published_size_has_a_card_that_builds():
    cards = [card for card in default_catalog().cards() if card.family == "prithvi"]
    assert len(cards) == 7
    for card in cards:
        with torch.device("meta"):
            network = Prithvi.build(card)
        parameters = sum(value.numel() for value in network.parameters())
        assert parameters == card.raw["properties"]["mlm:total_parameters"]
        stated = card.raw["properties"]["mlm:hyperparameters"]
        assert (card.window, card.stride) == (stated["image_size"], stated["patch_size"])
        assert card.window % card.stride == 0


# --- from raw values to features -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["plain_t1", "p14_t1_coords"])
def test_the_originals_features_come_from_reflectance(family, cases, name):
    found = cases[name]
    encoder = Prithvi.load(family.card(found), found.weights, "cpu")
    raw = found.inputs["raw__x"].numpy() / np.float32(1e4)
    raw = raw if raw.ndim == 4 else raw[:, :, 0]
    expected = found.outputs[family.main_output(found)][:, 1:].transpose(1, 2).reshape(2, -1, 4, 4)
    scenes = [SCENE, Scene(30.0, datetime.date(2023, 2, 28), (-70.66, -33.45))]
    for i, scene in enumerate(scenes):
        features = encoder.encode(batch_of(raw[i : i + 1], scene))
        np.testing.assert_allclose(features, expected[i : i + 1], **TOLERANCE)


@pytest.mark.parametrize("known", ["date", "lonlat", "neither"])
def test_what_is_not_known_is_left_out(conformance, family, cases, model, pixels, known):
    found = cases["p14_t1_coords"]
    network = conformance.network(family, found)
    dates = torch.tensor([[[2021.0, 14.0]]] * 2) if known == "date" else None
    places = torch.tensor([[45.07, 7.69]] * 2) if known == "lonlat" else None
    with torch.inference_mode():
        expected = network(family.images(found), dates, places)[0][:, 1:]
    scene = Scene(30.0, SCENE.date if known == "date" else None, PLACE if known == "lonlat" else None)
    features = model.encode(batch_of(pixels, scene))
    np.testing.assert_allclose(features.reshape(2, 80, 16).transpose(0, 2, 1), expected, **TOLERANCE)
    assert np.abs(model.encode(batch_of(pixels)) - features).max() > 1e-3


def test_a_window_does_not_depend_on_its_batch(model, pixels):
    four = np.concatenate([pixels, pixels[:, :, ::-1]])
    valid = np.ones((4, 56, 56), bool)
    valid[1, :20, :] = False
    together = model.encode(batch_of(four, valid=valid))
    for i in range(4):
        alone = model.encode(batch_of(four[i : i + 1], valid=valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


def test_a_larger_window_than_in_training_works(family, cases):
    found = cases["plain_t1_large"]
    encoder = Prithvi.load(family.card(found), found.weights, "cpu")
    raw = found.inputs["raw__x"].numpy() / np.float32(1e4)
    expected = found.outputs[family.main_output(found)][:, 1:].transpose(1, 2).reshape(2, 64, 5, 7)
    np.testing.assert_allclose(encoder.encode(batch_of(raw)), expected, **TOLERANCE)


# --- which bands -----------------------------------------------------------------------------------


def test_bands_are_found_by_name_in_any_order(model, pixels):
    layer = [SENTINEL2[name] for name in reversed(PRESETS["sentinel2-l2a"])]
    chosen = model.select(layer)
    assert sorted(layer[i].name for i in chosen) == ["B02", "B03", "B04", "B11", "B12", "B8A"]
    order = [BANDS.index(layer[i]) for i in chosen]
    shuffled = batch_of(pixels[:, order], bands=[layer[i] for i in chosen])
    np.testing.assert_array_equal(model.encode(shuffled), model.encode(batch_of(pixels)))


def test_landsat_serves(model):
    bands = list(LANDSAT_OLI.values())
    assert [bands[i].name for i in model.select(bands)] == ["B2", "B3", "B4", "B5", "B6", "B7"]


def test_missing_bands_and_other_units_are_refused(model):
    with pytest.raises(UnsupportedInput, match=r"B8A \(nir08\), B12 \(swir22\)") as caught:
        model.select([SENTINEL2[name] for name in ("B02", "B03", "B04", "B11")])
    assert "BANDS" in caught.value.hint
    with pytest.raises(UnsupportedInput, match="B03 are not reflectance"):
        model.select([replace(band, units="") if band.name == "B03" else band for band in BANDS])


# --- gaps ----------------------------------------------------------------------------------------


def test_values_of_invalid_pixels_never_reach_a_feature(model, pixels):
    valid = np.random.default_rng(1).random((2, 56, 56)) > 0.5
    valid[:, :30, :20] = False
    nonsense = np.where(valid[:, None], pixels, np.float32(9e9))
    blank = np.where(valid[:, None], pixels, np.float32(0))
    features = model.encode(batch_of(nonsense, valid=valid))
    np.testing.assert_array_equal(features, model.encode(batch_of(blank, valid=valid)))
    assert not features[:, :, :2, 0].any()


def test_empty_patches_are_left_out_of_attention(conformance, family, cases, model, pixels):
    """The network over several dates, too: what is not seen changes nothing that is."""
    valid = np.ones((1, 56, 56), bool)
    valid[:, :, 28:] = False
    part = model.encode(batch_of(pixels[:1], valid=valid))
    assert not part[..., 2:].any()
    assert np.abs(part[..., :2] - model.encode(batch_of(pixels[:1]))[..., :2]).max() > 1e-3
    found = cases["tl_t3_nocoords"]
    network = conformance.network(family, found)
    seen = torch.ones(2, 4, 4, dtype=torch.bool)
    seen[:, 1, 2:] = False
    images = family.images(found)
    other = images.clone()
    other[:, 16:32, 32:] = 5.0
    keep = torch.cat([torch.ones(2, 1, dtype=torch.bool), seen.flatten(1).repeat(1, 3)], dim=1)
    with torch.inference_mode():
        first, second = (network(x, seen=seen)[0][keep] for x in (images, other))
        masked, plain = (network(images, seen=mask)[0] for mask in (torch.ones_like(seen), None))
    np.testing.assert_array_equal(first, second)
    # The class token is always seen.
    np.testing.assert_allclose(masked, plain, **TOLERANCE)


# --- a run ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "stride"), [("p14_t1_coords", 14), ("plain_t1", 16)])
def test_a_real_chip_is_embedded(reduced, embed_chip, name, stride):
    # A corner of whole patches, of 14 pixels and of 16.
    features = embed_chip(reduced(name).card.path, stride, 256, empty=112, acquired="2021-07-01")
    side = -(-256 // stride)
    hole = np.zeros((side, side), bool)
    hole[: 112 // stride, : 112 // stride] = True
    assert features.shape[1:] == hole.shape
    np.testing.assert_array_equal(features.mask, np.broadcast_to(hole, features.shape))
    valid = features[:, ~hole].data
    assert np.isfinite(valid).all()
    assert valid.std(axis=1).min() > 0
