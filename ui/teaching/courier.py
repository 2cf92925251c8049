"""One thread that may wait for the engine, so that the main thread never does."""

from __future__ import annotations

import queue
import traceback
from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import QThread, pyqtSignal

from ...inference.errors import GeoFMError, Internal

Errand = Callable[[], Any]


class Courier(QThread):
    """Does errands one after the other.

    ``returned`` is heard on the thread that made the courier, with the errand's value and its error,
    one of which is None.
    """

    returned = pyqtSignal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._errands: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()

    def send(self, errand: Errand) -> None:
        """Have a function called on the thread; it may raise GeoFMError."""
        self._errands.put(errand)

    def dismiss(self) -> None:
        """End the thread once it has done what it was sent for."""
        self._errands.put(None)

    def run(self) -> None:
        """The thread itself."""
        while (errand := self._errands.get()) is not None:
            value, error = None, None
            try:
                value = errand()
            except GeoFMError as known:
                error = known
            # The thread is where a defect would vanish without a word.
            except Exception as defect:
                error = Internal(str(defect) or type(defect).__name__, detail=traceback.format_exc())
            self.returned.emit(value, error)
