"""Where labels, session, map and preview meet: what changes in one is told to the others.

The session begins with the first class and a model that is here, on the layers in use, and ends with the
layers, the project and the dock; another layer, model or method begins another one with the same labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qgis.core import QgsRasterLayer, QgsReferencedRectangle
from qgis.PyQt.QtCore import QObject, QTimer

from ...algorithms import export
from ...algorithms.layers import raster_source
from ...inference.errors import GeoFMError
from ...inference.jobs import ClassInfo
from ...inference.teaching import Box, Label, Preview
from ..desk import Desk
from .lesson import Lesson, Look
from .live import Live
from .preview import PreviewLayer
from .sight import seen

# Choices that follow one another, as a layer and then its model, make one session.
_SETTLE_MS = 300


@dataclass(frozen=True)
class Subject:
    """What is to be taught on, as the page has it.

    Attributes:
        layers: ids of the rasters, in order.
        said: what the user said of them (bands, scale...), which the session has to be told again.
        model, classifier, method, grid, resolution, device: as in :class:`.live.Lesson`.
    """

    layers: tuple[str, ...]
    said: tuple[str, ...]
    model: str
    classifier: str = ""
    method: str = ""
    grid: str = "first"
    resolution: float | None = None
    device: str = "auto"


class Classroom(QObject):
    """Owns the session and its preview."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._canvas = desk.iface.mapCanvas()
        self.live = Live(self)
        self.preview = PreviewLayer(desk.project, self)
        self._subject: Subject | None = None
        self._taught: Subject | None = None
        self._classes: tuple[ClassInfo, ...] = ()
        self._labels: dict[str, Label] = {}
        self._below = ""
        self._hatched = True
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._open)
        self._canvas.extentsChanged.connect(self.look)
        self._canvas.renderComplete.connect(self._on_rendered)
        desk.project.layersRemoved.connect(self._on_removed)
        self.live.began.connect(self.look)
        self.live.previewed.connect(self._on_previewed)

    def close(self) -> None:
        """End the session, wait for its thread, and let go of what outlives the dock."""
        self._settle.stop()
        self._canvas.extentsChanged.disconnect(self.look)
        self._canvas.renderComplete.disconnect(self._on_rendered)
        self._desk.project.layersRemoved.disconnect(self._on_removed)
        self.live.close(wait=True)
        self.preview.close()

    # --- what the page says -------------------------------------------------------------------

    def set_subject(self, subject: Subject | None) -> None:
        """What to teach on; None for nothing, which ends the session."""
        if subject == self._subject:
            return
        self._subject = subject
        if subject is None:
            self.end()
        else:
            self._settle.start()

    def teach(self, classes: Sequence[ClassInfo], labels: dict[str, Label], below: str) -> None:
        """The classes and labels as they are now; ``below``: id of the layer that shows the labels."""
        self._classes, self._labels, self._below = tuple(classes), labels, below
        self.live.teach(self._classes, labels)
        if len(self.taught_values()) < 2:
            self.preview.clear()

    def show(self, look: Look) -> None:
        """What the preview shall leave out and hatch."""
        self._hatched = look.novelty
        self.live.show(look)

    def hold(self, held: bool) -> None:
        """Ask nothing: the engine is busy with a run, or nobody looks."""
        self.live.hold(held)

    def look(self) -> None:
        """Follow the map."""
        opened = self.live.opened
        self.live.watch(seen(self._canvas, opened, self._desk.project) if opened else None)

    def end(self) -> None:
        """End the session; the next choice begins another."""
        self._settle.stop()
        self._taught = None
        self.live.close()
        self.preview.clear()

    def again(self) -> None:
        """Begin the session anew, as after a failure; the labels are kept."""
        self._taught = None
        self._open()

    def seen_extent(self) -> Box | None:
        """What the map shows of the image, in the session's CRS; None for nothing."""
        opened = self.live.opened
        sight = seen(self._canvas, opened, self._desk.project) if opened is not None else None
        return sight.extent if sight is not None else None

    # --- what follows -------------------------------------------------------------------------

    def _open(self) -> None:
        subject = self._subject
        if subject is None or subject == self._taught:
            return
        layers = [self._desk.project.mapLayer(layer_id) for layer_id in subject.layers]
        if not layers or any(layer is None for layer in layers):
            self.end()
            return
        self.end()
        self._taught = subject
        try:
            lesson = self._lesson(subject, layers)
        except GeoFMError as error:
            self.live.refuse(error)
            return
        self.live.open(lesson)

    def _lesson(self, subject: Subject, layers: list[QgsRasterLayer]) -> Lesson:
        """Layers are touched here, on the thread they live on."""
        sources = tuple(raster_source(layer) for layer in layers)
        reach = None
        if all(source.frame is None for source in sources):
            # A web map has no pixels of its own: what the map shows is taught on.
            settings = self._canvas.mapSettings()
            reach = QgsReferencedRectangle(settings.visibleExtent(), settings.destinationCrs())
        wish = export.Wish(reach, subject.resolution, sources)
        how = (subject.model, subject.classifier, subject.method, subject.grid, subject.device)
        return Lesson(sources, wish, *how)

    def taught_values(self) -> set[int]:
        """The classes that have labels, here or in the classifier that is taught on."""
        opened = self.live.opened
        brought = {count.value for count in opened.labels if count.labels} if opened else set()
        return brought | {label.value for label in self._labels.values()}

    def _on_previewed(self, preview: Preview) -> None:
        # Where nothing is encoded yet there is nothing but a frame to see.
        if preview.path and preview.encoded > 0 and len(self.taught_values()) > 1:
            self.preview.show(preview, self._classes, hatched=self._hatched, below=self._below)
        elif preview.path:
            self.preview.discard(preview.path)

    def _on_rendered(self, *_: Any) -> None:
        """The canvas may have got another size, which it does not tell."""
        self.look()

    def _on_removed(self, gone: list[str]) -> None:
        if self._taught is not None and set(gone) & set(self._taught.layers):
            self._subject = None
            self.end()
