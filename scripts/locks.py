"""Makes the lists that the engine's environment is installed from: `make locks`.

For each platform and accelerator, all packages that resources/requirements/*.in ask for, each with its
version and the SHA-256 of every wheel of it that CPython 3.11, 3.12 and 3.13 take there. Versions that the
lists have already are kept, but for those that ``--upgrade`` names. ``--sizes`` downloads the wheels of one
Python, a few gigabytes, and notes what they weigh.

uv resolves, for platforms other than this one too; which wheels there are, the index that it is configured
with says.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomllib

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "build" / "plugins"))

from geofm.inference.environment import requirements  # noqa: E402

PYTHONS = ("3.11", "3.12", "3.13")
SIZED = "3.12"  # its wheels are weighed; those of the others differ by a few percent


@dataclass(frozen=True)
class Target:
    """A platform as uv and pip name it.

    Attributes:
        uv: for ``uv pip compile --python-platform``.
        pip: wheel tags for ``pip download --platform``, which takes no other.
        accelerators: of which there are wheels on the index.
        cuda_build: whether PyTorch's wheel there is the one with CUDA.
        newer_uv: instead of ``uv``, for what has wheels for newer systems only.
    """

    uv: str
    pip: tuple[str, ...]
    accelerators: tuple[str, ...] = ("cpu",)
    cuda_build: bool = False
    newer_uv: str = ""


# PyTorch's wheels need glibc 2.28 or macOS 14; on ARM those of ONNX Runtime with CUDA need glibc 2.34, and
# those of OpenVINO 2.35.
TARGETS = {
    "linux-x86_64": Target(
        "x86_64-manylinux_2_28",
        tuple(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)) + ("manylinux2014_x86_64",),
        ("cpu", "cuda"), cuda_build=True,
    ),
    "linux-aarch64": Target(
        "aarch64-manylinux_2_28",
        tuple(f"manylinux_2_{minor}_aarch64" for minor in range(35, 16, -1)) + ("manylinux2014_aarch64",),
        ("cpu", "cuda"), cuda_build=True, newer_uv="aarch64-manylinux_2_35",
    ),
    "windows-x86_64": Target("x86_64-pc-windows-msvc", ("win_amd64",), ("cpu", "cuda")),
    "macos-arm64": Target(
        "aarch64-apple-darwin",
        tuple(f"macosx_{major}_0_{kind}" for major in range(14, 10, -1) for kind in ("arm64", "universal2"))
        + tuple(f"macosx_10_{minor}_universal2" for minor in range(16, 8, -1)),
    ),
}  # fmt: skip
MACOS = "14.0"


# What one file takes on a disk is a multiple of this many bytes.
BLOCK = 4096
# Python keeps bytecode beside every module: 1.3 times as much on the disk, over all of linux-x86_64.
# With it the sizes come within 2 % of what that platform's set-up really takes; elsewhere they are estimates.
BYTECODE = 1.3


@dataclass
class Package:
    """One version of a package and the digests of its wheels."""

    version: str
    digests: set[str] = field(default_factory=set)


def main() -> int:
    """Write the lists, and their sizes where asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--upgrade", nargs="+", default=[], metavar="NAME", help="newer versions of these")
    parser.add_argument("--sizes", action="store_true", help="download the wheels and note what they weigh")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        kept = {name: version for name, version in known_versions().items() if name not in options.upgrade}
        maker = Maker(Path(scratch), kept)
        for name, (asked, packages) in maker.lists().items():
            write(name, asked, packages)
        if options.sizes:
            note_sizes(Path(scratch))
    return 0


def known_versions() -> dict[str, str]:
    """The versions in the lists that there are."""
    found: dict[str, str] = {}
    for path in sorted(requirements.folder().glob("*-*.txt")):
        if path.name != "qgis-tests.txt":
            found |= requirements.pins(path.name)
    # What follows the plus is of an index that uv does not ask.
    return {name: version.partition("+")[0] for name, version in found.items()}


