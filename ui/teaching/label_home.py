"""Where labels of the dock go, and of which image they are true."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject

from ...inference.places import data_home
from .. import layers as layer_notes
from ..desk import Desk
from ..layer_set import Role
from ..requests import free_path
from .labels import Labels


def labels_of(desk: Desk, parent: QObject | None = None) -> Labels:
    """The labels of the dock: made in the CRS of the first layer in use, true of its image and date."""

    def home() -> tuple[str, QgsCoordinateReferenceSystem]:
        layers = desk.layers.get(Role.INPUT)
        return new_path(desk.project), layers[0].crs() if layers else desk.project.crs()

    def follow(role: Role = Role.INPUT) -> None:
        layers = desk.layers.get(Role.INPUT) if role is Role.INPUT else []
        if layers:
            labels.set_image(image_name(layers[0]), image_date(layers[0]))

    labels = Labels(desk.project, home, parent)
    desk.layers.changed.connect(follow)
    follow()
    return labels


def image_name(layer: QgsRasterLayer) -> str:
    """By what name a label remembers an image: that of its file, without folders of this machine."""
    name = os.path.basename(layer.source().split("|")[0])
    return name if os.path.isfile(layer.source().split("|")[0]) else layer.name()


def image_date(layer: QgsRasterLayer) -> str:
    """ISO date of an image, empty if it is unknown or what the user wrote is none."""
    said = layer_notes.acquired(layer)
    try:
        return datetime.date.fromisoformat(said).isoformat() if said else ""
    except ValueError:
        return ""


def new_path(project: QgsProject) -> str:
    """Where new labels go: beside the project, else in the data folder; nothing is there yet."""
    saved = Path(project.absoluteFilePath() or "")
    if project.absoluteFilePath() and os.access(saved.parent, os.W_OK):
        folder, stem = saved.parent, f"{saved.stem}-labels"
    else:
        folder, stem = data_home() / "labels", f"labels-{datetime.date.today().isoformat()}"
    return free_path(str(folder), stem, ".gpkg")
