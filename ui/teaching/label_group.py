"""The layers that show a label file in the project. The project remembers them, and so the file."""

from __future__ import annotations

import os
from collections.abc import Sequence

from qgis.core import QgsProject, QgsProviderRegistry, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...algorithms.label_layer import LabelFile
from ...algorithms.label_schema import AREAS, POINTS
from ...algorithms.label_styles import style_labels
from ...algorithms.label_tables import Drawn
from ...algorithms.text import tr
from ...inference.jobs import ClassInfo

PROPERTY = "geofm/labels"


class LabelGroup(QObject):
    """The points and areas of one file in a group at the top of the layer tree.

    Signals:
        found: a project with layers of labels was opened; their file.
        lost: the last of the layers was taken out of the project.
        edited: one of them was edited with QGIS's own tools, and the edits were saved.
    """

    found = pyqtSignal(str)
    lost = pyqtSignal()
    edited = pyqtSignal()

    def __init__(self, project: QgsProject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._path = ""
        self._watched: dict[str, QgsVectorLayer] = {}
        # A removed layer is told of while it is still there, a loaded one before it is complete.
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._look)
        project.layersAdded.connect(self._settle.start)
        # Layers are there before the layer tree knows them.
        project.readProject.connect(self._on_read)
        project.layersWillBeRemoved.connect(self._on_removed)
        self._settle.start()

    def close(self) -> None:
        """Let go of the project and its layers."""
        self._settle.stop()
        self._project.layersAdded.disconnect(self._settle.start)
        self._project.readProject.disconnect(self._on_read)
        self._project.layersWillBeRemoved.disconnect(self._on_removed)
        self._unwatch(list(self._watched))

    def layers(self) -> list[QgsVectorLayer]:
        """Those of the file that are in the project, points first."""
        tables = {str(layer.customProperty(PROPERTY)): layer for layer in self._watched.values()}
        return [tables[table] for table in (POINTS, AREAS) if table in tables]

    def show(self, file: LabelFile, classes: Sequence[ClassInfo]) -> None:
        """Show a file's layers, new ones if the project has none of it; other files' layers stay."""
        self._path = file.path
        self._unwatch(list(self._watched))
        present = self._of_file()
        if not present:
            group = self._project.layerTreeRoot().insertGroup(0, tr("Labels"))
            for layer, table in zip(file.layers(styled=False), (POINTS, AREAS)):
                layer.setCustomProperty(PROPERTY, table)
                self._project.addMapLayer(layer, False)
                group.addLayer(layer)
                present.append(layer)
        self._watch(present)
        self.restyle(classes)

    def restyle(self, classes: Sequence[ClassInfo]) -> None:
        """Show the classes in their colours."""
        for layer in self._watched.values():
            style_labels(layer, classes)

    def reload(self) -> None:
        """Show what the file holds now."""
        for layer in self._watched.values():
            layer.dataProvider().reloadData()

    def redraw(self, labels: Sequence[Drawn]) -> None:
        """Show what was written: labels that were added or removed."""
        touched = {POINTS if label.is_point else AREAS for label in labels}
        for layer in self._watched.values():
            if layer.customProperty(PROPERTY) in touched:
                layer.dataProvider().reloadData()
                layer.triggerRepaint()

    def _of_file(self) -> list[QgsVectorLayer]:
        return [layer for layer in self._labelled() if _path(layer) == os.path.abspath(self._path)]

    def _labelled(self) -> list[QgsVectorLayer]:
        """All layers of labels in the project, of any file; those of the file used last are on top."""
        layers = self._project.layerTreeRoot().layerOrder()
        return [
            layer for layer in layers
            if isinstance(layer, QgsVectorLayer) and layer.customProperty(PROPERTY) in (POINTS, AREAS)
        ]

    def _on_read(self) -> None:
        self._settle.start()

    def _look(self) -> None:
        """A project was opened, perhaps."""
        if self._watched:
            self._watch([layer for layer in self._of_file() if layer.id() not in self._watched])
            return
        for layer in self._labelled():
            if layer.isValid() and os.path.isfile(_path(layer)):
                self.found.emit(_path(layer))
                return

    def _watch(self, layers: Sequence[QgsVectorLayer]) -> None:
        for layer in layers:
            self._watched[layer.id()] = layer
            layer.afterCommitChanges.connect(self.edited)

    def _unwatch(self, ids: Sequence[str]) -> None:
        for layer_id in ids:
            layer = self._watched.pop(layer_id)
            layer.afterCommitChanges.disconnect(self.edited)

    def _on_removed(self, ids: Sequence[str]) -> None:
        gone = [layer_id for layer_id in ids if layer_id in self._watched]
        self._unwatch(gone)
        if gone and not self._watched:
            self._path = ""
            self.lost.emit()


def _path(layer: QgsVectorLayer) -> str:
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    return os.path.abspath(str(parts.get("path") or ""))
