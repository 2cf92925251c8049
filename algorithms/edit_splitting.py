"""A polygon cut in two along a border that both have exactly.

A corner that an overlay computed on another polygon's side lies a rounding error beside it. Cut along
such a border, the two would overlap or leave a gap of that width, and what stays would keep the part
that was cut off as a hole. So each gets the other's corners first.
"""

from __future__ import annotations

from qgis.core import QgsGeometry, QgsPoint, QgsPointXY

from .edit_proposals import only, repaired

# Of the largest coordinate: well above the rounding of an overlay, well below a survey's.
_NEAR = 1e-12


def split(shape: QgsGeometry, part: QgsGeometry) -> tuple[QgsGeometry, QgsGeometry]:
    """What stays of a polygon, and what is cut off it; either may have several parts or be empty.

    Args:
        part: what to cut off; what lies outside the polygon is not looked at.
    """
    whole, cut = repaired(shape), repaired(part)
    box = whole.boundingBox()
    near = _NEAR * max(map(abs, (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum())))
    cut = _snapped(cut, whole, near)
    cut = _with_corners(cut, whole, near)
    whole = _with_corners(whole, cut, near)
    # A corner that was moved by a rounding error may cross a side that runs as near.
    whole, cut = repaired(whole), repaired(cut)
    return _without_dust(whole.difference(cut), near), _without_dust(whole.intersection(cut), near)


def _without_dust(shape: QgsGeometry, near: float) -> QgsGeometry:
    """The areas of a geometry that are wider than a rounding error."""
    areas = only(shape)
    if areas.isEmpty():
        return areas
    return QgsGeometry.collectGeometry(
        [part for part in areas.asGeometryCollection() if part.area() > near * part.length()]
    )


def _snapped(shape: QgsGeometry, other: QgsGeometry, near: float) -> QgsGeometry:
    """A polygon whose corners that are as good as another's are that one's."""
    made = QgsGeometry(shape)
    for number, corner in enumerate(shape.vertices()):
        found, _, _, _, distance = other.closestVertex(QgsPointXY(corner))
        if 0 < distance <= near * near:
            made.moveVertex(found.x(), found.y(), number)
    return made


def _with_corners(shape: QgsGeometry, other: QgsGeometry, near: float) -> QgsGeometry:
    """A polygon that has a corner wherever one of another polygon lies on its border."""
    made = QgsGeometry(shape)
    for corner in other.vertices():
        place = QgsPointXY(corner)
        # Its own idea of near is 0.1 mm or 10 m, by the units of the CRS.
        distance, _, following, _ = made.closestSegmentWithContext(place, near * near)
        _, _, _, _, to_corner = made.closestVertex(place)
        if 0 <= distance <= near * near and to_corner > 0:
            start, end = made.vertexAt(following - 1), made.vertexAt(following)
            made.insertVertex(_on_side(place, start, end), following)
    return made


def _on_side(place: QgsPointXY, start: QgsPoint, end: QgsPoint) -> QgsPoint:
    """A point with the height and measure that a side has there."""
    made: QgsPoint = start.clone()
    made.setX(place.x())
    made.setY(place.y())
    share = QgsPointXY(start).distance(place) / QgsPointXY(start).distance(QgsPointXY(end))
    if made.is3D():
        made.setZ(start.z() + share * (end.z() - start.z()))
    if made.isMeasure():
        made.setM(start.m() + share * (end.m() - start.m()))
    return made
