"""What the map canvas shows of a teaching session's raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProject,
    QgsRectangle,
)

from ...inference.teaching import Box, Opened


@dataclass(frozen=True)
class Sight:
    """A part of the raster as the screen shows it.

    Attributes:
        extent: xmin, ymin, xmax, ymax in the session's coordinate system.
        width, height: pixels of the screen that it takes.
    """

    extent: Box
    width: int
    height: int


def crs_of(opened: Opened) -> QgsCoordinateReferenceSystem:
    """The session's coordinate system, invalid where the raster has none."""
    return QgsCoordinateReferenceSystem.fromWkt(opened.crs) if opened.crs else QgsCoordinateReferenceSystem()


def seen(canvas: Any, opened: Opened, project: QgsProject) -> Sight | None:
    """What a canvas shows of the session's raster, None if nothing."""
    settings = canvas.mapSettings()
    there = QgsCoordinateTransform(settings.destinationCrs(), crs_of(opened), project)
    try:
        # The visible extent counts in a turned map too.
        shown = there.transformBoundingBox(settings.visibleExtent())
    except QgsCsException:
        return None
    part = shown.intersect(QgsRectangle(*opened.extent))
    size = settings.outputSize()
    if part.isEmpty() or shown.isEmpty():
        return None
    return Sight(
        (part.xMinimum(), part.yMinimum(), part.xMaximum(), part.yMaximum()),
        max(1, round(size.width() * part.width() / shown.width())),
        max(1, round(size.height() * part.height() / shown.height())),
    )
