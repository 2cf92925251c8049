"""The client's side of the engine: start it, submit, follow, cancel, close. Standard library alone.

    engine = shared_engine()
    result = engine.submit(job, on_progress=print).job_result()

The engine process starts with the first call and stays warm. When it dies, every call under
way fails with :class:`Crashed`, its partial files are removed, and the next call starts a new
engine. All of this may be used from any thread.
"""

from __future__ import annotations

import atexit
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import protocol
from .environment import engine_python
from .environment.variables import child_environment
from .errors import Cancelled, Crashed, GeoFMError, Internal, InvalidRequest, from_wire
from .jobs import Job, Result
from .leftovers import Leftovers
from .process import Ending, EngineProcess
from .protocol import TooLong

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineSettings:
    """How to start an engine.

    Attributes:
        python: interpreter; empty for the one that :mod:`environment` finds.
        environment: variables on top of the scrubbed ones: proxies, GEOFM_* settings.
        cancel_grace: seconds a cancelled run may take to end before the engine is killed.
        close_grace: seconds the engine may take to end when it is closed.
    """

    python: str = ""
    # Not printed: a proxy's address may hold a password.
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    cancel_grace: float = 10.0
    close_grace: float = 5.0


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        stage: word for what is being done now; counting starts anew with each stage.
        done, total: steps of this stage; total 0 means that it is unknown.
        message: more words, may be empty.
        seconds_left: estimated time to the end of this stage, None while it is unknown.
    """

    stage: str
    done: int
    total: int
    message: str = ""
    seconds_left: float | None = None

    @property
    def fraction(self) -> float:
        """From 0 to 1; 0 while the total is unknown."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total > 0 else 0.0


class Pace:
    """Estimates the time left of a stage from the steps done since its first message."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage: tuple[str, int] | None = None
        self._since = 0.0
        self._from = 0

    def seconds_left(self, stage: str, done: int, total: int) -> float | None:
        """None before the second step and where the total is unknown."""
        now = self._clock()
        if self._stage != (stage, total) or done < self._from:
            self._stage, self._since, self._from = (stage, total), now, done
            return None
        steps, elapsed = done - self._from, now - self._since
        if steps <= 0 or elapsed <= 0 or total <= 0:
            return None
        return max(total - done, 0) * elapsed / steps


OnProgress = Callable[[Progress], None]


class Run:
    """One call under way. Made by :class:`Engine`, answered exactly once."""

    def __init__(
        self,
        run_id: int,
        on_progress: OnProgress | None,
        outputs: Iterable[str],
        cancel: Callable[[Run], None],
    ) -> None:
        self.id = run_id
        self._on_progress = on_progress
        self.leftovers = Leftovers(outputs)
        self._cancel = cancel
        self._pace = Pace()
        self._ended = threading.Event()
        self._settling = threading.Lock()
        self._value: dict[str, Any] = {}
        self._error: GeoFMError | None = None
        self.cancel_requested = False

    def done(self) -> bool:
        return self._ended.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end at most so long; whether it has ended."""
        return self._ended.wait(seconds)

    def result(self, timeout: float | None = None) -> dict[str, Any]:
        """The answer.

        Raises:
            GeoFMError: what the engine answered, or Crashed.
            TimeoutError: if it has not ended in ``timeout`` seconds; the run goes on.
        """
        if not self._ended.wait(timeout):
            raise TimeoutError(f"The run has not ended after {timeout} seconds.")
        if self._error is not None:
            raise self._error
        return self._value

    def job_result(self, timeout: float | None = None) -> Result:
        """The answer of a submitted job."""
        return Result.from_dict(self.result(timeout))

    def cancel(self) -> None:
        """Ask the engine to stop this run; returns at once. The run then ends with Cancelled,
        or with its result where it had just been finished."""
        if not self.done():
            self.cancel_requested = True
            self._cancel(self)

    def report(self, params: Mapping[str, Any]) -> None:
        """Pass a progress message on. Called by the thread that reads the wire."""
        if self._on_progress is None or self.done():
            return
        stage, done, total = str(params.get("stage")), _whole(params.get("done")), _whole(params.get("total"))
        left = self._pace.seconds_left(stage, done, total)
        try:
            self._on_progress(Progress(stage, done, total, str(params.get("message") or ""), left))
        # The callback is the caller's code; its fault must not end every other run.
        except Exception:
            _log.exception("The progress callback failed.")

    def settle(self, value: Any = None, error: GeoFMError | None = None) -> None:
        """End the run; only the first call counts."""
        with self._settling:
            if self._ended.is_set():
                return
            if error is None and not isinstance(value, dict):
                error = Internal("The engine sent an answer that is not an object.", detail=repr(value)[:200])
            self._value, self._error = value, error
            self._ended.set()


