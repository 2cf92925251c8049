"""A person's hands and eyes in QGIS: real mouse and key events, pictures, and a watch."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qgis.PyQt.QtCore import QPoint, Qt, QTimer
from qgis.PyQt.QtWidgets import QComboBox, QScrollArea, QWidget
from qgis.utils import iface

PICTURES = Path(os.environ["STORY_PICTURES"])

Condition = Callable[[], Any]


class Heartbeat:
    """Measures how long the main thread was ever away, by a clock that ticks so often.

    ``longest`` in seconds of wall time, ``busiest`` in seconds of the thread's own processor time, which
    other programs do not lengthen as much.
    """

    def __init__(self, tick_ms: int = 20) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(tick_ms)
        self._timer.timeout.connect(self._beat)
        self.longest = self.busiest = 0.0
        self._last, self._worked = 0.0, 0.0

    def start(self) -> None:
        self.longest = self.busiest = 0.0
        self._last, self._worked = time.monotonic(), time.thread_time()
        self._timer.start()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """What the story does to QGIS itself is not counted, such as taking a picture of it."""
        self._beat()
        yield
        self._last, self._worked = time.monotonic(), time.thread_time()

    def stop(self) -> float:
        self._beat()
        self._timer.stop()
        return self.longest

    def _beat(self) -> None:
        now, worked = time.monotonic(), time.thread_time()
        self.longest = max(self.longest, now - self._last)
        self.busiest = max(self.busiest, worked - self._worked)
        self._last, self._worked = now, worked


def xdotool(*words: object) -> None:
    """Have the X server make real events; not waited for, they come through Qt's event loop."""
    subprocess.Popen(["xdotool", *map(str, words)])


def click(widget: QWidget, at: QPoint | None = None) -> None:
    """A left click in the middle of a widget."""
    place = widget.mapToGlobal(at or widget.rect().center())
    xdotool("mousemove", place.x(), place.y(), "sleep", 0.1, "click", 1)


def scroll_to(widget: QWidget) -> Iterator[Condition]:
    """Scroll what a widget lies in until it is seen."""
    around: Any = widget.parentWidget()
    while not isinstance(around, QScrollArea):
        around = around.parentWidget()
    around.ensureWidgetVisible(widget, 0, 60)
    yield pause(0.4)


def drag(widget: QWidget, path: list[QPoint]) -> None:
    """Press the left button, move along a path of places of a widget, and let go."""
    first, *others = (widget.mapToGlobal(place) for place in path)
    words: list[object] = ["mousemove", first.x(), first.y(), "sleep", 0.1, "mousedown", 1]
    for place in others:
        words += ["sleep", 0.05, "mousemove", place.x(), place.y()]
    xdotool(*words, "sleep", 0.1, "mouseup", 1)


def outline(widget: QWidget, corners: list[QPoint]) -> None:
    """Click corner after corner, and the right button at the last."""
    words: list[object] = []
    for place in map(widget.mapToGlobal, corners):
        words += ["mousemove", place.x(), place.y(), "sleep", 0.1, "click", 1, "sleep", 0.25]
    xdotool(*words, "sleep", 0.1, "click", 3)


def hold(key: str) -> None:
    """Press a key and keep it down; :func:`release` lets it go."""
    xdotool("keydown", key)


def release(key: str) -> None:
    xdotool("keyup", key)


def press(*keys: str) -> None:
    """Keys one after the other; one command, for two would race each other."""
    xdotool("key", "--clearmodifiers", "--delay", 80, *keys)


def pause(seconds: float) -> Condition:
    """A condition that is true a little later."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def drawn(seconds: float) -> Condition:
    """A condition that is true a little later, once the map is drawn: a picture would show it half done."""
    later = pause(seconds)
    return lambda: later() and not iface.mapCanvas().isDrawing()


def choose(combo: QComboBox, data: object) -> Iterator[Condition]:
    """Choose an entry by its data, as with the keyboard."""
    return _walk(combo, combo.findData(data))


def choose_text(combo: QComboBox, text: str) -> Iterator[Condition]:
    """Choose an entry by what it says, as with the keyboard."""
    return _walk(combo, combo.findText(text))


def _walk(combo: QComboBox, target: int) -> Iterator[Condition]:
    """Open a list by a click, and walk it by arrow keys."""
    assert target >= 0, [combo.itemText(index) for index in range(combo.count())]
    click(combo)
    yield lambda: combo.view().isVisible()
    press("Home", *["Down"] * target, "Return")
    yield lambda: not combo.view().isVisible() and combo.currentIndex() == target


def where(steps: Any) -> str:
    """Line numbers of a generator and of those it waits for."""
    lines = []
    while steps is not None:
        lines.append(str(steps.gi_frame.f_lineno))
        steps = steps.gi_yieldfrom
    return ", ".join(lines)


def picture(widget: QWidget, name: str) -> None:
    """Keep what a widget looks like."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    assert widget.grab().save(str(PICTURES / name))
