"""What runs an ONNX network: ONNX Runtime or OpenVINO, with the reason, and the same answers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from geofm.inference.engine import precision
from geofm.inference.engine.devices import Device
from geofm.inference.engine.parts import onnx_graph
from geofm.inference.engine.parts.graph import Graph, Shape, Source
from geofm.inference.engine.parts.onnx_graph import open_graph
from geofm.inference.engine.precision import Check
from geofm.inference.errors import InvalidRequest, UnsupportedInput

CPU = Device("CPU", "cpu", "The test asked for it.")
SHAPE = Shape(bands=3, classes=4, window=64)
GOOD = Check(cosine=0.9999, agreement=0.999, gain=2.0)
WINDOWS = np.random.default_rng(5).normal(size=(5, 3, 64, 64)).astype(np.float32)


def network(side: int | str = 64, dtype: int = TensorProto.FLOAT, node: str = "Relu") -> bytes:
    """Two convolutions with weights always the same."""
    chance = np.random.default_rng(3)
    kind = np.float16 if dtype == TensorProto.FLOAT16 else np.float32
    first, second = (
        numpy_helper.from_array(chance.normal(size=size).astype(kind) * kind(0.3), name)
        for name, size in (("first", (16, 3, 3, 3)), ("second", (4, 16, 1, 1)))
    )
    nodes = [
        helper.make_node("Conv", ["image", "first"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node(node, ["a"], ["b"]),
        helper.make_node("Conv", ["b", "second"], ["scores"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, dtype, ["n", bands, side, side])
        for name, bands in (("image", 3), ("scores", 4))
    ]
    graph = helper.make_graph(nodes, "small", ends[:1], ends[1:], [first, second])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 9
    onnx.checker.check_model(made)
    return made.SerializeToString()


@pytest.fixture(autouse=True)
def fresh(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing remembered, nothing asked for."""
    monkeypatch.setattr(precision, "_KNOWN", {})
    for name in ("GEOFM_PRECISION", "GEOFM_ONNX_RUNTIME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def with_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor that says it has AMX."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True, "cpu_name": "A chip"})


@pytest.fixture
def without_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)


@pytest.fixture
def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_graph, "_installed", lambda package: False)


@pytest.fixture
def openvino() -> object:
    return pytest.importorskip("openvino", reason="needs the extra openvino: resources/requirements")


