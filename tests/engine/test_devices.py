"""The choice of the device on this machine, whatever it has: never silent, never another than asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from geofm.inference.engine import devices, precision
from geofm.inference.engine.devices import choose_device, device_facts
from geofm.inference.environment import accelerators
from geofm.inference.environment.accelerators import Found, Gpu
from geofm.inference.environment.platforms import Platform
from geofm.inference.errors import InvalidRequest, UnsupportedInput

GPU = torch.cuda.is_available()
no_gpu = pytest.mark.skipif(GPU, reason="this machine has a GPU")
with_gpu = pytest.mark.skipif(not GPU, reason="needs an NVIDIA GPU")
GB = 2**30


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    """What the driver says is remembered for as long as an engine lives."""
    devices._driver.cache_clear()
    yield
    devices._driver.cache_clear()


class Machine:
    """GPUs in place of this machine's: what PyTorch and the driver say of them."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.cards: list[dict[str, Any]] = []
        self._patch = patch
        patch.delenv("GEOFM_DEVICE", raising=False)
        patch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        patch.setattr(accelerators, "module_version", lambda: "580.95.05")
        for name, answer in {
            "is_available": lambda: bool(self.cards),
            "device_count": lambda: len(self.cards),
            "get_device_name": lambda index: self.cards[index]["name"],
            "get_device_capability": lambda index: self.cards[index]["capability"],
            "mem_get_info": lambda index: self.cards[getattr(index, "index", index)]["memory"],
            "get_arch_list": lambda: ["sm_75", "sm_80", "sm_120"],
        }.items():
            patch.setattr(torch.cuda, name, answer)
        patch.setattr(precision, "bf16_units", lambda device: "")
        patch.setattr(devices, "_trial", lambda index: self.cards[index]["fault"])
        self.build("13.0")
        self.driver()

    def build(self, cuda: str | None) -> None:
        """Of PyTorch."""
        self._patch.setattr(torch.version, "cuda", cuda)

    def driver(self, *gpus: Gpu, fault: str = "") -> None:
        """What it says."""
        self._patch.setattr(accelerators, "find_gpus", lambda platform: Found(gpus, fault))
        self._patch.setattr(devices, "this_platform", lambda: Platform("linux", "x86_64", "glibc 2.36"))

    def card(self, name: str, free: float, total: float, fault: str = "") -> None:
        memory = (int(free * GB), int(total * GB))
        self.cards.append({"name": name, "capability": (8, 6), "memory": memory, "fault": fault})


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


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


# --- several GPUs, and those that do not work -------------------------------------------------------

ADA = Gpu(0, "NVIDIA RTX 4090", 24 * GB, "580.95.05", "8.9")
KERNEL = "CUDA error: no kernel image is available for execution on the device"


def test_of_several_the_one_with_most_free_memory_is_taken_and_all_are_listed(machine: Machine) -> None:
    machine.card("NVIDIA GeForce GTX 1050 Ti", 3.5, 4)
    machine.card("NVIDIA GeForce RTX 4060", 7, 8)
    device = choose_device("auto")
    assert device.name == "NVIDIA GeForce RTX 4060 (cuda:1)"
    assert device.reason.startswith("Of 2 GPUs it has the most free memory. 7 of 8 GB are free, ")
    facts = device_facts()
    assert [(gpu["device"], gpu["name"], gpu["total"]) for gpu in facts["gpus"]] == [
        ("cuda:0", "NVIDIA GeForce GTX 1050 Ti", 4 * GB),
        ("cuda:1", "NVIDIA GeForce RTX 4060", 8 * GB),
    ]
    assert facts["memory"] == 8 * GB


@pytest.mark.parametrize("by_variable", [False, True])
def test_the_gpu_that_is_named_is_taken(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, by_variable: bool
) -> None:
    machine.card("First", 3, 4)
    machine.card("Second", 7, 8)
    if by_variable:
        monkeypatch.setenv("GEOFM_DEVICE", "cuda:0")
    device = choose_device("auto" if by_variable else "cuda:0")
    assert device.torch_device == "cuda:0"
    assert device.reason.startswith("The GPU was asked for. 3 of 4 GB are free")


def test_a_gpu_that_does_not_work_is_passed_over_aloud_and_never_replaced(machine: Machine) -> None:
    machine.card("Old", 0, 0, KERNEL)
    machine.card("New", 7, 8)
    device = choose_device("auto")
    assert device.torch_device == "cuda:1"
    assert "cuda:0 (Old) cannot be used: CUDA error: no kernel image" in device.reason
    assert "compute capability 8.6, PyTorch sm_75, sm_80, sm_120" in device.reason
    with pytest.raises(UnsupportedInput, match="no kernel image"):
        choose_device("cuda:0")
    with pytest.raises(UnsupportedInput, match=r"there are only cuda:0 \(Old\), cuda:1 \(New\)"):
        choose_device("cuda:2")
    machine.cards.pop()
    device = choose_device("auto")
    assert device.torch_device == "cpu"
    assert device.reason.startswith("No GPU is used: cuda:0 (Old): CUDA error: no kernel image")
    assert device_facts()["gpus"][0]["fault"].startswith(KERNEL)


def test_a_build_without_cuda_beside_a_good_gpu_says_what_to_do(machine: Machine) -> None:
    machine.build(None)
    machine.driver(ADA)
    reason = choose_device("auto").reason
    assert "built without CUDA; the set-up, run again, brings the build for NVIDIA RTX 4090 (24 GB" in reason
    (gpu,) = device_facts()["gpus"]
    assert (gpu["device"], gpu["name"], gpu["total"]) == ("", "NVIDIA RTX 4090", 24 * GB)
    assert "the set-up, run again" in gpu["fault"]


def test_on_windows_it_says_where_that_build_comes_from(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.build(None)
    machine.driver(ADA)
    assert "Get Started" not in choose_device("auto").reason
    monkeypatch.setattr(devices, "this_platform", lambda: Platform("windows", "x86_64"))
    devices._driver.cache_clear()
    assert "brings the build for NVIDIA RTX 4090" in choose_device("auto").reason
    assert choose_device("auto").reason.endswith("its page Get Started on pytorch.org gives the address.")


@pytest.mark.parametrize("cuda", ["13.0", None])
def test_a_driver_that_is_too_old_is_named(machine: Machine, cuda: str | None) -> None:
    machine.build(cuda)
    machine.driver(Gpu(0, "NVIDIA RTX 4090", 24 * GB, "550.54.14", "8.9"))
    assert "its driver 550.54.14 is too old, CUDA 13.0 needs 580 or newer" in choose_device("auto").reason
    assert "550.54.14" in device_facts()["gpus"][0]["fault"]


def test_a_driver_that_does_not_run_is_named(machine: Machine) -> None:
    machine.driver(fault="the NVIDIA driver is not running")
    reason = choose_device("auto").reason
    assert reason.endswith("found no working NVIDIA driver or GPU (the NVIDIA driver is not running).")
    assert device_facts()["gpus"] == []


def test_gpus_that_a_variable_hides_are_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.driver(ADA)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert "the variable CUDA_VISIBLE_DEVICES hides" in choose_device("auto").reason


def test_without_any_gpu_nothing_is_said_of_drivers(machine: Machine) -> None:
    machine.build(None)
    assert choose_device("auto").reason == "No GPU is used: this PyTorch was built without CUDA."
