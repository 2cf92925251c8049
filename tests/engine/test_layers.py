"""Layers of a stack: which rasters are one, where there is a map, and what is missing of the others."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine

from geofm.inference.engine.grid import Window
from geofm.inference.engine.rasters import Stack
from geofm.inference.engine.regions import Region, joined
from geofm.inference.jobs import RasterRef

Write = Callable[..., RasterRef]
SIDE = 24
OPTICAL, RADAR = ("B02", "B03"), ("VV", "VH")
HOLE = np.s_[:, 8:16, 12:20]
GAP = -999.0


def optical(
    raster: Write, name: str = "light.tif", names: tuple[str, ...] = OPTICAL, **told: str
) -> RasterRef:
    shape = (len(names), SIDE, SIDE)
    noise = np.random.default_rng(len(name)).integers(300, 900, shape).astype("uint16")
    noise[:, :4] = 0
    return replace(raster(name, noise, names=names, nodata=0), **told)


def radar(raster: Write, name: str = "radar.tif") -> RasterRef:
    power = np.random.default_rng(1).normal(-12, 2, (2, SIDE, SIDE)).astype("float32")
    power[HOLE] = GAP
    return raster(name, power, names=RADAR, nodata=GAP)


def test_a_layer_beside_the_first_may_be_missing_at_places(raster: Write) -> None:
    with Stack.open([optical(raster), radar(raster)]) as stack:
        whole = Window(0, 0, SIDE, SIDE)
        values, valid, seen = stack.read_partly(whole, range(4))
        _, everywhere = stack.read(whole, range(4))
    assert valid[4:].all()
    assert not valid[:4].any(), "the first layer says where there is a map"
    assert seen is not None
    assert (seen[:2] == valid).all()
    assert not seen[2:][HOLE].any()
    assert seen[2:, 4:8].all()
    assert not values[2:][HOLE].any()
    assert (everywhere == seen.all(axis=0)).all(), "who needs all layers gets what he got"


def test_nothing_is_missing_of_one_layer(raster: Write) -> None:
    with Stack.open([optical(raster)]) as stack:
        around = Window(-3, -3, SIDE + 6, SIDE + 6)
        values, valid, seen = stack.read_partly(around, (1, 0))
        same, as_before = stack.read(around, (1, 0))
    assert seen is None
    assert valid.tobytes() == as_before.tobytes()
    assert values.tobytes() == same.tobytes()


def test_what_is_asked_of_a_later_layer_alone_is_valid_where_that_is(raster: Write) -> None:
    with Stack.open([optical(raster), radar(raster)]) as stack:
        _, valid, seen = stack.read_partly(Window(0, 0, SIDE, SIDE), (2, 3))
    assert seen is None
    assert not valid[8:16, 12:20].any()
    assert valid[:4].all()


def test_files_with_a_band_each_are_one_layer(raster: Write) -> None:
    files = [optical(raster, f"{name}.tif", (name,)) for name in ("B02", "B03", "B04")]
    with Stack.open([*files, radar(raster)]) as stack:
        assert [band.layer for band in stack.bands] == [0, 0, 0, 1, 1]
        assert [layer.places for layer in stack.layers] == [(0, 1, 2), (3, 4)]
        assert [layer.name for layer in stack.layers] == ["B02.tif", "radar.tif"]


def test_every_raster_of_an_unknown_sensor_is_a_layer(raster: Write) -> None:
    files = [optical(raster, f"{name}.tif", (name,)) for name in ("brown", "grey")]
    with Stack.open(files) as stack:
        assert [band.layer for band in stack.bands] == [0, 1]


def test_another_date_of_the_first_layer_makes_a_map_too(raster: Write) -> None:
    later = np.full((2, SIDE, SIDE), 500, np.uint16)
    later[:, :, :6] = 0
    dates = [
        optical(raster, "first.tif", acquired="2021-05-01"),
        replace(raster("later.tif", later, names=OPTICAL, nodata=0), acquired="2021-07-01"),
    ]
    with Stack.open([*dates, radar(raster)]) as stack:
        _, valid, seen = stack.read_partly(Window(0, 0, SIDE, SIDE), range(6))
        days = [band.date for band in stack.bands]
    assert days == [datetime.date(2021, 5, 1)] * 2 + [datetime.date(2021, 7, 1)] * 2 + [None] * 2
    assert not valid[:4, :6].any()
    assert valid[:4, 6:].all()
    assert valid[4:].all()
    assert seen is not None
    assert not seen[:2, :4].any()
    assert not seen[2:4, :, :6].any()


def test_a_layer_of_another_grid_is_missing_where_it_does_not_reach(raster: Write) -> None:
    power = np.full((2, 10, 10), -12, np.float32)
    place = Affine(20, 0, 600000, 0, -20, 5000000)
    small = raster("small.tif", power, names=RADAR, transform=place)
    with Stack.open([optical(raster), small]) as stack:
        _, valid, seen = stack.read_partly(Window(0, 0, SIDE, SIDE), range(4))
    assert seen is not None
    assert seen[2:, 4:20, :20].all()
    assert not seen[2:, 20:].any()
    assert not seen[2:, :, 20:].any()
    assert valid[4:].all()


def test_the_overview_tells_what_is_missing(raster: Write) -> None:
    with Stack.open([optical(raster), radar(raster)]) as stack:
        found = stack.overview(range(4), partly=True)
        strict = stack.overview(range(4))
    assert found.seen is not None
    assert strict.seen is None
    missing = ~found.seen[2]
    missing &= found.valid
    assert (found.rows[missing].min(), found.rows[missing].max()) == (8, 15)
    assert strict.valid.sum() == found.valid.sum() - 64


def test_windows_tell_what_they_miss_and_only_that(raster: Write) -> None:
    with Stack.open([optical(raster), radar(raster)]) as stack:
        region = Region.read(stack, Window(0, 0, SIDE, SIDE), range(4), partly=True)
    holed, full = Window(8, 8, 8, 8), Window(0, 8, 8, 8)
    assert region.cut(full).seen is None
    assert region.batch([full]).seen is None
    batch = joined([region.batch([full]), region.batch([holed])])
    assert batch.seen is not None
    assert batch.seen[0].all()
    assert batch.seen[1, 2:].sum() == 2 * 32
    assert region.batch([holed], chosen=(0, 1)).seen is None, "the first layer has no gap there"
    whole = batch.whole()
    assert whole.seen is None
    assert whole.valid[1].sum() == 32
    assert not whole.pixels[1][:, ~whole.valid[1]].any()


@pytest.mark.parametrize(("every", "count"), [(True, SIDE * 20 - 64), (False, SIDE * 20)])
def test_a_pixel_is_known_by_some_or_by_every_band(raster: Write, every: bool, count: int) -> None:
    with Stack.open([optical(raster), radar(raster)]) as stack:
        region = Region.read(stack, Window(0, 0, SIDE, SIDE), range(4), partly=True)
    assert region.known(range(4), every).sum() == count
    assert region.known((2, 3), every).sum() == SIDE * 20 - 64
