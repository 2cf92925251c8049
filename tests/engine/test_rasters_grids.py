"""Stacks of any grids: what comes out lies where an independent calculation says it must."""

from __future__ import annotations

import itertools
import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.shutil import copy
from rasterio.vrt import WarpedVRT
from scipy.io import netcdf_file

from geofm.inference.bands import CLASSES
from geofm.inference.engine.rasters import Stack
from geofm.inference.errors import UnsupportedInput
from geofm.inference.jobs import RasterRef

Write = Callable[..., RasterRef]

# Each about the same 400 m square in the middle, as rasters may lie: (pixel -> map, columns, rows).
CENTRE = (600500.0, 4999500.0)
LAYS = {
    "north up": Affine.scale(10, -10),
    "south up": Affine.scale(10, 10),
    "mirrored": Affine.scale(-10, -10),
    "oblong pixels": Affine.scale(20, -5),
    "rotated": Affine.rotation(30) @ Affine.scale(10, -10),
    "upside down": Affine.rotation(180) @ Affine.scale(8, -8),
    "sheared": Affine.shear(20, 5) @ Affine.scale(9, -11),
}


def lay(kind: str, cols: int, rows: int) -> Affine:
    return Affine.translation(*CENTRE) @ LAYS[kind] @ Affine.translation(-cols / 2, -rows / 2)


