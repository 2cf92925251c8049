"""An environment of another version of GeoFM: what an update brings, and whether it serves meanwhile."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from geofm.inference import environment, places
from geofm.inference.environment import NotInstalled, State, requirements, state, updates
from geofm.inference.environment.platforms import this_platform
from geofm.inference.errors import GeoFMError

WANTED = {"torch": "2.13.0+cu130", "safetensors": "0.8.0", "tqdm": "4.70.1"}
IMPORTED = {"torch", "safetensors"}


@pytest.mark.parametrize(
    ("present", "differing", "needed"),
    [
        ({}, [], []),
        ({"torch": "2.11.0"}, ["torch"], []),
        ({"torch": "2.14.0"}, ["torch"], []),
        ({"torch": "1.13.0"}, ["torch"], ["torch"]),
        ({"torch": "3.0"}, ["torch"], ["torch"]),
        # Below 1.0 the second number makes the promise.
        ({"safetensors": "0.8.3"}, ["safetensors"], []),
        ({"safetensors": "0.7.0"}, ["safetensors"], ["safetensors"]),
        ({"torch": "2.13.0"}, [], []),
        # What others import fits them: they were tried together.
        ({"tqdm": "3.0"}, ["tqdm"], []),
        ({"tqdm": ""}, ["tqdm"], ["tqdm"]),
        ({"numpy": "2.0"}, [], []),
    ],
)
def test_it_serves_where_all_is_there_that_is_imported(
    present: dict[str, str], differing: list[str], needed: list[str]
) -> None:
    whole = {**WANTED, "torch": "2.13.0", **present}
    there = {name: version for name, version in whole.items() if version}
    found = updates.updates(WANTED, IMPORTED, there)
    assert [one.package for one in found] == differing
    assert [one.package for one in found if one.needed] == needed


def test_why_it_does_not_serve_is_said_in_words() -> None:
    found = updates.updates(WANTED, IMPORTED, {"torch": "1.0", "safetensors": "0.7.9"})
    assert updates.needed_words(found) == (
        "it lacks tqdm 4.70.1, and its safetensors is 0.7.9, not 0.8.0, and its torch is 1.0, not 2.13.0"
    )
    assert updates.needed_words(updates.updates(WANTED, IMPORTED, WANTED)) == ""


@pytest.mark.parametrize(("version", "old"), [("3.10", True), ("3.11", False), ("3.13", False), ("", False)])
def test_a_python_that_the_code_does_not_run_on_does_not_serve(version: str, old: bool) -> None:
    assert [one.needed for one in updates.python_update(version)] == [True] * old


@pytest.mark.parametrize("name", ["cpu", "cuda"])
def test_what_is_asked_for_is_read_from_the_real_lists(name: str) -> None:
    asked = requirements.asked(name)
    assert {"torch", "rasterio", "scikit-learn", "huggingface-hub"} < asked
    runtime = {"cpu": "onnxruntime", "cuda": "onnxruntime-gpu"}[name]
    assert asked & {"onnxruntime", "onnxruntime-gpu"} == {runtime}
    assert not asked & {"numpy==2.4.6", "engine", "tqdm"}


def test_this_engine_differs_in_nothing_from_its_list(engine_python: Path) -> None:
    """The folders' names say what the lists say, local versions and underscores included."""
    folder = engine_python.parent.parent
    if not (folder / state.STAMP).is_file():
        pytest.skip("needs an engine that GeoFM made")
    assert updates.updates_of(folder, this_platform().tag, "cpu") == ()


def _renew(small: Path, wheels: Path, write_wheel: Callable[..., str], version: str) -> None:
    small.write_text(write_wheel(wheels, "small_library", version), encoding="utf-8")


def _version(python: Path) -> str:
    code = "import small_library; print(small_library.version)"
    answer = subprocess.run([str(python), "-I", "-c", code], check=True, capture_output=True, text=True)
    return answer.stdout.strip()


def test_an_older_engine_serves_until_the_update_is_whole(
    small: Path, wheels: Path, write_wheel: Callable[..., str], own_home: Path
) -> None:
    first = environment.create()
    _renew(small, wheels, write_wheel, "1.1")
    status = environment.check()
    assert (status.state, status.usable, status.python) == (State.OUTDATED, True, first)
    assert status.updates == (updates.Update("small-library", "1.0", "1.1", needed=False),)
    assert "serves until it is updated" in status.message
    assert environment.engine_python() == first

    # Updates that fail: no such package; then a trial that does not pass.
    good = small.read_text(encoding="utf-8")
    small.write_text(f"small-library==1.2 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with pytest.raises(NotInstalled):
        environment.create()
    assert environment.engine_python() == first
    assert "renewal was not finished" in environment.check().message
    assert _version(first) == "1.0"

    small.write_text(good, encoding="utf-8")
    second = environment.create()
    assert environment.check().state is State.READY
    assert environment.engine_python() == second
    assert _version(second) == "1.1"
    assert not first.exists()


def test_an_engine_that_lacks_what_is_imported_does_not_serve(
    small: Path, wheels: Path, write_wheel: Callable[..., str]
) -> None:
    environment.create()
    more = write_wheel(wheels, "another_library", "1.0")
    small.write_text(small.read_text(encoding="utf-8") + more, encoding="utf-8")
    status = environment.check()
    assert (status.state, status.usable) == (State.OUTDATED, False)
    with pytest.raises(GeoFMError, match=r"cannot use it: it lacks another-library 1\.0\.") as caught:
        environment.engine_python()
    assert "set-up" in caught.value.hint
    assert _version(environment.create()) == "1.0"


def test_of_several_the_one_that_serves_is_used(
    small: Path, wheels: Path, write_wheel: Callable[..., str]
) -> None:
    first = environment.create()
    later = places.engines_folder() / "later"
    (later / "bin").mkdir(parents=True)
    state.python_in(later).touch()
    state.write_stamp(state.Made(later, {"other.txt": "sha256:0"}))
    _renew(small, wheels, write_wheel, "1.1")
    assert environment.engine_python() == first
