"""Which of its builds the engine gets, for the processor or for NVIDIA GPUs, and why. Standard library alone.

What is known of GPUs comes from ``nvidia-smi``, which lies beside every NVIDIA driver; where it is out of
reach (Flatpak), from what the driver's module says under /proc. Whether a GPU really computes is known when
it has: the set-up's trial and the engine try.
"""

from __future__ import annotations

import csv
import shutil
import subprocess  # nosec B404
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import requirements
from .platforms import Platform, numbers
from .pythons import NO_WINDOW
from .requirements import OwnBuild
from .variables import child_environment

# Of the lists with CUDA. What they hold of it is of this release, see cuda.in.
CUDA = "13.0"
# NVIDIA, CUDA Compatibility, Minor Version Compatibility, table 1: CUDA 13.x runs on drivers from 580
# (docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html).
MIN_DRIVER = 580
# The compute capabilities that PyTorch 2.13.0 has kernels for, as the wheels of the lists say
# (torch.cuda.get_arch_list()). They run on all later ones of the same major number
# (docs.nvidia.com/cuda/cuda-c-programming-guide, binary compatibility), and there are none to translate for
# what comes after.
KERNELS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "linux-x86_64": ((7, 5), (8, 0), (8, 6), (9, 0), (10, 0), (12, 0)),
    "linux-aarch64": ((8, 0), (9, 0), (10, 0), (11, 0), (12, 0)),
    # Of .ci/pytorch/windows in PyTorch's source; the wheel cannot be had where this was written.
    "windows-x86_64": ((7, 5), (8, 0), (8, 6), (9, 0), (10, 0), (12, 0)),
}
# ONNX Runtime's wheels with CUDA are tagged manylinux_2_34 there.
_MIN_GLIBC = {"linux-aarch64": (2, 34)}

# How a machine gets a build that lies on PyTorch's own index alone.
OWN_INDEX_HINT = (
    f"Name PyTorch's own index for CUDA {CUDA} in the further indexes of the set-up (--extra-index); its "
    "page Get Started on pytorch.org gives the address."
)
_NOT_OFFERED = "pip finds PyTorch's build with CUDA on none of the indexes that it knows"

_FIELDS = ("index", "name", "memory.total", "driver_version", "compute_cap")
# A driver that hangs does so for minutes.
_PATIENCE = 20.0
_PROC = Path("/proc/driver/nvidia")
# What JetPack writes its release into.
_TEGRA = Path("/etc/nv_tegra_release")
# What the program says when it fails, and what that means.
_FAILURES = {
    "couldn't communicate with the nvidia driver": "the NVIDIA driver is not running",
    "driver/library version mismatch": "the NVIDIA driver was renewed and needs a restart of this machine",
    "no devices were found": "the NVIDIA driver finds no GPU",
    "blocked by the operating system": "the system keeps the NVIDIA driver from the GPU",
    "insufficient permissions": "this user must not use the NVIDIA driver",
    "unable to determine the device handle": "the GPU does not answer its driver; restart this machine",
    "gpu is lost": "the GPU does not answer its driver; restart this machine",
}


@dataclass(frozen=True)
class Gpu:
    """One NVIDIA GPU, as its driver tells of it.

    Attributes:
        index: in the order of the bus; PyTorch may count in another.
        name: of the product.
        memory: bytes; 0 where the driver does not say, as with memory shared with the processor.
        driver: its version; empty where it does not say.
        compute_capability: such as 8.6; empty where the driver does not say.
    """

    index: int
    name: str
    memory: int = 0
    driver: str = ""
    compute_capability: str = ""

    def __str__(self) -> str:
        facts = [f"{self.memory / 2**30:.0f} GB"] if self.memory else []
        facts += [f"driver {self.driver}"] if self.driver else []
        return f"{self.name} ({', '.join(facts)})" if facts else self.name


