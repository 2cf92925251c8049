"""Changed places become proposed edits of a layer, through geofm:proposeedits; no engine is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import ogr, osr
from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsEditorWidgetSetup,
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsRectangle,
    QgsRendererCategory,
    QgsSymbol,
    QgsVectorLayer,
    QgsVectorLayerJoinInfo,
)
from qgis.PyQt.QtCore import QVariant

from geofm.algorithms.edit_splitting import split
from geofm.algorithms.edit_styles import COLORS
from geofm.algorithms.edit_table import Proposal, are_proposals, meant, read
from geofm.inference.errors import GeoFMError, InvalidRequest, UnsupportedInput

UTM = "EPSG:32633"
X, Y = 500_000.0, 5_400_000.0


def box(left: float, bottom: float, width: float = 100, height: float = 100) -> QgsGeometry:
    """A rectangle in metres from a corner of the scene."""
    return QgsGeometry.fromRect(QgsRectangle(X + left, Y + bottom, X + left + width, Y + bottom + height))


def memory(
    kind: str, fields: str, rows: list[tuple[QgsGeometry, list[Any]]], crs: str = UTM, name: str = "layer"
) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{kind}?crs={crs}&{fields}", name, "memory")
    assert layer.isValid()
    for shape, values in rows:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(shape)
        feature.setAttributes(values)
        assert layer.dataProvider().addFeature(feature)
    layer.updateExtents()
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture(autouse=True)
def _clear(qgis_app: Any) -> Iterator[None]:
    yield
    QgsProject.instance().clear()


@pytest.fixture
def parcels() -> QgsVectorLayer:
    """Three squares of 100 metres side by side: field, forest, field."""
    covers = ("field", "forest", "field")
    rows = [(box(100 * at, 0), [cover, at + 10]) for at, cover in enumerate(covers)]
    return memory("Polygon", "field=cover:string(20)&field=number:int", rows, name="parcels")


def changes(*rows: tuple[QgsGeometry, str, float], crs: str = UTM, kind: str = "Polygon") -> QgsVectorLayer:
    fields = "field=to_class:string&field=magnitude:double&field=date_before:string&field=date_after:string"
    dated = [(shape, [name or None, size, "1999-11-18", "2002-04-16"]) for shape, name, size in rows]
    return memory(kind, fields, dated, crs, "changes")


Propose = Callable[..., list[Proposal]]


@pytest.fixture
def run(
    provider: Any, context: QgsProcessingContext, log: Any, tmp_path: Path
) -> Callable[..., QgsVectorLayer]:
    """The algorithm; answers its layer."""

    def start(places: QgsVectorLayer, layer: QgsVectorLayer, field: str = "cover", **more: Any) -> Any:
        algorithm = QgsApplication.processingRegistry().createAlgorithmById("geofm:proposeedits")
        values = {"CHANGES": places, "LAYER": layer, "OUTPUT": str(tmp_path / "proposals.gpkg")}
        values.update({"FIELD": field} if field else {})
        values.update(more)
        fits, sentence = algorithm.checkParameterValues(values, context)
        if not fits:
            raise algorithm.failure or AssertionError(sentence)
        try:
            assert algorithm.prepare(values, context, log)
            results = algorithm.runPrepared(values, context, log)
        except QgsProcessingException:
            raise algorithm.failure from None
        return QgsVectorLayer(results["OUTPUT"], "proposals", "ogr")

    return start


@pytest.fixture
def proposed(run: Callable[..., QgsVectorLayer]) -> Propose:
    def start(*args: Any, **more: Any) -> list[Proposal]:
        return read(run(*args, **more))

    return start


def short(found: list[Proposal]) -> list[tuple[str, int | None, str, str]]:
    return [(each.action, each.target, each.from_class, each.to_class) for each in found]


def test_what_covers_most_of_a_feature_gives_it_another_class(proposed: Propose, parcels: Any) -> None:
    found = proposed(changes((box(102, 0, 98, 100), "water", 3.5)), parcels)
    assert short(found) == [("reclass", 2, "forest", "water")]
    only = found[0]
    assert (only.before, only.after, only.magnitude) == ("1999-11-18", "2002-04-16", 3.5)
    assert only.geometry.area() == pytest.approx(10_000), "the whole feature, not the part of it that changed"
    assert only.area == pytest.approx(10_000, rel=0.002)
    assert only.note == "98 % of the feature changed."
    assert only.title == "forest to water"


@pytest.mark.parametrize("name", ["", "Background"])
def test_what_is_nothing_any_more_is_retired(proposed: Propose, parcels: Any, name: str) -> None:
    found = proposed(changes((box(100, 0), name, 1.0)), parcels)
    assert short(found) == [("retire", 2, "forest", "")]


def test_a_part_is_split_off_and_what_lies_beside_is_added(proposed: Propose, parcels: Any) -> None:
    # Half over the field on the right, half beside it.
    found = proposed(changes((box(250, 0, 100, 100), "water", 2.0)), parcels)
    assert short(found) == [("split", 3, "field", "water"), ("add", None, "", "water")]
    assert [round(each.geometry.area()) for each in found] == [5000, 5000]
    assert found[0].note == "50 % of the feature changed."


def test_several_features_get_a_proposal_each(proposed: Propose, parcels: Any) -> None:
    found = proposed(changes((box(0, 0, 300, 100), "urban", 2.0)), parcels)
    assert sorted(short(found)) == [
        ("reclass", 1, "field", "urban"),
        ("reclass", 2, "forest", "urban"),
        ("reclass", 3, "field", "urban"),
    ]


def test_pieces_that_cover_a_feature_together_are_one_edit(proposed: Propose, parcels: Any) -> None:
    halves = changes((box(100, 0, 50, 100), "water", 2.0), (box(150, 0, 50, 100), "water", 4.0))
    found = proposed(halves, parcels)
    assert short(found) == [("reclass", 2, "forest", "water")]
    assert found[0].magnitude == 4.0


def test_a_feature_that_has_the_class_already_is_left_alone(proposed: Propose, parcels: Any) -> None:
    assert proposed(changes((box(100, 0), "Forest", 2.0)), parcels) == []


def test_slivers_are_left_alone_and_counted(proposed: Propose, parcels: Any, log: Any) -> None:
    found = proposed(changes((box(98, 0, 102, 100), "water", 2.0)), parcels)
    assert short(found) == [("reclass", 2, "forest", "water")]
    assert "1 parts of less than" in "\n".join(log.lines)
    finer = proposed(changes((box(98, 0, 102, 100), "water", 2.0)), parcels, MIN_AREA=100)
    assert ("split", 1, "field", "water") in short(finer)


def test_a_cut_leaves_no_slivers_of_the_feature(proposed: Propose, parcels: Any) -> None:
    """The change ends two metres before the far side of the parcel."""
    found = proposed(changes((box(250, 2, 48, 96), "water", 2.0)), parcels, MIN_AREA=500)
    assert short(found) == [("split", 3, "field", "water")]
    assert found[0].geometry.area() == pytest.approx(48 * 96), "what hangs together with the rest stays"
    through = proposed(changes((box(230, -5, 68, 110), "water", 2.0)), parcels, MIN_AREA=500)
    assert [(each.action, round(each.geometry.area())) for each in through] == [("split", 7000)]


def test_overlapping_changes_claim_no_ground_twice(proposed: Propose, parcels: Any) -> None:
    both = changes((box(400, 0), "water", 1.0), (box(450, 0), "urban", 5.0))
    found = proposed(both, parcels)
    assert [(each.action, each.to_class, round(each.geometry.area())) for each in found] == [
        ("add", "urban", 10_000),
        ("add", "water", 5000),
    ]


def test_overlapping_features_are_judged_each_by_itself(proposed: Propose) -> None:
    layer = memory("Polygon", "field=cover:string", [(box(0, 0), ["a"]), (box(50, 0), ["b"])])
    found = proposed(changes((box(0, 0, 150, 100), "water", 1.0)), layer)
    assert sorted(short(found)) == [("reclass", 1, "a", "water"), ("reclass", 2, "b", "water")]


def test_proposals_are_in_the_layers_crs(proposed: Propose, parcels: Any) -> None:
    way = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem(UTM), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    )
    shape = box(250, 0)
    shape.transform(way)
    found = proposed(changes((shape, "water", 2.0), crs="EPSG:4326"), parcels)
    assert [each.action for each in found] == ["split", "add"]
    assert [each.geometry.area() for each in found] == pytest.approx([5000, 5000], rel=1e-3)


def test_areas_are_of_the_ground(proposed: Propose) -> None:
    """In degrees, where a polygon's own area says nothing."""
    layer = memory("Polygon", "field=cover:string", [], crs="EPSG:4326")
    found = proposed(changes((box(0, 0, 1000, 1000), "water", 2.0)), layer)
    assert short(found) == [("add", None, "", "water")]
    assert found[0].area == pytest.approx(1e6, rel=0.002)


