"""Labels as a file that any GIS reads: a GeoPackage with a layer of points and one of areas.

A layer of QGIS has one kind of geometry and one default style, hence two tables of the same fields,
``label_points`` (clicks) and ``label_areas`` (polygons, strokes of a brush), beside the table
``classes`` (value, name, colour, in the order of the list). QGIS loads both in the classes' colours.

Every change is one transaction of GDAL, on the disk before :meth:`LabelFile.write` answers: what was
written is there after a crash, and a change that fails leaves the file as it was. The file is open
only while it is read or written, so that other programs may have it open too.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..inference.errors import InvalidRequest, UnsupportedInput
from ..inference.jobs import ClassInfo
from ..inference.teaching import Label
from . import label_mending
from . import label_tables as tables
from .label_schema import AREAS, CLASSES, POINTS, make_tables, unwritable
from .label_tables import LEARN, Drawn, Watch, nobody
from .layers import crs_text
from .text import tr

_DIGITS = 12


def draw(value: int, geometry: QgsGeometry, **facts: str) -> Drawn:
    """A new label of the present user, made now.

    Args:
        geometry: a point or polygon in the CRS of the file that it is meant for.
        facts: more of the attributes of :class:`Drawn`.
    """
    shape = QgsGeometry(geometry)
    shape.get().dropZValue()
    shape.get().dropMValue()
    if shape.type() == QgsWkbTypes.GeometryType.PolygonGeometry:
        shape.convertToMultiType()
    for name, tell in (("author", author), ("made", now)):
        if name not in facts:
            facts[name] = tell()
    return Drawn(value, bytes(shape.asWkb()), **facts)


def author() -> str:
    """Who labels: the full name that QGIS knows, else the account's name."""
    return str(QgsApplication.userFullName() or QgsApplication.userLoginName())


