"""Satlas: reduced random weights of the nine bands of Sentinel-2; an image that needs padding."""

from __future__ import annotations

from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.satlas import Satlas
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "satlas_swin_v2"
ENCODER = Satlas


def card(case: Case) -> Card:
    sizes = case.sizes
    reduced = {
        "embed_dim": sizes["embed_dim"],
        "num_heads": sizes["num_heads"][0],
        "stage_3_depth": sizes["depths"][2],
    }
    return resized("satlas-sentinel2-swint-si-ms", reduced)


def main_output(case: Case) -> str:
    return "features_7"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    maps: list[Tensor] = network(case.inputs["x"])
    return maps[-1]
