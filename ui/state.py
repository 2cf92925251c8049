"""What the dock knows: one model of states with signals. Widgets only bind to it.

Every change of :class:`Phase` goes through :data:`TRANSITIONS`, so that no widget can leave
the dock in a state that no other part expects. Main thread only.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from qgis.PyQt.QtCore import QObject, pyqtSignal

LOG_LINES = 2000


class Page(Enum):
    """The pages of the dock, by the name that settings remember."""

    MAP = "map"
    TEACH = "teach"
    CHANGE = "change"
    MODELS = "models"


class Phase(Enum):
    """What the dock is doing."""

    SETUP_NEEDED = "setup_needed"
    SETTING_UP = "setting_up"
    READY = "ready"
    RUNNING = "running"
    CANCELLING = "cancelling"


TRANSITIONS: dict[Phase, frozenset[Phase]] = {
    Phase.SETUP_NEEDED: frozenset({Phase.SETTING_UP, Phase.READY}),
    Phase.SETTING_UP: frozenset({Phase.READY, Phase.SETUP_NEEDED}),
    Phase.READY: frozenset({Phase.RUNNING, Phase.SETUP_NEEDED, Phase.SETTING_UP}),
    Phase.RUNNING: frozenset({Phase.READY, Phase.CANCELLING}),
    Phase.CANCELLING: frozenset({Phase.READY}),
}


class Outcome(Enum):
    """How the last run ended."""

    NONE = "none"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class TransitionError(RuntimeError):
    """A defect of the dock: a phase was left for one that cannot follow it."""


@dataclass(frozen=True)
class Progress:
    """How far the run is.

    Attributes:
        percent: 0 to 100, or None while nothing can be said.
        stage: a few words on what happens now.
        seconds_left: an estimate, or None while there is none.
        amount: how much of how much in words, ``312 of 780 MB``; where it says more than the percentage.
    """

    percent: float | None = None
    stage: str = ""
    seconds_left: float | None = None
    amount: str = ""


@dataclass(frozen=True)
class Notice:
    """The end of a run in words.

    Attributes:
        outcome: how it ended.
        sentence: what happened, one sentence.
        hint: what to do about it, may be empty.
        detail: a traceback or log tail; shown on request.
        facts: short lines worth showing (accuracy, areas, device), best first.
        report: path of an HTML report, empty if there is none.
    """

    outcome: Outcome = Outcome.NONE
    sentence: str = ""
    hint: str = ""
    detail: str = ""
    facts: tuple[str, ...] = ()
    report: str = ""


class DockModel(QObject):
    """Page, phase, progress, notice and log of the dock."""

    page_changed = pyqtSignal(object)
    phase_changed = pyqtSignal(object)
    progress_changed = pyqtSignal(object)
    notice_changed = pyqtSignal(object)
    logged = pyqtSignal(str)

    def __init__(self, page: Page, phase: Phase, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self._phase = phase
        self._progress = Progress()
        self._notice = Notice()
        self._log: deque[str] = deque(maxlen=LOG_LINES)

    @property
    def page(self) -> Page:
        return self._page

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def progress(self) -> Progress:
        return self._progress

    @property
    def notice(self) -> Notice:
        return self._notice

    @property
    def busy(self) -> bool:
        """Whether something runs that Cancel can stop or that is stopping."""
        return self._phase in (Phase.RUNNING, Phase.CANCELLING, Phase.SETTING_UP)

    def log_text(self) -> str:
        """The log of the last run, one entry a line."""
        return "\n".join(self._log)

    def show(self, page: Page) -> None:
        """Turn to a page."""
        if page is not self._page:
            self._page = page
            self.page_changed.emit(page)

    def enter(self, phase: Phase) -> None:
        """Change the phase.

        Raises:
            TransitionError: if the new phase cannot follow the present one.
        """
        if phase is self._phase:
            return
        if phase not in TRANSITIONS[self._phase]:
            raise TransitionError(f"{self._phase.value} -> {phase.value}")
        self._phase = phase
        if phase in (Phase.RUNNING, Phase.SETTING_UP):
            self._start_over()
        self.phase_changed.emit(phase)

    def _start_over(self) -> None:
        """A new run begins: what the last one said is no longer true."""
        self._log.clear()
        self.set_progress(Progress())
        self.set_notice(Notice())

    def set_progress(self, progress: Progress) -> None:
        """Say how far the run is."""
        self._progress = progress
        self.progress_changed.emit(progress)

    def set_notice(self, notice: Notice) -> None:
        """Say how a run ended; an empty notice clears the message."""
        self._notice = notice
        self.notice_changed.emit(notice)

    def log(self, line: str) -> None:
        """Add a line to the log of the run."""
        text = line.rstrip()
        if text:
            self._log.append(text)
            self.logged.emit(text)
