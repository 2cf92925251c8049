"""Accepted proposals become steps of the layer's own edit session: undone, redone, saved, thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr, osr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFieldConstraints,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QDate

from geofm.algorithms import edit_table
from geofm.algorithms.edit_session import EditSession, session_of
from geofm.algorithms.edit_table import Meant, Proposal
from geofm.inference.errors import InvalidRequest, UnsupportedInput

UTM = "EPSG:32633"
X, Y = 500_000.0, 5_400_000.0
FID = {number: f'{{"fid": {number}}}' for number in range(1, 5)}


def box(left: float, bottom: float, width: float = 100, height: float = 100) -> QgsGeometry:
    """A rectangle in metres from a corner of the scene."""
    return QgsGeometry.fromRect(QgsRectangle(X + left, Y + bottom, X + left + width, Y + bottom + height))


def write_parcels(path: Path, driver: str = "GPKG", shape: int = ogr.wkbPolygon) -> str:
    """Three squares side by side, field, forest and field, in a file."""
    made = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32633)
    table = made.CreateLayer(path.stem, srs, shape)
    table.CreateField(ogr.FieldDefn("cover", ogr.OFTString))
    table.CreateField(ogr.FieldDefn("owner", ogr.OFTString))
    table.CreateField(ogr.FieldDefn("valid_to", ogr.OFTDate))
    for at, cover in enumerate(("field", "forest", "field")):
        feature = ogr.Feature(table.GetLayerDefn())
        feature.SetField("cover", cover)
        feature.SetField("owner", f"owner {at}")
        feature.SetGeometry(ogr.CreateGeometryFromWkt(box(100 * at, 0).asWkt(17)))
        table.CreateFeature(feature)
    return str(path)


@pytest.fixture(autouse=True)
def _clear(qgis_app: Any) -> Iterator[None]:
    yield
    QgsProject.instance().clear()


@pytest.fixture
def parcels(tmp_path: Path, qgis_app: Any) -> QgsVectorLayer:
    layer = QgsVectorLayer(write_parcels(tmp_path / "parcels.gpkg"), "parcels", "ogr")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


Begin = Callable[..., EditSession]


@pytest.fixture
def begin(tmp_path: Path) -> Begin:
    """A list of proposals on the disk, and the session that joins it with a layer."""

    def start(layer: QgsVectorLayer, *proposals: Proposal, field: str = "cover", retired: str = "") -> Any:
        path = str(tmp_path / "proposals.gpkg")
        if proposals:
            meant = Meant(layer.source(), field, retired)
            edit_table.write(path, proposals, meant, layer.wkbType(), layer.crs())
        made = QgsVectorLayer(path, "proposals", "ogr")
        QgsProject.instance().addMapLayer(made)
        return session_of(layer, made)

    return start


def reclass(number: int = 1, target: int = 2, to: str = "water", was: str = "forest") -> Proposal:
    shape = box(100 * (target - 1), 0)
    return Proposal(number, "reclass", shape, target, FID[target], was, to, 3.4, "1999-11-18", "2002-04-16")


def part(number: int = 1, left: float = 250, width: float = 50, to: str = "water") -> Proposal:
    shape = box(left, 0, width, 100)
    return Proposal(number, "split", shape, 3, FID[3], "field", to, 2.0, "1999-11-18", "2002-04-16")


def extra(number: int = 1, left: float = 300, to: str = "water") -> Proposal:
    return Proposal(number, "add", box(left, 0), None, "", "", to, 1.0, "1999-11-18", "2002-04-16")


def covers(layer: QgsVectorLayer) -> list[tuple[str, int]]:
    """Class and area of every feature."""
    return sorted((str(f["cover"]), round(f.geometry().area())) for f in layer.getFeatures())


def on_disk(layer: QgsVectorLayer) -> list[tuple[str, int]]:
    opened = ogr.Open(layer.source().split("|")[0])
    return sorted((f.GetField("cover"), round(f.GetGeometryRef().GetArea())) for f in opened.GetLayer())


def states(session: EditSession) -> dict[int, tuple[str, int]]:
    """State and whether it is saved, as the file of proposals has them now, read past QGIS."""
    opened = ogr.Open(session.list.source().split("|")[0])
    return {f.GetField("id"): (f.GetField("state"), f.GetField("saved")) for f in opened.GetLayer()}


UNTOUCHED = [("field", 10_000), ("field", 10_000), ("forest", 10_000)]
CHANGED = [("field", 10_000), ("field", 10_000), ("water", 10_000)]


def test_a_class_is_changed_undone_and_done_again(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(12))
    session.accept(12)
    assert covers(parcels) == CHANGED
    assert on_disk(parcels) == UNTOUCHED, "nothing is saved before the user saves"
    assert states(session) == {12: ("accepted", 0)}
    assert parcels.undoStack().undoText() == "Accept change 12: forest to water"
    parcels.undoStack().undo()
    assert covers(parcels) == UNTOUCHED
    assert states(session) == {12: ("open", 0)}
    parcels.undoStack().redo()
    assert covers(parcels) == CHANGED
    assert states(session) == {12: ("accepted", 0)}


def test_saving_makes_it_final(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1), part(2))
    session.accept(1)
    session.reject(2)
    assert session.unsaved == 1
    assert parcels.commitChanges()
    assert on_disk(parcels) == CHANGED
    assert states(session) == {1: ("accepted", 1), 2: ("rejected", 0)}
    assert session.unsaved == 0
    with pytest.raises(UnsupportedInput, match="saved with the layer"):
        session.reopen(1)


def test_saving_in_between_goes_on_editing(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1), part(2))
    session.accept(1)
    assert parcels.commitChanges(False)
    session.accept(2)
    parcels.undoStack().undo()
    assert states(session) == {1: ("accepted", 1), 2: ("open", 0)}


def test_edits_thrown_away_are_open_again(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1), part(2))
    session.accept(1)
    session.accept(2)
    parcels.rollBack()
    assert covers(parcels) == UNTOUCHED
    assert states(session) == {1: ("open", 0), 2: ("open", 0)}


def test_what_was_lost_with_unsaved_edits_is_offered_again(parcels: Any, begin: Begin) -> None:
    """As after a crash: the file says accepted, the layer knows nothing of it."""
    session = begin(parcels, reclass(1), extra(2))
    session.accept(1)
    session.reject(2)
    session.close()
    again = QgsVectorLayer(parcels.source(), "parcels", "ogr")
    QgsProject.instance().addMapLayer(again)
    assert states(begin(again)) == {1: ("open", 0), 2: ("rejected", 0)}


def test_a_review_goes_on_where_it_stopped(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1), part(2), extra(3))
    session.accept(1)
    session.reject(2)
    assert parcels.commitChanges()
    session.close()
    again = begin(parcels)
    assert [each.state for each in again.proposals()] == ["accepted", "rejected", "open"]


def test_a_list_that_was_closed_meanwhile_follows_the_layer_still(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1))
    session.accept(1)
    QgsProject.instance().removeMapLayer(session.list)
    again = begin(parcels)
    assert states(again) == {1: ("accepted", 0)}
    parcels.undoStack().undo()
    assert states(again) == {1: ("open", 0)}


def test_other_edits_between_are_no_matter(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1), part(2))
    session.accept(1)
    parcels.beginEditCommand("by hand")
    parcels.changeAttributeValue(1, 1, "heath")
    parcels.endEditCommand()
    session.accept(2)
    with pytest.raises(UnsupportedInput, match="Other edits were made after it"):
        session.reopen(1)
    parcels.undoStack().undo()
    assert states(session) == {1: ("accepted", 0), 2: ("open", 0)}
    parcels.undoStack().undo()
    assert states(session) == {1: ("accepted", 0), 2: ("open", 0)}
    session.reopen(1)
    assert states(session) == {1: ("open", 0), 2: ("open", 0)}
    assert covers(parcels) == UNTOUCHED


def test_a_decision_is_taken_back(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1))
    session.reject(1)
    session.reopen(1)
    assert states(session) == {1: ("open", 0)}
    session.accept(1)
    session.reject(1)
    assert states(session) == {1: ("rejected", 0)}
    assert covers(parcels) == UNTOUCHED


# --- what the edits are ------------------------------------------------------------------------


def test_a_part_becomes_a_feature_with_the_same_attributes(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, part())
    session.accept(1)
    assert covers(parcels) == [("field", 5000), ("field", 10_000), ("forest", 10_000), ("water", 5000)]
    water = next(f for f in parcels.getFeatures() if f["cover"] == "water")
    assert water["owner"] == "owner 2"
    assert parcels.commitChanges(), parcels.commitErrors()
    assert len({f["fid"] for f in parcels.getFeatures()}) == 4
    stays = parcels.getFeature(3)
    assert stays.geometry().intersection(water.geometry()).area() == 0
    assert stays.geometry().combine(water.geometry()).area() == pytest.approx(10_000)


def test_two_parts_of_one_feature(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, part(1, 250, 30), part(2, 280, 20, "urban"))
    session.accept(1)
    session.accept(2)
    assert covers(parcels)[0] == ("field", 5000)
    assert ("urban", 2000) in covers(parcels)
    assert ("water", 3000) in covers(parcels)


def test_the_last_part_keeps_the_feature(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, part(1, 250, 50), part(2, 200, 50, "urban"))
    session.accept(1)
    session.accept(2)
    assert covers(parcels) == [("field", 10_000), ("forest", 10_000), ("urban", 5000), ("water", 5000)]
    assert parcels.getFeature(3)["cover"] == "urban"


def test_what_falls_apart_becomes_several_features(parcels: Any, begin: Begin) -> None:
    """The layer takes single polygons only."""
    session = begin(parcels, part(1, 220, 20))
    session.accept(1)
    assert covers(parcels) == [
        ("field", 2000), ("field", 6000), ("field", 10_000), ("forest", 10_000), ("water", 2000),
    ]
    assert parcels.getFeature(3).geometry().area() == pytest.approx(6000), "the largest part stays itself"
    parcels.undoStack().undo()
    assert covers(parcels) == UNTOUCHED


def test_neighbours_are_not_changed(parcels: Any, begin: Begin) -> None:
    before = {f.id(): f.geometry().asWkt(17) for f in parcels.getFeatures()}
    session = begin(parcels, part())
    session.accept(1)
    assert {at: parcels.getFeature(at).geometry().asWkt(17) for at in (1, 2)} == {
        at: before[at] for at in (1, 2)
    }


@pytest.mark.parametrize("retired", ["", "valid_to"])
def test_what_is_retired_goes_or_gets_a_date(parcels: Any, begin: Begin, retired: str) -> None:
    gone = Proposal(1, "retire", box(100, 0), 2, FID[2], "forest", "", 1.0, "1999-11-18", "2002-04-16")
    session = begin(parcels, gone, part(2, to=""), retired=retired)
    session.accept(1)
    session.accept(2)
    assert parcels.commitChanges(), parcels.commitErrors()
    if retired:
        assert parcels.getFeature(2)["valid_to"] == QDate(2002, 4, 16)
        past = [round(f.geometry().area()) for f in parcels.getFeatures("valid_to is not null")]
        assert sorted(past) == [5000, 10_000]
    else:
        assert covers(parcels) == [("field", 5000), ("field", 10_000)]


def test_a_new_feature_is_added(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, extra())
    session.accept(1)
    assert covers(parcels) == [*UNTOUCHED, ("water", 10_000)]
    assert parcels.commitChanges(), parcels.commitErrors()


def test_fields_of_provenance_are_added_filled_and_undone(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1), extra(2))
    session.add_provenance()
    session.accept(1)
    session.accept(2)
    assert parcels.commitChanges(), parcels.commitErrors()
    made = parcels.getFeature(2)
    assert made["geofm_source"] == "GeoFM, change 1999-11-18 to 2002-04-16, magnitude 3.4"
    assert made["geofm_date"] == "2002-04-16"
    assert made["geofm_action"] == "reclass forest > water"
    assert parcels.getFeature(4)["geofm_action"] == "add - > water"
    assert not parcels.getFeature(1)["geofm_action"]
    session.add_provenance()
    assert not parcels.isModified(), "they are there"


def test_provenance_can_be_undone(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1))
    session.add_provenance()
    parcels.undoStack().undo()
    assert "geofm_source" not in parcels.fields().names()


def test_a_shapefile_with_its_short_names(tmp_path: Path, begin: Begin) -> None:
    layer = QgsVectorLayer(write_parcels(tmp_path / "parcels.shp", "ESRI Shapefile"), "parcels", "ogr")
    QgsProject.instance().addMapLayer(layer)
    proposal = Proposal(1, "reclass", box(100, 0), 1, "", "forest", "water", None, "", "2002-04-16")
    session = begin(layer, proposal, Proposal(2, "split", box(250, 0, 50), 2, "", "field", "water"))
    session.add_provenance()
    session.accept(1)
    session.accept(2)
    assert layer.commitChanges(), layer.commitErrors()
    assert layer.getFeature(1)["geofm_date"] == "2002-04-16"
    assert len(list(layer.getFeatures())) == 4


def test_heights_and_parts_are_kept(begin: Begin) -> None:
    layer = QgsVectorLayer(f"MultiPolygonZ?crs={UTM}&field=cover:string", "parcels", "memory")
    feature = QgsFeature(layer.fields())
    ring = f"{X} {Y} 10, {X + 100} {Y} 20, {X + 100} {Y + 100} 20, {X} {Y + 100} 10, {X} {Y} 10"
    feature.setGeometry(QgsGeometry.fromWkt(f"MULTIPOLYGONZ((({ring})))"))
    feature.setAttributes(["field"])
    layer.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(layer)
    cut = Proposal(1, "split", box(50, 0, 50), 1, "", "field", "water")
    session = begin(layer, cut, Proposal(2, "add", box(500, 0), None, "", "", "water"))
    session.accept(1)
    session.accept(2)
    shapes = [f.geometry() for f in layer.getFeatures() if f.geometry().boundingBox().xMinimum() < X + 400]
    assert [shape.wkbType() for shape in shapes] == [QgsWkbTypes.Type.MultiPolygonZ] * 2
    heights = {round(v.z()) for shape in shapes for v in shape.vertices()}
    assert heights == {10, 15, 20}


# --- what has changed meanwhile, and what a layer does not allow -------------------------------


def _said(session: EditSession, number: int = 1) -> str:
    with pytest.raises(UnsupportedInput) as caught:
        session.accept(number)
    proposal = session.proposal(number)
    assert proposal.state == "open"
    assert proposal.note == str(caught.value)
    return str(caught.value)


def test_a_feature_that_is_gone_is_said_and_skipped(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1), extra(2))
    parcels.startEditing()
    parcels.deleteFeature(2)
    applied = session.accept_all([1, 2])
    assert applied.skipped == {1: "The feature is gone."}
    assert applied.accepted == {"add": 1}
    assert states(session) == {1: ("open", 0), 2: ("accepted", 0)}


def test_a_feature_of_another_shape_is_said(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1), part(2), extra(3))
    parcels.startEditing()
    parcels.changeGeometry(2, box(100, 0, 100, 90))
    parcels.changeGeometry(3, box(200, 0, 60, 100))
    parcels.addFeature(_feature(parcels, box(350, 50)))
    count = parcels.undoStack().count()
    assert _said(session) == "The feature has another shape now."
    assert "no longer holds the whole part" in _said(session, 2)
    assert _said(session, 3) == "There is a feature now where one was to be added."
    assert parcels.undoStack().count() == count, "what cannot be done leaves no step"


def test_a_feature_of_another_class_is_said(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1))
    parcels.startEditing()
    parcels.changeAttributeValue(2, parcels.fields().lookupField("cover"), "heath")
    assert _said(session) == "The feature is of another class now: heath."


def test_a_feature_is_found_by_its_key_when_ids_are_others(parcels: Any, begin: Begin) -> None:
    proposal = Proposal(1, "reclass", box(100, 0), 99, FID[2], "forest", "water")
    begin(parcels, proposal).accept(1)
    assert parcels.getFeature(2)["cover"] == "water"


def test_a_required_field_keeps_the_rule(parcels: Any, begin: Begin) -> None:
    owner = parcels.fields().lookupField("owner")
    parcels.setFieldConstraint(owner, QgsFieldConstraints.Constraint.ConstraintNotNull)
    session = begin(parcels, extra(1), part(2))
    assert "The field owner does not allow it" in _said(session)
    assert covers(parcels) == UNTOUCHED
    session.accept(2)
    assert len(list(parcels.getFeatures())) == 4, "a copy has what is required"


def test_a_class_that_the_field_cannot_hold_is_said(begin: Begin) -> None:
    layer = QgsVectorLayer(f"Polygon?crs={UTM}&field=cover:int", "codes", "memory")
    layer.dataProvider().addFeature(_feature(layer, box(0, 0), [3]))
    QgsProject.instance().addMapLayer(layer)
    session = begin(layer, Proposal(1, "reclass", box(0, 0), 1, "", "3", "water"))
    assert "The field cover cannot hold the class water." in _said(session)


def test_a_read_only_layer_is_said(parcels: Any, begin: Begin) -> None:
    parcels.setReadOnly(True)
    session = begin(parcels, reclass(1))
    with pytest.raises(UnsupportedInput, match="parcels cannot be edited"):
        session.accept(1)
    assert states(session) == {1: ("open", 0)}


def test_only_lists_of_proposals_are_taken(parcels: Any) -> None:
    with pytest.raises(InvalidRequest, match="holds no proposed edits"):
        session_of(parcels, parcels)


def test_there_is_one_session_of_two_layers(parcels: Any, begin: Begin) -> None:
    session = begin(parcels, reclass(1))
    assert session_of(parcels, session.list) is session


def test_layers_may_go_in_any_order(tmp_path: Path, begin: Begin) -> None:
    for first in ("layer", "list"):
        layer = QgsVectorLayer(write_parcels(tmp_path / f"{first}.gpkg"), "parcels", "ogr")
        QgsProject.instance().addMapLayer(layer)
        session = begin(layer, reclass(1))
        session.accept(1)
        QgsProject.instance().removeMapLayer(getattr(session, first))
        assert sip.isdeleted(session) or session.closed
        QgsProject.instance().clear()


def _feature(layer: QgsVectorLayer, shape: QgsGeometry, values: list[Any] | None = None) -> QgsFeature:
    made = QgsFeature(layer.fields())
    made.setGeometry(shape)
    if values is not None:
        made.setAttributes(values)
    return made


def test_degrees_work_too(begin: Begin) -> None:
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=cover:string", "parcels", "memory")
    assert layer.crs() == QgsCoordinateReferenceSystem("EPSG:4326")
    whole = QgsGeometry.fromRect(QgsRectangle(12.3, 48.1, 12.301, 48.101))
    layer.dataProvider().addFeature(_feature(layer, whole, ["field"]))
    QgsProject.instance().addMapLayer(layer)
    cut = whole.intersection(QgsGeometry.fromRect(QgsRectangle(12.3007, 48, 12.4, 48.2)))
    begin(layer, Proposal(1, "split", cut, 1, "", "field", "water")).accept(1)
    shares = sorted(f.geometry().area() / whole.area() for f in layer.getFeatures())
    assert shares == pytest.approx([0.3, 0.7])
