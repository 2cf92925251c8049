"""What the engine is installed from: each list whole, pinned and hashed, of what is asked for."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from geofm.inference.environment import accelerators, platforms, requirements
from geofm.inference.environment.platforms import Platform

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "requirements"
TOOLS = {"dev.txt", "qgis-tests.txt", "qt6-tests.txt"}
LISTS = sorted(path.name for path in FOLDER.glob("*.txt") if path.name not in TOOLS)
TAGS = sorted(name[: -len("-cpu.txt")] for name in LISTS if name.endswith("-cpu.txt"))
COMBINATIONS = [(tag, name) for tag in TAGS for name in requirements.accelerators(tag)]
VERSION = r"[A-Za-z0-9.]+(?:\+[a-z0-9]+)?"
PACKAGE = re.compile(rf"[a-z0-9][a-z0-9-]*=={VERSION}( \\\n    --hash=sha256:[0-9a-f]{{64}})+\n")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """scripts/locks.py, which is no package."""
    spec = importlib.util.spec_from_file_location("locks", ROOT / "scripts" / "locks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def test_each_platform_that_is_promised_has_its_lists() -> None:
    assert COMBINATIONS == [
        ("linux-aarch64", "cpu"), ("linux-aarch64", "cuda"), ("linux-x86_64", "cpu"),
        ("linux-x86_64", "cuda"), ("macos-arm64", "cpu"), ("windows-x86_64", "cpu"),
        ("windows-x86_64", "cuda"),
    ]  # fmt: skip
    for tag, accelerator in COMBINATIONS:
        names = [listed.name for listed in requirements.lists(tag, accelerator, requirements.EXTRAS)]
        assert set(names) <= set(LISTS)
        assert names[0] == requirements.PIP


@pytest.mark.parametrize("name", LISTS)
def test_each_package_is_pinned_and_hashed_and_nothing_else_is_in_a_list(name: str) -> None:
    body = "".join(line for line in _text(name).splitlines(keepends=True) if not line.startswith("#"))
    assert PACKAGE.sub("", body).strip() == ""
    # No address, no option: where packages come from is the machine's to say.
    assert "://" not in _text(name)
    assert "--index" not in _text(name)
    found = PACKAGE.findall(body)
    assert len(found) == len(requirements.pins(name)) > 0


@pytest.mark.parametrize("name", LISTS)
def test_each_list_is_of_what_is_asked_for_now(name: str, script: ModuleType) -> None:
    match = re.search(r"^# Asked for in (.+): (sha256:[0-9a-f]{64})$", _text(name), re.M)
    assert match is not None
    asked = match.group(1).split(", ")
    assert match.group(2) == script.asked_digest(asked), "run make locks"
    pins = requirements.pins(name)
    for source in asked if not name.endswith("-libraries.txt") else ():
        for package, version in re.findall(r"^([\w.-]+)==([\w.]+)(?=\s|$)", _text(source), re.M):
            assert pins[package].partition("+")[0] == version


def test_a_package_has_one_version_wherever_it_is() -> None:
    versions: dict[str, set[str]] = {}
    for name in LISTS:
        for package, version in requirements.pins(name).items():
            versions.setdefault(package, set()).add(version.partition("+")[0])
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}
    assert versions["onnxruntime"] == versions["onnxruntime-gpu"]


def test_platforms_differ_by_what_only_one_of_them_needs() -> None:
    packages = {tag: set(requirements.pins(f"{tag}-cpu.txt")) for tag in TAGS}
    assert packages.pop("windows-x86_64") - packages["linux-x86_64"] == {"colorama"}
    assert len({frozenset(found) for found in packages.values()}) == 1


@pytest.mark.parametrize(("tag", "accelerator"), COMBINATIONS)
def test_there_is_one_build_of_onnx_runtime(tag: str, accelerator: str) -> None:
    packages = [p for listed in requirements.lists(tag, accelerator) for p in requirements.pins(listed.name)]
    assert len(packages) == len(set(packages))
    assert [p for p in packages if p.startswith("onnxruntime")] == [
        "onnxruntime-gpu" if accelerator == "cuda" else "onnxruntime"
    ]


def test_cuda_needs_no_newer_driver_than_is_said() -> None:
    major = accelerators.CUDA.split(".")[0]
    # NVIDIA's table: CUDA 13.x from 580 on, 12.x from 525 on.
    assert {"13": 580, "12": 525}[major] == accelerators.MIN_DRIVER
    for tag in TAGS:
        if "cuda" not in requirements.accelerators(tag):
            continue
        assert accelerators.KERNELS[tag]
        if accelerators.own_index(tag):
            # PyTorch's wheel for Windows brings CUDA's libraries and cuDNN itself.
            release = f"+cu{accelerators.CUDA.replace('.', '')}"
            assert requirements.pins(f"{tag}-cuda.txt")["torch"].endswith(release)
            continue
        pins = requirements.pins(f"{tag}-libraries.txt")
        # What calls the driver, or translates for it, is of the release that PyTorch was built with.
        parts = ("toolkit", "bindings", "runtime", "nvrtc", "cupti")
        names = [name for name in pins if name.startswith(("cuda-", "nvidia-cuda-")) and name.endswith(parts)]
        assert len(names) == len(parts)
        found = {".".join(pins[name].split(".")[:2]) for name in (*names, "nvidia-nvjitlink")}
        assert found == {accelerators.CUDA}
        assert {name[-5:] for name in pins if re.search(r"-cu\d+$", name)} == {f"-cu{major}"}


def test_pytorchs_libraries_are_asked_for_by_the_build_that_needs_them() -> None:
    (libraries,) = [one for one in requirements.lists("linux-x86_64", "cpu") if one.only_if_asked]
    with_cuda = "Requires-Dist: filelock\nRequires-Dist: cuda-toolkit[cublas]==13.0.3; os_name == 'posix'\n"
    assert requirements.is_asked_for(libraries, with_cuda)
    assert not requirements.is_asked_for(libraries, "Requires-Dist: filelock\nRequires-Dist: jinja2\n")
    assert [one for one in requirements.lists("linux-x86_64", "cuda") if one.only_if_asked] == []


OWN = json.loads(_text(requirements.OWN_BUILDS))["lists"]


@pytest.mark.parametrize("name", sorted(OWN))
def test_each_digest_of_pytorchs_own_indexes_is_said_by_two(name: str, script: ModuleType) -> None:
    assert sorted(OWN[name]["wheels"]) == list(script.PYTHONS)
    for wheel in OWN[name]["wheels"].values():
        places = [re.match(r"github\.com/([\w-]+)/[\w-]+: \S+$", said) for said in wheel["said_by"]]
        assert len({place[1] for place in places if place}) > 1
        assert f"--hash={wheel['digest']}" in _text(name)
    assert OWN[name]["version"].startswith(requirements.pins(name)["torch"])


def test_a_build_for_one_device_is_never_installed_for_another() -> None:
    for name, build in OWN.items():
        others = [other for other in LISTS if other != name]
        digests = [wheel["digest"] for wheel in build["wheels"].values()]
        assert [other for other in others for digest in digests if digest in _text(other)] == []
        (listed,) = re.findall(r"^torch==\S+(?: \\\n    --hash=\S+)+", _text(name), re.M)
        # Beside those of the index that pip asks by itself, or instead of them.
        assert (set(re.findall(r"sha256:\w+", listed)) == set(digests)) == build["only"]
        assert ("+" in listed) == build["only"]


def test_a_list_takes_the_builds_as_they_are_written_down(script: ModuleType) -> None:
    name = "windows-x86_64-cuda.txt"
    packages = {"torch": script.Package("2.13.0", {"of the index"})}
    script.add_build(name, packages)
    build = requirements.own_build(name)
    assert build is not None
    assert packages["torch"] == script.Package("2.13.0+cu130", set(build.digests.values()))
    packages = {"torch": script.Package("2.13.0", {"of the index"})}
    script.add_build("linux-x86_64-cpu.txt", packages)
    assert packages["torch"].version == "2.13.0"
    assert packages["torch"].digests > {"of the index"}
    with pytest.raises(SystemExit, match="2.13.0"):
        script.add_build(name, {"torch": script.Package("2.14.0", set())})


@pytest.mark.parametrize(("tag", "accelerator"), COMBINATIONS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_what_a_list_weighs_is_known(tag: str, accelerator: str, python: str) -> None:
    lists = requirements.lists(tag, accelerator, requirements.EXTRAS)
    found = requirements.sizes(lists, python)
    assert 2e8 < found.least_download <= found.download < 4e9
    assert 1e9 < found.least_disk <= found.disk < 8e9
    assert found.disk > found.download
    light = tag.startswith("linux-") and accelerator == "cpu"
    assert (found.least_download < found.download / 4) == light


def test_the_sizes_are_of_the_lists_as_they_are() -> None:
    for name in LISTS:
        assert set(json.loads(_text(requirements.SIZES))["wheels"][name]) == set(requirements.pins(name))


def test_what_is_said_of_old_systems_is_what_the_wheels_need(script: ModuleType) -> None:
    assert platforms.numbers(script.MACOS) == platforms.MIN_MACOS
    assert script.TARGETS["linux-x86_64"].uv.endswith("manylinux_{}_{}".format(*platforms.MIN_GLIBC))
    assert sorted(script.TARGETS) == TAGS
    assert [Platform(*tag.split("-")).tag for tag in TAGS] == TAGS


def test_a_platform_without_lists_is_told_so() -> None:
    with pytest.raises(requirements.NotInstalled, match="no packages of the engine for macos-x86_64"):
        requirements.lists("macos-x86_64", "cpu")
    with pytest.raises(requirements.InvalidRequest, match="no extra tensorrt"):
        requirements.lists("linux-x86_64", "cpu", ["tensorrt"])
