"""A run that was ended early goes on where it was: the same bytes, less work, nothing in the way."""

from __future__ import annotations

import hashlib
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from geofm.inference.catalog import Catalog
from geofm.inference.change_options import ChangeOptions
from geofm.inference.client import Engine, EngineSettings
from geofm.inference.engine import work as work_module
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.flow import Steps
from geofm.inference.engine.grid import Window
from geofm.inference.engine.journal import NAME
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.run import Run
from geofm.inference.engine.weights.store import Store
from geofm.inference.engine.work import PATIENCE, unfinished
from geofm.inference.errors import Cancelled, Crashed, UnsupportedInput
from geofm.inference.job_files import write_job_file
from geofm.inference.jobs import Job, RasterRef, Result, SampleRef, Task
from geofm.inference.places import runs_folder

ROOT = Path(__file__).resolve().parents[2]
CARDS = ROOT / "resources" / "models"
PIXEL, LEFT, TOP = 10, 500000, 5200000
QUIET = Context(lambda *_: None, lambda: None)


@pytest.fixture(scope="module")
def light(bench_networks: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the card of a light network for three bands."""
    folder = tmp_path_factory.mktemp("models")
    # Small tiles: blocks are of 448 pixels.
    replace(bench_networks.TRIFLE, halo=72).write(folder)
    return folder


@pytest.fixture(scope="module")
def services(light: Path, tmp_path_factory: pytest.TempPathFactory) -> Services:
    store = Store(tmp_path_factory.mktemp("home"), [light], offline=True)
    catalog = Catalog([CARDS, light])
    return Services.create(catalog, store, choose_device("cpu"))


@pytest.fixture(autouse=True)
def home(scratch_home: Path) -> Path:
    """Each test sees the unfinished runs of no other."""
    return scratch_home


def write(path: Path, rows: int = 1100, cols: int = 1500, changed: bool = False) -> Path:
    """Three bands of patches with noise; one block of 448 pixels and one of 512 are empty."""
    rng = np.random.default_rng(0)
    patches = rng.integers(30, 220, (3, rows // 16 + 1, cols // 16 + 1))
    if changed:
        rng = np.random.default_rng(1)
        patches[:, 4:20, 4:40] = rng.integers(30, 220, (3, 16, 36))
    pixels = np.kron(patches, np.ones((16, 16), int))[:, :rows, :cols] + rng.integers(0, 9, (3, rows, cols))
    pixels[:, 440:1024, 440:1024] = 0
    settings = {"driver": "GTiff", "height": rows, "width": cols, "count": 3, "dtype": "uint8", "nodata": 0}
    settings |= {"crs": "EPSG:32632", "transform": from_origin(LEFT, TOP, PIXEL, PIXEL), "tiled": True}
    with rasterio.open(path, "w", compress="deflate", **settings) as target:
        target.write(pixels.astype(np.uint8))
        target.descriptions = ("red", "green", "blue")
    return path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for the whole file, of which no test changes a byte."""
    return write(tmp_path_factory.mktemp("scene") / "scene.tif")


@pytest.fixture
def own_scene(scene: Path, tmp_path: Path) -> Path:
    """A copy for a test that changes it."""
    return Path(shutil.copy(scene, tmp_path))


def segmenting(folder: Path, scene: Path) -> Job:
    folder.mkdir(exist_ok=True)
    out, sure = str(folder / "out.tif"), str(folder / "sure.tif")
    return Job(Task.SEGMENT, (RasterRef(str(scene)),), out, model="trifle", confidence=sure)


def changing(folder: Path, scene: Path) -> Job:
    folder.mkdir(exist_ok=True)
    later = scene.with_name("later.tif")
    if not later.exists():
        with rasterio.open(scene) as dataset:
            write(later, dataset.height, dataset.width, changed=True)
    out, mask = str(folder / "out.tif"), str(folder / "mask.tif")
    after = (RasterRef(str(later)),)
    return Job(Task.CHANGE, (RasterRef(str(scene)),), out, after=after, model="spectral-texture", mask=mask)


def classifying(folder: Path, scene: Path, services: Services) -> Job:
    folder.mkdir(exist_ok=True)
    refs = (RasterRef(str(scene)),)
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}
    places = [(40 * i + 5, 37 * i + 5) for i in range(10)]
    points = [
        {
            "type": "Feature",
            "properties": {"kind": "ab"[number % 2]},
            "geometry": {"type": "Point", "coordinates": [LEFT + col * PIXEL + 5, TOP - row * PIXEL - 5]},
        }
        for number, (row, col) in enumerate(places)
    ]
    samples = scene.with_name("samples.geojson")
    samples.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": points}))
    taught = str(scene.with_name("taught.geofm"))
    ref = SampleRef(str(samples), field="kind")
    job = Job(Task.TRAIN, refs, taught, model="spectral-texture", samples=ref, method="fast")
    run_job(job, services, QUIET)
    refusing: dict[str, Any] = {"refuse_below": 70, "refuse_novel": True, "novelty": str(folder / "new.gpkg")}
    return Job(Task.CLASSIFY, refs, str(folder / "out.tif"), classifier=taught, **refusing)


