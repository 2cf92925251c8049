"""CROMA: reduced random weights; each encoder alone and both together, on two sizes of image."""

from __future__ import annotations

from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.croma import Croma
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "croma"
ENCODER = Croma


def card(case: Case) -> Card:
    sizes = case.sizes
    return resized(
        "croma-base",
        {
            "embed_dim": sizes["encoder_dim"],
            "depth": sizes["encoder_depth"],
            "num_heads": sizes["num_heads"],
            "patch_size": sizes["patch_size"],
        },
    )


def main_output(case: Case) -> str:
    return str(case.config["main_output"])


def answer(network: TokenNetwork, case: Case) -> Tensor:
    return network(case.inputs.get("x_optical"), case.inputs.get("x_sar"))
