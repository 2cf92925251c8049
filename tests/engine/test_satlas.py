"""Satlas: mistakes that the references find, what each card feeds, scales of its features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from geofm.inference.bands import BYTE, COMMON, LANDSAT_OLI, RAW, SENTINEL1, SENTINEL2
from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones import satlas
from geofm.inference.engine.backbones.satlas import Satlas
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts.pictures import WHITE
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import ModelCorrupt, UnsupportedInput
from geofm.inference.places import bundled_models

FAMILY = "satlas"
NINE = tuple(SENTINEL2[n] for n in ("B04", "B03", "B02", "B05", "B06", "B07", "B08", "B11", "B12"))
RGB = (COMMON["red"], COMMON["green"], COMMON["blue"])
BYTES = tuple(replace(band, units=BYTE) for band in RGB)
CARDS = sorted(bundled_models().glob("satlas-*.json"))
TINY = {"embed_dim": 24, "num_heads": 3, "stage_3_depth": 2}


@pytest.fixture
def model(reduced):
    return reduced("ms_128px")


@pytest.fixture
def untrained(conformance):
    """A tiny encoder of a card of the plugin, with random weights."""

    def make(card_id):
        card = conformance.resized(card_id, TINY)
        torch.manual_seed(0)
        network = Satlas.build(card).eval()
        return Satlas(card, network, "cpu", satlas_precision())

    return make


def satlas_precision():
    from geofm.inference.engine.precision import FLOAT32, Precision

    return Precision(FLOAT32, "A test.")


def reflectance(count=2, side=128, bands=9, seed=0):
    return np.random.default_rng(seed).gamma(2, 0.09, (count, bands, side, side)).astype(np.float32)


def batch_of(pixels, bands, valid=None):
    shape = (len(pixels), *pixels.shape[2:])
    valid = np.ones(shape, bool) if valid is None else valid
    return WindowBatch(np.ascontiguousarray(pixels), valid, tuple(bands), Scene(10.0))


# --- mistakes that the references find --------------------------------------------------------


def with_bias_of_keys(self, squares, bias):
    joined = self.qkv(squares)
    q, k, v = joined.reshape(*squares.shape[:3], 3, self.heads, -1).permute(3, 0, 1, 4, 2, 5)
    q = functional.normalize(q, dim=-1) * self.logit_scale.clamp(max=satlas._SHARPEST).exp()
    mask = bias.expand(*q.shape[:-1], -1)
    k = functional.normalize(k, dim=-1)
    found = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=1.0)
    return self.proj(found.transpose(2, 3).flatten(3))


def plain_attention(self, squares, bias):
    joined = self.qkv(squares)
    q, k, v = joined.reshape(*squares.shape[:3], 3, self.heads, -1).permute(3, 0, 1, 4, 2, 5)
    found = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias.expand(*q.shape[:-1], -1))
    return self.proj(found.transpose(2, 3).flatten(3))


def nothing_apart(high, wide, shifts, device):
    return torch.zeros(high * wide, 64, 64)


def without_shift(self, x):
    self.shift = 0
    return RIGHT_ATTENTION(self, x)


def shift_the_other_way(self, x):
    return RIGHT_ATTENTION(self, x.flip(1)).flip(1)


def positions_turned(self):
    bias = RIGHT_BIAS(self)
    return bias.transpose(1, 2)


def norm_first(self, x):
    x = x + self.attn(self.norm1(x))
    return x + self.mlp["3"](functional.gelu(self.mlp["0"](self.norm2(x))))


def tanh_gelu(self, x):
    x = x + self.norm1(self.attn(x))
    return x + self.norm2(self.mlp["3"](functional.gelu(self.mlp["0"](x), approximate="tanh")))


def rows_within_columns(self, x):
    x = functional.pad(x, (0, 0, 0, x.shape[2] % 2, 0, x.shape[1] % 2))
    neighbours = [x[:, row::2, col::2] for row in (0, 1) for col in (0, 1)]
    return self.norm(self.reduction(torch.cat(neighbours, dim=-1)))


RIGHT_ATTENTION, RIGHT_BIAS = satlas._SquareAttention.forward, satlas._SquareAttention._bias
MISTAKES = {
    "a bias of keys": (satlas._SquareAttention, "_attend", with_bias_of_keys),
    "dot products for cosines": (satlas._SquareAttention, "_attend", plain_attention),
    "tokens together that the shift brought so": (satlas, "_apart", nothing_apart),
    "no shift": (satlas._SquareAttention, "forward", without_shift),
    "shift the other way": (satlas._SquareAttention, "forward", shift_the_other_way),
    "positions the other way": (satlas._SquareAttention, "_bias", positions_turned),
    "bias up to 1": (satlas, "_GREATEST_BIAS", 1.0),
    "coordinates up to 4": (satlas, "_COORDINATE_SPAN", 4.0),
    "norms before": (satlas._Block, "forward", norm_first),
    "tanh GELU": (satlas._Block, "forward", tanh_gelu),
    "neighbours row by row": (satlas._Merging, "forward", rows_within_columns),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_shows_in_the_references(conformance, family, reference, monkeypatch, mistake):
    monkeypatch.setattr(*MISTAKES[mistake])
    assert conformance.worst(family, reference) > conformance.TOLERANCE


def test_another_epsilon_shows_in_the_references(conformance, family, reference, monkeypatch):
    right = Satlas.build.__func__

    def build(cls, card):
        network = right(cls, card)
        for norm in (part for part in network.modules() if isinstance(part, nn.LayerNorm)):
            norm.eps = 1e-6
        return network

    monkeypatch.setattr(Satlas, "build", classmethod(build))
    assert conformance.worst(family, reference) > conformance.TOLERANCE


def test_all_four_stages_are_the_originals(conformance, family, cases):
    for case in cases.values():
        with torch.inference_mode():
            maps = conformance.network(family, case)(case.inputs["x"])
        for stage, found in enumerate(maps):
            expected = case.outputs[f"features_{2 * stage + 1}"]
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


# --- weights -----------------------------------------------------------------------------------------


def test_a_file_as_published_loads(model, reference, tmp_path):
    tensors = dict(read_weights(reference / "satlas_swin_v2" / "state_dict_ms9.safetensors"))
    assert {"norm.weight", "head.weight", "features.1.0.attn.relative_coords_table"} <= set(tensors)
    torch.save(tensors, tmp_path / "weights.pth")
    batch = batch_of(reflectance(), NINE)
    loaded = Satlas.load(model.card, tmp_path / "weights.pth", "cpu")
    np.testing.assert_array_equal(loaded.encode(batch), model.encode(batch))


@pytest.mark.parametrize("change", ["missing", "more", "prefix"])
def test_a_file_with_other_tensors_is_refused(model, reference, tmp_path, change):
    tensors = dict(read_weights(reference / "satlas_swin_v2" / "state_dict_ms9.safetensors"))
    if change == "missing":
        del tensors["features.7.1.attn.logit_scale"]
    elif change == "more":
        tensors["features.5.4.norm1.weight"] = torch.zeros(96)
    else:
        tensors = {f"backbone.{name}": value for name, value in tensors.items()}
    torch.save(tensors, tmp_path / "weights.pth")
    with pytest.raises(ModelCorrupt, match="do not fit"):
        Satlas.load(model.card, tmp_path / "weights.pth", "cpu")


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_the_cards_give_the_number_of_parameters(path):
    card = load_card(path)
    with torch.device("meta"):
        network = Satlas.build(card)
    assert sum(p.numel() for p in network.parameters()) == card.raw["properties"]["mlm:total_parameters"]
    assert card.raw["properties"]["mlm:output"][0]["result"]["shape"][1] == network.dim
    assert set(card.min_bands) == set(card.bands)


# --- features ------------------------------------------------------------------------------------------


def test_features_are_the_last_three_stages_at_the_scale_of_the_second(model):
    pixels = reflectance()
    span = np.array([WHITE] * 3 + [0.816] * 6, np.float32)[:, None, None]
    with torch.inference_mode():
        maps = model._network(torch.from_numpy((pixels / span).clip(0, 1)))
    order = np.random.default_rng(1).permutation(9)
    found = model.encode(batch_of(pixels[:, order], [NINE[i] for i in order]))
    assert found.shape == (2, 48 + 96 + 192, 16, 16)
    for row, col in ((0, 0), (5, 9), (15, 15)):
        cell = [maps[1][:, row, col], maps[2][:, row // 2, col // 2], maps[3][:, row // 4, col // 4]]
        np.testing.assert_allclose(found[:, :, row, col], torch.cat(cell, dim=1), rtol=0, atol=1e-5)


def test_a_window_depends_on_neither_its_batch_nor_what_is_missing(model):
    pixels = reflectance(4, 64)
    valid = np.ones((4, 64, 64), bool)
    valid[1, :20] = False
    valid[2, :, :33] = False
    together = model.encode(batch_of(pixels, NINE, valid))
    nonsense = np.where(valid[:, None], pixels, np.float32(9e9))
    np.testing.assert_array_equal(model.encode(batch_of(nonsense, NINE, valid)), together)
    assert not together[2, :, :, :4].any()
    for i in range(4):
        alone = model.encode(batch_of(pixels[i : i + 1], NINE, valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


def test_the_trunk_can_compute_in_bf16(model):
    images = torch.rand(1, 9, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        exact = model._network(images)[1]
        rough = model._network.computing_in(torch.bfloat16)(images)[1]
    assert rough.dtype == torch.float32
    assert torch.cosine_similarity(exact, rough, dim=-1).mean() > 0.999


def seen_by(model, monkeypatch):
    """What an encoder's network is given."""
    given = []
    dims = [24 * 2**stage for stage in range(4)]

    def network(images):
        given.append(images)
        sides = [images.shape[-1] // 4 // 2**stage for stage in range(4)]
        return [torch.zeros(len(images), n, n, dim) for n, dim in zip(sides, dims, strict=True)]

    monkeypatch.setattr(model, "_network", network)
    return given


@pytest.mark.parametrize("card_id", ["satlas-aerial-swinb-si", "satlas-sentinel2-swinb-mi-rgb"])
def test_pictures_are_bytes_or_drawn_of_reflectance(untrained, monkeypatch, card_id):
    model = untrained(card_id)
    given = seen_by(model, monkeypatch)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, 64, 64)).astype(np.float32)
    model.encode(batch_of(pixels, BYTES))
    model.encode(batch_of(pixels[:, ::-1] / 255 * np.float32(WHITE), RGB[::-1]))
    np.testing.assert_allclose(given[0], pixels / 255, atol=1e-6)
    np.testing.assert_allclose(given[1], pixels / 255, atol=1e-6)
    with pytest.raises(UnsupportedInput, match="neither reflectance nor all bytes"):
        model.select([replace(band, units=RAW) for band in RGB])


