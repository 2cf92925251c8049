"""What the engine's environment is made of: pinned lists, chosen by the machine. Standard library alone."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from ..errors import InvalidRequest
from .pythons import NO_WINDOW
from .variables import child_environment

ENGINE = "engine.txt"
# Two builds of one library, which lie in one folder: never both.
WITH_CUDA, WITHOUT_CUDA = "onnxruntime-gpu.txt", "onnxruntime.txt"
EXTRAS = {"openvino": "openvino.txt"}
# Installed without what they ask for: OpenVINO asks for a package that reports its use over the network.
ALONE = frozenset(EXTRAS.values())

_GPUS = "/proc/driver/nvidia/gpus"


def folder() -> Path:
    """Where the lists lie."""
    return Path(__file__).resolve().parents[2] / "resources" / "requirements"


def wanted(extras: Iterable[str] = ()) -> tuple[str, ...]:
    """Names of the lists that this machine's environment is made from, in the order of installing.

    Raises:
        InvalidRequest: for an extra that there is none of.
    """
    unknown = sorted(set(extras) - set(EXTRAS))
    if unknown:
        raise InvalidRequest(f"There is no extra {', '.join(unknown)}.", f"Known are: {', '.join(EXTRAS)}.")
    runtime = WITH_CUDA if has_nvidia_gpu() else WITHOUT_CUDA
    return (ENGINE, runtime, *(EXTRAS[name] for name in sorted(set(extras))))


def has_nvidia_gpu() -> bool:
    """Whether an NVIDIA GPU with its driver is here, for which ONNX Runtime has a build."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    if os.name == "nt":
        return (Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "System32" / "nvcuda.dll").is_file()
    if Path(_GPUS).is_dir() and any(Path(_GPUS).iterdir()):
        return True
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        answer = subprocess.run(
            [program, "-L"],
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired):
        # A program that does not run, or a driver that hangs: no GPU that could be used.
        return False
    return answer.returncode == 0 and answer.stdout.startswith("GPU ")


def packages(names: Iterable[str]) -> int:
    """How many packages the lists name."""
    lines = [line.strip() for name in names for line in _text(name).splitlines()]
    return sum(1 for line in lines if line and not line.startswith(("#", "-")))


def digest(name: str) -> str:
    """Of a list; empty if this version has none of that name."""
    if not (folder() / name).is_file():
        return ""
    return "sha256:" + hashlib.sha256(_text(name).encode("utf-8")).hexdigest()


def _text(name: str) -> str:
    # Line ends are normalised: a checkout on Windows is the same environment.
    return (folder() / name).read_text(encoding="utf-8")
