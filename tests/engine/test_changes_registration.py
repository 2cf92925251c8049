"""The shift between two dates, found in real scenes under another light, noise and planted changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from geofm.inference.engine.area import Area
from geofm.inference.engine.base import Context
from geofm.inference.engine.changes.registration import Shift, estimate_shift, moved_grid
from geofm.inference.engine.changes.smoothing import Smoothing
from geofm.inference.engine.grid import Window
from geofm.inference.engine.rasters import Stack
from geofm.inference.jobs import RasterRef

QUIET = Context(progress=lambda *_: None, check=lambda: None)
Script = Callable[[str], ModuleType]


@pytest.fixture(scope="module")
def planting(script: Script) -> ModuleType:
    """scripts/planted_change.py, which plants changes in real scenes."""
    return script("planted_change")


@pytest.fixture(scope="module")
def chips(planting: ModuleType, samples: Path) -> list[np.ndarray]:
    return planting.chips(samples / "sentinel2-chips")


def estimate(before: RasterRef, after: RasterRef, area: Area | None = None) -> Shift:
    with Stack.open((before,)) as first, Stack.open((after,), onto=first.grid) as second:
        if area is not None:
            first, second = first.limited(area), second.limited(area)
        return estimate_shift(first, second, QUIET)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.5, 0.5), (0.3, -0.4), (-1.7, 2.3)])
def test_a_shift_is_found_to_a_tenth_of_a_pixel(
    planting: ModuleType, chips: list[np.ndarray], tmp_path: Path, shift: tuple[float, float]
) -> None:
    for number in (0, 3, 6):
        rng = np.random.default_rng(number)
        dates = planting.planted(rng, chips[number], chips[number + 1], planting.Planting(shift=shift))
        (before,), (after,) = planting.written(tmp_path, dates)
        found = estimate(before, after)
        assert found.reliable
        assert np.hypot(found.rows - shift[0], found.cols - shift[1]) < 0.1, number


def test_masked_ground_and_cloud_do_not_pull(
    planting: ModuleType, chips: list[np.ndarray], tmp_path: Path
) -> None:
    """Both dates have stripes of fill in the very same rows, which would say that nothing moved."""
    what = planting.Planting(shift=(0.6, -0.4), cloud=0.2)
    dates = planting.planted(np.random.default_rng(1), chips[2], chips[4], what)
    for day in (dates.before, dates.after):
        for row in range(0, 256, 13):
            day[:, row : row + 2] = 0
    refs = [
        replace(planting.write(tmp_path / f"{name}.tif", np.maximum(day, 1)), nodata=1.0)
        for name, day in (("before", dates.before), ("after", dates.after))
    ]
    found = estimate(*refs)
    assert found.reliable
    assert np.hypot(found.rows - 0.6, found.cols + 0.4) < 0.1


def test_other_ground_and_a_warped_date_are_not_trusted(
    planting: ModuleType, chips: list[np.ndarray], tmp_path: Path
) -> None:
    before = planting.write(tmp_path / "a.tif", chips[0])
    assert not estimate(before, planting.write(tmp_path / "b.tif", chips[1])).reliable
    halves = chips[0].copy()
    halves[:, :, :85] = np.roll(chips[0], 3, axis=1)[:, :, :85]
    halves[:, :, 170:] = np.roll(chips[0], -3, axis=1)[:, :, 170:]
    torn = estimate(before, planting.write(tmp_path / "c.tif", halves))
    assert torn.tiles >= 6
    assert not torn.reliable
    flat = estimate(before, planting.write(tmp_path / "d.tif", np.full_like(chips[0], 700)))
    assert (flat.tiles, flat.reliable) == (0, False)


def test_the_shift_of_an_area_is_that_of_its_ground(
    planting: ModuleType, chips: list[np.ndarray], tmp_path: Path
) -> None:
    dates = planting.planted(np.random.default_rng(5), chips[1], chips[2], planting.Planting())
    (before,), (after,) = planting.written(tmp_path, dates)
    found = estimate(before, after, Area(Window(100, 100, 150, 150)))
    assert found.reliable
    assert np.hypot(found.rows - 0.5, found.cols - 0.5) < 0.15


def test_a_moved_grid_undoes_the_shift(
    planting: ModuleType, chips: list[np.ndarray], tmp_path: Path
) -> None:
    dates = planting.planted(np.random.default_rng(7), chips[5], chips[2], planting.Planting())
    (before,), (after,) = planting.written(tmp_path, dates)
    with Stack.open((before,)) as first:
        grid = first.grid
        found = estimate(before, after)
        with Stack.open((after,), onto=moved_grid(grid, found)) as second:
            left = estimate_shift(first, second, QUIET)
            valid = second.read(grid.window, (0,))[1]
    assert left.pixels < 0.1
    assert valid[:-1, :-1].all()


def test_smoothing_matches_what_bilinear_moving_takes(raster: Callable[..., RasterRef]) -> None:
    """Noise and a fine wave lose alike; masked neighbours add nothing; classes stay."""
    rng = np.random.default_rng(0)
    waves = np.sin(np.arange(200) * 2 * np.pi / 8)[None, :] * 200 + rng.normal(size=(200, 200)) * 50 + 1000
    classes = rng.integers(0, 5, (200, 200))
    ref = raster("a.tif", np.stack([waves, classes]).astype(np.float32), names=("red", "Fmask"))
    with Stack.open([ref]) as plain:
        moved = Stack.open([ref], onto=moved_grid(plain.grid, Shift(0.5, 0.0)))
        smooth = plain.retouched(Smoothing.like_moved(0.0, 0.5, plain.spectral))
        inner = Window(20, 20, 160, 160)
        with moved as second:
            deviations = [one.read(inner, (0,))[0].std() for one in (plain, second, smooth)]
        values, valid = smooth.read(inner, (0, 1))
        assert np.array_equal(values[1], classes[20:180, 20:180])
        part = smooth.read(Window(50, 60, 7, 9), (0,))[0]
        assert np.array_equal(part[0], values[0, 40:49, 30:37])
    assert deviations[2] == pytest.approx(deviations[1], rel=0.02)
    assert deviations[0] > 1.03 * deviations[2]
    assert valid.all()


def test_smoothing_leaves_out_what_is_masked(raster: Callable[..., RasterRef]) -> None:
    pixels = np.full((1, 40, 40), 500, np.uint16)
    pixels[:, 10:20, 10:20] = 9999
    with Stack.open([replace(raster("a.tif", pixels, names=("red",)), nodata=9999.0)]) as plain:
        smooth = plain.retouched(Smoothing.like_moved(0.5, 0.5, (0,)))
        values, valid = smooth.read(plain.grid.window, (0,))
        expected = plain.read(plain.grid.window, (0,))[0]
    assert (~valid).sum() == 100
    assert np.allclose(values, expected)
