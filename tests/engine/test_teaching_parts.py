"""The parts of a teaching session: memory, labels on pixels, what a map costs. No engine process here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from geofm.inference.engine.grid import Grid, Window, lattice
from geofm.inference.engine.learning.calibration import apply
from geofm.inference.engine.learning.training_set import TaughtLabel, TrainingSet
from geofm.inference.engine.teaching.encoded import BLOCK, Block, Encoded
from geofm.inference.engine.teaching.fitting import fit_live
from geofm.inference.engine.teaching.labels import MOST_PIXELS, Labels
from geofm.inference.engine.teaching.preview import View, memory_step, paint, screen_step
from geofm.inference.errors import InvalidRequest
from geofm.inference.jobs import ClassInfo

DIM = 5
GRID = Grid(700, 400, (10.0, 0.0, 0.0, 0.0, -10.0, 4000.0), "")
CLASSES = (ClassInfo(3, "low", "#102030"), ClassInfo(9, "high", "#405060"))


def features(window: Window) -> Any:
    """(dim, rows, cols) that tell a pixel's row and column, exact in half precision."""
    rows, cols = np.mgrid[window.row : window.bottom, window.col : window.right]
    planes = [rows % 64, cols % 64, rows // 64, cols // 64, (rows + cols) % 2]
    return np.stack(planes).astype(np.float32) / 8


def block(window: Window, step: int = 1) -> Block:
    inside = window.intersect(GRID.window)
    assert inside is not None
    return Block.of(inside, features(inside), np.ones((inside.height, inside.width), bool), step)


def blocks(step: int = 1) -> list[Block]:
    return [block(window, step) for window in lattice(GRID.window, BLOCK)]


def labels() -> Labels:
    made = Labels(GRID, DIM, TaughtLabel("", 0, "scene.tif", "2020-01-02"))
    made.change(CLASSES, [], [])
    return made


def square(name: str, value: int, col: float, row: float, side: float) -> dict[str, Any]:
    """A label that covers side x side pixels from a column and row on."""
    left, top, right, bottom = 10 * col, 4000 - 10 * row, 10 * (col + side), 4000 - 10 * (row + side)
    ring = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
    return {"id": name, "value": value, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def shown(samples: Any) -> tuple[Any, Any]:
    """Rows and columns that features tell."""
    planes = np.rint(samples.astype(np.float32) * 8).astype(int)
    return planes[..., 2] * 64 + planes[..., 0], planes[..., 3] * 64 + planes[..., 1]


# --- memory -------------------------------------------------------------------------------------


def test_the_least_recently_used_blocks_go_first_whichever_session_has_them() -> None:
    places = [Window(col * BLOCK, 0, BLOCK, BLOCK) for col in range(4)]
    size = block(places[0]).size
    held = Encoded(3 * size)
    held.put("a", block(places[0]))
    held.put("b", block(places[0]))
    held.put("a", block(places[1]))
    assert held.get("a", places[0]) is not None
    held.put("a", block(places[2]))
    assert held.get("b", places[0]) is None
    assert held.get("a", places[0]) is not None
    assert held.size == 3 * size
    held.put("a", block(places[0], 4))
    assert held.size < 3 * size
    held.drop("a")
    assert held.size == 0


@pytest.mark.parametrize("step", [2, 8, 128])
def test_a_block_thinned_later_is_that_thinned_at_once(step: int) -> None:
    window = Window(128, 256, BLOCK, BLOCK)
    late, early = block(window, 2).thinned(step), block(window, step)
    assert late.step == early.step == step
    np.testing.assert_array_equal(late.features, early.features)
    assert late.valid.shape == early.valid.shape


def test_a_wide_view_is_held_thinned_so_that_it_fits() -> None:
    assert memory_step(Window(0, 0, 1000, 800), 10**6) == 1
    assert memory_step(Window(0, 0, 4000, 4000), 10**6) == 4
    assert memory_step(Window(0, 0, 10**6, 10**6), 10**6) == BLOCK


# --- what is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize("held", [1, 4])
@pytest.mark.parametrize("step", [4, 8, 256])
@pytest.mark.parametrize("window", [Window(0, 0, 700, 400), Window(33, 77, 301, 211), Window(699, 399, 1, 1)])
def test_every_cell_shows_its_own_pixel(window: Window, step: int, held: int) -> None:
    view = View.of(window, step)
    found: dict[str, Any] = {}

    def predict(samples: Any) -> tuple[Any, Any]:
        rows, cols = shown(samples)
        for row, col in zip(rows.tolist(), cols.tolist(), strict=True):
            found[row, col] = found.get((row, col), 0) + 1
        return ((rows // step + cols // step) % 200 + 1).astype(np.uint8), np.ones(len(rows), np.float32)

    painted = paint(view, blocks(held), DIM, predict, None, 0)
    rows, cols = (np.arange(first, first + count) for first, count in
                  ((view.cells.row, view.cells.height), (view.cells.col, view.cells.width)))  # fmt: skip
    np.testing.assert_array_equal(painted.bands[0], (rows[:, None] + cols) % 200 + 1)
    assert painted.known == 1
    assert set(found) == {(r, c) for r in (rows * step).tolist() for c in (cols * step).tolist()}
    assert set(found.values()) == {1}
    x, y = view.grid(GRID).to_map(0, 0)
    assert GRID.to_map(view.window.col, view.window.row) == (x, y)


def test_a_map_costs_the_pixels_of_the_screen_however_large_the_raster() -> None:
    for window in (Window(0, 0, 1000, 800), Window(0, 0, 10_000, 8000), Window(5, 5, 109_800, 109_800)):
        view = View.of(window, screen_step(window, 1000, 800))
        assert view.cells.width * view.cells.height <= 1.6 * 1000 * 800
        assert view.step == 1 or view.cells.width * view.cells.height > 1000 * 800 / 4


def test_what_is_not_encoded_or_empty_stays_nothing_and_is_not_asked_for() -> None:
    first, second, *_ = blocks()
    empty = Block(second.window, 1)
    hole = np.ones((BLOCK, BLOCK), bool)
    hole[:7] = False
    holed = Block(first.window, 1, first.features, hole)
    asked = []

    def predict(samples: Any) -> tuple[Any, Any]:
        asked.append(len(samples))
        return np.full(len(samples), 7, np.uint8), np.full(len(samples), 0.5, np.float32)

    painted = paint(View.of(Window(0, 0, 3 * BLOCK, BLOCK), 1), [holed, empty], DIM, predict, None, 0)
    assert sum(asked) == BLOCK**2
    assert painted.known == pytest.approx(2 / 3)
    assert set(np.unique(painted.bands[:, 7:, :BLOCK])) == {0, 7, 50}
    assert not painted.bands[:, :7].any()
    assert not painted.bands[:, :, BLOCK:].any()


def test_novelty_is_asked_of_a_quarter_of_the_cells_and_lies_where_it_was_found() -> None:
    asked = []

    def novel(samples: Any) -> Any:
        asked.append(len(samples))
        return shown(samples)[1] >= 300

    def predict(samples: Any) -> tuple[Any, Any]:
        return np.ones(len(samples), np.uint8), np.ones(len(samples), np.float32)

    window = Window(101, 51, 450, 251)
    painted = paint(View.of(window, 1), blocks(), DIM, predict, novel, 0)
    assert sum(asked) <= 0.26 * window.width * window.height
    np.testing.assert_array_equal(painted.bands[2], np.broadcast_to(np.arange(101, 551) >= 300, (251, 450)))


def test_threads_are_as_they_were_after_a_map(threads: Any) -> None:
    threads(2)
    fault = RuntimeError("in a thread")

    def predict(samples: Any) -> tuple[Any, Any]:
        raise fault

    with pytest.raises(RuntimeError, match="in a thread"):
        paint(View.of(Window(0, 0, 9, 9), 1), blocks(), DIM, predict, None, 0)
    assert torch.get_num_threads() == 2


# --- labels on pixels -----------------------------------------------------------------------------


def test_features_of_labels_are_those_of_their_pixels() -> None:
    made = labels()
    point = {"id": "p", "value": 9, "geometry": {"type": "Point", "coordinates": [5555, 1234]}}
    made.change(CLASSES, [square("s", 3, 120, 60, 12), point], [])
    assert made.waiting == 2
    for window in made.cells():
        inside = window.intersect(GRID.window)
        made.fill(inside, features(inside), np.ones((inside.height, inside.width), bool))
    assert made.waiting == 0
    found = made.learnable()
    assert [label.id for label in found.labels] == ["p", "s"]
    rows, cols = shown(found.features)
    assert (rows[found.groups == 0].tolist(), cols[found.groups == 0].tolist()) == ([276], [555])
    inside = {(r, c) for r in range(60, 72) for c in range(120, 132)}
    assert set(zip(rows[found.groups == 1].tolist(), cols[found.groups == 1].tolist(), strict=True)) == inside
    assert found.labels[1] == TaughtLabel("s", 3, "scene.tif", "2020-01-02", pixels=144)


def test_a_large_label_counts_with_its_size_and_teaches_with_some_of_its_pixels() -> None:
    made = labels()
    made.change(CLASSES, [square("s", 3, 0, 0, 300)], [])
    assert made.counts()[0] == {"value": 3, "labels": 1, "pixels": 90_000}
    for one in blocks():
        made.fill(one.window, one.features, one.valid)
    assert len(made.learnable().groups) == MOST_PIXELS
    rows, cols = shown(made.learnable().features)
    assert rows.max() - rows.min() > 250
    assert cols.max() - cols.min() > 250


def test_thinned_blocks_do_not_answer_for_pixels_between_theirs() -> None:
    made = labels()
    made.change(CLASSES, [square("on", 3, 40, 40, 1), square("off", 3, 41, 41, 1)], [])
    thin = block(Window(0, 0, BLOCK, BLOCK), 4)
    made.fill(thin.window, thin.features, thin.valid, thin.step)
    assert made.waiting == 1
    assert [label.id for label in made.learnable().labels] == ["on"]


@pytest.mark.parametrize("order", [("area", "click"), ("click", "area")])
def test_the_smaller_label_counts_whichever_came_first(order: tuple[str, str]) -> None:
    made = labels()
    both = {"area": square("area", 3, 10, 10, 9), "click": square("click", 9, 12, 12, 1)}
    made.change(CLASSES, [both[name] for name in order], [])
    made.fill(Window(0, 0, 128, 128), features(Window(0, 0, 128, 128)), np.ones((128, 128), bool))
    assert np.bincount(made.learnable().values)[[3, 9]].tolist() == [80, 1]
    made.change(CLASSES, [square("later", 3, 12, 12, 1)], [])
    made.fill(Window(0, 0, 128, 128), features(Window(0, 0, 128, 128)), np.ones((128, 128), bool))
    assert np.bincount(made.learnable().values, minlength=10)[[3, 9]].tolist() == [81, 0]


def test_a_call_that_fails_changes_nothing() -> None:
    made = labels()
    made.change(CLASSES, [square("a", 3, 10, 10, 2)], [])
    before = made.revision
    with pytest.raises(InvalidRequest):
        made.change(CLASSES[:1], [square("b", 3, 0, 0, 1), square("c", 9, 0, 0, 1)], ["a"])
    assert (made.revision, made.classes) == (before, CLASSES)
    assert [count["labels"] for count in made.counts()] == [1, 0]


def test_what_a_classifier_brought_is_replaced_by_a_label_of_the_same_image() -> None:
    old = [
        TaughtLabel("a", 3, "scene.tif", "2020-01-02", pixels=4),
        TaughtLabel("b", 9, "other.tif", pixels=1),
    ]
    before = TrainingSet.of(np.ones((2, DIM), np.float32), np.array([0, 1]), old)
    made = Labels(GRID, DIM, TaughtLabel("", 0, "scene.tif", "2020-01-02"), before)
    made.change(CLASSES, [square("a", 3, 10, 10, 1)], [])
    assert [count["labels"] for count in made.counts()] == [1, 1]
    assert [count["pixels"] for count in made.counts()] == [1, 1]
    made.fill(Window(0, 0, 128, 128), features(Window(0, 0, 128, 128)), np.ones((128, 128), bool))
    assert len(made.learnable().labels) == 2
    made.change(CLASSES, [], ["a", "b"])
    assert [count["labels"] for count in made.counts()] == [0, 0]


# --- fitting --------------------------------------------------------------------------------------


def taught(places: int, pixels: int) -> TrainingSet:
    random = np.random.default_rng(0)
    told = [TaughtLabel(f"{n:04d}", 3 if n % 2 else 9, pixels=pixels) for n in range(places)]
    groups = np.repeat(np.arange(places), pixels)
    centres = np.array([[1.0] * DIM, [-1.0] * DIM])
    values = centres[groups % 2] + random.normal(0, 0.5, (len(groups), DIM))
    return TrainingSet.of(values.astype(np.float32), groups, told)


def test_a_click_is_fitted_to_no_more_samples_than_fit_in_time() -> None:
    for places, pixels in ((4, 256), (500, 256), (3000, 20)):
        fitted = fit_live(taught(places, pixels), "ensemble", 0)
        assert len(fitted.labels) <= max(600, places)
        assert len(np.unique(fitted.groups)) == places
        counts = np.bincount(fitted.groups)
        assert counts.min() == counts.max()
        assert f"of {places * pixels} labelled pixels" in fitted.reason


def test_what_is_shown_otherwise_than_it_is_saved_is_said() -> None:
    few, many = taught(8, 1), taught(40, 1)
    assert fit_live(few, "ensemble", 0).reason == ""
    fitted = fit_live(many, "ensemble", 0)
    assert fitted.reason == ""
    forest = fit_live(few, "forest", 0)
    assert forest.method == "ensemble"
    assert forest.reason == "Shown is the method ensemble, because forest takes longer; forest is saved."
    values, sure = fitted.predict(np.array([[1.0] * DIM, [-1.0] * DIM], np.float32))
    assert values.tolist() == [9, 3]
    assert sure.min() > 0.9


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_previews_are_calibrated_as_maps_are(temperature: float) -> None:
    fitted = fit_live(taught(40, 1), "ensemble", 0)
    samples = np.random.default_rng(1).normal(0, 1, (500, DIM)).astype(np.float32)
    expected = apply(fitted.head.predict(samples), temperature)
    values, sure = fitted.predict(samples, temperature)
    np.testing.assert_allclose(sure, expected.max(axis=1), atol=1e-4)
    np.testing.assert_array_equal(values, fitted.values[expected.argmax(axis=1)])
