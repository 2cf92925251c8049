"""OlmoEarth against the original's outputs, and what becomes of bands, sensors and dates that are missing."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest
import torch

from geofm.inference.bands import COMMON, LANDSAT_ETM, LANDSAT_OLI, SENTINEL1, SENTINEL2
from geofm.inference.engine.backbones import olmoearth
from geofm.inference.engine.backbones.olmoearth import OlmoEarth, OlmoEarthNetwork
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

FAMILY = "olmoearth"
S2 = [SENTINEL2[name] for name in SENTINEL2 if name != "B10"]
S1 = [SENTINEL1["VV"], SENTINEL1["VH"]]
OLI = [LANDSAT_OLI[f"B{i}"] for i in range(1, 8)]
RGBN = [COMMON[name] for name in ("red", "green", "blue", "nir")]
VERSIONS = ("v1", "v1.1", "v1.2")
SCENE = Scene(10.0, datetime.date(2024, 7, 15))
CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture
def load(family, cases):
    """The encoder of a version, with the weights of its cases."""

    def loaded(version):
        case = cases[f"{version.replace('.', '_')}_s2_t1_p4"]
        return OlmoEarth.load(family.card(case), [case.weights], "cpu")

    return loaded


@pytest.fixture(params=VERSIONS)
def model(load, request):
    return load(request.param)


def batch_of(pixels, bands, valid=None, scene=SCENE):
    pixels = np.asarray(pixels, np.float32)
    shape = (len(pixels), *pixels.shape[2:])
    return WindowBatch(pixels, np.ones(shape, bool) if valid is None else valid, tuple(bands), scene)


@pytest.fixture(scope="session")
def pixels():
    """Values of Sentinel-2, Sentinel-1 and Landsat of two windows, (2, 21, 32, 32)."""
    chance = np.random.default_rng(5)
    optical, landsat = chance.uniform(0.02, 0.5, (2, 12, 32, 32)), chance.uniform(0.02, 0.5, (2, 7, 32, 32))
    radar = chance.uniform(-24, -6, (2, 2, 32, 32))
    return np.concatenate([optical, radar, landsat], axis=1).astype(np.float32)


# --- the network --------------------------------------------------------------------------------------


def mistaken(target, name, wrong):
    """A test's parameter: ``wrong`` is given what is there and makes what takes its place."""
    return pytest.param(
        lambda patch: patch.setattr(target, name, wrong(getattr(target, name))), id=wrong.__name__
    )


