"""What a layer shows, guessed from bands, metadata, name and pixels."""

from __future__ import annotations

import pytest

from geofm.inference import bands as band_names
from geofm.inference.bands import Band
from geofm.inference.labels import BandTags, Labels
from geofm.inference.modality import (
    BANDS,
    METADATA,
    MODALITIES,
    NAME,
    NOTHING,
    PIXELS,
    Clues,
    Guess,
    guess,
    implied_names,
)


def unknown(count: int) -> tuple[Band, ...]:
    return band_names.identify("", [""] * count)


@pytest.mark.parametrize(
    ("name", "count", "modality"),
    [
        ("S2A_MSIL2A_20190704T101031_N0213_R022_T32TPS.tif", 12, "sentinel-2"),
        ("T34UCF_20230704T101031_B04_10m.jp2", 1, "sentinel-2"),
        ("LC08_L1TP_224078_20200518_20200518_01_RT.TIF", 7, "landsat"),
        ("LE70220491999322EDC01_stack.gtif", 8, "landsat"),
        ("S1A_IW_GRDH_1SDV_20190704T051256.tif", 2, "sentinel-1"),
        ("srtm_38_03.tif", 1, "elevation"),
        ("Copernicus_DSM_COG_10_N47_00_E010_00_DEM.tif", 1, "elevation"),
        ("elevation.tif", 1, "elevation"),
        ("dgm1_tirol.tif", 1, "elevation"),
        ("S2A_20190704_dem.tif", 1, "elevation"),
        ("dem_slope.tif", 1, "other"),
        ("dem.tif", 3, "other"),
        ("PRS_L2D_STD_20200816.he5", 230, "hyperspectral"),
        ("ENMAP01-____L2A-DT0000001.tif", 224, "hyperspectral"),
        ("dop20_rgbi_32_351.tif", 4, "aerial"),
        ("orthophoto_2021.tif", 3, "aerial"),
        ("patch_445.tif", 12, "other"),
        ("democracy.tif", 1, "other"),
    ],
)
def test_the_name_tells(name: str, count: int, modality: str) -> None:
    found = guess(Clues(unknown(count), names=(name,)))
    assert found == Guess(modality, NAME if modality != "other" else NOTHING)
    assert modality in MODALITIES


def test_the_layers_name_tells_where_the_files_does_not() -> None:
    assert guess(Clues(unknown(1), names=("x7.tif", "SRTM heights"))).modality == "elevation"


@pytest.mark.parametrize(
    ("descriptions", "modality"),
    [
        (("B02", "B03", "B04", "B8A"), "sentinel-2"),
        (("VV", "VH"), "sentinel-1"),
        (("oli:B2", "oli:B3", "QA"), "landsat"),
        (("elevation",), "elevation"),
    ],
)
def test_bands_come_before_the_name(descriptions: tuple[str, ...], modality: str) -> None:
    found = guess(Clues(band_names.identify("", descriptions), names=("orthophoto.tif",)))
    assert found == Guess(modality, BANDS)
    assert found.certain


def test_a_spectrometer_is_known_by_its_wavelengths() -> None:
    wavelengths = [400.0 + 10 * index for index in range(100)]
    assert guess(Clues(band_names.identify("", [""] * 100, wavelengths))) == Guess("hyperspectral", BANDS)


def test_metadata_come_before_the_name() -> None:
    found = guess(Clues(unknown(4), "LANDSAT_8 OLI_TIRS", ("orthophoto.tif",)))
    assert found == Guess("landsat", METADATA)


@pytest.mark.parametrize(
    ("count", "gsd", "dtype", "modality"),
    [
        (12, 10.0, "UInt16", "sentinel-2"),
        (12, 30.0, "UInt16", "other"),
        (4, 0.2, "Byte", "aerial"),
        (3, 10.0, "Byte", "other"),
        (200, 30.0, "Int16", "hyperspectral"),
        (192, 40.0, "Float32", "other"),
    ],
)
def test_pixels_tell_what_is_left(count: int, gsd: float, dtype: str, modality: str) -> None:
    found = guess(Clues(unknown(count), gsd=gsd, dtype=dtype))
    assert found == Guess(modality, PIXELS if modality != "other" else NOTHING)
    assert not found.certain


def test_bands_follow_from_what_a_layer_is() -> None:
    assert implied_names("elevation", [""], "x.tif") == ("DEM",)
    assert implied_names("sentinel-1", ["Band 1", "Band 2"], "x.tif") == ("VV", "VH")
    assert implied_names("sentinel-1", ["Band 1"], "s1a-iw-grd-vh-20190704.tif") == ("VH",)


@pytest.mark.parametrize(
    ("modality", "descriptions"),
    [
        # The file has them the other way round.
        ("sentinel-1", ["Band 1: VH", "Band 2: VV"]),
        ("sentinel-1", ["Band 1"]),
        ("elevation", ["Band 1", "Band 2"]),
        ("sentinel-2", ["Band 1"] * 12),
        ("", ["Band 1"]),
    ],
)
def test_nothing_follows_where_there_is_doubt(modality: str, descriptions: list[str]) -> None:
    assert implied_names(modality, descriptions, "x.tif") == ()


def test_a_file_says_its_platform_and_where_its_date_is_from() -> None:
    tags = {"SPACECRAFT_NAME": "Sentinel-2A", "PRODUCT_START_TIME": "2019-07-04T10:10:31Z"}
    told = Labels("scene_20200101.tif", [BandTags("", {}, {})], tags, {}, {})
    assert told.platform() == "Sentinel-2A"
    assert str(told.acquired_by_metadata()) == str(told.acquired()) == "2019-07-04"
    silent = Labels("scene_20200101.tif", [BandTags("", {}, {})], {}, {}, {})
    assert silent.platform() == ""
    assert silent.acquired_by_metadata() is None
    assert str(silent.acquired()) == "2020-01-01"
