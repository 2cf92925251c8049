"""Environments whose pip is copied: `venv` installs one anew each time, which is most of a small set-up."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any


def quick(run: Callable[..., list[str]], kept: Path) -> Callable[..., list[str]]:
    """``Commands.run`` that makes the environments of a set-up with the pip of the first one.

    Args:
        run: the real one, by which the first environment of each Python is made, whole.
        kept: a folder where that stays.
    """

    def run_quickly(commands: Any, python: Path, words: list[str], *rest: Any, **named: Any) -> list[str]:
        if words[:2] != ["-m", "venv"] or "--without-pip" in words:
            return run(commands, python, words, *rest, **named)
        whole = kept / hashlib.sha256(str(python).encode()).hexdigest()[:16]
        if not whole.is_dir():
            part = whole.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            run(commands, python, ["-m", "venv", str(part)], *rest, **named)
            part.rename(whole)
        made = Path(words[-1])
        lines = run(commands, python, ["-m", "venv", "--without-pip", str(made)], *rest, **named)
        for path in whole.rglob("*"):
            target = made / path.relative_to(whole)
            if path.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
        return lines

    return run_quickly
