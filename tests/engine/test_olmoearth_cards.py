"""The cards of OlmoEarth: sizes, licence, and what the published files are known to hold."""

from __future__ import annotations

import pytest
import torch

from geofm.inference.catalog import load_card
from geofm.inference.engine.backbones.olmoearth import OlmoEarth
from geofm.inference.engine.parts.patch_encoder import hyperparameters


def test_cards_state_the_published_sizes(conformance):
    sizes = {"nano": (128, 4), "tiny": (192, 12), "small": (384, 12), "base": (768, 12), "large": (1024, 24)}
    cards = [load_card(path) for path in sorted(conformance.MODELS.glob("olmoearth-*.json"))]
    assert len(cards) == 12
    for card in cards:
        _, version, size = card.id.split("-")
        width, depth, rotary = hyperparameters(card, "embedding_size", "depth", "rotary")
        assert (width, depth) == sizes[size]
        assert rotary == (version in ("v1.2", "v1.3"))
        assert "Artifact License" in card.licence
        assert card.assets[0].sha256 or version == "v1.3"


@pytest.mark.parametrize(
    ("name", "tensors", "numbers"),
    [("v1.2-nano", 86, 1_090_224), ("v1.2-small", 222, 26_024_224), ("v1.2-base", 222, 94_513_984)],
)
def test_the_network_has_what_the_published_file_has(conformance, name, tensors, numbers):
    """Counts in the published files by a converter that checks them (mere.run, convert-olmoearth-v12-mlx)."""
    card = conformance.resized(f"olmoearth-{name}", {})
    with torch.device("meta"):
        state = OlmoEarth.build(card).state_dict()
    assert (len(state), sum(tensor.numel() for tensor in state.values())) == (tensors, numbers)
    assert card.raw["properties"]["mlm:total_parameters"] == numbers
