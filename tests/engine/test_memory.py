"""How much is computed at once changes no map; too little memory lowers it, or is one clear error."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors

from geofm.inference.bands import PRESETS, SENTINEL2
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones.galileo import Galileo, GalileoNetwork
from geofm.inference.engine.base import Context, Scene, WindowBatch
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.memory import Memory, is_out_of_memory
from geofm.inference.engine.models import Services
from geofm.inference.engine.parts.onnx_graph import Session
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.weights.store import default_store
from geofm.inference.errors import OutOfMemory
from geofm.inference.jobs import Extent, Job, RasterRef, Result, SampleRef, Task

JULY = datetime.date(2024, 7, 15)
Clouds = Callable[..., tuple[Result, np.ndarray]]
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
ORT = (
    "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Conv node. "
    "bfc_arena.cc:376 AllocateRawInternal Failed to allocate memory for requested buffer of size 1073741824"
)
FAULTS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    onnx_errors.RuntimeException(ORT),
    onnx_errors.Fail("[ONNXRuntimeError] : 1 : FAIL : CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
]
NAMES = ["torch", "onnxruntime", "cublas", "cpu", "numpy"]
WINDOWS = np.random.default_rng(0).normal(size=(5, 2, 128, 128)).astype(np.float32)


class Small:
    """A device with room for so many numbers, which doubles what it is given."""

    def __init__(self, room: int, fault: Exception = FAULTS[0]) -> None:
        self.room, self.fault = room, fault
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, windows: np.ndarray) -> np.ndarray:
        self.asked.append(windows.shape)
        if windows.size > self.room:
            raise self.fault
        return 2 * windows


# --- fewer, then smaller, then an error --------------------------------------------------------------


@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_what_each_library_raises_is_known(fault: Exception) -> None:
    assert is_out_of_memory(fault)
    device, memory = Small(2 * WINDOWS[0].size, fault), Memory()
    np.testing.assert_array_equal(np.concatenate(memory.parts(device, WINDOWS, 5)), 2 * WINDOWS)


def test_the_batch_is_halved_and_stays_so() -> None:
    device, memory = Small(2 * WINDOWS[0].size), Memory()
    for _ in range(2):
        found = memory.windows(device, WINDOWS, 5, halo=0)
        np.testing.assert_array_equal(found, 2 * WINDOWS)
    assert [shape[0] for shape in device.asked] == [5, 2, 2, 1, 2, 2, 1]
    assert memory.notes() == ["Memory did not suffice for 5 windows at once: 2 were computed."]
    memory.reset()
    assert memory.notes() == []


def test_with_room_nothing_is_lowered() -> None:
    device, memory = Small(WINDOWS.size), Memory()
    memory.windows(device, WINDOWS, 3, halo=8)
    assert [shape[0] for shape in device.asked] == [3, 2]
    assert memory.notes() == []


@pytest.mark.parametrize("share", [0.6, 0.99], ids=["96 of 128", "just too little"])
def test_a_window_that_does_not_fit_is_computed_in_quarters(share: float) -> None:
    device, memory = Small(int(share * WINDOWS[0].size)), Memory()
    for _ in range(2):
        np.testing.assert_array_equal(memory.windows(device, WINDOWS, 5, halo=8), 2 * WINDOWS)
    assert [shape[0] for shape in device.asked[:3]] == [5, 2, 1]
    # 64 and the halo, brought to a multiple of 32; tried whole once, never again.
    assert {shape[-1] for shape in device.asked[3:]} == {96}
    assert len(device.asked) == 3 + 2 * 5 * 4
    assert len(memory.notes()) == 2


def test_quarters_see_the_halo_around_what_is_kept_of_them() -> None:
    """A mean over 17 pixels: in the window and in its quarters the same, but for the window's own edge."""

    def mean(windows: np.ndarray) -> np.ndarray:
        if windows.shape[-1] == 128:
            raise FAULTS[0]
        return torch.nn.functional.avg_pool2d(torch.from_numpy(windows), 17, 1, 8).numpy()

    found = Memory().windows(mean, WINDOWS, 5, halo=8)
    whole = torch.nn.functional.avg_pool2d(torch.from_numpy(WINDOWS), 17, 1, 8).numpy()
    np.testing.assert_allclose(found, whole, atol=1e-6)


