"""Copernicus-FM: seeded weights of a reduced size; bands and a variable, known and unknown place and day."""

from __future__ import annotations

from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.copernicus_fm import CopernicusFM, CopernicusNetwork

from . import Case, resized

CASES = "copernicus_fm"
ENCODER = CopernicusFM


def card(case: Case) -> Card:
    sizes = case.named(
        embedding_size="embed_dim",
        depth="depth",
        num_heads="num_heads",
        mlp_ratio="mlp_ratio",
        code_size="hyper_dim",
        patch_size="patch_size",
        image_size="img_size",
    )
    strides = {"geofm:window": sizes["image_size"], "geofm:stride": sizes["patch_size"]}
    return resized("copernicus-fm-base", sizes, **strides)


def main_output(case: Case) -> str:
    return f"block_{case.sizes['depth'] - 1}"


def answer(network: CopernicusNetwork, case: Case) -> Tensor:
    given = case.inputs
    images, about, size = given["x"], given["metadata"], int(given["kernel_size"])
    if "language_embed" in given:
        return network.variable(images, given["language_embed"], about, size)
    bands = given["wavelengths"].float(), given["bandwidths"].float()
    return network(images, *bands, about, size)
