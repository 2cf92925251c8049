"""Where the engine's own Python is missing: one card, one button."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QPushButton

from ..algorithms.session import stage_title
from ..algorithms.text import tr
from ..inference import environment
from ..inference.errors import Cancelled, GeoFMError
from ..inference.places import engines_folder
from .desk import Desk
from .engine_calls import set_up
from .state import Notice, Outcome, Phase, Progress
from .tasks import CallTask
from .widgets import Card, WrapLabel, column, muted, row


def found_phase() -> Phase:
    """READY if the engine's environment can be used, else SETUP_NEEDED."""
    ready = environment.check().state is environment.State.READY
    return Phase.READY if ready else Phase.SETUP_NEEDED


class SetupCard(Card):
    """Says what is missing and makes it, with the progress of a run."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._task: CallTask | None = None
        self.title = WrapLabel()
        self.title.setProperty("geofm", "heading")
        self.about = muted()
        self.start = QPushButton(tr("Set up the engine"))
        self.start.setProperty("geofm", "primary")
        self.start.setToolTip(tr("Make the engine's Python; it can be cancelled and gone on with"))
        desk.theme.bind(self.start, "dock-setup")
        self.start.clicked.connect(self._on_start)
        self.again = QPushButton(tr("Check again"))
        self.again.setToolTip(tr("Look whether the engine is there now"))
        self.again.clicked.connect(self.look)
        buttons = row()
        buttons.addWidget(self.start, 1)
        buttons.addWidget(self.again)
        layout = column(self, margin=8)
        layout.addWidget(self.title)
        layout.addWidget(self.about)
        layout.addLayout(buttons)
        desk.model.phase_changed.connect(self._bind)
        self._bind()

    def look(self) -> None:
        """Check the environment and change the phase accordingly; not during a run."""
        if not self._desk.model.busy:
            self._desk.model.enter(found_phase())
            self._bind()

    def _bind(self) -> None:
        phase = self._desk.model.phase
        self.setVisible(phase in (Phase.SETUP_NEEDED, Phase.SETTING_UP))
        if phase not in (Phase.SETUP_NEEDED, Phase.SETTING_UP):
            return
        status = environment.check()
        own = status.own
        self.title.setText(status.message)
        self.about.setText(_explanation(status))
        again = status.state in (environment.State.INCOMPLETE, environment.State.OUTDATED)
        self.start.setText(tr("Finish the set-up") if again else tr("Set up the engine"))
        self.start.setVisible(own)
        self.start.setEnabled(phase is Phase.SETUP_NEEDED)
        self.again.setVisible(phase is Phase.SETUP_NEEDED and not own)

    def _on_start(self) -> None:
        self._desk.model.enter(Phase.SETTING_UP)
        self._task = CallTask(tr("Set up GeoFM's engine"), set_up)
        self._task.told.connect(self._on_told)
        self._task.succeeded.connect(self._on_succeeded)
        self._task.failed.connect(self._on_failed)
        QgsApplication.taskManager().addTask(self._task)

    def cancel(self) -> None:
        """Stop the set-up; a later one goes on from there."""
        if self._task is not None:
            self._task.cancel()

    def close_card(self) -> None:
        """End the set-up and wait for its thread."""
        if self._task is not None:
            task, self._task = self._task, None
            task.succeeded.disconnect(self._on_succeeded)
            task.failed.disconnect(self._on_failed)
            task.cancel()
            task.waitForFinished(15_000)

    def _on_told(self, stage: str, done: int, total: int, message: str) -> None:
        percent = 100.0 * done / total if total > 0 else None
        self._desk.model.set_progress(Progress(percent, _stage_words(stage)))
        self._desk.model.log(message)

    def _on_succeeded(self, python: object) -> None:
        self._task = None
        self._desk.model.enter(Phase.READY)
        self._desk.model.set_notice(Notice(Outcome.DONE, tr("The engine is ready."), facts=(str(python),)))

    def _on_failed(self, error: GeoFMError) -> None:
        self._task = None
        outcome = Outcome.CANCELLED if isinstance(error, Cancelled) else Outcome.FAILED
        self._desk.model.enter(Phase.SETUP_NEEDED)
        self._desk.model.set_notice(Notice(outcome, error.message, error.hint, error.detail))


def _explanation(status: environment.Status) -> str:
    if not status.own:
        return tr("Correct the variable GEOFM_PYTHON or remove it, start QGIS again, or check again.")
    return tr(
        "GeoFM computes in a Python of its own, apart from QGIS, so that it cannot break it. "
        "Setting it up downloads some libraries once, into {}."
    ).format(engines_folder())


def _stage_words(stage: str) -> str:
    titles = {
        "create": tr("Making an environment"),
        "install": tr("Installing libraries"),
        "verify": tr("Trying the libraries"),
    }
    return titles.get(stage) or stage_title(stage)
