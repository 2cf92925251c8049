"""``qgis.PyQt`` made of PyQt6, as a QGIS that is built with Qt 6 has it.

Source: the behaviour of python/PyQt in QGIS's own repository since 3.36. Deliberately less forgiving: QGIS
patches flags and integer enums back in for old plugins, which ours must not need.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

MODULES = ("QtCore", "QtGui", "QtNetwork", "QtSvg", "QtTest", "QtWidgets", "QtXml", "sip")
# What PyQt6 moved to another module and qgis.PyQt still has in the old one too.
MOVED = {"QtWidgets": {"QAction": "QtGui", "QActionGroup": "QtGui", "QShortcut": "QtGui"}}
# The names of types without a scope stay, as those of QMetaType: both 3.22 and 4 understand them.
VARIANT_TYPES = {
    "Bool": "Bool", "Int": "Int", "LongLong": "LongLong", "Double": "Double", "String": "QString",
    "StringList": "QStringList", "Date": "QDate", "Time": "QTime", "DateTime": "QDateTime",
}


def install() -> None:
    """Make ``qgis.PyQt`` importable."""
    package = _module("qgis.PyQt")
    package.__path__ = []
    for name in MODULES:
        real = importlib.import_module(f"PyQt6.{name}")
        made = _module(f"qgis.PyQt.{name}")
        made.__dict__.update({key: value for key, value in vars(real).items() if not key.startswith("__")})
        for moved, home in MOVED.get(name, {}).items():
            setattr(made, moved, getattr(importlib.import_module(f"PyQt6.{home}"), moved))
        setattr(package, name, made)
    core = sys.modules["qgis.PyQt.QtCore"]
    for old, new in VARIANT_TYPES.items():
        setattr(core.QVariant, old, getattr(core.QMetaType.Type, new))
    core.NULL = None


def _module(name: str) -> ModuleType:
    made = ModuleType(name)
    sys.modules[name] = made
    return made
