"""The looks of the dock in one place, mixed from the palette of QGIS and nothing else.

QGIS's dark themes are style sheets over a palette that keeps some light roles, so the ink is
taken from a label as it is really drawn. Everything else is that ink, thinned, and the
palette's highlight; thinned ink sits well on any paper.
"""

from __future__ import annotations

from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPalette
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QWidget

from . import icons

MUTED, FAINT, LINE, FILL = 0.72, 0.45, 0.24, 0.06

# Told apart at a glance, and by their shapes too; they stand out on light and on dark paper.
_SIGNALS = {"dock-ok": "#2f944b", "dock-warning": "#b9770a", "dock-error": "#d9463d"}

# Below any style sheet, Qt 6 makes spin boxes too low for their text.
_SHEET = """
QAbstractSpinBox {{ min-height: 1.15em; }}
QLabel[geofm="muted"] {{ color: {muted}; }}
QLabel[geofm="heading"] {{ font-weight: 600; }}
QFrame[geofm="card"] {{ background: {fill}; border: 1px solid {line}; border-radius: 4px; }}
QFrame[geofm="card"]:focus {{ border: 1px solid {accent}; }}
QFrame[geofm="drop"] {{ background: transparent; border: 1px dashed {faint}; border-radius: 4px; }}
QFrame[geofm="card"][open="true"], QFrame[dropping="true"] {{ border: 1px solid {accent}; }}
QFrame[geofm="rule"] {{ background: {line}; border: none; max-height: 1px; min-height: 1px; }}
QScrollArea[geofm="page"], QWidget[geofm="page"], QWidget[geofm="plain"] {{ background: transparent; }}
QPushButton[geofm="segment"] {{
    background: {fill}; border: 1px solid {line}; border-right: none;
    padding: 5px 1px; border-radius: 0px; margin: 0px; }}
QPushButton[geofm="segment"][place="first"] {{
    border-top-left-radius: 4px; border-bottom-left-radius: 4px; }}
QPushButton[geofm="segment"][place="last"] {{
    border-right: 1px solid {line}; border-top-right-radius: 4px; border-bottom-right-radius: 4px; }}
QPushButton[geofm="segment"]:hover {{ background: {line}; }}
QPushButton[geofm="segment"]:focus {{ border: 1px solid {accent}; }}
QPushButton[geofm="segment"]:checked {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
QPushButton[geofm="segment"]:checked:focus {{ border: 1px solid {ink}; }}
QPushButton[geofm="primary"] {{
    background: {accent}; color: {on_accent}; border: 1px solid {accent}; border-radius: 4px;
    padding: 5px 14px; font-weight: 600; }}
QPushButton[geofm="primary"]:focus {{ border: 1px solid {ink}; }}
QPushButton[geofm="primary"]:pressed {{ border: 2px solid {ink}; }}
QPushButton[geofm="primary"]:disabled {{ background: {fill}; color: {faint}; border: 1px solid {line}; }}
QPushButton[geofm="answer"] {{
    background: {fill}; border: 1px solid {line}; border-radius: 4px; padding: 4px 8px; text-align: left; }}
QPushButton[geofm="answer"]:hover {{ background: {line}; }}
QPushButton[geofm="answer"]:focus, QPushButton[geofm="answer"][given="true"] {{ border: 1px solid {accent}; }}
QPushButton[geofm="answer"][given="true"] {{ background: {line}; }}
QPushButton[geofm="answer"]:disabled {{ color: {faint}; }}
QToolButton[geofm="quiet"] {{
    background: transparent; border: 1px solid transparent; border-radius: 3px; padding: 2px; }}
QToolButton[geofm="quiet"]:hover {{ background: {line}; }}
QToolButton[geofm="quiet"]:focus {{ border: 1px solid {accent}; }}
QToolButton[geofm="quiet"]:checked {{ background: {accent}; }}
QToolButton[geofm="quiet"]:checked:focus {{ border: 1px solid {ink}; }}
QLineEdit[geofm="title"] {{
    background: transparent; color: {ink}; border: 1px solid transparent; border-radius: 3px; }}
QLineEdit[geofm="title"]:hover {{ border: 1px solid {line}; }}
QLineEdit[geofm="title"]:focus {{ border: 1px solid {accent}; }}
QToolButton[geofm="quiet"]::menu-indicator {{ image: none; width: 0px; }}
"""


def thin(color: QColor, alpha: float) -> QColor:
    """The same colour, less opaque."""
    result = QColor(color)
    result.setAlphaF(alpha)
    return result


def css(color: QColor) -> str:
    """A colour as a style sheet writes it."""
    return f"rgba({color.red()},{color.green()},{color.blue()},{color.alpha()})"


class Theme(QObject):
    """Colours, style sheet and icons of the dock; ``changed`` when QGIS changes its theme."""

    changed = pyqtSignal()

    def __init__(self, root: QWidget) -> None:
        super().__init__(root)
        self._probe = QLabel(root)
        self._probe.hide()
        self._icons: dict[str, QIcon] = {}
        self.ink = QColor()
        self.accent = QColor()
        self.on_accent = QColor()
        self.refresh()

    def refresh(self) -> None:
        """Look at the palette again; says ``changed`` only if it did."""
        self._probe.ensurePolished()
        palette = self._probe.palette()
        seen = (
            palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText),
            palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight),
            palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.HighlightedText),
        )
        if seen == (self.ink, self.accent, self.on_accent):
            return
        self.ink, self.accent, self.on_accent = seen
        self._icons.clear()
        self.changed.emit()

    def sheet(self) -> str:
        """The style sheet of everything below the dock."""
        mixed = {
            "ink": self.ink,
            "accent": self.accent,
            "on_accent": self.on_accent,
            "muted": thin(self.ink, MUTED),
            "faint": thin(self.ink, FAINT),
            "line": thin(self.ink, LINE),
            "fill": thin(self.ink, FILL),
        }
        return _SHEET.format(**{name: css(color) for name, color in mixed.items()})

    def icon(self, name: str) -> QIcon:
        """An icon in the present colours; how something ended has a colour of its own."""
        if name not in self._icons:
            ink = QColor(_SIGNALS[name]) if name in _SIGNALS else self.ink
            self._icons[name] = icons.icon(name, ink, thin(self.ink, FAINT), self.on_accent)
        return self._icons[name]

    def accent_icon(self, name: str) -> QIcon:
        """An icon for a button that is filled with the highlight."""
        return icons.icon(name, self.on_accent, thin(self.ink, FAINT), self.on_accent)

    def bind(self, button: QAbstractButton, name: str) -> None:
        """Give a button an icon that follows the theme for as long as the button lives."""
        button.setProperty("geofm_icon", name)
        button.setIcon(self._icon_for(button))

    def _icon_for(self, button: QAbstractButton) -> QIcon:
        name = str(button.property("geofm_icon"))
        return self.accent_icon(name) if button.property("geofm") == "primary" else self.icon(name)

    def redraw_icons(self, root: QWidget) -> None:
        """After a change of theme: draw the icon of every bound button below ``root`` anew."""
        for button in root.findChildren(QAbstractButton):
            if button.property("geofm_icon"):
                button.setIcon(self._icon_for(button))
