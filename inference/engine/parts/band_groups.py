"""Bands in groups that are one token each, as Presto and Galileo have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ...bands import Band
from ..features.terrain import slope
from .layer_bands import match_bands
from .patch_encoder import Inputs, PatchEncoder
from .series_encoder import Steps

NDVI = "NDVI"
GROUPS = {
    "S1": ("VV", "VH"),
    "S2_RGB": ("B02", "B03", "B04"),
    "S2_Red_Edge": ("B05", "B06", "B07"),
    "S2_NIR_10m": ("B08",),
    "S2_NIR_20m": ("B8A",),
    "S2_SWIR": ("B11", "B12"),
    NDVI: (NDVI,),
}
# Of a place, not of a day: heights in metres, and how steep it is in degrees.
TERRAIN = "SRTM"
HEIGHT, SLOPE = "DEM", "slope"


class GroupEncoder(PatchEncoder):
    """An encoder that uses a group of bands where the layer has all of them.

    Heights are a group with the slope that follows from them, where a layer brings heights and the card says
    how they are scaled.
    """

    masks_bands = True

    def match(self, bands: Sequence[Band]) -> dict[str, int]:
        """The bands of the groups that are complete."""
        found = match_bands(bands, self._wanted)
        missing = [name for name in GROUPS["S2_RGB"] if name not in found]
        if "B08" not in found and "B8A" not in found:
            missing.append("B08 or B8A (nir)")
        self.require(missing)
        used = {name for group in _complete(found) for name in GROUPS[group]}
        if HEIGHT in found:
            used |= {HEIGHT, SLOPE}
        return {name: index for name, index in found.items() if name in used}

    def groups(self, inputs: Inputs | Steps) -> dict[str, Tensor]:
        """Scaled values by group's name, (batch, rows, cols, bands); times before bands if there are."""
        return {
            group: torch.stack([self._value(name, inputs) for name in GROUPS[group]], dim=-1)
            for group in _complete(inputs.values)
        }

    def group_seen(self, seen: Mapping[str, Tensor], group: str) -> Tensor:
        """Where all bands of a group were seen, as the bands' masks are by name."""
        names = ("B08", "B04") if group == NDVI else GROUPS[group]
        return torch.stack([seen[name] for name in names]).all(dim=0)

    def terrain(self, inputs: Inputs) -> Tensor | None:
        """Scaled heights and slopes, (batch, rows, cols, 2); None where there are no heights."""
        heights = inputs.values.get(HEIGHT)
        if heights is None:
            return None
        steep = inputs.values.get(SLOPE)
        if steep is None:
            steep = torch.from_numpy(
                slope(heights.cpu().numpy(), np.ones(heights.shape, np.bool_), inputs.scene.gsd)
            ).to(heights.device)
        whole = replace(inputs, values={**inputs.values, SLOPE: steep})
        return torch.stack([self.scaled(whole, name) for name in (HEIGHT, SLOPE)], dim=-1)

    def known_groups(self, inputs: Inputs) -> dict[str, Tensor]:
        """Of each group (batch, patch rows, patch cols), where it is known; nothing where all are."""
        if inputs.seen is None:
            return {}
        names = {group: (("B08", "B04") if group == NDVI else GROUPS[group]) for group in GROUPS}
        masks = {group: inputs.seen_of(own) for group, own in {**names, TERRAIN: (HEIGHT,)}.items()}
        return {group: mask for group, mask in masks.items() if mask is not None}

    def scaled(self, inputs: Inputs | Steps, name: str) -> Tensor:
        """One band, (batch, rows, cols), as the network wants it."""
        return self.standardised(inputs, name)

    def _value(self, name: str, inputs: Inputs | Steps) -> Tensor:
        if name != NDVI:
            return self.scaled(inputs, name)
        nir, red = inputs.values["B08"], inputs.values["B04"]
        total = nir + red
        return torch.where(total == 0, 0.0, (nir - red) / torch.where(total == 0, 1.0, total))


def _complete(names: Mapping[str, object]) -> list[str]:
    """The groups whose bands are all there; NDVI is made of B08 and B04."""
    present = set(names) | ({NDVI} if {"B08", "B04"} <= set(names) else set())
    return [group for group, wanted in GROUPS.items() if present.issuperset(wanted)]
