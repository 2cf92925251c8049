"""Series from real files through the encoders, against what the authors' own code makes of them."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.backbones.galileo import Galileo
from geofm.inference.engine.backbones.presto import Presto
from geofm.inference.engine.base import Context
from geofm.inference.engine.features.space import encode_area
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.series.dates import series_of
from geofm.inference.engine.series.season_stack import SeasonStack

FAMILY = "prithvi"
QUIET = Context(lambda stage, done, total, message: None, lambda: None)
BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")


def months_from(first, count):
    return [datetime.date(2021 + (first + n) // 12, (first + n) % 12 + 1, 11) for n in range(count)]


def encoded(encoder, refs):
    """(dim, rows, cols) of a series of files, as ``embed`` has it."""
    with Stack.open(refs) as stack:
        series = series_of(stack.bands)
        assert series is not None
        seen = SeasonStack(stack, series)
        features, known = encode_area(encoder, seen, seen.grid.window, QUIET)
    return np.where(known, features, np.nan)


# --- Presto: a series of months for each pixel -----------------------------------------------------------


@pytest.fixture(scope="module")
def presto(models):
    card = default_catalog().get("presto")
    return Presto.load(card, models / "presto" / "default_model.pt", "cpu")


def files_of_pixel(raster, pixels, days, lat, lon, number):
    """One file a month of a single pixel at its own place; pixels (months, bands), NaN where unseen."""
    place = Affine(1e-4, 0, lon - 5e-5, 0, -1e-4, lat + 5e-5)
    return [
        raster(
            f"S2_{number}_{day:%Y%m%d}.tif", one.astype(np.uint16)[:, None, None], names=BANDS,
            crs="EPSG:4326", transform=place,
        )
        for day, one in zip(days, pixels, strict=True)
        if np.isfinite(one).all()
    ]


@pytest.mark.parametrize("name", ["s2_12months", "s2_missing_months", "s2_t3"])
def test_presto_sees_months_as_its_authors_do(presto, reference, raster, name):
    folder = reference / "presto" / name
    given, wanted = np.load(folder / "inputs.npz"), np.load(folder / "outputs.npz")["embedding"]
    pixels = given["raw__s2"].astype(float)
    # Sentinel-2's bands are 2 to 11 of the mask.
    pixels[given["mask"][:, :, 2:12].max(axis=2) > 0] = np.nan
    days = months_from(int(given["month"]), pixels.shape[1])
    for number in (0, 5, 11):
        lat, lon = given["latlons"][number].astype(float)
        refs = files_of_pixel(raster, pixels[number], days, lat, lon, number)
        found = encoded(presto, refs)
        assert found.shape == (128, 1, 1)
        np.testing.assert_allclose(found[:, 0, 0], wanted[number], atol=2e-5)


def test_presto_masks_the_months_that_a_pixel_misses(presto, raster):
    """One pixel misses two months by no-data, its neighbour's files are whole: each is as if alone."""
    chance = np.random.default_rng(0)
    days = months_from(2, 8)
    pixels = chance.integers(300, 4000, (8, 10, 1, 2))
    gappy = pixels.copy()
    gappy[2:4, :, :, 0] = 0
    gappy[5, :, :, 1] = 0

    def files(stack, name, chosen=range(8), nodata=0):
        return [
            raster(f"S2_{name}_{days[n]:%Y%m%d}.tif", stack[n].astype(np.uint16), names=BANDS, nodata=nodata)
            for n in chosen
        ]

    found = encoded(presto, files(gappy, "a"))
    left = encoded(presto, files(pixels, "b", (0, 1, 4, 5, 6, 7)))
    right = encoded(presto, files(pixels, "c", (0, 1, 2, 3, 4, 6, 7)))
    np.testing.assert_allclose(found[:, 0, 0], left[:, 0, 0], atol=1e-5)
    np.testing.assert_allclose(found[:, 0, 1], right[:, 0, 1], atol=1e-5)
    assert np.abs(left - right).max() > 0.05
    # The month that stands for several dates is their median, whatever a cloud did to one of them.
    again = pixels.copy()
    again[1] = 9000
    twice = [*files(pixels, "d"), *(
        raster(f"S2_d_{days[1] + datetime.timedelta(days=n):%Y%m%d}.tif", one.astype(np.uint16), names=BANDS)
        for n, one in ((3, pixels[1]), (6, again[1]))
    )]
    np.testing.assert_allclose(encoded(presto, twice), encoded(presto, files(pixels, "e")), atol=1e-5)


# --- Galileo: dates are its time axis --------------------------------------------------------------------


