"""How the benchmark of few labels splits: nothing that is asked about was learned from."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture(scope="module")
def teaching(script: Callable[[str], ModuleType]) -> ModuleType:
    """scripts/bench_teaching.py"""
    return script("bench_teaching")


def test_polygons_are_left_out_whole_and_each_once(teaching: ModuleType) -> None:
    groups = np.repeat(np.arange(12), 20)
    labels = groups % 3
    asked_of = []
    for learned, asked in teaching.polygon_splits(labels, groups, 4, 0):
        assert not set(groups[learned]) & set(groups[asked])
        assert np.bincount(labels[learned]).tolist() == [4, 4, 4]
        # As many polygons as there are take part.
        assert all(len(set(groups[learned][labels[learned] == label])) >= 3 for label in range(3))
        asked_of += asked.tolist()
    assert sorted(asked_of) == list(range(240))


def test_halves_are_apart_and_labels_pure(teaching: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "SIDE", 100)
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 10_000)
    share = random.uniform(0.3, 1, 10_000).astype(np.float32)
    for draw in (0, 1):
        ((learned, asked),) = teaching.halves(labels, share, 10, draw)
        assert np.bincount(labels[learned]).tolist() == [10, 10, 10]
        assert share[learned].min() > teaching.PURE
        place = [np.divmod(part, 100)[draw] for part in (learned, asked)]
        assert place[1].min() - place[0].max() >= teaching.APART


def test_a_table_holds_the_means_and_their_range(teaching: ModuleType) -> None:
    text = teaching.table({(3, "bands"): np.array([[0.5, 1.0], [0.0, 0.5]])}, ("a", "b"), "all")
    assert text.splitlines()[-1] == "| 3 | bands | **0.500** (0.250 to 0.750) | 0.25 | 0.75 |"
