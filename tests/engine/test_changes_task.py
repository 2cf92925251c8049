"""geofm:change in the engine: its methods and corrections on planted changes, and input that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.warp import Resampling, reproject

from geofm.inference.change_options import ChangeOptions
from geofm.inference.engine.base import Context
from geofm.inference.engine.journal import NAME
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.errors import Cancelled, UnsupportedInput
from geofm.inference.jobs import Extent, Job, RasterRef, Task

QUIET = Context(progress=lambda *_: None, check=lambda: None)
NAMES = ("blue", "green", "red", "nir")
Write = Callable[..., RasterRef]


@pytest.fixture(scope="module")
def planting(script: Callable[[str], ModuleType]) -> ModuleType:
    """scripts/planted_change.py, which plants changes in real scenes."""
    return script("planted_change")


@pytest.fixture(scope="module")
def engine(script: Callable[[str], ModuleType]) -> Services:
    made: Services = script("bench_planted").services()
    return made


def job(before: RasterRef, after: RasterRef, out: Path, method: str = "irmad", **options: Any) -> Job:
    fields = {name: options.pop(name) for name in ("extent", "threshold") if name in options}
    change = ChangeOptions(method=method, **{"clouds": "off", **options})
    model = "spectral-texture" if method == "distance" else ""
    mask = str(out.with_suffix(".mask.tif"))
    return Job(
        Task.CHANGE, (before,), str(out), after=(after,), model=model, change=change, mask=mask, **fields
    )


def read(path: str) -> np.ndarray:
    with rasterio.open(path) as source:
        found: np.ndarray = source.read(1)
    return found


def f1(truth: np.ndarray, found: np.ndarray) -> float:
    return float(2 * (truth & found).sum() / (truth.sum() + found.sum()))


@pytest.fixture
def dates(planting: ModuleType, samples: Path, tmp_path: Path) -> tuple[RasterRef, RasterRef, np.ndarray]:
    """A real scene on two days, half a pixel apart under another light, and where it changed."""
    chips = planting.chips(samples / "sentinel2-chips")
    made = planting.planted(np.random.default_rng(2), chips[8], chips[2], planting.Planting())
    (before,), (after,) = planting.written(tmp_path, made)
    return before, after, made.changed


@pytest.mark.parametrize("method", ["irmad", "distance"])
def test_corrections_find_what_light_and_shift_hid(
    engine: Services, dates: tuple[RasterRef, RasterRef, np.ndarray], tmp_path: Path, method: str
) -> None:
    before, after, truth = dates
    scores = {}
    for told in ("off", "correct"):
        out = tmp_path / f"{told}.tif"
        wanted = job(before, after, out, method, align=told, normalise=told == "correct")
        result = run_job(wanted, engine, QUIET)
        scores[told] = f1(truth, read(wanted.mask) == 1)
    facts = result.facts
    assert facts["method"] == method
    assert facts["alignment"]["corrected"]
    assert facts["alignment"]["shift_px"] == pytest.approx([0.5, 0.5], abs=0.1)
    assert facts["alignment"]["shift_m"] == pytest.approx(7.07, abs=1)
    assert ("normalisation" in facts) == (method != "irmad")
    assert any("was moved onto it" in note for note in result.warnings)
    plain = tmp_path / "difference.tif"
    raw = job(before, after, plain, "difference", align="off", normalise=False)
    run_job(raw, engine, QUIET)
    assert scores["correct"] > f1(truth, read(raw.mask) == 1) + 0.2
    assert scores["correct"] > scores["off"] + 0.02


def test_a_shift_is_only_told_where_that_was_asked_for(
    engine: Services, dates: tuple[RasterRef, RasterRef, np.ndarray], tmp_path: Path
) -> None:
    before, after, _ = dates
    jobs = [job(before, after, tmp_path / f"{told}.tif", align=told) for told in ("off", "warn")]
    left, warned = (run_job(wanted, engine, QUIET) for wanted in jobs)
    assert np.array_equal(read(left.outputs["OUTPUT"]), read(warned.outputs["OUTPUT"]))
    assert "alignment" not in left.facts
    assert not warned.facts["alignment"]["corrected"]
    assert any("edges may count as change" in note for note in warned.warnings)


def test_a_part_of_an_aligned_pair_is_computed_alone(
    engine: Services, dates: tuple[RasterRef, RasterRef, np.ndarray], tmp_path: Path
) -> None:
    """Whole pixels, the same twice over: nothing depends on the order of blocks or of runs."""
    before, after, _ = dates
    extent = Extent(500_300, 4_998_000, 502_000, 4_999_700, "EPSG:32632")
    results = [
        run_job(job(before, after, tmp_path / f"{n}.tif", "distance", extent=extent), engine, QUIET)
        for n in "ab"
    ]
    first, second = (read(result.outputs["OUTPUT"]) for result in results)
    assert first.shape == (170, 170)
    assert np.array_equal(first, second)
    assert results[0].facts == results[1].facts


def test_an_interrupted_run_goes_on(
    engine: Services,
    dates: tuple[RasterRef, RasterRef, np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after, _ = dates
    monkeypatch.setattr("geofm.inference.engine.tasks.change.BLOCK", 64)
    home = tmp_path / "home"
    monkeypatch.setenv("GEOFM_HOME", str(home))
    seen = 0

    def stop(stage: str, done: int, total: int, message: str) -> None:
        nonlocal seen
        seen += stage == "compare"
        if seen > 8:
            raise Cancelled("The run was cancelled.")

    wanted = job(before, after, tmp_path / "a.tif")
    with pytest.raises(Cancelled):
        run_job(wanted, engine, Context(progress=stop, check=lambda: None))
    assert list(home.rglob(NAME))
    again = run_job(wanted, engine, QUIET)
    assert again.facts["blocks_continued"] > 3
    whole = run_job(replace(wanted, output=str(tmp_path / "b.tif"), mask=""), engine, QUIET)
    assert np.array_equal(read(again.outputs["OUTPUT"]), read(whole.outputs["OUTPUT"]))
    assert again.facts["threshold"] == whole.facts["threshold"]


def scene(seed: int, side: int = 96, bands: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ground = np.kron(rng.random((bands, side // 8, side // 8)), np.ones((8, 8))) * 2000 + 500
    return (ground + rng.normal(size=ground.shape) * 20).astype(np.uint16)


@pytest.mark.parametrize(
    ("method", "spoil", "said"),
    [
        ("irmad", "apart", "no pixel that is valid on both dates"),
        ("difference", "apart", "no pixel that is valid on both dates"),
        ("distance", "apart", "no pixel that is valid on both dates"),
        ("irmad", "empty", "no pixel that is valid on both dates"),
        ("distance", "empty", "no pixel that is valid on both dates"),
        ("irmad", "flat", "the same everywhere"),
        ("difference", "flat", "the same everywhere"),
    ],
)
def test_dates_that_have_nothing_to_compare_are_refused(
    raster: Write, engine: Services, tmp_path: Path, method: str, spoil: str, said: str
) -> None:
    first, second = scene(0), scene(1)
    if spoil == "apart":
        first[:, :, 40:], second[:, :, :50] = 0, 0
    elif spoil == "empty":
        second[:] = 0
    else:
        first[:] = 700
    before, after = (
        replace(raster(f"{n}.tif", day, names=NAMES), nodata=0.0) for n, day in (("a", first), ("b", second))
    )
    with pytest.raises(UnsupportedInput, match=said):
        run_job(job(before, after, tmp_path / "o.tif", method), engine, QUIET)
    assert not (tmp_path / "o.tif").exists()


@pytest.mark.parametrize("method", ["irmad", "difference", "distance"])
@pytest.mark.parametrize("side", [16, 40])
def test_small_rasters_of_one_band_are_compared(
    raster: Write, engine: Services, tmp_path: Path, method: str, side: int
) -> None:
    first = scene(2, side, 1)
    second = (first + np.random.default_rng(3).normal(size=first.shape) * 20).astype(np.uint16)
    second[:, 2:6, 2:6] += 4000
    before, after = (raster(f"{n}.tif", day, names=("red",)) for n, day in (("a", first), ("b", second)))
    result = run_job(job(before, after, tmp_path / "o.tif", method), engine, QUIET)
    found = read(result.outputs["MASK"]) == 1
    assert found[3:5, 3:5].all()
    assert found[10:, 10:].mean() < 0.1
    assert not result.facts["alignment"]["corrected"]


def test_dates_of_another_crs_and_resolution_are_aligned(
    planting: ModuleType, samples: Path, raster: Write, engine: Services, tmp_path: Path
) -> None:
    """The later date lies on pixels of 20 m of the neighbouring zone, and 13 m further east and south."""
    chips = planting.chips(samples / "sentinel2-chips")
    before = raster("a.tif", chips[0].astype(np.uint16), names=planting.NAMES)
    later = np.zeros((12, 140, 140), np.uint16)
    place = Affine(20, 0, 1_040_000, 0, -20, 5_020_000)
    with rasterio.open(before.path) as source:
        bounds = rasterio.warp.transform_bounds(source.crs, "EPSG:32632", *source.bounds)
        place = Affine(20, 0, round(bounds[0], -1), 0, -20, round(bounds[3], -1))
        reproject(
            source.read(), later, src_transform=source.transform, src_crs=source.crs,
            dst_transform=Affine.translation(-13, 13) * place, dst_crs="EPSG:32632",
            resampling=Resampling.cubic,
        )  # fmt: skip
    after = raster("b.tif", later, names=planting.NAMES, crs="EPSG:32632", transform=place, nodata=0)
    result = run_job(job(before, after, tmp_path / "o.tif"), engine, QUIET)
    alignment = result.facts["alignment"]
    assert alignment["corrected"]
    assert alignment["shift_m"] == pytest.approx(13 * 2**0.5, abs=3)
    assert read(result.outputs["OUTPUT"]).shape == (256, 256)


def test_other_bands_are_for_irmad_alone(raster: Write, engine: Services, tmp_path: Path) -> None:
    first = scene(4)
    second = first.copy()
    second[:, 20:40, 20:40] = scene(5)[:, 20:40, 20:40]
    before = raster("a.tif", first, names=NAMES)
    after = raster("b.tif", second[:2], names=("swir16", "swir22"))
    with pytest.raises(UnsupportedInput, match="no band in common"):
        run_job(job(before, after, tmp_path / "o.tif", "difference"), engine, QUIET)
    result = run_job(job(before, after, tmp_path / "o.tif"), engine, QUIET)
    magnitude = read(result.outputs["OUTPUT"])
    assert np.median(magnitude[22:38, 22:38]) > 4 * np.median(magnitude[50:, 50:])
    assert any("could not be checked" in note for note in result.warnings)


def test_a_pair_without_a_place_is_compared_where_it_lies(
    raster: Write, engine: Services, tmp_path: Path
) -> None:
    """What has no coordinate system cannot be moved; that is said."""
    first = scene(6, 192)
    before = raster("a.tif", first, names=NAMES, crs=None)
    after = raster("b.tif", np.roll(first, 1, axis=2), names=NAMES, crs=None)
    result = run_job(job(before, after, tmp_path / "o.tif"), engine, QUIET)
    assert result.facts["alignment"]["reliable"]
    assert not result.facts["alignment"]["corrected"]
    assert any("it could not be moved" in note for note in result.warnings)


def test_false_alarms_set_the_threshold(raster: Write, engine: Services, tmp_path: Path) -> None:
    first = scene(7, 256)
    second = (first * 1.1 + np.random.default_rng(8).normal(size=first.shape) * 20).astype(np.uint16)
    second[:, 40:80, 40:80] = scene(9, 256)[:, 40:80, 40:80]
    refs = [raster(f"{n}.tif", day, names=NAMES) for n, day in (("a", first), ("b", second))]
    rates = []
    for percent in (0.5, 5.0):
        result = run_job(job(*refs, tmp_path / "o.tif", false_alarms=percent), engine, QUIET)
        found = read(result.outputs["MASK"]) == 1
        found[40:80, 40:80] = False
        rates.append(100 * found.sum() / (found.size - 1600))
        assert result.facts["threshold_method"] == "false alarms"
    assert rates == pytest.approx([0.5, 5.0], rel=0.5)
