"""Labels that look like mistakes: most of the wrong ones, few of the right ones, and why."""

from __future__ import annotations

import numpy as np
import pytest

from geofm.inference.engine.base import F32, Context
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.folds import HeldOut
from geofm.inference.engine.learning.mistakes import Doubt, balance, doubtful, doubts

QUIET = Context(lambda stage, done, total, message: None, lambda: None)
CLASSES, DIM = 4, 6


def cloud(count: int, seed: int) -> tuple[F32, np.ndarray]:
    random = np.random.default_rng(seed)
    means = 2 * np.random.default_rng(7).standard_normal((CLASSES, DIM))
    labels = np.repeat(np.arange(CLASSES), count)
    return (means[labels] + random.standard_normal((len(labels), DIM))).astype(np.float32), labels


@pytest.mark.parametrize("seed", [0, 1])
def test_flipped_labels_are_found_with_the_class_they_had(seed: int) -> None:
    features, truth = cloud(25, seed)
    labels = truth.copy()
    flipped = np.random.default_rng(seed).choice(len(labels), len(labels) // 10, replace=False)
    labels[flipped] = (labels[flipped] + 1) % CLASSES
    found = doubtful(features, labels, np.arange(len(labels)), lambda: make_head("ensemble"), QUIET)
    named = {doubt.group for doubt in found}
    assert len(named & set(flipped.tolist())) >= 0.8 * len(flipped)
    assert len(named) <= 2.5 * len(flipped)
    first = found[: len(flipped)]
    assert sum(doubt.group in flipped for doubt in first) >= 0.7 * len(flipped)
    right = [doubt.likely == truth[doubt.group] for doubt in found if doubt.group in flipped]
    assert np.mean(right) > 0.8
    assert all(doubt.label == labels[doubt.group] != doubt.likely for doubt in found)
    assert [d.agreement for d in found] == sorted((d.agreement for d in found), reverse=True)
    assert all(0.5 <= doubt.agreement <= 1 for doubt in found)


def test_pixels_of_a_polygon_do_not_vouch_for_each_other() -> None:
    features, truth = cloud(12, 0)
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(len(truth)) * 3 + 5, 30)
    owner = (groups - 5) // 3
    pixels = (features[owner] + 0.01 * random.standard_normal((len(owner), DIM))).astype(np.float32)
    labels = truth.copy()
    wrong = int(np.linalg.norm(features[truth == 0] - features[truth == 0].mean(axis=0), axis=1).argmin())
    labels[wrong] = 2
    found = doubtful(pixels, labels[owner], groups, lambda: make_head("fast"), QUIET)
    assert wrong * 3 + 5 in {doubt.group for doubt in found}
    assert {doubt.group for doubt in found} <= set(groups.tolist())


def test_one_witness_alone_doubts_nothing() -> None:
    features, labels = cloud(10, 0)
    groups, fold = np.arange(len(labels)), np.arange(len(labels)) % 5
    other = np.eye(CLASSES, dtype=np.float32)[(labels + 1) % CLASSES]
    own = np.eye(CLASSES, dtype=np.float32)[labels]
    lone = np.tile(features.mean(axis=0), (len(labels), 1)) + 10 * labels[:, None].astype(np.float32)
    # The head says another class throughout, the neighbours do not; then the other way round.
    assert doubts(HeldOut(other, fold, 5), lone, labels, groups) == []
    strange = lone.copy()
    strange[0] = lone[-1]
    assert doubts(HeldOut(own, fold, 5), strange, labels, groups) == []
    # Both together do.
    assert [doubt.group for doubt in doubts(HeldOut(other, fold, 5), strange, labels, groups)] == [0]


def test_the_only_label_of_a_class_is_not_doubted() -> None:
    features, labels = cloud(10, 0)
    kept = (labels > 0) | (np.arange(len(labels)) == 0)
    features = features[kept]
    labels = labels[kept]
    # It lies amid another class.
    features[0] = features[labels == 2].mean(axis=0)
    found = doubtful(features, labels, np.arange(len(labels)), lambda: make_head("fast"), QUIET)
    assert 0 not in {doubt.group for doubt in found}


def test_with_one_label_a_class_there_is_nothing_to_say() -> None:
    features, labels = cloud(1, 0)
    assert doubtful(features, labels, np.arange(CLASSES), lambda: make_head("fast"), QUIET) == []


def test_the_sentence_names_both_witnesses() -> None:
    doubt = Doubt(3, 0, 2, 0.8, 6, 7)
    said = doubt.why(["water", "forest", "bare"])
    assert said.startswith("Looks like bare: so do 6 of the 7 most similar labels, and a classifier")


def test_the_balance_counts_labels_and_pixels() -> None:
    labels = np.array([0, 0, 0, 2, 2])
    groups = np.array([4, 4, 5, 6, 6])
    third = pytest.approx(1 / 3)
    assert balance(labels, groups, 3) == [(2, 3, pytest.approx(2 / 3)), (0, 0, 0.0), (1, 2, third)]
    assert balance(labels[:0], groups[:0], 1) == [(0, 0, 0.0)]
