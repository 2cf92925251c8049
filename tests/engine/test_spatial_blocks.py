"""Blocks in space: as wide as the features are alike, and no class is ever without a place to learn from."""

from __future__ import annotations

import numpy as np
import pytest

from geofm.inference.engine.base import Context
from geofm.inference.engine.heads import make_head
from geofm.inference.engine.learning.accuracy import validated
from geofm.inference.engine.learning.folds import hold_out
from geofm.inference.engine.learning.spatial_blocks import spatial_blocks

DEGREE = 111_320.0
NOTHING = Context(lambda *told: None, lambda: None)


def scattered(count: int, wide: float, seed: int = 0) -> np.ndarray:
    """Places at the equator, in a square of ``wide`` metres."""
    return np.random.default_rng(seed).random((count, 2)) * wide / DEGREE


def fields(places: np.ndarray, side: float, seed: int = 0) -> np.ndarray:
    """(places, 3) features that are the same within squares of ``side`` metres, and a little noise."""
    random = np.random.default_rng(seed)
    cells = np.floor(places * DEGREE / side).astype(int)
    _, owner = np.unique(cells, axis=0, return_inverse=True)
    owner = owner.ravel()
    return random.normal(size=(owner.max() + 1, 3))[owner] + random.normal(scale=0.1, size=(len(places), 3))


@pytest.mark.parametrize("side", [300.0, 1000.0])
def test_blocks_are_as_wide_as_the_ground_is_alike(side: float) -> None:
    places = scattered(800, 12 * side)
    found = spatial_blocks(places, np.zeros(800, int), fields(places, side))
    assert 0.5 * side < found.side < 3 * side


def test_places_of_one_block_lie_together() -> None:
    places = scattered(300, 5000)
    found = spatial_blocks(places, np.arange(300) % 2, np.zeros((300, 2)), side=1000.0)
    assert found.side == 1000.0
    for block in np.unique(found.groups):
        inside = places[found.groups == block] * DEGREE
        assert np.ptp(inside, axis=0).max() <= 1000.0
    assert 20 <= len(np.unique(found.groups)) <= 49


def test_a_block_is_halved_until_every_class_has_two() -> None:
    places = scattered(200, 10_000)
    classes = np.zeros(200, int)
    # Two places of a second class, 400 m apart, in a world that is alike over kilometres.
    places[:2] = np.array([[0.0, 0.0], [400.0, 0.0]]) / DEGREE
    classes[:2] = 1
    found = spatial_blocks(places, classes, fields(places, 4000.0))
    assert 0 < found.side < 800
    assert found.groups[0] != found.groups[1]
    given = spatial_blocks(places, classes, fields(places, 4000.0), side=4000.0)
    assert given.groups[0] == given.groups[1]


def test_without_positions_each_place_is_its_own_block() -> None:
    unknown = np.full((30, 2), np.nan)
    found = spatial_blocks(unknown, np.zeros(30, int), np.zeros((30, 2)))
    assert found.side == 0
    assert len(set(found.groups.tolist())) == 30
    mixed = np.vstack([scattered(50, 100), unknown[:3]])
    some = spatial_blocks(mixed, np.zeros(53, int), np.zeros((53, 2)), 1e6)
    assert len(set(some.groups[50:].tolist())) == 3
    assert not set(some.groups[50:].tolist()) & set(some.groups[:50].tolist())


def test_the_antimeridian_is_no_edge() -> None:
    places = np.array([[179.9995, 0.0], [-179.9995, 0.0], [179.0, 0.0], [-179.0, 0.0]])
    found = spatial_blocks(places, np.array([0, 0, 1, 1]), np.zeros((4, 2)), side=5000.0)
    first, second = found.groups[:2]
    assert abs(int(first) - int(second)) <= 1
    assert len(set(found.groups.tolist())) <= 4


def test_no_class_is_left_without_a_place_to_learn_from() -> None:
    """Blocks hold several classes, and some classes have few blocks."""
    for seed in range(20):
        random = np.random.default_rng(seed)
        groups = np.concatenate([np.arange(7), random.integers(0, 7, 113)])
        labels = np.zeros(120, np.int64)
        # Four more classes, of one, two, two and three blocks that they share with others.
        for index, blocks in enumerate(((6,), (0, 1), (1, 2), (0, 2, 6)), 1):
            for block in random.permutation(blocks):
                labels[random.choice(np.flatnonzero(groups == block), 2)] = index
        present, labels = np.unique(labels, return_inverse=True)
        held = hold_out(
            random.normal(size=(120, 4)).astype(np.float32), labels, groups,
            lambda: make_head("fast", 0), NOTHING, seed=seed,
        )
        for fold in range(held.rounds):
            learned = labels[held.fold != fold]
            assert set(learned.tolist()) == set(labels.tolist()), (seed, fold)
        for group in range(7):
            assert len(set(held.fold[groups == group].tolist())) == 1


def test_a_class_that_is_never_left_out_is_named() -> None:
    """Two places of town, both in the block that is the only one of its class."""
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2], np.int64)
    blocks = np.array([0, 1, 2, 3, 0, 1, 2, 4, 4])
    features = np.eye(9, dtype=np.float32)
    held = hold_out(features, labels, blocks, lambda: make_head("fast", 0), NOTHING)
    found = validated(held, labels, np.arange(9), ["forest", "water", "town"], 500.0)
    assert "Not checked, because all of it lies in one block: town." in found.notes


def test_neighbours_no_longer_speak_for_each_other() -> None:
    """Features tell the field and not the class: leaving points out flatters, leaving blocks out does not."""
    places = scattered(600, 6000)
    cells = np.floor(places * DEGREE / 600).astype(int)
    _, owner = np.unique(cells, axis=0, return_inverse=True)
    owner = owner.ravel()
    labels = np.random.default_rng(3).integers(0, 2, owner.max() + 1)[owner].astype(np.int64)
    features = fields(places, 600.0, seed=4).astype(np.float32)

    def accuracy(groups: np.ndarray, side: float) -> float:
        held = hold_out(features, labels, groups, lambda: make_head("knn", 0), NOTHING)
        found = validated(held, labels, np.arange(600), ["a", "b"], side)
        assert found.accuracy is not None
        assert ("Blocks of ground" in found.notes[0]) == bool(side)
        return found.accuracy.overall

    alone = accuracy(np.arange(600), 0.0)
    found = spatial_blocks(places, labels, features.astype(float))
    assert alone > 0.85
    assert accuracy(found.groups, found.side) < alone - 0.12
