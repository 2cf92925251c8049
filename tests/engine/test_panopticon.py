"""Panopticon: each likely mistake turns the reference cases red; channels left out; the published file."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import geofm.inference.engine.backbones.panopticon as panopticon
from geofm.inference.bands import SENTINEL1, SENTINEL2, band_at
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Scene
from geofm.inference.engine.parts.codes import resize_table, sincos
from geofm.inference.engine.parts.patch_encoder import Inputs
from geofm.inference.engine.parts.weights import load_strictly, read_weights
from geofm.inference.errors import ModelCorrupt
from geofm.inference.places import bundled_models

FAMILY = "panopticon"


def constant(name, value):
    return lambda patch: patch.setattr(panopticon, name, value)


def method(owner, name, value):
    return lambda patch: patch.setattr(getattr(panopticon, owner), name, value)


def no_gains(tensors, network):
    kept = {name: value for name, value in tensors.items() if not name.endswith(".gamma")}
    return {name.removeprefix("model."): value for name, value in kept.items()}


def half_the_heads(self, dim, heads, original=panopticon.ChannelAttention.__init__):
    original(self, dim, heads // 2)


def no_bias(self, patches):
    return torch.nn.functional.linear(patches, self.conv3d.weight.flatten(1))


def changed_mask(change, forward=panopticon.ChannelAttention.forward):
    def changed(self, x, channels, ignored):
        return forward(self, x, channels, None if ignored is None else change(ignored))

    return method("ChannelAttention", "forward", changed)


def other_eps(self, *given, forward=panopticon.PanopticonNetwork.forward):
    self.norm.eps = 1e-5
    return forward(self, *given)


MISTAKES = {
    "gains of the layers left out": method("Panopticon", "renamed", staticmethod(no_gains)),
    "eight heads across bands": method("ChannelAttention", "__init__", half_the_heads),
    "bands ignored where they count": changed_mask(torch.logical_not),
    "no band ignored": changed_mask(torch.zeros_like),
    "no bias of the patches": method("BandPatches", "forward", no_bias),
    "polarisations swapped": constant("_RECEIVE", (1, 0, 0, 1)),
    "horizontal first": constant("_TRANSMIT", (1, 1, 0, 0)),
    # In the blocks it moves the outputs of the references by less than their tolerance.
    "eps of torch in the last norm": method("PanopticonNetwork", "forward", other_eps),
    "micrometres": constant("sincos", lambda nm, frequencies: sincos(nm / 1000, frequencies)),
    "cosine first": constant("sincos", lambda *given: sincos(*given).roll(56, dims=1)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_turns_the_cases_red(family, conformance, reference, monkeypatch, mistake):
    MISTAKES[mistake](monkeypatch)
    assert conformance.worst(family, reference) > 1e-5


# --- channels ------------------------------------------------------------------------------------------


def test_ignored_bands_are_as_absent(family, conformance, case):
    network = conformance.network(family, case)
    images, channels = case.inputs["imgs"], case.inputs["chn_ids"]
    ignored = torch.zeros(images.shape[:2], dtype=torch.bool)
    ignored[:, [1, 4]] = True
    with torch.inference_mode():
        masked = network(images, channels, ignored)
        absent = network(images[:, [0, 2, 3, 5]], channels[:, [0, 2, 3, 5]])
    np.testing.assert_allclose(masked, absent, rtol=0, atol=1e-5)


def test_the_numbers_of_channels_are_not_changed(family, conformance, case):
    """The original rounds them in the caller's own tensor."""
    given = case.inputs["chn_ids"].clone()
    with torch.inference_mode():
        family.answer(conformance.network(family, case), case)
    assert torch.equal(given, case.inputs["chn_ids"])


def test_an_unknown_orbit_is_the_mean_of_both(family, conformance, case):
    embedding = conformance.network(family, case).patch_embed.chnfus.chnemb
    with torch.inference_mode():
        unknown, ascending, descending = embedding(torch.tensor([[-2.0, -6.0, -10.0]]))[0]
    assert (ascending - descending).abs().max() > 1e-3
    np.testing.assert_allclose(unknown, (ascending + descending) / 2, atol=1e-6)