class Engine:
    """One engine process, started when it is needed."""

    def __init__(self, settings: EngineSettings | None = None) -> None:
        self.settings = settings or EngineSettings()
        self._lock = threading.RLock()
        self._ids = itertools.count(1)
        self._process: EngineProcess | None = None
        self._authorization = b""
        self._runs: dict[int, tuple[Run, EngineProcess]] = {}

    @property
    def pid(self) -> int | None:
        """Process id of the running engine, None if there is none."""
        with self._lock:
            return self._process.pid if self._process is not None else None

    def submit(self, job: Job, on_progress: OnProgress | None = None) -> Run:
        """Send a job; returns at once. See :meth:`call`."""
        return self.call("run", {"job": job.to_dict()}, on_progress, job.outputs().values())

    def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        outputs: Iterable[str] = (),
    ) -> Run:
        """Send a call of docs/protocol.md; returns at once.

        Args:
            on_progress: called on the thread that reads the wire; must be quick.
            outputs: paths whose partial files are removed if the engine dies.

        Raises:
            NotInstalled: if there is no engine to start.
            Crashed: if it cannot be started.
            InvalidRequest: if the call is too large or not JSON.
        """
        with self._lock:
            run = Run(next(self._ids), on_progress, outputs, self._cancel)
            try:
                line = protocol.encode(protocol.request(run.id, method, params or {}))
            except TooLong as error:
                raise InvalidRequest(error.message, error.hint) from None
            except (TypeError, ValueError) as error:
                raise InvalidRequest("The call cannot be written as JSON.", detail=str(error)) from error
            process = self._process
            if process is None or not process.alive:
                process = self._start()
            self._runs[run.id] = (run, process)
        # Not under the lock: a full pipe would keep the reading thread from emptying the other.
        process.send(line)
        return run

    def authorize(self, token: str) -> None:
        """Give the engine, and those started later, the hub's token; an empty one forgets it."""
        line = protocol.authorization(token)
        with self._lock:
            process = self._process if line != self._authorization else None
            self._authorization = line
        if process is not None:
            process.send(line)

    def close(self) -> None:
        """End the engine, politely first; calls under way end with Cancelled."""
        with self._lock:
            process = self._process
            for run, _ in self._runs.values():
                run.cancel_requested = True
        if process is not None:
            process.close(self.settings.close_grace)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def _start(self) -> EngineProcess:
        python = self.settings.python or str(engine_python())
        process = EngineProcess(
            python, child_environment(self.settings.environment), self._receive, self._ended
        )
        hello = protocol.request("initialize", "initialize", {"protocol": protocol.PROTOCOL})
        process.send(protocol.encode(hello) + self._authorization)
        self._process = process
        return process

    def _cancel(self, run: Run) -> None:
        with self._lock:
            process = self._runs[run.id][1] if run.id in self._runs else None
        if process is None:
            return
        process.send(protocol.encode(protocol.notification("cancel", {"id": run.id})))
        timer = threading.Timer(self.settings.cancel_grace, self._lose_patience, (run, process))
        timer.daemon = True
        timer.start()

    def _lose_patience(self, run: Run, process: EngineProcess) -> None:
        if not run.done():
            _log.warning("The engine did not answer to cancel in %s s.", self.settings.cancel_grace)
            process.kill()

    def _receive(self, process: EngineProcess, message: Mapping[str, Any]) -> None:
        """One message of the engine, on the reading thread."""
        params = message.get("params")
        if message.get("method") == "progress" and isinstance(params, dict):
            run = self._run_of(params.get("id"), process)
            if run is not None:
                run.report(params)
        elif message.get("method") == "log" and isinstance(params, dict):
            _log.warning("%s", params.get("message"))
        elif message.get("id") == "initialize":
            self._check_welcome(process, message)
        elif "method" not in message:
            self._answer(process, message)

    def _answer(self, process: EngineProcess, message: Mapping[str, Any]) -> None:
        run = self._run_of(message.get("id"), process)
        if run is None:
            _log.warning("The engine answered a call that nobody waits for: %s", str(message)[:500])
            return
        with self._lock:
            self._runs.pop(run.id, None)
        if "error" in message:
            run.settle(error=from_wire(message["error"]))
        else:
            run.settle(message.get("result"))

    def _check_welcome(self, process: EngineProcess, message: Mapping[str, Any]) -> None:
        if "error" in message:
            _log.error("The engine refused to start: %s", from_wire(message["error"]))
            process.kill()

    def _run_of(self, run_id: Any, process: EngineProcess) -> Run | None:
        with self._lock:
            run, owner = self._runs.get(run_id, (None, None)) if isinstance(run_id, int) else (None, None)
            return run if owner is process else None

    def _ended(self, process: EngineProcess, ending: Ending) -> None:
        """The process is gone: nothing of it may be left, nobody may wait in vain."""
        with self._lock:
            if self._process is process:
                self._process = None
            lost = [run for run, owner in self._runs.values() if owner is process]
            for run in lost:
                del self._runs[run.id]
        for run in lost:
            run.leftovers.remove()
            if run.cancel_requested:
                run.settle(error=Cancelled("The run was cancelled."))
            else:
                run.settle(error=Crashed(ending.message, ending.hint, ending.log_tail))


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


_shared: Engine | None = None
_shared_lock = threading.Lock()


def shared_engine(settings: EngineSettings | None = None) -> Engine:
    """The one engine of this process; closed when Python ends.

    Args:
        settings: where they differ from the present ones, the present engine is closed first.
    """
    global _shared
    with _shared_lock:
        if _shared is not None and settings is not None and settings != _shared.settings:
            _shared.close()
            _shared = None
        if _shared is None:
            _shared = Engine(settings)
        return _shared


def close_shared_engine() -> None:
    """End the shared engine, if there is one; the next :func:`shared_engine` makes a new one."""
    global _shared
    with _shared_lock:
        engine, _shared = _shared, None
    if engine is not None:
        engine.close()


atexit.register(close_shared_engine)
