"""IR-MAD, normalisation and thresholds by false alarms: on drawn numbers and on planted changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from geofm.inference.engine.base import Context
from geofm.inference.engine.changes.feature_distance import distance
from geofm.inference.engine.changes.irmad import learn_alteration
from geofm.inference.engine.changes.normalisation import learn_normalisation
from geofm.inference.engine.changes.pairing import common_bands
from geofm.inference.engine.grid import Window
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.thresholds import (
    FLOOR,
    GammaOfSquares,
    Histogram,
    LogNormal,
    automatic_threshold,
    chosen_threshold,
)
from geofm.inference.errors import UnsupportedInput
from geofm.inference.jobs import RasterRef

QUIET = Context(progress=lambda *_: None, check=lambda: None)
Write = Callable[..., RasterRef]


def days(seed: int, changed: float = 0.1, count: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Four correlated bands on two days, the second in another light; a part of the pixels is new ground."""
    rng = np.random.default_rng(seed)
    ground = rng.normal(size=(4, 3)) @ rng.normal(size=(3, count)) + 0.3 * rng.normal(size=(4, count))
    truth = rng.random(count) < changed
    other = np.where(truth, rng.normal(size=(4, 3)) @ rng.normal(size=(3, count)) * 2, ground)
    gain, offset = np.array([[1.3], [0.7], [1.1], [2.0]]), np.array([[5.0], [-3.0], [0.0], [9.0]])
    first = ground + 0.1 * rng.normal(size=ground.shape)
    second = gain * (other + 0.1 * rng.normal(size=ground.shape)) + offset
    return first.astype(np.float32), second.astype(np.float32), truth


def test_alteration_is_chi_squared_where_nothing_changed_and_stands_out_where_it_did() -> None:
    first, second, truth = days(0)
    found = learn_alteration(first, second, QUIET)
    assert found.settled
    assert 2 <= found.rounds < 40
    magnitude = found.magnitude(first, second)
    assert np.median(magnitude[~truth]) == pytest.approx(0.92, abs=0.08)
    assert (magnitude[truth] > 3).mean() > 0.9
    assert (magnitude[~truth] > 3).mean() < 0.001


def test_alteration_knows_no_gain_and_no_offset() -> None:
    first, second, _ = days(1)
    scale = np.array([[3], [0.01], [500], [1]], np.float32)
    offset = np.array([[7], [0.2], [0], [-40]], np.float32)
    plain = learn_alteration(first, second, QUIET).magnitude(first, second)
    moved = second * scale + offset
    again = learn_alteration(first, moved, QUIET).magnitude(first, moved)
    assert np.allclose(plain, again, rtol=0.02, atol=0.02)


def test_the_dates_may_have_other_bands() -> None:
    first, second, truth = days(2)
    found = learn_alteration(first, second[[3, 0, 1]], QUIET)
    assert len(found.variances) == 3
    magnitude = found.magnitude(first, second[[3, 0, 1]])
    assert np.median(magnitude[truth]) > 3 * np.median(magnitude[~truth])


def test_constant_and_collinear_bands_add_nothing() -> None:
    first, second, _ = days(3)
    plain = learn_alteration(first, second, QUIET).magnitude(first, second)
    more = [np.vstack([day, np.full_like(day[:1], 0.7), day[:1] * 2 + day[1:2]]) for day in (first, second)]
    found = learn_alteration(*more, QUIET)
    assert len(found.variances) == 4
    assert np.allclose(found.magnitude(*more), plain, rtol=1e-2, atol=1e-2)


def test_the_same_date_twice_has_not_changed() -> None:
    first, _, _ = days(4)
    assert learn_alteration(first, first, QUIET).magnitude(first, first).max() < 0.01


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (np.ones((4, 20_000), np.float32), "the same everywhere"),
        (days(5, count=79)[0], "Only 79 pixels"),
    ],
    ids=["constant", "few"],
)
def test_dates_that_cannot_be_compared_are_refused(first: np.ndarray, said: str) -> None:
    with pytest.raises(UnsupportedInput, match=said):
        learn_alteration(first, days(5, count=first.shape[1])[1], QUIET)


def test_normalisation_finds_the_light_between_two_dates(raster: Write) -> None:
    """Gain and offset of each band, though a tenth of the ground is new."""
    first, second, _ = days(6, changed=0.1, count=160 * 160)
    shape = (4, 160, 160)
    names = ("blue", "green", "red", "nir")
    earlier = raster("a.tif", 0.2 + 0.02 * first.reshape(shape), names=names)
    # The later date has its bands in another order.
    turned = (0.2 + 0.02 * second.reshape(shape))[::-1]
    with Stack.open([earlier]) as before, Stack.open([raster("b.tif", turned, names=names[::-1])]) as after:
        lines, facts, notes = learn_normalisation(before, after, QUIET)
        assert lines is not None
        assert notes == []
        assert facts["invariant_pixels"] > 500
        assert facts["slopes"]["blue"] == pytest.approx(1 / 1.3, rel=0.02)
        assert facts["slopes"]["nir"] == pytest.approx(1 / 2.0, rel=0.02)
        assert facts["offsets"]["nir"] == pytest.approx(0.2 - (0.2 + 0.02 * 9) / 2, abs=0.01)
        whole = Window(0, 0, 160, 160)
        difference = after.retouched(lines).read(whole, (3, 2, 1, 0))[0] - before.read(whole, (0, 1, 2, 3))[0]
    assert np.abs(np.median(difference, axis=(1, 2))).max() < 0.002


