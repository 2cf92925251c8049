"""Brings the translations up to date with the source: `make i18n`; `make i18n LANGUAGES=fr` begins one.

A text is what ``tr`` is called with. What a translator wrote is never lost: a text that is gone from the
source stays in the file as vanished, as Qt's own tools keep it, and comes back with its text.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "i18n"
SOURCES = ("plugin.py", "api", "ui", "algorithms")
# Qt's name of a language, where it is not that of the file.
QT_NAMES = {"zh-Hans": "zh_CN"}
CONTEXT = "GeoFM"


@dataclass(frozen=True)
class Translation:
    """What a language has for a text; ``type`` as in Qt's files: empty is finished."""

    text: str
    type: str = ""


UNTRANSLATED = Translation("", "unfinished")


def calls_of_tr(path: Path) -> Iterator[ast.Call]:
    """Each call of ``tr`` in a file, in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr"
    ]
    return iter(sorted(calls, key=lambda call: (call.lineno, call.col_offset)))


def source_files() -> list[Path]:
    """The files with texts for people, sorted."""
    found = []
    for name in SOURCES:
        path = ROOT / name
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return found


def texts() -> dict[str, str]:
    """Every text and the first file that has it, in the order of the source."""
    found: dict[str, str] = {}
    for path in source_files():
        for call in calls_of_tr(path):
            value = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
            if isinstance(value, str):
                found.setdefault(value, path.relative_to(ROOT).as_posix())
    return found


def read(path: Path) -> dict[str, Translation]:
    """The translations of a file by their source; empty if there is no file."""
    if not path.exists():
        return {}
    found = {}
    for message in ElementTree.parse(path).getroot().iter("message"):
        made = message.find("translation")
        if made is not None:
            found[message.findtext("source", "")] = Translation(made.text or "", made.get("type", ""))
    return found


def merged(wanted: Mapping[str, str], known: Mapping[str, Translation]) -> dict[str, Translation]:
    """Of each text its translation as far as there is one, then what has vanished but was translated."""
    found = {text: _present(known.get(text, UNTRANSLATED)) for text in wanted}
    for text, made in known.items():
        if text not in wanted and made.text:
            found[text] = Translation(made.text, "vanished")
    return found


def _present(made: Translation) -> Translation:
    # One that comes back was a translation of these very words.
    if made.text:
        return Translation(made.text, "" if made.type == "vanished" else made.type)
    return UNTRANSLATED


def written(language: str, wanted: Mapping[str, str], made: Mapping[str, Translation]) -> str:
    """A file of translations as Qt Linguist writes it, without the lines, which change all the time."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<!DOCTYPE TS>",
        f'<TS version="2.1" language="{QT_NAMES.get(language, language)}" sourcelanguage="en">',
        "<context>",
        f"    <name>{CONTEXT}</name>",
    ]
    for text, translation in made.items():
        lines.append("    <message>")
        if text in wanted:
            lines.append(f'        <location filename="../../{wanted[text]}"/>')
        kind = f' type="{translation.type}"' if translation.type else ""
        lines.append(f"        <source>{_escaped(text)}</source>")
        lines.append(f"        <translation{kind}>{_escaped(translation.text)}</translation>")
        lines.append("    </message>")
    return "\n".join([*lines, "</context>", "</TS>", ""])


def _escaped(text: str) -> str:
    return escape(text, {'"': "&quot;", "'": "&apos;"})


def update(language: str, wanted: Mapping[str, str]) -> tuple[str, str]:
    """What a language's file is now and what it should be."""
    path = FOLDER / f"geofm_{language}.ts"
    now = path.read_text(encoding="utf-8") if path.exists() else ""
    return now, written(language, wanted, merged(wanted, read(path)))


def languages() -> list[str]:
    """The languages that there are."""
    return sorted(path.stem[len("geofm_") :] for path in FOLDER.glob("geofm_*.ts"))


def main() -> int:
    """Update all languages, and begin those that are named."""
    wanted = texts()
    FOLDER.mkdir(exist_ok=True)
    for language in sorted({*languages(), *sys.argv[1:]}):
        now, then = update(language, wanted)
        path = FOLDER / f"geofm_{language}.ts"
        if then != now:
            path.write_text(then, encoding="utf-8", newline="\n")
        made = read(path)
        done = sum(made[text].type == "" for text in wanted)
        print(f"{path.name}: {done} of {len(wanted)} texts{'' if then != now else ', as it was'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
