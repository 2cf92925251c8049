"""A folder of dates -> a group of layers, each with the day that QGIS's temporal controller shows it on."""

from __future__ import annotations

import datetime
import os

from qgis.core import Qgis, QgsApplication, QgsDateTimeRange, QgsRasterLayer
from qgis.PyQt.QtCore import QDate, QDateTime, QObject, Qt, QTime
from qgis.PyQt.QtWidgets import QWidget

from ..algorithms.series import Folder, read_folder
from ..algorithms.text import tr
from ..inference.errors import GeoFMError
from .desk import Desk
from .layer_set import Role
from .state import Notice, Outcome, Phase
from .tasks import CallTask
from .widgets import ask_for_folder

_PATIENCE_MS = 5_000


class SeriesFolder(QObject):
    """Asks for a folder and makes the layers in use of it; the files are looked at off the main thread."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._task: CallTask | None = None

    def ask(self, owner: QWidget) -> None:
        """Let the user choose the folder."""
        ask_for_folder(owner, tr("Folder of rasters of many dates"), self.open_folder)

    def open_folder(self, path: str) -> None:
        """Look at the files of a folder, and add those that say their dates."""
        self._task = CallTask(tr("Dates of {}").format(path), lambda report, cancelled: read_folder(path))
        self._task.succeeded.connect(lambda found: self._on_read(path, found))
        self._task.failed.connect(self._on_failed)
        QgsApplication.taskManager().addTask(self._task)

    def close(self) -> None:
        """Forget a folder that is still being read."""
        if self._task is not None:
            task, self._task = self._task, None
            task.let_go(_PATIENCE_MS)

    def _on_read(self, path: str, found: Folder) -> None:
        self._task = None
        name = os.path.basename(os.path.normpath(path))
        layers = [made for made in (_layer(file, day) for file, day in found.files) if made.isValid()]
        group = self._desk.project.layerTreeRoot().insertGroup(0, name)
        group.setExpanded(False)
        for layer in reversed(layers):
            self._desk.project.addMapLayer(layer, False)
            group.addLayer(layer).setExpanded(False)
        self._desk.layers.set(Role.INPUT, layers)
        sentence = tr("{} dates of {}, {} to {}").format(
            len(layers), name, found.files[0][1].isoformat(), found.files[-1][1].isoformat()
        )
        self._say(Notice(Outcome.DONE, sentence, "\n".join(found.warnings())))

    def _on_failed(self, error: GeoFMError) -> None:
        self._task = None
        self._say(Notice(Outcome.FAILED, error.message, error.hint, error.detail))

    def _say(self, notice: Notice) -> None:
        # What a run says while it runs is not talked over.
        if self._desk.model.phase is Phase.READY:
            self._desk.model.set_notice(notice)


def _layer(path: str, day: datetime.date) -> QgsRasterLayer:
    layer = QgsRasterLayer(path, f"{day.isoformat()} {os.path.splitext(os.path.basename(path))[0]}")
    begin = QDateTime(QDate(day.year, day.month, day.day), QTime(0, 0), Qt.TimeSpec.UTC)
    times = layer.temporalProperties()
    times.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
    times.setFixedTemporalRange(QgsDateTimeRange(begin, begin.addDays(1), True, False))
    times.setIsActive(True)
    return layer
