"""Which build the engine gets, decided over recorded answers of NVIDIA's drivers, and said in words."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from geofm.inference.environment import accelerators, requirements
from geofm.inference.environment.accelerators import Answer, Found, Gpu, choose, find_gpus, understood
from geofm.inference.environment.platforms import Platform

RECORDED = sorted((Path(__file__).parent / "gpus").glob("*.json"))
LINUX = Platform("linux", "x86_64", "glibc 2.36")
HEADER = "index, name, memory.total [MiB], driver_version, compute_cap"
GOOD = Gpu(0, "NVIDIA A100", 80 * 2**30, "580.95.05", "8.0")


def _recorded(path: Path) -> tuple[dict[str, Any], Platform, Found]:
    facts = json.loads(path.read_text(encoding="utf-8"))
    answer = {**facts["answer"], "names": tuple(facts["answer"].get("names", ()))}
    return facts, Platform(**facts["platform"]), understood(Answer(**answer))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_each_recorded_machine_gets_its_build_and_a_sentence(path: Path) -> None:
    facts, platform, found = _recorded(path)
    assert len(found.gpus) == facts["gpus"]
    offered = facts.get("offered", True)
    chosen = choose(platform, found, "auto", lambda build: offered)
    assert chosen.name == facts["auto"], chosen.reason
    assert chosen.gpus == found.gpus
    for words in facts["says"]:
        assert words in chosen.reason
    asked = choose(platform, found, "cuda", lambda build: offered)
    assert asked.name == facts["cuda"], asked.reason
    # What cannot be had is a problem of who insists on it, and a sentence for all others.
    assert (bool(asked.problem), chosen.problem) == (not offered, "")
    for accelerator in (chosen, asked, choose(platform, found, "cpu")):
        assert accelerator.reason.endswith(".")
        assert "\n" not in accelerator.reason
        # What is chosen can be installed, with one build of ONNX Runtime.
        lists = requirements.lists(platform.tag, accelerator.name)
        packages = [package for listed in lists for package in requirements.pins(listed.name)]
        builds = [package for package in packages if "onnxruntime" in package]
        assert builds == ["onnxruntime-gpu" if accelerator.name == "cuda" else "onnxruntime"]


def test_recorded_machines_say_where_they_come_from() -> None:
    assert len(RECORDED) > 20
    assert [path.name for path in RECORDED if not json.loads(path.read_text("utf-8"))["source"]] == []


def test_the_processor_is_given_where_it_is_asked_for() -> None:
    chosen = choose(LINUX, Found((GOOD,)), "cpu")
    assert (chosen.name, chosen.reason) == ("cpu", "The processor was asked for.")


@pytest.mark.parametrize("wanted", ["auto", "cuda"])
def test_an_index_is_asked_only_for_what_would_be_installed(wanted: str) -> None:
    asked: list[requirements.OwnBuild] = []

    def offered(build: requirements.OwnBuild) -> bool:
        asked.append(build)
        return True

    windows = Platform("windows", "x86_64")
    choose(LINUX, Found((GOOD,)), wanted, offered)
    choose(windows, Found((GOOD,)), "cpu", offered)
    choose(windows, Found((Gpu(0, "NVIDIA GeForce GTX 1080", 8 * 2**30, "580.1", "6.1"),)), "auto", offered)
    choose(windows, Found(), "auto", offered)
    assert asked == []
    assert choose(windows, Found((GOOD,)), wanted, offered).name == "cuda"
    assert [(build.package, build.version) for build in asked] == [("torch", "2.13.0+cu130")]


def test_cuda_is_given_where_it_is_asked_for_and_told_that_it_does_not_work_here() -> None:
    for found in (Found(), Found(fault="the NVIDIA driver is not running")):
        chosen = choose(LINUX, found, "cuda")
        assert chosen.name == "cuda"
        assert "asked for, but it cannot be used here" in chosen.reason
    reason = choose(LINUX, Found((GOOD,)), "cuda").reason
    assert reason == "NVIDIA A100 (80 GB, driver 580.95.05) can run CUDA 13.0."


@pytest.mark.parametrize(
    ("capability", "runs"),
    [("7.5", True), ("8.6", True), ("8.9", True), ("10.3", True), ("12.1", True), ("11.0", False), ("", True),
     ("7.2", False)],
)  # fmt: skip
def test_kernels_run_on_later_gpus_of_their_generation(capability: str, runs: bool) -> None:
    gpu = Gpu(0, "A GPU", 8 * 2**30, "590.10", capability)
    assert choose(LINUX, Found((gpu,))).name == ("cuda" if runs else "cpu")


@pytest.mark.parametrize(("driver", "runs"), [("579.99", False), ("580.65.06", True), ("610.1", True)])
def test_the_oldest_driver_is_that_of_the_cuda_in_the_lists(driver: str, runs: bool) -> None:
    gpu = Gpu(0, "A GPU", 8 * 2**30, driver, "8.6")
    assert choose(LINUX, Found((gpu,))).name == ("cuda" if runs else "cpu")


def test_what_the_driver_does_not_know_is_left_open() -> None:
    found = understood(Answer(0, f"{HEADER}\n0, NVIDIA GB10, [Not Supported], 580.95.05, [N/A]\n"))
    assert found.gpus == (Gpu(0, "NVIDIA GB10", 0, "580.95.05", ""),)
    assert str(found.gpus[0]) == "NVIDIA GB10 (driver 580.95.05)"


def test_a_failure_nobody_has_seen_is_repeated_in_its_own_words() -> None:
    assert understood(Answer(3, "Something else.\nand more\n")).fault == "nvidia-smi fails: Something else"
    assert "ends with 3" in understood(Answer(3, "")).fault


# --- the program ------------------------------------------------------------------------------


def _program(folder: Path, script: str) -> Platform:
    path = folder / "nvidia-smi"
    path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
    path.chmod(0o755)
    return Platform("linux", "x86_64", "glibc 2.36", environ={"PATH": str(folder)})


@pytest.mark.skipif(os.name == "nt", reason="plants shell scripts")
def test_the_program_is_found_and_asked(tmp_path: Path) -> None:
    table = f"{HEADER}\\n0, NVIDIA A100, 81920 MiB, 580.95.05, 8.0\\n"
    assert find_gpus(_program(tmp_path, f"echo \"$@\" >'{tmp_path}/asked'; printf '{table}'")).gpus == (GOOD,)
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert asked == "--query-gpu=index,name,memory.total,driver_version,compute_cap --format=csv\n"


@pytest.mark.skipif(os.name == "nt", reason="plants shell scripts")
def test_an_old_program_is_asked_for_what_it_knows(tmp_path: Path) -> None:
    # As of github.com/huggingface/candle/issues/733.
    script = (
        'case "$1" in *compute_cap*)'
        " echo 'Field \"compute_cap\" is not a valid field to query.'; exit 2;; esac\n"
        "printf 'index, name, memory.total [MiB], driver_version\\n0, Tesla K80, 11441 MiB, 470.182.03\\n'\n"
    )
    (gpu,) = find_gpus(_program(tmp_path, script)).gpus
    assert (gpu.driver, gpu.compute_capability) == ("470.182.03", "")
    assert "driver 470.182.03 is too old" in choose(LINUX, Found((gpu,))).reason


@pytest.mark.skipif(os.name == "nt", reason="plants shell scripts")
def test_a_program_that_hangs_or_cannot_start_is_no_gpu_and_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accelerators, "_PATIENCE", 0.5)
    started = time.monotonic()
    assert find_gpus(_program(tmp_path, "exec sleep 60\n")).fault == "the NVIDIA driver does not answer"
    assert time.monotonic() - started < 10
    platform = _program(tmp_path, "")
    (tmp_path / "nvidia-smi").write_bytes(b"\x7fELF nonsense")
    assert find_gpus(platform).fault.startswith("nvidia-smi fails: ")


@pytest.mark.skipif(os.name == "nt", reason="reads a planted /proc")
def test_without_the_program_the_drivers_own_files_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gpus" / "0000:01:00.0"
    folder.mkdir(parents=True)
    module = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue Sep 23 10:11:16 UTC 2025\n"
    (tmp_path / "version").write_text(f"{module}GCC version:  gcc version 12.2.0\n", encoding="utf-8")
    (folder / "information").write_text("Model: \t\t NVIDIA GeForce RTX 3080\nIRQ: 80\n", encoding="utf-8")
    monkeypatch.setattr(accelerators, "_PROC", tmp_path)
    monkeypatch.setattr(accelerators, "_program", lambda platform: "")
    assert find_gpus(LINUX).gpus == (Gpu(0, "NVIDIA GeForce RTX 3080", 0, "580.95.05"),)
    monkeypatch.setattr(accelerators, "_PROC", tmp_path / "nothing")
    assert find_gpus(LINUX) == Found()
    jetson = tmp_path / "nv_tegra_release"
    jetson.touch()
    monkeypatch.setattr(accelerators, "_TEGRA", jetson)
    assert "JetPack" in find_gpus(LINUX).fault


def test_the_program_is_looked_for_where_windows_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    place = "D:\\Windows\\System32\\nvidia-smi.exe"
    monkeypatch.setattr(Path, "is_file", lambda path: str(path) == place)
    environ = {"SYSTEMROOT": "D:\\Windows", "PATH": ""}
    assert accelerators._program(Platform("windows", "x86_64", environ=environ)) == place
    assert accelerators._program(Platform("macos", "aarch64", environ=environ)) == ""
