"""What is unlike anything labelled: found where a class is missing, seldom cried elsewhere, and quick."""

from __future__ import annotations

import time

import numpy as np
import pytest

from geofm.inference.engine.base import F32
from geofm.inference.engine.learning.novelty import Novelty

CLASSES, DIM = 5, 20
# Some materials vary more than others.
SPREADS = np.array([0.2, 0.3, 0.4, 0.6, 0.3], np.float32)


def cloud(count: int, seed: int, classes: int = CLASSES) -> tuple[F32, np.ndarray]:
    random = np.random.default_rng(seed)
    means = np.random.default_rng(5).standard_normal((CLASSES, DIM))
    labels = np.repeat(np.arange(classes), count)
    moved = SPREADS[labels, None] * random.standard_normal((len(labels), DIM))
    return (means[labels] + moved).astype(np.float32), labels


def test_a_class_that_was_never_labelled_is_found_at_few_false_alarms() -> None:
    features, labels = cloud(20, 0, CLASSES - 1)
    found = Novelty.learn(features, labels, np.arange(len(labels)))
    unseen, truth = cloud(2000, 1)
    novel = found.is_novel(unseen)
    assert novel[truth == CLASSES - 1].mean() > 0.9
    assert novel[truth < CLASSES - 1].mean() < 0.08
    # No class pays for the others: each has its own idea of what is far.
    for label in range(CLASSES - 1):
        assert novel[truth == label].mean() < 0.2
    np.testing.assert_array_equal(found.distance(unseen) > 1, novel)
    assert "80 labels" in found.reason


def test_distances_are_those_to_the_nearest_label_in_units_of_its_class() -> None:
    features, labels = cloud(10, 0)
    found = Novelty.learn(features, labels, np.arange(len(labels)))
    unseen, _ = cloud(50, 1)
    apart = np.linalg.norm(unseen[:, None] - found.landmarks[None], axis=2)
    np.testing.assert_allclose(found.distance(unseen), (apart / found.units).min(axis=1), rtol=1e-3)


def test_pixels_of_one_polygon_do_not_make_a_class_look_narrow() -> None:
    """Copies of a few places are as far from new places as the places are from each other."""
    places, labels = cloud(8, 0)
    random = np.random.default_rng(2)
    groups = np.repeat(np.arange(len(labels)), 50)
    near = (places[groups] + 0.001 * random.standard_normal((len(groups), DIM))).astype(np.float32)
    found = Novelty.learn(near, labels[groups], groups)
    unseen, _ = cloud(500, 3)
    assert found.is_novel(unseen).mean() < 0.15


@pytest.mark.parametrize(("count", "classes"), [(1, 5), (3, 2)], ids=["one a class", "six in all"])
def test_with_too_few_labels_nothing_is_called_novel(count: int, classes: int) -> None:
    features, labels = cloud(count, 0, classes)
    found = Novelty.learn(features, labels, np.arange(len(labels)))
    assert not found.known
    assert not found.is_novel(np.full((10, DIM), 6, np.float32)).any()
    assert "takes" in found.reason


def test_the_arrays_say_all(tmp_path: object) -> None:
    features, labels = cloud(100, 0)
    found = Novelty.learn(features, labels, np.arange(len(labels)))
    assert len(found.landmarks) <= 96
    again = Novelty.restore(found.arrays(), found.reason)
    unseen, _ = cloud(100, 1)
    np.testing.assert_array_equal(again.distance(unseen), found.distance(unseen))
    none = Novelty.restore(Novelty.learn(features[:1], labels[:1], np.zeros(1, int)).arrays())
    assert not none.known


@pytest.mark.parametrize(
    "arrays",
    [
        {"landmarks": np.zeros((3, 4), np.float32), "units": np.ones(2, np.float32)},
        {"landmarks": np.zeros((2, 4), np.float32), "units": np.zeros(2, np.float32)},
        {"landmarks": np.zeros((2, 4), np.float32), "units": np.full(2, np.nan, np.float32)},
        {"landmarks": np.zeros(4, np.float32), "units": np.ones(4, np.float32)},
    ],
    ids=["count", "no unit", "no number", "flat"],
)
def test_arrays_that_do_not_fit_each_other_are_refused(arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="fit"):
        Novelty.restore(arrays)


def test_the_draw_is_the_same_every_time() -> None:
    features, labels = cloud(300, 0)
    first, second = (Novelty.learn(features, labels, np.arange(len(labels))) for _ in range(2))
    np.testing.assert_array_equal(first.landmarks, second.landmarks)
    np.testing.assert_array_equal(first.units, second.units)


def test_a_preview_does_not_wait_for_it() -> None:
    """A quarter of a million pixels of 54 features, in processor time: it is one matrix product."""
    random = np.random.default_rng(0)
    features = random.standard_normal((96, 54)).astype(np.float32)
    found = Novelty.learn(features, np.arange(96) % 6, np.arange(96))
    pixels = random.standard_normal((250_000, 54)).astype(np.float32)
    found.distance(pixels[:10_000])
    before = time.process_time()
    found.distance(pixels)
    assert time.process_time() - before < 0.6
