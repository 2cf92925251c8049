"""What was done to labels and classes, to be undone and done again.

The labels have steps of their own: QGIS's undo belongs to layers that are being edited, and both may
go on side by side. A step is kept here only after it was written, and moves only if its opposite could
be written, so that the list never says anything else than the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...algorithms.label_tables import Drawn
from ...inference.jobs import ClassInfo

# More than a person remembers; an import of many labels is one step.
LIMIT = 200


@dataclass(frozen=True)
class Step:
    """A change as it is written: labels out, labels in, and the list of classes before and after.

    Attributes:
        title: what was done, in a few words.
        removed: labels as they were.
        added: labels as they are; one may stand in both with the same uuid.
        before, after: all classes; None where the step is about labels alone.
    """

    title: str
    removed: tuple[Drawn, ...] = ()
    added: tuple[Drawn, ...] = ()
    before: tuple[ClassInfo, ...] | None = None
    after: tuple[ClassInfo, ...] | None = None

    def reversed(self) -> Step:
        """What undoes it."""
        return Step(self.title, self.added, self.removed, self.after, self.before)

    @property
    def gone(self) -> tuple[str, ...]:
        """The uuids that are no longer there afterwards."""
        staying = {label.uuid for label in self.added}
        return tuple(label.uuid for label in self.removed if label.uuid not in staying)

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return self.removed == self.added and self.before == self.after


class Steps:
    """The steps done, and those undone since the last new one.

    Args:
        write: makes a step true; raises where it cannot, and then nothing here changes.
    """

    def __init__(self, write: Callable[[Step], None]) -> None:
        self._write = write
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def clear(self) -> None:
        """Forget all steps: another file."""
        self._done.clear()
        self._undone.clear()

    def do(self, step: Step) -> None:
        """Write a new step."""
        self._write(step)
        self._done = [*self._done, step][-LIMIT:]
        self._undone.clear()

    def undo(self) -> Step | None:
        """Write the opposite of the last step; that step, None if there is none."""
        return self._move(self._done, self._undone, True)

    def redo(self) -> Step | None:
        """Write the last undone step again; that step, None if there is none."""
        return self._move(self._undone, self._done, False)

    @property
    def to_undo(self) -> str:
        """Title of the step that would be undone; empty for none."""
        return self._done[-1].title if self._done else ""

    @property
    def to_redo(self) -> str:
        """Title of the step that would be done again; empty for none."""
        return self._undone[-1].title if self._undone else ""

    def _move(self, source: list[Step], target: list[Step], back: bool) -> Step | None:
        if not source:
            return None
        step = source[-1]
        self._write(step.reversed() if back else step)
        target.append(source.pop())
        return step
