"""Before and after on the map, left and right of a line that is moved by mouse or arrow keys.

Both are rendered in the background as the canvas itself is, each to a picture; the canvas draws as much
of each as the line leaves it. Until a new picture is there, the old one is drawn where its ground is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor, QCursor, QImage, QPainter, QPen
from qgis.PyQt.QtWidgets import QWidget

# Pixels from the line within which the mouse takes hold of it.
_GRIP = 7
_STEP, _SMALL_STEP = 0.05, 0.01
# A map that is moved or zoomed gives signals in quick succession.
_SETTLE_MS = 80
# Above the map itself, below rubber bands and other marks.
_HEIGHT = -5
_HANDLE, _PAD, _MARGIN = 11, 5, 8


class Swipe(QObject):
    """Shows two sets of layers side by side on a canvas; :meth:`close` or Esc ends it.

    Signals:
        ended: it is no longer on the map.
    """

    ended = pyqtSignal()

    def __init__(
        self,
        canvas: QgsMapCanvas,
        before: Sequence[QgsMapLayer],
        after: Sequence[QgsMapLayer],
        titles: tuple[str, str],
        listened: Sequence[QWidget] = (),
        parent: QObject | None = None,
    ) -> None:
        """Begin at the middle of the canvas.

        Args:
            titles: of the two, drawn beside the line.
            listened: widgets whose arrow keys and Esc are meant for it, beside the canvas's own.
        """
        super().__init__(parent)
        self._canvas = canvas
        self._dragged = self._hovered = self._closed = False
        self._usual = canvas.viewport().cursor()
        self._sides = [_Side(canvas, layers, self) for layers in (before, after)]
        self._own = {layer.id() for layers in (before, after) for layer in layers}
        self._item = _Halves(canvas, self._sides, titles)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._render)
        for side in self._sides:
            side.drawn.connect(self._item.update)
        canvas.extentsChanged.connect(self._on_moved)
        # Also when layers were edited, switched on or off, or the CRS is another one.
        canvas.mapCanvasRefreshed.connect(self._on_moved)
        QgsProject.instance().layersWillBeRemoved.connect(self._on_removed)
        self._watched = [canvas, *listened]
        for widget in self._watched:
            widget.installEventFilter(self)
        canvas.viewport().installEventFilter(self)
        self._render()

    @property
    def share(self) -> float:
        """Where the line is, from 0 (left) to 1."""
        return self._item.share

    @property
    def ready(self) -> bool:
        """Whether both pictures are those of the map as it is."""
        return not self._settle.isActive() and all(side.image and not side.busy for side in self._sides)

    def move_to(self, share: float) -> None:
        """Move the line."""
        self._item.share = min(1.0, max(0.0, share))
        self._item.update()

    def close(self) -> None:
        """Take it off the map. May be called twice, and after the canvas is gone."""
        if self._closed:
            return
        self._closed = True
        self._settle.stop()
        for side in self._sides:
            side.close()
        QgsProject.instance().layersWillBeRemoved.disconnect(self._on_removed)
        for widget in self._watched:
            if not sip.isdeleted(widget):
                widget.removeEventFilter(self)
        if not sip.isdeleted(self._canvas):
            self._canvas.extentsChanged.disconnect(self._on_moved)
            self._canvas.mapCanvasRefreshed.disconnect(self._on_moved)
            self._canvas.viewport().removeEventFilter(self)
            self._hover(False)
            self._canvas.scene().removeItem(self._item)
        self.ended.emit()

    # --- rendered -------------------------------------------------------------------------------

    def _on_moved(self) -> None:
        self._item.update()
        self._settle.start()

    def _render(self) -> None:
        for side in self._sides:
            side.render()

    def _on_removed(self, ids: list[str]) -> None:
        if self._own & set(ids):
            self.close()

    # --- mouse and keys -------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._closed:
            return False
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and self._key(event):
            # Else a shortcut of the dock or of QGIS would take the key.
            event.accept()
            return True
        if kind == QEvent.Type.KeyPress:
            return self._on_key(event)
        if watched is self._canvas.viewport():
            return self._on_mouse(kind, event)
        return False

    def _key(self, event: Any) -> bool:
        allowed = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        plain = not event.modifiers() & ~allowed
        return plain and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Escape)

    def _on_key(self, event: Any) -> bool:
        if not self._key(event):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return True
        small = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = _SMALL_STEP if small else _STEP
        self.move_to(self.share + (step if event.key() == Qt.Key.Key_Right else -step))
        return True

    def _on_mouse(self, kind: QEvent.Type, event: Any) -> bool:
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._dragged = self._near(event.pos().x())
            return self._dragged
        if kind == QEvent.Type.MouseMove and self._dragged:
            self.move_to(event.pos().x() / max(1, self._canvas.viewport().width()))
            return True
        if kind == QEvent.Type.MouseMove and not event.buttons():
            self._hover(self._near(event.pos().x()))
        elif kind == QEvent.Type.MouseButtonRelease and self._dragged:
            self._dragged = False
            return True
        return False

    def _near(self, x: int) -> bool:
        return abs(x - self.share * self._canvas.viewport().width()) <= _GRIP

    def _hover(self, on: bool) -> None:
        """The cursor says that the line can be moved; beside it, it is the map tool's."""
        if on == self._hovered:
            return
        self._hovered = on
        view = self._canvas.viewport()
        if on:
            self._usual = view.cursor()
        view.setCursor(QCursor(Qt.CursorShape.SplitHCursor) if on else self._usual)


