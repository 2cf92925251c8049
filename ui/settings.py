"""What the dock remembers between sessions, in QgsSettings under ``geofm/``."""

from __future__ import annotations

import json
from typing import Any

from qgis.core import QgsSettings

GROUP = "geofm"


class Settings:
    """Typed access to the plugin's settings; a value of a wrong type answers the default.

    Settings files are edited by hand and shared between versions, so nothing read from them
    is trusted.
    """

    def text(self, key: str, default: str = "") -> str:
        value = QgsSettings().value(f"{GROUP}/{key}", default)
        return value if isinstance(value, str) else default

    def flag(self, key: str, default: bool) -> bool:
        value = QgsSettings().value(f"{GROUP}/{key}", default)
        if isinstance(value, bool):
            return value
        return {"true": True, "false": False}.get(str(value).lower(), default)

    def number(self, key: str, default: float) -> float:
        try:
            return float(QgsSettings().value(f"{GROUP}/{key}", default))
        except (TypeError, ValueError):
            return default

    def items(self, key: str) -> list[Any]:
        """A list stored as JSON; empty where there is none or it cannot be read."""
        try:
            value = json.loads(self.text(key, "[]"))
        except ValueError:
            return []
        return value if isinstance(value, list) else []

    def set(self, key: str, value: str | bool | float) -> None:
        QgsSettings().setValue(f"{GROUP}/{key}", value)

    def set_items(self, key: str, items: list[Any]) -> None:
        self.set(key, json.dumps(items))
