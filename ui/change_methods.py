"""How two dates can be compared, in words for people, and the options that come with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout

from ..algorithms.text import tr
from ..inference.change_options import ChangeOptions
from .desk import Desk
from .widgets import narrow_combo, noted, select

AUTOMATIC, ALARMS, GIVEN = "automatic", "alarms", "given"


@dataclass(frozen=True)
class ChangeMethod:
    """One way to compare two dates.

    Attributes:
        key: value of METHOD.
        title: as the list shows it.
        sentence: what it does and when to take it.
    """

    key: str
    title: Callable[[], str]
    sentence: Callable[[], str]

    @property
    def takes(self) -> tuple[str, ...]:
        """What of ``model``, ``samples`` and ``classifier`` it needs."""
        return ChangeOptions(self.key).takes


METHODS = (
    ChangeMethod(
        "distance",
        lambda: tr("Difference in what a model sees"),
        lambda: tr("Compares each place and its surroundings as a model sees them on both dates."),
    ),
    ChangeMethod(
        "irmad",
        lambda: tr("Statistical (no model)"),
        lambda: tr("Finds what breaks the usual relation of the bands of both dates (IR-MAD)."),
    ),
    ChangeMethod(
        "difference",
        lambda: tr("Plain difference of the bands"),
        lambda: tr("Subtracts one date from the other: simple, and quickly misled by light and noise."),
    ),
    ChangeMethod(
        "taught",
        lambda: tr("Taught by examples"),
        lambda: tr("Learns from places that you labelled which differences count as change."),
    ),
    ChangeMethod(
        "classes",
        lambda: tr("Compare two class maps"),
        lambda: tr("Maps both dates with a classifier of yours and says what became what."),
    ),
)


class ThresholdChoice(QObject):
    """How it is decided from which magnitude on a place counts as changed; adds its row to a form."""

    def __init__(self, desk: Desk, fields: QFormLayout) -> None:
        super().__init__(fields)
        self._desk = desk
        self.how = narrow_combo(QComboBox())
        self.how.addItem(tr("Automatic"), AUTOMATIC)
        self.how.addItem(tr("By false alarms"), ALARMS)
        self.how.addItem(tr("By hand"), GIVEN)
        self.how.setToolTip(tr("From which magnitude on a place counts as changed; a slider moves it later"))
        select(self.how, desk.settings.text("change/threshold"), AUTOMATIC)
        self.alarms = _number(desk, "change/alarms", 1.0, 50.0, 2)
        self.alarms.setMinimum(0.01)
        self.alarms.setSuffix(tr(" % of the unchanged ground"))
        self.alarms.setToolTip(tr("So much of what did not change may be called change"))
        self.value = _number(desk, "change/value", 1.0, 1e6, 3)
        self.value.setSingleStep(0.1)
        self.value.setToolTip(tr("Magnitude; the legend of an earlier run shows its range"))
        fields.addRow(tr("Threshold"), noted(self.how, self.alarms, self.value))
        self.how.activated.connect(self._on_chosen)
        self._on_chosen()

    def parameters(self) -> dict[str, object]:
        """THRESHOLD or FALSE_ALARMS; nothing where it is chosen automatically."""
        chosen = self.how.currentData()
        if chosen == GIVEN:
            return {"THRESHOLD": self.value.value()}
        return {"FALSE_ALARMS": self.alarms.value()} if chosen == ALARMS else {}

    def _on_chosen(self) -> None:
        chosen = str(self.how.currentData())
        self._desk.settings.set("change/threshold", chosen)
        self.alarms.setVisible(chosen == ALARMS)
        self.value.setVisible(chosen == GIVEN)


class Corrections(QObject):
    """What is done about differences that are none of the ground; adds its rows to a form."""

    changed = pyqtSignal()

    def __init__(self, desk: Desk, fields: QFormLayout) -> None:
        super().__init__(fields)
        self._desk = desk
        self.light = QCheckBox(tr("Match the light of both dates"))
        self.light.setToolTip(tr("Brings the later date to the earlier one, band by band"))
        self.light.setChecked(desk.settings.flag("change/light", True))
        self.light.toggled.connect(lambda on: self._keep("change/light", on))
        fields.addRow(tr("Light"), self.light)
        self.align = self._choice(
            "change/align",
            {
                "correct": tr("Correct a shift"),
                "warn": tr("Tell a shift"),
                "off": tr("Do not look for a shift"),
            },
        )
        self.align.setToolTip(tr("Whether the dates lie on one another, to parts of a pixel"))
        fields.addRow(tr("Position"), self.align)
        self.clouds = self._choice(
            "change/clouds",
            {
                "auto": tr("Leave out, as found best"),
                "bands": tr("Leave out, by a band (Fmask, SCL)"),
                "model": tr("Leave out, as a model finds them"),
                "off": tr("Compare them too"),
            },
        )
        self.clouds.setToolTip(tr("Clouds, their shadows, snow and fill of either date"))
        fields.addRow(tr("Clouds"), self.clouds)

    def _choice(self, setting: str, titles: dict[str, str]) -> QComboBox:
        combo = narrow_combo(QComboBox())
        for key, title in titles.items():
            combo.addItem(title, key)
        select(combo, self._desk.settings.text(setting), next(iter(titles)))
        combo.activated.connect(lambda: self._keep(setting, str(combo.currentData())))
        return combo

    def _keep(self, setting: str, value: str | bool) -> None:
        self._desk.settings.set(setting, value)
        self.changed.emit()

    def parameters(self) -> dict[str, object]:
        """NORMALISE, ALIGN and CLOUDS, as far as they are not at their defaults."""
        usual = ChangeOptions()
        found: dict[str, object] = {
            "NORMALISE": self.light.isChecked(),
            "ALIGN": str(self.align.currentData()),
            "CLOUDS": str(self.clouds.currentData()),
        }
        defaults = {"NORMALISE": usual.normalise, "ALIGN": usual.align, "CLOUDS": usual.clouds}
        return {name: value for name, value in found.items() if value != defaults[name]}


def _number(desk: Desk, setting: str, default: float, most: float, decimals: int) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, most)
    box.setDecimals(decimals)
    box.setValue(desk.settings.number(setting, default))
    box.valueChanged.connect(lambda value: desk.settings.set(setting, value))
    return box
