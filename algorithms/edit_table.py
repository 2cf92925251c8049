"""A list of proposed edits as a vector layer: what any GIS shows, and a review can be resumed from.

Geometries are in the CRS of the layer that the edits are meant for, so that nothing is rounded on the
way there. The geometry of a proposal is what becomes new (add), what is cut off (split), or the whole
feature as it was when the edit was proposed (reclass, retire).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDataSourceUri,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsMapLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from ..inference.errors import UnsupportedInput
from .text import tr

ADD, RETIRE, SPLIT, RECLASS = ACTIONS = ("add", "retire", "split", "reclass")
OPEN, ACCEPTED, REJECTED = "open", "accepted", "rejected"
LAYER_NAME = "proposals"

_TEXT, _REAL, _WHOLE = QVariant.String, QVariant.Double, QVariant.Int
_FIELDS = (
    ("id", _WHOLE),
    ("action", _TEXT),
    ("target", QVariant.LongLong),
    ("target_key", _TEXT),
    ("from_class", _TEXT),
    ("to_class", _TEXT),
    ("magnitude", _REAL),
    ("date_before", _TEXT),
    ("date_after", _TEXT),
    ("area_m2", _REAL),
    ("state", _TEXT),
    # 1 once the layer's edits were saved: what was accepted before that is lost with them.
    ("saved", _WHOLE),
    ("note", _TEXT),
    ("layer", _TEXT),
    ("class_field", _TEXT),
    ("retired_field", _TEXT),
)


@dataclass(frozen=True)
class Proposal:
    """One proposed edit.

    Attributes:
        id: from 1, in the order of the list.
        action: ``add``, ``retire``, ``split`` or ``reclass``.
        geometry: see the module.
        target: id of the feature that it is about, None for an addition.
        key: the feature's primary key as JSON, ``{"fid": 12}``: feature ids may be others when a layer
            is opened again. Empty where the layer has no key.
        from_class, to_class: names of the classes; empty where unknown.
        magnitude: of the change, None where unknown.
        before, after: ISO dates of the images; empty where unknown.
        area: square metres of the geometry; 0 for points and lines.
        state: ``open``, ``accepted`` or ``rejected``.
        saved: whether the layer's edits were saved since it was accepted.
        note: what there is to say of it, a sentence.
        row: feature id in the layer of proposals, None before it is written.
    """

    id: int
    action: str
    geometry: QgsGeometry
    target: int | None = None
    key: str = ""
    from_class: str = ""
    to_class: str = ""
    magnitude: float | None = None
    before: str = ""
    after: str = ""
    area: float = 0.0
    state: str = OPEN
    saved: bool = False
    note: str = ""
    row: int | None = None

    @property
    def title(self) -> str:
        """What is proposed, in a few words."""
        where = {ADD: tr("add {}"), RETIRE: tr("retire {}"), SPLIT: tr("split: {}"), RECLASS: "{}"}
        was, becomes = self.from_class, self.to_class
        if self.action == ADD:
            words = becomes
        elif self.action == RETIRE:
            words = was
        else:
            words = tr("{} to {}").format(was or tr("unknown"), becomes or tr("nothing"))
        return where[self.action].format(words).strip()


@dataclass(frozen=True)
class Meant:
    """What proposals are for, the same for all of a layer of proposals.

    Attributes:
        layer: source of the layer that they are about, without a password.
        class_field: its field with the class; empty for none.
        retired_field: its field that gets the date when a feature is retired; empty: it is deleted.
    """

    layer: str
    class_field: str = ""
    retired_field: str = ""


def public_source(layer: QgsVectorLayer) -> str:
    """Where a layer comes from, fit to be written into a file."""
    return str(QgsDataSourceUri.removePassword(layer.source()))


def are_proposals(layer: QgsMapLayer | None) -> bool:
    """Whether a layer is a list of proposed edits."""
    wanted = {name for name, _ in _FIELDS}
    return isinstance(layer, QgsVectorLayer) and wanted <= set(layer.fields().names())


def write(
    path: str,
    proposals: Iterable[Proposal],
    meant: Meant,
    kind: int,
    crs: QgsCoordinateReferenceSystem,
) -> None:
    """Write a GeoPackage of proposals; one that is there is replaced.

    Args:
        kind: geometry type of the layer that they are about (``QgsWkbTypes``).

    Raises:
        UnsupportedInput: if the file cannot be written.
    """
    fields = QgsFields()
    for name, of in _FIELDS:
        fields.append(QgsField(name, of))
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", LAYER_NAME
    options.layerOptions = ["FID=geofm_fid"]
    shape = QgsWkbTypes.multiType(QgsWkbTypes.flatType(QgsWkbTypes.linearType(kind)))
    context = QgsCoordinateTransformContext()
    writer = QgsVectorFileWriter.create(path, fields, shape, crs, context, options)
    for proposal in proposals:
        writer.addFeature(_feature(proposal, meant, fields))
    trouble = writer.errorMessage()
    del writer
    if trouble:
        name = Path(path).name
        raise UnsupportedInput(tr("The proposals cannot be written to {}.").format(name), detail=trouble)


def _feature(proposal: Proposal, meant: Meant, fields: QgsFields) -> QgsFeature:
    made = QgsFeature(fields)
    shape = QgsGeometry(proposal.geometry)
    shape.convertToMultiType()
    made.setGeometry(shape)
    values: dict[str, Any] = {
        "id": proposal.id,
        "action": proposal.action,
        "target": proposal.target,
        "target_key": proposal.key,
        "from_class": proposal.from_class,
        "to_class": proposal.to_class,
        "magnitude": proposal.magnitude,
        "date_before": proposal.before,
        "date_after": proposal.after,
        "area_m2": proposal.area,
        "state": proposal.state,
        "saved": int(proposal.saved),
        "note": proposal.note,
        "layer": meant.layer,
        "class_field": meant.class_field,
        "retired_field": meant.retired_field,
    }
    made.setAttributes([values[name] if values[name] != "" else None for name, _ in _FIELDS])
    return made


def read(layer: QgsVectorLayer) -> list[Proposal]:
    """The proposals of a layer, in their order."""
    return sorted(map(_proposal, layer.getFeatures()), key=lambda each: each.id)


def _proposal(feature: QgsFeature) -> Proposal:
    found = {name: None if feature[name] == NULL else feature[name] for name, _ in _FIELDS}
    target, magnitude = found["target"], found["magnitude"]
    return Proposal(
        id=int(found["id"] or feature.id()),
        action=str(found["action"] or ADD),
        geometry=feature.geometry(),
        target=None if target is None else int(target),
        key=found["target_key"] or "",
        from_class=found["from_class"] or "",
        to_class=found["to_class"] or "",
        magnitude=None if magnitude is None else float(magnitude),
        before=found["date_before"] or "",
        after=found["date_after"] or "",
        area=float(found["area_m2"] or 0.0),
        state=found["state"] or OPEN,
        saved=bool(found["saved"]),
        note=found["note"] or "",
        row=feature.id(),
    )


def meant(layer: QgsVectorLayer) -> Meant:
    """What the proposals of a layer are for; all empty where it holds none."""
    for feature in layer.getFeatures():
        said = [feature[name] for name in ("layer", "class_field", "retired_field")]
        return Meant(*("" if value == NULL else str(value) for value in said))
    return Meant("")


def note_down(layer: QgsVectorLayer, changed: Sequence[Proposal]) -> None:
    """Write state and note of proposals to their file, at once.

    Raises:
        UnsupportedInput: if the file cannot be written.
    """
    fields = layer.fields()
    columns = [fields.lookupField(name) for name in ("state", "saved", "note")]
    rows: Mapping[int, dict[int, Any]] = {
        each.row: dict(zip(columns, (each.state, int(each.saved), each.note or None)))
        for each in changed
        if each.row is not None
    }
    if rows and not layer.dataProvider().changeAttributeValues(rows):
        raise UnsupportedInput(
            tr("What was decided could not be written to {}.").format(layer.name()),
            tr("The file may be read-only, or another program may be writing to it."),
        )
    layer.triggerRepaint()


def key_of(feature: QgsFeature, names: Sequence[str]) -> str:
    """A feature's primary key as JSON; empty where it has none yet."""
    values = {name: feature[name] for name in names}
    plain = {name: value if isinstance(value, (int, str)) else str(value) for name, value in values.items()}
    return json.dumps(plain, sort_keys=True) if values and NULL not in values.values() else ""


def decided(proposal: Proposal, state: str, note: str | None = None, saved: bool = False) -> Proposal:
    """The proposal in another state."""
    return replace(proposal, state=state, saved=saved, note=proposal.note if note is None else note)
