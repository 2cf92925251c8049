"""Encoders of several sensors: radar and heights beside light, and what is missing is not looked at."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import geofm
from geofm.inference.bands import ELEVATION, PRESETS, SENTINEL1, SENTINEL2, Band
from geofm.inference.cards import load_card
from geofm.inference.engine.backbones.galileo import Galileo, GalileoNetwork
from geofm.inference.engine.backbones.presto import Presto
from geofm.inference.engine.backbones.terramind import TerraMind, TerraMindNetwork
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.features.terrain import slope
from geofm.inference.engine.precision import Precision

CARDS = Path(geofm.__file__).parent / "resources" / "models"
LIGHT = tuple(SENTINEL2[name] for name in PRESETS["sentinel2-l2a"])
RADAR, HEIGHT = tuple(SENTINEL1.values()), (ELEVATION["DEM"],)
SCENE = Scene(10.0, datetime.date(2021, 6, 20), (11.0, 47.0))
SIDE = 32


@pytest.fixture(scope="module", params=["galileo-nano", "presto"])
def encoder(request: pytest.FixtureRequest, models: Path) -> Any:
    card = load_card(CARDS / f"{request.param}.json")
    family = Galileo if request.param == "galileo-nano" else Presto
    return family.load(card, models / card.id / card.assets[0].filename, "cpu")


def windows(side: int = SIDE, count: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Light, radar and heights of some windows."""
    random = np.random.default_rng(3)
    light = random.uniform(0.02, 0.4, (count, len(LIGHT), side, side))
    radar = random.normal(-14, 3, (count, 2, side, side))
    height = 400 + 60 * np.sin(np.arange(side) / 5)[None, None, None] + np.zeros((count, 1, side, side))
    return light.astype(np.float32), radar.astype(np.float32), height.astype(np.float32)


def batch(pixels: Sequence[np.ndarray], bands: Sequence[Band], seen: np.ndarray | None = None) -> WindowBatch:
    joined = np.concatenate(pixels, axis=1)
    valid = np.ones((len(joined), *joined.shape[2:]), bool)
    return WindowBatch(joined, valid, tuple(bands), SCENE, seen)


def sides(encoder: Any) -> int:
    return encoder.window or SIDE


def test_radar_and_heights_tell_it_something(encoder: Any) -> None:
    light, radar, height = windows(sides(encoder))
    alone = encoder.encode(batch([light], LIGHT))
    with_radar = encoder.encode(batch([light, radar], LIGHT + RADAR))
    with_all = encoder.encode(batch([light, radar, height], LIGHT + RADAR + HEIGHT))
    for first, second in ((alone, with_radar), (with_radar, with_all)):
        assert np.abs(first - second).mean() > 0.02 * first.std()


def test_a_sensor_that_is_missing_everywhere_is_as_if_it_were_not_there(encoder: Any) -> None:
    light, radar, _ = windows(sides(encoder))
    seen = np.ones((len(light), len(LIGHT) + 2, *light.shape[2:]), bool)
    seen[:, len(LIGHT) :] = False
    alone = encoder.encode(batch([light], LIGHT))
    for values in (radar, np.zeros_like(radar), np.full_like(radar, 1e6)):
        masked = encoder.encode(batch([light, values], LIGHT + RADAR, seen))
        np.testing.assert_allclose(masked, alone, atol=1e-5)


def test_a_zero_would_be_something_else(encoder: Any) -> None:
    light, radar, _ = windows(sides(encoder))
    alone = encoder.encode(batch([light], LIGHT))
    zeroed = encoder.encode(batch([light, np.zeros_like(radar)], LIGHT + RADAR))
    assert np.abs(zeroed - alone).mean() > 0.05 * alone.std()


def test_patches_with_a_gap_do_not_see_what_lies_in_it(encoder: Any) -> None:
    light, radar, height = windows(sides(encoder))
    seen = np.ones((len(light), len(LIGHT) + 3, *light.shape[2:]), bool)
    half = light.shape[2] // 2
    seen[:, len(LIGHT) : len(LIGHT) + 2, :half] = False
    found = []
    for values in (0.0, 1e4):
        radar[:, :, :half] = values
        found.append(encoder.encode(batch([light, radar, height], LIGHT + RADAR + HEIGHT, seen)))
    np.testing.assert_array_equal(*found)


