"""What every part of the dock shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.core import QgsProject

from .layer_set import LayerSet
from .settings import Settings
from .shelf import Shelf
from .state import DockModel
from .theme import Theme


@dataclass(frozen=True)
class Desk:
    """One of each: QGIS's interface, the project, and the dock's own models."""

    iface: Any
    project: QgsProject
    model: DockModel
    layers: LayerSet
    shelf: Shelf
    settings: Settings
    theme: Theme
