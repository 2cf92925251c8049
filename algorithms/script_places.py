"""What a script may call a place or an extent, as the teaching of a classifier takes it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Union

from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle

from ..inference.teaching import Box
from .label_tables import Drawn

Place = Union[QgsGeometry, QgsPointXY, tuple[float, float]]
Extent = Union[QgsRectangle, Sequence[float]]


def geometry_of(place: Place) -> QgsGeometry:
    if isinstance(place, QgsGeometry):
        return place
    return QgsGeometry.fromPointXY(place if isinstance(place, QgsPointXY) else QgsPointXY(*place))


def named(label: Drawn) -> Drawn:
    """The label under a name that follows from its place: the same script teaches the same file."""
    return replace(label, uuid=hashlib.sha256(label.wkb).hexdigest()[:16])


def box_of(extent: Extent) -> Box:
    if isinstance(extent, QgsRectangle):
        return extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()
    xmin, ymin, xmax, ymax = map(float, extent)
    return xmin, ymin, xmax, ymax
