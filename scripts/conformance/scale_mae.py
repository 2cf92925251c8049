"""Scale-MAE: reduced random weights; two pixel sizes, two sizes of image."""

from __future__ import annotations

from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.scale_mae import ScaleMae
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "scale_mae"
ENCODER = ScaleMae


def card(case: Case) -> Card:
    names = ("embed_dim", "depth", "num_heads", "mlp_ratio", "patch_size")
    return resized("scale-mae-large", {name: case.sizes[name] for name in names})


def main_output(case: Case) -> str:
    return "tokens"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    return network(case.inputs["x"], case.sizes["res"])
