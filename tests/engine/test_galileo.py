"""Galileo against the authors' outputs, and the wrapper's care for bands, units, month and gaps."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import geofm
from geofm.inference.bands import LANDSAT_ETM, LANDSAT_OLI, SENTINEL1, SENTINEL2, band_at
from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones.galileo import Galileo, patch_tokens
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts.codes import slow_grid_code
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

FAMILY = "galileo"
CASES = ["s2_p1", "s2_p4", "s2_p8", "s2_ndvi_p4", "s2_s1_p4", "s2_s1_location_p4", "s2_t3_p8"]
S2 = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
S2_BANDS = tuple(SENTINEL2[name] for name in S2)
S1_BANDS = (SENTINEL1["VV"], SENTINEL1["VH"])


def day(month):
    return datetime.date(2024, month, 15)


JULY = Scene(gsd=10.0, date=day(7))
TOLERANCE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(scope="session")
def card():
    return load_card(Path(geofm.__file__).parent / "resources" / "models" / "galileo-nano.json")


@pytest.fixture(scope="session")
def weights(models):
    return models / "galileo-nano" / "encoder.pt"


@pytest.fixture(scope="session")
def model(card, weights):
    return Galileo.load(card, weights, "cpu")


@pytest.fixture(scope="module")
def network(conformance, family, case):
    """The bare network, filled from the reference's own copy of the weights."""
    return conformance.network(family, case)


def only_seen(groups, seen):
    return {name: values for name, values in groups.items() if bool(seen[name].any())}


def batch_of(pixels, bands, scene=JULY, valid=None):
    pixels = np.asarray(pixels, np.float32)
    shape = (len(pixels), *pixels.shape[2:])
    return WindowBatch(pixels, np.ones(shape, bool) if valid is None else valid, tuple(bands), scene)


def reflectance(case):
    """raw__s2 (rows, cols, 1, bands), numbers times 10,000, as a batch of one window of reflectance."""
    return case.inputs["raw__s2"][:, :, 0].permute(2, 0, 1)[None].numpy() / np.float32(1e4)


@pytest.fixture(scope="module")
def scene_pixels(cases):
    """Four different Sentinel-2 windows of reflectance, (4, 10, 32, 32)."""
    return np.concatenate([reflectance(cases[name]) for name in ("s2_p4", "s2_p8", "s2_ndvi_p4", "s2_s1_p4")])


# --- the network -----------------------------------------------------------------------------


@pytest.mark.parametrize("dense", [True, False], ids=["masked", "left-out"])
@pytest.mark.parametrize("name", CASES)
def test_all_tokens_are_the_authors(network, family, cases, name, dense):
    """Both ways to leave a group out: masked in the attention, and absent from the sequence."""
    inputs, expected, conventions = cases[name].inputs, cases[name].outputs, cases[name].conventions
    groups, seen = family.groups(cases[name])
    with torch.inference_mode():
        given = groups if dense else only_seen(groups, seen)
        mask = seen if dense else None
        tokens = network(given, inputs["months"], int(inputs["patch_size"]), 10.0, mask)
        averaged = patch_tokens(tokens, mask)
    # The authors' code leaves the norm of a zero vector, its bias, where nothing was seen.
    blank = network.norm.bias.detach()

    def whole(names, shape):
        parts = []
        for name in names:
            part = tokens.get(name, blank.expand(*shape, -1))
            parts.append(torch.where(seen[name][..., None], part, blank))
        return torch.stack(parts, dim=-2).numpy()

    shape = tuple(expected["s_t_tokens"].shape)
    dense_tokens = whole(conventions["space_time_groups"], shape[:4])
    static = whole(conventions["static_groups"], shape[:1])
    np.testing.assert_allclose(dense_tokens, expected["s_t_tokens"], **TOLERANCE)
    np.testing.assert_allclose(static, expected["static_tokens"], **TOLERANCE)
    np.testing.assert_allclose(averaged.flatten(1, 2), expected["patch_tokens"], **TOLERANCE)
    every = torch.cat([tokens[n][seen[n]] for n in tokens]).mean(dim=0)
    np.testing.assert_allclose(every[None], expected["average_token"], **TOLERANCE)


def test_positions_follow_ground_distance_and_run_along_columns_first():
    code = slow_grid_code(3, 5, 2.0, 32, torch.device("cpu")).numpy()
    frequencies = 10000.0 ** -(np.arange(8) / 32)
    along = np.outer(np.arange(5) * 2.0, frequencies)
    down = np.outer(np.arange(3) * 2.0, frequencies)
    np.testing.assert_allclose(code[1, :, :8], np.sin(along), atol=1e-5)
    np.testing.assert_allclose(code[1, :, 8:16], np.cos(along), atol=1e-5)
    np.testing.assert_allclose(code[:, 4, 16:24], np.sin(down), atol=1e-5)
    np.testing.assert_allclose(code[:, 4, 24:], np.cos(down), atol=1e-5)


