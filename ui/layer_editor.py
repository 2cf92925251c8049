"""The form under a layer's chip: what it is, what its bands are, how they are scaled, when it was taken."""

from __future__ import annotations

import datetime

from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit, QPushButton, QWidget

from ..algorithms.layers import (
    PROPERTY_BANDS,
    PROPERTY_DATE,
    PROPERTY_MODALITY,
    PROPERTY_OFFSET,
    PROPERTY_SCALE,
    stated_modality,
)
from ..algorithms.text import tr
from ..inference.bands import PRESETS, Band, parse_mapping
from ..inference.modality import Guess
from . import layers as layer_notes
from .widgets import column, form, muted, narrow_combo, row, select


def preset_titles() -> dict[str, str]:
    """Presets of band names by the title that people read."""
    return {
        tr("Sentinel-2 L2A, 12 bands"): "sentinel2-l2a",
        tr("Sentinel-2 L1C, 13 bands"): "sentinel2-l1c",
        tr("Sentinel-2, the four 10 m bands"): "sentinel2-10m",
        tr("Sentinel-1, VV and VH"): "sentinel1",
        tr("Landsat 4-7, 6 bands"): "landsat-etm",
        tr("Landsat 8-9, 7 bands"): "landsat-oli",
        tr("Red, green, blue"): "rgb",
        tr("Red, green, blue, near infrared"): "rgbn",
    }


class LayerEditor(QWidget):
    """Edits a layer's custom properties; every change is looked at before it is kept."""

    closed = pyqtSignal()

    def __init__(self, layer: QgsRasterLayer) -> None:
        super().__init__()
        self._layer = layer
        self._titles = layer_notes.band_titles(layer)
        self._build()
        self._look()

    def _build(self) -> None:
        self.kind = narrow_combo(QComboBox())
        self.kind.addItem(_guess_words(layer_notes.guessed(self._layer)), "")
        for key, title in layer_notes.modality_titles().items():
            self.kind.addItem(title, key)
        select(self.kind, stated_modality(self._layer), "")
        self.kind.setToolTip(tr("What the layer is; some models take radar and elevation beside images"))
        self.bands = narrow_combo(QComboBox())
        self.bands.setEditable(True)
        self.bands.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for title, key in preset_titles().items():
            if len(PRESETS[key]) == len(self._titles):
                self.bands.addItem(title, key)
        self.bands.setCurrentIndex(-1)
        self.bands.setEditText(layer_notes.mapping(self._layer))
        self.bands.lineEdit().setPlaceholderText(tr("As the file says"))
        self.bands.setToolTip(
            tr("Names in the file's order, with commas: B02, B03, red, nir, VV. A dash leaves one out.")
        )
        self.scale = QLineEdit(layer_notes.scale(self._layer))
        self.scale.setPlaceholderText(tr("As the file says"))
        self.scale.setToolTip(tr("Stored numbers times this are reflectance; 0.0001 for most products."))
        self.offset = QLineEdit(layer_notes.offset(self._layer))
        self.offset.setPlaceholderText(tr("As the file says"))
        self.offset.setToolTip(tr("Added after the scale; -0.1 for Sentinel-2 products of 2022 and later."))
        self.date = QLineEdit(str(self._layer.customProperty(PROPERTY_DATE) or ""))
        self.date.setPlaceholderText(_date_words(layer_notes.dated(self._layer)))
        self.date.setToolTip(tr("Day of acquisition, as 2024-07-31. Some models use the season."))
        self.preview = muted()
        self.apply = QPushButton(tr("Apply"))
        self.apply.setToolTip(tr("Keep this with the layer; it is saved in the project"))
        self.cancel = QPushButton(tr("Close"))
        self.cancel.setToolTip(tr("Leave the layer as it is"))
        self.kind.activated.connect(self._look)
        self.bands.activated.connect(self._on_preset)
        self.bands.editTextChanged.connect(self._look)
        self.scale.textChanged.connect(self._look)
        self.offset.textChanged.connect(self._look)
        self.date.textChanged.connect(self._look)
        self.apply.clicked.connect(self._on_apply)
        self.cancel.clicked.connect(self.closed)
        self._lay_out()

    def _lay_out(self) -> None:
        fields = form()
        fields.addRow(tr("What it is"), self.kind)
        fields.addRow(tr("Bands"), self.bands)
        fields.addRow(tr("Scale"), self.scale)
        fields.addRow(tr("Offset"), self.offset)
        fields.addRow(tr("Date"), self.date)
        buttons = row()
        buttons.addStretch()
        buttons.addWidget(self.apply)
        buttons.addWidget(self.cancel)
        layout = column(self)
        layout.addLayout(fields)
        layout.addWidget(self.preview)
        layout.addLayout(buttons)

    def _on_preset(self, index: int) -> None:
        self.bands.setEditText(str(self.bands.itemData(index)))

    def problem(self) -> str:
        """What is wrong with the entries, one sentence; empty if they can be kept."""
        names = parse_mapping(self.bands.currentText())
        if names and len(names) != len(self._titles):
            return tr("{} names for {} bands.").format(len(names), len(self._titles))
        scale, date = self.scale.text().strip(), self.date.text().strip()
        try:
            if scale and not float(scale) > 0:
                return tr("The scale must be above zero.")
        except ValueError:
            return tr("The scale must be a number, as 0.0001.")
        try:
            float(self.offset.text().strip() or 0)
        except ValueError:
            return tr("The offset must be a number, as -0.1.")
        try:
            if date:
                datetime.date.fromisoformat(date)
        except ValueError:
            return tr("The date must be written as year-month-day.")
        return ""

    def _look(self) -> None:
        problem = self.problem()
        self.apply.setEnabled(not problem)
        if problem:
            self.preview.setText(problem)
            return
        names = parse_mapping(self.bands.currentText())
        found = layer_notes.identify(self._layer, names, str(self.kind.currentData()))
        self.preview.setText("\n".join(f"{number}  {_words(band)}" for number, band in enumerate(found, 1)))

    def _on_apply(self) -> None:
        for key, text in (
            (PROPERTY_MODALITY, str(self.kind.currentData())),
            (PROPERTY_BANDS, self.bands.currentText().strip()),
            (PROPERTY_SCALE, self.scale.text().strip()),
            (PROPERTY_OFFSET, self.offset.text().strip()),
            (PROPERTY_DATE, self.date.text().strip()),
        ):
            if text:
                self._layer.setCustomProperty(key, text)
            else:
                self._layer.removeCustomProperty(key)
        self.closed.emit()


def _guess_words(guess: Guess) -> str:
    """What a layer seems to be, as the first entry of the list."""
    if not guess.because:
        return tr("Not known")
    title = layer_notes.modality_titles()[guess.modality]
    return tr("{} ({})").format(title, layer_notes.origin_words(guess.because))


def _date_words(dated: layer_notes.Dated) -> str:
    """What is known of the date where the user says nothing."""
    if not dated.text or dated.origin == layer_notes.SAID:
        return tr("year-month-day")
    return tr("{} ({})").format(dated.text, layer_notes.origin_words(dated.origin))


def _words(band: Band) -> str:
    if not band.known:
        return tr("{} (not known)").format(band.name)
    parts = [band.name]
    if band.common and band.common.lower() != band.name.lower():
        parts.append(band.common)
    if band.wavelength:
        parts.append(tr("{} nm").format(f"{band.wavelength:.0f}"))
    return " · ".join(parts)
