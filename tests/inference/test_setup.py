"""The set-up: made beside what is there, switched at the end, cancelled, repaired, removed."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geofm.inference import environment, places
from geofm.inference.environment import (
    NotInstalled,
    SetupOptions,
    State,
    folders,
    making,
    requirements,
    state,
)
from geofm.inference.environment.commands import Commands, Log
from geofm.inference.environment.turns import turn
from geofm.inference.environment.variables import child_environment
from geofm.inference.errors import Cancelled, InvalidRequest


def _folders() -> list[str]:
    return sorted(path.name for path in places.engines_folder().iterdir())


def _version_in(python: Path) -> str:
    code = "import small_library; print(small_library.version)"
    answer = subprocess.run([str(python), "-I", "-c", code], check=True, capture_output=True, text=True)
    return answer.stdout.strip()


def test_an_upgrade_is_made_beside_and_takes_over_when_it_is_whole(
    small: Path, wheels: Path, own_home: Path, write_wheel: Callable[..., str]
) -> None:
    steps: list[tuple[str, int, int]] = []

    def setup(**words: object) -> Path:
        steps.clear()
        return environment.create(progress=lambda *step: steps.append(step[:3]), **words)

    earlier = own_home / "engine" / "bin"
    earlier.mkdir(parents=True)
    first = setup()
    assert first == environment.engine_python()
    assert _version_in(first) == "1.0"
    assert list(dict.fromkeys(step[0] for step in steps)) == ["create", "install", "verify"]
    assert _folders() == [first.parent.parent.name]
    assert not earlier.exists()
    assert setup() == first
    assert steps == []

    small.write_text(write_wheel(wheels, "small_library", "2.0"), encoding="utf-8")
    assert environment.check().state is State.OUTDATED
    with pytest.raises(NotInstalled, match=r"another version.* its small-library is 1\.0, not 2\.0\."):
        environment.engine_python()
    with pytest.raises(Cancelled):
        setup(cancelled=lambda: bool(steps))
    # What was whole is whole still: an older version of GeoFM goes on with it.
    assert "renewal was not finished" in environment.check().message
    assert _version_in(first) == "1.0"
    assert len([name for name in _folders() if not name.startswith(".")]) == 2
    second = setup()
    assert second != first
    assert environment.engine_python() == second
    assert _version_in(second) == "2.0"
    assert _folders() == [second.parent.parent.name]

    # As after an upgrade of the system, which replaced the Python that a link leads to.
    second.unlink()
    assert environment.check().state is State.INCOMPLETE
    assert "is gone" in environment.check().message


def test_a_set_up_that_failed_does_not_count_and_says_why(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = small.read_text(encoding="utf-8")
    small.write_text(f"geofm-no-such-package==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with pytest.raises(NotInstalled, match="geofm-no-such-package") as caught:
        environment.create()
    assert "geofm-no-such-package" in caught.value.detail
    assert environment.check().state is State.INCOMPLETE
    with pytest.raises(NotInstalled, match="not finished"):
        environment.engine_python()
    assert "geofm-no-such-package" in places.setup_log_path().read_text(encoding="utf-8")

    small.write_text(good, encoding="utf-8")
    failing = tmp_path / "failing.py"
    failing.write_text(
        "print('geofm-trial-passed', '{\"gpu_fault\": \"the driver is too old\"}')\n", encoding="utf-8"
    )
    monkeypatch.setattr(making, "_TRIAL", failing)
    environment.create()
    assert len(_folders()) == 1
    assert environment.check().state is State.READY
    assert "the driver is too old" in environment.check().warning


def test_an_extra_is_added_beside_without_fetching_the_rest_again(small: Path, wheels: Path) -> None:
    with pytest.raises(InvalidRequest, match="no extra tensorrt"):
        environment.create(extras=["tensorrt"])
    first = environment.create()
    # Nothing can be had from here on: what is there has to do.
    for path in wheels.iterdir():
        path.unlink()
    second = environment.create(extras=["openvino"])
    assert second != first
    assert _version_in(second) == "1.0"
    assert not first.exists()
    assert environment.repair() == second
    # Extras stay.
    assert environment.create() == second
    assert environment.create(SetupOptions(accelerator="cpu")) == second


def test_repair_finds_what_is_broken_and_renews_it_beside(small: Path) -> None:
    python = environment.create()
    told: list[str] = []
    assert environment.repair(progress=lambda *step: told.append(step[3])) == python
    assert not any("Making" in line for line in told)
    (module,) = python.parent.parent.glob("[Ll]ib/**/small_library.py")
    module.write_text(module.read_text(encoding="utf-8").replace("1.0", "6.6"), encoding="utf-8")
    renewed = environment.repair(progress=lambda *step: told.append(step[3]))
    assert any("small_library.py was changed" in line for line in told)
    assert renewed != python
    assert _version_in(renewed) == "1.0"
    assert _folders() == [renewed.parent.parent.name]


def test_an_engine_at_work_keeps_its_environment_until_it_ends(own_home: Path) -> None:
    python = state.python_in(_plant("py311-0", requirements={}, order=1))
    python.with_name("library").write_text("x" * 1000, encoding="utf-8")
    held = folders.hold(python)
    assert len(held) == 1
    # As an engine has it (process.py): inherited, while its parent lets go of it.
    engine = subprocess.Popen([sys.executable, "-I", "-c", "input()"], stdin=subprocess.PIPE, pass_fds=held)
    os.close(held[0])
    try:
        environment.remove()
        assert python.is_file()
        assert folders.left() == [python.parent.parent]
        assert environment.check().state is State.MISSING
    finally:
        engine.kill()
        engine.communicate()
    assert environment.remove() >= 1000
    assert not own_home.exists()
    assert folders.hold(Path(sys.executable)) == ()


def test_what_a_person_made_survives_the_removal_unless_it_is_asked_for(own_home: Path) -> None:
    for name in ("engines/py311-0/lib", "engines/.downloads", "encodings", "models/mine", "runs/a", "labels"):
        (own_home / name).mkdir(parents=True)
        (own_home / name / "file").write_text("x" * 100, encoding="utf-8")
    SetupOptions(accelerator="cpu").save()
    assert environment.remove() >= 300
    assert sorted(path.name for path in own_home.iterdir()) == ["labels", "models", "runs"]
    assert environment.remove(everything=True) == 200
    assert sorted(path.name for path in own_home.iterdir()) == ["labels"]
    assert environment.remove() == 0


# --- at any moment ----------------------------------------------------------------------------


@pytest.fixture
def running(own_home: Path) -> Iterator[Callable[..., list[str]]]:
    """Runs Python code as a step of a set-up."""
    with contextlib.closing(Log()) as log:

        def run(code: str, cancelled: Callable[[], bool] = lambda: False) -> list[str]:
            script = own_home / "script.py"
            script.write_text(code, encoding="utf-8")
            return Commands(log, cancelled).run(Path(sys.executable), [str(script)], child_environment())

        yield run


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _ends(pids: list[int], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while any(map(_lives, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(_lives, pids))


_SILENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[0] + ".pids", "w").write(f"{os.getpid()} {child.pid}")
time.sleep(60)
"""