def now() -> str:
    """The time in UTC to the second, ISO 8601."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def create(
    path: str, crs: QgsCoordinateReferenceSystem, classes: Sequence[ClassInfo] = ()
) -> LabelFile:
    """Make a label file; it appears complete or not at all.

    Args:
        crs: of its labels; an invalid one for images that have none.

    Raises:
        UnsupportedInput: if there is such a file already or it cannot be written.
    """
    target = Path(path)
    if target.exists():
        raise UnsupportedInput(tr("There is a file {} already.").format(target.name))
    part = target.with_name(f".{uuid.uuid4().hex[:8]}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        make_tables(str(part), crs)
        if classes:
            LabelFile(str(part)).set_classes(classes)
        part.replace(target)
        return LabelFile(path)
    except OSError as error:
        raise unwritable(path, str(error)) from error
    finally:
        if part.exists():
            part.unlink()


class LabelFile:
    """The labels and classes of one file.

    Attributes:
        path: the file.
        crs: of its labels, invalid if they have none.

    Raises:
        UnsupportedInput: if it cannot be read or is no file of labels.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with tables.opened(path) as dataset:
            if any(dataset.GetLayerByName(name) is None for name in (POINTS, AREAS, CLASSES)):
                raise UnsupportedInput(
                    tr("{} holds no labels of GeoFM.").format(Path(path).name),
                    tr("Add it to the project and import its features as labels."),
                )
            self.crs = tables.crs_of(dataset)

    def layers(self, styled: bool = True) -> tuple[QgsVectorLayer, QgsVectorLayer]:
        """The points and the areas as new layers for a project.

        Args:
            styled: in the classes' colours; reading these takes as long as all the rest.
        """
        options = QgsVectorLayer.LayerOptions()
        options.loadDefaultStyle = styled
        made = [
            QgsVectorLayer(f"{self.path}|layername={table}", title, "ogr", options)
            for table, title in ((POINTS, tr("Labels: points")), (AREAS, tr("Labels: areas")))
        ]
        return made[0], made[1]

    def classes(self) -> tuple[ClassInfo, ...]:
        """The classes in the order of the list."""
        with tables.opened(self.path) as dataset:
            return tables.read_classes(dataset)

    def set_classes(self, classes: Sequence[ClassInfo]) -> None:
        """Replace the list of classes; labels of a renamed one follow."""
        self.write(classes=classes)

    def write(
        self,
        put: Iterable[Drawn] = (),
        remove: Iterable[str] = (),
        classes: Sequence[ClassInfo] | None = None,
        watch: Watch = nobody,
    ) -> None:
        """Change the file in one step: all of it is on the disk, or nothing. On any thread.

        Args:
            put: labels to add; one with a uuid that is there takes that one's place.
            remove: uuids of labels to take out.
            classes: the new list of classes, None to leave it.
            watch: told of many labels; if it raises, the file stays as it was.

        Raises:
            UnsupportedInput: if the file cannot be written.
            InvalidRequest: if a label is of no class of the file.
        """
        labels = list(put)
        with tables.transaction(self.path) as dataset:
            if classes is not None:
                tables.write_classes(dataset, classes)
            names = {info.value: info.name for info in tables.read_classes(dataset)}
            unknown = {one.value for one in labels} - set(names)
            if unknown:
                raise InvalidRequest(tr("There is no class with the value {}.").format(min(unknown)))
            tables.delete(dataset, [*remove, *(one.uuid for one in labels)], watch)
            tables.insert(dataset, labels, names, watch)

    def labels(self, split: str = "", within: QgsRectangle | None = None) -> list[Drawn]:
        """The labels, points first, each kind in the order of its making.

        Args:
            split: only those that are to be learnt from, or to check with; empty for all.
            within: only those that touch this box, in the file's CRS.
        """
        with tables.opened(self.path) as dataset:
            named = {info.name: info.value for info in tables.read_classes(dataset)}
            found = [
                tables.drawn(row, named)
                for table in (POINTS, AREAS)
                for row in tables.features(dataset, table, within)
            ]
        return [one for one in found if one is not None and split in ("", one.split)]

    def read(self, split: str = LEARN) -> list[Label]:
        """The labels as the engine takes them."""
        return as_taught(self.labels(split), self.crs)

    def counts(self) -> dict[int, int]:
        """How many labels each class has, by value."""
        with tables.opened(self.path) as dataset:
            return tables.counts(dataset)

    def mend(self) -> bool:
        """Complete what other programs wrote: a uuid of its own, a value for the class's name.

        The name of the class is what people edit, so that the value follows it; a name that is new
        becomes a class.

        Returns:
            Whether anything had to be changed.

        Raises:
            UnsupportedInput: if the file cannot be written.
        """
        with tables.opened(self.path) as dataset:
            sound = label_mending.is_sound(dataset)
        if not sound:
            with tables.transaction(self.path) as dataset:
                label_mending.mend(dataset)
        return not sound


def as_taught(labels: Iterable[Drawn], crs: QgsCoordinateReferenceSystem) -> list[Label]:
    """Labels as the engine takes them.

    Args:
        crs: of the labels.
    """
    stated = crs_text(crs)
    return [
        Label(
            one.uuid,
            one.value,
            json.loads(one.geometry.asJson(_DIGITS)),
            stated,
            one.source,
            one.date,
            one.author,
        )
        for one in labels
    ]


def way(
    source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> QgsCoordinateTransform:
    """From one CRS to another with the project's choices of datum shifts; nothing where one is unknown."""
    if not source.isValid() or not target.isValid():
        return QgsCoordinateTransform()
    return QgsCoordinateTransform(source, target, QgsProject.instance())


def moved(shape: QgsGeometry, there: QgsCoordinateTransform) -> QgsGeometry | None:
    """A geometry in another CRS; None where it has no place there."""
    result = QgsGeometry(shape)
    try:
        result.transform(there)
    except QgsCsException:
        return None
    return result if result.boundingBox().isFinite() else None