def test_what_cannot_be_normalised_is_left_and_said(raster: Write) -> None:
    rng = np.random.default_rng(7)
    noise = [rng.random((2, 64, 64)).astype(np.float32) for _ in range(2)]
    first, second = (raster(f"{n}.tif", day, names=("red", "nir")) for n, day in enumerate(noise))
    with Stack.open([first]) as before, Stack.open([second]) as after:
        lines, _, notes = learn_normalisation(before, after, QUIET)
        assert lines is not None
        assert lines.lines == {}
        assert notes == ["Too unlike on both dates to be normalised: red, nir."]
    with Stack.open([first]) as before, Stack.open([raster("c.tif", noise[0], names=("VV", "VH"))]) as after:
        assert learn_normalisation(before, after, QUIET)[2] == [
            "The dates have no band in common, so that their values were left as they are."
        ]


def test_bands_are_paired_by_what_they_are(raster: Write) -> None:
    pixels = np.random.default_rng(8).random((3, 20, 20)).astype(np.float32)
    pairs = []
    for one, other in (
        (("red", "nir", "DEM"), ("nir", "VV", "red")),
        (("x", "y", "z"), ("z", "x", "q")),
        (("red", "red", "nir"), ("red", "nir", "nir")),
    ):
        refs = [raster(f"{name}.tif", pixels, names=names) for name, names in (("a", one), ("b", other))]
        with Stack.open(refs[:1]) as before, Stack.open(refs[1:]) as after:
            found = common_bands(before, after)
            pairs.append((found.first, found.second))
    assert pairs == [((0, 1), (2, 0)), ((0, 2), (1, 0)), ((0, 2), (0, 1))]


@pytest.mark.parametrize("percent", [0.1, 1.0, 5.0])
@pytest.mark.parametrize("changed", [0.0, 0.1])
@pytest.mark.parametrize("family", ["gamma", "log-normal"])
def test_unchanged_ground_gives_as_many_alarms_as_were_asked_for(
    family: str, changed: float, percent: float
) -> None:
    rng = np.random.default_rng(9)
    count = 400_000
    still = np.sqrt(rng.gamma(4, 0.25, count)) if family == "gamma" else rng.lognormal(0, 0.35, count)
    moved = rng.lognormal(2.2, 0.3, int(changed * count))
    histogram = Histogram()
    histogram.add(np.concatenate([still, moved]).astype(np.float32))
    kind = GammaOfSquares if family == "gamma" else LogNormal
    chosen = chosen_threshold(histogram, percent, kind)
    assert chosen.method == "false alarms"
    assert f"{percent:g} %" in chosen.reason
    assert 100 * (still >= chosen.value).mean() == pytest.approx(percent, rel=0.25)
    assert (moved >= chosen.value).sum() > 0.95 * moved.size - 1


def test_no_share_and_no_spread_fall_back() -> None:
    histogram = Histogram()
    assert chosen_threshold(histogram, 1.0).value == FLOOR
    histogram.add(np.full(1000, 0.8, np.float32))
    assert 0.7 < chosen_threshold(histogram, 1.0).value < 0.9
    assert chosen_threshold(histogram, 0.0) == automatic_threshold(histogram)


def test_a_pixel_changed_as_much_as_both_it_and_its_surroundings_did() -> None:
    space: Any = SimpleNamespace(blocks=(2, 1, 3), around=(False, False, True))
    first, second = np.zeros((6, 1, 4), np.float32), np.zeros((6, 1, 4), np.float32)
    second[:, 0, 0] = 3, 0, 0, 1, 0, 0
    second[:, 0, 1] = 1, 0, 1, 2, 0, 2
    second[:, 0, 2] = 1, 0, 1, np.nan, np.nan, np.nan
    second[:, 0, 3] = np.nan
    expected = [3**0.5, 3**0.5, 3**0.5, 0]
    np.testing.assert_allclose(distance(space, first, second), [expected], rtol=1e-6)


def test_a_change_has_no_rim(script: Callable[[str], ModuleType], samples: Path, tmp_path: Path) -> None:
    """What the local means see from outside is not called change."""
    bench, planting = script("bench_planted"), script("planted_change")
    chips, engine, scores = planting.chips(samples / "sentinel2-chips"), bench.services(), bench.Scores()
    for number in (0, 2):
        what = planting.Planting(light=False, shift=(0.0, 0.0))
        dates = planting.planted(np.random.default_rng(number), chips[number], chips[number + 1], what)
        made = bench.compare(engine, tmp_path, dates, "distance", "spectral-texture", (False, False))
        scores.add(dates, *made)
    assert min(scores.f1) > 0.92, scores
    assert max(scores.area) < 0.12, scores


@pytest.mark.parametrize("method", ["irmad", "distance"])
def test_false_alarms_on_planted_scenes_are_near_what_was_asked(
    script: Callable[[str], ModuleType], samples: Path, tmp_path: Path, method: str
) -> None:
    """Of three scenes in the middle, within a factor of two: their ground is no textbook's."""
    bench, planting = script("bench_planted"), script("planted_change")
    chips, engine = planting.chips(samples / "sentinel2-chips"), bench.services()
    model = "spectral-texture" if method == "distance" else ""
    rates = []
    for number in (1, 4, 7):
        what = planting.Planting(share=0.05, light=False, shift=(0.0, 0.0))
        dates = planting.planted(np.random.default_rng(number), chips[number], chips[number - 1], what)
        magnitude, _ = bench.compare(engine, tmp_path, dates, method, model, (False, False))
        histogram = Histogram()
        histogram.add(magnitude)
        chosen = chosen_threshold(histogram, 2.0, GammaOfSquares if method == "irmad" else LogNormal)
        # Beside a change, what features see is mixed.
        edge = binary_dilation(dates.changed, iterations=4)
        rates.append(100 * float((magnitude[~edge] >= chosen.value).mean()))
    assert 1.0 < np.median(rates) < 4.0, rates
