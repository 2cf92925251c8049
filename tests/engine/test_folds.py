"""Leaving places out: whole ones, each once, and by heads that never saw them."""

from __future__ import annotations

import numpy as np
import pytest

from geofm.inference.engine.base import F32, Context
from geofm.inference.engine.learning.folds import I64, hold_out, shares

QUIET = Context(lambda stage, done, total, message: None, lambda: None)


class Copycat:
    """Says the class of the very sample, if it saw one with these features, else the first class."""

    method = "copycat"

    def fit(self, features: F32, labels: I64) -> None:
        self._seen = {row.tobytes(): int(label) for row, label in zip(features, labels, strict=True)}
        self._count = int(labels.max()) + 1

    def predict(self, features: F32) -> F32:
        found = [self._seen.get(row.tobytes(), 0) for row in features]
        return np.eye(self._count, dtype=np.float32)[found]

    def arrays(self) -> dict[str, np.ndarray]:
        return {}


def places(counts: tuple[int, ...], pixels: int = 4) -> tuple[F32, I64, I64]:
    """Polygons of identical pixels, so many of each class."""
    labels = np.repeat(np.repeat(np.arange(len(counts)), counts), pixels)
    groups = np.repeat(np.arange(sum(counts)), pixels)
    return groups[:, None].astype(np.float32), labels, groups


def test_a_head_never_saw_a_pixel_of_the_place_it_is_asked_about() -> None:
    features, labels, groups = places((6, 6))
    held = hold_out(features, labels, groups, Copycat, QUIET)
    assert held.rounds == 5
    assert held.checked.all()
    # Whoever saw a pixel of the place would know its class.
    np.testing.assert_array_equal(held.probabilities.argmax(axis=1), 0)
    for group in np.unique(groups):
        assert len(np.unique(held.fold[groups == group])) == 1


def test_the_only_place_of_a_class_is_always_learned_from() -> None:
    features, labels, groups = places((1, 3, 2))
    held = hold_out(features, labels, groups, Copycat, QUIET)
    assert held.rounds == 3
    np.testing.assert_array_equal(held.checked, labels > 0)
    assert not held.probabilities[labels == 0].any()


@pytest.mark.parametrize("counts", [(1, 1, 1), (4,)], ids=["one place each", "one class"])
def test_where_nothing_can_be_left_out_nothing_is(counts: tuple[int, ...]) -> None:
    held = hold_out(*places(counts), Copycat, QUIET)
    assert held.rounds == 0
    assert not held.checked.any()


def test_every_place_counts_as_one() -> None:
    weights = shares(np.array([7, 7, 7, 2, 9, 9]))
    np.testing.assert_allclose(weights, [1 / 3, 1 / 3, 1 / 3, 1, 1 / 2, 1 / 2])
