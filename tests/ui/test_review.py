"""Visiting places whose label would help, and labels that are likely mistakes, with single keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.core import QgsGeometry, QgsPointXY
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from geofm.inference.teaching import Balance, Doubt, Review, Suggestion
from geofm.ui.teaching.label_home import labels_of
from geofm.ui.teaching.labels import Labels
from geofm.ui.teaching.review import ReviewPanel, balance_notes


@pytest.fixture
def labels(dock, landsat, scratch_home) -> Iterator[Labels]:
    made = labels_of(dock.desk)
    for name in ("forest", "water"):
        assert made.add_class(name)
    yield made
    made.close()
    sip.delete(made)


@pytest.fixture
def panel(dock, labels: Labels, settled) -> Iterator[ReviewPanel]:
    made = ReviewPanel(dock.desk, labels)
    made.resize(360, 500)
    made.show()
    settled()
    yield made
    made.close_panel()
    sip.delete(made)


@pytest.fixture
def places(landsat) -> list[tuple[float, float]]:
    middle = landsat[0].extent().center()
    return [(middle.x() + 300 * number, middle.y()) for number in range(3)]


def suggest(panel: ReviewPanel, places, landsat) -> None:
    given = [Suggestion(x, y, 0.1, 0.41, 2, f"Reason {number}.") for number, (x, y) in enumerate(places)]
    panel.show_suggestions(given, landsat[0].crs(), 30.0)


@pytest.fixture
def doubted(labels, places, landsat) -> list[str]:
    """Three labels, forest all."""
    crs = landsat[0].crs()
    points = [QgsGeometry.fromPointXY(QgsPointXY(x, y)) for x, y in places]
    return [labels.add(shape, crs, 1) for shape in points]


def review(panel: ReviewPanel, doubted, places, landsat) -> None:
    doubts = tuple(
        Doubt(uuid, x, y, 1, 2, 0.83, "5 of 6 neighbours agree.") for uuid, (x, y) in zip(doubted, places)
    )
    panel.show_review(Review(doubts, (), ()), landsat[0].crs(), 30.0)


def test_what_is_wanted_is_asked_for_only_when_there_is_a_session(panel) -> None:
    asked = []
    panel.suggest_wanted.connect(asked.append)
    panel.review_wanted.connect(lambda: asked.append("review"))
    QTest.mouseClick(panel.suggest, Qt.MouseButton.LeftButton)
    assert asked == []
    panel.set_ready(True)
    QTest.mouseClick(panel.suggest, Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.review, Qt.MouseButton.LeftButton)
    assert asked == [10, "review"]


def test_a_digit_labels_the_place_and_goes_on(panel, labels, places, landsat, desktop) -> None:
    suggest(panel, places, landsat)
    assert panel.bar.current().title == "water, 41 % sure"
    assert panel.bar.note.text() == "Reason 0."
    assert desktop.canvas.center().distance(QgsPointXY(*places[0])) < 1
    QTest.keyClick(panel.bar, Qt.Key.Key_1)
    ((_, label),) = labels.taught.items()
    assert label.value == 1
    assert label.geometry["coordinates"] == pytest.approx(places[0])
    assert desktop.canvas.center().distance(QgsPointXY(*places[1])) < 1
    QTest.keyClick(desktop.canvas, Qt.Key.Key_Space)
    assert len(labels.taught) == 1
    QTest.keyClick(desktop.canvas, Qt.Key.Key_2)
    assert labels.counts() == {1: 1, 2: 1}
    assert not panel.bar.isVisible()
    assert panel.words.text().startswith("All visited")


def test_another_answer_changes_the_label_and_an_undo_opens_the_place(panel, labels, places, landsat) -> None:
    suggest(panel, places, landsat)
    panel.bar.give("1")
    panel.bar.visit(0)
    panel.bar.give("2")
    assert labels.counts() == {1: 0, 2: 1}
    panel.bar.visit(0)
    panel.bar.give("Space")
    assert labels.counts() == {1: 0, 2: 0}
    panel.bar.visit(1)
    panel.bar.give("1")
    labels.undo()
    assert set(panel.bar.given()) == {"place-0"}


def test_enter_keeps_a_digit_fixes_and_delete_removes(panel, labels, doubted, places, landsat) -> None:
    review(panel, doubted, places, landsat)
    assert panel.bar.current().title == "forest, likely water"
    assert panel.bar.note.text() == "Labelled forest, likely water. 5 of 6 neighbours agree."
    QTest.keyClick(panel.bar, Qt.Key.Key_Return)
    QTest.keyClick(panel.bar, Qt.Key.Key_2)
    QTest.keyClick(panel.bar, Qt.Key.Key_Delete)
    assert {uuid: label.value for uuid, label in labels.taught.items()} == {doubted[0]: 1, doubted[1]: 2}
    assert panel.words.text() == "All visited."
    labels.undo()
    labels.undo()
    assert labels.counts() == {1: 3, 2: 0}


def test_what_was_kept_is_not_doubted_again_until_it_changes(panel, labels, doubted, places, landsat) -> None:
    review(panel, doubted, places, landsat)
    panel.bar.give("Enter")
    review(panel, doubted, places, landsat)
    assert panel.bar.list.count() == 2
    panel.show_review(Review((Doubt(doubted[0], *places[0], 2, 1, 0.9),), ()), landsat[0].crs(), 30.0)
    assert panel.bar.list.count() == 1


def test_an_undone_removal_is_open_again(panel, labels, doubted, places, landsat) -> None:
    review(panel, doubted, places, landsat)
    panel.bar.give("Delete")
    assert panel.bar.given() == {doubted[0]: "Delete"}
    labels.undo()
    assert panel.bar.given() == {}


def test_nothing_to_visit_is_said(panel, labels, landsat) -> None:
    panel.show_suggestions([], landsat[0].crs(), 30.0)
    assert "No place stands out" in panel.words.text()
    panel.show_review(Review((), (), ("Too few labels to compare.",)), landsat[0].crs(), 30.0)
    assert panel.words.text() == "No label looks like a mistake. Too few labels to compare."
    assert not panel.bar.isVisible()


def test_done_gives_the_keys_back(panel, labels, places, landsat, desktop) -> None:
    suggest(panel, places, landsat)
    QTest.mouseClick(panel.done, Qt.MouseButton.LeftButton)
    QTest.keyClick(desktop.canvas, Qt.Key.Key_1)
    assert labels.taught == {}


def test_a_label_that_cannot_be_written_leaves_the_place_open(panel, labels, places, landsat) -> None:
    suggest(panel, places, landsat)
    Path(labels.file.path).rename(f"{labels.file.path}.away")
    panel.bar.give("1")
    assert panel.bar.given() == {}
    assert panel.bar.current().id == "place-0"


def test_the_balance_of_classes_is_told_where_it_is_poor() -> None:
    names = {1: "forest", 2: "water", 3: "sand", 4: "rock"}
    even = [Balance(value, 10, 100, 0.25) for value in names]
    assert balance_notes(even, names) == []
    poor = [Balance(1, 30, 970, 0.97), Balance(2, 12, 20, 0.02), Balance(3, 2, 10, 0.01), Balance(9, 0, 0, 0)]
    assert balance_notes(poor, names) == [
        "Few labels: sand (2).", "Few of the labelled pixels: water (2.0 %).",
    ]
