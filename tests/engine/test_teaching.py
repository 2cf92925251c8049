"""A teaching session over the wire: a real engine process, real chips, labels as a person gives them."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from geofm.inference.bands import PRESETS
from geofm.inference.client import Engine, EngineSettings
from geofm.inference.errors import Cancelled, Crashed, InvalidRequest, UnsupportedInput
from geofm.inference.jobs import ClassInfo, Job, RasterRef, Task
from geofm.inference.teaching import SESSION_GONE, Label, Preview, Teaching

FIELD, WOOD, WATER = (
    ClassInfo(1, "field", "#e0c040"),
    ClassInfo(7, "wood", "#206020"),
    ClassInfo(254, "water", "#2060c0"),
)
CLASSES = (FIELD, WOOD, WATER)


@pytest.fixture(scope="module")
def engine(engine_python: Path) -> Iterator[Engine]:
    with Engine(EngineSettings(python=str(engine_python))) as engine:
        yield engine


@pytest.fixture
def chip(samples: Path, tmp_path: Path) -> RasterRef:
    """A Sentinel-2 chip, 256 x 256 pixels, with an empty corner."""
    path = tmp_path / "chip.tif"
    with rasterio.open(samples / "sentinel2-chips" / "patch_61808.tif") as source:
        pixels = np.maximum(source.read(), 1)
        profile = {**source.profile, "nodata": 0}
    pixels[:, :20, :30] = 0
    with rasterio.open(path, "w", **profile) as target:
        target.write(pixels)
    return RasterRef(str(path), names=PRESETS["sentinel2-l2a"])


@pytest.fixture
def teaching(engine: Engine, chip: RasterRef) -> Iterator[Teaching]:
    with_space = Teaching.open(engine, [chip], "spectral-texture", method="fast")
    yield with_space
    with_space.close()


def places(chip: RasterRef, each: int = 6) -> list[tuple[int, int, int]]:
    """Class value, row and column: pixels of the chip of little, medium and much green."""
    with rasterio.open(chip.path) as source:
        red, nir = source.read([4, 8]).astype(float)
    ndvi = np.divide(nir - red, nir + red, out=np.full(red.shape, np.nan), where=nir + red > 0)
    order = np.argsort(ndvi.ravel())[: np.isfinite(ndvi).sum()]
    parts = np.array_split(order, 3)
    random = np.random.default_rng(3)
    chosen = [
        (info.value, random.choice(part, each, replace=False))
        for info, part in zip(CLASSES, parts, strict=True)
    ]
    return [(value, int(i) // 256, int(i) % 256) for value, pixels in chosen for i in pixels]


def point(teaching: Teaching, name: str, value: int, row: float, col: float) -> Label:
    """A label in the middle of a pixel."""
    assert teaching.opened is not None
    x, a, b, y, d, e = teaching.opened.transform
    col, row = col + 0.5, row + 0.5
    at = [x + a * col + b * row, y + d * col + e * row]
    return Label(name, value, {"type": "Point", "coordinates": at})


def clicks(teaching: Teaching, chip: RasterRef, each: int = 6) -> list[Label]:
    return [point(teaching, f"{n}", *place) for n, place in enumerate(places(chip, each))]


def encoded(teaching: Teaching) -> tuple[float, float, float, float]:
    """The extent of the whole raster, once it is encoded."""
    assert teaching.opened is not None
    extent = teaching.opened.extent
    while not teaching.encode(extent, 500).done:
        pass
    return extent


def shown(teaching: Teaching, path: Path, extent: Any = None, **options: Any) -> tuple[Any, Preview]:
    preview = teaching.preview(extent or encoded(teaching), 1000, 800, str(path), **options)
    with rasterio.open(preview.path) as source:
        return source.read(), preview


def test_a_click_changes_the_map_under_it_and_taking_it_back_restores_the_map(
    teaching: Teaching, chip: RasterRef, tmp_path: Path
) -> None:
    assert teaching.opened is not None
    assert (teaching.opened.width, teaching.opened.height) == (256, 256)
    assert (teaching.opened.model, teaching.opened.gsd) == ("spectral-texture", pytest.approx(10))
    labelled = teaching.label(CLASSES, clicks(teaching, chip))
    assert [(c.value, c.labels, c.pixels) for c in labelled.counts] == [(1, 6, 6), (7, 6, 6), (254, 6, 6)]
    assert labelled.waiting == 18
    before, preview = shown(teaching, tmp_path / "p.tif")
    assert preview.waiting == 0
    assert preview.encoded == 1
    assert set(preview.milliseconds) == {"encode", "fit", "predict", "write"}
    assert set(np.unique(before[0])) == {0, 1, 7, 254}
    assert not before[:, :20, :30].any()
    assert before[1, 20:, 30:].min() > 30
    row, col = np.argwhere(before[0] == 7)[100]
    teaching.label(CLASSES, [point(teaching, "correction", 254, row, col)])
    after, _ = shown(teaching, tmp_path / "p.tif")
    assert after[0, row, col] == 254
    teaching.label(CLASSES, remove=["correction"])
    restored, _ = shown(teaching, tmp_path / "p.tif")
    np.testing.assert_array_equal(restored, before)


@pytest.mark.parametrize(
    ("model", "method", "least"),
    [
        ("spectral-texture", "fast", 0.999),
        ("spectral-texture", "ensemble", 0.999),
        ("galileo-nano", "fast", 0.999),
    ],
)
def test_the_preview_is_the_map_of_the_saved_classifier(
    engine: Engine, chip: RasterRef, tmp_path: Path, model: str, method: str, least: float, models: Path
) -> None:
    teaching = Teaching.open(engine, [chip], model, method=method)
    teaching.label(CLASSES, clicks(teaching, chip))
    bands, preview = shown(teaching, tmp_path / "p.tif")
    saved = teaching.save(str(tmp_path / "c.geofm"), "Three greens")
    assert saved.classes == CLASSES
    assert saved.facts["samples"]["wood"] == {"places": 6, "pixels": 6}
    job = Job(Task.CLASSIFY, (chip,), str(tmp_path / "map.tif"), classifier=saved.path)
    engine.submit(job).result(120)
    with rasterio.open(job.output) as source, rasterio.open(preview.path) as seen:
        mapped = source.read(1)
        assert seen.transform == source.transform
        assert seen.crs == source.crs
        assert seen.nodata == 0
    equal = (bands[0] == mapped).mean()
    assert least <= equal <= 1
    assert not preview.reason
    teaching.close()


def test_teaching_goes_on_from_a_saved_classifier(
    engine: Engine, teaching: Teaching, chip: RasterRef, tmp_path: Path
) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    before, _ = shown(teaching, tmp_path / "p.tif")
    saved = teaching.save(str(tmp_path / "c.geofm"))
    again = Teaching.open(engine, [chip], classifier=saved.path)
    assert again.opened is not None
    assert again.opened.classes == CLASSES
    assert [count.labels for count in again.opened.labels] == [6, 6, 6]
    again.label(CLASSES)
    np.testing.assert_array_equal(shown(again, tmp_path / "q.tif")[0], before)
    labelled = again.label(CLASSES, clicks(again, chip)[:6], remove=["17"])
    assert [count.labels for count in labelled.counts] == [6, 6, 5]
    again.close()


def test_a_polygon_counts_by_the_centres_it_holds_and_a_click_inside_corrects_it(
    teaching: Teaching, chip: RasterRef, tmp_path: Path
) -> None:
    assert teaching.opened is not None
    x, a, _, y, _, e = teaching.opened.transform
    corners = [(100.4, 50.4), (110.6, 50.4), (110.6, 60.6), (100.4, 60.6), (100.4, 50.4)]
    ring = [[x + a * col, y + e * row] for col, row in corners]
    area = Label("area", 7, {"type": "Polygon", "coordinates": [ring]})
    inside = point(teaching, "inside", 254, 55, 105)
    labelled = teaching.label(CLASSES, [inside, area, point(teaching, "other", 1, 200, 200)])
    assert {c.value: (c.labels, c.pixels) for c in labelled.counts} == {1: (1, 1), 7: (1, 121), 254: (1, 1)}
    assert labelled.notes == (
        "1 pixel lies in labels of two classes: the smaller label counts there, of equal ones the last.",
    )
    bands, _ = shown(teaching, tmp_path / "p.tif")
    assert bands[0, 55, 105] == 254


def test_labels_come_in_any_coordinate_system(teaching: Teaching, chip: RasterRef) -> None:
    from rasterio import warp

    at = point(teaching, "a", 1, 100, 100)
    with rasterio.open(chip.path) as source:
        lon, lat = warp.transform(source.crs, "EPSG:4326", *[[c] for c in at.geometry["coordinates"]])
    geometry = {"type": "Point", "coordinates": [lon[0], lat[0]]}
    labelled = teaching.label(CLASSES, [at, Label("b", 7, geometry, "EPSG:4326")])
    assert labelled.notes == (
        "1 pixel lies in labels of two classes: the smaller label counts there, of equal ones the last.",
    )


def test_what_does_not_count_is_said(teaching: Teaching, chip: RasterRef, tmp_path: Path) -> None:
    assert teaching.opened is not None
    extent = teaching.opened.extent
    path = str(tmp_path / "p.tif")
    nothing = teaching.preview(extent, 100, 100, path)
    assert (nothing.path, nothing.reason) == ("", "Label a place of one class and a place of another.")
    teaching.label(CLASSES, [point(teaching, "a", 1, 100, 100), point(teaching, "empty", 7, 3, 3)])
    alone = teaching.preview(extent, 100, 100, path)
    assert alone.reason == "Label a place of another class: there is only field so far."
    assert alone.notes == ("1 label lies where the raster has no data.",)
    told = teaching.label(CLASSES, [point(teaching, "far", 7, -5, 900)])
    assert told.notes == ("1 label lies off the raster.", "1 label lies where the raster has no data.")
    assert [count.labels for count in told.counts] == [1, 0, 0]
    assert not Path(path).exists()


def test_the_map_of_another_place_is_empty_words(teaching: Teaching, chip: RasterRef, tmp_path: Path) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    elsewhere = (0.0, 0.0, 100.0, 100.0)
    assert teaching.encode(elsewhere, 100).visible_total == 0
    preview = teaching.preview(elsewhere, 100, 100, str(tmp_path / "p.tif"))
    assert (preview.path, preview.reason) == ("", "Nothing of the raster is in view.")


def test_a_part_is_shown_as_it_lies_in_the_whole(teaching: Teaching, chip: RasterRef, tmp_path: Path) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    whole, preview = shown(teaching, tmp_path / "p.tif")
    xmin, ymin, xmax, ymax = preview.extent
    part = (xmin + 305, ymin - 400, xmin + 1203, ymin + 777)
    cut, seen = shown(teaching, tmp_path / "q.tif", part)
    assert seen.extent == (xmin + 300, ymin, xmin + 1210, ymin + 780)
    np.testing.assert_array_equal(cut, whole[:, 178:, 30:121])
    thin = teaching.preview(preview.extent, 64, 64, str(tmp_path / "t.tif"))
    assert (thin.width, thin.height, thin.extent) == (64, 64, preview.extent)
    with rasterio.open(thin.path) as source:
        np.testing.assert_array_equal(source.read(), whole[:, ::4, ::4])
    both = teaching.preview(part, 25, 20, str(tmp_path / "b.tif"))
    assert both.extent == (xmin + 280, ymin, xmin + 1240, ymin + 800)
    with rasterio.open(both.path) as source:
        np.testing.assert_array_equal(source.read(), whole[:, 176::4, 28:124:4])


def test_a_guess_can_be_refused(teaching: Teaching, chip: RasterRef, tmp_path: Path) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    free, _ = shown(teaching, tmp_path / "p.tif")
    strict, _ = shown(teaching, tmp_path / "p.tif", least_confidence=0.8)
    # A share is rounded to whole percents in the file.
    np.testing.assert_array_equal(strict[0][free[1] >= 81], free[0][free[1] >= 81])
    assert not strict[0][free[1] < 80].any()
    plain, _ = shown(teaching, tmp_path / "p.tif", confidence=False)
    assert not plain[1].any()
    np.testing.assert_array_equal(plain[0], free[0])


@pytest.mark.parametrize("turn", ["south-up", "rotated"])
def test_odd_grids_are_shown_where_they_lie(
    engine: Engine, samples: Path, chip: RasterRef, tmp_path: Path, turn: str
) -> None:
    from affine import Affine

    path = tmp_path / f"{turn}.tif"
    with rasterio.open(chip.path) as source:
        pixels, profile = source.read(), source.profile
    if turn == "south-up":
        place = profile["transform"] @ Affine.translation(0, 256) @ Affine.scale(1, -1)
        pixels = pixels[:, ::-1]
    else:
        place = profile["transform"] @ Affine.rotation(30)
    with rasterio.open(path, "w", **{**profile, "transform": place}) as target:
        target.write(pixels)
    odd = Teaching.open(engine, [RasterRef(str(path), names=chip.names)], "spectral-texture", method="fast")
    labels = [(value, 255 - row if turn == "south-up" else row, col) for value, row, col in places(chip)]
    odd.label(CLASSES, [point(odd, str(n), *label) for n, label in enumerate(labels)])
    bands, preview = shown(odd, tmp_path / "p.tif")
    with rasterio.open(preview.path) as seen:
        assert seen.transform.almost_equals(place)
    straight = Teaching.open(engine, [chip], "spectral-texture", method="fast")
    straight.label(CLASSES, clicks(straight, chip))
    expected, _ = shown(straight, tmp_path / "q.tif")
    assert (bands[0, ::-1] if turn == "south-up" else bands[0]).tolist() == expected[0].tolist()
    odd.close()
    straight.close()


# --- labels that cannot be understood -----------------------------------------------------------


def change(**entries: Any) -> Callable[[Label], Label]:
    return lambda label: Label(**{**vars(label), **entries})


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (change(geometry={"type": "Point"}), "The geometry of the label 'bad' cannot be read."),
        (change(geometry={"type": "Polygon", "coordinates": [[]]}), "The geometry of the label 'bad'"),
        (change(geometry={}), "The geometry of the label 'bad' cannot be read."),
        (change(value=9), "The class 9 of the label 'bad' is not in the list of classes."),
        (change(crs="EPSG:nonsense"), "The coordinate system 'EPSG:nonsense' is not understood."),
        (change(id=""), "A label has no id."),
    ],
)
def test_a_label_that_cannot_be_understood_is_refused_and_nothing_lost(
    teaching: Teaching, chip: RasterRef, fault: Callable[[Label], Label], sentence: str
) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    bad = fault(point(teaching, "bad", 1, 5, 5))
    with pytest.raises(InvalidRequest, match=sentence):
        teaching.label(CLASSES, [point(teaching, "good", 1, 90, 90), bad], remove=["0"])
    assert [count.labels for count in teaching.label(CLASSES).counts] == [6, 6, 6]


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        ([ClassInfo(0, "zero", "#000000")], "The value 0 of a class is not a number from 1 to 254."),
        ([ClassInfo(255, "high", "#000000")], "The value 255 of a class is not a number from 1 to 254."),
        ([FIELD, FIELD], "Two classes have the same value."),
        ([ClassInfo(3, "grey", "grey")], "The color 'grey' of the class grey is not like #20a060."),
    ],
)
def test_classes_are_checked(teaching: Teaching, classes: list[ClassInfo], sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        teaching.label(classes)


def test_labels_of_a_class_that_is_gone_wait_for_it(teaching: Teaching, chip: RasterRef) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    told = teaching.label(CLASSES[:2])
    assert "6 labels are of a class that is not in the list." in told.notes
    assert [count.labels for count in teaching.label(CLASSES).counts] == [6, 6, 6]


# --- sessions that end ------------------------------------------------------------------------


def test_a_killed_engine_loses_nothing(engine_python: Path, chip: RasterRef, tmp_path: Path) -> None:
    with Engine(EngineSettings(python=str(engine_python))) as engine:
        teaching = Teaching.open(engine, [chip], "spectral-texture")
        teaching.label(CLASSES, clicks(teaching, chip))
        before, _ = shown(teaching, tmp_path / "p.tif")
        assert engine.pid is not None
        first = teaching.opened
        os.kill(engine.pid, signal.SIGKILL)
        try:
            teaching.label(CLASSES, [point(teaching, "more", 1, 30, 30)], remove=["3"])
        except Crashed:
            teaching.label(CLASSES, [point(teaching, "more", 1, 30, 30)], remove=["3"])
        labelled = teaching.label(CLASSES, remove=["more"])
        assert [count.labels for count in labelled.counts] == [5, 6, 6]
        assert teaching.opened is not None
        assert teaching.opened != first
        teaching.label(CLASSES, [clicks(teaching, chip)[3]])
        np.testing.assert_array_equal(shown(teaching, tmp_path / "p.tif")[0], before)


def test_a_session_that_is_not_there_is_told_from_other_faults(engine: Engine) -> None:
    with pytest.raises(InvalidRequest) as caught:
        engine.call("teach.encode", {"session": "x", "extent": [0, 0, 1, 1], "milliseconds": 1}).result(60)
    assert caught.value.message == SESSION_GONE
    assert caught.value.hint
    assert engine.call("teach.close", {"session": "x"}).result(60) == {}


def test_a_file_that_changed_ends_the_session_and_the_next_call_begins_anew(
    teaching: Teaching, chip: RasterRef, samples: Path, tmp_path: Path
) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    encoded(teaching)
    shutil.copy(samples / "sentinel2-chips" / "patch_445.tif", chip.path)
    with pytest.raises(UnsupportedInput, match="chip.tif was changed since teaching began"):
        teaching.preview((0, 0, 1, 1), 10, 10, str(tmp_path / "p.tif"))
    assert [count.labels for count in teaching.label(CLASSES).counts] == [0, 0, 0]


def test_sessions_are_open_side_by_side_and_jobs_run_in_between(
    engine: Engine, teaching: Teaching, chip: RasterRef, samples: Path, tmp_path: Path
) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    before, _ = shown(teaching, tmp_path / "p.tif")
    others = [Teaching.open(engine, [chip], "spectral-texture") for _ in range(8)]
    job = Job(Task.CLUSTER, (chip,), str(tmp_path / "k.tif"), model="spectral-texture", classes=3)
    engine.submit(job).result(60)
    # One more than are kept open: the first was closed, and is opened again where it is asked for.
    np.testing.assert_array_equal(shown(teaching, tmp_path / "p.tif")[0], before)
    for other in others:
        other.close()


@pytest.fixture
def wide(chip: RasterRef, tmp_path: Path) -> RasterRef:
    """The chip five times in each direction: a hundred blocks."""
    path = tmp_path / "wide.tif"
    with rasterio.open(chip.path) as source:
        pixels, profile = np.tile(source.read(), (1, 5, 5)), source.profile
    with rasterio.open(path, "w", **{**profile, "width": 1280, "height": 1280}) as target:
        target.write(pixels)
    return RasterRef(str(path), names=chip.names)


def test_opening_and_encoding_can_be_cancelled(engine: Engine, wide: RasterRef, models: Path) -> None:
    slow = Teaching(engine, [wide], "galileo-nano")
    threading.Timer(0.2, slow.cancel).start()
    with pytest.raises(Cancelled):
        slow.start()
    teaching = Teaching.open(engine, [wide], "spectral-texture")
    assert teaching.opened is not None
    threading.Timer(0.1, teaching.cancel).start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        teaching.encode(teaching.opened.extent, 60_000)
    assert time.monotonic() - start < 3
    done = teaching.encode(teaching.opened.extent, 1)
    assert 0 < done.visible_done < done.visible_total == 100
    teaching.close()


def test_encoding_takes_about_the_time_it_is_given(
    teaching: Teaching, engine: Engine, wide: RasterRef
) -> None:
    large = Teaching.open(engine, [wide], "spectral-texture")
    assert large.opened is not None
    short = large.encode(large.opened.extent, 1).visible_done
    longer = large.encode(large.opened.extent, 400).visible_done
    assert 1 <= short <= 2 < longer < 99
    large.close()


def test_labels_beyond_the_screen_are_encoded_too(engine: Engine, wide: RasterRef) -> None:
    teaching = Teaching.open(engine, [wide], "spectral-texture")
    assert teaching.opened is not None
    xmin, _, _, ymax = teaching.opened.extent
    far = [point(teaching, str(n), 1, 900 + 5 * n, 1000) for n in range(3)]
    assert teaching.label(CLASSES, far).waiting == 3
    corner = (xmin, ymax - 1000, xmin + 1000, ymax)
    while not (done := teaching.encode(corner, 300)).done:
        pass
    assert (done.visible_done, done.waiting) == (1, 0)
    teaching.close()


def test_a_block_of_an_encoder_is_made_in_slices(engine: Engine, wide: RasterRef, models: Path) -> None:
    teaching = Teaching.open(engine, [wide], "galileo-nano")
    assert teaching.opened is not None
    done = [0]
    while not done[-1]:
        done.append(teaching.encode(teaching.opened.extent, 1).visible_done)
    # A block and what lies around it are 144 windows or more, 64 of them a batch.
    assert 3 <= len(done) < 10
    teaching.close()


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("teach.open", {"inputs": [{"path": "a.tif"}]}),
        ("teach.open", {"inputs": [{"path": "a.tif"}], "model": "spectral-texture", "classifier": "c.geofm"}),
        ("teach.open", {"inputs": [{"path": "a.tif"}], "model": "spectral-texture", "speed": 9}),
        ("teach.label", {"classes": {}}),
        ("teach.label", {"classes": [], "set": "all"}),
        ("teach.encode", {"extent": [1, 2, 3], "milliseconds": 1}),
        ("teach.encode", {"extent": [3, 0, 1, 1], "milliseconds": 1}),
        ("teach.encode", {"extent": [0, 0, 1, 1], "milliseconds": -1}),
        ("teach.preview", {"extent": [0, 0, 1, 1], "width": 0, "height": 1, "path": "p.tif"}),
        ("teach.preview", {"extent": [0, 0, 1, 1], "width": 1, "height": 1, "path": ""}),
        ("teach.preview", {"extent": [0, 0, 1, 1], "width": 1, "height": 1, "path": "p", "novelty": 1}),
        ("teach.save", {}),
    ],
)
def test_calls_that_make_no_sense_are_refused(
    engine: Engine, teaching: Teaching, method: str, params: dict[str, Any]
) -> None:
    assert teaching.opened is not None
    session = {} if method == "teach.open" else {"session": teaching.opened.session}
    with pytest.raises(InvalidRequest) as caught:
        engine.call(method, {**session, **params}).result(60)
    assert caught.value.message != SESSION_GONE


# --- what labels say ---------------------------------------------------------------------------


def test_a_wrong_label_is_found_and_balance_told(teaching: Teaching, chip: RasterRef) -> None:
    labels = clicks(teaching, chip, 20)
    wrong = Label("0", 254, labels[0].geometry)
    teaching.label(CLASSES, [wrong, *labels[1:]])
    review = teaching.review()
    assert [(share.value, share.labels) for share in review.balance] == [(1, 19), (7, 20), (254, 21)]
    assert sum(share.share for share in review.balance) == pytest.approx(1)
    doubt = next(doubt for doubt in review.doubtful if doubt.id == "0")
    assert [doubt.x, doubt.y] == pytest.approx(labels[0].geometry["coordinates"])
    assert (doubt.value, doubt.likely) == (254, 1)
    assert 0.5 <= doubt.agreement <= 1
    assert len(review.doubtful) < 10


def test_a_check_tells_accuracy_and_calibrates_later_previews(
    teaching: Teaching, chip: RasterRef, tmp_path: Path
) -> None:
    assert teaching.check().accuracy is None
    teaching.label(CLASSES, clicks(teaching, chip, 60))
    _, before = shown(teaching, tmp_path / "p.tif")
    assert before.calibrated is None
    check = teaching.check()
    assert check.accuracy is not None
    assert check.accuracy["overall"] > 0.6
    assert check.accuracy["samples"] == 180
    assert check.calibration is not None
    saved = teaching.save(str(tmp_path / "c.geofm"))
    assert saved.facts["validation"]["accuracy"] == check.accuracy
    assert saved.facts["calibration"] == check.calibration
    plain, after = shown(teaching, tmp_path / "q.tif")
    assert after.calibrated == {**check.calibration, "current": True}
    teaching.label(CLASSES, remove=["0"])
    assert shown(teaching, tmp_path / "q.tif")[1].calibrated == {**check.calibration, "current": False}


def test_each_layer_is_said_to_have_helped_or_not(engine: Engine, chip: RasterRef, tmp_path: Path) -> None:
    noise = tmp_path / "noise.tif"
    with rasterio.open(chip.path) as source:
        profile = {**source.profile, "count": 1, "dtype": "float32", "nodata": None}
    with rasterio.open(noise, "w", **profile) as target:
        target.write(np.random.default_rng(0).normal(size=(1, 256, 256)).astype(np.float32))
    teaching = Teaching.open(engine, [chip, RasterRef(str(noise))], "spectral-texture", method="fast")
    assert teaching.opened is not None
    assert teaching.opened.layers == ("chip.tif", "noise.tif")
    assert teaching.helped()[-1].startswith("Label"), "nothing can be told without labels"
    teaching.label(CLASSES, clicks(teaching, chip, 30))
    image, other = teaching.helped()
    assert image.startswith("chip.tif helped: without it, mean F1 0.")
    assert not other.startswith("noise.tif helped")
    teaching.close()


def test_one_layer_alone_cannot_be_left_out(teaching: Teaching, chip: RasterRef) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    assert teaching.helped() == ("What helped can be told of several layers; there is one.",)


def test_suggestions_lie_where_the_map_is_unsure_and_apart(
    teaching: Teaching, chip: RasterRef, tmp_path: Path
) -> None:
    teaching.label(CLASSES, clicks(teaching, chip))
    bands, preview = shown(teaching, tmp_path / "p.tif")
    places = teaching.suggest(5)
    assert len(places) == 5
    with rasterio.open(preview.path) as source:
        at = [source.index(place.x, place.y) for place in places]
    assert np.mean([bands[1][place] for place in at]) < np.mean(bands[1][20:, 30:]) - 10
    assert [bands[0][place] for place in at] == [place.likely for place in places]
    assert min(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a in at for b in at if a != b) > 5
    assert all(place.reason for place in places)
    xmin, ymin, xmax, ymax = preview.extent
    corner = teaching.suggest(3, (xmax - 500, ymin, xmax, ymin + 400))
    assert all(xmax - 500 < place.x < xmax and ymin < place.y < ymin + 400 for place in corner)
    assert len(corner) == 3


def test_what_is_unlike_the_labels_is_hatched(teaching: Teaching, chip: RasterRef, tmp_path: Path) -> None:
    few = clicks(teaching, chip, 2)
    teaching.label(CLASSES, few)
    bands, preview = shown(teaching, tmp_path / "p.tif", novelty=True)
    assert not bands[2].any()
    assert any("unlike" in note for note in preview.notes)
    teaching.label(CLASSES, clicks(teaching, chip, 30)[30:])
    bands, preview = shown(teaching, tmp_path / "p.tif", novelty=True)
    assert 0 < bands[2].mean() < 0.6
    assert not bands[2][bands[0] == 0].any()
    assert not any("unlike" in note for note in preview.notes)


def test_an_encoder_is_left_out_of_a_session_on_very_many_bands(engine, chip, tmp_path) -> None:
    with rasterio.open(chip.path) as source:
        pixels, profile = source.read(), source.profile
    profile.update(count=4 * len(pixels))
    path = tmp_path / "many.tif"
    with rasterio.open(path, "w", **profile) as target:
        target.write(np.concatenate([pixels] * 4))
    teaching = Teaching.open(engine, [RasterRef(str(path))], "galileo-nano")
    assert teaching.opened is not None
    assert teaching.opened.model == "spectral-texture"
    assert any("is left out: with" in warning for warning in teaching.opened.warnings)
    teaching.close()
