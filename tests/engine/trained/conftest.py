"""What TerraTorch leaves of a training, and a model made of it."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from geofm.inference.adding import draft_of, save_draft
from geofm.inference.questions import answered

# Test files are imported one by one, which does not make their folder a place to import from.
sys.path.insert(0, str(Path(__file__).parent))

from trainings import MEANS, NAMES, STDS, ask  # noqa: E402


@pytest.fixture(scope="module")
def stored():
    """What TerraTorch answered, and the shapes of its tensors, by case."""
    found = dict(np.load(Path(__file__).parent / "terratorch_cases.npz"))
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


@pytest.fixture(autouse=True)
def exact():
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    yield
    torch.set_float32_matmul_precision(before)