def test_whole_nanometres_and_numbers_of_radar_are_given(reduced):
    model = reduced("s2_6bands")
    known = (SENTINEL2["B04"], SENTINEL1["VV"], SENTINEL1["VH"], band_at(612.9))
    bands = {str(index): band for index, band in enumerate(known)}
    seen = []
    model._network.register_forward_pre_hook(lambda _, given: seen.append(given[1]))
    model.tokens(Inputs({name: torch.zeros(1, 56, 56) for name in bands}, bands, None, Scene(10.0)))
    assert seen[0].tolist() == [[664, -1, -2, 612]]


# --- the published file ----------------------------------------------------------------------------------


def published(case, side=0):
    """As the authors publish it: bare names, a token for masks, positions of larger images."""
    tensors = {name.removeprefix("model."): value for name, value in read_weights(case.weights).items()}
    tensors["mask_token"] = torch.zeros(1, 64)
    if side:
        tensors["pos_embed"] = torch.randn(1, 1 + side**2, 64, generator=torch.Generator().manual_seed(0))
    return tensors


def test_the_published_layout_loads(family, conformance, case, tmp_path):
    torch.save(published(case), tmp_path / "panopticon.pth")
    network = panopticon.Panopticon.build(family.card(case))
    tensors = read_weights(tmp_path / "panopticon.pth")
    load_strictly(network, panopticon.Panopticon.renamed(tensors, network), "panopticon")
    expected = conformance.network(family, case).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in network.state_dict().items())


def test_stored_positions_of_larger_images_are_resized(family, conformance, case, tmp_path):
    """As TorchGeo resizes them when it loads the file: bicubic with antialiasing, the first token's kept."""
    torch.save(published(case, 9), tmp_path / "panopticon.pth")
    card = conformance.resized(
        "panopticon-base",
        {**family.card(case).raw["properties"]["mlm:hyperparameters"], "image_size": 9 * 14},
        **{"geofm:window": 56},
    )
    model = panopticon.Panopticon.load(card, tmp_path / "panopticon.pth", "cpu")
    small = conformance.network(family, case)
    stored = published(case, 9)["pos_embed"]
    grid = stored[:, 1:].reshape(1, 9, 9, 64).permute(0, 3, 1, 2)
    resized = torch.nn.functional.interpolate(grid, (4, 4), mode="bicubic", antialias=True)
    with torch.inference_mode():
        small.pos_embed[:] = torch.cat([stored[:, :1], resized.flatten(2).transpose(1, 2)], dim=1)
        given = case.inputs["imgs"], case.inputs["chn_ids"]
        np.testing.assert_allclose(model._network(*given), small(*given), rtol=0, atol=1e-6)
        assert (resize_table(stored[:, 1:], 4, 4) - small.pos_embed[:, 1:]).abs().max() > 1e-3


LOST = ("cls_token", "norm.bias", "blocks.1.ls2.gamma", "blocks.0.attn.proj.bias", "patch_embed.proj.bias")


@pytest.mark.parametrize("lost", LOST)
def test_a_missing_tensor_is_an_error(family, case, tmp_path, lost):
    tensors = published(case)
    del tensors[lost]
    torch.save(tensors, tmp_path / "panopticon.pth")
    with pytest.raises(ModelCorrupt, match="do not fit"):
        panopticon.Panopticon.load(family.card(case), tmp_path / "panopticon.pth", "cpu")


def test_the_card_states_the_published_size():
    card = load_card(bundled_models() / "panopticon-base.json")
    with torch.device("meta"):
        network = panopticon.Panopticon.build(card)
    count = sum(part.numel() for part in network.parameters())
    assert count == card.raw["properties"]["mlm:total_parameters"]
    # Tensors of four bytes, and a little for their names and the gains that are in the weights here.
    assert 0 < card.assets[0].size - 4 * count < 1 << 18