class _Side(QObject):
    """One set of layers, rendered in the background.

    Attributes:
        image: the picture, None until there is one.
        extent: the ground that it shows, in the CRS and rotation of the canvas at that time.
    """

    drawn = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, layers: Sequence[QgsMapLayer], parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._layers = list(layers)
        self._job: QgsMapRendererParallelJob | None = None
        self.image: QImage | None = None
        self.extent = QgsRectangle()

    @property
    def busy(self) -> bool:
        return self._job is not None

    def render(self) -> None:
        """Begin anew; what is under way is given up."""
        self._give_up()
        settings = QgsMapSettings(self._canvas.mapSettings())
        # What is drawn over the imagery, such as the features to be edited, stays in sight.
        over = [layer for layer in self._canvas.layers() if isinstance(layer, QgsVectorLayer)]
        settings.setLayers([*over, *self._layers])
        self._job = QgsMapRendererParallelJob(settings)
        self._job.finished.connect(self._on_finished)
        self._job.start()

    def close(self) -> None:
        self._give_up()

    def _on_finished(self) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        self.image = job.renderedImage()
        self.extent = job.mapSettings().visibleExtent()
        self.drawn.emit()

    def _give_up(self) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        job.finished.disconnect(self._on_finished)
        if job.isActive():
            # It must live until its threads have heard of it; nobody waits for that.
            _ENDING.add(job)
            job.finished.connect(lambda: _ENDING.discard(job))
            job.cancelWithoutBlocking()


_ENDING: set[QgsMapRendererParallelJob] = set()


class _Halves(QgsMapCanvasItem):
    """Draws the two pictures, the line between them and what each shows."""

    def __init__(self, canvas: QgsMapCanvas, sides: Sequence[_Side], titles: tuple[str, str]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._sides = sides
        self._titles = titles
        self.share = 0.5
        self.setZValue(_HEIGHT)
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(self._canvas.sceneRect())

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        # While the map is dragged the scene is shifted, and the line stays where it is on the screen.
        shown = self.boundingRect()
        x = shown.left() + self.share * shown.width()
        left = QRectF(shown.left(), shown.top(), x - shown.left(), shown.height())
        right = QRectF(x, shown.top(), shown.right() - x, shown.height())
        for side, part in zip(self._sides, (left, right)):
            if side.image is not None:
                painter.save()
                painter.setClipRect(part)
                painter.fillRect(part, self._canvas.canvasColor())
                painter.drawImage(self._place(side), side.image, QRectF(side.image.rect()))
                painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_line(painter, x, shown)
        for title, part, at_left in ((self._titles[0], left, True), (self._titles[1], right, False)):
            self._paint_title(painter, title, part, at_left)

    def _place(self, side: _Side) -> QRectF:
        """Where a picture belongs on the canvas as it is now."""
        upper = self.toCanvasCoordinates(_corner(side.extent, True))
        lower = self.toCanvasCoordinates(_corner(side.extent, False))
        if self._canvas.rotation() or side.extent == self._canvas.mapSettings().visibleExtent():
            return QRectF(0, 0, self._canvas.width(), self._canvas.height())
        return QRectF(upper, lower)

    def _paint_line(self, painter: QPainter, x: float, shown: QRectF) -> None:
        middle = shown.center().y()
        for color, width in ((QColor(0, 0, 0, 110), 4.0), (QColor(255, 255, 255), 2.0)):
            painter.setPen(QPen(color, width))
            painter.drawLine(QPointF(x, shown.top()), QPointF(x, shown.bottom()))
        painter.setBrush(QColor(255, 255, 255))
        painter.setPen(QPen(QColor(0, 0, 0, 110), 1.0))
        painter.drawEllipse(QPointF(x, middle), _HANDLE, _HANDLE)
        painter.setPen(QPen(QColor(40, 40, 40), 1.8))
        for toward in (-1, 1):
            tip = QPointF(x + toward * 7, middle)
            for rise in (-3.5, 3.5):
                painter.drawLine(tip, QPointF(x + toward * 3.5, middle + rise))

    def _paint_title(self, painter: QPainter, title: str, part: QRectF, at_left: bool) -> None:
        """A line of words on a patch, in the upper corner next to the line; none where it does not fit."""
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(title) + 2 * _PAD, metrics.height() + 2
        if width + 2 * _MARGIN > part.width():
            return
        x = part.right() - _MARGIN - width if at_left else part.left() + _MARGIN
        patch = QRectF(x, part.top() + _MARGIN, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 20, 20, 170))
        painter.drawRoundedRect(patch, 3, 3)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(patch, Qt.AlignmentFlag.AlignCenter, title)


def _corner(extent: QgsRectangle, upper: bool) -> Any:
    """The upper left or lower right corner of a rectangle, as a point."""
    box = QgsRectangle(extent)
    middle = box.center()
    middle.setX(box.xMinimum() if upper else box.xMaximum())
    middle.setY(box.yMaximum() if upper else box.yMinimum())
    return middle
