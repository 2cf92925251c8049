"""A teaching session of the engine as the dock uses it: the main thread asks, one other thread waits.

Labels, what the map shows and what the preview shall look like are set here at any time; what follows
from them is asked for in an order in which the newest counts and a person never waits for what nobody
looks at: labels and preview first, then what was asked by a button, then the features of what the map
shows, then those around it.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from qgis.core import QgsProcessingFeedback, QgsProcessingUtils
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...inference.client import Progress
from ...inference.errors import Cancelled, Crashed, GeoFMError, InvalidRequest, present
from ...inference.jobs import ClassInfo
from ...inference.teaching import Encoded, Label, Labelled, Opened, Preview, Teaching
from .courier import Courier, Errand
from .lesson import TRANSITIONS, Lesson, Look, Stage, StageError
from .preview import hatch
from .sight import Sight

# How long the engine works on features before it listens again: longer where a person waits for them
# anyway, shorter where a click may come at any time.
_VISIBLE_SLICE_MS, _AROUND_SLICE_MS = 200, 50
# After this long without a click or a movement there is time for what lies around the map.
_CALM_MS = 500
# A moving map: ask when it rests. While features come, the preview grows this often.
_REST_MS, _GROW_S = 120, 0.8
_PATIENCE_MS = 15_000
_POLITE_MS = 1_000


@dataclass(frozen=True)
class Asked:
    """A call that somebody waits for, and where its answer goes."""

    call: Callable[[Teaching], Any]
    then: Callable[[Any], object]
    otherwise: Callable[[GeoFMError], object]


@dataclass(frozen=True)
class _UnderWay:
    """What the courier was sent for: what to do with its value, or its error."""

    then: Callable[[Any], object]
    otherwise: Callable[[GeoFMError], object]
    asked: Asked | None = None


class Live(QObject):
    """One session at a time. Lives on the main thread, which it never holds up.

    ``began``: a session is open, here or anew. ``changed``: stage, progress or words may differ.
    ``previewed``: a new :class:`Preview` is there. ``labelled``: what the labels came to.
    """

    began = pyqtSignal()
    changed = pyqtSignal()
    previewed = pyqtSignal(object)
    labelled = pyqtSignal(object)
    _told = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stage = Stage.CLOSED
        self.opened: Opened | None = None
        self.error: GeoFMError | None = None
        self.encoded: Encoded | None = None
        self.preview: Preview | None = None
        self.folder = ""
        self._held = False
        self._lesson: Lesson | None = None
        self._labels: dict[str, Label] = {}
        self._classes: tuple[ClassInfo, ...] = ()
        self._sight: Sight | None = None
        self._look = Look()
        # Of sessions that have ended here: a thread that still runs must not be forgotten.
        self._leaving: list[tuple[Courier, Teaching | None]] = []
        self._forget()
        self._told.connect(self._on_told)
        self._rest = self._timer(_REST_MS, self._next)
        self._calm = self._timer(_CALM_MS, self._next)
        self._soon = self._timer(0, self._next)

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _forget(self) -> None:
        """Nothing is known of a session."""
        self._courier: Courier | None = None
        self._feedback = QgsProcessingFeedback()
        self._teaching: Teaching | None = None
        self._under_way: _UnderWay | None = None
        self._asked: deque[Asked] = deque()
        self._told_labels: dict[str, Label] = {}
        self._told_classes: tuple[ClassInfo, ...] = ()
        self._changed = True
        self._due = True
        self._retried = False
        self._grown = 0.0
        self._count = 0
        self.progress: Progress | None = None
        self.opened = self.error = self.encoded = self.preview = None

    # --- what others say ----------------------------------------------------------------------

    def open(self, lesson: Lesson) -> None:
        """Begin a session, in place of the present one; labels that were set are sent to it."""
        self.close()
        self._lesson = lesson
        self.folder = tempfile.mkdtemp(prefix="geofm-teach-", dir=QgsProcessingUtils.tempFolder())
        self._courier = Courier()
        self._courier.returned.connect(self._on_returned)
        self._courier.start()
        self._begin()

    def refuse(self, error: GeoFMError) -> None:
        """Say why there cannot be a session."""
        self._enter(Stage.OPENING)
        self._fail(error)

    def close(self, wait: bool = False) -> None:
        """End the session and remove its files.

        Args:
            wait: also for the thread's end, as before this object goes.
        """
        courier, teaching, folder = self._courier, self._teaching, self.folder
        if courier is None:
            self.error = None
            self._enter(Stage.CLOSED)
            self._await(wait)
            return
        for timer in (self._rest, self._calm, self._soon):
            timer.stop()
        courier.returned.disconnect(self._on_returned)
        self._feedback.cancel()
        self._forget()
        self.folder = ""
        if teaching is not None:
            teaching.cancel()
            courier.send(teaching.close)
        courier.send(lambda: shutil.rmtree(folder, ignore_errors=True))
        courier.dismiss()
        self._leaving = [one for one in self._leaving if not one[0].isFinished()]
        self._leaving.append((courier, teaching))
        self._enter(Stage.CLOSED)
        self._await(wait)

    def _await(self, wait: bool) -> None:
        """Wait for the threads that still close their sessions, not forever."""
        for courier, teaching in self._leaving if wait else ():
            if not courier.wait(_POLITE_MS):
                if teaching is not None:
                    teaching.cancel()
                courier.wait(_PATIENCE_MS)

    def teach(self, classes: Sequence[ClassInfo], labels: Mapping[str, Label]) -> None:
        """Say what the classes and all labels are now; what differs is sent."""
        self._classes, self._labels = tuple(classes), dict(labels)
        self._changed = True
        self._soon.start()

    def watch(self, sight: Sight | None) -> None:
        """Say what the map shows of the raster; the preview follows when it rests."""
        if sight != self._sight:
            self._sight, self._due, self.encoded = sight, True, None
            self._rest.start()
            if self.stage in (Stage.READY, Stage.ENCODING):
                self._enter(Stage.READY if sight is None else Stage.ENCODING)

    def show(self, look: Look) -> None:
        """Say what the preview shall look like."""
        if look != self._look:
            self._look, self._due = look, True
            self._soon.start()

    def ask(
        self,
        call: Callable[[Teaching], Any],
        then: Callable[[Any], object],
        otherwise: Callable[[GeoFMError], object],
    ) -> None:
        """Call the session on the other thread as soon as it is free; the answer comes back here."""
        self._asked.append(Asked(call, then, otherwise))
        self.changed.emit()
        self._soon.start()

    def told(self, progress: Progress) -> None:
        """Pass on how far an asked call is; may be called from any thread."""
        self._told.emit(progress)

    def hold(self, held: bool) -> None:
        """Ask nothing for a while: the engine is busy with a run, or nobody looks."""
        self._held = held
        if not held:
            self._soon.start()

    @property
    def asking(self) -> bool:
        """Whether somebody waits for an asked call."""
        under_way = self._under_way
        return bool(self._asked) or (under_way is not None and under_way.asked is not None)

    # --- what is asked next -------------------------------------------------------------------

    def _begin(self) -> None:
        self._enter(Stage.OPENING)
        lesson, folder, feedback = present(self._lesson), self.folder, self._feedback

        def errand() -> Teaching:
            if self._teaching is None:
                self._teaching = lesson.teaching(folder, feedback)
            self._teaching.start(self._told.emit)
            return self._teaching

        self._send(errand, _UnderWay(self._on_opened, self._fail))

    def _next(self) -> None:
        """Send the courier for what matters most, if it is here."""
        teaching = self._teaching
        if self._held or self._under_way or self.stage not in (Stage.ENCODING, Stage.READY):
            return
        teaching = present(teaching)
        if self._changed or (self._due and not self._rest.isActive()):
            self._teach(teaching)
        elif self._asked:
            asked = self._asked.popleft()
            self._send(lambda: asked.call(teaching), _UnderWay(asked.then, asked.otherwise, asked))
            self.changed.emit()
        elif self._sight is not None and not self._rest.isActive():
            self._encode(teaching, self._sight)

    def _teach(self, teaching: Teaching) -> None:
        """The labels that differ, and the preview of what they teach."""
        changed, self._changed = self._changed, False
        before, now, classes = self._told_labels, self._labels, self._classes
        told = before, self._told_classes
        new = [label for key, label in now.items() if before.get(key) != label] if changed else []
        gone = [key for key in before if key not in now] if changed else []
        differs = bool(new or gone or classes != self._told_classes)
        sight, look = self._sight, self._look
        wanted, self._due = sight is not None and (self._due or differs), False
        if not (differs or wanted):
            self._soon.start()
            return
        self._told_labels, self._told_classes = now, classes
        self._count += 1
        path = f"{self.folder}/preview-{self._count}.tif"

        def errand() -> tuple[Labelled | None, Preview | None]:
            labelled = teaching.label(classes, new, gone) if differs else None
            return labelled, _previewed(teaching, sight, look, path) if sight is not None else None

        refused = partial(self._on_refused, *told)
        self._send(errand, _UnderWay(self._on_taught, refused))
        if differs:
            self._calm.start()

    def _encode(self, teaching: Teaching, sight: Sight) -> None:
        known = self.encoded
        if known is not None and known.done:
            return
        seen = known is not None and known.visible_done >= known.visible_total
        if seen and self._calm.isActive():
            return
        length = _AROUND_SLICE_MS if seen else _VISIBLE_SLICE_MS

        def errand() -> tuple[Sight, Encoded]:
            return sight, teaching.encode(sight.extent, length)

        self._send(errand, _UnderWay(self._on_encoded, self._fail))

    def _send(self, errand: Errand, under_way: _UnderWay) -> None:
        self._under_way = under_way
        present(self._courier).send(errand)

    # --- what came back -----------------------------------------------------------------------

    def _on_returned(self, value: Any, error: GeoFMError | None) -> None:
        ended, self._under_way, self.progress = self._under_way, None, None
        ended = present(ended)
        if self._teaching is not None and self._teaching.opened is not None:
            # The session may have been opened again under another name.
            self.opened = self._teaching.opened
        if error is None:
            self._retried = False
            ended.then(value)
        elif isinstance(error, (Crashed, Cancelled)) and not self._retried:
            # The engine was killed or restarted: the session is opened again, its labels are kept.
            self._retried = self._due = True
            if ended.asked is not None:
                self._asked.appendleft(ended.asked)
            self._begin()
        else:
            ended.otherwise(error)
        self.changed.emit()
        self._soon.start()

    def _on_opened(self, teaching: Teaching) -> None:
        self.opened = teaching.opened
        self.encoded = None
        self._enter(Stage.ENCODING if self._sight is not None else Stage.READY)
        self.began.emit()

    def _on_taught(self, answer: tuple[Labelled | None, Preview | None]) -> None:
        labelled, preview = answer
        if labelled is not None:
            self.error = None
            if labelled.waiting:
                # Their features are to be made too, wherever they lie.
                self.encoded = None
            self.labelled.emit(labelled)
        if preview is not None:
            self._grown = time.monotonic()
            self.preview = preview
            self.previewed.emit(preview)
        self.changed.emit()

    def _on_encoded(self, answer: tuple[Sight, Encoded]) -> None:
        sight, encoded = answer
        if sight != self._sight:
            return
        before, self.encoded = self.encoded, encoded
        seen = encoded.visible_done >= encoded.visible_total
        more = before is None or encoded.visible_done > before.visible_done
        counted = self.preview is not None and encoded.waiting < self.preview.waiting
        late = time.monotonic() - self._grown > _GROW_S
        if counted or (more and (late or seen)):
            self._due = True
        self._enter(Stage.READY if seen else Stage.ENCODING)
        self.changed.emit()

    def _on_refused(
        self, labels: dict[str, Label], classes: tuple[ClassInfo, ...], error: GeoFMError
    ) -> None:
        """A label that cannot be understood ends nothing: what was sent with it is sent with the next."""
        self._told_labels, self._told_classes = labels, classes
        if not isinstance(error, InvalidRequest):
            self._fail(error)
            return
        self.error = error
        self.changed.emit()

    def _fail(self, error: GeoFMError) -> None:
        self.error = error
        self._enter(Stage.FAILED)

    def _on_told(self, progress: Progress) -> None:
        if self._under_way is not None:
            self.progress = progress
            self.changed.emit()

    def _enter(self, stage: Stage) -> None:
        if stage is self.stage:
            return
        if stage not in TRANSITIONS[self.stage]:
            raise StageError(f"{self.stage.value} -> {stage.value}")
        self.stage = stage
        self.changed.emit()


def _previewed(teaching: Teaching, sight: Sight, look: Look, path: str) -> Preview:
    """The map of what is seen, its file as the layer shows it."""
    preview = teaching.preview(
        sight.extent,
        sight.width,
        sight.height,
        path,
        least_confidence=look.least_confidence,
        novelty=look.novelty,
    )
    if preview.path and look.novelty:
        hatch(preview, sight.width)
    return preview
