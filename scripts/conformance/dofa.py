"""DOFA: seeded weights of a reduced size; the pooled output, whose norm the published files lack."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that every torch user expects

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.dofa import Dofa
from geofm.inference.engine.parts.patch_encoder import TokenNetwork
from geofm.inference.engine.parts.weights import read_weights

from . import Case, resized

CASES = "dofa"
ENCODER = Dofa


def card(case: Case) -> Card:
    sizes = case.named(
        embedding_size="embed_dim",
        depth="depth",
        num_heads="num_heads",
        mlp_ratio="mlp_ratio",
        code_size="dynamic_embed_dim",
        patch_size="patch_size",
        image_size="img_size",
    )
    return resized("dofa-base", sizes, **{"geofm:window": sizes["image_size"]})


def main_output(case: Case) -> str:
    return "pooled"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    # Micrometres become nanometres in single precision, as in the original.
    tokens = network(case.inputs["x"], case.inputs["wavelengths"].float() * 1000)
    weights = read_weights(case.weights)
    norm = (weights["fc_norm.weight"], weights["fc_norm.bias"])
    return F.layer_norm(tokens[:, 1:].mean(dim=1), (network.dim,), *norm, eps=1e-6)
