"""Copernicus-FM: each likely mistake turns the reference cases red; place, day, area; the published file."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import geofm.inference.engine.backbones.copernicus_fm as copernicus
from geofm.inference.bands import LANDSAT_OLI, SENTINEL1, SENTINEL2
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Scene
from geofm.inference.engine.parts import hypernetwork
from geofm.inference.engine.parts.attention import vit_blocks
from geofm.inference.engine.parts.codes import resize_table
from geofm.inference.engine.parts.patch_encoder import Inputs
from geofm.inference.engine.parts.weights import load_strictly, read_weights
from geofm.inference.errors import ModelCorrupt
from geofm.inference.places import bundled_models

FAMILY = "copernicus_fm"
TURIN = Scene(10.0, datetime.date(2022, 1, 8), (7.69, 45.07))


def variant(**changes):
    return lambda patch: patch.setattr(copernicus, "DOFA", replace(hypernetwork.DOFA, **changes))


def constant(name, value):
    return lambda patch: patch.setattr(copernicus, name, value)


def changed_about(change):
    def apply(patch, told=copernicus.CopernicusNetwork._told):
        patch.setattr(copernicus.CopernicusNetwork, "_told", lambda self, about: told(self, change(about)))

    return apply


def only_on_patches(self, patches, about, seen):
    batch, rows, cols, _ = patches.shape
    places = resize_table(self.pos_embed[:, 1:], rows, cols, antialias=True) + self._told(about)
    first = (self.cls_token + self.pos_embed[:, :1]).expand(batch, -1, -1)
    return self.through_blocks(torch.cat([first, patches.flatten(1, 2) + places], dim=1), seen)


def single_precision(values, dim, shortest, longest):
    periods = torch.logspace(math.log10(shortest), math.log10(longest), dim // 2)
    angles = values[:, None] * (2 * math.pi / periods)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def shrunk(weight, size):
    return torch.nn.functional.interpolate(weight, (size, size), mode="bicubic", antialias=True)


MISTAKES = {
    "no margin": variant(margin=0),
    "bias not scaled": variant(bias_gain=1.0),
    "features before pixels in the kernels": variant(dim_last=False),
    "GELU in the code's layers": variant(activation=torch.nn.functional.gelu),
    "eps of DOFA in the blocks": constant("vit_blocks", lambda *sizes: vit_blocks(*sizes, eps=1e-6)),
    "codes in single precision": constant("fourier_code", single_precision),
    "range of another number": constant("_WIDTH", copernicus._WAVELENGTH),
    "latitude before longitude": changed_about(lambda about: about[:, [1, 0, 2, 3]]),
    "degrees not shifted": changed_about(lambda about: about - torch.tensor([180.0, 90.0, 0, 0])),
    "area in square metres": changed_about(lambda about: about * torch.tensor([1.0, 1, 1, 1e6])),
    "unknown as zero": changed_about(torch.nan_to_num),
    "class token not told": lambda patch: patch.setattr(
        copernicus.CopernicusNetwork, "_encoded", only_on_patches
    ),
    "kernels resized as images": lambda patch: patch.setattr(hypernetwork, "resize_kernel", shrunk),
    "positions without antialiasing": constant(
        "resize_table", lambda *given, antialias: resize_table(*given)
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_turns_the_cases_red(family, conformance, reference, monkeypatch, mistake):
    MISTAKES[mistake](monkeypatch)
    assert conformance.worst(family, reference) > 1e-5


# --- what is known beyond the pixels --------------------------------------------------------------------


def test_place_day_and_area_as_the_authors_give_them():
    expected = (7.69, 45.07, 19000, 0.16**2)
    assert copernicus.place_and_time(TURIN, 16) == pytest.approx(expected)
    lon, lat, days, area = copernicus.place_and_time(Scene(30.0), 16)
    assert math.isnan(lon)
    assert math.isnan(lat)
    assert math.isnan(days)
    assert area == pytest.approx(0.48**2)


def test_each_thing_that_is_known_reaches_the_features(reduced):
    model = reduced("s2_metadata")
    bands = {"0": SENTINEL2["B04"], "1": SENTINEL2["B08"]}
    values = dict(zip(bands, torch.rand(2, 1, 64, 64), strict=True))
    found = [
        model.tokens(Inputs(values, bands, None, scene))
        for scene in (TURIN, replace(TURIN, gsd=20.0), replace(TURIN, date=None), replace(TURIN, lonlat=None))
    ]
    for index, one in enumerate(found):
        assert one.isfinite().all()
        assert all((one - other).abs().max() > 1e-3 for other in found[:index])


def test_half_of_what_is_known_counts(family, conformance, case):
    """Unknown is what is unknown, not all of it."""
    network = conformance.network(family, case)
    code = copernicus.fourier_code
    with torch.inference_mode():
        told = network._told(torch.tensor([[7.69, 45.07, torch.nan, 0.0064]]))
        sides = [code(torch.tensor([number]), 32, 1e-4, 720) for number in (187.69, 135.07)]
        area = code(torch.tensor([0.0064]), 64, 1e-3, 5.1e8)
        expected = network.coord_fc(torch.cat(sides, dim=1)) + network.scale_fc(area)
        expected += network.time_fc(network.time_token[0])
    np.testing.assert_allclose(told[:, 0], expected, rtol=0, atol=1e-5)


def test_the_authors_wavelengths_and_bandwidths_are_given(reduced):
    model = reduced("s2_metadata")
    known = (SENTINEL2["B04"], SENTINEL1["VH"], LANDSAT_OLI["B5"])
    bands = {str(index): band for index, band in enumerate(known)}
    seen = []
    model._network.register_forward_pre_hook(lambda _, given: seen.extend(given[1:3]))
    model.tokens(Inputs({name: torch.zeros(1, 64, 64) for name in bands}, bands, None, TURIN))
    assert seen[0].tolist() == pytest.approx([665, 5e7, 864.7])
    assert seen[1].tolist() == pytest.approx([30, 1e9, 20])


def test_patches_of_another_size_take_resized_kernels(family, conformance, case):
    network = conformance.network(family, case)
    about = torch.full((1, 4), torch.nan)
    bands = torch.tensor([560.0, 665.0]), torch.tensor([35.0, 30.0])
    with torch.inference_mode():
        found = network(torch.zeros(1, 2, 48, 64), *bands, about, 16)
    assert found.shape == (1, 1 + 3 * 4, 64)
    assert found.isfinite().all()


# --- the published file -----------------------------------------------------------------------------------


def published(case):
    """As TorchGeo publishes it: without the norm of the pooled output that the references have."""
    tensors = read_weights(case.weights)
    return {name: value for name, value in tensors.items() if not name.startswith("fc_norm.")}


def test_the_published_layout_loads(family, conformance, case, tmp_path):
    torch.save(published(case), tmp_path / "copernicus.pth")
    network = copernicus.CopernicusFM.build(family.card(case))
    tensors = read_weights(tmp_path / "copernicus.pth")
    load_strictly(network, copernicus.CopernicusFM.renamed(tensors, network), "copernicus")
    expected = conformance.network(family, case).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("lost", ["coord_token", "time_fc.bias", "patch_embed_variable.language_proj.weight"])
def test_a_missing_tensor_is_an_error(family, case, tmp_path, lost):
    tensors = published(case)
    del tensors[lost]
    torch.save(tensors, tmp_path / "copernicus.pth")
    with pytest.raises(ModelCorrupt, match="do not fit"):
        copernicus.CopernicusFM.load(family.card(case), tmp_path / "copernicus.pth", "cpu")


def test_the_card_states_the_published_size():
    card = load_card(bundled_models() / "copernicus-fm-base.json")
    with torch.device("meta"):
        network = copernicus.CopernicusFM.build(card)
    count = sum(part.numel() for part in network.parameters())
    assert count == card.raw["properties"]["mlm:total_parameters"]
    # Tensors of four bytes, and a little for their names.
    assert 0 < card.assets[0].size - 4 * count < 1 << 18