def _pids(home: Path) -> list[int]:
    path = home / "script.py.pids"
    return [int(word) for word in path.read_text(encoding="utf-8").split()] if path.exists() else []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_a_silent_step_is_cancelled_within_a_second_with_all_it_started(
    running: Callable[..., list[str]], own_home: Path
) -> None:
    asked, at = threading.Event(), [0.0]

    def ask() -> None:
        while len(_pids(own_home)) < 2:
            time.sleep(0.01)
        at[0] = time.monotonic()
        asked.set()

    person = threading.Thread(target=ask)
    person.start()
    with pytest.raises(Cancelled):
        running(_SILENT, asked.is_set)
    assert time.monotonic() - at[0] < 1.0
    person.join()
    assert _ends(_pids(own_home), 1.0)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_a_step_ends_with_whoever_started_it(own_home: Path, plugins: Path) -> None:
    (own_home / "script.py").write_text(_SILENT, encoding="utf-8")
    code = f"""
import sys
sys.path.insert(0, {str(plugins)!r})
from pathlib import Path
from geofm.inference.environment.commands import Commands, Log
script = {str(own_home / "script.py")!r}
Commands(Log(), lambda: False).run(Path(sys.executable), [script], {{}})
"""
    parent = subprocess.Popen([sys.executable, "-c", code])
    until = time.monotonic() + 30
    while len(_pids(own_home)) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    pids = _pids(own_home)
    assert len(pids) == 2
    assert all(map(_lives, pids))
    parent.kill()
    parent.wait()
    assert _ends(pids, 3.0)


