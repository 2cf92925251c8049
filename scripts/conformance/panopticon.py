"""Panopticon: seeded weights of a reduced size; bands left out, and radar's channels among light's."""

from __future__ import annotations

from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.panopticon import Panopticon
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "panopticon"
ENCODER = Panopticon


def card(case: Case) -> Card:
    sizes = {"embedding_size": 64, "depth": 3, "num_heads": 4}
    sizes |= {"channel_size": case.sizes["attn_dim"], "image_size": case.sizes["img_size"]}
    return resized("panopticon-base", sizes, **{"geofm:window": case.sizes["img_size"]})


def main_output(case: Case) -> str:
    return "norm"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    return network(case.inputs["imgs"], case.inputs["chn_ids"], case.inputs.get("spec_masks"))
