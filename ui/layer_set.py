"""The layers in use: which rasters of the project feed a run, and in which role.

The choice is kept in custom properties of the layers themselves, so that it is saved with the
project, and a removed layer takes its part of the choice with it. Main thread only.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..algorithms.layers import (
    PROPERTY_BANDS,
    PROPERTY_DATE,
    PROPERTY_MODALITY,
    PROPERTY_OFFSET,
    PROPERTY_SCALE,
)
from . import layers as layer_notes

# What the user says of a layer.
_TOLD = (PROPERTY_BANDS, PROPERTY_SCALE, PROPERTY_OFFSET, PROPERTY_DATE, PROPERTY_MODALITY)


class Role(Enum):
    """What a layer in use is for."""

    INPUT = "input"
    BEFORE = "before"
    AFTER = "after"


def usable(layer: QgsMapLayer | None) -> bool:
    """Whether a layer is a raster with numbers in it that stays."""
    return (
        isinstance(layer, QgsRasterLayer)
        and layer.isValid()
        and layer.customProperty(layer_notes.RESULT) != layer_notes.PREVIEW
        and layer_notes.pixel_type_is_supported(layer)
    )


def _key(role: Role) -> str:
    return f"geofm/use/{role.value}"


def _place(layer: QgsMapLayer, role: Role) -> int | None:
    """The layer's place in a role; a project file may hold anything, so a wrong one is none."""
    value = layer.customProperty(_key(role))
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError):
        return None


class LayerSet(QObject):
    """Ordered raster layers by role; the first of a role gives the grid."""

    changed = pyqtSignal(object)
    project_changed = pyqtSignal()

    def __init__(self, project: QgsProject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._watched: set[str] = set()
        self._known: object = None
        # The layer tree learns of new layers after the project does, so that the answer waits.
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._on_settled)
        project.layersAdded.connect(self._on_added)
        project.layersRemoved.connect(self._on_removed)
        project.readProject.connect(self._on_project)
        project.cleared.connect(self._on_project)
        self._watch(self.candidates())

    def close(self) -> None:
        """Let go of the project and its layers."""
        self._settle.stop()
        self._project.layersAdded.disconnect(self._on_added)
        self._project.layersRemoved.disconnect(self._on_removed)
        self._project.readProject.disconnect(self._on_project)
        self._project.cleared.disconnect(self._on_project)
        for layer_id in self._watched:
            layer = self._project.mapLayer(layer_id)
            if layer is not None:
                layer.customPropertyChanged.disconnect(self._on_property)
                layer.nameChanged.disconnect(self._on_renamed)
        self._watched.clear()

    def candidates(self) -> list[QgsRasterLayer]:
        """Every raster of the project that could be used, in the order of the layer tree."""
        tree = self._project.layerTreeRoot().layerOrder()
        return [layer for layer in tree if usable(layer)]

    def get(self, role: Role) -> list[QgsRasterLayer]:
        """The layers of a role, in order."""
        found = []
        for layer in self._project.mapLayers().values():
            place = _place(layer, role)
            if place is not None and usable(layer):
                found.append((place, layer.name(), layer))
        return [layer for *_, layer in sorted(found, key=lambda item: item[:2])]

    def set(self, role: Role, chosen: Iterable[QgsRasterLayer]) -> None:
        """Make these the layers of a role, in this order; a layer has one place in a role."""
        wanted = list(dict.fromkeys(layer.id() for layer in chosen))
        for layer in self.get(role):
            if layer.id() not in wanted:
                layer.removeCustomProperty(_key(role))
        for place, layer_id in enumerate(wanted):
            self._project.mapLayer(layer_id).setCustomProperty(_key(role), place)
        self._known = self._candidates_and_chosen()
        self.changed.emit(role)

    def add(self, role: Role, layer: QgsRasterLayer) -> None:
        self.set(role, [*self.get(role), layer])

    def remove(self, role: Role, layer: QgsRasterLayer) -> None:
        self.set(role, [other for other in self.get(role) if other.id() != layer.id()])

    def propose(self, active: QgsMapLayer | None) -> None:
        """Fill the empty roles with what most likely is meant: the active raster; two dates.

        An elevation model is no image: it is added to one by whoever wants it.
        """
        fresh = [c for c in self.candidates() if c.customProperty(layer_notes.RESULT) is None]
        fresh = [layer for layer in fresh if not layer_notes.is_elevation(layer)]
        if not self.get(Role.INPUT) and fresh:
            first = active if usable(active) and active in fresh else fresh[0]
            self.set(Role.INPUT, [first])
        if not self.get(Role.BEFORE) and not self.get(Role.AFTER):
            self._propose_dates(fresh)

    def _propose_dates(self, fresh: list[QgsRasterLayer]) -> None:
        dated = [(layer_notes.acquired(layer), layer) for layer in fresh]
        dated = sorted((item for item in dated if item[0]), key=lambda item: item[0])
        if len(dated) > 1 and dated[0][0] != dated[-1][0]:
            self.set(Role.BEFORE, [dated[0][1]])
            self.set(Role.AFTER, [dated[-1][1]])

    def swap_dates(self) -> None:
        """Exchange the layers before and after."""
        before, after = self.get(Role.BEFORE), self.get(Role.AFTER)
        self.set(Role.BEFORE, after)
        self.set(Role.AFTER, before)

    def _watch(self, found: Iterable[QgsMapLayer]) -> None:
        for layer in found:
            if usable(layer) and layer.id() not in self._watched:
                self._watched.add(layer.id())
                layer.customPropertyChanged.connect(self._on_property)
                layer.nameChanged.connect(self._on_renamed)

    def _on_added(self, found: list[QgsMapLayer]) -> None:
        self._watch(found)
        self._settle.start()

    def _on_removed(self, gone: list[str]) -> None:
        self._watched.difference_update(gone)
        self._settle.start()

    def _on_project(self, *_: object) -> None:
        self._known = None
        self._settle.start()

    def _on_settled(self) -> None:
        self._watch(self.candidates())
        self.project_changed.emit()
        known = self._candidates_and_chosen()
        if known != self._known:
            # Layers of labels and results come and go, and pages take their time to look at what is in use.
            self._known = known
            self._all_changed()

    def _candidates_and_chosen(self) -> object:
        chosen = [[layer.id() for layer in self.get(role)] for role in Role]
        return {layer.id() for layer in self.candidates()}, chosen

    def _on_property(self, key: str) -> None:
        if key in _TOLD:
            self._all_changed()

    def _on_renamed(self) -> None:
        self._all_changed()

    def _all_changed(self) -> None:
        for role in Role:
            self.changed.emit(role)
