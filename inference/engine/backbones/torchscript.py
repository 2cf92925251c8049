"""Networks saved by TorchScript. Such a file is code: it runs only where the user allowed that very file."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...assets import Asset
from ...cards import Card
from ...errors import ModelCorrupt, UnsupportedInput
from ...trust import VARIABLE, is_trusted
from ..base import F32
from ..devices import Device
from ..parts.graph import Source
from ..precision import FLOAT32, Precision
from . import onnx_network
from .onnx_network import OnnxEncoder, OnnxNetwork


def open_script(source: Source, device: Device) -> Script:
    """Get a TorchScript network ready on a device.

    Raises:
        UnsupportedInput: if the user did not allow the file's code to run.
        ModelCorrupt: if it is no TorchScript network.
    """
    if not is_trusted(hashlib.sha256(source.content).hexdigest()):
        raise UnsupportedInput(
            f"{source.filename} is TorchScript, which is code, and it was not allowed to run.",
            "If you trust who made it, add it with python -m geofm models add FILE --trust, or set "
            f"{VARIABLE}=1; better, export the network as ONNX, which holds no code.",
        )
    try:
        module: torch.jit.ScriptModule = torch.jit.load(  # type: ignore[no-untyped-call]
            io.BytesIO(source.content), map_location=device.torch_device
        )
    except (RuntimeError, ValueError, EOFError) as error:
        raise ModelCorrupt(
            f"{source.filename} cannot be loaded as TorchScript.",
            "Save it again, with a PyTorch no newer than this one.",
            str(error),
        ) from error
    return Script(module.eval(), source, device.torch_device)


class Script:
    """A TorchScript network ready to run, a :class:`~..parts.graph.Graph`."""

    dtype = np.float32
    abreast = 1
    any_side = False

    def __init__(self, module: torch.jit.ScriptModule, source: Source, device: str) -> None:
        self._module = module
        self._name, self._output = source.filename, source.shape.output
        self._device = device
        # One by one on a processor, where the last bits can depend on the other windows of a batch.
        self.at_once = 1 if device == "cpu" else sys.maxsize
        runtime = {"runtime": f"PyTorch {torch.__version__}", "runtime_reason": "It is TorchScript."}
        self.facts = {**runtime, **Precision(FLOAT32, "float32: TorchScript runs as it is.").facts}

    def run(self, windows: F32) -> F32:
        """See :class:`~..parts.graph.Graph`."""
        with torch.inference_mode():
            made = self._answer(self._module(torch.from_numpy(windows).to(self._device)))
        return made.detach().cpu().numpy()

    def _answer(self, made: Any) -> torch.Tensor:
        """The tensor among what the network gives: it, the first, or that of the name."""
        if isinstance(made, Mapping):
            made = made.get(self._output or next(iter(made), ""))
        elif isinstance(made, Sequence):
            made = made[0] if made else None
        if not isinstance(made, torch.Tensor):
            raise ModelCorrupt(f"{self._name} answers no tensor.", "Save a network that answers one.")
        return made


def load(card: Card, fetch: Callable[[Asset], Path], device: Device) -> OnnxNetwork | OnnxEncoder:
    """As :func:`~.onnx_network.load`, of a file that the user allowed."""
    return onnx_network.load(card, fetch, device, open_script)
