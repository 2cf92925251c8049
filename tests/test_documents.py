"""The documents' pictures: made by the script, small, all shown, none missing."""

from __future__ import annotations

import ast
import re
import struct
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SCRIPT = (ROOT / "scripts" / "tutorial_pictures.py").read_text(encoding="utf-8")
STORIES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "desktop").glob("*.py"))


def _pictures() -> dict[str, str]:
    """Each picture and the one that it is made of; the script itself imports QGIS."""
    for node in ast.parse(SCRIPT).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PICTURES":
            found: dict[str, str] = ast.literal_eval(node.value)
            return found
    raise AssertionError("the script has no list of pictures")


def test_the_script_makes_what_is_there() -> None:
    assert sorted(path.name for path in IMAGES.iterdir()) == sorted(_pictures())


@pytest.mark.parametrize("shot", sorted(_pictures().values()))
def test_a_story_leaves_what_a_picture_is_made_of(shot: str) -> None:
    assert f'"{shot}"' in STORIES


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    assert {name for name, size in sizes.items() if size > 150_000} == set()
    assert sum(sizes.values()) < 1_500_000


def test_every_picture_is_shown_and_has_words_in_its_place() -> None:
    shown: dict[str, str] = {}
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for words, link in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", document.read_text(encoding="utf-8")):
            shown[(document.parent / link).resolve().name] = words
    assert set(shown) == set(_pictures())
    assert all(len(words) > 10 for words in shown.values())


def test_pictures_hold_nothing_but_a_picture() -> None:
    for path in IMAGES.iterdir():
        data = path.read_bytes()
        if path.suffix == ".png":
            assert data[:8] == b"\x89PNG\r\n\x1a\n"
            assert struct.unpack(">I", data[16:20])[0] <= 1120
            assert b"tEXt" not in data
        else:
            assert data[:3] == b"\xff\xd8\xff"
            assert b"Exif" not in data