def test_invalid_shapes_are_repaired(proposed: Propose, parcels: Any) -> None:
    bow = QgsGeometry.fromWkt(
        f"POLYGON(({X + 100} {Y}, {X + 200} {Y + 100}, {X + 200} {Y}, {X + 100} {Y + 100}, {X + 100} {Y}))"
    )
    found = proposed(changes((bow, "water", 2.0)), parcels)
    assert {each.action for each in found} == {"split"}
    assert sum(each.geometry.area() for each in found) == pytest.approx(5000)


def test_parts_and_heights_and_holes(proposed: Propose) -> None:
    ring = QgsGeometry.fromWkt(
        f"MULTIPOLYGONZ((({X} {Y} 5, {X + 100} {Y} 5, {X + 100} {Y + 100} 5, {X} {Y + 100} 5, {X} {Y} 5),"
        f"({X + 40} {Y + 40} 5, {X + 60} {Y + 40} 5, {X + 60} {Y + 60} 5, {X + 40} {Y + 60} 5,"
        f"{X + 40} {Y + 40} 5)),"
        f"(({X + 200} {Y} 5, {X + 300} {Y} 5, {X + 300} {Y + 100} 5, {X + 200} {Y} 5)))"
    )
    layer = memory("MultiPolygonZ", "field=cover:string", [(ring, ["forest"])])
    found = proposed(changes((box(0, 0), "water", 2.0)), layer, MIN_AREA=1)
    assert sorted(each.action for each in found) == ["add", "split"]
    assert {each.action: round(each.geometry.area()) for each in found} == {"split": 9600, "add": 400}