def test_a_trial_that_fails_says_why(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = own_home / "trial.py"
    monkeypatch.setattr(making, "_TRIAL", trial)
    with contextlib.closing(Log()) as log:
        work = making.Making(SetupOptions(), lambda *step: None, Commands(log, lambda: False))
        for code in ("import geofm_no_such_module\n", "print('geofm_no_such_module')\n"):
            trial.write_text(code, encoding="utf-8")
            with pytest.raises(NotInstalled, match="do not work"):
                work._try(Path(sys.executable), "cpu")
    assert "geofm_no_such_module" in places.setup_log_path().read_text(encoding="utf-8")


def test_a_step_says_what_it_said_and_nothing_secret(
    running: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://user:s3cret@packages.example/simple"
    lines = running(f"print('Looking in indexes: {address}')\nprint('Gr\\u00fc\\u00dfe')")
    assert lines == ["Looking in indexes: https://***@packages.example/simple", "Grüße"]
    with pytest.raises(NotInstalled, match="disk is full") as caught:
        running(f"print('{address}')\nraise OSError(28, 'No space left on device')")
    assert "s3cret" not in caught.value.detail
    log = places.setup_log_path().read_text(encoding="utf-8")
    assert "Grüße" in log
    assert "No space left on device" in log
    assert "s3cret" not in log


def test_the_log_is_moved_aside_when_it_has_grown(own_home: Path) -> None:
    places.setup_log_path().write_text("x" * (1 << 20), encoding="utf-8")
    Log().close()
    assert sorted(path.name for path in own_home.iterdir()) == ["setup.log", "setup.log.1"]


def test_a_second_set_up_says_that_another_is_under_way(
    own_home: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geofm.inference.environment.turns._PATIENCE", 0.2)
    with turn():
        for work in (environment.create, environment.repair, environment.remove):
            with pytest.raises(NotInstalled, match="under way"):
                work()
        stopped = threading.Event()
        stopped.set()
        with pytest.raises(Cancelled):
            environment.create(cancelled=stopped.is_set)
    # Its turn ended: the file that stays does not mean anything.
    with turn():
        assert environment.check().state is State.MISSING


def test_too_small_a_disk_is_told_before_anything_is_written(
    small: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real(path)._replace(free=50_000_000))
    planned = environment.plan()
    assert any("there are 0.1 GB" in problem for problem in planned.problems)
    with pytest.raises(NotInstalled, match="disk space") as caught:
        environment.create()
    assert "GEOFM_HOME" in caught.value.hint
    assert environment.check().state is State.MISSING


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "cannot be written")]
)
def test_what_the_disk_refuses_is_told_in_words(
    small: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(self: SetupOptions) -> None:
        raise OSError(number, os.strerror(number), "setup.json")

    monkeypatch.setattr(SetupOptions, "save", refuse)
    with pytest.raises(NotInstalled, match=words):
        environment.create()


def test_what_is_planned_is_known_without_doing_anything(small: Path, own_home: Path) -> None:
    begun = os.times()
    planned = environment.plan(SetupOptions(extras=("openvino",)))
    # What it computes, with what it starts: how long that takes is up to what else the machine does.
    assert sum(after - before for before, after in zip(begun[:4], os.times()[:4])) < 2.0
    assert planned.problems == ()
    assert planned.folder.parent == places.engines_folder()
    assert planned.packages == 1
    assert planned.lists[-1].endswith("-openvino.txt")
    assert (planned.download, planned.disk) == (6_000_000, 90_000_000)
    assert planned.free > planned.disk
    assert list(own_home.iterdir()) == []
    with pytest.raises(InvalidRequest, match="no extra tensorrt"):
        environment.plan(SetupOptions(extras=("tensorrt",)))


# --- which of several ---------------------------------------------------------------------------


def _plant(name: str, **stamp: object) -> Path:
    folder = places.engines_folder() / name
    python = state.python_in(folder)
    python.parent.mkdir(parents=True)
    python.touch()
    if stamp:
        (folder / state.STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return folder


def test_the_one_made_last_counts_and_none_that_is_half(small: Path) -> None:
    digests = {name: requirements.digest(name) for name in (requirements.PIP, small.name)}
    assert environment.check().state is State.MISSING
    half = _plant("half")
    assert environment.check().state is State.INCOMPLETE
    _plant("torn").joinpath(state.STAMP).write_text('{"requirements": {"engine.txt"', encoding="utf-8")
    assert environment.check().state is State.INCOMPLETE
    _plant("other", requirements={**digests, small.name: "sha256:0"}, order=9)
    assert environment.check().state is State.OUTDATED
    _plant("without-engine", requirements={requirements.PIP: digests[requirements.PIP]}, order=8)
    assert environment.check().state is State.OUTDATED
    older = _plant("older", requirements=digests, order=1)
    assert environment.engine_python() == state.python_in(older)
    newer = _plant("newer", requirements=digests, order=2)
    assert environment.engine_python() == state.python_in(newer)
    state.python_in(newer).unlink()
    assert environment.engine_python() == state.python_in(older)
    folders.sweep(keep=older)
    assert _folders() == ["older"]
    assert not half.exists()


def test_a_name_that_is_taken_gets_a_number(own_home: Path) -> None:
    assert folders.free_folder("py311-0").name == "py311-0"
    _plant("py311-0", requirements={})
    assert folders.free_folder("py311-0").name == "py311-0-2"
    _plant("py311-0-2")
    assert folders.free_folder("py311-0").name == "py311-0-2"
    assert _folders() == ["py311-0"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is refused to root")
def test_a_folder_that_may_not_be_removed_stays_without_an_error(own_home: Path) -> None:
    kept, gone = _plant("kept", requirements={}), _plant("gone", requirements={})
    places.engines_folder().chmod(0o500)
    try:
        folders.sweep(keep=kept)
    finally:
        places.engines_folder().chmod(0o700)
    assert folders.left() == [gone]
    folders.sweep(keep=kept)
    assert _folders() == ["kept"]


# --- the trial ---------------------------------------------------------------------------------


@pytest.mark.parametrize("accelerator", ["cpu", "cuda"])
def test_the_trial_runs_networks_in_the_engines_python(engine_python: Path, accelerator: str) -> None:
    answer = subprocess.run(
        [str(engine_python), "-I", str(making._TRIAL), accelerator],
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    last = answer.stdout.splitlines()[-1]
    assert last.startswith(making._PASSED), answer.stderr
    # Without a GPU the set-up goes on, and the reason is told.
    fault = json.loads(last[len(making._PASSED) :])["gpu_fault"]
    assert bool(fault) == (accelerator == "cuda" and not _has_gpu(engine_python))


def _has_gpu(python: Path) -> bool:
    code = "import torch, sys; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([str(python), "-I", "-c", code], check=False).returncode == 0
