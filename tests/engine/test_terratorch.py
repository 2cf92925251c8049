"""What TerraTorch trained: its configurations and checkpoints become models here that answer the same."""

from __future__ import annotations

import datetime
import enum
import importlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
import yaml
from torch.nn import functional as F  # noqa: N812 - as in the code under test

from geofm.inference.adding import draft_of, save_draft
from geofm.inference.bands import PRESETS, SENTINEL2
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones import terratorch
from geofm.inference.engine.base import Context, Scene, WindowBatch
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.methods import Methods
from geofm.inference.engine.models import Services
from geofm.inference.engine.parts import decoders
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.store import default_store
from geofm.inference.errors import InvalidRequest, ModelCorrupt, UnsupportedInput
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.questions import answered, missing

TOLERANCE = {"rtol": 0, "atol": 1e-5}
HLS = ("B02", "B03", "B04", "B8A", "B11", "B12")
MEANS, STDS = [0.14, 0.13, 0.12, 0.31, 0.2, 0.12], [0.07, 0.07, 0.08, 0.12, 0.1, 0.08]
NAMES = ["dry", "flooded", "cloud"]
DAY = datetime.date(2021, 1, 14)
CASES = ("linear", "identity", "fcn", "upernet", "upernet_scaled", "unet", "unet_interpolated", "regression")


@pytest.fixture(scope="module")
def stored():
    """What TerraTorch answered, and the shapes of its tensors, by case."""
    found = dict(np.load(Path(__file__).parent / "data" / "terratorch_cases.npz"))
    return json.loads(bytes(found.pop("shapes")).decode()), found


@pytest.fixture
def made(scripts, monkeypatch):
    """scripts/terratorch_cases.py, which made them."""
    monkeypatch.syspath_prepend(scripts)
    return importlib.import_module("terratorch_cases")


@pytest.fixture
def training(made, stored, tmp_path):
    """Writes what a training leaves, and gives the paths of the configuration and the checkpoint.

    Args:
        case: name of the network.
        model, data: further arguments of the task and the data module; ``arguments`` of the network.
        module: name of the data module.
        tensors: changes the checkpoint's tensors.
        beside: what the checkpoint holds beside them.
    """

    def write(
        case,
        *,
        model=None,
        data=None,
        arguments=None,
        tensors=lambda found: None,
        beside=None,
        module="GenericNonGeoSegmentationDataModule",
    ):
        task, given = made.CASES[case]
        kind = {"segmentation": "SemanticSegmentationTask", "regression": "PixelwiseRegressionTask"}[task]
        names = {"class_names": NAMES} if task == "segmentation" else {}
        options = {"model_factory": "EncoderDecoderFactory", "loss": "ce", "ignore_index": -1, **names}
        inputs = {"means": MEANS, "stds": STDS, **(data or {})}
        config = {
            "trainer": {"max_epochs": 3},
            "data": {"class_path": f"terratorch.datamodules.{module}", "init_args": inputs},
            "model": {
                "class_path": f"terratorch.tasks.{kind}",
                "init_args": {**options, "model_args": {**given, **(arguments or {})}, **(model or {})},
            },
        }
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        shapes, _ = stored
        floats = {k: v for k, v in shapes[case].items() if not k.endswith("num_batches_tracked")}
        state = {f"model.{name}": torch.from_numpy(value) for name, value in made.weights(floats).items()}
        for name in shapes[case].keys() - floats.keys():
            state[f"model.{name}"] = torch.tensor(7)
        tensors(state)
        path = tmp_path / "floods.ckpt"
        torch.save({"epoch": 3, "state_dict": state, **(beside or {"hyper_parameters": {"lr": 0.1}})}, path)
        return tmp_path / "config.yaml", path

    return write


def ask(method, params):
    """Calls the engine's method in this process."""
    methods = Methods()
    name = {"models.inspect_training": "inspect_training", "models.convert": "convert_weights"}[method]
    found = getattr(methods, name)(params, Context(lambda *unused: None, lambda: None))
    return json.loads(json.dumps(found))


@pytest.fixture
def added(training, scratch_home):
    """Adds what a training left, through the door that the command line uses; gives the card."""

    def add(case, answers=None, **options):
        config, checkpoint = training(case, **options)
        draft = draft_of(config, ask, checkpoint=str(checkpoint))
        if case == "regression":
            draft = answered(draft, {"variables": "height (m),cover (%)"})
        return save_draft(answered(draft, answers or {}), ask=ask)

    return add


def answers_of(card, made, scene=False):
    """Every third pixel of the network's answers to the stored windows."""
    path = card.path.parent / card.assets[0].filename
    network = terratorch.filled(card, read_weights(path))
    day = Scene(30.0, DAY, (7.69, 45.07)) if scene else None
    with torch.inference_mode():
        return network(torch.from_numpy(made.windows()), day)[..., :: made.STEP, :: made.STEP].numpy()


