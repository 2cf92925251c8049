"""What computes here: another version of it, or another device, may make other bytes."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ... import __version__
from .devices import Device

_LIBRARIES = ("torch", "onnxruntime", "numpy", "scipy", "scikit-learn", "rasterio")


def making(device: Device, facts: Mapping[str, Any]) -> list[Any]:
    """Code, libraries, device and number format, as plain JSON types.

    Args:
        facts: what models tell of themselves; of it counts what computed, and in which format.
    """
    import torch

    on_processor = device.torch_device == "cpu"
    return [
        __version__,
        code(),
        {name: version(name) for name in _LIBRARIES},
        [device.torch_device, list(device.onnx_providers)],
        # A processor's name tells its threads, and as many or as few make the same bytes.
        torch.backends.cpu.get_cpu_capability() if on_processor else device.name,
        {key: told for key, told in facts.items() if key in ("runtime", "precision")},
    ]


@cache
def code() -> str:
    """Digest of this package's source."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package)} {len(content)} ".encode() + content)
    return digest.hexdigest()


def version(package: str) -> str | None:
    """The version of a library, in whichever of its builds; None where it is not installed."""
    for name in (package, f"{package}-gpu"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None
