"""From which magnitude on is it a change? A slider over a magnitude that is there, of whichever run."""

from __future__ import annotations

import math
import os

from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QPushButton, QSlider

from ..algorithms.datasets import open_or_none
from ..algorithms.styles import PROPERTY_THRESHOLD, style_threshold
from ..algorithms.text import tr
from ..inference.errors import present
from ..inference.magnitudes import TAG, Magnitudes
from .desk import Desk
from .layers import RESULT
from .magnitude_plot import MagnitudePlot
from .report import area_words
from .requests import TEMPORARY, LayerRef, Request, Step
from .run_options import RunOptions
from .state import Phase
from .task_page import SaveFolder
from .widgets import Card, column, heading, muted, narrow_combo, row

_STEPS = 1000
# Nothing is drawn more often than this, however fast the slider is moved.
_REDRAW_MS = 40
# Where a file says no threshold: what so much of the ground exceeds.
_USUAL_SHARE = 0.05
# What a run made of an earlier threshold, and would now cover what the slider shows.
_FOLLOWING = ("POLYGONS", "MASK")


class ThresholdPanel(Card):
    """Shown as soon as the project has a magnitude; asks for polygons of what counts as changed.

    Args:
        options: how fine polygons are.
        folder: where results go.
    """

    run_wanted = pyqtSignal(object)

    def __init__(self, desk: Desk, options: RunOptions, folder: SaveFolder) -> None:
        super().__init__()
        self._desk, self._options, self._folder = desk, options, folder
        self._known: dict[str, Magnitudes] = {}
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._draw)
        self._build()
        desk.layers.project_changed.connect(self.refresh)
        desk.model.phase_changed.connect(self._bind)
        self.refresh()

    def _build(self) -> None:
        self.layer = narrow_combo(QComboBox())
        self.layer.setToolTip(tr("The magnitude whose threshold is moved"))
        self.layer.setAccessibleName(tr("Magnitude"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(_STEPS // 20)
        self.slider.setToolTip(tr("From which magnitude on a place counts as changed"))
        self.slider.setAccessibleName(tr("Threshold of the magnitude"))
        self.plot = MagnitudePlot(self._desk.theme, self.slider)
        self.value = QDoubleSpinBox()
        self.value.setDecimals(3)
        self.value.setKeyboardTracking(False)
        self.value.setToolTip(tr("The threshold as a number"))
        self.value.setAccessibleName(tr("Threshold of the magnitude"))
        self.alarms = narrow_combo(QComboBox())
        self.alarms.setToolTip(tr("Set it so that at most so much of the unchanged ground counts as changed"))
        self.alarms.setAccessibleName(tr("Threshold by false alarms"))
        self.told = muted()
        self.make = QPushButton(tr("Make polygons"))
        self.make.setToolTip(tr("Outline what counts as changed now; nothing is computed anew"))
        self.layer.currentIndexChanged.connect(self._on_layer)
        self.slider.valueChanged.connect(self._on_slider)
        self.value.valueChanged.connect(self._on_value)
        self.alarms.activated.connect(self._on_alarms)
        self.make.clicked.connect(self._on_make)
        numbers = row()
        numbers.addWidget(self.value, 1)
        numbers.addWidget(self.alarms, 1)
        layout = column(self, margin=6, spacing=4)
        layout.addWidget(heading(tr("What counts as changed?")))
        layout.addWidget(self.layer)
        layout.addWidget(self.plot)
        layout.addWidget(self.slider)
        layout.addLayout(numbers)
        layout.addWidget(self.told)
        layout.addWidget(self.make)

    # --- which ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Offer the magnitudes of the project, the newest first; none, and the panel is not there."""
        chosen = str(self.layer.currentData() or "")
        newest = next(iter(self._known), "")
        self._known = self._magnitudes()
        self.layer.blockSignals(True)
        self.layer.clear()
        for layer_id in self._known:
            self.layer.addItem(self._title(layer_id), layer_id)
        kept = self.layer.findData(chosen)
        # A new result is what one wants to look at.
        self.layer.setCurrentIndex(kept if kept >= 0 and next(iter(self._known), "") == newest else 0)
        self.layer.blockSignals(False)
        self.layer.setVisible(len(self._known) > 1)
        self.setVisible(bool(self._known))
        self._on_layer()

    def _magnitudes(self) -> dict[str, Magnitudes]:
        found: dict[str, Magnitudes] = {}
        for layer in self._desk.layers.candidates():
            known = self._known.get(layer.id()) or magnitudes_of(layer)
            if known is not None:
                found[layer.id()] = known
        return found

    def _title(self, layer_id: str) -> str:
        """One magnitude is called like another: the group tells which dates."""
        node = self._desk.project.layerTreeRoot().findLayer(layer_id)
        group = node.parent().name() if node is not None and node.parent() is not None else ""
        return str(group or self._desk.project.mapLayer(layer_id).name())

    def current(self) -> QgsRasterLayer | None:
        """The magnitude that is looked at."""
        return self._desk.project.mapLayer(str(self.layer.currentData() or ""))

    def _on_layer(self) -> None:
        layer = self.current()
        if layer is None:
            return
        found = self._known[layer.id()]
        said = layer.customProperty(PROPERTY_THRESHOLD)
        try:
            threshold = float(said)
        except (TypeError, ValueError):
            threshold = found.exceeded_by(_USUAL_SHARE)
        self.value.blockSignals(True)
        self.value.setRange(found.edges[0], found.edges[-1])
        self.value.setSingleStep(found.edges[-1] / 100)
        self.value.setValue(threshold)
        self.value.blockSignals(False)
        self._offer_alarms(found)
        self._show_on_slider()
        self._tell()
        self._bind()

    def _offer_alarms(self, found: Magnitudes) -> None:
        """The rates that the magnitude's file knows the thresholds of."""
        self.alarms.clear()
        self.alarms.addItem(tr("By false alarms"))
        for percent, threshold in found.alarms:
            self.alarms.addItem(tr("{} % false alarms").format(f"{percent:g}"), threshold)
        self.alarms.setVisible(bool(found.alarms))

    # --- moved ----------------------------------------------------------------------------------

    def _range(self) -> tuple[float, float]:
        found = self._known[str(self.layer.currentData())]
        return found.edges[0], found.edges[-1]

    def _show_on_slider(self) -> None:
        low, high = self._range()
        share = math.log(max(self.value.value(), low) / low) / math.log(high / low)
        self.slider.blockSignals(True)
        self.slider.setValue(round(share * _STEPS))
        self.slider.blockSignals(False)

    def _on_slider(self, step: int) -> None:
        low, high = self._range()
        self.value.blockSignals(True)
        self.value.setValue(low * (high / low) ** (step / _STEPS))
        self.value.blockSignals(False)
        self._moved()

    def _on_value(self) -> None:
        self._show_on_slider()
        self._moved()

    def _on_alarms(self, index: int) -> None:
        threshold = self.alarms.itemData(index)
        if threshold is not None:
            self.value.setValue(threshold)
            self.alarms.setCurrentIndex(index)

    def _moved(self) -> None:
        self._tell()
        self.alarms.setCurrentIndex(0)
        if not self._redraw.isActive():
            self._redraw.start()

    def _tell(self) -> None:
        found, threshold = self._known[str(self.layer.currentData())], self.value.value()
        self.plot.show_found(found, threshold)
        area = found.above(threshold)
        percent = 100 * area / found.total if found.total else 0.0
        shown = f"{percent:.0f}" if percent >= 10 else f"{percent:.2g}"
        self.told.setText(tr("About {} changed, {} % of what was compared").format(area_words(area), shown))

    def _draw(self) -> None:
        layer = self.current()
        if layer is None:
            return
        style_threshold(layer, self.value.value(), self._range()[1])
        layer.triggerRepaint()
        self._bring_to_sight(layer)

    def _bring_to_sight(self, layer: QgsRasterLayer) -> None:
        node = self._desk.project.layerTreeRoot().findLayer(layer.id())
        if node is None:
            return
        node.setItemVisibilityCheckedParentRecursive(True)
        for other in node.parent().findLayers():
            if other.layer() is not None and other.layer().customProperty(RESULT) in _FOLLOWING:
                other.setItemVisibilityChecked(False)

    # --- made -----------------------------------------------------------------------------------

    def _bind(self) -> None:
        ready = self._desk.model.phase is Phase.READY
        if not ready and self.make.hasFocus():
            # Else the focus would go on to what is out of sight, and the page with it.
            self.slider.setFocus()
        self.make.setEnabled(ready)

    def _on_make(self) -> None:
        self.run_wanted.emit(self.request())

    def request(self) -> Request:
        """Polygons of what counts as changed."""
        layer = present(self.current())
        parameters: dict[str, object] = {
            "INPUT": layer.id(),
            "THRESHOLD": self.value.value(),
            **self._options.fineness(),
            "MASK": TEMPORARY,
            "POLYGONS": TEMPORARY,
        }
        names = {"MASK": tr("Changed places"), "POLYGONS": tr("Changes")}
        title = tr("{}, from {} on").format(self._title(layer.id()), f"{self.value.value():.3g}")
        refs = (LayerRef(layer.id(), layer.name(), layer.source()),)
        step = Step("geofm:thresholdchange", parameters, names)
        pixels = layer.width() * layer.height()
        return self._folder.kept(Request(title, (step,), refs, pixels, "thresholdchange"), title)


def magnitudes_of(layer: QgsRasterLayer) -> Magnitudes | None:
    """What a layer's file says of its magnitudes; None if it is no magnitude of change."""
    path = layer.source().split("|")[0]
    # The main thread must not wait for a network.
    if not os.path.isfile(path):
        return None
    dataset = open_or_none(path)
    text = dataset.GetMetadataItem(TAG) if dataset is not None else None
    try:
        return Magnitudes.from_text(text) if text else None
    except ValueError:
        return None  # somebody else's text under our name: a raster like any other