def test_twice_the_pixel_size_is_twice_the_distance_between_patches(network):
    flat = {"S2_NIR_10m": torch.zeros(1, 32, 32, 1, 1)}
    july = torch.tensor([[6]])
    with torch.inference_mode():
        patch8 = network(flat, july, 8, 10.0)["S2_NIR_10m"]
        patch4 = network({"S2_NIR_10m": flat["S2_NIR_10m"][:, :16, :16]}, july, 4, 20.0)["S2_NIR_10m"]
        unscaled = network({"S2_NIR_10m": flat["S2_NIR_10m"][:, :16, :16]}, july, 4, 10.0)["S2_NIR_10m"]
    np.testing.assert_allclose(patch4, patch8, **TOLERANCE)
    assert (patch4 - unscaled).abs().max() > 1e-3


# --- weights -----------------------------------------------------------------------------------


def test_safetensors_and_prefixed_names_load_to_the_same_network(
    card, weights, model, tmp_path, scene_pixels
):
    tensors = read_weights(weights)
    prefixed = {name.replace("blocks.", "blocks.backbone.", 1): value for name, value in tensors.items()}
    assert prefixed.keys() != tensors.keys()
    torch.save(prefixed, tmp_path / "prefixed.pt")
    save_file(tensors, tmp_path / "plain.safetensors")
    expected = model.encode(batch_of(scene_pixels, S2_BANDS))
    for name in ("prefixed.pt", "plain.safetensors"):
        other = Galileo.load(card, tmp_path / name, "cpu").encode(batch_of(scene_pixels, S2_BANDS))
        np.testing.assert_array_equal(other, expected)


@pytest.mark.parametrize(("size", "dim", "depth", "heads"), [("tiny", 192, 12, 3), ("base", 768, 12, 12)])
def test_cards_of_the_other_sizes_differ_in_their_sizes_alone(card, size, dim, depth, heads):
    """As config/models of the authors' repository has them."""
    other = load_card(card.path.with_name(f"galileo-{size}.json"))
    with torch.device("meta"):
        network = Galileo.build(other)
    assert (network.dim, len(network.blocks), network.blocks[0].attn.heads) == (dim, depth, heads)
    total = sum(parameter.numel() for parameter in network.parameters())
    assert total == other.raw["properties"]["mlm:total_parameters"]
    for name in ("bands", "mean", "std"):
        assert getattr(other.assets[0], name) == getattr(card.assets[0], name)
    assert (other.window, other.stride, other.min_bands) == (card.window, card.stride, card.min_bands)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tensors: tensors.pop("norm.bias"),
        lambda tensors: tensors.update(extra=torch.zeros(1)),
        lambda tensors: tensors.update({"norm.bias": torch.zeros(64)}),
    ],
    ids=["missing", "left-over", "shape"],
)
def test_weights_that_do_not_fit_are_refused(card, weights, tmp_path, spoil):
    tensors = read_weights(weights)
    spoil(tensors)
    torch.save(tensors, tmp_path / "encoder.pt")
    with pytest.raises(ModelCorrupt, match="galileo-nano do not fit"):
        Galileo.load(card, tmp_path / "encoder.pt", "cpu")


def test_card_without_sizes_or_constants_is_refused(card, weights):
    bare = {**card.raw, "properties": {**card.raw["properties"], "mlm:hyperparameters": {"depth": 4}}}
    with pytest.raises(ModelCorrupt, match="num_heads"):
        Galileo.load(replace(card, raw=bare), weights, "cpu")
    blind = replace(card, assets=(replace(card.assets[0], bands=("B02",), mean=(0.1,), std=(0.1,)),))
    with pytest.raises(ModelCorrupt, match="B03"):
        Galileo.load(blind, weights, "cpu")


# --- from raw values to features -----------------------------------------------------------------


def test_wrapper_gives_the_authors_features_from_raw_values(model, cases):
    expected = cases["s2_ndvi_p4"].outputs
    features = model.encode(batch_of(reflectance(cases["s2_ndvi_p4"]), S2_BANDS))
    assert features.shape == (1, 128, 8, 8)
    assert features.dtype == np.float32
    cells = features.reshape(128, 64).T[None]
    np.testing.assert_allclose(cells, expected["patch_tokens"], **TOLERANCE)


