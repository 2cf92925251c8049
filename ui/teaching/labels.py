"""What a person does with the labels and classes of the page Teach: each a step that can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsPointXY,
)

from ...algorithms import label_layer
from ...algorithms.label_layer import moved, way
from ...algorithms.label_sources import Gather, Gathered
from ...algorithms.label_tables import LEARN, Drawn, Watch, with_class
from ...algorithms.text import tr
from ...inference.errors import GeoFMError, InvalidRequest, UnsupportedInput, present
from ...inference.jobs import ClassInfo
from ...inference.teaching import Label
from .label_book import LabelBook, written
from .shapes import around, painted, struck
from .steps import Step


class Labels(LabelBook):
    """Classes and labels, drawn and changed; what cannot be done is told by ``refused``."""

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
            return gathered, step, written(present(file), step, watch)

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


def _taken_in(gathered: Gathered, drawn: Mapping[str, Drawn], classes: tuple[ClassInfo, ...]) -> Step:
    """The step that adds labels from elsewhere to these."""
    before = tuple(drawn[label.uuid] for label in gathered.labels if label.uuid in drawn)
    title = tr("import {} labels").format(len(gathered.labels))
    return Step(title, before, gathered.labels, classes, gathered.classes)
