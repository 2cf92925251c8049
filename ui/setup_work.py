"""The set-up of the engine, whoever looks on: what there is, what would be made, and the work itself."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..algorithms import data_folder, session
from ..algorithms.network import network_options
from ..algorithms.text import duration, tr
from ..inference import environment, places
from ..inference.environment import Plan, SetupOptions, State, homes
from ..inference.environment.networks import without_secrets
from ..inference.environment.options import load
from ..inference.errors import Cancelled, GeoFMError
from ..inference.wording import size
from . import engine_calls, setup_home, setup_words
from .state import DockModel, Notice, Outcome, Phase, Progress
from .tasks import CallTask
from .timing import TimeLeft

_PATIENCE_MS = 15_000
_PAUSE_MS = 300


def found_phase() -> Phase:
    """READY if there is an engine that can be used, else SETUP_NEEDED."""
    return Phase.READY if session.trouble() is None else Phase.SETUP_NEEDED


class SetupWork(QObject):
    """Options, plan and state of the engine's environment; makes, repairs and removes it.

    Attributes:
        status: what lies on this machine.
        options: what the person chose.
        plan: what the set-up would do with them; None until that is known, and where it cannot be.
        message: one sentence beside the state: why there is no plan, or what was copied.
        home_note: what is said of the data folder: why another was not taken, or what lies in the former one.
    """

    changed = pyqtSignal()
    # The folder of models is another one, or has others in it.
    models_changed = pyqtSignal()

    def __init__(self, model: DockModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._task: CallTask | None = None
        self._asides: set[CallTask] = set()
        self._planning: CallTask | None = None
        self._left = TimeLeft()
        self._began, self._done, self._said = 0.0, 0, ""
        self._stage = ""
        # Not at each letter of a path.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE_MS)
        self._soon.timeout.connect(self.see)
        self.network = network_options()
        self.status = environment.check()
        self.options = load()
        self.plan: Plan | None = None
        self.message = self.home_note = ""

    # --- what there is ------------------------------------------------------------------------

    @property
    def outdated(self) -> bool:
        """Whether there is an engine of another version of GeoFM."""
        return self.status.own and self.status.state is State.OUTDATED

    @property
    def planning(self) -> bool:
        """Whether it is being found out what the set-up would do."""
        return self._planning is not None

    @property
    def chosen_anew(self) -> bool:
        """Whether the options are others than those of the last set-up."""
        return self.options != load()

    def look(self) -> None:
        """Look at the environment again, and change the phase accordingly; not during a run."""
        if not self._model.busy:
            self._settle()

    def _settle(self) -> None:
        self.status = environment.check()
        self._model.enter(found_phase())
        self.changed.emit()

    def choose(self, options: SetupOptions) -> None:
        """Other options, and what the set-up would do with them."""
        if options != self.options:
            self.options = options
            self._soon.start()
            self.changed.emit()

    def choose_home(self, folder: str) -> None:
        """Another data folder, if it can be one; empty for the usual one."""
        work = engine_calls.look_at_folder(folder, data_folder.apart())
        task = self._aside(tr("Look at the data folder"), work)
        task.succeeded.connect(lambda faults: self._on_home(folder, faults))
        QgsApplication.taskManager().addTask(task)

    def _on_home(self, folder: str, faults: tuple[homes.Fault, ...]) -> None:
        if faults or self._model.busy:
            self.home_note = setup_home.refused(faults[0]) if faults else ""
            self.changed.emit()
            return
        old = places.data_home()
        data_folder.keep(folder)
        same = old == places.data_home()
        self.home_note = "" if same else setup_home.stays(str(old), homes.contents(old))
        self._settle()
        self.models_changed.emit()
        self.see()

    def see(self) -> None:
        """Find out what the set-up would do; the newest question counts."""
        if not self.status.own:
            return
        self.network = network_options()
        self._planning = task = self._aside(
            tr("Look at this machine"), engine_calls.look_at_machine(self._effective())
        )
        task.succeeded.connect(lambda plan: self._on_plan(task, plan, ""))
        task.failed.connect(lambda error: self._on_plan(task, None, _sentences(error)))
        QgsApplication.taskManager().addTask(task)
        self.changed.emit()

    def _on_plan(self, task: CallTask, plan: Plan | None, message: str) -> None:
        if task is self._planning:
            self._planning, self.plan = None, plan
            self._say(message or (plan.hint if plan is not None else ""))

    def _effective(self) -> SetupOptions:
        """The options with what QGIS's settings say of the network, where the person chose nothing."""
        found = dataclasses.asdict(self.network)
        empty = [name for name, value in found.items() if value and not getattr(self.options, name)]
        return dataclasses.replace(self.options, **{name: found[name] for name in empty})

    # --- the work -----------------------------------------------------------------------------

    def start(self) -> None:
        """Make the environment, finish it, or bring it up to date."""
        self._begin(tr("Set up GeoFM's engine"), engine_calls.set_up(self._effective()), self._on_made)

    def repair(self) -> None:
        """Make the environment anew."""
        self._begin(tr("Repair GeoFM's engine"), engine_calls.repair(self._effective()), self._on_made)

    def remove(self) -> None:
        """Remove the environment; models and classifiers stay."""
        self._begin(tr("Remove GeoFM's engine"), engine_calls.remove(), self._on_removed)

    def cancel(self) -> None:
        """Stop; a later set-up goes on from there."""
        if self._task is not None:
            self._task.cancel()
            self._model.set_progress(Progress(None, tr("Stopping")))

    def copy_report(self) -> None:
        """Put what helps to find out what is wrong on the clipboard."""
        notice = self._model.notice
        about = [notice.sentence, notice.hint, notice.detail, repr(self.plan), repr(self.options)]
        work = engine_calls.report("\n".join(filter(None, about)))
        task = self._aside(tr("Report on GeoFM's engine"), work)
        task.succeeded.connect(self._on_report)
        task.failed.connect(lambda error: self._say(_sentences(error)))
        QgsApplication.taskManager().addTask(task)
        self._say(tr("Gathering what is known …"))

    def close(self) -> None:
        """End what runs and wait for its threads, before the dock goes."""
        self._soon.stop()
        tasks = list(self._asides)
        if self._task is not None:
            self._task.told.disconnect()
            tasks.append(self._task)
        self._asides, self._task, self._planning = set(), None, None
        for task in tasks:
            # Not all of its signals: QGIS's own list of tasks would never hear of its end.
            task.succeeded.disconnect()
            task.failed.disconnect()
            task.cancel()
        for task in tasks:
            task.waitForFinished(_PATIENCE_MS)

    def _aside(self, title: str, work: Callable[..., Any]) -> CallTask:
        """A task that changes nothing, beside whatever the dock does."""
        task = CallTask(title, work)
        self._asides.add(task)
        for ended in (task.succeeded, task.failed):
            ended.connect(lambda _: self._asides.discard(task))
        return task

    def _begin(self, title: str, work: Callable[..., Any], done: Callable[[Any], None]) -> None:
        if self._model.busy:
            return
        self.message, self._stage, self._said = "", "", ""
        self._done, self._began = 0, time.monotonic()
        self._model.enter(Phase.SETTING_UP)
        self._task = CallTask(title, work)
        self._task.told.connect(self._on_told)
        self._task.succeeded.connect(done)
        self._task.failed.connect(self._on_failed)
        QgsApplication.taskManager().addTask(self._task)

    def _on_told(self, stage: str, done: int, total: int, message: str) -> None:
        if message != self._said:
            self._said = message
            self._model.log(without_secrets(message))
        if self._task is None or self._task.isCanceled():
            return
        if stage == "install" and (done < self._done or self._stage == setup_words.UNPACK):
            # First it counts what is fetched, then what is unpacked.
            stage = setup_words.UNPACK
        if stage != self._stage:
            self._stage, self._left = stage, TimeLeft()
        self._done = done
        percent = min(100.0, 100.0 * done / total) if total > 0 else None
        amount, words = setup_words.amount(done, total), setup_words.stage(stage)
        if percent is None and amount:
            # A bar without an end has no place for words.
            words = tr("{}: {}").format(words, amount)
        left = self._left.update(time.monotonic(), percent) if percent is not None and amount else None
        self._model.set_progress(Progress(percent, words, left, amount))

    def _on_made(self, python: object) -> None:
        self._task = None
        self._settle()
        self._remember()
        # A bundle may have brought some.
        self.models_changed.emit()
        facts = [tr("Made in {}").format(duration(time.monotonic() - self._began))]
        if self.plan is not None:
            facts.append(setup_words.device(self.plan))
        facts.append(str(python))
        self._model.set_notice(
            Notice(Outcome.DONE, tr("The engine is ready."), setup_words.first_steps(), facts=tuple(facts))
        )
        self.see()

    def _on_removed(self, freed: int) -> None:
        self._task = None
        self._settle()
        self._model.set_notice(Notice(Outcome.DONE, tr("The engine is removed."), facts=(
            tr("{} are free again; models, classifiers and results stay.").format(size(freed)),
        )))  # fmt: skip
        self.see()

    def _on_failed(self, error: GeoFMError) -> None:
        self._task = None
        self._settle()
        self._remember()
        outcome = Outcome.CANCELLED if isinstance(error, Cancelled) else Outcome.FAILED
        sentence, hint, detail = map(without_secrets, (error.message, error.hint, error.detail))
        self._model.set_notice(Notice(outcome, sentence, hint, detail))
        self.see()

    def _remember(self) -> None:
        """Keep what the person chose; what QGIS's settings say is asked of them each time."""
        try:
            self.options.save()
        except OSError as error:
            self._say(str(error))

    def _on_report(self, text: str) -> None:
        QgsApplication.clipboard().setText(text)
        self._say(tr("The report is on the clipboard. Passwords and tokens were left out."))

    def _say(self, message: str) -> None:
        self.message = message
        self.changed.emit()


def _sentences(error: GeoFMError) -> str:
    return without_secrets(" ".join(part for part in (error.message, error.hint) if part))