@pytest.fixture
def in_bf16(openvino: object, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """OpenVINO as on a processor with bf16 units, which this one may lack; what it was asked for."""
    from geofm.inference.engine.parts import openvino_graph

    asked: list[str] = []
    real = openvino_graph.Compiled

    class Compiled(real):
        def __init__(self, source: Source, dtype: type[np.floating], precision: str) -> None:
            asked.append(precision)
            super().__init__(source, dtype, "float32")

    monkeypatch.setattr(openvino_graph, "Compiled", Compiled)
    return asked


def checked(monkeypatch: pytest.MonkeyPatch, outcome: Check) -> list[bool]:
    made: list[bool] = []

    def check(trial: Callable[[str], Callable[[], np.ndarray]], scores: bool) -> Check:
        made.append(scores)
        plain, low = trial("float32")(), trial("bfloat16")()
        assert plain.shape == low.shape == (2, 4, 64, 64)
        return outcome

    monkeypatch.setattr(precision, "self_check", check)
    return made


def opened(content: bytes | None = None) -> Graph:
    return open_graph(Source(content or network(), "small.onnx", "small 1", SHAPE), CPU)


def reference() -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(network(), providers=["CPUExecutionProvider"])
    return session.run(None, {"image": WINDOWS})[0]


# --- ONNX Runtime -----------------------------------------------------------------------------------


def test_a_bound_session_answers_as_a_plain_one(without_units: None) -> None:
    graph = opened()
    np.testing.assert_array_equal(graph.run(WINDOWS), reference())
    assert graph.facts["runtime"].startswith("ONNX Runtime ")
    assert graph.facts["precision"] == "float32"
    assert "no bf16 units" in graph.facts["precision_reason"]


def test_windows_cut_out_of_a_larger_array_come_out_right(without_units: None) -> None:
    """Their memory is not in one piece, which the runtime would read as if it were."""
    large = np.zeros((5, 3, 70, 80), np.float32)
    large[:, :, 3:67, 9:73] = WINDOWS
    np.testing.assert_array_equal(opened().run(large[:, :, 3:67, 9:73]), reference())


@pytest.mark.parametrize(("side", "any_side"), [(64, False), ("s", True)])
def test_only_a_network_without_a_fixed_side_is_given_another(side: int | str, any_side: bool) -> None:
    graph = opened(network(side))
    assert graph.any_side == any_side
    if any_side:
        assert graph.run(WINDOWS[:, :, :32, :32]).shape == (5, 4, 32, 32)


def test_with_units_and_without_openvino_the_answer_says_how_to_get_it(
    with_units: None, without_openvino: None
) -> None:
    facts = opened().facts
    assert facts["precision"] == "float32"
    assert "setup --extra openvino" in facts["runtime_reason"]


def test_a_runtime_that_is_asked_for_is_obeyed_or_refused(
    with_units: None, without_openvino: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOFM_ONNX_RUNTIME", "OnnxRuntime")
    assert opened().facts["runtime_reason"] == "It was asked for."
    monkeypatch.setenv("GEOFM_ONNX_RUNTIME", "openvino")
    with pytest.raises(UnsupportedInput, match="not installed") as caught:
        opened()
    assert "--extra openvino" in caught.value.hint
    monkeypatch.setenv("GEOFM_ONNX_RUNTIME", "tensorrt")
    with pytest.raises(InvalidRequest, match="tensorrt"):
        opened()


def test_a_gpu_that_onnx_runtime_cannot_use_is_told() -> None:
    gpu = Device("A GPU (cuda:0)", "cuda:0", "A usable GPU was found.")
    facts = open_graph(Source(network(), "small.onnx", "small 1", SHAPE), gpu).facts
    assert "cannot use the GPU" in facts["runtime_reason"]


# --- OpenVINO ---------------------------------------------------------------------------------------


def test_openvino_answers_the_same_and_no_window_depends_on_another(
    openvino: object, without_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOFM_ONNX_RUNTIME", "openvino")
    graph = opened()
    assert graph.facts["runtime"].startswith("OpenVINO ")
    assert (graph.facts["runtime_reason"], graph.facts["precision"]) == ("It was asked for.", "float32")
    found = graph.run(WINDOWS)
    np.testing.assert_allclose(found, reference(), atol=1e-5)
    np.testing.assert_array_equal(found, graph.run(WINDOWS))
    for index in range(len(WINDOWS)):
        np.testing.assert_array_equal(graph.run(WINDOWS[index : index + 1])[0], found[index])


def test_openvino_takes_half_precision_and_any_side(
    openvino: object, without_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = opened(network("s", TensorProto.FLOAT16))
    monkeypatch.setenv("GEOFM_ONNX_RUNTIME", "openvino")
    graph = opened(network("s", TensorProto.FLOAT16))
    assert "OpenVINO" in graph.facts["runtime"]
    half = WINDOWS.astype(plain.dtype)
    np.testing.assert_allclose(graph.run(half), plain.run(half), atol=2e-2)


def test_with_units_openvino_is_taken_if_its_check_passes(
    with_units: None, in_bf16: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = checked(monkeypatch, GOOD)
    for _ in range(2):
        facts = opened().facts
        assert facts["runtime"].startswith("OpenVINO")
        assert facts["precision"] == "bfloat16"
        assert "2.00 times as fast" in facts["precision_reason"]
    assert made == [True]
    assert set(in_bf16) == {"bfloat16"}


@pytest.mark.parametrize("outcome", [Check(0.9, 0.999, 2.0), Check(0.9999, 0.9, 2.0), Check(1.0, 1.0, 1.0)])
def test_with_a_check_that_fails_onnx_runtime_stays(
    outcome: Check, with_units: None, in_bf16: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(monkeypatch, outcome)
    graph = opened()
    assert graph.facts["runtime"].startswith("ONNX Runtime")
    assert "failed its check" in graph.facts["precision_reason"]
    np.testing.assert_array_equal(graph.run(WINDOWS), reference())


def test_the_check_compares_the_two_runtimes(with_units: None, in_bf16: list[str]) -> None:
    """The real one, in float32 on both sides: right, whatever the stopwatch says."""
    opened()
    (check,) = precision._KNOWN.values()
    assert check.cosine == pytest.approx(1)
    assert check.agreement > 0.999


def test_bf16_where_openvino_would_compute_in_float32_is_told(
    openvino: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a real processor without units, of which the machine is made to say otherwise."""
    if precision.bf16_units("cpu"):
        pytest.skip("this processor has bf16 units")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    monkeypatch.setenv("GEOFM_PRECISION", "bfloat16")
    facts = opened().facts
    assert facts["runtime"].startswith("ONNX Runtime")
    assert "asked for bf16, it computes in f32" in facts["runtime_reason"]


def test_a_network_that_openvino_cannot_compile_stays_with_onnx_runtime(
    openvino: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openvino as library

    def broken(*_: object) -> None:
        raise RuntimeError("Check failed at core.cpp:1:\n\nOperation 'Odd' is not supported.\n")

    monkeypatch.setattr(library.Core, "compile_model", broken)
    monkeypatch.setenv("GEOFM_ONNX_RUNTIME", "openvino")
    graph = opened()
    why = graph.facts["runtime_reason"]
    assert why == "OpenVINO cannot run this network: Operation 'Odd' is not supported."
    np.testing.assert_array_equal(graph.run(WINDOWS), reference())


def test_threads_are_those_of_the_machine_s_setting(
    openvino: object, without_units: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openvino as library

    seen: list[dict[str, object]] = []
    real = library.Core.compile_model

    def compile_model(self: object, model: object, device: str, options: dict[str, object]) -> object:
        seen.append(options)
        return real(self, model, device, options)

    monkeypatch.setattr(library.Core, "compile_model", compile_model)
    monkeypatch.setenv("GEOFM_ONNX_RUNTIME", "openvino")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        opened()
    finally:
        torch.set_num_threads(before)
    assert seen[0]["INFERENCE_NUM_THREADS"] == 1


def test_openvino_has_nothing_with_which_to_report_home(openvino: object) -> None:
    """Its telemetry is a package of its own, which is left out; see resources/requirements."""
    assert "openvino_telemetry" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        __import__("openvino_telemetry")
