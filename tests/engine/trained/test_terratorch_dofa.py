"""DOFA with TerraTorch's wavelengths and decoders answers here as there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from torch.nn import functional as F  # noqa: N812 - as in the code under test
from trainings import TOLERANCE, answers_of, ask

from geofm.inference.adding import draft_of
from geofm.inference.bands import band_of_card
from geofm.inference.engine.backbones import dofa, terratorch
from geofm.inference.engine.importers import terratorch as importer
from geofm.inference.engine.parts import decoders
from geofm.inference.errors import ModelCorrupt, UnsupportedInput
from geofm.inference.questions import missing

image = decoders.ReshapeTokensToImage._image


def first_dropped_last(self, tokens):
    return image(self, tokens.roll(1, dims=1))


@pytest.mark.parametrize("case", ["dofa", "dofa_two_layers"])
def test_dofa_answers_as_in_terratorch(added, made, stored, valid_item, case):
    card = added(case)
    np.testing.assert_allclose(answers_of(card, made), stored[1][case], **TOLERANCE)
    assert card.bands == ("B02", "B03", "B04", "B08", "B12", "VV")
    described = card.raw["properties"]["geofm:architecture"]
    # TerraTorch's own numbers, which are not the plugin's of these bands.
    assert described["wavelengths"] == [490, 560, 665, 832, 2200, 5405]
    assert described["layers"] == ([0, 1, 2, 3] if case == "dofa" else [1, 3])
    valid_item(card.raw)


def own_wavelengths(card):
    return tuple(band_of_card(name).wavelength or 5405.0 for name in card.bands)


def without_class_place(self, images, wavelengths):
    found = embedded(self, images, wavelengths)
    found[:, :1] -= self.pos_embed[:, :1]
    return found


def without_places(self, images, wavelengths):
    return embedded(self, images, wavelengths) - F.pad(self.pos_embed[:, 1:], (0, 0, 1, 0))


def layers_as_stated(habits, stated, depth):
    return [index % depth for index in stated]


embedded = dofa.DofaNetwork.embedded


@pytest.mark.parametrize(
    ("case", "holder", "name", "wrong"),
    [
        ("dofa", terratorch, "_wavelengths", own_wavelengths),
        ("dofa", dofa.DofaNetwork, "embedded", without_class_place),
        ("dofa", dofa.DofaNetwork, "embedded", without_places),
        ("dofa", decoders.ReshapeTokensToImage, "_image", first_dropped_last),
        ("dofa_two_layers", importer, "layers_of", layers_as_stated),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_mistake_in_dofa_shows(added, made, stored, monkeypatch, case, holder, name, wrong):
    monkeypatch.setattr(holder, name, wrong)
    assert np.abs(answers_of(added(case), made) - stored[1][case]).max() > 1e-4


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"backbone_model_bands": None}, "no model_bands"),
        ({"backbone_model_bands": ["BLUE", "B03"]}, "model_bands have B03"),
        ({"backbone_out_indices": [0, -2]}, r"out_indices are \[0, -2\]"),
        ({"backbone_out_indices": [3, -1]}, r"out_indices are \[3, -1\]"),
        ({"backbone_img_size": 80}, "images of 80 pixels alone"),
        ({"backbone": "dofa_small_patch16_224"}, "backbone is dofa_small_patch16_224"),
        ({"backbone_dynamic_embed_dim": 64}, "dynamic_embed_dim of the backbone"),
    ],
    ids=["no-bands", "band", "from-the-end", "twice", "side", "size", "code"],
)
def test_what_dofa_cannot_be_is_named(training, arguments, sentence):
    config, checkpoint = training("dofa", arguments=arguments)
    with pytest.raises(UnsupportedInput, match=sentence) as caught:
        draft_of(config, ask, checkpoint=str(checkpoint))
    assert caught.value.hint


def test_dofa_gives_its_last_layer_and_takes_its_own_side_unless_told(training):
    tiles = {"tiled_inference_parameters": {"h_crop": 32, "w_crop": 32}}
    arguments = {"backbone_out_indices": None, "backbone_model_bands": ["HLSBands.RED", "VV-VH"]}
    config, checkpoint = training("dofa", arguments=arguments, model=tiles)
    draft = draft_of(config, ask, checkpoint=str(checkpoint))
    assert draft.more["geofm:architecture"]["layers"] == [3]
    assert draft.more["geofm:architecture"]["wavelengths"] == [665, 5405]
    assert (draft.window, draft.fixed, draft.depth, draft.bands) == (64, True, 2, ())
    assert "bands" in [question.name for question in missing(draft)]


def test_a_card_without_a_wavelength_for_each_band_is_refused(added):
    card = added("dofa")
    described = {**card.raw["properties"]["geofm:architecture"], "wavelengths": [490.0]}
    raw = {**card.raw, "properties": {**card.raw["properties"], "geofm:architecture": described}}
    with pytest.raises(ModelCorrupt, match="one wavelength for each"):
        terratorch.build(replace(card, raw=raw))
