"""Presto, with its real weights, against the authors' outputs; single pixels in the engine."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch

import geofm
from geofm.inference.bands import PRESETS, SENTINEL1, SENTINEL2
from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones import presto
from geofm.inference.engine.backbones.presto import Presto, PrestoNetwork
from geofm.inference.engine.base import Context, Scene, WindowBatch
from geofm.inference.engine.features.encodings import Encodings, lattice_side
from geofm.inference.engine.features.space import FeatureSpace, encode_area
from geofm.inference.engine.grid import Window, lattice
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.regions import Region, hull, within
from geofm.inference.errors import ModelCorrupt, UnsupportedInput
from geofm.inference.jobs import RasterRef

FAMILY = "presto"
S2 = [SENTINEL2[n] for n in ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")]
S1 = [SENTINEL1["VV"], SENTINEL1["VH"]]
PLACE = (7.7, 45.1)
QUIET = Context(lambda stage, done, total, message: None, lambda: None)


@pytest.fixture(scope="session")
def card():
    return load_card(Path(geofm.__file__).parent / "resources" / "models" / "presto.json")


@pytest.fixture(scope="session")
def weights(models):
    return models / "presto" / "default_model.pt"


@pytest.fixture(scope="session")
def model(card, weights):
    return Presto.load(card, weights, "cpu")


def scene(month=7, lonlat=PLACE):
    return Scene(10.0, datetime.date(2024, month, 15) if month else None, lonlat)


def batch_of(pixels, bands=(*S2, *S1), valid=None, where=None):
    pixels = np.asarray(pixels, np.float32)
    shape = (len(pixels), *pixels.shape[2:])
    valid = np.ones(shape, bool) if valid is None else valid
    return WindowBatch(pixels, valid, tuple(bands), where or scene())


@pytest.fixture(scope="session")
def pixels():
    """Reflectance and backscatter of two windows, (2, 12, 8, 8)."""
    chance = np.random.default_rng(3)
    optical = chance.uniform(0.02, 0.5, (2, 10, 8, 8))
    radar = chance.uniform(-24, -6, (2, 2, 8, 8))
    return np.concatenate([optical, radar], axis=1).astype(np.float32)


# --- the network --------------------------------------------------------------------------------------


def other_eps(patch):
    right = torch.nn.LayerNorm
    patch.setattr(torch.nn, "LayerNorm", lambda dim, eps=1e-5: right(dim, eps=1e-4))


def called_with(patch, change):
    """The network with its place and its land cover changed."""
    right = PrestoNetwork.forward

    def forward(self, groups, months, place=None, seen=None, land=None):
        return right(self, groups, months, *change(place, seen, land))

    patch.setattr(PrestoNetwork, "forward", forward)


def no_token_of_the_place(patch):
    called_with(patch, lambda place, seen, land: (None, seen, land))


def latitude_and_longitude_swapped(patch):
    def swapped(place, seen, land):
        x, y, z = place.unbind(1)
        lat, lon = torch.asin(z), torch.atan2(y, x)
        other = torch.stack([lon.cos() * lat.cos(), lon.cos() * lat.sin(), lon.sin()], dim=1)
        return other, seen, land

    called_with(patch, swapped)


def unknown_land_cover_taken_for_a_class(patch):
    called_with(patch, lambda place, seen, land: (place, seen, land.clamp(max=8)))


def terrain_of_a_month(patch):
    right = PrestoNetwork._codes

    def codes(self, name, months):
        found = right(self, name, months)
        return found if name != "SRTM" else torch.cat([self.month_embed(months[:, :1]), found[..., 32:]], -1)

    patch.setattr(PrestoNetwork, "_codes", codes)


def months_from_one(patch):
    right = PrestoNetwork._codes
    patch.setattr(PrestoNetwork, "_codes", lambda self, name, months: right(self, name, (months + 1) % 12))


def channel_before_month(patch):
    right = PrestoNetwork._codes

    def codes(self, name, months):
        month, channel, order = right(self, name, months).split([32, 32, 64], dim=-1)
        return torch.cat([channel, month, order], dim=-1)

    patch.setattr(PrestoNetwork, "_codes", codes)


def masked_tokens_kept(patch):
    patch.setattr(PrestoNetwork, "_encoded", lambda self, tokens, seen: self._pooled(tokens))


def normalised_before_the_mean(patch):
    def pooled(self, tokens, seen=None):
        for block in self.blocks:
            tokens = block(tokens, seen)
        return self.norm(tokens).mean(dim=1)

    patch.setattr(PrestoNetwork, "_pooled", pooled)


@pytest.mark.parametrize(
    "mistake",
    [
        other_eps,
        no_token_of_the_place,
        latitude_and_longitude_swapped,
        terrain_of_a_month,
        months_from_one,
        channel_before_month,
        unknown_land_cover_taken_for_a_class,
        masked_tokens_kept,
        normalised_before_the_mean,
    ],
)
def test_each_likely_mistake_is_seen(conformance, family, reference, monkeypatch, mistake):
    mistake(monkeypatch)
    assert conformance.worst(family, reference) > 1e-5


def test_pixels_that_miss_other_months_go_through_apart(conformance, family, cases):
    """Each as if it were alone: what one misses is nothing to the others."""
    case = cases["s2_missing_varies"]
    network = conformance.network(family, case)
    assert len(torch.unique(case.inputs["mask"].flatten(1), dim=0)) > 1
    with torch.inference_mode():
        together = family.answer(network, case)
        for index in range(len(together)):
            pixel = {k: v[index : index + 1] if v.ndim else v for k, v in case.inputs.items()}
            alone = family.answer(network, replace(case, inputs=pixel))
            np.testing.assert_allclose(alone[0], together[index], rtol=0, atol=2e-6)


# --- weights --------------------------------------------------------------------------------------


def test_the_card_holds_the_digest_of_the_published_file(card, weights):
    content = weights.read_bytes()
    assert card.assets[0].sha256 == hashlib.sha256(content).hexdigest()
    assert card.assets[0].size == len(content)
    network = Presto.build(card)
    assert sum(p.numel() for p in network.parameters()) == card.raw["properties"]["mlm:total_parameters"]


def test_a_tensor_that_is_missing_is_an_error(card, weights, tmp_path):
    for name in ("encoder.norm.weight", "encoder.eo_patch_embed.ERA5.weight"):
        tensors = read_weights(weights)
        del tensors[name]
        torch.save(tensors, tmp_path / "presto.pt")
        with pytest.raises(ModelCorrupt, match="do not fit"):
            Presto.load(card, tmp_path / "presto.pt", "cpu")


# --- from raw values to features ---------------------------------------------------------------------


def test_wrapper_scales_as_the_authors_do(model, conformance, family, cases):
    """Raw values of a case's first month, against the network on the case's own normalised inputs."""
    case = cases["s1_s2_12months"]
    raw = torch.cat([case.inputs["raw__s2"] / 1e4, case.inputs["raw__s1"]], dim=-1)[:, 0]
    lat, lon = case.inputs["latlons"][0].tolist()
    month = int(case.inputs["month"])
    network = conformance.network(family, case)
    groups = {
        name: case.inputs["x"][:, :1][..., bands]
        for name, bands in case.conventions["groups"].items()
        if name not in ("ERA5", "SRTM")
    }
    place = torch.tensor([presto.unit_vector(lon, lat)]).expand(len(raw), 3)
    with torch.inference_mode():
        expected = network(groups, torch.full((len(raw), 1), month), place)
    windows = batch_of(raw[:, :, None, None].numpy(), where=scene(month + 1, (lon, lat)))
    np.testing.assert_allclose(model.encode(windows)[..., 0, 0], expected, rtol=0, atol=1e-5)


def test_months_and_places_give_other_features(model, pixels):
    july = model.encode(batch_of(pixels))
    assert july.shape == (2, 128, 8, 8)
    assert july.dtype == np.float32
    for other in (scene(1), scene(7, (7.7, -45.1)), scene(7, None)):
        assert np.abs(model.encode(batch_of(pixels, where=other)) - july).mean() > 0.01
    np.testing.assert_array_equal(model.encode(batch_of(pixels, where=scene(0))), july)
    south = scene(1, (7.7, -45.1)), scene(0, (7.7, -45.1))
    np.testing.assert_array_equal(*(model.encode(batch_of(pixels, where=where)) for where in south))


def test_order_of_the_bands_does_not_matter(model, pixels):
    order = np.random.default_rng(0).permutation(12)
    bands = [(*S2, *S1)[i] for i in order]
    expected = model.encode(batch_of(pixels))
    np.testing.assert_array_equal(model.encode(batch_of(pixels[:, order], bands)), expected)


def test_bands_that_are_missing_or_of_other_units(model):
    assert model.select([*S2[:4], *S2[6:], S1[0]]) == (0, 1, 2, 4, 5, 6, 7)
    with pytest.raises(UnsupportedInput, match=r"B04 \(red\)"):
        model.select([S2[0], S2[1], *S2[3:]])
    with pytest.raises(UnsupportedInput, match="B11 are not reflectance"):
        model.select([replace(band, units="") if band.name == "B11" else band for band in S2])
    with pytest.raises(UnsupportedInput, match="VV are not backscatter"):
        model.select([*S2, replace(S1[0], units=""), S1[1]])


def test_a_pixel_depends_on_no_other(model, pixels, monkeypatch):
    expected = model.encode(batch_of(pixels))
    for count in (1, 2, 3, 5, 31):
        valid = np.zeros((2, 8, 8), bool)
        valid[1].flat[9 : 9 + count] = True
        nonsense = np.where(valid[:, None], pixels, np.float32(9e9))
        found = model.encode(batch_of(nonsense, valid=valid))
        np.testing.assert_array_equal(found.transpose(0, 2, 3, 1)[valid], _pixels(expected)[valid])
        assert not _pixels(found)[~valid].any()
    monkeypatch.setattr(presto, "_CPU_PIXELS", 7)
    np.testing.assert_array_equal(model.encode(batch_of(pixels)), expected)


def _pixels(features):
    return features.transpose(0, 2, 3, 1)


def test_no_valid_pixel_costs_nothing(model, pixels, monkeypatch):
    monkeypatch.setattr(model, "_network", None)
    assert not model.encode(batch_of(pixels, valid=np.zeros((2, 8, 8), bool))).any()


# --- in the engine ------------------------------------------------------------------------------------


@pytest.fixture
def stack(samples, tmp_path):
    """A part of a real scene with a gap, as a stack."""
    with rasterio.open(samples / "sentinel2-chips" / "patch_61808.tif") as source:
        part = np.maximum(source.read()[:, :50, :70], 1)
        profile = {**source.profile, "height": 50, "width": 70, "nodata": 0}
    part[:, 10:25, 30:44] = 0
    with rasterio.open(tmp_path / "part.tif", "w", **profile) as target:
        target.write(part)
    ref = RasterRef(str(tmp_path / "part.tif"), names=PRESETS["sentinel2-l2a"], acquired="2021-07-01")
    with Stack.open([ref]) as opened:
        yield opened


def test_features_of_an_area_are_those_of_its_pixels(model, stack):
    chosen = model.select(stack.bands)
    window = Window(5, 3, 41, 30)
    pixels, valid = stack.read(window, chosen)
    batch = WindowBatch(pixels[None], valid[None], tuple(stack.bands[i] for i in chosen), stack.scene)
    found, known = encode_area(model, stack, window, QUIET)
    np.testing.assert_array_equal(found, model.encode(batch)[0])
    np.testing.assert_array_equal(known, valid)
    assert 0 < (~known).sum() < known.size


def rounded(model, stack):
    """(dim, rows, cols) of all pixels in the form in which tokens are kept, and which are valid."""
    lattice_window = hull(stack.grid.window, lattice_side(model))
    region = Region.read(stack, lattice_window, range(len(stack.bands)))
    windows = [region.cut(place) for place in lattice(lattice_window, lattice_side(model))]
    tokens = np.zeros((model.dim, lattice_window.height, lattice_window.width), np.float32)
    for part, found in Encodings(model).tokens(windows, QUIET):
        for index, values in zip(part, found, strict=True):
            tokens[(slice(None), *within(windows[index].window, lattice_window))] = values
    rows, cols = stack.grid.window.rows, stack.grid.window.cols
    return tokens[:, rows, cols], region.valid[rows, cols]


def test_feature_space_takes_pixels_as_they_are(model, stack):
    """No smoothing between neighbours, no mean by place, whichever window asks."""
    space = FeatureSpace.learn(stack, [Encodings(model)], QUIET)
    assert space.blocks[-1] == 24
    whole, valid = space.features(stack, stack.grid.window, QUIET)
    assert np.isfinite(whole).all()
    assert not whole[:, ~valid].any()
    fresh = FeatureSpace.restore(space.describe(), space.arrays(), [Encodings(model)])
    for window in (Window(37, 20, 21, 13), Window(0, 0, 5, 6), Window(69, 49, 1, 1)):
        part, seen = fresh.features(stack, window, QUIET)
        np.testing.assert_allclose(part, whole[:, window.rows, window.cols], rtol=0, atol=2e-6)
        np.testing.assert_array_equal(seen, valid[window.rows, window.cols])
    tokens, known = rounded(model, stack)
    components = whole[-24:, known].astype(np.float64)
    design = np.concatenate([tokens[:, known], np.ones((1, known.sum()))]).astype(np.float64)
    inside = np.abs(components).max(axis=0) < 6 / 24**0.5 - 1e-3
    fitted = np.linalg.lstsq(design[:, inside].T, components[:, inside].T, rcond=None)[0]
    np.testing.assert_allclose(design[:, inside].T @ fitted, components[:, inside].T, atol=1e-3)


def test_a_real_chip_is_embedded_with_the_published_weights(embed_chip):
    """Found in the model folders by the card's digest."""
    features = embed_chip("presto", 1, 56, acquired="2021-07-01")
    assert features.shape == (128, 56, 56)
    assert features.mask[:, :40, :40].all()
    assert not features.mask[:, 40:].any()
    assert np.isfinite(features).all()
    assert features.std(axis=(1, 2)).min() > 0.01