def test_lines_and_points_change_as_a_whole_or_not(proposed: Propose, log: Any) -> None:
    line = QgsGeometry.fromWkt(f"LINESTRING({X} {Y + 50}, {X + 100} {Y + 50})")
    lines = memory("LineString", "field=cover:string", [(line, ["road"])])
    assert short(proposed(changes((box(-5, 0, 120, 100), "water", 2.0)), lines)) == [
        ("reclass", 1, "road", "water")
    ]
    assert proposed(changes((box(50, 0), "water", 2.0)), lines) == [], "a road is not cut"
    point = QgsGeometry.fromWkt(f"POINT({X + 5} {Y + 5})")
    points = memory("Point", "field=cover:string", [(point, ["tree"])])
    found = proposed(changes((box(0, 0), "", 2.0), (box(500, 0), "tree", 1.0)), points)
    assert short(found) == [("retire", 1, "tree", "")]
    assert "1 changed places lie on no feature; only layers of polygons get new ones." in "\n".join(log.lines)


def test_without_a_class_field_features_are_retired_cut_and_added(proposed: Propose, parcels: Any) -> None:
    found = proposed(changes((box(100, 0, 150, 100), "urban", 2.0)), parcels, field="")
    assert sorted(short(found)) == [("retire", 2, "", ""), ("split", 3, "", "")]
    assert short(proposed(changes((box(600, 0), "urban", 2.0)), parcels, field="")) == [
        ("add", None, "", "urban")
    ]


