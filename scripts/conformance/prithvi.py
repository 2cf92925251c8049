"""Prithvi-EO: seeded weights of reduced sizes, several dates, other image sizes, with and without codes."""

from __future__ import annotations

import torch
from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.prithvi import Prithvi
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "prithvi_eo_v2"
ENCODER = Prithvi


def card(case: Case) -> Card:
    sizes = case.named(
        embedding_size="embed_dim",
        image_size="img_size",
        depth="depth",
        num_heads="num_heads",
        mlp_ratio="mlp_ratio",
    )
    side = case.sizes["patch_size"][-1]
    codes = {f"{name}_encoding": name in case.sizes["coords_encoding"] for name in ("time", "location")}
    tiles = {"geofm:window": case.sizes["img_size"], "geofm:stride": side}
    return resized("prithvi-eo-2.0-300m-tl", {**sizes, **codes, "patch_size": side}, **tiles)


def main_output(case: Case) -> str:
    return str(case.config["main_output"])


def images(case: Case) -> Tensor:
    """The case's pixels, channels last."""
    values = case.inputs["x"]
    values = values if values.ndim == 5 else values[:, :, None]
    return values.permute(0, 3, 4, 2, 1)


def answer(network: TokenNetwork, case: Case) -> Tensor:
    dates, places = (case.inputs.get(name) for name in ("temporal_coords", "location_coords"))
    found = network(images(case), dates, places)[0]
    assert isinstance(found, torch.Tensor)
    return found
