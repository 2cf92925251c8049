"""Packs the plugin as plugins.qgis.org wants it: `make package`.

The zip holds the folder ``geofm`` with what users need and nothing else. The same files give
the same bytes: names sorted, times and rights fixed.
"""

from __future__ import annotations

import argparse
import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHIPPED_FILES = (
    "__init__.py", "__main__.py", "api.py", "cli.py", "plugin.py",
    "metadata.txt", "LICENSE", "README.md", "CHANGELOG.md",
)
SHIPPED_FOLDERS = ("algorithms", "inference", "resources", "ui")
LEFT_OUT = ("resources/requirements/dev.txt", "resources/requirements/qgis-tests.txt")
LIMIT = 25_000_000  # plugins.qgis.org takes no more
_OLDEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell


def version() -> str:
    """The version in metadata.txt."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


def shipped() -> list[str]:
    """Paths from the root of every tracked file that users get, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    wanted = [
        name
        for name in listed
        if name in SHIPPED_FILES or (name.split("/")[0] in SHIPPED_FOLDERS and "/" in name)
    ]
    return sorted(name for name in wanted if name not in LEFT_OUT)


def pack(target: Path) -> list[str]:
    """Write the zip to ``target``; answers the names inside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    names = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in shipped():
            entry = zipfile.ZipInfo(f"geofm/{name}", _OLDEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (ROOT / name).read_bytes())
            names.append(entry.filename)
    return names


def main() -> int:
    """Pack to build/ or where ``--output`` says; 1 if the zip would not be accepted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "build" / f"geofm-{version()}.zip")
    target = parser.parse_args().output
    names = pack(target)
    size = target.stat().st_size
    print(f"{target}: {len(names)} files, {size / 1e6:.2f} MB")
    if size > LIMIT:
        print(f"This is more than the {LIMIT / 1e6:.0f} MB that plugins.qgis.org takes.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
