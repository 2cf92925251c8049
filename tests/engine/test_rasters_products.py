"""Known products and metadata: what a band is and what its numbers mean, from the file itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from geofm.inference.bands import CLASSES, KELVIN, RAW, REFLECTANCE
from geofm.inference.engine.rasters import Stack
from geofm.inference.jobs import RasterRef

Write = Callable[..., RasterRef]
NUMBERS = np.arange(1100, 1400, dtype="uint16").reshape(15, 20)
PRODUCT = "S2B_MSIL2A_20230823T095559_N0509_R122_T34UCF_20230823T124759"
SCHEMA = "https://psd-14.sentinel2.eo.esa.int/PSD"


def opened(path: object, **changes: Any) -> tuple[np.ndarray, np.ndarray, Stack]:
    with Stack.open([RasterRef(str(path), **changes)]) as stack:
        values, valid = stack.read(stack.grid.window, range(len(stack.bands)))
    return values, valid, stack


@pytest.fixture
def safe(tmp_path: Path) -> Path:
    """A Sentinel-2 product of baseline 05.09 as ESA lays it out, with four bands of 64 pixels."""
    safe = tmp_path / f"{PRODUCT}.SAFE"
    granule = "GRANULE/L2A_T34UCF_A033753_20230823T095553"
    (safe / granule / "IMG_DATA/R10m").mkdir(parents=True)
    images = [
        f"{granule}/IMG_DATA/R10m/T34UCF_20230823T095559_{name}_10m" for name in ("B02", "B03", "B04", "B08")
    ]
    place = {"crs": "EPSG:32634", "transform": Affine(10, 0, 300000, 0, -10, 6100020)}
    for number, image in enumerate(images):
        profile = {"driver": "JP2OpenJPEG", "width": 64, "height": 64, "count": 1, "dtype": "uint16", **place}
        with rasterio.open(safe / f"{image}.jp2", "w", QUALITY="100", REVERSIBLE="YES", **profile) as dataset:
            dataset.write(delivered(number), 1)
    offsets = "".join(f'<BOA_ADD_OFFSET band_id="{i}">-1000</BOA_ADD_OFFSET>' for i in range(13))
    (safe / "MTD_MSIL2A.xml").write_text(
        f'<n1:Level-2A_User_Product xmlns:n1="{SCHEMA}/User_Product_Level-2A.xsd"><n1:General_Info>'
        "<Product_Info><PRODUCT_START_TIME>2023-08-23T09:55:59.024Z</PRODUCT_START_TIME>"
        f"<PRODUCT_URI>{PRODUCT}.SAFE</PRODUCT_URI><PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE><PROCESSING_BASELINE>05.09</PROCESSING_BASELINE>"
        "<Query_Options><PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT></Query_Options><Product_Organisation>"
        '<Granule_List><Granule granuleIdentifier="S2B_OPER_MSI_L2A_TL_A033753_T34UCF_N05.09" '
        'imageFormat="JPEG2000">'
        + "".join(f"<IMAGE_FILE>{image}</IMAGE_FILE>" for image in images)
        + "</Granule></Granule_List></Product_Organisation></Product_Info><Product_Image_Characteristics>"
        "<Special_Values><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>"
        "<SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX></Special_Values><QUANTIFICATION_VALUES_LIST>"
        '<BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE></QUANTIFICATION_VALUES_LIST>'
        f"<BOA_ADD_OFFSET_VALUES_LIST>{offsets}</BOA_ADD_OFFSET_VALUES_LIST></Product_Image_Characteristics>"
        "</n1:General_Info></n1:Level-2A_User_Product>"
    )
    (safe / granule / "MTD_TL.xml").write_text(
        f'<n1:Level-2A_Tile_ID xmlns:n1="{SCHEMA}/S2_PDI_Level-2A_Tile_Metadata.xsd"><n1:Geometric_Info>'
        '<Tile_Geocoding><HORIZONTAL_CS_CODE>EPSG:32634</HORIZONTAL_CS_CODE><Size resolution="10">'
        '<NROWS>64</NROWS><NCOLS>64</NCOLS></Size><Geoposition resolution="10"><ULX>300000</ULX>'
        "<ULY>6100020</ULY><XDIM>10</XDIM><YDIM>-10</YDIM></Geoposition></Tile_Geocoding>"
        "</n1:Geometric_Info></n1:Level-2A_Tile_ID>"
    )
    return safe


def delivered(number: int) -> np.ndarray:
    """Numbers as stored in a band of the product; the first rows hold nothing."""
    pixels = (np.arange(4096).reshape(64, 64) + 1050 + 100 * number).astype("uint16")
    pixels[:5] = 0
    return pixels


def test_a_sentinel_2_product_with_its_offset(safe: Path) -> None:
    address = f"SENTINEL2_L2A:{safe}/MTD_MSIL2A.xml:10m:EPSG_32634"
    values, valid, stack = opened(address, bands=(1, 2, 3, 4))
    assert [band.name for band in stack.bands] == ["B04", "B03", "B02", "B08"]
    assert {band.units for band in stack.bands} == {REFLECTANCE}
    assert stack.scene.date.month == 8
    for place, number in enumerate((2, 1, 0, 3)):
        wanted = (delivered(number).astype("float64") - 1000) / 10000
        assert np.abs(values[place][valid] - wanted[valid]).max() < 1e-6
    assert not valid[:5].any()
    assert valid[5:].all()
    assert not any("offset" in text for text in stack.warnings)


def test_single_images_of_a_product_are_known_by_their_names(safe: Path) -> None:
    files = sorted(safe.rglob("*.jp2"))
    with Stack.open([RasterRef(str(path)) for path in files]) as stack:
        values, valid = stack.read(stack.grid.window, range(4))
        assert [band.name for band in stack.bands] == ["B02", "B03", "B04", "B08"]
        assert any("processing baseline is 05.09" in text for text in stack.warnings)
    wanted = (delivered(2).astype("float64") - 1000) / 10000
    assert np.abs(values[2][valid] - wanted[valid]).max() < 1e-6
    assert (valid.any(axis=1) == (np.arange(64) >= 5)).all()


@pytest.mark.parametrize(
    ("name", "about", "changes", "value"),
    [
        ("a.tif", {"BOA_ADD_OFFSET": "-1000", "BOA_QUANTIFICATION_VALUE": "10000"}, {}, 0.01),
        ("a.tif", {"RADIO_ADD_OFFSET": "-1000", "QUANTIFICATION_VALUE": "20000"}, {}, 0.005),
        ("a.tif", {"PROCESSING_BASELINE": "04.00"}, {}, 0.01),
        ("a.tif", {"PROCESSING_BASELINE": "03.01"}, {}, 0.11),
        (f"{PRODUCT}_clip.tif", {}, {}, 0.01),
        (f"{PRODUCT.replace('N0509', 'N0301')}.tif", {}, {}, 0.11),
        (f"{PRODUCT}_clip.tif", {}, {"scale": 0.0001}, 0.01),
        (f"{PRODUCT}_clip.tif", {}, {"offset": 0.0}, 0.11),
        (f"{PRODUCT}_clip.tif", {}, {"scale": 0.0002, "offset": -0.1}, 0.12),
        ("a.tif", {}, {}, 0.11),
        ("a.tif", {}, {"offset": -0.1}, 0.01),
        ("S2_20230823.tif", {}, {}, 0.11),
    ],
)
def test_the_offset_of_sentinel_2(
    raster: Write, name: str, about: dict[str, str], changes: dict[str, Any], value: float
) -> None:
    ref = raster(name, NUMBERS, names=["B04"], about=about)
    values, _, stack = opened(ref.path, **changes)
    assert stack.bands[0].units == REFLECTANCE
    assert values[0, 0, 0] == pytest.approx(value, abs=1e-6)


def test_a_scale_in_the_file_is_the_last_word(raster: Write) -> None:
    about = {"BOA_ADD_OFFSET": "-1000", "BOA_QUANTIFICATION_VALUE": "10000"}
    ref = raster("a.tif", NUMBERS, names=["B04"], about=about)
    with rasterio.open(ref.path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.0001,), (-0.05,)
    assert opened(ref.path)[0][0, 0, 0] == pytest.approx(0.06)


@pytest.mark.parametrize(
    ("name", "about", "changes", "told"),
    [
        ("S2_20230823.tif", {}, {}, "does not tell whether that was undone in B04"),
        ("S2_20230823.tif", {}, {"offset": -0.1}, ""),
        ("S2_20230823.tif", {"BOA_ADD_OFFSET": "0"}, {}, ""),
        ("S2_20210823.tif", {}, {}, ""),
        ("a.tif", {}, {"acquired": "2022-01-25"}, "does not tell"),
        ("a.tif", {"PROCESSING_BASELINE": "04.00"}, {}, "processing baseline is 04.00: numbers -1000"),
    ],
)
def test_what_is_open_or_concluded_of_the_offset_is_told(
    raster: Write, name: str, about: dict[str, str], changes: dict[str, Any], told: str
) -> None:
    warnings = opened(raster(name, NUMBERS, names=["B04"], about=about).path, **changes)[2].warnings
    found = [text for text in warnings if "1000 higher" in text or "product codes" in text]
    assert len(found) == (1 if told else 0)
    assert all(told in text for text in found)


def test_landsat_collection_2_files(raster: Write) -> None:
    numbers = np.full((9, 9), 14545, "uint16")
    numbers[0] = 0
    stem = "LC08_L2SP_193024_20220610_20220616_02_T1_"
    refs = [raster(f"{stem}{band}.TIF", numbers, nodata=0) for band in ("SR_B4", "SR_B5", "ST_B10")]
    with Stack.open(refs) as stack:
        values, valid = stack.read(stack.grid.window, range(3))
        assert [(band.common, band.units) for band in stack.bands] == [
            ("red", REFLECTANCE),
            ("nir", REFLECTANCE),
            ("lwir11", KELVIN),
        ]
        assert any("Collection 2" in text for text in stack.warnings)
    assert values[:, 4, 4] == pytest.approx([14545 * 2.75e-5 - 0.2] * 2 + [14545 * 0.00341802 + 149.0])
    assert not valid[0].any()


def envi(path: Path, pixels: np.ndarray, header: str) -> Path:
    """Raw numbers and their header, written by hand as instruments' software does."""
    kinds = {"uint8": 1, "int16": 2, "float32": 4, "float64": 5, "uint16": 12, "uint32": 13}
    bands, rows, cols = pixels.shape
    pixels.tofile(path)
    path.with_suffix(".hdr").write_text(
        f"ENVI\nsamples = {cols}\nlines = {rows}\nbands = {bands}\nheader offset = 0\n"
        f"file type = ENVI Standard\ndata type = {kinds[pixels.dtype.name]}\n"
        "interleave = bsq\nbyte order = 0\n"
        "map info = {UTM, 1, 1, 600000, 5000000, 10, 10, 33, North, WGS-84}\n" + header
    )
    return path


