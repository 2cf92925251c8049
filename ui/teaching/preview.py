"""The preview of what is being taught: a layer of the project that is as new as the last label.

It is a layer like any other, with the classes as its legend, whose file is exchanged for a newer one.
Only its own image is drawn again; the map keeps those of the other layers. It ends with the session, so
a project file never holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from osgeo import gdal
from qgis.core import (
    QgsDataProvider,
    QgsLayerTreeLayer,
    QgsLayerTreeNode,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from ...algorithms.text import tr
from ...inference.jobs import ClassInfo
from ...inference.teaching import Preview
from ..layers import PREVIEW, RESULT

CLASS_BAND, _NOVELTY_BAND = 1, 3
# Pixels of the screen from one stroke of the hatching to the next.
_HATCH = 10


class PreviewLayer(QObject):
    """At most one layer; ``removed`` when a person took it out of the project, ``visibility_changed``
    when it was hidden or shown, in the layer tree too."""

    removed = pyqtSignal()
    visibility_changed = pyqtSignal(bool)

    def __init__(self, project: QgsProject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._layer: QgsRasterLayer | None = None
        self._classes: tuple[ClassInfo, ...] = ()
        self._below = self._path = ""
        self._stale: list[Path] = []
        self._doomed: list[str] = []
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self._remove)
        self._opacity = 1.0
        self._visible = True
        project.writeProject.connect(self._on_saved)

    def close(self) -> None:
        """Take the layer out of the project and let go of it."""
        self.clear()
        self._remove()
        self._project.writeProject.disconnect(self._on_saved)

    @property
    def layer(self) -> QgsRasterLayer | None:
        """The layer while there is one."""
        return self._layer

    def show(
        self, preview: Preview, classes: Sequence[ClassInfo], *, hatched: bool, below: str = ""
    ) -> None:
        """Show a newer file.

        Args:
            preview: the engine's answer, with a file.
            classes: for the legend and the colours.
            hatched: whether :func:`hatch` drew in the file.
            below: id of the layer of labels, which shall stay in sight.
        """
        self._below = below
        if self._layer is None:
            self._layer = self._add(preview.path)
        with self._unnoticed():
            self._dress(self._layer, preview.path, tuple(classes), _NOVELTY_BAND if hatched else -1)
        self._layer.triggerRepaint()
        self._replace(preview.path)

    def _dress(
        self, layer: QgsRasterLayer, path: str, classes: tuple[ClassInfo, ...], alpha: int
    ) -> None:
        """Exchange the file; the renderer stays as long as the classes do."""
        if path != layer.source():
            layer.setDataSource(path, layer.name(), "gdal", QgsDataProvider.ProviderOptions())
        renderer = layer.renderer()
        if classes != self._classes or not isinstance(renderer, QgsPalettedRasterRenderer):
            self._classes = classes
            shown = [QgsPalettedRasterRenderer.Class(c.value, QColor(c.color), c.name) for c in classes]
            renderer = QgsPalettedRasterRenderer(layer.dataProvider(), CLASS_BAND, shown)
            layer.setRenderer(renderer)
            layer.setOpacity(self._opacity)
        renderer.setAlphaBand(alpha)

    def clear(self) -> None:
        """Take the layer away, as when nothing is taught any more.

        The project loses it a moment later: it may be losing all its layers right now, and QGIS does not
        survive another hand in that.
        """
        layer, self._layer = self._layer, None
        if layer is not None:
            layer.willBeDeleted.disconnect(self._on_gone)
            self._doomed.append(layer.id())
            self._end.start()
        self._classes = ()

    def _remove(self) -> None:
        """Remove layers that are done with, and then the files, beside which GDAL writes to the last."""
        self._end.stop()
        doomed, self._doomed = self._doomed, []
        with self._unnoticed():
            self._project.removeMapLayers(doomed)
        if self._layer is None:
            self._replace("")

    def set_opacity(self, opacity: float) -> None:
        """From 0 to 1."""
        self._opacity = opacity
        if self._layer is not None:
            with self._unnoticed():
                self._layer.setOpacity(opacity)
            self._layer.triggerRepaint()

    def set_visible(self, visible: bool) -> None:
        """Show or hide it, as its check box in the layer tree does."""
        self._visible = visible
        node = self._node()
        if node is not None:
            node.setItemVisibilityChecked(visible)

    def _add(self, path: str) -> QgsRasterLayer:
        # QGIS looks for colours of its own first, and GDAL tells the terminal of a band that holds nothing.
        gdal.PushErrorHandler("CPLQuietErrorHandler")
        try:
            layer = QgsRasterLayer(path, tr("Preview: classes"), "gdal")
        finally:
            gdal.PopErrorHandler()
        layer.setCustomProperty(RESULT, PREVIEW)
        layer.willBeDeleted.connect(self._on_gone)
        self._put(layer)
        return layer

    def _put(self, layer: QgsRasterLayer) -> None:
        with self._unnoticed():
            self._project.addMapLayer(layer, False)
            node = self._project.layerTreeRoot().insertLayer(self._place(), layer)
            node.setItemVisibilityChecked(self._visible)
            node.setExpanded(True)
        node.visibilityChanged.connect(self._on_ticked)

    def _place(self) -> int:
        """Where among the tree's highest entries: at the top, or right below the labels."""
        root = self._project.layerTreeRoot()
        node = root.findLayer(self._below)
        while node is not None and node.parent() is not root:
            node = node.parent()
        return root.children().index(node) + 1 if node is not None else 0

    def _node(self) -> QgsLayerTreeLayer | None:
        return self._project.layerTreeRoot().findLayer(self._layer.id()) if self._layer else None

    def discard(self, path: str) -> None:
        """Remove a file that is not shown."""
        self._stale.append(Path(path))
        self._replace(self._path)

    def _replace(self, path: str) -> None:
        """Remove the files that are no longer shown; one that is still being read goes next time."""
        if self._path and self._path != path:
            self._stale.append(Path(self._path))
        self._path = path
        self._stale = [stale for stale in self._stale if not _removed(stale)]

    def _on_ticked(self, node: QgsLayerTreeNode) -> None:
        visible = node.itemVisibilityChecked()
        if visible != self._visible:
            self._visible = visible
            self.visibility_changed.emit(visible)

    def _on_gone(self) -> None:
        self._layer, self._classes = None, ()
        self._end.start()
        self.removed.emit()

    def _on_saved(self, document: QDomDocument) -> None:
        """Stay out of a project's file, for this layer's file will be gone.

        QGIS says that it saves after it has written the layer tree and before it writes the layers, and
        takes whatever it finds among these for a layer.
        """
        layer = self._layer
        if layer is None:
            return
        nodes = document.elementsByTagName("layer-tree-layer")
        for node in [nodes.at(index) for index in range(nodes.count())]:
            if node.toElement().attribute("id") == layer.id():
                node.parentNode().removeChild(node)
        self._project.takeMapLayer(layer)
        QTimer.singleShot(0, self._put_back)

    def _put_back(self) -> None:
        if self._layer is not None and self._project.mapLayer(self._layer.id()) is None:
            self._put(self._layer)

    @contextmanager
    def _unnoticed(self) -> Iterator[None]:
        """Change the project without making it one that has to be saved."""
        dirty = self._project.isDirty()
        yield
        self._project.setDirty(dirty)