@dataclass(frozen=True)
class Maker:
    """Asks uv what a list holds."""

    scratch: Path
    kept: Mapping[str, str]

    def lists(self) -> dict[str, tuple[tuple[str, ...], dict[str, Package]]]:
        """Of each list the files that ask for it, and its packages."""
        made: dict[str, tuple[tuple[str, ...], dict[str, Package]]] = {}
        for tag, target in TARGETS.items():
            newest = target.newer_uv or target.uv
            for accelerator in target.accelerators:
                asked = (f"{accelerator}.in", "engine.in")
                packages = self.resolve(asked[0], newest if accelerator == "cuda" else target.uv)
                libraries = {name: packages.pop(name) for name in list(packages) if is_library(name)}
                if accelerator == "cuda" and libraries:
                    made[f"{tag}-libraries.txt"] = (asked, libraries)
                add_build(f"{tag}-{accelerator}.txt", packages)
                made[f"{tag}-{accelerator}.txt"] = (asked, packages)
            made[f"{tag}-openvino.txt"] = (("openvino.in",), self.resolve("openvino.in", newest))
        made["pip.txt"] = (("pip.in",), self.resolve("pip.in", TARGETS["linux-x86_64"].uv))
        return made

    def resolve(self, asked: str, platform: str) -> dict[str, Package]:
        """Packages by name, the same of every Python."""
        found = [self._resolve(asked, platform, python) for python in PYTHONS]
        merged = found[0]
        for python, packages in zip(PYTHONS[1:], found[1:]):
            versions = {name: package.version for name, package in packages.items()}
            if versions != {name: package.version for name, package in merged.items()}:
                sys.exit(f"{asked} on {platform}: Python {python} takes other versions than {PYTHONS[0]}.")
            for name, package in packages.items():
                merged[name].digests |= package.digests
        return merged

    def _resolve(self, asked: str, platform: str, python: str) -> dict[str, Package]:
        constraints, answer = self.scratch / "constraints.txt", self.scratch / "pylock.toml"
        pins = [f"{name}=={version}\n" for name, version in self.kept.items()]
        constraints.write_text("".join(pins), "utf-8")
        answer.unlink(missing_ok=True)
        command = [
            tool("uv"), "pip", "compile", "--quiet", "--no-config", "--only-binary", ":all:",
            "--format", "pylock.toml", "--python-platform", platform, "--python-version", python,
            "--constraint", str(constraints), "--output-file", str(answer),
            *(["--no-deps"] if asked in ALONE else []), str(requirements.folder() / asked),
        ]  # fmt: skip
        run(command)
        locked = tomllib.loads(answer.read_text("utf-8"))
        return {
            row["name"]: Package(row["version"], {wheel["hashes"]["sha256"] for wheel in row["wheels"]})
            for row in locked["packages"]
        }


ALONE = {"openvino.in", "pip.in"}


def add_build(name: str, packages: dict[str, Package]) -> None:
    """Let a list take a build of PyTorch's own index, beside that of the index of all or instead of it."""
    build = requirements.own_build(name)
    if build is None:
        return
    found = packages[build.package]
    if build.version.partition("+")[0] != found.version:
        sys.exit(f"{requirements.OWN_BUILDS} has {build.package} {build.version}, not {found.version}.")
    if build.only:
        packages[build.package] = Package(build.version, set(build.digests.values()))
    else:
        found.digests |= set(build.digests.values())


def is_library(name: str) -> bool:
    """Whether it is there for PyTorch's build with CUDA alone."""
    return name.startswith(("nvidia-", "cuda-")) or name == "triton"


def write(name: str, asked: Iterable[str], packages: Mapping[str, Package]) -> None:
    """One list, by name."""
    lines = [
        f"# For CPython {', '.join(PYTHONS)}; made by `make locks`, not by hand.",
        f"# Asked for in {', '.join(asked)}: {asked_digest(asked)}",
        "",
    ]
    for package, found in sorted(packages.items()):
        hashes = [f"--hash=sha256:{digest}" for digest in sorted(found.digests)]
        lines.append(" \\\n    ".join([f"{package}=={found.version}", *hashes]))
    (requirements.folder() / name).write_text("\n".join(lines) + "\n", "utf-8")


