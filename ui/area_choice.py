"""The polygons that a run is limited to: a layer of the project, or what is selected of it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureSource,
    QgsGeometry,
    QgsMapLayerProxyModel,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerSelectedFeatureSource,
)
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QWidget

from ..algorithms import samples
from ..algorithms.text import tr
from ..inference.errors import UnsupportedInput
from ..inference.places import data_home
from .desk import Desk
from .history import LIMIT
from .requests import LayerRef
from .widgets import column, narrow_combo

# Of more polygons than these it is not computed how much of the layer they cover: the dock must not wait.
_MOST_MEASURED = 500


class AreaChoice(QWidget):
    """A layer of polygons, none by default, and whether only its selected ones count."""

    changed = pyqtSignal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._key = ""
        self._watched: QgsVectorLayer | None = None
        self.setProperty("geofm", "plain")
        self.layer = narrow_combo(QgsMapLayerComboBox())
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layer.setAllowEmptyLayer(True, tr("No polygons"))
        self.layer.setToolTip(tr("Only pixels in these polygons are computed; the rest has no data"))
        self.layer.setLayer(None)
        self.selected = QCheckBox(tr("Only selected polygons"))
        self.selected.setToolTip(tr("Those that are selected in the layer when the run begins"))
        layout = column(self, spacing=3)
        layout.addWidget(self.layer)
        layout.addWidget(self.selected)
        self.layer.activated.connect(self._remember)
        self.layer.layerChanged.connect(self._bind)
        self.selected.toggled.connect(self._remember)
        self.selected.toggled.connect(self._bind)
        desk.layers.project_changed.connect(self.restore)
        self._bind()

    def set_key(self, key: str) -> None:
        """Show what is remembered under another key of the settings."""
        self._key = key
        self.restore()

    def restore(self) -> None:
        """Show what is remembered; a layer that the project lacks is none."""
        if not self._key:
            return
        chosen = self._desk.settings.text(f"{self._key}/area")
        self.selected.setChecked(self._desk.settings.flag(f"{self._key}/area_selected", False))
        self.layer.setLayer(self._desk.project.mapLayer(chosen) if chosen else None)

    def close_choice(self) -> None:
        """Let go of the layer, which outlives the dock."""
        self._watch(None)

    def current(self) -> QgsVectorLayer | None:
        """The chosen layer."""
        layer = self.layer.currentLayer()
        return layer if isinstance(layer, QgsVectorLayer) else None

    def problem(self) -> str:
        """What is missing, as a sentence; empty if nothing is."""
        layer = self.current()
        if layer is None or not self.selected.isChecked() or layer.selectedFeatureCount():
            return ""
        return tr("Select polygons of {}, or take all of them in Options.").format(layer.name())

    def note(self) -> str:
        """That there is a limit, in a few words; empty if there is none."""
        layer = self.current()
        if layer is None:
            return ""
        if self.selected.isChecked():
            return tr("{} polygons of {} only").format(layer.selectedFeatureCount(), layer.name())
        return tr("in {} only").format(layer.name())

    def parameters(self) -> dict[str, object]:
        """AREA, where there is one.

        Features that no other process could read (a selection, unsaved edits, a scratch layer) are put
        in a file, so that the run can be repeated later and elsewhere.

        Raises:
            GeoFMError: if that file cannot be written.
        """
        layer = self.current()
        if layer is None:
            return {}
        if self.selected.isChecked():
            return {"AREA": _kept(QgsVectorLayerSelectedFeatureSource(layer))}
        return {"AREA": layer.id() if _on_disk(layer) else _kept(layer)}

    def refs(self) -> tuple[LayerRef, ...]:
        """The layer as a request remembers it, if the parameter names it."""
        layer = self.current()
        if layer is None or self.selected.isChecked() or not _on_disk(layer):
            return ()
        return (LayerRef(layer.id(), layer.name(), layer.source()),)

    def share(self, raster: QgsRasterLayer, box: QgsRectangle) -> float:
        """How much of a rectangle in a raster's CRS the polygons cover, about; 1 without any."""
        layer = self.current()
        whole = box.width() * box.height()
        if layer is None or not whole > 0:
            return 1.0
        some = self.selected.isChecked()
        if (layer.selectedFeatureCount() if some else layer.featureCount()) > _MOST_MEASURED:
            return 1.0
        there = QgsCoordinateTransform(layer.crs(), raster.crs(), self._desk.project)
        frame, covered = QgsGeometry.fromRect(box), 0.0
        try:
            for feature in layer.getSelectedFeatures() if some else layer.getFeatures():
                shape = QgsGeometry(feature.geometry())
                shape.transform(there)
                covered += shape.intersection(frame).area()
        except QgsCsException:
            return 1.0
        return min(1.0, covered / whole)

    def _remember(self) -> None:
        layer = self.current()
        self._desk.settings.set(f"{self._key}/area", layer.id() if layer else "")
        self._desk.settings.set(f"{self._key}/area_selected", self.selected.isChecked())

    def _bind(self) -> None:
        layer = self.current()
        self._watch(layer)
        self.selected.setVisible(layer is not None)
        self.changed.emit()

    def _watch(self, layer: QgsVectorLayer | None) -> None:
        """Hear of another selection in the chosen layer."""
        before = self._watched
        if before is layer:
            return
        self._watched = layer
        if before is not None:
            before.selectionChanged.disconnect(self._on_selection)
            before.willBeDeleted.disconnect(self._on_gone)
        if layer is not None:
            layer.selectionChanged.connect(self._on_selection)
            layer.willBeDeleted.connect(self._on_gone)

    def _on_gone(self) -> None:
        self._watch(None)

    def _on_selection(self) -> None:
        if self.selected.isChecked():
            self.changed.emit()


def _on_disk(layer: QgsVectorLayer) -> bool:
    """Whether the layer is a file that holds what the user sees."""
    path = layer.source().split("|")[0]
    return layer.providerType() == "ogr" and not layer.isModified() and os.path.isfile(path)


def _kept(source: QgsFeatureSource) -> str:
    """A file of the features, named by their shapes; as many are kept as runs in the history."""
    folder = data_home() / "areas"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sentence = tr("The folder {} cannot be made.").format(folder)
        raise UnsupportedInput(sentence, detail=str(error)) from error
    digest = hashlib.sha256(source.sourceCrs().toWkt().encode())
    for feature in source.getFeatures():
        digest.update(bytes(feature.geometry().asWkb()))
    path = folder / f"{digest.hexdigest()[:16]}.gpkg"
    if path.exists():
        path.touch()
    else:
        features = samples.SampleSource(None, source, "", samples.AREA)
        os.replace(samples.materialise(features, str(folder / ".new"), QgsProcessingFeedback()).path, path)
    for stale in sorted(folder.glob("*.gpkg"), key=_age)[LIMIT:]:
        stale.unlink(missing_ok=True)
    return str(path)


def _age(path: Path) -> float:
    return -path.stat().st_mtime