def test_landsat_and_radar_are_numbers_as_stored(untrained, monkeypatch):
    landsat = [replace(LANDSAT_OLI[f"B{i}"], units=RAW) for i in range(1, 12)]
    model = untrained("satlas-landsat-swinb-si")
    given = seen_by(model, monkeypatch)
    assert model.select(landsat) == tuple(range(11))
    model.encode(batch_of(np.full((1, 11, 64, 64), 12160, np.float32), landsat))
    assert given[0].unique().tolist() == [0.5]
    radar = [replace(SENTINEL1[name], units=RAW) for name in ("VV", "VH")]
    model = untrained("satlas-sentinel1-swinb-mi")
    given = seen_by(model, monkeypatch)
    pixels = np.stack([np.full((64, 64), 500.0), np.full((64, 64), 51.0)])[None].astype(np.float32)
    model.encode(batch_of(pixels, radar))
    assert [given[0][0, band].unique().tolist() for band in (0, 1)] == [[pytest.approx(0.2)], [1.0]]
    with pytest.raises(UnsupportedInput, match="did not find these bands: VH"):
        model.select(radar[:1])


def test_multispectral_models_ask_for_reflectance_of_all_nine(model):
    assert model.select([SENTINEL2["B01"], *NINE]) == tuple(range(1, 10))
    with pytest.raises(UnsupportedInput, match=r"did not find these bands: B11 \(swir16\)"):
        model.select([band for band in NINE if band.name != "B11"])
    with pytest.raises(UnsupportedInput, match="B04 are not reflectance"):
        model.select([replace(NINE[0], units=BYTE), *NINE[1:]])


