"""A layer and the places that changed, as :mod:`.edit_proposals` weighs them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qgis.core import (
    NULL,
    QgsCoordinateTransform,
    QgsDistanceArea,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingFeatureSource,
    QgsProviderRegistry,
    QgsRectangle,
    QgsUnitTypes,
    QgsVectorDataProvider,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)

from .edit_classes import class_name, class_names
from .edit_proposals import Change, Target, moved, repaired
from .edit_table import key_of
from .text import tr

TO_CLASS = "to_class"
# By the names under which runs and other programs have them.
_FROM, _MAGNITUDE = ("from_class",), ("magnitude",)
_BEFORE, _AFTER = ("date_before", "before"), ("date_after", "after")
_DAY = 10
_SKIP_CHECKS = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
_CAPABILITY = QgsVectorDataProvider.Capability


class Updated:
    """The layer to update as it is now, unsaved edits included, readable on any thread.

    Make it on the layer's own thread.

    Args:
        field: with the class, empty for none.
        retired: field that says since when a feature is past; empty for none.
    """

    def __init__(self, layer: QgsVectorLayer, field: str, retired: str) -> None:
        self.name = layer.name()
        self.crs = layer.crs()
        self.kind = layer.geometryType()
        self.wkb = QgsWkbTypes.singleType(QgsWkbTypes.flatType(layer.wkbType()))
        self._features = QgsVectorLayerFeatureSource(layer)
        self._fields = layer.fields()
        self._field, self._retired = field, retired
        self._names = class_names(layer, field) if field else {}
        self._keys = [self._fields[at].name() for at in layer.primaryKeyAttributes()]

    def find(self, box: QgsRectangle) -> Iterator[Target]:
        """The present features whose boxes touch a box."""
        request = QgsFeatureRequest().setFilterRect(box)
        for feature in self._features.getFeatures(request):
            shape = repaired(feature.geometry(), self.kind)
            if shape.isEmpty() or self._is_past(feature) or not _size(shape, self.kind):
                continue
            name = class_name(feature[self._field], self._names) if self._field else ""
            key = key_of(feature, self._keys)
            yield Target(feature.id(), shape, feature.geometry(), name, key)

    def _is_past(self, feature: QgsFeature) -> bool:
        return bool(self._retired) and feature[self._retired] not in (None, NULL, "")


@dataclass(frozen=True)
class Changed:
    """Places that changed, in whatever CRS and with whatever fields.

    Attributes:
        to_field: the field with the class that is there now.
        way: to the CRS of the layer to update.
    """

    source: QgsProcessingFeatureSource
    to_field: str
    way: QgsCoordinateTransform

    def read(self) -> tuple[list[Change], int]:
        """The places, and how many had no geometry that can be used."""
        made = [
            moved(self._change(feature), self.way)
            for feature in self.source.getFeatures(QgsFeatureRequest(), _SKIP_CHECKS)
        ]
        found = [change for change in made if change is not None]
        return found, len(made) - len(found)

    def _change(self, feature: QgsFeature) -> Change:
        magnitude = _first(feature, _MAGNITUDE)
        return Change(
            feature.geometry(),
            _text(_first(feature, _FROM)),
            _text(_first(feature, (self.to_field,))),
            float(magnitude) if isinstance(magnitude, (int, float)) else None,
            _text(_first(feature, _BEFORE))[:_DAY],
            _text(_first(feature, _AFTER))[:_DAY],
        )


def square_metres(layer: QgsVectorLayer, context: Any) -> QgsDistanceArea:
    """What measures areas in the layer's CRS on its ellipsoid; in its own units where it has no CRS."""
    made = QgsDistanceArea()
    made.setSourceCrs(layer.crs(), context)
    if layer.crs().isValid():
        made.setEllipsoid(layer.crs().ellipsoidAcronym())
    return made


def measured(area: QgsDistanceArea, shape: QgsGeometry) -> float:
    """Square metres of a polygon."""
    found = area.measureArea(shape)
    if area.areaUnits() == QgsUnitTypes.AreaUnit.AreaUnknownUnit:
        return float(found)
    return float(area.convertAreaMeasurement(found, QgsUnitTypes.AreaUnit.AreaSquareMeters))


def reservations(layer: QgsVectorLayer) -> list[str]:
    """Why edits of a layer may not be taken over later, one sentence each."""
    provider = layer.dataProvider()
    found = []
    able = provider.capabilities()
    needed = (
        _CAPABILITY.AddFeatures,
        _CAPABILITY.DeleteFeatures,
        _CAPABILITY.ChangeAttributeValues,
        _CAPABILITY.ChangeGeometries,
    )
    if layer.readOnly() or not all(able & one for one in needed):
        found.append(tr("{} cannot be edited as it is opened here; proposals are made all the same.").format(
            layer.name()
        ))
    if layer.subsetString():
        found.append(tr("{} is filtered: places of features that the filter hides count as free.").format(
            layer.name()
        ))
    return found


def is_same_file(source: str, path: str) -> bool:
    """Whether a layer's source is in a file."""
    parts = QgsProviderRegistry.instance().decodeUri("ogr", source)
    found = str(parts.get("path") or "")
    return bool(found) and os.path.exists(found) and os.path.exists(path) and os.path.samefile(found, path)


def _size(shape: QgsGeometry, kind: QgsWkbTypes.GeometryType) -> float:
    """Length or area of a geometry; 1 for points."""
    if kind == QgsWkbTypes.GeometryType.PointGeometry:
        return 1.0
    line = kind == QgsWkbTypes.GeometryType.LineGeometry
    return float(shape.length() if line else shape.area())


def _first(feature: QgsFeature, names: Sequence[str]) -> Any:
    """The value of the first of several fields that the feature has."""
    for name in names:
        at = feature.fields().lookupField(name)
        if at >= 0 and feature[at] != NULL:
            return feature[at]
    return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value.toString("yyyy-MM-dd")) if hasattr(value, "toString") else str(value)