@dataclass(frozen=True)
class Found:
    """The GPUs that were found, or why none could be.

    Attributes:
        gpus: of NVIDIA.
        fault: what is wrong with the driver, as part of a sentence; empty where nothing is.
    """

    gpus: tuple[Gpu, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Accelerator:
    """What the engine's libraries are built for.

    Attributes:
        name: ``cpu`` or ``cuda``.
        reason: why, in one sentence.
        gpus: those that were found, usable or not.
        problem: why its packages cannot be had, in one sentence; empty where nothing is known against it.
    """

    name: str
    reason: str
    gpus: tuple[Gpu, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Answer:
    """What was heard of GPUs.

    Attributes:
        code: the exit code of nvidia-smi; None where there is no such program, or it did not end.
        text: what it wrote.
        hung: whether it did not end.
        kernel: the version of the driver's module, as /proc says it.
        names: of GPUs, as /proc says them.
        jetson: whether this is NVIDIA's board with a GPU in its processor.
    """

    code: int | None = None
    text: str = ""
    hung: bool = False
    kernel: str = ""
    names: tuple[str, ...] = ()
    jetson: bool = False


def choose(
    platform: Platform,
    found: Found,
    wanted: str = "auto",
    offered: Callable[[OwnBuild], bool] = lambda build: True,
) -> Accelerator:
    """The build for a machine, with a sentence that says why, and one how to get another.

    Args:
        platform: the machine.
        found: of :func:`find_gpus`.
        wanted: ``auto``, ``cpu`` or ``cuda``. CUDA is installed where it is asked for and there are packages,
            whatever GPUs there are: the machine that installs need not be the one that computes.
        offered: whether a set-up gets a build that lies on an index of its maker's own, as
            :func:`.offers.offered`; asked where it would be installed.
    """
    if wanted == "cpu":
        return Accelerator("cpu", "The processor was asked for.", found.gpus)
    lacking, why_not = _lacking(platform), obstacle(platform, found)
    if lacking and wanted == "cuda":
        return Accelerator("cpu", f"CUDA was asked for, but {lacking}: the processor is used.", found.gpus)
    if lacking and found.gpus:
        return Accelerator("cpu", f"{found.gpus[0]} is not used: {lacking}.", found.gpus)
    own = own_index(platform.tag)
    if own and (wanted == "cuda" or not why_not) and not offered(own):
        if wanted == "cuda":
            problem = f"CUDA was asked for, but {_NOT_OFFERED}."
            return Accelerator("cuda", problem, found.gpus, problem)
        reason = f"{_usable(platform, found)[0]} is not used: {_NOT_OFFERED}. {OWN_INDEX_HINT}"
        return Accelerator("cpu", reason, found.gpus)
    if not why_not:
        usable = _usable(platform, found)
        more = f", the first of {len(usable)} GPUs that can" if len(usable) > 1 else ""
        return Accelerator("cuda", f"{usable[0]} can run CUDA {CUDA}{more}.", found.gpus)
    if wanted == "cuda":
        return Accelerator("cuda", f"CUDA was asked for, but it cannot be used here: {why_not}.", found.gpus)
    return Accelerator("cpu", f"No GPU is used: {why_not}.", found.gpus)


def own_index(tag: str) -> OwnBuild | None:
    """PyTorch's build with CUDA where an index of its own alone has it; None elsewhere.

    Args:
        tag: of the platform.
    """
    build = requirements.own_build(f"{tag}-cuda.txt")
    return build if build and build.only else None


def obstacle(platform: Platform, found: Found) -> str:
    """Why none of the GPUs can run the lists' build, as part of a sentence; empty if one can."""
    lacking = _lacking(platform)
    if lacking and found.gpus:
        return lacking
    if _usable(platform, found):
        return ""
    faults = "; ".join(f"{gpu.name}: {fault_of(gpu, platform.tag)}" for gpu in found.gpus)
    return faults or found.fault or "there is no NVIDIA GPU with its driver"


def find_gpus(platform: Platform) -> Found:
    """The NVIDIA GPUs of this machine, as their driver tells of them; takes 20 s where it hangs."""
    return understood(_heard(platform))


def understood(answer: Answer) -> Found:
    """What an answer says of GPUs."""
    if answer.hung:
        return Found(fault="the NVIDIA driver does not answer")
    rows = _rows(answer.text) if answer.code is not None else []
    if rows:
        return Found(tuple(rows))
    if answer.code is not None:
        said = answer.text.strip().splitlines()
        means = [words for sign, words in _FAILURES.items() if sign in answer.text.lower()]
        first = said[0].rstrip(".") if said else f"it ends with {answer.code}"
        return Found(fault=means[0] if means else f"nvidia-smi fails: {first}")
    found = tuple(Gpu(n, name, driver=answer.kernel) for n, name in enumerate(answer.names))
    jetson = answer.jetson and not found
    return Found(found, "the GPU of this Jetson needs the build of PyTorch for its JetPack" if jetson else "")


def _lacking(platform: Platform) -> str:
    """Why there are no packages with CUDA for a machine, as part of a sentence; empty where there are."""
    if platform.system == "macos":
        return "there is no CUDA for macOS"
    if "cuda" not in requirements.accelerators(platform.tag):
        return (
            f"PyTorch's build with CUDA for {platform.tag} is not on the package index, and GeoFM installs "
            "nothing whose digest it does not know (a Python that has it can be named in GEOFM_PYTHON)"
        )
    least = _MIN_GLIBC.get(platform.tag, ())
    if least and numbers(platform.libc) < least:
        return f"ONNX Runtime with CUDA needs glibc {'.'.join(map(str, least))}, and here is {platform.libc}"
    return ""


def _usable(platform: Platform, found: Found) -> list[Gpu]:
    return [gpu for gpu in found.gpus if not fault_of(gpu, platform.tag)]


def fault_of(gpu: Gpu, tag: str) -> str:
    """Why a GPU cannot run the lists' build, as part of a sentence; empty if it can, as far as is known.

    Args:
        gpu: as its driver tells of it.
        tag: of the platform.
    """
    kernels = KERNELS.get(tag, ())
    capability = numbers(gpu.compute_capability)
    if capability and kernels:
        if capability < kernels[0]:
            return (
                f"its compute capability {gpu.compute_capability} is older than "
                f"{_text(kernels[0])}, the oldest that PyTorch is built for"
            )
        if not any(built[0] == capability[0] and built <= capability for built in kernels):
            return f"PyTorch is not built for its compute capability, {gpu.compute_capability}"
    driver = numbers(gpu.driver)
    if not driver:
        return f"its driver does not say which version it is, and CUDA {CUDA} needs {MIN_DRIVER}"
    if driver[0] < MIN_DRIVER:
        return f"its driver {gpu.driver} is too old, CUDA {CUDA} needs {MIN_DRIVER} or newer"
    return ""


def _text(version: Iterable[int]) -> str:
    return ".".join(map(str, version))


# --- reading ----------------------------------------------------------------------------------


def _rows(text: str) -> list[Gpu]:
    """The GPUs in a table of nvidia-smi; lines of another kind, such as warnings, are passed over."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith("index, name")), None)
    if start is None:
        return []
    titles = [title.split(" [")[0] for title in lines[start].split(", ")]
    found = []
    for cells in csv.reader(lines[start + 1 :], skipinitialspace=True):
        row = {title: _said(cell) for title, cell in zip(titles, cells)}
        if len(cells) == len(titles) and row["index"].isdigit():
            found.append(
                Gpu(
                    int(row["index"]),
                    row["name"],
                    _bytes(row["memory.total"]),
                    row["driver_version"],
                    row.get("compute_cap", ""),
                )
            )
    return found


def _said(cell: str) -> str:
    """What a cell says; nothing where the driver does not know, ``[N/A]`` or ``[Not Supported]``."""
    text = cell.strip()
    return "" if text.startswith("[") or text == "N/A" else text


def _bytes(text: str) -> int:
    """Of ``24576 MiB``."""
    number, _, unit = text.partition(" ")
    return int(number) * 2**20 if unit == "MiB" and number.isdigit() else 0


def _heard(platform: Platform) -> Answer:
    program = _program(platform)
    if program:
        answer = _ask(program, _FIELDS)
        # Drivers before 2021 do not know the last field; they are too old, which is what must be told.
        if "not a valid field" in answer.text:
            answer = _ask(program, _FIELDS[:-1])
        return answer
    return Answer(kernel=module_version(), names=_names(), jetson=_TEGRA.is_file())


def _ask(program: str, fields: Iterable[str]) -> Answer:
    try:
        # The driver's own program, and fixed words.
        done = subprocess.run(  # nosec B603
            [program, f"--query-gpu={','.join(fields)}", "--format=csv"],
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            creationflags=NO_WINDOW,
        )
    except subprocess.TimeoutExpired:
        return Answer(hung=True)
    except OSError as error:
        return Answer(1, str(error))
    return Answer(done.returncode, done.stdout)


def _program(platform: Platform) -> str:
    """Where nvidia-smi lies; empty where it does not."""
    environ = platform.environ
    if platform.system == "windows":
        # The older drivers had a folder of their own for it.
        places = [
            environ.get("SYSTEMROOT", "C:\\Windows") + "\\System32\\nvidia-smi.exe",
            environ.get("PROGRAMFILES", "C:\\Program Files") + "\\NVIDIA Corporation\\NVSMI\\nvidia-smi.exe",
        ]
    else:
        # In Windows' Linux the driver is Windows' own and lies off the path of services.
        places = ["/usr/bin/nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi"]
    found = shutil.which("nvidia-smi", path=environ.get("PATH")) if platform.system != "macos" else None
    return found or next((place for place in places if Path(place).is_file()), "")


def module_version() -> str:
    """The version of the driver's module in Linux; empty where there is none, without asking any program."""
    # NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue Sep ...
    try:
        text = (_PROC / "version").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    words = text.splitlines()[0].split() if text else []
    return next((word for word in words if len(numbers(word)) > 1), "")


def _names() -> tuple[str, ...]:
    """Of the lines ``Model: NVIDIA GeForce RTX 3080``."""
    found = []
    for path in sorted(_PROC.glob("gpus/*/information")):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        rows = (line.partition(":") for line in text.splitlines())
        found += [value.strip() for title, _, value in rows if title.strip() == "Model"]
    return tuple(found)