def test_wrapper_places_radar_location_and_month(model, network, family, cases):
    """The network, which the authors' outputs vouch for, on the reference's own normalised inputs."""
    case = cases["s2_s1_location_p4"]
    inputs, given = case.inputs, only_seen(*family.groups(case))
    raw = inputs["raw__s2"]
    given["NDVI"] = ((raw[..., 6] - raw[..., 2]) / (raw[..., 6] + raw[..., 2]))[None, ..., None]
    with torch.inference_mode():
        expected = patch_tokens(network(given, torch.tensor([[10]]), 4, 30.0)).permute(0, 3, 1, 2)
    lat, lon = inputs["raw__latlon"].tolist()
    radar = inputs["raw__s1"][:, :, 0].permute(2, 0, 1)[None].numpy()
    pixels = np.concatenate([radar[:, ::-1], reflectance(case)], axis=1)
    bands = (*S1_BANDS[::-1], *S2_BANDS)
    scene = Scene(gsd=30.0, date=day(11), lonlat=(lon, lat))
    np.testing.assert_allclose(model.encode(batch_of(pixels, bands, scene)), expected, **TOLERANCE)
    for other in (replace(scene, gsd=10.0), replace(scene, date=day(12)), replace(scene, lonlat=(lat, lon))):
        assert np.abs(model.encode(batch_of(pixels, bands, other)) - expected.numpy()).max() > 1e-3


def test_order_of_the_bands_does_not_matter(model, scene_pixels):
    expected = model.encode(batch_of(scene_pixels, S2_BANDS))
    order = [7, 2, 9, 0, 5, 1, 8, 3, 6, 4]
    bands = [S2_BANDS[i] for i in order]
    chosen = model.select(bands)
    shuffled = scene_pixels[:, order][:, chosen]
    np.testing.assert_array_equal(model.encode(batch_of(shuffled, [bands[i] for i in chosen])), expected)


@pytest.mark.parametrize(
    ("lonlat", "month"), [(None, 7), ((10.0, 45.0), 7), ((10.0, -45.0), 1)], ids=["nowhere", "north", "south"]
)
def test_an_unknown_month_is_midsummer(model, scene_pixels, lonlat, month):
    unknown = model.encode(batch_of(scene_pixels, S2_BANDS, Scene(10.0, None, lonlat)))
    stated = model.encode(batch_of(scene_pixels, S2_BANDS, Scene(10.0, day(month), lonlat)))
    np.testing.assert_array_equal(unknown, stated)


def test_january_is_not_taken_for_an_unknown_month(model, scene_pixels):
    january = model.encode(batch_of(scene_pixels, S2_BANDS, Scene(10.0, day(1))))
    unknown = model.encode(batch_of(scene_pixels, S2_BANDS, Scene(10.0)))
    assert np.abs(january - unknown).max() > 1e-3


def test_a_window_does_not_depend_on_its_batch(model, scene_pixels):
    valid = np.ones((4, 32, 32), bool)
    valid[1, :9, :] = False
    valid[2] = False
    together = model.encode(batch_of(scene_pixels, S2_BANDS, valid=valid))
    for i in range(4):
        alone = model.encode(batch_of(scene_pixels[i : i + 1], S2_BANDS, valid=valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


def test_ndvi_of_a_dark_pixel_is_zero(model):
    features = model.encode(batch_of(np.zeros((1, 10, 32, 32)), S2_BANDS))
    assert np.isfinite(features).all()


# --- which bands -----------------------------------------------------------------------------------


def names(bands, chosen):
    return [bands[i].name for i in chosen]


def test_only_complete_groups_are_used(model):
    bands = [SENTINEL2[n] for n in ("B01", "B02", "B03", "B04", "B05", "B06", "B08", "B11")]
    bands.append(SENTINEL1["VV"])
    assert names(bands, model.select(bands)) == ["B02", "B03", "B04", "B08"]


def test_all_bands_and_radar_are_used_in_the_order_of_the_stack(model):
    bands = [*S1_BANDS, SENTINEL2["B01"], *S2_BANDS, SENTINEL2["B09"]]
    assert model.select(bands) == (0, 1, *range(3, 13))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (LANDSAT_ETM, ["B1", "B2", "B3", "B4", "B5", "B7"]),
        (LANDSAT_OLI, ["B2", "B3", "B4", "B5", "B6", "B7"]),
    ],
    ids=["etm", "oli"],
)
def test_landsat_serves_and_its_infrared_counts_once(model, network, table, expected):
    """Near infrared stands in for B08 alone, though B8A lies within 30 nm of it too."""
    bands = list(table.values())
    chosen = model.select(bands)
    assert names(bands, chosen) == expected
    pixels = np.random.default_rng(3).uniform(0.02, 0.5, (1, 6, 32, 32)).astype(np.float32)
    features = model.encode(batch_of(pixels, [bands[i] for i in chosen], Scene(30.0, day(7))))
    as_sentinel = [SENTINEL2[n] for n in ("B02", "B03", "B04", "B08", "B11", "B12")]
    np.testing.assert_array_equal(features, model.encode(batch_of(pixels, as_sentinel, Scene(30.0, day(7)))))


