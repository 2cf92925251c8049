"""Overviews of class rasters."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from geofm.inference.engine.results.overviews import halved

NODATA = 0
maps = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.integers(0, 4))


@given(maps)
def test_a_pixel_is_what_most_of_the_four_under_it_are(values):
    small = halved(values, NODATA)
    assert small.shape == tuple(-(-side // 2) for side in values.shape)
    for (row, col), value in np.ndenumerate(small):
        four = values[2 * row : 2 * row + 2, 2 * col : 2 * col + 2].ravel()
        votes = Counter(v for v in four if v != NODATA)
        assert value in votes or (value == NODATA and not votes)
        assert votes[value] == max(votes.values(), default=0)


def test_of_equals_the_upper_and_left_win():
    assert halved(np.array([[1, 2], [2, 1]], np.uint8), NODATA) == [[1]]
    assert halved(np.array([[3, 2], [2, 3]], np.uint8), NODATA) == [[3]]
    assert halved(np.array([[0, 2], [1, 0]], np.uint8), NODATA) == [[2]]