@pytest.mark.parametrize(
    ("listed", "unit", "wavelengths"),
    [
        ("492.4, 664.6, 832.8", "Nanometers", [492.4, 664.6, 832.8]),
        ("0.4924, 0.6646, 0.8328", "Micrometers", [492.4, 664.6, 832.8]),
        ("0.4924, 0.6646, 0.8328", "um", [492.4, 664.6, 832.8]),
        ("492.4, 664.6, 832.8", "Unknown", [492.4, 664.6, 832.8]),
        ("0.4924, 0.6646, 0.8328", "", [492.4, 664.6, 832.8]),
        ("1, 2, 3", "Index", [None] * 3),
        ("20309, 15047, 12008", "Wavenumber", [None] * 3),
    ],
)
def test_an_envi_header(tmp_path: Path, listed: str, unit: str, wavelengths: list[float | None]) -> None:
    pixels = np.stack([np.full((8, 9), value, "int16") for value in (800, 1500, 4000)])
    pixels[:, 0, 0] = -9999
    units = f"wavelength units = {unit}\n" if unit else ""
    header = (
        f"wavelength = {{{listed}}}\n{units}data ignore value = -9999\nreflectance scale factor = 10000\n"
    )
    values, valid, stack = opened(envi(tmp_path / "cube ä.img", pixels, header))
    found = [band.wavelength for band in stack.bands]
    assert found == [None if nm is None else pytest.approx(nm) for nm in wavelengths]
    assert np.argwhere(~valid).tolist() == [[0, 0]]
    if wavelengths[0]:
        assert [band.common for band in stack.bands] == ["blue", "red", "nir"]
        assert {band.units for band in stack.bands} == {REFLECTANCE}
        assert values[:, 4, 4] == pytest.approx([0.08, 0.15, 0.4])
    else:
        assert {band.units for band in stack.bands} == {RAW}


