"""CROMA: what would be easy to get wrong shows in the references; sensors, units, gaps, batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from geofm.inference.bands import SENTINEL1, SENTINEL2
from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones import croma
from geofm.inference.engine.backbones.croma import OPTICAL, RADAR, Croma
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

FAMILY = "croma"
S2 = tuple(SENTINEL2[name] for name in OPTICAL)
S1 = tuple(SENTINEL1[name] for name in RADAR)
NOWHERE = Scene(10.0)


@pytest.fixture
def model(reduced):
    return reduced("both")


def windows(bands, count=3, side=48, seed=0):
    """Sentinel-2 reflectance and Sentinel-1 decibels, each window another."""
    chance = np.random.default_rng(seed)
    values = [
        chance.normal(-12, 4, (count, side, side))
        if band in S1
        else chance.gamma(2, 0.08, (count, side, side))
        for band in bands
    ]
    return np.stack(values, axis=1).astype(np.float32)


def batch_of(pixels, bands, valid=None):
    shape = (len(pixels), *pixels.shape[2:])
    return WindowBatch(pixels, np.ones(shape, bool) if valid is None else valid, tuple(bands), NOWHERE)


# --- mistakes that the references find --------------------------------------------------------


def no_bias(heads, rows, cols, device):
    return torch.zeros(heads, rows * cols, rows * cols)


def other_slopes(heads, rows, cols, device):
    slopes = 2.0 ** (-8.0 * torch.arange(heads) / heads)
    right = 2.0 ** (-8.0 * (torch.arange(heads) + 1) / heads)
    return RIGHT_BIAS(heads, rows, cols, device) * (slopes / right)[:, None, None]


def blocks_apart(heads, rows, cols, device):
    places = torch.cartesian_prod(torch.arange(rows), torch.arange(cols)).float()
    slopes = 2.0 ** (-8.0 * (torch.arange(heads) + 1) / heads)
    return torch.cdist(places, places, p=1) * -slopes[:, None, None]


def pixels_first(images, size):
    channels = images.shape[1]
    return (
        functional.unfold(images, size, stride=size)
        .unflatten(1, (channels, -1))
        .transpose(1, 2)
        .flatten(1, 2)
        .transpose(1, 2)
    )


def context_as_it_is(self, x, context, bias, seen):
    joined = torch.cat([self.to_q(self.input_norm(x)), self.to_k(context), self.to_v(context)], dim=-1)
    return self.to_out(croma.attend(joined, self.heads, seen, bias))


def sensors_swapped(self, x, context, bias, seen):
    return RIGHT_CROSS(self, context, x, bias, seen)


def without_bias(self, x, context, bias, seen):
    return RIGHT_CROSS(self, x, context, torch.zeros_like(bias), seen)


def tanh_gelu(self, x):
    hidden = functional.gelu(self.net["0"](self.input_norm(x)), approximate="tanh")
    return self.net["3"](hidden)


RIGHT_BIAS = croma.distance_bias
RIGHT_CROSS = croma._CrossAttention.forward
MISTAKES = {
    "no bias": (croma, "distance_bias", no_bias),
    "slopes from 1": (croma, "distance_bias", other_slopes),
    "distance along the axes": (croma, "distance_bias", blocks_apart),
    "channel-last patch": (croma, "cut_patches", pixels_first),
    "context without norm": (croma._CrossAttention, "forward", context_as_it_is),
    "sensors swapped": (croma._CrossAttention, "forward", sensors_swapped),
    "cross attention without bias": (croma._CrossAttention, "forward", without_bias),
    "tanh GELU": (croma._Perceptron, "forward", tanh_gelu),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_shows_in_the_references(conformance, family, reference, monkeypatch, mistake):
    monkeypatch.setattr(*MISTAKES[mistake])
    assert conformance.worst(family, reference) > conformance.TOLERANCE


def test_another_epsilon_shows_in_the_references(conformance, family, reference, monkeypatch):
    right = Croma.build.__func__

    def build(cls, card):
        network = right(cls, card)
        for norm in (part for part in network.modules() if isinstance(part, nn.LayerNorm)):
            norm.eps = 1e-6
        return network

    monkeypatch.setattr(Croma, "build", classmethod(build))
    assert conformance.worst(family, reference) > conformance.TOLERANCE


def test_the_number_of_heads_is_that_of_the_joint_encoder_alone(conformance, case):
    one, other = (
        Croma.build(conformance.resized("croma-base", {"embed_dim": 64, "depth": 4, "num_heads": heads}))
        for heads in (16, 4)
    )
    weights = Croma.renamed(read_weights(case.weights), one)
    optical, radar = case.inputs["x_optical"], case.inputs["x_sar"]
    for network in (one, other):
        network.load_state_dict(weights)
    with torch.inference_mode():
        assert torch.equal(one(optical, None), other(optical, None))
        assert torch.equal(one(None, radar), other(None, radar))
        assert (one(optical, radar) - other(optical, radar)).abs().max() > 1e-3


# --- weights ----------------------------------------------------------------------------------


def as_published(tensors):
    """Nested as the authors' file is, without the code of positions."""
    nested = {}
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        if rest:
            nested.setdefault(part, {})[rest] = value
    return nested


def test_a_file_as_published_loads(model, reference, tmp_path):
    tensors = read_weights(reference / "croma" / "state_dict_all.safetensors")
    assert set(as_published(tensors)) == {
        "s1_encoder", "s1_GAP_FFN", "s2_encoder", "s2_GAP_FFN", "joint_encoder",
    }  # fmt: skip
    torch.save(as_published(tensors), tmp_path / "CROMA_base.pt")
    loaded = Croma.load(model.card, tmp_path / "CROMA_base.pt", "cpu")
    batch = batch_of(windows(S2 + S1), S2 + S1)
    np.testing.assert_array_equal(loaded.encode(batch), model.encode(batch))


