"""Which Python makes the engine's environment: decided over recorded facts, and over this machine's."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from geofm.inference import environment
from geofm.inference.environment import NotInstalled, builds, platforms, pythons
from geofm.inference.environment.platforms import Platform, this_platform

RECORDED = sorted((Path(__file__).parent / "platforms").glob("*.json"))
SAID = {
    "bits": 64, "implementation": "cpython", "free_threaded": False, "missing": [], "executable": "",
}  # fmt: skip
POSIX = pytest.mark.skipif(os.name == "nt", reason="plants shell scripts")


class Recorded:
    """The facts of a machine that is not here; what must not be started fails the test."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.started: list[str] = []

    def is_file(self, path: str) -> bool:
        return path in self.facts["pythons"] or path in self.facts["files"]

    def which(self, name: str) -> str:
        return str(self.facts["path"].get(name, ""))

    def ask(self, python: str) -> Mapping[str, Any]:
        assert python in self.facts["pythons"], f"{python} was started"
        self.started.append(python)
        return {**SAID, **self.facts["pythons"][python]}

    def trial(self, python: str) -> str:
        return str(self.facts["pythons"][python].get("trial", ""))


def _platform(facts: Mapping[str, Any]) -> Platform:
    return Platform(**{**facts["platform"], "version": tuple(facts["platform"]["version"])})


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch, scratch_home: Path) -> None:
    monkeypatch.delenv("GEOFM_BASE_PYTHON", raising=False)


@pytest.mark.parametrize("file", RECORDED, ids=[file.stem for file in RECORDED])
def test_each_platforms_python_is_found_as_recorded(file: Path) -> None:
    facts = json.loads(file.read_text(encoding="utf-8"))
    assert facts["about"]
    assert all(source.startswith("https://") for source in facts["sources"])
    assert facts["sources"]
    platform, machine, expect = _platform(facts), Recorded(facts), facts["expect"]
    if "error" in expect:
        with pytest.raises(NotInstalled, match=expect["error"]):
            pythons.choose("", platform, machine)
        assert machine.started == []
        return
    choice = pythons.choose("", platform, machine)
    assert (str(choice.python) if choice.python else None) == expect.get("python")
    assert (choice.build.tag if choice.build else None) == expect.get("build")
    assert (str(choice.instead) if choice.instead else None) == expect.get("instead")
    assert expect.get("why", "") in choice.why
    rejected = dict(line.split(": ", 1) for line in choice.rejected)
    for path, reason in expect.get("rejected", {}).items():
        assert reason in rejected[path]
    assert not [path for path in machine.started if "qgis" in path.lower().replace("\\", "/").split("/")[-1]]


def test_the_recorded_platforms_are_those_that_people_have() -> None:
    recorded = [json.loads(file.read_text(encoding="utf-8"))["platform"] for file in RECORDED]
    bundles = {platform.get("bundle", "") for platform in recorded}
    assert bundles == {"", "osgeo4w", "msi", "app", "flatpak", "snap", "conda"}


def _recorded(name: str) -> tuple[Platform, dict[str, Any]]:
    file = Path(__file__).parent / "platforms" / f"{name}.json"
    facts = json.loads(file.read_text(encoding="utf-8"))
    return _platform(facts), facts


@pytest.mark.parametrize(
    ("name", "wanted", "says"),
    [
        ("windows-msi", r"C:\Program Files\QGIS 4.0.3\bin\qgis-bin.exe", "QGIS itself"),
        ("windows-store", r"C:\Users\Ana\AppData\Local\Microsoft\WindowsApps\python3.12.exe", "Store"),
        ("windows-store", r"C:\PROGRA~1\QGIS32~1.16\apps\Python39\python.exe", "is Python 3.9.5"),
        ("windows-store", r"C:\nowhere\python.exe", "does not exist"),
        ("windows-msi-python-org", r"C:\Windows\py.exe", "not called python"),
        ("linux-debian-no-venv", "/usr/bin/python3", "python3.12-venv"),
        ("macos-app", "/usr/bin/python3", "Apple"),
    ],
)
def test_a_wanted_python_that_does_not_serve_is_refused_in_a_sentence(
    name: str, wanted: str, says: str
) -> None:
    platform, facts = _recorded(name)
    with pytest.raises(NotInstalled, match="The chosen Python") as caught:
        pythons.choose(wanted, platform, Recorded(facts))
    assert says in caught.value.message
    assert wanted in caught.value.message
    assert caught.value.hint


