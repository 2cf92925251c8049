"""Breaks in series: planted ones are found on their date, and noise alone shows no more than it may."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio

from geofm.inference.catalog import default_catalog
from geofm.inference.engine.base import Context
from geofm.inference.engine.devices import choose_device
from geofm.inference.engine.models import Services
from geofm.inference.engine.pipeline import run_job
from geofm.inference.engine.series.breaks import BreakTest
from geofm.inference.engine.tasks import breaks as breaks_task
from geofm.inference.engine.weights.store import Store
from geofm.inference.errors import Cancelled, InvalidRequest, UnsupportedInput
from geofm.inference.jobs import Extent, Job, Task, job_from_dict

QUIET = Context(lambda stage, done, total, message: None, lambda: None)
START = datetime.date(2019, 1, 5)
NODATA = -9999.0


def dates_of(count, step=30):
    """Dates that are not quite regular, as orbits and clouds leave them."""
    chance = np.random.default_rng(count)
    jitter = chance.integers(-4, 5, count)
    return [START + datetime.timedelta(days=int(step * i + jitter[i])) for i in range(count)]


def season(days):
    return np.array([0.2 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 190) / 365.25) for day in days])


@pytest.mark.parametrize(
    ("count", "harmonics", "gaps"), [(10, 1, 0.0), (36, 1, 0.0), (36, 2, 0.3), (80, 1, 0.5)]
)
def test_noise_alone_breaks_no_more_often_than_it_may(count, harmonics, gaps):
    chance = np.random.default_rng(0)
    days = dates_of(count)
    values = 0.5 + season(days)[:, None] + 0.05 * chance.normal(size=(count, 20_000))
    seen = chance.random(values.shape) >= gaps
    found = BreakTest(days, harmonics).find(values.astype(np.float32), seen)
    for level in (0.01, 0.05):
        share = float((found.chance < level).mean())
        assert share < 1.3 * level
        # With gaps the test is careful, without them it is exact.
        assert share > (0.7 if not gaps else 0.1) * level


def test_a_planted_break_is_found_on_its_date():
    chance = np.random.default_rng(1)
    days = dates_of(48)
    places = 5000
    at = chance.integers(10, 38, places)
    noise = 0.03 * chance.normal(size=(48, places))
    values = 0.6 + season(days)[:, None] + noise - 0.3 * (np.arange(48)[:, None] >= at)
    seen = chance.random(values.shape) > 0.2
    found = BreakTest(days, 1).find(values.astype(np.float32), seen)
    sure = found.chance < 0.01
    assert sure.mean() > 0.99
    numbers = np.array([day.toordinal() for day in days])
    late = np.abs(numbers[found.at] - numbers[at])[sure]
    assert np.median(late) == 0
    assert (late <= 35).mean() > 0.95
    assert found.size[sure].mean() == pytest.approx(-0.3, abs=0.01)
    # Nothing is found where nearly nothing was seen.
    hardly = np.zeros_like(seen)
    hardly[:5] = True
    assert (BreakTest(days, 1).find(values.astype(np.float32), hardly).chance == 1).all()


def test_what_is_found_does_not_depend_on_how_many_pixels_there_are():
    chance = np.random.default_rng(2)
    days = dates_of(20)
    values = chance.normal(size=(20, 300)).astype(np.float32)
    seen = chance.random(values.shape) > 0.3
    test = BreakTest(days, 1)
    whole = test.find(values, seen)
    for part in (slice(0, 1), slice(7, 140)):
        some = test.find(values[:, part], seen[:, part])
        assert np.array_equal(some.at, whole.at[part])
        assert some.chance.tobytes() == whole.chance[part].tobytes()
        assert some.size.tobytes() == whole.size[part].tobytes()


# --- the task -----------------------------------------------------------------------------------------


@pytest.fixture
def services(tmp_path):
    return Services.create(default_catalog(), Store(tmp_path, [], offline=True), choose_device("cpu"))


@pytest.fixture
def felled(raster):
    """36 monthly scenes of red and near infrared; a part of the forest is felled before the 21st."""
    chance = np.random.default_rng(3)
    days = dates_of(36)
    refs = []
    for number, day in enumerate(days):
        ndvi = 0.5 + season([day])[0] + 0.03 * chance.normal(size=(60, 70))
        ndvi[10:30, 20:50] -= 0.35 if number >= 20 else 0
        pixels = np.stack([1000 * (1 - ndvi), 1000 * (1 + ndvi)])
        pixels[:, chance.random((60, 70)) < 0.2] = 0
        pixels[:, :4] = 0
        name = f"S2_{day:%Y%m%d}.tif"
        refs.append(raster(name, pixels.astype(np.uint16), names=("B04", "B08"), nodata=0))
    return days, refs


def test_a_clearing_is_dated(felled, services, tmp_path):
    days, refs = felled
    job = Job(
        Task.BREAKS, tuple(refs), str(tmp_path / "breaks.tif"),
        polygons=str(tmp_path / "breaks.gpkg"), min_area=2000.0,
    )
    result = run_job(job, services, QUIET)
    with rasterio.open(job.output) as made:
        date, size, sure = made.read()
        assert made.nodata == NODATA
        assert "1970-01-01" in made.descriptions[0]
    inside = np.zeros(date.shape, bool)
    inside[10:30, 20:50] = True
    seen = sure != NODATA
    assert not seen[:4].any()
    assert seen[4:].mean() > 0.99
    found = date != NODATA
    assert found[inside & seen].mean() > 0.98
    assert found[~inside & seen].mean() < 0.02
    late = date[inside & found] - (days[20] - datetime.date(1970, 1, 1)).days
    assert np.median(late) == 0
    assert size[inside & found].mean() == pytest.approx(-0.35, abs=0.02)
    assert result.facts["dates"] == [days[0].isoformat(), days[-1].isoformat()]
    assert result.facts["broken_m2"] == pytest.approx(100.0 * found.sum())
    meta, _, shapes, columns = pyogrio.raw.read(job.polygons)
    fields = dict(zip(meta["fields"], columns, strict=True))
    assert fields["date"].tolist() == [days[20]]
    assert fields["area_m2"][0] == pytest.approx(100.0 * inside.sum(), rel=0.02)
    assert fields["size"][0] == pytest.approx(-0.35, abs=0.02)


def test_a_part_comes_out_as_in_the_whole(felled, services, tmp_path):
    _, refs = felled
    whole = Job(Task.BREAKS, tuple(refs), str(tmp_path / "whole.tif"))
    run_job(whole, services, QUIET)
    with rasterio.open(whole.output) as made:
        left, bottom, right, top = made.bounds
        expected = made.read()[:, 5:25, 15:40]
    extent = Extent(left + 150, top - 250, left + 400, top - 50, "EPSG:32633")
    part = Job(Task.BREAKS, tuple(refs), str(tmp_path / "part.tif"), extent=extent)
    run_job(part, services, QUIET)
    with rasterio.open(part.output) as made:
        assert np.array_equal(made.read(), expected)


def test_a_file_whose_bands_say_their_dates_is_a_series(raster, services, tmp_path):
    days = dates_of(12)
    chance = np.random.default_rng(5)
    pixels = 0.5 + season(days)[:, None, None] + 0.02 * chance.normal(size=(12, 20, 20))
    pixels[6:, 5:15, 5:15] -= 0.4
    ref = raster("stack.tif", pixels.astype(np.float32), names=[f"NDVI_{day:%Y%m%d}" for day in days])
    job = Job(Task.BREAKS, (ref,), str(tmp_path / "breaks.tif"))
    result = run_job(job, services, QUIET)
    assert result.facts["index"] == "NDVI"
    assert result.facts["observations"] == 12
    with rasterio.open(job.output) as made:
        date = made.read(1)
    assert (date[7:13, 7:13] == (days[6] - datetime.date(1970, 1, 1)).days).mean() > 0.9


def test_what_is_no_series_is_refused(felled, services, raster, tmp_path):
    _, refs = felled
    out = str(tmp_path / "breaks.tif")
    with pytest.raises(UnsupportedInput, match="not several dates"):
        run_job(Job(Task.BREAKS, (refs[0],), out), services, QUIET)
    with pytest.raises(UnsupportedInput, match="8 or more dates, and there are 5"):
        run_job(Job(Task.BREAKS, tuple(refs[:5]), out), services, QUIET)
    with pytest.raises(UnsupportedInput, match=r"lack the bands of NBR: swir22"):
        run_job(Job(Task.BREAKS, tuple(refs), out, index="nbr"), services, QUIET)
    with pytest.raises(InvalidRequest, match="no index or band 'evi2'"):
        run_job(Job(Task.BREAKS, tuple(refs), out, index="evi2"), services, QUIET)
    with pytest.raises(InvalidRequest, match="1 to 3 harmonics"):
        job_from_dict({"task": "breaks", "inputs": [{"path": "a.tif"}], "output": out, "harmonics": 7})
    assert not Path(out).exists()


def test_a_cancelled_run_goes_on_and_ends_in_the_same_bytes(felled, services, tmp_path, monkeypatch):
    monkeypatch.setattr(breaks_task, "BLOCK", 16)
    _, refs = felled
    once = Job(Task.BREAKS, tuple(refs), str(tmp_path / "once.tif"), polygons=str(tmp_path / "once.gpkg"))
    run_job(once, services, QUIET)
    monkeypatch.setenv("GEOFM_HOME", str(tmp_path / "home"))
    again = Job(Task.BREAKS, tuple(refs), str(tmp_path / "again.tif"), polygons=str(tmp_path / "again.gpkg"))
    blocks = []

    def progress(stage, done, total, message):
        if stage == "breaks":
            blocks.append(done)

    def check():
        if len(blocks) > 6:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        run_job(again, services, Context(progress, check))
    assert not Path(again.output).exists()
    result = run_job(again, services, QUIET)
    assert result.facts["blocks_continued"] > 3
    for end in ("tif", "gpkg"):
        made, wanted = (tmp_path / f"{name}.{end}" for name in ("again", "once"))
        if end == "tif":
            assert made.read_bytes() == wanted.read_bytes()
        else:
            first, second = (pyogrio.raw.read(path)[2:] for path in (made, wanted))
            assert first[0].tolist() == second[0].tolist()
            assert [c.tolist() for c in first[1]] == [c.tolist() for c in second[1]]
