"""Where labels come from besides the mouse: other vector layers, and the library of earlier ones.

The library is a label file like any other, in longitude and latitude: labels of many scenes and
projects gather in it, each with the image and the date that it was seen on. What is taken over keeps
its uuid, so that taking it twice is taking it once.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from qgis.core import (
    NULL,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt

from ..inference.errors import InvalidRequest, UnsupportedInput
from ..inference.jobs import ClassInfo
from ..inference.places import data_home
from .label_layer import LabelFile, create, draw, moved, now, way
from .label_tables import MOST_CLASSES, Drawn, Watch, too_many_classes, watched, with_class
from .text import tr

_OWN = ("date", "source", "author", "split", "made", "uuid")
# Gathers on whatever thread it is called on, and tells who watches how many features were read.
Gather = Callable[[Watch], "Gathered"]
_NO_PLACE, _NO_CLASS, _ELSEWHERE, _LINE, _UNDATED, _KNOWN = range(6)


@dataclass(frozen=True)
class Gathered:
    """Labels on their way into a file.

    Attributes:
        labels: in that file's CRS and of its classes.
        classes: all classes of the file then, new ones at the end.
        sentence: how many came, and what was left out.
    """

    labels: tuple[Drawn, ...]
    classes: tuple[ClassInfo, ...]
    sentence: str


def layer_gatherer(
    layer: QgsVectorLayer,
    field: str,
    into: LabelFile,
    line_width: float = 0.0,
    selected: bool = False,
    date: str = "",
    source: str = "",
) -> Gather:
    """What makes labels of features: points one by one, polygons whole, lines as areas of a width.

    Made on the thread of the layer, which is not touched afterwards: a snapshot of it is read. A layer with
    a legend of the field gives its names and colours to the classes. A layer of labels keeps its dates,
    authors and uuids.

    Args:
        field: holds the class, a text or a number; features without it are left out.
        line_width: in the units of the file's CRS; 0 leaves lines out.
        selected: only the selected features.
        date, source: of the image that they are true of.

    Raises:
        InvalidRequest: if the layer has no such field; what is returned raises it if there are more
            classes than a map can hold.
    """
    column = layer.fields().lookupField(field)
    if column < 0:
        raise InvalidRequest(tr("{} has no field {}.").format(layer.name(), field))
    own = all(layer.fields().lookupField(name) >= 0 for name in _OWN)
    stated = {"author": layer.name(), "date": date, "source": source, "made": now()}
    name, legend, there = layer.name(), _legend(layer, field), way(layer.crs(), into.crs)
    features, request = QgsVectorLayerFeatureSource(layer), QgsFeatureRequest()
    if selected:
        request.setFilterFids(layer.selectedFeatureIds())

    def gather(watch: Watch) -> Gathered:
        _check_kinds(features, request, column)
        tally = _Tally(into, legend)
        for feature in watched(features.getFeatures(request), watch):
            info = tally.info(feature.attribute(column))
            if info is None:
                continue
            told = {**stated, **(_told(feature) if own else {})}
            for shape in tally.shapes(feature.geometry(), there, line_width):
                tally.labels.append(draw(info.value, shape, **told))
        return tally.gathered(name)

    return gather


def _check_kinds(features: QgsVectorLayerFeatureSource, request: QgsFeatureRequest, column: int) -> None:
    """Refuse at once a field that is no class; finding colours for hundreds takes seconds."""
    plain = QgsFeatureRequest(request).setFlags(QgsFeatureRequest.Flag.NoGeometry)
    kinds = set[str]()
    for feature in features.getFeatures(plain.setSubsetOfAttributes([column])):
        kinds.add(_text(feature.attribute(column)))
        if len(kinds) > MOST_CLASSES + 1:
            raise too_many_classes()


def library_path() -> str:
    """The library that is used unless another file is chosen."""
    return str(data_home() / "labels" / "library.gpkg")


def open_library(path: str) -> LabelFile:
    """The library in a file, made where there is none.

    Raises:
        UnsupportedInput: if it is no file of labels or cannot be made.
    """
    if Path(path).exists():
        return LabelFile(path)
    return create(path, QgsCoordinateReferenceSystem("EPSG:4326"))


def add_to_library(labels: LabelFile, library: LabelFile) -> str:
    """Copy all labels of a file to the library; what was added, as a sentence.

    Raises:
        UnsupportedInput: if the labels have no place on Earth or the library cannot be written.
    """
    if not labels.crs.isValid():
        raise UnsupportedInput(
            tr("These labels have no place on Earth."),
            tr("Set the coordinate system of the image, then label it."),
        )
    known = {one.uuid for one in library.labels()}
    tally = _copied(labels.labels(), labels, library, way(labels.crs, library.crs))
    fresh = sum(one.uuid not in known for one in tally.labels)
    # Labels that changed since they were added are brought up to date.
    library.write(tally.labels, classes=tally.classes)
    return tr("{} labels are new in {}, which holds {} now.").format(
        fresh, Path(library.path).name, sum(library.counts().values())
    )


def library_gatherer(
    library: LabelFile,
    into: LabelFile,
    place: QgsRectangle,
    date: str = "",
    days: int = 0,
) -> Gather:
    """What makes of the library's labels that lie on a scene labels of the scene's file.

    Args:
        place: the scene in the CRS of its file.
        date: of the scene, ISO.
        days: how far a label's date may be from it; 0 takes labels of any date.

    Raises:
        UnsupportedInput: if one of the files has no CRS; what is returned raises it if one cannot be read.
    """
    if not into.crs.isValid() or not library.crs.isValid():
        raise UnsupportedInput(tr("Without a coordinate system no label can be found again."))
    try:
        box = way(into.crs, library.crs).transformBoundingBox(place)
    except QgsCsException as error:
        raise UnsupportedInput(tr("The scene has no place in the library."), "", str(error)) from error
    there = way(library.crs, into.crs)

    def gather(watch: Watch) -> Gathered:
        known = {one.uuid for one in into.labels()}
        found, left = [], Counter[int]()
        for one in watched(library.labels(within=box), watch):
            if one.uuid in known:
                left[_KNOWN] += 1
            elif days and date and not _near(one.date, date, days):
                left[_UNDATED] += 1
            else:
                found.append(one)
        tally = _copied(watched(found, watch), library, into, there, place)
        tally.left += left
        return tally.gathered(Path(library.path).name)

    return gather


def _near(first: str, second: str, days: int) -> bool:
    """Whether two dates lie no further apart; an unknown one is not near."""
    if not first:
        return False
    apart = datetime.date.fromisoformat(first) - datetime.date.fromisoformat(second)
    return abs(apart.days) <= days


def _copied(
    labels: Iterable[Drawn],
    source: LabelFile,
    into: LabelFile,
    there: QgsCoordinateTransform,
    place: QgsRectangle | None = None,
) -> _Tally:
    """Labels of another file in this one's CRS and classes, those that touch the place."""
    tally = _Tally(into, {info.name: (info.name, info.color) for info in source.classes()})
    names = {info.value: info.name for info in source.classes()}
    for one in labels:
        shape = moved(one.geometry, there)
        if shape is None:
            tally.left[_ELSEWHERE] += 1
        elif place is None or shape.intersects(place):
            info = tally.info(names[one.value])
            if info is not None:
                tally.labels.append(replace(one, value=info.value, wkb=bytes(shape.asWkb())))
    return tally


