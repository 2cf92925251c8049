"""Rows that the pages' Options have in common: where, on which grid, how fine the polygons are."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsRasterLayer, QgsUnitTypes
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLayout,
    QWidget,
)

from ..algorithms.text import tr
from ..inference.jobs import GRIDS
from . import layers as layer_notes
from .area_choice import AreaChoice
from .desk import Desk
from .texts import grouped
from .widgets import muted, narrow_combo, noted, select


class RunOptions(QObject):
    """Binds rows of a form to parameters; each row is there only where it means something.

    Values are remembered under the key of the task that is shown; what is at its default is left out of
    a request.

    Args:
        desk: shared things.
        fields: the form that gets the rows.
        polygons: the box that asks for polygons.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk, fields: QFormLayout, polygons: QCheckBox) -> None:
        super().__init__(fields)
        self._desk = desk
        self._fields = fields
        self._polygons = polygons
        self._key = ""
        self._vague = True
        self._layers: Sequence[QgsRasterLayer] = ()
        self._build_polygons()
        self._build_place()
        self._numbers = {
            "min_area": self.least, "simplify": self.simplify, "resolution": self.resolution
        }
        self._connect()

    def _build_polygons(self) -> None:
        self.least = _number(tr("Keep all"), " m²", 1, 1e12)
        self.least.setToolTip(tr("Smaller areas become part of what surrounds them; the raster stays"))
        self.least_note = muted()
        self._least_label = self._row(tr("Smallest"), noted(self.least, self.least_note))
        self.simplify = _number(tr("Edges of the pixels"), tr(" pixels"), 1, 1000.0)
        self.simplify.setSingleStep(0.5)
        self.simplify.setToolTip(
            tr("How far borders may move to get smoother: 2 rounds off the steps. Neighbours stay joined.")
        )
        self._simplify_label = self._row(tr("Smooth by"), self.simplify)

    def _build_place(self) -> None:
        self.area = AreaChoice(self._desk)
        self._row(tr("Area"), self.area)
        self.grid = narrow_combo(QComboBox())
        titles = {"first": tr("Of the first layer"), "finest": tr("Of the finest layer")}
        for name in GRIDS:
            self.grid.addItem(titles.get(name, name), name)
        self.grid.setToolTip(tr("Whose pixels the result has; the other layers are brought onto them"))
        self._grid_label = self._row(tr("Grid"), self.grid)
        self.resolution = _number(tr("Automatic"), "", 2, 1e6)
        self.resolution.setToolTip(tr("Pixel size at which layers that are no files are copied"))
        self._resolution_label = self._row(tr("Pixel size"), self.resolution)

    def _row(self, title: str, field: QWidget | QLayout) -> QLabel:
        label = QLabel(title)
        self._fields.addRow(label, field)
        return label

    def _connect(self) -> None:
        for name, box in self._numbers.items():
            box.valueChanged.connect(lambda value, name=name: self._set(name, value))
        self.grid.activated.connect(lambda: self._set("grid", str(self.grid.currentData())))
        self.least.valueChanged.connect(self._bind)
        self._polygons.toggled.connect(self._bind)
        self.area.changed.connect(self.changed)

    def _set(self, name: str, value: str | float) -> None:
        if self._key:
            self._desk.settings.set(f"{self._key}/{name}", value)

    def show_task(self, key: str, layers: Sequence[QgsRasterLayer], *, vague: bool = True) -> None:
        """Show what is remembered of a task, for the layers of a run.

        Args:
            key: the task's in the settings.
            layers: all rasters of the run.
            vague: whether the task answers with classes, of which there are polygons.
        """
        self._layers, self._vague = layers, vague
        if key != self._key:
            self._key = key
            settings = self._desk.settings
            for name, box in self._numbers.items():
                box.setValue(settings.number(f"{key}/{name}", 0.0))
            select(self.grid, settings.text(f"{key}/grid"), GRIDS[0])
            self.area.set_key(key)
        self._bind()

    def close_options(self) -> None:
        """Let go of what outlives the dock."""
        self.area.close_choice()

    def problem(self) -> str:
        """What is missing, as a sentence; empty if nothing is."""
        return self.area.problem()

    def stack(self) -> dict[str, object]:
        """GRID and RESOLUTION."""
        found: dict[str, object] = {}
        if self.chosen_grid != GRIDS[0]:
            found["GRID"] = self.chosen_grid
        if self.chosen_resolution is not None:
            found["RESOLUTION"] = self.chosen_resolution
        return found

    @property
    def chosen_grid(self) -> str:
        """Whose grid a stack lies on, one of ``GRIDS``."""
        return str(self.grid.currentData()) if self._several else GRIDS[0]

    @property
    def chosen_resolution(self) -> float | None:
        """The pixel size of copies in the units of their CRS; None chooses it."""
        value = self.resolution.value()
        return value if self._copied is not None and value > 0 else None

    def fineness(self) -> dict[str, object]:
        """MIN_AREA and SIMPLIFY, where polygons are asked for."""
        found: dict[str, object] = {}
        if self._drawn and self.least.value() > 0:
            found["MIN_AREA"] = self.least.value()
        if self._drawn and self.simplify.value() > 0:
            found["SIMPLIFY"] = self.simplify.value()
        return found

    @property
    def _drawn(self) -> bool:
        return self._vague and self._polygons.isChecked()

    @property
    def _several(self) -> bool:
        return len(self._layers) > 1

    @property
    def _copied(self) -> QgsRasterLayer | None:
        """The first layer that is no file."""
        return next((layer for layer in self._layers if layer.providerType() != "gdal"), None)

    def _bind(self) -> None:
        for widget in (self._least_label, self.least, self._simplify_label, self.simplify):
            widget.setVisible(self._drawn)
        for widget in (self._grid_label, self.grid):
            widget.setVisible(self._several)
        copied = self._copied
        for widget in (self._resolution_label, self.resolution):
            widget.setVisible(copied is not None)
        if copied is not None:
            units = copied.crs().mapUnits()
            self.resolution.setDecimals(6 if copied.crs().isGeographic() else 2)
            self.resolution.setSuffix(f" {QgsUnitTypes.toAbbreviatedString(units)}")
        self.least_note.setText(self._least_in_pixels())
        self.least_note.setVisible(self._drawn and bool(self.least_note.text()))

    def _least_in_pixels(self) -> str:
        gsd = layer_notes.gsd_metres(self._layers[0]) if self._layers else None
        if not gsd or not self.least.value() > 0:
            return ""
        pixels = round(self.least.value() / gsd**2)
        return tr("about {} pixels of {}").format(grouped(pixels), layer_notes.metres(gsd))


def _number(nothing: str, suffix: str, decimals: int, most: float) -> QDoubleSpinBox:
    """A number from 0, which stands for ``nothing`` in particular."""
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(0.0, most)
    box.setSuffix(suffix)
    box.setSpecialValueText(nothing)
    box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
    return box