def test_bands_known_by_wavelength_alone_serve(model):
    bands = [band_at(nm) for nm in (1610.0, 665.0, 560.0, 490.0, 842.0, 2190.0)]
    assert model.select(bands) == (0, 1, 2, 3, 4, 5)


def test_either_near_infrared_is_enough(model, scene_pixels):
    bands = [SENTINEL2[n] for n in ("B02", "B03", "B04", "B8A")]
    assert model.select(bands) == (0, 1, 2, 3)
    assert np.isfinite(model.encode(batch_of(scene_pixels[:, [0, 1, 2, 7]], bands))).all()


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        ({"B03"}, r"B03 \(green\)"),
        ({"B08", "B8A"}, r"B08 or B8A \(nir\)"),
        (set(S2), r"B02 .*B03 .*B04 .*B08"),
    ],
)
def test_missing_bands_are_named_with_a_hint(model, left_out, sentence):
    bands = [band for band in (*S2_BANDS, *S1_BANDS) if band.name not in left_out]
    with pytest.raises(UnsupportedInput, match=sentence) as caught:
        model.select(bands)
    assert "BANDS" in caught.value.hint


def test_values_of_the_wrong_kind_are_refused_with_a_hint(model):
    raw = [replace(band, units="") if band.name in ("B04", "B11") else band for band in S2_BANDS]
    with pytest.raises(UnsupportedInput, match="B04, B11 are not reflectance") as caught:
        model.select(raw)
    assert "SCALE" in caught.value.hint
    linear = [*S2_BANDS, *(replace(band, units="") for band in S1_BANDS)]
    with pytest.raises(UnsupportedInput, match="VV, VH are not backscatter in dB"):
        model.select(linear)


def test_units_of_bands_that_are_not_used_do_not_matter(model):
    bands = [*S2_BANDS[:7], replace(SENTINEL2["B11"], units=""), replace(SENTINEL1["VV"], units="")]
    assert model.select(bands) == tuple(range(7))


# --- gaps ----------------------------------------------------------------------------------------------


def test_gaps_within_a_patch_take_the_patch_mean(model, scene_pixels):
    pixels = scene_pixels[:1].copy()
    valid = np.ones((1, 32, 32), bool)
    valid[0, 8:10, 4:7] = False
    filled = pixels.copy()
    patch = valid[0, 8:12, 4:8]
    filled[0, :, 8:12, 4:8][:, ~patch] = pixels[0, :, 8:12, 4:8][:, patch].mean(axis=1, keepdims=True)
    pixels[0][:, ~valid[0]] = np.nan
    gap = model.encode(batch_of(pixels, S2_BANDS, valid=valid))
    np.testing.assert_allclose(gap, model.encode(batch_of(filled, S2_BANDS)), rtol=0, atol=2e-6)


def test_values_of_invalid_pixels_never_reach_a_feature(model, scene_pixels):
    valid = np.random.default_rng(1).random((4, 32, 32)) > 0.5
    valid[:, :12, :6] = False
    nonsense = np.where(valid[:, None], scene_pixels, np.float32(9e9))
    blank = np.where(valid[:, None], scene_pixels, np.float32(0))
    np.testing.assert_array_equal(
        model.encode(batch_of(nonsense, S2_BANDS, valid=valid)),
        model.encode(batch_of(blank, S2_BANDS, valid=valid)),
    )


@pytest.mark.parametrize("lonlat", [None, (7.7, 45.1)], ids=["nowhere", "somewhere"])
def test_empty_patches_are_left_out_of_attention(model, network, scene_pixels, lonlat):
    """The right half empty: the left half is what the network says of the left half alone."""
    valid = np.ones((1, 32, 32), bool)
    valid[:, :, 16:] = False
    scene = Scene(10.0, day(7), lonlat)
    features = model.encode(batch_of(scene_pixels[:1], S2_BANDS, scene, valid))
    whole = model.encode(batch_of(scene_pixels[:1], S2_BANDS, scene))
    half = model.encode(batch_of(scene_pixels[:1, :, :, :16], S2_BANDS, scene))
    assert not features[..., 4:].any()
    np.testing.assert_allclose(features[..., :4], half, rtol=0, atol=5e-6)
    assert np.abs(features[..., :4] - whole[..., :4]).max() > 1e-3


def test_an_empty_window_is_zeros_and_costs_nothing(model, scene_pixels, monkeypatch):
    def refuse(*_):
        raise AssertionError("the network ran on nothing")

    monkeypatch.setattr(model, "_network", refuse)
    features = model.encode(batch_of(scene_pixels, S2_BANDS, valid=np.zeros((4, 32, 32), bool)))
    assert features.shape == (4, 128, 8, 8)
    assert not features.any()
