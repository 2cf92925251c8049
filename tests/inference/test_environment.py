"""The engine's environment: what its processes inherit, which Python makes it, when it counts as ready."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from geofm.inference import environment
from geofm.inference.client import Engine
from geofm.inference.environment import NotInstalled, State, requirements
from geofm.inference.environment.variables import PIP_VARIABLE, child_environment, pip_environment
from geofm.inference.errors import InvalidRequest

POISON = {
    "PYTHONPATH": "{poison}",
    "PYTHONHOME": "{poison}",
    "PYTHONSTARTUP": "{poison}/sitecustomize.py",
    "PYTHONUSERBASE": "{poison}",
    "VIRTUAL_ENV": "{poison}",
    "GDAL_DATA": "{poison}",
    "GDAL_DRIVER_PATH": "{poison}",
    "PROJ_LIB": "{poison}",
    "PROJ_DATA": "{poison}",
    "LD_LIBRARY_PATH": "{poison}",
    "LD_PRELOAD": "",
    "DYLD_LIBRARY_PATH": "{poison}",
    "QT_PLUGIN_PATH": "{poison}",
    "QT_QPA_PLATFORM": "poison",
    "QGIS_PREFIX_PATH": "{poison}",
    "PIP_INDEX_URL": "https://user:secret@packages.example/simple",
    "PIP_TARGET": "{poison}",
}
KEPT = {
    "GEOFM_DEVICE": "cpu",
    "https_proxy": "http://proxy.example:3128",
    "SSL_CERT_FILE": "/etc/certificates.pem",
    "OMP_NUM_THREADS": "1",
    "LANG": "C.UTF-8",
}


@pytest.fixture
def poisoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Variables that would break the engine, and modules that would end it if they were imported."""
    poison = tmp_path / "poison"
    poison.mkdir()
    for name in ("sitecustomize.py", "usercustomize.py", "numpy.py", "json.py", "geofm.py", "inference.py"):
        (poison / name).write_text("raise SystemExit('poison')", encoding="utf-8")
    for name, value in POISON.items():
        monkeypatch.setenv(name, value.format(poison=poison))
    for name, value in KEPT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(poison)
    return poison


def _asked(python: Path, variables: dict[str, str]) -> dict[str, str]:
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    answer = subprocess.run(
        [str(python), "-I", "-c", code], env=variables, check=True, capture_output=True, text=True
    )
    return json.loads(answer.stdout)


def test_a_child_sees_nothing_of_the_callers_python(poisoned: Path, engine_python: Path) -> None:
    seen = _asked(engine_python, child_environment())
    assert sorted(set(seen) & set(POISON)) == []
    assert {name: seen.get(name) for name in KEPT} == KEPT
    assert seen["PYTHONNOUSERSITE"] == "1"
    for name in ("PATH", "HOME", "GEOFM_HOME"):
        assert seen.get(name) == os.environ.get(name)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to look into the process")
def test_the_engine_itself_starts_and_computes_among_poison(poisoned: Path, engine_python: Path) -> None:
    with Engine() as engine:
        facts = engine.call("doctor").result(120)
        raw = Path(f"/proc/{engine.pid}/environ").read_bytes()
        command = Path(f"/proc/{engine.pid}/cmdline").read_bytes().split(b"\0")
    assert b"-I" in command
    assert facts["problems"] == []
    seen = dict(row.split("=", 1) for row in raw.decode().split("\0") if "=" in row)
    left = {name: value for name, value in seen.items() if str(poisoned) in value or "poison" in value}
    assert set(left) <= {"PWD", "OLDPWD", "PYTEST_CURRENT_TEST", PIP_VARIABLE}
    assert sorted(set(seen) & set(POISON)) == []


def test_pip_gets_the_machines_settings_back_on_both_sides_of_the_pipe(poisoned: Path) -> None:
    in_client = pip_environment()
    engine = child_environment()
    assert "PIP_INDEX_URL" not in engine
    in_engine = pip_environment(engine)
    for seen in (in_client, in_engine):
        assert seen["PIP_INDEX_URL"] == POISON["PIP_INDEX_URL"]
        assert seen["PIP_NO_INPUT"] == "1"
        assert "PYTHONPATH" not in seen


def test_names_are_dropped_in_any_case_and_settings_come_on_top() -> None:
    seen = child_environment(
        {"https_proxy": "new"}, {"PythonPath": "x", "https_proxy": "old", "Path": "p", "Gdal_Data": "y"}
    )
    quiet = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}
    assert seen == {
        "https_proxy": "new", "Path": "p", "PYTHONNOUSERSITE": "1", "MKL_CBWR": "AUTO", **quiet
    }  # fmt: skip


def test_who_chooses_how_matrices_are_multiplied_is_heard() -> None:
    assert child_environment({}, {"MKL_CBWR": "COMPATIBLE"})["MKL_CBWR"] == "COMPATIBLE"


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
