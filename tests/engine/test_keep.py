"""Saving what a session was taught: the file of a training, with a title, in place or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geofm.inference.bands import PRESETS
from geofm.inference.cards import load_card
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.features.space import FeatureSpace
from geofm.inference.engine.learning.classifier import load_classifier
from geofm.inference.engine.learning.training import Lesson
from geofm.inference.engine.learning.training_set import TaughtLabel, TrainingSet
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.teaching.keep import save
from geofm.inference.errors import Cancelled, InvalidRequest, UnsupportedInput
from geofm.inference.jobs import ClassInfo, RasterRef

QUIET = Context(lambda stage, done, total, message: None, lambda: None)
CLASSES = (
    ClassInfo(9, "road", "#888888"),
    ClassInfo(4, "Wald", "#1f6b35"),
    ClassInfo(1, "unused", "#000000"),
)


@pytest.fixture(scope="module")
def lesson(samples: Path) -> Lesson:
    chip = RasterRef(str(samples / "sentinel2-chips" / "patch_61808.tif"), names=PRESETS["sentinel2-l2a"])
    with Stack.open([chip]) as stack:
        space = FeatureSpace.learn(stack, (), QUIET)
    rng = np.random.default_rng(0)
    labels = [TaughtLabel(str(n), 4 if n % 2 else 9, "chip", pixels=5) for n in range(12)]
    features = np.repeat(rng.normal(size=(2, space.dim)), 30, axis=0) + rng.normal(0, 0.2, (60, space.dim))
    groups = np.concatenate([np.repeat(np.arange(0, 12, 2), 5), np.repeat(np.arange(1, 12, 2), 5)])
    taught = TrainingSet.of(features.astype(np.float32), groups, labels)
    return Lesson(space, taught, CLASSES, default_catalog().get("spectral-texture"), "", "fast")


def test_it_is_a_classifier_of_the_classes_with_labels(
    lesson: Lesson, tmp_path: Path, valid_item: Callable[[dict[str, Any]], None]
) -> None:
    answer = save(str(tmp_path / "c.geofm"), lesson, QUIET, "Wald & Straße")
    assert answer["path"] == str(tmp_path / "c.geofm")
    assert [info["value"] for info in answer["classes"]] == [4, 9]
    assert answer["facts"]["samples"] == {
        "Wald": {"places": 6, "pixels": 30},
        "road": {"places": 6, "pixels": 30},
    }
    assert answer["facts"]["validation"]["accuracy"]["overall"] == 1
    found = load_classifier(tmp_path / "c.geofm")
    assert found.title == "Wald & Straße"
    assert found.samples is not None
    assert len(found.samples.labels) == 12
    card = load_card(tmp_path / "c.geofm")
    assert (card.id, card.title) == ("c", "Wald & Straße")
    valid_item(card.raw)


def test_the_same_labels_make_the_same_bytes(lesson: Lesson, tmp_path: Path) -> None:
    save(str(tmp_path / "a.geofm"), lesson, QUIET, "x")
    first = (tmp_path / "a.geofm").read_bytes()
    save(str(tmp_path / "a.geofm"), lesson, QUIET, "x")
    assert (tmp_path / "a.geofm").read_bytes() == first


@pytest.mark.parametrize("name", ["c.json", "c", "missing/c.geofm"])
def test_a_place_that_cannot_be_written_is_told_before_learning(
    lesson: Lesson, tmp_path: Path, name: str
) -> None:
    def never() -> None:
        raise AssertionError("it began to learn")

    with pytest.raises(InvalidRequest):
        save(str(tmp_path / name), lesson, Context(QUIET.progress, never))


def test_what_was_saved_before_stays_where_saving_ends_early(lesson: Lesson, tmp_path: Path) -> None:
    target = tmp_path / "c.geofm"
    save(str(target), lesson, QUIET)
    before = target.read_bytes()

    def stop() -> None:
        raise Cancelled("The run was cancelled.")

    with pytest.raises(Cancelled):
        save(str(target), lesson, Context(QUIET.progress, stop))
    one = replace(lesson, samples=lesson.samples.where(lambda label: label.value == 4))
    with pytest.raises(UnsupportedInput, match="fewer than two classes"):
        save(str(target), one, QUIET)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]
