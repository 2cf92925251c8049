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
# Some tenths of a millisecond each.
AT_ONCE = 100


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
    def many(self) -> bool:
        """Whether writing it takes longer than a map may stand still."""
        return len(self.added) + len(self.removed) > AT_ONCE

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return self.removed == self.added and self.before == self.after


Write = Callable[[Step], None]


class Steps:
    """The steps done, and those undone since the last new one.

    Args:
        write: makes a step true; raises where it cannot, and then nothing here changes.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def clear(self) -> None:
        """Forget all steps: another file."""
        self._done.clear()
        self._undone.clear()

    def do(self, step: Step, write: Write | None = None) -> None:
        """Write a new step; ``write``: instead of the usual, where the file says it already."""
        (write or self._write)(step)
        self._done = [*self._done, step][-LIMIT:]
        self._undone.clear()

    def undo(self, write: Write | None = None) -> Step | None:
        """Write the opposite of the last step; that step, None if there is none."""
        return self._move(self._done, self._undone, self.next_back, write)

    def redo(self, write: Write | None = None) -> Step | None:
        """Write the last undone step again; that step, None if there is none."""
        return self._move(self._undone, self._done, self.next_forth, write)

    @property
    def next_back(self) -> Step | None:
        """What undoing writes; None if there is nothing to undo."""
        return self._done[-1].reversed() if self._done else None

    @property
    def next_forth(self) -> Step | None:
        """What doing again writes; None if there is nothing that was undone."""
        return self._undone[-1] if self._undone else None

    @property
    def to_undo(self) -> str:
        """Title of the step that would be undone; empty for none."""
        return self._done[-1].title if self._done else ""

    @property
    def to_redo(self) -> str:
        """Title of the step that would be done again; empty for none."""
        return self._undone[-1].title if self._undone else ""

    def _move(
        self, source: list[Step], target: list[Step], wanted: Step | None, write: Write | None
    ) -> Step | None:
        if wanted is None:
            return None
        (write or self._write)(wanted)
        target.append(source.pop())
        return target[-1]
