"""Packs the plugin as plugins.qgis.org wants it, and has two scanners look at it: `make package`.

The zip holds the folder ``geofm`` with what users need and nothing else: the files of the last
commit, so that nothing gets in by chance. One commit is the same bytes on every machine: names
sorted, times and rights fixed, nothing compressed. (Compressors are not alike: builds of zlib, and
zlib-ng in its place, give other bytes for the same text. It costs 2 of the 25 MB that are allowed.)
"""

from __future__ import annotations

import argparse
import configparser
import hashlib
import io
import json
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHIPPED_FILES = (
    "__init__.py", "__main__.py", "plugin.py",
    "cli.py", "cli_bundle.py", "cli_setup.py",
    "metadata.txt", "LICENSE", "README.md", "CHANGELOG.md",
)
SHIPPED_FOLDERS = ("algorithms", "api", "inference", "resources", "ui")
LEFT_OUT = tuple(
    f"resources/requirements/{name}" for name in ("dev.txt", "qgis-tests.txt", "qt6-tests.txt")
)
LIMIT = 25_000_000  # plugins.qgis.org takes no more
_OLDEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
_UNIX = 3  # the kind of system that made it, as the zip format numbers them
_RIGHTS = (stat.S_IFREG | 0o644) << 16


class Refused(Exception):
    """There is something that the zip would silently leave out, take in or change; says what."""


def version() -> str:
    """The version in metadata.txt."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


def is_shipped(name: str) -> bool:
    """Whether users get the file of this path from the root."""
    folder, _, rest = name.partition("/")
    return name in SHIPPED_FILES or (folder in SHIPPED_FOLDERS and bool(rest) and name not in LEFT_OUT)


def _git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise Refused(f"Packing needs a git checkout: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout


def _names(*words: str) -> list[str]:
    return [name for name in _git(*words, "-z").decode("utf-8").split("\0") if name]


def changed() -> list[str]:
    """Shipped files that are not as the last commit has them: changed, gone or never added."""
    known = _names("diff", "--name-only", "--no-renames", "HEAD")
    unknown = _names("ls-files", "-o", "--exclude-standard")
    return sorted(filter(is_shipped, {*known, *unknown}))


def committed() -> dict[str, bytes]:
    """What users get, by path from the root, as the last commit has it.

    Raises:
        Refused: for a link or a submodule, which the zip could only hold as something else.
    """
    contents = {}
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", "HEAD"))) as archive:
        for member in archive:
            if member.isdir() or not is_shipped(member.name):
                continue
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None:
                raise Refused(f"{member.name} is not a plain file.")
            contents[member.name] = stream.read()
    return contents


def as_it_lies() -> dict[str, bytes]:
    """What users would get if all that lies here were committed."""
    names = filter(is_shipped, _names("ls-files", "-c", "-o", "--exclude-standard"))
    return {name: (ROOT / name).read_bytes() for name in names if (ROOT / name).is_file()}


def pack(target: Path, contents: dict[str, bytes]) -> list[str]:
    """Write the zip to ``target``; answers the names inside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(f"geofm/{name}", _OLDEST)
            entry.create_system = _UNIX
            entry.external_attr = _RIGHTS
            archive.writestr(entry, contents[name])
        return archive.namelist()


def bandit_findings(folder: Path) -> list[str]:
    """What bandit finds in the code of a folder, every test of it, one line each."""
    report = _scan(["bandit", "--recursive", ".", "--format", "json", "--quiet"], folder)
    faults = [f"{fault['filename']}: {fault['reason']}" for fault in report["errors"]]
    return faults + [
        f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text']}"
        for one in report["results"]
    ]


def secrets_found(folder: Path) -> list[str]:
    """What detect-secrets finds in the files of a folder, one line each."""
    report = _scan(["detect_secrets", "scan", "--all-files", "."], folder)
    return [
        f"{name}:{one['line_number']}: {one['type']}"
        for name, found in report["results"].items()
        for one in found
    ]


SCANNERS = {"bandit": bandit_findings, "detect-secrets": secrets_found}


def _scan(words: list[str], folder: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True)
    if not done.stdout.startswith("{"):
        raise Refused(f"{words[0]} gave no report; make setup installs it. {done.stderr.strip()[-300:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def scan(target: Path) -> int:
    """Show what the scanners find in a zip; how many findings there are."""
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(target) as archive:
            archive.extractall(folder)
        for name, look in SCANNERS.items():
            findings = look(Path(folder))
            total += len(findings)
            print(f"{name}: {len(findings)} findings")
            for finding in findings:
                print(f"  {finding}")
    return total


def main() -> int:
    """Pack to build/ or where ``--output`` says; 1 if the zip would not be accepted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "build" / f"geofm-{version()}.zip")
    parser.add_argument("--uncommitted", action="store_true", help="pack the files as they lie here")
    parser.add_argument("--scan", action="store_true", help="have bandit and detect-secrets look at it")
    options = parser.parse_args()
    try:
        surprises = [] if options.uncommitted else changed()
        if surprises:
            listed = "\n  ".join(surprises)
            raise Refused(f"The zip is the last commit, which these files are not part of:\n  {listed}")
        target: Path = options.output
        names = pack(target, as_it_lies() if options.uncommitted else committed())
        data = target.read_bytes()
        print(f"{target}: {len(names)} files, {len(data) / 1e6:.2f} MB")
        print(f"sha256 {hashlib.sha256(data).hexdigest()}", flush=True)
        if len(data) > LIMIT:
            raise Refused(f"This is more than the {LIMIT / 1e6:.0f} MB that plugins.qgis.org takes.")
        return 1 if options.scan and scan(target) else 0
    except Refused as fault:
        print(fault, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
