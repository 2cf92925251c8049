"""The form of what a network's file does not say itself."""

from __future__ import annotations

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from ..algorithms.text import tr
from ..inference.bands import PRESETS
from ..inference.drafts import DETECT, Draft
from ..inference.errors import GeoFMError
from ..inference.jobs import Task
from ..inference.questions import answered, as_texts, missing, require_complete, wanted_classes
from .layer_editor import preset_titles
from .widgets import column, form, muted, narrow_combo, noted, row

_CLASS_LINES = 5


class NetworkForm(QWidget):
    """One field for each question; what the file says stands in it.

    Signals:
        accepted: the complete draft, and whether the file stays where it is.
        cancelled: nothing shall be added.
    """

    accepted = pyqtSignal(object, bool)
    cancelled = pyqtSignal()

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._draft = draft
        told = as_texts(draft)
        self.name = QLineEdit(told["title"] or told["id"] or draft.name.rsplit(".", 1)[0])
        self.name.setToolTip(tr("Its name in the list of models"))
        self.task = narrow_combo(QComboBox())
        self.bands = narrow_combo(QComboBox())
        self.scale = narrow_combo(QComboBox())
        self.mean = QLineEdit(told["mean"])
        self.std = QLineEdit(told["std"])
        self.classes = QPlainTextEdit(told["classes"].replace(",", "\n"))
        self.variables = QLineEdit(told["variables"])
        self.gsd = QLineEdit(told["gsd"])
        self.window_side = QLineEdit(told["window"])
        self.overlap = QLineEdit(told["overlap"])
        self.beside = QCheckBox(tr("Leave the file where it is"))
        self.message = muted()
        self._fill(told)
        self._lay_out()
        self.task.currentTextChanged.connect(self._look)
        for edit in self.findChildren(QLineEdit):
            edit.textChanged.connect(self._look)
        self.classes.textChanged.connect(self._look)
        self._look()

    def _fill(self, told: dict[str, str]) -> None:
        draft = self._draft
        self.task.addItem(tr("Choose"), "")
        for task, title in (
            (Task.SEGMENT, tr("Maps classes")),
            (Task.REGRESS, tr("Measures values")),
            (Task.SUPERRESOLVE, tr("Refines pixels")),
            (Task.EMBED, tr("Makes features")),
        ):
            self.task.addItem(title, task.value)
        if draft.task == DETECT:
            self.task.addItem(tr("Finds objects (in a later version)"), DETECT)
        self.task.setCurrentIndex(max(0, self.task.findData(draft.task)))
        self.task.setToolTip(tr("What the network makes of an image"))
        fitting = {
            title: key for title, key in preset_titles().items() if len(PRESETS[key]) == (draft.depth or 3)
        }
        _editable(self.bands, fitting, told["bands"], tr("red, green, blue"))
        self.bands.setToolTip(tr("Names in the network's order, with commas: B02, B03, red, nir, VV"))
        scales = {
            tr("Reflectance, 0 to 1"): "reflectance",
            tr("Reflectance times 10000"): "10000",
            tr("Bytes divided by 255"): "byte",
            tr("Numbers as in the file"): "stored",
            tr("The bands' units, as dB"): "values",
        }
        _editable(self.scale, scales, told["scale"], tr("reflectance"))
        self.scale.setToolTip(tr("What the network was trained on; a number is what reflectance is times"))
        for edit, tip in (
            (self.mean, tr("Subtracted after that; one number, one a band, or none")),
            (self.std, tr("Divided by then; one number, one a band, or none")),
            (self.variables, tr("Names with their units, with commas: height (m), cover (%)")),
            (self.gsd, tr("Metres of the pixels it was made for; empty if that does not matter")),
            (self.window_side, tr("Pixels along a side of the windows it is given")),
            (self.overlap, tr("Pixels that neighbouring windows share; empty for half a window")),
        ):
            edit.setToolTip(tip)
        self.mean.setPlaceholderText("0")
        self.std.setPlaceholderText("1")
        self.variables.setPlaceholderText(tr("height (m)"))
        self.gsd.setPlaceholderText(tr("any"))
        self.overlap.setPlaceholderText(tr("half a window"))
        self.window_side.setEnabled(not draft.fixed)
        self.classes.setPlaceholderText(tr("water\nforest\nfield #f4d35e"))
        self.classes.setToolTip(
            tr("One a line, in the network's order; with a value and a colour if you like: 3=field #f4d35e")
        )
        height = self.classes.fontMetrics().lineSpacing() * _CLASS_LINES
        self.classes.setFixedHeight(height + 2 * self.classes.frameWidth() + 10)
        self.classes.setTabChangesFocus(True)
        local = "://" not in draft.file
        self.beside.setVisible(local)
        self.beside.setToolTip(tr("Its card is put beside it; else both are copied to your models"))

    def _lay_out(self) -> None:
        draft = self._draft
        takes = tr("It takes {} bands.").format(draft.depth) if draft.depth else ""
        gives = tr("It answers {} classes.").format(wanted_classes(draft)) if wanted_classes(draft) else ""
        self._fields = form()
        self._fields.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._fields.addRow(tr("Name"), self.name)
        self._fields.addRow(tr("Does"), self.task)
        self._fields.addRow(tr("Bands"), noted(self.bands, *([muted(takes)] if takes else [])))
        self._fields.addRow(tr("Scaled as"), self.scale)
        standard = row()
        standard.addWidget(self.mean)
        standard.addWidget(self.std)
        self._fields.addRow(tr("Mean, deviation"), standard)
        self._classes_row = _boxed(noted(self.classes, *([muted(gives)] if gives else [])))
        self._fields.addRow(tr("Classes"), self._classes_row)
        self._fields.addRow(tr("Values"), self.variables)
        self._fields.addRow(tr("Pixel, m"), self.gsd)
        windows = row()
        windows.addWidget(self.window_side)
        windows.addWidget(self.overlap)
        self._fields.addRow(tr("Window, overlap"), windows)
        self.add = QPushButton(tr("Add the model"))
        self.add.setProperty("geofm", "primary")
        self.add.setToolTip(tr("Write its card; it is then listed and can be used"))
        self.add.clicked.connect(self._on_add)
        cancel = QPushButton(tr("Cancel"))
        cancel.setToolTip(tr("Add nothing"))
        cancel.clicked.connect(self.cancelled)
        buttons = row()
        buttons.addStretch()
        buttons.addWidget(self.add)
        buttons.addWidget(cancel)
        layout = column(self)
        layout.addLayout(self._fields)
        layout.addWidget(self.beside)
        for sentence in draft.warnings:
            layout.addWidget(muted(sentence))
        layout.addWidget(self.message)
        layout.addLayout(buttons)

    def say(self, text: str) -> None:
        """Show what is wrong, or missing."""
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def answers(self) -> dict[str, str]:
        """What stands in the fields, by the questions' names."""
        task = str(self.task.currentData() or "")
        found = {
            "task": task if task != DETECT else "",
            "id": self.name.text(),
            "title": self.name.text(),
            "bands": _entry(self.bands),
            "scale": _entry(self.scale),
            "mean": self.mean.text(),
            "std": self.std.text(),
            "gsd": self.gsd.text(),
            "window": self.window_side.text(),
            "overlap": self.overlap.text(),
        }
        if task == Task.SEGMENT.value:
            lines = self.classes.toPlainText().splitlines()
            found["classes"] = ",".join(line.strip() for line in lines if line.strip())
        if task == Task.REGRESS.value:
            found["variables"] = self.variables.text()
        return found

    def draft(self) -> Draft:
        """The draft with what stands in the fields.

        Raises:
            InvalidRequest: naming an answer that does not fit.
        """
        return answered(self._draft, self.answers())

    def _look(self) -> None:
        task = self.task.currentData()
        for widget, wanted in ((self._classes_row, Task.SEGMENT), (self.variables, Task.REGRESS)):
            shown = task == wanted.value
            widget.setVisible(shown)
            self._fields.labelForField(widget).setVisible(shown)
        try:
            lacking = missing(self.draft())
        except GeoFMError as error:
            self.say(error.message)
            self.add.setEnabled(False)
            return
        self.add.setEnabled(not lacking)
        self.say(tr("Still to answer: {}?").format(_begun_small(lacking[0].words)) if lacking else "")

    def _on_add(self) -> None:
        draft = self.draft()
        require_complete(draft)
        self.accepted.emit(draft, self.beside.isVisibleTo(self) and self.beside.isChecked())


def _editable(combo: QComboBox, entries: dict[str, str], text: str, hint: str) -> None:
    """A box of entries in which anything else can be written too."""
    combo.setEditable(True)
    combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    for title, key in entries.items():
        combo.addItem(title, key)
    found = combo.findData(text)
    combo.setCurrentIndex(found)
    if found < 0:
        combo.setEditText(text)
    combo.lineEdit().setPlaceholderText(hint)
    # Of what is too long the beginning shows.
    combo.lineEdit().setCursorPosition(0)


def _entry(combo: QComboBox) -> str:
    """The data of the chosen entry, else what was written."""
    text = combo.currentText().strip()
    found = combo.findText(text)
    return str(combo.itemData(found)) if found >= 0 else text


def _begun_small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _boxed(layout: object) -> QWidget:
    box = QWidget()
    box.setProperty("geofm", "plain")
    box.setLayout(layout)
    return box
