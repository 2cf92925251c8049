"""The tools that put labels on the map: click, polygon, brush, eraser.

Shapes are drawn in the map's coordinates, whatever its CRS and rotation, and stored in the label
file's. The keys work on the map while one of the tools is active: digits choose the class, C the next
one, the square brackets the size of the brush, Ctrl+Z and Ctrl+Shift+Z undo and redo labels.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QCursor, QKeyEvent, QKeySequence

from ..desk import Desk
from .brush import CASING, USUAL, BrushSize, ring
from .labels import Labels
from .shapes import stroke

_AIM = 9
_REACH_PX = 8
_STEP = 1.25
_VEIL = 70
_NO_CLASS = QColor(128, 128, 128)
_LEFT, _RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)

Action = Callable[[], object]


class Kind(Enum):
    """The tools by the name that settings remember."""

    CLICK = "click"
    POLYGON = "polygon"
    BRUSH = "brush"
    ERASE = "erase"


class LabelTool(QgsMapTool):
    """What the tools share: colours, the rubber band, keys.

    Args:
        size: radius of the brush in pixels of the screen, which all tools share.
    """

    def __init__(self, canvas: QgsMapCanvas, labels: Labels, size: BrushSize) -> None:
        super().__init__(canvas)
        self.labels = labels
        self.size = size
        self.band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self.band.setWidth(2)
        self.band.setSecondaryStrokeColor(CASING)
        self.recolor()

    def close_tool(self) -> None:
        """Take the rubber band off the map."""
        self.canvas().unsetMapTool(self)
        self.canvas().scene().removeItem(self.band)
        sip.delete(self.band)

    def color(self) -> QColor:
        """That of the class that is drawn."""
        info = self.labels.current
        return QColor(info.color) if info else QColor(_NO_CLASS)

    def recolor(self) -> None:
        """Show the class in the cursor and the rubber band."""
        line, veil = self.color(), self.color()
        veil.setAlpha(_VEIL)
        self.band.setStrokeColor(line)
        self.band.setFillColor(veil)
        self.setCursor(self.picture())

    def picture(self) -> QCursor:
        """The cursor: a ring in the class's colour about the place that is meant."""
        return ring(self.color(), _AIM, True)

    def drop(self) -> None:
        """Forget what is half drawn."""
        self.band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def deactivate(self) -> None:
        self.drop()
        super().deactivate()

    def activate(self) -> None:
        super().activate()
        self.canvas().setFocus(Qt.FocusReason.OtherFocusReason)

    def unit(self) -> float:
        """Units of the map a pixel of the screen."""
        return float(self.canvas().mapSettings().mapUnitsPerPixel())

    def put(self, shape: QgsGeometry) -> None:
        """Label a shape in the map's CRS."""
        self.labels.add(shape, self.canvas().mapSettings().destinationCrs())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.action(event)
        if action is None:
            # The canvas has keys of its own.
            event.ignore()
            return
        event.accept()
        action()

    def action(self, event: QKeyEvent) -> Action | None:
        """What a key stands for here; None where it stands for nothing."""
        labels, step, text = self.labels, step_of(event), event.text()
        if step is not None:
            return labels.undo if step == "undo" else labels.redo
        shifted = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_C and (shifted or _is_plain(event)):
            return partial(labels.choose_next, -1 if shifted else 1)
        if text in ("[", "]") and text:
            return partial(self.size.grow, _STEP if text == "]" else 1 / _STEP)
        if _is_plain(event) and text in tuple("1234567890"):
            at = "1234567890".index(text)
            if at < len(labels.classes):
                return partial(labels.choose, labels.classes[at].value)
        return None


class ClickTool(LabelTool):
    """A click labels a point."""

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == _LEFT:
            self.put(QgsGeometry.fromPointXY(event.mapPoint()))


