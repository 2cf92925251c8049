"""Rasters as they come: the right map, or one sentence that says what is wrong."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, ogr
from qgis.core import QgsRasterLayer
from qgis.PyQt import sip

Map = Any


@pytest.fixture
def classified(toolbox: Any, taught: Path, read_map: Any, log: Any, tmp_path: Path) -> Callable[..., Map]:
    """The class map of one scene, or of several layers of one place."""

    def run(*layers: Any, **more: Any) -> Map:
        out = tmp_path / f"map {len(list(tmp_path.glob('map*.tif')))}.tif"
        given = [str(layer) if isinstance(layer, Path) else layer for layer in layers]
        values = {"INPUT": given, "CLASSIFIER": str(taught), "OUTPUT": str(out)}
        results = toolbox.run("geofm:classify", {**values, **more}, feedback=log)
        return read_map(results["OUTPUT"])

    return run


def test_the_order_of_the_bands_does_not_matter(classified: Any, paint: Any, tmp_path: Path) -> None:
    usual = classified(paint(tmp_path / "usual.tif"))
    other = classified(paint(tmp_path / "other.tif", bands=("B08", "B03", "B02", "B04")))
    assert usual.right() > 0.97
    np.testing.assert_array_equal(other.values, usual.values)


def test_bands_may_come_as_layers_of_their_own(classified: Any, paint: Any, tmp_path: Path) -> None:
    usual = classified(paint(tmp_path / "usual.tif"))
    layers = [paint(tmp_path / f"{name}.tif", bands=(name,)) for name in ("B08", "B02", "B04", "B03")]
    np.testing.assert_array_equal(classified(*layers).values, usual.values)


def test_a_missing_band_is_named(refused: Any, taught: Path, paint: Any, tmp_path: Path) -> None:
    scene = paint(tmp_path / "scene.tif", bands=("B02", "B03", "B04"))
    out = tmp_path / "map.tif"
    said = refused("classify", INPUT=[str(scene)], CLASSIFIER=str(taught), OUTPUT=str(out))
    assert "B08" in said
    assert "B04" not in said.split(".")[0]
    assert [path.name for path in tmp_path.iterdir()] == ["scene.tif"]


def test_a_model_with_bands_of_its_own_names_the_missing(
    refused: Any, csmask: Path, paint: Any, tmp_path: Path
) -> None:
    scene = paint(tmp_path / "scene.tif", bands=("B02", "B03", "B04"))
    out = tmp_path / "map.tif"
    said = refused("segment", INPUT=[str(scene)], MODEL="ukis-csmask", OUTPUT=str(out))
    assert "did not find these bands: nir" in said
    assert not out.exists()


def test_a_chip_without_band_names_is_not_guessed_at(
    refused: Any, samples: Path, models: Path, tmp_path: Path
) -> None:
    scene = samples / "sentinel2-chips" / "patch_33188.tif"
    out = tmp_path / "groups.tif"
    said = refused("cluster", INPUT=[str(scene)], MODEL="galileo-nano", CLASSES=5, OUTPUT=str(out))
    assert "BANDS" in said
    assert not out.exists()


def test_degrees(
    toolbox: Any, paint: Any, points: Any, read_map: Any, tmp_path: Path
) -> None:
    step = 0.0001
    grid = (15.0, step, 0.0, 48.0, 0.0, -step)
    scene = paint(tmp_path / "degrees.tif", epsg=4326, transform=grid)
    given = {"INPUT": [str(scene)], "MODEL": "spectral-texture", "METHOD": "fast"}
    samples = {"SAMPLES": str(points(tmp_path / "points.gpkg", scene)), "FIELD": "cover"}
    classifier = toolbox.run(
        "geofm:trainclassifier", {**given, **samples, "OUTPUT": str(tmp_path / "c.geofm")}
    )["OUTPUT"]
    values = {
        "INPUT": [str(scene)], "CLASSIFIER": classifier, "OUTPUT": str(tmp_path / "map.tif"),
        "POLYGONS": str(tmp_path / "map.gpkg"),
    }
    mapped = read_map(toolbox.run("geofm:classify", values)["OUTPUT"])
    assert mapped.right() > 0.97
    assert mapped.grid == (grid, "4326")
    source = ogr.Open(values["POLYGONS"])
    area = sum(feature.GetField("area_m2") for feature in source.GetLayer())
    # On the ground: a degree is 111 km to the north, and less to the east the further north.
    pixel = (111_195 * step) ** 2 * math.cos(math.radians(47.9955))
    assert area == pytest.approx(120 * 90 * pixel, rel=0.01)


def test_no_data_stays_no_data(classified: Any, paint: Any, tmp_path: Path) -> None:
    # A number that could well be a reflectance: only the file's word makes it "no data".
    scene = paint(tmp_path / "scene.tif", nodata=5000, hole=(10, 20, 30, 25))
    sure, shapes = tmp_path / "sure.tif", tmp_path / "map.gpkg"
    mapped = classified(scene, CONFIDENCE=str(sure), POLYGONS=str(shapes))
    hole = np.zeros((90, 120), bool)
    hole[20:45, 10:40] = True
    np.testing.assert_array_equal(mapped.values == mapped.nodata, hole)
    assert mapped.right() > 0.97
    confidence = gdal.Open(str(sure))
    assert confidence.GetRasterBand(1).GetNoDataValue() == 255
    percent = np.frombuffer(confidence.ReadRaster(), np.uint8).reshape(90, 120)
    np.testing.assert_array_equal(percent == 255, hole)
    source = ogr.Open(str(shapes))
    area = sum(feature.GetGeometryRef().GetArea() for feature in source.GetLayer())
    assert area == pytest.approx((~hole).sum() * 100)


def test_a_raster_of_40_by_30_pixels(classified: Any, paint: Any, tmp_path: Path) -> None:
    mapped = classified(paint(tmp_path / "small.tif", size=(40, 30)))
    assert mapped.values.shape == (30, 40)
    assert (mapped.values != mapped.nodata).all()
    assert mapped.right() > 0.9


def test_galileo_on_40_by_30_pixels(
    toolbox: Any, paint: Any, models: Path, read_map: Any, tmp_path: Path
) -> None:
    scene = paint(tmp_path / "small.tif", size=(40, 30))
    values = {
        "INPUT": [str(scene)], "MODEL": "galileo-nano", "CLASSES": 3, "DATE": "2024-07-31",
        "OUTPUT": str(tmp_path / "clusters.tif"),
    }
    mapped = read_map(toolbox.run("geofm:cluster", values)["OUTPUT"])
    assert mapped.values.shape == (30, 40)
    # Each strip is one cluster, but for the pixels where two of them meet.
    for strip in np.split(mapped.values[:, :39], 3, axis=1):
        assert np.bincount(strip[:, 2:-2].ravel()).max() / strip[:, 2:-2].size > 0.9
    assert set(np.unique(mapped.values)) == {1, 2, 3}


def test_no_coordinate_system(classified: Any, paint: Any, log: Any, tmp_path: Path) -> None:
    mapped = classified(paint(tmp_path / "nowhere.tif", epsg=0))
    assert mapped.right() > 0.97
    assert mapped.grid[1] is None
    assert any("nowhere.tif has no coordinate system" in line for line in log.lines)


def test_a_file_cut_short(refused: Any, taught: Path, paint: Any, tmp_path: Path) -> None:
    whole = paint(tmp_path / "whole.tif", size=(400, 300)).read_bytes()
    (tmp_path / "whole.tif").unlink()
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole[: len(whole) // 2])
    out = tmp_path / "map.tif"
    said = refused("classify", INPUT=[str(cut)], CLASSIFIER=str(taught), OUTPUT=str(out))
    assert "cut.tif" in said
    assert "damaged or incomplete" in said or "cannot be opened" in said
    assert list(tmp_path.iterdir()) == [cut]


def test_a_layer_in_another_coordinate_system_is_brought_onto_the_first(
    classified: Any, paint: Any, tmp_path: Path
) -> None:
    first = paint(tmp_path / "first.tif", bands=("B02", "B03"))
    wider = paint(tmp_path / "same place.tif", bands=("B04", "B08"))
    moved = tmp_path / "degrees.tif"
    gdal.Warp(str(moved), str(wider), dstSRS="EPSG:4326", resampleAlg="near", dstNodata=0)
    usual = classified(paint(tmp_path / "usual.tif"))
    mapped = classified(first, moved)
    assert mapped.grid == usual.grid
    inner = slice(4, -4), slice(4, -4)
    assert (mapped.values[inner] == usual.values[inner]).mean() > 0.97


def test_south_up(classified: Any, paint: Any, tmp_path: Path) -> None:
    grid = (500000.0, 10.0, 0.0, 5399100.0, 0.0, 10.0)
    usual = classified(paint(tmp_path / "usual.tif"))
    mapped = classified(paint(tmp_path / "south up.tif", transform=grid))
    assert mapped.grid == (grid, "32633")
    np.testing.assert_array_equal(mapped.values, usual.values)


def test_rotated(classified: Any, paint: Any, tmp_path: Path) -> None:
    grid = (500000.0, 8.0, 6.0, 5400000.0, 6.0, -8.0)
    usual = classified(paint(tmp_path / "usual.tif"))
    mapped = classified(paint(tmp_path / "rotated.tif", transform=grid))
    assert mapped.grid == (grid, "32633")
    np.testing.assert_array_equal(mapped.values, usual.values)


def test_names_with_spaces_and_letters_of_the_world(
    classified: Any, paint: Any, points: Any, toolbox: Any, read_map: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "Übung Nr. 1 – 地図"
    folder.mkdir()
    scene = paint(folder / "сцена один.tif")
    samples = points(folder / "δείγματα 'a'.gpkg", scene)
    values = {
        "INPUT": [str(scene)], "SAMPLES": str(samples), "FIELD": "cover", "METHOD": "fast",
        "MODEL": "spectral-texture", "OUTPUT": str(folder / "клас 分類.geofm"),
    }
    classifier = toolbox.run("geofm:trainclassifier", values)["OUTPUT"]
    outputs = {"OUTPUT": str(folder / "karta č.tif"), "POLYGONS": str(folder / "πολύγωνα.gpkg")}
    mapped = classified(scene, CLASSIFIER=classifier, **outputs)
    assert mapped.right() > 0.97
    source = ogr.Open(outputs["POLYGONS"])
    assert {f.GetField("name") for f in source.GetLayer()} == {"water", "forest", "town"}


def test_a_copy_in_memory_gives_the_same_map(classified: Any, paint: Any, tmp_path: Path) -> None:
    scene = paint(tmp_path / "scene.tif")
    usual = classified(scene)
    name = "/vsimem/copy of the scene.tif"
    gdal.FileFromMemBuffer(name, scene.read_bytes())
    layer = QgsRasterLayer(name, "copy")
    np.testing.assert_array_equal(classified(layer).values, usual.values)
    sip.delete(layer)
    gdal.Unlink(name)


def test_a_web_map_at_the_size_asked_for(toolbox: Any, read_map: Any, tmp_path: Path) -> None:
    """Tiles of one level, half of each green and half red; the map has their border where they have it."""
    tile = gdal.GetDriverByName("MEM").Create("", 256, 256, 3)
    half = np.zeros((256, 256), np.uint8)
    half[:, 128:] = 180
    tile.WriteRaster(0, 0, 256, 256, np.stack([half, 180 - half, half // 3]).tobytes())
    level, side = 6, 2 * 20037508.342789244 / (256 * 2**6)
    for column, row in ((32, 31), (33, 31)):
        path = tmp_path / "tiles" / str(level) / str(column) / f"{row}.png"
        path.parent.mkdir(parents=True)
        gdal.GetDriverByName("PNG").CreateCopy(str(path), tile)
    url = f"file://{tmp_path}/tiles/{{z}}/{{x}}/{{y}}.png"
    layer = QgsRasterLayer(f"type=xyz&zmin={level}&zmax={level}&url={url}", "web", "wms")
    edges = 20 * side, 500 * side, 10 * side, 250 * side
    values = {
        "INPUT": [layer], "MODEL": "spectral-texture", "CLASSES": 2, "RESOLUTION": side * 2,
        "EXTENT": ",".join(map(str, edges)) + " [EPSG:3857]", "OUTPUT": str(tmp_path / "map.tif"),
    }
    made = read_map(toolbox.run("geofm:cluster", values)["OUTPUT"])
    assert made.values.shape == (120, 240)
    assert made.grid[0] == pytest.approx((20 * side, 2 * side, 0, 250 * side, 0, -2 * side))
    # Away from the borders, whose texture is of both sides.
    columns = (np.arange(240) + 0.5) * 2 + 20
    red = columns % 256 >= 128
    sure = np.abs((columns % 128) - 64) < 44
    kinds = [set(np.unique(made.values[20:-20, sure & (red == is_red)])) for is_red in (False, True)]
    assert sorted(map(len, kinds)) == [1, 1]
    assert kinds[0] != kinds[1]
    sip.delete(layer)


def test_a_damaged_classifier(refused: Any, taught: Path, paint: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.geofm"
    shutil.copy(taught, broken)
    broken.write_bytes(broken.read_bytes()[:-2000])
    scene, out = paint(tmp_path / "scene.tif"), tmp_path / "map.tif"
    said = refused("classify", INPUT=[str(scene)], CLASSIFIER=str(broken), OUTPUT=str(out))
    assert "broken.geofm" in said
    assert not out.exists()
