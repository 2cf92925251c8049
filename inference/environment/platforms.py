"""What is known of this machine, as data, so that decisions for any machine can be tried on any other.

Standard library alone. Nothing is started: a :class:`Platform` is made in a millisecond.
"""

from __future__ import annotations

import ntpath
import os
import platform
import posixpath
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

Version = tuple[int, ...]

# PyTorch's wheels are tagged manylinux_2_28 and macosx_14_0 (PEP 600, PEP 425).
MIN_GLIBC: Version = (2, 28)
MIN_MACOS: Version = (14, 0)
# The first Windows on ARM that runs programs for x86_64.
_WINDOWS_11: Version = (10, 0, 22000)

_SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}
_NAMES = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
_MACHINES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64", "i386": "i686", "x86": "i686"}


@dataclass(frozen=True)
class Platform:
    """A machine, and the Python that this code runs in there.

    Attributes:
        system: ``linux``, ``windows``, ``macos``, else what Python calls it.
        machine: of the hardware, also where this process is emulated: ``x86_64``, ``aarch64``, ``i686``...
        libc: ``glibc 2.36`` or ``musl``; empty on Windows and macOS.
        release: of the system: ``10.0.22631``, ``14.5``; on Linux that of the kernel.
        bundle: what this QGIS or Python came in: ``osgeo4w``, ``msi``, ``app`` (macOS), ``flatpak``,
            ``snap``, ``conda``; empty for the system's own.
        executable: ``sys.executable``; inside QGIS on Windows and macOS that is QGIS itself.
        prefix: ``sys.base_prefix``, where the standard library of this Python lies.
        version: of this Python.
        environ: the variables of this process.
    """

    system: str
    machine: str
    libc: str = ""
    release: str = ""
    bundle: str = ""
    executable: str = ""
    prefix: str = ""
    version: Version = (0, 0, 0)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def target(self) -> str:
        """The machine that the engine's libraries must be made for.

        On Windows always x86_64: rasterio and others have no wheels for ARM there, and Windows 11 runs
        x86_64 on it.
        """
        return "x86_64" if self.system == "windows" and self.machine == "aarch64" else self.machine

    @property
    def tag(self) -> str:
        """The name of its requirement lists: ``linux-x86_64``, ``linux-aarch64``, ``windows-x86_64``,
        ``macos-arm64``, ``macos-x86_64``; with ``-musl`` where there is another C library."""
        machine = "arm64" if (self.system, self.target) == ("macos", "aarch64") else self.target
        return f"{self.system}-{machine}" + ("-musl" if self.libc.startswith("musl") else "")

    @property
    def fault(self) -> str:
        """Why the engine cannot run on this machine at all, in one sentence; empty where it can."""
        release, name = numbers(self.release), _NAMES.get(self.system, self.system)
        if self.system not in _NAMES:
            return f"The engine's libraries are made for Linux, Windows and macOS, not for {name}."
        if self.target not in ("x86_64", "aarch64"):
            return f"The engine's libraries are made for 64-bit Intel, AMD and ARM, not for {self.machine}."
        if self.libc.startswith("musl"):
            return "PyTorch has no build for musl, the C library of this Linux (Alpine and others)."
        if self.libc.startswith("glibc") and numbers(self.libc) < MIN_GLIBC:
            return f"This Linux is too old: it has {self.libc}, and PyTorch needs glibc {text_of(MIN_GLIBC)}."
        if self.system == "macos" and release and release < MIN_MACOS:
            return f"macOS {self.release} is too old: PyTorch needs macOS {text_of(MIN_MACOS)}."
        if self.target != self.machine and release and release < _WINDOWS_11:
            return "On ARM the engine needs Windows 11, which runs programs for 64-bit Intel and AMD."
        return ""

    @property
    def paths(self) -> ModuleType:
        """How its paths are put together, whatever machine this code runs on."""
        return ntpath if self.system == "windows" else posixpath


def this_platform() -> Platform:
    """What is known of the machine and the Python that this runs on."""
    system = _SYSTEMS.get(sys.platform, sys.platform)
    releases = {"windows": platform.version(), "macos": platform.mac_ver()[0]}
    return Platform(
        system=system,
        machine=_machine(system),
        libc=_libc() if system == "linux" else "",
        release=releases.get(system, platform.release()),
        bundle=_bundle(system, sys.base_prefix, os.environ),
        executable=sys.executable or "",
        prefix=sys.base_prefix,
        version=tuple(sys.version_info[:3]),
        environ=dict(os.environ),
    )


def machine_of(word: str) -> str:
    """One name for each machine: Windows says AMD64 and ARM64, macOS arm64, Linux x86_64 and aarch64."""
    return _MACHINES.get(word.lower(), word.lower())


def numbers(text: str) -> Version:
    """The first version in a text as numbers: (2, 36) of ``glibc 2.36``; empty if there is none."""
    for word in text.split():
        parts = word.split("-")[0].split(".")
        if all(part.isdigit() for part in parts):
            return tuple(map(int, parts))
    return ()


def text_of(version: Version) -> str:
    return ".".join(map(str, version))


def _machine(system: str) -> str:
    """Of the hardware: QGIS for Intel runs on ARM too, and then says that the machine is an Intel."""
    machine = machine_of(platform.machine())
    if system == "macos" and "ARM64" in platform.version():
        return "aarch64"
    if system == "windows":
        # A 32-bit process on a 64-bit system is told the latter by this variable.
        native = os.environ.get("PROCESSOR_ARCHITEW6432") or machine
        arm = "ARM" in os.environ.get("PROCESSOR_IDENTIFIER", "") or sysconfig.get_platform() == "win-arm64"
        return "aarch64" if arm else machine_of(native)
    return machine


def _libc() -> str:
    try:
        said = os.confstr("CS_GNU_LIBC_VERSION")
    # Another C library does not know the name.
    except (OSError, ValueError):
        said = None
    if said:
        return said
    return "musl" if any(Path("/lib").glob("ld-musl-*")) else ""


def _bundle(system: str, prefix: str, environ: Mapping[str, str]) -> str:
    if (Path(prefix) / "conda-meta").is_dir():
        return "conda"
    if system == "windows":
        return _windows_bundle(prefix, environ)
    if system == "macos":
        return "app" if ".app/Contents/" in prefix + "/" else ""
    if environ.get("FLATPAK_ID") or Path("/.flatpak-info").exists():
        return "flatpak"
    # Programs started from another snap inherit its variables.
    return "snap" if "qgis" in environ.get("SNAP_NAME", "") else ""


def _windows_bundle(prefix: str, environ: Mapping[str, str]) -> str:
    apps = ntpath.dirname(prefix)
    if ntpath.basename(apps).lower() != "apps":
        return ""
    root = environ.get("OSGEO4W_ROOT") or ntpath.dirname(apps)
    # The stand-alone installer lays the same tree, in a folder with the name of the QGIS.
    return "msi" if ntpath.basename(root.rstrip("\\/")).upper().startswith("QGIS") else "osgeo4w"