def test_where_nothing_fits_one_sentence_says_so() -> None:
    with pytest.raises(OutOfMemory, match="single window") as caught:
        Memory().windows(Small(10), WINDOWS, 5, halo=8)
    assert "cpu" in caught.value.hint
    assert "CUDA out of memory" in caught.value.detail
    with pytest.raises(OutOfMemory):
        Memory().windows(Small(WINDOWS[0].size - 1), WINDOWS, 5, halo=0)


def test_another_fault_is_not_taken_for_it() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        Memory().parts(Small(0, RuntimeError("shapes do not match")), WINDOWS, 5)


# --- in the models ----------------------------------------------------------------------------------


def test_galileo_s_tokens_stay_with_fewer_windows_at_once(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = default_catalog().get("galileo-nano")
    encoder = Galileo.load(card, models / "galileo-nano" / "encoder.pt", "cpu")
    names = ("B02", "B03", "B04", "B08")
    pixels = np.random.default_rng(0).uniform(0, 0.4, (9, 4, 16, 16)).astype(np.float32)
    valid = np.ones((9, 16, 16), bool)
    valid[7:, :8] = False
    batch = WindowBatch(pixels, valid, tuple(SENTINEL2[name] for name in names), Scene(10.0, JULY))
    expected = encoder.encode(batch)
    real, sizes = GalileoNetwork.forward, []

    def forward(self: GalileoNetwork, groups: dict, *rest: object) -> dict:
        sizes.append(len(next(iter(groups.values()))))
        if sizes[-1] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(self, groups, *rest)

    monkeypatch.setattr(GalileoNetwork, "forward", forward)
    np.testing.assert_allclose(encoder.encode(batch), expected, atol=1e-5)
    assert sizes == [7, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    (note,) = encoder.memory.notes()
    assert "7 windows at once: 1 were" in note


def run_one(job: Job) -> tuple[Result, np.ndarray]:
    services = Services.create(default_catalog(), default_store(), choose_device("cpu"))
    result = run_job(job, services, QUIET)
    with rasterio.open(job.output) as made:
        return result, made.read(1)


@pytest.mark.parametrize("names", [("B02", "B03", "B04", "B08"), PRESETS["sentinel2-l2a"]], ids=["4", "12"])
def test_no_bit_of_a_token_depends_on_the_batch(names: tuple[str, ...], models: Path) -> None:
    """With the place known, whose embedding once was a product of another size for few windows."""
    card = default_catalog().get("galileo-nano")
    encoder = Galileo.load(card, models / "galileo-nano" / "encoder.pt", "cpu")
    bands = tuple(SENTINEL2[name] for name in names)
    chosen = list(encoder.select(bands))
    pixels = np.random.default_rng(0).uniform(0, 0.4, (9, len(chosen), 16, 16)).astype(np.float32)
    used, scene = tuple(bands[index] for index in chosen), Scene(10.0, JULY, (11.5, 48.1))

    def tokens(step: int) -> np.ndarray:
        parts = [pixels[start : start + step] for start in range(0, 9, step)]
        return np.concatenate(
            [encoder.encode(WindowBatch(p, np.ones((len(p), 16, 16), bool), used, scene)) for p in parts]
        )

    expected = tokens(9)
    for step in (1, 2, 3, 4, 8):
        np.testing.assert_array_equal(tokens(step), expected)


@pytest.fixture(scope="module")
def clouds(csmask: Path, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Clouds:
    """Segments part of a Sentinel-2 chip and its mirror images, four windows of the cloud network."""
    folder = tmp_path_factory.mktemp("clouds")
    with rasterio.open(samples / "sentinel2-chips" / "patch_511198.tif") as chip:
        part, profile = chip.read()[:, :192, :192], chip.profile
    wide = np.concatenate([part, part[..., ::-1]], axis=2)
    pixels = np.concatenate([wide, wide[:, ::-1]], axis=1)
    with rasterio.open(folder / "scene.tif", "w", **{**profile, "width": 384, "height": 384}) as target:
        target.write(pixels)
    scene = RasterRef(str(folder / "scene.tif"), names=PRESETS["sentinel2-l2a"], scale=1e-4)

    def segmented(name: str, batch: int = 0) -> tuple[Result, np.ndarray]:
        output = str(folder / f"{name}.tif")
        return run_one(Job(Task.SEGMENT, (scene,), output, model="ukis-csmask", batch=batch))

    plain = segmented("plain")
    return lambda name, batch=0: plain if name == "plain" else segmented(name, batch)


@pytest.mark.parametrize("batch", [1, 8])
def test_any_batch_gives_the_same_clouds(batch: int, clouds: Clouds) -> None:
    result, expected = clouds("plain")
    assert [warning for warning in result.warnings if "Memory" in warning] == []
    assert len(np.unique(expected)) > 1
    np.testing.assert_array_equal(clouds(f"batch {batch}", batch)[1], expected)


def test_a_run_goes_on_with_less_and_says_so(
    clouds: Clouds, threads: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime's own error out of its session, where it gets more than one window."""
    # On more, each window is a batch of its own.
    threads(1)
    expected = clouds("plain")[1]
    real = Session.run

    def run(self: Session, windows: np.ndarray) -> np.ndarray:
        if len(windows) > 1:
            raise onnx_errors.RuntimeException(ORT)
        return real(self, windows)

    monkeypatch.setattr(Session, "run", run)
    result, found = clouds("less")
    assert any("windows at once: 1 were" in warning for warning in result.warnings)
    np.testing.assert_array_equal(found, expected)


@pytest.fixture(scope="module")
def taught(models: Path, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RasterRef, str]:
    """A Landsat scene, and a classifier of its land cover on Galileo's features in float32."""
    folder = samples / "landsat7-two-dates"
    scene = RasterRef(
        str(folder / "LE70220491999322EDC01_stack.gtif"),
        names=("blue", "green", "red", "nir", "swir16", "swir22", "", ""),
        scale=1e-4,
        acquired="1999-11-18",
    )
    output = str(tmp_path_factory.mktemp("taught") / "cover.geofm")
    services = Services.create(default_catalog(), default_store(), choose_device("cpu"))
    polygons = SampleRef(str(folder / "training_data.shp"), field="class")
    run_job(Job(Task.TRAIN, (scene,), output, model="galileo-nano", samples=polygons), services, QUIET)
    return scene, output


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_any_batch_gives_the_same_land_cover(
    precision: str, taught: tuple[RasterRef, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In bf16 hardly any pixel may differ, in float32 none."""
    monkeypatch.setenv("GEOFM_PRECISION", precision)
    scene, classifier = taught
    with rasterio.open(scene.path) as source:
        left, top, side = source.bounds.left + 60 * source.res[0], source.bounds.top, 70 * source.res[0]
        extent = Extent(left, top - 2 * side, left + side, top - side, source.crs.to_wkt())
    maps = []
    for batch in (0, 1, 8):
        output = str(tmp_path / f"cover-{batch}.tif")
        job = Job(Task.CLASSIFY, (scene,), output, classifier=classifier, batch=batch, extent=extent)
        result, found = run_one(job)
        assert result.facts["precision"] == precision
        maps.append(found)
    assert len(np.unique(maps[0])) > 2
    for found in maps[1:]:
        assert (found == maps[0]).mean() >= (1.0 if precision == "float32" else 0.999)
