"""Stacks: right pixels, right values, right validity; what is no raster is refused in a sentence."""

from __future__ import annotations

import datetime
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.shutil
import rasterio.warp
from affine import Affine
from rasterio.enums import ColorInterp

from geofm.inference.bands import BYTE, CLASSES, RAW, REFLECTANCE
from geofm.inference.engine.grid import Window
from geofm.inference.engine.rasters import Stack
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import RasterRef

NORTH_UP = Affine(10, 0, 600000, 0, -10, 5000000)


def make(path: Path, pixels: Any, *, crs: str | None = "EPSG:32633", **options: Any) -> RasterRef:
    """Write a GeoTIFF of (bands, rows, cols) pixels."""
    array = np.asarray(pixels)
    array = array[None] if array.ndim == 2 else array
    mask, names = options.pop("mask", None), options.pop("names", ())
    tags, units = options.pop("tags", {}), options.pop("scales", None)
    profile = {"driver": "GTiff", "dtype": array.dtype, "crs": crs, "transform": NORTH_UP, **options}
    size = {"count": array.shape[0], "height": array.shape[1], "width": array.shape[2]}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(path, "w", **profile, **size) as dataset,
    ):
        dataset.write(array)
        dataset.update_tags(**tags)
        for index, name in enumerate(names, start=1):
            dataset.set_band_description(index, name)
        if units:
            dataset.scales, dataset.offsets = units
        if mask is not None:
            dataset.write_mask(mask)
    return RasterRef(str(path))


def ramp(rows: int = 30, cols: int = 40, dtype: str = "float32", start: int = 100) -> np.ndarray:
    return np.arange(start, start + rows * cols).astype(dtype).reshape(rows, cols)


def all_of(ref: RasterRef, **changes: Any) -> tuple[np.ndarray, np.ndarray, Stack]:
    with Stack.open([RasterRef(ref.path, **changes)]) as stack:
        values, valid = stack.read(stack.grid.window, range(len(stack.bands)))
    return values, valid, stack


def test_a_window_that_overhangs_is_invalid_there(tmp_path: Path) -> None:
    pixels = ramp()
    with Stack.open([make(tmp_path / "a.tif", pixels)]) as stack:
        values, valid = stack.read(Window(-5, 25, 50, 10), [0])
        outside, nowhere = stack.read(Window(100, 100, 3, 3), [0])
    assert values.shape == (1, 10, 50)
    assert (values[0, :5, 5:45] == pixels[25:]).all()
    assert valid[:5, 5:45].all()
    assert valid.sum() == 200
    assert (values[:, ~valid] == 0).all()
    assert not nowhere.any()
    assert outside.shape == (1, 3, 3)


@pytest.mark.parametrize("kind", ["file", "user", "nan", "mask", "alpha", "unsaid extreme"])
def test_every_kind_of_nodata_is_invalid_and_zero(tmp_path: Path, kind: str) -> None:
    pixels = ramp(dtype="float32" if kind in ("nan", "unsaid extreme") else "int16")
    hole = np.zeros(pixels.shape, bool)
    hole[3:9, 7:12] = True
    options: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    if kind in ("file", "user"):
        pixels[hole] = -9999
        options, changes = ({"nodata": -9999}, {}) if kind == "file" else ({}, {"nodata": -9999})
    elif kind == "nan":
        pixels[hole] = np.nan
    elif kind == "unsaid extreme":
        pixels[hole] = np.finfo("float32").min
    elif kind == "mask":
        options["mask"] = ~hole
    else:
        pixels, options = np.stack([pixels, np.where(hole, 0, 255)]).astype("uint8"), {"alpha": "yes"}
    values, valid, stack = all_of(make(tmp_path / "a.tif", pixels, **options), **changes)
    assert len(stack.bands) == 1
    assert (valid == ~hole).all()
    assert (values[:, hole] == 0).all()
    assert (values[0][~hole] == (pixels[0] if kind == "alpha" else pixels)[~hole]).all()


def test_valid_means_valid_in_all_bands_read(tmp_path: Path) -> None:
    pixels = np.stack([ramp(), ramp()])
    pixels[0, 1, 1] = pixels[1, 2, 2] = -1
    with Stack.open([make(tmp_path / "a.tif", pixels, nodata=-1)]) as stack:
        assert np.argwhere(~stack.read(stack.grid.window, [0])[1]).tolist() == [[1, 1]]
        values, valid = stack.read(stack.grid.window, [1, 0])
    assert np.argwhere(~valid).tolist() == [[1, 1], [2, 2]]
    assert (values[:, ~valid] == 0).all()


