"""The plugin's icons, drawn in the colours of the theme so that they show on any of them."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtCore import QByteArray, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QIcon, QPainter, QPixmap
from qgis.PyQt.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "icons"
_SIZES = (16, 32, 64)
_INK = "currentColor"


def pixmap(name: str, color: QColor, side: int) -> QPixmap:
    """An icon in one colour, ``side`` device pixels wide and high.

    Raises:
        FileNotFoundError: if the plugin has no icon of that name.
    """
    text = (FOLDER / f"{name}.svg").read_text(encoding="utf-8").replace(_INK, color.name())
    image = QPixmap(side, side)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(color.alphaF())
    QSvgRenderer(QByteArray(text.encode("utf-8"))).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return image


def icon(name: str, normal: QColor, faded: QColor, chosen: QColor) -> QIcon:
    """An icon for a button: normal, faded where disabled, ``chosen`` where it is switched on."""
    result = QIcon()
    for side in _SIZES:
        for color, mode, state in (
            (normal, QIcon.Mode.Normal, QIcon.State.Off),
            (faded, QIcon.Mode.Disabled, QIcon.State.Off),
            (chosen, QIcon.Mode.Normal, QIcon.State.On),
            (chosen, QIcon.Mode.Selected, QIcon.State.Off),
        ):
            result.addPixmap(pixmap(name, color, side), mode, state)
    return result
