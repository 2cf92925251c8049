"""On an NVIDIA GPU: what the processor answers, in float32 and bf16, at any batch, with any memory.

`make test-gpu` runs these; elsewhere they are skipped. Figures are printed: docs/benchmarks.md.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import rasterio
import torch

from geofm.inference.bands import PRESETS, SENTINEL2
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones.galileo import Galileo
from geofm.inference.engine.base import Context, Scene, WindowBatch
from geofm.inference.engine.devices import choose_device, device_facts
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.precision import compare
from geofm.inference.engine.weights.store import default_store
from geofm.inference.jobs import Job, RasterRef, Result, SampleRef, Task

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU and PyTorch with CUDA"),
]
with_onnx_cuda = pytest.mark.skipif(
    "CUDAExecutionProvider" not in onnxruntime.get_available_providers(),
    reason="needs onnxruntime-gpu: resources/requirements/linux-x86_64-cuda.txt",
)
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
GPU = "cuda"
BANDS = tuple(SENTINEL2[n] for n in ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"))
Load = Callable[..., Galileo]


@pytest.fixture(scope="module")
def load(models: Path) -> Load:
    """Galileo on a device in a precision."""
    card = default_catalog().get("galileo-nano")
    weights = models / "galileo-nano" / "encoder.pt"
    return lambda device, precision="float32": Galileo.load(card, weights, device, precision)


def windows(count: int, side: int = 16) -> WindowBatch:
    """Smooth made-up reflectance, a corner of every fifth window without data."""
    chance = np.random.default_rng(0)
    light = chance.uniform(0.02, 0.5, (count, 10, side // 4, side // 4)).repeat(4, axis=2).repeat(4, axis=3)
    pixels = (light + chance.normal(0, 0.01, light.shape)).astype(np.float32)
    valid = np.ones((count, side, side), bool)
    valid[::5, : side // 2, : side // 2] = False
    return WindowBatch(pixels, valid, BANDS, Scene(10.0, datetime.date(2024, 7, 15), (11.5, 48.1)))


def run(job: Job) -> tuple[Result, np.ndarray | None]:
    services = Services.create(default_catalog(), default_store(), choose_device(job.device))
    result = run_job(job, services, QUIET)
    if job.task is Task.TRAIN:
        return result, None
    with rasterio.open(job.output) as made:
        return result, made.read(1)


@pytest.fixture(scope="module")
def scene(samples: Path) -> RasterRef:
    chip = str(samples / "sentinel2-chips" / "patch_511198.tif")
    return RasterRef(chip, names=PRESETS["sentinel2-l2a"], scale=1e-4)


# --- Galileo ----------------------------------------------------------------------------------------


def test_tokens_are_those_of_the_processor(load: Load) -> None:
    batch = windows(70)
    found, expected = load(GPU).encode(batch), load("cpu").encode(batch)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_tokens_in_bf16_agree(load: Load) -> None:
    batch = windows(64)
    encoder = load(GPU, "bfloat16")
    cosine, agreement = compare(load(GPU).encode(batch), encoder.encode(batch))
    print(f"bf16: cosine {cosine:.5f}, label agreement {agreement:.2%}")
    assert cosine > 0.998
    assert agreement > 0.97


def test_auto_checks_itself_and_says_what_it_found(load: Load, scratch_home: Path) -> None:
    encoder = load(GPU, "auto")
    print(encoder.precision)
    assert "bf16" in encoder.precision.reason


def pixels_a_second(encoder: Galileo, batch: WindowBatch) -> float:
    encoder.encode(batch)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        encoder.encode(batch)
        times.append(time.perf_counter() - start)
    return batch.valid.size / min(times)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_it_is_many_times_faster_than_a_thread_of_the_processor(
    precision: str, load: Load, threads: Callable[[int], None]
) -> None:
    threads(1)
    usual = pixels_a_second(load("cpu"), windows(64))
    speed = pixels_a_second(load(GPU, precision), windows(1024))
    print(f"{precision}: {speed:,.0f} pixels a second on {choose_device(GPU).name}, {usual:,.0f} on a thread")
    assert speed > 5 * usual


def test_with_too_little_memory_the_batch_is_lowered(load: Load) -> None:
    """The real error of the real allocator, which may take as much as a few hundred windows need."""
    encoder, batch = load(GPU), windows(4096)
    torch.cuda.empty_cache()
    expected = encoder.encode(batch)
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    held = torch.cuda.memory_reserved(0)
    # What a batch of 4096 windows holds beside its 400 MB of activations a layer does not fit in.
    torch.cuda.set_per_process_memory_fraction(min(1.0, (held + 600 * 1024**2) / total), 0)
    try:
        found = encoder.encode(batch)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, 0)
    (note,) = encoder.memory.notes()
    print(note)
    np.testing.assert_allclose(found, expected, atol=1e-4)


# --- whole runs -------------------------------------------------------------------------------------


def test_the_answer_names_the_gpu(models: Path, scene: RasterRef, tmp_path: Path) -> None:
    job = Job(Task.EMBED, (scene,), str(tmp_path / "e.tif"), model="galileo-nano", device=GPU)
    result, _ = run(job)
    assert result.device.endswith("(cuda:0)")
    assert "asked for" in result.device_reason
    assert device_facts()["gpus"][0]["fault"] == ""


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_any_batch_gives_the_same_land_cover(
    precision: str, models: Path, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the processor's, but for a few pixels on the borders of classes."""
    folder = samples / "landsat7-two-dates"
    landsat = RasterRef(
        str(folder / "LE70220491999322EDC01_stack.gtif"),
        names=("blue", "green", "red", "nir", "swir16", "swir22", "", ""),
        scale=1e-4,
        acquired="1999-11-18",
    )
    taught = str(tmp_path / "cover.geofm")
    polygons = SampleRef(str(folder / "training_data.shp"), field="class")
    run(Job(Task.TRAIN, (landsat,), taught, model="galileo-nano", samples=polygons, device="cpu"))
    monkeypatch.setenv("GEOFM_PRECISION", precision)
    maps = {}
    for batch in (0, 1, 8):
        output = str(tmp_path / f"{batch}.tif")
        job = Job(Task.CLASSIFY, (landsat,), output, classifier=taught, batch=batch, device=GPU)
        maps[batch] = run(job)[1]
    least = 0.9999 if precision == "float32" else 0.999
    assert (maps[1] == maps[0]).mean() >= least
    assert (maps[8] == maps[0]).mean() >= least
    monkeypatch.setenv("GEOFM_PRECISION", "float32")
    output = str(tmp_path / "processor.tif")
    plain = run(Job(Task.CLASSIFY, (landsat,), output, classifier=taught, device="cpu"))[1]
    agreement = (maps[0] == plain).mean()
    print(f"{precision}: {agreement:.3%} of the classes are those of the processor")
    assert agreement > (0.999 if precision == "float32" else 0.99)


@with_onnx_cuda
def test_clouds_are_those_of_the_processor(csmask: Path, scene: RasterRef, tmp_path: Path) -> None:
    maps = {}
    for device in (GPU, "cpu"):
        output = str(tmp_path / f"{device}.tif")
        result, maps[device] = run(Job(Task.SEGMENT, (scene,), output, model="ukis-csmask", device=device))
        if device == GPU:
            assert result.facts["runtime_reason"] == "It computes on the GPU."
    assert (maps[GPU] == maps["cpu"]).mean() > 0.9999


@with_onnx_cuda
@pytest.mark.parametrize("batch", [1, 8])
def test_any_batch_gives_the_same_clouds(batch: int, csmask: Path, scene: RasterRef, tmp_path: Path) -> None:
    jobs = [
        Job(Task.SEGMENT, (scene,), str(tmp_path / f"{b}.tif"), model="ukis-csmask", batch=b, device=GPU)
        for b in (0, batch)
    ]
    plain, found = (run(job)[1] for job in jobs)
    np.testing.assert_array_equal(found, plain)
