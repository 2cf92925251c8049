"""TerraMind against TerraTorch's outputs, and which of its inputs a layer's bands become."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from geofm.inference.bands import COMMON, ELEVATION, LANDSAT_OLI, SENTINEL1, SENTINEL2
from geofm.inference.cards import card_from
from geofm.inference.engine.backbones import terramind
from geofm.inference.engine.backbones.terramind import PUBLISHED, TerraMind
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

FAMILY = "terramind"
S2 = [SENTINEL2[name] for name in SENTINEL2 if name != "B10"]
S1 = [SENTINEL1["VV"], SENTINEL1["VH"]]
DEM = [ELEVATION["DEM"]]
PICTURE = [COMMON[name] for name in ("red", "green", "blue")]
SIZES = ("base_like", "tiny_like")


@pytest.fixture
def model(family, cases):
    """The base-like encoder, as if its file were a published one."""
    case = cases["base_like_s2_s1_dem"]
    return TerraMind.load(family.card(case), case.weights, "cpu")


def batch_of(pixels, bands, valid=None):
    pixels = np.asarray(pixels, np.float32)
    shape = (len(pixels), *pixels.shape[2:])
    return WindowBatch(pixels, np.ones(shape, bool) if valid is None else valid, tuple(bands), Scene(10.0))


def raw(case):
    """A case's bands in the card's units: reflectance 0 to 1, dB, metres."""
    parts = [case.inputs["raw__S2L2A"] / 1e4, case.inputs["raw__S1GRD"], case.inputs["raw__DEM"]]
    return torch.cat(parts, dim=1).numpy()


# --- the network --------------------------------------------------------------------------------------


def other_eps(patch):
    patch.setattr(terramind, "_EPS", 1e-5)


def aligned_corners(patch):
    right = terramind.resize_table
    patch.setattr(terramind, "resize_table", lambda *args: right(*args, align=True))


def bilinear(patch):
    right = terramind.resize_table
    patch.setattr(terramind, "resize_table", lambda *args: right(*args, mode="bilinear"))


def channel_first(patch):
    def forward(self, images):
        cut = functional.unfold(images, self.side, stride=self.side).transpose(1, 2)
        rows, cols = (n // self.side for n in images.shape[2:])
        return self.proj(cut) + self.mod_emb + terramind.resize_table(self.pos_emb, rows, cols)

    patch.setattr(terramind.Embedding, "forward", forward)


def tanh_gelu(patch):
    right = functional.gelu
    patch.setattr(functional, "gelu", lambda x: right(x, approximate="tanh"))


def gate_on_the_other_side(patch):
    def forward(self, x):
        return self.fc2(functional.silu(self.fc3(x)) * self.fc1(x))

    patch.setattr(terramind.GatedMlp, "forward", forward)


@pytest.mark.parametrize(
    "mistake",
    [other_eps, aligned_corners, bilinear, channel_first, tanh_gelu, gate_on_the_other_side],
)
def test_each_likely_mistake_is_seen(conformance, family, reference, monkeypatch, mistake):
    mistake(monkeypatch)
    assert conformance.worst(family, reference) > 5e-6


@pytest.mark.parametrize("size", SIZES)
def test_features_of_a_place_are_the_mean_of_its_sensors(family, cases, size):
    """The library's own merged output; raw values are divided by what they are stored as."""
    case = cases[f"{size}_s2_s1_dem"]
    made = TerraMind.load(family.card(case), case.weights, "cpu")
    features = made.encode(batch_of(raw(case), [*S2, *S1, *DEM]))
    assert features.shape == (2, 96, 4, 4)
    found = features.reshape(2, 96, 16).transpose(0, 2, 1)
    np.testing.assert_allclose(found, case.outputs["feature_2_mean"], rtol=0, atol=1e-5)


# --- weights --------------------------------------------------------------------------------------


def published(case):
    """A state dict as the published files hold it: the whole model, with sensors not asked for."""
    tensors = dict(read_weights(case.weights))
    others = {
        "encoder_embeddings.untok_sen1rtc@224.proj.weight": torch.ones(96, 512),
        "encoder_embeddings.tok_lulc@224.token_emb.weight": torch.ones(8, 96),
        "decoder.0.norm1.weight": torch.ones(96),
        "decoder_embeddings.tok_dem@224.to_logits.weight": torch.ones(8, 96),
        "mask_token": torch.ones(1, 1, 96),
    }
    return {**tensors, **others}