def test_a_wanted_python_is_taken_before_better_ones_and_may_be_a_folder() -> None:
    platform, facts = _recorded("linux-several")
    assert pythons.choose("/usr/local/bin/python3.11", platform, Recorded(facts)).python == Path(
        "/usr/local/bin/python3.11"
    )
    platform, facts = _recorded("windows-osgeo4w")
    choice = pythons.choose(r"C:\OSGeo4W\apps\Python312", platform, Recorded(facts))
    assert str(choice.python) == r"C:\OSGeo4W\apps\Python312\python.exe"
    named = dataclasses.replace(platform, environ={"GEOFM_BASE_PYTHON": r"C:\nowhere\python.exe"})
    with pytest.raises(NotInstalled, match="nowhere"):
        pythons.choose("", named, Recorded(facts))


def test_a_standalone_python_that_is_there_already_is_taken() -> None:
    platform, facts = _recorded("linux-flatpak")
    build = builds.build_for(platform.tag)
    assert build is not None
    there = {**facts, "files": [*facts["files"], str(build.python)]}
    choice = pythons.choose("", platform, Recorded(there))
    assert (choice.python, choice.build) == (build.python, None)


def test_without_a_standalone_one_the_bundled_python_does() -> None:
    platform, facts = _recorded("linux-flatpak")
    facts["pythons"] = {path: {**said, "machine": "aarch64"} for path, said in facts["pythons"].items()}
    changed = dataclasses.replace(platform, machine="aarch64")
    choice = pythons.choose("", changed, Recorded(facts))
    assert choice.build is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pythons, "build_for", lambda tag: None)
        assert pythons.choose("", changed, Recorded(facts)).python == Path("/usr/bin/python3")
        platform, facts = _recorded("linux-old-python")
        with pytest.raises(NotInstalled, match=r"No Python 3\.11 to 3\.13") as caught:
            pythons.choose("", platform, Recorded(facts))
    assert "is Python 3.8.10" in caught.value.detail
    assert "python3-venv" in caught.value.hint


# --- this machine ---------------------------------------------------------------------------------


def _fake_python(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_this_machine_is_known() -> None:
    known = this_platform()
    assert known.fault == ""
    assert known.tag.split("-")[0] in ("linux", "windows", "macos")
    assert known.version == tuple(sys.version_info[:3])
    assert "PATH" not in repr(known)


def test_this_python_can_make_the_environment(engine_python: Path) -> None:
    found = environment.find_python()
    answer = subprocess.run([str(found), "-I", "-c", "import venv, ensurepip"], check=False)
    assert answer.returncode == 0


@POSIX
@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo \"No module named 'encodings'\" >&2; exit 1\n", "No module named 'encodings'"),
        ("exit 3\n", "without a word"),
        ("exit 0\n", "is not Python"),
        ("echo Hello\n", "is not Python"),
        ("echo '{\"no\": 1}'\n", "is not Python"),
        ("kill -9 $$\n", "does not start"),
    ],
)
def test_what_is_no_python_says_why(script: str, says: str, tmp_path: Path) -> None:
    assert says in pythons.fault_of(_fake_python(tmp_path / "python3", script))


@POSIX
def test_a_python_whose_environments_do_not_start_is_refused(tmp_path: Path, engine_python: Path) -> None:
    # As OSGeo4W's and the macOS bundle's: it answers, and what it makes does not run.
    script = (
        f'if [ "$2" = "-m" ]; then mkdir -p "$5/bin"; printf "#!/bin/sh\\nexit 1\\n" >"$5/bin/python";\n'
        f'chmod +x "$5/bin/python"; else exec {engine_python} "$@"; fi\n'
    )
    assert "environments that do not start" in pythons.fault_of(_fake_python(tmp_path / "python3", script))


@POSIX
def test_qgis_itself_is_never_started(tmp_path: Path) -> None:
    started = tmp_path / "qgis-was-started"
    for name in ("qgis", "qgis-bin.exe", "qgis-ltr-bin.exe", "QGIS", "python-qgis.bat"):
        program = _fake_python(tmp_path / "bin" / name, f": >'{started}'\n")
        assert pythons.fault_of(program)
    assert not started.exists()


