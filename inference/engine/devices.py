"""Where a job computes: the device is chosen here, with the reason, never in silence."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidRequest, UnsupportedInput
from ..machine import machine_memory

_CPU_PROVIDERS: tuple[str, ...] = ("CPUExecutionProvider",)


@dataclass(frozen=True)
class Device:
    """A place to compute.

    Attributes:
        name: for people, ``CPU (4 threads)`` or ``NVIDIA H100 (cuda:0)``.
        torch_device: for torch, ``cpu`` or ``cuda:0``.
        reason: one sentence: why this one, and why not a GPU.
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
    usable, why_not = _usable_gpus()
    if number:
        usable = [index for index in usable if index == int(number)]
    if usable:
        return _gpu(usable[0], "The GPU was asked for." if kind == "cuda" else "A usable GPU was found.")
    if kind == "cuda":
        raise UnsupportedInput(
            f"The GPU {asked} cannot be used: {why_not}.", "Choose the device auto or cpu."
        )
    return _cpu(f"No GPU is used: {why_not}.")


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


def _gpu(index: int, reason: str) -> Device:
    import onnxruntime
    import torch

    providers = _CPU_PROVIDERS
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        providers = ("CUDAExecutionProvider", *_CPU_PROVIDERS)
        # Those of PyTorch's packages: it finds none by itself.
        onnxruntime.preload_dlls()
    else:
        reason += " ONNX models run on the processor: this ONNX Runtime was built without CUDA."
    name = f"{torch.cuda.get_device_name(index)} (cuda:{index})"
    return Device(name, f"cuda:{index}", reason, providers)


def _usable_gpus() -> tuple[list[int], str]:
    """Indices of GPUs that really compute, most free memory first; else why there is none."""
    import torch

    if torch.version.cuda is None:
        return [], "this PyTorch was built without CUDA"
    if not torch.cuda.is_available():
        return [], f"PyTorch for CUDA {torch.version.cuda} found no working NVIDIA driver or GPU"
    faults = {index: _trial(index) for index in range(torch.cuda.device_count())}
    usable = [index for index, fault in faults.items() if not fault]
    if usable:
        usable.sort(key=lambda index: (-torch.cuda.mem_get_info(index)[0], index))
        return usable, "there is no GPU of this number"
    return [], "; ".join(f"cuda:{index}: {fault}" for index, fault in faults.items())


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
        return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    return ""


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
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    facts["gpus"] = [_gpu_facts(index) for index in gpus]
    return facts


def _memory(device: Device) -> int | None:
    """Bytes of memory that the device has, free or not."""
    import torch

    if device.torch_device == "cpu":
        return machine_memory()
    return int(torch.cuda.mem_get_info(torch.device(device.torch_device))[1])


def _gpu_facts(index: int) -> dict[str, Any]:
    import torch

    fault = _trial(index)
    free, total = (0, 0) if fault else torch.cuda.mem_get_info(index)
    name = torch.cuda.get_device_name(index)
    return {"device": f"cuda:{index}", "name": name, "free": free, "total": total, "fault": fault}
