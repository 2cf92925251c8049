"""What the tests of the engine's environment share: places of their own, and small real set-ups."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from geofm.inference.environment import making, requirements

_TRIAL = "import sys\nimport small_library\nprint('geofm-trial-passed {}')\n"


@pytest.fixture
def own_home(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder and no GEOFM_PYTHON: the engine's environment is GeoFM's to make."""
    monkeypatch.delenv("GEOFM_PYTHON", raising=False)
    return scratch_home


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def _write_wheel(folder: Path, name: str, version: str, size: int = 1000) -> str:
    """A package with one module of that many bytes; its line in a list of requirements."""
    folder.mkdir(parents=True, exist_ok=True)
    info, module = f"{name}-{version}.dist-info", f"{name}.py"
    files = {
        module: f"version = {version!r}\n#{'x' * size}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items())
    record += f"{info}/RECORD,,\n"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(inside), text)
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _write_lists(folder: Path, lines: Iterable[str]) -> Path:
    """The lists of a version of GeoFM whose engine needs no more than these packages; that of the engine."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (requirements.WITH_CUDA, requirements.WITHOUT_CUDA, "openvino.txt"):
        (folder / name).write_text("# nothing\n", encoding="utf-8")
    (folder / requirements.ENGINE).write_text("".join(lines), encoding="utf-8")
    return folder / requirements.ENGINE


@pytest.fixture
def write_wheel() -> Callable[..., str]:
    return _write_wheel


@pytest.fixture
def write_lists() -> Callable[[Path, Iterable[str]], Path]:
    return _write_lists


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with packages, the only place that pip knows."""
    folder = tmp_path / "wheels"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.fixture
def small(own_home: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real set-up without the heavy libraries: one small package, and a trial that needs it."""
    lists = tmp_path / "requirements"
    trial = tmp_path / "trial.py"
    trial.write_text(_TRIAL, encoding="utf-8")
    monkeypatch.setattr(requirements, "folder", lambda: lists)
    monkeypatch.setattr(requirements, "has_nvidia_gpu", lambda: False)
    monkeypatch.setattr(making, "_TRIAL", trial)
    return _write_lists(lists, [_write_wheel(wheels, "small_library", "1.0")])
