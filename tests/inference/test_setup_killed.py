"""The set-up killed at any moment: the next start says so and finishes, no half environment is used.

A real ``python -m geofm setup`` of a copy of the package, whose lists name small packages alone.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geofm.inference import environment, places
from geofm.inference.environment import NotInstalled, State, requirements

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
PACKAGES = 6
# Of the set-ups that are not killed, and so only make again what the next one needs.
_QUICK = """

import os
if "QUICK_VENVS" in os.environ:
    from .quick_venv import quick
    Commands.run = quick(Commands.run, __import__("pathlib").Path(os.environ["QUICK_VENVS"]))
"""
_TRIAL = "import time\nimport small_0, small_5\ntime.sleep(0.5)\nprint('geofm-trial-passed {}')\n"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills a group of processes")


Writer = Callable[..., str]


class Copy:
    """A copy of the package that installs little, into a data folder of its own."""

    def __init__(
        self, folder: Path, kept_venvs: Path, write_wheel: Writer, write_lists: Callable[..., Path]
    ) -> None:
        self.home = folder / "home"
        self._kept_venvs = kept_venvs
        self.seconds = 0.0
        self.version = 0
        self._plugins = folder / "plugins"
        self._wheels = folder / "wheels"
        self._write_wheel, self._write_lists = write_wheel, write_lists
        package = self._plugins / "geofm"
        for name in ("inference", "resources"):
            skipped = shutil.ignore_patterns("__pycache__", "requirements")
            shutil.copytree(ROOT / name, package / name, ignore=skipped)
        for path in ROOT.glob("*.py"):
            shutil.copy(path, package)
        (package / "inference" / "engine" / "trial.py").write_text(_TRIAL, encoding="utf-8")
        environments = package / "inference" / "environment"
        shutil.copy(ROOT / "tests" / "quick_venv.py", environments)
        with (environments / "commands.py").open("a", encoding="utf-8") as source:
            source.write(_QUICK)
        self.lists = package / "resources" / "requirements"
        self.renew()

    def renew(self) -> None:
        """Another version of GeoFM, with newer packages."""
        self.version += 1
        names = [f"small_{number}" for number in range(PACKAGES)]
        lines = [self._write_wheel(self._wheels, name, f"1.{self.version}", 2_000_000) for name in names]
        self._write_lists(self.lists, lines)
        requirements._notes.cache_clear()

    def start(self, **variables: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GEOFM", "PIP_"))}
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self._wheels), "PIP_CONFIG_FILE": os.devnull}
        return subprocess.Popen(
            [sys.executable, "-m", "geofm", "setup"],
            cwd=self._plugins,
            env={**kept, **pip, "GEOFM_HOME": str(self.home), **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self, **variables: str) -> None:
        """Run a set-up to its end."""
        process = self.start(**variables)
        _, said = process.communicate(timeout=250)
        assert process.returncode == 0, said

    def finish_quickly(self) -> None:
        """As :meth:`finish`, with the pip of an earlier environment (quick_venv.py)."""
        self.finish(QUICK_VENVS=str(self._kept_venvs))

    def installed(self, python: Path) -> int:
        """The version of the packages in an environment, all of which are there."""
        names = ", ".join(f"small_{number}" for number in range(PACKAGES))
        code = f"import {names}; print({{one.version for one in ({names})}})"
        answer = subprocess.run([str(python), "-I", "-c", code], check=True, capture_output=True, text=True)
        return int(answer.stdout.strip().strip("{}'").partition(".")[2])

    def alive(self) -> list[str]:
        """Processes of the set-up that still run."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            found += [words] if str(self.home) in words else []
        return found


@pytest.fixture(scope="module")
def copied(
    tmp_path_factory: pytest.TempPathFactory,
    kept_venvs: Path,
    small_world: tuple[Callable[..., str], Callable[..., Path]],
) -> Copy:
    made = Copy(tmp_path_factory.mktemp("killed"), kept_venvs, *small_world)
    begun = time.monotonic()
    made.finish()
    # How long one takes; the moments are parts of that.
    made.seconds = time.monotonic() - begun
    return made


@pytest.fixture
def copy(copied: Copy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copy]:
    monkeypatch.delenv("GEOFM_PYTHON", raising=False)
    monkeypatch.setenv("GEOFM_HOME", str(copied.home))
    monkeypatch.setattr(requirements, "folder", lambda: copied.lists)
    requirements._notes.cache_clear()
    yield copied
    requirements._notes.cache_clear()


def _killed(copy: Copy, upgrade: bool, moment: float) -> int:
    """Begin a set-up and kill it after a part (0 to 1) of its time; the version that was there before."""
    while True:
        before = copy.version
        if upgrade:
            copy.renew()
        else:
            environment.remove()
        begun = time.monotonic()
        process = copy.start()
        try:
            process.communicate(timeout=moment * copy.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return before
        # Quicker than the last one that was timed: another one, of which the moment is a part.
        copy.seconds = 0.9 * (time.monotonic() - begun)


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_random_moment_it_is_told_and_finished(copy: Copy, number: int) -> None:
    assert environment.check().state is State.READY
    upgrade = number % 2 == 1
    before = _killed(copy, upgrade, (number + random.Random(number).random()) / KILLS)

    status = environment.check()
    if status.state is State.READY:
        # Killed when it was whole already.
        assert copy.installed(environment.engine_python()) == copy.version
    elif upgrade:
        # The old one serves still, as a whole.
        assert status.state is State.OUTDATED
        assert copy.installed(environment.engine_python()) == before
    else:
        assert status.state in {State.MISSING, State.INCOMPLETE}
        with pytest.raises(NotInstalled, match=r"not finished|not installed yet"):
            environment.engine_python()
    until = time.monotonic() + 5
    while copy.alive() and time.monotonic() < until:
        time.sleep(0.05)
    assert copy.alive() == []

    copy.finish_quickly()
    assert copy.installed(environment.engine_python()) == copy.version
    assert len(list(places.engines_folder().iterdir())) == 1
