"""As much of ``qgis.gui`` as the panels are made of, as plain widgets of PyQt6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PyQt6.QtCore import QRectF, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import (
    QComboBox,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QWidget,
)
from stand_in_core import Member, Named, QgsCoordinateReferenceSystem, QgsRectangle


class _Meta(Named, type(QWidget)):  # type: ignore[misc]
    pass


class _Quiet:
    """Takes what QGIS's widget could be told and a plain one does not know."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("set"):
            raise AttributeError(f"The stand-in of {type(self).__name__} has no {name}.")
        return lambda *_: None


class QgsMapCanvas(_Quiet, QGraphicsView, metaclass=_Meta):
    extentsChanged = pyqtSignal()
    renderComplete = pyqtSignal(object)
    mapCanvasRefreshed = pyqtSignal()
    mapToolSet = pyqtSignal(object, object)
    destinationCrsChanged = pyqtSignal()
    layersChanged = pyqtSignal()
    currentLayerChanged = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__(QGraphicsScene())

    def extent(self) -> QgsRectangle:
        return QgsRectangle()

    def mapSettings(self) -> Any:
        return self

    def destinationCrs(self) -> QgsCoordinateReferenceSystem:
        return QgsCoordinateReferenceSystem()

    def layers(self) -> list[object]:
        return []

    def mapTool(self) -> None:
        return None

    def unsetMapTool(self, tool: object) -> None:
        pass


class QgsMessageBar(_Quiet, QWidget):
    widgetAdded = pyqtSignal(object)
    widgetRemoved = pyqtSignal(object)

    def popWidget(self, item: object) -> bool:
        return True


class QgsMapTool(_Quiet, QWidget, metaclass=_Meta):
    activated = pyqtSignal()
    deactivated = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__()
        self._canvas = canvas

    def canvas(self) -> QgsMapCanvas:
        return self._canvas


class QgsMapCanvasItem(QGraphicsItem, metaclass=_Meta):
    def boundingRect(self) -> QRectF:
        return QRectF()


class QgsRubberBand(_Quiet, QgsMapCanvasItem, metaclass=_Meta):
    def __init__(self, canvas: QgsMapCanvas, kind: object = None) -> None:
        super().__init__()

    def reset(self, kind: object = None) -> None:
        pass


class QgsMapLayerComboBox(_Quiet, QComboBox, metaclass=_Meta):
    layerChanged = pyqtSignal(object)

    def setAllowEmptyLayer(self, allowed: bool, text: str = "") -> None:
        self.setPlaceholderText(text)

    def filters(self) -> Member:
        return Member("filters")

    def currentLayer(self) -> None:
        return None


class QgsFieldComboBox(_Quiet, QComboBox, metaclass=_Meta):
    fieldChanged = pyqtSignal(str)

    def layer(self) -> None:
        return None

    def currentField(self) -> str:
        return ""


class QgsFieldExpressionWidget(_Quiet, QLineEdit, metaclass=_Meta):
    fieldChanged = pyqtSignal(str)

    def expression(self) -> str:
        return self.text()

    def layer(self) -> None:
        return None


class QgsColorButton(_Quiet, QToolButton, metaclass=_Meta):
    colorChanged = pyqtSignal(QColor)

    def setColor(self, color: QColor) -> None:
        self.setStyleSheet(f"background: {color.name()}")


class QgsFileWidget(_Quiet, QWidget, metaclass=_Meta):
    fileChanged = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QLineEdit()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line)
        layout.addWidget(QToolButton())

    def lineEdit(self) -> QLineEdit:
        return self._line

    def filePath(self) -> str:
        return self._line.text()

    def setFilePath(self, path: str) -> None:
        self._line.setText(path)


class QgsCollapsibleGroupBox(_Quiet, QGroupBox, metaclass=_Meta):
    collapsedStateChanged = pyqtSignal(bool)

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._collapsed = False

    def setCollapsed(self, collapsed: bool) -> None:
        """Its contents are hidden, and it is as high as its title."""
        self._collapsed = collapsed
        for child in self.findChildren(QWidget):
            if child.parent() is self:
                child.setVisible(not collapsed)
        self.setMaximumHeight(24 if collapsed else 16777215)
        self.collapsedStateChanged.emit(collapsed)

    def isCollapsed(self) -> bool:
        return self._collapsed


def members() -> Iterator[tuple[str, Any]]:
    """All that is written out here, by name."""
    for name, value in globals().items():
        if name.startswith("Qgs"):
            yield name, value