class _Tally:
    """Labels as they come in, and what is left out.

    Args:
        into: the file that they are for.
        legend: name and colour of a class by the text in the field.
    """

    def __init__(self, into: LabelFile, legend: Mapping[str, tuple[str, str]]) -> None:
        self.labels: list[Drawn] = []
        self.classes = list(into.classes())
        self.left = Counter[int]()
        self._legend = legend
        self._known = {_key(info.name): info for info in self.classes}

    def info(self, value: object) -> ClassInfo | None:
        """The class that a field's value means, a new one if need be; None for no class."""
        text = _text(value)
        if not text:
            self.left[_NO_CLASS] += 1
            return None
        name, color = self._legend.get(text, (text, ""))
        if _key(name) not in self._known:
            number = int(text) if text.isascii() and text.isdigit() else 0
            self._known[_key(name)] = with_class(self.classes, name, number, color)
        return self._known[_key(name)]

    def shapes(
        self, geometry: QgsGeometry, there: QgsCoordinateTransform, line_width: float
    ) -> Iterator[QgsGeometry]:
        """A feature's geometry as points and areas of the file."""
        if geometry.isNull() or geometry.isEmpty():
            self.left[_NO_PLACE] += 1
            return
        shape = moved(geometry, there)
        if shape is None:
            self.left[_ELSEWHERE] += 1
            return
        kind = shape.type()
        if kind == QgsWkbTypes.GeometryType.LineGeometry and line_width <= 0:
            self.left[_LINE] += 1
        elif kind == QgsWkbTypes.GeometryType.LineGeometry:
            yield shape.buffer(line_width / 2, 4)
        elif kind == QgsWkbTypes.GeometryType.PointGeometry:
            yield from (QgsGeometry(part.clone()) for part in shape.constParts())
        else:
            yield from self._areas(shape)

    def _areas(self, shape: QgsGeometry) -> Iterator[QgsGeometry]:
        sound = shape if shape.isGeosValid() else shape.makeValid()
        sound.convertGeometryCollectionToSubclass(QgsWkbTypes.GeometryType.PolygonGeometry)
        if sound.isEmpty() or sound.type() != QgsWkbTypes.GeometryType.PolygonGeometry:
            self.left[_NO_PLACE] += 1
        else:
            yield sound

    def gathered(self, source: str) -> Gathered:
        """All of it, with the sentence."""
        kinds = len({one.value for one in self.labels})
        sentence = tr("{} labels of {} classes from {}.").format(len(self.labels), kinds, source)
        reasons = (
            (_NO_PLACE, tr("{} without a shape")),
            (_NO_CLASS, tr("{} without a class")),
            (_ELSEWHERE, tr("{} outside the coordinate system")),
            (_LINE, tr("{} lines")),
            (_UNDATED, tr("{} of another or no date")),
            (_KNOWN, tr("{} that are here already")),
        )
        told = ", ".join(text.format(self.left[key]) for key, text in reasons if self.left[key])
        if told:
            sentence = tr("{} Left out: {}.").format(sentence, told)
        return Gathered(tuple(self.labels), tuple(self.classes), sentence)


