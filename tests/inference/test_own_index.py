"""Builds of PyTorch that lie on indexes of its own: who is told of one gets it, the others are told how. With
real pip and servers on this machine that have stand-ins of the same names, tags and local versions."""

from __future__ import annotations

import importlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from geofm.inference import diagnosis, environment
from geofm.inference.environment import (
    NotInstalled,
    SetupOptions,
    accelerators,
    installer,
    offers,
    packages,
    pythons,
    requirements,
    state,
)
from geofm.inference.environment.accelerators import Found, Gpu
from geofm.inference.environment.builds import build_for
from geofm.inference.environment.bundling import words_for
from geofm.inference.environment.platforms import Platform
from geofm.inference.places import engines_folder

sys.path.insert(0, str(Path(__file__).parent))
from package_index import Index, RealPip, digest_of, make_wheel  # noqa: E402

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
CUDA = "windows-x86_64-cuda.txt"
DIGITS = PYTHON.replace(".", "")
GPU = Gpu(0, "NVIDIA GeForce RTX 4060", 8 * 2**30, "581.57", "8.9")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="plants a script as python.exe")


@dataclass
class World:
    """A Windows with a GPU, the index that its pip asks by itself, and PyTorch's own."""

    platform: Platform
    general: Index
    own: Index

    def plan(self, accelerator: str = "auto", *further: str) -> environment.Plan:
        return environment.plan(SetupOptions(accelerator=accelerator, extra_indexes=further))

    @property
    def files(self) -> list[str]:
        """What was fetched."""
        return self.general.files() + self.own.files()


def the_lists(folder: Path, torch: Path, others: Path) -> None:
    """The lists of Windows, of stand-ins; as `make locks` writes them."""
    folder.mkdir()
    own = f"torch==2.13.0+cu130 --hash=sha256:{digest_of(torch)}\n"
    general = f"torch==2.13.0 --hash=sha256:{digest_of(others)}\n"
    texts = {"pip.txt": "# nothing\n", CUDA: own, "windows-x86_64-cpu.txt": general}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    weights = {name: {"torch": [2_000_000, 3_000_000]} for name in texts}
    (folder / "sizes.json").write_text(json.dumps({"wheels": weights}), encoding="utf-8")
    build = {"package": "torch", "version": "2.13.0+cu130", "only": True, "download": 2_000_000}
    wheels = {PYTHON: {"digest": f"sha256:{digest_of(torch)}"}}
    lists = {"lists": {CUDA: {**build, "disk": 3_000_000, "wheels": wheels}}}
    (folder / "pytorch.json").write_text(json.dumps(lists), encoding="utf-8")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, scratch_home: Path) -> None:
    """A machine whose pip is configured for nothing."""
    for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("GEOFM_PYTHON", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "0")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare: None) -> Iterator[World]:
    tag = f"cp{DIGITS}-cp{DIGITS}-win_amd64"
    general = make_wheel(tmp_path / "general", "torch", "2.13.0", tag=tag)
    make_wheel(tmp_path / "general", "torch", "2.13.0", tag="cp312-cp312-win_amd64")
    own = make_wheel(tmp_path / "own", "torch", "2.13.0+cu130", tag=tag)
    the_lists(tmp_path / "lists", own, general)
    python = tmp_path / "windows" / "python.exe"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    platform = Platform("windows", "x86_64", prefix=str(python.parent))
    # The function of that name hides the module.
    for module in (importlib.import_module("geofm.inference.environment.plan"), installer):
        monkeypatch.setattr(module, "this_platform", lambda: platform)
    monkeypatch.setattr(diagnosis.platforms, "this_platform", lambda: platform)
    # Paths are put together as here, where the script lies.
    monkeypatch.setattr(Platform, "paths", property(lambda self: os.path))
    # Whether environments start is what test_pythons.py is about.
    monkeypatch.setattr(pythons.Machine, "trial", lambda self, python: "")
    monkeypatch.setattr(accelerators, "find_gpus", lambda platform: Found((GPU,)))
    monkeypatch.setattr(requirements, "folder", lambda: tmp_path / "lists")
    requirements._notes.cache_clear()
    with Index(tmp_path / "general").serve() as first, Index(tmp_path / "own").serve() as second:
        monkeypatch.setenv("PIP_INDEX_URL", first.url)
        yield World(platform, first, second)
    requirements._notes.cache_clear()


def test_who_names_pytorchs_own_index_gets_cuda(world: World) -> None:
    plan = world.plan("auto", world.own.url)
    assert (plan.accelerator, plan.problems) == ("cuda", ())
    assert plan.lists == ("pip.txt", CUDA)
    assert plan.reason == "NVIDIA GeForce RTX 4060 (8 GB, driver 581.57) can run CUDA 13.0."
    # A plan costs pages of the indexes, and no package.
    assert world.files == []


