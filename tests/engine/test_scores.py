"""Scores of classes: the winner and its probability."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geofm.inference.engine.scores import highest_probability, softmax, winners

# Few different numbers: equal scores must come up.
FEW = st.integers(-3, 3).map(np.float32)


@given(st.integers(1, 6).flatmap(lambda count: arrays(np.float32, (count, 3, 4), elements=FEW)))
def test_the_first_of_the_highest_wins(scores):
    found, best = winners(scores)
    assert found.dtype == np.uint8
    assert (found == scores.argmax(axis=0)).all()
    assert (best == scores.max(axis=0)).all()


def test_as_many_classes_as_a_map_can_have():
    scores = np.eye(255, dtype=np.float32)
    assert (winners(scores)[0] == np.arange(255)).all()


def test_probabilities_sum_to_one_however_large_the_scores():
    scores = np.random.default_rng(0).normal(0, 200, (5, 40, 30)).astype(np.float32)
    shares = softmax(scores, axis=0)
    assert np.allclose(shares.sum(axis=0), 1, atol=1e-5)
    _, best = winners(scores)
    assert np.allclose(highest_probability(scores, best), shares.max(axis=0), atol=1e-6)


def test_a_pixel_without_a_number_has_a_class_of_the_map():
    assert winners(np.full((3, 1, 1), np.nan, np.float32))[0] < 3