def test_each_standalone_python_has_all_that_a_download_needs() -> None:
    tags = ("linux-x86_64", "linux-aarch64", "windows-x86_64", "macos-arm64", "macos-x86_64")
    for tag in tags:
        build = builds.build_for(tag)
        assert build is not None
        assert build.address.startswith("https://")
        assert build.version in build.file
        assert 20_000_000 < build.size < 40_000_000
        assert len(build.digest.removeprefix("sha256:")) == 64
        assert pythons.MIN_PYTHON <= platforms.numbers(build.version)[:2] <= pythons.MAX_PYTHON
    assert builds.build_for("linux-x86_64-musl") is None


# --- what a system says of itself -----------------------------------------------------------------

ARM_KERNEL = "Darwin Kernel Version 23.5.0: root:xnu-10063~3/RELEASE_ARM64_T6000"
INTEL_KERNEL = "Darwin Kernel Version 23.5.0: root:xnu-10063~3/RELEASE_X86_64"
QGIS_MSI = r"C:\PROGRA~1\QGIS34~1.11"


@pytest.mark.parametrize(
    ("system", "machine", "version", "variables", "expected"),
    [
        ("darwin", "x86_64", ARM_KERNEL, {}, "aarch64"),
        ("darwin", "x86_64", INTEL_KERNEL, {}, "x86_64"),
        ("darwin", "arm64", ARM_KERNEL, {}, "aarch64"),
        ("win32", "AMD64", "10.0.22631", {"PROCESSOR_IDENTIFIER": "Intel64 Family 6"}, "x86_64"),
        ("win32", "AMD64", "10.0.26100", {"PROCESSOR_IDENTIFIER": "ARMv8 (64-bit) Family 8"}, "aarch64"),
        ("win32", "ARM64", "10.0.26100", {}, "aarch64"),
        ("win32", "x86", "10.0.22631", {"PROCESSOR_ARCHITEW6432": "AMD64"}, "x86_64"),
        ("win32", "x86", "10.0.19045", {}, "i686"),
        ("linux", "aarch64", "#1 SMP", {}, "aarch64"),
    ],
)
def test_the_hardware_is_known_behind_an_emulation(
    system: str, machine: str, version: str, variables: dict[str, str], expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("PROCESSOR_IDENTIFIER", "PROCESSOR_ARCHITEW6432"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with monkeypatch.context() as patch:
        patch.setattr(platforms.sys, "platform", system)
        patch.setattr(platforms.platform, "machine", lambda: machine)
        patch.setattr(platforms.platform, "version", lambda: version)
        patch.setattr(platforms.platform, "mac_ver", lambda: ("14.5", ("", "", ""), machine))
        found = this_platform()
    assert found.machine == expected
    assert found.system == {"darwin": "macos", "win32": "windows"}.get(system, system)


@pytest.mark.parametrize(
    ("system", "prefix", "variables", "expected"),
    [
        ("windows", r"C:\OSGeo4W\apps\Python312", {"OSGEO4W_ROOT": r"C:\OSGeo4W"}, "osgeo4w"),
        ("windows", r"D:\gis\OSGeo4W64\apps\Python39", {}, "osgeo4w"),
        ("windows", QGIS_MSI + r"\apps\Python312", {"OSGEO4W_ROOT": QGIS_MSI}, "msi"),
        ("windows", r"C:\Program Files\QGIS 4.0.3\apps\Python312", {}, "msi"),
        ("windows", r"C:\Users\Ana\AppData\Local\Programs\Python\Python312", {}, ""),
        ("macos", "/Applications/QGIS.app/Contents/MacOS", {}, "app"),
        ("macos", "/opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12", {}, ""),
        ("linux", "/usr", {"FLATPAK_ID": "org.qgis.qgis"}, "flatpak"),
        ("linux", "/usr", {"SNAP_NAME": "qgis"}, "snap"),
        ("linux", "/usr", {"SNAP_NAME": "code"}, ""),
        ("linux", "/usr", {}, ""),
    ],
)
def test_what_qgis_came_in_is_known(
    system: str, prefix: str, variables: dict[str, str], expected: str
) -> None:
    assert platforms._bundle(system, prefix, variables) == expected


def test_a_conda_environment_is_known_by_its_records(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    assert platforms._bundle("linux", str(tmp_path), {}) == "conda"
