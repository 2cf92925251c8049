"""TerraMind: random weights of reduced sizes, of the plain and the gated perceptrons."""

from __future__ import annotations

import torch
from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.terramind import PUBLISHED, TerraMind
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "terramind_v1"
ENCODER = TerraMind


def card(case: Case) -> Card:
    sizes = {
        "embedding_size": case.sizes["dim"],
        "depth": case.sizes["encoder_depth"],
        "num_heads": case.sizes["num_heads"],
        "mlp_ratio": case.sizes["mlp_ratio"],
        "gated_mlp": case.sizes["gated_mlp"],
        "image_size": case.sizes["img_size"],
        "patch_size": case.sizes["patch_size"],
    }
    published = resized("terramind-1.0-base", {}).raw["properties"]["mlm:input"]
    inputs = [item for item in published if item["name"] in case.sizes["modalities"]]
    window = {"geofm:window": case.sizes["img_size"], "geofm:stride": case.sizes["patch_size"]}
    return resized("terramind-1.0-base", sizes, **window, **{"mlm:input": inputs})


def main_output(case: Case) -> str:
    return "tokens_last"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    images = {name: case.inputs[name] for name in case.inputs if name in PUBLISHED}
    return torch.cat(list(network(images).values()), dim=1)
