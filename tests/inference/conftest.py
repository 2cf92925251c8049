"""What the tests of the engine's environment share: places of their own, and small real set-ups."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from geofm.inference.environment import accelerators, making, requirements
from geofm.inference.environment.platforms import this_platform

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


def _write_lists(folder: Path, lines: Sequence[str]) -> Path:
    """The lists of a version of GeoFM whose engine needs no more than these packages; that of the engine."""
    folder.mkdir(parents=True, exist_ok=True)
    tag = this_platform().tag
    engine = folder / f"{tag}-cpu.txt"
    names = [requirements.PIP, engine.name, *(f"{tag}-{extra}.txt" for extra in requirements.EXTRAS)]
    for name in names:
        (folder / name).write_text("# nothing\n", encoding="utf-8")
    engine.write_text("".join(lines), encoding="utf-8")
    asked = "".join(f"{line.split(' ')[0]}\n" for line in lines)
    (folder / "engine.in").write_text(asked, encoding="utf-8")
    (folder / "cpu.in").write_text("-r engine.in\n", encoding="utf-8")
    weights = {"wheels": {name: {"all": [2_000_000, 30_000_000]} for name in names}}
    (folder / requirements.SIZES).write_text(json.dumps(weights), encoding="utf-8")
    (folder / requirements.OWN_BUILDS).write_text(json.dumps({"lists": {}}), encoding="utf-8")
    return engine


@pytest.fixture
def write_wheel() -> Callable[..., str]:
    return _write_wheel


@pytest.fixture(scope="session")
def small_world() -> tuple[Callable[..., str], Callable[..., Path]]:
    """What writes a package, and what writes the lists that name it."""
    return _write_wheel, _write_lists


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with packages, the only place that pip knows."""
    folder = tmp_path / "wheels"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


@pytest.fixture
def small(
    own_home: Path,
    wheels: Path,
    quick_venvs: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Path]:
    """A real set-up without the heavy libraries: one small package, and a trial that needs it."""
    lists = tmp_path / "requirements"
    trial = tmp_path / "trial.py"
    trial.write_text(_TRIAL, encoding="utf-8")
    monkeypatch.setattr(requirements, "folder", lambda: lists)
    monkeypatch.setattr(accelerators, "find_gpus", lambda platform: accelerators.Found())
    monkeypatch.setattr(making, "_TRIAL", trial)
    engine = _write_lists(lists, [_write_wheel(wheels, "small_library", "1.0")])
    requirements._notes.cache_clear()
    yield engine
    requirements._notes.cache_clear()
