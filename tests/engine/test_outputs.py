"""Raster results: exact grid, classes that QGIS shows, equal bytes, nothing half-made."""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp

from geofm.inference.engine.grid import Grid, Window, blocks
from geofm.inference.engine.results.outputs import RasterWriter
from geofm.inference.engine.results.overviews import halved
from geofm.inference.errors import InvalidRequest
from geofm.inference.jobs import ClassInfo

UTM = CRS.from_epsg(32615).to_wkt()
CLASSES = (ClassInfo(1, "forest", "#1b7837"), ClassInfo(3, "Städte <&> 市", "#d73027"))
PROVENANCE = {"GEOFM_MODEL": "galileo-nano", "GEOFM_JOB": '{"task": "classify", "é": 1}'}


def grid_of(width: int, height: int, **changes: Any) -> Grid:
    facts = {"transform": (30.0, 0.0, 462405.0, 0.0, -30.0, 1741815.0), "crs": UTM, **changes}
    return Grid(width, height, **facts)


def class_pixels(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).choice(np.array([0, 1, 3], np.uint8), (1, height, width))


def write(
    path: Path, grid: Grid, pixels: np.ndarray, size: int = 512, backwards: bool = False, **options: Any
) -> None:
    parts = list(blocks(grid.window, size))
    given = {
        "bands": len(pixels),
        "dtype": pixels.dtype.name,
        "nodata": 0,
        "provenance": PROVENANCE,
        **options,
    }
    with RasterWriter(path, grid, **given) as target:
        for block in reversed(parts) if backwards else parts:
            target.write(block, np.ascontiguousarray(pixels[:, block.rows, block.cols]))


