"""The engine as a child process: start it, read it, end it surely. Standard library alone."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess  # nosec B404
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from . import protocol
from .environment.folders import hold
from .environment.pythons import NO_WINDOW
from .errors import Crashed, present
from .logs import rotate
from .places import engine_log_path

_TAIL_BYTES = 16_000
_TAIL_LINES = 40
_DIAGNOSE = "Run python -m geofm doctor to see what is wrong."

# A group of its own: Ctrl-C in a terminal is the client's to handle, and killing the group
# reaches what the engine started. No console window on Windows.
_GROUP_FLAGS = NO_WINDOW | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ending:
    """How a process ended, in words, with the last lines it wrote to its log."""

    code: int
    message: str
    hint: str
    log_tail: str


class EngineLog:
    """The file behind the engine's stderr, moved aside when it has grown; knows where this run began."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            rotate(path)
            self.stream: IO[bytes] = path.open("ab")
        except OSError as error:
            handle, name = tempfile.mkstemp(prefix="geofm-engine-", suffix=".log")
            self.path = Path(name)
            self.stream = os.fdopen(handle, "ab")
            _log.warning("The log %s cannot be written (%s); it goes to %s.", path, error, self.path)
        self._start = self.path.stat().st_size

    def tail(self) -> str:
        """The last lines since this engine started."""
        try:
            with self.path.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(min(self._start, size), size - _TAIL_BYTES))
                text = stream.read().decode("utf-8", "replace")
        except OSError as error:
            return f"The log {self.path} cannot be read: {error}"
        return "\n".join(text.splitlines()[-_TAIL_LINES:])


class EngineProcess:
    """One engine process and the thread that reads it.

    Args:
        python: the engine's interpreter.
        environment: all variables of the process.
        on_message: called with each message, on the reading thread.
        on_end: called once after the last message, when the process is gone.

    Raises:
        Crashed: if the interpreter cannot be started.
    """

    def __init__(
        self,
        python: str,
        environment: Mapping[str, str],
        on_message: Callable[[EngineProcess, Mapping[str, Any]], None],
        on_end: Callable[[EngineProcess, Ending], None],
    ) -> None:
        self._on_message = on_message
        self._on_end = on_end
        self._writing = threading.Lock()
        self._over = False
        self._log = EngineLog(engine_log_path())
        bootstrap = Path(__file__).resolve().parent / "engine" / "__main__.py"
        # The engine inherits it, so that its environment is not removed while it runs.
        held = hold(Path(python))
        try:
            # An interpreter, its switches and a file of this package: no word of them comes from a job.
            self._popen = subprocess.Popen(  # nosec B603
                [python, "-I", "-X", "utf8", str(bootstrap)],
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log.stream,
                start_new_session=True,
                creationflags=_GROUP_FLAGS,
                pass_fds=held,
            )
        except OSError as error:
            raise Crashed(f"The engine could not be started with {python}.", _DIAGNOSE, str(error)) from error
        finally:
            self._log.stream.close()
            for handle in held:
                os.close(handle)
        self._stdin, self._stdout = present(self._popen.stdin), present(self._popen.stdout)
        self.pid = self._popen.pid
        self._reader = threading.Thread(target=self._read, name="geofm-engine", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        # In this order: while the reading thread waits for the process, poll knows nothing.
        return self._popen.poll() is None and not self._over

    def send(self, line: bytes) -> None:
        """Write a line. Where the process is gone nothing is lost: the reading thread finds
        out by itself and ends every run."""
        try:
            with self._writing:
                self._stdin.write(line)
                self._stdin.flush()
        except (OSError, ValueError) as error:
            _log.info("The engine takes no more messages: %s", error)

    def close(self, grace: float) -> None:
        """Ask the process to end, kill it when it does not; returns when it is gone."""
        self.send(protocol.encode(protocol.notification("shutdown", {})))
        try:
            self._popen.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        if threading.current_thread() is not self._reader:
            self._reader.join(grace)

    def kill(self) -> None:
        """End the process and what it started, now."""
        if self._popen.poll() is not None:
            return
        if os.name == "posix":
            # It leads its own group (start_new_session).
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        else:
            self._popen.kill()
        self._popen.wait()

    def _read(self) -> None:
        for line in protocol.lines(self._stdout):
            try:
                if line is None:
                    raise protocol.TooLong("A message of the engine")
                message = protocol.decode(line)
            except protocol.BadMessage as error:
                _log.warning("%s Ignored: %r", error.message, (line or b"")[:200])
                continue
            self._on_message(self, message)
        self._over = True
        ending = self._wait()
        with contextlib.suppress(OSError), self._writing:
            self._stdin.close()
        self._stdout.close()
        self._on_end(self, ending)

    def _wait(self) -> Ending:
        """The process closed the wire; it should be gone in a moment."""
        try:
            self._popen.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
        code = self._popen.returncode
        message, hint = ending_in_words(code)
        return Ending(code, message, hint, self._log.tail())


_WINDOWS_CODES = {
    0xC0000005: "a library in it touched memory it must not (access violation)",
    0xC0000017: "the memory did not suffice",
    0xC000001D: "a library in it needs a newer processor (illegal instruction)",
    0xC0000135: "a library that it needs was not found (missing DLL)",
    0xC0000409: "a library in it failed (fast fail)",
}
_SIGNALS = {
    "SIGKILL": "it was killed from outside",
    "SIGTERM": "it was asked to end from outside",
    "SIGSEGV": "a library in it touched memory it must not",
    "SIGBUS": "a library in it touched memory it must not",
    "SIGILL": "a library in it needs a newer processor",
    "SIGABRT": "a library in it gave up",
}


def ending_in_words(code: int) -> tuple[str, str]:
    """One sentence and a hint for the exit code of an engine that should have gone on."""
    hint = "Run it again: the engine starts by itself."
    if code < 0:
        name = _signal_name(-code)
        cause = f"{_SIGNALS.get(name, 'it received a signal')} ({name})"
        if name == "SIGKILL":
            hint += " If the machine ran out of memory, choose a smaller area or close other programs."
    elif code & 0xFFFFFFFF in _WINDOWS_CODES:
        cause = f"{_WINDOWS_CODES[code & 0xFFFFFFFF]} (code 0x{code & 0xFFFFFFFF:08X})"
    else:
        cause = f"it ended with code {code}"
        hint = f"{hint} {_DIAGNOSE}"
    return f"The engine stopped before it had answered: {cause}.", hint


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
