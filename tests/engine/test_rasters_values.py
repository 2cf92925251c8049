"""Numbers as stored become values: every type, every way of saying "no data", every scale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from geofm.inference.bands import BYTE, CLASSES, RAW, REFLECTANCE
from geofm.inference.engine.rasters import Stack
from geofm.inference.errors import InvalidRequest, UnsupportedInput
from geofm.inference.jobs import RasterRef

Write = Callable[..., RasterRef]
HALF = Affine(10, 0, 600005, 0, -10, 5000000)


def opened(ref: RasterRef, **changes: object) -> tuple[np.ndarray, np.ndarray, Stack]:
    with Stack.open([RasterRef(ref.path, **changes)]) as stack:  # type: ignore[arg-type]
        values, valid = stack.read(stack.grid.window, range(len(stack.bands)))
    return values, valid, stack


@pytest.mark.parametrize(
    "dtype",
    ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"],
)
def test_numbers_of_every_type_arrive(raster: Write, dtype: str) -> None:
    kind = np.dtype(dtype)
    low, high = (-1e30, 1e30) if kind.kind == "f" else (np.iinfo(kind).min, np.iinfo(kind).max)
    # Float32 holds whole numbers up to 2**24; half of the range is a power of two in all of them.
    numbers = np.array([low, 0, 1, 7, 100, 127, high // 2 + 1 if kind.kind != "f" else 0.7, 3]).astype(kind)
    values, valid, _ = opened(raster("a.tif", numbers.reshape(2, 4)))
    assert valid.all()
    assert values.ravel().tolist() == [float(np.float32(number)) for number in numbers.tolist()]


@pytest.mark.parametrize("dtype", ["complex64", "complex128", "complex_int16"])
def test_complex_numbers_are_refused_with_a_hint(tmp_path: Path, dtype: str) -> None:
    size = {"width": 3, "height": 3, "count": 1, "crs": "EPSG:32633", "transform": HALF}
    with rasterio.open(tmp_path / "slc.tif", "w", driver="GTiff", dtype=dtype, **size):
        pass
    with pytest.raises(UnsupportedInput, match="slc.tif holds complex numbers") as caught:
        opened(RasterRef(str(tmp_path / "slc.tif")))
    assert "amplitude" in caught.value.hint


@pytest.mark.parametrize("factor", [(0.0001, -0.1), (2.75e-5, -0.2), (1e-9, 0.0)])
def test_large_whole_numbers_keep_their_digits_until_they_are_scaled(
    raster: Write, factor: tuple[float, float]
) -> None:
    numbers = np.array([[3_000_000_001, 3_000_000_513, 16_777_217, 5]], "uint32")
    scale, offset = factor
    values, _, _ = opened(raster("a.tif", numbers), scale=scale, offset=offset)
    assert (values[0] == (numbers.astype("float64") * scale + offset).astype("float32")).all()


@pytest.mark.parametrize("changes", [{"scale": 0}, {"scale": float("inf")}, {"offset": float("nan")}])
def test_a_scale_that_leaves_nothing_is_refused(raster: Write, changes: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest, match="would leave no values"):
        opened(raster("a.tif", np.ones((3, 3), "uint16")), **changes)


def vrt(path: Path, bands: str) -> RasterRef:
    path.write_text(
        '<VRTDataset rasterXSize="6" rasterYSize="4"><SRS>EPSG:32633</SRS>'
        f"<GeoTransform>600000,10,0,5000000,0,-10</GeoTransform>{bands}</VRTDataset>",
        encoding="utf-8",
    )
    return RasterRef(str(path))


def source(name: str, band: int = 1) -> str:
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="1">{name}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand></SimpleSource>"
    )


@pytest.mark.parametrize("place", ["its own grid", "another grid"])
def test_bands_of_a_vrt_differ_in_type_and_nodata(raster: Write, tmp_path: Path, place: str) -> None:
    # The type that holds both is float64, where 0.1 is not what float32 calls 0.1.
    whole, real = np.full((4, 6), 7, "uint32"), np.full((4, 6), 0.5, "float32")
    whole[1, 1], real[2, 3] = 4294967295, 0.1
    raster("whole.tif", whole)
    raster("real.tif", real)
    ref = vrt(
        tmp_path / "both.vrt",
        '<VRTRasterBand dataType="UInt32" band="1"><NoDataValue>4294967295</NoDataValue>'
        + source("whole.tif")
        + '</VRTRasterBand><VRTRasterBand dataType="Float32" band="2"><NoDataValue>0.1</NoDataValue>'
        + source("real.tif")
        + "</VRTRasterBand>",
    )
    target = raster(
        "grid.tif", np.zeros((4, 6), "uint8"), **({} if place == "its own grid" else {"transform": HALF})
    )
    with Stack.open([target, ref]) as stack:
        one, valid_one = stack.read(stack.grid.window, [1])
        two, valid_two = stack.read(stack.grid.window, [2])
        _, both = stack.read(stack.grid.window, [1, 2])
    assert set(one[0][valid_one].tolist()) == {7.0}
    assert set(two[0][valid_two].tolist()) == {0.5}
    assert not valid_one.all()
    assert not valid_two.all()
    assert (both == (valid_one & valid_two)).all()


def test_a_mask_of_one_band_is_its_own(raster: Write, tmp_path: Path) -> None:
    seen = np.full((4, 6), 255, "uint8")
    seen[:, :2] = 0
    raster("numbers.tif", np.where(seen > 0, 90, 17).astype("uint8"))
    raster("mask.tif", seen)
    mask = '<MaskBand><VRTRasterBand dataType="Byte">' + source("mask.tif") + "</VRTRasterBand></MaskBand>"
    ref = vrt(
        tmp_path / "masked.vrt",
        f'<VRTRasterBand dataType="Byte" band="1">{source("numbers.tif")}{mask}</VRTRasterBand>'
        f'<VRTRasterBand dataType="Byte" band="2">{source("numbers.tif")}</VRTRasterBand>',
    )
    with Stack.open([ref]) as stack:
        _, valid = stack.read(stack.grid.window, [0])
        _, both = stack.read(stack.grid.window, [1, 0])
        _, unmasked = stack.read(stack.grid.window, [1])
    assert (valid == (seen > 0)).all()
    assert (both == valid).all()
    assert unmasked.all()
    moved = raster("grid.tif", np.zeros((4, 6), "uint8"), transform=HALF)
    with pytest.raises(UnsupportedInput, match="masks of single bands") as caught, Stack.open([moved, ref]):
        pass
    assert "nodata" in caught.value.hint


@pytest.mark.parametrize("transform", [Affine(10, 0, 600000, 0, -10, 5000000), HALF])
def test_three_numbers_for_no_data(raster: Write, transform: Affine) -> None:
    numbers = np.full((12, 12), 2000, "uint16")
    numbers[2, 2], numbers[5, 5], numbers[8, 8] = 9999, 40000, 0
    about = {"PRODUCT_TYPE": "S2MSI2A", "BOA_QUANTIFICATION_VALUE": "10000", "SPECIAL_VALUE_NODATA": "0"}
    first = raster("grid.tif", np.zeros((12, 12), "uint8"), transform=transform)
    ref = raster("a.tif", numbers, nodata=40000, about=about, names=["B04"])
    with Stack.open([first, RasterRef(ref.path, nodata=9999)]) as stack:
        values, valid = stack.read(stack.grid.window, [1])
    assert np.allclose(values[0][valid], 0.2)
    if transform == HALF:
        # The last column lies on the edge; the others miss one pixel for each that is missing.
        assert (~valid[:, :-1]).sum() == 3
    else:
        assert np.argwhere(~valid).tolist() == [[2, 2], [5, 5], [8, 8]]


def test_statistics_that_a_file_brings_are_not_believed(raster: Write) -> None:
    pixels = np.arange(1200, dtype="uint16").reshape(30, 40) + 800
    stale = {
        "STATISTICS_MINIMUM": "0",
        "STATISTICS_MAXIMUM": "1",
        "STATISTICS_MEAN": "0.5",
        "STATISTICS_STDDEV": "0",
    }
    plain = opened(raster("a.tif", pixels, names=["B04"]))
    tagged = opened(raster("b.tif", pixels, names=["B04"], tags=[stale]))
    assert (tagged[0] == plain[0]).all()
    assert (plain[0][0] == (pixels * 1e-4).astype("float32")).all()
    assert tagged[2].bands == plain[2].bands


def test_sixteen_bits_are_not_cut_to_eight(raster: Write) -> None:
    pixels = np.array([[0.7, 300.5, -1.0, 65535.0]], "float32")
    assert opened(raster("a.tif", pixels))[0].ravel().tolist() == pixels.ravel().tolist()


def test_values_that_cannot_be_reflectance_are_told_and_not_called_so(raster: Write) -> None:
    for pixels, changes in (
        (np.full((9, 9), 800, "int16"), {"scale": 1.0}),
        (np.linspace(3, 250, 81).reshape(9, 9).astype("float32"), {}),
        (np.full((9, 9), 9000, "uint16"), {"scale": 0.01}),
    ):
        _, _, stack = opened(raster("a.tif", pixels, names=["B04"]), **changes)
        assert stack.bands[0].units == RAW
        assert any("B04 in a.tif are not reflectance" in text for text in stack.warnings)
    _, _, stack = opened(raster("a.tif", np.full((9, 9), 0.3, "float32"), names=["B04"]))
    assert stack.bands[0].units == REFLECTANCE
    assert not any("not reflectance" in text for text in stack.warnings)


def test_the_user_says_which_band_holds_classes(raster: Write) -> None:
    codes = np.arange(144, dtype="uint8").reshape(12, 12) % 5
    first = raster("grid.tif", np.zeros((12, 12), "uint8"), transform=HALF)
    second = raster("cover.tif", codes)
    with Stack.open([first, RasterRef(second.path, names=("classes",))]) as stack:
        values, valid = stack.read(stack.grid.window, [1])
        assert stack.bands[1].units == CLASSES
    assert set(np.unique(values[0][valid])) <= {0.0, 1.0, 2.0, 3.0, 4.0}
    with Stack.open([first, second]) as stack:
        blended, _ = stack.read(stack.grid.window, [1])
    assert set(np.unique(blended)) - {0.0, 1.0, 2.0, 3.0, 4.0}


@pytest.mark.parametrize(("dtype", "known"), [("uint8", ["red", "green", "blue"]), ("uint16", ["", "", ""])])
def test_the_colours_of_a_photograph_name_its_bands(raster: Write, dtype: str, known: list[str]) -> None:
    pixels = np.random.default_rng(0).integers(1, 250, (3, 20, 20)).astype(dtype)
    _, _, stack = opened(raster("a.tif", pixels, photometric="RGB"))
    assert [band.common for band in stack.bands] == known
    assert {band.units for band in stack.bands} == ({BYTE} if dtype == "uint8" else {RAW})