def test_bands_come_in_the_order_asked_for(tmp_path: Path) -> None:
    one = make(tmp_path / "1.tif", np.stack([ramp(start=0), ramp(start=5000)]), names=("B02", "B03"))
    two = make(tmp_path / "2.tif", ramp(start=9000))
    with Stack.open([one, two]) as stack:
        values, _ = stack.read(Window(0, 0, 1, 1), [2, 1, 0])
        assert [band.name for band in stack.bands] == ["B02", "B03", "band 1"]
    assert values.ravel().tolist() == [9000, 5000, 0]


def test_only_the_bands_chosen_are_there(tmp_path: Path) -> None:
    ref = make(tmp_path / "1.tif", np.stack([ramp(start=n) for n in (0, 10, 20)]), names=("a", "b", "c"))
    values, _, stack = all_of(ref, bands=(3, 1))
    assert [band.name for band in stack.bands] == ["c", "a"]
    assert values[:, 0, 0].tolist() == [20, 0]


def test_a_second_raster_of_another_grid_is_brought_onto_the_first(tmp_path: Path) -> None:
    first = make(tmp_path / "1.tif", ramp(60, 80))
    # A plane is the same plane at any resolution, if it is interpolated in the right place.
    fine = Affine(4, 0, 600003, 0, -4, 4999998)
    rows, cols = np.mgrid[0:200, 0:260] + 0.5
    plane = (2 * (fine.c + cols * fine.a - 600000) + 3 * (5000000 - (fine.f + rows * fine.e))).astype(
        "float32"
    )
    second = make(tmp_path / "2.tif", plane, transform=fine)
    with Stack.open([first, second]) as stack:
        values, valid = stack.read(stack.grid.window, [1])
        part, _ = stack.read(Window(30, 20, 10, 10), [1])
    rows, cols = np.mgrid[0:60, 0:80] + 0.5
    wanted = 2 * cols * 10 + 3 * rows * 10
    assert valid.mean() > 0.95
    assert np.abs(values[0] - wanted)[2:-2, 2:-2].max() < 0.5
    assert (part[0] == values[0, 20:30, 30:40]).all()


def test_another_crs_and_a_rotated_grid_land_in_place(tmp_path: Path) -> None:
    turned = Affine.translation(600300, 4999800) @ Affine.rotation(25) @ Affine.scale(10, -10)
    first = make(tmp_path / "1.tif", ramp(20, 20), transform=turned)
    degrees = Affine(5e-5, 0, 16.26, 0, -5e-5, 45.155)
    lon = np.broadcast_to(degrees.c + (np.arange(600) + 0.5) * degrees.a, (400, 600)).astype("float64")
    second = make(tmp_path / "2.tif", lon, crs="EPSG:4326", transform=degrees)
    with Stack.open([first, second]) as stack:
        values, valid = stack.read(stack.grid.window, [1])
        x, y = stack.grid.to_map(10.5, 5.5)
    wanted = rasterio.warp.transform("EPSG:32633", "EPSG:4326", [x], [y])[0][0]
    assert valid.all()
    assert values[0, 5, 10] == pytest.approx(wanted, abs=2e-5)


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:4326"])
def test_a_warped_pixel_does_not_depend_on_the_window(tmp_path: Path, crs: str) -> None:
    degrees = Affine(1.3e-4, 0, 16.27, 0, -9e-5, 45.15)
    grid = degrees if crs == "EPSG:4326" else Affine(10, 0, 600000, 0, -10, 5000000)
    first = make(tmp_path / "1.tif", ramp(600, 800), crs=crs, transform=grid)
    noise = np.random.default_rng(0).random((1500, 2100)).astype("float32")
    second = make(tmp_path / "2.tif", noise, transform=Affine(4, 0, 600003, 0, -4, 4999998))
    with Stack.open([first, second]) as stack:
        whole, known = stack.read(stack.grid.window, [1])
        assert known.mean() > 0.5
        for window in (Window(7, 11, 90, 50), Window(30, 20, 10, 10), Window(301, 0, 333, 299)):
            part, valid = stack.read(window, [1])
            assert (part == whole[:, window.rows, window.cols]).all()
            assert (valid == known[window.rows, window.cols]).all()


