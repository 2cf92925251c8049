"""Where the next label helps most: unsure places, unlike each other, apart on the ground."""

from __future__ import annotations

import numpy as np

from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.suggest import margins, suggest, why


def scene(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """2,000 pixels of two sure clumps and, between them, two different kinds of doubt."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, 4, 2000)
    means = np.array([[-4, 0, 0], [4, 0, 0], [0, 3, 0], [0, -3, 0]], float)
    features = (means[kind] + 0.1 * random.standard_normal((2000, 3))).astype(np.float32)
    sure = np.array([[0.98, 0.02], [0.02, 0.98], [0.52, 0.48], [0.55, 0.45]], np.float32)
    return features, sure[kind], kind


def test_the_unsure_come_first_and_of_each_kind_of_doubt_one() -> None:
    features, probabilities, kind = scene()
    places = np.random.default_rng(1).random((2000, 2)) * 1000
    chosen = suggest(features, probabilities, features[kind < 2][:50], places, 2)
    assert sorted(kind[chosen]) == [2, 3]


def test_a_doubt_that_is_labelled_is_not_asked_again() -> None:
    features, probabilities, kind = scene()
    places = np.random.default_rng(1).random((2000, 2)) * 1000
    chosen = suggest(features, probabilities, features[kind == 2][:30], places, 1)
    assert kind[chosen].tolist() == [3]


def test_places_do_not_crowd_on_the_ground() -> None:
    random = np.random.default_rng(0)
    features = random.standard_normal((3000, 4)).astype(np.float32)
    places = random.random((3000, 2)) * 1000
    unsure = np.where(np.hypot(*(places - 500).T) < 60, 0.5, 0.55).astype(np.float32)
    probabilities = np.stack([unsure, 1 - unsure], axis=1)
    chosen = suggest(features, probabilities, features[:0], places, 6)
    apart = np.hypot(*(places[chosen][:, None] - places[chosen][None]).transpose(2, 0, 1))
    assert apart[~np.eye(6, dtype=bool)].min() > 40


def test_no_more_than_there_are_and_none_where_all_is_sure() -> None:
    features, probabilities, _ = scene()
    places = np.random.default_rng(1).random((2000, 2))
    few = suggest(features[:3], probabilities[:3], features[:0], places[:3], 10)
    assert sorted(few) == [0, 1, 2]
    sure = np.tile(np.array([[1, 0]], np.float32), (2000, 1))
    assert not len(suggest(features, sure, features[:0], places, 5))
    assert not len(suggest(features[:0], probabilities[:0], features[:5], places[:0], 5))


def test_margins_and_the_sentence() -> None:
    probabilities = np.array([[0.1, 0.6, 0.3], [0.2, 0.2, 0.6]], np.float32)
    np.testing.assert_allclose(margins(probabilities), [0.3, 0.4], atol=1e-6)
    assert why(probabilities[0], ["water", "forest", "bare"]) == "Unsure between forest (60%) and bare (30%)."


def test_labels_where_it_says_teach_more_than_labels_at_random() -> None:
    """A rare mixture decides the accuracy; random draws seldom meet it."""
    random = np.random.default_rng(0)
    kind = random.choice(4, 4000, p=[0.45, 0.45, 0.05, 0.05])
    means = np.array([[-2, 0, 0], [2, 0, 0], [-1, 3, 0], [1, 3, 0]], float)
    features = (means[kind] + 0.5 * random.standard_normal((4000, 3))).astype(np.float32)
    truth = np.array([0, 1, 1, 0])[kind]
    places = random.random((4000, 2)) * 1000

    def taught(guided: bool, seed: int) -> float:
        draw = np.random.default_rng(seed)
        known = [int(draw.choice(np.flatnonzero(kind == c))) for c in (0, 1) for _ in range(3)]
        for _ in range(4):
            head = make_head("ensemble")
            head.fit(features[known], truth[known])
            sure = head.predict(features)
            new = suggest(features, sure, features[known], places, 4) if guided else draw.choice(4000, 4)
            known += [int(at) for at in new]
        head = make_head("ensemble")
        head.fit(features[known], truth[known])
        right = head.predict(features).argmax(axis=1) == truth
        return float(np.mean([right[kind == c].mean() for c in range(4)]))

    guided, drawn = (np.mean([taught(way, seed) for seed in range(4)]) for way in (True, False))
    assert guided > drawn + 0.05
