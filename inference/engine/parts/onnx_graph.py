"""ONNX networks ready to run: by ONNX Runtime on any device, by OpenVINO where it computes in bf16.

``GEOFM_ONNX_RUNTIME`` says ``onnxruntime``, ``openvino`` or ``auto``. ``auto`` takes OpenVINO, where
it is installed, on a processor with bf16 units, if its answers pass the check of :mod:`..precision`.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from ...errors import InvalidRequest, ModelCorrupt, UnsupportedInput
from ..base import F32
from ..devices import Device
from ..precision import (
    AUTO,
    BFLOAT16,
    FLOAT32,
    Encode,
    Precision,
    bf16_units,
    choose_precision,
    wanted_precision,
)
from .graph import Graph, Shape, Source
from .onnx_file import refuse_external_data

VARIABLE = "GEOFM_ONNX_RUNTIME"
ONNX_RUNTIME, OPENVINO = "onnxruntime", "openvino"
_GET_OPENVINO = "python -m geofm setup --extra openvino"
LOAD_ERRORS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.InvalidProtobuf,
    runtime_errors.NotImplemented,
    runtime_errors.RuntimeException,
)
DTYPES: dict[str, type[np.floating]] = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


def open_graph(source: Source, device: Device) -> Graph:
    """Get a network ready on a device, by the runtime that is right and fastest there.

    Raises:
        ModelCorrupt: if the file is no network, points at other files, or is not what its card says.
        InvalidRequest: if GEOFM_ONNX_RUNTIME names no runtime.
        UnsupportedInput: if it names OpenVINO, which is not installed.
    """
    refuse_external_data(source.content, source.filename)
    plain = Session(source, device)
    wanted, runtime = wanted_precision(), wanted_runtime()
    if plain.on_gpu:
        return plain.told("It computes on the GPU.", "float32: ONNX models compute in it on a GPU.")
    if device.torch_device != "cpu":
        why = "ONNX Runtime cannot use the GPU: it was built without CUDA, or its libraries are missing."
        return plain.told(why, "float32: ONNX Runtime computes in it on a processor.")
    units = bf16_units("cpu")
    if runtime == ONNX_RUNTIME:
        return plain.told("It was asked for.", "float32: ONNX Runtime computes in it on a processor.")
    if runtime == AUTO and (wanted == FLOAT32 or not units):
        reason = "float32 was asked for." if wanted == FLOAT32 else "float32: this device has no bf16 units."
        return plain.told("OpenVINO is taken only where it computes in bf16.", reason)
    if not source.shape.scores or source.shape.channels_last or source.shape.output:
        return plain.told(
            "OpenVINO is taken only for networks of class scores.", "float32: nothing else can be checked."
        )
    if not _installed(OPENVINO):
        return plain.told(
            f"OpenVINO, which would compute in bf16, is not installed: {_GET_OPENVINO}.",
            "float32: ONNX Runtime computes in it on a processor.",
        )
    # Without units there is nothing to choose from, whatever was wanted.
    return _by_openvino(source, plain, wanted if units else AUTO, runtime == OPENVINO)


def wanted_runtime() -> str:
    """What ``GEOFM_ONNX_RUNTIME`` asks for, ``auto`` if nothing.

    Raises:
        InvalidRequest: for any other word.
        UnsupportedInput: if it is OpenVINO, and not installed.
    """
    asked = os.environ.get(VARIABLE, "").strip().lower() or AUTO
    if asked not in (AUTO, ONNX_RUNTIME, OPENVINO):
        known = f"Known are: {AUTO}, {ONNX_RUNTIME}, {OPENVINO}."
        raise InvalidRequest(f"Unknown runtime {asked!r} in {VARIABLE}.", known)
    if asked == OPENVINO and not _installed(OPENVINO):
        raise UnsupportedInput(
            f"{VARIABLE} asks for OpenVINO, which is not installed.", f"Install it: {_GET_OPENVINO}."
        )
    return asked


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _by_openvino(source: Source, plain: Session, wanted: str, asked: bool) -> Graph:
    from .openvino_graph import CannotCompile, Compiled, version

    windows = _trial_windows(source.shape, plain.dtype, max(2, plain.abreast))

    def trial(name: str) -> Encode:
        graph: Graph = plain if name == FLOAT32 else Compiled(source, plain.dtype, BFLOAT16)
        return lambda: np.asarray(_side_by_side(graph, windows), np.float32)

    by = f"OpenVINO {version()}, ONNX Runtime {onnxruntime.__version__}"
    try:
        precision = choose_precision(wanted, source.identity, "cpu", trial, by, scores=True)
        if precision.name == FLOAT32 and not asked:
            return plain.told("OpenVINO is taken only where it computes in bf16.", precision.reason)
        graph = Compiled(source, plain.dtype, precision.name)
    except CannotCompile as error:
        return plain.told(
            f"OpenVINO cannot run this network: {error}.",
            "float32: ONNX Runtime computes in it on a processor.",
        )
    why = "It was asked for." if asked else "It computes in bf16 here, ONNX Runtime does not."
    graph.facts = {"runtime": graph.name, "runtime_reason": why, **precision.facts}
    return graph


def _side_by_side(graph: Graph, windows: F32) -> F32:
    """Scores of windows, computed as a run has them computed."""
    if graph.abreast == 1:
        return graph.run(windows)
    with ThreadPoolExecutor(graph.abreast) as hands:
        return np.concatenate(list(hands.map(graph.run, np.split(windows, len(windows)))))


def _trial_windows(shape: Shape, dtype: type[np.floating], count: int) -> F32:
    """Windows of made-up scaled values, always the same: light in patches, some colour, some noise."""
    chance = np.random.default_rng(0)
    side = shape.window
    patches = -(-side // 16)
    light = chance.normal(size=(count, 1, patches, patches)).repeat(16, axis=2).repeat(16, axis=3)
    colour = chance.normal(size=(count, shape.bands, 1, 1))
    noise = chance.normal(size=(count, shape.bands, side, side))
    return (1.5 * light[..., :side, :side] + 0.5 * colour + 0.2 * noise).astype(dtype)


class Session:
    """A network run by ONNX Runtime, a :class:`Graph`. On a GPU only windows and scores travel."""

    def __init__(self, source: Source, device: Device) -> None:
        """Open a network and hold it against its card.

        Raises:
            ModelCorrupt: if it cannot be read, or is another than its card says.
        """
        options = onnxruntime.SessionOptions()
        # Windows side by side, a thread for each, take no more time than all threads on one after the
        # other, what is done to a window before and after is shared out too, and the number of
        # threads cannot change a bit of the answer.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                source.content, options, providers=_providers(device)
            )
        except LOAD_ERRORS as error:
            raise ModelCorrupt(
                f"ONNX Runtime cannot load {source.filename}.",
                "Fetch the model again, or export it for a version that this ONNX Runtime knows.",
                str(error),
            ) from error
        # Else a fault of the GPU would have it go on, on the processor, without a word.
        session.disable_fallback()
        _check(session, source)
        given = session.get_inputs()[0]
        self.dtype = DTYPES[given.type]
        self.at_once = 1 if given.shape[0] == 1 else sys.maxsize
        self.any_side = not any(isinstance(side, int) for side in given.shape[2:])
        answer = _answer_of(session, source.shape.output)
        self.on_gpu = session.get_providers()[0] == "CUDAExecutionProvider"
        self.abreast = 1 if self.on_gpu else torch.get_num_threads()
        self.facts: dict[str, str] = {}
        self._session = session
        self._names = given.name, answer.name
        gpu, _, index = device.torch_device.partition(":")
        self._place = (gpu, int(index)) if self.on_gpu else ("cpu", 0)

    def told(self, runtime_reason: str, precision_reason: str) -> Session:
        """Itself, with the reasons in its facts."""
        runtime = {"runtime": f"ONNX Runtime {onnxruntime.__version__}", "runtime_reason": runtime_reason}
        self.facts = {**runtime, **Precision(FLOAT32, precision_reason).facts}
        return self

    def run(self, windows: F32) -> F32:
        """See :class:`Graph`."""
        binding = self._session.io_binding()
        given = onnxruntime.OrtValue.ortvalue_from_numpy(windows, *self._place)
        binding.bind_ortvalue_input(self._names[0], given)
        binding.bind_output(self._names[1], *self._place)
        self._session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()[0]


def _providers(device: Device) -> list[Any]:
    """ONNX Runtime's names of what computes, with options, best first."""
    options = {
        "device_id": device.torch_device.partition(":")[2],
        # Ten bits of the numbers' 23 would do for no result that is called float32.
        "use_tf32": "0",
        # The fastest of a trial is another one the next time.
        "cudnn_conv_algo_search": "HEURISTIC",
        # PyTorch uses the same memory.
        "arena_extend_strategy": "kSameAsRequested",
    }
    return [(name, options) if name.startswith("CUDA") else name for name in device.onnx_providers]


