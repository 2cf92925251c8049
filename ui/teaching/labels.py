"""The labels and classes that the page Teach works with: one file, its layers, its undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...algorithms import label_layer
from ...algorithms.label_layer import LabelFile, as_taught, moved, way
from ...algorithms.label_sources import Gather, Gathered
from ...algorithms.label_tables import LEARN, Drawn, Watch, nobody, with_class
from ...algorithms.text import tr
from ...inference.errors import GeoFMError, InvalidRequest, UnsupportedInput, present
from ...inference.jobs import ClassInfo
from ...inference.teaching import Label
from .bulk import Bulk
from .label_group import LabelGroup
from .shapes import around, painted, struck
from .steps import Step, Steps, Write


class Labels(QObject):
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

    # --- classes ------------------------------------------------------------------------------

    def choose(self, value: int) -> None:
        """Draw a class from now on."""
        if any(info.value == value for info in self._classes):
            self._choose(value)

    def choose_next(self, by: int = 1) -> None:
        """Draw the class after the present one (1) or before it (-1); the list is a ring."""
        values = [info.value for info in self._classes]
        if values:
            at = values.index(self._current) if self._current in values else -by
            self._choose(values[(at + by) % len(values)])

    def _choose(self, value: int) -> None:
        if value != self._current:
            self._current = value
            self.current_changed.emit(value)

    def add_class(self, name: str) -> bool:
        """Add a class at the end and draw it; whether that was possible."""
        text = name.strip()
        if not text or not self._is_free(text) or not self.ensure():
            return False
        classes = list(self._classes)
        try:
            made = with_class(classes, text)
        except GeoFMError as error:
            self.refused.emit(error)
            return False
        done = self._do(Step(tr("add the class {}").format(text), after=tuple(classes)))
        if done:
            self._choose(made.value)
        return done

    def rename_class(self, value: int, name: str) -> bool:
        """Give a class and its labels another name; whether that was possible."""
        text, info = name.strip(), self._info(value)
        if not text or text == info.name or not self._is_free(text, value):
            return False
        title = tr("rename {} to {}").format(info.name, text)
        return self._do(Step(title, after=self._with(replace(info, name=text))))

    def recolor_class(self, value: int, color: str) -> bool:
        """Show a class in another colour, ``#rrggbb``; whether that was possible."""
        info = self._info(value)
        title = tr("colour {}").format(info.name)
        return self._do(Step(title, after=self._with(replace(info, color=color))))

    def move_class(self, value: int, by: int) -> bool:
        """Move a class up (-1) or down (1) in the list; whether there was room."""
        classes, at = list(self._classes), self._classes.index(self._info(value))
        if not 0 <= at + by < len(classes):
            return False
        classes.insert(at + by, classes.pop(at))
        title = tr("move {}").format(self._info(value).name)
        return self._do(Step(title, after=tuple(classes)))

    def remove_class(self, value: int) -> bool:
        """Remove a class with its labels in one step that can be undone; whether that was possible."""
        info = self._info(value)
        labels = tuple(label for label in self._drawn.values() if label.value == value)
        left = tuple(one for one in self._classes if one is not info)
        step = Step(tr("remove the class {}").format(info.name), labels, after=left)
        told = tr("{} went with its {} labels. Undo brings them back.").format(info.name, len(labels))
        return self._do(step, told if labels else "")

    def _info(self, value: int) -> ClassInfo:
        return next(info for info in self._classes if info.value == value)

    def _with(self, changed: ClassInfo) -> tuple[ClassInfo, ...]:
        return tuple(changed if info.value == changed.value else info for info in self._classes)

    def _is_free(self, name: str, value: int = 0) -> bool:
        """Whether no other class has the name; says so if one has."""
        taken = any(
            info.name.casefold() == name.casefold() and info.value != value for info in self._classes
        )
        if taken:
            self.refused.emit(InvalidRequest(tr("There is a class {} already.").format(name)))
        return not taken

    # --- labels -------------------------------------------------------------------------------

    def add(self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem, value: int = 0) -> str:
        """Add a point or polygon of a class, the present one by default.

        Args:
            crs: of the shape.

        Returns:
            Its uuid; empty if that was not possible.
        """
        info = self._info(value) if value else self.current
        place = self._placed(shape, crs)
        if info is None or place is None:
            return ""
        label = label_layer.draw(info.value, place, **self._facts)
        done = self._do(Step(tr("label {}").format(info.name), (), (label,)))
        return label.uuid if done else ""

    def paint(self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem, radius: float) -> bool:
        """Paint an area of the present class over the labels of the image; see :func:`.shapes.painted`.

        Args:
            crs: of the shape.
            radius: of the brush in units of ``crs``.
        """
        place, info = self._placed(shape, crs), self.current
        if place is None or info is None or self._file is None:
            return False
        scale = (place.area() / shape.area()) ** 0.5 if shape.area() > 0 else 1.0
        try:
            under = self._file.labels(LEARN, place.boundingBox())
        except GeoFMError as error:
            self.refused.emit(error)
            return False
        removed, added = painted(place, info.value, radius * scale, under, **self._facts)
        return self._do(Step(tr("paint {}").format(info.name), tuple(removed), tuple(added)))

    def erase(self, place: QgsPointXY, crs: QgsCoordinateReferenceSystem, reach: float) -> bool:
        """Take out the label at a place; whether there was one.

        Args:
            crs: of the place.
            reach: how far from a label it may be, in units of ``crs``.
        """
        label = self.at(place, crs, reach)
        return label is not None and self.remove(label.uuid)

    def at(self, place: QgsPointXY, crs: QgsCoordinateReferenceSystem, reach: float) -> Drawn | None:
        """The label at a place, None if there is none; for the arguments see :meth:`erase`."""
        box = QgsGeometry.fromRect(around(place, reach))
        there = self._placed(box, crs)
        if there is None or self._file is None:
            return None
        frame = there.boundingBox()
        try:
            near = self._file.labels(within=frame)
        except GeoFMError as error:
            self.refused.emit(error)
            return None
        return struck(near, frame.center(), min(frame.width(), frame.height()) / 2)

    def remove(self, uuid: str) -> bool:
        """Take out a label; whether it was there."""
        label = self._drawn.get(uuid)
        if label is None:
            return False
        return self._do(Step(tr("erase {}").format(self._info(label.value).name), (label,)))

    def change_class(self, uuid: str, value: int) -> bool:
        """Make a label one of another class; whether it was there."""
        label = self._drawn.get(uuid)
        if label is None:
            return False
        title = tr("call it {}").format(self._info(value).name)
        return self._do(Step(title, (label,), (replace(label, value=value),)))

    def take_in(self, gathered: Gathered) -> bool:
        """Add labels from elsewhere, with the classes that they need, in one step."""
        step = _taken_in(gathered, self._drawn, self._classes)
        if step.empty:
            self.said.emit(gathered.sentence)
        return self._do(step, gathered.sentence)

    def bring(self, gather: Gather) -> bool:
        """Have labels gathered and added in one step, all of it on a thread; whether that began."""
        file, drawn, classes = self._file, dict(self._drawn), self._classes

        def work(watch: Watch) -> tuple[Gathered, Step, dict[str, Label]]:
            gathered = gather(watch)
            step = _taken_in(gathered, drawn, classes)
            return gathered, step, _written(present(file), step, watch)

        def then(found: tuple[Gathered, Step, dict[str, Label]]) -> None:
            gathered, step, taught = found
            if not step.empty:
                self._steps.do(step, partial(self._take_up, taught=taught))
            self.said.emit(gathered.sentence)

        return self._at_length(tr("Importing: {}"), work, then)

    def _placed(self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry | None:
        """A shape in the file's CRS; None, with a sentence, where it has no place there."""
        if self._file is None:
            return None
        place = moved(shape, way(crs, self._file.crs))
        if place is None:
            sentence = tr("The coordinate system of the labels does not reach there.")
            self.refused.emit(UnsupportedInput(sentence))
        return place

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

        return self._at_length(tr("Writing: {}"), lambda watch: _written(file, step, watch), then)

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
        self._take_up(step, _written(present(self._file), step))

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


def _taken_in(gathered: Gathered, drawn: Mapping[str, Drawn], classes: tuple[ClassInfo, ...]) -> Step:
    """The step that adds labels from elsewhere to these."""
    before = tuple(drawn[label.uuid] for label in gathered.labels if label.uuid in drawn)
    title = tr("import {} labels").format(len(gathered.labels))
    return Step(title, before, gathered.labels, classes, gathered.classes)


def _written(file: LabelFile, step: Step, watch: Watch = nobody) -> dict[str, Label]:
    """Make a step true in the file; what it adds, as the engine takes it. On any thread."""
    if not step.empty:
        file.write(step.added, step.gone, step.after, watch)
    return _as_taught(step.added, file)


def _as_taught(labels: Sequence[Drawn], file: LabelFile) -> dict[str, Label]:
    learnt = [label for label in labels if label.split == LEARN]
    return {label.id: label for label in as_taught(learnt, file.crs)}
