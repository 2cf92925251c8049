"""Runs the tests that need QGIS on other versions of it, and the panels on Qt 6: `make compat`.

A suite of Debian is made in build/compat/<suite> (debootstrap: root or sudo, 2 to 3 GB each) and kept. It
brings its own QGIS, Python, GDAL and Qt, and gets a copy of this checkout; the engine, which is the same for
every QGIS, is lent from here, with the Python that it stands on. Debian builds QGIS with Qt 5, so Qt 6 is
another part: PyQt6 with a stand-in for QGIS.

GEOFM_COMPAT names another folder for the suites.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import run_tests

ROOT = run_tests.ROOT
BUILD = ROOT / "build"
SUITES = ("trixie", "sid")
QT6 = "qt6"
PARTS = ("doors", "desktop", "qgis")  # of run_tests
DATA = ("GEOFM_SAMPLES", "GEOFM_MODELS", "GEOFM_REFERENCE")

# What is packed is a commit, so the copied checkout becomes one. The release's own packages and test
# environment by the Makefile's rules, then the suite as everywhere. The lent engine's interpreter is a link
# to the Python that it was made with, whose short name is another Python in there.
INSIDE = """
git init -q
git add -A
git -c user.name=compat -c user.email=compat@localhost commit -q -m "The checkout as it lay"
make -s build/stamps/system build/stamps/qgis
eval "$(scripts/env.sh)"
build/qgis/bin/python -c '
import sys
from osgeo import gdal
from qgis.core import Qgis
from qgis.PyQt.QtCore import QT_VERSION_STR
print(Qgis.QGIS_VERSION.split("-")[0], QT_VERSION_STR, sys.version.split()[0], gdal.__version__)
' >build/versions.txt
mkdir -p /srv/engine/bin
cp "$LENT_ENGINE/pyvenv.cfg" /srv/engine/
ln -sfn "$LENT_ENGINE/lib" /srv/engine/lib
ln -sfn "$LENT_PYTHON" /srv/engine/bin/python
export GEOFM_PYTHON=/srv/engine/bin/python
"$GEOFM_PYTHON" -c 'import torch, rasterio'
exec python3 scripts/run_tests.py "$@"
"""

# Of an engine: its folder, the program that it runs on, and where that has its standard library.
ENGINE = """
import os, sys, sysconfig
base = sysconfig.get_path("stdlib") if sys.base_prefix in ("/usr", "/usr/local") else sys.base_prefix
print(sys.prefix, os.path.realpath(sys._base_executable), base, sep="\\n")
"""


@dataclass
class Row:
    """A line of the table: a part in one world.

    Attributes:
        world: the suite, or qt6.
        versions: of QGIS, Qt, Python and GDAL.
        tallies: by the part's name.
    """

    world: str
    versions: str
    tallies: dict[str, run_tests.Tally] = field(default_factory=dict)


def engine() -> list[str]:
    """Folder, program and library of the engine of GEOFM_PYTHON, or of `make setup`.

    Raises:
        SystemExit: if there is none.
    """
    environment = {"GEOFM_HOME": str(BUILD / "home"), **os.environ, "PYTHONPATH": str(BUILD / "plugins")}
    where = [sys.executable, "-m", "geofm", "setup", "--where"]
    told = subprocess.run(where, env=environment, capture_output=True, text=True, check=False)
    python = told.stdout.strip()
    if not Path(python).is_file():
        raise SystemExit("The engine is not installed: run make setup.")
    asked = subprocess.run([python, "-c", ENGINE], capture_output=True, text=True, check=True)
    return asked.stdout.split("\n")


def lent(engine: list[str]) -> list[str]:
    """What a chroot sees where it lies here: the engine, its Python, the tests' data, folders of packages."""
    paths = list(engine)
    for name in DATA:
        paths += os.environ.get(name, "").split(os.pathsep)
    paths.append(str(BUILD / "home" / "models"))
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    stated = "\n".join(value for name, value in os.environ.items() if name.startswith("PIP_"))
    named = re.findall(r"(?<![\w:/])(?:file://)?(/[\w./+-]+)", configured + "\n" + stated)
    # The pages of an index lead to files that lie beside them.
    paths += [path.removesuffix("/").removesuffix("/simple") for path in named]
    return list(dict.fromkeys(path for path in paths if path and Path(path).exists()))


def suite(name: str, parts: list[str]) -> Row:
    """Run parts of the tests in a suite of Debian, which is made where it is missing."""
    folder = Path(os.environ.get("GEOFM_COMPAT") or BUILD / "compat") / name
    inside = folder / "srv" / "geofm" / "build"
    found = engine()
    models = [os.environ.get("GEOFM_MODELS", ""), str(BUILD / "home" / "models")]
    variables = {
        "LENT": "\n".join(lent(found)),
        "LENT_ENGINE": found[0],
        "LENT_PYTHON": found[1],
        "GEOFM_MODELS": os.pathsep.join(path for path in models if path and Path(path).exists()),
    }
    for part in parts:
        (inside / "test" / f"{part}.xml").unlink(missing_ok=True)
    command = [str(ROOT / "scripts" / "chroot.sh"), name, str(folder), "bash", "-euc", INSIDE, name, *parts]
    code = subprocess.run(command, env={**os.environ, **variables}, check=False).returncode
    told = inside / "versions.txt"
    versions = told.read_text(encoding="utf-8").strip() if told.exists() else "not made"
    row = Row(name, versions)
    for part in parts:
        row.tallies[part] = run_tests.count(part, inside / "test" / f"{part}.xml", code)
    return row


def qt6() -> Row:
    """Run tests/qt6 with PyQt6; its pictures lie in build/compat/qt6."""
    python, report = BUILD / "qt6" / "bin" / "python", BUILD / "compat" / "qt6.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), "-m", "pytest", "tests/qt6", f"--junitxml={report}"]
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    asked = "import sys; from PyQt6.QtCore import qVersion; print('-', qVersion(), sys.version.split()[0])"
    versions = subprocess.run([str(python), "-c", asked], capture_output=True, text=True, check=False).stdout
    return Row(QT6, versions.strip(), {QT6: run_tests.count(QT6, report, code)})


def table(rows: list[Row]) -> str:
    """Worlds x parts as text."""
    cells: list[tuple[object, ...]] = [
        ("where", "QGIS", "Qt", "Python", "GDAL", "part", "passed", "failed", "skipped")
    ]
    for row in rows:
        versions = (*row.versions.split(), "-", "-", "-", "-")[:4]
        for part, tally in row.tallies.items():
            cells.append((row.world, *versions, part, tally.passed, tally.failed, len(tally.skipped)))
    return "\n".join("".join(f"{cell!s:9}" for cell in line).rstrip() for line in cells)


def main(names: list[str]) -> int:
    """Run the named suites and parts, or all; 1 if anything failed or nothing ran."""
    known = (*SUITES, QT6, *PARTS)
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"Unknown part {', '.join(unknown)}; known are {', '.join(known)}.", file=sys.stderr)
        return 2
    worlds = [name for name in (*SUITES, QT6) if name in names] or [*SUITES, QT6]
    parts = [name for name in PARTS if name in names] or list(PARTS)
    rows = [qt6() if name == QT6 else suite(name, parts) for name in worlds]
    print("\n===== summary")
    tallies = [(row.world, tally) for row in rows for tally in row.tallies.values()]
    for world, tally in tallies:
        for line in (*(f"skipped {skipped}" for skipped in tally.skipped), *tally.notes):
            print(f"{world}: {line}")
    print(table(rows))
    return 1 if any(tally.failed or not tally.passed for _, tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
