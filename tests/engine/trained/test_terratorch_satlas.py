"""Satlas' Swin transformers with TerraTorch's decoders; encoders of other families on a real chip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rasterio
from trainings import TOLERANCE, answers_of

from geofm.inference.bands import PRESETS
from geofm.inference.cards import load_card
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones import satlas
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.importers import terratorch as importer
from geofm.inference.engine.models import Services
from geofm.inference.engine.parts import decoders
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import default_store
from geofm.inference.errors import ModelCorrupt
from geofm.inference.jobs import Job, RasterRef, Task


@pytest.fixture
def small_swin(made, monkeypatch):
    """Cards of encoders state the sizes of the stored case: TerraTorch's configurations cannot."""

    def small(path):
        card = load_card(path)
        sizes = {**card.raw["properties"]["mlm:hyperparameters"], **made.SWIN}
        properties = {**card.raw["properties"], "mlm:hyperparameters": sizes}
        return replace(card, raw={**card.raw, "properties": properties})

    monkeypatch.setattr(importer, "load_card", small)


@pytest.mark.parametrize("case", ["satlas", "satlas_merged"])
def test_satlas_answers_as_in_terratorch(added, made, stored, valid_item, small_swin, case):
    card = added(case)
    np.testing.assert_allclose(answers_of(card, made), stored[1][case], **TOLERANCE)
    assert card.bands == ("B02", "B03", "B04", "B08", "B11", "B12")
    assert (card.stride, card.window) == (32, 224)
    described = card.raw["properties"]["geofm:architecture"]
    assert described["layers"] == ([1, 3, 5, 7] if case == "satlas" else [2, 7])
    valid_item(card.raw)


def turned(self, features):
    return [feature.permute(0, 3, 2, 1).contiguous() for feature in features]


def not_shifted(self, x):
    self.shift = 0
    return attended(self, x)


attended = satlas._SquareAttention.forward


@pytest.mark.parametrize(
    ("holder", "wrong"),
    [(decoders.PermuteDims, turned), (satlas._SquareAttention, not_shifted)],
    ids=["turned", "not-shifted"],
)
def test_a_mistake_in_satlas_shows(added, made, stored, small_swin, monkeypatch, holder, wrong):
    monkeypatch.setattr(holder, "forward", wrong)
    assert np.abs(answers_of(added("satlas"), made) - stored[1]["satlas"]).max() > 1e-3


def test_satlas_in_another_order_of_layers_does_not_fit(added, small_swin, monkeypatch):
    monkeypatch.setattr(importer, "layers_of", layers_as_stated_of_eight)
    with pytest.raises(ModelCorrupt, match="do not fit its architecture"):
        added("satlas_merged")


def layers_as_stated_of_eight(habits, stated, depth):
    assert depth == 8
    return [index % depth for index in stated]


def test_what_is_an_image_already_is_not_reshaped(added, made, stored, small_swin):
    necks = [*made.SATLAS["necks"], {"name": "ReshapeTokensToImage"}]
    card = added("satlas", arguments={"necks": necks})
    np.testing.assert_allclose(answers_of(card, made), stored[1]["satlas"], **TOLERANCE)


@pytest.mark.parametrize("case", ["dofa", "satlas"])
def test_encoders_of_other_families_map_a_real_chip(added, made, samples, small_swin, tmp_path, case):
    # What DOFA's weights are does not depend on the bands.
    optical = {"backbone_model_bands": made.SATLAS["backbone_model_bands"]}
    card = added(case, {"classes": "dry,flooded,cloud"}, arguments=optical)
    chip = sorted((samples / "sentinel2-chips").glob("*.tif"))[0]
    services = Services.create(default_catalog(), default_store(), choose_device("cpu"))
    layer = RasterRef(str(chip), names=PRESETS["sentinel2-l2a"])
    run_job(
        Job(Task.SEGMENT, (layer,), str(tmp_path / "map.tif"), model=card.id),
        services,
        Context(lambda *unused: None, lambda: None),
    )
    with rasterio.open(tmp_path / "map.tif") as after:
        assert after.shape == (256, 256)
        assert set(np.unique(after.read(1))) <= {1, 2, 3}
