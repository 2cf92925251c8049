"""The automatic threshold of change: on drawn magnitudes, and on changes planted in real scenes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from geofm.inference.engine.base import Context
from geofm.inference.engine.changes.feature_distance import distance
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.thresholds import FLOOR, Histogram, Threshold, automatic_threshold, magnitude
from geofm.inference.jobs import RasterRef

NAMES = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
QUIET = Context(progress=lambda *_: None, check=lambda: None)


def _counted(*groups: np.ndarray) -> Histogram:
    histogram = Histogram()
    for group in groups:
        histogram.add(group.astype(np.float32))
    return histogram


def _usual(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(-0.1, 0.15, count)


def test_magnitude_is_the_euclidean_distance() -> None:
    first, second = np.random.default_rng(0).normal(size=(2, 5, 3, 4)).astype(np.float32)
    wanted = np.linalg.norm((second - first).reshape(5, -1), axis=0).reshape(3, 4)
    got = magnitude(first, second)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, wanted, rtol=1e-6)


@pytest.mark.parametrize("share", [0.005, 0.05, 0.3])
def test_two_groups_are_parted_between_them(share: float) -> None:
    changed = np.random.default_rng(1).lognormal(2.0, 0.3, round(100_000 * share))
    chosen = automatic_threshold(_counted(_usual(100_000), changed))
    assert chosen.method == "minimum error"
    assert FLOOR < chosen.value < 5
    assert (changed >= chosen.value).mean() > 0.97
    assert (_usual(100_000) >= chosen.value).mean() < 0.01


def test_the_histogram_is_told_in_few_bins() -> None:
    drawn = _usual(100_000)
    told = _counted(drawn, np.zeros(100)).told(900.0)
    assert told is not None
    assert 32 <= len(told.areas) <= 64
    assert told.total == pytest.approx(100_100 * 900.0)
    assert told.edges[0] > 0.5, "the zeros do not stretch it"
    assert drawn.max() <= told.edges[-1] < 1.03 * drawn.max()
    for threshold in (0.9, 1.0, 1.2):
        assert told.above(threshold) == pytest.approx((drawn >= threshold).sum() * 900.0, rel=0.05)
    assert Histogram().told(900.0) is None


def test_where_nothing_changed_the_floor_holds() -> None:
    chosen = automatic_threshold(_counted(_usual(100_000)))
    assert (chosen.value, chosen.method) == (FLOOR, "floor")
    assert "usual difference" in chosen.reason


def test_a_long_tail_is_not_cut_at_its_very_end() -> None:
    rng = np.random.default_rng(2)
    tail = 3.5 - 2.0 * np.sqrt(rng.uniform(size=3_000))
    chosen = automatic_threshold(_counted(rng.lognormal(-0.15, 0.38, 50_000), tail))
    assert (tail >= chosen.value).mean() > 0.05


@pytest.mark.parametrize("values", [np.zeros(0), np.zeros(1000), np.full(1000, 3.0), np.full(9, 1e9)])
def test_no_magnitude_and_one_magnitude_fall_back_to_the_floor(values: np.ndarray) -> None:
    assert automatic_threshold(_counted(values)).value == FLOOR


def test_block_by_block_counts_the_same() -> None:
    values = _usual(10_000)
    whole, parts = _counted(values), _counted(*np.array_split(values, 7))
    np.testing.assert_array_equal(whole.counts, parts.counts)
    assert whole.counts.sum() == 10_000


def test_a_given_threshold_says_so() -> None:
    assert Threshold.given(0.5) == Threshold(0.5, "given", "The threshold was given by hand.")


def _write(path: Path, pixels: np.ndarray) -> RasterRef:
    rows, cols = pixels.shape[1:]
    profile = {"driver": "GTiff", "count": len(pixels), "height": rows, "width": cols, "dtype": "uint16"}
    transform = rasterio.transform.from_origin(500_000, 5_000_000, 10, 10)
    with rasterio.open(path, "w", **profile, crs="EPSG:32632", transform=transform) as target:
        target.write(np.clip(pixels, 0, 65535).astype(np.uint16))
    return RasterRef(str(path), names=NAMES)


def _noisy(pixels: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return pixels * rng.normal(1, 0.015, pixels.shape) + rng.normal(0, 20, pixels.shape)


def _hazy(pixels: np.ndarray, seed: int) -> np.ndarray:
    """The scene on another day: another light, haze by band, and noise."""
    rng = np.random.default_rng(seed)
    gain = rng.uniform(0.85, 1.15) * rng.uniform(0.95, 1.05, (12, 1, 1))
    return _noisy(pixels * gain + rng.uniform(-50, 150, (12, 1, 1)), seed)


def _two_days(folder: Path, first: np.ndarray, second: np.ndarray, seed: int) -> list[RasterRef]:
    return [
        _write(folder / "before.tif", _noisy(first, seed)),
        _write(folder / "after.tif", _hazy(second, seed + 100)),
    ]


@pytest.fixture
def chips(samples: Path) -> list[np.ndarray]:
    """Real Sentinel-2 scenes, (12, rows, cols) digital numbers."""
    found = []
    for path in sorted((samples / "sentinel2-chips").glob("*.tif"))[:3]:
        with rasterio.open(path) as source:
            found.append(source.read().astype(float))
    return found


def _compare(before: RasterRef, after: RasterRef) -> tuple[np.ndarray, Threshold]:
    with Stack.open((before,)) as first, Stack.open((after,)) as second:
        spaces = FeatureSpace.learn(first, (), QUIET).paired(first, second, QUIET)
        window = first.grid.window
        features = [
            space.features(stack, window, QUIET)[0]
            for space, stack in zip(spaces, (first, second), strict=True)
        ]
    found = distance(spaces[0], *features)
    return found, automatic_threshold(_counted(found))


def test_light_and_haze_are_no_change(chips: list[np.ndarray], tmp_path: Path) -> None:
    shares = []
    for seed, chip in enumerate(chips * 2):
        found, chosen = _compare(*_two_days(tmp_path, chip, chip, seed))
        shares.append((found >= chosen.value).mean())
    # Haze changes dark water more than all the rest: an eighth of one of the scenes is water.
    assert np.median(shares) < 0.01, shares
    assert max(shares) < 0.2, shares


@pytest.mark.parametrize("side", [16, 40, 100])
def test_another_ground_under_another_light_is_change(
    chips: list[np.ndarray], side: int, tmp_path: Path
) -> None:
    later = chips[0].copy()
    place = np.s_[:, 60 : 60 + side, 40 : 40 + side]
    later[place] = chips[1][place]
    found, chosen = _compare(*_two_days(tmp_path, chips[0], later, side))
    changed, truth = found >= chosen.value, np.zeros(found.shape, bool)
    truth[place[1:]] = True
    assert 2 * (changed & truth).sum() / (changed.sum() + truth.sum()) > 0.75
