"""Puts Qt 6 in place before anything of the package is imported.

``stand_in_qt.py`` is qgis.PyQt; ``stand_in_core.py`` and ``stand_in_gui.py`` are as much of QGIS as it takes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PyQt6", reason="needs PyQt6: run `make compat PARTS=qt6`")

import stand_in_core  # noqa: E402
import stand_in_gui  # noqa: E402
import stand_in_qt  # noqa: E402


class Lenient(ModuleType):
    """A module of QGIS in which every class is found, at least as a name."""

    def __getattr__(self, name: str) -> type:
        if not name.startswith("Qgs"):
            raise AttributeError(name)
        made = stand_in_core.named(name)
        setattr(self, name, made)
        return made


def _install() -> None:
    package = ModuleType("qgis")
    package.__path__ = []
    sys.modules["qgis"] = package
    stand_in_qt.install()
    for name, source in (("core", stand_in_core), ("gui", stand_in_gui)):
        module = Lenient(f"qgis.{name}")
        module.__dict__.update(source.members())
        sys.modules[module.__name__] = module
        setattr(package, name, module)
    sys.modules["qgis.core"].NULL = None
    wrappers = ModuleType("processing.gui.wrappers")
    wrappers.WidgetWrapper = type("WidgetWrapper", (), {})
    wrappers.DIALOG_MODELER, wrappers.dialogTypes = "modeler", {}
    for name in ("processing", "processing.gui"):
        sys.modules[name] = ModuleType(name)
    sys.modules["processing.gui.wrappers"] = wrappers


_install()
