"""Clay 1.5: each likely mistake turns the reference cases red; week, place, sensors; the published file."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import geofm.inference.engine.backbones.clay as clay
from geofm.inference.bands import COMMON, LANDSAT_ETM, LANDSAT_OLI, SENTINEL1, SENTINEL2, band_at
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Scene
from geofm.inference.engine.parts import hypernetwork
from geofm.inference.engine.parts.attention import Block
from geofm.inference.engine.parts.codes import sincos
from geofm.inference.engine.parts.patch_encoder import Inputs
from geofm.inference.engine.parts.weights import load_strictly, read_weights
from geofm.inference.errors import ModelCorrupt
from geofm.inference.places import bundled_models

FAMILY = "clay"


@pytest.fixture(scope="module")
def card():
    return load_card(bundled_models() / "clay-1.5.json")


def variant(**changes):
    return lambda patch: patch.setattr(clay, "CLAY", replace(hypernetwork.CLAY, **changes))


def usual_place_code(rows, cols, gsd, dim):
    frequencies = 1.0 / 10000.0 ** (torch.arange(dim // 4) / (dim // 4)) * gsd
    x, y = (sincos(torch.arange(n, dtype=torch.float32), frequencies) for n in (cols, rows))
    shape = (rows, cols, dim // 2)
    return torch.cat([x[None].expand(shape), y[:, None].expand(shape)], dim=-1).flatten(0, 1)[None]


def rows_first(rows, cols, gsd, dim, original=clay.place_code):
    return original(rows, cols, gsd, dim).roll(dim // 2, dims=2)


def usual_wave_code(wavelengths, dim):
    return sincos(wavelengths, 1.0 / 10000.0 ** (torch.arange(dim // 2) / (dim // 2)))


MISTAKES = {
    "bias scaled": variant(bias_gain=0.02),
    "kernels scaled as DOFA's": variant(weight_gain=0.01),
    "pixels before features in the kernels": variant(dim_last=True),
    "margin of DOFA": variant(margin=1),
    "ReLU in the code's layers": variant(activation=torch.relu),
    "usual frequencies of places": lambda patch: patch.setattr(clay, "place_code", usual_place_code),
    "rows first": lambda patch: patch.setattr(clay, "place_code", rows_first),
    "pixel size ignored": lambda patch: patch.setattr(
        clay, "place_code", lambda *given, code=clay.place_code: code(*given[:2], 1.0, given[3])
    ),
    "usual frequencies of wavelengths": lambda patch: patch.setattr(clay, "wave_code", usual_wave_code),
    "eps of timm in the blocks": lambda patch: patch.setattr(
        clay, "Block", lambda *parts: Block(*parts, eps=1e-6)
    ),
    "place before time": lambda patch: patch.setattr(
        clay.ClayNetwork,
        "forward",
        lambda self, *given, forward=clay.ClayNetwork.forward: forward(
            self, *given[:3], given[3].roll(4, dims=1)
        ),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_turns_the_cases_red(family, conformance, reference, monkeypatch, mistake):
    MISTAKES[mistake](monkeypatch)
    assert conformance.worst(family, reference) > 1e-5


def test_images_need_not_be_square(family, conformance, case):
    network = conformance.network(family, case)
    about = torch.zeros(1, 8)
    with torch.inference_mode():
        found = network(torch.zeros(2, 3, 32, 72), torch.tensor([0.49, 0.56, 0.66]), 10.0, about)
    assert found.shape == (2, 1 + 4 * 9, 64)
    assert found.isfinite().all()


# --- time, place, wavelengths -----------------------------------------------------------------------


def test_week_and_place_as_the_authors_write_them():
    found = clay.week_and_place(Scene(10.0, datetime.date(2024, 7, 15), (7.7, 45.1)))
    week, lat, lon = 2 * math.pi * 29 / 52, math.radians(45.1), math.radians(7.7)
    expected = [f(angle) for angle in (week, lat, lon) for f in (math.sin, math.cos)]
    assert found == pytest.approx([*expected[:2], 0, 0, *expected[2:]])


@pytest.mark.parametrize(
    ("scene", "known"),
    [
        (Scene(10.0), []),
        (Scene(10.0, datetime.date(2024, 7, 15)), [0, 1]),
        (Scene(10.0, None, (7.7, 45.1)), [4, 5, 6, 7]),
    ],
)
def test_what_is_unknown_is_zero(scene, known):
    assert [i for i, number in enumerate(clay.week_and_place(scene)) if number] == known


def test_month_place_and_pixel_size_reach_the_features(reduced):
    model = reduced("s2_gsd10")
    scene = Scene(10.0, datetime.date(2024, 7, 15), (7.7, 45.1))
    bands = {"0": SENTINEL2["B04"], "1": SENTINEL2["B08"]}
    values = dict(zip(bands, torch.rand(2, 1, 64, 64), strict=True))
    expected = model.tokens(Inputs(values, bands, None, scene))
    january = datetime.date(2024, 1, 15)
    for other in (replace(scene, gsd=30.0), replace(scene, date=january), replace(scene, lonlat=(45.1, 7.7))):
        assert (model.tokens(Inputs(values, bands, None, other)) - expected).abs().max() > 1e-3


def test_the_authors_wavelengths_and_numbers_for_radar_are_given(reduced):
    model = reduced("s2_gsd10")
    known = (SENTINEL2["B04"], LANDSAT_OLI["B5"], SENTINEL1["VH"], SENTINEL1["VV"], band_at(612))
    bands = {str(index): band for index, band in enumerate(known)}
    inputs = Inputs({name: torch.zeros(1, 64, 64) for name in bands}, bands, None, Scene(10.0))
    expected = [665, 860, 4000, 3500, 612]
    assert model.by_band(inputs, clay._RADAR).tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("band", "gsd", "mean"),
    [
        (SENTINEL2["B04"], 10.0, 0.1552),
        (LANDSAT_OLI["B4"], 30.0, 13705 * 2.75e-5 - 0.2),
        (LANDSAT_ETM["B4"], 30.0, 17801 * 2.75e-5 - 0.2),
        (COMMON["red"], 1.0, 110.16 / 255),
        (COMMON["red"], 3.0, 0.1552),
        (band_at(645), 500.0, 0.1552),
        (SENTINEL1["VV"], 10.0, -12.113),
    ],
    ids=["sentinel-2", "oli", "etm", "photograph", "planet", "modis", "radar"],
)
def test_statistics_are_those_of_the_sensor(reduced, band, gsd, mean):
    assert reduced("s2_gsd10").stand_in(band, gsd).mean == pytest.approx(mean)


def test_the_cards_statistics_give_the_references_normalised_pixels(card, reference):
    """Reflectance by the card is what the original's numbers give, for Sentinel-2 and Landsat."""
    asset = card.assets[0]
    mean, std = (dict(zip(asset.bands, numbers, strict=True)) for numbers in (asset.mean, asset.std))
    landsat = [f"oli:B{n}" for n in (4, 3, 2, 5, 6, 7)]
    for case, names, gain, offset in (
        ("s2_gsd10", list(mean)[:10], 1e-4, 0.0),
        ("landsat_gsd30", landsat, 2.75e-5, -0.2),
    ):
        given = np.load(reference / "clay_v1_5" / case / "inputs.npz")
        reflectance = given["raw__pixels"].astype(np.float64) * gain + offset
        for index, name in enumerate(names):
            scaled = (reflectance[:, index] - mean[name]) / std[name]
            np.testing.assert_allclose(scaled, given["pixels"][:, index], atol=2e-5)


