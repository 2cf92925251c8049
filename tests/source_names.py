"""What a module's source says of names of Qt and QGIS; no test itself."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Name(NamedTuple):
    """A name of a foreign module as the source writes it: ``Qt`` and ``("CheckState", "Checked")``.

    Attributes:
        place: file and line.
        module: where the first name was imported from.
        first: the imported name.
        rest: the attributes asked of it, one of the other.
        called: whether the whole is called.
    """

    place: str
    module: str
    first: str
    rest: tuple[str, ...]
    called: bool

    def told(self) -> str:
        return f"{self.place}: {'.'.join((self.first, *self.rest))}"


def client_sources() -> list[Path]:
    """The modules that QGIS's own Python runs."""
    rooms = [path for room in ("ui", "algorithms", "api") for path in (ROOT / room).rglob("*.py")]
    return sorted([*rooms, ROOT / "plugin.py", ROOT / "__init__.py"])


def names(path: Path) -> Iterator[Name]:
    """Every name of qgis.* in a file, as far as it is followed by attributes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis."):
            for alias in node.names:
                imported[alias.asname or alias.name] = (node.module or "", alias.name)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Attribute, ast.Name)) or id(node) in inner:
            continue
        end, rest = node, []
        while isinstance(end, ast.Attribute):
            rest.append(end.attr)
            end = end.value
        if isinstance(end, ast.Name) and end.id in imported:
            module, first = imported[end.id]
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            yield Name(place, module, first, tuple(reversed(rest)), id(node) in called)


def unresolved(package: str) -> list[str]:
    """Names of modules of ``package`` that are used and that these modules, as they are here, do not have."""
    found = [name for path in client_sources() for name in names(path) if name.module.startswith(package)]
    assert len(found) > 100
    return [name.told() for name in found if _is_missing(name)]


def _is_missing(name: Name) -> bool:
    owner: object = importlib.import_module(name.module)
    for part in (name.first, *name.rest):
        if not hasattr(owner, part):
            return True
        owner = getattr(owner, part)
        # Attributes of signals, of constants and of what a function answers are not looked up.
        if not isinstance(owner, type):
            return False
    return False
