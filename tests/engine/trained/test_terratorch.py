"""What TerraTorch trained answers here as there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rasterio
import torch
from torch.nn import functional as F  # noqa: N812 - as in the code under test
from trainings import DAY, HLS, MEANS, NAMES, STDS, TOLERANCE, answers_of, ask

from geofm.inference.adding import draft_of
from geofm.inference.bands import PRESETS, SENTINEL2
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones import terratorch
from geofm.inference.engine.base import Context, Scene, WindowBatch
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.parts import decoders
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import default_store
from geofm.inference.errors import UnsupportedInput
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.questions import missing

CASES = ("linear", "identity", "fcn", "upernet", "upernet_scaled", "unet", "unet_interpolated", "regression")


# --- the same answers --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_an_added_network_answers_as_terratorch(added, made, stored, valid_item, case):
    card = added(case)
    _, expected = stored
    np.testing.assert_allclose(answers_of(card, made), expected[case], **TOLERANCE)
    np.testing.assert_allclose(answers_of(card, made, scene=True), expected[f"{case}__scene"], **TOLERANCE)
    assert np.abs(expected[case] - expected[f"{case}__scene"]).max() > 1e-2
    assert card.family == "terratorch"
    assert "this network was compared with nothing" in card.verified
    assert (card.path.parent / card.assets[0].filename).stat().st_mode & 0o777 == 0o644
    assert card.bands == HLS
    assert card.tasks == (("regress",) if case == "regression" else ("segment",))
    valid_item(card.raw)


def corners_apart(self, image, like):
    return F.interpolate(image, like.shape[2:], mode="bilinear", align_corners=False)


def other_epsilon(self, channels):
    epsilon(self, channels)
    self.ln.eps = 1e-2


def first_dropped_last(self, tokens):
    return image(self, tokens.roll(1, dims=1))


def skips_first(self, features):
    x, *skips = reversed(features)
    *inner, last = self.decoder["blocks"].children()
    for each, skip in zip(inner, skips, strict=True):
        x = each(torch.cat([skip, F.interpolate(x, skip.shape[2:])], dim=1))
    return last(x)


def no_norm(self, image):
    return F.relu(self.conv(image))


def coarse_first(fpn1, fpn2, features):
    one, two, three, four = features
    return pyramid(fpn1, fpn2, [one, two, four, three])


def last_layers_twice(network, windows, scene):
    return [layers(network, windows, scene)[-1]] * 4


epsilon, image = decoders._ChannelNorm.__init__, decoders.ReshapeTokensToImage._image
pyramid, layers = decoders.pyramid, terratorch.FAMILIES["prithvi"].layers


@pytest.mark.parametrize(
    ("case", "holder", "name", "wrong"),
    [
        ("upernet", decoders.UperNetDecoder, "_resized", corners_apart),
        ("upernet", decoders._ConvNormAct, "forward", no_norm),
        ("upernet", decoders, "pyramid", coarse_first),
        ("upernet_scaled", decoders, "pyramid", coarse_first),
        ("fcn", decoders._ChannelNorm, "__init__", other_epsilon),
        ("identity", decoders.ReshapeTokensToImage, "_image", first_dropped_last),
        ("linear", decoders.ReshapeTokensToImage, "_image", first_dropped_last),
        ("unet", decoders.UNetDecoder, "forward", skips_first),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_mistake_shows(added, made, stored, monkeypatch, case, holder, name, wrong):
    card = added(case)
    monkeypatch.setattr(holder, name, wrong)
    assert np.abs(answers_of(card, made) - stored[1][case]).max() > 1e-3


def test_a_network_of_two_sensors_answers_as_terratorch(added, made, stored, valid_item):
    means = {"S1GRD": [-12.0, -19.0], "S2L2A": [1400.0, 1500.0, 1700.0, 3000.0]}
    stds = {"S1GRD": [4.0, 5.0], "S2L2A": [2000.0] * 4}
    card = added("two_sensors", data={"means": means, "stds": stds})
    np.testing.assert_allclose(answers_of(card, made), stored[1]["two_sensors"], **TOLERANCE)
    assert card.bands == ("B02", "B03", "B04", "B08", "VV", "VH")
    asset = card.assets[0]
    np.testing.assert_allclose(asset.mean, [0.14, 0.15, 0.17, 0.3, -12, -19])
    np.testing.assert_allclose(asset.std, [0.2, 0.2, 0.2, 0.2, 4, 5])
    valid_item(card.raw)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"backbone_modalities": ["S2L2A", "LULC"]}, "modalities is"),
        ({"backbone_modalities": None}, "modalities is None"),
        ({"backbone_merge_method": "concat"}, "merge_method is concat"),
        ({"backbone_num_register_tokens": 4}, "num_register_tokens of the backbone"),
    ],
    ids=["sensor", "none", "concat", "registers"],
)
def test_sensors_that_are_not_known_are_named(training, arguments, sentence):
    config, checkpoint = training("two_sensors", arguments=arguments)
    with pytest.raises(UnsupportedInput, match=sentence):
        draft_of(config, ask, checkpoint=str(checkpoint))


def test_bands_that_are_numbers_are_asked_for(training):
    config, checkpoint = training("two_sensors", arguments={"backbone_bands": {"S2L2A": [1, 2, 3, 7]}})
    draft = draft_of(config, ask, checkpoint=str(checkpoint))
    assert (draft.depth, draft.bands) == (6, ())
    assert "bands" in [question.name for question in missing(draft)]
    assert draft.more["geofm:architecture"]["inputs"] == {"S2L2A": 4, "S1GRD": 2}


def test_layers_chosen_in_the_encoder_are_the_same_as_by_a_neck(added, made, stored):
    def counted_anew(state):
        # Names of tensors count the necks, which are one fewer.
        for name in [name for name in state if name.startswith("model.neck.2.")]:
            state[name.replace("neck.2.", "neck.1.")] = state.pop(name)

    arguments = {"necks": made.PYRAMID[1:], "backbone_out_indices": [0, 1, 2, 3]}
    card = added("unet", arguments=arguments, tensors=counted_anew)
    np.testing.assert_allclose(answers_of(card, made), stored[1]["unet"], **TOLERANCE)


def test_the_decoder_gets_the_layers_asked_for(added, made, stored, monkeypatch):
    card = added("unet")
    wrong = replace(terratorch.FAMILIES["prithvi"], layers=last_layers_twice)
    monkeypatch.setitem(terratorch.FAMILIES, "prithvi", wrong)
    assert np.abs(answers_of(card, made) - stored[1]["unet"]).max() > 1e-3


def test_an_old_unet_doubles_the_finest_feature_first():
    features = [torch.randn(1, 4, 2**side, 2**side) for side in (4, 3)]
    old, new = (decoders.UNetDecoder([4, 4], [6, 2], doubles_last=doubles) for doubles in (True, False))
    assert old(features).shape[-1] == 2 * new(features).shape[-1] == 32


# --- a run -------------------------------------------------------------------------------------------


def test_a_real_chip_is_segmented(added, samples, tmp_path):
    card = added("unet", {"classes": "1=dry,2=flooded#3060ff,3=cloud"})
    chip = sorted((samples / "sentinel2-chips").glob("*.tif"))[0]
    services = Services.create(default_catalog(), default_store(), choose_device("cpu"))
    layer = RasterRef(str(chip), names=PRESETS["sentinel2-l2a"], acquired="2021-07-01")
    job = Job(Task.SEGMENT, (layer,), str(tmp_path / "map.tif"), model=card.id)
    result = run_job(job, services, Context(lambda *unused: None, lambda: None))
    assert [info.name for info in result.classes] == NAMES
    assert result.classes[1].color == "#3060ff"
    with rasterio.open(chip) as before, rasterio.open(tmp_path / "map.tif") as after:
        assert (after.transform, after.crs, after.shape) == (before.transform, before.crs, before.shape)
        assert set(np.unique(after.read(1))) <= {1, 2, 3}


def test_values_of_a_real_chip_are_estimated(added, samples, tmp_path):
    card = added("regression")
    chip = sorted((samples / "sentinel2-chips").glob("*.tif"))[0]
    services = Services.create(default_catalog(), default_store(), choose_device("cpu"))
    layer = RasterRef(str(chip), names=PRESETS["sentinel2-l2a"])
    job = Job(Task.REGRESS, (layer,), str(tmp_path / "map.tif"), model=card.id)
    run_job(job, services, Context(lambda *unused: None, lambda: None))
    with rasterio.open(tmp_path / "map.tif") as made:
        assert made.shape == (256, 256)
        assert made.descriptions == ("height", "cover")
        assert np.isfinite(made.read()).all()


def test_predictions_do_not_depend_on_the_batch_and_take_the_scene_where_trained_so(added, made):
    plain, told = added("linear"), added("linear", {"id": "told"}, data={"use_metadata": True})
    assert "geofm:inputs" not in plain.raw["properties"]
    assert told.raw["properties"]["geofm:inputs"] == {"date": "optional", "lonlat": "optional"}
    mean, std = (np.float32(values)[:, None, None] for values in (MEANS, STDS))
    bands = tuple(SENTINEL2[name] for name in HLS)
    pixels = made.windows() * std + mean

    def predicted(card, date, chosen=slice(None)):
        network = terratorch.load(card, lambda asset: card.path.parent / asset.filename, choose_device("cpu"))
        network.select(bands)
        valid = np.ones((len(pixels[chosen]), 64, 64), bool)
        return network.predict(WindowBatch(pixels[chosen], valid, bands, Scene(30.0, date, (7.69, 45.07))))

    dated, undated = predicted(told, DAY), predicted(told, None)
    assert np.abs(dated - undated).max() > 1e-3
    np.testing.assert_array_equal(predicted(plain, DAY), predicted(plain, None))
    for i in (0, 1):
        np.testing.assert_array_equal(predicted(told, DAY, slice(i, i + 1))[0], dated[i])
