"""Small ONNX networks made to measure, whose answers can be computed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper


def save(
    path: Path,
    nodes: Sequence[Any],
    weights: Mapping[str, NDArray[Any]],
    given: Sequence[Any],
    answers: Mapping[str, Sequence[Any]],
    metadata: Mapping[str, Any] | None = None,
    kinds: Mapping[str, int] | None = None,
) -> Path:
    """Write a network with one input ``image``; metadata that is no text is written as JSON."""
    outputs = [
        helper.make_tensor_value_info(name, (kinds or {}).get(name, TensorProto.FLOAT), shape)
        for name, shape in answers.items()
    ]
    graph = helper.make_graph(
        list(nodes),
        "small",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, given)],
        outputs,
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in (metadata or {}).items()}
    helper.set_model_props(model, texts)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path


def kernel(bands: int, channels: int, side: int = 3, seed: int = 1) -> NDArray[np.float32]:
    """Weights of a convolution that look at a square of ``side`` pixels."""
    return np.random.default_rng(seed).normal(size=(channels, bands, side, side)).astype(np.float32)


def segmenter(
    path: Path,
    *,
    bands: int = 3,
    channels: int = 4,
    window: int | str = 32,
    end: str = "",
    seed: int = 1,
    valid: bool = False,
    metadata: Mapping[str, Any] | None = None,
) -> Path:
    """A convolution of 3 x 3 pixels; ``end`` is a node after it: Softmax, Sigmoid, ArgMax.

    With ``valid`` it fills nothing up, so that it answers 4 pixels less (two convolutions).
    """
    pads = [0, 0, 0, 0] if valid else [1, 1, 1, 1]
    nodes = [helper.make_node("Conv", ["image", "w"], ["a"], pads=pads)]
    weights = {"w": kernel(bands, channels, seed=seed)}
    if valid:
        weights["v"] = kernel(channels, channels, seed=seed + 1) / 5
        nodes.append(helper.make_node("Conv", ["a", "v"], ["b"], pads=pads))
    last = nodes[-1].output[0]
    side = window if isinstance(window, str) else window - 4 * valid
    answer, kind = [1, channels, side, side], TensorProto.FLOAT
    if end == "ArgMax":
        nodes.append(helper.make_node(end, [last], ["scores"], axis=1, keepdims=0))
        answer, kind = [1, side, side], TensorProto.INT64
    elif end:
        axis = {"axis": 1} if end == "Softmax" else {}
        nodes.append(helper.make_node(end, [last], ["scores"], **axis))
    else:
        nodes.append(helper.make_node("Identity", [last], ["scores"]))
    given = [1, bands, window, window]
    return save(path, nodes, weights, given, {"scores": answer}, metadata, {"scores": kind})


def refiner(path: Path, *, bands: int = 3, factor: int = 2, window: int = 32, metadata: Any = None) -> Path:
    """A convolution of 3 x 3 pixels and a shuffle of its channels into ``factor`` x ``factor`` pixels."""
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("DepthToSpace", ["a"], ["fine"], blocksize=factor),
    ]
    weights = {"w": kernel(bands, bands * factor**2) / 10}
    answer = {"fine": [1, bands, window * factor, window * factor]}
    return save(path, nodes, weights, [1, bands, window, window], answer, metadata)


def embedder(path: Path, *, bands: int = 3, dim: int = 8, window: int = 16, metadata: Any = None) -> Path:
    """The means of a convolution's channels over the window: (1, dim)."""
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["a"], ["b"]),
        helper.make_node("Flatten", ["b"], ["vector"]),
    ]
    return save(
        path, nodes, {"w": kernel(bands, dim)}, [1, bands, window, window], {"vector": [1, dim]}, metadata
    )


def run_alone(path: Path, windows: NDArray[Any], output: str | None = None) -> NDArray[Any]:
    """What a plain session answers."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run([output] if output else None, {"image": windows.astype(np.float32)})[0]
