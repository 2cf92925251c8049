"""What was taught as a file: saved among the user's models, and mapped with elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QPushButton, QWidget

from ...algorithms.text import tr
from ...inference import places
from ...inference.cards import CLASSIFIER_SUFFIX
from ...inference.errors import GeoFMError
from ...inference.teaching import Saved
from ..desk import Desk
from ..requests import free_path
from ..task_page import file_name
from ..widgets import column, muted, row
from .live import Live


class Keeping(QWidget):
    """Two buttons and what came of the first.

    Args:
        title: answers the name for the next file.
    """

    def __init__(self, desk: Desk, live: Live, title: Callable[[], str]) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self._desk, self._live, self._title = desk, live, title
        self._kept = ""
        self.save = QPushButton(tr("Save classifier"))
        self.save.setToolTip(tr("Keep it among your models, to map with, to share and to teach on"))
        desk.theme.bind(self.save, "dock-download")
        self.save.clicked.connect(lambda: self.keep(self._on_saved, self._on_failed))
        self.also = QPushButton(tr("Also map…"))
        self.also.setToolTip(tr("Save it, and choose many images to map with it"))
        desk.theme.bind(self.also, "dock-dialog")
        self.also.clicked.connect(lambda: self.keep(self._map_many, self._on_failed))
        self.words = muted()
        buttons = row()
        buttons.addWidget(self.save, 1)
        buttons.addWidget(self.also, 1)
        layout = column(self, spacing=3)
        layout.addLayout(buttons)
        layout.addWidget(self.words)
        live.began.connect(self._forget)
        live.labelled.connect(self._forget)
        self._say("")

    def set_ready(self, ready: bool) -> None:
        """Whether there is something to keep."""
        self.save.setEnabled(ready)
        self.also.setEnabled(ready)

    def keep(self, then: Callable[[str], object], fail: Callable[[GeoFMError], object]) -> None:
        """Have the classifier written, unless nothing was taught since the last time.

        Args:
            then: gets the path of its file.
            fail: gets what went wrong.
        """
        if self._kept and Path(self._kept).is_file():
            then(self._kept)
            return
        title = self._title()
        folder = Path(places.home_models())
        folder.mkdir(parents=True, exist_ok=True)
        path = free_path(str(folder), file_name(title), CLASSIFIER_SUFFIX)

        def written(saved: Saved) -> None:
            self._kept = saved.path
            self._desk.shelf.refresh()
            then(saved.path)

        self._live.ask(lambda teaching: teaching.save(path, title, self._live.told), written, fail)

    def _map_many(self, path: str) -> None:
        """QGIS's own dialog over many images, with the classifier in place; not modal."""
        import processing

        self._on_saved(path)
        dialog = processing.createAlgorithmDialog("geofm:classifymany", {"CLASSIFIER": path})
        if dialog is not None:
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.show()

    def _on_saved(self, path: str) -> None:
        self._say(tr("Saved as {}.").format(Path(path).name))

    def _on_failed(self, error: GeoFMError) -> None:
        self._say(str(error))

    def _forget(self, *_: object) -> None:
        """What is kept is no longer what is taught."""
        self._kept = ""
        self._say("")

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))
