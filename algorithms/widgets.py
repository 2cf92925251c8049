"""The model chooser of Processing dialogs: the catalogue's ids, and any path typed instead.

QGIS's own combo box of suggestions cannot be typed into, and a model may be a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from processing.gui.wrappers import DIALOG_MODELER, WidgetWrapper, dialogTypes
from qgis.gui import QgsGui
from qgis.PyQt.QtWidgets import QComboBox, QWidget


class ModelWidget(WidgetWrapper):
    """An editable combo box; in the Model Designer QGIS's own widget for text."""

    def __new__(
        cls, param: Any, dialog: Any, row: int = 0, col: int = 0, models: Sequence[str] = ()
    ) -> Any:
        if dialogTypes.get(type(dialog).__name__) == DIALOG_MODELER:
            wrapper = QgsGui.processingGuiRegistry().createModelerParameterWidget(
                dialog.model, dialog.childId, param, dialog.context
            )
            wrapper.setDialog(dialog)
            return wrapper
        return super().__new__(cls)

    def createWidget(self, models: Sequence[str] = ()) -> QWidget:  # noqa: N802 - QGIS's name
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.addItems(list(models))
        box.setToolTip(self.parameterDefinition().help())
        box.currentTextChanged.connect(lambda: self.widgetValueHasChanged.emit(self))
        return box

    def setValue(self, value: Any) -> None:  # noqa: N802 - QGIS's name
        self.widget.setCurrentText("" if value is None else str(value))

    def value(self) -> str:
        return str(self.widget.currentText().strip())