def test_the_gain_and_offset_of_an_envi_header(tmp_path: Path) -> None:
    pixels = np.full((1, 8, 9), 1500, "uint16")
    header = "wavelength = {664.6}\nwavelength units = nm\n"
    header += "data gain values = {0.0002}\ndata offset values = {-0.1}\n"
    values, _, stack = opened(envi(tmp_path / "a.img", pixels, header))
    assert values[0, 0, 0] == pytest.approx(0.2)
    assert stack.bands[0].units == REFLECTANCE


def test_channels_of_a_spectrometer_are_no_bands_of_sentinel_2(tmp_path: Path) -> None:
    nm = np.linspace(420, 1000, 30)
    names = ", ".join(f"B{number:02d}" for number in range(1, 31))
    listed = ", ".join(f"{value:.1f}" for value in nm)
    header = f"wavelength = {{{listed}}}\nwavelength units = nm\nband names = {{{names}}}\n"
    _, _, stack = opened(envi(tmp_path / "a.img", np.full((30, 4, 5), 0.2, "float32"), header))
    for band, wanted in zip(stack.bands, nm, strict=True):
        assert band.wavelength == pytest.approx(wanted, abs=0.06)
        assert band.modality == "optical"
    assert stack.bands[12].common == "red"


@pytest.mark.parametrize("kind", ["file", "stac 1.1", "bands"])
def test_the_bands_of_a_stac_item(raster: Write, kind: str) -> None:
    facts = [("SR_B5", "nir08", 0.8647), ("SR_B4", "red", 0.6546), ("x", "", 2.201)]
    plain = [
        {"name": name, "common_name": common, "center_wavelength": um}
        if common
        else {"name": name, "center_wavelength": um}
        for name, common, um in facts
    ]
    prefixed = [
        {key if key == "name" else f"eo:{key}": value for key, value in band.items()} for band in plain
    ]
    pixels = np.full((3, 8, 9), 0.2, "float32")
    options: dict[str, Any] = {
        "file": {"about": {"eo:bands": json.dumps(plain)}},
        "stac 1.1": {"about": {"bands": json.dumps(prefixed)}},
        "bands": {"tags": [{key: str(value) for key, value in band.items()} for band in plain]},
    }[kind]
    _, _, stack = opened(raster("a.tif", pixels, **options).path)
    assert [band.common for band in stack.bands] == ["nir08", "red", "swir22"]
    assert [band.wavelength for band in stack.bands] == pytest.approx([864.7, 654.6, 2201.0])


def test_a_list_of_other_bands_says_nothing(raster: Write) -> None:
    for text in ('[{"name": "red"}]', "red, green", '{"name": "red"}', '["red", "green"]'):
        ref = raster("a.tif", np.full((2, 8, 9), 0.2, "float32"), about={"eo:bands": text})
        assert not any(band.known for band in opened(ref.path)[2].bands)


def test_the_scene_classification_is_no_measurement(raster: Write) -> None:
    ref = raster("a.tif", np.full((8, 9), 4, "uint8"), names=["SCL, Scene Classification"])
    assert opened(ref.path)[2].bands[0].units == CLASSES
