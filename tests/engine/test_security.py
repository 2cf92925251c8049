"""What docs/security.md promises of the engine: no socket, nothing written elsewhere, odd outputs refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geofm.inference.catalog import default_catalog
from geofm.inference.client import Engine, EngineSettings
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import GeoFMError, InvalidRequest
from geofm.inference.job_files import read_job_file
from geofm.inference.jobs import Job, RasterRef, Task
from geofm.inference.places import data_home

ROOT = Path(__file__).resolve().parents[2]
_WRITING = "openat,open,creat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,symlink,symlinkat,truncate"
_CALL = re.compile(r"^\d+\s+(?P<name>\w+)\((?P<words>.*)")
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass
class Watched:
    """An engine whose calls to the system are written down."""

    engine: Engine
    log: Path

    def calls(self) -> list[tuple[str, str]]:
        """Name, arguments and answer of every call."""
        found = filter(None, map(_CALL.match, self.log.read_text(encoding="utf-8").splitlines()))
        return [(one["name"], one["words"]) for one in found]

    def sockets(self) -> list[tuple[str, str]]:
        names = ("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4")
        return [call for call in self.calls() if call[0] in names]

    def written(self) -> set[Path]:
        """Every path that was made, opened for writing, or given as a new name."""
        found = set()
        for name, words in self.calls():
            reads = name in ("open", "openat") and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", words)
            if name in _WRITING.split(",") and not reads and " = -1 " not in words:
                found |= {Path(path) for path in _PATH.findall(words)}
        return found


@pytest.fixture
def watched(
    engine_python: Path, scratch_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watched]:
    strace, log, python = shutil.which("strace"), tmp_path / "calls", tmp_path / "python"
    if strace is None or subprocess.run([strace, "-o", os.devnull, "true"], capture_output=True).returncode:
        pytest.skip("needs strace, and a system that lets it look")
    watch = f'-f -qq -s 4096 -e signal=none -e trace=network,{_WRITING} -o "{log}"'
    python.write_text(f'#!/bin/sh\nexec "{strace}" {watch} "{engine_python}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setenv("GEOFM_DEVICE", "cpu")
    with Engine(EngineSettings(python=str(python))) as engine:
        yield Watched(engine, log)


@pytest.fixture
def scene(raster: Callable[..., RasterRef]) -> RasterRef:
    pixels = np.random.default_rng(1).integers(1, 3000, (4, 64, 64)).astype(np.uint16)
    return raster("scene.tif", pixels, names=("B02", "B03", "B04", "B08"))


def _cluster(scene: RasterRef, output: Path | str, **more: Any) -> Job:
    return Job(Task.CLUSTER, (scene,), str(output), model="spectral-texture", classes=3, **more)


def _is_below(path: Path, folders: list[Path]) -> bool:
    return any(folder == path or folder in path.parents for folder in folders)


def test_a_run_opens_no_socket_and_leaves_nothing_but_its_outputs(
    watched: Watched, scene: RasterRef, tmp_path: Path
) -> None:
    results, token = tmp_path / "results", "hf_" + "k9" * 12
    results.mkdir()
    watched.engine.authorize(token)
    watched.engine.submit(_cluster(scene, results / "map.tif")).job_result(300)
    with pytest.raises(GeoFMError) as caught:
        watched.engine.call("authorize", {"token": [token]}).result(60)
    watched.engine.close()
    assert watched.sockets() == []
    written = watched.written()
    assert any(path.parent == results for path in written)
    # Semaphores of a library; a thread's own name; Python's copies of our own modules.
    allowed = [results, data_home(), Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/dev/null")]
    allowed = [folder for folder in allowed if folder not in tmp_path.parents]
    strange = [path for path in written if not _is_below(path, allowed) and not _is_bytecode(path)]
    assert strange == []
    left = sorted(path.name for path in results.iterdir())
    assert left == ["map.tif", "map.tif.aux.xml", "map.tif.job.json"]
    # The token came by the pipe, and went no further.
    files = [path for folder in (tmp_path, data_home()) for path in folder.rglob("*") if path.is_file()]
    assert "engine.log" in {path.name for path in files}
    assert [path for path in files if token.encode() in path.read_bytes()] == []
    assert token not in str(caught.value) + caught.value.detail


def _is_bytecode(path: Path) -> bool:
    return path.parent.name == "__pycache__" or path.name == "__pycache__"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_sockets_are_open_only_while_a_model_is_fetched(
    watched: Watched, scene: RasterRef, slow_model: Any, tmp_path: Path
) -> None:
    watched.engine.submit(_cluster(scene, tmp_path / "before.tif")).job_result(300)
    # Not offline, and nothing to fetch.
    assert watched.sockets() == []
    slow_model.pause = 0.0
    watched.engine.call("models.fetch", {"model": slow_model.id}).result(120)
    reached = {words for name, words in watched.sockets() if name == "connect"}
    assert reached
    assert all('inet_addr("127.0.0.1")' in words for words in reached)
    count = len(watched.sockets())
    assert _sockets_held(watched) == []
    watched.engine.submit(_cluster(scene, tmp_path / "after.tif")).job_result(300)
    assert len(watched.sockets()) == count
    assert not {"bind", "listen"} & {name for name, _ in watched.sockets()}


def _sockets_held(watched: Watched) -> list[str]:
    """The descriptors of the engine, a child of strace, that are sockets now."""
    strace = watched.engine.pid
    children = Path(f"/proc/{strace}/task/{strace}/children").read_text(encoding="ascii").split()
    folders = [Path(f"/proc/{pid}/fd") for pid in children]
    assert folders
    links = [os.readlink(one) for folder in folders for one in folder.iterdir() if one.is_symlink()]
    return [link for link in links if link.startswith("socket:")]


# --- odd outputs --------------------------------------------------------------------------------


@pytest.fixture
def run(scratch_home: Path) -> Callable[[Job], Any]:
    store = Store(scratch_home / "models", [], offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    return lambda job: run_job(job, services, Context(lambda *told: None, lambda: None))


def _below(path: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in path.rglob("*") if one.is_file() and not one.is_symlink()}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("folder.tif", "is a folder"),
        ("missing/map.tif", "does not exist"),
        ("folder.tif/../missing/map.tif", "does not exist"),
        ("map.sh", "cannot be written in that format"),
        ("pipe.tif", "is a device"),
        ("link-to-device.tif", "is a device"),
        ("link-to-code/map.tif", "is part of GeoFM itself"),
        ("hard-link.tif", "is what the job reads"),
        ("soft-link.tif", "is what the job reads"),
        ("link-to-here/scene.tif", "is what the job reads"),
        ("folder.tif/../scene.tif", "the same path"),
        ("x" * 300 + ".tif", "cannot be used|name too long"),
        ("a\0b.tif", "no system can write"),
        ("\udfff\ud800.tif", "no system can write"),
        ("", "is a folder"),
    ],
)  # fmt: skip
def test_an_odd_output_is_refused_and_nothing_is_touched(
    run: Callable[[Job], Any], scene: RasterRef, tmp_path: Path, name: str, said: str
) -> None:
    here = tmp_path
    (here / "folder.tif").mkdir()
    os.mkfifo(here / "pipe.tif")
    (here / "link-to-device.tif").symlink_to(os.devnull)
    (here / "link-to-code").symlink_to(ROOT / "inference", target_is_directory=True)
    (here / "link-to-here").symlink_to(here, target_is_directory=True)
    os.link(here / "scene.tif", here / "hard-link.tif")
    (here / "soft-link.tif").symlink_to("scene.tif")
    before = _below(here)
    with pytest.raises((GeoFMError, OSError), match=said):
        run(_cluster(scene, f"{here}/{name}"))
    assert _below(here) == before
    assert not list((ROOT / "inference").glob("*.tif*"))


def test_devices_and_places_of_our_own_are_refused(run: Callable[[Job], Any], scene: RasterRef) -> None:
    rooms = (ROOT, ROOT / "api", ROOT / "ui" / "edits", Path(sys.prefix) / "lib")
    for place in (room / "map.tif" for room in rooms):
        with pytest.raises(InvalidRequest, match="part of GeoFM itself"):
            run(_cluster(scene, place))
    with pytest.raises(InvalidRequest, match="device|format"):
        run(_cluster(scene, os.devnull))


def test_a_result_takes_the_place_of_a_link_and_not_of_what_it_leads_to(
    run: Callable[[Job], Any], scene: RasterRef, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.tif").write_text("mine", encoding="utf-8")
    (tmp_path / "map.tif").symlink_to(other / "letter.tif")
    (tmp_path / "map.tif.job.json").symlink_to(other / "letter.tif")
    (tmp_path / "map.tif.aux.xml").symlink_to(other / "none.xml")
    run(_cluster(scene, tmp_path / "map.tif"))
    assert [path.read_text(encoding="utf-8") for path in other.iterdir()] == ["mine"]
    assert not (tmp_path / "map.tif").is_symlink()
    assert read_job_file(tmp_path / "map.tif.job.json").output == str(tmp_path / "map.tif")


@pytest.mark.parametrize(
    ("field", "name"),
    [("table", ".bashrc"), ("mask", "x.py"), ("polygons", "x.desktop"), ("table", "x.csv.sh")],
)
def test_a_side_result_takes_no_name_of_another_kind(
    run: Callable[[Job], Any], scene: RasterRef, tmp_path: Path, field: str, name: str
) -> None:
    second = replace(scene, path=str(tmp_path / "second.tif"))
    shutil.copy(scene.path, second.path)
    (tmp_path / name).write_text("mine", encoding="utf-8")
    job = Job(
        Task.CHANGE, (scene,), str(tmp_path / "c.tif"), after=(second,), model="spectral-texture",
        **{field: str(tmp_path / name)},
    )  # fmt: skip
    with pytest.raises(InvalidRequest, match="format"):
        run(job)
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


# --- job files from anywhere --------------------------------------------------------------------

_GOOD = {"task": "cluster", "inputs": [{"path": "a.tif"}], "output": "b.tif", "model": "m", "classes": 3}


def _file(job: Any) -> bytes:
    return json.dumps({"geofm": 1, "job": job}).encode("utf-8")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (b" " * ((1 << 20) + 1), "cannot be read"),
        (b"[" * 500_000, "cannot be read"),
        (_file(_GOOD).replace(b"3", b"NaN"), "cannot be read"),
        (_file(_GOOD).replace(b"3", b"1e999"), "cannot be read"),
        (_file(_GOOD).replace(b"3", b"3" * 5000), "cannot be read"),
        (_file(_GOOD).replace(b'"classes"', b'"model": "x", "classes"'), "cannot be read"),
        (b"\xff\xfe" + _file(_GOOD), "cannot be read"),
        (b"[]", "is not a GeoFM job file"),
        (_file({**_GOOD, "shell": "ls"}), "unknown entry"),
        (_file({**_GOOD, "output": ["b.tif"]}), "wrong type"),
        (_file({**_GOOD, "output": "b\0.tif"}), "no system can write"),
        (_file({**_GOOD, "inputs": [{"path": "b.tif"}]}), "the same path"),
        (_file({**_GOOD, "inputs": [{"path": "./x/../b.tif"}]}), "the same path"),
        (_file({**_GOOD, "classes": 10**200}), "must be between"),
        (_file({**_GOOD, "seed": True}), "wrong type"),
        (_file({**_GOOD, "task": [["cluster"]]}), "Unknown task"),
        (_file({**_GOOD, "inputs": [{"path": "a.tif", "bands": [-1]}]}), "band numbers"),
    ],
)  # fmt: skip
def test_a_hostile_job_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.job.json"
    path.write_bytes(content)
    with pytest.raises(InvalidRequest, match=said) as caught:
        read_job_file(path)
    assert caught.value.message.endswith(".")
    assert len(caught.value.message) < 1000


def test_a_job_file_that_is_no_file_ends(tmp_path: Path) -> None:
    for path in (tmp_path, Path("/dev/zero")):
        with pytest.raises(InvalidRequest, match="cannot be read"):
            read_job_file(path)
    path = tmp_path / "good.job.json"
    path.write_bytes(_file(_GOOD))
    assert read_job_file(path).classes == 3
