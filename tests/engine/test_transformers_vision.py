"""Vision towers through transformers: its own answers on its own files, offline; pictures of any kind."""

from __future__ import annotations

import hashlib
import json
import socket
from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from geofm.inference.bands import BYTE, COMMON, PRESETS, SENTINEL2
from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones.transformers_vision import TransformersVision
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts.pictures import WHITE
from geofm.inference.errors import ModelCorrupt, UnsupportedInput
from geofm.inference.places import bundled_models

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 32}
WIDE = {**SIZES, "intermediate_size": 64, "patch_size": 8}
TEXTS = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
# Of each kind a card of the plugin, and sizes for a tiny model of it.
KINDS = {
    "dinov2": ("dinov2-base", {**SIZES, "patch_size": 8, "use_swiglu_ffn": True}),
    "dinov2_with_registers": (
        "dinov2-registers-base",
        {**SIZES, "patch_size": 8, "num_register_tokens": 3},
    ),
    "dinov3_vit": ("dinov3-vitl16-sat493m", {**WIDE, "use_gated_mlp": True, "hidden_act": "silu"}),
    "clip_vision_model": ("clip-vit-base-patch16", WIDE),
    "siglip_vision_model": ("siglip2-base-patch16-256", WIDE),
}
RGB = (COMMON["red"], COMMON["green"], COMMON["blue"])
BYTES = tuple(replace(band, units=BYTE) for band in RGB)
CARDS = sorted(
    path for path in bundled_models().glob("*.json") if '"transformers-vision"' in path.read_text("utf-8")
)