def test_any_polygons_with_a_class_will_do(proposed: Propose, parcels: Any) -> None:
    own = memory("MultiPolygon", "field=is_now:string", [(box(100, 0), ["lake"])])
    found = proposed(own, parcels, TO_FIELD="is_now")
    assert short(found) == [("reclass", 2, "forest", "lake")]
    assert (found[0].magnitude, found[0].before) == (None, "")


@pytest.mark.parametrize("by", ["form", "legend"])
def test_codes_are_called_by_their_names(proposed: Propose, by: str) -> None:
    layer = memory("Polygon", "field=code:int", [(box(0, 0), [2]), (box(200, 0), [1])])
    names = {"forest": 1, "field": 2}
    if by == "form":
        listed = [{name: value} for name, value in names.items()]
        layer.setEditorWidgetSetup(0, QgsEditorWidgetSetup("ValueMap", {"map": listed}))
    else:
        categories = [
            QgsRendererCategory(value, QgsSymbol.defaultSymbol(layer.geometryType()), name)
            for name, value in names.items()
        ]
        layer.setRenderer(QgsCategorizedSymbolRenderer("code", categories))
    found = proposed(changes((box(0, 0, 300, 100), "forest", 1.0)), layer, field="code", MIN_AREA=20_000)
    assert short(found) == [("reclass", 1, "field", "forest")]


def test_what_is_past_is_left_alone(proposed: Propose) -> None:
    rows = [(box(0, 0), ["forest", "2001-01-01"]), (box(0, 0), ["field", None])]
    layer = memory("Polygon", "field=cover:string&field=valid_to:string", rows)
    found = proposed(changes((box(0, 0), "water", 1.0)), layer, RETIRED_FIELD="valid_to")
    assert short(found) == [("reclass", 2, "field", "water")]


def test_unsaved_edits_of_the_layer_count(proposed: Propose, parcels: Any) -> None:
    parcels.startEditing()
    parcels.changeAttributeValue(2, 0, "heath")
    parcels.deleteFeature(3)
    found = proposed(changes((box(100, 0, 200, 100), "water", 1.0)), parcels)
    assert sorted(short(found)) == [("add", None, "", "water"), ("reclass", 2, "heath", "water")]


def test_the_list_names_feature_key_and_layer(run: Any, parcels: Any, tmp_path: Path) -> None:
    path = tmp_path / "parcels.gpkg"
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32633)
    table = made.CreateLayer("parcels", srs, ogr.wkbPolygon, ["FID=parcel"])
    table.CreateField(ogr.FieldDefn("cover", ogr.OFTString))
    feature = ogr.Feature(table.GetLayerDefn())
    feature.SetFID(77)
    feature.SetField("cover", "forest")
    feature.SetGeometry(ogr.CreateGeometryFromWkt(box(0, 0).asWkt()))
    table.CreateFeature(feature)
    del table, made
    layer = QgsVectorLayer(str(path), "parcels", "ogr")
    QgsProject.instance().addMapLayer(layer)
    found = run(changes((box(0, 0), "water", 1.0)), layer)
    assert are_proposals(found)
    assert found.crs() == layer.crs()
    assert read(found)[0].key == '{"parcel": 77}'
    assert meant(found).layer == layer.source()
    assert meant(found).class_field == "cover"
    names = [field.name() for field in found.fields()]
    for name in ("action", "target", "from_class", "to_class", "magnitude", "date_before", "date_after",
                 "area_m2", "state", "note"):
        assert name in names


def test_the_strongest_change_comes_first(proposed: Propose, parcels: Any) -> None:
    three = changes((box(0, 0), "a", 1.0), (box(100, 0), "b", 9.0), (box(200, 0), "c", 4.0))
    found = proposed(three, parcels)
    assert [(each.id, each.magnitude) for each in found] == [(1, 9.0), (2, 4.0), (3, 1.0)]


