"""How it is taught and what Run makes of it: the rows of the page's Options."""

from __future__ import annotations

from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from ...algorithms.text import tr
from ...inference.jobs import METHODS
from ..desk import Desk
from ..widgets import narrow_combo, select
from .lesson import Look


def method_titles() -> dict[str, str]:
    """The heads in the users' words."""
    return {
        "ensemble": tr("Ensemble (most accurate)"),
        "fast": tr("Fast"),
        "prototypes": tr("Nearest mean"),
        "knn": tr("Nearest neighbours"),
        "forest": tr("Random forest"),
        "mlp": tr("Small neural network"),
    }


class Choices(QObject):
    """Widgets and what they say; each choice is remembered.

    ``look_changed``: the preview shall look otherwise. ``changed``: Run would make something else, or the
    session has to begin anew.
    """

    look_changed = pyqtSignal()
    changed = pyqtSignal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = desk.settings
        self.method = narrow_combo(QComboBox())
        for key in METHODS:
            self.method.addItem(method_titles().get(key, key), key)
        select(self.method, desk.settings.text("teach/method"), METHODS[0])
        self.method.setToolTip(tr("How the classifier learns from the model's features"))
        self.method.activated.connect(self._on_method)
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Named after the image"))
        self.name.setToolTip(tr("The classifier appears under this name on the pages Map and Models"))
        self.least = QSpinBox()
        self.least.setRange(0, 99)
        self.least.setSuffix(tr(" % sure"))
        self.least.setSpecialValueText(tr("Map everything"))
        self.least.setValue(int(desk.settings.number("teach/least", 0)))
        self.least.setToolTip(tr("Where the classifier is less sure than this it does not guess: no class"))
        self.least.valueChanged.connect(self._on_least)
        hatch = tr("Hatch what is unlike any label")
        self.hatch = self._box("hatch", hatch, tr("Places that nothing labelled resembles"), True)
        self.hatch.toggled.connect(self.look_changed)
        sure = tr("How sure the classifier is of each pixel, in percent")
        self.confidence = self._box("confidence", tr("Confidence map"), sure, True)

    def _box(self, key: str, text: str, tip: str, on: bool) -> QCheckBox:
        box = QCheckBox(text)
        box.setToolTip(tip)
        box.setChecked(self._settings.flag(f"teach/{key}", on))
        box.toggled.connect(lambda ticked: self._settings.set(f"teach/{key}", ticked))
        return box

    def rows(self) -> list[tuple[str, QWidget]]:
        """Title and widget of each row of the form; a box says itself what it is for."""
        return [
            (tr("Method"), self.method),
            (tr("Name"), self.name),
            (tr("At least"), self.least),
            ("", self.hatch),
            ("", self.confidence),
        ]

    def look(self) -> Look:
        """What the preview shall leave out and hatch."""
        return Look(self.least.value() / 100.0, self.hatch.isChecked())

    def _on_method(self) -> None:
        self._settings.set("teach/method", str(self.method.currentData()))
        self.changed.emit()

    def _on_least(self, value: int) -> None:
        self._settings.set("teach/least", value)
        self.look_changed.emit()
