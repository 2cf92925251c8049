"""A map and what is known of its place, through every door: rules, a layer that they look at, a prior."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal, ogr
from qgis.core import QgsRasterLayer

COVERS = ("water", "forest", "town")
COLUMNS, ROWS = 120, 90


@pytest.fixture(scope="module")
def mapped(processing: Any, taught: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the painted scene's map, its probabilities and a hill: steep in the upper half."""
    folder = tmp_path_factory.mktemp("mapped")
    scene = str(taught.parent / "scene.tif")
    paths = {"OUTPUT": "map.tif", "PROBABILITIES": "shares.tif"}
    values = {name: str(folder / path) for name, path in paths.items()}
    processing.run("geofm:classify", {"INPUT": [scene], "CLASSIFIER": str(taught), **values})
    source = gdal.Open(scene)
    made = gdal.GetDriverByName("GTiff").Create(str(folder / "hill.tif"), COLUMNS, ROWS, 1, gdal.GDT_Float32)
    made.SetGeoTransform(source.GetGeoTransform())
    made.SetSpatialRef(source.GetSpatialRef())
    pixel = abs(source.GetGeoTransform()[5])
    heights = np.maximum(ROWS // 2 - np.arange(ROWS), 0) * pixel * 0.5
    values = np.repeat(heights[:, None], COLUMNS, axis=1).astype("<f4")
    made.GetRasterBand(1).WriteRaster(0, 0, COLUMNS, ROWS, values.tobytes())
    return folder


def _values(path: str | Path) -> np.ndarray:
    data = gdal.Open(str(path))
    return np.frombuffer(data.GetRasterBand(1).ReadRaster(), np.uint8).reshape(ROWS, COLUMNS)


def _check(folder: Path, refined: str, changed: str, table: str) -> int:
    """What one rule and one "becomes" must have made of the map; answers how many pixels changed."""
    before, after, cause = (_values(path) for path in (folder / "map.tif", refined, changed))
    data = gdal.Open(str(folder / "map.tif"))
    data.GetMetadata()
    names = data.GetRasterBand(1).GetCategoryNames()
    water, town, forest = (names.index(name) for name in ("water", "town", "forest"))
    steep = np.zeros(before.shape, bool)
    # The first flat row still sees the hill.
    steep[: ROWS // 2 + 1] = True
    gone = (before == water) & steep
    assert gone.sum() > 500
    assert not (after == water)[steep].any()
    # The next most probable is town or forest, and of towns the second rule makes forests.
    np.testing.assert_array_equal(after == water, (before == water) & ~steep)
    assert set(np.unique(after[gone])) <= {town, forest}
    changed_at = after != before
    np.testing.assert_array_equal(cause != 0, changed_at)
    assert set(np.unique(cause[gone & (after == forest)])) <= {2, 3}
    with open(table, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["pixels"]) for row in rows) == changed_at.sum()
    said = gdal.Open(changed)
    said.GetMetadata()
    assert said.GetRasterBand(1).GetCategoryNames()[2] == 'rule 1: water not where "hill@slope" > 8'
    return int(changed_at.sum())


def test_qgis_process_refines(run_algorithm: Any, mapped: Path, tmp_path: Path) -> None:
    paths = {name: str(tmp_path / f"{name}.tif") for name in ("OUTPUT", "CHANGED")}
    found = run_algorithm(
        "geofm:refine", INPUT=mapped / "map.tif", PROBABILITIES=mapped / "shares.tif",
        HELPERS=mapped / "hill.tif",
        RULES=[
            "water", '"hill@slope" > 8', "", "town", "\"hill\" > 0 and \"class\" in ('town', 'x')", "forest"
        ],
        TABLE=tmp_path / "t.csv", **paths,
    )
    assert found["REFINED_PIXELS"] == _check(mapped, *paths.values(), str(tmp_path / "t.csv"))
    assert found["REFINED_M2"] > 0


def test_a_script_refines_and_the_command_door_repeats_it(
    toolbox: Any, mapped: Path, tmp_path: Path, door_environment: dict[str, str], plugins: Path
) -> None:
    from geofm import api

    out = tmp_path / "refined.tif"
    found = api.refine(
        mapped / "map.tif",
        [("water", '"hill@slope" > 8', ""), ("town", '"hill" > 0', "forest")],
        helpers={"hill": QgsRasterLayer(str(mapped / "hill.tif"), "another name")},
        probabilities=mapped / "shares.tif", table=tmp_path / "t.csv", changed=tmp_path / "c.tif", output=out,
    )
    pixels = _check(mapped, str(out), str(tmp_path / "c.tif"), str(found.table))
    assert found.run.facts["refined_pixels"] == pixels
    assert found.changed.renderer().classes()[0].label == "unchanged"
    assert [one.label for one in found.output.renderer().classes()] == sorted(COVERS)
    before = out.read_bytes()
    out.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "geofm", "run", f"{out}.job.json"], cwd=plugins, env=door_environment,
        capture_output=True, text=True, timeout=250, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert out.read_bytes() == before


def test_polygons_of_a_prior(toolbox: Any, mapped: Path, tmp_path: Path) -> None:
    """All of the left half is said to be forest, nearly for certain; to make sure, with much weight."""
    from geofm import api

    source = gdal.Open(str(mapped / "map.tif"))
    made = ogr.GetDriverByName("GPKG").CreateDataSource(str(tmp_path / "prior.gpkg"))
    layer = made.CreateLayer("prior", source.GetSpatialRef(), ogr.wkbPolygon)
    for name in ("forest", "water", "town"):
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTReal))
    corners = ((0, 0), (60, 0), (60, 90), (0, 90), (0, 0))
    ring = ", ".join("{} {}".format(*gdal.ApplyGeoTransform(source.GetGeoTransform(), *at)) for at in corners)
    feature = ogr.Feature(layer.GetLayerDefn())
    for name, share in (("forest", 0.98), ("water", 0.01), ("town", 0.01)):
        feature.SetField(name, share)
    feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON (({ring}))"))
    layer.CreateFeature(feature)
    del layer, made
    weighed = [
        api.refine(
            mapped / "map.tif", probabilities=mapped / "shares.tif", prior=tmp_path / "prior.gpkg",
            weight=weight, load=False,
        )
        for weight in (0.0, 1.0, 8.0)
    ]
    pixels = [found.run.facts["refined_pixels"] for found in weighed]
    assert pixels[0] == 0
    assert pixels[0] <= pixels[1] < pixels[2]
    changed = _values(weighed[2].changed)
    assert set(np.unique(changed)) == {0, 1}
    assert not changed[:, 60:].any()


def test_what_cannot_be_is_said_in_a_sentence(
    refused: Callable[..., str], mapped: Path, tmp_path: Path
) -> None:
    paths = {name: str(tmp_path / f"{name}.tif") for name in ("OUTPUT", "CHANGED")}
    given = {"INPUT": str(mapped / "map.tif"), "HELPERS": [str(mapped / "hill.tif")], **paths}
    said = refused("refine", RULES=["lava", '"hill" > 8', "water"], **given)
    assert said.startswith("Rule 1 names the class lava, which the map has not. Its classes are: forest")
    said = refused("refine", RULES=["water", '"hill" > 8', ""], **given)
    assert said.startswith("Rule 1: What water becomes is not said")
    said = refused("refine", RULES=["water", "rand(1, 2) > 8", "town"], **given)
    assert said.startswith("Rule 1: Rules cannot use the function rand.")