def hatch(preview: Preview, screen_width: int) -> None:
    """Turn the file's band of novelty into how much of each pixel is shown: strokes where all is new.

    QGIS has no pattern for rasters but shows pixels as far as a band of the file says. Call it on a
    thread that may wait.

    Args:
        preview: with a file.
        screen_width: pixels of the screen that the file takes from west to east.
    """
    dataset = gdal.Open(preview.path, gdal.GA_Update)
    band = dataset.GetRasterBand(_NOVELTY_BAND)
    width, height = preview.width, preview.height
    novel = bytes(band.ReadRaster(0, 0, width, height))
    step = max(2, round(_HATCH * width / max(screen_width, 1)))
    line = (b"\1" * ((step + 1) // 2) + b"\0" * (step // 2)) * (width // step + 2)
    # Strokes stay where they are on the ground when the map moves.
    pixel = (preview.extent[2] - preview.extent[0]) / width
    phase = round((preview.extent[0] - preview.extent[3]) / pixel)
    gaps = b"".join(line[(phase + y) % step :][:width] for y in range(height))
    both = int.from_bytes(novel, "big") & int.from_bytes(gaps, "big")
    shown = both.to_bytes(width * height, "big").translate(bytes((255, 0)) + bytes(254))
    band.WriteRaster(0, 0, width, height, shown)
    dataset.FlushCache()


def _removed(path: Path) -> bool:
    """Whether a file and what QGIS wrote beside it are gone; some systems keep what is being read."""
    try:
        for one in (path, path.with_name(path.name + ".aux.xml")):
            one.unlink(missing_ok=True)
    except PermissionError:
        return False
    return True