def test_a_window_without_gaps_is_what_it_is_beside_one_with_gaps(encoder: Any) -> None:
    light, radar, _ = windows(sides(encoder))
    seen = np.ones((len(light), len(LIGHT) + 2, *light.shape[2:]), bool)
    seen[1:, len(LIGHT) :] = False
    mixed = encoder.encode(batch([light, radar], LIGHT + RADAR, seen))
    whole = encoder.encode(batch([light, radar], LIGHT + RADAR))
    np.testing.assert_allclose(mixed[:1], whole[:1], atol=1e-5)


def test_bands_that_a_model_cannot_do_without_make_pixels_invalid() -> None:
    light, radar, _ = windows(16)
    seen = np.ones((len(light), len(LIGHT) + 2, 16, 16), bool)
    seen[:, -2:, :8] = False
    whole = batch([light, radar], LIGHT + RADAR, seen).whole()
    assert whole.seen is None
    assert not whole.valid[:, :8].any()
    assert whole.valid[:, 8:].all()


def test_slopes_are_those_of_the_ground() -> None:
    rise = np.tan(np.radians(12.0)) * 30.0
    heights = (rise * np.arange(20, dtype=np.float32))[None, :].repeat(20, axis=0)
    assert slope(heights, np.ones(heights.shape, bool), 30.0) == pytest.approx(12.0, abs=1e-3)


def test_heights_are_scaled_as_the_authors_do() -> None:
    """Galileo: mean less two deviations is 0, mean and two is 1; Presto: 2000 m and 50 degrees are 1."""
    told = {}
    for name in ("galileo-nano", "presto"):
        asset = load_card(CARDS / f"{name}.json").assets[0]
        told[name] = {b: (m, s) for b, m, s in zip(asset.bands, asset.mean, asset.std, strict=True)}
    assert told["galileo-nano"]["DEM"] == (673.0152819503361, 983.0697298296237)
    assert told["galileo-nano"]["slope"] == (5.930092668915115, 8.167406789813247)
    assert (told["presto"]["DEM"], told["presto"]["slope"]) == ((0, 2000), (0, 50))


def test_the_terrain_of_galileo_is_of_no_month() -> None:
    torch.manual_seed(0)
    network = GalileoNetwork(32, 1, 2, 4, 8, 4).eval()
    for part in network.parameters():
        torch.nn.init.normal_(part, std=0.1)
    groups = {"SRTM": torch.randn(2, 8, 8, 1, 2)}
    with torch.inference_mode():
        june, may = (network(groups, torch.full((2, 1), m), 4, 10.0)["SRTM"] for m in (5, 4))
        other = network({"SRTM": groups["SRTM"] + 1}, torch.full((2, 1), 5), 4, 10.0)["SRTM"]
    assert june.shape == (2, 2, 2, 1, 32)
    assert torch.equal(june, may)
    assert not torch.allclose(june, other)


def test_terramind_looks_at_the_sensors_that_are_there() -> None:
    card = load_card(CARDS / "terramind-1.0-tiny.json")
    torch.manual_seed(0)
    made = TerraMind.build(card)
    small = TerraMindNetwork(made.channels, 24, 2, 2, 2.0, False, 32, 16).eval()
    for part in small.parameters():
        torch.nn.init.normal_(part, std=0.2)
    model = TerraMind(replace(card, window=32), small, "cpu", Precision("float32", "A test."))
    light, radar, _ = windows(32, 3)
    bands = LIGHT + RADAR
    alone = model.encode(batch([light], LIGHT))
    seen = np.ones((3, len(bands), 32, 32), bool)
    seen[:, len(LIGHT) :] = False
    masked = model.encode(batch([light, radar], bands, seen))
    np.testing.assert_allclose(masked, alone, atol=2e-5)
    seen[:, len(LIGHT) :, 16:] = True
    part = model.encode(batch([light, radar], bands, seen))
    radar[:, :, :16] = 99.0
    np.testing.assert_array_equal(model.encode(batch([light, radar], bands, seen)), part)
    assert not np.allclose(part, alone, atol=1e-3)
