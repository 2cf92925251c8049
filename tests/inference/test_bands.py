"""A band is known by name, sensor or wavelength, never by its place in the file."""

from __future__ import annotations

import pytest

from geofm.inference import bands
from geofm.inference.bands import (
    LANDSAT_ETM,
    LANDSAT_OLI,
    SENTINEL2,
    band_named,
    find,
    guess_sensor,
    identify,
    parse_mapping,
)

ETM_NAMES = [f"band {n} reflectance" for n in (1, 2, 3, 4, 5, 7)] + ["band 6 temperature", ""]


@pytest.mark.parametrize(
    ("name", "sensor", "common"),
    [
        ("B04", "", "red"),
        ("B8A", "", "nir08"),
        ("B4", "", None),
        ("B4", "s2", "red"),
        ("B4", "etm", "nir"),
        ("band 4 reflectance", "etm", "nir"),
        ("etm:B4", "", "nir"),
        ("oli:B5", "", "nir"),
        ("nir", "", "nir"),
        ("SWIR16", "", "swir16"),
        ("sigma0_VV", "", "vv"),
        ("VH", "s1", "vh"),
        ("B99", "s2", None),
        ("something", "", None),
    ],
)
def test_names(name: str, sensor: str, common: str | None) -> None:
    band = band_named(name, sensor)
    assert (band.common if band else None) == common


@pytest.mark.parametrize(
    ("source", "sensor"),
    [
        ("/data/LE70220491999322EDC01_stack.gtif", "etm"),
        ("LT05_L2SP_224078.tif", "etm"),
        ("LC08_L1TP_224078_20200518.TIF", "oli"),
        ("S2A_MSIL2A_20200101.tif", "s2"),
        ("T32TQM_20200101T101_B04.jp2", "s2"),
        ("S1A_IW_GRDH.tif", "s1"),
        ("maple7.tif", ""),
        ("pulse1.tif", ""),
    ],
)
def test_the_file_name_says_the_sensor(source: str, sensor: str) -> None:
    assert guess_sensor(source) == sensor


def test_a_landsat_7_stack_is_read_as_its_authors_named_it() -> None:
    found = identify("LE70220491999322EDC01_stack.gtif", ETM_NAMES)
    assert [b.common for b in found] == ["blue", "green", "red", "nir", "swir16", "swir22", "lwir", ""]
    assert found[6].units == bands.KELVIN
    assert not found[7].known


def test_temperature_beside_a_number_is_not_an_optical_band() -> None:
    assert band_named("band 4 temperature", "etm") is None


def test_meaningless_names_identify_nothing() -> None:
    found = identify("patch_445.tif", ["stackstac-d2911e8f"] * 12)
    assert not any(band.known for band in found)


def test_the_users_mapping_wins() -> None:
    mapping = parse_mapping("sentinel2-l2a")
    found = identify("patch_445.tif", ["B01"] * 12, mapping=mapping)
    assert [b.name for b in found] == [n for n in SENTINEL2 if n != "B10"]
    assert not identify("x.tif", ["B04"], mapping=("-",))[0].known


def test_wavelengths_identify_unnamed_bands() -> None:
    (band,) = identify("cube.img", ["channel 30"], [665.0])
    assert band.common == "red"
    assert band.wavelength == 665.0


@pytest.mark.parametrize(
    ("name", "nm", "common", "wavelength", "modality"),
    [
        ("nir", 865.0, "nir", 865.0, "optical"),
        ("B8A", 864.0, "nir08", 864.7, "sentinel-2"),
        ("B08", 480.0, "blue", 480.0, "optical"),
        ("red", 1610.0, "swir16", 1610.0, "optical"),
        ("B04", None, "red", 664.6, "sentinel-2"),
    ],
)
def test_a_name_that_contradicts_the_wavelength_is_not_believed(
    name: str, nm: float | None, common: str, wavelength: float, modality: str
) -> None:
    (band,) = identify("cube.img", [name], [nm])
    assert (band.common, band.wavelength, band.modality) == (common, wavelength, modality)


