"""The minimum area: the outcome of taking the smallest area first, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from geofm.inference.engine.polygons.sieve import Sieve, _shuffled
from geofm.inference.engine.polygons.strips import OUT, Strip

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))
RASTERS = arrays.arrays(np.int32, SIZES, elements=st.sampled_from([OUT, 0, 1, 1, 2, 2, 3]))


class Raster:
    """A class raster in memory, as the sieve reads one."""

    dtype = np.dtype("uint8")

    def __init__(self, codes: np.ndarray, rows: int) -> None:
        self.height, self.width = codes.shape
        self._codes, self._rows = codes, rows

    def strips(self) -> Iterator[Strip]:
        for first in range(0, self.height, self._rows):
            yield Strip(first, self._codes[first : first + self._rows].copy())


def sieved(
    codes: np.ndarray, ground: np.ndarray, least: float, sides: tuple[float, float], rows: int
) -> np.ndarray:
    sieve = Sieve(Raster(codes, rows), ground, least, sides, lambda work, *details: work(*details))
    assert list(sieve.settle())[-1] == len(codes)
    return np.concatenate([strip.codes for strip in sieve.strips()])


def one_by_one(
    codes: np.ndarray, ground: np.ndarray, least: float, sides: tuple[float, float]
) -> np.ndarray:
    """As the module says it, in the slowest way."""
    codes = codes.copy()
    while small := sorted(candidates(codes, ground, least, sides), key=lambda found: found[:2]):
        _, _, first, pixels, border = small[0]
        tied = [value for value, length in border.items() if length == max(border.values())]
        codes[pixels] = max(tied, key=lambda value: chance(first ^ (value << 40)))
    return codes


def candidates(codes: np.ndarray, ground: np.ndarray, least: float, sides: tuple[float, float]) -> Iterator:
    around = np.pad(codes, 1, constant_values=OUT)
    for value in set(codes.ravel().tolist()) - {OUT}:
        labels, count = ndimage.label(codes == value)
        for label in range(1, count + 1):
            pixels = labels == label
            size = float((pixels * ground[:, None]).sum())
            border: dict[int, float] = {}
            for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
                beside = np.roll(around, step, axis)[1:-1, 1:-1][pixels]
                for other in beside[(beside != value) & (beside != OUT)].tolist():
                    border[other] = border.get(other, 0.0) + sides[axis]
            if size < least and border:
                first = int(np.flatnonzero(pixels)[0])
                yield size, chance(first), first, pixels, border


def chance(number: int) -> int:
    return int(_shuffled(np.array([number]))[0])


@settings(max_examples=120, deadline=None)
@given(
    RASTERS,
    st.sampled_from([1.5, 2.0, 4.0, 7.5, 1000.0]),
    st.sampled_from([(1.0, 1.0), (1.0, 2.0)]),
    st.integers(1, 5),
    st.booleans(),
)
def test_the_smallest_area_goes_first(
    codes: np.ndarray, least: float, sides: tuple[float, float], rows: int, sloping: bool
) -> None:
    ground = np.linspace(1.0, 1.3, len(codes)) if sloping else np.ones(len(codes))
    found = sieved(codes, ground, least, sides, rows)
    assert (found == one_by_one(codes, ground, least, sides)).all()
    assert ((found == OUT) == (codes == OUT)).all()


def test_equal_neighbours_do_not_leave_streaks() -> None:
    board = (np.indices((64, 64)).sum(axis=0) % 2 + 1).astype(np.int32)
    found = sieved(board, np.ones(64), 2.0, (1.0, 1.0), 16)
    rows, cols = found.mean(axis=1), found.mean(axis=0)
    assert rows.std() == pytest.approx(cols.std(), abs=0.1)
    assert 0.3 < (found == 1).mean() < 0.7


def test_no_area_below_the_least_is_left_in_noise() -> None:
    codes = np.random.default_rng(0).integers(1, 5, (200, 300)).astype(np.int32)
    found = sieved(codes, np.full(200, 100.0), 1000.0, (1.0, 1.0), 32)
    for value in range(1, 5):
        labels, count = ndimage.label(found == value)
        assert np.bincount(labels.ravel())[1:].min() >= 10
        assert count