def original(kind, sizes):
    """A tiny model of the library that its authors' files could be of, none of its parameters simple."""
    torch.manual_seed(0)
    if kind == "clip_vision_model":
        config = transformers.CLIPConfig(vision_config=sizes, text_config={**TEXTS, "vocab_size": 50_000})
        model = transformers.CLIPModel(config)
    elif kind == "siglip_vision_model":
        vision = {name: value for name, value in sizes.items() if name != "vision_use_head"}
        config = transformers.SiglipConfig(vision_config=vision, text_config={**TEXTS, "vocab_size": 50_000})
        model = transformers.SiglipModel(config)
    else:
        name = {"dinov2": "Dinov2", "dinov2_with_registers": "Dinov2WithRegisters", "dinov3_vit": "DINOv3ViT"}
        config = getattr(transformers, f"{name[kind]}Config")(**sizes)
        model = getattr(transformers, f"{name[kind]}Model")(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model.eval()


@pytest.fixture(scope="module", params=KINDS)
def published(request, tmp_path_factory):
    """Kind, the library's model, and the folder with its file and a card."""
    card_id, sizes = KINDS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    path = bundled_models() / f"{card_id}.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    sizes = {**raw["properties"]["mlm:hyperparameters"], **sizes}
    del sizes["model_type"]
    model = original(request.param, sizes)
    model.save_pretrained(folder)
    write_card(folder, raw, sizes)
    return request.param, model, folder


def write_card(folder, raw, sizes, files=("model.safetensors",), window=32):
    """A card of the plugin with other sizes, and files beside it."""
    props = raw["properties"]
    asset = next(iter(raw["assets"].values()))
    kept = {key: value for key, value in asset.items() if not key.startswith("geofm:digest")}
    assets = {
        name: {
            **(kept if not index else {"roles": kept["roles"]}),
            "href": name,
            "geofm:digest": "sha256:" + hashlib.sha256((folder / name).read_bytes()).hexdigest(),
        }
        for index, name in enumerate(files)
    }
    stated = {"model_type": props["mlm:hyperparameters"]["model_type"], **sizes}
    changed = {"mlm:hyperparameters": stated, "geofm:window": window, "geofm:stride": sizes["patch_size"]}
    card = {**raw, "properties": {**props, **changed}, "assets": assets}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


def opened(folder, window=None):
    card = load_card(folder / "card.json")
    card = replace(card, window=window or card.window)
    return TransformersVision.load(card, [folder / asset.filename for asset in card.assets], "cpu")


@pytest.fixture
def model(published):
    return opened(published[2])


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A tiny CLIP's folder, for what is the same of all kinds."""
    folder = tmp_path_factory.mktemp("one")
    raw = json.loads((bundled_models() / "clip-vit-base-patch16.json").read_text(encoding="utf-8"))
    original("clip_vision_model", WIDE).save_pretrained(folder)
    write_card(folder, raw, WIDE)
    return folder


def changed_card(folder, target, **sizes):
    """The card and files of a folder in another, with other hyperparameters."""
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["properties"]["mlm:hyperparameters"].update(sizes)
    for name in card["assets"]:
        (target / name).symlink_to(folder / name)
    (target / "card.json").write_text(json.dumps(card), encoding="utf-8")


def pictures(count=3, rows=32, cols=32, seed=0):
    """(count, 3, rows, cols) of bytes."""
    chance = np.random.default_rng(seed)
    coarse = chance.integers(0, 256, (count, 3, rows // 8, cols // 8))
    fine = coarse.repeat(8, axis=2).repeat(8, axis=3) + chance.normal(0, 20, (count, 3, rows, cols))
    return fine.clip(0, 255).round().astype(np.float32)


def batch_of(pixels, bands=BYTES, valid=None):
    shape = (len(pixels), *pixels.shape[2:])
    valid = np.ones(shape, bool) if valid is None else valid
    return WindowBatch(np.ascontiguousarray(pixels, np.float32), valid, tuple(bands), Scene(0.2))


# --- the library's own answers -----------------------------------------------------------------


@pytest.mark.parametrize("side", [(32, 32), (48, 24)], ids=["own size", "another size"])
def test_patch_tokens_are_those_of_the_library(published, model, side):
    kind, source, _ = published
    pixels = pictures(2, *side)
    asset = model.card.assets[0]
    mean, std = (torch.tensor(values)[:, None, None] for values in (asset.mean, asset.std))
    images = (torch.from_numpy(pixels) / 255 - mean) / std
    tower = getattr(source, "vision_model", source)
    options = {"interpolate_pos_encoding": True} if kind.endswith("_vision_model") else {}
    with torch.inference_mode():
        tokens = tower(pixel_values=images, **options).last_hidden_state
    rows, cols = side[0] // 8, side[1] // 8
    expected = tokens[:, -rows * cols :].transpose(1, 2).reshape(2, 32, rows, cols)
    before = {"dinov2": 1, "dinov2_with_registers": 4, "dinov3_vit": 5, "clip_vision_model": 1}
    assert tokens.shape[1] - rows * cols == before.get(kind, 0)
    found = model.encode(batch_of(pixels))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_nothing_is_asked_of_the_network(published, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    model = opened(published[2])
    assert np.isfinite(model.encode(batch_of(pictures()))).all()


def test_a_window_does_not_depend_on_its_batch(model):
    pixels = pictures(5)
    valid = np.ones((5, 32, 32), bool)
    valid[1, :11] = False
    valid[2] = False
    together = model.encode(batch_of(pixels, valid=valid))
    for i in range(5):
        alone = model.encode(batch_of(pixels[i : i + 1], valid=valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


def test_empty_patches_are_left_out_and_their_values_mean_nothing(model):
    pixels = pictures()
    valid = np.ones((3, 32, 32), bool)
    valid[:, :, 16:] = False
    found = model.encode(batch_of(pixels, valid=valid))
    other = model.encode(batch_of(np.where(valid[:, None], pixels, 9e9), valid=valid))
    np.testing.assert_array_equal(found, other)
    assert not found[..., 2:].any()
    # What fills the gaps is not looked at either: the rest differs from that of the filled picture.
    whole = model.encode(batch_of(np.where(valid[:, None], pixels, pixels[..., :16].mean())))
    assert np.abs(found[..., :2] - whole[..., :2]).max() > 1e-3


def test_the_layers_can_compute_in_bf16(model):
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        exact = model._network(images)
        rough = model._network.computing_in(torch.bfloat16)(images)
    assert rough.dtype == torch.float32
    assert 1e-4 < (rough - exact).abs().max() < 0.5


# --- files ----------------------------------------------------------------------------------------


def test_weights_may_lie_in_several_files_and_in_half_precision(one, tmp_path):
    tensors = load_file(one / "model.safetensors")
    names = sorted(tensors)
    parts = names[: len(names) // 2], names[len(names) // 2 :]
    files = [f"model-{number}.safetensors" for number in (1, 2)]
    for file, part in zip(files, parts, strict=True):
        save_file({name: tensors[name].half() for name in part}, tmp_path / file)
    write_card(tmp_path, json.loads((one / "card.json").read_text("utf-8")), WIDE, files)
    whole, halved = (opened(folder).encode(batch_of(pictures())) for folder in (one, tmp_path))
    assert 0 < np.abs(whole - halved).max() < 0.05


def test_an_older_file_with_counted_positions_loads(one, tmp_path):
    tensors = load_file(one / "model.safetensors")
    tensors["vision_model.embeddings.position_ids"] = torch.arange(17)[None]
    torch.save(tensors, tmp_path / "pytorch_model.bin")
    write_card(tmp_path, json.loads((one / "card.json").read_text("utf-8")), WIDE, ["pytorch_model.bin"])
    np.testing.assert_array_equal(
        opened(tmp_path).encode(batch_of(pictures())), opened(one).encode(batch_of(pictures()))
    )


LAYER = "vision_model.encoder.layers.1.mlp.fc1.weight"


@pytest.mark.parametrize("change", ["missing", "more", "shape"])
def test_a_file_that_does_not_fit_is_refused(one, tmp_path, change):
    tensors = load_file(one / "model.safetensors")
    if change == "missing":
        del tensors[LAYER]
    elif change == "more":
        tensors[LAYER.replace("1", "2")] = torch.zeros(64, 32)
    else:
        tensors[LAYER] = torch.zeros(65, 32)
    save_file(tensors, tmp_path / "model.safetensors")
    write_card(tmp_path, json.loads((one / "card.json").read_text("utf-8")), WIDE)
    with pytest.raises(ModelCorrupt, match="do not fit"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({"model_type": "llama"}, "no model_type that this version runs"),
        ({"model_type": ["clip_vision_model"]}, "no model_type"),
        ({"_attn_implementation": "somebody/kernel"}, "_attn_implementation"),
        ({"attn_implementation": "somebody/kernel"}, "attn_implementation"),
        ({"auto_map": "somebody/code--model.Model"}, "auto_map"),
        ({"quantization_config": 4}, "quantization_config"),
        ({"trust_remote_code": True}, "trust_remote_code"),
        ({"hidden_size": "many"}, "make no clip_vision_model"),
        ({"hidden_size": 30}, "make no clip_vision_model"),
        ({"hidden_act": "nothing"}, "do not fit"),
    ],
)
def test_a_card_can_name_no_code_and_no_nonsense(one, tmp_path, sizes, sentence):
    changed_card(one, tmp_path, **sizes)
    with pytest.raises(ModelCorrupt, match=sentence):
        opened(tmp_path)


def test_attention_is_the_plain_one(one):
    assert opened(one)._network.model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_card_of_the_plugin_makes_its_network(path):
    card = load_card(path)
    facts = card.raw["properties"]
    with torch.device("meta"):
        network = TransformersVision.build(card)
    assert sum(p.numel() for p in network.parameters()) == facts["mlm:total_parameters"]
    assert facts["mlm:output"][0]["result"]["shape"][1] == network.dim
    assert card.stride == facts["mlm:hyperparameters"]["patch_size"]
    assert card.window % card.stride == 0


# --- pictures -----------------------------------------------------------------------------------------


def test_bytes_and_the_reflectance_they_draw_are_the_same(one):
    model, pixels = opened(one), pictures()
    reflectance = pixels / 255 * WHITE
    np.testing.assert_allclose(
        model.encode(batch_of(reflectance, RGB)), model.encode(batch_of(pixels)), rtol=0, atol=1e-5
    )


def test_nothing_is_brighter_than_white_or_darker_than_black(one):
    model = opened(one)
    reflectance = pictures() / 255 * 0.4 - 0.05
    limited = reflectance.clip(0, WHITE)
    assert (reflectance != limited).any()
    np.testing.assert_array_equal(
        model.encode(batch_of(reflectance, RGB)), model.encode(batch_of(limited, RGB))
    )


def test_colours_are_found_by_name_in_any_order(one):
    model, pixels = opened(one), pictures()
    expected = model.encode(batch_of(pixels / 900, RGB))
    sentinel = tuple(SENTINEL2[name] for name in ("B04", "B03", "B02"))
    np.testing.assert_array_equal(model.encode(batch_of(pixels / 900, sentinel)), expected)
    turned = pixels[:, ::-1] / 900
    np.testing.assert_array_equal(model.encode(batch_of(turned, RGB[::-1])), expected)
    assert model.select([SENTINEL2["B08"], *RGB[::-1], SENTINEL2["B11"]]) == (1, 2, 3)


def test_a_missing_colour_is_named(one):
    with pytest.raises(UnsupportedInput, match="did not find these bands: green") as caught:
        opened(one).select([BYTES[0], BYTES[2], SENTINEL2["B08"]])
    assert "BANDS" in caught.value.hint


@pytest.mark.parametrize(
    "units", [("", "", ""), ("reflectance", BYTE, BYTE), ("dB", "dB", "dB")], ids=["raw", "mixed", "dB"]
)
def test_what_is_no_picture_is_refused(one, units):
    bands = [replace(band, units=unit) for band, unit in zip(RGB, units, strict=True)]
    with pytest.raises(UnsupportedInput, match="red, green, blue are neither reflectance nor all") as caught:
        opened(one).select(bands)
    assert "SCALE" in caught.value.hint
    assert "Byte" in caught.value.hint


def test_made_up_windows_are_neither_black_nor_white(one):
    model = opened(one)
    batch = model.trial_batch()
    assert model.select(batch.bands) == (0, 1, 2)
    assert 0.1 < np.median(batch.pixels) / WHITE < 0.9


# --- through the engine ----------------------------------------------------------------------------------


def test_an_aerial_photograph_in_bytes_is_embedded(one, embedded, raster):
    pixels = pictures(1, 96, 120)[0].astype(np.uint8)
    layer = replace(raster("photo.tif", pixels), names=PRESETS["rgb"])
    features, transform = embedded(one / "card.json", layer)
    assert features.shape == (32, 12, 15)
    assert (transform.a, transform.e) == (80, -80)
    assert not features.mask.any()
    assert np.isfinite(features).all()
    window = np.zeros((1, 3, 32, 32), np.float32)
    window[0] = pixels[:, 32:64, 64:96]
    expected = opened(one).encode(batch_of(window))
    np.testing.assert_allclose(features[:, 4:8, 8:12], expected[0], rtol=0, atol=1e-5)


def test_blocks_are_whole_windows_whatever_their_patch(tmp_path, embedded, raster, monkeypatch):
    """Patches of 14 pixels, which no power of two is a multiple of, over more than a block."""
    sizes = {**SIZES, "image_size": 56, "patch_size": 14, "mlp_ratio": 4}
    raw = json.loads((bundled_models() / "dinov2-base.json").read_text(encoding="utf-8"))
    original("dinov2", sizes).save_pretrained(tmp_path)
    write_card(tmp_path, raw, sizes, window=56)
    seen = []
    right = TransformersVision.tokens
    monkeypatch.setattr(TransformersVision, "tokens", lambda self, i: seen.append(i.batch) or right(self, i))
    pixels = pictures(1, 584, 120)[0].astype(np.uint8)
    layer = replace(raster("photo.tif", pixels), names=PRESETS["rgb"])
    features, transform = embedded(tmp_path / "card.json", layer)
    assert features.shape == (32, 42, 9)
    assert transform.a == 140
    # Not once more for the line between two blocks.
    assert sum(seen) == 11 * 3
    expected = opened(tmp_path).encode(batch_of(pixels[None, :, 504:560, 56:112]))
    np.testing.assert_allclose(features[:, 36:40, 4:8], expected[0], rtol=0, atol=1e-5)


def test_a_sentinel_2_chip_is_embedded(one, embed_chip):
    features = embed_chip(one / "card.json", 8, 256, scale=1e-4)
    assert features.shape == (32, 32, 32)
    assert features.mask[:, :5, :5].all()
    assert not features.mask[:, 5:].any()
    assert np.isfinite(features.compressed()).all()


def test_whole_numbers_that_nobody_scales_are_refused(one, embedded, raster):
    layer = replace(raster("photo.tif", pictures(1, 64, 64)[0].astype(np.uint16)), names=PRESETS["rgb"])
    with pytest.raises(UnsupportedInput, match="neither reflectance nor all bytes"):
        embedded(one / "card.json", layer)
