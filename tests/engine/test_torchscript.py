"""TorchScript is code: it runs for who allowed that very file, and then like any other network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from geofm.inference.adding import draft_of, is_torchscript, save_draft
from geofm.inference.bands import COMMON
from geofm.inference.cards import Card, load_card
from geofm.inference.engine.backbones import torchscript
from geofm.inference.engine.base import Scene, WindowBatch
from geofm.inference.engine.devices import choose_device
from geofm.inference.errors import ModelCorrupt, UnsupportedInput
from geofm.inference.questions import answered, missing
from geofm.inference.trust import is_trusted

SAID = {
    "task": "regress", "bands": "red,green", "scale": "reflectance", "mean": "0.2,0.3", "std": "0.1",
    "window": "16", "overlap": "4", "variables": "height (m)", "receptive-field": "3",
}  # fmt: skip
BANDS = (COMMON["red"], COMMON["green"])


class Heights(nn.Module):
    """A convolution of 3 x 3 pixels."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(2, 1, 3, padding=1)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"heights": self.conv(x)}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "heights.pt"
    torch.jit.script(Heights()).save(str(path))
    return path


def never(method: str, params: dict[str, object]) -> dict[str, object]:
    raise AssertionError("nothing is asked of the engine")


def added(script: Path, trusted: bool = True) -> Card:
    draft = draft_of(script, never, trusted=trusted)
    assert draft is not None
    return save_draft(answered(draft, SAID), trusted=trusted)


def loaded(card: Card) -> object:
    network = torchscript.load(card, lambda asset: card.path.parent / asset.href, choose_device("cpu"))
    network.select(BANDS)
    return network


def test_a_file_with_code_is_refused_with_what_can_be_done(script: Path, scratch_home: Path) -> None:
    assert is_torchscript(script)
    with pytest.raises(UnsupportedInput, match="it is code") as caught:
        draft_of(script, never)
    assert "--trust" in caught.value.hint
    assert "ONNX" in caught.value.hint


def test_who_allows_it_gets_the_numbers_of_the_network(script: Path, scratch_home: Path) -> None:
    card = added(script)
    assert card.family == "torchscript"
    assert is_trusted(card.assets[0].sha256)
    note = card.raw["properties"]["geofm:notes"][0]
    assert card.assets[0].sha256 in note
    pixels = np.random.default_rng(0).uniform(0, 1, (3, 2, 16, 16)).astype(np.float32)
    network = loaded(card)
    found = network.predict(WindowBatch(pixels, np.ones((3, 16, 16), bool), BANDS, Scene(10.0)))
    scaled = (torch.from_numpy(pixels) - torch.tensor([0.2, 0.3])[:, None, None]) / 0.1
    with torch.inference_mode():
        np.testing.assert_allclose(found, Heights()(scaled)["heights"].numpy(), atol=1e-5)
    assert not network.blend


def test_a_card_alone_allows_nothing(script: Path, scratch_home: Path) -> None:
    card = added(script)
    (scratch_home / "trusted.json").unlink()
    with pytest.raises(UnsupportedInput, match="not allowed to run"):
        loaded(card)


def test_another_file_under_the_same_card_is_not_allowed(script: Path, scratch_home: Path) -> None:
    card = added(script)
    other = nn.Sequential(nn.Conv2d(2, 1, 3, padding=1))
    torch.jit.script(other).save(str(card.path.parent / card.assets[0].href))
    with pytest.raises(UnsupportedInput, match="not allowed to run"):
        loaded(card)


def test_the_variable_allows_all(script: Path, scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_ALLOW_TORCHSCRIPT", "1")
    card = added(script, trusted=False)
    assert not (scratch_home / "trusted.json").exists()
    assert loaded(card) is not None
    monkeypatch.setenv("GEOFM_ALLOW_TORCHSCRIPT", "0")
    with pytest.raises(UnsupportedInput, match="not allowed to run"):
        loaded(load_card(card.path))


def test_weights_without_a_network_are_no_torchscript(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(Heights().state_dict(), path)
    assert not is_torchscript(path)
    with pytest.raises(UnsupportedInput, match="weights without their network") as caught:
        draft_of(path, never, trusted=True)
    assert "family" in caught.value.hint


def test_everything_is_asked_for(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_ALLOW_TORCHSCRIPT", "1")
    draft = draft_of(script, never)
    assert draft is not None
    assert [question.name for question in missing(draft)] == ["task", "bands", "scale", "window"]
    vectors = answered(draft, {**SAID, "task": "embed", "dim": "8"})
    assert missing(replace(vectors, dim=0))


def test_an_answer_of_another_shape_than_the_card_says_is_told(script: Path, scratch_home: Path) -> None:
    draft = draft_of(script, never, trusted=True)
    assert draft is not None
    card = save_draft(answered(draft, {**SAID, "variables": "a,b"}), trusted=True)
    pixels = np.zeros((1, 2, 16, 16), np.float32)
    with pytest.raises(ModelCorrupt, match="another shape than its card says"):
        loaded(card).predict(WindowBatch(pixels, np.ones((1, 16, 16), bool), BANDS, Scene(10.0)))
