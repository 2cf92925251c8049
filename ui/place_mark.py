"""One place on the map canvas: shown at a sensible scale, and marked."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QColor

from ..algorithms.text import tr
from ..inference.errors import UnsupportedInput

# A map that shows this many times the ground that a place asks for, or this share of it, is zoomed.
_COARSEST, _FINEST = 6.0, 1 / 12
_SIZE, _WIDTH = 26, 2


@dataclass(frozen=True)
class Place:
    """A place to visit.

    Attributes:
        id: unique among the places of a list.
        x, y: where it is, in units of ``crs``.
        crs: WKT or an authority's code (``EPSG:32631``); empty for the canvas's own.
        title: one short line.
        note: a sentence below it; may be empty.
        outline: what to look at, as WKT in ``crs``, such as the borders of a pixel; may be empty.
        span: side of the square of ground to show, in units of ``crs``; 0 keeps the map's scale.
    """

    id: str
    x: float
    y: float
    crs: str
    title: str
    note: str = ""
    outline: str = ""
    span: float = 0.0


class PlaceMark:
    """Shows one place at a time on a canvas, in whatever CRS that has.

    Args:
        color: of the mark; it gets a light border, so that it stands out on any imagery.
    """

    def __init__(self, canvas: QgsMapCanvas, project: QgsProject, color: QColor) -> None:
        self._canvas = canvas
        self._project = project
        self._place: Place | None = None
        self._ring = _band(canvas, QgsWkbTypes.GeometryType.PointGeometry, color)
        self._ring.setIcon(QgsRubberBand.IconType.ICON_CIRCLE)
        self._ring.setIconSize(_SIZE)
        self._outline = _band(canvas, QgsWkbTypes.GeometryType.LineGeometry, color)
        canvas.destinationCrsChanged.connect(self._redraw)

    def show(self, place: Place | None) -> None:
        """Mark a place, instead of the one before; None marks nothing.

        Raises:
            UnsupportedInput: if the canvas's CRS does not reach there.
        """
        if self._closed():
            return
        self._place = place
        self._clear()
        if place is not None:
            self._draw(place)

    def go(self, place: Place) -> None:
        """Bring a place to the middle of the map; the scale changes only where it makes no sense there.

        Raises:
            UnsupportedInput: if the canvas's CRS does not reach there.
        """
        transform = self._transform(place)
        middle = _moved(QgsGeometry.fromPointXY(QgsPointXY(place.x, place.y)), transform, place)
        half = place.span / 2
        box = QgsRectangle(place.x - half, place.y - half, place.x + half, place.y + half)
        wanted = _moved(QgsGeometry.fromRect(box), transform, place).boundingBox().width() if half else 0.0
        shown = self._canvas.extent().width()
        if wanted > 0 and not wanted * _FINEST <= shown <= wanted * _COARSEST:
            self._canvas.setExtent(QgsRectangle.fromCenterAndSize(middle.asPoint(), wanted, wanted))
        self._canvas.setCenter(middle.asPoint())
        self._canvas.refresh()

    def close(self) -> None:
        """Take the mark off the canvas. May be called twice, and after the canvas is gone."""
        if self._closed():
            return
        self._canvas.destinationCrsChanged.disconnect(self._redraw)
        for band in (self._ring, self._outline):
            self._canvas.scene().removeItem(band)
            sip.delete(band)

    def _closed(self) -> bool:
        # The canvas takes its bands along when it goes first.
        return sip.isdeleted(self._canvas) or sip.isdeleted(self._ring)

    def _draw(self, place: Place) -> None:
        transform = self._transform(place)
        middle = QgsGeometry.fromPointXY(QgsPointXY(place.x, place.y))
        self._ring.setToGeometry(_moved(middle, transform, place), None)
        if place.outline:
            outline = QgsGeometry.fromWkt(place.outline)
            lines = outline.convertToType(QgsWkbTypes.GeometryType.LineGeometry, True)
            self._outline.setToGeometry(_moved(lines, transform, place), None)

    def _redraw(self) -> None:
        """The map has another CRS; where that does not reach the place, nothing is marked."""
        self._clear()
        if self._place is not None:
            try:
                self._draw(self._place)
            except UnsupportedInput:
                self._clear()

    def _clear(self) -> None:
        self._ring.reset(QgsWkbTypes.GeometryType.PointGeometry)
        self._outline.reset(QgsWkbTypes.GeometryType.LineGeometry)

    def _transform(self, place: Place) -> QgsCoordinateTransform:
        there = self._canvas.mapSettings().destinationCrs()
        own = QgsCoordinateReferenceSystem(place.crs) if place.crs else there
        return QgsCoordinateTransform(own, there, self._project)


def _band(canvas: QgsMapCanvas, kind: QgsWkbTypes.GeometryType, color: QColor) -> QgsRubberBand:
    band = QgsRubberBand(canvas, kind)
    band.setColor(color)
    band.setWidth(_WIDTH)
    band.setSecondaryStrokeColor(QColor(255, 255, 255, 200))
    band.setFillColor(QColor(0, 0, 0, 0))
    return band


def _moved(geometry: QgsGeometry, transform: QgsCoordinateTransform, place: Place) -> QgsGeometry:
    """The geometry in the canvas's CRS."""
    result = QgsGeometry(geometry)
    try:
        result.transform(transform)
    except QgsCsException as error:
        sentence = tr("{} lies where the map's coordinate system does not reach.").format(place.title)
        hint = tr("Choose another coordinate system for the project.")
        raise UnsupportedInput(sentence, hint, str(error)) from error
    return result
