"""Whole jobs as streams: the same bytes whatever the timing, clean ends, and no more work than due."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterioWindow

from geofm.inference.catalog import Catalog
from geofm.inference.engine import run as run_module
from geofm.inference.engine.backbones.onnx_network import OnnxNetwork
from geofm.inference.engine.backbones.spectral_texture import SpectralTexture
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.flow import Busy, Steps
from geofm.inference.engine.grid import Grid, Window
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.results.outputs import RasterWriter
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, UnsupportedInput
from geofm.inference.jobs import Extent, Job, RasterRef, Task

PIXEL = 10
LEFT, TOP = 500000, 5200000
QUIET = Context(lambda *_: None, lambda: None)


def write(path: Path, rows: int, cols: int, seed: int = 0, valid: RasterioWindow | None = None) -> Path:
    """Three bands in patches of 16 pixels; with ``valid``, nothing is written outside of it."""
    rng = np.random.default_rng(seed)
    settings = {"driver": "GTiff", "height": rows, "width": cols, "count": 3, "dtype": "uint8", "nodata": 0}
    settings |= {"tiled": True, "blockxsize": 128, "blockysize": 128, "compress": "deflate"}
    settings |= {"crs": "EPSG:32632", "transform": from_origin(LEFT, TOP, PIXEL, PIXEL), "sparse_ok": True}
    place = valid or RasterioWindow(0, 0, cols, rows)
    high, wide = int(place.height), int(place.width)
    patches = rng.integers(30, 220, (3, high // 16 + 1, wide // 16 + 1))
    pixels = np.kron(patches, np.ones((16, 16), int))[:, :high, :wide] + rng.integers(0, 9, (3, high, wide))
    with rasterio.open(path, "w", **settings) as target:
        target.write(pixels.astype(np.uint8), window=place)
        for index, name in enumerate(("red", "green", "blue"), 1):
            target.set_band_description(index, name)
    return path


def jobs(folder: Path, scene: Path) -> dict[str, Job]:
    refs = (RasterRef(str(scene)),)
    out, sure, mask = (str(folder / name) for name in ("out.tif", "sure.tif", "mask.tif"))
    return {
        "segment": Job(Task.SEGMENT, refs, out, model="trifle", confidence=sure),
        "cluster": Job(Task.CLUSTER, refs, out, model="spectral-texture", classes=3),
        "embed": Job(Task.EMBED, refs, out, model="spectral-texture"),
        "change": Job(Task.CHANGE, refs, out, after=refs, model="spectral-texture", mask=mask, threshold=1.5),
    }


def serially(todo: list[Window], steps: Steps, check: Callable[[], None], finished: Callable) -> Busy:
    """What a flow comes to, on one thread."""
    for block in todo:
        found = steps.read(block)
        if found is not None:
            steps.write(block, steps.compute(block, found))
        finished(block)
    return Busy(0, 0, 0, 0)


def slowed(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
    """Have a method take longer, and sometimes much longer."""
    work = getattr(owner, name)
    rng = np.random.default_rng(3)

    def slow(*details: object) -> object:
        time.sleep(rng.choice([0, 0, 0, 0, 0, 0, 0.01, 0.06]))
        return work(*details)

    monkeypatch.setattr(owner, name, slow)


def outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.tif*") if "scene" not in path.name}


@pytest.mark.parametrize("task", ["segment", "cluster", "embed", "change"])
def test_threads_give_the_bytes_of_a_serial_run(
    trifle: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    scene = write(tmp_path / "scene.tif", 150, 1100)
    job = jobs(tmp_path, scene)[task]
    if job.after:
        job = replace(job, after=(RasterRef(str(write(tmp_path / "scene2.tif", 150, 1100, seed=1))),))
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "flow", serially)
        run_job(job, trifle, QUIET)
    serial = outputs(tmp_path)
    assert len([name for name in serial if name.endswith(".tif")]) == (2 if job.confidence or job.mask else 1)
    for owner, name in ((RasterWriter, "write"), (Stack, "_gather")):
        with monkeypatch.context() as patch:
            slowed(patch, owner, name)
            run_job(job, trifle, QUIET)
        assert outputs(tmp_path) == serial


def test_any_number_of_threads_and_any_blending_give_the_same_bytes(
    bench_networks: ModuleType, tmp_path: Path, threads: Callable[[int], None]
) -> None:
    """One window after the other in a batch, or side by side; side by side in tiles, or blended."""
    folder = tmp_path / "models"
    for network in (bench_networks.TRIFLE, replace(bench_networks.LIGHT, halo=16, width=4)):
        network.write(folder)
    scene = write(tmp_path / "scene.tif", 500, 700)
    for model in ("trifle", "light"):
        job = replace(jobs(tmp_path, scene)["segment"], model=model)
        made = []
        for count in (1, 2, 3):
            threads(count)
            store = Store(tmp_path / "home", [folder], offline=True)
            services = Services.create(Catalog([bench_networks.CARDS, folder]), store, choose_device("cpu"))
            run_job(job, services, QUIET)
            made.append(outputs(tmp_path))
        assert made[0] == made[1] == made[2]


@pytest.mark.parametrize("task", ["segment", "embed"])
def test_an_unreadable_tile_ends_the_run_in_one_sentence(
    trifle: Services, tmp_path: Path, task: str
) -> None:
    scene = write(tmp_path / "scene.tif", 1000, 1000)
    size = scene.stat().st_size
    with open(scene, "r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))
    with pytest.raises(UnsupportedInput, match=r"^A part of scene\.tif cannot be read\.") as caught:
        run_job(jobs(tmp_path, scene)[task], trifle, QUIET)
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["scene.tif"]


@contextmanager
def small_files(limit: int) -> Iterator[None]:
    """No file may grow beyond ``limit`` bytes: to a writer it is a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files can be limited on POSIX only")