@pytest.mark.parametrize("left_out", [(), (".bias",)], ids=["with-zeros", "without-zeros"])
def test_the_whole_published_model_loads(family, cases, model, tmp_path, left_out):
    case = cases["base_like_s2_s1_dem"]
    tensors = {name: t for name, t in published(case).items() if not name.endswith(left_out or "?")}
    torch.save(tensors, tmp_path / "TerraMind.pt")
    other = TerraMind.load(family.card(case), tmp_path / "TerraMind.pt", "cpu")
    windows = batch_of(raw(case), [*S2, *S1, *DEM])
    np.testing.assert_array_equal(other.encode(windows), model.encode(windows))


@pytest.mark.parametrize(
    "name",
    ["encoder.2.mlp.fc3.weight", f"encoder_embeddings.{PUBLISHED['DEM']}.pos_emb", "encoder_norm.weight"],
)
def test_a_tensor_that_is_missing_is_an_error(family, cases, tmp_path, name):
    case = cases["base_like_s2_s1_dem"]
    tensors = published(case)
    del tensors[name]
    torch.save(tensors, tmp_path / "TerraMind.pt")
    with pytest.raises(ModelCorrupt, match="do not fit"):
        TerraMind.load(family.card(case), tmp_path / "TerraMind.pt", "cpu")


def test_a_card_whose_inputs_are_others_is_refused(family, cases):
    card = family.card(cases["base_like_s2"])
    inputs = [dict(item) for item in card.raw["properties"]["mlm:input"]]
    for change in ({"name": "S3"}, {"value_scaling": inputs[0]["value_scaling"][:-1]}):
        properties = {**card.raw["properties"], "mlm:input": [{**inputs[0], **change}]}
        with pytest.raises(ModelCorrupt, match="as TerraMind has it"):
            TerraMind.build(card_from({**card.raw, "properties": properties}, card.path))


@pytest.mark.parametrize("size", ["tiny", "small", "base", "large"])
def test_cards_state_the_published_sizes(conformance, size):
    card = conformance.resized(f"terramind-1.0-{size}", {})
    with torch.device("meta"):
        network = TerraMind.build(card)
    width, depth = {"tiny": (192, 12), "small": (384, 12), "base": (768, 12), "large": (1024, 24)}[size]
    assert (network.dim, len(network.encoder)) == (width, depth)
    learned = {n: p for n, p in network.named_parameters() if not ("norm" in n and n.endswith("bias"))}
    total = sum(p.numel() for p in learned.values())
    assert total == card.raw["properties"]["mlm:total_parameters"]
    assert any(name.endswith("qkv.bias") for name in learned) == (size in ("tiny", "small"))


# --- which bands ------------------------------------------------------------------------------------


@pytest.fixture
def whole(family, conformance, cases):
    """A card's encoder with all of its inputs, its weights made up; sizes as the cases'."""
    sizes = family.card(cases["tiny_like_s2"]).raw["properties"]["mlm:hyperparameters"]
    card = conformance.resized("terramind-1.0-tiny", sizes, **{"geofm:window": 64})
    torch.manual_seed(0)
    network = TerraMind.build(card).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return TerraMind(card, network, "cpu", terramind.Precision("float32", ""))


@pytest.mark.parametrize(
    ("bands", "inputs", "used"),
    [
        ([*S1, *S2, *DEM], {"S2L2A", "S1GRD", "DEM"}, 15),
        (list(SENTINEL2.values()), {"S2L1C"}, 13),
        (PICTURE, {"RGB"}, 3),
        ([*PICTURE, *S1], {"RGB", "S1GRD"}, 5),
        ([*PICTURE, COMMON["nir"]], {"S2L2A"}, 4),
        (S2[1:4], {"S2L2A"}, 3),
        (list(LANDSAT_OLI.values())[:7], {"S2L2A"}, 7),
        (S1, {"S1GRD"}, 2),
        (DEM, {"DEM"}, 1),
        ([S1[0], *DEM], {"DEM"}, 1),
        ([SENTINEL2["B08"], *S1], {"S1GRD"}, 2),
    ],
    ids=str,
)
def test_the_layer_decides_which_inputs_are_fed(whole, bands, inputs, used):
    chosen = whole.select(bands)
    found = [bands[i] for i in chosen]
    assert set(whole._chosen(whole.match(found))) == inputs
    assert len(chosen) == used
    pixels = np.random.default_rng(0).normal(0.2, 0.05, (1, used, 64, 64))
    features = whole.encode(batch_of(pixels, found))
    assert np.isfinite(features).all()
    assert features.std() > 0.01


def test_terrain_corrected_radar_is_a_matter_of_the_card(conformance, whole):
    inputs = [dict(item) for item in whole.card.raw["properties"]["mlm:input"]]
    inputs[3]["name"] = "S1RTC"
    card = conformance.resized("terramind-1.0-tiny", {}, **{"mlm:input": inputs})
    with torch.device("meta"):
        names = list(TerraMind.build(card).encoder_embeddings)
    assert "untok_sen1rtc@224" in names
    assert "untok_sen1grd@224" not in names