def test_galileo_sees_dates_as_its_authors_do(models, reference, raster):
    folder = reference / "galileo" / "s2_t3_p8"
    given, wanted = np.load(folder / "inputs.npz"), np.load(folder / "outputs.npz")["patch_tokens"]
    card = replace(default_catalog().get("galileo-nano"), window=32, stride=8)
    encoder = Galileo.load(card, [models / "galileo-nano" / name for name in weights_of(card)], "cpu")
    # Indices of these months count from 0. Bands without a coordinate system lie nowhere, as in the case.
    days = [datetime.date(2022, int(month) + 1, 20) for month in given["months"][0]]
    refs = []
    for number, day in enumerate(days):
        pixels = np.moveaxis(given["raw__s2"][:, :, number], -1, 0).astype(np.uint16)
        place = Affine(10, 0, 0, 0, -10, 320)
        refs.append(raster(f"S2_{day:%Y%m%d}.tif", pixels, names=BANDS, crs=None, transform=place))
    # The case leaves NDVI out, which the encoder makes where it can.
    groups = encoder.groups
    encoder.groups = lambda steps: {name: one for name, one in groups(steps).items() if name != "NDVI"}
    flat = encoded(encoder, refs).reshape(128, -1).T
    np.testing.assert_allclose(flat, wanted[0], atol=2e-5)


def weights_of(card):
    return [asset.filename for asset in card.assets]


def test_galileo_looks_past_patches_that_a_date_misses(models, raster):
    """What lies under a gap changes nothing, and a date that is nowhere seen is as if it were not there."""
    card = default_catalog().get("galileo-nano")
    encoder = Galileo.load(card, [models / "galileo-nano" / name for name in weights_of(card)], "cpu")
    chance = np.random.default_rng(1)
    pixels = chance.integers(300, 4000, (3, 10, 16, 16)).astype(np.uint16)
    days = months_from(3, 3)

    def files(name, stack):
        return [
            raster(f"S2_{name}_{day:%Y%m%d}.tif", one, names=BANDS, nodata=0)
            for day, one in zip(days, stack, strict=True)
        ]

    whole = encoded(encoder, files("a", pixels))
    holed = pixels.copy()
    holed[1, :, :8, :8] = 0
    cut = encoded(encoder, files("b", holed))
    assert np.abs(cut - whole).max() > 0.01
    assert np.isfinite(cut).all()
    gone = pixels.copy()
    gone[1] = 0
    never = encoded(encoder, files("c", gone))
    assert np.abs(never - cut).max() > 0.01
    # Months count by their code, dates by their order: the third is the third still.
    assert np.isfinite(never).all()


# --- Prithvi: frames with their dates --------------------------------------------------------------------

HLS = ("B02", "B03", "B04", "B8A", "B11", "B12")


@pytest.mark.parametrize("name", ["tl_t3_coords", "tl_t3_nocoords"])
def test_prithvi_sees_frames_as_its_authors_do(reduced, reference, raster, name):
    folder = reference / "prithvi_eo_v2" / name
    given, answers = np.load(folder / "inputs.npz"), np.load(folder / "outputs.npz")
    wanted = answers["feature_2"]
    encoder = reduced(name)
    pixels = given["raw__x"]
    side = pixels.shape[-1]
    encoder.window = side
    for number in (0, 1):
        if "temporal_coords" in given:
            years = given["temporal_coords"][number]
            days = [datetime.date(int(y), 1, 1) + datetime.timedelta(days=int(d) - 1) for y, d in years]
            lat, lon = given["location_coords"][number].astype(float)
            place = {"crs": "EPSG:4326", "transform": around(lat, lon, side)}
        else:
            days, place = months_from(4, 3), {"crs": None, "transform": Affine(30, 0, 0, 0, -30, 0)}
            encoder._network.temporal_embed_enc = None
        refs = [
            raster(f"HLS_{number}_{day:%Y%m%d}.tif", frame.astype(np.uint16), names=HLS, **place)
            for frame, day in zip(np.moveaxis(pixels[number], 1, 0), days, strict=True)
        ]
        found = encoded(encoder, refs)
        frames = wanted[number, 1:].reshape(3, side // 16, side // 16, -1)
        np.testing.assert_allclose(found, np.moveaxis(frames.mean(axis=0), -1, 0), atol=2e-5)


def around(lat, lon, side):
    """A grid of pixels of about 30 m whose middle is a place."""
    step = 30 / 111_320
    return Affine(step, 0, lon - step * side / 2, 0, -step, lat + step * side / 2)


def test_prithvi_looks_past_patches_that_a_date_misses(reduced, raster):
    encoder = reduced("tl_t3_coords")
    chance = np.random.default_rng(2)
    pixels = chance.integers(300, 4000, (3, 6, 64, 64)).astype(np.uint16)
    days = months_from(3, 3)

    def found(name, stack):
        refs = [
            raster(f"HLS_{name}_{day:%Y%m%d}.tif", one, names=HLS, nodata=0)
            for day, one in zip(days, stack, strict=True)
        ]
        return encoded(encoder, refs)

    holed = pixels.copy()
    holed[1, :, :16, :16] = 0
    masked = found("a", holed)
    assert np.isfinite(masked).all()
    frames = encoder.encode_frames
    assert np.abs(masked - found("b", pixels)).max() > 1e-4
    # Looked at instead of masked, the filled patch would change the others.
    encoder.encode_frames = lambda values, seen, *rest: frames(values, np.ones_like(seen), *rest)
    assert np.abs(masked - found("a", holed)).max() > 1e-4
