"""The ways to say what changed, in words for people, and the options that come with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QWidget

from ..algorithms.text import tr
from ..inference.change_options import ChangeOptions
from .desk import Desk
from .layer_set import Role
from .widgets import FormRows, column, narrow_combo, select

AUTOMATIC, ALARMS, GIVEN = "automatic", "alarms", "given"
CORRECTIONS = ("light", "align", "clouds")


@dataclass(frozen=True)
class ChangeMethod:
    """One way to say what changed.

    Attributes:
        key: value of METHOD, or ``breaks``.
        title: as the list shows it.
        sentence: what it does and when to take it.
        series: whether it takes many dates, by an algorithm of its own.
    """

    key: str
    title: Callable[[], str]
    sentence: Callable[[], str]
    series: bool = False

    @property
    def takes(self) -> tuple[str, ...]:
        """What of ``model``, ``samples`` and ``classifier`` it needs; either of model and classifier."""
        return () if self.series else ChangeOptions(self.key).takes

    @property
    def roles(self) -> Sequence[Role]:
        """Which layers it looks at."""
        return (Role.INPUT,) if self.series else (Role.BEFORE, Role.AFTER)


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
        lambda: tr("Maps both dates with a classifier of yours or a model and says what became what."),
    ),
    ChangeMethod(
        "breaks",
        lambda: tr("When did it change? (many dates)"),
        lambda: tr("Finds the date at which an index such as NDVI left its usual course, season and all."),
        series=True,
    ),
)


class ThresholdChoice(QWidget):
    """How it is decided from which magnitude on a place counts as changed."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk = desk
        self.how = narrow_combo(QComboBox())
        self.how.addItem(tr("Automatic"), AUTOMATIC)
        self.how.addItem(tr("By false alarms"), ALARMS)
        self.how.addItem(tr("By hand"), GIVEN)
        self.how.setToolTip(tr("From which magnitude on a place counts as changed; a slider moves it later"))
        select(self.how, desk.settings.text("change/threshold"), AUTOMATIC)
        self.alarms = _number(desk, "change/alarms", 1.0, 50.0, 2)
        self.alarms.setMinimum(0.01)
        self.alarms.setSuffix(tr(" %"))
        self.alarms.setToolTip(tr("So much of the unchanged ground may be called change"))
        self.value = _number(desk, "change/value", 1.0, 1e6, 3)
        self.value.setSingleStep(0.1)
        self.value.setToolTip(tr("Magnitude; the legend of an earlier run shows its range"))
        layout = column(self, spacing=3)
        for widget in (self.how, self.alarms, self.value):
            layout.addWidget(widget)
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
    """What is done about differences that are none of the ground; rows :data:`CORRECTIONS` of a form."""

    def __init__(self, desk: Desk, rows: FormRows, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.light = QCheckBox(tr("Match both dates"))
        self.light.setToolTip(tr("Brings the later date to the earlier one, band by band"))
        self.light.setChecked(desk.settings.flag("change/light", True))
        self.light.toggled.connect(lambda on: desk.settings.set("change/light", on))
        self.align = self._choice(
            "change/align",
            {
                "correct": tr("Correct a shift"),
                "warn": tr("Tell a shift"),
                "off": tr("Do not look for a shift"),
            },
        )
        self.align.setToolTip(tr("Whether the dates lie on one another, to parts of a pixel"))
        self.clouds = self._choice(
            "change/clouds",
            {
                "auto": tr("Leave out"),
                "bands": tr("Leave out, by a band"),
                "model": tr("Leave out, by a model"),
                "off": tr("Compare them too"),
            },
        )
        self.clouds.setToolTip(
            tr("Clouds, their shadows, snow and fill: by a band such as Fmask or SCL, else by a model")
        )
        titles = (tr("Light"), tr("Position"), tr("Clouds"))
        for key, title, field in zip(CORRECTIONS, titles, (self.light, self.align, self.clouds)):
            rows.add(key, title, field)

    def _choice(self, setting: str, titles: dict[str, str]) -> QComboBox:
        combo = narrow_combo(QComboBox())
        for key, title in titles.items():
            combo.addItem(title, key)
        select(combo, self._desk.settings.text(setting), next(iter(titles)))
        combo.activated.connect(lambda: self._desk.settings.set(setting, str(combo.currentData())))
        return combo

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


def mapper_choice(desk: Desk) -> QComboBox:
    """What maps the classes of both dates: ``classifier`` or ``model``."""
    combo = narrow_combo(QComboBox())
    combo.addItem(tr("A classifier of yours"), "classifier")
    combo.addItem(tr("A model that maps classes"), "model")
    combo.setToolTip(tr("Whose classes of both dates are compared"))
    select(combo, desk.settings.text("change/mapper"), "classifier")
    combo.activated.connect(lambda: desk.settings.set("change/mapper", str(combo.currentData())))
    return combo


def index_choice(desk: Desk) -> QComboBox:
    """What of a series is looked at: values of INDEX."""
    combo = narrow_combo(QComboBox())
    for title, key in (
        (tr("NDVI, or the only band"), ""),
        (tr("NBR: fire, felling"), "nbr"),
        (tr("NDMI: drought"), "ndmi"),
        (tr("NDWI: water"), "ndwi"),
        (tr("MNDWI: water, built-up"), "mndwi"),
        (tr("NDRE: crops"), "ndre"),
    ):
        combo.addItem(title, key)
    combo.setToolTip(tr("What is followed through the dates"))
    select(combo, desk.settings.text("change/index"), "")
    combo.activated.connect(lambda: desk.settings.set("change/index", str(combo.currentData())))
    return combo


def _number(desk: Desk, setting: str, default: float, most: float, decimals: int) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, most)
    box.setDecimals(decimals)
    box.setValue(desk.settings.number(setting, default))
    box.valueChanged.connect(lambda value: desk.settings.set(setting, value))
    return box
