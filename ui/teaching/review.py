"""Where the next label would help most, and which labels are likely mistakes: places to visit in turn."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QPushButton, QWidget

from ...algorithms.text import tr
from ...inference.teaching import Balance, Doubt, Review, Suggestion
from ..desk import Desk
from ..place_mark import Place
from ..visits import Answer, VisitBar
from ..widgets import column, muted, row
from .labels import Labels

PLACES = 10
SKIP, KEEP, DROP = "Space", "Enter", "Delete"
_KEYS = "1234567890"
# A place is shown with this many pixels of the image from side to side.
_SPAN = 60
# A class of fewer labels than this, or of less than this part of an even share of the pixels, is told.
_FEW, _SMALL = 3, 0.2


class ReviewPanel(QWidget):
    """Two buttons, and one visit bar for what they bring.

    The page asks the session and hands over what it answers; labels are changed here, each in a step
    that can be undone.

    Signals:
        suggest_wanted: so many places are asked for; answer with :meth:`show_suggestions`.
        review_wanted: doubtful labels are asked for; answer with :meth:`show_review`.
    """

    suggest_wanted = pyqtSignal(int)
    review_wanted = pyqtSignal()

    def __init__(self, desk: Desk, labels: Labels) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._labels = labels
        self._crs = QgsCoordinateReferenceSystem()
        self._suggested: dict[str, Suggestion] = {}
        self._doubted: dict[str, Doubt] = {}
        self._made: dict[str, str] = {}
        # Labels that a person looked at and kept are doubted no more, as long as they stay as they are.
        self._kept: dict[str, int] = {}
        self.suggest = QPushButton(tr("Where next?"))
        self.suggest.setToolTip(tr("Go to places whose label would help most"))
        self.review = QPushButton(tr("Check labels"))
        self.review.setToolTip(tr("Go to labels that are likely mistakes"))
        self.bar = VisitBar(desk)
        self.done = QPushButton(tr("Done"))
        self.done.setToolTip(tr("Stop visiting; the keys choose classes again"))
        self.words = muted()
        self._lay_out()
        self.suggest.clicked.connect(lambda: self.suggest_wanted.emit(PLACES))
        self.review.clicked.connect(self.review_wanted)
        self.done.clicked.connect(self.stop)
        self.bar.answered.connect(self._on_answered)
        labels.changed.connect(self._on_changed)
        labels.opened.connect(self._on_opened)
        self.set_ready(False)
        self.stop()

    def _lay_out(self) -> None:
        buttons = row()
        buttons.addWidget(self.suggest)
        buttons.addWidget(self.review)
        layout = column(self)
        layout.addLayout(buttons)
        layout.addWidget(self.bar)
        layout.addWidget(self.done)
        layout.addWidget(self.words)

    def close_panel(self) -> None:
        """Take the mark off the map. May be called twice."""
        self.bar.close_bar()

    # --- said by the page ---------------------------------------------------------------------

    def set_ready(self, ready: bool) -> None:
        """Whether there is a session that can answer now."""
        self.suggest.setEnabled(ready)
        self.review.setEnabled(ready)

    def say(self, sentence: str) -> None:
        """Show a sentence below the buttons; empty for none."""
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))

    def show_suggestions(
        self, suggestions: Sequence[Suggestion], crs: QgsCoordinateReferenceSystem, pixel: float
    ) -> None:
        """Visit places whose label would help.

        Args:
            crs: of the session, in which they are.
            pixel: side of a pixel in its units.
        """
        self._begin(crs)
        self._suggested = {f"place-{number}": one for number, one in enumerate(suggestions)}
        if not suggestions:
            self.say(tr("No place stands out: the map is as sure as these labels can make it."))
            return
        names = self._names()
        places = [
            _place(key, one.x, one.y, crs, pixel, _likely(one, names), one.reason)
            for key, one in self._suggested.items()
        ]
        self._visit(places, [*self._answers(), Answer(SKIP, tr("Skip"))])

    def show_review(self, review: Review, crs: QgsCoordinateReferenceSystem, pixel: float) -> None:
        """Visit labels that are likely mistakes; for the arguments see :meth:`show_suggestions`."""
        self._begin(crs)
        names = self._names()
        self._doubted = {
            one.id: one
            for one in review.doubtful
            if self._kept.get(one.id) != one.value and one.value in names and one.likely in names
        }
        sentences = [*review.notes, *balance_notes(review.balance, names)]
        if not self._doubted:
            sentences.insert(0, tr("No label looks like a mistake."))
            self.say(" ".join(sentences))
            return
        self.say(" ".join(sentences))
        places = [
            _place(one.id, one.x, one.y, crs, pixel, _doubt_title(one, names), _doubt_note(one, names))
            for one in self._doubted.values()
        ]
        keep, drop = Answer(KEEP, tr("Keep as it is")), Answer(DROP, tr("Remove"))
        self._visit(places, [keep, *self._answers(), drop])

    def stop(self) -> None:
        """Visit nothing; the places are forgotten, the labels stay."""
        self._suggested, self._doubted, self._made = {}, {}, {}
        self.bar.set_places([])
        self.bar.setVisible(False)
        self.done.setVisible(False)
        self.say("")

    # --- done here ----------------------------------------------------------------------------

    def _begin(self, crs: QgsCoordinateReferenceSystem) -> None:
        self.stop()
        self._crs = crs

    def _visit(self, places: list[Place], answers: list[Answer]) -> None:
        self.bar.set_answers(answers)
        self.bar.set_places(places)
        self.bar.setVisible(True)
        self.done.setVisible(True)
        self.bar.visit(0)

    def _names(self) -> dict[int, str]:
        return {info.value: info.name for info in self._labels.classes}

    def _answers(self) -> list[Answer]:
        return [Answer(key, info.name, info.color) for key, info in zip(_KEYS, self._labels.classes)]

    def _value(self, key: str) -> int:
        return self._labels.classes[_KEYS.index(key)].value

    def _on_answered(self, place_id: str, key: str) -> None:
        if place_id in self._suggested:
            done = self._on_suggestion(place_id, key)
        else:
            done = self._on_doubt(place_id, key)
        if not done:
            self.bar.set_given(place_id, "")
        elif len(self.bar.given()) == len(self._suggested or self._doubted):
            self._finish()

    def _on_suggestion(self, place_id: str, key: str) -> bool:
        """Label the place; whether that was possible. Another answer takes the label's place."""
        place, before = self._suggested[place_id], self._made.pop(place_id, "")
        if key == SKIP:
            return self._labels.remove(before) if before else True
        if before:
            self._made[place_id] = before
            return self._labels.change_class(before, self._value(key))
        point = QgsGeometry.fromPointXY(QgsPointXY(place.x, place.y))
        made = self._labels.add(point, self._crs, self._value(key))
        if made:
            self._made[place_id] = made
        return bool(made)

    def _on_doubt(self, place_id: str, key: str) -> bool:
        """Keep, change or remove the label; whether that was possible."""
        doubt = self._doubted[place_id]
        if key == DROP:
            return self._labels.remove(place_id)
        value = doubt.value if key == KEEP else self._value(key)
        self._kept[place_id] = value
        present = self._labels.taught.get(place_id)
        return present is not None and (
            present.value == value or self._labels.change_class(place_id, value)
        )

    def _finish(self) -> None:
        """All places have an answer."""
        again = bool(self._suggested)
        self.stop()
        self.say(tr("All visited. Ask again for the next ones.") if again else tr("All visited."))

    def _on_changed(self) -> None:
        """An undo took a label away, or brought one back: the place is open again."""
        if not (self._suggested or self._doubted):
            return
        taught = self._labels.taught
        for place_id, made in list(self._made.items()):
            if made not in taught:
                del self._made[place_id]
                self.bar.set_given(place_id, "")
        for place_id, key in self.bar.given().items():
            if key == DROP and place_id in taught:
                self.bar.set_given(place_id, "")

    def _on_opened(self) -> None:
        self._kept.clear()
        self.stop()


