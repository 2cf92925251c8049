"""From places that changed to proposed edits of a vector layer: geometry alone, no model.

Every changed place is weighed against the features that it touches. Places that overlap each other
count once, the strongest change first, so that no ground is claimed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsGeometry,
    QgsRectangle,
    QgsSpatialIndex,
    QgsWkbTypes,
)

from .edit_table import ADD, RECLASS, RETIRE, SPLIT, Proposal
from .text import tr

# Of a change polygon's pixels, a border that runs a little beside the feature's leaves slivers of less.
_SLIVER = 0.25
WHOLE = 80.0
BACKGROUND = ("background", "nothing")

_POINT = QgsWkbTypes.GeometryType.PointGeometry
_LINE = QgsWkbTypes.GeometryType.LineGeometry
_POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry


@dataclass(frozen=True)
class Change:
    """One changed place.

    Attributes:
        geometry: a valid polygon in the CRS of the layer to update.
        from_class, to_class, magnitude, before, after: see :class:`.edit_table.Proposal`.
    """

    geometry: QgsGeometry
    from_class: str = ""
    to_class: str = ""
    magnitude: float | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Target:
    """A feature of the layer to update.

    Attributes:
        geometry: valid.
        original: as the layer has it.
        name: of its class, empty for none.
    """

    id: int
    geometry: QgsGeometry
    original: QgsGeometry
    name: str = ""
    key: str = ""


@dataclass(frozen=True)
class Rules:
    """When a change becomes which edit.

    Attributes:
        kind: of the layer's geometries: points, lines or polygons.
        classed: whether the layer says of its features which class they have.
        whole: percent of a feature from which it is taken to have changed as a whole.
        least: square metres below which nothing is split off or added; None for a quarter of the smallest
            changed place.
        background: names of classes that the layer has no features of, case-folded.
    """

    kind: QgsWkbTypes.GeometryType
    classed: bool
    whole: float = WHOLE
    least: float | None = None
    background: frozenset[str] = frozenset(BACKGROUND)


@dataclass
class Proposed:
    """What came out.

    Attributes:
        proposals: strongest changes first, numbered from 1.
        small: parts left alone because they are smaller than :attr:`least`.
        nowhere: changed places on no feature of a layer of points or lines.
        least: square metres that were asked for in the end.
    """

    proposals: list[Proposal] = field(default_factory=list)
    small: int = 0
    nowhere: int = 0
    least: float = 0.0


Find = Callable[[QgsRectangle], Iterable[Target]]
Measure = Callable[[QgsGeometry], float]


def repaired(geometry: QgsGeometry, kind: QgsWkbTypes.GeometryType = _POLYGON) -> QgsGeometry:
    """The geometry, valid and of one kind; empty where nothing of that kind is left of it."""
    if geometry.isNull() or geometry.isEmpty():
        return QgsGeometry()
    made = geometry if geometry.isGeosValid() else geometry.makeValid()
    return only(made, kind)


def only(geometry: QgsGeometry, kind: QgsWkbTypes.GeometryType = _POLYGON) -> QgsGeometry:
    """What a geometry has of one kind: overlays leave points and lines where borders meet."""
    made = QgsGeometry(geometry)
    if made.type() == kind and QgsWkbTypes.flatType(made.wkbType()) != QgsWkbTypes.Type.GeometryCollection:
        return made
    if QgsWkbTypes.flatType(made.wkbType()) != QgsWkbTypes.Type.GeometryCollection:
        return QgsGeometry()
    return made if made.convertGeometryCollectionToSubclass(kind) else QgsGeometry()


def moved(change: Change, way: QgsCoordinateTransform) -> Change | None:
    """The change in the layer's CRS, valid; None where that does not reach or nothing is left."""
    shape = repaired(change.geometry)
    try:
        shape.transform(way)
    except QgsCsException:
        return None
    shape = repaired(shape)
    return None if shape.isEmpty() or not shape.boundingBox().isFinite() else replace(change, geometry=shape)


def propose(
    changes: Sequence[Change], find: Find, rules: Rules, measure: Measure, go_on: Callable[[float], bool]
) -> Proposed:
    """Weigh changes against a layer's features.

    Args:
        changes: in the layer's CRS.
        find: the features whose boxes touch a box, in the layer's CRS.
        measure: square metres of a polygon in the layer's CRS.
        go_on: told the percent that is done; False ends the work early, with what was found by then.
    """
    areas = [measure(change.geometry) for change in changes]
    least = rules.least
    if least is None:
        least = _SLIVER * min(areas, default=0.0)
    weighing = _Weighing(rules, measure, Proposed(least=least))
    apart = disjoint(changes)
    for count, change in enumerate(apart):
        if not go_on(80.0 * count / len(apart)):
            break
        weighing.touch(change, list(find(change.geometry.boundingBox())))
    weighing.judge()
    found = weighing.found
    found.proposals.sort(key=lambda each: (-(each.magnitude or 0.0), -each.area))
    found.proposals = [replace(each, id=number) for number, each in enumerate(found.proposals, 1)]
    return found


def disjoint(changes: Sequence[Change]) -> list[Change]:
    """Changes without what stronger ones cover already."""
    ranked = sorted(changes, key=lambda each: -(each.magnitude or 0.0))
    index = QgsSpatialIndex()
    kept: list[Change] = []
    for change in ranked:
        shape = change.geometry
        for at in index.intersects(shape.boundingBox()):
            if kept[at].geometry.intersects(shape):
                shape = only(shape.difference(kept[at].geometry))
        if shape.isEmpty():
            continue
        row = QgsFeature(len(kept))
        row.setGeometry(shape)
        index.addFeature(row)
        kept.append(replace(change, geometry=shape))
    return kept


