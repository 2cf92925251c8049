"""Work on many labels: on a thread of its own, so that the map goes on, with a way to give it up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QPushButton, QWidget

from ...algorithms.label_tables import Watch
from ...algorithms.text import tr
from ...inference.errors import Cancelled, GeoFMError
from ..texts import grouped
from ..widgets import ElidedLabel, row
from .courier import Courier


class Bulk(QObject):
    """One such work at a time. Main thread, but for what it is given to do.

    Signals:
        progressed: what is done and how many labels of it are; empty when it has ended.
    """

    progressed = pyqtSignal(str)
    _told = pyqtSignal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._then: Callable[[Any], object] | None = None
        self._otherwise: Callable[[GeoFMError], object] | None = None
        self._courier: Courier | None = None
        self._given_up = threading.Event()
        self._told.connect(self._on_told)

    @property
    def busy(self) -> bool:
        """Whether there is work under way."""
        return self._then is not None

    def begin(
        self,
        title: str,
        work: Callable[[Watch], Any],
        then: Callable[[Any], object],
        otherwise: Callable[[GeoFMError], object],
    ) -> None:
        """Have something done; one of the two is called here when it has ended.

        Args:
            title: with a place for the number of labels.
            work: calls its argument now and then, and leaves nothing behind where that raises.
        """
        self._title, self._then, self._otherwise = title, then, otherwise
        self._given_up = given_up = threading.Event()

        def watch(count: int) -> None:
            if given_up.is_set():
                raise Cancelled(tr("Cancelled; the labels are as they were."))
            self._told.emit(count)

        if self._courier is not None:
            self._courier.wait()
        self._courier = Courier()
        self._courier.returned.connect(self._on_returned)
        self._courier.start()
        self._courier.send(lambda: work(watch))
        self._courier.dismiss()
        self._on_told(0)

    def cancel(self) -> None:
        """Give up what is under way."""
        self._given_up.set()

    def close(self) -> None:
        """Give up what is under way and wait for its end; nobody hears of it."""
        self.cancel()
        self._then = None
        if self._courier is not None:
            self._courier.wait()

    def _on_told(self, count: int) -> None:
        if self.busy:
            self.progressed.emit(self._title.format(grouped(count)))

    def _on_returned(self, value: Any, error: GeoFMError | None) -> None:
        then, otherwise, self._then = self._then, self._otherwise, None
        if then is None or otherwise is None:
            return
        self.progressed.emit("")
        if error is not None:
            otherwise(error)
        else:
            then(value)


class BulkLine(QWidget):
    """What is under way and a button that gives it up; out of sight while there is nothing."""

    def __init__(self, bulk: Bulk) -> None:
        super().__init__()
        self.setProperty("geofm", "plain")
        self.words = ElidedLabel()
        self.words.setProperty("geofm", "muted")
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setToolTip(tr("Give it up; the labels stay as they were"))
        self.cancel.clicked.connect(bulk.cancel)
        line = row(self)
        line.addWidget(self.words, 1)
        line.addWidget(self.cancel)
        bulk.progressed.connect(self._show)
        self._show("")

    def _show(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.setVisible(bool(sentence))
