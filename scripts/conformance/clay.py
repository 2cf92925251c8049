"""Clay 1.5: seeded weights of a reduced size; Sentinel-2 and Landsat, with and without time and place."""

from __future__ import annotations

import torch
from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.clay import Clay
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "clay_v1_5"
ENCODER = Clay


def card(case: Case) -> Card:
    sizes = case.named(
        embedding_size="dim",
        depth="depth",
        num_heads="heads",
        mlp_ratio="mlp_ratio",
        patch_size="patch_size",
    )
    return resized("clay-1.5", sizes, **{"geofm:window": 64})


def main_output(case: Case) -> str:
    return "encoded"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    given = case.inputs
    about = torch.cat([given["time"], given["latlon"]], dim=1)
    return network(given["pixels"], given["waves"], float(given["gsd"]), about)
