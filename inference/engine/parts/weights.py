"""Weights files: read without running anything in them, and fitted without a tensor missing or left over."""

from __future__ import annotations

import pickle  # nosec B403
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ...errors import ModelCorrupt
from .weights_file import holds_code, refuse_costly

# What the readers raise on files that are cut or garbled; OSError on a cut zip, RuntimeError on nesting.
_UNREADABLE = (
    SafetensorError,
    pickle.UnpicklingError,  # the one name of that module that is used
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    OSError,
)
# What torch says of globals that its reader without code does not know, and of formats that need code.
_CODE = re.compile(r"unsupported (?:global|class)|TorchScript|legacy \.tar", re.IGNORECASE)


def read_weights(path: Path, inside: str = "") -> dict[str, Tensor]:
    """Tensors of a weights file by name: ``*.safetensors``, else a torch file without code.

    Args:
        inside: the entry that holds the weights where the file has one of this name, as training
            programs write it beside their own state (``state_dict``, ``model``).

    Raises:
        ModelCorrupt: if the file is neither, or holds anything but named tensors.
    """
    try:
        refuse_costly(path)
        if path.suffix == ".safetensors":
            return load_file(path)
        # Only what is used is read: training programs write files of many times the encoder's size.
        mapped = zipfile.is_zipfile(path)
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
        if isinstance(content, Mapping) and isinstance(content.get(inside), Mapping):
            content = content[inside]
        return _named(content, path)
    except _UNREADABLE as error:
        if _CODE.search(str(error)):
            raise holds_code(path, str(error)) from error
        raise _unreadable(path, str(error)) from error


def _named(content: object, path: Path) -> dict[str, Tensor]:
    """Tensors of a mapping, those of mappings in it under ``<name>.``"""
    found: dict[str, Tensor] = {}
    seen: set[int] = set()

    def gather(part: object, prefix: str) -> None:
        # A mapping that comes again could come again in itself, or a billion times in a few others.
        if not isinstance(part, Mapping) or id(part) in seen:
            raise _unreadable(path, f"{prefix or 'it'} is no mapping of names to tensors of its own")
        seen.add(id(part))
        for name, value in part.items():
            if isinstance(value, Tensor):
                found[f"{prefix}{name}"] = value
            else:
                gather(value, f"{prefix}{name}.")

    gather(content, "")
    return found


def _unreadable(path: Path, detail: str) -> ModelCorrupt:
    hint = "Remove the model and fetch it again."
    return ModelCorrupt(f"The weights file {path.name} cannot be read.", hint, detail)


def load_strictly(module: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    """Fill every parameter of ``module`` from ``weights``, which hold nothing else.

    Raises:
        ModelCorrupt: naming ``name``, if a tensor is missing, left over or of another shape.
    """
    try:
        module.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        raise ModelCorrupt(
            f"The weights of {name} do not fit its architecture.",
            "Check that the card names the right file and family.",
            str(error),
        ) from error
