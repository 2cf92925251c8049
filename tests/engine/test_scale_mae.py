"""Scale-MAE: mistakes that the references find, pixel sizes, files as published, pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from geofm.inference.bands import BYTE, COMMON
from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones import scale_mae
from geofm.inference.engine.backbones.scale_mae import ScaleMae
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts import attention
from geofm.inference.engine.parts.codes import grid_code
from geofm.inference.engine.parts.pictures import WHITE
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

FAMILY = "scale_mae"
RGB = (COMMON["red"], COMMON["green"], COMMON["blue"])
BYTES = tuple(replace(band, units=BYTE) for band in RGB)


@pytest.fixture
def model(reduced):
    return reduced("gsd10_64px")


def photographs(count=3, side=64, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 3, side, side)).astype(np.float32)


def batch_of(pixels, bands=BYTES, gsd=10.0, valid=None):
    shape = (len(pixels), *pixels.shape[2:])
    valid = np.ones(shape, bool) if valid is None else valid
    return WindowBatch(np.ascontiguousarray(pixels), valid, tuple(bands), Scene(gsd))


# --- mistakes that the references find --------------------------------------------------------


def rows_first(rows, cols, dim):
    return grid_code(cols, rows, dim).transpose(0, 1)


def one_metre(rows, cols, dim):
    return grid_code(torch.arange(len(rows)), torch.arange(len(cols)), dim)


def against_ten_metres(rows, cols, dim):
    return grid_code(rows / 10, cols / 10, dim)


def tanh_gelu(self, x):
    return self.fc2(torch.nn.functional.gelu(self.fc1(x), approximate="tanh"))


MISTAKES = {
    "rows before columns": (scale_mae, "grid_code", rows_first),
    "pixel size left out": (scale_mae, "grid_code", one_metre),
    "pixel size over 10 m": (scale_mae, "grid_code", against_ten_metres),
    "tanh GELU": (attention.Mlp, "forward", tanh_gelu),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_shows_in_the_references(conformance, family, reference, monkeypatch, mistake):
    monkeypatch.setattr(*MISTAKES[mistake])
    assert conformance.worst(family, reference) > conformance.TOLERANCE


def test_another_epsilon_shows_in_the_references(conformance, family, reference, monkeypatch):
    monkeypatch.setattr(scale_mae, "_EPS", 1e-5)
    assert conformance.worst(family, reference) > conformance.TOLERANCE


def test_the_stored_table_of_positions_is_not_used(model, reference, tmp_path):
    tensors = dict(read_weights(reference / "scale_mae" / "state_dict_enc.safetensors"))
    tensors["pos_embed"] = torch.randn(1, 197, 64)
    torch.save(tensors, tmp_path / "weights.pt")
    batch = batch_of(photographs())
    other = ScaleMae.load(model.card, tmp_path / "weights.pt", "cpu")
    np.testing.assert_array_equal(other.encode(batch), model.encode(batch))


# --- weights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["decoder", "missing", "more"])
def test_a_published_file_may_end_in_a_decoder_but_must_be_whole(model, reference, tmp_path, change):
    tensors = dict(read_weights(reference / "scale_mae" / "state_dict_enc.safetensors"))
    if change == "decoder":
        tensors |= {"mask_token": torch.zeros(1), "decoder_blocks.0.norm1.weight": torch.zeros(1)}
    elif change == "missing":
        del tensors["blocks.2.attn.qkv.bias"]
    else:
        tensors["blocks.3.attn.qkv.bias"] = torch.zeros(1)
    torch.save(tensors, tmp_path / "weights.pt")
    if change == "decoder":
        ScaleMae.load(model.card, tmp_path / "weights.pt", "cpu")
    else:
        with pytest.raises(ModelCorrupt, match="do not fit"):
            ScaleMae.load(model.card, tmp_path / "weights.pt", "cpu")


def test_the_card_gives_the_number_of_parameters(conformance):
    card = load_card(conformance.MODELS / "scale-mae-large.json")
    with torch.device("meta"):
        network = ScaleMae.build(card)
    assert sum(p.numel() for p in network.parameters()) == card.raw["properties"]["mlm:total_parameters"]


# --- from pictures to features ------------------------------------------------------------------------


@pytest.mark.parametrize("gsd", [0.3, 10.0])
def test_pictures_are_scaled_as_imagenets(model, gsd):
    pixels = photographs()
    mean, std = (
        torch.tensor(values)[:, None, None] for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    )
    images = (torch.from_numpy(pixels) / 255 - mean) / std
    with torch.inference_mode():
        tokens = model._network(images, gsd)[:, 1:].transpose(1, 2).reshape(3, 64, 4, 4)
    order = [2, 0, 1]
    bands = [BYTES[i] for i in order]
    found = model.encode(batch_of(pixels[:, order], bands, gsd))
    np.testing.assert_allclose(found, tokens, rtol=0, atol=1e-5)
    drawn = model.encode(batch_of(pixels / 255 * np.float32(WHITE), RGB, gsd))
    np.testing.assert_allclose(drawn, tokens, rtol=0, atol=1e-5)
    assert np.abs(model.encode(batch_of(pixels, gsd=2 * gsd)) - found).max() > 1e-3


def test_a_window_does_not_depend_on_its_batch(model):
    pixels = photographs(4)
    valid = np.ones((4, 64, 64), bool)
    valid[1, :20] = False
    together = model.encode(batch_of(pixels, valid=valid))
    for i in range(4):
        alone = model.encode(batch_of(pixels[i : i + 1], valid=valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


def test_empty_patches_are_left_out_and_their_values_mean_nothing(model):
    """The left half is what the network says of it alone: positions are computed, not looked up."""
    pixels = photographs()
    valid = np.ones((3, 64, 64), bool)
    valid[:, :, 32:] = False
    found = model.encode(batch_of(np.where(valid[:, None], pixels, np.float32(9e9)), valid=valid))
    half = model.encode(batch_of(pixels[..., :32]))
    assert not found[..., 2:].any()
    np.testing.assert_allclose(found[..., :2], half, rtol=0, atol=1e-5)


def test_what_is_no_picture_is_refused(model):
    with pytest.raises(UnsupportedInput, match="neither reflectance nor all bytes"):
        model.select([replace(band, units="") for band in RGB])
    with pytest.raises(UnsupportedInput, match="did not find these bands: blue"):
        model.select(BYTES[:2])


def test_a_chip_is_embedded(model, embed_chip):
    features = embed_chip(model.card.path, 16, 112, scale=1e-4)
    assert features.shape == (64, 7, 7)
    assert features.mask[:, :2, :2].all()
    assert not features.mask[:, 3:].any()
    assert np.isfinite(features.compressed()).all()
