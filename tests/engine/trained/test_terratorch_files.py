"""Configurations and checkpoints of TerraTorch: what they say, what is asked for, what is refused."""

from __future__ import annotations

import enum
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from trainings import HLS, MEANS, NAMES, STDS, TOLERANCE, answers_of, ask

from geofm.inference.adding import draft_of, save_draft
from geofm.inference.engine.backbones import terratorch
from geofm.inference.engine.parts.weights import read_weights
from geofm.inference.errors import InvalidRequest, ModelCorrupt, UnsupportedInput
from geofm.inference.questions import missing

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
        ({"backbone": "timm_clay_v1_base"}, "backbone is timm_clay_v1_base"),
        ({"decoder": "smp_Unet"}, "decoder is smp_Unet"),
        ({"necks": [{"name": "AddBottleneckLayer"}]}, "neck is AddBottleneckLayer"),
        ({"backbone_vpt": True}, "vpt of the backbone"),
        ({"backbone_num_frames": 3}, "3 dates"),
        ({"peft_config": {"method": "LORA"}}, "peft_config"),
    ],
    ids=["backbone", "clay", "decoder", "neck", "prompts", "dates", "adapters"],
)
def test_what_is_not_known_is_named(training, arguments, sentence):
    config, checkpoint = training("linear", arguments=arguments)
    with pytest.raises(UnsupportedInput, match=sentence) as caught:
        draft_of(config, ask, checkpoint=str(checkpoint))
    assert caught.value.hint


@pytest.mark.parametrize(
    "model",
    [
        {"model_factory": "Clay1_5ModelFactory"},
        {"model_args": {"backbone": "prithvi_eo_v2_300", "decoder": "X"}},
    ],
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
