"""SatMAE: reduced random weights; pictures, and Sentinel-2 in groups of bands."""

from __future__ import annotations

from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.satmae import GROUPS, GroupNetwork, SatMae
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "satmae"
ENCODER = SatMae


def card(case: Case) -> Card:
    grouped = "channel_embed" in case.sizes
    names = ("embed_dim", "depth", "num_heads", "mlp_ratio", "patch_size", "img_size")
    names += ("channel_embed",) if grouped else ()
    card_id = "satmae-multispectral-large" if grouped else "satmae-rgb-large"
    return resized(card_id, {name: case.sizes[name] for name in names})


def main_output(case: Case) -> str:
    return "tokens"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    images = case.inputs["x"]
    if isinstance(network, GroupNetwork):
        order = case.conventions["band_order"]
        return network([images[:, [order.index(name) for name in names]] for names in GROUPS])
    return network(images)
