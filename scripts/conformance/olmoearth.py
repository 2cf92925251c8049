"""OlmoEarth: random weights of the size nano in versions 1, 1.1 and 1.2, with and without missing dates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from geofm.inference.cards import Card
from geofm.inference.engine.backbones.olmoearth import SENSORS, OlmoEarth
from geofm.inference.engine.parts.patch_encoder import TokenNetwork

from . import Case, resized

CASES = "olmoearth"
ENCODER = OlmoEarth
# Days before each month of a year without a leap day.
_BEFORE = torch.tensor([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])


def card(case: Case) -> Card:
    version = case.sizes["model_version"]
    return resized(f"olmoearth-{version}-{case.sizes['model_size']}", {})


def main_output(case: Case) -> str:
    return "tokens_sentinel2_l2a"


def answer(network: TokenNetwork, case: Case) -> Tensor:
    patch = int(case.config["how_called"].split("patch_size=")[1].split(",")[0])
    day, month, year = case.inputs["timestamps"].unbind(-1)
    images = {name: case.inputs[name] for name in SENSORS if name in case.inputs}
    seen = {name: case.inputs[f"{name}_mask"][:, ::patch, ::patch] == 0 for name in images}
    days = (year.float() - 2000) * 365.25 + _BEFORE[month] + (day.float() - 1)
    with _blanks_taking_part(network):
        tokens = network(images, month, patch, 10.0, seen, days)["sentinel2_l2a"]
    # The original leaves zeros where a date is missing.
    return tokens * seen["sentinel2_l2a"][..., None]


@contextmanager
def _blanks_taking_part(network: TokenNetwork) -> Iterator[None]:
    """As the original does outside of training: it removes what is missing, fills the batch up with zeros,
    and does not mask them, so that an answer depends on its batch. Alone in a batch it is that of our masks.
    """

    def blank(block: nn.Module, inputs: tuple[Tensor | None, ...]) -> tuple[Tensor | None, ...]:
        x, seen, *others = inputs
        if seen is None or x is None:
            return inputs
        kept = seen[..., None]
        first = x * kept if block is network.get_submodule("blocks.0") else x
        return first, None, *(other * kept for other in others if other is not None)

    hooks = [block.register_forward_pre_hook(blank) for block in network.trunk()[0].children()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
