"""Labelled places on pixels: real ones against their author's own raster, and every odd file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.crs import CRS

from geofm.inference.engine.grid import Grid, Window
from geofm.inference.engine.samples import Samples, read_samples
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import SampleRef

UTM = CRS.from_epsg(32615).to_wkt()
GRID = Grid(100, 80, (10.0, 0.0, 500000.0, 0.0, -10.0, 1700000.0), UTM)


def place(col: float, row: float) -> tuple[float, float]:
    return GRID.to_map(col, row)


def box(col: float, row: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(*place(col, row + height), *place(col + width, row))


def layer(
    path: Path,
    shapes: list[Any],
    values: Any,
    crs: str | None = "EPSG:32615",
    name: str | None = None,
    **options: Any,
) -> Path:
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    kind = kinds.pop() if len(kinds) == 1 else "Unknown"
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, object)),
        [np.asarray(values)],
        ["kind"],
        crs=crs,
        geometry_type=kind,
        layer=name,
        driver="GPKG",
        **options,
    )
    return path


def burn(path: Path, window: Window = GRID.window, grid: Grid = GRID, **options: Any) -> Samples:
    return read_samples(SampleRef(str(path), **{"field": "kind", **options}), grid, window)


def test_landsat_training_polygons_match_their_authors_raster(samples: Path) -> None:
    folder = samples / "landsat7-two-dates"
    with rasterio.open(folder / "training_data.gtif") as dataset:
        burned = dataset.read(1)
        grid = Grid(dataset.width, dataset.height, tuple(dataset.transform)[:6], dataset.crs.to_wkt())
    ref = SampleRef(str(folder / "training_data.shp"), field="id")
    found = read_samples(ref, grid, grid.window)
    assert len(found.rows) == (burned > 0).sum() == 718
    values = np.array([info.value for info in found.classes])[found.labels]
    assert (burned[found.rows, found.cols] == values).all()
    assert len(np.unique(found.groups)) == 30
    by_name = read_samples(SampleRef(ref.path, field="class"), grid, grid.window)
    names = [(info.value, info.name) for info in by_name.classes]
    assert names == [(1, "barren"), (2, "forest"), (3, "herbaceous"), (4, "urban"), (5, "water")]
    assert np.bincount(by_name.labels).tolist() == [109, 383, 145, 65, 16] or by_name.warnings
    assert len({info.color for info in by_name.classes}) == 5


@pytest.mark.parametrize(("kind", "count"), [("points", 6), ("polygons", 683)])
def test_landsat_8_points_and_polygons(samples: Path, kind: str, count: int) -> None:
    stem = samples / "landsat8-parana" / "LC08_L1TP_224078_20200518_20200518_01_RT"
    with rasterio.open(f"{stem}.TIF") as dataset:
        grid = Grid(dataset.width, dataset.height, tuple(dataset.transform)[:6], dataset.crs.to_wkt())
    found = read_samples(SampleRef(f"{stem}_{kind}.gpkg", field="name"), grid, grid.window)
    assert len(found.rows) == count
    assert [info.name for info in found.classes] == ["crop", "developed", "tree", "water"]


def test_polygons_cover_pixel_centres_points_their_pixel(tmp_path: Path) -> None:
    shapes = [
        box(10.4, 20.4, 3, 2),
        shapely.Point(place(50.9, 60.1)),
        shapely.LineString([place(70.5, 5.5), place(73.5, 5.5)]),
    ]
    found = burn(layer(tmp_path / "a.gpkg", shapes, ["b", "a", "c"]))
    at = {
        group: sorted(
            zip(
                found.rows[found.groups == group].tolist(),
                found.cols[found.groups == group].tolist(),
                strict=True,
            )
        )
        for group in range(3)
    }
    assert at[0] == [(r, c) for r in (20, 21) for c in (10, 11, 12)]
    assert at[1] == [(60, 50)]
    assert at[2] == [(5, c) for c in (70, 71, 72, 73)]
    assert [found.classes[label].name for label in found.labels[found.groups == 0]] == ["b"] * 6


def test_a_tiny_polygon_keeps_one_pixel(tmp_path: Path) -> None:
    found = burn(layer(tmp_path / "a.gpkg", [box(10.1, 20.1, 0.2, 0.2), box(30, 30, 2, 2)], ["a", "b"]))
    assert list(zip(found.rows.tolist(), found.cols.tolist(), strict=True))[0] == (20, 10)
    assert len(found.rows) == 5


def test_samples_in_another_crs_land_on_the_same_pixels(tmp_path: Path) -> None:
    shapes = [box(10, 20, 3, 2), box(40, 50, 5, 5)]
    near = burn(layer(tmp_path / "a.gpkg", shapes, ["a", "b"]))

    def to_degrees(points: np.ndarray) -> np.ndarray:
        return np.stack(
            rasterio.warp.transform("EPSG:32615", "EPSG:4326", points[:, 0], points[:, 1]), axis=1
        )

    moved = [shapely.transform(shape, to_degrees) for shape in shapes]
    far = burn(layer(tmp_path / "b.gpkg", moved, ["a", "b"], crs="EPSG:4326"))
    assert (near.rows == far.rows).all()
    assert (near.cols == far.cols).all()


def test_a_layer_without_a_crs_is_taken_to_be_on_the_rasters(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        layer(path, [box(10, 20, 3, 2), box(40, 50, 5, 5)], ["a", "b"], crs=None)
    found = burn(path)
    assert len(found.rows) == 31
    assert any("no coordinate system" in text for text in found.warnings)


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([7, 0], [(0, "0"), (7, "7")]),
        (np.array([7.0, 250.0]), [(7, "7"), (250, "250")]),
        ([312, 111], [(1, "111"), (2, "312")]),
        ([-1, 5], [(1, "-1"), (2, "5")]),
        (["10", "9"], [(9, "9"), (10, "10")]),
        (["01", "1"], [(1, "01"), (2, "1")]),
        (["Wasser", " Wald "], [(1, "Wald"), (2, "Wasser")]),
        (np.array([0.5, 1.25]), [(1, "0.5"), (2, "1.25")]),
    ],
)
def test_values_and_names_of_classes(tmp_path: Path, values: Any, classes: list[tuple[int, str]]) -> None:
    values = np.array(values, dtype=object) if isinstance(values[0], str) else values
    found = burn(layer(tmp_path / "a.gpkg", [box(10, 20, 3, 2), box(40, 50, 5, 5)], values))
    assert [(info.value, info.name) for info in found.classes] == classes


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    shapes = [
        box(10, 20, 3, 2),
        box(12, 20, 3, 2),
        box(40, 50, 2, 2),
        box(60, 60, 2, 2),
        box(900, 20, 3, 3),
        None,
    ]
    values = np.array(["a", "b", "b", None, "far", "b"], dtype=object)
    found = burn(layer(tmp_path / "a.gpkg", shapes, values))
    assert len(found.rows) == 4 + 4 + 4
    text = " ".join(found.warnings)
    assert "1 features of a.gpkg have no value" in text
    assert "2 pixels lie in features of a.gpkg of different classes" in text
    assert "2 of 6 features of a.gpkg lie off the raster" in text
    assert "no pixel of far" in text
    assert [info.name for info in found.classes] == ["a", "b"]


def test_features_of_one_class_share_a_pixel_once(tmp_path: Path) -> None:
    shapes = [box(10, 20, 3, 2), box(12, 20, 3, 2), box(40, 50, 1, 1)]
    found = burn(layer(tmp_path / "a.gpkg", shapes, ["a", "a", "b"]))
    assert np.bincount(found.labels).tolist() == [10, 1]
    assert np.bincount(found.groups).tolist() == [6, 4, 1]


def test_only_the_window_counts(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "a.gpkg", [box(10, 20, 4, 4), box(40, 50, 5, 5), box(12, 30, 1, 1)], ["a", "b", "b"]
    )
    found = burn(path, Window(12, 22, 10, 20))
    assert set(zip(found.rows.tolist(), found.cols.tolist(), strict=True)) == {
        (22, 12),
        (22, 13),
        (23, 12),
        (23, 13),
        (30, 12),
    }


def test_examples_need_no_field(tmp_path: Path) -> None:
    found = burn(layer(tmp_path / "a.gpkg", [shapely.Point(place(3.5, 4.5))], ["x"]), field="")
    assert [info.name for info in found.classes] == ["example"]
    assert found.labels.tolist() == [0]


def test_the_filter_and_the_layer_are_used(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", [box(10, 20, 3, 2), box(40, 50, 5, 5)], ["a", "b"], name="one")
    layer(path, [box(1, 2, 1, 1), box(4, 5, 1, 1)], ["c", "d"], name="two", append=True)
    assert [info.name for info in burn(path, layer="two").classes] == ["c", "d"]
    first = burn(path)
    assert [info.name for info in first.classes] == ["a", "b"]
    assert any("2 layers" in text for text in first.warnings)
    assert len(burn(path, field="", where="kind = 'b'").rows) == 25


def test_what_cannot_be_learned_from_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", [box(10, 20, 3, 2), box(40, 50, 5, 5)], ["a", "a"], name="one")
    with pytest.raises(UnsupportedInput, match="only the class 'a'; a classifier needs at least two"):
        burn(path)
    with pytest.raises(InvalidRequest, match="no field 'sort'. Its fields are: kind"):
        burn(path, field="sort")
    with pytest.raises(InvalidRequest, match="no layer 'two'"):
        burn(path, layer="two")
    with pytest.raises(InvalidRequest, match="with the filter"):
        burn(path, where="kind ==== 'b'")
    with pytest.raises(UnsupportedInput, match="no features"):
        burn(path, where="kind = 'nothing'")
    with pytest.raises(InvalidRequest, match="does not exist"):
        burn(tmp_path / "none.gpkg")
    with pytest.raises(UnsupportedInput, match="None of the 2 features of a.gpkg lies on the raster"):
        burn(path, grid=Grid(10, 10, (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), UTM))
    (tmp_path / "text.gpkg").write_text("no geopackage")
    with pytest.raises(InvalidRequest, match="cannot be read as a vector layer"):
        burn(tmp_path / "text.gpkg")


def test_too_many_classes_are_refused(tmp_path: Path) -> None:
    shapes = [box(c % 100, c // 100, 1, 1) for c in range(300)]
    path = layer(tmp_path / "a.gpkg", shapes, [f"tree {n}" for n in range(300)])
    with pytest.raises(UnsupportedInput, match="300 values"):
        burn(path)
