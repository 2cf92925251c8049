"""How much ground has which magnitude of change, as bars; what counts as changed stands out."""

from __future__ import annotations

import math
from typing import Any

from qgis.PyQt.QtCore import QPointF, QRectF, QSize
from qgis.PyQt.QtGui import QPainter, QPen
from qgis.PyQt.QtWidgets import QSizePolicy, QStyle, QWidget

from ..algorithms.text import tr
from ..inference.magnitudes import Magnitudes
from .theme import FAINT, Theme, thin

_HEIGHT = 56
# Unchanged ground is a hundred times as much as changed ground: bars grow with the logarithm.
_CONTRAST = 2000.0


class MagnitudePlot(QWidget):
    """Bars over the logarithm of the magnitude, above a slider of the same range.

    Args:
        slider: whose handle shall lie below the line of the threshold.
    """

    def __init__(self, theme: Theme, slider: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self._slider = slider
        self._found: Magnitudes | None = None
        self._threshold = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("How much ground has which magnitude"))
        self.setToolTip(tr("How much ground has which magnitude; what counts as changed is coloured"))

    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def show_found(self, found: Magnitudes, threshold: float) -> None:
        """Draw these areas, and from where on they count as changed."""
        self._found, self._threshold = found, threshold
        self.update()

    def paintEvent(self, event: Any) -> None:
        found = self._found
        if found is None:
            return
        painter = QPainter(self)
        margin = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self._slider) / 2
        width, height = self.width() - 2 * margin, self.height() - 1.0
        tallest = max(found.areas)
        low, span = math.log(found.edges[0]), math.log(found.edges[-1] / found.edges[0])

        def place(value: float) -> float:
            return margin + width * (math.log(max(value, found.edges[0])) - low) / span

        for left, right, area in zip(found.edges, found.edges[1:], found.areas):
            share = math.log1p(_CONTRAST * area / tallest) / math.log1p(_CONTRAST) if tallest else 0.0
            changed = right > self._threshold
            color = self._theme.accent if changed else thin(self._theme.ink, FAINT)
            bar = QRectF(place(left), height * (1 - share), place(right) - place(left), height * share)
            painter.fillRect(bar, color)
        painter.setPen(QPen(self._theme.ink, 1))
        painter.drawLine(QPointF(margin, height), QPointF(margin + width, height))
        at = place(min(self._threshold, found.edges[-1]))
        painter.drawLine(QPointF(at, 0), QPointF(at, height))
        painter.end()