def sums(job: Job) -> dict[str, str]:
    """Digests of the rasters that a job has written, and of what stands beside them."""
    folder = Path(job.output).parent
    found = [path for path in folder.iterdir() if not path.name.endswith(".job.json")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def clear(job: Job) -> None:
    for path in Path(job.output).parent.iterdir():
        path.unlink()


def journals() -> list[Path]:
    return sorted(runs_folder().glob(f"*/{NAME}"))


def noted() -> int:
    """Blocks that unfinished runs have done."""
    return sum(path.read_bytes().count(b"\n") for path in journals())


def facts_of(result: Result | dict[str, Any]) -> dict[str, Any]:
    facts = result["facts"] if isinstance(result, dict) else result.facts
    return {key: value for key, value in facts.items() if key != "blocks_continued"}


# --- killed -----------------------------------------------------------------------------------


SERVER = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import onnxruntime, sklearn.ensemble, torch
from geofm.inference.catalog import Catalog
from geofm.inference.engine import work as work_module
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import Store
from geofm.inference.engine.tasks import change, classify, segment
from geofm.inference.job_files import read_job_file

def work(job, log):
    # Not before the fork: threads do not come along.
    store = Store(Path(os.environ["GEOFM_HOME"]), [sys.argv[3]], True)
    services = Services.create(Catalog(sys.argv[2:4]), store, choose_device("cpu"))
    def progress(stage, done, total, message):
        print(stage, done, total, file=log, flush=True)
    result = run_job(read_job_file(job), services, Context(progress, lambda: None))
    print("end", json.dumps(result.to_dict()), file=log, flush=True)

for line in sys.stdin:
    home, job, log = line.split()
    pid = os.fork()
    if not pid:
        try:
            os.environ["GEOFM_HOME"] = home
            with open(log, "w") as file:
                work(job, file)
        finally:
            os._exit(0)
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("gone", flush=True)
"""


class Killer:
    """Runs jobs in processes of their own, which it can kill; each costs a fork, not the imports."""

    def __init__(self, plugins: Path, light: Path, folder: Path) -> None:
        self._folder = folder
        command = [sys.executable, "-c", SERVER, str(plugins), str(CARDS), str(light)]
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, job: Job, moment: float = 60.0) -> tuple[str, dict[str, Any] | None]:
        """Kill a job after so many seconds; its last words, and its answer if it was faster."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        write_job_file(job, self._folder / "job")
        names = os.environ["GEOFM_HOME"], self._folder / "job", self._folder / "log"
        print(*names, file=self._server.stdin, flush=True)
        pid = int(self._server.stdout.readline())
        if not select.select([self._server.stdout], [], [], moment)[0]:
            os.kill(pid, signal.SIGKILL)
        assert self._server.stdout.readline() == "gone\n"
        last = ["", *(self._folder / "log").read_text().splitlines()][-1]
        return last, json.loads(last[4:]) if last.startswith("end ") else None

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(20)


@pytest.fixture(scope="module")
def killer(plugins: Path, light: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    made = Killer(plugins, light, tmp_path_factory.mktemp("jobs"))
    yield made
    made.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each process that is killed is a fork of one")
@pytest.mark.parametrize(("task", "kills"), [("segment", 20), ("change", 5), ("classify", 4)])
def test_a_run_killed_at_random_moments_ends_in_the_same_bytes(
    services: Services, killer: Killer, scene: Path, tmp_path: Path, task: str, kills: int
) -> None:
    """Runs are killed, and those after them too, until one ends; then anew."""
    folder = tmp_path / "out"
    if task == "segment":
        job = segmenting(folder, scene)
    elif task == "change":
        # Six blocks of both dates are work enough.
        job = changing(folder, write(tmp_path / "scene.tif", 700, 1100))
    else:
        job = classifying(folder, scene, services)
    killer.run(job)
    expected = sums(job)
    clear(job)
    start = time.perf_counter()
    _, answer = killer.run(job)
    length = time.perf_counter() - start
    assert answer is not None
    assert sums(job) == expected
    facts = facts_of(answer)
    clear(job)
    rng = random.Random(6)
    killed: list[str] = []
    continued: list[int] = []
    # So often, at several places, and until what was made had been used.
    while len(killed) < kills or len(set(killed)) < 3 or not any(continued):
        before = noted()
        last, answer = killer.run(job, length * rng.random())
        if answer is None:
            assert noted() >= before
            killed.append(last)
        else:
            assert facts_of(answer) == facts
            assert answer["facts"].get("blocks_continued", 0) == before
            assert sums(job) == expected
            assert journals() == []
            continued.append(before)
            clear(job)
    _, answer = killer.run(job)
    assert answer is not None
    assert sums(job) == expected


def test_a_run_of_a_killed_engine_goes_on_in_the_next(
    light: Path,
    scene: Path,
    whole: dict[str, str],
    tmp_path: Path,
    engine_python: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEOFM_MODELS", str(light))
    job = segmenting(tmp_path / "out", scene)
    with Engine(EngineSettings(python=str(engine_python))) as engine:
        told = threading.Event()
        run = engine.submit(job, lambda progress: told.set() if progress.done > 448 * 448 else None)
        assert told.wait(60)
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        with pytest.raises(Crashed):
            run.result(20)
        assert list(Path(job.output).parent.iterdir()) == []
        assert noted() > 0
        messages: list[str] = []
        again = engine.submit(job, lambda progress: messages.append(progress.message)).job_result(60)
    assert again.facts["blocks_continued"] > 0
    assert any("from an earlier run" in text for text in messages)
    assert sums(job) == whole
    assert journals() == []


# --- cancelled, or ended by an error ----------------------------------------------------------


def stopping(after: int, where: str = "") -> Context:
    """Cancels when so many pixels of a stage of blocks (of any, or of one) are done."""
    seen: list[int] = []

    def check() -> None:
        if seen and seen[-1] > after:
            raise Cancelled("The run was cancelled.")

    def progress(stage: str, done: int, total: int, message: str) -> None:
        if total > 10_000 and stage.startswith(where):
            seen.append(done)

    return Context(progress, check)


@contextmanager
def computed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Window]]:
    """The blocks that are computed inside."""
    found: list[Window] = []
    with monkeypatch.context() as patch:
        stream = Run.stream

        def listening(self: Run, stage: str, todo: Any, steps: Steps[Any, Any]) -> int:
            def compute(block: Window, read: Any) -> Any:
                found.append(block)
                return steps.compute(block, read)

            return stream(self, stage, todo, replace(steps, compute=compute))

        patch.setattr(Run, "stream", listening)
        yield found


@pytest.fixture(scope="module")
def whole(services: Services, scene: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What an uninterrupted run of the segmentation makes."""
    job = segmenting(tmp_path_factory.mktemp("whole"), scene)
    run_job(job, services, QUIET)
    return sums(job)


@pytest.fixture
def begun(services: Services, scene: Path, tmp_path: Path) -> Job:
    """A run that was cancelled after some blocks."""
    job = segmenting(tmp_path / "out", scene)
    with pytest.raises(Cancelled):
        run_job(job, services, stopping(700_000))
    assert list(Path(job.output).parent.iterdir()) == []
    assert 3 < noted() < 12
    return job


def test_a_cancelled_run_goes_on_under_another_name(
    services: Services,
    begun: Job,
    whole: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a temporary result has one every time."""
    count, size = unfinished()
    assert (count, size > 0) == (1, True)
    (tmp_path / "temporary").mkdir()
    names = {"output": str(tmp_path / "temporary" / "out.tif")}
    job = replace(begun, **names, confidence=str(tmp_path / "temporary" / "sure.tif"))
    before = noted()
    with computed(monkeypatch) as blocks_made:
        result = run_job(job, services, QUIET)
    assert result.facts["blocks_continued"] == before
    # One block of twelve is empty.
    assert before + len(blocks_made) in (11, 12)
    assert sums(job) == whole
    assert unfinished() == (0, 0)


@pytest.mark.parametrize("stage", ["compare", "mask"])
def test_what_a_task_gathers_while_it_computes_is_whole(
    services: Services, scene: Path, tmp_path: Path, stage: str
) -> None:
    """The threshold of change comes from the magnitudes of all blocks, its area from all of the mask."""
    job = replace(changing(tmp_path / "out", scene), change=ChangeOptions(false_alarms=2.0))
    expected = run_job(job, services, QUIET)
    assert expected.facts["threshold_method"] == "false alarms"
    made = sums(job)
    clear(job)
    with pytest.raises(Cancelled):
        run_job(job, services, stopping(700_000, stage))
    assert list(Path(job.output).parent.iterdir()) == []
    again = run_job(job, services, QUIET)
    assert again.facts["blocks_continued"] > (0 if stage == "compare" else 9)
    assert facts_of(again) == expected.facts
    assert sums(job) == made


def test_nothing_is_taken_from_a_run_of_another_kind(
    services: Services, begun: Job, light: Path, tmp_path: Path
) -> None:
    for change in ({"seed": 1}, {"confidence": ""}, {"extent": None, "batch": 2}):
        result = run_job(replace(begun, **change), services, QUIET)
        assert "blocks_continued" not in result.facts
    assert len(journals()) == 1


def test_a_torn_line_is_done_again(services: Services, begun: Job, whole: dict[str, str]) -> None:
    (journal,) = journals()
    lines = journal.read_bytes().splitlines(keepends=True)
    # A line that lost its end, and one that was overwritten.
    journal.write_bytes(b"".join([*lines[:1], b"\0" * 20 + b"\n", *lines[2:-1], lines[-1][:-9]]))
    result = run_job(begun, services, QUIET)
    assert result.facts["blocks_continued"] == len(lines) - 2
    assert sums(begun) == whole


def test_a_block_that_lies_spoilt_is_done_again(
    services: Services, begun: Job, whole: dict[str, str]
) -> None:
    (journal,) = journals()
    for tiles in journal.parent.glob("0-*.tif"):
        content = bytearray(tiles.read_bytes())
        content[4096 + 512 * 10 : 4096 + 512 * 10 + 400] = bytes(400)
        tiles.write_bytes(content)
    before = noted()
    result = run_job(begun, services, QUIET)
    assert result.facts["blocks_continued"] == before - 1
    assert sums(begun) == whole


def test_a_source_that_changed_between_two_runs_is_read_anew(
    services: Services, begun: Job, scene: Path
) -> None:
    os.utime(scene, ns=(0, scene.stat().st_mtime_ns + 1))
    assert "blocks_continued" not in run_job(begun, services, QUIET).facts


def test_statistics_beside_a_source_change_nothing(services: Services, begun: Job, scene: Path) -> None:
    """Whoever shows a raster may leave some there."""
    item = '<PAMRasterBand band="1"><Metadata><MDI key="STATISTICS_MEAN">9</MDI></Metadata></PAMRasterBand>'
    beside = Path(f"{scene}.aux.xml")
    beside.write_text(f"<PAMDataset>{item}</PAMDataset>")
    result = run_job(begun, services, QUIET)
    beside.unlink()
    assert result.facts["blocks_continued"] > 0


def test_a_source_that_changes_meanwhile_ends_the_run_in_one_sentence(
    services: Services, own_scene: Path, tmp_path: Path
) -> None:
    job = segmenting(tmp_path / "out", own_scene)
    Path(job.output).write_bytes(b"of an earlier run")

    def progress(stage: str, done: int, total: int, message: str) -> None:
        if done > 700_000:
            os.utime(own_scene, ns=(0, 0))

    sentence = r"^scene\.tif was changed while it was being read\."
    with pytest.raises(UnsupportedInput, match=sentence) as caught:
        run_job(job, services, Context(progress, lambda: None))
    assert caught.value.hint
    # It was found out before anything was put in the place of what stood there.
    assert [path.read_bytes() for path in Path(job.output).parent.iterdir()] == [b"of an earlier run"]
    assert unfinished() == (0, 0)


def test_a_part_that_cannot_be_read_costs_no_work_that_was_done(
    services: Services, own_scene: Path, tmp_path: Path
) -> None:
    with rasterio.open(own_scene) as dataset:
        # One that no sample for statistics touches.
        place = int(dataset.get_tag_item("BLOCK_OFFSET_4_3", "TIFF", bidx=1))
    with open(own_scene, "r+b") as file:
        file.seek(place)
        good = file.read(2000)
        file.seek(place)
        file.write(b"\xff" * 2000)
    job = segmenting(tmp_path / "out", own_scene)
    with pytest.raises(UnsupportedInput, match=r"^A part of scene\.tif cannot be read\."):
        run_job(job, services, QUIET)
    assert list(Path(job.output).parent.iterdir()) == []
    before = noted()
    assert before > 0
    with pytest.raises(UnsupportedInput):
        run_job(job, services, QUIET)
    # A block that was on its way to be written when the reader failed may have come too late the first time.
    assert noted() >= before
    # As long as the file is the same one, nothing is computed twice; when it was replaced, all is.
    with open(own_scene, "r+b") as file:
        file.seek(place)
        file.write(good)
    os.utime(own_scene, ns=(0, 0))
    assert "blocks_continued" not in run_job(job, services, QUIET).facts


# --- disks ------------------------------------------------------------------------------------


@contextmanager
def small_files() -> Iterator[Callable[[int], None]]:
    """What is called inside lets no file grow beyond so many bytes: to a writer it is a full disk."""
    resource = pytest.importorskip("resource", reason="the size of files can be limited on POSIX only")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("place", ["home", "out"])
def test_a_full_disk_is_named_and_costs_no_work_that_was_done(
    services: Services, scene: Path, whole: dict[str, str], tmp_path: Path, place: str
) -> None:
    job = segmenting(tmp_path / "out", scene)
    with small_files() as limit:

        def check() -> None:
            tiles = [path.read_bytes()[:2] for path in runs_folder().glob("*/*.tif")]
            if place == "home" and noted() > 3:
                limit(4096 + 4 * 512 * 512)
            elif b"II" in tiles:
                # All blocks are there, GDAL makes the result of them.
                limit(1000)

        with pytest.raises(UnsupportedInput, match=r" could not be written\.") as caught:
            run_job(job, services, Context(lambda *_: None, check))
    assert f"disk of {tmp_path / place}" in caught.value.hint
    assert list((tmp_path / "out").iterdir()) == []
    before = noted()
    assert (3 < before < 12) if place == "home" else before == 12
    assert run_job(job, services, QUIET).facts["blocks_continued"] == before
    assert sums(job) == whole
    assert unfinished() == (0, 0)


def test_work_lies_beside_the_result_where_the_data_folder_has_no_room(
    services: Services, scene: Path, whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = segmenting(tmp_path / "out", scene)
    with monkeypatch.context() as patch:
        patch.setattr(work_module, "_room", lambda folder: 0 if runs_folder() in folder.parents else 10**9)
        with pytest.raises(Cancelled):
            run_job(job, services, stopping(700_000))
    (left,) = Path(job.output).parent.iterdir()
    assert left.name.startswith(".geofm-run-")
    assert run_job(job, services, QUIET).facts["blocks_continued"] > 0
    assert sums(job) == whole


def test_what_nobody_came_back_for_is_removed(services: Services, begun: Job) -> None:
    (journal,) = journals()
    for path in (*journal.parent.iterdir(), journal.parent):
        os.utime(path, (time.time() - PATIENCE - 60,) * 2)
    other = replace(begun, seed=1)
    run_job(other, services, QUIET)
    assert unfinished() == (0, 0)


# --- two at once ------------------------------------------------------------------------------


def test_two_runs_of_one_kind_at_once_do_not_meet(
    services: Services, begun: Job, whole: dict[str, str], tmp_path: Path
) -> None:
    """The second starts and ends in the midst of the first."""
    second = segmenting(tmp_path / "second", Path(begun.inputs[0].path))
    answers: list[Result] = []

    def progress(stage: str, done: int, total: int, message: str) -> None:
        if done > 1_200_000 and not answers:
            answers.append(run_job(second, services, QUIET))

    first = run_job(begun, services, Context(progress, lambda: None))
    assert first.facts["blocks_continued"] > 0
    assert "blocks_continued" not in answers[0].facts
    assert sums(begun) == sums(second) == whole
    assert unfinished() == (0, 0)
