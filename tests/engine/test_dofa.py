"""DOFA: each likely mistake turns the reference cases red; published files; the cards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

import geofm.inference.engine.backbones.dofa as dofa
from geofm.inference.bands import SENTINEL1, SENTINEL2, band_at
from geofm.inference.cards import load_card
from geofm.inference.engine.base import Scene
from geofm.inference.engine.parts import hypernetwork
from geofm.inference.engine.parts.attention import vit_blocks
from geofm.inference.engine.parts.codes import sincos
from geofm.inference.engine.parts.patch_encoder import Inputs
from geofm.inference.engine.parts.weights import load_strictly, read_weights
from geofm.inference.errors import ModelCorrupt
from geofm.inference.places import bundled_models

FAMILY = "dofa"


def variant(**changes):
    return lambda patch: patch.setattr(dofa, "DOFA", replace(hypernetwork.DOFA, **changes))


def without_residual(self, codes):
    x = self.transformer_encoder(torch.cat([self.weight_tokens, codes, self.bias_token]))
    return self.fc_weight(x[128:-1]), self.fc_bias(x[-1])


MISTAKES = {
    "no margin": variant(margin=0),
    "features before pixels in the kernels": variant(dim_last=False),
    "bias not scaled": variant(bias_gain=1.0),
    "kernels not scaled": variant(weight_gain=1.0),
    "GELU in the code's layers": variant(activation=torch.nn.functional.gelu),
    "kernels without the codes themselves": lambda patch: patch.setattr(
        hypernetwork.KernelGenerator, "forward", without_residual
    ),
    "usual eps in the blocks": lambda patch: patch.setattr(
        dofa, "vit_blocks", lambda *sizes, eps: vit_blocks(*sizes, eps=1e-5)
    ),
    "micrometres": lambda patch: patch.setattr(
        dofa, "sincos", lambda nm, frequencies: sincos(nm / 1000, frequencies)
    ),
    "cosine first": lambda patch: patch.setattr(
        dofa, "sincos", lambda *given: sincos(*given).roll(64, dims=1)
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_turns_the_cases_red(family, conformance, reference, monkeypatch, mistake):
    MISTAKES[mistake](monkeypatch)
    assert conformance.worst(family, reference) > 1e-5


def test_codes_of_positions_are_resized_for_other_images(family, conformance, case):
    network = conformance.network(family, case)
    images, waves = torch.zeros(1, 2, 96, 128), torch.tensor([490.0, 5405.0])
    with torch.inference_mode():
        assert network(images, waves).shape == (1, 1 + 6 * 8, 64)
        network.pos_embed[:, 1:] = torch.arange(16.0).reshape(1, 4, 4, 1).flatten(1, 2)
        without = network.patch_embed(images, dofa.wave_code(waves, 128)).flatten(1, 2)
        network.blocks = torch.nn.ModuleList()
        rows = (network(images, waves)[:, 1:] - without)[0, :, 0].reshape(6, 8)
    grid = torch.arange(16.0).reshape(1, 1, 4, 4)
    expected = torch.nn.functional.interpolate(grid, (6, 8), mode="bilinear")
    np.testing.assert_allclose(rows, expected[0, 0], atol=1e-4)


# --- published files -------------------------------------------------------------------------------------


def published(case, **more):
    """As TorchGeo publishes it: without the norm of the pooled output that the references have."""
    tensors = read_weights(case.weights)
    return {name: value for name, value in tensors.items() if not name.startswith("fc_norm.")} | more


@pytest.mark.parametrize("layout", ["torchgeo", "authors"])
def test_published_layouts_load(family, conformance, case, tmp_path, layout):
    head = {name: torch.zeros(64) for name in ("mask_token", "norm.weight", "norm.bias", "projector.bias")}
    torch.save(published(case, **(head if layout == "authors" else {})), tmp_path / "dofa.pth")
    network = dofa.Dofa.build(family.card(case))
    load_strictly(network, dofa.Dofa.renamed(read_weights(tmp_path / "dofa.pth"), network), "dofa")
    expected = conformance.network(family, case).state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize(
    "lost", ["pos_embed", "patch_embed.weight_generator.bias_token", "blocks.2.norm2.bias"]
)
def test_a_missing_tensor_is_an_error(family, case, tmp_path, lost):
    tensors = published(case)
    del tensors[lost]
    torch.save(tensors, tmp_path / "dofa.pth")
    with pytest.raises(ModelCorrupt, match="do not fit"):
        dofa.Dofa.load(family.card(case), tmp_path / "dofa.pth", "cpu")


@pytest.mark.parametrize("size", ["base", "large"])
def test_the_cards_state_the_published_sizes(size):
    card = load_card(bundled_models() / f"dofa-{size}.json")
    with torch.device("meta"):
        network = dofa.Dofa.build(card)
    stated = card.raw["properties"]["mlm:total_parameters"]
    assert sum(part.numel() for part in network.parameters()) == stated
    assert network.pos_embed.shape[1] == 1 + (card.window // card.stride) ** 2


def test_the_authors_wavelengths_and_their_number_for_radar_are_given(family, case):
    model = dofa.Dofa.load(family.card(case), case.weights, "cpu")
    bands = {"0": SENTINEL2["B04"], "1": SENTINEL1["VH"], "2": SENTINEL2["B8A"], "3": band_at(612)}
    inputs = Inputs({name: torch.zeros(1, 64, 64) for name in bands}, bands, None, Scene(10.0))
    assert model.by_band(inputs, dofa._RADAR).tolist() == pytest.approx([665, 5405, 864.7, 612])
