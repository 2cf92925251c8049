"""Steps that are undone and done again: the list never says anything else than what was written."""

from __future__ import annotations

import pytest

from geofm.algorithms.label_tables import Drawn
from geofm.inference.errors import UnsupportedInput
from geofm.inference.jobs import ClassInfo
from geofm.ui.teaching.steps import LIMIT, Step, Steps

A, B = Drawn(1, b"\x01" * 5, uuid="a"), Drawn(1, b"\x01" * 5, uuid="b")


class File:
    """What steps are written to; it can be closed."""

    def __init__(self) -> None:
        self.labels: set[str] = set()
        self.classes: tuple[ClassInfo, ...] = ()
        self.closed = False

    def write(self, step: Step) -> None:
        if self.closed:
            raise UnsupportedInput("It is closed.")
        self.labels -= set(step.gone)
        self.labels |= {label.uuid for label in step.added}
        if step.after is not None:
            self.classes = step.after


@pytest.fixture
def file() -> File:
    return File()


@pytest.fixture
def steps(file: File) -> Steps:
    return Steps(file.write)


def test_there_and_back(steps: Steps, file: File) -> None:
    info = ClassInfo(1, "forest", "#00ff00")
    steps.do(Step("class", before=(), after=(info,)))
    steps.do(Step("first", added=(A,)))
    steps.do(Step("second", added=(B,)))
    assert [steps.undo().title for _ in range(3)] == ["second", "first", "class"]
    assert (file.labels, file.classes) == (set(), ())
    assert steps.undo() is None
    assert [steps.redo().title for _ in range(3)] == ["class", "first", "second"]
    assert (file.labels, file.classes) == ({"a", "b"}, (info,))
    assert steps.redo() is None


def test_a_new_step_forgets_those_undone(steps: Steps, file: File) -> None:
    steps.do(Step("first", added=(A,)))
    steps.undo()
    assert (steps.to_undo, steps.to_redo) == ("", "first")
    steps.do(Step("second", added=(B,)))
    assert (steps.to_undo, steps.to_redo) == ("second", "")
    assert file.labels == {"b"}


def test_what_cannot_be_written_moves_nothing(steps: Steps, file: File) -> None:
    steps.do(Step("first", added=(A,)))
    file.closed = True
    for move in (steps.undo, lambda: steps.do(Step("second", added=(B,)))):
        with pytest.raises(UnsupportedInput):
            move()
    assert (steps.to_undo, steps.to_redo) == ("first", "")
    file.closed = False
    steps.undo()
    file.closed = True
    with pytest.raises(UnsupportedInput):
        steps.redo()
    assert (steps.to_undo, steps.to_redo) == ("", "first")


def test_a_label_that_is_replaced_is_not_gone() -> None:
    step = Step("change", removed=(A, B), added=(A,))
    assert step.gone == ("b",)
    assert step.reversed().gone == ()
    assert step.reversed().reversed() == step
    assert Step("nothing", (A,), (A,)).empty
    assert not Step("no class left", before=(ClassInfo(1, "a", "#000000"),), after=()).empty


def test_the_oldest_steps_are_forgotten(steps: Steps) -> None:
    for number in range(LIMIT + 20):
        steps.do(Step(str(number), added=(A,)))
    count = 0
    while steps.undo() is not None:
        count += 1
    assert count == LIMIT
