"""Runs a module or a script of Python for as long as the process lives that started it.

A set-up may be killed at any moment, and QGIS with it. What it started must not go on writing then: where
the next one begins, nobody else may be at work. Standard library alone; runs in any Python that makes or is
the engine's environment, as ``python -I leash.py -m MODULE ...`` or ``python -I leash.py SCRIPT ...``. Its
standard input is the leash: it is never written to, and ends with whoever holds the other end.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess  # nosec B404
import sys
import threading


def _watch(leash: int) -> None:
    os.read(leash, 1)
    if os.name == "nt":
        program = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
        # Windows' own program, by its full path, and our own number.
        subprocess.run([program, "/F", "/T", "/PID", str(os.getpid())], check=False)  # nosec B603
    elif os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _main() -> None:
    # On Windows a read that waits would block everything else that asks something of standard input.
    leash, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    threading.Thread(target=_watch, args=(leash,), daemon=True).start()
    words = sys.argv[1:]
    if words[0] == "-m":
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    _main()
