"""A field for the path of a file or folder, with QGIS's button for choosing it."""

from __future__ import annotations

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QToolButton

from ..algorithms.text import tr

FILE, FOLDER = QgsFileWidget.StorageMode.GetFile, QgsFileWidget.StorageMode.GetDirectory


def path_field(mode: QgsFileWidget.StorageMode, tip: str, kinds: str = "") -> QgsFileWidget:
    """A field of a path.

    Args:
        mode: FILE or FOLDER.
        tip: what it is for.
        kinds: of files, as Qt's dialogs take them.
    """
    field = QgsFileWidget()
    field.setStorageMode(mode)
    field.setFilter(kinds)
    field.setDialogTitle(tip)
    field.setToolTip(tip)
    field.lineEdit().setToolTip(tip)
    for button in field.findChildren(QToolButton):
        button.setToolTip(tr("Choose: {}").format(tip))
    return field
