"""Nothing is written that Qt 6 no longer has. What only shows when it runs is seen by `make compat`.

Sources: Qt's pages "Porting to Qt 6" and "Obsolete Members", PyQt6's "Differences Between PyQt6 and PyQt5".
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
GONE = {
    "QDesktopWidget", "QDirModel", "QGLWidget", "QLinkedList", "QMatrix", "QRegExp",
    "QRegExpValidator", "QSignalMapper", "QStringRef", "QTextCodec", "QWebView",
}
# Methods, of whatever object, with what stands for them in Qt 5.15 and 6; no class of ours has one so called.
GONE_METHODS = {
    "exec_": "exec()", "print_": "print()", "globalPos": "globalPosition()", "localPos": "position()",
    "screenPos": "globalPosition()", "windowPos": "scenePosition()", "delta": "angleDelta()",
    "desktop": "screens()", "setMargin": "setContentsMargins()", "setTabStopWidth": "setTabStopDistance()",
    "toTime_t": "toSecsSinceEpoch()", "setTime_t": "setSecsSinceEpoch()",
    "fromTime_t": "fromSecsSinceEpoch()",
    "setCodec": "setEncoding()", "screenNumber": "screen()",
}
GONE_MEMBERS = {
    "AA_DisableHighDpiScaling", "AA_EnableHighDpiScaling", "AA_UseHighDpiPixmaps", "Background", "Foreground",
    "DefaultLocaleShortDate", "HighQualityAntialiasing", "MidButton", "SystemLocaleShortDate",
}
# Types of fields have no scope in any version of qgis.PyQt: see tests/qt6/stand_in_qt.py.
UNSCOPED = {"QVariant"}
NO_ENUMS = {
    "ALL_ATTRIBUTES", "Capability", "ColorRampItem", "NodeType", "QGIS_VERSION_INT", "TEMPORARY_OUTPUT",
}  # fmt: skip


def _source_names() -> ModuleType:
    """A fresh copy of tests/source_names.py."""
    spec = importlib.util.spec_from_file_location("source_names", ROOT / "tests" / "source_names.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SOURCES = _source_names().client_sources()
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
NAMES = [name for path in SOURCES for name in _source_names().names(path)]


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if hasattr(node, "lineno"):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_enums_have_their_scope() -> None:
    scopes = {name.rest[0] for name in NAMES if len(name.rest) > 1}
    found = [
        name.told() for name in NAMES
        if len(name.rest) == 1 and name.rest[0][:1].isupper() and not name.called
        and name.first not in UNSCOPED and name.rest[0] not in scopes | NO_ENUMS
    ]
    assert found == []
    assert len(scopes) > 40


def test_names_that_left_qt_are_not_used() -> None:
    found = [
        name.told() for name in NAMES
        if name.first in GONE or GONE_MEMBERS & set(name.rest)
        or (name.first == "QVariant" and name.rest[:1] == ("Type",))
    ]
    assert found == []


def test_methods_that_left_qt_are_not_called() -> None:
    found = [
        f"{place}: {node.func.attr} is {GONE_METHODS[node.func.attr]}"
        for place, node in _nodes()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and node.func.attr in GONE_METHODS
    ]
    assert found == []


def test_text_is_measured_as_in_both() -> None:
    """QFontMetrics.width is gone; horizontalAdvance is there from Qt 5.11 on."""
    found = [
        place for place, node in _nodes()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "width"
        and "etrics" in ast.unparse(node.func.value)
    ]
    assert found == []


def test_positions_of_events_are_asked_as_in_both() -> None:
    """Drops, wheels and entering have no pos() in Qt 6; the mouse, and QGIS's own events, have it in both."""
    found = []
    for path, tree in TREES.items():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            kinds = [ast.unparse(a.annotation) for a in function.args.args if a.annotation is not None]
            if {"QDropEvent", "QDragMoveEvent", "QWheelEvent", "QEnterEvent"} & set(kinds):
                found += [
                    f"{path.relative_to(ROOT)}:{node.lineno}" for node in ast.walk(function)
                    if isinstance(node, ast.Attribute) and node.attr in ("pos", "x", "y", "posF")
                    and isinstance(node.value, ast.Name) and node.value.id == "event"
                ]
    assert found == []


def test_enums_are_no_numbers() -> None:
    """PyQt6 has enums of Python: they are neither converted to nor compared with a number."""
    enums = {(name.place, name.rest[-1]) for name in NAMES if len(name.rest) > 1}
    found = []
    for place, node in _nodes():
        asked: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int":
            asked = node.args
        elif isinstance(node, ast.Compare) and any(
            isinstance(side, ast.Constant) and isinstance(side.value, int)
            for side in (node.left, *node.comparators)
        ):
            asked = [node.left, *node.comparators]
        found += [
            f"{place}: {ast.unparse(node)}" for side in asked
            if isinstance(side, ast.Attribute) and (place, side.attr) in enums
        ]
    assert found == []


def test_overloaded_signals_are_not_asked_by_type() -> None:
    """Of currentIndexChanged[str] and its like Qt 6 has one kind alone."""
    found = [
        f"{place}: {ast.unparse(node)}" for place, node in _nodes()
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute)
        and isinstance(node.slice, ast.Name) and node.slice.id in ("str", "int", "bool")
        and node.value.attr in ("activated", "currentIndexChanged", "highlighted", "valueChanged")
    ]
    assert found == []


def test_qt_comes_through_qgis_alone() -> None:
    modules = [
        (place, alias.name if isinstance(node, ast.Import) else node.module or "")
        for place, node in _nodes() if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    ]
    foreign = ("PyQt5", "PyQt6", "PySide2", "PySide6", "sip")
    assert [item for item in modules if item[1].split(".")[0] in foreign] == []
    # In PyQt5 QtWidgets has them, and qgis.PyQt in every version.
    moved = {"QAction", "QActionGroup", "QShortcut"}
    widgets = "qgis.PyQt.QtWidgets"
    assert [name.told() for name in NAMES if name.first in moved and name.module != widgets] == []


def test_the_plugin_says_that_it_is_ready_for_qt_6() -> None:
    """QGIS that is built with Qt 6 hides plugins that do not."""
    metadata = ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    assert metadata.get("general", "supportsQt6") == "True"
    assert metadata.get("general", "qgisMaximumVersion").startswith("4.")


@pytest.mark.parametrize("text", [
    "from qgis.PyQt.QtCore import Qt\nx = Qt.AlignLeft",
    "from qgis.core import QgsTask\nx = QgsTask.CanCancel",
])
def test_a_name_without_scope_is_seen(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source_names = _source_names()
    monkeypatch.setattr(source_names, "ROOT", tmp_path)
    (tmp_path / "old.py").write_text(text, encoding="utf-8")
    assert [len(name.rest) for name in source_names.names(tmp_path / "old.py")] == [1]
