"""What the label tools draw: strokes of a brush, what they paint over, what a click hits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle, QgsWkbTypes

from ...algorithms.label_layer import draw
from ...algorithms.label_tables import Drawn

# Sides of a quarter of the brush's circle.
_ROUND = 5
# A rest of a label under the brush that is smaller than this share of its circle is no rest.
_CRUMB = 0.1
# A border within this share of the radius is as good as the one drawn; strokes keep few corners.
_TOLERANCE = 0.05


def stroke(path: Sequence[QgsPointXY], radius: float) -> QgsGeometry:
    """What a round brush of a radius covers on its way."""
    line = QgsGeometry.fromPolylineXY(list(path)) if len(path) > 1 else QgsGeometry.fromPointXY(path[0])
    covered = line.buffer(radius, _ROUND)
    simple = covered.simplify(radius * _TOLERANCE)
    return simple if simple.isGeosValid() and not simple.isEmpty() else covered


def painted(
    shape: QgsGeometry, value: int, radius: float, under: Iterable[Drawn], **facts: str
) -> tuple[list[Drawn], list[Drawn]]:
    """Paint a shape over labels of the same image: it joins its own class and replaces others.

    Args:
        shape: an area in the labels' CRS.
        radius: of the brush, in its units.
        under: labels whose boxes touch it.
        facts: ``date`` and ``source`` of the image; labels of other images are left alone.

    Returns:
        The labels to be removed, and those to be added.
    """
    removed, added, whole = [], [], QgsGeometry(shape)
    crumb = _CRUMB * math.pi * radius * radius
    for label in under:
        place = label.geometry
        if any(getattr(label, name) != fact for name, fact in facts.items()):
            continue
        if not place.intersects(shape):
            continue
        if label.value == value and not label.is_point:
            whole = whole.combine(place)
            removed.append(label)
        elif label.value != value:
            removed.append(label)
            rest = None if label.is_point else _rest(place, shape, crumb)
            if rest is not None:
                added.append(replace(label, wkb=bytes(rest.asWkb())))
    return removed, [*added, draw(value, _areas(whole), **facts)]


def _rest(place: QgsGeometry, shape: QgsGeometry, crumb: float) -> QgsGeometry | None:
    """What a shape leaves of an area; None if that is nothing worth keeping."""
    left = _areas(place.difference(shape))
    parts = [part.clone() for part in left.constParts() if part.area() > crumb]
    if not parts:
        return None
    whole = QgsGeometry(parts[0])
    whole.convertToMultiType()
    for part in parts[1:]:
        whole.addPart(part)
    return whole


def _areas(shape: QgsGeometry) -> QgsGeometry:
    """The areas of a geometry: a difference may leave lines as well."""
    result = QgsGeometry(shape)
    if result.isMultipart():
        result.convertGeometryCollectionToSubclass(QgsWkbTypes.GeometryType.PolygonGeometry)
    return result


def struck(labels: Iterable[Drawn], place: QgsPointXY, reach: float) -> Drawn | None:
    """The label that a click means: the nearest point within reach, else the smallest area there.

    Args:
        labels: those near the click.
        place: where it was, in the labels' CRS.
        reach: how far from a point or a border it may be, in its units.
    """
    here = QgsGeometry.fromPointXY(place)
    near = [
        (not label.is_point, shape.distance(here) if label.is_point else shape.area(), label)
        for label, shape in ((label, label.geometry) for label in labels)
        if shape.distance(here) <= reach
    ]
    return min(near, key=lambda item: item[:2])[2] if near else None


def around(place: QgsPointXY, reach: float) -> QgsRectangle:
    """The square about a place."""
    return QgsRectangle(place.x() - reach, place.y() - reach, place.x() + reach, place.y() + reach)
