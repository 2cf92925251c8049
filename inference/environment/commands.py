"""Runs what a set-up consists of, one command after the other. Standard library alone.

Every line goes to the log; a command can be ended at any moment, also while it says nothing, and ends with
the process that started it (see :mod:`.leash`).
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess  # nosec B404
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Cancelled, present
from ..logs import rotate
from ..places import setup_log_path
from .networks import diagnose, without_secrets
from .pythons import NO_WINDOW, NotInstalled

_LEASH = Path(__file__).with_name("leash.py")
_LOOK_EVERY = 0.1
_TAIL = 30
# A group of its own, so that what the command starts can be ended with it.
_GROUP = NO_WINDOW | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


class Log:
    """``setup.log`` in the data folder; secrets are left out of whatever is written."""

    def __init__(self) -> None:
        path = setup_log_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        rotate(path)
        self._stream = path.open("a", encoding="utf-8", errors="replace")

    def write(self, line: str) -> None:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        self._stream.write(f"{stamp} {without_secrets(line)}\n")
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()


@dataclass(frozen=True)
class Commands:
    """Runs commands of a set-up.

    Attributes:
        log: gets each command and each line of it.
        cancelled: asked ten times a second.
        kept_open: files that the commands inherit: the set-up's lock lasts as long as any of them.
    """

    log: Log
    cancelled: Callable[[], bool]
    kept_open: Sequence[int] = field(default=())

    def run(
        self,
        python: Path,
        words: Sequence[str],
        env: Mapping[str, str],
        on_line: Callable[[str], None] | None = None,
        while_silent: Callable[[], None] | None = None,
    ) -> list[str]:
        """The lines that a module or script of Python wrote, secrets left out.

        Args:
            python: runs it.
            words: ``-m`` and the module's name, or the script's path, and arguments.
            env: all variables of the process.
            on_line: called with each line.
            while_silent: called ten times a second as long as no line comes.

        Raises:
            NotInstalled: if it failed, with what that means and its last lines.
            Cancelled: when asked to stop.
        """
        self.log.write(f"$ {python} {' '.join(words)}")
        try:
            process = self._start(python, words, env)
        except OSError as error:
            message = f"{python} could not be started."
            raise NotInstalled(message, "Run the set-up again.", str(error)) from error
        lines: list[str] = []
        reader = _Reader(process)
        try:
            for line in self._lines(reader, while_silent or (lambda: None)):
                lines.append(without_secrets(line))
                self.log.write(line)
                if on_line is not None:
                    on_line(lines[-1])
            code = process.wait()
        except BaseException:
            _end(process)
            raise
        finally:
            reader.close()
        if code != 0:
            self.log.write(f"It failed with code {code}.")
            raise NotInstalled(*diagnose(lines[-_TAIL:]), "\n".join(lines[-_TAIL:]))
        return lines

    def _start(self, python: Path, words: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[str]:
        # A Python that the set-up chose, a script of ours, and the words of its steps.
        return subprocess.Popen(  # nosec B603
            [str(python), "-I", str(_LEASH), *words],
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            creationflags=_GROUP,
            pass_fds=tuple(self.kept_open) if os.name == "posix" else (),
        )

    def _lines(self, reader: _Reader, silent: Callable[[], None]) -> Iterator[str]:
        while True:
            if self.cancelled():
                raise Cancelled("The set-up was cancelled.", "Run it again; what was downloaded is kept.")
            try:
                line = reader.lines.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                silent()
                continue
            if line is None:
                return
            yield line


class _Reader:
    """Reads a process's lines on a thread of its own, so that waiting for one can be given up."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.lines: queue.Queue[str | None] = queue.Queue()
        self._process = process
        self._thread = threading.Thread(target=self._read, name="geofm-setup", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in present(self._process.stdout):
            self.lines.put(line.rstrip())
        self.lines.put(None)

    def close(self) -> None:
        """Let go of a process that has ended."""
        self._thread.join(5)
        for stream in (self._process.stdin, self._process.stdout):
            # What is still being read cannot be closed.
            if stream is not None and not self._thread.is_alive():
                with contextlib.suppress(OSError):
                    stream.close()


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and whatever it started, now."""
    if process.poll() is None:
        if os.name == "posix":
            # It leads its own group (start_new_session).
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            # The python.exe of an environment starts the one that it was made with.
            taskkill = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "taskkill.exe"
            words = [str(taskkill), "/F", "/T", "/PID", str(process.pid)]
            # Windows' own program, by its full path, and our own number.
            subprocess.run(words, check=False, capture_output=True, creationflags=NO_WINDOW)  # nosec B603
            process.kill()
    process.wait()