@pytest.mark.parametrize("change", ["missing", "more"])
def test_a_file_with_other_tensors_is_refused(model, reference, tmp_path, change):
    tensors = dict(read_weights(reference / "croma" / "state_dict_all.safetensors"))
    if change == "missing":
        del tensors["joint_encoder.layers.1.1.to_k.weight"]
    else:
        tensors["s2_encoder.cls_token"] = torch.zeros(1)
    torch.save(tensors, tmp_path / "weights.pt")
    with pytest.raises(ModelCorrupt, match="do not fit"):
        Croma.load(model.card, tmp_path / "weights.pt", "cpu")


@pytest.mark.parametrize("size", ["base", "large"])
def test_the_cards_give_the_number_of_parameters(conformance, size):
    card = load_card(conformance.MODELS / f"croma-{size}.json")
    with torch.device("meta"):
        network = Croma.build(card)
    assert sum(p.numel() for p in network.parameters()) == card.raw["properties"]["mlm:total_parameters"]
    assert card.raw["properties"]["mlm:output"][0]["result"]["shape"][1] == network.dim


# --- from raw values to features ----------------------------------------------------------------


@pytest.mark.parametrize("sensors", [S2, S1, S2 + S1], ids=["optical", "radar", "both"])
def test_bands_are_scaled_ordered_and_clipped(model, sensors):
    """The network, which the references vouch for, on bands scaled by hand."""
    pixels = windows(sensors)
    pixels[:, :, :8] *= 4
    scaled = []
    for band in S2 + S1:
        if band in sensors:
            mean, std = model.scaling[band.name]
            scaled.append(np.clip((pixels[:, sensors.index(band)] - (mean - 2 * std)) / (4 * std), 0, 1))
    image = torch.from_numpy(np.stack(scaled, axis=1))
    optical = image[:, :12] if S2[0] in sensors else None
    radar = image[:, -2:] if S1[0] in sensors else None
    with torch.inference_mode():
        expected = model._network(optical, radar).transpose(1, 2).unflatten(2, (6, 6))
    order = np.random.default_rng(1).permutation(len(sensors))
    found = model.encode(batch_of(pixels[:, order], [sensors[i] for i in order]))
    assert found.shape == (3, 64, 6, 6)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_a_window_does_not_depend_on_its_batch(model):
    pixels = windows(S2 + S1, 5)
    valid = np.ones((5, 48, 48), bool)
    valid[1, :11] = False
    valid[2] = False
    together = model.encode(batch_of(pixels, S2 + S1, valid))
    for i in range(5):
        alone = model.encode(batch_of(pixels[i : i + 1], S2 + S1, valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


@pytest.mark.parametrize("sensors", [S2, S2 + S1], ids=["optical", "both"])
def test_empty_patches_are_left_out_and_their_values_mean_nothing(model, sensors):
    """The left half is what the network says of it alone: its positions are distances."""
    pixels = windows(sensors)
    valid = np.ones((3, 48, 48), bool)
    valid[:, :, 24:] = False
    nonsense = np.where(valid[:, None], pixels, np.float32(9e9))
    found = model.encode(batch_of(nonsense, sensors, valid))
    half = model.encode(batch_of(np.ascontiguousarray(pixels[..., :24]), sensors))
    assert not found[..., 3:].any()
    np.testing.assert_allclose(found[..., :3], half, rtol=0, atol=1e-5)
    whole = model.encode(batch_of(pixels, sensors))
    assert np.abs(whole[..., :3] - half).max() > 1e-3


# --- which bands ----------------------------------------------------------------------------------


def test_each_sensor_serves_alone_and_in_any_order(model):
    others = [SENTINEL2["B10"]]
    assert model.select([*S2, *others]) == tuple(range(12))
    assert model.select([*others, *S1]) == (1, 2)
    assert model.select([*S1, *others, *S2]) == (0, 1, *range(3, 15))


@pytest.mark.parametrize(
    ("bands", "sentence"),
    [
        ([band for band in S2 if band.name != "B09"], r"did not find these bands: B09 \(nir09\)"),
        (S1[:1], "did not find these bands: VH"),
        ([], r"B01 \(coastal\), .*B12"),
        ([*S2[1:4], *S1], r"takes all 12 bands of Sentinel-2.*did not find B01, B05"),
        ([*S2, S1[1]], "did not find VV"),
    ],
    ids=["optical", "radar", "none", "optical in part", "radar in part"],
)
def test_a_sensor_in_part_is_refused(model, bands, sentence):
    with pytest.raises(UnsupportedInput, match=sentence) as caught:
        model.select(bands)
    assert "BANDS" in caught.value.hint


def test_other_units_are_refused(model):
    with pytest.raises(UnsupportedInput, match="B04 are not reflectance"):
        model.select([replace(band, units="") if band.name == "B04" else band for band in S2])
    with pytest.raises(UnsupportedInput, match="VV, VH are not backscatter in dB"):
        model.select([replace(band, units="") for band in S1])


# --- through the engine -----------------------------------------------------------------------------


def test_a_chip_is_embedded(model, embed_chip):
    features = embed_chip(model.card.path, 8, 256, scale=1e-4)
    assert features.shape == (64, 32, 32)
    # Whole patches without data stay without; the others have features.
    assert features.mask[:, :5, :5].all()
    assert not features.mask[:, 5:].any()
    assert np.isfinite(features.compressed()).all()
    assert features[:, 5:].std(axis=(1, 2)).min() > 0
