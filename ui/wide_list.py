"""The list of a narrow combo box opens as wide as its longest entry, however narrow the box is."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QObject
from qgis.PyQt.QtWidgets import QComboBox

# What can open the list of a combo box.
_OPENS = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress)
# In pixels: the scroll bar of a long list, beside the words, and as much of a screen as a list may take.
_BAR = 24
_WIDEST = 640


class WideList(QObject):
    """Watches over a combo box: ``combo.installEventFilter(WideList(combo))``."""

    def eventFilter(self, combo: QObject, event: QEvent) -> bool:
        # Before the list is shown: where it comes to lie is decided with its width.
        if event.type() in _OPENS and isinstance(combo, QComboBox):
            view = combo.view()
            view.setMinimumWidth(min(view.sizeHintForColumn(0) + _BAR, _WIDEST))
        return False