@pytest.mark.parametrize("variable", ["PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"])
def test_an_index_or_folder_that_the_machines_pip_knows_will_do(
    world: World, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    place = str(world.own.wheels) if variable == "PIP_FIND_LINKS" else world.own.url
    monkeypatch.setenv(variable, place)
    assert world.plan().accelerator == "cuda"


def test_who_names_none_gets_the_processor_and_is_told_how(world: World) -> None:
    plan = world.plan()
    assert (plan.accelerator, plan.problems) == ("cpu", ())
    assert plan.lists == ("pip.txt", "windows-x86_64-cpu.txt")
    assert "is not used: pip finds PyTorch's build with CUDA on none of the indexes" in plan.reason
    assert plan.reason.endswith(accelerators.OWN_INDEX_HINT)
    # An index that is not there, or that asks nobody in, has none.
    assert world.plan("auto", "http://127.0.0.1:9/simple/").accelerator == "cpu"
    assert diagnosis._accelerator()["reason"] == plan.reason
    assert world.files == []


def test_who_insists_is_refused_before_anything_is_fetched(world: World) -> None:
    plan = world.plan("cuda")
    assert plan.accelerator == "cuda"
    assert plan.problems == (
        "CUDA was asked for, but pip finds PyTorch's build with CUDA on none of the indexes that it knows.",
    )
    assert plan.hint == accelerators.OWN_INDEX_HINT
    with pytest.raises(NotInstalled, match="CUDA was asked for") as caught:
        environment.create(SetupOptions(accelerator="cuda"))
    assert caught.value.hint == accelerators.OWN_INDEX_HINT
    assert world.files == []


def test_where_the_engines_python_is_yet_to_come_that_of_qgis_asks_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = build_for("windows-x86_64")
    assert build is not None
    monkeypatch.setattr(offers, "choose", lambda wanted, platform: pythons.Choice(None, "", build))
    options = SetupOptions(extra_indexes=(world.own.url,))
    own = requirements.own_build(CUDA)
    assert own is not None
    # The stand-in is for another Python than the one that comes.
    assert build.version.startswith("3.12.")
    assert offers.offered(own, world.platform, options) == (PYTHON == "3.12")
    make_wheel(world.own.wheels, "torch", "2.13.0+cu130", tag="cp312-cp312-win_amd64")
    assert offers.offered(own, world.platform, options)


def test_what_is_installed_is_not_looked_for_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "this_platform", lambda: world.platform)
    folder = engines_folder() / "made"
    state.python_in(folder).parent.mkdir(parents=True)
    state.python_in(folder).touch()
    names = ("pip.txt", CUDA)
    state.write_stamp(state.Made(folder, {name: requirements.digest(name) for name in names}))
    world.general.asked.clear()
    assert world.plan().accelerator == "cuda"
    assert world.general.asked == []


def fetched(folder: Path, options: SetupOptions, listed: str) -> list[str]:
    pip = RealPip(options)
    words = words_for("windows-x86_64", PYTHON)
    packages.fetch(packages.locked(listed), folder, pip, lambda *_: None, words=words)
    return sorted(path.name.split("-")[1] for path in folder.iterdir())


def test_the_build_with_cuda_comes_though_the_other_is_on_offer(world: World, tmp_path: Path) -> None:
    listed = (requirements.folder() / CUDA).read_text(encoding="utf-8")
    options = SetupOptions(extra_indexes=(world.own.url,))
    assert fetched(tmp_path / "got", options, listed) == ["2.13.0+cu130"]
    world.own.lies.add(next(world.own.wheels.iterdir()).name)
    with pytest.raises(NotInstalled, match="not the file that GeoFM's list names"):
        fetched(tmp_path / "refused", options, listed)
    # Another file of that name: its digest is not in the list, whatever the index says of it.
    world.own.lies.clear()
    make_wheel(world.own.wheels, "torch", "2.13.0+cu130", size=64, tag=f"cp{DIGITS}-cp{DIGITS}-win_amd64")
    with pytest.raises(NotInstalled, match="not the file that GeoFM's list names"):
        fetched(tmp_path / "another", options, listed)
    assert "2.13.0+cu130" not in os.listdir(tmp_path / "another")


def test_it_is_fetched_first_so_that_its_lack_is_told_at_once(world: World, tmp_path: Path) -> None:
    make_wheel(world.general.wheels, "alpha")
    alpha = digest_of(world.general.wheels / "alpha-1.0-py3-none-any.whl")
    listed = f"alpha==1.0 --hash=sha256:{alpha}\n{(requirements.folder() / CUDA).read_text(encoding='utf-8')}"
    with pytest.raises(NotInstalled, match="no torch==2.13.0\\+cu130"):
        fetched(tmp_path / "got", SetupOptions(), listed)
    assert world.files == []


def test_the_build_for_the_processor_comes_from_a_further_index_if_its_digest_is_known(
    world: World, tmp_path: Path
) -> None:
    """As on Linux: the list has the digests of both, and the version without a local part."""
    (general,) = world.general.wheels.glob(f"*cp{DIGITS}-win_amd64.whl")
    cpu = make_wheel(tmp_path / "cpu", "torch", "2.13.0+cpu", tag=f"cp{DIGITS}-cp{DIGITS}-win_amd64")
    both = f"torch==2.13.0 --hash=sha256:{digest_of(general)} --hash=sha256:{digest_of(cpu)}\n"
    unknown = f"torch==2.13.0 --hash=sha256:{digest_of(general)}\n"
    with Index(tmp_path / "cpu").serve() as index:
        options = SetupOptions(extra_indexes=(index.url,))
        assert fetched(tmp_path / "both", options, both) == ["2.13.0+cpu"]
        assert fetched(tmp_path / "unknown", options, unknown) == ["2.13.0"]
