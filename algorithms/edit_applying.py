"""One proposed edit of a layer: worked out first, then done as one step of the layer's edit session.

Nothing here saves: that, and undo, are QGIS's own.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qgis.core import (
    QgsFeature,
    QgsField,
    QgsFieldConstraints,
    QgsGeometry,
    QgsVectorDataProvider,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.PyQt.QtCore import QVariant

from ..inference.errors import UnsupportedInput
from .edit_classes import class_name, class_names, class_value, writable_field
from .edit_matching import find, holder, require_free, require_same
from .edit_proposals import only, repaired
from .edit_splitting import split
from .edit_table import ADD, SPLIT, Meant, Proposal
from .text import tr

SOURCE, DATE, ACTION = PROVENANCE = ("geofm_source", "geofm_date", "geofm_action")
# A Shapefile cuts names off.
_SHORT = 10
_TEXT_LENGTH = 254
_CAPABILITY = QgsVectorDataProvider.Capability
_HARD = QgsFieldConstraints.ConstraintStrength.ConstraintStrengthHard
_DATES = (QVariant.String, QVariant.Date, QVariant.DateTime)


@dataclass
class Edit:
    """What an edit does, by feature ids."""

    added: list[QgsFeature] = field(default_factory=list)
    reshaped: dict[int, QgsGeometry] = field(default_factory=dict)
    changed: dict[int, dict[int, Any]] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)


def command_text(proposal: Proposal) -> str:
    """What the list of things to undo calls it."""
    return tr("Accept change {}: {}").format(proposal.id, proposal.title)


def require_editable(layer: QgsVectorLayer) -> None:
    """Begin the layer's edit session, if it has not begun.

    Raises:
        UnsupportedInput: if the layer cannot be edited.
    """
    if not layer.isEditable() and not layer.startEditing():
        raise UnsupportedInput(
            tr("{} cannot be edited.").format(layer.name()),
            tr("It, its file or your rights may be read-only: save it as a layer of your own."),
        )


def add_provenance(layer: QgsVectorLayer) -> None:
    """Add those of the fields of provenance that the layer lacks, as one step that can be undone.

    Raises:
        UnsupportedInput: if the layer takes no new fields.
    """
    require_editable(layer)
    lacking = [name for name in PROVENANCE if _provenance_field(layer, name) < 0]
    if not lacking:
        return
    refusal = UnsupportedInput(
        tr("{} takes no new fields.").format(layer.name()), tr("Go on without fields of provenance.")
    )
    if not layer.dataProvider().capabilities() & _CAPABILITY.AddAttributes:
        raise refusal
    short = layer.dataProvider().storageType() == "ESRI Shapefile"
    layer.beginEditCommand(tr("Add fields of provenance"))
    for name in lacking:
        made = QgsField(name[:_SHORT] if short else name, QVariant.String, "", _TEXT_LENGTH)
        if not layer.addAttribute(made):
            layer.destroyEditCommand()
            raise refusal
    layer.endEditCommand()


def accept(layer: QgsVectorLayer, proposal: Proposal, meant: Meant) -> None:
    """Do what is proposed, as one step of the layer's edit session.

    Raises:
        UnsupportedInput: if the layer cannot be edited, or is no longer as it was when the edit was
            proposed, or would break a rule of its own. It is as before then.
    """
    require_editable(layer)
    edit = planned(layer, proposal, meant)
    layer.beginEditCommand(command_text(proposal))
    if not _do(layer, edit):
        layer.destroyEditCommand()
        raise UnsupportedInput(
            tr("{} did not take the edit.").format(layer.name()),
            tr("It may lack the right to add, change or delete features."),
        )
    layer.endEditCommand()
    layer.triggerRepaint()


def planned(layer: QgsVectorLayer, proposal: Proposal, meant: Meant) -> Edit:
    """What a proposal comes to in the layer as it is now; nothing is changed.

    Raises:
        UnsupportedInput: see :func:`accept`.
    """
    return _Planner(layer, proposal, meant).plan()


class _Planner:
    def __init__(self, layer: QgsVectorLayer, proposal: Proposal, meant: Meant) -> None:
        self._layer = layer
        self._proposal = proposal
        self._class = writable_field(layer, meant.class_field) if meant.class_field else -1
        self._retired = writable_field(layer, meant.retired_field) if meant.retired_field else -1
        self._names = class_names(layer, meant.class_field) if meant.class_field else {}

    def plan(self) -> Edit:
        proposal = self._proposal
        if proposal.action == ADD:
            return self._addition()
        feature = find(self._layer, proposal)
        if self._class >= 0:
            present = class_name(feature[self._class], self._names)
            if present != proposal.from_class:
                sentence = tr("The feature is of another class now: {}.")
                raise UnsupportedInput(sentence.format(present or tr("none")))
        if proposal.action == SPLIT:
            return self._division(holder(self._layer, feature, proposal))
        require_same(feature.geometry(), proposal)
        return self._fate(feature)

    def _addition(self) -> Edit:
        require_free(self._layer, self._proposal, self._retired)
        values = {**self._class_values(), **self._provenance()}
        edit = Edit()
        for part in self._fitting(self._proposal.geometry):
            edit.added.append(self._created(part, values))
        return edit

    def _fate(self, feature: QgsFeature) -> Edit:
        """What becomes of a whole feature: another class, a date of retirement, or it goes."""
        if self._proposal.to_class:
            return Edit(changed={feature.id(): {**self._class_values(), **self._provenance()}})
        if self._retired < 0:
            return Edit(deleted=[feature.id()])
        return Edit(changed={feature.id(): {self._retired: self._date(), **self._provenance()}})

    def _division(self, feature: QgsFeature) -> Edit:
        stays, part = split(feature.geometry(), self._proposal.geometry)
        if stays.isEmpty():
            return self._fate(feature)
        # The largest part of what stays keeps the identity.
        kept, *others = sorted(self._fitting(stays), key=lambda each: -each.area())
        edit = Edit(reshaped={feature.id(): kept})
        edit.added += [self._created(each, self._copied(feature)) for each in others]
        gone = not self._proposal.to_class
        if gone and self._retired < 0:
            return edit
        own = {self._retired: self._date()} if gone else self._class_values()
        values = {**self._copied(feature), **own, **self._provenance()}
        edit.added += [self._created(each, values) for each in self._fitting(part)]
        return edit

    def _fitting(self, shape: QgsGeometry) -> list[QgsGeometry]:
        """A geometry as the layer takes it: several where it takes only single parts."""
        made = only(repaired(shape), self._layer.geometryType())
        return list(made.coerceToType(self._layer.wkbType()))

    def _class_values(self) -> dict[int, Any]:
        if self._class < 0 or not self._proposal.to_class:
            return {}
        field = self._layer.fields().at(self._class)
        return {self._class: class_value(self._proposal.to_class, field, self._names)}

    def _copied(self, feature: QgsFeature) -> dict[int, Any]:
        """A feature's attributes for one cut off it: all but what must be unique."""
        fields, keys = self._layer.fields(), self._layer.primaryKeyAttributes()
        unique = QgsFieldConstraints.Constraint.ConstraintUnique
        return {
            at: feature[at]
            for at in range(fields.count())
            if at not in keys
            and not self._layer.fieldConstraints(at) & unique
            and fields.fieldOrigin(at) in (fields.OriginProvider, fields.OriginEdit)
        }

    def _created(self, shape: QgsGeometry, values: Mapping[int, Any]) -> QgsFeature:
        """A new feature with the layer's own defaults and keys.

        Raises:
            UnsupportedInput: if it would lack something that the layer requires.
        """
        context = self._layer.createExpressionContext()
        made = QgsVectorLayerUtils.createFeature(self._layer, shape, dict(values), context)
        for at in range(self._layer.fields().count()):
            fits, reasons = QgsVectorLayerUtils.validateAttribute(self._layer, made, at, _HARD)
            if not fits:
                name = self._layer.fields().at(at).name()
                sentence = tr("The field {} does not allow it: {}.").format(name, ", ".join(reasons))
                hint = tr("Give the field a default value, or make this edit by hand.")
                raise UnsupportedInput(sentence, hint)
        return made

    def _provenance(self) -> dict[int, Any]:
        """What the fields of provenance say, of those that the layer has."""
        proposal = self._proposal
        source = tr("GeoFM, change {} to {}").format(proposal.before or "?", proposal.after or "?")
        if proposal.magnitude is not None:
            source = tr("{}, magnitude {}").format(source, f"{proposal.magnitude:.3g}")
        said = {
            SOURCE: source,
            DATE: proposal.after or _today(),
            ACTION: f"{proposal.action} {proposal.from_class or '-'} > {proposal.to_class or '-'}",
        }
        found = ((_provenance_field(self._layer, name), value) for name, value in said.items())
        return {at: self._converted(at, value) for at, value in found if at >= 0}

    def _date(self) -> Any:
        return self._converted(self._retired, self._proposal.after or _today())

    def _converted(self, at: int, value: str) -> Any:
        field = self._layer.fields().at(at)
        if field.type() not in _DATES:
            sentence = tr("The field {} holds no dates or texts.").format(field.name())
            raise UnsupportedInput(sentence, tr("Choose a field of dates or of text."))
        if field.type() == QVariant.String and field.length():
            value = value[: field.length()]
        return field.convertCompatible(value)


def _do(layer: QgsVectorLayer, edit: Edit) -> bool:
    """Whether all of an edit was taken."""
    return (
        all(layer.changeGeometry(at, shape) for at, shape in edit.reshaped.items())
        and all(
            layer.changeAttributeValue(at, column, value)
            for at, values in edit.changed.items()
            for column, value in values.items()
        )
        and all(layer.deleteFeature(at) for at in edit.deleted)
        and all(layer.addFeature(each) for each in edit.added)
    )


def _provenance_field(layer: QgsVectorLayer, name: str) -> int:
    at = layer.fields().lookupField(name)
    return at if at >= 0 else int(layer.fields().lookupField(name[:_SHORT]))


def _today() -> str:
    return datetime.date.today().isoformat()
