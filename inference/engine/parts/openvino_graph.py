"""ONNX networks run by OpenVINO on a processor; an extra, not always installed."""

from __future__ import annotations

import numpy as np
import openvino
import torch

from ..base import F32
from ..precision import BFLOAT16
from .graph import Source


class CannotCompile(Exception):
    """OpenVINO cannot run a network, or not in the asked format; says why in a few words."""


def version() -> str:
    return openvino.__version__.split("-")[0]


class Compiled:
    """A network run by OpenVINO, a :class:`~.graph.Graph`.

    Each window is a request of its own, as many at once as suit the threads: what a window
    answers does not depend on its neighbours in the batch.

    Attributes:
        name: the runtime's, for people.
    """

    any_side = False
    abreast = 1

    def __init__(self, source: Source, dtype: type[np.floating], precision: str) -> None:
        """Compile a network that ONNX Runtime has opened and checked.

        Args:
            dtype: of its input.
            precision: ``float32`` or ``bfloat16``.

        Raises:
            CannotCompile: if OpenVINO lacks an operation, or computes in another format here.
        """
        shape = source.shape
        asked = "bf16" if precision == BFLOAT16 else "f32"
        try:
            core = openvino.Core()
            model = core.read_model(source.content)
            model.reshape([1, shape.bands, shape.window, shape.window])
            options = {
                "INFERENCE_PRECISION_HINT": asked,
                "PERFORMANCE_HINT": "THROUGHPUT",
                "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            }
            compiled = core.compile_model(model, "CPU", options)
        # OpenVINO raises nothing of its own.
        except RuntimeError as error:
            raise CannotCompile(_first_line(error)) from error
        used = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        if used != asked:
            raise CannotCompile(f"asked for {asked}, it computes in {used}")
        self.name = f"OpenVINO {version()}"
        self.dtype = dtype
        self.at_once = _AT_ONCE
        self.facts: dict[str, str] = {}
        self._queue = openvino.AsyncInferQueue(compiled)

    def run(self, windows: F32) -> F32:
        """See :class:`~.graph.Graph`."""
        found: dict[int, F32] = {}

        def keep(request: openvino.InferRequest, index: int) -> None:
            found[index] = np.array(request.get_output_tensor().data)

        self._queue.set_callback(keep)
        for index in range(len(windows)):
            self._queue.start_async({0: np.ascontiguousarray(windows[index : index + 1])}, index)
        self._queue.wait_all()
        return np.concatenate([found[index] for index in range(len(windows))])


# Results wait until all windows of a call are done.
_AT_ONCE = 64


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__