def centres(transform: Affine, cols: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Map coordinates of the pixel centres, from the definition of the transform."""
    col, row = np.meshgrid(np.arange(cols) + 0.5, np.arange(rows) + 0.5)
    a, b, c, d, e, f = tuple(transform)[:6]
    return a * col + b * row + c, d * col + e * row + f


def second_on_first(first: RasterRef, second: RasterRef) -> tuple[np.ndarray, np.ndarray]:
    with Stack.open([first, second]) as stack:
        values, valid = stack.read(stack.grid.window, [1])
    return values[0], valid


@pytest.mark.parametrize(("one", "other"), list(itertools.product(LAYS, LAYS)))
def test_every_lay_of_pixels_meets_every_other(raster: Write, one: str, other: str) -> None:
    # Pixels four times as large in the second, so that plain bilinear weights apply: a plane stays one.
    here, there = lay(one, 24, 20), lay(other, 20, 18) @ Affine.translation(10, 9) @ Affine.scale(4)
    there = there @ Affine.translation(-10, -9)
    first = raster("1.tif", np.zeros((20, 24), "uint8"), transform=here)
    x, y = centres(there, 20, 18)
    plane = 2 * (x - CENTRE[0]) - 3 * (y - CENTRE[1])
    second = raster("2.tif", plane.astype("float32"), transform=there)
    values, valid = second_on_first(first, second)
    x, y = centres(here, 24, 20)
    assert valid.all()
    assert np.abs(values - (2 * (x - CENTRE[0]) - 3 * (y - CENTRE[1]))).max() < 0.01


@pytest.mark.parametrize("quarter_turns", [0, 1])
def test_fine_pixels_are_averaged_not_picked(raster: Write, quarter_turns: int) -> None:
    # 5 fine columns and 2 fine rows a coarse pixel; weights fall off linearly over one coarse pixel.
    noise = np.random.default_rng(1).normal(100, 20, (60, 150)).astype("float32")
    turn = Affine.rotation(-90 * quarter_turns, (600150, 4999940))
    first = raster("1.tif", np.zeros((30, 30), "uint8"), transform=turn @ NORTH_UP_10_4)
    second = raster("2.tif", noise, transform=turn @ NORTH_UP_10_4 @ Affine.scale(1 / 5, 1 / 2))
    values, valid = second_on_first(first, second)
    wanted = tents(30, 2) @ noise @ tents(30, 5).T
    assert valid.all()
    assert np.abs(values - wanted)[2:-2, 2:-2].max() < 1e-3


NORTH_UP_10_4 = Affine(10, 0, 600000, 0, -4, 5000000)


def tents(coarse: int, factor: int) -> np.ndarray:
    """(coarse, fine) weights of a triangle as wide as two coarse pixels."""
    fine = np.arange(coarse * factor) + 0.5
    middle = (np.arange(coarse)[:, None] + 0.5) * factor
    weights = np.maximum(0, 1 - np.abs(fine - middle) / factor)
    return weights / weights.sum(1, keepdims=True)


def test_classes_are_picked_by_the_nearest_pixel(raster: Write) -> None:
    codes = np.random.default_rng(2).integers(1, 9, (40, 40), "uint8")
    first = raster("1.tif", np.zeros((20, 20), "uint8"))
    fine = Affine(7, 0, 599990, 0, -7, 5000020)
    second = raster("2.tif", codes, transform=fine, names=("Fmask",))
    values, valid = second_on_first(first, second)
    col = np.floor((600000 + 10 * (np.arange(20) + 0.5) - 599990) / 7).astype(int)
    row = np.floor((5000020 - (5000000 - 10 * (np.arange(20) + 0.5))) / 7).astype(int)
    assert valid.all()
    assert (values == codes[row[:, None], col[None]]).all()


def test_a_crs_of_its_own_without_an_authoritys_code(raster: Write) -> None:
    # Mercator on a sphere, where coordinates have a formula to compare with.
    radius = 6371000.0
    sphere = f"+proj=merc +lon_0=9 +R={radius:.0f} +units=m"
    degrees = f"+proj=longlat +R={radius:.0f}"
    here = Affine(500, 0, -8000, 0, -500, 6_300_000)
    there = Affine(0.01, 0, 8.8, 0, -0.008, 49.3)
    first = raster("1.tif", np.zeros((30, 32), "uint8"), crs=sphere, transform=here)
    lon, lat = centres(there, 60, 75)
    second = raster("2.tif", (100 * lon + 7 * lat).astype("float64"), crs=degrees, transform=there)
    values, valid = second_on_first(first, second)
    x, y = centres(here, 32, 30)
    wanted_lon = 9 + np.degrees(x / radius)
    wanted_lat = np.degrees(2 * np.arctan(np.exp(y / radius)) - math.pi / 2)
    assert valid.all()
    assert np.abs(values - (100 * wanted_lon + 7 * wanted_lat)).max() < 1e-3


def test_extents_that_only_touch_in_part(raster: Write) -> None:
    first = raster("1.tif", np.zeros((20, 20), "uint8"))
    corner = Affine(10, 0, 600130, 0, -10, 4999880)
    second = raster("2.tif", np.full((20, 20), 5, "uint8"), transform=corner)
    values, valid = second_on_first(first, second)
    wanted = np.zeros((20, 20), bool)
    wanted[12:, 13:] = True
    assert (valid == wanted).all()
    assert (values == np.where(wanted, 5, 0)).all()


@pytest.mark.parametrize(
    ("name", "address"), [("ü.gpkg", "GPKG:{}:two"), ("ü.tif", "GTIFF_DIR:2:{}"), ("ü.nc", 'NETCDF:"{}":two')]
)
def test_one_dataset_of_several_in_a_file(tmp_path: Path, name: str, address: str) -> None:
    one, two = (np.arange(600, dtype="uint8").reshape(20, 30) % n for n in (200, 7))
    path = tmp_path / f"two in one {name}"
    _write_two(path, one, two)
    with Stack.open([RasterRef(address.format(path))]) as stack:
        values, valid = stack.read(stack.grid.window, [0])
        assert stack.grid.transform == (10, 0, 600000, 0, -10, 5000000)
    assert valid.all()
    assert (values[0] == two).all()


def _write_two(path: Path, one: np.ndarray, two: np.ndarray) -> None:
    if path.suffix == ".nc":
        with netcdf_file(path, "w") as file:
            for axis, places in (("y", 4999995 - 10.0 * np.arange(20)), ("x", 600005 + 10.0 * np.arange(30))):
                file.createDimension(axis, len(places))
                places_of_axis = file.createVariable(axis, "d", (axis,))
                places_of_axis[:] = places
                places_of_axis.standard_name = f"projection_{axis}_coordinate"
            for name, pixels in (("one", one), ("two", two)):
                file.createVariable(name, "h", ("y", "x"))[:] = pixels
        return
    profile = {"width": 30, "height": 20, "count": 1, "dtype": "uint8", "crs": "EPSG:32633"}
    profile["transform"] = Affine(10, 0, 600000, 0, -10, 5000000)
    for name, pixels, append in (("one", one, "NO"), ("two", two, "YES")):
        tables = {"RASTER_TABLE": name, "TILE_FORMAT": "PNG"} if path.suffix == ".gpkg" else {}
        driver = "GPKG" if tables else "GTiff"
        with rasterio.open(
            path, "w", driver=driver, APPEND_SUBDATASET=append, **profile, **tables
        ) as dataset:
            dataset.write(pixels, 1)


def test_a_file_of_several_datasets_asks_which(tmp_path: Path) -> None:
    path = tmp_path / "two.nc"
    _write_two(path, *(np.zeros((20, 30), "uint8"),) * 2)
    with pytest.raises(UnsupportedInput, match="no bands") as caught, Stack.open([RasterRef(str(path))]):
        pass
    assert "two.nc:one" in caught.value.hint
    assert "two.nc:two" in caught.value.hint


@pytest.mark.parametrize(
    "name", ["100%.tif", "a#b.tif", "a?b=c&d.tif", "it's.tif", "a;b,c.tif", "a[1].tif", "zip!x.tif"]
)
def test_odd_letters_in_a_name(raster: Write, name: str) -> None:
    ref = raster(name, np.full((4, 5), 3, "uint8"))
    with Stack.open([ref, raster("other.tif", np.zeros((4, 5), "uint8"))]) as stack:
        assert (stack.read(stack.grid.window, [0])[0] == 3).all()


def test_control_points_instead_of_a_grid_are_refused(raster: Write, tmp_path: Path) -> None:
    points = [GroundControlPoint(r, c, 600000 + c, 5000000 - r) for r, c in ((0, 0), (0, 9), (9, 0))]
    with rasterio.open(
        tmp_path / "gcp.tif",
        "w",
        driver="GTiff",
        width=9,
        height=9,
        count=1,
        dtype="uint8",
        gcps=points,
        crs="EPSG:32633",
    ) as dataset:
        dataset.write(np.ones((1, 9, 9), "uint8"))
    with (
        pytest.raises(UnsupportedInput, match="control points") as caught,
        Stack.open([RasterRef(str(tmp_path / "gcp.tif"))]),
    ):
        pass
    assert "Warp" in caught.value.hint


TABLE = """<GDALRasterAttributeTable tableType="{kind}">
<FieldDefn index="0"><Name>Value</Name><Type>0</Type><Usage>5</Usage></FieldDefn>
<FieldDefn index="1"><Name>Name</Name><Type>2</Type><Usage>{use}</Usage></FieldDefn>
<Row index="0"><F>1</F><F>water</F></Row></GDALRasterAttributeTable>"""


@pytest.mark.parametrize(
    ("about", "classes"),
    [
        (TABLE.format(kind="thematic", use=2), True),
        ("<CategoryNames><Category/><Category>water</Category></CategoryNames>", True),
        # Tables of counts, as tools leave them beside measurements.
        (TABLE.format(kind="thematic", use=1), False),
        (TABLE.format(kind="athematic", use=2), False),
        ("", False),
    ],
)
def test_classes_that_a_file_names_are_not_interpolated(
    raster: Write, tmp_path: Path, about: str, classes: bool
) -> None:
    place = Affine(20, 0, 600000, 0, -20, 5000000)
    ref = raster("map.tif", np.array([[1, 9], [1, 9]], "uint8"), transform=place)
    (tmp_path / "map.tif.aux.xml").write_text(
        f'<PAMDataset><PAMRasterBand band="1">{about}</PAMRasterBand></PAMDataset>', encoding="utf-8"
    )
    first = raster("1.tif", np.zeros((8, 8), "uint8"), transform=Affine(5, 0, 600000, 0, -5, 5000000))
    with Stack.open([first, ref]) as stack:
        assert (stack.bands[1].units == CLASSES) == classes
    values, _ = second_on_first(first, ref)
    assert (set(np.unique(values)) == {1, 9}) == classes


def test_a_raster_in_an_archive(raster: Write, tmp_path: Path) -> None:
    ref = raster("inside ü.tif", np.arange(20, dtype="uint8").reshape(4, 5))
    with zipfile.ZipFile(tmp_path / "an archive.zip", "w") as archive:
        archive.write(ref.path, "a folder/inside ü.tif")
    name = f"/vsizip/{tmp_path}/an archive.zip/a folder/inside ü.tif"
    with Stack.open([RasterRef(name)]) as stack:
        values, valid = stack.read(stack.grid.window, [0])
    assert valid.all()
    assert values[0].ravel().tolist() == list(range(20))


def test_a_warped_vrt_is_the_raster_that_it_shows(raster: Write, tmp_path: Path) -> None:
    """Its source is named relative to it, and lies in another coordinate system."""
    folder = tmp_path / "von woanders"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(1, 200, (30, 40), "uint8")
    source = Path(raster("source.tif", noise).path).rename(folder / "source.tif")
    with rasterio.open(source) as data, WarpedVRT(data, crs="EPSG:32632") as warped:
        shown = warped.read(1)
        copy(warped, folder / "warped.vrt", driver="VRT")
    text = (folder / "warped.vrt").read_text(encoding="utf-8")
    assert 'relativeToVRT="1">source.tif<' in text
    moved = folder.rename(tmp_path / "zog um")
    with Stack.open([RasterRef(str(moved / "warped.vrt"))]) as stack:
        values, _ = stack.read(stack.grid.window, [0])
        assert "32632" in stack.grid.crs
    assert (values[0] == shown).all()