def bilinear_images(right):
    def resized(images, patch, side):
        batch, rows, cols, times, bands = images.shape
        flat = images.permute(0, 3, 4, 1, 2).reshape(batch * times, bands, rows, cols)
        size = (rows // patch * side, cols // patch * side)
        larger = torch.nn.functional.interpolate(flat, size, mode="bilinear")
        return larger.reshape(batch, times, bands, *size).permute(0, 3, 4, 1, 2)

    return resized


def channels_before_pixels(right):
    def forward(self, images, size):
        batch, rows, cols, times, _ = images.shape
        shape = (batch, rows // size, size, cols // size, size, times, -1)
        cut = self.pixel_proj(images).reshape(shape)
        return self.proj(cut.permute(0, 1, 3, 5, 6, 2, 4).flatten(4))

    return forward


def places_in_patches_not_metres(right):
    return lambda self, sensor, tokens, months, step: right(
        self, sensor, tokens, months, None if step is None else 1.0
    )


def months_from_one(right):
    return lambda self, sensor, tokens, months, step: right(self, sensor, tokens, (months + 1) % 12, step)


def order_of_dates_ignored(right):
    return lambda positions, dim: right(torch.zeros_like(positions), dim)


def days_unscaled(right):
    return 1.0


def rows_and_columns_swapped(right):
    return lambda tokens, step, days: right(tokens, step, days)[..., [0, 2, 1]]


def halves_turned_instead_of_pairs(right):
    def turned(x, angles):
        first, second = x.chunk(2, dim=-1)
        cos, sin = angles.cos(), angles.sin()
        return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)

    return turned


def missing_dates_used(right):
    return lambda self, images, months, patch, gsd, seen=None, days=None: right(
        self, images, months, patch, gsd, None, days
    )


@pytest.mark.parametrize(
    "mistake",
    [
        mistaken(olmoearth, "_resized", bilinear_images),
        mistaken(olmoearth.PixelPatchEmbed, "forward", channels_before_pixels),
        mistaken(olmoearth._Codes, "forward", places_in_patches_not_metres),
        mistaken(olmoearth._Codes, "forward", months_from_one),
        mistaken(olmoearth, "slow_code", order_of_dates_ignored),
        mistaken(olmoearth, "_DAYS_A_STEP", days_unscaled),
        mistaken(olmoearth, "_places", rows_and_columns_swapped),
        mistaken(olmoearth, "_turned", halves_turned_instead_of_pairs),
        mistaken(OlmoEarthNetwork, "forward", missing_dates_used),
    ],
)
def test_each_likely_mistake_is_seen(conformance, family, reference, monkeypatch, mistake):
    mistake(monkeypatch)
    assert conformance.worst(family, reference) > 1e-5


def test_a_date_that_is_missing_is_as_if_it_were_not_there(conformance, family, cases):
    case = cases["v1_2_s2_missing_t3_p4"]
    network = conformance.network(family, case)
    image, months = case.inputs["sentinel2_l2a"][1:], case.inputs["timestamps"][1:, :, 1]
    seen = case.inputs["sentinel2_l2a_mask"][1:, ::4, ::4] == 0
    days = torch.tensor([[0.0, 140.0, 340.0]])
    there = [0, 2]
    with torch.inference_mode():
        masked = network({"sentinel2_l2a": image}, months, 4, 10.0, {"sentinel2_l2a": seen}, days)
        fewer = network(
            {"sentinel2_l2a": image[:, :, :, there]}, months[:, there], 4, 10.0, None, days[:, there]
        )
    found, expected = masked["sentinel2_l2a"][:, :, :, there], fewer["sentinel2_l2a"]
    np.testing.assert_allclose(found, expected, **CLOSE)


def test_of_one_date_the_day_does_not_matter(load, cases):
    network = load("v1.2")._network
    image = {"sentinel2_l2a": cases["v1_2_s2_t1_p4"].inputs["sentinel2_l2a"]}
    months = torch.full((2, 1), 6)
    with torch.inference_mode():
        first, second = (
            network(image, months, 4, 10.0, None, days) for days in (None, torch.full((2, 1), 90.0))
        )
    np.testing.assert_allclose(first["sentinel2_l2a"], second["sentinel2_l2a"], **CLOSE)


def test_angles_keep_their_digits_in_bf16(load):
    network = load("v1.2")._network.computing_in(torch.bfloat16)
    attention = network.blocks[0].attn
    assert attention.q.weight.dtype == torch.bfloat16
    assert attention.rope_mixed_freqs.dtype == torch.float32


# --- weights --------------------------------------------------------------------------------------


def published(case):
    """A state dict as the published files hold it: the whole model, and in newer ones more heads."""
    tensors = dict(read_weights(case.weights))
    encoder = [name for name in tensors if name.startswith("encoder.blocks.")]
    second = {
        name.replace("encoder.", f"{part}.", 1): tensors[name]
        for name in encoder
        for part in ("decoder", "target_encoder")
    }
    others = (
        "supervision_head.w",
        "location_token_distillation_head.w",
        "encoder.attention_pooler.norm.weight",
    )
    old = {"encoder.composite_encodings.pos_embed": torch.ones(12, 32)}
    return {**tensors, **second, **old, **{name: torch.ones(3) for name in others}}


def test_the_whole_published_model_loads(family, cases, load, pixels, tmp_path):
    case = cases["v1_2_s2_t1_p4"]
    torch.save(published(case), tmp_path / "weights.pth")
    other = OlmoEarth.load(family.card(case), [tmp_path / "weights.pth"], "cpu")
    windows = batch_of(pixels, [*S2, *S1, *OLI])
    np.testing.assert_array_equal(other.encode(windows), load("v1.2").encode(windows))


@pytest.mark.parametrize(
    "name",
    [
        "encoder.blocks.3.attn.rope_mixed_freqs",
        "encoder.patch_embeddings.per_modality_embeddings.landsat.landsat__0.pixel_proj.0.bias",
        "encoder.composite_encodings.month_embed.weight",
    ],
)
def test_a_tensor_that_is_missing_is_an_error(family, cases, tmp_path, name):
    case = cases["v1_2_s2_t1_p4"]
    tensors = published(case)
    del tensors[name]
    torch.save(tensors, tmp_path / "weights.pth")
    with pytest.raises(ModelCorrupt, match="do not fit"):
        OlmoEarth.load(family.card(case), [tmp_path / "weights.pth"], "cpu")


# --- from raw values to features ------------------------------------------------------------------------


def test_wrapper_scales_as_the_authors_do(model, cases):
    """Raw values of a case, against the mean of the original's tokens over its sets of bands."""
    version = model.card.id.split("-")[1].replace(".", "_")
    case = cases[f"{version}_s2_t1_p4"]
    order = [SENTINEL2[name] for name in case.conventions["s2_band_order"]]
    raw = case.inputs["raw__sentinel2_l2a"][:, :, :, 0].permute(0, 3, 1, 2).numpy() / np.float32(1e4)
    month = int(case.inputs["timestamps"][0, 0, 1])
    expected = case.outputs["tokens_sentinel2_l2a"].mean(dim=(3, 4)).permute(0, 3, 1, 2)
    found = model.encode(batch_of(raw, order, scene=Scene(10.0, datetime.date(2022, month + 1, 9))))
    same = case.inputs["timestamps"][:, 0, 1] == month
    np.testing.assert_allclose(found[same], expected[same], **CLOSE)


@pytest.mark.parametrize(
    ("bands", "sensors"),
    [
        ([*S2, *S1, *OLI], ["sentinel2_l2a", "sentinel1", "landsat"]),
        (S2, ["sentinel2_l2a"]),
        (RGBN, ["sentinel2_l2a"]),
        (S1, ["sentinel1"]),
        (OLI, ["landsat"]),
        ([*OLI, S1[0]], ["landsat"]),
    ],
    ids=["all", "sentinel-2", "rgbn", "radar", "landsat", "landsat-and-half-a-radar"],
)
def test_each_sensor_has_its_own_tokens(model, bands, sensors, pixels):
    chosen = model.select(bands)
    found = model.match([bands[i] for i in chosen])
    assert olmoearth._sensors(found) == sensors
    assert ("oli:B4" in found) == ("landsat" in sensors)
    features = model.encode(batch_of(pixels[:, : len(chosen)], [bands[i] for i in chosen]))
    assert features.shape == (2, 128, 8, 8)
    assert np.isfinite(features).all()
    assert features.std() > 0.05


def test_bands_of_landsat_are_known_by_what_they_are(model):
    """Their numbers differ between the satellites."""
    etm = list(LANDSAT_ETM.values())
    chosen = model.match(etm)
    assert {name: etm[index].name for name, index in chosen.items()} == {
        "oli:B2": "B1",
        "oli:B3": "B2",
        "oli:B4": "B3",
        "oli:B5": "B4",
        "oli:B6": "B5",
        "oli:B7": "B7",
        "oli:B8": "B8",
    }


def test_bands_that_are_missing_or_of_other_units(model):
    with pytest.raises(UnsupportedInput, match=r"B04 \(red\)"):
        model.select([S2[1], S2[2], *S2[4:], S1[0]])
    with pytest.raises(UnsupportedInput, match="B11 are not reflectance"):
        model.select([replace(band, units="") if band.name == "B11" else band for band in S2])
    with pytest.raises(UnsupportedInput, match="dB"):
        model.select([replace(S1[0], units=""), S1[1]])


def test_in_version_1_the_nearest_band_stands_in(load, pixels):
    """B01 from B02, B09 from B8A, as the authors' normaliser; scaled as the band it stands for."""
    model = load("v1")
    names = [band.name for band in S2]
    kept = [i for i, name in enumerate(names) if name not in ("B01", "B06")]
    stood_in = pixels[:, :12].copy()
    stood_in[:, names.index("B01")] = pixels[:, names.index("B02")]
    stood_in[:, names.index("B06")] = pixels[:, names.index("B05")]
    found = model.encode(batch_of(pixels[:, kept], [S2[i] for i in kept]))
    np.testing.assert_array_equal(found, model.encode(batch_of(stood_in, S2)))


@pytest.mark.parametrize("version", ["v1.1", "v1.2"])
def test_later_a_missing_band_is_zero_after_scaling(load, pixels, version):
    model = load(version)
    names = [band.name for band in S2]
    kept = [i for i, name in enumerate(names) if name not in ("B01", "B06")]
    zeroed = pixels[:, :12].copy()
    for name in ("B01", "B06"):
        mean, std = model.scaling[name]
        zeroed[:, names.index(name)] = mean - 2 * std
    found = model.encode(batch_of(pixels[:, kept], [S2[i] for i in kept]))
    np.testing.assert_allclose(found, model.encode(batch_of(zeroed, S2)), rtol=0, atol=1e-6)


def test_in_version_1_a_set_without_bands_is_left_out(load, pixels):
    model = load("v1")
    visible = [i for i, band in enumerate(S2) if band.name in ("B02", "B03", "B04", "B08")]
    found = model.encode(batch_of(pixels[:, visible], [S2[i] for i in visible]))
    names = [S2[i].name for i in visible]
    values = {
        n: (pixels[:, i] - (m - 2 * s)) / (4 * s)
        for n, i in zip(names, visible, strict=True)
        for m, s in [model.scaling[n]]
    }
    image = np.zeros((2, 32, 32, 1, 12), np.float32)
    image[..., 0, :4] = np.stack([values[n] for n in ("B02", "B03", "B04", "B08")], axis=-1)
    seen = torch.tensor([True, False, False]).expand(2, 8, 8, 1, 3)
    with torch.inference_mode():
        tokens = model._network(
            {"sentinel2_l2a": torch.from_numpy(image)},
            torch.full((2, 1), 6),
            4,
            10.0,
            {"sentinel2_l2a": seen},
        )
    np.testing.assert_allclose(found, tokens["sentinel2_l2a"][:, :, :, 0, 0].permute(0, 3, 1, 2), **CLOSE)


def test_month_and_pixel_size_matter_and_midsummer_stands_for_no_date(model, pixels):
    bands = [*S2, *S1]
    july = model.encode(batch_of(pixels[:, :14], bands))
    for other in (Scene(10.0, datetime.date(2024, 1, 15)), Scene(20.0, SCENE.date)):
        assert np.abs(model.encode(batch_of(pixels[:, :14], bands, scene=other)) - july).max() > 1e-3
    np.testing.assert_array_equal(model.encode(batch_of(pixels[:, :14], bands, scene=Scene(10.0))), july)


# --- gaps and batches ------------------------------------------------------------------------------


def test_values_of_invalid_pixels_never_reach_a_feature(model, pixels):
    bands = [*S2, *S1, *OLI]
    valid = np.random.default_rng(1).random((2, 32, 32)) > 0.4
    valid[:, :12, :8] = False
    nonsense, blank = (np.where(valid[:, None], pixels, np.float32(value)) for value in (9e9, 0))
    features = model.encode(batch_of(nonsense, bands, valid))
    np.testing.assert_array_equal(features, model.encode(batch_of(blank, bands, valid)))
    assert not features[:, :, :3, :2].any()
    assert np.isfinite(features).all()


def test_empty_patches_are_left_out_of_attention(model, pixels):
    """The right half empty: the left half is what is said of the left half alone."""
    valid = np.ones((2, 32, 32), bool)
    valid[:, :, 16:] = False
    whole = model.encode(batch_of(pixels[:, :12], S2))
    found = model.encode(batch_of(pixels[:, :12], S2, valid))
    half = model.encode(batch_of(pixels[:, :12, :, :16], S2))
    # The image is resized as a whole: its bicubic filter sees two pixels across the border.
    np.testing.assert_allclose(found[..., :3], half[..., :3], rtol=0, atol=0.05)
    assert np.abs(found - whole)[..., :3].max() > 0.05
    assert not found[..., 4:].any()


def test_a_window_does_not_depend_on_its_batch(model, pixels):
    bands = [*S2, *S1, *OLI]
    four = np.concatenate([pixels, pixels[:, :, ::-1]])
    valid = np.ones((4, 32, 32), bool)
    valid[1, :10] = False
    together = model.encode(batch_of(four, bands, valid))
    for i in range(4):
        alone = model.encode(batch_of(four[i : i + 1], bands, valid[i : i + 1]))
        np.testing.assert_array_equal(alone[0], together[i])


def test_a_real_chip_is_embedded(reduced, embed_chip):
    features = embed_chip(reduced("v1_1_s2_t1_p4").card.path, 4, 64, acquired="2021-07-01")
    assert features.shape == (128, 16, 16)
    assert features.mask[:, :10, :10].all()
    assert not features.mask[:, 10:].any()
    assert np.isfinite(features).all()
    assert features.std(axis=(1, 2)).min() > 0.001