def test_a_common_name_stands_in_for_a_name_that_says_nothing() -> None:
    found = identify("x.tif", ["a", "B03", ""], commons=["nir", "red", ""])
    assert [band.common for band in found] == ["nir", "green", ""]
    assert [band.known for band in found] == [True, True, False]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("T34UCF_20230823T095559_B04_10m.jp2", "B04"),
        ("T34UCF_20230823T095559_B8A.jp2", "B8A"),
        ("/data/LC08_L2SP_193024_20220610_20220616_02_T1_SR_B4.TIF", "B4"),
        ("LT05_L1TP_193024_20020610_20200916_02_T1_B4.TIF", "B4"),
        ("plan_B4.tif", "band 1"),
        ("T34UCF_20230823T095559_TCI.jp2", "band 1"),
    ],
)
def test_the_only_band_of_a_file_is_known_by_the_files_name(source: str, name: str) -> None:
    assert identify(source, [""])[0].name == name
    assert identify(source, ["", ""])[0].name == "band 1"


def test_a_product_is_known_by_its_address_in_gdal() -> None:
    address = "SENTINEL2_L2A:/a/S2B_MSIL2A_x.SAFE/MTD_MSIL2A.xml:10m:EPSG_32634"
    found = identify(address, ["B4, central wavelength 665 nm", "SCL, Scene Classification"], [665.0, None])
    assert [(band.name, band.units) for band in found] == [
        ("B04", bands.REFLECTANCE),
        ("SCL, Scene Classification", bands.CLASSES),
    ]


@pytest.mark.parametrize(
    ("word", "units"),
    [("classes", "classes"), ("SCL", "classes"), ("pixel_qa", "classes"), ("aqua", ""), ("height", "")],
)
def test_the_user_can_say_that_a_band_holds_classes(word: str, units: str) -> None:
    (band,) = identify("x.tif", ["whatever"], mapping=[word])
    assert (band.name, band.units, band.known) == (word, units, True)


def test_a_quality_band_is_not_a_measurement() -> None:
    assert identify("x.tif", ["Fmask"])[0].units == bands.CLASSES


def test_find_takes_name_then_common_name_then_wavelength() -> None:
    etm = identify("LE7x.tif", ETM_NAMES)
    assert find(etm, SENTINEL2["B04"]) == 2
    assert find(etm, SENTINEL2["B08"]) == 3
    assert find(etm, SENTINEL2["B05"]) is None
    assert find(identify("x", ["a", "b"], [560.0, 705.0]), SENTINEL2["B05"]) == 1
    assert find(identify("x", ["B04"]), SENTINEL2["B08"]) is None


def test_equal_numbers_of_two_landsats_are_not_one_band() -> None:
    etm = identify("LE7x.tif", [f"B{n}" for n in (1, 2, 3, 4, 5, 7, 6)])
    found = {name: find(etm, LANDSAT_OLI[name]) for name in ("B2", "B3", "B4", "B5", "B6", "B7")}
    assert found == {"B2": 0, "B3": 1, "B4": 2, "B5": 3, "B6": 4, "B7": 5}
    assert find(etm, LANDSAT_ETM["B6"]) == 6


def test_a_panchromatic_band_stands_in_for_no_other() -> None:
    """Landsat 7's has its centre at 706 nm, near a red edge of Sentinel-2."""
    etm = identify("LE7x.tif", [f"B{n}" for n in (1, 2, 3, 4, 5, 7, 8)])
    assert find(etm, LANDSAT_ETM["B8"]) == 6
    assert find(etm, SENTINEL2["B05"]) is None


def test_mapping_texts() -> None:
    assert parse_mapping(" ") == ()
    assert parse_mapping("B02, -,VV") == ("B02", "-", "VV")
    assert set(bands.PRESETS) >= {"sentinel2-l2a", "landsat-etm", "rgb"}


@pytest.mark.parametrize("preset", sorted(bands.PRESETS))
def test_every_preset_names_real_bands(preset: str) -> None:
    names = parse_mapping(preset)
    found = identify("x.tif", [""] * len(names), mapping=names)
    assert all(band.units for band in found)
    assert len({band.name for band in found}) == len(names)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/data/T34UCF_20230823T095559_SCL_20m.jp2", "SCL"),
        ("LC08_L2SP_224078_20200518_20200820_02_T1_QA_PIXEL.TIF", "QA_PIXEL"),
        ("HLS.S30.T13TEF.2021138T173859.v2.0.Fmask.tif", "Fmask"),
        ("muscle.tif", "band 1"),
    ],
)
def test_a_file_of_one_quality_band_names_it(source: str, name: str) -> None:
    (band,) = identify(source, [""])
    assert band.name == name
    assert (band.units == bands.CLASSES) == (name != "band 1")
    assert identify(source, ["", ""])[0].name == "band 1"
