"""Where a job computes: the device is chosen here, with the reason, never in silence."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..environment import accelerators
from ..environment.platforms import this_platform
from ..errors import InvalidRequest, UnsupportedInput
from ..machine import machine_memory

_CPU_PROVIDERS: tuple[str, ...] = ("CPUExecutionProvider",)


@dataclass(frozen=True)
class Device:
    """A place to compute.

    Attributes:
        name: for people, ``CPU (4 threads)`` or ``NVIDIA H100 (cuda:0)``.
        torch_device: for torch, ``cpu`` or ``cuda:0``.
        reason: why this one, and why not a GPU, or not another.
        onnx_providers: for ONNX Runtime, best first.
    """

    name: str
    torch_device: str
    reason: str
    onnx_providers: tuple[str, ...] = _CPU_PROVIDERS


def choose_device(wanted: str = "auto") -> Device:
    """The device for ``auto``, ``cpu``, ``cuda`` or ``cuda:<n>``.

    ``auto`` follows the variable GEOFM_DEVICE, else takes the GPU with the most free memory
    that passes a trial computation, else the processor.

    The processor computes with as many threads as the variable GEOFM_THREADS says, else as many as
    PyTorch chose.

    Raises:
        InvalidRequest: for any other text, or a GEOFM_THREADS that is no number from 1.
        UnsupportedInput: if a GPU was asked for by name and cannot be used; says why.
    """
    _limit_threads()
    asked = wanted or "auto"
    if asked == "auto":
        asked = os.environ.get("GEOFM_DEVICE") or "auto"
    form = re.fullmatch(r"(auto|cpu|cuda)(?:(?<=cuda):([0-9]+))?", asked)
    if not form:
        raise InvalidRequest(f"Unknown device {asked!r}.", "Known are: auto, cpu, cuda, cuda:0, cuda:1...")
    kind, number = form.groups()
    if kind == "cpu":
        return _cpu("The processor was asked for.")
    gpus = _gpus()
    usable = sorted((gpu for gpu in gpus if not gpu.fault), key=lambda gpu: (-gpu.free, gpu.index))
    chosen = [gpu for gpu in usable if not number or gpu.index == int(number)]
    if chosen:
        return _gpu(chosen[0], gpus, named=bool(number), asked=kind == "cuda")
    why_not = _why_none(gpus, int(number) if number else None)
    if kind == "cuda":
        raise UnsupportedInput(
            f"The GPU {asked} cannot be used: {why_not}.", "Choose the device auto or cpu."
        )
    return _cpu(f"No GPU is used: {why_not}.")


@dataclass(frozen=True)
class _Gpu:
    """One GPU as PyTorch counts them; memory in bytes, 0 where it does not work."""

    index: int
    name: str
    capability: str
    free: int
    total: int
    fault: str

    def __str__(self) -> str:
        return f"cuda:{self.index} ({self.name})"


def _limit_threads() -> None:
    import torch

    asked = os.environ.get("GEOFM_THREADS", "").strip()
    if not asked:
        return
    if not re.fullmatch(r"[1-9][0-9]{0,3}", asked):
        raise InvalidRequest(f"GEOFM_THREADS is {asked!r}.", "Give the number of threads, 1 or more.")
    torch.set_num_threads(int(asked))


def _cpu(reason: str) -> Device:
    import torch

    threads = torch.get_num_threads()
    return Device(f"CPU ({threads} thread{'s' if threads > 1 else ''})", "cpu", reason)


def _gpu(gpu: _Gpu, gpus: Sequence[_Gpu], *, named: bool, asked: bool) -> Device:
    import onnxruntime

    reason = "The GPU was asked for." if asked else "A usable GPU was found."
    if not named and len(gpus) > 1:
        reason = f"Of {len(gpus)} GPUs it has the most free memory."
    version = accelerators.module_version()
    driver = f", driver {version}" if version else ""
    reason += f" {_amount(gpu.free)} of {_amount(gpu.total)} GB are free{driver}."
    # One that somebody paid for and that is passed over is never passed over in silence.
    reason += "".join(f" {other} cannot be used: {other.fault}." for other in gpus if other.fault)
    providers = _CPU_PROVIDERS
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        providers = ("CUDAExecutionProvider", *_CPU_PROVIDERS)
        # Those of PyTorch's packages: it finds none by itself.
        onnxruntime.preload_dlls()
    else:
        reason += " ONNX models run on the processor: this ONNX Runtime was built without CUDA."
    return Device(f"{gpu.name} (cuda:{gpu.index})", f"cuda:{gpu.index}", reason, providers)


def _amount(count: int) -> str:
    """Memory as makers of GPUs count it, in units of 2^30 bytes."""
    return f"{count / 2**30:.0f}"


def _gpus() -> list[_Gpu]:
    """Every GPU that PyTorch sees, each tried."""
    import torch

    if torch.version.cuda is None or not torch.cuda.is_available():
        return []
    return [_looked_at(index) for index in range(torch.cuda.device_count())]


def _looked_at(index: int) -> _Gpu:
    import torch

    name, capability, memory = "GPU", "", (0, 0)
    fault = _trial(index)
    try:
        name = torch.cuda.get_device_name(index)
        capability = ".".join(map(str, torch.cuda.get_device_capability(index)))
        memory = (0, 0) if fault else torch.cuda.mem_get_info(index)
    except (RuntimeError, AssertionError) as error:
        fault = fault or _first_line(error)
    if "no kernel image" in fault:
        fault += f" (it has compute capability {capability}, PyTorch {', '.join(torch.cuda.get_arch_list())})"
    return _Gpu(index, name, capability, *memory, fault)


def _trial(index: int) -> str:
    """Compute a little on a GPU; the fault in words, empty if it works.

    ``is_available`` says yes to cards for which this build of PyTorch has no kernels.
    """
    import torch

    try:
        ones = torch.ones(8, 8, device=f"cuda:{index}")
        if float((ones @ ones).sum()) != 512.0:
            return "a trial computation came out wrong"
    except (RuntimeError, AssertionError) as error:
        return _first_line(error)
    return ""


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__


def _why_none(gpus: Sequence[_Gpu], number: int | None) -> str:
    """Why no GPU can be used, or not that of a number, as part of a sentence."""
    import torch

    if gpus and number is not None:
        there = [gpu.fault for gpu in gpus if gpu.index == number]
        return there[0] if there else f"there are only {', '.join(map(str, gpus))}"
    if gpus:
        return "; ".join(f"{gpu}: {gpu.fault}" for gpu in gpus)
    found, why_not = _driver()
    if torch.version.cuda is None:
        words = "this PyTorch was built without CUDA"
        if found.gpus and not why_not:
            hint = f". {accelerators.OWN_INDEX_HINT}" if accelerators.own_index(this_platform().tag) else ""
            return f"{words}; the set-up, run again, brings the build for {found.gpus[0]}{hint}".rstrip(".")
    else:
        words = f"PyTorch for CUDA {torch.version.cuda} found no working NVIDIA driver or GPU"
        if not why_not and os.environ.get("CUDA_VISIBLE_DEVICES") is not None:
            why_not = "the variable CUDA_VISIBLE_DEVICES hides those that there are"
    return f"{words} ({why_not})" if why_not and (found.gpus or found.fault) else words


@functools.lru_cache(maxsize=1)
def _driver() -> tuple[accelerators.Found, str]:
    """What the NVIDIA driver says, and why its GPUs cannot be used; asked once, for it may be slow."""
    platform = this_platform()
    found = accelerators.find_gpus(platform)
    return found, accelerators.obstacle(platform, found)


def device_facts() -> dict[str, Any]:
    """What doctor says of devices: the choice for ``auto``, every GPU with memory in bytes."""
    import torch

    from .precision import bf16_units

    facts: dict[str, Any] = {"cuda_build": torch.version.cuda, "cpu_threads": torch.get_num_threads()}
    try:
        chosen = choose_device("auto")
        facts["chosen"], facts["reason"] = chosen.name, chosen.reason
        facts["memory"] = _memory(chosen)
        facts["onnx_providers"] = list(chosen.onnx_providers)
        facts["bf16_units"] = bf16_units(chosen.torch_device)
    except (InvalidRequest, UnsupportedInput) as error:
        facts["chosen"], facts["reason"], facts["memory"] = None, str(error), None
    facts["gpus"] = [_gpu_facts(gpu) for gpu in _gpus()] or _unseen()
    return facts


def _memory(device: Device) -> int | None:
    """Bytes of memory that the device has, free or not."""
    import torch

    if device.torch_device == "cpu":
        return machine_memory()
    return int(torch.cuda.mem_get_info(torch.device(device.torch_device))[1])


def _gpu_facts(gpu: _Gpu) -> dict[str, Any]:
    return {
        "device": f"cuda:{gpu.index}",
        "name": gpu.name,
        "compute_capability": gpu.capability,
        "free": gpu.free,
        "total": gpu.total,
        "fault": gpu.fault,
    }


def _unseen() -> list[dict[str, Any]]:
    """GPUs that the driver tells of and PyTorch does not see, with the reason."""
    found, _ = _driver()
    tag = this_platform().tag
    return [
        {
            "device": "",
            "name": gpu.name,
            "compute_capability": gpu.compute_capability,
            "free": 0,
            "total": gpu.memory,
            "fault": accelerators.fault_of(gpu, tag) or _why_none((), None),
        }
        for gpu in found.gpus
    ]
