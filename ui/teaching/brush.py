"""The brush of the label tools: its size, and how it and the other tools look under the pointer."""

from __future__ import annotations

from qgis.PyQt.QtCore import QObject, QPointF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QCursor, QPainter, QPen, QPixmap

# Radius in pixels of the screen, unless another was chosen.
USUAL = 12
_SMALLEST, _LARGEST = 2, 60
# Light about dark can be seen on every map.
CASING = QColor(255, 255, 255, 220)


class BrushSize(QObject):
    """Radius of the brush in pixels of the screen; ``changed`` when it is another."""

    changed = pyqtSignal(int)

    def __init__(self, pixels: int = USUAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pixels = min(max(pixels, _SMALLEST), _LARGEST)

    smallest, largest = _SMALLEST, _LARGEST

    def set(self, pixels: int) -> None:
        """Make it so large, as far as that is possible."""
        fitting = min(max(pixels, _SMALLEST), _LARGEST)
        if fitting != self.pixels:
            self.pixels = fitting
            self.changed.emit(fitting)

    def grow(self, factor: float) -> None:
        """Make it larger or smaller, by a pixel at least."""
        wanted = round(self.pixels * factor)
        self.set(wanted if wanted != self.pixels else self.pixels + (1 if factor > 1 else -1))


def ring(color: QColor, radius: int, aimed: bool) -> QCursor:
    """A cursor: a ring of a radius in pixels, light about dark, with a cross in it where one aims."""
    side = 2 * radius + 5
    image = QPixmap(side, side)
    image.fill(Qt.GlobalColor.transparent)
    middle = QPointF(side / 2, side / 2)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(CASING, 4), QPen(color, 2)):
        painter.setPen(pen)
        painter.drawEllipse(middle, radius, radius)
        if aimed:
            for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                step = QPointF(x, y)
                painter.drawLine(middle + step * 4, middle + step * radius)
    painter.end()
    return QCursor(image, side // 2, side // 2)