@pytest.fixture(autouse=True)
def exact():
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    yield
    torch.set_float32_matmul_precision(before)


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


# --- what is said and asked --------------------------------------------------------------------------


def test_a_folder_with_both_files_is_enough(training):
    config, checkpoint = training("unet")
    draft = draft_of(config.parent, ask)
    assert (draft.id, draft.bands, draft.depth) == ("floods", HLS, 6)
    assert [info.name for info in draft.classes] == NAMES
    assert (draft.window, draft.stride, draft.halo) == (64, 32, 16)
    assert missing(draft) == ()
    (checkpoint.parent / "other.ckpt").write_bytes(b"")
    with pytest.raises(InvalidRequest, match=r"floods\.ckpt, other\.ckpt") as caught:
        draft_of(config.parent, ask)
    assert "--checkpoint" in caught.value.hint


def test_what_the_configuration_does_not_say_is_asked(training):
    config, checkpoint = training("linear", model={"class_names": None}, data={"means": None})
    draft = draft_of(config, ask, checkpoint=str(checkpoint))
    assert [question.name for question in missing(draft)] == ["scale", "classes"]
    assert any("--mean" in sentence for sentence in draft.warnings)
    with pytest.raises(InvalidRequest, match="--scale, --classes"):
        save_draft(draft, ask=ask)


@pytest.mark.parametrize(
    ("factor", "units"),
    [(1.0, "reflectance"), (1e4, "reflectance"), (255.0, None)],
    ids=["share", "numbers", "bytes"],
)
def test_means_tell_whether_they_are_of_reflectance(training, factor, units):
    means, stds = ([value * factor for value in values] for values in (MEANS, STDS))
    config, checkpoint = training("linear", data={"means": means, "stds": stds})
    draft = draft_of(config, ask, checkpoint=str(checkpoint))
    assert draft.units == units
    if units is not None:
        assert draft.mean == pytest.approx(MEANS)
        assert draft.std == pytest.approx(STDS)


def test_a_data_module_with_means_of_its_own_needs_none(training):
    silent = {"means": None, "stds": None}
    config, checkpoint = training("linear", data=silent, module="Sen1Floods11NonGeoDataModule")
    draft = draft_of(config, ask, checkpoint=str(checkpoint))
    assert (draft.mean[0], draft.std[-1], draft.units) == (0.1412956, 0.07659938, "reflectance")
    assert missing(draft) == ()
    config, checkpoint = training("linear", data=silent)
    assert not draft_of(config, ask, checkpoint=str(checkpoint)).mean


def test_tiles_ignored_classes_and_names_of_bands_are_taken_over(training):
    tiles = {"h_crop": 100, "w_crop": 100, "h_stride": 80, "w_stride": 80}
    more = {"tiled_inference_parameters": tiles, "ignore_index": 2}
    odd = {"backbone_bands": ["HLSBands.BLUE", "B03", "RED", "NIR_NARROW", "SWIR_1", "SWIR_2"]}
    config, checkpoint = training("identity", model=more, arguments=odd)
    draft = draft_of(config, ask, checkpoint=str(checkpoint))
    assert (draft.window, draft.bands) == (96, HLS)
    assert any("Class number 2" in sentence for sentence in draft.warnings)
    config, checkpoint = training("identity", arguments={"backbone_bands": [0, 1, 2, 3, 4, 5]})
    draft = draft_of(config, ask, checkpoint=str(checkpoint))
    assert [question.name for question in missing(draft)] == ["bands", "scale"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"backbone": "swin_b"}, "backbone is swin_b"),
        ({"decoder": "smp_Unet"}, "decoder is smp_Unet"),
        ({"necks": [{"name": "AddBottleneckLayer"}]}, "neck is AddBottleneckLayer"),
        ({"backbone_vpt": True}, "vpt of the backbone"),
        ({"backbone_num_frames": 3}, "3 dates"),
        ({"peft_config": {"method": "LORA"}}, "peft_config"),
    ],
    ids=["backbone", "decoder", "neck", "prompts", "dates", "adapters"],
)
def test_what_is_not_known_is_named(training, arguments, sentence):
    config, checkpoint = training("linear", arguments=arguments)
    with pytest.raises(UnsupportedInput, match=sentence) as caught:
        draft_of(config, ask, checkpoint=str(checkpoint))
    assert caught.value.hint


@pytest.mark.parametrize(
    "model",
    [{"model_factory": "SMPModelFactory"}, {"model_args": {"backbone": "prithvi_eo_v2_300", "decoder": "X"}}],
    ids=["factory", "decoder"],
)
def test_other_factories_are_refused(training, model):
    config, checkpoint = training("linear", model=model)
    with pytest.raises(UnsupportedInput, match="which is not known here"):
        draft_of(config, ask, checkpoint=str(checkpoint))


