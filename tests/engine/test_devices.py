"""The choice of the device on this machine, whatever it has: never silent, never another than asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from geofm.inference.engine.devices import choose_device, device_facts
from geofm.inference.errors import InvalidRequest, UnsupportedInput

GPU = torch.cuda.is_available()
no_gpu = pytest.mark.skipif(GPU, reason="this machine has a GPU")
with_gpu = pytest.mark.skipif(not GPU, reason="needs an NVIDIA GPU")


def test_the_processor_is_always_there() -> None:
    device = choose_device("cpu")
    assert device.torch_device == "cpu"
    assert device.name.startswith("CPU (")
    assert device.onnx_providers == ("CPUExecutionProvider",)


@pytest.mark.parametrize("wanted", ["gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "auto:1", "CUDA"])
def test_other_words_are_refused(wanted: str) -> None:
    with pytest.raises(InvalidRequest, match="Unknown device"):
        choose_device(wanted)


@no_gpu
def test_without_a_gpu_auto_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOFM_DEVICE", raising=False)
    device = choose_device("auto")
    assert device.torch_device == "cpu"
    assert device.reason.startswith("No GPU is used: ")
    facts = device_facts()
    assert facts["chosen"] == device.name
    assert facts["gpus"] == []


@no_gpu
@pytest.mark.parametrize("wanted", ["cuda", "cuda:1"])
def test_a_gpu_that_is_not_there_is_never_replaced(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsupportedInput, match="cannot be used") as caught:
        choose_device(wanted)
    assert "cpu" in caught.value.hint
    monkeypatch.setenv("GEOFM_DEVICE", wanted)
    with pytest.raises(UnsupportedInput):
        choose_device("auto")
    assert choose_device("cpu").torch_device == "cpu"
    facts = device_facts()
    assert facts["chosen"] is None
    assert "cannot be used" in facts["reason"]


@with_gpu
def test_a_gpu_is_taken_and_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOFM_DEVICE", raising=False)
    device = choose_device("auto")
    assert device.torch_device.startswith("cuda:")
    ones = torch.ones(4, 4, device=device.torch_device)
    np.testing.assert_array_equal((ones @ ones).cpu().numpy(), np.full((4, 4), 4.0))
    with pytest.raises(UnsupportedInput):
        choose_device("cuda:99")
    assert device_facts()["gpus"][0]["total"] > 0


def test_threads_are_as_many_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    wanted = 1 if before > 1 else 2
    monkeypatch.setenv("GEOFM_THREADS", str(wanted))
    try:
        assert f"({wanted} thread" in choose_device("cpu").name
        assert torch.get_num_threads() == wanted
        monkeypatch.setenv("GEOFM_THREADS", " ")
        choose_device("cpu")
        assert torch.get_num_threads() == wanted
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "99999"])
def test_another_number_of_threads_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_THREADS", text)
    with pytest.raises(InvalidRequest, match="GEOFM_THREADS"):
        choose_device("cpu")
