"""The engine's own Python environment: find it, make it, check it. Standard library alone.

It lies in the data folder, never inside QGIS or the plugin.
"""

from __future__ import annotations

from .installer import create, remove, repair
from .options import SetupOptions
from .plan import Plan, plan
from .pythons import NotInstalled, find_python
from .state import State, Status, check, engine_python

__all__ = [
    "NotInstalled",
    "Plan",
    "SetupOptions",
    "State",
    "Status",
    "check",
    "create",
    "engine_python",
    "find_python",
    "plan",
    "remove",
    "repair",
]