def _answer_of(session: onnxruntime.InferenceSession, name: str) -> Any:
    """The output that is read; None if there is none of the name."""
    outputs = session.get_outputs()
    return next((found for found in outputs if found.name == name), None) if name else outputs[0]


def _check(session: onnxruntime.InferenceSession, source: Source) -> None:
    """Hold the shapes that the graph states against the card's; a text is a free dimension."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    shape, answer = source.shape, _answer_of(session, source.shape.output)
    fits = (
        len(inputs) == 1
        and answer is not None
        and inputs[0].type in DTYPES
        and _agrees(inputs[0].shape, shape.given)
        and (inputs[0].shape[0] == 1 or not isinstance(inputs[0].shape[0], int))
        and _answers(answer.shape, shape.expected)
    )
    if not fits:
        raise ModelCorrupt(
            f"The network {source.filename} is not the one that its card describes.",
            f"The card says {shape.bands} bands, {shape.classes} classes or values and windows of "
            f"{shape.window} pixels, in one input of {shape.given} and an answer of {shape.expected}.",
            f"inputs {[(i.shape, i.type) for i in inputs]}, outputs {[(o.name, o.shape) for o in outputs]}",
        )


def _answers(shape: Sequence[int | str | None], wanted: Sequence[int | None]) -> bool:
    """Whether an output of this shape is the one wanted; of one channel the axis may be missing."""
    if not wanted or not shape:
        return True
    flat = len(shape) == 3 and wanted[0] == 1
    return _agrees(shape, [None, *(wanted[1:] if flat else wanted)])


def _agrees(shape: Sequence[int | str | None], wanted: Sequence[int | None]) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or not isinstance(has, int) or has == want
        for has, want in zip(shape, wanted, strict=True)
    )
