"""SatMAE: mistakes that the references find, both kinds of input, files as published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from geofm.inference.bands import BYTE, COMMON, SENTINEL2
from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones import satmae
from geofm.inference.engine.backbones.satmae import GROUPS, GroupNetwork, SatMae
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts.pictures import WHITE
from geofm.inference.engine.parts.vit import VisionTransformer
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

FAMILY = "satmae"
RGB = (COMMON["red"], COMMON["green"], COMMON["blue"])
BYTES = tuple(replace(band, units=BYTE) for band in RGB)
S2 = tuple(SENTINEL2[name] for name in ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"))
CARDS = ("satmae-rgb-large", "satmae-multispectral-base", "satmae-multispectral-large")


@pytest.fixture
def grouped(reduced):
    return reduced("ms_groups")


@pytest.fixture
def drawn(reduced):
    return reduced("rgb")


def reflectance(count=3, side=48, seed=0):
    return np.random.default_rng(seed).gamma(2, 0.09, (count, len(S2), side, side)).astype(np.float32)


def photographs(count=3, side=64, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 3, side, side)).astype(np.float32)


def batch_of(pixels, bands, valid=None):
    shape = (len(pixels), *pixels.shape[2:])
    valid = np.ones(shape, bool) if valid is None else valid
    return WindowBatch(np.ascontiguousarray(pixels), valid, tuple(bands), Scene(10.0))


# --- mistakes that the references find --------------------------------------------------------


def without_code(self, patches, code=0.0, seen=None):
    return RIGHT_TRUNK(self, patches, 0.0, seen)


def class_code_in_groups(self, patches, code=0.0, seen=None):
    if isinstance(self, GroupNetwork):
        code = torch.cat([self.pos_embed[:, :1], torch.zeros_like(self.channel_embed[:, :1])], dim=2)
    return RIGHT_TRUNK(self, patches, code, seen)


def place_by_place(self, patches, code=0.0, seen=None):
    if isinstance(self, GroupNetwork):
        patches = patches.unflatten(1, (len(GROUPS), -1)).transpose(1, 2).flatten(1, 2)
    return RIGHT_TRUNK(self, patches, code, seen)


def turned(table, rows, cols):
    return table.reshape(1, rows, cols, -1).transpose(1, 2).reshape(table.shape)


def channels_last(part, images, side):
    return RIGHT_PATCHES(part, images.flip(1), side)


RIGHT_TRUNK, RIGHT_PATCHES = VisionTransformer.attended, satmae._patches
MISTAKES = {
    "no code of the class token": (VisionTransformer, "attended", without_code),
    "a code of the class token beside groups": (VisionTransformer, "attended", class_code_in_groups),
    "places before groups": (VisionTransformer, "attended", place_by_place),
    "columns before rows": (satmae, "resize_table", turned),
    "bands in another order": (satmae, "_patches", channels_last),
    "the epsilon of groups for pictures": (satmae, "_EPS_PICTURES", 1e-6),
    "the epsilon of pictures for groups": (satmae, "_EPS_GROUPS", 1e-5),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_shows_in_the_references(conformance, family, reference, monkeypatch, mistake):
    monkeypatch.setattr(*MISTAKES[mistake])
    assert conformance.worst(family, reference) > conformance.TOLERANCE


# --- weights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rgb", "ms"])
@pytest.mark.parametrize("change", ["as it is", "beside a training's state", "missing", "more"])
def test_published_files_hold_a_decoder_and_must_be_whole(reduced, reference, tmp_path, kind, change):
    model = reduced("rgb" if kind == "rgb" else "ms_groups")
    tensors = dict(read_weights(reference / "satmae" / f"state_dict_{kind}.safetensors"))
    assert any(name.startswith("decoder_blocks") for name in tensors)
    if change == "missing":
        del tensors["blocks.1.mlp.fc1.bias"]
    elif change == "more":
        tensors["blocks.3.mlp.fc1.bias"] = torch.zeros(1)
    whole = {"model": tensors, "epoch": 7, "args": {}} if change == "beside a training's state" else tensors
    torch.save(whole, tmp_path / "weights.pth")
    if change in ("missing", "more"):
        with pytest.raises(ModelCorrupt, match="do not fit"):
            SatMae.load(model.card, tmp_path / "weights.pth", "cpu")
        return
    batch = batch_of(photographs(), BYTES) if kind == "rgb" else batch_of(reflectance(), S2)
    loaded = SatMae.load(model.card, tmp_path / "weights.pth", "cpu")
    np.testing.assert_array_equal(loaded.encode(batch), model.encode(batch))


@pytest.mark.parametrize("card_id", CARDS)
def test_the_cards_give_the_number_of_parameters(conformance, card_id):
    card = load_card(conformance.MODELS / f"{card_id}.json")
    with torch.device("meta"):
        network = SatMae.build(card)
    assert sum(p.numel() for p in network.parameters()) == card.raw["properties"]["mlm:total_parameters"]
    assert card.window == card.raw["properties"]["mlm:hyperparameters"]["img_size"]


# --- from raw values to features -----------------------------------------------------------------------


def test_reflectance_becomes_what_the_original_was_given(grouped, cases):
    case = cases["ms_groups"]
    pixels = (case.inputs["raw__x"] / 10_000).numpy()
    given = {}
    grouped._network = lambda images, seen: given.update(images=images) or torch.zeros(2, 109, 96)
    grouped.encode(batch_of(pixels[:1], S2))
    order = case.conventions["band_order"]
    expected = [case.inputs["x"][:1, [order.index(n) for n in names]] for names in GROUPS]
    # A value on the edge of two of the 256 steps may fall to the other side.
    apart = torch.cat(given["images"], dim=1) - torch.cat(expected, dim=1)
    assert (apart.abs() < 1e-6).float().mean() > 0.999
    assert apart.abs().max() < 1.01 / 255


def test_a_patch_is_the_mean_of_its_groups(grouped):
    pixels = reflectance()
    scaled = {
        band.name: np.floor(
            np.clip((pixels[:, i] - (mean - 2 * std)) / (4 * std), 0, 1).astype(np.float32) * np.float32(255)
        )
        / np.float32(255)
        for i, band in enumerate(S2)
        for mean, std in [grouped.scaling[band.name]]
    }
    groups = [torch.from_numpy(np.stack([scaled[name] for name in names], axis=1)) for names in GROUPS]
    with torch.inference_mode():
        tokens = grouped._network(groups)[:, 1:].reshape(3, len(GROUPS), 6, 6, 96).mean(dim=1)
    order = np.random.default_rng(1).permutation(len(S2))
    found = grouped.encode(batch_of(pixels[:, order], [S2[i] for i in order]))
    expected = tokens.permute(0, 3, 1, 2).numpy()
    # See above: a step of one pixel is seen all over its window.
    assert np.abs(found - expected).max() < 2e-2
    assert np.median(np.abs(found - expected)) < 1e-3


def test_pictures_are_standardised(drawn):
    pixels = photographs()
    asset = drawn.card.assets[0]
    mean, std = (torch.tensor(values)[:, None, None] for values in (asset.mean, asset.std))
    with torch.inference_mode():
        tokens = drawn._network((torch.from_numpy(pixels) / 255 - mean) / std)[:, 1:]
    expected = tokens.transpose(1, 2).reshape(3, 64, 4, 4).numpy()
    np.testing.assert_allclose(drawn.encode(batch_of(pixels, BYTES)), expected, rtol=0, atol=1e-5)
    as_reflectance = pixels / 255 * np.float32(WHITE)
    np.testing.assert_allclose(drawn.encode(batch_of(as_reflectance, RGB)), expected, rtol=0, atol=1e-5)


def test_windows_of_another_size_have_the_table_interpolated(grouped, drawn):
    assert grouped.encode(batch_of(reflectance(side=64), S2)).shape == (3, 96, 8, 8)
    larger = photographs(side=64).repeat(2, axis=2).repeat(2, axis=3)
    assert drawn.encode(batch_of(larger, BYTES)).shape == (3, 64, 8, 8)


@pytest.mark.parametrize("kind", ["grouped", "drawn"])
def test_a_window_depends_on_neither_its_batch_nor_what_is_missing(request, kind):
    model = request.getfixturevalue(kind)
    pixels, bands = (reflectance(4), S2) if kind == "grouped" else (photographs(4), BYTES)
    valid = np.ones((4, *pixels.shape[2:]), bool)
    valid[1, :20] = False
    valid[2, :, :33] = False
    together = model.encode(batch_of(pixels, bands, valid))
    nonsense = np.where(valid[:, None], pixels, np.float32(9e9))
    np.testing.assert_array_equal(model.encode(batch_of(nonsense, bands, valid)), together)
    for i in range(4):
        alone = model.encode(batch_of(pixels[i : i + 1], bands, valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


# --- which bands -----------------------------------------------------------------------------------------


def test_each_kind_asks_for_its_bands_and_units(grouped, drawn):
    assert grouped.select([SENTINEL2["B01"], *S2[::-1]]) == tuple(range(1, 11))
    assert drawn.select([SENTINEL2["B08"], *BYTES]) == (1, 2, 3)
    assert drawn.select(S2) == (0, 1, 2)
    with pytest.raises(UnsupportedInput, match=r"did not find these bands: B12 \(swir22\)"):
        grouped.select(S2[:-1])
    with pytest.raises(UnsupportedInput, match="B04 are not reflectance"):
        grouped.select([replace(band, units=BYTE) if band.name == "B04" else band for band in S2])
    with pytest.raises(UnsupportedInput, match="neither reflectance nor all bytes"):
        drawn.select([replace(band, units="") for band in RGB])


def test_made_up_windows_suit_each_kind(grouped, drawn):
    assert np.median(drawn.trial_batch().pixels) < WHITE
    assert len(grouped.trial_batch().bands) == len(S2)


@pytest.mark.parametrize(("kind", "stride"), [("grouped", 8), ("drawn", 16)])
def test_a_chip_is_embedded(request, embed_chip, kind, stride):
    model = request.getfixturevalue(kind)
    features = embed_chip(model.card.path, stride, 112, scale=1e-4)
    assert features.shape == (model.dim, 112 // stride, 112 // stride)
    assert features.mask[:, :2, :2].all()
    assert not features.mask[:, 5:].any()
    assert np.isfinite(features.compressed()).all()
