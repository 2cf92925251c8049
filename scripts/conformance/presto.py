"""Presto: the real weights, twelve and three months, with months, bands and sensors that are missing."""

from __future__ import annotations

import torch
from torch import Tensor

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.presto import Presto
from geofm.inference.engine.parts.codes import unit_vector
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "presto"
ENCODER = Presto


def card(case: Case) -> Card:
    sizes = case.named(
        embedding_size="encoder_embedding_size",
        depth="encoder_depth",
        num_heads="encoder_num_heads",
        mlp_ratio="mlp_ratio",
        max_sequence_length="max_sequence_length",
    )
    return resized("presto", sizes)


def main_output(case: Case) -> str:
    return "embedding"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    values, mask = case.inputs["x"], case.inputs["mask"]
    groups, seen = {}, {}
    for name, bands in case.conventions["groups"].items():
        # The terrain is said once, at the first month.
        times = slice(1) if name == "SRTM" else slice(None)
        groups[name] = values[:, times][..., bands]
        seen[name] = (mask[:, times][..., bands] == 0).all(dim=-1)
    months = (case.inputs["month"] + torch.arange(values.shape[1])) % 12
    place = torch.tensor([unit_vector(lon, lat) for lat, lon in case.inputs["latlons"].tolist()])
    every = months.expand(values.shape[:2])
    return network(groups, every, place, seen, case.inputs["dynamic_world"])
