"""Galileo: real nano weights, band groups masked as the authors' own code masks them."""

from __future__ import annotations

from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.galileo import Galileo, patch_tokens
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "galileo"
ENCODER = Galileo


def card(case: Case) -> Card:
    names = ("embedding_size", "depth", "num_heads", "mlp_ratio", "max_patch_size", "max_sequence_length")
    return resized("galileo-nano", {name: case.sizes[name] for name in names})


def main_output(case: Case) -> str:
    return "patch_tokens"


def groups(case: Case) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The case's dense arrays as the groups, and where they are seen, that the network takes."""
    patch = int(case.inputs["patch_size"])
    values, seen = {}, {}
    for index, (name, bands) in enumerate(case.conventions["space_time_groups"].items()):
        values[name] = case.inputs["space_time_x"][..., bands]
        seen[name] = case.inputs["space_time_mask"][:, ::patch, ::patch, :, index] == 0
    for index, (name, bands) in enumerate(case.conventions["static_groups"].items()):
        values[name] = case.inputs["static_x"][:, bands]
        seen[name] = case.inputs["static_mask"][:, index] == 0
    return values, seen


def answer(network: TokenNetwork, case: Case) -> Tensor:
    values, seen = groups(case)
    tokens = network(values, case.inputs["months"], int(case.inputs["patch_size"]), 10.0, seen)
    return patch_tokens(tokens, seen).flatten(1, 2)
