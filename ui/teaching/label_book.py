"""One file of labels and classes, as the page Teach works with it: its layers, its steps, their undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...algorithms import label_layer
from ...algorithms.label_layer import LabelFile, as_taught
from ...algorithms.label_tables import LEARN, Drawn, Watch, nobody
from ...algorithms.text import tr
from ...inference.errors import GeoFMError, InvalidRequest, present
from ...inference.jobs import ClassInfo
from ...inference.teaching import Label
from .bulk import Bulk
from .label_group import LabelGroup
from .steps import Step, Steps, Write


class LabelBook(QObject):
    """Every change is written to the file before anything else hears of it.

    One of many labels is written on a thread of its own (``bulk``): its method answers at once, nothing
    else can be changed meanwhile, and it is one step to undo or, cancelled, none.

    What cannot be done is told by ``refused`` (a GeoFMError), what a person should know by ``said``
    (a sentence). Main thread only.

    Args:
        home: path and CRS of the file that is made when the first class is named.

    Signals:
        changed: labels or classes differ; see :attr:`taught` and :attr:`classes`.
        counted: :meth:`pixels` differs.
        current_changed: the class that is drawn is another one; its value, 0 for none.
        opened: another file, or none.
    """

    changed = pyqtSignal()
    counted = pyqtSignal()
    current_changed = pyqtSignal(int)
    opened = pyqtSignal()
    refused = pyqtSignal(object)
    said = pyqtSignal(str)

    def __init__(
        self,
        project: QgsProject,
        home: Callable[[], tuple[str, QgsCoordinateReferenceSystem]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._home = home
        self._file: LabelFile | None = None
        self._classes: tuple[ClassInfo, ...] = ()
        self._drawn: dict[str, Drawn] = {}
        self._taught: dict[str, Label] = {}
        self._pixels: dict[int, int] = {}
        self._current = 0
        self._facts = {"date": "", "source": ""}
        self._steps = Steps(self._write)
        self.bulk = Bulk(self)
        self._edited = False
        self._group = LabelGroup(project, self)
        self._group.edited.connect(self.reload)
        self._group.found.connect(self.open)
        self._group.lost.connect(self.close_file)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._show_new)
        self._unseen = False

    def close(self) -> None:
        """Let go of the project and its layers; the file and its layers stay."""
        self.bulk.close()
        self._show_new()
        self._group.close()

    # --- what there is ------------------------------------------------------------------------

    @property
    def file(self) -> LabelFile | None:
        return self._file

    @property
    def classes(self) -> tuple[ClassInfo, ...]:
        """The classes in the order of their keys."""
        return self._classes

    @property
    def taught(self) -> dict[str, Label]:
        """The labels to learn from, as the engine takes them, by uuid."""
        return dict(self._taught)

    @property
    def current(self) -> ClassInfo | None:
        """The class that is drawn."""
        return next((info for info in self._classes if info.value == self._current), None)

    @property
    def layers(self) -> list[QgsVectorLayer]:
        """The layers that show the labels, from top to bottom."""
        return self._group.layers()

    @property
    def to_undo(self) -> str:
        return self._steps.to_undo

    @property
    def to_redo(self) -> str:
        return self._steps.to_redo

    def counts(self) -> dict[int, int]:
        """How many labels each class has, by value."""
        found = {info.value: 0 for info in self._classes}
        for label in self._drawn.values():
            found[label.value] = found.get(label.value, 0) + 1
        return found

    def pixels(self) -> dict[int, int]:
        """How many pixels each class has on the image, as far as they were counted."""
        return dict(self._pixels)

    def set_pixels(self, pixels: Mapping[int, int]) -> None:
        """Say how many pixels each class has, by value."""
        if self._pixels != dict(pixels):
            self._pixels = dict(pixels)
            self.counted.emit()

    def set_image(self, source: str, date: str) -> None:
        """The image on which labels are drawn from now on, and its ISO date (empty if unknown)."""
        self._facts = {"date": date, "source": source}

    # --- the file -----------------------------------------------------------------------------

    def open(self, path: str) -> bool:
        """Work with the labels of a file, and show them in the project; whether that was possible."""
        self.bulk.cancel()
        self._show_new()
        try:
            file = LabelFile(path)
            file.mend()
            self._take(file)
        except GeoFMError as error:
            self.refused.emit(error)
            return False
        self._steps.clear()
        self._group.show(file, self._classes)
        self.opened.emit()
        self.changed.emit()
        return True

    def start(self, path: str, crs: QgsCoordinateReferenceSystem) -> bool:
        """Begin a new file; whether that was possible."""
        self.bulk.cancel()
        self._show_new()
        try:
            file = label_layer.create(path, crs)
        except GeoFMError as error:
            self.refused.emit(error)
            return False
        self._hold(file, (), ())
        self._steps.clear()
        self.opened.emit()
        self.changed.emit()
        self._unseen = True
        self._soon.start()
        return True

    def ensure(self) -> bool:
        """Begin a new file where there is none; whether there is one now."""
        return self._file is not None or self.start(*self._home())

    def reload(self) -> None:
        """Read the file again, as after it was edited with QGIS's own tools."""
        if self._file is None:
            return
        self._edited = self.bulk.busy
        if self._edited:
            # Afterwards; nothing else may be written now.
            return
        before = self._classes
        try:
            self._file.mend()
            self._take(self._file)
        except GeoFMError as error:
            self.refused.emit(error)
            return
        if self._classes != before:
            # An earlier list of classes would leave labels without theirs.
            self._steps.clear()
        self._group.restyle(self._classes)
        self._group.reload()
        self.changed.emit()

    def close_file(self) -> None:
        """Work with no labels; the file stays as it is."""
        self.bulk.cancel()
        left = self._file.path if self._file is not None and self._drawn else ""
        self._file = None
        self._classes, self._drawn, self._taught, self._pixels = (), {}, {}, {}
        self._steps.clear()
        self._choose(0)
        self.opened.emit()
        self.changed.emit()
        if left:
            self.said.emit(tr("The labels stay in {}.").format(left))

    def _show_new(self) -> None:
        """Show a new file's layers, which takes QGIS as long as making the file, if that was not yet done."""
        if self._unseen and self._file is not None:
            self._unseen = False
            self._group.show(self._file, self._classes)
            self.changed.emit()

    def _take(self, file: LabelFile) -> None:
        self._hold(file, file.labels(), file.classes())

    def _hold(self, file: LabelFile, labels: Sequence[Drawn], classes: tuple[ClassInfo, ...]) -> None:
        self._file, self._classes = file, classes
        self._drawn = {label.uuid: label for label in labels}
        self._taught = _as_taught(labels, file)
        self._keep_current()

    def _keep_current(self) -> None:
        """Draw a class that is there."""
        if self.current is None:
            self._choose(self._classes[0].value if self._classes else 0)

    def _choose(self, value: int) -> None:
        if value != self._current:
            self._current = value
            self.current_changed.emit(value)

    # --- steps --------------------------------------------------------------------------------

    def undo(self) -> bool:
        """Undo the last step; whether there was one and it could be undone, or that began."""
        sentence = tr("Undone: {}.").format(self.to_undo)
        return self._carry_out(self._steps.next_back, self._steps.undo, sentence)

    def redo(self) -> bool:
        """Do the step undone last again; whether there was one and it could be done, or that began."""
        sentence = tr("Done again: {}.").format(self.to_redo)
        return self._carry_out(self._steps.next_forth, self._steps.redo, sentence)

    def _do(self, step: Step, sentence: str = "") -> bool:
        if step.after is not None:
            step = replace(step, before=self._classes)
        if step.empty:
            return False
        return self._carry_out(step, partial(self._steps.do, step), sentence)

    def _carry_out(self, step: Step | None, move: Callable[[Write], object], sentence: str) -> bool:
        """Write a step, at once or, if it is of many labels, on a thread.

        Args:
            move: the steps' own part, with what is to be done instead of writing.
            sentence: told when it is done; empty for nothing.
        """
        if step is None:
            return False
        if step.many:
            return self._write_many(step, move, sentence)
        if self._is_busy():
            return False
        try:
            move(self._write)
        except GeoFMError as error:
            self.refused.emit(error)
            return False
        if sentence:
            self.said.emit(sentence)
        return True

    def _write_many(self, step: Step, move: Callable[[Write], object], sentence: str) -> bool:
        file = present(self._file)

        def then(taught: dict[str, Label]) -> None:
            move(partial(self._take_up, taught=taught))
            if sentence:
                self.said.emit(sentence)

        return self._at_length(tr("Writing: {}"), lambda watch: written(file, step, watch), then)

    def _at_length(
        self, title: str, work: Callable[[Watch], Any], then: Callable[[Any], object]
    ) -> bool:
        """Begin something of many labels; whether nothing else is under way."""
        if self._file is None or self._is_busy():
            return False
        file = self._file

        def ended(value: Any) -> None:
            if self._file is file:
                then(value)
            if self._edited or self._file is not file:
                # It may be another view of the same file.
                self.reload()

        def refused(error: GeoFMError) -> None:
            if self._edited:
                self.reload()
            self.refused.emit(error)

        self.bulk.begin(title, work, ended, refused)
        return True

    def _is_busy(self) -> bool:
        """Whether many labels are being written; says so if they are."""
        if self.bulk.busy:
            sentence, hint = tr("Labels are being written."), tr("Wait for it to end, or cancel it.")
            self.refused.emit(InvalidRequest(sentence, hint))
        return self.bulk.busy

    def _write(self, step: Step) -> None:
        """Make a step true in the file, then here, then on the map."""
        self._take_up(step, written(present(self._file), step))

    def _take_up(self, step: Step, taught: dict[str, Label]) -> None:
        """Make a step that the file holds true here, then on the map."""
        if step.after is not None:
            self._classes = step.after
            self._group.restyle(step.after)
            self._keep_current()
            if self._drawn:
                # Labels bear the names of their classes.
                self._group.reload()
        for uuid in step.gone:
            self._drawn.pop(uuid, None)
            self._taught.pop(uuid, None)
        self._drawn |= {label.uuid: label for label in step.added}
        self._taught |= taught
        self._group.redraw((*step.removed, *step.added))
        self.changed.emit()


def written(file: LabelFile, step: Step, watch: Watch = nobody) -> dict[str, Label]:
    """Make a step true in the file; what it adds, as the engine takes it. On any thread."""
    if not step.empty:
        file.write(step.added, step.gone, step.after, watch)
    return _as_taught(step.added, file)


def _as_taught(labels: Sequence[Drawn], file: LabelFile) -> dict[str, Label]:
    learnt = [label for label in labels if label.split == LEARN]
    return {label.id: label for label in as_taught(learnt, file.crs)}