class PolygonTool(LabelTool):
    """Clicks set corners; the right button or Enter ends, Backspace takes a corner back, Esc drops all."""

    def __init__(self, canvas: QgsMapCanvas, labels: Labels, size: BrushSize) -> None:
        self._corners: list[QgsPointXY] = []
        super().__init__(canvas, labels, size)

    @property
    def corners(self) -> int:
        """How many corners are set."""
        return len(self._corners)

    def drop(self) -> None:
        super().drop()
        self._corners.clear()

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == _LEFT:
            self._corners.append(event.mapPoint())
            self._show(event.mapPoint())
        elif event.button() == _RIGHT:
            self._end()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._corners:
            self._show(event.mapPoint())

    def canvasDoubleClickEvent(self, event: QgsMapMouseEvent) -> None:
        # Its first click has set the corner, and its release would set it again.
        if self._corners:
            self._corners.pop()

    def _show(self, pointer: QgsPointXY) -> None:
        self.band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        for corner in (*self._corners, pointer):
            self.band.addPoint(corner, False)
        self.band.updatePosition()
        self.band.update()
        self.band.show()

    def _end(self) -> None:
        shape = QgsGeometry.fromPolygonXY([[*self._corners, *self._corners[:1]]])
        enough = len(set(map(QgsPointXY.toString, self._corners))) > 2
        self.drop()
        if enough and not shape.isGeosValid():
            # Its border crosses itself: what it goes around counts.
            shape = shape.makeValid()
            shape.convertGeometryCollectionToSubclass(QgsWkbTypes.GeometryType.PolygonGeometry)
        if enough and not shape.isEmpty() and shape.area() > 0:
            self.put(shape)

    def _take_back(self) -> None:
        self._corners.pop()
        if self._corners:
            self._show(self._corners[-1])
        else:
            self.drop()

    def action(self, event: QKeyEvent) -> Action | None:
        if self._corners and event.key() in _ENDS:
            return self._end
        if self._corners and event.key() == Qt.Key.Key_Escape:
            return self.drop
        if self._corners and (event.key() == Qt.Key.Key_Backspace or step_of(event) == "undo"):
            return self._take_back
        return super().action(event)


class BrushTool(LabelTool):
    """A drag paints; all of it is one label, which joins those of its class and replaces others."""

    def __init__(self, canvas: QgsMapCanvas, labels: Labels, size: BrushSize) -> None:
        self._path: list[QgsPointXY] = []
        self._covered = QgsGeometry()
        super().__init__(canvas, labels, size)
        size.changed.connect(self.recolor)

    def close_tool(self) -> None:
        self.size.changed.disconnect(self.recolor)
        super().close_tool()

    def picture(self) -> QCursor:
        return ring(self.color(), self.size.pixels, False)

    def drop(self) -> None:
        super().drop()
        self._path.clear()
        self._covered = QgsGeometry()

    def _radius(self) -> float:
        return self.size.pixels * self.unit()

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == _LEFT and self.labels.current is not None:
            self._path = [event.mapPoint()]
            self._cover(stroke(self._path, self._radius()))

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if not self._path:
            return
        last, here = self._path[-1], event.mapPoint()
        # A hand that hardly moves adds nothing but corners.
        if last.distance(here) >= self._radius() / 4:
            self._path.append(here)
            self._cover(self._covered.combine(stroke([last, here], self._radius())))

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() != _LEFT or not self._path:
            return
        self._path.append(event.mapPoint())
        shape = stroke(self._path, self._radius())
        self.drop()
        crs = self.canvas().mapSettings().destinationCrs()
        self.labels.paint(shape, crs, self._radius())

    def _cover(self, shape: QgsGeometry) -> None:
        self._covered = shape
        self.band.setToGeometry(shape, None)

    def wheelEvent(self, event: Any) -> None:
        if event.modifiers() != Qt.KeyboardModifier.ShiftModifier:
            event.ignore()
            return
        # With Shift some systems turn the wheel sideways.
        turned = event.angleDelta().y() or event.angleDelta().x()
        self.size.grow(_STEP if turned > 0 else 1 / _STEP)
        event.accept()

    def action(self, event: QKeyEvent) -> Action | None:
        if self._path and event.key() == Qt.Key.Key_Escape:
            return self.drop
        return super().action(event)


