"""Where GeoFM's data lie: the field of the set-up's options, and what is said of it."""

from __future__ import annotations

import os

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from ..algorithms.text import tr
from ..inference import places
from ..inference.environment import homes
from .path_field import FOLDER, path_field
from .widgets import column, muted


class DataFolderField(QWidget):
    """Shows the data folder and takes another one; ``chosen`` tells a path, empty for the usual place."""

    chosen = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self.field = path_field(FOLDER, tr("The folder for the engine, models and all else that GeoFM keeps"))
        self.note = muted()
        layout = column(self, spacing=2)
        layout.addWidget(self.field)
        layout.addWidget(self.note)
        self.setFocusProxy(self.field)
        self._tip = self.field.toolTip()
        self._shown = ""
        self.field.fileChanged.connect(self._on_changed)
        self.field.lineEdit().editingFinished.connect(self._on_finished)

    def show_place(self, chosen: str, note: str, free: bool) -> None:
        """Show what counts.

        Args:
            chosen: what the person chose; empty for the usual place.
            note: what is said of it.
            free: whether another one can be chosen now.
        """
        variable = places.home_of_variable()
        line = self.field.lineEdit()
        line.setPlaceholderText(str(places.default_home()))
        self.field.setEnabled(free and not variable)
        # The field shows the end of a long path.
        self.field.setToolTip("\n".join(filter(None, [self._tip, variable or chosen])))
        fixed = tr("The variable GEOFM_HOME says where: there it is changed.")
        self.note.setText(fixed if variable else note)
        self.note.setVisible(bool(self.note.text()))
        if (variable or chosen) != self._shown:
            self._shown = variable or chosen
            self.field.setFilePath(self._shown)

    def _on_changed(self, path: str) -> None:
        # Whoever types is not done yet; the dialog is.
        if not self.field.lineEdit().isModified():
            self._take(path)

    def _on_finished(self) -> None:
        self.field.lineEdit().setModified(False)
        self._take(self.field.filePath())

    def _take(self, path: str) -> None:
        path = path.strip()
        if path != self._shown:
            self._shown = path
            self.chosen.emit(os.path.expanduser(path))


def stays(old: str, kinds: tuple[str, ...]) -> str:
    """That what lies in the former data folder is still there; empty if nothing does."""
    named = [_names()[kind] for kind in kinds]
    if not named:
        return ""
    return tr("In {} stay: {}. Choose that folder again to use them.").format(old, ", ".join(named))


def refused(fault: homes.Fault) -> str:
    """Why a folder was not taken."""
    return tr("{} {} The former folder goes on being used.").format(*fault)


def _names() -> dict[str, str]:
    return {
        "engines": tr("the engine"),
        "models": tr("models and classifiers"),
        "labels": tr("labels"),
        "areas": tr("areas"),
        "runs": tr("unfinished runs"),
        "encodings": tr("kept encodings"),
    }
