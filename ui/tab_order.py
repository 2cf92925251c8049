"""The Tab key goes through a column as the eye does: from top to bottom, from left to right."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QLayout,
    QLayoutItem,
    QToolButton,
    QWidget,
)

# Their parts belong to them.
_WHOLE = (QAbstractSpinBox, QComboBox)
_CELLS = (
    QFormLayout.ItemRole.LabelRole,
    QFormLayout.ItemRole.FieldRole,
    QFormLayout.ItemRole.SpanningRole,
)


def follow_layout(root: QWidget) -> None:
    """Put the widgets laid out below ``root`` in the order of their layouts.

    Qt goes by the order of creation: what is made later, as the chip of a new layer, would be
    reached last.
    """
    found = list(_stops(root.layout()))
    for before, after in zip(found, found[1:]):
        QWidget.setTabOrder(before, after)


def _stops(layout: QLayout) -> Iterator[QWidget]:
    """Everything in the layout at which Tab stops, hidden or not."""
    for item in _items(layout):
        widget = item.widget()
        if widget is not None and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield widget
        if isinstance(widget, QGroupBox):
            # QGIS's arrow that folds a box lies in its title, in no layout.
            yield from widget.findChildren(
                QToolButton, "collapseButton", Qt.FindChildOption.FindDirectChildrenOnly
            )
        inner = item.layout() if widget is None else widget.layout()
        if inner is not None and not isinstance(widget, _WHOLE):
            yield from _stops(inner)


def _items(layout: QLayout) -> Iterator[QLayoutItem]:
    """What a layout holds, from top to bottom: a form counts by the time at which its rows were added."""
    if isinstance(layout, QFormLayout):
        for at in range(layout.rowCount()):
            cells = (layout.itemAt(at, role) for role in _CELLS)
            yield from (cell for cell in cells if cell is not None)
    else:
        yield from (layout.itemAt(index) for index in range(layout.count()))