def test_arguments_that_do_not_fit_are_told_with_their_part(training, scratch_home):
    config, checkpoint = training("unet", arguments={"decoder_channels": [8, 8]})
    draft = draft_of(config, ask, checkpoint=str(checkpoint))
    with pytest.raises(ModelCorrupt, match="UNetDecoder with arguments that do not fit"):
        save_draft(draft, ask=ask)
    assert not list(scratch_home.rglob("*.safetensors*"))


# --- checkpoints -------------------------------------------------------------------------------------


class Kind(enum.Enum):
    """Stands for what trainings keep among their settings."""

    BLUE = 1


class Trap:
    """Unpickling this runs a command."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (Path.touch, (self.marker,))


@pytest.mark.parametrize("kind", ["setting", "trap"])
def test_objects_beside_the_weights_are_not_opened(training, tmp_path, kind):
    marker = tmp_path / "ran"
    held = {"setting": {"band": Kind.BLUE}, "trap": Trap(marker)}[kind]
    config, checkpoint = training("linear", beside={"hyper_parameters": held})
    with pytest.raises(ModelCorrupt, match="holds code or objects beside tensors") as caught:
        draft_of(config, ask, checkpoint=str(checkpoint))
    assert "weights.pt" in caught.value.hint
    assert not marker.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model: !!python/object/apply:os.mkdir [\"{marker}\"]", "no configuration that can be read"),
        ("model: [", "no configuration that can be read"),
        ("data: 3", "has no model with init_args"),
        ("- 1", "has no model with init_args"),
    ],
    ids=["code", "broken", "other", "list"],
)
def test_other_texts_are_no_configurations(training, tmp_path, text, sentence):
    config, checkpoint = training("linear")
    config.write_text(text.replace("{marker}", str(tmp_path / "ran")), encoding="utf-8")
    with pytest.raises(ModelCorrupt, match=sentence):
        draft_of(config, ask, checkpoint=str(checkpoint))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: state.pop("model.decoder.conv.bias"),
        lambda state: state.pop("model.encoder.cls_token"),
        lambda state: state.update({"model.neck.0.weight": torch.zeros(1)}),
        lambda state: state.update({"model.head.head.2.bias": torch.zeros(4)}),
    ],
    ids=["missing", "no-token", "left-over", "classes"],
)
def test_a_checkpoint_of_another_network_is_refused(added, scratch_home, spoil):
    with pytest.raises(ModelCorrupt, match="do not fit its architecture"):
        added("linear", tensors=spoil)
    assert not list(scratch_home.rglob("*.safetensors*"))


def test_what_serves_the_training_alone_is_left_out(added, made, stored):
    more = {"criterion.weight": torch.ones(3), "model.aux_heads.side.0.weight": torch.ones(3)}
    card = added("linear", tensors=lambda state: state.update(more))
    np.testing.assert_allclose(answers_of(card, made), stored[1]["linear"], **TOLERANCE)


def test_a_bare_state_dict_and_an_encoder_alone(training, made, scratch_home):
    config, checkpoint = training("linear")
    state = torch.load(checkpoint, weights_only=True)["state_dict"]
    torch.save({name.removeprefix("model."): value for name, value in state.items()}, checkpoint)
    assert save_draft(draft_of(config, ask, checkpoint=str(checkpoint)), ask=ask).id == "floods"
    torch.save({"blocks.0.norm1.weight": torch.ones(3)}, checkpoint)
    with pytest.raises(ModelCorrupt, match="no network of TerraTorch"):
        draft_of(config, ask, checkpoint=str(checkpoint))


@pytest.mark.parametrize(
    "described", [None, {"encoder": "os"}, {"encoder": "prithvi", "decoder": {"name": "os.system"}}]
)
def test_a_card_that_describes_no_network_is_refused(added, described):
    card = added("linear")
    raw = {**card.raw, "properties": {**card.raw["properties"], "geofm:architecture": described}}
    path = card.path.parent / card.assets[0].filename
    with pytest.raises(ModelCorrupt, match="describes"):
        terratorch.filled(replace(card, raw=raw), read_weights(path))


def test_the_command_line_adds_a_training(training, plugins, scratch_home, engine_python):
    config, checkpoint = training("upernet", model={"class_names": None})
    said = ["--classes", "dry,flooded,cloud", "--id", "my-floods", "--json"]
    words = ["-m", "geofm", "models", "add", str(config), "--checkpoint", str(checkpoint), *said]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=plugins,
        env={**os.environ, "GEOFM_PYTHON": str(engine_python)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert (row["id"], row["ready"]) == ("my-floods", True)
    assert (scratch_home / "models" / "my-floods" / "weights.safetensors").is_file()