class _Weighing:
    """Collects which change touches what, then judges feature by feature."""

    def __init__(self, rules: Rules, measure: Measure, found: Proposed) -> None:
        self.found = found
        self._rules = rules
        self._measure = measure
        self._targets: dict[int, Target] = {}
        self._touched: dict[int, list[tuple[Change, QgsGeometry]]] = {}

    def touch(self, change: Change, targets: Sequence[Target]) -> None:
        """Note what a change covers of features; what lies on none may be added."""
        free = change.geometry
        hit = False
        for target in targets:
            if not target.geometry.intersects(change.geometry):
                continue
            part = only(target.geometry.intersection(change.geometry), self._rules.kind)
            if part.isEmpty():
                continue
            hit = True
            self._targets[target.id] = target
            self._touched.setdefault(target.id, []).append((change, part))
            if self._rules.kind == _POLYGON:
                free = only(free.difference(target.geometry))
        if self._rules.kind == _POLYGON:
            self._add(change, free)
        elif not hit:
            self.found.nowhere += 1

    def _add(self, change: Change, free: QgsGeometry) -> None:
        if self._is_nothing(change.to_class) and change.to_class:
            return
        for part in self._large_enough(free):
            lacks = tr("Its class is not known.") if self._rules.classed and not change.to_class else ""
            self._propose(ADD, change, part, None, change.from_class, lacks)

    def judge(self) -> None:
        """Propose at most one edit of a whole feature, or one for each part of it that changed."""
        for at, pieces in self._touched.items():
            target = self._targets[at]
            groups: dict[str, list[tuple[Change, QgsGeometry]]] = {}
            for change, part in pieces:
                groups.setdefault(change.to_class, []).append((change, part))
            shares = {name: self._share(target, parts) for name, parts in groups.items()}
            widest = max(shares, key=lambda name: shares[name])
            if shares[widest] >= self._rules.whole:
                self._whole(target, [change for change, _ in groups[widest]], shares[widest])
            elif self._rules.kind == _POLYGON:
                for change, part in pieces:
                    self._split(target, change, part)

    def _share(self, target: Target, pieces: Sequence[tuple[Change, QgsGeometry]]) -> float:
        """Percent of a feature that pieces of it are."""
        if self._rules.kind == _POINT:
            return 100.0 * sum(map(_points, (part for _, part in pieces))) / _points(target.geometry)
        if self._rules.kind == _LINE:
            return 100.0 * sum(part.length() for _, part in pieces) / target.geometry.length()
        return 100.0 * sum(part.area() for _, part in pieces) / target.geometry.area()

    def _whole(self, target: Target, changes: Sequence[Change], share: float) -> None:
        change = _joint(changes)
        action = RECLASS if self._rules.classed and not self._is_nothing(change.to_class) else RETIRE
        if action == RECLASS and _same(change.to_class, target.name):
            return
        note = tr("{} % of the feature changed.").format(min(100, round(share)))
        self._propose(action, change, target.original, target, target.name or change.from_class, note)

    def _split(self, target: Target, change: Change, part: QgsGeometry) -> None:
        if self._rules.classed and _same(change.to_class, target.name):
            return
        for each in self._large_enough(part):
            piece = self._without_rests(target, each)
            share = 100.0 * piece.area() / target.geometry.area()
            note = tr("{} % of the feature changed.").format(f"{share:.0f}" if share >= 1 else f"{share:.1g}")
            self._propose(SPLIT, change, piece, target, target.name or change.from_class, note)

    def _without_rests(self, target: Target, part: QgsGeometry) -> QgsGeometry:
        """A part that takes along what would be left of the feature as slivers beside it."""
        rests = only(target.geometry.difference(part)).asGeometryCollection()
        kept = [rest for rest in rests if self._measure(rest) >= self.found.least]
        if not kept or len(kept) == len(rests):
            return part
        return only(target.geometry.difference(QgsGeometry.collectGeometry(kept)))

    def _propose(
        self, action: str, change: Change, shape: QgsGeometry, target: Target | None, was: str, note: str
    ) -> None:
        gone = target is not None and (self._is_nothing(change.to_class) or not self._rules.classed)
        self.found.proposals.append(
            Proposal(
                id=0,
                action=action,
                geometry=shape,
                target=target.id if target else None,
                key=target.key if target else "",
                from_class=was,
                to_class="" if gone else change.to_class,
                magnitude=change.magnitude,
                before=change.before,
                after=change.after,
                area=self._measure(shape) if self._rules.kind == _POLYGON else 0.0,
                note=note,
            )
        )

    def _large_enough(self, shape: QgsGeometry) -> Iterator[QgsGeometry]:
        """The parts of a geometry that are worth an edit."""
        for part in shape.asGeometryCollection():
            size = self._measure(part) if part.area() > 0 else 0.0
            if size and size >= self.found.least:
                yield part
            elif size:
                self.found.small += 1

    def _is_nothing(self, name: str) -> bool:
        """Whether a place of that class has no feature in the layer."""
        return not name or name.casefold() in self._rules.background


def counts(proposals: Iterable[Proposal]) -> Mapping[str, int]:
    """How many proposals there are of each action."""
    found: dict[str, int] = {}
    for proposal in proposals:
        found[proposal.action] = found.get(proposal.action, 0) + 1
    return found


def _points(geometry: QgsGeometry) -> int:
    return int(geometry.constGet().nCoordinates())


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _joint(changes: Sequence[Change]) -> Change:
    """What several changes to one class say together: the strongest of them, with the span of dates."""
    strongest = max(changes, key=lambda each: each.magnitude or 0.0)
    before = min((each.before for each in changes if each.before), default="")
    after = max((each.after for each in changes if each.after), default="")
    return replace(strongest, before=before, after=after)