def test_nodata_of_one_band_does_not_bleed_when_warped(tmp_path: Path) -> None:
    first = make(tmp_path / "1.tif", ramp(20, 20))
    pixels = np.stack([np.full((20, 20), 50), np.full((20, 20), 70)]).astype("int16")
    pixels[0, 10, 10], pixels[0, 5, 5] = -9999, -77
    second = make(tmp_path / "2.tif", pixels, nodata=-9999, transform=NORTH_UP @ Affine.translation(0.5, 0.5))
    with Stack.open([first, RasterRef(second.path, nodata=-77)]) as stack:
        values, valid = stack.read(stack.grid.window, [1])
        others, _ = stack.read(Window(8, 8, 6, 6), [2])
    assert set(np.unique(values[0, valid])) == {50.0}
    assert valid[2:18, 2:18].mean() > 0.95
    assert (others == 70).all()


@pytest.mark.parametrize("kind", ["mask", "alpha", "nan"])
def test_masks_survive_warping(tmp_path: Path, kind: str) -> None:
    first = make(tmp_path / "1.tif", ramp(20, 20))
    hole = np.zeros((20, 20), bool)
    hole[:, :10] = True
    pixels = np.where(hole, 0, 90).astype("float32" if kind == "nan" else "uint8")
    options: dict[str, Any] = {"mask": ~hole} if kind == "mask" else {}
    if kind == "alpha":
        pixels, options = np.stack([pixels, np.where(hole, 0, 255).astype("uint8")]), {"alpha": "yes"}
    elif kind == "nan":
        pixels[hole] = np.nan
    options["transform"] = NORTH_UP @ Affine.translation(0.5, 0.0)
    with Stack.open([first, make(tmp_path / "2.tif", pixels, **options)]) as stack:
        values, valid = stack.read(stack.grid.window, [1])
    assert set(np.unique(values[0, valid])) == {90.0}
    assert not valid[:, :9].any()
    assert valid[:, 12:19].all()


def test_class_bands_are_never_interpolated(tmp_path: Path) -> None:
    first = make(tmp_path / "1.tif", ramp(20, 20))
    classes = np.where(np.arange(20) % 2, 7, 1) * np.ones((20, 1))
    second = make(
        tmp_path / "2.tif",
        classes.astype("uint8"),
        names=("Fmask",),
        transform=NORTH_UP @ Affine.translation(0.4, 0.4),
    )
    with Stack.open([first, second]) as stack:
        values, valid = stack.read(stack.grid.window, [1])
        assert stack.bands[1].units == CLASSES
        assert stack.spectral == (0,)
    assert set(np.unique(values[0, valid])) == {1.0, 7.0}


def test_rasters_of_other_places_are_refused(tmp_path: Path) -> None:
    first = make(tmp_path / "1.tif", ramp())
    away = make(tmp_path / "away.tif", ramp(), transform=NORTH_UP @ Affine.translation(900, 0))
    nowhere = make(tmp_path / "nowhere.tif", ramp(10, 10), crs=None)
    with pytest.raises(UnsupportedInput, match="away.tif does not overlap"), Stack.open([first, away]):
        pass
    with pytest.raises(UnsupportedInput, match="no coordinate system"), Stack.open([first, nowhere]):
        pass


def test_onto_another_grid(tmp_path: Path) -> None:
    first = make(tmp_path / "1.tif", ramp())
    shifted = make(tmp_path / "2.tif", ramp(), transform=NORTH_UP @ Affine.translation(3, 2))
    with Stack.open([first]) as before, Stack.open([shifted], onto=before.grid) as after:
        assert after.grid == before.grid
        values, valid = after.read(after.grid.window, [0])
    assert values[0, 2, 3] == 100
    assert not valid[:2].any()


def test_geographic_non_square_and_south_up(tmp_path: Path) -> None:
    oblong = Affine(2e-4, 0, 10, 0, -1e-4, 50)
    _, _, stack = all_of(make(tmp_path / "1.tif", ramp(), crs="EPSG:4326", transform=oblong))
    assert stack.grid.transform == tuple(oblong)[:6]
    assert stack.scene.gsd == pytest.approx(math.sqrt(14.34 * 11.12), rel=0.01)
    assert stack.scene.lonlat == pytest.approx((10.004, 49.9985))
    south = Affine(10, 0, 600000, 0, 10, 5000000)
    values, _, stack = all_of(make(tmp_path / "2.tif", ramp(), transform=south))
    assert values[0, 0, 0] == 100
    assert stack.scene.gsd == 10.0