def test_a_chip_is_embedded(model, embed_chip):
    features = embed_chip(model.card.path, 8, 160, scale=1e-4)
    assert features.shape == (48 + 96 + 192, 20, 20)
    assert features.mask[:, :5, :5].all()
    assert not features.mask[:, 5:].any()
    assert np.isfinite(features.compressed()).all()


def test_radar_as_delivered_is_embedded(untrained, embedded, raster, tmp_path):
    """Whole numbers that are no decibels, which other models refuse."""
    import hashlib
    import json

    model = untrained("satlas-sentinel1-swinb-si")
    torch.save(model._network.state_dict(), tmp_path / "weights.pth")
    raw = dict(model.card.raw)
    name, asset = next(iter(raw["assets"].items()))
    kept = {key: value for key, value in asset.items() if key != "geofm:digest_start"}
    digest = "sha256:" + hashlib.sha256((tmp_path / "weights.pth").read_bytes()).hexdigest()
    raw["assets"] = {name: {**kept, "href": "weights.pth", "geofm:digest": digest}}
    (tmp_path / "card.json").write_text(json.dumps(raw), encoding="utf-8")
    pixels = np.random.default_rng(0).integers(20, 400, (2, 64, 64)).astype(np.uint16)
    layer = raster("radar.tif", pixels, names=("VV", "VH"))
    features, _ = embedded(tmp_path / "card.json", layer)
    assert features.shape == (model.dim, 8, 8)
    assert not features.mask.any()
    assert np.isfinite(features).all()
