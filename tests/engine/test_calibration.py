"""Calibration: its error against hand-made cases, and a temperature that holds on pixels never seen."""

from __future__ import annotations

import json

import numpy as np
import pytest

from geofm.inference.engine.base import F32, Context
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.calibration import (
    Calibration,
    apply,
    calibrated,
    expected_calibration_error,
)
from geofm.inference.engine.learning.folds import HeldOut, hold_out

QUIET = Context(lambda stage, done, total, message: None, lambda: None)
CLASSES, DIM = 4, 6


def cloud(count: int, seed: int, spread: float = 1.0) -> tuple[F32, np.ndarray]:
    """Overlapping classes, as many points of each."""
    random = np.random.default_rng(seed)
    means = np.random.default_rng(7).standard_normal((CLASSES, DIM))
    labels = np.repeat(np.arange(CLASSES), count)
    return (means[labels] + spread * random.standard_normal((len(labels), DIM))).astype(np.float32), labels


def calibrate(features: F32, labels: np.ndarray, groups: np.ndarray, method: str) -> Calibration:
    """A temperature from places left out."""
    held = hold_out(features, labels, groups, lambda: make_head(method), QUIET)
    return calibrated(held, labels, groups)


# --- the error -------------------------------------------------------------------------------------


def test_the_error_of_a_hand_made_case() -> None:
    # Two at 0.9 of which one is right, two at 0.6 of which both are: (2 x 0.4 + 2 x 0.4) / 4.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]], np.float32)
    labels = np.array([0, 1, 1, 1])
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.4, abs=1e-6)
    # In one bin the two gaps cancel out.
    assert expected_calibration_error(probabilities, labels, bins=1) == pytest.approx(0, abs=1e-6)
    weights = np.array([1.0, 1.0, 0.0, 0.0])
    assert expected_calibration_error(probabilities, labels, weights=weights) == pytest.approx(0.4, abs=1e-6)
    assert np.isnan(expected_calibration_error(probabilities[:0], labels[:0]))


def test_a_head_that_is_right_as_often_as_it_says_has_no_error() -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 40_000).astype(np.float32)
    labels = (random.random((40_000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    assert expected_calibration_error(probabilities, labels) < 0.01
    assert expected_calibration_error(apply(probabilities, 0.4), labels) > 0.1


# --- the temperature -------------------------------------------------------------------------------


def test_a_temperature_divides_the_logarithms_and_changes_no_winner() -> None:
    random = np.random.default_rng(0)
    scores = random.standard_normal((100, 5))
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    blunt = np.exp(scores / 2.5)
    np.testing.assert_allclose(apply(probabilities, 2.5), blunt / blunt.sum(axis=1, keepdims=True))
    narrow = probabilities.astype(np.float32)
    assert apply(narrow, 1.0) is narrow
    assert apply(narrow, 0.5).dtype == np.float32
    np.testing.assert_array_equal(apply(narrow, 0.5).argmax(axis=1), narrow.argmax(axis=1))
    np.testing.assert_allclose(apply(narrow.T, 0.5, axis=0), apply(narrow, 0.5).T)


@pytest.mark.parametrize("method", ["prototypes", "forest"])
def test_with_labels_enough_the_error_on_unseen_pixels_falls(method: str) -> None:
    features, labels = cloud(40, 0, 0.5)
    groups = np.arange(len(labels))
    found = calibrate(features, labels, groups, method)
    assert found.temperature != 1
    assert found.before is not None
    assert found.after is not None
    assert found.after < found.before
    assert found.labels == len(labels)
    head = make_head(method)
    head.fit(features, labels)
    unseen, truth = cloud(3000, 1, 0.5)
    raw = head.predict(unseen)
    warm = apply(raw, found.temperature)
    assert expected_calibration_error(warm, truth) < 0.7 * expected_calibration_error(raw, truth)
    assert f"{found.temperature:.2f}" in found.reason
    assert json.loads(json.dumps(found.to_dict()))["labels"] == len(labels)


def test_with_few_labels_the_probabilities_are_left_alone() -> None:
    features, labels = cloud(12, 0)
    found = calibrate(features, labels, np.arange(len(labels)), "fast")
    assert found.temperature == 1
    assert found.before == found.after
    assert found.before is not None
    assert "12 labels a class" in found.reason
    # The pixels of three polygons a class are many, and no more than three labels.
    features, labels = cloud(300, 0)
    groups = labels * 3 + np.arange(len(labels)) % 3
    found = calibrate(features, labels, groups, "fast")
    assert found.temperature == 1
    assert found.labels == 12


def test_a_class_of_two_labels_keeps_the_others_from_being_calibrated() -> None:
    features, labels = cloud(60, 0)
    kept = (labels > 0) | (np.arange(len(labels)) < 2)
    found = calibrate(features[kept], labels[kept], np.arange(kept.sum()), "fast")
    assert found.temperature == 1
    assert "only 2 labels" in found.reason


def test_one_label_a_class_says_nothing() -> None:
    features, labels = cloud(1, 0)
    found = calibrate(features, labels, np.arange(CLASSES), "fast")
    assert (found.temperature, found.before, found.after) == (1, None, None)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["before"] is None


def test_a_temperature_that_does_not_help_others_is_left_out() -> None:
    # Right as often as it says: whatever is fitted to some rounds cannot help the others.
    random = np.random.default_rng(3)
    probabilities = random.dirichlet(np.ones(3), 300).astype(np.float32)
    labels = (random.random((300, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    found = calibrated(HeldOut(probabilities, np.arange(300) % 5, 5), labels, np.arange(300))
    assert found.temperature == 1
    assert "does not describe" in found.reason
    assert found.before == found.after


def test_a_large_polygon_counts_as_one_label() -> None:
    """One place of 5,000 pixels, all wrong at great confidence, against 80 good points."""
    random = np.random.default_rng(0)
    sure = np.tile(np.array([[0.55, 0.45]], np.float32), (80, 1))
    labels = np.arange(80) % 2
    sure[labels == 1] = sure[labels == 1][:, ::-1]
    wrong = np.tile(np.array([[0.99, 0.01]], np.float32), (5000, 1))
    probabilities = np.concatenate([sure, wrong])
    truth = np.concatenate([labels, np.ones(5000, int)])
    groups = np.concatenate([np.arange(80), np.full(5000, 80)])
    fold = np.concatenate([random.permutation(80) % 5, np.zeros(5000, int)])
    found = calibrated(HeldOut(probabilities, fold, 5), truth, groups)
    assert found.before is not None
    assert found.before == pytest.approx((80 * 0.45 + 0.99) / 81, abs=0.01)
