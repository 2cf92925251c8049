"""Runs the parts of the test suite, each in its environment, and adds them up: `make test`.

Two parts run side by side; whichever ends first makes room for the next one that waits, so that neither core
idles for long. Each part gets a home, a QGIS profile and a runtime folder of its own in build/test, where its
log stays too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
FOLDER = BUILD / "test"
NO_TESTS = 5  # pytest's exit code where it found none
AT_ONCE = 2


@dataclass(frozen=True)
class Part:
    """One pytest run: which tests, with which Python, with or without a display."""

    name: str
    python: Path
    paths: tuple[str, ...]
    display: bool = False


@dataclass
class Tally:
    """What a part answered."""

    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def parts() -> dict[str, Part]:
    """The parts by name, those that take longest first, with the paths that exist."""
    dev, qgis = BUILD / "dev/bin/python", BUILD / "qgis/bin/python"
    house = tuple(sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("tests/test_*.py")))
    all_parts = (
        Part("engine", dev, ("tests/engine",)),
        Part("doors", qgis, ("tests/doors",)),
        Part("desktop", qgis, ("tests/desktop",), display=True),
        Part("qgis", qgis, ("tests/algorithms", "tests/ui")),
        Part("inference", dev, (*house, "tests/inference")),
    )
    return {part.name: part for part in all_parts}


def environment(part: Part, scratch: Path) -> dict[str, str]:
    """The part's variables: nothing of the user's home or QGIS profile is in reach."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QGIS_"))}
    for name, folder in (
        ("HOME", "home"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_CONFIG_HOME", "home/.config"),
        ("XDG_DATA_HOME", "home/.local/share"),
        ("XDG_CACHE_HOME", "home/.cache"),
        ("QGIS_CUSTOM_CONFIG_PATH", "profile"),
        ("TMPDIR", "tmp"),
    ):
        path = scratch / folder
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        env[name] = str(path)
    # Where packages come from is the machine's to say, also in its user's own file.
    configs = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    if (configs / "pip" / "pip.conf").is_file():
        env.setdefault("PIP_CONFIG_FILE", str(configs / "pip" / "pip.conf"))
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env["LC_ALL"] = "C.UTF-8"
    env.setdefault("OMP_NUM_THREADS", "1")  # two parts share the cores
    # pytest-qgis keeps its profile in .qgis-settings/<worker>, whatever the environment says.
    env["PYTEST_XDIST_WORKER"] = part.name
    if part.display:
        for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"):
            env.pop(name, None)
    else:
        env["QT_QPA_PLATFORM"] = "offscreen"
    return env


def run(part: Part) -> Tally:
    """Run one part; its whole output goes to build/test/<name>.log."""
    scratch = FOLDER / part.name
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.rmtree(ROOT / ".qgis-settings" / part.name, ignore_errors=True)
    report, log = FOLDER / f"{part.name}.xml", FOLDER / f"{part.name}.log"
    report.unlink(missing_ok=True)
    paths = [path for path in part.paths if (ROOT / path).exists()]
    if not paths:
        return Tally(notes=[f"{part.name}: no tests there"])
    command = [str(part.python), "-m", "pytest", *paths, f"--junitxml={report}"]
    command += [f"--basetemp={scratch / 'pytest'}", "--durations=10"]
    if part.display:
        command = ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24", *command]
    started = time.monotonic()
    with log.open("wb") as out:
        done = subprocess.run(
            command, cwd=ROOT, env=environment(part, scratch), stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT, check=False,
        )
    tally = count(part.name, report, done.returncode)
    tally.notes.append(f"{part.name}: {time.monotonic() - started:.0f} s")
    return tally


def count(name: str, report: Path, code: int) -> Tally:
    """Read a part's report; an end without a report, or a bad end without a failure, is a failure."""
    tally = Tally()
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return Tally(failed=1, notes=[f"{name}: ended with code {code} and without a report"])
    for case in cases:
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed += 1
        elif skipped is not None:
            tally.skipped.append(f"{case.get('classname')}.{case.get('name')}: {skipped.get('message')}")
        else:
            tally.passed += 1
    if code not in (0, NO_TESTS) and not tally.failed:
        tally.failed = 1
        tally.notes.append(f"{name}: every test passed, then the run ended with code {code}")
    return tally


def run_waiting(waiting: deque[Part], tallies: dict[str, Tally], printing: threading.Lock) -> None:
    """Run parts one after the other until none waits, showing each one's log when it is complete."""
    while waiting:
        try:
            part = waiting.popleft()
        except IndexError:
            return  # the other one took the last
        tallies[part.name] = run(part)
        log = FOLDER / f"{part.name}.log"
        with printing:
            print(f"\n===== {part.name}", flush=True)
            if log.exists():
                print(log.read_text(encoding="utf-8", errors="replace"), flush=True)


def main(names: list[str]) -> int:
    """Run the named parts, or all; 1 if anything failed or nothing ran."""
    known = parts()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"Unknown part {', '.join(unknown)}; known are {', '.join(known)}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    waiting = deque(part for name, part in known.items() if not names or name in names)
    tallies: dict[str, Tally] = {}
    printing = threading.Lock()
    work = (waiting, tallies, printing)
    threads = [threading.Thread(target=run_waiting, args=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return summarise(tallies)


def summarise(tallies: dict[str, Tally]) -> int:
    """Print notes, what was skipped and why, and the one closing line."""
    skipped = [line for tally in tallies.values() for line in tally.skipped]
    print("\n===== summary")
    for tally in tallies.values():
        print("\n".join(tally.notes))
    for line in skipped:
        print(f"skipped {line}")
    passed = sum(tally.passed for tally in tallies.values())
    failed = sum(tally.failed for tally in tallies.values())
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