def digest(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_a_class_raster_is_a_cog_with_names_and_provenance(tmp_path: Path) -> None:
    grid, pixels = grid_of(1300, 900), class_pixels(900, 1300)
    write(tmp_path / "map.tif", grid, pixels, classes=CLASSES, descriptions=("class",))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["map.tif", "map.tif.aux.xml"]
    with rasterio.open(tmp_path / "map.tif") as dataset:
        assert (dataset.read() == pixels).all()
        assert tuple(dataset.transform)[:6] == grid.transform
        assert dataset.crs == CRS.from_epsg(32615)
        assert dataset.nodata == 0
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.block_shapes == [(512, 512)]
        assert dataset.overviews(1) == [2, 4]
        assert dataset.compression.value == "DEFLATE"
        assert PROVENANCE.items() <= dataset.tags().items()
        assert dataset.descriptions == ("class",)
        assert dataset.colormap(1)[3] == (0xD7, 0x30, 0x27, 255)
        coarse = dataset.read(1, out_shape=(225, 325))
    # Overviews hold classes that exist, not their averages.
    assert set(np.unique(coarse)) <= {0, 1, 3}


def test_a_raster_of_many_features_is_a_cog_of_smaller_tiles(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).normal(size=(300, 90, 150)).astype(np.float32)
    write(tmp_path / "features.tif", grid_of(150, 90), pixels, size=40)
    with rasterio.open(tmp_path / "features.tif") as dataset:
        np.testing.assert_array_equal(dataset.read(), pixels)
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert set(dataset.block_shapes) == {(128, 128)}


@pytest.mark.parametrize("nodata", [0, 255])
def test_the_overviews_of_classes_are_what_most_pixels_are(tmp_path: Path, nodata: int) -> None:
    grid, pixels = grid_of(1300, 1100), class_pixels(1100, 1300)
    pixels[pixels == 0] = nodata
    # Nothing is written to the first tile, and nothing lies beyond the last row and column.
    pixels[:, :512, :512] = nodata
    write(tmp_path / "map.tif", grid, pixels, classes=CLASSES, nodata=nodata)
    for level in (0, 1):
        pixels = halved(pixels[0], nodata)[None]
        with rasterio.open(tmp_path / "map.tif", overview_level=level) as dataset:
            assert (dataset.read() == pixels).all()


def test_equal_pixels_give_equal_bytes_in_any_order(tmp_path: Path) -> None:
    grid, pixels = grid_of(1300, 900), class_pixels(900, 1300)
    results = []
    for number, (size, backwards) in enumerate([(512, False), (512, True), (170, True), (2000, False)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        write(folder / "map.tif", grid, pixels, size, backwards, classes=CLASSES)
        results.append(digest(folder))
    assert len(results[0]) == 2
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_pixels_of_every_type_come_back_as_they_went(tmp_path: Path, dtype: str) -> None:
    pixels = np.random.default_rng(1).normal(100, 60, (5, 70, 90)).clip(0, 254).astype(dtype)
    write(tmp_path / "a.tif", grid_of(90, 70), pixels, descriptions=[f"feature {i}" for i in range(5)])
    with rasterio.open(tmp_path / "a.tif") as dataset:
        assert (dataset.read() == pixels).all()
        assert dataset.descriptions[4] == "feature 4"
        assert ColorInterp.alpha not in dataset.colorinterp
        assert dataset.mask_flag_enums[0] == [rasterio.enums.MaskFlags.nodata]
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


@pytest.mark.parametrize(
    ("transform", "crs"),
    [
        ((1e-4, 0.0, 10.0, 0.0, -2e-4, 50.0), "EPSG:4326"),
        ((10.0, 0.0, 5e5, 0.0, 10.0, 5e6), "EPSG:32633"),
        (
            (10 * math.cos(0.5), -10 * math.sin(0.5), 5e5, -10 * math.sin(0.5), -10 * math.cos(0.5), 5e6),
            "EPSG:32633",
        ),
        ((10.0, 0.0, 0.0, 0.0, -10.0, 0.0), "+proj=laea +lat_0=47.3 +lon_0=8.1 +x_0=3 +ellps=WGS84"),
        (
            (0.1, 0.0, 0.0, 0.0, -0.1, 0.0),
            "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18",
        ),
        ((10.0, 0.0, 0.0, 0.0, -10.0, 0.0), ""),
    ],
)
def test_any_grid_and_crs_survives(tmp_path: Path, transform: Any, crs: str) -> None:
    wkt = CRS.from_user_input(crs).to_wkt() if crs else ""
    write(
        tmp_path / "a.tif",
        grid_of(40, 30, transform=transform, crs=wkt),
        class_pixels(30, 40),
        classes=CLASSES,
    )
    with rasterio.open(tmp_path / "a.tif") as dataset:
        assert tuple(dataset.transform)[:6] == pytest.approx(transform)
        assert dataset.shape == (30, 40)
        assert dataset.crs == (CRS.from_wkt(wkt) if wkt else None)


def test_what_is_not_written_is_nodata(tmp_path: Path) -> None:
    with RasterWriter(
        tmp_path / "a.tif", grid_of(900, 900), bands=1, dtype="float32", nodata=-9999.0, provenance={}
    ) as target:
        target.write(Window(600, 600, 10, 10), np.ones((1, 10, 10), np.float32))
    with rasterio.open(tmp_path / "a.tif") as dataset:
        pixels = dataset.read(1)
    assert (pixels[600:610, 600:610] == 1).all()
    assert (pixels == -9999).sum() == 900 * 900 - 100


def test_an_error_leaves_nothing_and_spares_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "map.tif"
    path.write_bytes(b"earlier")

    def interrupted() -> None:
        with RasterWriter(path, grid_of(40, 30), bands=1, dtype="uint8", nodata=0, provenance={}) as target:
            target.write(Window(0, 0, 40, 30), class_pixels(30, 40))
            assert len(list(tmp_path.iterdir())) == 2
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["map.tif"]


def test_a_new_result_takes_the_old_ones_sidecars_away(tmp_path: Path) -> None:
    grid, pixels = grid_of(40, 30), class_pixels(30, 40)
    write(tmp_path / "a.tif", grid, pixels, classes=CLASSES)
    (tmp_path / "a.tif.ovr").write_bytes(b"overviews of other pixels")
    write(tmp_path / "a.tif", grid, pixels)
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def test_places_that_take_no_result_are_refused_at_once(tmp_path: Path) -> None:
    def enter(path: Path) -> None:
        with RasterWriter(path, grid_of(4, 3), bands=1, dtype="uint8", nodata=0, provenance={}):
            pass

    with pytest.raises(InvalidRequest, match="does not exist"):
        enter(tmp_path / "none" / "a.tif")
    with pytest.raises(InvalidRequest, match="ending in .tif"):
        enter(tmp_path / "a.img")
    (tmp_path / "folder.tif").mkdir()
    with pytest.raises(InvalidRequest, match="is a folder"):
        enter(tmp_path / "folder.tif")


def test_wrong_blocks_are_a_defect_of_the_caller(tmp_path: Path) -> None:
    with RasterWriter(
        tmp_path / "a.tif", grid_of(40, 30), bands=1, dtype="uint8", nodata=0, provenance={}
    ) as target:
        with pytest.raises(ValueError, match="beyond"):
            target.write(Window(30, 0, 20, 30), class_pixels(30, 20))
        with pytest.raises(ValueError, match="expected"):
            target.write(Window(0, 0, 40, 30), class_pixels(30, 40).astype("int16"))


FILL_THE_DISK = """
import resource, signal, sys
import numpy as np
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from geofm.inference.engine.grid import Grid, blocks
from geofm.inference.engine.results.outputs import RasterWriter
from geofm.inference.engine.results.overviews import halved
from geofm.inference.errors import UnsupportedInput
grid = Grid(1500, 1200, (10.0, 0.0, 5e5, 0.0, -10.0, 5e6), "")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    with RasterWriter(Path(sys.argv[2]), grid, bands=1, dtype="uint8", nodata=255, provenance={}) as target:
        for block in blocks(grid.window, 512):
            target.write(block, np.full((1, block.height, block.width), 7, np.uint8))
except UnsupportedInput as error:
    print(error)
    sys.exit(3)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files can be limited on POSIX only")
@pytest.mark.parametrize("limit", [1000, 300_000, 2_350_000])
def test_a_full_disk_is_one_sentence_and_no_file(tmp_path: Path, plugins: Path, limit: int) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FILL_THE_DISK, str(plugins), str(tmp_path / "a.tif"), str(limit)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 3, run.stderr
    assert run.stdout.startswith("The result a.tif could not be written.")
    assert list(tmp_path.iterdir()) == []


LOOK = """
import json, sys
from qgis.core import QgsApplication, QgsPalettedRasterRenderer, QgsRasterLayer
app = QgsApplication([], False)
app.initQgis()
layer = QgsRasterLayer(sys.argv[1], "map")
renderer = layer.renderer()
seen = [(c.value, c.label, c.color.name(), c.color.alpha()) for c in renderer.classes()] \
    if isinstance(renderer, QgsPalettedRasterRenderer) else None
print("SEEN" + json.dumps([layer.isValid(), seen, layer.dataProvider().sourceNoDataValue(1)]))
sys.stdout.flush()
import os
os._exit(0)
"""


def test_qgis_shows_names_and_colours_without_a_click(tmp_path: Path) -> None:
    python = os.environ.get("QGIS_PYTHON", "/usr/bin/python3")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    try:
        subprocess.run([python, "-c", "import qgis.core"], check=True, capture_output=True, env=environment)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs QGIS's Python bindings: set QGIS_PYTHON")
    write(tmp_path / "map.tif", grid_of(40, 30), class_pixels(30, 40), classes=CLASSES)
    run = subprocess.run(
        [python, "-c", LOOK, str(tmp_path / "map.tif")], capture_output=True, env=environment, timeout=120
    )
    line = next(x for x in run.stdout.decode().splitlines() if x.startswith("SEEN"))
    valid, seen, nodata = json.loads(line[4:])
    assert valid
    assert nodata == 0
    assert [tuple(item) for item in seen if item[3]] == [(c.value, c.name, c.color, 255) for c in CLASSES]
    assert len(seen) == 4
