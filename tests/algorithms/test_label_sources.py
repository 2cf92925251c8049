"""Labels out of other layers, and the library of labels of many scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsMarkerSymbol,
    QgsRectangle,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from geofm.algorithms.label_layer import LabelFile, create, draw
from geofm.algorithms.label_sources import (
    Gathered,
    add_to_library,
    layer_gatherer,
    library_gatherer,
    library_path,
    open_library,
)
from geofm.algorithms.label_tables import nobody
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import ClassInfo

UTM = QgsCoordinateReferenceSystem("EPSG:32615")
SCENE = QgsRectangle(462405, 1734315, 469905, 1741815)


def gather_layer(layer: QgsVectorLayer, field: str, into: LabelFile, **stated: Any) -> Gathered:
    return layer_gatherer(layer, field, into, **stated)(nobody)


def import_layer(layer: QgsVectorLayer, field: str, into: LabelFile, **stated: Any) -> str:
    """Gathered labels into the file, as the dock does; what came in, as a sentence."""
    gathered = gather_layer(layer, field, into, **stated)
    into.write(gathered.labels, classes=gathered.classes)
    return gathered.sentence


def from_library(library: LabelFile, into: LabelFile, place: QgsRectangle, *dated: Any) -> Gathered:
    return library_gatherer(library, into, place, *dated)(nobody)


@pytest.fixture
def labels(qgis_app: Any, tmp_path: Path) -> LabelFile:
    return create(str(tmp_path / "labels.gpkg"), UTM, [ClassInfo(1, "Forest", "#1f6b35")])


@pytest.fixture
def layer_of(qgis_app: Any) -> Iterator[Callable[..., QgsVectorLayer]]:
    """Make a layer of shapes (WKT) with values of a field ``kind``."""
    made: list[QgsVectorLayer] = []

    def make(kind: str, features: list[tuple[str, object]], code: str = "string") -> QgsVectorLayer:
        layer = QgsVectorLayer(f"{kind}&field=kind:{code}", "parcels", "memory")
        for wkt, value in features:
            feature = QgsFeature(layer.fields())
            if wkt:
                feature.setGeometry(QgsGeometry.fromWkt(wkt))
            feature["kind"] = value
            assert layer.dataProvider().addFeature(feature)
        made.append(layer)
        return layer

    yield make
    for layer in made:
        sip.delete(layer)


def test_polygons_of_a_shapefile_come_in_whole(labels: LabelFile, polygons: QgsVectorLayer) -> None:
    sentence = import_layer(polygons, "class", labels, date="1999-11-18", source="scene.tif")
    assert sentence == "30 labels of 5 classes from polygons."
    named = {info.value: info.name for info in labels.classes()}
    assert named[1] == "Forest"
    assert {named[value]: count for value, count in labels.counts().items()} == {
        "Forest": 11, "water": 5, "herbaceous": 8, "barren": 4, "urban": 2,
    }
    one = labels.labels()[0]
    assert (one.author, one.date, one.source) == ("polygons", "1999-11-18", "scene.tif")
    assert one.geometry.area() == pytest.approx(8100)


def test_points_in_degrees_land_where_they_are_and_odd_features_are_counted(labels, layer_of) -> None:
    layer = layer_of(
        "MultiPoint?crs=EPSG:4326",
        [
            ("MULTIPOINT((-93.35 15.75),(-93.34 15.75))", "forest "),
            ("", "water"),
            ("MULTIPOINT((-93.34 15.74))", None),
            ("MULTIPOINT((-93.34 15.74))", "  "),
            ("MULTIPOINT((-93.34 95))", "water"),
        ],
    )
    gathered = gather_layer(layer, "kind", labels)
    assert gathered.sentence == (
        "2 labels of 1 classes from parcels. Left out: 1 without a shape, 2 without a class,"
        " 1 outside the coordinate system."
    )
    places = [one.geometry.asPoint() for one in gathered.labels]
    assert (places[0].x(), places[0].y()) == (pytest.approx(462506, abs=1), pytest.approx(1741313, abs=1))
    assert {one.value for one in gathered.labels} == {1}
    assert labels.labels() == []


def test_lines_become_areas_of_a_width_or_are_counted(labels, layer_of) -> None:
    layer = layer_of("LineString?crs=EPSG:32615", [("LINESTRING(0 0, 100 0)", "road")])
    assert gather_layer(layer, "kind", labels).sentence.endswith("Left out: 1 lines.")
    (label,) = gather_layer(layer, "kind", labels, line_width=30).labels
    assert label.geometry.area() == pytest.approx(3000 + 3.06 * 225, rel=0.01)


def test_a_polygon_that_crosses_itself_is_mended(labels, layer_of) -> None:
    layer = layer_of("Polygon?crs=EPSG:32615", [("POLYGON((0 0, 10 10, 10 0, 0 10, 0 0))", "a")])
    (label,) = gather_layer(layer, "kind", labels).labels
    assert label.geometry.isGeosValid()
    assert label.geometry.area() == pytest.approx(50)


def test_numbers_keep_their_value_and_the_legend_names_them(labels, layer_of) -> None:
    layer = layer_of(
        "Point?crs=EPSG:32615", [("POINT(1 1)", 41), ("POINT(2 2)", 11), ("POINT(3 3)", 1)], "integer"
    )
    symbol = QgsMarkerSymbol.createSimple({"color": "#123456"})
    category = QgsRendererCategory(41, symbol, "mixed forest")
    layer.setRenderer(QgsCategorizedSymbolRenderer("kind", [category]))
    classes = gather_layer(layer, "kind", labels).classes
    assert [(info.value, info.name) for info in classes] == [
        (1, "Forest"), (41, "mixed forest"), (11, "11"), (2, "1"),
    ]
    assert classes[1].color == "#123456"
    assert len({info.color for info in classes}) == 4


def test_only_what_is_selected(labels, layer_of) -> None:
    layer = layer_of("Point?crs=EPSG:32615", [("POINT(1 1)", "a"), ("POINT(2 2)", "b")])
    layer.selectByExpression("kind = 'b'")
    assert len(gather_layer(layer, "kind", labels, selected=True).labels) == 1


def test_what_is_no_class_field_is_refused(labels, layer_of) -> None:
    layer = layer_of("Point?crs=EPSG:32615", [(f"POINT({x} 1)", str(x)) for x in range(300)])
    with pytest.raises(InvalidRequest, match="no field nothing"):
        gather_layer(layer, "nothing", labels)
    with pytest.raises(InvalidRequest, match="no more than 254"):
        gather_layer(layer, "kind", labels)


def test_a_layer_of_labels_keeps_what_it_says(labels: LabelFile, tmp_path: Path) -> None:
    other = create(str(tmp_path / "other.gpkg"), UTM, [ClassInfo(7, "water", "#0000ff")])
    place = QgsGeometry.fromWkt("Point(462500 1741000)")
    label = draw(7, place, date="2002-04-16", source="a.tif", author="Ada")
    other.write([label])
    layers = other.layers()
    import_layer(layers[0], "class", labels, date="1999-01-01")
    import_layer(layers[0], "class", labels)
    (found,) = labels.labels()
    assert (found.uuid, found.date, found.author, found.source) == (label.uuid, "2002-04-16", "Ada", "a.tif")
    assert found.made == label.made
    assert labels.classes()[1] == ClassInfo(2, "water", "#0000ff")
    for layer in layers:
        sip.delete(layer)


def test_labels_gather_in_the_library_and_come_back(labels: LabelFile, tmp_path: Path) -> None:
    shape = QgsGeometry.fromRect(QgsRectangle(463000, 1741000, 463090, 1741090))
    near, far = draw(1, shape, date="2002-04-16"), draw(1, shape, date="1999-11-18")
    undated = draw(1, shape)
    labels.write([near, far, undated])
    library = open_library(str(tmp_path / "lib" / "library.gpkg"))
    assert add_to_library(labels, library) == "3 labels are new in library.gpkg, which holds 3 now."
    assert add_to_library(labels, library).startswith("0 labels are new")

    other = create(str(tmp_path / "other.gpkg"), UTM, [ClassInfo(1, "water", "#0000ff")])
    everything = from_library(library, other, SCENE)
    assert {one.uuid for one in everything.labels} == {near.uuid, far.uuid, undated.uuid}
    assert [info.name for info in everything.classes] == ["water", "Forest"]
    assert {one.value for one in everything.labels} == {2}
    assert everything.labels[0].geometry.area() == pytest.approx(8100, rel=1e-6)

    dated = from_library(library, other, SCENE, "2002-05-01", 30)
    assert [one.uuid for one in dated.labels] == [near.uuid]
    assert dated.sentence.endswith("Left out: 2 of another or no date.")
    elsewhere = from_library(library, other, QgsRectangle(462405, 1734315, 462900, 1735000))
    assert elsewhere.labels == ()
    assert "3 that are here already" in from_library(library, labels, SCENE).sentence


def test_a_label_that_changed_changes_in_the_library_too(labels: LabelFile, tmp_path: Path) -> None:
    labels.set_classes([*labels.classes(), ClassInfo(2, "water", "#0000ff")])
    label = draw(1, QgsGeometry.fromWkt("Point(463000 1741000)"))
    labels.write([label])
    library = open_library(str(tmp_path / "library.gpkg"))
    add_to_library(labels, library)
    labels.write([draw(2, label.geometry, uuid=label.uuid)])
    add_to_library(labels, library)
    named = {info.value: info.name for info in library.classes()}
    assert [named[one.value] for one in library.labels()] == ["water"]


def test_the_library_lies_in_the_data_folder(scratch_home: Path) -> None:
    assert Path(library_path()).parent.parent == scratch_home


def test_labels_without_a_place_on_earth_stay_out_of_the_library(qgis_app: Any, tmp_path: Path) -> None:
    plain = create(str(tmp_path / "plain.gpkg"), QgsCoordinateReferenceSystem())
    library = open_library(str(tmp_path / "library.gpkg"))
    with pytest.raises(UnsupportedInput, match="no place on Earth"):
        add_to_library(plain, library)
    with pytest.raises(UnsupportedInput, match="coordinate system"):
        from_library(library, plain, SCENE)