def test_no_coordinate_system_is_told(tmp_path: Path) -> None:
    values, valid, stack = all_of(make(tmp_path / "1.tif", ramp(), crs=None))
    assert valid.all()
    assert stack.scene.lonlat is None
    assert stack.scene.gsd == 10.0
    assert any("no coordinate system" in text for text in stack.warnings)
    _, _, stack = all_of(RasterRef(str(tmp_path / "1.tif")), crs="EPSG:32633")
    assert stack.scene.lonlat is not None
    with pytest.raises(InvalidRequest, match="not understood"):
        all_of(RasterRef(str(tmp_path / "1.tif")), crs="EPSG:nonsense")


def test_a_path_with_spaces_and_other_letters_and_a_vrt(tmp_path: Path) -> None:
    folder = tmp_path / "Übung α 地図 with space"
    folder.mkdir()
    make(folder / "Bild ñ.tif", ramp())
    (folder / "b.vrt").write_text(
        '<VRTDataset rasterXSize="40" rasterYSize="30"><SRS>EPSG:32633</SRS>'
        "<GeoTransform>600000,10,0,5000000,0,-10</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">Bild ñ.tif</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>",
        encoding="utf-8",
    )
    for name in ("Bild ñ.tif", "b.vrt"):
        values, valid, _ = all_of(RasterRef(str(folder / name)))
        assert (values[0] == ramp()).all()
        assert valid.all()


