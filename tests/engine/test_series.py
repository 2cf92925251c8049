"""Several dates as one: medians, seasons, clouds by quality bands, and maps made from them."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from geofm.inference.bands import SENTINEL2
from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.grid import Window
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.series.clear_dates import ClearDates
from geofm.inference.engine.series.composite import medians
from geofm.inference.engine.series.dates import series_of
from geofm.inference.engine.series.frames import by_date, by_month
from geofm.inference.engine.series.season_stack import SeasonStack
from geofm.inference.engine.series.seasons import HARMONICS, NAMES, Seasons, harmonics
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import UnsupportedInput
from geofm.inference.jobs import Job, RasterRef, SampleRef, Task

QUIET = Context(lambda stage, done, total, message: None, lambda: None)
BANDS = ("B02", "B03", "B04", "B08", "B11", "B12")
SIZE = (48, 80)


def day_of(number, year=2021):
    return datetime.date(year, 1, 12) + datetime.timedelta(days=30 * number)


def crops(number, chance, year=2021):
    """Reflectance of two crops, left and right, whose peaks lie 80 days apart: (bands, rows, cols)."""
    doy = day_of(number, year).timetuple().tm_yday
    green = np.where(np.arange(SIZE[1]) < SIZE[1] // 2, doy - 150, doy - 230)
    green = np.exp(-((green / 40) ** 2)) * np.ones(SIZE)
    shown = {"B02": -0.03, "B04": -0.05, "B08": 0.3, "B11": -0.05, "B12": -0.05}
    bands = [0.12 + shown.get(name, 0.0) * green + 0.01 * chance.normal(size=SIZE) for name in BANDS]
    return np.stack(bands)


@pytest.fixture
def season(raster):
    """Writes a year of 12 dates, each with a sixth of its pixels missing here and there."""

    def write(year=2021, dates=range(12), tag="S2"):
        chance = np.random.default_rng(year)
        refs = []
        for number in dates:
            pixels = (crops(number, chance, year) * 10000).astype(np.uint16)
            pixels[:, chance.random(SIZE) < 0.15] = 0
            name = f"{tag}_{day_of(number, year):%Y%m%d}.tif"
            refs.append(raster(name, pixels, names=BANDS, nodata=0))
        return tuple(refs)

    return write


@pytest.fixture
def services(tmp_path):
    return Services.create(default_catalog(), Store(tmp_path, [], offline=True), choose_device("cpu"))


def as_one(stack):
    series = series_of(stack.bands)
    assert series is not None
    return SeasonStack(stack, series)


# --- which bands are dates of one another ----------------------------------------------------------------


def test_a_series_is_the_same_bands_on_several_dates():
    days = [datetime.date(2020, 5, 1), datetime.date(2020, 3, 1)]
    red, nir, height = SENTINEL2["B04"], SENTINEL2["B08"], replace(SENTINEL2["B04"], name="DEM", modality="e")
    dated = [replace(band, date=day, layer=n) for n, day in enumerate(days) for band in (red, nir)]
    series = series_of([*dated, replace(height, layer=2)])
    assert series.dates == tuple(sorted(days))
    # The earlier date first, wherever it stands.
    assert series.members == ((2, 0), (3, 1), (4,))
    assert series.serial == (True, True, False)
    assert series_of([red, nir]) is None
    # Without dates, or of one day, they are no series.
    assert series_of([red, replace(red, layer=1)]) is None
    assert series_of([replace(red, date=days[0]), replace(red, date=days[0], layer=1)]) is None


def test_medians_are_of_what_was_seen():
    values = np.array([[1.0, 5.0, 7.0], [3.0, 100.0, 8.0], [2.0, 7.0, 9.0]], np.float32)
    seen = np.array([[True, True, False], [True, False, False], [True, True, False]])
    assert medians(values, seen).tolist() == [2.0, 6.0, 0.0]


def test_months_follow_one_another_and_dates_cover_the_season():
    days = [datetime.date(2020, 11, 3), datetime.date(2020, 11, 20), datetime.date(2021, 2, 1)]
    frames = by_month(days, 24)
    assert [frame.day.month for frame in frames] == [11, 12, 1, 2]
    assert [len(frame.dates) for frame in frames] == [2, 0, 0, 1]
    # Of three years those 24 months that hold most dates.
    many = [datetime.date(2018, 1, 5), *(datetime.date(2019 + n // 12, n % 12 + 1, 5) for n in range(24))]
    frames = by_month(many, 24)
    assert (frames[0].day.year, len(frames)) == (2019, 24)
    assert all(frame.dates for frame in frames)
    weekly = [datetime.date(2021, 1, 1) + datetime.timedelta(days=7 * n) for n in range(52)]
    frames = by_date(weekly, 4)
    assert sum(len(frame.dates) for frame in frames) == 52
    assert [frame.day.month for frame in frames] == [2, 5, 8, 11]
    assert [frame.day for frame in by_date(days, 4)] == days


def test_harmonics_tell_when_a_signal_peaks():
    chance = np.random.default_rng(0)
    days = [datetime.date(2021, 1, 3) + datetime.timedelta(days=11 * n) for n in range(33)]
    waves = harmonics(days, HARMONICS)
    wanted = chance.normal(size=(2 * HARMONICS, 50))
    values = (2.0 + waves @ wanted).astype(np.float32)
    seen = chance.random(values.shape) > 0.4
    found = dict(zip(NAMES, Seasons(days, seen).features(values), strict=True))
    made = np.stack([found[name] for name in NAMES[2:]])
    # The ridge draws them a little towards none.
    np.testing.assert_allclose(made, wanted, atol=0.35)
    assert np.abs(made - wanted).mean() < 0.1
    values[~seen] = 99
    assert np.array_equal(Seasons(days, seen).features(values), np.stack(list(found.values())))
    nothing = Seasons(days, np.zeros_like(seen)).features(values)
    assert not nothing.any()


# --- a stack of several dates ----------------------------------------------------------------------------


def test_a_series_is_read_as_its_median_and_its_seasons(season):
    refs = season(dates=range(0, 12, 2))
    with Stack.open(refs) as stack:
        dates = [range(6 * n, 6 * n + 6) for n in range(6)]
        every, known = zip(*(stack.read(stack.grid.window, date) for date in dates), strict=True)
        shown = as_one(stack)
        assert [band.name for band in shown.bands[:6]] == list(BANDS)
        assert all(band.modality == "season" for band in shown.bands[6:])
        assert [layer.name for layer in shown.layers][1] == "season"
        assert shown.scene.date == day_of(4)
        bands = range(len(shown.bands))
        values, valid = shown.read(shown.grid.window, bands)
        expected = np.ma.median(np.ma.masked_array(every, ~np.stack(known)[:, None].repeat(6, 1)), axis=0)
        assert (valid == np.any(known, axis=0)).all()
        np.testing.assert_allclose(values[:6][:, valid], expected.data[:, valid], rtol=1e-6)
        assert np.abs(values[6:]).max(axis=(1, 2)).min() > 0
        # Parts, also beyond the grid, and single bands come out as in the whole.
        part, _ = shown.read(Window(30, 20, 60, 17), bands)
        assert np.array_equal(part[:, :, :50], values[:, 20:37, 30:])
        assert not part[:, :, 50:].any()
        some, _ = shown.read(shown.grid.window, (7, 3, 20))
        assert np.array_equal(some, values[[7, 3, 20]])
        thin = shown.overview((0, 10))
        assert np.array_equal(thin.pixels[1].reshape(SIZE), values[10])


def test_quality_bands_take_clouds_out_of_their_day(raster):
    days = [day_of(n) for n in range(4)]
    refs = []
    for number, day in enumerate(days):
        pixels = np.full((2, 20, 20), 2000, np.uint16)
        scl = np.full((20, 20), 4, np.uint8)
        if number == 1:
            pixels[:, :10], scl[:10] = 9000, 9
        refs.append(raster(f"S2_{day:%Y%m%d}.tif", pixels, names=("B04", "B08")))
        refs.append(raster(f"S2_SCL_{day:%Y%m%d}.tif", scl, names=("SCL",)))
    with Stack.open(refs) as stack:
        clear = ClearDates.of(stack)
        assert "SCL" in clear.warnings[-1]
        cloudy = [i for i, band in enumerate(clear.bands) if band.date == days[1] and band.name == "B04"]
        _, valid = clear.read(clear.grid.window, cloudy)
        assert not valid[:10].any()
        assert valid[10:].all()
        shown = as_one(clear)
        names = [band.name for band in shown.bands]
        values, _ = shown.read(shown.grid.window, (0,))
        assert values == pytest.approx(0.2)
        p90 = next(i for i, name in enumerate(names) if name.startswith("season B04 p90"))
        bright, _ = shown.read(shown.grid.window, (p90,))
        assert np.ptp(bright) == 0


# --- maps from series ------------------------------------------------------------------------------------


def agreement(path, truth):
    """Share of pixels right, whichever number a cluster has."""
    with rasterio.open(path) as made:
        found = made.read(1)
    assert (found > 0).all()
    same = float((found == found[5, 5]).mean(where=truth == truth[5, 5]))
    other = float((found != found[5, 5]).mean(where=truth != truth[5, 5]))
    return min(same, other)


TRUTH = np.broadcast_to(np.arange(SIZE[1]) >= SIZE[1] // 2, SIZE)


def test_seasons_part_what_medians_do_not(season, services, tmp_path):
    refs = season()
    job = Job(Task.CLUSTER, refs, str(tmp_path / "all.tif"), model="spectral-texture", classes=2)
    result = run_job(job, services, QUIET)
    assert agreement(job.output, TRUTH) > 0.99
    assert result.facts["observations"] == 12
    assert result.facts["dates"] == [day_of(0).isoformat(), day_of(11).isoformat()]
    assert len([note for note in result.warnings if "reflectance times 10000" in note]) == 1
    # A date in winter, when nothing grows.
    winter = Job(Task.CLUSTER, refs[:1], str(tmp_path / "one.tif"), model="spectral-texture", classes=2)
    run_job(winter, services, QUIET)
    with rasterio.open(winter.output) as made:
        found = made.read(1)
    assert abs(float((found == 1).mean(where=TRUTH)) - float((found == 1).mean(where=~TRUTH))) < 0.2


@pytest.fixture
def labels(tmp_path):
    points = [(x, y, "early" if x < 40 else "late") for x in (8, 20, 32, 48, 60, 72) for y in (6, 18, 30, 42)]
    with_map = [shapely.Point(600000 + 10 * x + 5, 5000000 - 10 * y - 5) for x, y, _ in points]
    path = tmp_path / "labels.gpkg"
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(with_map)), [np.array([c for *_, c in points], object)], ["crop"],
        crs="EPSG:32633", geometry_type="Point", driver="GPKG", layer="labels",
    )
    return SampleRef(str(path), field="crop")


def test_a_classifier_of_one_year_maps_the_next(season, services, raster, labels, tmp_path):
    first = season()
    with rasterio.open(first[0].path) as source:
        left, top = source.transform.c, source.transform.f
    assert (left, top) == (600000.0, 5000000.0)
    taught = str(tmp_path / "crops.geofm")
    train = Job(Task.TRAIN, first, taught, model="spectral-texture", samples=labels, method="fast")
    run_job(train, services, QUIET)
    # Another year, seen on other days.
    second = season(2022, (0, 2, 3, 4, 5, 6, 7, 8, 10), "next")
    out = str(tmp_path / "next.tif")
    run_job(Job(Task.CLASSIFY, second, out, classifier=taught), services, QUIET)
    assert agreement(out, TRUTH) > 0.97
    # Not a single date.
    with pytest.raises(UnsupportedInput, match="fitted to several dates"):
        run_job(Job(Task.CLASSIFY, second[:1], out, classifier=taught), services, QUIET)


def test_a_classifier_of_one_date_maps_a_series_by_its_median(season, services, labels, tmp_path):
    refs = season(dates=range(3, 8))
    taught, out = str(tmp_path / "one.geofm"), str(tmp_path / "map.tif")
    job = Job(Task.TRAIN, refs[2:3], taught, model="spectral-texture", samples=labels, method="fast")
    run_job(job, services, QUIET)
    run_job(Job(Task.CLASSIFY, refs, out, classifier=taught), services, QUIET)
    with rasterio.open(out) as made:
        # A pixel or two were seen on none of the dates.
        assert (made.read(1) > 0).mean() > 0.999


def test_a_model_of_one_date_gets_the_median_and_says_so(season, raster, models, tmp_path):
    refs = season(dates=range(4, 9))
    store = Store(tmp_path, [models], offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    many = Job(Task.EMBED, refs, str(tmp_path / "many.tif"), model="presto")
    result = run_job(many, services, QUIET)
    assert not any("single date" in note for note in result.warnings)
    encoder = services.models.get(store.settled(services.catalog.get("presto"), QUIET), QUIET)
    encoder.takes_series = False
    try:
        result = run_job(replace_output(many, tmp_path / "median.tif"), services, QUIET)
    finally:
        del encoder.takes_series
    told = "presto takes a single date: it gets the median of each pixel's 5 dates."
    assert told in result.warnings
    with rasterio.open(many.output) as one, rasterio.open(tmp_path / "median.tif") as other:
        assert np.abs(one.read() - other.read()).max() > 0.1


def test_a_model_is_taught_with_however_many_features_of_the_season_stand_beside_it(
    season, labels, models, tmp_path
):
    store = Store(tmp_path, [models], offline=True)
    services = Services.create(default_catalog(), store, choose_device("cpu"))
    job = Job(
        Task.TRAIN, season(dates=range(3, 8)), str(tmp_path / "c.geofm"),
        model="presto", samples=labels, method="fast",
    )  # fmt: skip
    result = run_job(job, services, QUIET)
    assert result.model == "presto"
    assert not any("left out" in note for note in result.warnings)


def replace_output(job, path):
    return replace(job, output=str(path))


def test_blocks_do_not_show_in_a_map(season, services, tmp_path, monkeypatch):
    refs = season(dates=range(0, 12, 3))
    whole = Job(Task.CLUSTER, refs, str(tmp_path / "a.tif"), model="spectral-texture", classes=3)
    run_job(whole, services, QUIET)
    monkeypatch.setattr("geofm.inference.engine.features.of_jobs._MOST_NUMBERS", 1 << 18)
    monkeypatch.setattr("geofm.inference.engine.series.season_stack._MOST_NUMBERS", 1 << 12)
    monkeypatch.setattr("geofm.inference.engine.series.season_stack._AT_ONCE", 1 << 7)
    small = replace_output(whole, tmp_path / "b.tif")
    run_job(small, services, QUIET)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_a_file_of_several_dates_is_a_series(raster):
    days = [day_of(n) for n in range(3)]
    pixels = np.stack([np.full((10, 10), 1000 * (n + 1), np.uint16) for n in range(6)])
    names = [f"{day.isoformat()} {band}" for day in days for band in ("B04", "B08")]
    ref = raster("stack.tif", pixels, names=names)
    with Stack.open((ref,)) as stack:
        assert [band.name for band in stack.bands] == ["B04", "B08"] * 3
        assert [layer.date for layer in stack.layers] == days
        shown = as_one(stack)
        values, _ = shown.read(shown.grid.window, (0, 1))
        assert values[0] == pytest.approx(0.3)
        assert values[1] == pytest.approx(0.4)
    # A date that the user gives is that of all of it.
    with Stack.open((RasterRef(ref.path, acquired="2020-01-01"),)) as stack:
        assert series_of(stack.bands) is None