def test_a_full_disk_ends_the_run_in_one_sentence(trifle: Services, tmp_path: Path) -> None:
    scene = write(tmp_path / "scene.tif", 1200, 1200)
    job = jobs(tmp_path, scene)["embed"]
    done: list[int] = []
    context = Context(lambda stage, at, total, message: done.append(at), lambda: None)
    sentence = r"^The result out\.tif could not be written\."
    with small_files(3_000_000), pytest.raises(UnsupportedInput, match=sentence):
        run_job(job, trifle, context)
    # Found out while writing blocks, not at the end.
    assert 0 < max(done) < 1200 * 1200
    assert [path.name for path in tmp_path.iterdir()] == ["scene.tif"]


def test_cancel_is_answered_while_the_result_is_put_together(tmp_path: Path) -> None:
    """GDAL builds the final file in one call, of minutes for a large raster."""
    grid = Grid(2048, 2048, (10.0, 0.0, 5e5, 0.0, -10.0, 5e6), "")
    noise = np.random.default_rng(0).normal(0, 1, (4, 2048, 2048)).astype(np.float32)
    asked: list[float] = []

    def check() -> None:
        if any(tmp_path.glob(".a.tif.whole.*")):
            asked.append(time.perf_counter())
            raise Cancelled("Cancelled.")

    options = {"bands": 4, "dtype": "float32", "nodata": -9999.0, "provenance": {}}
    with (
        pytest.raises(Cancelled),
        RasterWriter(tmp_path / "a.tif", grid, check=check, **options) as target,
    ):
        target.write(grid.window, noise)
    assert asked
    assert time.perf_counter() - asked[0] < 1.0
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def predicted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pixels of each batch that a network was given."""
    sizes: list[int] = []
    predict = OnnxNetwork.predict

    def counted(self: OnnxNetwork, batch: object) -> object:
        sizes.append(batch.valid.size)
        return predict(self, batch)

    monkeypatch.setattr(OnnxNetwork, "predict", counted)
    return sizes


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pixels of each batch of blocks that spectral-texture was given."""
    sizes: list[int] = []
    encode = SpectralTexture.encode

    def counted(self: SpectralTexture, batch: object) -> object:
        sizes.append(batch.valid.size)
        return encode(self, batch)

    monkeypatch.setattr(SpectralTexture, "encode", counted)
    return sizes


def cut(col: int, row: int, side: int) -> Extent:
    """A square of pixels as an extent."""
    x, y = LEFT + col * PIXEL, TOP - row * PIXEL
    return Extent(x, y - side * PIXEL, x + side * PIXEL, y, "EPSG:32632")


def test_a_hundredth_costs_a_hundredth(
    trifle: Services, bench_networks: ModuleType, tmp_path: Path, predicted: list[int]
) -> None:
    inner = bench_networks.TRIFLE.inner
    side = 10 * inner
    job = jobs(tmp_path, write(tmp_path / "scene.tif", side, side))["segment"]
    run_job(job, trifle, QUIET)
    whole = sum(predicted)
    assert whole == 100 * bench_networks.WINDOW**2
    predicted.clear()
    run_job(replace(job, extent=cut(3 * inner, 5 * inner, inner)), trifle, QUIET)
    assert sum(predicted) == whole / 100
    predicted.clear()
    run_job(replace(job, extent=cut(3 * inner - 40, 5 * inner + 30, inner)), trifle, QUIET)
    assert sum(predicted) == 4 * whole / 100


def test_nothing_is_computed_where_nothing_is_valid(
    trifle: Services, bench_networks: ModuleType, tmp_path: Path, predicted: list[int], encoded: list[int]
) -> None:
    inner = bench_networks.TRIFLE.inner
    # Data in two tiles of a block of four, in one block of 512 of four.
    valid = RasterioWindow(20, 20, inner + 30, inner - 60)
    scene = write(tmp_path / "scene.tif", 1024, 1024, valid=valid)
    made = jobs(tmp_path, scene)
    run_job(made["segment"], trifle, QUIET)
    assert sum(predicted) == 2 * bench_networks.WINDOW**2
    with rasterio.open(made["segment"].output) as result:
        seen = result.read(1) != 0
    assert seen.sum() == valid.width * valid.height
    assert seen[20:184, 20:274].all()
    run_job(made["embed"], trifle, QUIET)
    assert encoded == [(512 + 6) ** 2]
    with rasterio.open(made["embed"].output) as result:
        assert ((result.read(1) != result.nodata) == seen).all()


CHILD = """
import json, sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from geofm.inference.engine import pipeline
pipeline.GDAL_CACHE = 16 * 1024**2
import bench_memory, bench_networks
scene, folder = map(Path, sys.argv[3:5])
print(json.dumps(bench_memory.measure(scene, "segment", folder, bench_networks.TRIFLE)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read as Linux tells it")
def test_memory_does_not_grow_with_the_raster(
    bench_networks: ModuleType, plugins: Path, scripts: Path, tmp_path: Path
) -> None:
    """Four times the pixels, with a cache of GDAL's scaled down like the rasters."""
    peaks = []
    for side in (2560, 5120):
        scene, folder = tmp_path / f"{side}.tif", tmp_path / str(side)
        bench_networks.write_scene(scene, side)
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(plugins), str(scripts), str(scene), str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=120,
        )
        peaks.append(json.loads(child.stdout.splitlines()[-1])["peak"])
    assert peaks[1] < 1.05 * peaks[0]
