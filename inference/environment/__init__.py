"""The engine's own Python environment: find it, make it, check it. Standard library alone.

It lies in the data folder, never inside QGIS or the plugin.
"""

from __future__ import annotations

from .installer import create
from .options import SetupOptions
from .pythons import NotInstalled, find_python
from .state import State, Status, check, engine_python, environment_folder

__all__ = [
    "NotInstalled",
    "SetupOptions",
    "State",
    "Status",
    "check",
    "create",
    "engine_python",
    "environment_folder",
    "find_python",
]