@pytest.mark.parametrize("what", ["joined", "computed", "missing"])
def test_a_field_that_cannot_be_edited_is_refused(proposed: Propose, parcels: Any, what: str) -> None:
    name = "missing"
    if what == "computed":
        parcels.addExpressionField("'x'", QgsField("shown", QVariant.String))
        name = "shown"
    elif what == "joined":
        other = memory("NoGeometry", "field=number:int&field=kind:string", [(QgsGeometry(), [10, "x"])])
        join = QgsVectorLayerJoinInfo()
        join.setJoinFieldName("number")
        join.setTargetFieldName("number")
        join.setJoinLayer(other)
        join.setPrefix("j_")
        parcels.addJoin(join)
        name = "j_kind"
    with pytest.raises(UnsupportedInput, match="joined or computed" if what != "missing" else "no field"):
        proposed(changes((box(0, 0), "a", 1.0)), parcels, field=name)


def test_a_table_without_geometries_is_refused(proposed: Propose) -> None:
    table = memory("NoGeometry", "field=cover:string", [])
    with pytest.raises(GeoFMError, match="has no geometries"):
        proposed(changes((box(0, 0), "a", 1.0)), table)


def test_no_changes_are_a_sentence(proposed: Propose, parcels: Any) -> None:
    with pytest.raises(UnsupportedInput, match="There are no changed places"):
        proposed(changes(), parcels)


def test_what_is_read_is_not_replaced(run: Any, proposed: Propose, parcels: Any) -> None:
    first = run(changes((box(0, 0), "a", 1.0)), parcels)
    path = first.source().split("|")[0]
    with pytest.raises(InvalidRequest, match="would be replaced"):
        proposed(first, parcels, OUTPUT=path)


def test_a_layer_that_cannot_be_edited_is_said(proposed: Propose, parcels: Any, log: Any) -> None:
    parcels.setReadOnly(True)
    assert proposed(changes((box(0, 0), "a", 1.0)), parcels)
    assert "parcels cannot be edited as it is opened here" in "\n".join(log.lines)


def test_each_action_has_its_colour(run: Any, parcels: Any) -> None:
    from geofm.algorithms.edit_styles import style_proposals

    layer = run(changes((box(250, 0), "water", 2.0)), parcels)
    style_proposals(layer)
    assert [category.value() for category in layer.renderer().categories()] == list(COLORS)


def test_a_cut_leaves_neither_gap_nor_overlap() -> None:
    """On slanted sides, where a computed corner lies beside the side it was computed on."""
    whole = QgsGeometry.fromWkt("POLYGON((0.1 0.3, 10.7 0.9, 9.1 11.3, -1.7 8.9, 0.1 0.3))")
    cutter = QgsGeometry.fromWkt("POLYGON((3.3 -5, 20 -5, 20 5.7, 3.3 6.1, 3.3 -5))")
    for dx, dy, factor in ((0, 0, 1), (X, Y, 10), (12.3, 48.1, 1e-4)):
        shapes = []
        for shape in (whole, cutter):
            moved = QgsGeometry.fromPolygonXY([[type(p)(dx + factor * p.x(), dy + factor * p.y())
                                                for p in shape.asPolygon()[0]]])
            shapes.append(moved)
        part = shapes[0].intersection(shapes[1])
        stays, cut = split(shapes[0], part)
        size = shapes[0].area()
        assert stays.isGeosValid()
        assert cut.isGeosValid()
        assert stays.area() + cut.area() == pytest.approx(size, rel=1e-9)
        assert stays.intersection(cut).area() == 0
        assert stays.combine(cut).area() == pytest.approx(size, rel=1e-9)
        corners = [{(v.x(), v.y()) for v in each.vertices()} for each in (stays, cut)]
        # Where the cut begins, turns and ends.
        assert len(corners[0] & corners[1]) == 3