def balance_notes(balance: Sequence[Balance], names: dict[int, str]) -> list[str]:
    """Sentences on classes that have much less than their share of labels; none where all is well."""
    known = [one for one in balance if one.value in names]
    few = [one for one in known if one.labels < _FEW]
    small = [one for one in known if one not in few and one.share < _SMALL / len(known)]
    notes = []
    if few:
        listed = ", ".join(f"{names[one.value]} ({one.labels})" for one in few)
        notes.append(tr("Few labels: {}.").format(listed))
    if small:
        listed = ", ".join(f"{names[one.value]} ({100 * one.share:.1f} %)" for one in small)
        notes.append(tr("Few of the labelled pixels: {}.").format(listed))
    return notes


def _place(
    key: str, x: float, y: float, crs: QgsCoordinateReferenceSystem, pixel: float, title: str, note: str
) -> Place:
    half = pixel / 2
    corners = ((-half, -half), (half, -half), (half, half), (-half, half), (-half, -half))
    outline = ", ".join(f"{x + dx!r} {y + dy!r}" for dx, dy in corners)
    wkt = crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED) if crs.isValid() else ""
    return Place(key, x, y, crs.authid() or wkt, title, note, f"POLYGON(({outline}))", _SPAN * pixel)


def _likely(one: Suggestion, names: dict[int, str]) -> str:
    name = names.get(one.likely)
    if not name:
        return tr("what is here?")
    return tr("{}, {} % sure").format(name, round(100 * one.confidence))


def _doubt_title(one: Doubt, names: dict[int, str]) -> str:
    return tr("{}, likely {}").format(names[one.value], names[one.likely])


def _doubt_note(one: Doubt, names: dict[int, str]) -> str:
    told = tr("Labelled {}, likely {}.").format(names[one.value], names[one.likely])
    return f"{told} {one.reason}".strip()