def test_what_is_no_raster_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedInput, match="does not exist"):
        all_of(RasterRef(str(tmp_path / "none.tif")))
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(UnsupportedInput, match="text.tif cannot be opened"):
        all_of(RasterRef(str(tmp_path / "text.tif")))
    with pytest.raises(UnsupportedInput, match="complex"):
        all_of(make(tmp_path / "c.tif", ramp(dtype="complex64")))
    with pytest.raises(InvalidRequest, match="No raster"), Stack.open([]):
        pass
    ref = make(tmp_path / "a.tif", ramp())
    with pytest.raises(InvalidRequest, match="band 2 is not among"):
        all_of(ref, bands=(2,))
    with pytest.raises(InvalidRequest, match="1 bands in use, but 2"):
        all_of(ref, names=("red", "green"))
    with pytest.raises(InvalidRequest, match="not understood"):
        all_of(ref, acquired="yesterday")


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    ref = make(
        tmp_path / "cut.tif",
        rng.random((1, 300, 300)).astype("float32"),
        tiled=True,
        blockxsize=64,
        blockysize=64,
    )
    rasterio.shutil.copy(ref.path, tmp_path / "whole.tif", driver="COG", compress="NONE")
    os.replace(tmp_path / "whole.tif", ref.path)
    os.truncate(ref.path, os.path.getsize(ref.path) * 3 // 4)
    with pytest.raises(UnsupportedInput, match=r"cut\.tif.*cannot be read") as caught:
        all_of(ref)
    assert caught.value.hint


def test_landsat_stack_of_1999(samples: Path) -> None:
    path = samples / "landsat7-two-dates" / "LE70220491999322EDC01_stack.gtif"
    values, valid, stack = all_of(RasterRef(str(path)))
    assert [band.name for band in stack.bands[:7]] == ["B1", "B2", "B3", "B4", "B5", "B7", "B6"]
    assert [band.units for band in stack.bands[:7]] == [REFLECTANCE] * 6 + [RAW]
    assert stack.bands[7].units == CLASSES
    assert stack.spectral == tuple(range(7))
    assert stack.scene.date.month == 11
    assert stack.scene.gsd == 30.0
    assert stack.scene.lonlat == pytest.approx((-93.316, 15.721), abs=1e-3)
    assert any("reflectance times 10000" in text for text in stack.warnings)
    with rasterio.open(path) as dataset:
        assert np.allclose(values[3], dataset.read(4) * 1e-4)
    assert valid.all()


def test_landsat_stack_of_2002_tells_of_its_mess(samples: Path) -> None:
    path = samples / "landsat7-two-dates" / "LE70220492002106EDC00_stack.gtif"
    values, valid, stack = all_of(RasterRef(str(path)))
    # "Band 8" of a Landsat 7 file would be panchromatic; its numbers say Fmask.
    assert stack.bands[7].units == CLASSES
    assert stack.scene.date.month == 4
    assert any("0, 2, 4" in text for text in stack.warnings)
    assert any("saturated" in text for text in stack.warnings)
    assert values[0].max() == pytest.approx(1.6)
    _, valid, _ = all_of(RasterRef(str(path)), nodata=16000)
    assert 0.9 < valid.mean() < 0.99


def test_sentinel_2_chip_with_the_users_names(samples: Path) -> None:
    ref = RasterRef(str(samples / "sentinel2-chips" / "patch_445.tif"))
    _, _, stack = all_of(ref)
    assert [band.name for band in stack.bands[:2]] == ["band 1", "band 2"]
    assert not any(band.known for band in stack.bands)
    names = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
    values, valid, stack = all_of(ref, names=names, acquired="2021-07-05")
    assert {band.units for band in stack.bands} == {REFLECTANCE}
    assert valid.all()
    assert values.max() == pytest.approx(0.8250)
    assert stack.scene.date.month == 7


def test_landsat_8_digital_numbers_and_black_fill(samples: Path) -> None:
    path = samples / "landsat8-parana" / "LC08_L1TP_224078_20200518_20200518_01_RT.TIF"
    with Stack.open([RasterRef(str(path), names=("oli:B2", "oli:B3", "oli:B4"))]) as stack:
        assert {band.units for band in stack.bands} == {RAW}
        assert any("not reflectance" in text for text in stack.warnings)
        assert any("black edge" in text for text in stack.warnings)
        assert stack.scene.date.month == 5
        seen = stack.overview((0, 1, 2), 256)
        one = stack.overview((1,), 256)
    assert seen.pixels.shape == (3, 234 * 256)
    assert seen.valid.mean() == pytest.approx(1 - 0.165, abs=0.01)
    assert (one.valid == seen.valid).all()
    assert (seen.pixels[:, seen.valid] > 0).all()
    with Stack.open([RasterRef(str(path), nodata=-1)]) as stack:
        assert stack.overview((0, 1, 2), 256).valid.all()


def test_black_fill_is_missing_on_another_grid_too(tmp_path: Path) -> None:
    pixels = np.full((3, 20, 20), 500, "uint16")
    pixels[:, :, :6] = 0
    pixels[0, 10, 12] = 0  # dark in one band alone
    first = make(tmp_path / "1.tif", ramp(20, 20))
    second = make(tmp_path / "2.tif", pixels, transform=NORTH_UP @ Affine.translation(0.5, 0.0))
    with Stack.open([first, second]) as stack:
        values, valid = stack.read(stack.grid.window, [1, 2, 3])
        assert (stack.read(stack.grid.window, [1])[1] == valid).all()
    assert not valid[:, :6].any()
    assert valid[:, 7:].all()
    assert set(np.unique(values[1, valid])) == {500.0}


@pytest.mark.parametrize(
    ("pixels", "options", "changes", "units", "value"),
    [
        (ramp(dtype="uint16", start=900), {}, {}, REFLECTANCE, 0.09),
        (ramp(dtype="uint16", start=900), {}, {"scale": 0.0002, "offset": -0.1}, REFLECTANCE, 0.08),
        (ramp(dtype="uint16", start=900), {"scales": ([0.0002], [-0.1])}, {}, REFLECTANCE, 0.08),
        (ramp(dtype="uint16", start=900), {}, {"scale": 1.0}, RAW, 900.0),
        (ramp(dtype="float32", start=900), {}, {}, RAW, 900.0),
        (ramp(dtype="float32") / 2000, {}, {}, REFLECTANCE, 0.05),
        ((ramp() % 200).astype("uint8"), {}, {}, BYTE, 100.0),
        ((ramp() % 200).astype("uint8"), {}, {"scale": 0.002}, REFLECTANCE, 0.2),
        ((ramp() % 200).astype("int8"), {}, {}, RAW, 100.0),
    ],
)
def test_scale_to_reflectance(
    tmp_path: Path, pixels: Any, options: Any, changes: Any, units: str, value: float
) -> None:
    values, _, stack = all_of(make(tmp_path / "a.tif", pixels, names=("B04",), **options), **changes)
    assert stack.bands[0].units == units
    assert values[0, 0, 0] == pytest.approx(value)


def test_a_code_outside_reflectance_is_no_measurement(tmp_path: Path) -> None:
    pixels = ramp(dtype="uint16", start=900)
    pixels[4, 4] = 65535
    values, valid, _ = all_of(make(tmp_path / "a.tif", pixels, names=("B04",)))
    assert np.argwhere(~valid).tolist() == [[4, 4]]
    assert values[0, 4, 4] == 0


@pytest.mark.parametrize(
    ("tags", "wavelength"),
    [
        ({"wavelength": "664.6", "wavelength_units": "Nanometers"}, 664.6),
        ({"WAVELENGTH": "0.6646", "wavelength_units": "Micrometers"}, 664.6),
        ({"wavelength": "0.6646"}, 664.6),
        ({"wavelength": "about red"}, None),
    ],
)
def test_bands_are_found_by_wavelength(
    tmp_path: Path, tags: dict[str, str], wavelength: float | None
) -> None:
    ref = make(tmp_path / "a.tif", ramp() / 2000)
    with rasterio.open(ref.path, "r+") as dataset:
        dataset.update_tags(1, **tags)
    _, _, stack = all_of(ref)
    assert stack.bands[0].wavelength == (None if wavelength is None else pytest.approx(wavelength))
    assert stack.bands[0].common == ("red" if wavelength else "")


def test_gdals_imagery_domain_tells_the_wavelength(tmp_path: Path) -> None:
    ref = make(tmp_path / "a.tif", ramp() / 2000)
    with rasterio.open(ref.path, "r+") as dataset:
        dataset.update_tags(1, ns="IMAGERY", CENTRAL_WAVELENGTH_UM="0.5598")
    assert all_of(ref)[2].bands[0].common == "green"


@pytest.mark.parametrize(
    ("name", "tags", "date"),
    [
        ("LE70220491999322EDC01.tif", {}, "1999-11-18"),
        ("LC08_L1TP_224078_20200518_20200601_01_T1.tif", {}, "2020-05-18"),
        ("S2A_MSIL2A_20210705T101031_N0301.tif", {}, "2021-07-05"),
        ("field 2019-12-03.tif", {}, "2019-12-03"),
        ("MOD09A1.A2020064.h18v04.tif", {}, "2020-03-04"),
        ("plain.tif", {"DATE_ACQUIRED": "2001-09-30"}, "2001-09-30"),
        ("plain.tif", {"TIFFTAG_DATETIME": "2001:09:30 10:00:00"}, None),
        ("tile_123456789.tif", {}, None),
    ],
)
def test_the_date_comes_from_tags_or_the_name(
    tmp_path: Path, name: str, tags: dict[str, str], date: str | None
) -> None:
    ref = make(tmp_path / name, ramp(), tags=tags)
    assert all_of(ref)[2].scene.date == (datetime.date.fromisoformat(date) if date else None)
    assert all_of(ref, acquired="2002-01-15")[2].scene.date == datetime.date(2002, 1, 15)


def test_palette_bands_are_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    ref = make(path, (ramp() % 5).astype("uint8"))
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {0: (0, 0, 0), 1: (255, 0, 0)})
        assert dataset.colorinterp == (ColorInterp.palette,)
    assert all_of(ref)[2].bands[0].units == CLASSES


def test_the_fingerprint_knows_file_reading_and_grid(tmp_path: Path) -> None:
    ref = make(tmp_path / "a.tif", ramp())
    first = all_of(ref)[2].source.fingerprint
    assert all_of(ref)[2].source.fingerprint == first
    assert all_of(ref, nodata=5.0)[2].source.fingerprint != first
    os.utime(ref.path, ns=(1, 1))
    assert all_of(ref)[2].source.fingerprint != first


def test_the_overview_spans_the_whole_grid(tmp_path: Path) -> None:
    pixels = np.zeros((700, 900), "float32") + np.arange(900, dtype="float32")
    with Stack.open([make(tmp_path / "a.tif", pixels)]) as stack:
        seen = stack.overview([0], 100)
        assert stack.overview([0]).pixels.shape == (1, 399 * 512)
        assert stack.overview([0], 100) is seen
    assert seen.pixels.shape == (1, 78 * 100)
    assert seen.valid.all()
    assert (seen.pixels[0] == pixels[seen.rows, seen.cols]).all()
    assert (seen.rows.min(), seen.cols.min()) == (4, 4)
    assert (seen.rows.max(), seen.cols.max()) == (695, 895)