# --- the published file -------------------------------------------------------------------------------


def checkpoint(case, **changes):
    """As a training program writes it: the encoder among a decoder, a teacher and the program's state."""
    encoder = {f"model.encoder.{name}": value for name, value in read_weights(case.weights).items()}
    others = ("model.decoder.enc_to_dec.weight", "model.teacher.encoder.norm.bias", "model.proj.bias")
    state = {**encoder, **{name: torch.zeros(3) for name in others}, **changes}
    return {"epoch": 7, "hyper_parameters": {"model_size": "large", "dolls": [16, 32]}, "state_dict": state}


def test_the_published_layout_loads(family, conformance, case, tmp_path):
    torch.save(checkpoint(case), tmp_path / "clay.ckpt")
    network = clay.Clay.build(family.card(case))
    tensors = read_weights(tmp_path / "clay.ckpt", clay.Clay.weights_in)
    load_strictly(network, clay.Clay.renamed(tensors, network), "clay")
    expected = conformance.network(family, case).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in network.state_dict().items())


def test_a_missing_tensor_is_an_error(family, case, tmp_path):
    for lost in ("cls_token", "transformer.norm.bias", "patch_embedding.fclayer.l2.bias"):
        content = checkpoint(case)
        del content["state_dict"][f"model.encoder.{lost}"]
        torch.save(content, tmp_path / "clay.ckpt")
        with pytest.raises(ModelCorrupt, match="do not fit"):
            clay.Clay.load(family.card(case), tmp_path / "clay.ckpt", "cpu")


def test_the_card_states_the_published_size(card):
    with torch.device("meta"):
        network = clay.Clay.build(card)
    stated = card.raw["properties"]["mlm:total_parameters"]
    assert sum(part.numel() for part in network.parameters()) == stated
