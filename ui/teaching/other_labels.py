"""Labels that are not drawn here: layers of the project, the library; and which file is worked on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from qgis.core import (
    QgsFieldProxyModel,
    QgsGeometry,
    QgsMapLayerProxyModel,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsFieldComboBox, QgsFileWidget, QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QWidget,
)

from ...algorithms.label_layer import LabelFile, moved, way
from ...algorithms.label_sources import (
    Gather,
    add_to_library,
    layer_gatherer,
    library_gatherer,
    library_path,
    open_library,
)
from ...algorithms.text import tr
from ...inference.errors import GeoFMError, present
from .. import layers as layer_notes
from ..desk import Desk
from ..layer_set import Role
from ..layers import METRES_PER_DEGREE
from ..widgets import ElidedLabel, ask_for_file, column, form, narrow_combo, noted, quiet_button, row
from .label_group import PROPERTY
from .label_home import image_date, image_name
from .labels import Labels

_LIKELY = ("class", "klass", "label", "landcover", "land_cover", "lulc", "type", "category", "name")
_MOST_DAYS = 3650
_LIBRARY = "teach/library"
_Value = TypeVar("_Value")


class OtherLabels(QWidget):
    """Three short forms: import a layer, give to and take from the library, choose the file."""

    def __init__(self, desk: Desk, labels: Labels) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk, self._labels = desk, labels
        layout = column(self, spacing=8)
        layout.addWidget(self._import_form())
        layout.addWidget(self._library_form())
        layout.addLayout(self._file_row())
        self.layer.layerChanged.connect(self._on_layer)
        self.bring.clicked.connect(self.import_layer)
        self.give.clicked.connect(self.give_to_library)
        self.take.clicked.connect(self.take_from_library)
        self.library.fileChanged.connect(lambda path: desk.settings.set(_LIBRARY, path.strip()))
        labels.changed.connect(self.bind)
        labels.opened.connect(self.bind)
        desk.layers.changed.connect(self._on_images)
        self._dated = False
        self._on_layer()
        self._on_images()

    def _import_form(self) -> QWidget:
        self.layer = narrow_combo(QgsMapLayerComboBox())
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
        self.layer.setAllowEmptyLayer(True, tr("Choose a layer"))
        self.layer.setLayer(None)
        self.layer.setToolTip(tr("Points, polygons or lines whose class is known, in any coordinate system"))
        self.field = narrow_combo(QgsFieldComboBox())
        self.field.setFilters(QgsFieldProxyModel.Filter.String | QgsFieldProxyModel.Filter.Numeric)
        self.field.setToolTip(tr("The field that holds the class, as text or number"))
        self.selected = QCheckBox(tr("Only selected features"))
        self.selected.setToolTip(tr("Those that are selected in the layer now"))
        self.bring = QPushButton(tr("Import as labels"))
        self.bring.setToolTip(tr("Copy the features into the labels; one undo takes them out again"))
        box, fields = _plain(), form()
        fields.addRow(tr("Layer"), self.layer)
        fields.addRow(tr("Class field"), noted(self.field, self.selected))
        layout = column(box)
        layout.addLayout(fields)
        layout.addWidget(self.bring)
        return box

    def _library_form(self) -> QWidget:
        self.library = QgsFileWidget()
        self.library.setFilter(tr("Labels (*.gpkg)"))
        self.library.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.library.setConfirmOverwrite(False)
        self.library.setDialogTitle(tr("Library of labels"))
        self.library.lineEdit().setPlaceholderText(tr("My library"))
        tip = tr("Where labels of all projects gather: {} unless you choose a file").format(library_path())
        self.library.setToolTip(tip)
        for button in self.library.findChildren(QWidget):
            button.setToolTip(tip)
        self.library.setFilePath(self._desk.settings.text(_LIBRARY))
        self.days = QSpinBox()
        self.days.setRange(0, _MOST_DAYS)
        self.days.setSpecialValueText(tr("of any date"))
        self.days.setPrefix(tr("within "))
        self.days.setSuffix(tr(" days"))
        self.days.setToolTip(tr("How far a label's date may be from the image's"))
        self.give = QPushButton(tr("Add to library"))
        self.give.setToolTip(tr("Copy all labels there; what is there already is brought up to date"))
        self.take = QPushButton(tr("Take what lies here"))
        self.take.setToolTip(tr("Copy the labels of the library that lie on the image"))
        box, fields = _plain(), form()
        fields.addRow(tr("Library"), noted(self.library, self.days))
        buttons = row()
        buttons.addWidget(self.give)
        buttons.addWidget(self.take)
        layout = column(box)
        layout.addLayout(fields)
        layout.addLayout(buttons)
        return box

    def _file_row(self) -> QHBoxLayout:
        self.path = ElidedLabel()
        self.path.setProperty("geofm", "muted")
        tip = tr("Work with the labels of another file")
        self.choose = quiet_button(self._desk.theme, "dock-folder", tip)
        self.choose.clicked.connect(self._on_choose)
        line = row()
        line.addWidget(self.path, 1)
        line.addWidget(self.choose)
        return line

    def bind(self, *_: object) -> None:
        """Show what can be done now."""
        file, images = self._labels.file, bool(self._desk.layers.get(Role.INPUT))
        self.bring.setEnabled(self.layer.currentLayer() is not None and bool(self.field.currentField()))
        self.give.setEnabled(file is not None and bool(self._labels.counts()))
        self.take.setEnabled(images)
        self.days.setEnabled(images and self._dated)
        self.path.setText(Path(file.path).name if file else tr("No labels yet"))
        self.path.setToolTip(file.path if file else tr("A file is made with the first class"))

    def _on_images(self, *_: object) -> None:
        """Ask the image's file for its date, which is too slow for every label."""
        images = self._desk.layers.get(Role.INPUT)
        self._dated = bool(images) and bool(image_date(images[0]))
        self.bind()

    def _on_layer(self) -> None:
        layer = self.layer.currentLayer()
        if layer is not None and layer.customProperty(PROPERTY) and layer in self._labels.layers:
            # The labels are no other labels.
            self.layer.setLayer(None)
            return
        self.field.setLayer(layer)
        self.field.setEnabled(layer is not None)
        self.selected.setEnabled(layer is not None)
        if isinstance(layer, QgsVectorLayer):
            named = {field.name().lower(): field.name() for field in layer.fields()}
            self.field.setField(next((named[key] for key in _LIKELY if key in named), ""))
        self.bind()

    # --- done ---------------------------------------------------------------------------------

    def import_layer(self) -> None:
        """Import the chosen layer; the labels tell what came of it."""
        layer, field = self.layer.currentLayer(), self.field.currentField()
        selected = self.selected.isChecked()

        def gather(file: LabelFile) -> Gather:
            images = self._desk.layers.get(Role.INPUT)
            date, source = (image_date(images[0]), image_name(images[0])) if images else ("", "")
            return layer_gatherer(layer, field, file, self._line_width(file), selected, date, source)

        self._bring(gather)

    def give_to_library(self) -> None:
        """Copy all labels to the library."""
        file = self._labels.file
        if file is not None:
            sentence = self._attempt(lambda: add_to_library(file, open_library(self._library())))
            if sentence is not None:
                self._labels.said.emit(sentence)

    def take_from_library(self) -> None:
        """Copy what the library holds of the image."""
        image = self._desk.layers.get(Role.INPUT)[0]

        def gather(file: LabelFile) -> Gather:
            frame = moved(QgsGeometry.fromRect(image.extent()), way(image.crs(), file.crs))
            place = frame.boundingBox() if frame is not None else QgsRectangle()
            days = self.days.value() if self.days.isEnabled() else 0
            library = open_library(self._library())
            return library_gatherer(library, file, place, image_date(image), days)

        self._bring(gather)

    def _bring(self, prepare: Callable[[LabelFile], Gather]) -> None:
        if self._labels.ensure():
            file = present(self._labels.file)
            gather = self._attempt(lambda: prepare(file))
            if gather is not None:
                self._labels.bring(gather)

    def _attempt(self, call: Callable[[], _Value]) -> _Value | None:
        """Call something that may take a moment; None, and a sentence, where it fails."""
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            return call()
        except GeoFMError as error:
            self._labels.refused.emit(error)
            return None
        finally:
            QApplication.restoreOverrideCursor()

    def _library(self) -> str:
        return self.library.filePath().strip() or library_path()

    def _line_width(self, file: LabelFile) -> float:
        """The side of a pixel of the image in units of the labels' CRS; 0 where nobody knows it."""
        images = self._desk.layers.get(Role.INPUT)
        metres = layer_notes.gsd_metres(images[0]) if images else None
        if metres is None:
            return 0.0
        return metres / METRES_PER_DEGREE if file.crs.isGeographic() else metres

    def _on_choose(self) -> None:
        ask_for_file(self, tr("Labels"), tr("Labels (*.gpkg)"), self._labels.open)


def _plain() -> QWidget:
    made = QWidget()
    made.setProperty("geofm", "plain")
    return made