def _key(name: str) -> str:
    return name.strip().casefold()


def _text(value: object) -> str:
    """A field's value as the name of a class; empty for none."""
    if value is None or value == NULL:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _told(feature: QgsFeature) -> dict[str, str]:
    """What a feature of a label layer says of itself."""
    told = {}
    for name in _OWN:
        value = feature.attribute(name)
        if value is not None and value != NULL:
            told[name] = _iso(value)
    return told


def _iso(value: object) -> str:
    """Qt's dates and times as ISO text, anything else as it is."""
    if isinstance(value, QDateTime):
        return f"{value.toUTC().toString(Qt.DateFormat.ISODate).rstrip('Z')}Z"
    if isinstance(value, QDate):
        return str(value.toString(Qt.DateFormat.ISODate))
    return str(value)


def _legend(layer: QgsVectorLayer, field: str) -> dict[str, tuple[str, str]]:
    """Name and colour of each value of a field that the layer's legend shows."""
    renderer = layer.renderer()
    if not isinstance(renderer, QgsCategorizedSymbolRenderer) or renderer.classAttribute() != field:
        return {}
    return {
        _text(one.value()): (one.label().strip() or _text(one.value()), one.symbol().color().name())
        for one in renderer.categories()
        if _text(one.value()) and one.symbol() is not None
    }
