"""GeoFM: foundation models for maps, in QGIS and without it."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def classFactory(iface: Any) -> Any:  # noqa: N802 - the name QGIS calls
    """QGIS's entry point. Imports happen here, so that ``python -m geofm`` needs no QGIS."""
    from .plugin import GeoFMPlugin

    return GeoFMPlugin(iface)
