"""docs/adding-a-model.md, followed to the letter: its example of a family and a card gives a map."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

import geofm
from geofm.inference.catalog import default_catalog
from geofm.inference.engine import backbones
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import default_store
from geofm.inference.jobs import Job, Task

PAGE = Path(geofm.__file__).parent / "docs" / "adding-a-model.md"
QUIET = Context(lambda stage, done, total, message: None, lambda: None)


def block(language: str) -> str:
    """The page's one block of code in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return found


@pytest.fixture
def family(tmp_path, monkeypatch):
    """The page's module among the families, as if it lay in backbones/."""
    folder = tmp_path / "backbones"
    folder.mkdir()
    (folder / "patch_lines.py").write_text(block("python"), encoding="utf-8")
    monkeypatch.setattr(backbones, "__path__", [*backbones.__path__, str(folder)])
    yield
    sys.modules.pop(f"{backbones.__name__}.patch_lines", None)


@pytest.fixture
def card(tmp_path):
    """The page's card beside random weights, with their digest."""
    torch.manual_seed(0)
    weights = tmp_path / "patch-lines-8.safetensors"
    tensors = {
        "patch_embed.proj.weight": torch.randn(8, 2, 4, 4),
        "patch_embed.proj.bias": torch.randn(8),
        "blocks.0.weight": torch.randn(8, 8),
        "blocks.0.bias": torch.randn(8),
    }
    save_file(tensors, weights)
    path = tmp_path / "patch-lines-8.json"
    path.write_text(block("json").replace("0" * 64, hashlib.sha256(weights.read_bytes()).hexdigest()))
    return path


def test_the_pages_card_is_a_valid_item(valid_item):
    valid_item(json.loads(block("json")))


def test_the_pages_example_embeds_a_scene(family, card, raster, tmp_path):
    pixels = np.random.default_rng(0).uniform(0.05, 0.4, (2, 40, 56)).astype(np.float32)
    ref = raster("S2_scene.tif", pixels, names=("B04", "B08"))
    services = Services.create(default_catalog(), default_store(), choose_device("cpu"))
    job = Job(Task.EMBED, (ref,), str(tmp_path / "out.tif"), model=str(card))
    run_job(job, services, QUIET)
    with rasterio.open(tmp_path / "out.tif") as dataset:
        features = dataset.read()
    assert features.shape[0] == 8
    assert np.isfinite(features).all()
    assert features.std(axis=(1, 2)).min() > 0
    # The first cell by hand, from the page's own words.
    tensors = load_file(card.with_suffix(".safetensors"))
    scaled = (pixels[:, :4, :4] - np.float32([[[0.12]], [[0.24]]])) / np.float32([[[0.05]], [[0.1]]])
    token = np.einsum("dcyx,cyx->d", tensors["patch_embed.proj.weight"], scaled)
    token = tensors["blocks.0.weight"] @ (token + tensors["patch_embed.proj.bias"]) + tensors["blocks.0.bias"]
    np.testing.assert_allclose(features[:, 0, 0], token, rtol=1e-4, atol=1e-4)
