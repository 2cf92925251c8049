"""The licence of every package that the engine's lists name is known, and called something in short."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from geofm.inference.environment import requirements

ROOT = Path(__file__).resolve().parents[1]
# What the panel calls them in short (ui/licence_words.py); the list has all names.
KINDS = ("MIT", "BSD", "Apache", "MPL", "PSF", "ISC", "NVIDIA")
# They hold no files, but name others.
WITHOUT = {"cuda-toolkit"}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """scripts/licences.py, which is no package."""
    spec = importlib.util.spec_from_file_location("licences", ROOT / "scripts" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_package_of_every_list_has_a_licence() -> None:
    lists = [path.name for path in requirements.folder().glob("*-*-*.txt")] + [requirements.PIP]
    packages = {package for name in lists for package in requirements.pins(name)}
    assert len(packages) > 50
    found = requirements.licences()
    assert packages - set(found) == set(), "run make licences"
    assert {name for name, licence in found.items() if licence == requirements.NOT_STATED} <= WITHOUT
    short = {name for name, licence in found.items() if any(kind in licence for kind in KINDS)}
    assert set(found) - short <= WITHOUT


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ({"license_expression": "MIT AND BSD-3-Clause", "license": "see file"}, "MIT AND BSD-3-Clause"),
        ({"license": "New BSD"}, "New BSD"),
        ({"license": "Copyright (c) 2001\nAll rights reserved.", "classifier": [
            "License :: OSI Approved :: BSD License", "Topic :: Maps"]}, "BSD License"),
        ({"license": "UNKNOWN", "classifier": ["License :: Other/Proprietary License"]}, "not stated"),
        ({}, "not stated"),
    ],
)  # fmt: skip
def test_it_is_what_the_metadata_say(script: ModuleType, metadata: dict[str, object], licence: str) -> None:
    assert script.licence_of({"name": "package", **metadata}) == licence
