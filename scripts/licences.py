"""Notes the licence of every package that the engine's lists name: `make licences`.

Read from what each wheel says of itself, which the index gives without the wheel. What is noted already is
kept; `--anew` asks for all.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "build" / "plugins"), str(ROOT / "scripts")]

import locks  # noqa: E402

from geofm.inference.environment import requirements  # noqa: E402

# Licences in one word or two; longer is the licence itself.
_SHORT = 60
_TROVE = "License :: "
# What says nothing.
_EMPTY = {"", "unknown", "dual license", "other/proprietary license"}


def main() -> int:
    """Write resources/requirements/licences.json."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--anew", action="store_true", help="ask for those that are noted, too")
    path = requirements.folder() / requirements.LICENCES
    noted = {} if parser.parse_args().anew or not path.is_file() else json.loads(path.read_text("utf-8"))
    wanted = {tag: named_in(f"{tag}-*.txt") for tag in locks.TARGETS}
    wanted["linux-x86_64"] |= requirements.pins(requirements.PIP)
    found: dict[str, str] = {}
    for tag, pins in wanted.items():
        found |= {name: noted[name] for name in pins if name in noted}
        lacking = {name: version for name, version in pins.items() if name not in found}
        if lacking:
            found |= asked(lacking, locks.TARGETS[tag])
    path.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", "utf-8")
    return 0


def named_in(pattern: str) -> dict[str, str]:
    """Packages with versions of the lists of a platform."""
    paths = sorted(requirements.folder().glob(pattern))
    return {name: version for path in paths for name, version in requirements.pins(path.name).items()}


def asked(pins: Mapping[str, str], target: locks.Target) -> dict[str, str]:
    """The licences of packages by name, as pip's report of their metadata has them."""
    platforms = [word for tag in target.pip for word in ("--platform", tag)]
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        locks.run(
            [
                sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps",
                "--ignore-installed", "--only-binary", ":all:", "--python-version", locks.SIZED,
                "--implementation", "cp", *platforms, "--target", scratch, "--report", str(report),
                *(f"{name}=={version}" for name, version in pins.items()),
            ]
        )  # fmt: skip
        rows = json.loads(report.read_text("utf-8"))["install"]
    return {requirements.normal(row["metadata"]["name"]): licence_of(row["metadata"]) for row in rows}


def licence_of(metadata: Mapping[str, Any]) -> str:
    """A package's licence: its expression, else what it calls it in a few words, else how it is filed.

    By the core metadata specification, whose later versions have ``License-Expression`` alone.
    """
    trove = [
        text.rpartition(" :: ")[2] for text in metadata.get("classifier", []) if text.startswith(_TROVE)
    ]
    called = str(metadata.get("license") or "").strip()
    expression = str(metadata.get("license_expression") or "")
    if expression:
        return expression
    for text in (called, ", ".join(trove)):
        if text.lower() not in _EMPTY and len(text) <= _SHORT and "\n" not in text:
            return text
    return requirements.NOT_STATED


if __name__ == "__main__":
    sys.exit(main())