def test_a_band_that_is_missing_counts_as_average(model, cases):
    pixels = raw(cases["base_like_s2_s1_dem"])[:, :12]
    kept = [i for i, band in enumerate(S2) if band.name not in ("B05", "B12")]
    average = pixels.copy()
    for index in set(range(12)) - set(kept):
        average[:, index] = model.scaling[S2[index].name][0]
    fewer = model.encode(batch_of(pixels[:, kept], [S2[i] for i in kept]))
    np.testing.assert_allclose(fewer, model.encode(batch_of(average, S2)), rtol=0, atol=1e-6)
    assert np.abs(fewer - model.encode(batch_of(pixels, S2))).max() > 1e-3


def test_order_of_the_bands_does_not_matter(model, cases):
    pixels, bands = raw(cases["base_like_s2_s1_dem"]), [*S2, *S1, *DEM]
    expected = model.encode(batch_of(pixels, bands))
    order = np.random.default_rng(0).permutation(15)
    shuffled = model.encode(batch_of(pixels[:, order], [bands[i] for i in order]))
    np.testing.assert_array_equal(shuffled, expected)


def test_no_input_at_all_names_what_is_missing(model):
    with pytest.raises(UnsupportedInput, match=r"B03 \(green\), B04 \(red\)|B04 \(red\), B03 \(green\)"):
        model.select([SENTINEL2["B02"], SENTINEL2["B08"], SENTINEL1["VV"]])


@pytest.mark.parametrize(
    ("band", "sentence"), [(S2[3], "B04 are not reflectance"), (S1[0], "dB"), (DEM[0], "heights in metres")]
)
def test_values_in_other_units_are_refused(model, band, sentence):
    bands = [replace(b, units="") if b is band else b for b in (*S2, *S1, *DEM)]
    with pytest.raises(UnsupportedInput, match=sentence):
        model.select(bands)


# --- gaps and batches ------------------------------------------------------------------------------


def test_values_of_invalid_pixels_never_reach_a_feature(model, cases):
    pixels, bands = raw(cases["base_like_s2_s1_dem"]), [*S2, *S1, *DEM]
    valid = np.random.default_rng(1).random((2, 64, 64)) > 0.4
    valid[:, :32, :16] = False
    nonsense, blank = (np.where(valid[:, None], pixels, np.float32(value)) for value in (9e9, 0))
    features = model.encode(batch_of(nonsense, bands, valid))
    np.testing.assert_array_equal(features, model.encode(batch_of(blank, bands, valid)))
    assert not features[:, :, :2, 0].any()
    assert np.isfinite(features).all()


def test_empty_patches_are_left_out_of_attention(model, cases):
    """What fills them cannot matter to the others, and they do not act as average ground either."""
    case = cases["base_like_s2_s1_dem"]
    pixels, bands = raw(case)[:1], [*S2, *S1, *DEM]
    valid = np.ones((1, 64, 64), bool)
    valid[:, :, 32:] = False
    images = {name: case.inputs[name][:1] for name in ("S2L2A", "S1GRD", "DEM")}
    seen = torch.tensor([[True, True, False, False] * 4])
    with torch.inference_mode():
        tokens = torch.stack(list(model._network(images, seen).values())).mean(dim=0)
    expected = tokens.transpose(1, 2).reshape(1, 96, 4, 4).numpy()
    found = model.encode(batch_of(pixels, bands, valid))
    np.testing.assert_allclose(found[..., :2], expected[..., :2], rtol=0, atol=1e-5)
    assert np.abs(found - model.encode(batch_of(pixels, bands)))[..., :2].max() > 1e-3


def test_a_window_does_not_depend_on_its_batch(model, cases):
    pixels, bands = raw(cases["base_like_s2_s1_dem"]), [*S2, *S1, *DEM]
    pixels = np.concatenate([pixels, pixels[:, :, ::-1]])
    valid = np.ones((4, 64, 64), bool)
    valid[1, :20] = False
    together = model.encode(batch_of(pixels, bands, valid))
    for i in range(4):
        alone = model.encode(batch_of(pixels[i : i + 1], bands, valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


def test_a_real_chip_is_embedded(reduced, embed_chip):
    features = embed_chip(reduced("tiny_like_s2").card.path, 16, 120)
    assert features.shape == (96, 8, 8)
    assert features.mask[:, :2, :2].all()
    assert not features.mask[:, 3:, 3:].any()
    assert np.isfinite(features).all()
    assert features[:, 3:, 3:].std(axis=(1, 2)).min() > 0.01
