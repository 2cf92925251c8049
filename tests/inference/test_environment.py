"""The engine's environment: what its processes inherit, which Python makes it, when it counts as ready."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from geofm.inference import environment
from geofm.inference.client import Engine
from geofm.inference.environment import NotInstalled, State, requirements
from geofm.inference.errors import InvalidRequest

# --- states -----------------------------------------------------------------------------------


def test_no_environment_says_how_to_make_one(own_home: Path) -> None:
    assert environment.check().state is State.MISSING
    with pytest.raises(NotInstalled, match="not installed yet") as caught:
        environment.engine_python()
    assert "python -m geofm setup" in caught.value.hint
    with pytest.raises(NotInstalled):
        Engine().call("doctor")


def test_a_wrong_geofm_python_is_named(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOFM_PYTHON", "/no/such/python")
    with pytest.raises(NotInstalled, match="/no/such/python") as caught:
        environment.engine_python()
    assert "GEOFM_PYTHON" in caught.value.hint
    with pytest.raises(InvalidRequest):
        environment.create()


def test_an_environments_link_is_not_followed(scratch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = scratch_home / "bin" / "python"
    link.parent.mkdir()
    link.symlink_to(sys.executable)
    monkeypatch.setenv("GEOFM_PYTHON", str(link))
    assert environment.engine_python() == link


def _fake_python(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name == "nt", reason="plants shell scripts")
@pytest.mark.parametrize(
    ("script", "build"),
    [
        ("echo 'GPU 0: NVIDIA H100 (UUID: GPU-1)'\n", "onnxruntime-gpu.txt"),
        ("echo 'NVIDIA-SMI has failed'; exit 9\n", "onnxruntime.txt"),
        ("echo 'No devices found.'\n", "onnxruntime.txt"),
        ("", "onnxruntime.txt"),
    ],
    ids=["a GPU", "no driver", "no GPU", "no program"],
)
def test_onnx_runtime_comes_with_cuda_where_there_is_an_nvidia_gpu(
    script: str, build: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(requirements, "_GPUS", str(tmp_path / "no-driver"))
    monkeypatch.setenv("PATH", str(tmp_path))
    if script:
        _fake_python(tmp_path / "nvidia-smi", script)
    assert requirements.wanted() == ("engine.txt", build)
