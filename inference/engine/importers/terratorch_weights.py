"""The weights of a TerraTorch checkpoint: opened as weights alone, fitted, written as safetensors."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from ...cards import CARD_IN_CLASSIFIER, Card, card_from
from ...drafts import Draft, card_of
from ...errors import ModelCorrupt, ModelMissing
from ...places import home_models
from ..backbones.terratorch import FAMILIES, build, filled
from ..parts.weights import read_weights

_WEIGHTS = "weights.safetensors"


def weights_in(path: Path) -> dict[str, Tensor]:
    """The tensors of a checkpoint's network, whose names begin with its parts': ``encoder.``, ``decoder.``...

    Raises:
        ModelMissing: if there is no such file.
        ModelCorrupt: if it holds no such network, or more than weights, which opening it could run.
    """
    if not path.is_file():
        raise ModelMissing(f"There is no file {path}.")
    try:
        tensors = read_weights(path, "state_dict")
    except ModelCorrupt as error:
        # Lightning keeps the settings of a training beside the weights, as Python objects.
        hint = (
            "Save the weights alone where it was trained: torch.save({'state_dict': "
            "torch.load(FILE, weights_only=False)['state_dict']}, 'weights.pt'), and add that file."
        )
        raise ModelCorrupt(error.message, hint, error.detail) from error
    inside = {name.removeprefix("model."): v for name, v in tensors.items() if name.startswith("model.")}
    # The network alone, saved without what trained it; heads for training alone are left out.
    network = inside or tensors
    found = {name: value for name, value in network.items() if not name.startswith("aux_heads.")}
    if not any(name.startswith("encoder.") for name in found):
        raise ModelCorrupt(
            f"{path.name} holds no network of TerraTorch's: no tensor's name begins with model.encoder.",
            "Take the checkpoint that terratorch fit left, not the encoder it began with.",
        )
    return found


def convert(draft: Draft) -> dict[str, Any]:
    """Write the weights of a draft's checkpoint into the user's model folder, fitted to its network.

    Returns:
        ``file``, ``sha256`` and ``size`` of a safetensors file.

    Raises:
        ModelCorrupt: if they do not fit what the draft describes.
        ModelMissing: see :func:`weights_in`.
    """
    tensors = weights_in(Path(draft.file))
    # A card is complete with a digest, which the file to be written has yet to get.
    data = card_of(replace(draft, file=_WEIGHTS, sha256="0" * 64))
    target = home_models() / data["id"] / _WEIGHTS
    card = card_from(data, target.with_name(CARD_IN_CLASSIFIER))
    network = filled(card, _fitted(card, tensors))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        save_file({name: value.contiguous() for name, value in network.state_dict().items()}, part)
        # The library's files are for their owner alone; models may lie in a folder that others read.
        part.chmod(0o644)
        digest = hashlib.sha256()
        with part.open("rb") as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                digest.update(chunk)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return {"file": str(target), "sha256": digest.hexdigest(), "size": target.stat().st_size}


def _fitted(card: Card, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint's tensors with the encoder's under the names that its family has here."""
    with torch.device("meta"):
        network = build(card).to_empty(device="cpu")
    family = FAMILIES[card.raw["properties"]["geofm:architecture"]["encoder"]]
    prefix = "encoder."
    inside = {
        name.removeprefix(prefix).removeprefix(family.prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }
    renamed = family.encoder.renamed(inside, network.encoder)
    others = {name: value for name, value in tensors.items() if not name.startswith(prefix)}
    return {**others, **{f"{prefix}{name}": value for name, value in renamed.items()}}


def bands_in(tensors: Mapping[str, Tensor]) -> int:
    """Bands that the first layer takes, 0 if it cannot be told."""
    first = [value for name, value in tensors.items() if name.endswith("patch_embed.proj.weight")]
    return int(first[0].shape[1]) if first and first[0].ndim > 2 else 0
