"""A head of features that may be missing: judged by what is known, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from geofm.inference.engine.heads import head_for, make_head, restore_head
from geofm.inference.engine.heads.ensemble import MeanHead
from geofm.inference.engine.heads.layered import LayeredHead, observed
from geofm.inference.engine.learning.known import known_of_all, nearness
from geofm.inference.engine.learning.layered_novelty import LayeredNovelty, novelty_of, restored_novelty
from geofm.inference.errors import ModelCorrupt, UnsupportedInput

# Two features of light, three of radar: all, light alone, radar alone.
PATTERNS = np.array([[1, 1, 1, 1, 1], [0, 0, 1, 1, 1], [1, 1, 0, 0, 0]], bool)
LIGHT, RADAR = slice(0, 2), slice(2, 5)


def drawn(count: int = 240, missing: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    """Three classes: light tells the first from the others, radar the last."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 3
    features = random.normal(0, 0.3, (count, 5))
    features[:, 0] += labels == 0
    features[:, 3] += labels == 2
    features[random.random(count) < missing, RADAR] = np.nan
    return features.astype(np.float32), labels


def fitted(method: str = "fast") -> tuple[LayeredHead, np.ndarray, np.ndarray]:
    features, labels = drawn()
    head = head_for(method, 0, features, PATTERNS)
    assert isinstance(head, LayeredHead)
    head.fit(features, labels)
    return head, features, labels


@pytest.mark.parametrize("method", ["fast", "ensemble", "knn"])
def test_what_is_missing_plays_no_part(method: str) -> None:
    """Where radar is missing the answer is that of a head that never saw any."""
    head, features, labels = fitted(method)
    alone = make_head(method)
    alone.fit(np.ascontiguousarray(features[:, LIGHT]), labels)
    gap = np.isnan(features[:, 3])
    expected = alone.predict(np.ascontiguousarray(features[gap][:, LIGHT]))
    np.testing.assert_array_equal(head.predict(features)[gap], expected)
    whole = make_head(method)
    whole.fit(features[~gap], labels[~gap])
    np.testing.assert_array_equal(head.predict(features)[~gap], whole.predict(features[~gap]))


def test_a_preview_says_what_the_map_says() -> None:
    head, features, _ = fitted()
    found, sure = head.quick(features)
    expected = head.predict(features)
    np.testing.assert_array_equal(found, expected.argmax(axis=1))
    np.testing.assert_allclose(sure, expected.max(axis=1), atol=1e-5)


def test_where_a_class_was_never_seen_no_head_is_asked() -> None:
    features, labels = drawn(missing=0.0)
    features[labels == 1, RADAR] = np.nan
    head = head_for("fast", 0, features, PATTERNS)
    head.fit(features, labels)
    scores = head.predict(np.array([[0.0, 0.0, 0.0, 0.0, 0.0]], np.float32))
    assert scores[0, 1] > 0.2, "with radar the second class could not be said"


def test_no_layer_with_all_classes_is_refused() -> None:
    features, labels = drawn(missing=0.0)
    features[labels == 1, RADAR] = np.nan
    features[labels == 0, LIGHT] = np.nan
    with pytest.raises(UnsupportedInput, match="no layer"):
        head_for("fast", 0, features, PATTERNS).fit(features, labels)


def test_where_nothing_is_known_nothing_is_sure() -> None:
    head, _, _ = fitted()
    scores = head.predict(np.full((2, 5), np.nan, np.float32))
    np.testing.assert_allclose(scores, 1 / 3)


def test_it_is_the_same_from_its_arrays() -> None:
    head, features, _ = fitted("ensemble")
    again = restore_head("ensemble", head.arrays())
    np.testing.assert_array_equal(again.predict(features), head.predict(features))


@pytest.mark.parametrize("name", ["patterns", "count"])
def test_arrays_that_do_not_fit_are_refused(name: str) -> None:
    arrays = fitted()[0].arrays()
    with pytest.raises(ModelCorrupt):
        restore_head("fast", {**arrays, name: np.zeros((0, 0), np.uint8)})
    with pytest.raises(ModelCorrupt):
        restore_head("fast", {key: value for key, value in arrays.items() if "." not in key})
    with pytest.raises(ModelCorrupt):
        restore_head("fast", {**arrays, "7.present": np.zeros(1, np.int64)})


def test_a_single_layer_has_a_plain_head() -> None:
    features, _ = drawn(missing=0.0)
    assert isinstance(head_for("fast", 0, features, np.ones((1, 5), bool)), MeanHead)
    assert isinstance(head_for("fast", 0, features), MeanHead)


def test_samples_are_compared_by_what_is_known_of_all() -> None:
    features, _ = drawn()
    assert known_of_all(features).shape == (len(features), 2)
    assert len(observed(features)) == 2


def test_directions_are_compared_by_what_both_know() -> None:
    one = np.array([[3, 4, np.nan]], np.float32)
    others = np.array([[0.6, 0.8, np.nan], [0.6, 0.8, 9.0], [np.nan, np.nan, 1.0]], np.float32)
    np.testing.assert_allclose(nearness(one, others), [[1.0, 1.0, -1.0]], atol=1e-6)


def test_what_is_unlike_the_labels_goes_by_what_is_known() -> None:
    features, labels = drawn()
    novelty = novelty_of(features, labels, np.arange(len(labels)), 0, PATTERNS)
    assert isinstance(novelty, LayeredNovelty)
    far = np.array([[0, 0, 50, 50, 50], [50, 50, np.nan, np.nan, np.nan], [0, 0, np.nan, np.nan, np.nan]])
    assert novelty.is_novel(far.astype(np.float32)).tolist() == [True, True, False]
    again = restored_novelty(novelty.arrays(), novelty.reason)
    assert again is not None
    np.testing.assert_array_equal(again.distance(features), novelty.distance(features))