def asked_digest(asked: Iterable[str]) -> str:
    """By which a list tells whether it was made of what is asked for now."""
    texts = [(requirements.folder() / name).read_text("utf-8") for name in asked]
    rows = [row.split("#")[0].strip() for text in texts for row in text.splitlines()]
    return "sha256:" + hashlib.sha256("\n".join(row for row in rows if row).encode()).hexdigest()


def note_sizes(scratch: Path) -> None:
    """Weigh every list's wheels: bytes to download and on the disk, by package."""
    weights: dict[str, dict[str, list[int]]] = {}
    for tag, target in TARGETS.items():
        for path in sorted(requirements.folder().glob(f"{tag}-*.txt")):
            own = requirements.own_build(path.name)
            rows = {own.package: [own.download, own.disk]} if own and own.only else {}
            there = without(path, rows, scratch)
            weights[path.name] = {**weighed(download(there, target, scratch / tag)), **rows}
        shutil.rmtree(scratch / tag)
    pip = requirements.folder() / requirements.PIP
    weights[pip.name] = weighed(download(pip, TARGETS["linux-x86_64"], scratch / "pip"))
    notes = {"wheels": weights}
    (requirements.folder() / requirements.SIZES).write_text(compact(notes) + "\n", "utf-8")


def without(path: Path, packages: Iterable[str], scratch: Path) -> Path:
    """A list without packages that the index does not have."""
    text = path.read_text("utf-8")
    for package in packages:
        text = re.sub(rf"^{package}==.*(?:\\\n.*)*\n", "", text, flags=re.M)
    (scratch / path.name).write_text(text, "utf-8")
    return scratch / path.name


def weighed(wheels: Iterable[Path]) -> dict[str, list[int]]:
    """Bytes to download and on the disk, by package."""
    return {package_of(wheel): [wheel.stat().st_size, installed_size(wheel)] for wheel in wheels}


def compact(notes: Mapping[str, Any]) -> str:
    """JSON with the innermost lists on one line."""
    text = json.dumps(notes, indent=1)
    return re.sub(r"\[[^\[\]{}]*\]", lambda found: re.sub(r"\s+", " ", found.group()), text)


def download(path: Path, target: Target, folder: Path) -> list[Path]:
    """The wheels of a list for one Python, by pip, which checks their digests."""
    platforms = [word for tag in target.pip for word in ("--platform", tag)]
    abis = [word for tag in (f"cp{SIZED.replace('.', '')}", "abi3", "none") for word in ("--abi", tag)]
    run(
        [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
            "--only-binary", ":all:", "--no-cache-dir", "--python-version", SIZED, "--implementation", "cp",
            *abis, *platforms, "--dest", str(folder), "--requirement", str(path),
        ]
    )  # fmt: skip
    listed = re.findall(r"^([\w-]+)==", path.read_text("utf-8"), re.M)
    return [wheel for wheel in sorted(folder.iterdir()) if package_of(wheel) in listed]


def package_of(wheel: Path) -> str:
    """The package's name as lists write it."""
    return re.sub(r"[-_.]+", "-", wheel.name.split("-")[0]).lower()


def installed_size(wheel: Path) -> int:
    """Bytes that a wheel takes on a disk when it is installed."""
    taken = 0.0
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            blocks = math.ceil(entry.file_size / BLOCK) * BLOCK
            taken += blocks * (1 + BYTECODE if entry.filename.endswith(".py") else 1)
    return round(taken)


def tool(name: str) -> str:
    """A program beside this Python, else on the path."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.is_file() else name


def run(command: list[str]) -> None:
    """One command; ends the script where it fails, with what it said."""
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACOS}
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