class EraseTool(LabelTool):
    """A click removes the label under it."""

    def color(self) -> QColor:
        return QColor(_NO_CLASS)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == _LEFT:
            crs = self.canvas().mapSettings().destinationCrs()
            self.labels.erase(event.mapPoint(), crs, _REACH_PX * self.unit())


class LabelTools(QObject):
    """One of each tool, at most one of them active on the map. ``changed`` when it is another.

    A tool gives way to any other map tool, and :meth:`close` leaves nothing on the map.
    """

    changed = pyqtSignal()

    def __init__(self, desk: Desk, labels: Labels, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._canvas = desk.iface.mapCanvas()
        self._labels = labels
        self._before: QgsMapTool | None = None
        remembered = int(desk.settings.number("teach/brush", USUAL))
        self.size = BrushSize(remembered, self)
        self.size.changed.connect(lambda pixels: desk.settings.set("teach/brush", pixels))
        makers = {
            Kind.CLICK: ClickTool,
            Kind.POLYGON: PolygonTool,
            Kind.BRUSH: BrushTool,
            Kind.ERASE: EraseTool,
        }
        self.tools = {kind: make(self._canvas, labels, self.size) for kind, make in makers.items()}
        self._painted = labels.current
        labels.current_changed.connect(self._recolor)
        labels.changed.connect(self._recolor)
        self._canvas.mapToolSet.connect(self._on_tool)
        self._canvas.installEventFilter(self)

    def close(self) -> None:
        """Give the map back. May be called twice, and after the canvas is gone."""
        tools, self.tools = list(self.tools.values()), {}
        if not tools or sip.isdeleted(self._canvas):
            return
        self._canvas.removeEventFilter(self)
        self._canvas.mapToolSet.disconnect(self._on_tool)
        self._labels.current_changed.disconnect(self._recolor)
        self._labels.changed.disconnect(self._recolor)
        self._give_back(self._canvas.mapTool() in tools)
        for tool in tools:
            tool.close_tool()
            sip.delete(tool)

    @property
    def current(self) -> Kind | None:
        """The tool that is active on the map."""
        active = self._canvas.mapTool()
        return next((kind for kind, tool in self.tools.items() if tool is active), None)

    def choose(self, kind: Kind | None) -> None:
        """Activate a tool; None gives the map back to the tool before."""
        if kind is None:
            self._give_back(self.current is not None)
            return
        if self.current is None:
            self._before = self._canvas.mapTool()
        self._canvas.setMapTool(self.tools[kind])

    def _give_back(self, ours: bool) -> None:
        before, self._before = self._before, None
        if ours and before is not None and not sip.isdeleted(before):
            self._canvas.setMapTool(before)
        elif ours:
            self._canvas.unsetMapTool(self._canvas.mapTool())

    def _on_tool(self, *_: Any) -> None:
        self.changed.emit()

    def _recolor(self, *_: Any) -> None:
        info = self._labels.current
        if info != self._painted:
            # Cursors are painted and told to the window system, which takes a while for every label.
            self._painted = info
            for tool in self.tools.values():
                tool.recolor()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While a tool is active, its keys are its own before they are a shortcut of QGIS's."""
        kind = self.current if event.type() == QEvent.Type.ShortcutOverride else None
        if kind is None or self.tools[kind].action(event) is None:
            return False
        event.accept()
        return True


def _is_plain(event: QKeyEvent) -> bool:
    """Whether a key is pressed alone."""
    return event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


def step_of(event: QKeyEvent) -> str | None:
    """Whether a key means ``undo`` or ``redo`` on this system; None for neither."""
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    if event.matches(QKeySequence.StandardKey.Undo):
        return "undo"
    again = event.key() == Qt.Key.Key_Z and event.modifiers() == keys
    return "redo" if again or event.matches(QKeySequence.StandardKey.Redo) else None
